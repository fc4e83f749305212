//! How fast a configuration is built and simulated: measured, not estimated, and without a run folder.
//!
//! [`measure`] takes one configuration, [`Measurement`] is what comes out, and [`Report`] several of
//! them with the machine they were made on. [`check_gpu`] verifies a GPU against the CPU engine, spike
//! by spike, and then measures both.
//!
//! 1. Network, integers and synapses are made once.
//! 2. The engine is started and runs a tenth of the time, to warm up.
//! 3. The engine is started anew and runs all of the time, several times; medians count.
//! 4. The engine runs once more with the clock of its stages on, which costs time and is kept apart.
//!    This run also counts the spikes of each neuron and hashes them; synaptic events are those times its synapses.
//!
//! What other programs took of the cores from 3. to 4. is part of what was measured.
mod error;
mod events;
mod gpu_check;
mod longest;
mod measurement;
mod others;

pub use crate::simulation::recording::Machine;
pub use error::BenchError;
pub use events::count_events;
pub use gpu_check::{Case, CaseOutcome, GpuCheck, GpuCheckOptions, check_gpu};
pub use measurement::{Build, MeasuredStage, Measurement, MemoryUse, Report, Simulated, Stages, Start};
pub use others::Others;

use crate::config::Config;
use crate::engine::Engine;
use crate::engine::assembly::{
    BuiltSynapses, EnginePlan, available_memory_bytes, choose_engine, integer_network, peak_memory_bytes,
};
use crate::engine::fixed_point::IntegerNetwork;
use crate::model::anatomy::Tables;
use crate::model::model_network;
use crate::progress::{self, Progress};
use crate::run::RunError;
use crate::simulation::recording::SpikeHash;
use crate::simulation::{SimulationError, simulate};
use others::Ticks;
use std::convert::Infallible;
use std::time::Instant;

const MS_PER_S: f64 = 1000.0;
const NS_PER_S: f64 = 1e9;
/// Part of the run that warms up.
const WARM_UP: u32 = 10;

/// Builds and simulates `config`, `repeat` times (at least once), and measures.
///
/// # Errors
/// A network that cannot be built or does not fit, an engine that fails, or repetitions that differ.
pub fn measure(config: &Config, repeat: u32, progress: &mut dyn Progress) -> Result<Measurement, BenchError> {
    let engine = choose_engine(&config.engine).map_err(RunError::from)?;
    let mut watch = Stopwatch(Instant::now());
    let tables = Tables::load(&config.anatomy).map_err(RunError::from)?;
    let network = model_network(&config.model_options(), &tables, progress).map_err(RunError::from)?.network;
    let network_s = watch.lap_s();
    let integers = integer_network(&network, &config.build_options()).map_err(RunError::from)?;
    let plan = engine.plan(&integers);
    plan.check(&config.scaling, available_memory_bytes()).map_err(RunError::from)?;
    let integers_s = watch.lap_s();
    progress.stage(progress::Stage::Synapses);
    let synapses = plan.synapses(&integers).map_err(RunError::from)?;
    let build = Build::new(network_s, integers_s, watch.lap_s());

    let bench = Bench { config, integers: &integers, plan: &plan, synapses: &synapses };
    bench.warm_up(progress)?;
    let before = Ticks::now();
    let timed = (0..repeat.max(1)).map(|_| bench.timed_run(progress)).collect::<Result<Vec<_>, _>>()?;
    let clocked = bench.clocked_run(progress)?;
    let others = before.and_then(|before| Ticks::now()?.others_since(before));
    Ok(Measurement { others, ..bench.measurement(build, timed, clocked)? })
}

/// What every run has in common.
struct Bench<'a> {
    config: &'a Config,
    integers: &'a IntegerNetwork,
    plan: &'a EnginePlan,
    synapses: &'a BuiltSynapses,
}

/// A run without clocks.
struct Timed {
    start_s: f64,
    start_stages: Vec<MeasuredStage>,
    simulate_s: f64,
    n_spikes: u64,
}

/// A run with the clock of stages on.
struct Clocked {
    stages: Stages,
    spikes_of: Vec<u32>,
    spikes_sha256: String,
    memory: MemoryUse,
    description: crate::engine::Description,
}

impl Bench<'_> {
    fn n_steps(&self) -> u32 {
        self.config.simulation.n_steps()
    }

    fn open(&self, progress: &mut dyn Progress) -> Result<Box<dyn Engine + '_>, BenchError> {
        progress.stage(progress::Stage::Engine);
        let engine = self.plan.open(self.integers, self.synapses).map_err(RunError::from)?;
        progress.stage(progress::Stage::Simulation);
        Ok(engine)
    }

    fn warm_up(&self, progress: &mut dyn Progress) -> Result<(), BenchError> {
        let mut engine = self.open(progress)?;
        self.run_steps(engine.as_mut(), (self.n_steps() / WARM_UP).max(1), |_, _| ())
    }

    fn timed_run(&self, progress: &mut dyn Progress) -> Result<Timed, BenchError> {
        let mut watch = Stopwatch(Instant::now());
        let mut engine = self.open(progress)?;
        let start_s = watch.lap_s();
        let mut n_spikes = 0;
        self.run_steps(engine.as_mut(), self.n_steps(), |_, spikes| n_spikes += spikes.len() as u64)?;
        let simulate_s = watch.lap_s();
        let start_stages = engine.start_stages().into_iter().map(MeasuredStage::from).collect();
        Ok(Timed { start_s, start_stages, simulate_s, n_spikes })
    }

    fn clocked_run(&self, progress: &mut dyn Progress) -> Result<Clocked, BenchError> {
        let mut engine = self.open(progress)?;
        engine.clock_stages();
        let mut spikes_of = vec![0u32; self.integers.n_neurons() as usize];
        let mut watch = Stopwatch(Instant::now());
        let mut hash = SpikeHash::default();
        self.run_steps(engine.as_mut(), self.n_steps(), |step, spikes| {
            spikes.iter().for_each(|&neuron| spikes_of[neuron as usize] += 1);
            hash.take(step, spikes);
        })?;
        let stages =
            Stages::new(watch.lap_s(), engine.stages().into_iter().map(MeasuredStage::from).collect());
        let held = engine.memory();
        let memory = MemoryUse {
            planned_host_bytes: self.plan.memory.host_bytes(),
            planned_device_bytes: self.plan.memory.device_bytes(),
            engine_host_bytes: held.host_bytes,
            engine_device_bytes: held.device_bytes,
            peak_host_bytes: peak_memory_bytes(),
        };
        let (_, spikes_sha256) = hash.finish();
        Ok(Clocked { stages, spikes_of, spikes_sha256, memory, description: engine.description() })
    }

    fn measurement(
        &self,
        build: Build,
        timed: Vec<Timed>,
        clocked: Clocked,
    ) -> Result<Measurement, BenchError> {
        let n_spikes = clocked.spikes_of.iter().map(|&spikes| u64::from(spikes)).sum();
        if let Some(other) = timed.iter().map(|run| run.n_spikes).find(|&n| n != n_spikes) {
            return Err(BenchError::NotRepeatable { spikes: n_spikes, other });
        }
        let Config { scaling, simulation, .. } = self.config;
        let n_events = count_events(self.integers, self.synapses, &clocked.spikes_of);
        Ok(Measurement {
            config: self.config.name.clone().unwrap_or_default(),
            seed: simulation.seed,
            n_scaling: scaling.n_scaling,
            k_scaling: scaling.k_scaling,
            duration_ms: simulation.duration_ms,
            dt_ms: simulation.dt_ms,
            n_steps: self.n_steps(),
            n_neurons: self.integers.n_neurons().into(),
            n_synapses: self.integers.n_synapses(),
            description: clocked.description,
            threads: self.plan.engine().threads(),
            shards: self.plan.shards,
            procedural_synapses: self.plan.is_procedural(),
            build,
            start: start(&timed),
            simulation: Simulated::new(
                timed.iter().map(|run| run.simulate_s).collect(),
                simulation.duration_ms / MS_PER_S,
                n_spikes,
                n_events,
            ),
            spikes_sha256: clocked.spikes_sha256,
            stages: clocked.stages,
            memory: clocked.memory,
            others: None,
        })
    }

    /// Runs `n_steps` steps; `on_spikes` gets each step with the neurons that spiked in it.
    fn run_steps(
        &self,
        engine: &mut dyn Engine,
        n_steps: u32,
        mut on_spikes: impl FnMut(u32, &[u32]),
    ) -> Result<(), BenchError> {
        let simulated = simulate(engine, n_steps, |batch| {
            batch.steps().for_each(|(step, neurons)| on_spikes(step, neurons));
            Ok::<(), Infallible>(())
        });
        simulated.map_err(|error| match error {
            SimulationError::Engine(error) => RunError::from(error).into(),
            SimulationError::Receiver(never) => match never {},
        })
    }
}

/// The start that took the median time, with its parts.
fn start(timed: &[Timed]) -> Start {
    let mut by_time: Vec<&Timed> = timed.iter().collect();
    by_time.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    let median = by_time.get(by_time.len() / 2);
    Start {
        total_s: median.map_or(0.0, |run| run.start_s),
        stages: median.map_or_else(Vec::new, |run| run.start_stages.clone()),
    }
}

/// Time since the last lap.
struct Stopwatch(Instant);

impl Stopwatch {
    fn lap_s(&mut self) -> f64 {
        let started = std::mem::replace(&mut self.0, Instant::now());
        self.0.duration_since(started).as_secs_f64()
    }
}
