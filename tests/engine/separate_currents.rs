//! Excitatory and inhibitory currents that are kept apart although they decay alike: each is that of plain f64, and
//! together they are the one current, but for rounding.

use crate::fixtures::explicit_network::{DT_MS, ExplicitNetwork, ExplicitNeuron, excitatory};
use crate::fixtures::ways::{Way, on_every_engine};
use humam_gpu::engine::fixed_point::{Arithmetic, Arrival, IntegerNetwork};
use humam_gpu::engine::{NeuronState, Probe};
use std::ops::ControlFlow;

const STEPS: u32 = 300;
/// A product is rounded by less than a unit, up or down, and what is left of that decays by 1 − exp(−h/τ) a step: the
/// sum of all is below 1 / (1 − exp(−0.05)) units, 20.5.
const ROUNDING_UNITS: f64 = 21.0;

/// A neuron without synapses, whose input is [`arrivals`].
fn network(separate_currents: bool) -> IntegerNetwork {
    let parameters = excitatory();
    let neuron = ExplicitNeuron { parameters, dc_pa: 0.0, v0_mv: parameters.e_l_mv };
    let mut spec = ExplicitNetwork { neurons: vec![neuron], synapses: Vec::new() }.to_spec();
    spec.separate_currents = separate_currents;
    IntegerNetwork::new(&spec, DT_MS, 1, &Arithmetic::default()).expect("a network that fits")
}

/// Weights of both signs, some in the same step.
fn arrivals() -> Vec<Arrival> {
    let arrival = |step: u32, weight: i32| Arrival { step, neuron: 0, weight };
    let excitatory = (1..=60).step_by(3).map(|step| arrival(step, 70_001 + 977 * step as i32));
    let inhibitory = (3..=64).step_by(5).map(|step| arrival(step, -90_007 - 313 * step as i32));
    excitatory.chain(inhibitory).collect()
}

/// Currents after each step, excitatory and inhibitory, in integer units.
fn expected() -> Vec<[f64; 2]> {
    let decay = (-DT_MS / excitatory().tau_syn_ex_ms).exp();
    let mut current = [0.0; 2];
    let after = |step: u32| {
        current = current.map(|current| current * decay);
        let arrived = arrivals().into_iter().filter(|arrival| arrival.step == step);
        arrived.for_each(|arrival| current[usize::from(arrival.weight < 0)] += f64::from(arrival.weight));
        current
    };
    (1..=STEPS).map(after).collect()
}

/// States after each step, and whether the neuron spiked.
fn states(way: Way, network: &IntegerNetwork) -> Option<Vec<NeuronState>> {
    way.with(network, |engine| {
        engine.probe(Probe::new(&[0], 1)).expect("a probe");
        engine.inject(&arrivals()).expect("arrivals");
        let mut states = Vec::new();
        let advanced = engine.advance(STEPS, &mut |batch| {
            assert!(batch.neurons.is_empty(), "the reset would hide the potential");
            states.extend_from_slice(batch.samples.states);
            ControlFlow::Continue(())
        });
        advanced.expect("a run");
        states
    })
}

/// Whether both currents are everywhere those of f64.
fn are_apart(found: &[NeuronState]) -> bool {
    let expected = expected();
    assert_eq!(found.len(), expected.len());
    let near = |(found, expected): (i32, f64)| (f64::from(found) - expected).abs() < ROUNDING_UNITS;
    found.iter().zip(&expected).all(|(found, expected)| found.current.into_iter().zip(*expected).all(near))
}

fn both_currents_are_those_of_f64_and_add_up(way: Way) {
    let (Some(two), Some(one)) = (states(way, &network(true)), states(way, &network(false))) else { return };
    assert!(are_apart(&two));
    assert!(!are_apart(&one), "one current is not two");
    let sum = |state: &NeuronState| state.current[0] + state.current[1];
    let distances: Vec<i32> = two.iter().zip(&one).map(|(two, one)| (sum(two) - sum(one)).abs()).collect();
    assert!(distances.iter().all(|&distance| f64::from(distance) < 3.0 * ROUNDING_UNITS), "{distances:?}");
    assert!(distances.iter().any(|&distance| distance > 0), "roundings differ, so that spikes may");
    let changed: Vec<NeuronState> = two
        .iter()
        .map(|state| NeuronState { current: [state.current[1], state.current[0]], ..*state })
        .collect();
    assert!(!are_apart(&changed), "one in place of the other is seen");
}

on_every_engine!(both_currents_are_those_of_f64_and_add_up);
