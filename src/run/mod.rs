//! One call from a configuration to a run folder: finds what is already there, makes what is not.
//!
//! [`find_or_make_network`] is the first half, [`run`] is both; [`find`] makes nothing; [`import_nest`]
//! takes the spikes from NEST.
pub mod bench;
pub mod sweep;

mod checkpointed_run;
mod continued;
mod error;
mod execute;
mod find;
mod import;
mod kept_config;
mod network;
mod restart;
mod resume;
mod reuse;
mod shared_networks;
mod stopped;
mod verify;
mod written;

pub use error::RunError;
pub use find::find;
pub use import::{import_nest, import_own_nest};
pub(crate) use network::runs_place;
pub use network::{FoundNetwork, find_or_make_network, runs_folder};
pub use resume::resume;
pub(crate) use shared_networks::SharedNetworks;
pub use stopped::{UpToCheckpoint, up_to_checkpoint};
pub use verify::{Verified, verify};

use crate::config::{Config, warnings};
use crate::disk::Place;
use crate::engine::assembly::{ChosenEngine, Seat, choose_engine, integer_network};
use crate::engine::fixed_point::IntegerNetwork;
use crate::model::network::NetworkSpec;
use crate::progress::{Progress, Stage};
use crate::simulation::recording::{
    CHECKPOINT_FILE, COUNTS_FILE, Checkpoint, MEANS_FILES, Manifest, PartialFolder, RecordingError,
    RecordingPlan, SimulationIdentity, VOLTMETER_FILES, first_difference, partial_of,
};
use checkpointed_run::Plan;
use execute::ExecutedRun;
use std::path::{Path, PathBuf};

/// Where runs are kept, and whether what is there counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The folder of all runs.
    pub folder: PathBuf,
    /// Whether networks and runs that are there are made again, and replaced.
    pub force: bool,
}

/// How a run came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was made.
    Made,
    /// It was there.
    Reused,
    /// It was there, made by another engine or adapter, and was made again with the same spikes.
    Confirmed,
}

/// A run that is on disk.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// Its network.
    pub network: FoundNetwork,
    /// Its folder.
    pub folder: PathBuf,
    /// How it came about.
    pub outcome: Outcome,
    /// Its manifest.
    pub manifest: Manifest,
    /// Mean rate over populations while statistics count, spikes/s; `None` if nothing counts.
    pub mean_rate_hz: Option<f64>,
    /// What its folder holds that the program has not written, relative to it: where the run replaces another one,
    /// this stays.
    pub kept: Vec<PathBuf>,
}

/// Runs `config`, or finds the run if it is there.
///
/// 1. The network: found by its hash, or derived and stored.
/// 2. The run: found by its hash. One that the engine or adapter asked for has not made yet is made
///    again and compared.
/// 3. Else integers, memory check, synapses, engine, simulation; then the folder gets its name.
///
/// A run whose values leave their fixed-point range starts again with coarser formats
/// ([`Formats::coarser`](crate::engine::fixed_point::Formats::coarser)), which its manifest and configuration record. It keeps its
/// hash, which tells the formats that it began with.
///
/// A run whose graphics device is lost goes on from its last checkpoint, or begins again, up to three times.
///
/// Where a process that made the same run has left a checkpoint, the run goes on from there.
///
/// # Errors
/// [`RunError`]. Nothing half-written is left, except if there is a checkpoint, or if the process
/// is killed: then a folder that ends in `.partial`, which the next run takes over.
pub fn run(config: &Config, output: &Output, progress: &mut dyn Progress) -> Result<RunReport, RunError> {
    run_or_resume(config, output, Beginning::Any, None, progress)
}

/// As [`run`], from the state in which the run in `start` ended, or was stopped: the files are those of a run of
/// `config` that was never stopped. `config` may be longer, and have other stimuli after that time.
///
/// # Errors
/// As there, and [`RunError::CannotStartFrom`] if the two would not have the same spikes up to there.
pub fn run_from(
    config: &Config,
    output: &Output,
    start: &Path,
    progress: &mut dyn Progress,
) -> Result<RunReport, RunError> {
    run_or_resume(config, output, Beginning::State(start), None, progress)
}

/// Where a run begins that is not there.
#[derive(Debug, Clone, Copy)]
enum Beginning<'a> {
    /// At a checkpoint that is there, or at step 0.
    Any,
    /// At the checkpoint in this folder.
    Checkpoint(&'a Path),
    /// In the state in which the run in this folder ended, unless there is a checkpoint.
    State(&'a Path),
}

/// As [`run`], among other runs.
///
/// # Errors
/// As there.
pub(crate) fn run_among_others(
    config: &Config,
    output: &Output,
    among: Among<'_>,
    progress: &mut dyn Progress,
) -> Result<RunReport, RunError> {
    run_or_resume(config, output, Beginning::Any, Some(among), progress)
}

/// The others.
pub(crate) struct Among<'a> {
    /// Networks that they have, too.
    pub networks: &'a SharedNetworks,
    /// Threads that they leave, whatever the configuration says of them; `None` if they do not go on meanwhile.
    pub threads: Option<usize>,
    /// The run's own at an engine that computes them together.
    pub seat: Option<Seat>,
}

/// As [`run`], with another beginning.
fn run_or_resume(
    config: &Config,
    output: &Output,
    beginning: Beginning<'_>,
    mut among: Option<Among<'_>>,
    progress: &mut dyn Progress,
) -> Result<RunReport, RunError> {
    let mut seat = among.as_mut().and_then(|among| among.seat.take());
    let threads = among.as_ref().and_then(|among| among.threads);
    let choose = || {
        let chosen = choose_engine(&config.engine)?;
        let threads = threads.unwrap_or(chosen.threads());
        Ok::<_, RunError>(chosen.with_threads(threads))
    };
    // What a run cannot do without is looked for before a network is derived in vain.
    let engine = match network::is_stored(config, output)? {
        true => None,
        false => Some(choose()?),
    };
    let network = match among {
        Some(among) => among.networks.find_or_make(config, output, progress),
        None => find_or_make_network(config, output, progress),
    };
    let network = network.inspect_err(|_| tell_values(config, progress))?;
    let started = std::time::Instant::now();
    let identified = identified(config, &network).inspect_err(|_| tell_values(config, progress));
    let Identified { integers, recording, identity } = identified?;
    let place = network.place.join(identity.hash());
    let found = reuse::found(&place, &identity, output)?;
    if let Some(manifest) = &found
        && manifest.makings().any(|making| ChosenEngine::is_satisfied_by(&config.engine, &making.description))
    {
        return reused(config, network, &recording, &place, manifest.clone());
    }
    let mut engine = engine.map_or_else(choose, Ok)?;
    if let Beginning::Checkpoint(from) = beginning
        && from != partial_of(&place.path())
    {
        return Err(RunError::ForeignCheckpoint { folder: from.to_path_buf() });
    }
    let partial = PartialFolder::take_over(&place, written::of_runs())?;
    let statistics_from_ms = config.simulation.statistics_from_ms;
    let usable =
        |partial: &PartialFolder| checkpointed_run::usable_checkpoint(partial, &identity, statistics_from_ms);
    let mut checkpoint = match if output.force { Ok(None) } else { usable(&partial) } {
        Ok(checkpoint) => checkpoint,
        Err(error) => {
            partial.keep();
            return Err(error);
        }
    };
    if checkpoint.is_none() {
        partial.clear()?;
        if let Beginning::State(start) = beginning {
            continued::adopt(start, &partial, config, &identity, &network.stored.identity)?;
            checkpoint = usable(&partial)?;
        }
    }
    let warnings = told(config, &network, progress);
    let derived = integers.formats;
    restart::tell_of_formats(config, &network, derived, progress);
    // A run that has left its formats goes on in those that it has begun again with.
    let formats = checkpoint.as_ref().map_or(derived, |checkpoint| checkpoint.formats);
    let mut attempt = restart::Attempt::new(config, &network, integers, formats)?;
    let mut losses = restart::Losses::default();
    let made = loop {
        let plan = Plan {
            config: &attempt.config,
            network: &network,
            integers: &attempt.integers,
            derived,
            recording: &recording,
            identity: &identity,
            warnings: &warnings,
            started,
        };
        let error =
            match execute::make(&plan, &engine, seat.take(), partial.place(), checkpoint.take(), progress) {
                Ok(made) => break made,
                Err(error) => error,
            };
        if let Some(coarser) = attempt.coarser(&error, &network, progress)? {
            partial.clear()?;
            attempt = coarser;
            continue;
        }
        // Of a device that is gone, the last checkpoint is left, or the beginning.
        let again = losses.is_bearable(&error).then(|| Ok::<_, RunError>((choose()?, usable(&partial)?)));
        let Some(Ok(again)) = again else { return Err(saved_up_to_then(error, partial, &plan)) };
        (engine, checkpoint) = again;
        restart::tell_of_loss(engine.name(), checkpoint.as_ref(), progress);
        if checkpoint.is_none() {
            partial.clear()?;
        }
    };
    // A run that is complete does not go on.
    let checkpoint = partial.place().join(CHECKPOINT_FILE);
    checkpoint.remove().map_err(|source| RecordingError::write(&checkpoint.path(), source))?;
    settle(made, found, partial, &place, network, progress)
}

/// What a run is, before it is made.
struct Identified {
    integers: IntegerNetwork,
    recording: RecordingPlan,
    identity: SimulationIdentity,
}

/// The run of `config` on that network.
fn identified(config: &Config, network: &FoundNetwork) -> Result<Identified, RunError> {
    let (integers, recording) = computed_and_recorded(config, &network.stored.network)?;
    let identity =
        SimulationIdentity::new(&network.hash, &config.build_options(), &config.recording, integers.formats);
    Ok(Identified { integers, recording, identity })
}

/// What a run of `config` on the network of `spec` computes and records.
fn computed_and_recorded(
    config: &Config,
    spec: &NetworkSpec,
) -> Result<(IntegerNetwork, RecordingPlan), RunError> {
    let integers = integer_network(spec, &config.build_options())?;
    Ok((integers, RecordingPlan::new(&config.recording, spec, config.simulation.dt_ms)?))
}

/// Tells values that are most likely in another unit: an error of the network that they lead to may not say so.
pub fn tell_values(config: &Config, progress: &mut dyn Progress) {
    config.implausible_values().iter().for_each(|value| progress.notice(&format!("warning: {value}")));
}

/// What is most likely not meant, told before the run is made.
fn told(config: &Config, network: &FoundNetwork, progress: &mut dyn Progress) -> Vec<String> {
    let warnings = warnings(config, &network.stored.network);
    let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    warnings.iter().for_each(|warning| progress.notice(&format!("warning: {warning}")));
    warnings
}

/// A run that is there, its statistics from the configured start on.
fn reused(
    config: &Config,
    network: FoundNetwork,
    recording: &RecordingPlan,
    place: &Place,
    mut manifest: Manifest,
) -> Result<RunReport, RunError> {
    let mean_rate_hz = reuse::refresh_statistics(place, config, &network.stored, recording, &mut manifest)?;
    let (folder, kept) = (place.path(), Vec::new());
    Ok(RunReport { network, folder, outcome: Outcome::Reused, manifest, mean_rate_hz, kept })
}

/// The error of a run that failed. Where it has a checkpoint its folder stays as it was then, and the error
/// tells how to go on; where files are not what they were, it is the error that tells what to do.
fn saved_up_to_then(error: RunError, partial: PartialFolder, plan: &Plan<'_>) -> RunError {
    let folder = partial.place().path();
    let checkpoint = match Checkpoint::read(&folder) {
        Ok(Some(checkpoint)) => checkpoint,
        Ok(None) => return error,
        Err(_) => {
            partial.keep();
            return error;
        }
    };
    if matches!(error, RunError::Interrupted { .. }) {
        partial.keep();
        return error;
    }
    // What cannot be taken away now is when the run goes on.
    let rewound = checkpointed_run::rewind(plan, partial.place(), &checkpoint);
    partial.keep();
    match rewound {
        Err(damaged @ RecordingError::Malformed { .. }) => damaged.into(),
        _ => RunError::Stopped { folder, step: checkpoint.step(), source: Box::new(error) },
    }
}

/// Gives a run that was made its name, or compares it with the one that has the name.
fn settle(
    made: ExecutedRun,
    found: Option<Manifest>,
    partial: PartialFolder,
    place: &Place,
    network: FoundNetwork,
    progress: &mut dyn Progress,
) -> Result<RunReport, RunError> {
    let ExecutedRun { manifest, mean_rate_hz } = made;
    let folder = place.path();
    let Some(mut earlier) = found else {
        let kept = partial.commit()?;
        return Ok(RunReport { network, folder, outcome: Outcome::Made, manifest, mean_rate_hz, kept });
    };
    progress.stage(Stage::Comparison);
    if let Some(difference) = first_difference(&folder, &partial.place().path())? {
        let kept = commit_beside(partial, place, &manifest)?;
        return Err(RunError::Differs {
            earlier: Box::new(earlier.made_by.description),
            later: Box::new(manifest.made_by.description),
            difference,
            folder,
            kept,
        });
    }
    if let Some(file) = first_differing_file(&earlier, &manifest) {
        let kept = commit_beside(partial, place, &manifest)?;
        let earlier = Box::new(earlier.made_by.description);
        let later = Box::new(manifest.made_by.description);
        return Err(RunError::FilesDiffer { file, earlier, later, folder, kept });
    }
    earlier.also_made_by.push(manifest.made_by);
    earlier.write(place)?;
    let (manifest, kept) = (earlier, Vec::new());
    Ok(RunReport { network, folder, outcome: Outcome::Confirmed, manifest, mean_rate_hz, kept })
}

/// Name of the first file of counts, potentials, currents or means in which two makings of a run differ.
fn first_differing_file(a: &Manifest, b: &Manifest) -> Option<String> {
    let is_recording = |name: &&str| {
        *name == COUNTS_FILE || [VOLTMETER_FILES, MEANS_FILES].iter().any(|begin| name.starts_with(begin))
    };
    let mut names = a.files.names().chain(b.files.names()).filter(is_recording);
    names.find(|name| a.files.of(name) != b.files.of(name)).map(str::to_owned)
}

/// Keeps a run that differs from the one at `place` beside it; returns where.
fn commit_beside(
    partial: PartialFolder,
    place: &Place,
    manifest: &Manifest,
) -> Result<PathBuf, RecordingError> {
    let beside = place.with_suffix(&format!("{}-differs", manifest.made_by.description.engine));
    partial.commit_as(&beside)?;
    Ok(beside.path())
}
