//! The network of a configuration: found on disk, or derived and stored.

use super::{Output, RunError};
use crate::config::Config;
use crate::disk::Place;
use crate::engine::assembly::BuildError;
use crate::model::anatomy::Tables;
use crate::model::network::weight_factor;
use crate::model::{
    DerivationError, FolderRates, ModelError, ModelKind, ModelNetwork, NetworkSource, OwnPopulations,
    model_network, source_digest, write_derivation, write_network_folder,
};
use crate::progress::{Progress, Stage};
use crate::simulation::recording::{
    Content, NetworkIdentity, NetworkManifest, PartialFolder, RecordingError, StoredNetwork, TheoryRecord,
    Written, today,
};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Name of a configuration that was made by a program and given none.
const UNNAMED: &str = "unnamed";
/// Between two looks at a network that another process makes.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A network that is on disk.
#[derive(Debug, Clone)]
pub struct FoundNetwork {
    /// Its folder.
    pub folder: PathBuf,
    /// The same, as a place for runs.
    pub place: Place,
    /// Its hash.
    pub hash: String,
    /// What it was made from.
    pub manifest: NetworkManifest,
    /// Its content.
    pub stored: StoredNetwork,
    /// Whether it was there.
    pub reused: bool,
    /// Wall-clock time that finding or making it took, s.
    pub seconds: f64,
}

/// Whether the network of `config` is on disk and will be used.
pub(super) fn is_stored(config: &Config, output: &Output) -> Result<bool, RunError> {
    Ok(!output.force && folder(config, output)?.exists())
}

/// The folder of the network of `config`, whether it is there or not.
pub(super) fn folder(config: &Config, output: &Output) -> Result<PathBuf, RunError> {
    let identity = identity(config, &Tables::load(&config.anatomy)?)?;
    Ok(place(config, output, &identity.hash()).path())
}

/// The network of `config`: read from its folder, or derived and written there. Where another process
/// makes it, as where seeds run side by side, waits for it.
///
/// # Errors
/// [`RunError`]
pub fn find_or_make_network(
    config: &Config,
    output: &Output,
    progress: &mut dyn Progress,
) -> Result<FoundNetwork, RunError> {
    let started = Instant::now();
    let tables = Tables::load(&config.anatomy)?;
    let identity = identity(config, &tables)?;
    let hash = identity.hash();
    let place = place(config, output, &hash);
    let folder = place.path();
    let claimed = claim(&place, output.force, progress)?;
    let reused = claimed.is_none();
    let stored = if let Some(partial) = claimed {
        let network = model_network(&config.model_options(), &tables, progress)?;
        progress.stage(Stage::Writing);
        let stored = write(partial.place(), config, identity.clone(), &tables, network)?;
        // Runs that are in the folder already stay there.
        partial.merge()?;
        stored
    } else {
        read(&folder, &identity)?
    };
    let manifest = NetworkManifest::read(&folder)?;
    let seconds = started.elapsed().as_secs_f64();
    Ok(FoundNetwork { folder, place, hash, manifest, stored, reused, seconds })
}

/// A network of which only the populations are known, and which is no model's: read from its folder, or written there.
pub(super) fn find_or_write_own(
    own: &OwnPopulations,
    config: &Config,
    output: &Output,
    progress: &mut dyn Progress,
) -> Result<FoundNetwork, RunError> {
    let started = Instant::now();
    let identity = NetworkIdentity::new(&config.model_options(), &own.digest);
    let hash = identity.hash();
    let place = place(config, output, &hash);
    let claimed = claim(&place, output.force, progress)?;
    let reused = claimed.is_none();
    if let Some(partial) = claimed {
        let nothing = TheoryRecord::none(own.network.populations.len());
        let network = own.network.clone();
        let stored = StoredNetwork {
            identity: identity.clone(),
            dc_theory: None,
            with_dc: nothing.clone(),
            without_dc: nothing,
            network,
        };
        stored.write(partial.place())?;
        seal(&stored, Some(own.file.clone()), partial.place())?;
        partial.merge()?;
    }
    let folder = place.path();
    let stored = read(&folder, &identity)?;
    let manifest = NetworkManifest::read(&folder)?;
    let seconds = started.elapsed().as_secs_f64();
    Ok(FoundNetwork { folder, place, hash, manifest, stored, reused, seconds })
}

/// The folder to be filled; `None` if it is there, or once another process has made it.
fn claim(place: &Place, force: bool, progress: &mut dyn Progress) -> Result<Option<PartialFolder>, RunError> {
    let mut waits = false;
    while force || !place.exists() {
        match PartialFolder::create(place, Written::of_networks()) {
            Err(RecordingError::Busy { .. }) if !force => {
                if !waits {
                    progress.stage(Stage::Waiting);
                }
                waits = true;
                progress.interruption().check().map_err(BuildError::from)?;
                std::thread::sleep(LOOK_AGAIN);
            }
            created => return Ok(created.map(Some)?),
        }
    }
    Ok(None)
}

pub(super) fn identity(config: &Config, tables: &Tables) -> Result<NetworkIdentity, RunError> {
    let options = config.model_options();
    let digest =
        source_digest(&options, tables).map_err(|error| DerivationError::from(ModelError::from(error)))?;
    Ok(NetworkIdentity::new(&options, &digest))
}

/// The folder of all networks of that configuration's name.
pub fn runs_folder(config: &Config, output: &Output) -> PathBuf {
    runs_place(config, output).path()
}

/// The same, as a place to write at. The folder of all runs is the user's; below it nothing is written through
/// links.
pub(crate) fn runs_place(config: &Config, output: &Output) -> Place {
    Place::folder(&output.folder).join(config.name.as_deref().unwrap_or(UNNAMED))
}

/// The folder of tables or the file of a network that `config` names.
pub(super) fn made_from(config: &Config) -> Option<&Path> {
    match &config.model {
        ModelKind::Network(NetworkSource::File(file)) => Some(file),
        ModelKind::Network(NetworkSource::Text(_)) => None,
        ModelKind::Human | ModelKind::Microcircuit | ModelKind::Imported => config.anatomy.tables.as_deref(),
    }
}

fn place(config: &Config, output: &Output, hash: &str) -> Place {
    runs_place(config, output).join(hash)
}

fn read(folder: &Path, identity: &NetworkIdentity) -> Result<StoredNetwork, RecordingError> {
    let stored = StoredNetwork::read(folder)?;
    if stored.identity != *identity {
        let reason = "network.ron was made from other keys than its hash tells";
        return Err(RecordingError::malformed(folder, reason));
    }
    Ok(stored)
}

fn write(
    folder: &Place,
    config: &Config,
    identity: NetworkIdentity,
    tables: &Tables,
    derived: ModelNetwork,
) -> Result<StoredNetwork, RunError> {
    let rates =
        FolderRates { with_dc_hz: &derived.with_dc.rates_hz, without_dc_hz: &derived.without_dc.rates_hz };
    write_network_folder(folder, &derived.model, &derived.network, weight_factor(&config.scaling), rates)?;
    write_derivation(folder, &derived, tables)?;
    let stored = StoredNetwork {
        identity,
        dc_theory: derived.dc_theory.as_ref().map(TheoryRecord::from),
        with_dc: (&derived.with_dc).into(),
        without_dc: (&derived.without_dc).into(),
        network: derived.network,
    };
    stored.write(folder)?;
    seal(&stored, made_from(config).map(Path::to_path_buf), folder)?;
    Ok(stored)
}

/// Writes `manifest.json`, the last file of a network that was made from the tables in `tables_folder`.
fn seal(
    stored: &StoredNetwork,
    tables_folder: Option<PathBuf>,
    folder: &Place,
) -> Result<(), RecordingError> {
    let manifest = NetworkManifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_on: today(),
        network_hash: stored.identity.hash(),
        tables_folder,
        tables_sha256: stored.identity.tables.clone(),
        files: Content::of_folder(&folder.path())?,
    };
    manifest.write(folder)
}
