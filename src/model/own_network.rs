//! A network of one's own, from a file.

use super::ModelOptions;
use super::options::ModelKind;
use crate::disk;
use crate::model::anatomy::Tables;
use crate::model::network::{DescriptionError, NetworkSpec, NetworkText, SynapseFileError};
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

/// The network in a file, with the files of synapses that it names: as people write it, or `network.ron` of a run
/// folder.
///
/// # Errors
/// [`OwnNetworkError`]
pub fn network_of_file(path: &Path) -> Result<NetworkSpec, OwnNetworkError> {
    understood(path, &text_of(path)?)?.network(folder_of(path)).map_err(description_error(path))
}

fn text_of(path: &Path) -> Result<String, OwnNetworkError> {
    disk::read_text_limited(path, MAX_BYTES)
        .map_err(|error| OwnNetworkError::Read { path: path.to_path_buf(), reason: error.to_string() })
}

fn understood(path: &Path, text: &str) -> Result<NetworkText, OwnNetworkError> {
    NetworkText::new(text).map_err(description_error(path))
}

fn description_error(path: &Path) -> impl Fn(DescriptionError) -> OwnNetworkError {
    move |source| OwnNetworkError::Description { path: path.to_path_buf(), source }
}

/// The folder in which the files of synapses of a network lie.
fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// SHA-256 of what a model is made from: the tables, or the file of a network of one's own with the files of synapses
/// that it names.
///
/// # Errors
/// [`OwnNetworkError`]
pub fn source_digest(options: &ModelOptions, tables: &Tables) -> Result<[u8; 32], OwnNetworkError> {
    match &options.model {
        ModelKind::Network(path) => digest_of_network(path),
        ModelKind::Human | ModelKind::Microcircuit | ModelKind::Imported => Ok(tables.digest),
    }
}

fn digest_of_network(path: &Path) -> Result<[u8; 32], OwnNetworkError> {
    let text = text_of(path)?;
    let own: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let files = understood(path, &text)?.synapse_files();
    if files.is_empty() {
        return Ok(own);
    }
    let mut whole = Sha256::new_with_prefix(own);
    for file in files {
        let file = folder_of(path).join(file);
        let digest = disk::sha256(&file).map_err(|error| {
            let reason = error.to_string();
            description_error(path)(SynapseFileError::Read { path: file, reason }.into())
        })?;
        whole.update(digest);
    }
    Ok(whole.finalize().into())
}
