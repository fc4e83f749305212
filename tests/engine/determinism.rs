//! One configuration and one seed have one hash of spikes: on every engine, with any number of threads,
//! shards and steps a batch, any vector instructions, stored or drawn synapses, and wherever the run was
//! stopped and went on. For `tiny.ron` it stands here, so that every machine and every version is held to
//! it; where it changes, CHANGELOG.md says why.

use crate::fixtures::adapter::test_adapter;
use humam_gpu::config::{self, Override, Vectors};
use humam_gpu::engine::assembly::integer_network;
use humam_gpu::engine::cpu::{CpuEngine, CpuOptions, Rows};
use humam_gpu::engine::fixed_point::{BLOCK_STEPS, IntegerNetwork};
use humam_gpu::engine::gpu::{GpuEngine, GpuOptions};
use humam_gpu::engine::reference::ReferenceEngine;
use humam_gpu::engine::synapses::{CsrStore, ProceduralStore};
use humam_gpu::engine::{Engine, SpikesInFlight};
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::model_network;
use humam_gpu::simulation::recording::SpikeHash;
use humam_gpu::simulation::{restore, simulate};
use std::convert::Infallible;
use std::path::Path;

/// Spikes of `tiny.ron`, and their SHA-256 as `humam-gpu verify` tells it.
const GOLDEN: (u64, &str) = (55_533, "b6cc1bf1c4ecaa6da110a9d4306bc4562b1109d1c6f3b834a74f89d4c3f4cac2");

/// A way to compute a network.
#[derive(Debug, Clone, Copy)]
struct Way {
    kind: Kind,
    threads: usize,
    shards: usize,
    batch_steps: u32,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Reference,
    Cpu { vectors: Vectors, drawn: bool },
    Gpu { drawn: bool },
}

const fn way(kind: Kind, threads: usize, shards: usize, batch_steps: u32) -> Way {
    Way { kind, threads, shards, batch_steps }
}

const STORED: Kind = Kind::Cpu { vectors: Vectors::Auto, drawn: false };
const DRAWN: Kind = Kind::Cpu { vectors: Vectors::Auto, drawn: true };
const BASELINE: Kind = Kind::Cpu { vectors: Vectors::Baseline, drawn: false };
const BASELINE_DRAWN: Kind = Kind::Cpu { vectors: Vectors::Baseline, drawn: true };

/// Each value of each choice beside several others.
const WAYS: [Way; 12] = [
    way(Kind::Reference, 1, 1, 1000),
    way(Kind::Reference, 1, 4, 7),
    way(STORED, 1, 1, 1000),
    way(STORED, 2, 5, 64),
    way(STORED, 3, 3, 1),
    way(DRAWN, 1, 2, 333),
    way(DRAWN, 3, 7, 1000),
    way(BASELINE, 2, 2, 100),
    way(BASELINE_DRAWN, 1, 1, 65),
    way(Kind::Gpu { drawn: false }, 1, 1, 512),
    way(Kind::Gpu { drawn: false }, 1, 3, 50),
    way(Kind::Gpu { drawn: true }, 1, 2, 512),
];

/// A network of a configuration that comes with the program.
struct Case {
    network: IntegerNetwork,
    n_steps: u32,
}

impl Case {
    fn new(assignments: &[&str]) -> Self {
        let overrides: Vec<Override> =
            assignments.iter().map(|text| Override::set(text).expect("an assignment")).collect();
        let config = config::load(Path::new("builtin:tiny"), &overrides).expect("a configuration");
        let tables = Tables::load(&config.anatomy).expect("tables");
        let spec = model_network(&config, &tables, &mut ()).expect("a network").network;
        let network = integer_network(&spec, &config).expect("a network that fits");
        Self { network, n_steps: config.simulation.n_steps() }
    }

    /// Hands the engine of that way to `then`; `None` without an adapter.
    fn with<T>(&self, way: Way, then: impl FnOnce(&mut dyn Engine) -> T) -> Option<T> {
        let Way { kind, threads, shards, batch_steps } = way;
        let stored = || CsrStore::build(&self.network, shards).expect("a store");
        let batch_steps = Some(batch_steps);
        Some(match kind {
            Kind::Reference => then(&mut ReferenceEngine::new(&self.network, &stored(), batch_steps)),
            Kind::Cpu { vectors, drawn } => {
                let options = CpuOptions { threads, vectors, batch_steps };
                let (stored, again) =
                    (stored(), ProceduralStore::build(&self.network, shards).expect("counts"));
                let rows: Rows<'_> = if drawn { (&again).into() } else { (&stored).into() };
                then(&mut CpuEngine::new(&self.network, rows, options).expect("an engine"))
            }
            Kind::Gpu { drawn } => {
                let (adapter, options) =
                    (test_adapter()?, GpuOptions { batch_steps, ..GpuOptions::default() });
                let engine = match drawn {
                    true => GpuEngine::procedural(&self.network, shards, &adapter, &options),
                    false => GpuEngine::new(&self.network, &stored(), &adapter, &options),
                };
                then(&mut engine.expect("an engine"))
            }
        })
    }

    /// Computes `n_steps` more steps.
    fn simulate(&self, engine: &mut dyn Engine, n_steps: u32, spikes: &mut Vec<(u32, Vec<u32>)>) {
        let simulated = simulate(engine, &self.network.stimuli, n_steps, |batch| {
            spikes.extend(batch.steps().map(|(step, neurons)| (step, neurons.to_vec())));
            Ok::<(), Infallible>(())
        });
        simulated.expect("an engine that runs");
    }

    /// Spikes and their hash where the run stops after these numbers of blocks and goes on in the next way.
    fn hash(&self, ways: &[Way], stops: &[u32]) -> Option<(u64, String)> {
        let mut spikes: Vec<(u32, Vec<u32>)> = Vec::new();
        let mut state = None;
        let ends = stops.iter().map(|blocks| blocks * BLOCK_STEPS).chain([self.n_steps]);
        for (&way, end) in ways.iter().zip(ends) {
            let done = spikes.len() as u32;
            state = Some(self.with(way, |engine| {
                if let Some(state) = &state {
                    let first_step = SpikesInFlight::first_step_needed(&self.network, done);
                    let mut in_flight = SpikesInFlight { first_step, ..SpikesInFlight::default() };
                    for (_, neurons) in &spikes[first_step as usize - 1..] {
                        in_flight.neurons.extend(neurons);
                        in_flight.ends.push(in_flight.neurons.len() as u32);
                    }
                    restore(engine, &self.network.stimuli, state, &in_flight).expect("a state to go on from");
                }
                self.simulate(engine, end - done, &mut spikes);
                engine.state().expect("a state")
            })?);
        }
        let mut hash = SpikeHash::default();
        spikes.iter().for_each(|(step, neurons)| hash.take(*step, neurons));
        Some(hash.finish())
    }
}

#[test]
fn tiny_has_its_golden_hash_computed_in_any_way() {
    let case = Case::new(&[]);
    for way in WAYS {
        if let Some((n_spikes, hash)) = case.hash(&[way], &[]) {
            assert_eq!((n_spikes, hash.as_str()), GOLDEN, "{way:?}");
        }
    }
}

#[test]
fn tiny_has_its_golden_hash_wherever_it_was_stopped() {
    let case = Case::new(&[]);
    let blocks = case.n_steps / BLOCK_STEPS;
    for (index, &way) in WAYS.iter().enumerate() {
        let others = [WAYS[(index + 4) % WAYS.len()], WAYS[(index + 7) % WAYS.len()]];
        let stops = [1 + index as u32 % (blocks / 2), blocks / 2 + 1 + index as u32 % (blocks / 3)];
        if let Some((n_spikes, hash)) = case.hash(&[way, others[0], others[1]], &stops) {
            assert_eq!((n_spikes, hash.as_str()), GOLDEN, "{way:?}, then {others:?}, after {stops:?} blocks");
        }
    }
}

#[test]
fn another_seed_or_key_has_another_hash() {
    for assignment in ["simulation.seed=1", "weights.relative_sd=0.11", "simulation.duration_ms=100"] {
        let (_, hash) = Case::new(&[assignment]).hash(&WAYS[2..3], &[]).expect("the CPU engine");
        assert_ne!(hash, GOLDEN.1, "{assignment}");
    }
}

#[test]
fn options_and_stimuli_have_one_hash_too() {
    let case = Case::new(&[
        "connectivity.rule=fixed_indegree",
        "connectivity.p_transmit=0.7",
        "neurons.excitatory.tau_m_relative_sd=0.3",
        "neurons.inhibitory.tau_syn_in_ms=3",
        r#"stimuli=[{"dc":{"populations":"*","amplitude_pa":40,"from_ms":5.3,"to_ms":61}}]"#,
    ]);
    let expected = case.hash(&WAYS[..1], &[]).expect("the reference engine");
    assert!(expected.0 > 1000);
    for (index, &way) in WAYS.iter().enumerate().skip(2) {
        let other = WAYS[(index + 5) % WAYS.len()];
        for (ways, stops) in [(vec![way], vec![]), (vec![way, other], vec![2 + index as u32 % 3])] {
            if let Some(found) = case.hash(&ways, &stops) {
                assert_eq!(found, expected, "{ways:?}");
            }
        }
    }
}
