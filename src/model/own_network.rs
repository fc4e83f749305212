//! A network of one's own, from a file or from the text of a configuration.

use super::ModelOptions;
use super::options::{ModelKind, NetworkSource};
use crate::disk;
use crate::model::anatomy::Tables;
use crate::model::network::{
    DescriptionError, NetworkDescription, NetworkSpec, NetworkText, SynapseFileError,
};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Bytes of the largest file.
const MAX_BYTES: u64 = 1 << 28;
/// Bytes of the longest network that a run's configuration holds: a fraction of what a configuration may have.
const MAX_IN_PLACE: usize = 1 << 22;
/// What a network is called that stands in the configuration.
const IN_PLACE: &str = "model: network(…)";

/// Why a file or a text is no network.
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
    #[error("{place}: {source}")]
    Description {
        /// The file, or what stands for it.
        place: String,
        /// What is wrong with it.
        source: DescriptionError,
    },
    /// A text has no folder that a path could start from.
    #[error(
        "{IN_PLACE}: the path of {} is relative: write it from the root, or the network into a file of its own, \
         model: network(\"FILE\")",
        file.display()
    )]
    RelativeFile {
        /// The file of synapses.
        file: PathBuf,
    },
}

/// The network of `source`, with the files of synapses that it names.
///
/// # Errors
/// [`OwnNetworkError`]
pub fn network_of(source: &NetworkSource) -> Result<NetworkSpec, OwnNetworkError> {
    let written = Written::new(source)?;
    let network = written.understood()?;
    written.files_of(&network)?;
    network.network(written.folder).map_err(written.error())
}

/// The same network as it stands in a configuration that needs no other file; `None` if it names files of synapses, was
/// made by the program, or is too long for a configuration.
///
/// # Errors
/// [`OwnNetworkError`]
pub fn in_place(source: &NetworkSource) -> Result<Option<NetworkSource>, OwnNetworkError> {
    let written = Written::new(source)?;
    if written.text.len() > MAX_IN_PLACE {
        return Ok(None);
    }
    let understood = written.understood()?;
    let is_whole = match &understood {
        NetworkText::Described(network) => network.synapse_files().next().is_none(),
        NetworkText::Stored(_) => false,
    };
    // A file may begin with what RON calls extensions, which change what follows.
    let is_same = |text: &String| NetworkText::new(text).as_ref() == Ok(&understood);
    let text = NetworkSource::trimmed(&written.text).filter(|text| is_whole && is_same(text));
    Ok(text.map(NetworkSource::Text))
}

/// SHA-256 of what a model is made from: the tables, or the text of a network of one's own with the files of synapses
/// that it names.
///
/// # Errors
/// [`OwnNetworkError`]
pub fn source_digest(options: &ModelOptions, tables: &Tables) -> Result<[u8; 32], OwnNetworkError> {
    match &options.model {
        ModelKind::Network(source) => network_digest(source),
        ModelKind::Human | ModelKind::Microcircuit | ModelKind::Imported => Ok(tables.digest),
    }
}

/// SHA-256 of the text of a network of one's own, with the files of synapses that it names.
///
/// # Errors
/// [`OwnNetworkError`]
pub fn network_digest(source: &NetworkSource) -> Result<[u8; 32], OwnNetworkError> {
    Written::new(source)?.digest()
}

/// The network of `source` as people have written it; `None` if it cannot be read, or was made by the program.
pub fn described_network(source: &NetworkSource) -> Option<NetworkDescription> {
    match Written::new(source).ok()?.understood().ok()? {
        NetworkText::Described(description) => Some(description),
        NetworkText::Stored(_) => None,
    }
}

/// A network as it is written.
struct Written<'a> {
    /// Where, for messages.
    place: Cow<'a, str>,
    text: Cow<'a, str>,
    /// Where paths of files of synapses start.
    folder: &'a Path,
    /// Whether they must start from the root.
    is_in_place: bool,
}

impl<'a> Written<'a> {
    fn new(source: &'a NetworkSource) -> Result<Self, OwnNetworkError> {
        let here = Path::new("");
        Ok(match source {
            NetworkSource::Text(text) => {
                Self { place: IN_PLACE.into(), text: text.into(), folder: here, is_in_place: true }
            }
            NetworkSource::File(path) => {
                let text = disk::read_text_limited(path, MAX_BYTES).map_err(|error| {
                    OwnNetworkError::Read { path: path.clone(), reason: error.to_string() }
                })?;
                let folder = path.parent().unwrap_or(here);
                Self { place: path.to_string_lossy(), text: text.into(), folder, is_in_place: false }
            }
        })
    }

    fn error(&self) -> impl Fn(DescriptionError) -> OwnNetworkError {
        |source| OwnNetworkError::Description { place: self.place.to_string(), source }
    }

    fn understood(&self) -> Result<NetworkText, OwnNetworkError> {
        NetworkText::new(&self.text).map_err(self.error())
    }

    /// The files of synapses that `network` names.
    fn files_of(&self, network: &NetworkText) -> Result<Vec<PathBuf>, OwnNetworkError> {
        let files = network.synapse_files();
        match files.iter().find(|file| self.is_in_place && file.is_relative()) {
            Some(file) => Err(OwnNetworkError::RelativeFile { file: file.clone() }),
            None => Ok(files.into_iter().map(|file| self.folder.join(file)).collect()),
        }
    }

    fn digest(&self) -> Result<[u8; 32], OwnNetworkError> {
        // A network in a file and in place are one.
        let trimmed = NetworkSource::trimmed(&self.text);
        let own: [u8; 32] = Sha256::digest(trimmed.as_deref().unwrap_or(&self.text)).into();
        let files = self.files_of(&self.understood()?)?;
        if files.is_empty() {
            return Ok(own);
        }
        let mut whole = Sha256::new_with_prefix(own);
        for path in files {
            let digest = disk::sha256(&path).map_err(|error| {
                self.error()(SynapseFileError::Read { path, reason: error.to_string() }.into())
            })?;
            whole.update(digest);
        }
        Ok(whole.finalize().into())
    }
}
