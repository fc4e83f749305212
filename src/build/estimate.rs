//! How long a run will take, roughly.

use super::EnginePlan;
use crate::network::NetworkSpec;

/// Cost of one synapse of the set-up, ns a core.
const STORED_NS: f64 = 40.0;
/// The same where only rows are counted.
const COUNTED_NS: f64 = 2.0;
/// Cost of one neuron's step, ns a core.
const UPDATE_NS: f64 = 0.6;
/// Cost of one spike's arrival at one synapse, ns a core.
const EVENT_NS: f64 = 3.5;
/// Cost of one external spike that is drawn by itself, ns a core.
const EXTERNAL_NS: f64 = 5.0;
/// Cost of drawing how many external spikes a neuron gets in a step, ns a core: what is done where
/// they are many.
const EXTERNAL_COUNT_NS: f64 = 1.7;
const NS_PER_S: f64 = 1e9;
const MS_PER_S: f64 = 1e3;

/// Wall-clock time of a run on the CPU engine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeEstimate {
    /// From the network to an engine at step 0, s.
    pub build_s: f64,
    /// Of a second of model time, s.
    pub per_model_second_s: f64,
}

/// Estimates the CPU engine's time from what its parts cost on a desktop core with AVX2
/// (measured on the down-scaled model; other machines differ by a factor of two or so).
///
/// `rates_hz` are the rates to expect of every population, such as the theory's.
pub fn estimate_time(network: &NetworkSpec, rates_hz: &[f64], dt_ms: f64, plan: &EnginePlan) -> TimeEstimate {
    let rate_hz = |population: usize| rates_hz.get(population).copied().unwrap_or(0.0);
    // The spikes of `neurons` sources, `synapses` / `neurons` arrivals each.
    let events: f64 = network.projections.iter().map(|p| p.synapses as f64 * rate_hz(p.source)).sum();
    let external: f64 = network
        .populations
        .iter()
        .filter_map(|p| Some(p.poisson?.rate_hz * p.poisson?.synapses as f64))
        .sum();
    let updates = network.n_neurons() as f64 * MS_PER_S / dt_ms;
    let ns =
        updates * UPDATE_NS + events * EVENT_NS + (external * EXTERNAL_NS).min(updates * EXTERNAL_COUNT_NS);
    let cores = plan.engine().threads().max(1) as f64;
    let synapse_ns = if plan.is_procedural { COUNTED_NS } else { STORED_NS };
    TimeEstimate {
        build_s: network.n_synapses() as f64 * synapse_ns / NS_PER_S / cores,
        per_model_second_s: ns / NS_PER_S / cores,
    }
}
