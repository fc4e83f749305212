//! Why a run could not be exported.

use crate::analysis::AnalysisError;
use crate::engine::assembly::BuildError;
use crate::engine::synapses::CsrError;
use crate::simulation::recording::RecordingError;
use std::path::PathBuf;
use thiserror::Error;

/// Why a run could not be exported.
#[derive(Debug, Error)]
pub enum ExportError {
    /// There is an export already.
    #[error("{} is there already: replace it with --force, or choose another --to", folder.display())]
    Exists {
        /// The folder.
        folder: PathBuf,
    },
    /// What is there is no export, and is not replaced.
    #[error(
        "{} is there, and is no export of this program: choose another --to, or remove it yourself",
        folder.display()
    )]
    NoExport {
        /// The folder.
        folder: PathBuf,
    },
    /// More synapses than are asked for.
    #[error(
        "the network has {synapses} synapses, and --max-synapses is {limit}: raise it (edges.h5 takes about \
         {gigabytes:.1} GB), or leave the edges out with --no-edges"
    )]
    TooManySynapses {
        /// Synapses of the network.
        synapses: u64,
        /// How many may be written.
        limit: u64,
        /// Size of the file with the edges, GB.
        gigabytes: f64,
    },
    /// The synapses behind the spikes cannot be drawn anew.
    #[error("the synapses of this run are not known: {reason}: leave them out with --no-edges")]
    UnknownSynapses {
        /// What keeps them unknown.
        reason: &'static str,
    },
    /// The network cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The synapses cannot be stored.
    #[error(transparent)]
    Synapses(#[from] CsrError),
    /// The run cannot be read.
    #[error(transparent)]
    Run(#[from] AnalysisError),
    /// A file that cannot be written.
    #[error(transparent)]
    Recording(#[from] RecordingError),
}

impl ExportError {
    /// Whether what was given is at fault, and not the machine or a damaged file.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Run(error) => error.is_input(),
            Self::Recording(_) => false,
            _ => true,
        }
    }
}
