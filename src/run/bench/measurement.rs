//! What a measurement holds, as it is written to JSON.

use super::{MS_PER_S, Machine, NS_PER_S, Others};
use crate::engine::{Description, StageTime};
use serde::Serialize;

/// Raised when fields of the JSON change their meaning.
const FORMAT: u32 = 1;

/// Measurements with the machine on which they were made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Version of this layout.
    pub format: u32,
    /// Version of the program.
    pub version: String,
    /// The machine.
    pub machine: Machine,
    /// The measurements in the order in which they were made.
    pub measurements: Vec<Measurement>,
    /// Time per synaptic event of each measurement over that of the first; `None` without events.
    pub growth: Vec<Option<f64>>,
}

impl Report {
    /// A report of what was measured on this machine.
    pub fn new(measurements: Vec<Measurement>) -> Self {
        let ns_per_event = |m: &Measurement| m.simulation.ns_per_event;
        let first = measurements.first().and_then(ns_per_event);
        let growth = measurements.iter().map(|m| Some(ns_per_event(m)? / first?)).collect();
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { format: FORMAT, version, machine: Machine::this(), measurements, growth }
    }
}

/// One configuration on one engine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measurement {
    /// Name of the configuration.
    pub config: String,
    /// Seed.
    pub seed: u64,
    /// Fraction of neurons.
    pub n_scaling: f64,
    /// Fraction of synapses per neuron.
    pub k_scaling: f64,
    /// Model time, ms.
    pub duration_ms: f64,
    /// Resolution, ms.
    pub dt_ms: f64,
    /// Number of steps.
    pub n_steps: u32,
    /// Number of neurons.
    pub n_neurons: u64,
    /// Number of recurrent synapses.
    pub n_synapses: u64,
    /// Engine, adapter and driver.
    #[serde(flatten)]
    pub description: Description,
    /// Threads of set-up, and of the CPU engine.
    pub threads: usize,
    /// Shards of target neurons.
    pub shards: usize,
    /// Whether synapses are procedural, and not stored.
    pub procedural_synapses: bool,
    /// The build, made once.
    pub build: Build,
    /// The start of the engine, median over repetitions.
    pub start: Start,
    /// The simulation, without clocks.
    pub simulation: Simulated,
    /// SHA-256 of all spikes, as `verify` tells it of a run.
    pub spikes_sha256: String,
    /// One more simulation with clocks.
    pub stages: Stages,
    /// Memory.
    pub memory: MemoryUse,
    /// What other programs took of the cores meanwhile; `None` if the system does not tell.
    pub others: Option<Others>,
}

/// From a configuration to synapses.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Build {
    /// All of it, s.
    pub total_s: f64,
    /// From tables to the network, with its theory, s.
    pub network_s: f64,
    /// From the network to integers and a plan, s.
    pub integers_s: f64,
    /// Synapses, drawn or counted, s.
    pub synapses_s: f64,
}

impl Build {
    pub(super) fn new(network_s: f64, integers_s: f64, synapses_s: f64) -> Self {
        Self { total_s: network_s + integers_s + synapses_s, network_s, integers_s, synapses_s }
    }
}

/// From synapses to an engine at step 0.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Start {
    /// All of it, s.
    pub total_s: f64,
    /// What it was spent on, such as `shaders`; empty if the engine does not tell.
    pub stages: Vec<MeasuredStage>,
}

/// Wall-clock time of a part.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeasuredStage {
    /// The part.
    pub name: &'static str,
    /// Its time, s.
    pub seconds: f64,
}

impl From<StageTime> for MeasuredStage {
    fn from(time: StageTime) -> Self {
        Self { name: time.name, seconds: time.ns as f64 / NS_PER_S }
    }
}

/// Simulations of the whole time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulated {
    /// Wall-clock time of each repetition, s.
    pub repetitions_s: Vec<f64>,
    /// Their median, s; of an even number the upper one of the two in the middle.
    pub median_s: f64,
    /// Median over model time; below 1 is faster than real time.
    pub real_time_factor: f64,
    /// Spikes.
    pub n_spikes: u64,
    /// Synaptic events: spikes times synapses of the neuron that spiked, counted from its rows.
    pub n_events: u64,
    /// Synaptic events in a second of wall-clock time.
    pub events_per_s: f64,
    /// Wall-clock time over synaptic events, ns; `None` without events.
    pub ns_per_event: Option<f64>,
}

impl Simulated {
    pub(super) fn new(repetitions_s: Vec<f64>, model_s: f64, n_spikes: u64, n_events: u64) -> Self {
        let mut sorted = repetitions_s.clone();
        sorted.sort_by(f64::total_cmp);
        let median_s = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
        let events = n_events as f64;
        Self {
            repetitions_s,
            median_s,
            real_time_factor: median_s / model_s,
            n_spikes,
            n_events,
            events_per_s: events / median_s,
            ns_per_event: (n_events > 0).then(|| median_s * NS_PER_S / events),
        }
    }
}

/// A simulation with the clock of stages on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stages {
    /// All of it, s; clocks make it longer than [`Simulated::median_s`].
    pub total_s: f64,
    /// Time of each stage, mean over threads; empty if the engine or the adapter has no clock.
    pub stages: Vec<MeasuredStage>,
    /// What is in no stage, s: batches that are handed over, and the host.
    pub other_s: f64,
}

impl Stages {
    pub(super) fn new(total_s: f64, stages: Vec<MeasuredStage>) -> Self {
        let clocked_s: f64 = stages.iter().map(|stage| stage.seconds).sum();
        Self { total_s, stages, other_s: (total_s - clocked_s).max(0.0) }
    }
}

/// Memory that a network took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MemoryUse {
    /// Predicted before the build, on the host, bytes.
    pub planned_host_bytes: u64,
    /// Predicted before the build, on the device, bytes.
    pub planned_device_bytes: u64,
    /// Held by the engine on the host at the end, bytes.
    pub engine_host_bytes: u64,
    /// Held by the engine on the device at the end, bytes.
    pub engine_device_bytes: u64,
    /// Most that the process has held until then, bytes; with several measurements in one process
    /// that of the largest so far. `None` if the system does not tell.
    pub peak_host_bytes: Option<u64>,
}

impl Measurement {
    /// Model time, s.
    pub fn model_s(&self) -> f64 {
        self.duration_ms / MS_PER_S
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one_and_no_events_have_no_time() {
        let simulated = Simulated::new(vec![3.0, 1.0, 2.0], 4.0, 5, 1_000_000_000);
        assert_eq!((simulated.median_s, simulated.real_time_factor), (2.0, 0.5));
        assert_eq!((simulated.events_per_s, simulated.ns_per_event), (5e8, Some(2.0)));
        assert_eq!(Simulated::new(vec![1.0], 1.0, 0, 0).ns_per_event, None);
    }

    #[test]
    fn what_is_in_no_stage_is_the_rest() {
        let stages = Stages::new(
            3.0,
            vec![
                MeasuredStage { name: "update", seconds: 1.0 },
                MeasuredStage { name: "deliver", seconds: 0.5 },
            ],
        );
        assert_eq!(stages.other_s, 1.5);
    }
}
