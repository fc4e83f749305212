//! Single neurons and 100-neuron networks against NEST 3.10: an f64 model of the neuron gives every
//! spike, and the integer engines give what their fractional bits allow.

use crate::fixtures::explicit_network::{DT_MS, ExplicitNetwork};
use crate::fixtures::lif_f64::LifNetwork;
use crate::fixtures::nest_small::{
    NETWORK_STEPS, SINGLE_NEURON_STEPS, SingleNeuron, networks, single_neurons,
};
use crate::fixtures::ways::{Way, on_every_engine, spikes};
use humam_gpu::engine::fixed_point::{Arithmetic, IntegerNetwork};
use humam_gpu::engine::synapses::CsrStore;

/// Same equations and order in f64: what is left is the rounding of the propagators.
const F64_V_M_TOLERANCE_MV: f64 = 1e-9;
/// 21 fractional bits are 4.8e-7 mV; roundings of V, of I and of the propagators (2⁻³³ of V = 128 mV)
/// add up over the membrane time constant, 100 steps.
const INTEGER_V_M_TOLERANCE_MV: f64 = 2e-5;
/// A spike that passes within rounding of threshold moves by a step sooner or later, and the
/// networks are chaotic: up to here, 300 steps, none does.
const SAME_SPIKES_STEPS: u32 = 300;
/// Two runs of a network that differ by rounding have the same rates.
const COUNT_TOLERANCE: f64 = 0.01;
/// As many bits as all weights onto a neuron together, 619 mV/ms, leave in 32.
const FINEST: Arithmetic = Arithmetic { v_m_bits: Some(21), current_bits: Some(21), weight_bits: Some(21) };
/// The bits of the down-scaled model.
const COARSE: Arithmetic = Arithmetic { v_m_bits: Some(17), current_bits: Some(18), weight_bits: Some(9) };

/// So that engines with threads have one for each.
const N_SHARDS: usize = 2;

#[test]
fn f64_gives_every_spike_of_both_networks_at_its_step() {
    for network in networks() {
        assert_eq!(LifNetwork::new(&network.network).run(NETWORK_STEPS), network.spikes);
    }
}

#[test]
fn f64_gives_every_sample_of_the_membrane_potential() {
    for neuron in single_neurons() {
        let (deviation_mv, spike_steps) = f64_deviation_mv(&neuron, &neuron.network);
        println!("{}: V_m within {deviation_mv:.1e} mV", neuron.name);
        assert!(deviation_mv < F64_V_M_TOLERANCE_MV, "{}: {deviation_mv} mV", neuron.name);
        assert_eq!(spike_steps, neuron.spike_steps, "{}", neuron.name);
    }
}

#[test]
fn a_delay_longer_by_a_step_or_a_missing_synapse_shows_in_f64() {
    for network in networks() {
        for changed in changed(&network.network, network.first_to_spike()) {
            assert_ne!(LifNetwork::new(&changed).run(NETWORK_STEPS), network.spikes);
        }
    }
    for neuron in single_neurons() {
        for changed in changed(&neuron.network, neuron.first_to_arrive()) {
            assert!(f64_deviation_mv(&neuron, &changed).0 > F64_V_M_TOLERANCE_MV, "{}", neuron.name);
        }
    }
}

/// Negative controls: every delay longer by a step, and a synapse of `source` missing.
fn changed(network: &ExplicitNetwork, source: usize) -> [ExplicitNetwork; 2] {
    [network.clone().with_delays_a_step_longer(), network.clone().without_the_strongest_synapse_of(source)]
}

/// Largest distance from NEST's samples of V_m, and the spikes' steps.
fn f64_deviation_mv(neuron: &SingleNeuron, network: &ExplicitNetwork) -> (f64, Vec<u32>) {
    let mut model = LifNetwork::new(network);
    let mut samples = neuron.v_m_mv.iter();
    let (mut deviation_mv, mut spike_steps) = (0.0f64, Vec::new());
    for step in 1..=SINGLE_NEURON_STEPS {
        if model.advance().contains(&0) {
            spike_steps.push(step);
        }
        if let Some(&(sampled, v_m_mv)) = samples.next() {
            assert_eq!(sampled, step, "a sample every step");
            deviation_mv = deviation_mv.max((model.v_m_mv(0) - v_m_mv).abs());
        }
    }
    (deviation_mv, spike_steps)
}

on_every_engine!(
    v_m_follows_nest_until_the_first_spike,
    single_neurons_spike_at_nests_steps,
    networks_spike_at_nests_steps_at_first_and_as_often_later,
    a_longer_delay_or_a_missing_synapse_shows,
    equal_time_constants_of_membrane_and_synapses_follow_f64,
);

fn v_m_follows_nest_until_the_first_spike(way: Way) {
    for neuron in single_neurons() {
        let Some(deviation_mv) = integer_deviation_mv(way, &neuron, &neuron.network, FINEST) else { return };
        println!("{}: V_m within {deviation_mv:.1e} mV until the first spike", neuron.name);
        assert!(deviation_mv < INTEGER_V_M_TOLERANCE_MV, "{}: {deviation_mv} mV", neuron.name);
        let coarse = integer_deviation_mv(way, &neuron, &neuron.network, COARSE);
        assert!(coarse > Some(INTEGER_V_M_TOLERANCE_MV), "{}: {coarse:?} mV", neuron.name);
    }
}

fn single_neurons_spike_at_nests_steps(way: Way) {
    for neuron in single_neurons() {
        let Some(all) = integer_spikes(way, &neuron.network, SINGLE_NEURON_STEPS) else { return };
        let n_sources = neuron.network.neurons.len() - 1;
        assert!(all[..n_sources].iter().all(|&(step, source)| step == 1 && source > 0));
        let spike_steps: Vec<u32> = all.iter().filter(|s| s.1 == 0).map(|s| s.0).collect();
        assert_eq!(spike_steps, neuron.spike_steps, "{}", neuron.name);
        assert_eq!(all.len(), n_sources + spike_steps.len(), "a source spiked twice");
    }
}

fn networks_spike_at_nests_steps_at_first_and_as_often_later(way: Way) {
    for network in networks() {
        let Some(spikes) = integer_spikes(way, &network.network, NETWORK_STEPS) else { return };
        assert_eq!(first_spikes(&spikes), first_spikes(&network.spikes));
        let same = spikes.iter().zip(&network.spikes).take_while(|(a, b)| a == b).count();
        let difference = spikes.len() as f64 / network.spikes.len() as f64 - 1.0;
        println!("first {same} of {} spikes as NEST has them; count {difference:+.4}", network.spikes.len());
        assert!(difference.abs() < COUNT_TOLERANCE, "spike count off by {difference}");
    }
}

fn a_longer_delay_or_a_missing_synapse_shows(way: Way) {
    for network in networks() {
        for changed in changed(&network.network, network.first_to_spike()) {
            let Some(spikes) = integer_spikes(way, &changed, SAME_SPIKES_STEPS) else { return };
            assert_ne!(spikes, first_spikes(&network.spikes));
        }
    }
    for neuron in single_neurons() {
        for changed in changed(&neuron.network, neuron.first_to_arrive()) {
            let deviation_mv = integer_deviation_mv(way, &neuron, &changed, FINEST);
            assert!(deviation_mv > Some(INTEGER_V_M_TOLERANCE_MV), "{}: {deviation_mv:?} mV", neuron.name);
        }
    }
}

fn equal_time_constants_of_membrane_and_synapses_follow_f64(way: Way) {
    let with = |neuron: &SingleNeuron, [ex, inh]: [f64; 2]| {
        let mut network = neuron.network.clone();
        let parameters = &mut network.neurons[0].parameters;
        (parameters.tau_syn_ex_ms, parameters.tau_syn_in_ms) = (ex, inh);
        network
    };
    for neuron in single_neurons() {
        let tau_m_ms = neuron.network.neurons[0].parameters.tau_m_ms;
        for taus_ms in [[tau_m_ms; 2], [2.0, tau_m_ms]] {
            let expected = in_f64(&neuron.name, with(&neuron, taus_ms));
            let deviation_mv = |network| integer_deviation_mv(way, &expected, network, FINEST);
            let Some(found_mv) = deviation_mv(&expected.network) else { return };
            assert!(found_mv < INTEGER_V_M_TOLERANCE_MV, "{} {taus_ms:?}: {found_mv} mV", neuron.name);
            let longer = with(&neuron, taus_ms.map(|tau_ms| 1.01 * tau_ms));
            assert!(deviation_mv(&longer) > Some(INTEGER_V_M_TOLERANCE_MV), "{}", neuron.name);
        }
    }
}

/// What f64 makes of the network's neuron 0.
fn in_f64(name: &str, network: ExplicitNetwork) -> SingleNeuron {
    let mut model = LifNetwork::new(&network);
    let (mut v_m_mv, mut spike_steps) = (Vec::new(), Vec::new());
    for step in 1..=SINGLE_NEURON_STEPS {
        if model.advance().contains(&0) {
            spike_steps.push(step);
        }
        v_m_mv.push((step, model.v_m_mv(0)));
    }
    SingleNeuron { name: name.to_owned(), network, spike_steps, v_m_mv }
}

/// The spikes of the first [`SAME_SPIKES_STEPS`].
fn first_spikes(spikes: &[(u32, u32)]) -> &[(u32, u32)] {
    &spikes[..spikes.partition_point(|&(step, _)| step <= SAME_SPIKES_STEPS)]
}

fn integer_network(network: &ExplicitNetwork, arithmetic: Arithmetic) -> IntegerNetwork {
    // Nothing is drawn at random: any seed gives the same network.
    IntegerNetwork::new(&network.to_spec(), DT_MS, 1, &arithmetic).expect("a network that fits")
}

fn integer_spikes(way: Way, network: &ExplicitNetwork, steps: u32) -> Option<Vec<(u32, u32)>> {
    let network = integer_network(network, FINEST);
    let store = CsrStore::build(&network, N_SHARDS).expect("a store");
    let mut engine = way.stored(&network, &store)?;
    Some(spikes(engine.as_mut(), steps))
}

/// Largest distance from NEST's samples of V_m before the neuron's first spike.
fn integer_deviation_mv(
    way: Way,
    neuron: &SingleNeuron,
    network: &ExplicitNetwork,
    arithmetic: Arithmetic,
) -> Option<f64> {
    let e_l_mv = network.neurons[0].parameters.e_l_mv;
    let network = integer_network(network, arithmetic);
    let store = CsrStore::build(&network, N_SHARDS).expect("a store");
    let mut engine = way.stored(&network, &store)?;
    let mut deviation_mv = 0.0f64;
    for &(step, v_m_mv) in neuron.v_m_mv.iter().take_while(|(step, _)| *step < neuron.spike_steps[0]) {
        spikes(engine.as_mut(), 1);
        assert_eq!(engine.step(), step);
        let integer = engine.state().expect("a state").v_m[0];
        deviation_mv = deviation_mv.max((network.formats.v_m_mv(integer) + e_l_mv - v_m_mv).abs());
    }
    Some(deviation_mv)
}
