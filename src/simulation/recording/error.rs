//! What can go wrong with files of a run.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A folder that is none of a run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{} is no run folder, it has no {missing}: give the folder that `humam-gpu run` names in its last line, whole and \
     in its place below the network's folder",
    folder.display()
)]
pub struct NoRun {
    /// Folder.
    pub folder: PathBuf,
    /// File that is missing.
    pub missing: String,
}

impl NoRun {
    /// Looks for a file that the folder of a run has.
    ///
    /// # Errors
    /// A folder without it.
    pub fn unless_it_has(folder: &Path, file: &str) -> Result<(), Self> {
        match folder.join(file).is_file() {
            true => Ok(()),
            false => Err(Self { folder: folder.to_owned(), missing: file.to_owned() }),
        }
    }
}

/// Why a network or a run could not be written, read or compared.
#[derive(Debug, Error)]
pub enum RecordingError {
    /// A file or folder cannot be written. The message tells what to do: make room where the disk is full,
    /// allow writing where it is not allowed, run again where the folder is gone, or choose another `--out`.
    /// A run that has a checkpoint goes on from there ([`RunError::Stopped`](crate::run::RunError::Stopped));
    /// of another one nothing is left.
    #[error("cannot write {}: {source}: {}", path.display(), remedy(source))]
    Write {
        /// File or folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file cannot be read: to be allowed, or to be made again with `--force`. Nothing is overwritten
    /// without that.
    #[error("cannot read {}: {source}: allow reading it, or make it again with `run --force`", path.display())]
    Read {
        /// File.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file is not what the program wrote: damaged, or of another network or run. It stays as it is until
    /// it is made again with `--force`.
    #[error("{}: {reason}: make it again with `run --force`", path.display())]
    Malformed {
        /// File.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file has another content than its folder's `manifest.json` tells: it was changed, or the disk has
    /// failed. It stays as it is until it is made again with `--force`.
    #[error(
        "{} is not as it was written: its SHA-256 is {found}, and manifest.json tells {told}: put the file back, \
         or make it again with `run --force`",
        path.display()
    )]
    Changed {
        /// File.
        path: PathBuf,
        /// The hash in the manifest.
        told: String,
        /// The hash of the file.
        found: String,
    },
    /// A folder in which the program would make another one was not begun by it; it is left alone.
    #[error("{} was not made by this program, which would fill or remove it: move it away", path.display())]
    NotOwn {
        /// Folder.
        path: PathBuf,
    },
    /// Another process writes the same folder; it goes on, and the folder is its own until it ends. A process
    /// that was killed keeps nobody away.
    #[error("another process is writing {}: wait for it to end, or choose another --out", path.display())]
    Busy {
        /// Folder.
        path: PathBuf,
    },
}

/// What to do where a file cannot be written.
fn remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room there, or choose another --out",
        ErrorKind::NotFound => {
            "its folder is not there: make it, or leave it where it is until a run has ended"
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "allow writing there, or choose another --out"
        }
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "a file is where a folder should be: move it away, or choose another --out"
        }
        ErrorKind::InvalidInput => "put a file or folder of its own there, or choose another --out",
        ErrorKind::ResourceBusy => "another process writes it, wait for it to end",
        _ => "choose another --out, allow writing there, or make room",
    }
}

impl RecordingError {
    /// Whether it is that nothing may be written at some place, as on a disk that may only be read.
    pub fn is_forbidden(&self) -> bool {
        let kinds = [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem];
        matches!(self, Self::Write { source, .. } if kinds.contains(&source.kind()))
    }

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
