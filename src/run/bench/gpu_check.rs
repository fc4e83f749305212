//! Verifies a GPU against the CPU engine, spike by spike, and measures both.

use super::{BenchError, Machine, Measurement, measure};
use crate::config::{self, Config, Override};
use crate::disk::{self, Place, TemporaryFolder};
use crate::engine::gpu::{AdapterInfo, AdapterSelection, GpuAdapter, adapters};
use crate::engine::{EngineKind, SynapseStorage};
use crate::progress::Progress;
use crate::run::{self, Outcome, Output, RunError, RunReport};
use crate::simulation::recording::{Manifest, NEURON_FILE};
use serde::Serialize;
use std::path::Path;

/// What is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GpuCheckOptions {
    /// Only what takes seconds on a software adapter.
    pub small: bool,
    /// Part of the name of the adapter; `None` takes the fastest hardware one, else a software one.
    pub adapter: Option<String>,
    /// Threads of set-up and of the CPU engine; `None` takes every core.
    pub threads: Option<usize>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GpuCheck {
    /// Version of the program.
    pub version: String,
    /// The machine.
    pub machine: Machine,
    /// All adapters of the machine.
    pub adapters: Vec<AdapterInfo>,
    /// The one that was checked.
    pub adapter: AdapterInfo,
    /// Comparisons with the CPU engine.
    pub comparisons: Vec<Comparison>,
    /// Whether a comparison with spikes that were spoilt on purpose found the difference; `None`
    /// until it was made.
    pub spoilt_spikes_found: Option<bool>,
    /// Measurements.
    pub cases: Vec<Case>,
}

/// A configuration that was run by both engines.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The configuration.
    pub config: String,
    /// Where the GPU's synapses came from.
    pub synapses: SynapseStorage,
    /// Model time, ms.
    pub duration_ms: f64,
    /// Spikes, where the engines agree.
    pub n_spikes: Option<u64>,
    /// What went wrong; `None` where the spikes of both engines are the same.
    pub failure: Option<String>,
}

/// A configuration on an engine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// The configuration.
    pub config: String,
    /// The engine.
    pub engine: EngineKind,
    /// What was measured; `None` where it was not.
    pub measurement: Option<Measurement>,
    /// Why nothing was measured, such as too little memory.
    pub failure: Option<String>,
}

impl GpuCheck {
    /// Whether the GPU gave the CPU engine's spikes, and would have been found out if not.
    pub fn is_verified(&self) -> bool {
        let agree = self.comparisons.iter().all(|comparison| comparison.failure.is_none());
        agree && !self.comparisons.is_empty() && self.spoilt_spikes_found == Some(true)
    }
}

/// What the name of the folder for the runs begins with.
const TEMPORARY: &str = "humam-gpu-check";

/// A built-in configuration with its model time in ms and repetitions.
type Task = (&'static str, f64, u32);
/// A task with where the GPU's synapses come from.
type Compared = (Task, SynapseStorage);

/// Measured with `small`.
const SMALL: &[Task] = &[("tiny", 100.0, 1)];
/// Compared with `small`.
const COMPARED_SMALL: &[Compared] =
    &[(SMALL[0], SynapseStorage::Stored), (SMALL[0], SynapseStorage::Procedural)];
/// Compared without `small`: also an area at full density, whose synapses are procedural.
const COMPARED: &[Compared] = &[
    (("tiny", 300.0, 1), SynapseStorage::Stored),
    (("downscaled", 1000.0, 1), SynapseStorage::Stored),
    (("downscaled", 1000.0, 1), SynapseStorage::Procedural),
    (("one_area", 200.0, 1), SynapseStorage::Procedural),
];
/// Measured without `small`, as far as they are built in and fit. Large ones run once: their time varies
/// little, and on the CPU engine it is long.
const MEASURED: &[Task] = &[
    ("downscaled", 2000.0, 3),
    ("microcircuit", 1000.0, 3),
    ("one_area", 200.0, 3),
    ("full_scale", 500.0, 1),
];

/// Checks the GPU of this machine.
///
/// 1. Runs by the CPU engine and then by the GPU, compared spike by spike.
/// 2. The same with one spike of the first run spoilt, which must be found.
/// 3. Measurements on both engines. One that fails, or does not fit, is noted, and the next one made.
///
/// `on_part` hears what has been found so far after each part, so that nothing is lost where a
/// driver takes the process down.
///
/// # Errors
/// No adapter, or no folder for the runs. What else fails is part of the result.
pub fn check_gpu(
    options: &GpuCheckOptions,
    progress: &mut dyn Progress,
    on_part: &mut dyn FnMut(&GpuCheck),
) -> Result<GpuCheck, BenchError> {
    let selection = options.adapter.as_deref().map_or(AdapterSelection::Any, AdapterSelection::Named);
    let adapter = GpuAdapter::select(selection).map_err(|error| RunError::Engine(error.into()))?;
    let mut check = GpuCheck {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        machine: Machine::this(),
        adapters: adapters(),
        adapter: adapter.info().clone(),
        comparisons: Vec::new(),
        spoilt_spikes_found: None,
        cases: Vec::new(),
    };
    let folder = TemporaryFolder::new(TEMPORARY).map_err(|error| BenchError::File {
        path: std::env::temp_dir().join(TEMPORARY),
        reason: error.to_string(),
    })?;
    let (compared, measured) = if options.small { (COMPARED_SMALL, SMALL) } else { (COMPARED, MEASURED) };
    for task in compared {
        check.comparisons.push(compare(task, options, &folder.path().join("compared"), progress));
        on_part(&check);
    }
    if let Some(task) = compared.first() {
        check.spoilt_spikes_found =
            Some(finds_spoilt_spikes(task, options, &folder.path().join("spoilt"), progress));
        on_part(&check);
    }
    let is_there = |task: &&Task| config::builtin(task.0).is_some();
    for task in measured.iter().filter(is_there) {
        for engine in [EngineKind::Gpu, EngineKind::Cpu] {
            check.cases.push(case(task, engine, options, progress)?);
            on_part(&check);
        }
    }
    Ok(check)
}

/// The configuration of `task` on `engine`.
fn configuration(task: &Task, engine: EngineKind, options: &GpuCheckOptions) -> Result<Config, BenchError> {
    let (name, duration_ms, _) = task;
    let duration = Override::option("check-gpu", "simulation.duration_ms", duration_ms);
    let mut config = config::load(Path::new(&format!("builtin:{name}")), &[duration])?;
    config.engine.engine = engine;
    config.engine.adapter = options.adapter.clone();
    config.engine.threads = options.threads;
    Ok(config)
}

/// Runs by both engines; the second compares. `between` sees the first one's folder.
fn run_both(
    (task, synapses): &Compared,
    options: &GpuCheckOptions,
    folder: &Path,
    progress: &mut dyn Progress,
    between: impl FnOnce(&Path) -> Result<(), BenchError>,
) -> Result<RunReport, BenchError> {
    // Nothing that may lie in the folder counts.
    let output = |force| Output { folder: folder.to_owned(), force };
    let first = run::run(&configuration(task, EngineKind::Cpu, options)?, &output(true), progress)?;
    between(&first.folder)?;
    let mut on_gpu = configuration(task, EngineKind::Gpu, options)?;
    on_gpu.engine.synapses = *synapses;
    Ok(run::run(&on_gpu, &output(false), progress)?)
}

fn compare(
    compared: &Compared,
    options: &GpuCheckOptions,
    folder: &Path,
    progress: &mut dyn Progress,
) -> Comparison {
    let (n_spikes, failure) = match run_both(compared, options, folder, progress, |_| Ok(())) {
        Ok(report) if report.outcome == Outcome::Confirmed => (Some(report.manifest.n_spikes), None),
        Ok(report) => {
            (None, Some(format!("the runs were not compared: the second was {:?}", report.outcome)))
        }
        Err(error) => (None, Some(error.to_string())),
    };
    let ((config, duration_ms, _), synapses) = *compared;
    Comparison { config: config.to_owned(), synapses, duration_ms, n_spikes, failure }
}

/// Whether one changed spike is found.
fn finds_spoilt_spikes(
    compared: &Compared,
    options: &GpuCheckOptions,
    folder: &Path,
    progress: &mut dyn Progress,
) -> bool {
    match run_both(compared, options, folder, progress, spoil) {
        Err(BenchError::Run(RunError::Differs { .. })) => true,
        // What else may fail has been reported by the comparison without spoilt spikes.
        _ => false,
    }
}

/// Changes the last neuron in a run's file of spikes, and its hash with it, so that only a comparison finds it.
fn spoil(run: &Path) -> Result<(), BenchError> {
    let mut manifest = Manifest::read(run).map_err(RunError::from)?;
    let file = &run.join(NEURON_FILE);
    let failed =
        |error: std::io::Error| BenchError::File { path: file.to_owned(), reason: error.to_string() };
    let mut bytes = disk::read_limited(file, u64::MAX).map_err(failed)?;
    // The least byte of the last little-endian number.
    if let Some(last) = bytes.iter_mut().rev().nth(3) {
        *last ^= 1;
    }
    Place::from(file).write(&bytes, false).map_err(failed)?;
    Ok(manifest.seal(run).map_err(RunError::from)?)
}

fn case(
    task: &Task,
    engine: EngineKind,
    options: &GpuCheckOptions,
    progress: &mut dyn Progress,
) -> Result<Case, BenchError> {
    let config = configuration(task, engine, options)?;
    let (measurement, failure) = match measure(&config, task.2, progress) {
        Ok(measurement) => (Some(measurement), None),
        Err(error) => (None, Some(error.to_string())),
    };
    Ok(Case { config: task.0.to_owned(), engine, measurement, failure })
}
