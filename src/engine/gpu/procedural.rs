//! Procedural synapses: the tables by which shaders find a source neuron's rows onto a shard.
//!
//! A shard keeps a row count for each pair of source neuron and projection onto the shard, source by
//! source; within a source, projections stand in the order of their longest delays, so that a visit of
//! past spikes ends where delays no longer reach.

use super::layout::{Projection, RowPart, SourceDraws, SourcePopulation};
use crate::engine::fixed_point::{EvenTargets, FactorTable, IntegerNetwork, IntegerProjection};
use crate::engine::rng::Permutation;
use crate::engine::synapses::Shard;

/// Synapses of a row, as expected, in one part: few, because rows may have less than one synapse in the mean.
const SYNAPSES_PER_PART: u64 = 32;
/// Turns of loops for a synapse whose target is permuted: its own, and for each of two permutations up to two in
/// the mean of the walk back into its range, with two to spare.
const TURNS_OF_PERMUTATION: u32 = 7;
/// log₂ of the draws of sources in a block, which one workgroup makes.
pub const BLOCK_DRAW_BITS: u32 = 12;

/// The tables of one shard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProceduralTables {
    /// Every population of the network, as a source.
    pub sources: Vec<SourcePopulation>,
    /// Parts of rows, source by source.
    pub parts: Vec<RowPart>,
    /// Projections onto the shard, source by source.
    pub projections: Vec<Projection>,
    /// For each of [`Self::projections`] the draws of its sources.
    pub draws: Vec<SourceDraws>,
    /// For each of [`Self::projections`] its index in the network.
    pub indices: Vec<usize>,
    /// Number of row counts.
    pub n_rows: u64,
    /// Blocks of draws.
    pub n_blocks: u32,
}

impl ProceduralTables {
    /// The tables of the projections onto `shard`.
    pub fn new(network: &IntegerNetwork, shard: &Shard) -> Self {
        let mut incoming = vec![Vec::new(); network.populations.len()];
        for (index, projection) in network.projections.iter().enumerate() {
            if projection.synapses > 0 && shard.populations.contains(&projection.target) {
                incoming[projection.source].push(index);
            }
        }
        let mut tables = Self::default();
        for (population, mut projections) in incoming.into_iter().enumerate() {
            let longest = |&index: &usize| network.longest_delay_of(&network.projections[index]);
            projections.sort_by_key(|index| (std::cmp::Reverse(longest(index)), *index));
            tables.add_source(network, shard, population, &projections);
        }
        tables
    }

    /// Most turns of its loops that an invocation of `deliver_procedural` makes for one spike, as expected:
    /// it goes through parts.
    pub fn max_turns(&self, delivery_workgroup: u32, part_invocations: u32) -> u32 {
        let is_exact = self.projections.iter().any(|projection| projection.synapses > 0);
        let turns_per_synapse = if is_exact { TURNS_OF_PERMUTATION } else { 1 };
        let part = 1 + turns_per_synapse * (SYNAPSES_PER_PART as u32).div_ceil(part_invocations);
        1 + self.max_parts().div_ceil(delivery_workgroup / part_invocations) * part
    }

    /// Most parts of rows of a source neuron.
    pub fn max_parts(&self) -> u32 {
        self.sources.iter().map(|source| source.parts).max().unwrap_or(0)
    }

    fn add_source(&mut self, network: &IntegerNetwork, shard: &Shard, source: usize, projections: &[usize]) {
        let population = &network.populations[source];
        let mut entry = SourcePopulation {
            first_neuron: population.first_neuron,
            first_row: self.n_rows as u32,
            rows: projections.len() as u32,
            first_part: self.parts.len() as u32,
            parts: 0,
        };
        for (column, &index) in projections.iter().enumerate() {
            let chunks = parts_of_row(network, &network.projections[index]);
            let projection = self.projections.len() as u32;
            self.parts.extend((0..chunks).map(|chunk| RowPart { projection, chunk, chunks }));
            self.add_draws(network, index, entry.first_row + column as u32, entry.rows);
            self.projections.push(projection_entry(network, shard, index, column as u32));
            self.indices.push(index);
        }
        entry.parts = self.parts.len() as u32 - entry.first_part;
        self.n_rows += u64::from(entry.rows) * u64::from(population.neurons);
        self.sources.push(entry);
    }

    fn add_draws(&mut self, network: &IntegerNetwork, index: usize, first_row: u32, rows: u32) {
        let projection = &network.projections[index];
        let before_last = (projection.synapses - 1) >> BLOCK_DRAW_BITS;
        let first_block = self.n_blocks;
        let last_block = first_block + before_last as u32;
        self.draws.push(SourceDraws {
            key: projection.sources_key,
            sources: network.populations[projection.source].neurons,
            first_row,
            rows,
            first_block,
            last_block,
            last_draws: (projection.synapses - (before_last << BLOCK_DRAW_BITS)) as u32,
        });
        self.n_blocks = last_block + 1;
    }
}

/// Parts of each row of a projection.
pub(super) fn parts_of_row(network: &IntegerNetwork, projection: &IntegerProjection) -> u32 {
    let sources = network.populations[projection.source].neurons;
    projection.synapses.div_ceil(u64::from(sources.max(1))).div_ceil(SYNAPSES_PER_PART) as u32
}

fn projection_entry(network: &IntegerNetwork, shard: &Shard, index: usize, column: u32) -> Projection {
    let projection = &network.projections[index];
    let target = &network.populations[projection.target];
    let none = Permutation { key: [0; 2], n: 0 };
    let even = projection.even_targets.unwrap_or(EvenTargets { synapses: none, neurons: none });
    Projection {
        key: projection.synapses_key,
        synapses_key: even.synapses.key,
        neurons_key: even.neurons.key,
        synapses: even.synapses.n,
        column,
        targets: target.neurons,
        first_target: target.first_neuron - shard.first_neuron,
        scaled_weight: projection.scaled_weight,
        sign: if projection.inhibitory { -1 } else { 1 },
        weight_table: projection.weight_table as u32,
        scaled_delay: projection.scaled_delay,
        delay_table: projection.delay_table as u32,
        shortest_delay: network.shortest_delay_of(projection),
        longest_delay: network.longest_delay_of(projection),
    }
}

/// Entries of all tables of factors, one after the other.
pub fn factors(tables: &[FactorTable]) -> Vec<u32> {
    tables.iter().flat_map(FactorTable::entries).copied().collect()
}
