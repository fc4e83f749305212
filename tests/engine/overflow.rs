//! Nothing overflows unseen: bounds that choose formats hold at their limits, and what leaves its range
//! while a network runs stops it, in every engine, with the neuron and the key.

use crate::fixtures::explicit_network::{DT_MS, excitatory};
use crate::fixtures::ways::{Way, outcome_or_error};
use humam_gpu::engine::fixed_point::{
    Arithmetic, CURRENT_LIMIT, FormatsError, IntegerDrive, IntegerNetwork, max_of, step_neuron,
};
use humam_gpu::engine::rng::Bulk;
use humam_gpu::engine::synapses::{CsrError, CsrStore, row_counts, synapse};
use humam_gpu::engine::{EngineError, State, Vectors};
use humam_gpu::model::network::{ConnectionRule, Delay, NetworkSpec, Normal, Population, Projection};

/// Sources of the network whose spikes arrive all at once.
const SOURCES: u32 = 1024;
/// Neurons beside the one that is looked at.
const BYSTANDERS: u32 = 70;
/// mV; far above what any neuron here reaches, and within the range of 16 bits.
const UNREACHABLE_MV: f64 = 20_000.0;
const SEED: u64 = 5;

/// A population of equal neurons at rest.
fn resting(name: &str, neurons: u32) -> Population {
    Population::new(name, neurons, excitatory())
}

/// Neurons that spike in step 1 and never again: they start above threshold and are reset to E_L.
fn firing_once(neurons: u32) -> Population {
    let initial_v_m_mv = Normal { mean: excitatory().v_th_mv + 25.0, sd: 0.0 };
    Population { initial_v_m_mv, ..resting("sources", neurons) }
}

/// A neuron that never spikes.
fn silent(name: &str, neurons: u32) -> Population {
    let mut population = resting(name, neurons);
    population.neuron.v_th_mv = UNREACHABLE_MV;
    population
}

/// Synapses of equal weight, so many integer units of `bits` fractional bits each, and equal delay.
fn equal_synapses(synapses: u64, weight: i32, bits: u32, delay_steps: u32) -> Projection {
    let weight_pa = f64::from(weight) / f64::from(1u32 << bits) * excitatory().c_m_pf;
    let delay = Delay::constant(f64::from(delay_steps) * DT_MS);
    Projection { rule: None, source: 1, target: 2, synapses, weight_pa, weight_relative_sd: 0.0, delay }
}

/// One target of [`SOURCES`] synapses of that weight, all of which deliver in one step.
fn all_at_once(weight: i32, bits: u32) -> NetworkSpec {
    let populations = vec![silent("bystanders", BYSTANDERS), firing_once(SOURCES), silent("target", 1)];
    let projections = vec![equal_synapses(SOURCES.into(), weight, bits, 3)];
    // Each of the in-degrees is exact, so that the bound for drawn synapses is the sum itself.
    NetworkSpec {
        connection_rule: ConnectionRule::FixedIndegree,
        ..NetworkSpec::new(populations, projections)
    }
}

fn bits(v_m_bits: u32, current_bits: u32, weight_bits: u32) -> Arithmetic {
    let [v_m_bits, current_bits, weight_bits] = [v_m_bits, current_bits, weight_bits].map(Some);
    Arithmetic { v_m_bits, current_bits, weight_bits }
}

fn integers(spec: &NetworkSpec, arithmetic: &Arithmetic) -> IntegerNetwork {
    IntegerNetwork::new(spec, DT_MS, SEED, arithmetic).expect("a network that fits its formats")
}

/// The state after that many steps, or why the engine stopped.
fn state(way: Way, network: &IntegerNetwork, steps: u32) -> Option<Result<State, EngineError>> {
    way.with(network, |engine| Ok(outcome_or_error(engine, None, &[steps])?.state))
}

/// What each way makes of `network` in that many steps.
fn in_every_way(network: &IntegerNetwork, steps: u32) -> Vec<(String, Result<State, EngineError>)> {
    let baseline = Way::CPU.vectors(Vectors::Baseline);
    let reference = [Way::REFERENCE, Way::REFERENCE.procedural()];
    let ways = [Way::CPU, Way::CPU.procedural(), baseline, baseline.procedural()];
    let ways =
        reference.into_iter().chain(ways).chain([Way::GPU, Way::GPU.procedural()]).map(|way| way.shards(2));
    ways.filter_map(|way| Some((format!("{way:?}"), state(way, network, steps)?))).collect()
}

/// Every engine stops and names the same step and neuron, its population and the key, with one bit less.
fn every_engine_names(network: &IntegerNetwork, steps: u32, population_: &str, expected_key: &str) {
    let expected = network.populations.iter().find(|p| p.name == population_).expect("it is there");
    let mut first_told = None;
    for (name, outcome) in in_every_way(network, steps) {
        let error = outcome.expect_err(&name);
        let EngineError::Overflow { neuron, ref population, key, bits, lower, .. } = error else {
            panic!("{name}: {error}")
        };
        assert_eq!((neuron, population.as_str()), (expected.first_neuron, population_), "{name}");
        assert_eq!((key, lower), (expected_key, bits - 1), "{name}");
        assert!(error.to_string().contains(&format!("neuron {neuron} ('{population_}')")), "{error}");
        let told = error.to_string();
        assert_eq!(told, *first_told.get_or_insert(told.clone()), "{name}");
    }
}

#[test]
fn a_sum_of_weights_is_refused_from_the_first_that_could_wrap_unseen() {
    // 2¹⁰ synapses: a sum of 2³¹ and a current within its limits never wrap to a current within them.
    let arithmetic = bits(16, 16, 16);
    integers(&all_at_once((1 << 21) - 1, 16), &arithmetic);
    let network = IntegerNetwork::new(&all_at_once((1 << 21) + 1, 16), DT_MS, SEED, &arithmetic);
    let error = network.expect_err("the sum does not fit");
    let FormatsError::Range { population, key, bits, value, limit, .. } = &error else { panic!("{error}") };
    assert_eq!((population.as_str(), *key, *bits), ("target", "arithmetic.current_bits", 16));
    assert!(error.is_range() && value > limit && *value < 1.001 * limit, "{error}");
    integers(&all_at_once((1 << 21) + 1, 16), &self::bits(15, 15, 15));
}

#[test]
fn of_several_faults_every_engine_names_the_first_neuron_and_there_the_potential() {
    // With 22 bits the sum of all that arrives in step 4 is the first current out of range.
    let mut spec = all_at_once(1 << 14, 16);
    let (mut other, again) = (spec.populations[2].clone(), spec.projections[0]);
    other.cell_type = "other".into();
    spec.populations.push(other);
    spec.projections.push(Projection { target: 3, ..again });
    every_engine_names(&integers(&spec, &bits(22, 22, 16)), 100, "target", "arithmetic.current_bits");
    // In the same step a potential passes the end of its range, 448 mV below E_L, by 12 mV a step.
    let neuron = spec.populations[2].neuron;
    for population in &mut spec.populations[2..] {
        population.initial_v_m_mv.mean = neuron.e_l_mv - 409.0;
        population.dc_pa = -35_000.0;
    }
    let network = integers(&spec, &bits(22, 22, 16));
    every_engine_names(&network, 100, "target", "arithmetic.v_m_bits");
    let store = CsrStore::build(&network, 1).expect("a store");
    let mut engine = Way::REFERENCE.stored(&network, &store).expect("the reference engine");
    let error = outcome_or_error(engine.as_mut(), None, &[100]).expect_err("both leave");
    assert!(matches!(error, EngineError::Overflow { step: 4, .. }), "{error}");
}

#[test]
fn a_current_that_leaves_its_range_is_seen_by_every_engine_and_one_just_within_by_none() {
    // Bits by which arrivals are shifted, and the first sum of weights that does not fit with them.
    for (shift, sum) in [(0, CURRENT_LIMIT), (3, CURRENT_LIMIT >> 3)] {
        let (weight, weight_bits) = (sum / SOURCES as i32, 16 - shift);
        let arithmetic = bits(16, 16, weight_bits);
        let within = integers(&all_at_once(weight - 1, weight_bits), &arithmetic);
        for (name, outcome) in in_every_way(&within, 4) {
            let state = outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
            let current = state.current.last().expect("a target")[0];
            assert_eq!(current, (sum - SOURCES as i32) << shift, "{name}: every spike has arrived");
        }
        let beyond = integers(&all_at_once(weight, weight_bits), &arithmetic);
        every_engine_names(&beyond, 4, "target", "arithmetic.current_bits");
        // The largest sum that is let pass is seen too, and not taken for another number.
        let largest = integers(&all_at_once((((1 << 21) - 1) >> shift) - 1, weight_bits), &arithmetic);
        every_engine_names(&largest, 4, "target", "arithmetic.current_bits");
    }
}

#[test]
fn an_inhibitory_current_that_leaves_its_range_is_seen_by_every_engine() {
    let weight = -(CURRENT_LIMIT / SOURCES as i32);
    let arithmetic = bits(16, 16, 16);
    // The range is [−2³⁰, 2³⁰): its lower end is within.
    let within = integers(&all_at_once(weight, 16), &arithmetic);
    for (name, outcome) in in_every_way(&within, 4) {
        let state = outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(state.current.last().expect("a target")[0], -CURRENT_LIMIT, "{name}");
    }
    let beyond = integers(&all_at_once(weight - 1, 16), &arithmetic);
    every_engine_names(&beyond, 4, "target", "arithmetic.current_bits");
}

#[test]
fn a_potential_that_leaves_its_range_is_seen_by_every_engine_and_one_just_within_by_none() {
    // With 22 bits the range ends 7 · 2²⁸ / 2²² = 448 mV below E_L, where a current of C_m/τ_m · 448 mV
    // holds V after some time constants; 1500 steps are fifteen of them.
    let held_at_mv = |v_mv: f64| {
        let mut spec = all_at_once(1, 12);
        let neuron = spec.populations[2].neuron;
        spec.populations[2].dc_pa = v_mv * neuron.c_m_pf / neuron.tau_m_ms;
        integers(&spec, &bits(22, 22, 12))
    };
    for (name, outcome) in in_every_way(&held_at_mv(-447.0), 1500) {
        let state = outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
        let v_m_mv = f64::from(*state.v_m.last().expect("a target")) / f64::from(1 << 22);
        assert!((v_m_mv + 447.0).abs() < 0.1, "{name}: {v_m_mv} mV");
    }
    every_engine_names(&held_at_mv(-449.0), 1500, "target", "arithmetic.v_m_bits");
}

#[test]
fn a_constant_current_that_no_format_holds_is_refused_with_what_to_change() {
    let with_dc_mv = |mv: f64| {
        let mut spec = all_at_once(1, 12);
        let neuron = spec.populations[2].neuron;
        let effect_ms = neuron.tau_m_ms * -(-DT_MS / neuron.tau_m_ms).exp_m1();
        spec.populations[2].dc_pa = mv / effect_ms * neuron.c_m_pf;
        IntegerNetwork::new(&spec, DT_MS, SEED, &bits(4, 4, 4))
    };
    with_dc_mv(-15.9).expect("it fits");
    let error = with_dc_mv(-16.1).expect_err("it does not");
    assert!(matches!(error, FormatsError::Dc { .. }) && !error.is_range(), "{error}");
    assert!(error.to_string().contains("moves V by -16.1 mV in a step, more than 16: lower"), "{error}");
}

#[test]
fn the_strongest_weight_arrives_whole_in_every_engine_and_a_stronger_one_is_refused() {
    const STRONGEST: i32 = (1 << 26) - 1;
    let spec = |weight: i32| {
        let mut spec = all_at_once(weight, 16);
        (spec.populations[1].neurons, spec.projections[0].synapses) = (1, 1);
        spec
    };
    for weight in [STRONGEST, -STRONGEST] {
        for (name, outcome) in in_every_way(&integers(&spec(weight), &bits(16, 16, 16)), 4) {
            let state = outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(state.current.last().expect("a target")[0], weight, "{name}");
        }
    }
    let stronger = IntegerNetwork::new(&spec(STRONGEST + 1), DT_MS, SEED, &bits(16, 16, 16));
    let error = stronger.expect_err("a weight beyond the range");
    assert!(matches!(error, FormatsError::Range { key: "arithmetic.weight_bits", bits: 16, .. }), "{error}");
}

/// What arrives at the target in each step, from the pure function of synapses, step by step.
fn arrivals_by_step(network: &IntegerNetwork) -> Vec<i32> {
    let projection = &network.projections[0];
    let (source, target) = (&network.populations[1], &network.populations[2]);
    let mut arrivals = vec![0; network.longest_delay() as usize + 2];
    let mut before = 0;
    for (neuron, count) in (0..).zip(row_counts(projection, source.neurons, Bulk::BASELINE)) {
        for index in 0..count {
            let s = synapse(projection, &network.tables, target.neurons, neuron, index, before);
            // All sources spike in step 1.
            arrivals[1 + s.delay as usize] += s.weight;
        }
        before += count;
    }
    arrivals
}

#[test]
fn a_spike_arrives_after_the_longest_delay_that_the_table_holds() {
    let mut spec = all_at_once(1 << 12, 16);
    // Half a standard deviation below a rounding: a third of the synapses has the longest delay.
    spec.projections[0].synapses = 500;
    spec.projections[0].delay = Delay::lognormal(250.045, 4e-5);
    let network = integers(&spec, &bits(16, 20, 16));
    let longest = network.longest_delay();
    let store = CsrStore::build(&network, 1).expect("a store");
    assert_eq!(store.longest_delay(), longest, "the longest delay is drawn");
    assert!(longest > 2048, "{longest} steps are longer than any window of the engines");
    let arrivals = arrivals_by_step(&network);
    let (mut v_m, mut current) = (*network.initial_v_m.last().expect("a target"), [0; 2]);
    let class = &network.classes[network.populations[2].class];
    let (mut before_last, target) = (current, network.populations[2].first_neuron);
    for (step, &arrived) in (1..).zip(&arrivals[1..]) {
        before_last = current;
        let arrived = [arrived << network.formats.arrival_shift(), 0];
        step_neuron(class, network.formats.rounding(step), target, 0, arrived, &mut v_m, &mut current);
    }
    assert!(arrivals[longest as usize + 1] > 0, "something arrives in the last step");
    assert!(current[0] > before_last[0] - before_last[0] / 16, "and is seen in the current");
    for (name, outcome) in in_every_way(&network, longest + 1) {
        let state = outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = (*state.v_m.last().expect("a target"), *state.current.last().expect("a target"));
        assert_eq!(found, (v_m, current), "{name}");
    }
}

#[test]
fn target_and_delay_share_32_bits_to_the_last() {
    // The longest mean delay takes 20 bits and leaves 12: 4096 neurons of a shard.
    let with = |neurons: u32, shards: usize| {
        let populations = vec![resting("bystanders", 0), resting("sources", 1), silent("target", neurons)];
        let mut projection = equal_synapses(5000, 1, 12, 1);
        projection.delay = Delay::constant(DT_MS * f64::from((1 << 20) - 1));
        let mut spec = NetworkSpec::new(populations, vec![projection]);
        spec.populations.swap(0, 1);
        spec.projections[0].source = 0;
        CsrStore::build(&integers(&spec, &bits(16, 16, 12)), shards)
    };
    // The source is in the same shard, and is the first of its neurons.
    let store = with(4095, 1).expect("12 bits hold 4096 neurons");
    let addresses = store.shards[0].synapses.iter().map(|synapse| store.decode(synapse.address));
    assert!(addresses.clone().all(|(target, delay)| (1..4096).contains(&target) && delay == (1 << 20) - 1));
    assert!(addresses.map(|(target, _)| target).max() > Some(4000));
    let error = with(4096, 1).expect_err("12 bits do not hold 4097 neurons");
    assert_eq!(error, CsrError::AddressBits { longest_delay: (1 << 20) - 1, neurons: 4097 });
    with(4096, 2).expect("with more shards, as the error says, they do");
}

/// In-degrees of the target population, counted from the pure function.
fn in_degrees(network: &IntegerNetwork) -> Vec<u32> {
    let projection = &network.projections[0];
    let (source, target) = (&network.populations[1], &network.populations[2]);
    let mut degrees = vec![0; target.neurons as usize];
    let mut before = 0;
    for (neuron, count) in (0..).zip(row_counts(projection, source.neurons, Bulk::BASELINE)) {
        for index in 0..count {
            let s = synapse(projection, &network.tables, target.neurons, neuron, index, before);
            degrees[s.target as usize] += 1;
        }
        before += count;
    }
    degrees
}

#[test]
fn no_in_degree_is_above_its_bound_and_many_are_above_their_mean() {
    let targets = 2000;
    for (mean, seeds) in [(0.2, 20), (1.0, 20), (7.5, 10), (100.0, 3), (1000.0, 1)] {
        let mut spec = all_at_once(1, 12);
        spec.connection_rule = ConnectionRule::FixedTotalNumber;
        spec.populations[2].neurons = targets;
        spec.projections[0].synapses = (mean * f64::from(targets)) as u64;
        let mut highest = 0;
        for seed in 0..seeds {
            let network = IntegerNetwork::new(&spec, DT_MS, seed, &bits(16, 16, 12)).expect("a network");
            let bound = network.max_in_degree_of(&network.projections[0]);
            assert_eq!(bound, max_of(mean));
            highest = highest.max(in_degrees(&network).into_iter().max().unwrap_or(0));
            assert!(f64::from(highest) <= bound, "{highest} is above {bound}, with seed {seed}");
        }
        // Three standard deviations are exceeded by one in a thousand; as a bound they would not hold.
        assert!(f64::from(highest) > mean + 3.0 * mean.sqrt(), "{highest} of a mean of {mean}");
        spec.connection_rule = ConnectionRule::FixedIndegree;
        let exact = integers(&spec, &bits(16, 16, 12));
        let bound = exact.max_in_degree_of(&exact.projections[0]);
        let highest = in_degrees(&exact).into_iter().max().map(f64::from);
        assert_eq!(highest, Some(bound), "exact in-degrees reach their bound and no more");
    }
}

#[test]
fn no_external_input_brings_more_spikes_a_step_than_its_bound() {
    let mut mean = 1e-7;
    while mean <= IntegerDrive::MAX_A_STEP {
        let drive = IntegerDrive::of(mean).expect("a rate that can be drawn");
        let bound = max_of(mean * IntegerDrive::steps_drawn_together(mean));
        let most = drive.max_a_step() as f64;
        assert!(most <= bound, "{most} spikes of a mean of {mean} a step are above {bound}");
        assert!(mean < 1e-6 || most > mean, "{most} of a mean of {mean}");
        mean *= 1.07;
    }
    assert_eq!(IntegerDrive::of(IntegerDrive::MAX_A_STEP * 1.001), None);
    assert_eq!(IntegerDrive::of(f64::NAN), None);
}
