//! Who is connected to whom: the synapses between chosen populations.
//!
//! Only the projections between them are drawn ([`Connections::each`]), one row after the other, so neither the rest
//! of the network nor the synapses themselves are held. [`Connections::write`] puts them into a file, and
//! [`Connections::sum_up`] counts them.
//!
//! | file | content |
//! |---|---|
//! | `.csv` | `source,target,weight_pa,delay_ms`, a line a synapse |
//! | `.npy` | a structured array with these fields: u32, u32, f64, f64 |
//! | `.parquet` | these columns |
//!
//! Neurons are numbered as in run folders. Synapses are sorted by projection (target population, then source
//! population), then by source.

mod summary;
mod table;

pub use summary::{ConnectionSummary, Histogram, Moments};

use crate::disk::Place;
use crate::engine::assembly::{BuildError, BuildOptions, integer_network};
use crate::engine::fixed_point::IntegerNetwork;
use crate::engine::rng::Bulk;
use crate::engine::synapses::{row_counts, synapse};
use crate::model::network::{NetworkSpec, PopulationSelector};
use crate::progress::{Interrupted, Interruption};
use crate::simulation::recording::RecordingError;
use std::ops::Range;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A synapse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Connection {
    /// Source neuron.
    pub source: u32,
    /// Target neuron.
    pub target: u32,
    /// Weight, pA.
    pub weight_pa: f64,
    /// Delay, ms.
    pub delay_ms: f64,
}

/// Why connections cannot be told.
#[derive(Debug, Error)]
pub enum ConnectionsError {
    /// A selector that chooses no population.
    #[error("{option}: no population is called `{selector}`: the nearest is `{nearest}`")]
    NoSuchPopulation {
        /// The option of the command line.
        option: &'static str,
        /// The selector.
        selector: String,
        /// The population whose name is most like it.
        nearest: String,
    },
    /// Keys cannot be set of a network that is made.
    #[error("{} is a run folder, whose network is made: name a configuration to set keys", folder.display())]
    NetworkIsMade {
        /// The run folder.
        folder: PathBuf,
    },
    /// A file of another kind.
    #[error("{} must end in .csv, .npy or .parquet", path.display())]
    Kind {
        /// The file.
        path: PathBuf,
    },
    /// The network cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A file that cannot be written.
    #[error(transparent)]
    Export(#[from] super::ExportError),
    /// Someone asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

impl From<RecordingError> for ConnectionsError {
    fn from(error: RecordingError) -> Self {
        Self::Export(error.into())
    }
}

/// The synapses between chosen populations of a network.
#[derive(Debug)]
pub struct Connections<'a> {
    spec: &'a NetworkSpec,
    network: IntegerNetwork,
    /// Indices of the populations.
    ends: [Vec<usize>; 2],
    /// Those between them.
    projections: Vec<usize>,
}

impl<'a> Connections<'a> {
    /// The synapses from some populations to others in the network that `options` make of `spec`.
    ///
    /// # Errors
    /// Selectors that choose nothing, or a network that cannot be built.
    pub fn new(
        spec: &'a NetworkSpec,
        options: &BuildOptions,
        from: &PopulationSelector,
        to: &PopulationSelector,
    ) -> Result<Self, ConnectionsError> {
        let ends = [chosen(spec, "--from", from)?, chosen(spec, "--to", to)?];
        let is_between = |projection: &crate::model::network::Projection| {
            ends[0].contains(&projection.source) && ends[1].contains(&projection.target)
        };
        let projections =
            spec.projections.iter().enumerate().filter(|(_, projection)| is_between(projection));
        let projections = projections.map(|(index, _)| index).collect();
        Ok(Self { spec, network: integer_network(spec, options)?, ends, projections })
    }

    /// The network of which they are a part.
    pub fn spec(&self) -> &'a NetworkSpec {
        self.spec
    }

    /// Source populations that are chosen.
    pub fn sources(&self) -> &[usize] {
        &self.ends[0]
    }

    /// Target populations that are chosen.
    pub fn targets(&self) -> &[usize] {
        &self.ends[1]
    }

    /// Number of synapses.
    pub fn n_synapses(&self) -> u64 {
        self.projections.iter().map(|&index| self.network.projections[index].synapses).sum()
    }

    /// Neurons of these populations.
    pub fn neurons_of<'p>(&self, populations: &'p [usize]) -> impl Iterator<Item = u32> + use<'p, '_, 'a> {
        populations.iter().flat_map(|&population| self.neurons(population))
    }

    fn neurons(&self, population: usize) -> Range<u32> {
        let population = &self.network.populations[population];
        population.first_neuron..population.first_neuron + population.neurons
    }

    /// Hands over every synapse.
    ///
    /// # Errors
    /// What `take` fails with, or someone who asks to stop.
    pub fn each<E: From<Interrupted>>(
        &self,
        interruption: &Interruption,
        mut take: impl FnMut(Connection) -> Result<(), E>,
    ) -> Result<(), E> {
        let network = &self.network;
        for projection in self.projections.iter().map(|&index| &network.projections[index]) {
            let [sources, targets] =
                [projection.source, projection.target].map(|population| &network.populations[population]);
            let c_m_pf = self.spec.populations[projection.target].neuron.c_m_pf;
            let mut before = 0u32;
            for (source, count) in (0..).zip(row_counts(projection, sources.neurons, Bulk::widest())) {
                interruption.check()?;
                for index in 0..count {
                    let drawn = synapse(projection, &network.tables, targets.neurons, source, index, before);
                    take(Connection {
                        source: sources.first_neuron + source,
                        target: targets.first_neuron + drawn.target,
                        weight_pa: network.formats.weight_pa(drawn.weight, c_m_pf),
                        delay_ms: f64::from(drawn.delay) * network.dt_ms,
                    })?;
                }
                // Only exact in-degrees, whose synapses 32 bits can count, need it.
                before = before.wrapping_add(count);
            }
        }
        Ok(())
    }

    /// Writes every synapse into a file, which appears complete or not at all.
    ///
    /// # Errors
    /// [`ConnectionsError`]
    pub fn write(&self, path: &Path, interruption: &Interruption) -> Result<(), ConnectionsError> {
        table::write(self, &Place::from(path), interruption)
    }
}

/// The populations that a selector chooses, at least one.
fn chosen(
    spec: &NetworkSpec,
    option: &'static str,
    selector: &PopulationSelector,
) -> Result<Vec<usize>, ConnectionsError> {
    let chosen = spec.chosen(selector);
    if chosen.is_empty() {
        let (selector, nearest) = (selector.to_string(), spec.nearest(selector, 0));
        return Err(ConnectionsError::NoSuchPopulation { option, selector, nearest });
    }
    Ok(chosen)
}

impl ConnectionsError {
    /// Whether what was given is at fault, and not the machine.
    pub fn is_input(&self) -> bool {
        matches!(
            self,
            Self::NoSuchPopulation { .. } | Self::NetworkIsMade { .. } | Self::Kind { .. } | Self::Build(_)
        )
    }
}
