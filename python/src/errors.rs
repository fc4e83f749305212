//! Errors of the library as exceptions, with their messages.

use humam_gpu::analysis::{Absence, AnalysisError};
use humam_gpu::config::ConfigError;
use humam_gpu::engine::EngineError;
use humam_gpu::engine::assembly::BuildError;
use humam_gpu::model::{DerivationError, anatomy::AnatomyError, theory::TheoryError};
use humam_gpu::output::export::ExportError;
use humam_gpu::output::figures::{FiguresError, PictureError};
use humam_gpu::run::RunError;
use humam_gpu::run::sweep::SweepError;
use humam_gpu::simulation::InputError;
use humam_gpu::simulation::recording::{NotInNetwork, RecordingError};
use pyo3::PyErr;
use std::path::PathBuf;

/// The exceptions, as Python defines them.
pub mod exceptions {
    pyo3::import_exception!(humam_gpu.errors, ClosedError);
    pyo3::import_exception!(humam_gpu.errors, ConfigError);
    pyo3::import_exception!(humam_gpu.errors, EngineError);
    pyo3::import_exception!(humam_gpu.errors, FolderError);
    pyo3::import_exception!(humam_gpu.errors, HumamError);
    pyo3::import_exception!(humam_gpu.errors, Interrupted);
    pyo3::import_exception!(humam_gpu.errors, NoStatistic);
}

/// What an error becomes in Python.
pub trait Raise {
    /// The exception.
    fn raise(self) -> PyErr;
}

/// `result?` for errors of the library.
pub trait OrRaise<T> {
    /// The value, or the exception.
    fn or_raise(self) -> Result<T, PyErr>;
}

impl<T, E: Raise> OrRaise<T> for Result<T, E> {
    fn or_raise(self) -> Result<T, PyErr> {
        self.map_err(E::raise)
    }
}

/// What is wrong with what the user has given.
pub fn wrong_input(message: impl ToString) -> PyErr {
    exceptions::ConfigError::new_err(message.to_string())
}

/// What engine or machine cannot do.
fn failed_engine(message: impl ToString) -> PyErr {
    exceptions::EngineError::new_err(message.to_string())
}

/// Files that cannot be read or written.
fn failed_files(message: impl ToString) -> PyErr {
    exceptions::FolderError::new_err(message.to_string())
}

/// Work that was stopped as asked; `folder` has what was saved.
pub fn interrupted(message: impl ToString, folder: Option<PathBuf>) -> PyErr {
    exceptions::Interrupted::new_err((message.to_string(), folder))
}

/// Fails with the message of each of these errors.
macro_rules! raise {
    ($($error:ty => $raised:expr),* $(,)?) => {$(
        impl Raise for $error {
            fn raise(self) -> PyErr {
                $raised(self)
            }
        }
    )*};
}

raise! {
    ConfigError => wrong_input,
    AnatomyError => wrong_input,
    NotInNetwork => wrong_input,
    InputError => wrong_input,
    EngineError => failed_engine,
    RecordingError => failed_files,
    FiguresError => failed_files,
    PictureError => failed_files,
}

impl Raise for Absence {
    fn raise(self) -> PyErr {
        exceptions::NoStatistic::new_err(self.to_string())
    }
}

impl Raise for AnalysisError {
    fn raise(self) -> PyErr {
        match self {
            Self::NoRun(_) | Self::Foreign { .. } | Self::Recording(_) | Self::TooLarge { .. } => {
                failed_files(self)
            }
            _ => wrong_input(self),
        }
    }
}

impl Raise for ExportError {
    fn raise(self) -> PyErr {
        match self {
            Self::Run(error) => error.raise(),
            Self::Recording(error) => error.raise(),
            _ => failed_files(self),
        }
    }
}

impl Raise for SweepError {
    fn raise(self) -> PyErr {
        if self.is_input() { wrong_input(self) } else { failed_files(self) }
    }
}

impl Raise for TheoryError {
    fn raise(self) -> PyErr {
        match self {
            Self::Interrupted(_) => interrupted(self, None),
            _ => wrong_input(self),
        }
    }
}

impl Raise for DerivationError {
    fn raise(self) -> PyErr {
        match self {
            Self::Theory(error) => error.raise(),
            _ => wrong_input(self),
        }
    }
}

impl Raise for BuildError {
    fn raise(self) -> PyErr {
        match self {
            Self::Interrupted(_) => interrupted(self, None),
            error => RunError::from(error).raise(),
        }
    }
}

impl Raise for RunError {
    fn raise(self) -> PyErr {
        match self {
            Self::Interrupted { ref folder, .. } => interrupted(&self, Some(folder.clone())),
            Self::Build(BuildError::Interrupted(_)) => interrupted(self, None),
            Self::Derivation(error) => error.raise(),
            _ if self.is_input() => wrong_input(self),
            Self::Build(_) | Self::Engine(_) | Self::Differs { .. } | Self::FilesDiffer { .. } => {
                failed_engine(self)
            }
            Self::Stopped { .. } => failed_engine(self),
            _ => failed_files(self),
        }
    }
}
