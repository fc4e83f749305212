//! A network of one's own, from a file.

use super::ModelOptions;
use super::options::ModelKind;
use crate::disk;
use crate::model::anatomy::Tables;
use crate::model::network::{DescriptionError, NetworkSpec, network_of_text};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Bytes of the largest file.
const MAX_BYTES: u64 = 1 << 28;

/// Why a file is no network.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum OwnNetworkError {
    /// It cannot be read.
    #[error(
        "model: cannot read the network {}: {reason}: name a file, relative to the configuration that names it",
        path.display()
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// It does not describe a network.
    #[error("{}: {source}", path.display())]
    Description {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: DescriptionError,
    },
}

/// The network in a file: as people write it, or `network.ron` of a run folder.
///
/// # Errors
/// [`OwnNetworkError`]
pub fn network_of_file(path: &Path) -> Result<NetworkSpec, OwnNetworkError> {
    let path = path.to_path_buf();
    network_of_text(&text_of(&path)?).map_err(|source| OwnNetworkError::Description { path, source })
}

fn text_of(path: &Path) -> Result<String, OwnNetworkError> {
    disk::read_text_limited(path, MAX_BYTES)
        .map_err(|error| OwnNetworkError::Read { path: path.to_path_buf(), reason: error.to_string() })
}

/// SHA-256 of what a model is made from: the tables, or the file of a network of one's own.
///
/// # Errors
/// [`OwnNetworkError::Read`]
pub fn source_digest(options: &ModelOptions, tables: &Tables) -> Result<[u8; 32], OwnNetworkError> {
    match &options.model {
        ModelKind::Network(path) => Ok(Sha256::digest(text_of(path)?.as_bytes()).into()),
        ModelKind::Human | ModelKind::Microcircuit | ModelKind::Imported => Ok(tables.digest),
    }
}
