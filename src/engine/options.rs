//! Options of engines: how spikes are computed. Nothing here changes one.

use crate::rules::Check;
use serde::{Deserialize, Serialize};

/// Threads: more than the machines of today have cores.
const MAX_THREADS: u64 = 4096;
/// Shards: far more than a network has populations, of which each has at most one.
const MAX_SHARDS: u64 = 65_536;
/// Steps between two visits of the host, whose spikes are held until then: 100 s at 0.1 ms.
const MAX_BATCH_STEPS: u64 = 1_000_000;
/// Spikes of a history, whose places are powers of two in 32 bits.
const MAX_HISTORY_SPIKES: u64 = 1 << 31;

/// How it is computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EngineOptions {
    /// Which engine runs the network.
    pub engine: EngineKind,
    /// Words of the name and interface of the GPU adapter to use; `None` takes the fastest hardware one.
    pub adapter: Option<String>,
    /// Threads of the CPU engine and of set-up; `None` takes every core.
    pub threads: Option<usize>,
    /// Shards of target neurons; `None` lets the engine choose.
    pub shards: Option<usize>,
    /// Steps computed between two visits of the host; `None` lets the engine choose.
    pub batch_steps: Option<u32>,
    /// Model time between checkpoints, from which a run can go on that was stopped, ms; rounded up to
    /// whole blocks of 64 steps. `None` writes none but if the run is asked to stop.
    pub checkpoint_every_ms: Option<f64>,
    /// Vector instructions of the CPU engine.
    pub vectors: Vectors,
    /// Whether synapses are stored or procedural, drawn anew with every spike.
    pub synapses: SynapseStorage,
    /// Memory of the GPU that the engine may plan with, GiB; no interface tells how much there is.
    pub gpu_memory_gib: f64,
    /// Spikes that the GPU engine's history holds if synapses are procedural; `None` lets the
    /// engine choose.
    pub history_spikes: Option<u32>,
    /// Whether the shaders of the GPU engine compute with 64-bit integers where the adapter has them. If a driver
    /// gets them wrong, false does without.
    pub gpu_int64: bool,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            engine: EngineKind::Auto,
            adapter: None,
            threads: None,
            shards: None,
            batch_steps: None,
            checkpoint_every_ms: None,
            vectors: Vectors::Auto,
            synapses: SynapseStorage::Auto,
            gpu_memory_gib: 12.0,
            history_spikes: None,
            gpu_int64: true,
        }
    }
}

/// Which engine runs the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// A hardware GPU if there is one, else the CPU engine.
    Auto,
    /// wgpu compute shaders.
    Gpu,
    /// Threads and vector instructions.
    Cpu,
    /// Plain and slow: what the others are tested against.
    Reference,
}

/// Vector instructions of the CPU engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vectors {
    /// The widest that the machine has.
    Auto,
    /// AVX-512.
    Avx512,
    /// AVX2.
    Avx2,
    /// What every machine has.
    Baseline,
}

/// Whether synapses are stored or procedural, drawn anew with every spike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SynapseStorage {
    /// Stored if memory and adapter hold them, a GPU if it does so in one shard; else procedural in engines that can draw
    /// them.
    Auto,
    /// Written down: 8 bytes a synapse.
    Stored,
    /// Drawn again: 2 bytes for each pair of source neuron and projection (CPU and GPU engine).
    Procedural,
}

impl Check {
    pub fn engine(&mut self, e: &EngineOptions) {
        self.at_least_one("engine.threads", e.threads.map(|n| n as u64), MAX_THREADS);
        self.at_least_one("engine.shards", e.shards.map(|n| n as u64), MAX_SHARDS);
        self.at_least_one("engine.batch_steps", e.batch_steps.map(u64::from), MAX_BATCH_STEPS);
        self.at_least_one("engine.history_spikes", e.history_spikes.map(u64::from), MAX_HISTORY_SPIKES);
        if let Some(every_ms) = e.checkpoint_every_ms {
            self.above_zero("engine.checkpoint_every_ms", every_ms);
        }
        self.above_zero("engine.gpu_memory_gib", e.gpu_memory_gib);
    }
}
