//! What a run will take at rates that are expected: memory, and roughly time.

use super::activity::{rate_hz, spikes_per_step};
use super::{EnginePlan, MemoryPlan};
use crate::engine::fixed_point::IntegerNetwork;
use crate::model::network::NetworkSpec;

/// Rates beside those of the theory at which a run is estimated, spikes/s of every neuron: the ground state of
/// the full model has about one, its state of high activity about five (publication: Pronold et al. 2024).
pub const STATED_RATES_HZ: [f64; 3] = [1.0, 5.0, 20.0];

/// Cost of one synapse of the set-up, ns a core.
const STORED_NS: f64 = 40.0;
/// The same where only rows are counted.
const COUNTED_NS: f64 = 1.0;
/// Cost of a step of a network without neurons, ns (`tiny` with 326 neurons for 600,000 steps on one thread).
const STEP_NS: f64 = 300.0;
/// Cost of a step where threads wait for each other, ns (the same, and `tiny`, on two threads).
const BARRIER_NS: f64 = 800.0;
/// Part of the threads' time in which they work, where they share a step (`tiny` and `downscaled`, two threads
/// against one).
const PARALLEL_EFFICIENCY: f64 = 0.85;
/// Cost of a shard's step, ns a core (the same with 20 shards).
const SHARD_NS: f64 = 190.0;
/// Cost of one neuron's step, ns a core (`tiny` and `downscaled` on one thread).
const UPDATE_NS: f64 = 0.46;
/// Cost of one spike's arrival at one synapse, ns a core (the same).
const EVENT_NS: f64 = 3.3;
/// Cost of one spike on its way to a file, ns.
const SPIKE_NS: f64 = 20.0;
/// Cost of one external spike that is drawn by itself, ns a core.
const EXTERNAL_NS: f64 = 5.0;
/// Cost of drawing how many external spikes a neuron gets in a step, ns a core: what is done where
/// they are many.
const EXTERNAL_COUNT_NS: f64 = 1.7;
const NS_PER_S: f64 = 1e9;
const MS_PER_S: f64 = 1e3;

/// What a run takes where populations spike at some rates.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Mean over neurons of the rates, spikes/s.
    pub mean_rate_hz: f64,
    /// Memory.
    pub memory: MemoryPlan,
    /// Wall-clock time on the CPU engine of a second of model time, s.
    pub per_model_second_s: f64,
    /// The same of the events of the first step, where many neurons start above threshold, s.
    pub start_s: f64,
}

impl Estimate {
    /// Wall-clock time on the CPU engine of so much model time, s.
    pub fn simulate_s(&self, duration_ms: f64) -> f64 {
        self.start_s + self.per_model_second_s * duration_ms / MS_PER_S
    }
}

/// Estimates a run of `network`, `integers` on the grid of time, in which populations spike at `rates_hz`, such
/// as the theory's.
///
/// Time is that of the CPU engine, from what its parts cost on two cores of a server (AMD EPYC, Zen 4, 2.6 GHz, AVX-512;
/// BENCHMARKS.md, "What was estimated"). Other machines differ by a factor of two or so.
pub fn estimate(
    network: &NetworkSpec,
    integers: &IntegerNetwork,
    plan: &EnginePlan,
    rates_hz: &[f64],
) -> Estimate {
    let steps = MS_PER_S / integers.dt_ms;
    // The spikes of `neurons` sources, `synapses` / `neurons` arrivals each.
    let events: f64 =
        network.projections.iter().map(|p| p.synapses as f64 * rate_hz(rates_hz, p.source)).sum();
    let external: f64 = network
        .populations
        .iter()
        .filter_map(|p| Some(p.poisson?.rate_hz * p.poisson?.synapses as f64))
        .sum();
    let updates = network.n_neurons() as f64 * steps;
    let threads = plan.engine().threads().clamp(1, plan.shards.max(1));
    let (cores, barrier_ns) = match threads {
        1 => (1.0, 0.0),
        threads => (threads as f64 * PARALLEL_EFFICIENCY, BARRIER_NS),
    };
    let spikes_hz = spikes_per_step(integers, rates_hz) * steps;
    let shared_ns = updates * UPDATE_NS
        + steps * plan.shards as f64 * SHARD_NS
        + events * EVENT_NS
        + (external * EXTERNAL_NS).min(updates * EXTERNAL_COUNT_NS);
    Estimate {
        mean_rate_hz: spikes_hz / network.n_neurons().max(1) as f64,
        memory: plan.memory_at(integers, rates_hz),
        per_model_second_s: (steps * (STEP_NS + barrier_ns) + spikes_hz * SPIKE_NS + shared_ns / cores)
            / NS_PER_S,
        start_s: plan.events_at_start(integers) as f64 * EVENT_NS / cores / NS_PER_S,
    }
}

/// The same where every neuron spikes at `rate_hz`.
pub fn estimate_at(
    network: &NetworkSpec,
    integers: &IntegerNetwork,
    plan: &EnginePlan,
    rate_hz: f64,
) -> Estimate {
    estimate(network, integers, plan, &vec![rate_hz; network.populations.len()])
}

/// Wall-clock time from the network to an engine at step 0, s.
pub fn estimate_build_s(network: &NetworkSpec, plan: &EnginePlan) -> f64 {
    let synapse_ns = if plan.is_procedural() { COUNTED_NS } else { STORED_NS };
    network.n_synapses() as f64 * synapse_ns / NS_PER_S / plan.engine().threads().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::EngineKind;
    use crate::engine::assembly::{BuildOptions, choose_engine, integer_network};
    use crate::model::anatomy::Tables;
    use crate::model::{ModelOptions, model_network};

    /// Estimate of a network of that part of the neurons, with next to no synapses, in which no neuron spikes.
    fn at_rest(n_scaling: f64, threads: usize) -> Estimate {
        let (mut model, mut options) = (ModelOptions::default(), BuildOptions::default());
        (model.scaling.n_scaling, model.scaling.k_scaling) = (n_scaling, 0.001);
        (options.engine.engine, options.engine.threads) = (EngineKind::Cpu, Some(threads));
        let tables = Tables::load(&model.anatomy).unwrap();
        let network = model_network(&model, &tables, &mut ()).unwrap().network;
        let integers = integer_network(&network, &options).unwrap();
        let plan = choose_engine(&options.engine).unwrap().plan(&integers);
        estimate_at(&network, &integers, &plan, 0.0)
    }

    #[test]
    fn a_step_takes_time_however_few_neurons_there_are() {
        let [few, more] = [0.0001, 0.001].map(|n_scaling| at_rest(n_scaling, 1));
        let step_s = STEP_NS / NS_PER_S * 1e4;
        assert!(few.per_model_second_s > step_s && few.per_model_second_s < 3.0 * step_s, "{few:?}");
        assert!(more.per_model_second_s > 2.0 * few.per_model_second_s, "{more:?}");
        // Threads that wait for each other are no gain if there is little to do.
        assert!(at_rest(0.0001, 2).per_model_second_s > few.per_model_second_s);
        assert_eq!((few.mean_rate_hz, few.simulate_s(0.0)), (0.0, few.start_s));
    }
}
