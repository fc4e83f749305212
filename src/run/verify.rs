//! A saved run is computed again and compared with what was recorded.

use super::network::{identity, made_from};
use super::{RunError, computed_and_recorded};
use crate::config::{self, Config, ConfigError, Override, Problem};
use crate::engine::Description;
use crate::engine::assembly::{available_memory_bytes, choose_engine};
use crate::model::anatomy::Tables;
use crate::model::model_network;
use crate::progress::{Progress, Stage};
use crate::simulation::recording::{
    Manifest, RecordingError, SpikeBounds, SpikeHash, StoredNetwork, check_is_run, network_folder_of,
    read_spikes, tables_in_words,
};
use crate::simulation::{SimulationError, simulate};
use std::path::Path;

/// What came of computing a run again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Who has made the run.
    pub made_by: Description,
    /// Who has computed it again.
    pub by: Description,
    /// Steps that were computed.
    pub n_steps: u32,
    /// Steps of the whole run.
    pub of_steps: u32,
    /// Recorded spikes of these steps, and the SHA-256 of them.
    pub recorded: (u64, String),
    /// The same of the spikes that were computed.
    pub computed: (u64, String),
    /// A step up to which all spikes are the same, where some differ.
    pub same_until: Option<u32>,
}

impl Verified {
    /// Whether the spikes are those recorded.
    pub fn is_same(&self) -> bool {
        self.recorded == self.computed
    }
}

/// Computes the first `duration_ms` of the run in `folder` again, or all of it, from its configuration
/// with `overrides` of how it is computed, and compares the spikes that it has recorded.
///
/// # Errors
/// A folder that is no run, and all that keeps a run from being made.
pub fn verify(
    folder: &Path,
    duration_ms: Option<f64>,
    overrides: &[Override],
    progress: &mut dyn Progress,
) -> Result<Verified, RunError> {
    check_is_run(folder)?;
    let manifest = Manifest::read(folder)?;
    let config = config::load(&folder.join("config.ron"), overrides)?;
    let n_steps = duration_ms.map_or(Ok(manifest.n_steps), |ms| steps_within(ms, &manifest))?;
    let tables = Tables::load(&config.anatomy)?;
    check_network(folder, &manifest, &config, &tables)?;
    let (by, computed) = compute(&config, &tables, n_steps, progress)?;
    let bounds = SpikeBounds { n_neurons: manifest.n_neurons as u32, n_steps: manifest.n_steps };
    let mut recorded = SpikeHash::default();
    let of_run = read_spikes(folder, bounds, &mut |step, neurons| {
        if step <= n_steps {
            recorded.take(step, neurons);
        }
    })?;
    if manifest.n_spikes_recorded.is_some_and(|n| n != of_run) {
        let reason = format!("{of_run} spikes are there, and the manifest tells other numbers");
        return Err(RecordingError::malformed(folder, reason).into());
    }
    let same_until = recorded.same_until(&computed);
    Ok(Verified {
        made_by: manifest.made_by.description,
        by,
        n_steps,
        of_steps: manifest.n_steps,
        recorded: recorded.finish(),
        computed: computed.finish(),
        same_until,
    })
}

/// The steps of so much model time, which the run must have.
fn steps_within(duration_ms: f64, manifest: &Manifest) -> Result<u32, ConfigError> {
    let n_steps = config::steps_of_option("--duration-ms", duration_ms, manifest.dt_ms)?;
    if (1..=manifest.n_steps).contains(&n_steps) {
        return Ok(n_steps);
    }
    Err(ConfigError(vec![Problem::Override {
        option: format!("--duration-ms {duration_ms}"),
        reason: format!("the run has {} ms", f64::from(manifest.n_steps) * manifest.dt_ms),
        remedy: "give no more than that, or leave it out".to_owned(),
    }]))
}

/// Checks that the run's network is as it was written, and the one that is computed again.
fn check_network(
    folder: &Path,
    manifest: &Manifest,
    config: &Config,
    tables: &Tables,
) -> Result<(), RunError> {
    StoredNetwork::read(&network_folder_of(folder)?)?;
    let (hash, told) = (identity(config, tables)?.hash(), &manifest.network_hash);
    if hash == *told {
        return Ok(());
    }
    let tables = tables_in_words(made_from(config));
    let reason = format!(
        "with {tables} it gives the network {hash}, and manifest.json tells {told}: what it is made from was changed, or \
         another version of the program has made the run"
    );
    Err(RecordingError::malformed(&folder.join("config.ron"), reason).into())
}

/// The spikes that `config` gives in its first `n_steps` steps, those that it records.
fn compute(
    config: &Config,
    tables: &Tables,
    n_steps: u32,
    progress: &mut dyn Progress,
) -> Result<(Description, SpikeHash), RunError> {
    let spec = model_network(&config.model_options(), tables, progress)?.network;
    let (integers, recording) = computed_and_recorded(config, &spec)?;
    let plan = choose_engine(&config.engine)?.plan(&integers);
    plan.check(&config.scaling, available_memory_bytes())?;
    progress.stage(Stage::Synapses);
    let synapses = plan.synapses(&integers)?;
    progress.stage(Stage::Engine);
    let mut engine = plan.open(&integers, &synapses)?;
    progress.stage(Stage::Simulation);
    let kept = (!recording.keeps_all()).then(|| recording.kept_neurons(&spec));
    let mut spikes = SpikeHash::default();
    let simulated = simulate(engine.as_mut(), n_steps, |batch| {
        for (step, neurons) in batch.steps() {
            let is_kept =
                |n: &u32| kept.as_ref().is_none_or(|kept| kept.iter().any(|range| range.contains(n)));
            let neurons: Vec<u32> = neurons.iter().copied().filter(is_kept).collect();
            spikes.take(step, &neurons);
        }
        let done = batch.first_step - 1 + batch.ends.len() as u32;
        progress.simulated(done, n_steps, config.simulation.dt_ms);
        Ok::<(), std::convert::Infallible>(())
    });
    match simulated {
        Ok(()) => Ok((engine.description(), spikes)),
        Err(SimulationError::Engine(error)) => Err(error.into()),
        Err(SimulationError::Receiver(never)) => match never {},
    }
}
