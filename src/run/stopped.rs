//! A run that was stopped, up to its checkpoint: a shorter run has the same spikes, and is written as such. The stopped
//! run stays as it is, and goes on to the same files.

use super::checkpointed_run::usable_checkpoint;
use super::execute::write_tables;
use super::restart::Attempt;
use super::resume::all_runs;
use super::{FoundNetwork, Identified, Output, RunError, find_or_make_network, identified, reuse, written};
use crate::config::{self, Config};
use crate::disk::{self, Place};
use crate::engine::Description;
use crate::engine::fixed_point::Simulation;
use crate::progress::Progress;
use crate::simulation::recording::{
    Arrays, CHECKPOINT_FILE, Checkpoint, Circumstances, Content, MANIFEST_FILE, Making, Manifest,
    PartialFolder, Recorded, Recorder, RecordingError, RunFiles, SimulationIdentity, is_partial, partial_of,
    population_rows,
};
use std::path::{Path, PathBuf};

/// What stands for the engine: a checkpoint does not tell it.
const ENGINE: &str = "any (stopped run)";
const MS_PER_S: f64 = 1000.0;
const US_PER_S: f64 = 1e6;
/// Times are told without what the product of step and resolution adds, 1/ms.
const DIGITS_PER_MS: f64 = 1e9;

/// The part of a stopped run that is saved.
#[derive(Debug, Clone, PartialEq)]
pub struct UpToCheckpoint {
    /// Its folder, that of a run which ends there.
    pub folder: PathBuf,
    /// The folder with the checkpoint, with which the stopped run goes on.
    pub stopped: PathBuf,
    /// Model time that is saved, ms.
    pub done_ms: f64,
    /// Model time of the whole run, ms.
    pub of_ms: f64,
}

/// Writes what the stopped run in `folder` has saved as a run that ends at its checkpoint, or finds that one; `None` if
/// the folder is none of a stopped run. It may be named as for [`resume`](fn@super::resume).
///
/// # Errors
/// A checkpoint that is damaged or of another run, a run that another process computes just now, files that cannot be
/// written, and [`RunError::StimuliToCome`].
pub fn up_to_checkpoint(
    folder: &Path,
    progress: &mut dyn Progress,
) -> Result<Option<UpToCheckpoint>, RunError> {
    let given = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let stopped = if is_partial(&given) { given.clone() } else { partial_of(&given) };
    if given.join(MANIFEST_FILE).is_file() || !stopped.join(CHECKPOINT_FILE).is_file() {
        return Ok(None);
    }
    let Some(all_runs) = all_runs(&stopped) else { return Ok(None) };
    let config = config::load(&stopped.join("config.ron"), &[])?;
    let output = Output { folder: all_runs, force: false };
    let network = find_or_make_network(&config, &output, progress)?;
    let Identified { identity, .. } = identified(&config, &network)?;
    let place = network.place.join(identity.hash());
    if partial_of(&place.path()) != stopped {
        return Err(RunError::ForeignCheckpoint { folder: stopped });
    }
    // Nobody goes on with it meanwhile, and it stays whatever happens.
    let held = PartialFolder::take_over(&place, written::of_runs())?;
    let checkpoint = usable_checkpoint(&held, &identity, config.simulation.statistics_from_ms);
    let saved = checkpoint.and_then(|checkpoint| match checkpoint {
        Some(checkpoint) => write(&config, &network, &output, held.place(), checkpoint).map(Some),
        None => Ok(None),
    });
    held.keep();
    Ok(saved?.map(|(folder, done_ms)| {
        let of_ms = config.simulation.duration_ms;
        UpToCheckpoint { folder, stopped, done_ms, of_ms }
    }))
}

/// Writes the run of `config` that ends at `checkpoint`, from the files in `saved`; returns its folder and its end, ms.
fn write(
    config: &Config,
    network: &FoundNetwork,
    output: &Output,
    saved: &Place,
    mut checkpoint: Checkpoint,
) -> Result<(PathBuf, f64), RunError> {
    let end_ms = f64::from(checkpoint.step()) * config.simulation.dt_ms;
    let done_ms = (end_ms * DIGITS_PER_MS).round() / DIGITS_PER_MS;
    let simulation = Simulation { duration_ms: done_ms, ..config.simulation.clone() };
    let shorter = Config { simulation, ..config.clone() };
    if config::validate(&shorter).is_err() {
        return Err(RunError::StimuliToCome { folder: saved.path(), done_ms });
    }
    let Identified { integers, recording, identity } = identified(&shorter, network)?;
    let place = network.place.join(identity.hash());
    if reuse::found(&place, &identity, output)?.is_some() {
        return Ok((place.path(), done_ms));
    }
    let derived = integers.formats;
    let Attempt { config: shorter, integers } =
        Attempt::new(&shorter, network, integers, checkpoint.formats)?;
    let partial = PartialFolder::create(&place, written::of_runs())?;
    copy_arrays(&checkpoint, saved, partial.place())?;
    leave_last_step_out_of_rates(&mut checkpoint, network, &shorter.simulation);
    let (spec, rows) = (&network.stored.network, population_rows(&network.stored.network));
    let files = RunFiles::resumed(partial.place(), &checkpoint);
    let recorder = Recorder::create(files, &recording, spec, &integers, &rows, &shorter.simulation)?;
    let recorded = recorder.finish()?;
    write_tables(&shorter, &network.stored, &recorded.rates.rates_hz(), partial.place())?;
    let formats_left = (derived != integers.formats).then_some(derived);
    let of_ms = config.simulation.duration_ms;
    let mut manifest = Manifest {
        warnings: vec![format!("these are the first {done_ms} ms of a run of {of_ms} ms that was stopped")],
        formats: Some(integers.formats),
        formats_left,
        ..manifest(&identity, network, &checkpoint, &recorded)
    };
    manifest.seal(partial.place())?;
    partial.commit()?;
    Ok((place.path(), done_ms))
}

fn manifest(
    identity: &SimulationIdentity,
    network: &FoundNetwork,
    checkpoint: &Checkpoint,
    recorded: &Recorded,
) -> Manifest {
    let spec = &network.stored.network;
    Manifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        network_hash: network.hash.clone(),
        simulation_hash: identity.hash(),
        seed: identity.seed,
        dt_ms: identity.dt_ms,
        n_steps: identity.n_steps,
        n_neurons: spec.n_neurons(),
        n_synapses: spec.n_synapses(),
        n_spikes: recorded.n_spikes,
        n_spikes_recorded: Some(recorded.n_spikes_recorded),
        warnings: Vec::new(),
        made_by: making(checkpoint, f64::from(identity.n_steps) * identity.dt_ms),
        also_made_by: Vec::new(),
        imported: None,
        formats: None,
        formats_left: None,
        files: Content::default(),
        arrays: Arrays::default(),
    }
}

fn making(checkpoint: &Checkpoint, done_ms: f64) -> Making {
    let simulate_s = checkpoint.simulated_us as f64 / US_PER_S;
    Making {
        description: Description { engine: ENGINE.to_owned(), adapter: String::new(), driver: String::new() },
        build_s: 0.0,
        simulate_s,
        real_time_factor: simulate_s / (done_ms / MS_PER_S),
        peak_host_bytes: None,
        engine_host_bytes: 0,
        engine_device_bytes: 0,
        circumstances: Circumstances::here(),
    }
}

/// Copies the arrays that the checkpoint knows.
fn copy_arrays(checkpoint: &Checkpoint, saved: &Place, folder: &Place) -> Result<(), RecordingError> {
    for name in checkpoint.position.arrays.keys() {
        let (from, to) = (saved.join(name).path(), folder.join(name));
        if Path::new(name).file_name().is_none_or(|own| own != name.as_str()) {
            return Err(RecordingError::malformed(&from, "it is no file of its folder"));
        }
        let mut source = disk::open(&from).map_err(|source| RecordingError::read(&from, source))?;
        let copied = to.create().and_then(|mut target| std::io::copy(&mut source, &mut target));
        copied.map_err(|source| RecordingError::write(&to.path(), source))?;
    }
    Ok(())
}

/// Rates count what comes before the end of a run, and the step of the checkpoint is the last one now.
fn leave_last_step_out_of_rates(
    checkpoint: &mut Checkpoint,
    network: &FoundNetwork,
    simulation: &Simulation,
) {
    let last = checkpoint.step();
    if last < simulation.first_statistics_step() {
        return;
    }
    let firsts = network.stored.network.first_neurons();
    let Checkpoint { in_flight, position, .. } = checkpoint;
    let neurons = in_flight.steps().filter(|(step, _)| *step == last).flat_map(|(_, neurons)| neurons);
    for neuron in neurons {
        let population = firsts.partition_point(|first| first <= neuron) - 1;
        if let Some(spikes) = position.rate_spikes.get_mut(population) {
            *spikes = spikes.saturating_sub(1);
        }
    }
}
