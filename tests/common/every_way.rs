//! A network with its stimuli, computed in every way there is: engines, shards, batches, stored and drawn
//! synapses.
#![allow(dead_code, reason = "each test uses a part")]

use super::adapter::test_adapter;
use humam_gpu::config::Vectors;
use humam_gpu::engine::cpu::{CpuEngine, CpuOptions, Rows};
use humam_gpu::engine::gpu::{GpuEngine, GpuOptions};
use humam_gpu::engine::reference::ReferenceEngine;
use humam_gpu::engine::{Engine, NeuronState, Probe, State};
use humam_gpu::integer::IntegerNetwork;
use humam_gpu::simulation::simulate;
use humam_gpu::synapses::{CsrStore, ProceduralStore};

/// What a run leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// (step, neuron)
    pub spikes: Vec<(u32, u32)>,
    /// Steps with the states of the probe's neurons after them.
    pub samples: Vec<(u32, Vec<NeuronState>)>,
    pub state: State,
}

/// Runs the parts one after the other, in steps.
pub fn outcome(
    engine: &mut dyn Engine,
    network: &IntegerNetwork,
    probe: Option<&Probe>,
    parts: &[u32],
) -> Outcome {
    let (mut spikes, mut samples) = (Vec::new(), Vec::new());
    if let Some(probe) = probe {
        engine.probe(probe.clone()).expect("neurons that are there");
    }
    for &steps in parts {
        let done = simulate(engine, &network.stimuli, steps, |batch| {
            for (step, neurons) in batch.steps() {
                spikes.extend(neurons.iter().map(|&neuron| (step, neuron)));
            }
            samples.extend(batch.samples.iter().map(|(step, states)| (step, states.to_vec())));
            Ok::<(), ()>(())
        });
        done.expect("an engine that runs");
    }
    Outcome { spikes, samples, state: engine.state().expect("a state") }
}

/// The oracle.
pub fn reference(network: &IntegerNetwork, probe: Option<&Probe>, steps: u32) -> Outcome {
    let store = CsrStore::build(network, 1).expect("a store");
    outcome(&mut ReferenceEngine::new(network, &store, None), network, probe, &[steps])
}

/// Every other way, with its name; without a GPU those of the CPU.
pub fn other_ways(network: &IntegerNetwork, probe: Option<&Probe>, steps: u32) -> Vec<(String, Outcome)> {
    let mut found = Vec::new();
    let parts = [1, 130, 69].map(|part| part.min(steps / 4));
    let rest = steps - parts.iter().sum::<u32>();
    let in_parts = [&parts[..], &[rest]].concat();
    for (n_shards, batch_steps) in [(1, 7), (3, 333)] {
        let store = CsrStore::build(network, n_shards).expect("a store");
        let drawn = ProceduralStore::build(network, n_shards).expect("row counts");
        let name = |way: &str| format!("{way}, {n_shards} shards, batches of {batch_steps}");
        let mut engine = ReferenceEngine::new(network, &store, Some(batch_steps));
        found.push((name("reference"), outcome(&mut engine, network, probe, &in_parts)));
        for vectors in [Vectors::Auto, Vectors::Baseline] {
            let stored: [(&str, Rows<'_>); 2] = [("stored", (&store).into()), ("drawn", (&drawn).into())];
            for (way, rows) in stored {
                let options = CpuOptions { threads: 2, vectors, batch_steps: Some(batch_steps) };
                let mut engine = CpuEngine::new(network, rows, options).expect("an engine");
                let name = name(&format!("cpu, {way}, {vectors:?}"));
                found.push((name, outcome(&mut engine, network, probe, &in_parts)));
            }
        }
        let Some(adapter) = test_adapter() else { continue };
        let options = GpuOptions { batch_steps: Some(batch_steps), ..GpuOptions::default() };
        let mut engine = GpuEngine::new(network, &store, &adapter, &options).expect("an engine");
        found.push((name("gpu, stored"), outcome(&mut engine, network, probe, &in_parts)));
        for window_steps in [64, 512] {
            let options = GpuOptions { window_steps: Some(window_steps), ..options };
            let engine = GpuEngine::procedural(network, n_shards, &adapter, &options);
            let name = name(&format!("gpu, drawn, windows of {window_steps}"));
            let found_outcome = outcome(&mut engine.expect("an engine"), network, probe, &in_parts);
            found.push((name, found_outcome));
        }
    }
    found
}
