//! Why a network could not be built.

use crate::engine::EngineError;
use crate::engine::fixed_point::{FormatsError, StimuliError};
use crate::engine::synapses::{CsrError, ProceduralError};
use crate::model::network::SpecError;
use crate::progress::Interrupted;
use crate::rules::Violations;
use thiserror::Error;

/// Why a network did not become an engine at step 0.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The options.
    #[error(transparent)]
    Options(#[from] Violations),
    /// The network.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The integers.
    #[error(transparent)]
    Formats(#[from] FormatsError),
    /// The stimuli.
    #[error(transparent)]
    Stimuli(#[from] StimuliError),
    /// The synapses.
    #[error(transparent)]
    Synapses(#[from] CsrError),
    /// Procedural synapses of a rule that needs a list.
    #[error(
        "the synapses from `{from}` to `{onto}` are listed, as their rule cannot be computed again for each spike: set \
         engine.synapses = stored"
    )]
    Listed {
        /// Source population.
        from: String,
        /// Target population.
        onto: String,
    },
    /// Procedural synapses.
    #[error(transparent)]
    ProceduralSynapses(#[from] ProceduralError),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The memory that the process can have is too small, told before it is taken: scale the network down as
    /// the message says, do not write synapses down, or allow more memory.
    #[error(
        "the network needs {} of memory and {} are available: {remedy}",
        gigabytes(*needed_bytes), gigabytes(*available_bytes)
    )]
    TooLarge {
        /// Bytes needed.
        needed_bytes: u64,
        /// Bytes available.
        available_bytes: u64,
        /// What would fit.
        remedy: String,
    },
    /// Someone asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// The threads for set-up could not be started.
    #[error("cannot start {threads} threads: {reason}: lower engine.threads")]
    Threads {
        /// Number of threads.
        threads: usize,
        /// What the system says.
        reason: String,
    },
}

impl BuildError {
    /// Whether coarser formats of the integers may do.
    pub(super) fn is_range(&self) -> bool {
        match self {
            Self::Formats(error) => error.is_range(),
            Self::Stimuli(error) => error.is_range(),
            _ => false,
        }
    }
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.2} GB", bytes as f64 * 1e-9)
}
