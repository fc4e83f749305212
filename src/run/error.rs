//! Why there is no run.

use crate::config::ConfigError;
use crate::engine::assembly::BuildError;
use crate::engine::fixed_point::FormatsError;
use crate::engine::{Description, EngineError};
use crate::model::anatomy::AnatomyError;
use crate::model::{DerivationError, FolderError};
use crate::simulation::SimulationError;
use crate::simulation::recording::{Difference, NestError, NoRun, NotInNetwork, RecordingError};
use crate::telling::shell_word;
use std::path::PathBuf;
use thiserror::Error;

/// Why a configuration did not become a run.
#[derive(Debug, Error)]
pub enum RunError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Populations and neurons that are to be recorded and do not exist.
    #[error(transparent)]
    NotInNetwork(#[from] NotInNetwork),
    /// The tables.
    #[error(transparent)]
    Anatomy(#[from] AnatomyError),
    /// The network could not be derived.
    #[error(transparent)]
    Derivation(#[from] DerivationError),
    /// The network did not become an engine.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The network's tables could not be written.
    #[error(transparent)]
    NetworkFolder(#[from] FolderError),
    /// Files of the run could not be written or read.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// Someone asked the run to stop: it is saved, and goes on with the command that the message names. Asked
    /// twice, the program ends at once, and the next run of the same configuration goes on from the last
    /// checkpoint, or begins anew.
    #[error(
        "stopped after {done_ms} ms of model time, which are saved: go on with `humam-gpu resume {}`",
        shell_word(&folder.display().to_string())
    )]
    Interrupted {
        /// The folder with the checkpoint.
        folder: PathBuf,
        /// Model time that is saved, ms.
        done_ms: f64,
    },
    /// A run with a checkpoint failed. Its folder is as it was at the checkpoint and can be read; when what
    /// the source tells is mended, the run goes on with the command that the message names, on any engine, to
    /// the same files. A run without one leaves nothing, and its error is the source alone.
    #[error(
        "{source}. What was computed up to step {step} is saved: go on with `humam-gpu resume {}`",
        shell_word(&folder.display().to_string())
    )]
    Stopped {
        /// The folder with the checkpoint.
        folder: PathBuf,
        /// Its step.
        step: u32,
        /// Why it failed.
        source: Box<RunError>,
    },
    /// A stopped run that cannot be analysed before it goes on: as a shorter run it would have stimuli behind its end.
    #[error(
        "the run was stopped at {done_ms} ms, before all of its stimuli begin, and is analysed when they have: go on with \
         `humam-gpu resume {}`",
        shell_word(&folder.display().to_string())
    )]
    StimuliToCome {
        /// The folder with the checkpoint.
        folder: PathBuf,
        /// Model time that is saved, ms.
        done_ms: f64,
    },
    /// A folder that is no run.
    #[error(transparent)]
    NoRun(#[from] NoRun),
    /// A run that is not the beginning of another one.
    #[error("cannot start from {}: {reason}", folder.display())]
    CannotStartFrom {
        /// The folder of the run to start from.
        folder: PathBuf,
        /// Why not.
        reason: String,
    },
    /// There is no run that could go on.
    #[error(
        "{} has no checkpoint and is no run: name the folder that the stopped run told, or run its configuration again",
        folder.display()
    )]
    NothingToResume {
        /// The folder.
        folder: PathBuf,
    },
    /// A checkpoint of another run than its folder's name tells.
    #[error(
        "{} was begun by another version of the program, or was moved: run its config.ron instead",
        folder.display()
    )]
    ForeignCheckpoint {
        /// The folder.
        folder: PathBuf,
    },
    /// Output of NEST that cannot be read.
    #[error(transparent)]
    Nest(#[from] NestError),
    /// Output of NEST that is of another network.
    #[error("{} is of another network: {reason}: name its configuration, or a run of it, with --like", folder.display())]
    OtherPopulations {
        /// The folder.
        folder: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// Output of NEST in which a neuron spikes twice in a step.
    #[error(
        "{}: neuron {neuron} (from 0) spikes twice at {time_ms} ms: leave out files of a second recorder or an \
         earlier run in spikes/, or name a configuration with the resolution of NEST with --like",
        folder.display()
    )]
    SpikesTwice {
        /// The folder.
        folder: PathBuf,
        /// Neuron, in the numbering of the run.
        neuron: u32,
        /// Time, ms.
        time_ms: f64,
    },
    /// Two engines gave different spikes.
    #[error(
        "spikes of {} ({}) differ from those of {} ({}) from spike {} in step {} on: this is a fault of one of \
         the two; both results are kept, in {} and {}",
        later.engine, later.adapter, earlier.engine, earlier.adapter, difference.spike, difference.step,
        folder.display(), kept.display()
    )]
    Differs {
        /// Who made the run that was there.
        earlier: Box<Description>,
        /// Who made it again.
        later: Box<Description>,
        /// Where they part.
        difference: Difference,
        /// The run that was there.
        folder: PathBuf,
        /// The other one.
        kept: PathBuf,
    },
    /// Two engines gave the same spikes and different recordings.
    #[error(
        "{file} of {} ({}) differs from that of {} ({}): this is a fault of one of the two; both results are kept, \
         in {} and {}",
        later.engine, later.adapter, earlier.engine, earlier.adapter, folder.display(), kept.display()
    )]
    FilesDiffer {
        /// The file.
        file: String,
        /// Who made the run that was there.
        earlier: Box<Description>,
        /// Who made it again.
        later: Box<Description>,
        /// The run that was there.
        folder: PathBuf,
        /// The other one.
        kept: PathBuf,
    },
}

impl RunError {
    /// Whether the user's configuration or tables are at fault, and not the machine or the run.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Config(_)
            | Self::Anatomy(_)
            | Self::NotInNetwork(_)
            | Self::NoRun(_)
            | Self::NothingToResume { .. }
            | Self::Nest(_)
            | Self::OtherPopulations { .. }
            | Self::StimuliToCome { .. }
            | Self::CannotStartFrom { .. }
            | Self::SpikesTwice { .. } => true,
            Self::Derivation(error) => matches!(
                error,
                DerivationError::Model(_)
                    | DerivationError::Manipulation(_)
                    | DerivationError::Neurons(_)
                    | DerivationError::Subset(_)
                    | DerivationError::ListedSynapses { .. }
                    | DerivationError::NoNeurons { .. }
            ),
            Self::Build(error) => {
                matches!(
                    error,
                    BuildError::Options(_)
                        | BuildError::Spec(_)
                        | BuildError::Stimuli(_)
                        | BuildError::Listed { .. }
                        | BuildError::Formats(FormatsError::Listed(_))
                )
            }
            _ => false,
        }
    }
}

impl From<FormatsError> for RunError {
    fn from(error: FormatsError) -> Self {
        Self::Build(error.into())
    }
}

impl From<SimulationError<RecordingError>> for RunError {
    fn from(error: SimulationError<RecordingError>) -> Self {
        match error {
            SimulationError::Engine(error) => Self::Engine(error),
            SimulationError::Receiver(error) => Self::Recording(error),
        }
    }
}
