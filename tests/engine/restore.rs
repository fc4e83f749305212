//! A run that stops and goes on, in the same engine or in another one, gives the spikes and the state of
//! one that did not stop.

use crate::fixtures::random_network::{Ingredients, integer_network, random_spec};
use crate::fixtures::ways::Way;
use humam_gpu::engine::fixed_point::IntegerNetwork;
use humam_gpu::engine::{Engine, SpikesInFlight, State};
use humam_gpu::model::network::ConnectionRule;
use std::ops::ControlFlow;

/// Blocks of external input in a run; delays of these networks reach over a few of them.
const BLOCKS: u32 = 12;
const BLOCK_STEPS: u32 = 64;

const REFERENCE: Way = Way::REFERENCE.batches(50).shards(2);
const CPU: Way = Way::CPU.batches(50).shards(2);
const CPU_PROCEDURAL: Way = Way::CPU.procedural().batches(50).shards(3);
const GPU: Way = Way::GPU.batches(50).shards(2);
/// With windows of that many blocks.
const fn gpu_procedural(blocks: u32) -> Way {
    Way::GPU.procedural().batches(50).shards(2).windows(blocks * BLOCK_STEPS)
}
const REFERENCE_PROCEDURAL: Way = REFERENCE.procedural();
const WAYS: [Way; 7] =
    [REFERENCE, REFERENCE_PROCEDURAL, CPU, CPU_PROCEDURAL, GPU, gpu_procedural(1), gpu_procedural(2)];

fn network(seed: u64, ingredients: Ingredients) -> IntegerNetwork {
    integer_network(&random_spec(seed, ingredients), seed)
}

/// Spikes of each step.
type Spikes = Vec<Vec<u32>>;

fn advance(engine: &mut dyn Engine, steps: u32) -> Spikes {
    let mut spikes = Vec::new();
    let advanced = engine.advance(steps, &mut |batch| {
        spikes.extend(batch.steps().map(|(_, neurons)| neurons.to_vec()));
        ControlFlow::Continue(())
    });
    advanced.expect("an engine that runs");
    spikes
}

/// What a run that goes on after these steps needs to know of them.
fn in_flight(network: &IntegerNetwork, spikes: &[Vec<u32>]) -> SpikesInFlight {
    let first_step = SpikesInFlight::first_step_needed(network, spikes.len() as u32);
    SpikesInFlight::new(first_step, &spikes[first_step as usize - 1..])
}

fn check(network: &IntegerNetwork, from: Way, to: Way, blocks: &[u32]) {
    let whole = REFERENCE.with(network, |engine| {
        let spikes = advance(engine, BLOCKS * BLOCK_STEPS);
        (spikes, engine.state().expect("a state"))
    });
    let (expected, last) = whole.expect("the reference engine");
    assert!(expected.iter().map(Vec::len).sum::<usize>() > 100);
    for &stop in blocks {
        let first = from.with(network, |engine| {
            let spikes = advance(engine, stop * BLOCK_STEPS);
            (spikes, engine.state().expect("a state"))
        });
        let Some((mut spikes, state)) = first else { return };
        to.with(network, |second| {
            second.restore(&state, &in_flight(network, &spikes)).expect("a state to go on from");
            assert_eq!(second.step(), stop * BLOCK_STEPS);
            assert!(second.state().expect("a state") == state, "{from:?} to {to:?} after {stop} blocks");
            spikes.extend(advance(second, (BLOCKS - stop) * BLOCK_STEPS));
            for (step, (found, expected)) in (1..).zip(spikes.iter().zip(&expected)) {
                assert_eq!(found, expected, "step {step}, {from:?} to {to:?} after {stop} blocks");
            }
            assert!(second.state().expect("a state") == last);
        });
    }
}

#[test]
fn every_engine_goes_on_from_where_any_other_has_stopped() {
    let network = network(1, Ingredients::default());
    assert!(network.longest_delay() > BLOCK_STEPS, "delays reach beyond a block");
    for from in WAYS {
        for to in WAYS {
            check(&network, from, to, &[5]);
        }
    }
}

#[test]
fn it_may_stop_at_the_end_of_any_block() {
    let network = network(2, Ingredients { two_currents: true, several_classes: true, ..Default::default() });
    for way in WAYS {
        check(&network, way, way, &[0, 1, 2, 3, 6, 11]);
    }
}

#[test]
fn what_synapses_lose_and_where_they_lead_stays() {
    let ingredients = Ingredients {
        connection_rule: ConnectionRule::FixedIndegree,
        p_transmit: 0.6,
        parameter_sd: 0.2,
        ..Default::default()
    };
    let network = network(3, ingredients);
    for (from, to) in [
        (CPU, GPU),
        (GPU, CPU_PROCEDURAL),
        (CPU_PROCEDURAL, gpu_procedural(2)),
        (gpu_procedural(1), REFERENCE),
    ] {
        check(&network, from, to, &[4, 7]);
    }
}

/// The state of a run after five blocks, and what is in flight then.
fn after_five_blocks(network: &IntegerNetwork) -> (State, SpikesInFlight) {
    let stopped = CPU.with(network, |engine| {
        let spikes = advance(engine, 5 * BLOCK_STEPS);
        (engine.state().expect("a state"), in_flight(network, &spikes))
    });
    stopped.expect("the CPU engine")
}

#[test]
fn without_the_spikes_in_flight_a_run_goes_another_way() {
    let network = network(1, Ingredients::default());
    let (state, mut silent) = after_five_blocks(&network);
    silent.neurons.clear();
    silent.ends.fill(0);
    let expected = CPU.with(&network, |engine| {
        advance(engine, 5 * BLOCK_STEPS);
        advance(engine, 200)
    });
    let expected = expected.expect("the CPU engine");
    for way in WAYS {
        way.with(&network, |engine| {
            engine.restore(&state, &silent).expect("a state to go on from");
            assert!(advance(engine, 200) != expected, "{way:?}");
        });
    }
}

#[test]
fn what_no_run_can_go_on_from_is_refused() {
    let network = network(1, Ingredients::default());
    let (state, good) = after_five_blocks(&network);
    let refused = |state: &State, in_flight: &SpikesInFlight, reason: &str| {
        for way in WAYS {
            way.with(&network, |engine| {
                let error = engine.restore(state, in_flight).expect_err("an error").to_string();
                assert!(error.contains(reason), "{error}");
            });
        }
    };
    let mut shorter = good.clone();
    shorter.ends.pop();
    refused(&state, &shorter, "is no end of a block");
    let late =
        SpikesInFlight { first_step: good.first_step + 64, ends: good.ends[64..].to_vec(), ..good.clone() };
    refused(&state, &late, "spikes begin with step");
    let mut foreign = good.clone();
    foreign.neurons[0] = network.n_neurons();
    refused(&state, &foreign, "not of this network");
    let mut smaller = state.clone();
    smaller.v_m.pop();
    refused(&smaller, &good, "the state of");
    CPU.with(&network, |engine| {
        advance(engine, 5 * BLOCK_STEPS);
        let error = engine.restore(&state, &good).expect_err("an engine past its start").to_string();
        assert!(error.contains("has done 320 steps already"), "{error}");
    });
}
