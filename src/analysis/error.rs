//! Why a run could not be analysed.

use crate::config::ConfigError;
use crate::model::anatomy::AnatomyError;
use crate::simulation::recording::{NestError, NoRun, RecordingError};
use std::path::PathBuf;
use thiserror::Error;

/// Why a run could not be analysed.
#[derive(Debug, Error)]
pub enum AnalysisError {
    /// The folder is none of a run.
    #[error(transparent)]
    NoRun(#[from] NoRun),
    /// A file of the folder belongs to another run.
    #[error(
        "{} does not belong to this run: {reason}: put the run's own file back, or make the run again with --force",
        file.display()
    )]
    Foreign {
        /// File.
        file: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// More neurons or bins than memory holds.
    #[error(
        "statistics of {neurons} neurons and {bins} bins need {:.2} GB of memory and {:.2} GB are available: raise \
         analysis.bin_ms, or analyse on a machine with more",
        *needed_bytes as f64 * 1e-9, *available_bytes as f64 * 1e-9
    )]
    TooLarge {
        /// Bytes needed.
        needed_bytes: u64,
        /// Bytes available.
        available_bytes: u64,
        /// Neurons of the run.
        neurons: u64,
        /// Bins of the run.
        bins: u64,
    },
    /// A spike that the network cannot have given.
    #[error(
        "neuron {neuron} spikes in step {step}, but there are {n_neurons} neurons, from 0, and {n_steps} steps, from \
         1: give the network and the configuration that the spikes are from"
    )]
    NoSuchNeuronOrStep {
        /// Step of the spike.
        step: u32,
        /// Its neuron.
        neuron: u32,
        /// Steps of the run.
        n_steps: u32,
        /// Neurons of the network.
        n_neurons: u32,
    },
    /// Runs that cannot be compared.
    #[error("{reason}: {remedy}")]
    Incomparable {
        /// What keeps them apart.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// Output of NEST that cannot be read.
    #[error(transparent)]
    Nest(#[from] NestError),
    /// The run's configuration, or a key that was to replace one of it.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A table of measurements.
    #[error(transparent)]
    Anatomy(#[from] AnatomyError),
    /// A file that cannot be read or written.
    #[error(transparent)]
    Recording(#[from] RecordingError),
}

impl AnalysisError {
    /// Whether what was given is at fault, and not the machine or a damaged file.
    pub fn is_input(&self) -> bool {
        !matches!(self, Self::Recording(_) | Self::TooLarge { .. })
    }
}
