//! The connectivity stored: compressed rows, source-major, in shards of targets, which may be cut into parts.

use super::connectivity::row_counts_unless;
use super::stored_row::{DelaySorter, Drawing};
use super::stored_synapse::{StoredSynapse, decode};
use super::{DrawnSynapses, Shard, cut, shards};
use crate::engine::fixed_point::IntegerNetwork;
use crate::engine::rng::Bulk;
use crate::progress::{Interrupted, Interruption};
use rayon::prelude::*;
use std::ops::Range;
use thiserror::Error;

/// All synapses onto the neurons of one shard.
#[derive(Debug, Clone)]
pub struct CsrShard {
    /// The target neurons.
    pub shard: Shard,
    /// The parts into which they are cut, at least one. Targets are counted within them.
    pub parts: Vec<Shard>,
    /// Where what each source neuron has onto each part starts, source by source, and where the last one ends; length
    /// neurons × parts + 1.
    pub row_starts: Vec<u32>,
    /// Synapses, row by row; within a row by part, then delay, on which the CPU engine relies, then projection and index.
    pub synapses: Vec<StoredSynapse>,
    /// [`Synapse::tag`](super::Synapse::tag) of each of them; empty if every spike is transmitted.
    pub tags: Vec<u32>,
    /// Longest delay, in steps.
    pub longest_delay: u32,
}

/// All synapses of a network.
#[derive(Debug, Clone)]
pub struct CsrStore {
    /// Bits of [`StoredSynapse::address`] that hold the target.
    pub target_bits: u32,
    /// Shards in the order of their neurons.
    pub shards: Vec<CsrShard>,
}

/// A network whose synapses cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CsrError {
    /// A shard has more synapses than an index can count.
    #[error(
        "a shard would hold {synapses} synapses, more than 2^32: raise engine.shards (now {shards}) or lower scaling.n_scaling"
    )]
    TooManySynapses {
        /// Synapses of the shard.
        synapses: u64,
        /// Number of shards.
        shards: usize,
    },
    /// Target and delay do not fit 32 bits together.
    #[error(
        "a delay of up to {longest_delay} steps and a target among {neurons} neurons need more than 32 bits: raise engine.shards"
    )]
    AddressBits {
        /// Longest delay the tables hold.
        longest_delay: u32,
        /// Neurons of the largest shard.
        neurons: u32,
    },
    /// Someone asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

impl CsrShard {
    /// Where the row of `source` onto a part lies among the synapses.
    #[inline(always)]
    pub fn row(&self, source: u32, part: usize) -> Range<usize> {
        let index = source as usize * self.parts.len() + part;
        let starts = &self.row_starts[index..index + 2];
        starts[0] as usize..starts[1] as usize
    }

    /// Number of synapses of `source`.
    pub fn out_degree(&self, source: u32) -> u32 {
        let [start, end] = [0, 1].map(|next| self.row_starts[(source as usize + next) * self.parts.len()]);
        end - start
    }
}

impl CsrStore {
    /// Stores the synapses of `network` for `n_shards` shards, in parallel.
    ///
    /// # Errors
    /// Shards with too many synapses, or addresses that do not fit 32 bits.
    pub fn build(network: &IntegerNetwork, n_shards: usize) -> Result<Self, CsrError> {
        Self::build_unless(network, n_shards, &Interruption::default())
    }

    /// As [`build`](Self::build), unless someone asks to stop.
    ///
    /// # Errors
    /// As there, and [`CsrError::Interrupted`].
    pub fn build_unless(
        network: &IntegerNetwork,
        n_shards: usize,
        interruption: &Interruption,
    ) -> Result<Self, CsrError> {
        let shards = shards(network, n_shards);
        Self::build_cut(network, shards.into_iter().map(|shard| (shard.clone(), vec![shard])), interruption)
    }

    /// Stores the synapses for `n_parts` parts of about equal work, in as few shards as can count them.
    ///
    /// # Errors
    /// Addresses that do not fit 32 bits, and the wish to stop.
    pub fn build_parts_unless(
        network: &IntegerNetwork,
        n_parts: usize,
        interruption: &Interruption,
    ) -> Result<Self, CsrError> {
        Self::build_cut(network, shards_and_parts(network, n_parts), interruption)
    }

    fn build_cut(
        network: &IntegerNetwork,
        shards: impl IntoIterator<Item = (Shard, Vec<Shard>)>,
        interruption: &Interruption,
    ) -> Result<Self, CsrError> {
        let shards: Vec<(Shard, Vec<Shard>)> = shards.into_iter().collect();
        let parts = shards.iter().flat_map(|(_, parts)| parts);
        let neurons = parts.map(|part| part.neurons).max().unwrap_or(0);
        let target_bits = u32::BITS - neurons.saturating_sub(1).leading_zeros();
        let longest_delay = network.longest_delay();
        if u32::BITS - longest_delay.leading_zeros() + target_bits > u32::BITS {
            return Err(CsrError::AddressBits { longest_delay, neurons });
        }
        let counts = network.projections.par_iter().map(|p| {
            row_counts_unless(p, network.populations[p.source].neurons, Bulk::widest(), interruption)
        });
        let counts: Vec<Vec<u32>> = counts.collect::<Result<_, _>>()?;
        let n_shards = shards.len();
        let shards = shards
            .into_iter()
            .map(|(shard, parts)| {
                ShardBuilder { network, counts: &counts, target_bits, n_shards, interruption }
                    .build(shard, parts)
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { target_bits, shards })
    }

    /// Longest delay that was drawn, in steps.
    pub fn longest_delay(&self) -> u32 {
        self.shards.iter().map(|s| s.longest_delay).max().unwrap_or(1)
    }

    /// Number of synapses.
    pub fn n_synapses(&self) -> u64 {
        self.shards.iter().map(|s| s.synapses.len() as u64).sum()
    }

    /// Bytes of rows and synapses.
    pub fn bytes(&self) -> u64 {
        let words = |s: &CsrShard| s.row_starts.len() + 2 * s.synapses.len() + s.tags.len();
        self.shards.iter().map(|s| 4 * words(s) as u64).sum()
    }

    /// Target neuron within its shard, and delay in steps.
    #[inline(always)]
    pub fn decode(&self, address: u32) -> (u32, u32) {
        decode(address, self.target_bits)
    }
}

/// Most synapses of a shard of parts: half of what an index can count, as shards are not equal.
const MAX_SYNAPSES: u64 = 1 << 31;

/// Shards of whole populations, as few as can count their synapses, in `n_parts` parts together.
fn shards_and_parts(network: &IntegerNetwork, n_parts: usize) -> Vec<(Shard, Vec<Shard>)> {
    let shards = shards(network, network.n_synapses().div_ceil(MAX_SYNAPSES) as usize);
    let parts_of_each = n_parts.div_ceil(shards.len());
    let cut = |shard: Shard| {
        let parts = cut(network, &shard, parts_of_each);
        (shard, parts)
    };
    shards.into_iter().map(cut).collect()
}

/// The parts of a network that [`CsrStore::build_parts_unless`] stores its synapses for.
pub fn parts(network: &IntegerNetwork, n_parts: usize) -> Vec<Shard> {
    shards_and_parts(network, n_parts).into_iter().flat_map(|(_, parts)| parts).collect()
}

struct ShardBuilder<'a> {
    network: &'a IntegerNetwork,
    counts: &'a [Vec<u32>],
    target_bits: u32,
    n_shards: usize,
    interruption: &'a Interruption,
}

impl ShardBuilder<'_> {
    fn build(&self, shard: Shard, parts: Vec<Shard>) -> Result<CsrShard, CsrError> {
        let incoming = self.incoming_by_source(&shard);
        let starts = self.starts_of_populations(&incoming)?;
        let n_synapses = starts.last().copied().unwrap_or(0) as usize;
        let mut synapses: Vec<StoredSynapse> = bytemuck::allocation::zeroed_vec(n_synapses);
        let tagged = if self.network.transmission.is_some() { n_synapses } else { 0 };
        let mut tags: Vec<u32> = vec![0; tagged];
        let mut row_starts = vec![0; self.network.n_neurons() as usize * parts.len() + 1];
        let mut rest = (synapses.as_mut_slice(), tags.as_mut_slice(), &mut row_starts[..]);
        let mut blocks = Vec::new();
        for (source, population) in self.network.populations.iter().enumerate() {
            let n = (starts[source + 1] - starts[source]) as usize;
            let (synapses, later) = rest.0.split_at_mut(n);
            let (tags, later_tags) = rest.1.split_at_mut(if tagged > 0 { n } else { 0 });
            let (row_starts, later_rows) = rest.2.split_at_mut(population.neurons as usize * parts.len());
            rest = (later, later_tags, later_rows);
            blocks.push((source, Block { start: starts[source], synapses, tags, row_starts }));
        }
        rest.2[0] = n_synapses as u32;
        let longest =
            blocks.into_par_iter().map(|(source, block)| self.fill(&parts, &incoming[source], block));
        let longest = longest.collect::<Result<Vec<u32>, Interrupted>>()?;
        let longest_delay = longest.into_iter().max().unwrap_or(1);
        Ok(CsrShard { shard, parts, row_starts, synapses, tags, longest_delay })
    }

    /// Projections onto the shard, by source population, in their order.
    fn incoming_by_source(&self, shard: &Shard) -> Vec<Vec<usize>> {
        let mut incoming = vec![Vec::new(); self.network.populations.len()];
        for (index, projection) in self.network.projections.iter().enumerate() {
            if shard.populations.contains(&projection.target) {
                incoming[projection.source].push(index);
            }
        }
        incoming
    }

    /// Where the synapses of each source population start, and where those of the last one end.
    fn starts_of_populations(&self, incoming: &[Vec<usize>]) -> Result<Vec<u32>, CsrError> {
        let (mut starts, mut sum) = (vec![0], 0);
        for projections in incoming {
            sum += projections.iter().map(|&p| self.network.projections[p].synapses).sum::<u64>();
            starts.push(sum as u32);
        }
        if sum > u64::from(u32::MAX) {
            return Err(CsrError::TooManySynapses { synapses: sum, shards: self.n_shards });
        }
        Ok(starts)
    }

    /// Writes the rows of one source population; returns the longest delay drawn.
    fn fill(&self, parts: &[Shard], incoming: &[usize], block: Block<'_>) -> Result<u32, Interrupted> {
        let projections = incoming.iter().map(|&p| &self.network.projections[p]);
        let mut drawings: Vec<(u32, usize, Drawing<'_>)> = projections
            .map(|projection| {
                let first_target = self.network.populations[projection.target].first_neuron;
                let first_part = parts.partition_point(|part| part.end() <= first_target);
                (first_target, first_part, Drawing::new(self.network, projection))
            })
            .collect();
        let target_bits = self.target_bits;
        let (mut start, mut longest) = (0, 1);
        let (mut drawn, mut sorter) = (DrawnSynapses::default(), DelaySorter::default());
        let mut rows = vec![Vec::new(); parts.len()];
        for (neuron, row_starts) in (0..).zip(block.row_starts.chunks_mut(parts.len())) {
            self.interruption.check()?;
            for (&p, (first_target, first_part, drawing)) in incoming.iter().zip(&mut drawings) {
                drawing.draw(neuron, self.counts[p][neuron as usize], &mut drawn, |synapse| {
                    let target = *first_target + synapse.target;
                    let mut part = *first_part;
                    while parts[part].end() <= target {
                        part += 1;
                    }
                    let address = (synapse.delay << target_bits) | (target - parts[part].first_neuron);
                    rows[part].push((StoredSynapse { address, weight: synapse.weight }, synapse.tag));
                });
            }
            for (row, row_start) in rows.iter_mut().zip(row_starts) {
                let sorted = sorter.sorted(row, target_bits);
                longest =
                    longest.max(sorted.last().map_or(0, |(last, _)| decode(last.address, target_bits).1));
                for (slot, (synapse, _)) in block.synapses[start..].iter_mut().zip(sorted) {
                    *slot = *synapse;
                }
                // None are there if every spike is transmitted.
                for (slot, (_, tag)) in block.tags.iter_mut().skip(start).zip(sorted) {
                    *slot = *tag;
                }
                *row_start = block.start + start as u32;
                start += sorted.len();
                row.clear();
            }
        }
        Ok(longest)
    }
}

/// Where the rows of a source population are written.
struct Block<'b> {
    /// Its place among the shard's synapses.
    start: u32,
    synapses: &'b mut [StoredSynapse],
    tags: &'b mut [u32],
    row_starts: &'b mut [u32],
}
