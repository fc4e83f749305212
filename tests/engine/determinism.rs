//! One configuration and one seed have one hash of spikes: on every engine, with any number of threads,
//! shards and steps a batch, any vector instructions, stored or drawn synapses, and wherever the run was
//! stopped and went on. For `tiny.ron` it stands here, so that every machine and every version is held to
//! it; where it changes, CHANGELOG.md says why.

use crate::fixtures::ways::Way;
use humam_gpu::config::{self, Override};
use humam_gpu::engine::assembly::integer_network;
use humam_gpu::engine::fixed_point::{BLOCK_STEPS, IntegerNetwork};
use humam_gpu::engine::{Engine, SpikesInFlight, Vectors};
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::model_network;
use humam_gpu::simulation::recording::SpikeHash;
use humam_gpu::simulation::simulate;
use std::convert::Infallible;
use std::path::Path;

/// Spikes of `tiny.ron`, and their SHA-256 as `humam-gpu verify` tells it.
const GOLDEN: (u64, &str) = (55_533, "b6cc1bf1c4ecaa6da110a9d4306bc4562b1109d1c6f3b834a74f89d4c3f4cac2");

const BASELINE: Way = Way::CPU.vectors(Vectors::Baseline);

/// Each value of each choice beside several others.
const WAYS: [Way; 13] = [
    Way::REFERENCE.batches(1000),
    Way::REFERENCE.shards(4).batches(7),
    Way::REFERENCE.procedural(),
    Way::CPU.threads(1).batches(1000),
    Way::CPU.shards(5).batches(64),
    Way::CPU.threads(3).shards(3).batches(1),
    Way::CPU.procedural().threads(1).shards(2).batches(333),
    Way::CPU.procedural().threads(3).shards(7).batches(1000),
    BASELINE.shards(2).batches(100),
    BASELINE.procedural().threads(1).batches(65),
    Way::GPU.batches(512),
    Way::GPU.shards(3).batches(50),
    Way::GPU.procedural().shards(2).batches(512),
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
        let spec = model_network(&config.model_options(), &tables, &mut ()).expect("a network").network;
        let network = integer_network(&spec, &config.build_options()).expect("a network that fits");
        Self { network, n_steps: config.simulation.n_steps() }
    }

    /// Computes `n_steps` more steps.
    fn simulate(&self, engine: &mut dyn Engine, n_steps: u32, spikes: &mut Vec<(u32, Vec<u32>)>) {
        let simulated = simulate(engine, n_steps, |batch| {
            spikes.extend(batch.steps().map(|(step, neurons)| (step, neurons.to_vec())));
            Ok::<(), Infallible>(())
        });
        simulated.expect("an engine that runs");
    }

    /// Spikes and their hash if the run stops after these numbers of blocks and goes on in the next way.
    fn hash(&self, ways: &[Way], stops: &[u32]) -> Option<(u64, String)> {
        let mut spikes: Vec<(u32, Vec<u32>)> = Vec::new();
        let mut state = None;
        let ends = stops.iter().map(|blocks| blocks * BLOCK_STEPS).chain([self.n_steps]);
        for (&way, end) in ways.iter().zip(ends) {
            let done = spikes.len() as u32;
            state = Some(way.with(&self.network, |engine| {
                if let Some(state) = &state {
                    let first_step = SpikesInFlight::first_step_needed(&self.network, done);
                    let steps = spikes[first_step as usize - 1..].iter().map(|(_, neurons)| neurons);
                    let in_flight = SpikesInFlight::new(first_step, steps);
                    engine.restore(state, &in_flight).expect("a state to go on from");
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
