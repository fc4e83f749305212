//! The same spikes and the same final state, bit by bit, from every engine, with any number of
//! threads, shards and steps a batch, any vector instructions, and stored or procedural synapses.

use crate::fixtures::downscaled::{DT_MS, N_STEPS, downscaled, downscaled_at};
use crate::fixtures::driven_network::driven;
use crate::fixtures::ways::{Outcome, Way, outcome};
use humam_gpu::engine::Vectors;
use humam_gpu::engine::fixed_point::{Arithmetic, IntegerNetwork};
use humam_gpu::engine::synapses::CsrStore;
use humam_gpu::model::network::NetworkSpec;

/// 200 ms, for combinations of options: some 31 blocks of external input.
const SHORT_STEPS: u32 = 2000;
const SEED: u64 = 2903;
const TWO_SHARDS: Way = Way::CPU.shards(2).batches(1000);

fn integer_network(spec: &NetworkSpec, seed: u64) -> IntegerNetwork {
    IntegerNetwork::new(spec, DT_MS, seed, &Arithmetic::default()).expect("a network that fits")
}

fn reference(network: &IntegerNetwork, steps: u32) -> Outcome {
    Way::REFERENCE.batches(1000).outcome(network, steps).expect("the reference engine")
}

/// Each option by itself and some together.
fn ways() -> Vec<Way> {
    let mut ways = Vec::new();
    for (shards, steps) in [(1, 1), (2, 64), (7, 333), (34, 5000)] {
        ways.push(Way::REFERENCE.shards(shards).batches(steps));
    }
    ways.push(Way::REFERENCE.procedural());
    for (shards, steps) in [(1, 1000), (2, 7), (5, 333)] {
        ways.push(Way::GPU.shards(shards).batches(steps));
    }
    let procedural = Way::GPU.procedural().batches(333);
    ways.extend([procedural, procedural.shards(3).windows(512)]);
    for vectors in [Vectors::Auto, Vectors::Avx512, Vectors::Avx2, Vectors::Baseline] {
        let plain = Way::CPU.threads(1).vectors(vectors).batches(1000);
        ways.extend([plain, plain.procedural(), plain.threads(2).shards(4)]);
    }
    for cpu in [Way::CPU, Way::CPU.procedural()] {
        ways.push(cpu.shards(2).batches(64));
        ways.push(cpu.shards(5).batches(333));
        ways.push(cpu.threads(3).shards(34).batches(5000));
        ways.push(cpu.threads(1).shards(300).batches(7));
    }
    ways
}

fn assert_every_way_agrees(network: &IntegerNetwork, steps: u32) {
    let expected = reference(network, steps);
    assert!(expected.spikes.len() > 500, "a comparison of {} spikes says little", expected.spikes.len());
    for way in ways() {
        assert!(way.outcome(network, steps).is_none_or(|outcome| outcome == expected), "{way:?}");
    }
}

#[test]
fn every_engine_gives_the_same_spikes_over_two_seconds() {
    let network = integer_network(&downscaled(1.0), SEED);
    let expected = reference(&network, N_STEPS);
    println!("{} spikes", expected.spikes.len());
    for way in [TWO_SHARDS, TWO_SHARDS.procedural(), Way::GPU.batches(1000)] {
        assert!(way.outcome(&network, N_STEPS).is_none_or(|outcome| outcome == expected), "{way:?}");
    }
}

/// The first window ends after 4096 steps, with some 200,000 spikes in reach.
#[test]
fn procedural_synapses_give_the_same_spikes_across_a_long_window() {
    const STEPS: u32 = 4500;
    let network = integer_network(&downscaled(1.0), SEED);
    let expected = TWO_SHARDS.outcome(&network, STEPS).expect("the CPU engine");
    assert!((2049..=4096).contains(&network.longest_delay()));
    assert!(expected.spikes.iter().filter(|(step, _)| *step <= 4096).count() > 200_000);
    let procedural = Way::GPU.procedural().batches(333).outcome(&network, STEPS);
    assert!(procedural.is_none_or(|outcome| outcome == expected));
}

#[test]
fn every_way_to_compute_the_down_scaled_network_gives_the_same_spikes() {
    assert_every_way_agrees(&integer_network(&downscaled(1.0), SEED), SHORT_STEPS);
}

#[test]
fn every_way_to_compute_many_external_spikes_gives_the_same_spikes() {
    assert_every_way_agrees(&integer_network(&driven(2.0), 1), SHORT_STEPS);
}

#[test]
fn every_way_to_compute_two_synaptic_currents_gives_the_same_spikes() {
    let network = integer_network(&driven(4.0), 1);
    assert!(!network.has_one_current());
    assert_every_way_agrees(&network, SHORT_STEPS);
}

/// 100 ms of the network at five times the scale, where rows of some projections have many synapses.
#[test]
fn stored_and_procedural_synapses_give_the_same_spikes_at_a_larger_scale() {
    let network = integer_network(&downscaled_at(1.0, 0.02), SEED);
    // Delays reach beyond the windows, so that past spikes are visited again.
    assert!(network.longest_delay() > 512);
    let steps = SHORT_STEPS / 2;
    let expected = TWO_SHARDS.outcome(&network, steps).expect("the CPU engine");
    assert!(expected.spikes.len() > 1000, "a comparison of {} spikes says little", expected.spikes.len());
    let procedural = Way::GPU.procedural().shards(2).windows(256).batches(333);
    for way in [Way::GPU.shards(6).batches(1000), procedural] {
        assert!(way.outcome(&network, steps).is_none_or(|outcome| outcome == expected), "{way:?}");
    }
    let other_seed = integer_network(&downscaled_at(1.0, 0.02), SEED + 1);
    let other = procedural.outcome(&other_seed, steps / 4);
    let is_other = |o: Outcome| o.spikes[..] != expected.spikes[..o.spikes.len().min(expected.spikes.len())];
    assert!(other.is_none_or(is_other), "another seed");
}

#[test]
fn another_seed_or_the_weights_of_one_neuron_are_seen() {
    let spec = downscaled(1.0);
    let network = integer_network(&spec, SEED);
    let expected = reference(&network, SHORT_STEPS);
    let other_seed = Way::CPU.outcome(&integer_network(&spec, SEED + 1), SHORT_STEPS);
    assert!(other_seed.expect("the CPU engine") != expected);

    let mut store = CsrStore::build(&network, 1).expect("a store");
    let (_, source) = expected.spikes[0];
    let bounds = &store.shards[0].row_starts[source as usize..];
    let row = bounds[0] as usize..bounds[1] as usize;
    store.shards[0].synapses[row].iter_mut().for_each(|synapse| synapse.weight *= 2);
    let mut engine = Way::REFERENCE.stored(&network, &store).expect("the reference engine");
    let changed = outcome(engine.as_mut(), None, &[SHORT_STEPS]);
    assert!(changed != expected, "doubled weights of neuron {source}");
}
