//! The connectivity stored: compressed rows, source-major, in shards of targets.

use super::connectivity::row_counts_unless;
use super::stored_row::{DelaySorter, Drawing};
use super::stored_synapse::{StoredSynapse, decode};
use super::{DrawnSynapses, Shard, shards};
use crate::engine::fixed_point::IntegerNetwork;
use crate::engine::rng::Bulk;
use crate::progress::{Interrupted, Interruption};
use rayon::prelude::*;
use thiserror::Error;

/// All synapses onto the neurons of one shard.
#[derive(Debug, Clone)]
pub struct CsrShard {
    /// The target neurons.
    pub shard: Shard,
    /// Where each source neuron's row starts, and where the last one ends; length neurons + 1.
    pub row_starts: Vec<u32>,
    /// Synapses, row by row; within a row by delay, on which the CPU engine relies, then projection and index.
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
        let neurons = shards.iter().map(|s| s.neurons).max().unwrap_or(0);
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
            .map(|shard| {
                ShardBuilder { network, counts: &counts, target_bits, n_shards, interruption }.build(shard)
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

struct ShardBuilder<'a> {
    network: &'a IntegerNetwork,
    counts: &'a [Vec<u32>],
    target_bits: u32,
    n_shards: usize,
    interruption: &'a Interruption,
}

impl ShardBuilder<'_> {
    fn build(&self, shard: Shard) -> Result<CsrShard, CsrError> {
        let incoming = self.incoming_by_source(&shard);
        let row_starts = self.row_starts(&incoming)?;
        let mut synapses: Vec<StoredSynapse> =
            bytemuck::allocation::zeroed_vec(*row_starts.last().unwrap_or(&0) as usize);
        let tagged = if self.network.transmission.is_some() { synapses.len() } else { 0 };
        let mut tags: Vec<u32> = vec![0; tagged];
        let (mut rest, mut rest_of_tags) = (synapses.as_mut_slice(), tags.as_mut_slice());
        let mut blocks = Vec::new();
        for (source, population) in self.network.populations.iter().enumerate() {
            let first = population.first_neuron as usize;
            let starts = &row_starts[first..=first + population.neurons as usize];
            let (block, tail) = rest.split_at_mut((starts[starts.len() - 1] - starts[0]) as usize);
            rest = tail;
            let tags_of_block = if tagged > 0 { block.len() } else { 0 };
            let (tags, tail) = rest_of_tags.split_at_mut(tags_of_block);
            rest_of_tags = tail;
            blocks.push((source, block, tags));
        }
        let longest = blocks
            .into_par_iter()
            .map(|(source, block, tags)| self.fill(&shard, source, &incoming[source], block, tags));
        let longest = longest.collect::<Result<Vec<u32>, Interrupted>>()?;
        let longest_delay = longest.into_iter().max().unwrap_or(1);
        Ok(CsrShard { shard, row_starts, synapses, tags, longest_delay })
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

    fn row_starts(&self, incoming: &[Vec<usize>]) -> Result<Vec<u32>, CsrError> {
        let mut starts = Vec::with_capacity(self.network.n_neurons() as usize + 1);
        let mut sum = 0u64;
        starts.push(0);
        for (source, projections) in incoming.iter().enumerate() {
            for neuron in 0..self.network.populations[source].neurons as usize {
                sum += projections.iter().map(|&p| u64::from(self.counts[p][neuron])).sum::<u64>();
                starts.push(sum as u32);
            }
        }
        if sum > u64::from(u32::MAX) {
            return Err(CsrError::TooManySynapses { synapses: sum, shards: self.n_shards });
        }
        Ok(starts)
    }

    /// Writes the rows of one source population; returns the longest delay drawn.
    fn fill(
        &self,
        shard: &Shard,
        source: usize,
        incoming: &[usize],
        block: &mut [StoredSynapse],
        tags: &mut [u32],
    ) -> Result<u32, Interrupted> {
        let projections = incoming.iter().map(|&p| &self.network.projections[p]);
        let mut drawings: Vec<Drawing<'_>> =
            projections.map(|projection| Drawing::new(self.network, projection)).collect();
        let target_bits = self.target_bits;
        let (mut start, mut longest) = (0, 1);
        let (mut row, mut drawn, mut sorter) = (Vec::new(), DrawnSynapses::default(), DelaySorter::default());
        for neuron in 0..self.network.populations[source].neurons {
            self.interruption.check()?;
            row.clear();
            for (&p, drawing) in incoming.iter().zip(&mut drawings) {
                let target = &self.network.populations[self.network.projections[p].target];
                let offset = target.first_neuron - shard.first_neuron;
                drawing.draw(neuron, self.counts[p][neuron as usize], &mut drawn, |synapse| {
                    let address = (synapse.delay << target_bits) | (offset + synapse.target);
                    row.push((StoredSynapse { address, weight: synapse.weight }, synapse.tag));
                });
            }
            let sorted = sorter.sorted(&mut row, target_bits);
            longest = longest.max(sorted.last().map_or(0, |(last, _)| decode(last.address, target_bits).1));
            for (slot, (synapse, _)) in block[start..].iter_mut().zip(sorted) {
                *slot = *synapse;
            }
            // None are there if every spike is transmitted.
            for (slot, (_, tag)) in tags.iter_mut().skip(start).zip(sorted) {
                *slot = *tag;
            }
            start += sorted.len();
        }
        Ok(longest)
    }
}
