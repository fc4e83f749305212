//! Verifies a GPU against the CPU engine, spike by spike, and measures both.

use super::longest::longest_s;
use super::{BenchError, Machine, Measurement, measure};
use crate::config::{self, Config, Override};
use crate::engine::assembly::BuildError;
use crate::engine::gpu::{
    AdapterInfo, AdapterKind, AdapterSelection, GpuAdapter, GpuError, WGPU_VERSION, adapters,
};
use crate::engine::{EngineError, EngineKind, SynapseStorage};
use crate::progress::Progress;
use crate::run::RunError;
use serde::Serialize;
use std::path::Path;

/// What is checked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GpuCheckOptions {
    /// Only what takes seconds on a software adapter.
    pub small: bool,
    /// Words of the name and interface of the adapter; `None` takes the fastest hardware one, else a software one.
    pub adapter: Option<String>,
    /// Memory of the adapter, GiB; `None` takes what configurations take.
    pub gpu_memory_gib: Option<f64>,
    /// Threads of set-up and of the CPU engine; `None` takes every core.
    pub threads: Option<usize>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GpuCheck {
    /// Version of the program.
    pub version: String,
    /// Version of the library through which the GPU is driven.
    pub wgpu_version: String,
    /// The machine.
    pub machine: Machine,
    /// How long all of it takes at most, s, told before it begins: see [`check_gpu`].
    pub longest_s: f64,
    /// All adapters of the machine.
    pub adapters: Vec<AdapterInfo>,
    /// The one that was checked.
    pub adapter: AdapterInfo,
    /// Whether other spikes were told from the CPU engine's; `None` until that was tried.
    pub other_spikes_told: Option<bool>,
    /// What was run, each configuration first by the CPU engine.
    pub cases: Vec<Case>,
}

/// A configuration on an engine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// The configuration.
    pub config: String,
    /// Model time, ms.
    pub duration_ms: f64,
    /// The engine.
    pub engine: EngineKind,
    /// Whether its synapses are stored or procedural.
    pub synapses: SynapseStorage,
    /// Shards; `None` lets the engine choose.
    pub shards: Option<usize>,
    /// What was found of the spikes.
    pub outcome: CaseOutcome,
    /// What was measured; `None` if nothing could be.
    pub measurement: Option<Measurement>,
}

/// What a case says about the spikes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseOutcome {
    /// The CPU engine's own run, which others are compared with.
    Baseline,
    /// The CPU engine's spikes, all of them.
    Same,
    /// Other spikes than the CPU engine's.
    Different,
    /// The run failed, so that nothing is known.
    Failed(String),
    /// The network is too large for the adapter or the machine, or would take hours on a software adapter.
    LeftOut(String),
}

impl GpuCheck {
    /// Whether the GPU gave the CPU engine's spikes wherever they fit, and other spikes would have been told.
    pub fn is_verified(&self) -> bool {
        let of_gpu = || self.cases.iter().filter(|case| case.engine == EngineKind::Gpu);
        let is_fine = |case: &Case| matches!(case.outcome, CaseOutcome::Same | CaseOutcome::LeftOut(_));
        let any = of_gpu().any(|case| case.outcome == CaseOutcome::Same);
        any && of_gpu().all(is_fine) && self.other_spikes_told == Some(true)
    }
}

/// A built-in configuration that both engines run.
struct Task {
    config: &'static str,
    duration_ms: f64,
    /// Simulations of which the median counts.
    repeat: u32,
    /// How the GPU holds the synapses, in how many shards.
    on_gpu: &'static [(SynapseStorage, Option<usize>)],
    /// Whether it would take hours on a software adapter.
    is_large: bool,
}

const STORED: (SynapseStorage, Option<usize>) = (SynapseStorage::Stored, None);
const PROCEDURAL: (SynapseStorage, Option<usize>) = (SynapseStorage::Procedural, None);
const THREE_SHARDS: (SynapseStorage, Option<usize>) = (SynapseStorage::Stored, Some(3));

/// How many times as long as the CPU engine a software adapter takes at most (measured: 16, `downscaled` on two cores).
const SOFTWARE: f64 = 30.0;

/// With `small`.
const SMALL: &[Task] = &[Task {
    config: "tiny",
    duration_ms: 100.0,
    repeat: 1,
    on_gpu: &[STORED, PROCEDURAL, THREE_SHARDS],
    is_large: false,
}];
/// Without. Large ones run once: their time varies little, and on the CPU engine it is long.
const ALL: &[Task] = &[
    Task { config: "tiny", duration_ms: 300.0, repeat: 1, on_gpu: &[STORED, THREE_SHARDS], is_large: false },
    Task {
        config: "downscaled",
        duration_ms: 2000.0,
        repeat: 3,
        on_gpu: &[STORED, PROCEDURAL, THREE_SHARDS],
        is_large: false,
    },
    Task { config: "one_area", duration_ms: 200.0, repeat: 3, on_gpu: &[PROCEDURAL], is_large: false },
    Task {
        config: "microcircuit",
        duration_ms: 1000.0,
        repeat: 3,
        on_gpu: &[STORED, PROCEDURAL],
        is_large: true,
    },
    Task { config: "full_scale", duration_ms: 500.0, repeat: 1, on_gpu: &[PROCEDURAL], is_large: true },
];

/// Checks the GPU of this machine: every configuration by the CPU engine and then by the GPU, whose spikes must be the
/// same, and once with another seed, which must be told. A case that fails is noted, and the next one made.
///
/// The progress is told first how long it takes at most: as long as the CPU engine's estimate for every case, twice, or
/// thirty times as long for each case of a software adapter.
///
/// `on_part` hears what has been found so far after each part, so that nothing is lost where a
/// driver takes the process down.
///
/// # Errors
/// No adapter, or options that no configuration can have. What else fails is part of the result.
pub fn check_gpu(
    options: &GpuCheckOptions,
    progress: &mut dyn Progress,
    on_part: &mut dyn FnMut(&GpuCheck),
) -> Result<GpuCheck, BenchError> {
    let selection = options.adapter.as_deref().map_or(AdapterSelection::Any, AdapterSelection::Named);
    let adapter = GpuAdapter::select(selection).map_err(|error| RunError::Engine(error.into()))?;
    let mut check = GpuCheck {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        wgpu_version: WGPU_VERSION.to_owned(),
        machine: Machine::this(),
        longest_s: 0.0,
        adapters: adapters(),
        adapter: adapter.info().clone(),
        other_spikes_told: None,
        cases: Vec::new(),
    };
    let is_software = check.adapter.kind == AdapterKind::Software;
    let mut checker = Checker { options, progress };
    let tasks = if options.small { SMALL } else { ALL };
    let slower = if is_software { SOFTWARE } else { 1.0 };
    let made = tasks.iter().filter(|task| !(task.is_large && is_software));
    check.longest_s = made.map(|task| task.longest_s(slower, options)).sum::<Result<f64, _>>()?;
    let minutes = (check.longest_s / 60.0).ceil();
    checker.progress.notice(&format!(
        "this takes {minutes} min at most, if the GPU is no slower than {slower} times the CPU engine"
    ));
    for task in tasks {
        if task.is_large && is_software {
            check.cases.extend(task.on_gpu.iter().map(|&way| task.left_out(way)));
            continue;
        }
        let baseline = checker.baseline(task);
        check.cases.push(baseline.clone());
        on_part(&check);
        if check.other_spikes_told.is_none() {
            check.other_spikes_told = checker.tells_other_spikes(task, &baseline);
        }
        for &way in task.on_gpu {
            check.cases.push(checker.compared(task, way, &baseline));
            on_part(&check);
        }
    }
    Ok(check)
}

impl Task {
    /// The configuration on `engine`.
    fn configuration(&self, engine: EngineKind, options: &GpuCheckOptions) -> Result<Config, BenchError> {
        let duration = Override::option("check-gpu", "simulation.duration_ms", self.duration_ms);
        let mut config = config::load(Path::new(&format!("builtin:{}", self.config)), &[duration])?;
        config.engine.engine = engine;
        config.engine.adapter = options.adapter.clone();
        config.engine.threads = options.threads;
        config.engine.gpu_memory_gib = options.gpu_memory_gib.unwrap_or(config.engine.gpu_memory_gib);
        Ok(config)
    }

    /// How long all of its cases take at most if the GPU takes `slower` times as long as the CPU engine, s.
    fn longest_s(&self, slower: f64, options: &GpuCheckOptions) -> Result<f64, BenchError> {
        let of_cpu_s = longest_s(&self.configuration(EngineKind::Cpu, options)?, self.repeat)?;
        // One more case tells another seed.
        Ok(of_cpu_s * (1.0 + slower * (self.on_gpu.len() + 1) as f64))
    }

    fn case(&self, engine: EngineKind, synapses: SynapseStorage, shards: Option<usize>) -> Case {
        Case {
            config: self.config.to_owned(),
            duration_ms: self.duration_ms,
            engine,
            synapses,
            shards,
            outcome: CaseOutcome::Baseline,
            measurement: None,
        }
    }

    fn left_out(&self, (synapses, shards): (SynapseStorage, Option<usize>)) -> Case {
        let reason = "it would take hours on a software adapter".to_owned();
        Case { outcome: CaseOutcome::LeftOut(reason), ..self.case(EngineKind::Gpu, synapses, shards) }
    }
}

/// Who checks, and how.
struct Checker<'a> {
    options: &'a GpuCheckOptions,
    progress: &'a mut dyn Progress,
}

impl Checker<'_> {
    /// The task on the CPU engine.
    fn baseline(&mut self, task: &Task) -> Case {
        let case = task.case(EngineKind::Cpu, SynapseStorage::Auto, None);
        let config = task.configuration(EngineKind::Cpu, self.options);
        match config.and_then(|config| measure(&config, task.repeat, self.progress)) {
            Ok(measurement) => Case { measurement: Some(measurement), ..case },
            Err(error) => Case { outcome: unknown(&error), ..case },
        }
    }

    /// The task on the GPU, beside its `baseline`.
    fn compared(
        &mut self,
        task: &Task,
        (synapses, shards): (SynapseStorage, Option<usize>),
        baseline: &Case,
    ) -> Case {
        let case = task.case(EngineKind::Gpu, synapses, shards);
        let measured = task.configuration(EngineKind::Gpu, self.options).and_then(|mut config| {
            (config.engine.synapses, config.engine.shards) = (synapses, shards);
            measure(&config, task.repeat, self.progress)
        });
        match (measured, baseline.spikes()) {
            (Ok(measurement), Some(spikes)) => {
                let is_same = measurement.spikes_sha256 == spikes;
                let outcome = if is_same { CaseOutcome::Same } else { CaseOutcome::Different };
                Case { outcome, measurement: Some(measurement), ..case }
            }
            (Ok(measurement), None) => {
                let outcome = CaseOutcome::Failed("there is no run of the CPU engine to compare".to_owned());
                Case { outcome, measurement: Some(measurement), ..case }
            }
            (Err(error), _) => Case { outcome: unknown(&error), ..case },
        }
    }

    /// Whether spikes of another seed on the GPU are told from those of the `baseline`; `None` if nothing can be
    /// said.
    fn tells_other_spikes(&mut self, task: &Task, baseline: &Case) -> Option<bool> {
        let mut config = task.configuration(EngineKind::Gpu, self.options).ok()?;
        config.simulation.seed += 1;
        let other = measure(&config, 1, self.progress).ok()?;
        Some(other.spikes_sha256 != baseline.spikes()?)
    }
}

impl Case {
    /// Hash of its spikes.
    fn spikes(&self) -> Option<&str> {
        Some(self.measurement.as_ref()?.spikes_sha256.as_str())
    }
}

/// Why nothing is known of the spikes.
fn unknown(error: &BenchError) -> CaseOutcome {
    let is_too_large = matches!(
        error,
        BenchError::Run(RunError::Build(
            BuildError::TooLarge { .. } | BuildError::Engine(EngineError::Gpu(GpuError::TooLarge { .. }))
        ))
    );
    match is_too_large {
        true => CaseOutcome::LeftOut(error.to_string()),
        false => CaseOutcome::Failed(error.to_string()),
    }
}
