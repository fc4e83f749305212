//! What can go wrong with files of a run.

use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a network or a run could not be written, read or compared.
#[derive(Debug, Error)]
pub enum RecordingError {
    /// A file or folder cannot be written.
    #[error("cannot write {}: {source}: choose another --out, allow writing there, or make room", path.display())]
    Write {
        /// File or folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}: allow reading it, or make it again with --force", path.display())]
    Read {
        /// File.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file is not what the program wrote.
    #[error("{}: {reason}: make it again with --force", path.display())]
    Malformed {
        /// File.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another process writes the same folder.
    #[error("another process is writing {}: wait for it to end, or choose another --out", path.display())]
    Busy {
        /// Folder.
        path: PathBuf,
    },
}

impl RecordingError {
    pub(crate) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.to_path_buf(), source }
    }

    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        Self::Read { path: path.to_path_buf(), source }
    }

    pub(crate) fn malformed(path: &Path, reason: impl ToString) -> Self {
        Self::Malformed { path: path.to_path_buf(), reason: reason.to_string() }
    }
}
