//! Where spikes come from, and whose they are.

use super::AnalysisError;
use super::Window;
use crate::model::network::NetworkSpec;
use crate::simulation::recording::{
    NEURON_FILE, PopulationRow, RecordingError, SpikeBounds, population_rows, read_spikes,
};
use std::path::PathBuf;

/// Spikes that can be read from first to last, again and again.
pub trait SpikeSource {
    /// Hands on the neurons that spike in each step, both in rising order; a step may come in several
    /// pieces.
    ///
    /// # Errors
    /// Spikes that cannot be read.
    fn for_each_step(&self, on_step: &mut dyn FnMut(u32, &[u32])) -> Result<(), AnalysisError>;
}

/// Spikes in the memory, (step, neuron), sorted.
impl SpikeSource for &[(u32, u32)] {
    fn for_each_step(&self, on_step: &mut dyn FnMut(u32, &[u32])) -> Result<(), AnalysisError> {
        let mut neurons = Vec::new();
        for same in self.chunk_by(|a, b| a.0 == b.0) {
            neurons.clear();
            neurons.extend(same.iter().map(|spike| spike.1));
            on_step(same[0].0, &neurons);
        }
        Ok(())
    }
}

/// Spikes of a run folder.
#[derive(Debug, Clone)]
pub struct RecordedSpikes {
    /// The folder.
    pub folder: PathBuf,
    /// Neurons and steps of the run.
    pub bounds: SpikeBounds,
    /// Spikes that the manifest tells.
    pub n_spikes: u64,
}

impl SpikeSource for RecordedSpikes {
    fn for_each_step(&self, on_step: &mut dyn FnMut(u32, &[u32])) -> Result<(), AnalysisError> {
        let n_spikes = read_spikes(&self.folder, self.bounds, on_step)?;
        if n_spikes != self.n_spikes {
            let reason = format!("holds {n_spikes} spikes, and the manifest tells {}", self.n_spikes);
            return Err(RecordingError::malformed(&self.folder.join(NEURON_FILE), reason).into());
        }
        Ok(())
    }
}

/// Populations and their neurons, numbered through without gaps.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Populations.
    pub populations: Vec<PopulationRow>,
    /// Refractory period of each, ms; LvR takes it into account.
    pub t_ref_ms: Vec<f64>,
    /// What part of the run counts.
    pub window: Window,
}

impl Layout {
    /// Populations of `network`, of which that part of a run counts.
    pub fn new(network: &NetworkSpec, window: Window) -> Self {
        let populations = population_rows(network);
        let of = |row: &PopulationRow| network.populations[row.index].neuron.t_ref_ms;
        Self { t_ref_ms: populations.iter().map(of).collect(), populations, window }
    }

    /// Number of neurons.
    pub fn n_neurons(&self) -> usize {
        self.populations.last().map_or(0, |last| (last.first_neuron + last.neurons) as usize)
    }

    /// Population of every neuron.
    pub fn population_of_neurons(&self) -> Vec<u32> {
        let of =
            |(index, row): (usize, &PopulationRow)| std::iter::repeat_n(index as u32, row.neurons as usize);
        self.populations.iter().enumerate().flat_map(of).collect()
    }
}
