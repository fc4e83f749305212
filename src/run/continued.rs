//! Runs that begin where another one ended: longer ones, and several from one state.

use super::RunError;
use super::kept_config::write_config;
use crate::config::{self, Config};
use crate::disk;
use crate::engine::fixed_point::Stimulus;
use crate::simulation::recording::{
    Checkpoint, MANIFEST_FILE, Manifest, NetworkIdentity, NetworkManifest, PartialFolder, RecordingError,
    STATE_FILE, SimulationIdentity, network_folder_of,
};
use std::path::Path;

const US_PER_S: f64 = 1e6;

/// Makes `partial`, the folder of a run of `config` and `identity`, that of a run that was stopped where the one in
/// `from` ended, so that it goes on to the files of a run that was never stopped.
///
/// # Errors
/// [`RunError::CannotStartFrom`] if the two would not have the same spikes up to there; files that cannot be read or
/// written.
pub(super) fn adopt(
    from: &Path,
    partial: &PartialFolder,
    config: &Config,
    identity: &SimulationIdentity,
    network: &NetworkIdentity,
) -> Result<(), RunError> {
    let refused = |reason: String| RunError::CannotStartFrom { folder: from.to_path_buf(), reason };
    let checkpoint = match Checkpoint::read_as(from, STATE_FILE)? {
        Some(state) => Some(Checkpoint { simulated_us: simulated_us(&Manifest::read(from)?), ..state }),
        None => Checkpoint::read(from)?,
    };
    let Some(checkpoint) = checkpoint else {
        let is_run = from.join(MANIFEST_FILE).is_file();
        let what = if is_run {
            "an earlier version has made it, or it has no more than 64 steps"
        } else {
            "it is no run"
        };
        return Err(refused(format!("it has no state to start from: {what}")));
    };
    let other = config::load(&from.join("config.ron"), &[])?;
    if let Some(reason) = difference(from, &other, config, identity, &checkpoint)? {
        return Err(refused(reason));
    }
    for name in checkpoint.position.arrays.keys() {
        copy(&from.join(name), partial, name)?;
    }
    write_config(partial.place(), config, network)?;
    Ok(Checkpoint { simulation_hash: identity.hash(), ..checkpoint }.write(partial.place())?)
}

/// What a run has taken, µs; its state does not tell.
fn simulated_us(manifest: &Manifest) -> u64 {
    (manifest.made_by.simulate_s * US_PER_S) as u64
}

/// What keeps the run in `from` from being the beginning of the other one; `None` if it is.
fn difference(
    from: &Path,
    other: &Config,
    config: &Config,
    identity: &SimulationIdentity,
    checkpoint: &Checkpoint,
) -> Result<Option<String>, RunError> {
    let network = NetworkManifest::read(&network_folder_of(from)?)?.network_hash;
    let (step, dt_ms) = (checkpoint.step(), config.simulation.dt_ms);
    // Without the digits that are rounding.
    let at_ms = (f64::from(step) * dt_ms * 1e6).round() / 1e6;
    let reason = if network != identity.network {
        "it has another network".to_owned()
    } else if other.simulation.seed != config.simulation.seed {
        format!("its seed is {}, and not {}", other.simulation.seed, config.simulation.seed)
    } else if other.simulation.dt_ms != dt_ms {
        format!("its simulation.dt_ms is {}, and not {dt_ms}", other.simulation.dt_ms)
    } else if other.simulation.statistics_from_ms != config.simulation.statistics_from_ms {
        let of_other = other.simulation.statistics_from_ms;
        format!(
            "its simulation.statistics_from_ms is {of_other}, and not {}",
            config.simulation.statistics_from_ms
        )
    } else if other.recording != config.recording {
        "it records something else".to_owned()
    } else if !identity.formats.can_become(&checkpoint.formats) {
        format!(
            "it computes with other formats, {}: set `arithmetic` as its config.ron has it",
            checkpoint.formats
        )
    } else if step >= identity.n_steps {
        format!("its state is that of {at_ms} ms, and the run has {} ms", config.simulation.duration_ms)
    } else if let Some(index) = first_other_stimulus(&other.stimuli, &config.stimuli, at_ms) {
        format!("stimuli[{index}] is another one, and does not begin after {at_ms} ms, where its state is")
    } else {
        return Ok(None);
    };
    Ok(Some(reason))
}

/// The first stimulus of either list that has an effect up to `at_ms` and is not the same in both.
fn first_other_stimulus(a: &[Stimulus], b: &[Stimulus], at_ms: f64) -> Option<usize> {
    let acts = |stimulus: Option<&Stimulus>| stimulus.is_some_and(|stimulus| stimulus.acts_up_to(at_ms));
    (0..a.len().max(b.len())).find(|&index| {
        let (a, b) = (a.get(index), b.get(index));
        a != b && (acts(a) || acts(b))
    })
}

fn copy(from: &Path, partial: &PartialFolder, name: &str) -> Result<(), RecordingError> {
    let place = partial.place().join(name);
    let mut source = disk::open(from).map_err(|error| RecordingError::read(from, error))?;
    let copied = place.create().and_then(|mut target| std::io::copy(&mut source, &mut target));
    copied.map(drop).map_err(|error| RecordingError::write(&place.path(), error))
}
