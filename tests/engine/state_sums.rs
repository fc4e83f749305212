//! Sums of the states of populations: those of the neurons' states, added up in plain i64, and the same from every way
//! of computing.

use crate::fixtures::random_network::{Ingredients, integer_network, random_spec};
use crate::fixtures::ways::{Outcome, Way, different_ways, outcome};
use humam_gpu::engine::fixed_point::IntegerNetwork;
use humam_gpu::engine::gpu::WorkgroupSizes;
use humam_gpu::engine::{Probe, StateSum};
use humam_gpu::model::network::{LifParameters, NetworkSpec, Normal, PoissonDrive, Population};

/// Calls that end nowhere in particular.
const PARTS: [u32; 3] = [1, 130, 69];
/// Neither divides the other, nor a batch.
const INTERVALS: [u32; 2] = [3, 5];

/// All neurons and all populations, each at its interval; every neuron also when sums are made.
fn probe(network: &IntegerNetwork, [samples, sums]: [u32; 2]) -> Probe {
    let neurons: Vec<u32> = (0..network.n_neurons()).collect();
    let populations: Vec<usize> = (0..network.populations.len()).rev().collect();
    Probe::new(&neurons, samples).with_sums(&populations, sums)
}

/// Sums of the states of all neurons in a sample, population by population.
fn added_up(network: &IntegerNetwork, states: &[humam_gpu::engine::NeuronState]) -> Vec<StateSum> {
    let of = |index: usize| {
        let population = &network.populations[index];
        let mut sum = StateSum::default();
        for neuron in population.first_neuron..population.first_neuron + population.neurons {
            let state = &states[neuron as usize];
            let class = &network.classes[population.class_of(neuron)];
            sum.v_m += i64::from(class.potential(state.v_m));
            sum.current[0] += i64::from(state.current[0]);
            sum.current[1] += i64::from(state.current[1]);
        }
        sum
    };
    (0..network.populations.len()).map(of).collect()
}

fn found(way: Way, network: &IntegerNetwork, intervals: [u32; 2]) -> Option<Outcome> {
    let probe = probe(network, intervals);
    way.with(network, |engine| outcome(engine, Some(&probe), &PARTS))
}

/// The sums of the reference engine are those of its states, and every way has the same.
fn check(network: &IntegerNetwork) {
    let states = found(Way::REFERENCE, network, [5, 5]).expect("the reference engine");
    let expected: Vec<(u32, Vec<StateSum>)> =
        states.samples.iter().map(|(step, states)| (*step, added_up(network, states))).collect();
    assert_eq!(states.sums, expected);
    assert_eq!(expected.len(), 40);
    let hardware = [Way::GPU, Way::GPU.procedural()].map(|way| way.workgroups(WorkgroupSizes::Hardware));
    for way in different_ways().into_iter().chain(hardware) {
        let Some(found) = found(way, network, INTERVALS) else { continue };
        assert!(found.sums == expected, "{way:?}");
        assert_eq!(found.spikes, states.spikes, "{way:?}: no spike changes");
        assert_eq!(found.samples.len(), 66, "{way:?}");
    }
    let (mut other, last) = (states.samples[39].1.clone(), network.n_neurons() as usize - 1);
    other[last].v_m += 1;
    assert_ne!(added_up(network, &other), expected[39].1, "one neuron's last bit is seen");
}

#[test]
fn sums_are_those_of_the_states_with_one_current() {
    let ingredients = Ingredients { several_classes: true, parameter_sd: 0.3, ..Default::default() };
    check(&integer_network(&random_spec(3, ingredients), 3));
}

#[test]
fn sums_are_those_of_the_states_with_currents_apart() {
    let ingredients = Ingredients { separate_currents: true, ..Default::default() };
    check(&integer_network(&random_spec(1, ingredients), 1));
}

#[test]
fn sums_carry_beyond_32_bits_in_either_direction() {
    let population = |name: &str, neurons: u32, mean: f64, weight_pa: f64| Population {
        initial_v_m_mv: Normal { mean, sd: 30.0 },
        poisson: Some(PoissonDrive {
            synapses: u64::from(neurons),
            rate_hz: 5000.0,
            weight_pa,
            relative_sd: 0.1,
        }),
        ..Population::new(name, neurons, LifParameters::default())
    };
    let populations = vec![
        population("low", 3001, -500.0, 50.0),
        population("high", 2500, 500.0, 5.0),
        population("none", 0, -70.0, 5.0),
        population("around", 1999, -70.0, -5.0),
    ];
    let network = integer_network(&NetworkSpec::new(populations, Vec::new()), 1);
    let sums = found(Way::REFERENCE, &network, [200, 1]).expect("the reference engine").sums;
    let first = &sums[0].1;
    assert!(first[0].v_m < -i64::from(u32::MAX) && first[2] == StateSum::default(), "{first:?}");
    let largest = sums.iter().map(|(_, sums)| sums[0].current[0]).max();
    assert!(largest > Some(i64::from(u32::MAX)), "{largest:?}");
    check(&network);
}
