//! Why there is no measurement.

use crate::config::ConfigError;
use crate::run::RunError;
use thiserror::Error;

/// Why a configuration was not measured.
#[derive(Debug, Error)]
pub enum BenchError {
    /// The network could not be built or the engine failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Repetitions of one run gave different spikes.
    #[error("repetitions of one run gave {spikes} and {other} spikes: this is a fault of the engine")]
    NotRepeatable {
        /// Spikes of one run.
        spikes: u64,
        /// Spikes of another.
        other: u64,
    },
}

impl BenchError {
    /// Whether the user's configuration or tables are at fault, and not the machine or the run.
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Run(error) if error.is_input())
    }
}

impl From<ConfigError> for BenchError {
    fn from(error: ConfigError) -> Self {
        Self::Run(error.into())
    }
}
