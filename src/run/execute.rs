//! A run that is made: synapses, engine, simulation, files.

use super::RunError;
use super::checkpointed_run::{Plan, record};
use super::kept_config::write_config;
use crate::config::Config;
use crate::disk::Place;
use crate::engine::Engine;
use crate::engine::assembly::{
    ChosenEngine, EnginePlan, Seat, available_memory_bytes, estimate, estimate_build_s, peak_memory_bytes,
};
use crate::progress::{Progress, Stage};
use crate::simulation::recording::{
    Arrays, Checkpoint, Circumstances, Content, Making, Manifest, Recorded, RecordingError, StoredNetwork,
    mean_hz, population_rows, rates_csv, write_populations, write_whole,
};

const MS_PER_S: f64 = 1000.0;
/// What is told before: runs that take longer, s, and more memory.
const LONG_S: f64 = 600.0;
const LARGE_BYTES: f64 = 1e9;

/// A run whose files are complete.
pub(super) struct ExecutedRun {
    pub manifest: Manifest,
    pub mean_rate_hz: Option<f64>,
}

/// Makes the run and its files in `folder`, on an engine of its own or with a `seat` at one for several networks.
pub(super) fn make(
    plan: &Plan<'_>,
    engine: &ChosenEngine,
    seat: Option<Seat>,
    folder: &Place,
    checkpoint: Option<Checkpoint>,
    progress: &mut dyn Progress,
) -> Result<ExecutedRun, RunError> {
    // What a run goes on with that is stopped.
    write_config(folder, plan.config, &plan.network.stored.identity)?;
    if let Some(seat) = seat {
        let mut engine = seat.join(plan.integers)?;
        return run_on(plan, &mut engine, folder, checkpoint, progress);
    }
    let engine = engine.plan(plan.integers);
    let available_bytes = available_memory_bytes();
    engine.check(&plan.config.scaling, available_bytes)?;
    let theory_hz = &plan.network.stored.with_dc.rates_hz;
    if let Some(warning) = engine.warning(plan.integers, theory_hz, available_bytes) {
        progress.warning(&warning);
    }
    if let Some(warning) = long_run(plan, &engine) {
        progress.warning(&warning);
    }
    progress.stage(Stage::Synapses);
    let interruption = progress.interruption();
    let synapses = engine.synapses_unless(plan.integers, &interruption)?;
    progress.stage(Stage::Engine);
    let mut engine = engine.open_unless(plan.integers, &synapses, &interruption)?;
    run_on(plan, engine.as_mut(), folder, checkpoint, progress)
}

/// Makes the run and its files on an engine at step 0.
fn run_on(
    plan: &Plan<'_>,
    engine: &mut dyn Engine,
    folder: &Place,
    checkpoint: Option<Checkpoint>,
    progress: &mut dyn Progress,
) -> Result<ExecutedRun, RunError> {
    let build_s = plan.started.elapsed().as_secs_f64();
    progress.stage(Stage::Simulation);
    let (recorded, seconds) = record(plan, engine, folder, checkpoint, progress)?;
    let making = making(plan, engine, build_s, seconds);
    let mean_rate_hz = write_tables(plan.config, &plan.network.stored, &recorded.rates.rates_hz(), folder)?;
    let mut manifest = manifest(plan, making, &recorded);
    manifest.seal(folder)?;
    Ok(ExecutedRun { manifest, mean_rate_hz })
}

/// What to tell before a run that takes long or much memory, at the rates of the theory.
fn long_run(plan: &Plan<'_>, engine: &EnginePlan) -> Option<String> {
    let stored = &plan.network.stored;
    let expected = estimate(&stored.network, plan.integers, engine, &stored.with_dc.rates_hz);
    let seconds =
        estimate_build_s(&stored.network, engine) + expected.simulate_s(plan.config.simulation.duration_ms);
    let bytes = expected.memory.host_bytes() as f64;
    (seconds > LONG_S || bytes > LARGE_BYTES).then(|| {
        format!(
            "this run will take roughly {:.0} min and {:.1} GB, at the rates of the theory and on the CPU engine: \
             scaling.n_scaling with scaling.k_scaling, areas, or simulation.duration_ms make it smaller, and \
             --dry-run tells more",
            (seconds / 60.0).max(1.0),
            bytes * 1e-9
        )
    })
}

fn making(plan: &Plan<'_>, engine: &dyn Engine, build_s: f64, simulate_s: f64) -> Making {
    let memory = engine.memory();
    Making {
        description: engine.description(),
        build_s,
        simulate_s,
        real_time_factor: simulate_s / (plan.config.simulation.duration_ms / MS_PER_S),
        peak_host_bytes: peak_memory_bytes(),
        engine_host_bytes: memory.host_bytes,
        engine_device_bytes: memory.device_bytes,
        circumstances: Circumstances::here(),
    }
}

fn manifest(plan: &Plan<'_>, made_by: Making, recorded: &Recorded) -> Manifest {
    Manifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        network_hash: plan.network.hash.clone(),
        simulation_hash: plan.identity.hash(),
        seed: plan.identity.seed,
        dt_ms: plan.identity.dt_ms,
        n_steps: plan.identity.n_steps,
        n_neurons: plan.integers.n_neurons().into(),
        n_synapses: plan.integers.n_synapses(),
        n_spikes: recorded.n_spikes,
        n_spikes_recorded: Some(recorded.n_spikes_recorded),
        warnings: plan.warnings.to_vec(),
        made_by,
        also_made_by: Vec::new(),
        imported: None,
        formats: Some(plan.integers.formats),
        formats_left: (plan.derived != plan.integers.formats).then_some(plan.derived),
        files: Content::default(),
        arrays: Arrays::default(),
    }
}

/// Writes configuration and tables of a run; returns the mean rate.
pub(super) fn write_tables(
    config: &Config,
    stored: &StoredNetwork,
    rates_hz: &[Option<f64>],
    folder: &Place,
) -> Result<Option<f64>, RecordingError> {
    let rows = population_rows(&stored.network);
    let rates = folder.join("rates.csv");
    write_populations(folder.join("populations.csv"), &rows)?;
    write_whole(&rates, &rates_csv(&rates.path(), &rows, rates_hz, &stored.with_dc.rates_hz)?)?;
    write_config(folder, config, &stored.identity)?;
    Ok(mean_hz(rates_hz.iter().copied()))
}
