//! Why there is no sweep, or a point of it has failed.

use crate::analysis::AnalysisError;
use crate::config::ConfigError;
use crate::model::anatomy::AnatomyError;
use crate::output::figures::PictureError;
use crate::run::RunError;
use crate::simulation::recording::RecordingError;
use std::path::PathBuf;
use thiserror::Error;

/// Why a sweep could not be made.
#[derive(Debug, Error)]
pub enum SweepError {
    /// What is swept.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The table of published values.
    #[error(transparent)]
    Anatomy(#[from] AnatomyError),
    /// Files of the sweep.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// A figure that cannot be drawn.
    #[error(transparent)]
    Picture(#[from] PictureError),
}

impl SweepError {
    /// Whether what was given is at fault, and not the machine.
    pub fn is_input(&self) -> bool {
        !matches!(self, Self::Recording(_) | Self::Picture(_))
    }
}

/// Why a point has failed.
#[derive(Debug, Error)]
pub(super) enum PointError {
    /// There is no run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The run is there, and its analysis failed.
    #[error("the run in {} is complete, its analysis failed: {source}", run.display())]
    Analysis {
        /// Run folder.
        run: PathBuf,
        /// Why.
        source: AnalysisError,
    },
}
