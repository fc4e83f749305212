//! The connectivity, procedural: drawn whenever it is needed: only the row counts are kept.

use super::connectivity::row_counts_unless;
use super::{Shard, shards};
use crate::engine::fixed_point::IntegerNetwork;
use crate::engine::rng::Bulk;
use crate::progress::{Interrupted, Interruption};
use rayon::prelude::*;
use thiserror::Error;

/// Row counts of a network, 2 bytes for each pair of source neuron and projection, and 4 more where
/// in-degrees are exact.
#[derive(Debug, Clone)]
pub struct ProceduralStore {
    /// Shards of target neurons in their order.
    pub shards: Vec<Shard>,
    /// Rows by source population.
    pub sources: Vec<SourceRows>,
}

/// Row counts of one source population.
#[derive(Debug, Clone)]
pub struct SourceRows {
    /// The population's projections as indices into the network's, ordered by target, then index.
    pub projections: Vec<u32>,
    /// Synapses of each row, \[neuron\]\[projection\].
    counts: Vec<u16>,
    /// Synapses of the projection before each row, \[neuron\]\[projection\]; empty if targets are drawn.
    before: Vec<u32>,
}

impl SourceRows {
    /// Synapses of a neuron in each of [`Self::projections`].
    #[inline(always)]
    pub fn row(&self, neuron: u32) -> &[u16] {
        let n = self.projections.len();
        &self.counts[neuron as usize * n..(neuron as usize + 1) * n]
    }

    /// Synapses of each of [`Self::projections`] before the neuron's rows; empty if targets are drawn.
    #[inline(always)]
    pub fn before(&self, neuron: u32) -> &[u32] {
        let n = self.projections.len();
        self.before.get(neuron as usize * n..(neuron as usize + 1) * n).unwrap_or_default()
    }
}

/// A network that cannot be kept as row counts.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProceduralError {
    /// A row is longer than its counter holds.
    #[error(
        "a neuron of '{source_population}' has {synapses} synapses onto '{target_population}', more than 65535: \
         set engine.synapses to stored"
    )]
    RowTooLong {
        /// Source population.
        source_population: String,
        /// Target population.
        target_population: String,
        /// Synapses of the row.
        synapses: u32,
    },
    /// Someone asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

impl ProceduralStore {
    /// Counts the rows of `network`, in parallel, for `n_shards` shards.
    ///
    /// # Errors
    /// A row too long for its counter.
    pub fn build(network: &IntegerNetwork, n_shards: usize) -> Result<Self, ProceduralError> {
        Self::build_unless(network, n_shards, &Interruption::default())
    }

    /// As [`build`](Self::build), unless someone asks to stop.
    ///
    /// # Errors
    /// As there, and [`ProceduralError::Interrupted`].
    pub fn build_unless(
        network: &IntegerNetwork,
        n_shards: usize,
        interruption: &Interruption,
    ) -> Result<Self, ProceduralError> {
        let mut outgoing = vec![Vec::new(); network.populations.len()];
        for (index, projection) in network.projections.iter().enumerate() {
            outgoing[projection.source].push(index as u32);
        }
        let sources =
            outgoing.into_par_iter().map(|projections| source_rows(network, projections, interruption));
        Ok(Self { shards: shards(network, n_shards), sources: sources.collect::<Result<_, _>>()? })
    }

    /// Number of rows: pairs of source neuron and projection.
    pub fn n_rows(&self) -> u64 {
        self.sources.iter().map(|s| s.counts.len() as u64).sum()
    }

    /// Bytes of the row counts.
    pub fn bytes(&self) -> u64 {
        2 * self.n_rows() + self.sources.iter().map(|s| 4 * s.before.len() as u64).sum::<u64>()
    }
}

fn source_rows(
    network: &IntegerNetwork,
    mut projections: Vec<u32>,
    interruption: &Interruption,
) -> Result<SourceRows, ProceduralError> {
    projections.sort_by_key(|&p| (network.projections[p as usize].target, p));
    let n = projections.len();
    let Some(&first) = projections.first() else {
        return Ok(SourceRows { projections, counts: Vec::new(), before: Vec::new() });
    };
    let neurons = network.populations[network.projections[first as usize].source].neurons;
    let mut counts = vec![0u16; n * neurons as usize];
    let is_exact = projections.iter().any(|&p| network.projections[p as usize].even_targets.is_some());
    let mut before = vec![0; if is_exact { counts.len() } else { 0 }];
    for (column, &p) in projections.iter().enumerate() {
        let projection = &network.projections[p as usize];
        let mut sum = 0u32;
        let column_counts = row_counts_unless(projection, neurons, Bulk::widest(), interruption)?;
        for (neuron, count) in column_counts.into_iter().enumerate() {
            if let Some(before) = before.get_mut(neuron * n + column) {
                *before = sum;
                sum = sum.wrapping_add(count);
            }
            counts[neuron * n + column] = u16::try_from(count).map_err(|_| ProceduralError::RowTooLong {
                source_population: network.populations[projection.source].name.clone(),
                target_population: network.populations[projection.target].name.clone(),
                synapses: count,
            })?;
        }
    }
    Ok(SourceRows { projections, counts, before })
}
