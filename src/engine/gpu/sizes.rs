//! Sizes of a network, before and after its synapses are drawn: what the memory plan is made from.

use super::DelayWindow;
use super::procedural::parts_of_row;
use crate::engine::fixed_point::{
    BLOCK_STEPS, IntegerNetwork, IntegerProjection, NeuronClass, REFRACTORY, REFRACTORY_END,
};
use crate::engine::rng::Bulk;
use crate::engine::synapses::{Shard, Synapses, row_counts, shards, synapse};
use rayon::prelude::*;
use std::iter::Sum;

/// Sizes of a network in shards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkSizes {
    /// Number of neurons.
    pub neurons: u32,
    /// Number of populations.
    pub populations: u32,
    /// Number of classes of neuron parameters.
    pub classes: u32,
    /// Synaptic currents of a neuron, 1 or 2.
    pub currents: u32,
    /// Currents from outside.
    pub currents_from_outside: u32,
    /// Thresholds of the external drive, all populations together.
    pub drive_thresholds: u64,
    /// Whether synapses have tags, because not all transmit.
    pub has_tags: bool,
    /// Whether procedural rows know how many synapses there are before them, because in-degrees
    /// are exact.
    pub has_starts: bool,
    /// Least number of steps between two spikes of a neuron.
    pub min_interval_steps: u32,
    /// What all shards share of the synapses.
    pub synapses: Synapses<(), ProceduralSizes>,
    /// Shards in the order of their neurons.
    pub shards: Vec<ShardSizes>,
}

/// Sizes of a network whose synapses are procedural.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProceduralSizes {
    /// Longest delay that can be drawn, in steps.
    pub longest_delay: u32,
    /// Tables of factors.
    pub tables: u32,
}

/// Sizes of a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardSizes {
    /// Target neurons.
    pub shard: Shard,
    /// What leads to them.
    pub rows: Synapses<StoredRowSizes, ProceduralRowSizes>,
}

/// Sizes of stored rows onto a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredRowSizes {
    /// Number of synapses.
    pub synapses: u64,
    /// Longest delay of these, in steps; in large networks the longest that there can be.
    pub longest_delay: u32,
}

/// Sizes of procedural rows onto a shard, or onto a part of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProceduralRowSizes {
    /// Row counts: pairs of source neuron and projection.
    pub rows: u64,
    /// Number of projections.
    pub projections: u32,
    /// Parts of rows.
    pub parts: u32,
}

impl Sum for ProceduralRowSizes {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self::default(), |a, b| Self {
            rows: a.rows + b.rows,
            projections: a.projections + b.projections,
            parts: a.parts + b.parts,
        })
    }
}

impl NetworkSizes {
    /// Sizes of `network` in `n_shards` shards before its synapses are stored, from those of the rows onto its
    /// populations ([`stored_rows`]).
    pub(super) fn stored(
        network: &IntegerNetwork,
        n_shards: usize,
        of_populations: &[StoredRowSizes],
    ) -> Self {
        let shards = shards(network, n_shards).into_iter().map(|shard| {
            let onto = &of_populations[shard.populations.clone()];
            let rows = Synapses::Stored(StoredRowSizes {
                synapses: onto.iter().map(|rows| rows.synapses).sum(),
                longest_delay: onto.iter().map(|rows| rows.longest_delay).max().unwrap_or(1),
            });
            ShardSizes { shard, rows }
        });
        Self::with_shards(network, shards.collect(), Synapses::Stored(()))
    }

    /// Sizes of `network` in `n_shards` shards whose synapses are procedural, from those of the rows onto its
    /// populations ([`procedural_rows`]); nothing is drawn for it.
    pub(super) fn procedural(
        network: &IntegerNetwork,
        n_shards: usize,
        of_populations: &[ProceduralRowSizes],
    ) -> Self {
        let shards = shards(network, n_shards).into_iter().map(|shard| {
            let onto = &of_populations[shard.populations.clone()];
            let rows = Synapses::Procedural(onto.iter().copied().sum());
            ShardSizes { shard, rows }
        });
        let tables = network.tables.len() as u32;
        let sizes = ProceduralSizes { longest_delay: network.longest_delay(), tables };
        Self::with_shards(network, shards.collect(), Synapses::Procedural(sizes))
    }

    fn with_shards(
        network: &IntegerNetwork,
        shards: Vec<ShardSizes>,
        synapses: Synapses<(), ProceduralSizes>,
    ) -> Self {
        let refractory_steps = |class: &NeuronClass| match class.v_after_spike {
            count if count < REFRACTORY_END => count.wrapping_sub(REFRACTORY) as u32,
            _ => 0,
        };
        Self {
            neurons: network.n_neurons(),
            populations: network.populations.len() as u32,
            classes: network.classes.len() as u32,
            currents: if network.has_one_current() { 1 } else { 2 },
            currents_from_outside: network.stimuli.currents(0..network.n_neurons()).len() as u32,
            drive_thresholds: network.populations.iter().map(|p| p.drive.max_a_step()).sum(),
            has_tags: network.transmission.is_some(),
            has_starts: network.has_exact_in_degrees(),
            min_interval_steps: network.classes.iter().map(refractory_steps).min().unwrap_or(0) + 1,
            synapses,
            shards,
        }
    }

    /// Most spikes that a batch of `steps` steps can have.
    pub fn max_spikes(&self, steps: u32) -> u64 {
        u64::from(self.neurons) * u64::from(steps.div_ceil(self.min_interval_steps))
    }
}

impl ShardSizes {
    /// Slots of the ring: those of a window; or, without one, those of the steps still to come and
    /// those of a block of steps that are done, which are cleared together.
    pub(super) fn slots(&self, window: Option<DelayWindow>) -> u32 {
        match &self.rows {
            Synapses::Stored(rows) => rows.longest_delay.max(1) + BLOCK_STEPS,
            Synapses::Procedural(_) => window.map_or(BLOCK_STEPS, |window| window.steps),
        }
    }
}

/// Sizes of the stored rows onto each population, before they are there.
pub(super) fn stored_rows(network: &IntegerNetwork) -> Vec<StoredRowSizes> {
    let nothing = StoredRowSizes { synapses: 0, longest_delay: 1 };
    let mut of_populations = vec![nothing; network.populations.len()];
    for (projection, delay) in network.projections.iter().zip(longest_delays(network)) {
        let rows = &mut of_populations[projection.target];
        rows.synapses += projection.synapses;
        rows.longest_delay = rows.longest_delay.max(delay);
    }
    of_populations
}

/// Sizes of the procedural rows onto each population.
pub(super) fn procedural_rows(network: &IntegerNetwork) -> Vec<ProceduralRowSizes> {
    let mut of_populations = vec![ProceduralRowSizes::default(); network.populations.len()];
    for projection in network.projections.iter().filter(|projection| projection.synapses > 0) {
        let rows = &mut of_populations[projection.target];
        rows.rows += u64::from(network.populations[projection.source].neurons);
        rows.projections += 1;
        rows.parts += parts_of_row(network, projection);
    }
    of_populations
}

/// Networks up to this number of synapses draw their delays to know the longest: a fraction of a
/// second. In larger ones the draws come close to the longest that the distributions hold anyway.
const MAX_DRAWN_SYNAPSES: u64 = 50_000_000;

/// Longest delay of each projection, in steps: the longest drawn, or in large networks the longest
/// that there can be.
fn longest_delays(network: &IntegerNetwork) -> Vec<u32> {
    let is_drawn = network.n_synapses() <= MAX_DRAWN_SYNAPSES;
    let longest = |p| if is_drawn { longest_drawn(network, p) } else { network.longest_delay_of(p) };
    network.projections.par_iter().map(longest).collect()
}

fn longest_drawn(network: &IntegerNetwork, projection: &IntegerProjection) -> u32 {
    let population = |index: usize| network.populations[index].neurons;
    let counts = row_counts(projection, population(projection.source), Bulk::widest());
    let rows = (0..).zip(counts);
    let targets = population(projection.target);
    let delays = rows.flat_map(|(source, count)| {
        // A row's place says nothing about delays.
        (0..count).map(move |index| synapse(projection, &network.tables, targets, source, index, 0).delay)
    });
    delays.max().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::super::procedural::ProceduralTables;
    use super::*;
    use crate::engine::random_network::{Ingredients, integer_network, random_spec};

    #[test]
    fn sizes_that_are_planned_are_those_of_the_tables() {
        for seed in 1..20 {
            let network = integer_network(&random_spec(seed, Ingredients::default()), 1);
            let of_populations = procedural_rows(&network);
            for n_shards in 1..=network.populations.len() {
                for size in NetworkSizes::procedural(&network, n_shards, &of_populations).shards {
                    let tables = ProceduralTables::new(&network, &size.shard);
                    let rows = ProceduralRowSizes {
                        rows: tables.n_rows,
                        projections: tables.projections.len() as u32,
                        parts: tables.parts.len() as u32,
                    };
                    assert_eq!(size.rows, Synapses::Procedural(rows), "seed {seed}, {n_shards} shards");
                }
            }
        }
    }
}
