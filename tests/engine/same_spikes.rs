//! The same spikes and the same final state, bit by bit, from every engine, with any number of
//! threads, shards and steps a batch, any vector instructions, and stored or drawn synapses.

use crate::fixtures::adapter::test_adapter;
use crate::fixtures::downscaled::{DT_MS, N_STEPS, downscaled, downscaled_at};
use crate::fixtures::driven_network::driven;
use crate::fixtures::engines::spikes;
use humam_gpu::config::{Arithmetic, Vectors};
use humam_gpu::engine::cpu::{CpuEngine, CpuOptions, Rows};
use humam_gpu::engine::fixed_point::IntegerNetwork;
use humam_gpu::engine::gpu::{GpuEngine, GpuOptions};
use humam_gpu::engine::reference::ReferenceEngine;
use humam_gpu::engine::synapses::{CsrStore, ProceduralStore};
use humam_gpu::engine::{Engine, State};
use humam_gpu::model::network::NetworkSpec;

/// 200 ms, for combinations of options: some 31 blocks of external input.
const SHORT_STEPS: u32 = 2000;
const SEED: u64 = 2903;

/// What a run leaves behind.
#[derive(PartialEq)]
struct Outcome {
    spikes: Vec<(u32, u32)>,
    state: State,
}

/// Which of the ways to compute a network on a CPU.
#[derive(Debug, Clone, Copy)]
struct Way {
    threads: usize,
    n_shards: usize,
    batch_steps: u32,
    vectors: Vectors,
    stored: bool,
}

const PLAIN: Way = Way { threads: 1, n_shards: 1, batch_steps: 1000, vectors: Vectors::Auto, stored: true };

fn integer_network(spec: &NetworkSpec, seed: u64) -> IntegerNetwork {
    IntegerNetwork::new(spec, DT_MS, seed, &Arithmetic::default()).expect("a network that fits")
}

fn outcome(engine: &mut dyn Engine, steps: u32) -> Outcome {
    Outcome { spikes: spikes(engine, steps), state: engine.state().expect("a state") }
}

fn reference(network: &IntegerNetwork, n_shards: usize, batch_steps: u32, steps: u32) -> Outcome {
    let store = CsrStore::build(network, n_shards).expect("a store");
    outcome(&mut ReferenceEngine::new(network, &store, Some(batch_steps)), steps)
}

/// `None` where the machine lacks the vector instructions; says so.
fn cpu(network: &IntegerNetwork, way: Way, steps: u32) -> Option<Outcome> {
    let stored = CsrStore::build(network, way.n_shards).expect("a store");
    let drawn = ProceduralStore::build(network, way.n_shards).expect("row counts");
    let rows: Rows<'_> = if way.stored { (&stored).into() } else { (&drawn).into() };
    let options =
        CpuOptions { threads: way.threads, vectors: way.vectors, batch_steps: Some(way.batch_steps) };
    match CpuEngine::new(network, rows, options) {
        Ok(mut engine) => Some(outcome(&mut engine, steps)),
        Err(error) => {
            assert!(!matches!(way.vectors, Vectors::Auto | Vectors::Baseline), "{error}");
            println!("skipped: {error}");
            None
        }
    }
}

/// `None` where the test runs without a GPU.
fn gpu(network: &IntegerNetwork, n_shards: usize, batch_steps: u32, steps: u32) -> Option<Outcome> {
    let adapter = test_adapter()?;
    let store = CsrStore::build(network, n_shards).expect("a store");
    let options = GpuOptions { batch_steps: Some(batch_steps), ..Default::default() };
    let mut engine = GpuEngine::new(network, &store, &adapter, &options).expect("an engine");
    Some(outcome(&mut engine, steps))
}

/// The GPU engine with synapses that are drawn again, in windows of that many steps or in its own.
/// `None` where the test runs without a GPU.
fn gpu_drawing(
    network: &IntegerNetwork,
    n_shards: usize,
    window_steps: Option<u32>,
    steps: u32,
) -> Option<Outcome> {
    let options = GpuOptions { batch_steps: Some(333), window_steps, ..Default::default() };
    let engine = GpuEngine::procedural(network, n_shards, &test_adapter()?, &options);
    Some(outcome(&mut engine.expect("an engine"), steps))
}

/// Each option by itself and some together.
fn ways() -> Vec<Way> {
    let mut ways = Vec::new();
    for vectors in [Vectors::Auto, Vectors::Avx512, Vectors::Avx2, Vectors::Baseline] {
        ways.push(Way { vectors, ..PLAIN });
        ways.push(Way { vectors, stored: false, ..PLAIN });
        ways.push(Way { vectors, threads: 2, n_shards: 4, ..PLAIN });
    }
    for stored in [true, false] {
        ways.push(Way { threads: 2, n_shards: 2, batch_steps: 64, stored, ..PLAIN });
        ways.push(Way { threads: 2, n_shards: 5, batch_steps: 333, stored, ..PLAIN });
        ways.push(Way { threads: 3, n_shards: 34, batch_steps: 5000, stored, ..PLAIN });
        ways.push(Way { n_shards: 300, batch_steps: 7, stored, ..PLAIN });
    }
    ways
}

fn assert_every_way_agrees(network: &IntegerNetwork, steps: u32) {
    let expected = reference(network, 1, 1000, steps);
    assert!(expected.spikes.len() > 500, "a comparison of {} spikes says little", expected.spikes.len());
    for (n_shards, batch_steps) in [(1, 1), (2, 64), (7, 333), (34, 5000)] {
        let outcome = reference(network, n_shards, batch_steps, steps);
        assert!(outcome == expected, "reference, {n_shards} shards, batches of {batch_steps}");
    }
    for (n_shards, batch_steps) in [(1, 1000), (2, 7), (5, 333)] {
        let outcome = gpu(network, n_shards, batch_steps, steps);
        assert!(outcome.is_none_or(|o| o == expected), "gpu, {n_shards} shards, batches of {batch_steps}");
    }
    for (n_shards, window_steps) in [(1, None), (3, Some(512))] {
        let outcome = gpu_drawing(network, n_shards, window_steps, steps);
        let what = || format!("gpu, drawn, {n_shards} shards, windows of {window_steps:?}");
        assert!(outcome.is_none_or(|o| o == expected), "{}", what());
    }
    for way in ways() {
        assert!(cpu(network, way, steps).is_none_or(|outcome| outcome == expected), "{way:?}");
    }
}

#[test]
fn every_engine_gives_the_same_spikes_over_two_seconds() {
    let network = integer_network(&downscaled(1.0), SEED);
    let expected = reference(&network, 1, 1000, N_STEPS);
    println!("{} spikes", expected.spikes.len());
    for stored in [true, false] {
        let way = Way { threads: 2, n_shards: 2, stored, ..PLAIN };
        assert!(cpu(&network, way, N_STEPS).as_ref() == Some(&expected), "{way:?}");
    }
    assert!(gpu(&network, 1, 1000, N_STEPS).is_none_or(|outcome| outcome == expected), "gpu");
}

/// The first window ends after 4096 steps, with some 200,000 spikes in reach.
#[test]
fn drawn_synapses_give_the_same_spikes_across_a_long_window() {
    const STEPS: u32 = 4500;
    let network = integer_network(&downscaled(1.0), SEED);
    let expected = cpu(&network, Way { threads: 2, n_shards: 2, ..PLAIN }, STEPS).expect("the CPU engine");
    assert!((2049..=4096).contains(&network.longest_delay()));
    assert!(expected.spikes.iter().filter(|(step, _)| *step <= 4096).count() > 200_000);
    assert!(gpu_drawing(&network, 1, None, STEPS).is_none_or(|outcome| outcome == expected));
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
fn stored_and_drawn_synapses_give_the_same_spikes_at_a_larger_scale() {
    let network = integer_network(&downscaled_at(1.0, 0.02), SEED);
    // Delays reach beyond the windows, so that past spikes are visited again.
    assert!(network.longest_delay() > 512);
    let steps = SHORT_STEPS / 2;
    let expected = cpu(&network, Way { threads: 2, n_shards: 2, ..PLAIN }, steps).expect("the CPU engine");
    assert!(expected.spikes.len() > 1000, "a comparison of {} spikes says little", expected.spikes.len());
    let stored = gpu(&network, 6, 1000, steps);
    assert!(stored.is_none_or(|outcome| outcome == expected), "stored");
    let drawn = gpu_drawing(&network, 2, Some(256), steps);
    assert!(drawn.is_none_or(|outcome| outcome == expected), "drawn");
    let other_seed = integer_network(&downscaled_at(1.0, 0.02), SEED + 1);
    let other = gpu_drawing(&other_seed, 2, Some(256), steps / 4);
    let is_other = |o: Outcome| o.spikes[..] != expected.spikes[..o.spikes.len().min(expected.spikes.len())];
    assert!(other.is_none_or(is_other), "another seed");
}

#[test]
fn another_seed_or_the_weights_of_one_neuron_are_seen() {
    let spec = downscaled(1.0);
    let network = integer_network(&spec, SEED);
    let expected = reference(&network, 1, 1000, SHORT_STEPS);
    let other_seed = cpu(&integer_network(&spec, SEED + 1), PLAIN, SHORT_STEPS);
    assert!(other_seed.expect("the CPU engine") != expected);

    let mut store = CsrStore::build(&network, 1).expect("a store");
    let (_, source) = expected.spikes[0];
    let bounds = &store.shards[0].row_starts[source as usize..];
    let row = bounds[0] as usize..bounds[1] as usize;
    store.shards[0].synapses[row].iter_mut().for_each(|synapse| synapse.weight *= 2);
    let changed = outcome(&mut ReferenceEngine::new(&network, &store, None), SHORT_STEPS);
    assert!(changed != expected, "doubled weights of neuron {source}");
}
