//! A run that stops and goes on, in the same engine or in another one, gives the spikes and the state of
//! one that did not stop.

use crate::fixtures::adapter::test_adapter;
use crate::fixtures::random_network::{Ingredients, integer_network, random_spec};
use humam_gpu::config::Vectors;
use humam_gpu::engine::cpu::{CpuEngine, CpuOptions};
use humam_gpu::engine::fixed_point::IntegerNetwork;
use humam_gpu::engine::gpu::{GpuEngine, GpuOptions};
use humam_gpu::engine::reference::ReferenceEngine;
use humam_gpu::engine::synapses::{CsrStore, ProceduralStore};
use humam_gpu::engine::{Engine, SpikesInFlight, State};
use humam_gpu::model::network::ConnectionRule;
use std::ops::ControlFlow;

/// Blocks of external input in a run; delays of these networks reach over a few of them.
const BLOCKS: u32 = 12;
const BLOCK_STEPS: u32 = 64;

/// A way to compute a network.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Reference,
    Cpu,
    CpuDrawing,
    Gpu,
    /// With windows of that many blocks.
    GpuDrawing(u32),
}

const WAYS: [Way; 6] =
    [Way::Reference, Way::Cpu, Way::CpuDrawing, Way::Gpu, Way::GpuDrawing(1), Way::GpuDrawing(2)];

/// A network with its synapses, stored and to be drawn.
struct Case {
    network: IntegerNetwork,
    stored: CsrStore,
    drawn: ProceduralStore,
}

impl Case {
    fn new(seed: u64, ingredients: Ingredients) -> Self {
        let network = integer_network(&random_spec(seed, ingredients), seed);
        let stored = CsrStore::build(&network, 2).expect("a store");
        let drawn = ProceduralStore::build(&network, 3).expect("row counts");
        Self { network, stored, drawn }
    }

    /// The engine at step 0; `None` where there is no adapter.
    fn engine(&self, way: Way) -> Option<Box<dyn Engine + '_>> {
        let cpu = CpuOptions { threads: 2, vectors: Vectors::Auto, batch_steps: Some(50) };
        let gpu = GpuOptions { batch_steps: Some(50), ..GpuOptions::default() };
        Some(match way {
            Way::Reference => Box::new(ReferenceEngine::new(&self.network, &self.stored, Some(50))),
            Way::Cpu => Box::new(CpuEngine::new(&self.network, &self.stored, cpu).expect("an engine")),
            Way::CpuDrawing => Box::new(CpuEngine::new(&self.network, &self.drawn, cpu).expect("an engine")),
            Way::Gpu => Box::new(
                GpuEngine::new(&self.network, &self.stored, &test_adapter()?, &gpu).expect("an engine"),
            ),
            Way::GpuDrawing(blocks) => {
                let options = GpuOptions { window_steps: Some(blocks * BLOCK_STEPS), ..gpu };
                let engine = GpuEngine::procedural(&self.network, 2, &test_adapter()?, &options);
                Box::new(engine.expect("an engine"))
            }
        })
    }
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
    let mut in_flight = SpikesInFlight { first_step, ..SpikesInFlight::default() };
    for neurons in &spikes[first_step as usize - 1..] {
        in_flight.neurons.extend(neurons);
        in_flight.ends.push(in_flight.neurons.len() as u32);
    }
    in_flight
}

fn check(case: &Case, from: Way, to: Way, blocks: &[u32]) {
    let mut whole = case.engine(Way::Reference).expect("the reference engine");
    let expected = advance(whole.as_mut(), BLOCKS * BLOCK_STEPS);
    assert!(expected.iter().map(Vec::len).sum::<usize>() > 100);
    for &stop in blocks {
        let (Some(mut first), Some(mut second)) = (case.engine(from), case.engine(to)) else { return };
        let mut spikes = advance(first.as_mut(), stop * BLOCK_STEPS);
        let state = first.state().expect("a state");
        let in_flight = in_flight(&case.network, &spikes);
        second.restore(&state, &in_flight).expect("a state to go on from");
        assert_eq!(second.step(), stop * BLOCK_STEPS);
        assert!(second.state().expect("a state") == state, "{from:?} to {to:?} after {stop} blocks");
        spikes.extend(advance(second.as_mut(), (BLOCKS - stop) * BLOCK_STEPS));
        for (step, (found, expected)) in (1..).zip(spikes.iter().zip(&expected)) {
            assert_eq!(found, expected, "step {step}, {from:?} to {to:?} after {stop} blocks");
        }
        assert!(second.state().expect("a state") == whole.state().expect("a state"));
    }
}

#[test]
fn every_engine_goes_on_from_where_any_other_has_stopped() {
    let case = Case::new(1, Ingredients::default());
    assert!(case.network.longest_delay() > BLOCK_STEPS, "delays reach beyond a block");
    for from in WAYS {
        for to in WAYS {
            check(&case, from, to, &[5]);
        }
    }
}

#[test]
fn it_may_stop_at_the_end_of_any_block() {
    let case = Case::new(2, Ingredients { two_currents: true, several_classes: true, ..Default::default() });
    for way in WAYS {
        check(&case, way, way, &[0, 1, 2, 3, 6, 11]);
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
    let case = Case::new(3, ingredients);
    for (from, to) in [
        (Way::Cpu, Way::Gpu),
        (Way::Gpu, Way::CpuDrawing),
        (Way::CpuDrawing, Way::GpuDrawing(2)),
        (Way::GpuDrawing(1), Way::Reference),
    ] {
        check(&case, from, to, &[4, 7]);
    }
}

#[test]
fn without_the_spikes_in_flight_a_run_goes_another_way() {
    let case = Case::new(1, Ingredients::default());
    let mut whole = case.engine(Way::Cpu).expect("the CPU engine");
    let spikes = advance(whole.as_mut(), 5 * BLOCK_STEPS);
    let state = whole.state().expect("a state");
    let mut silent = in_flight(&case.network, &spikes);
    silent.neurons.clear();
    silent.ends.fill(0);
    for way in WAYS {
        let Some(mut engine) = case.engine(way) else { return };
        engine.restore(&state, &silent).expect("a state to go on from");
        let mut expected = case.engine(Way::Cpu).expect("the CPU engine");
        advance(expected.as_mut(), 5 * BLOCK_STEPS);
        assert!(advance(engine.as_mut(), 200) != advance(expected.as_mut(), 200), "{way:?}");
    }
}

#[test]
fn what_no_run_can_go_on_from_is_refused() {
    let case = Case::new(1, Ingredients::default());
    let mut whole = case.engine(Way::Cpu).expect("the CPU engine");
    let spikes = advance(whole.as_mut(), 5 * BLOCK_STEPS);
    let state = whole.state().expect("a state");
    let good = in_flight(&case.network, &spikes);
    let refused = |state: &State, in_flight: &SpikesInFlight, reason: &str| {
        for way in WAYS {
            let Some(mut engine) = case.engine(way) else { return };
            let error = engine.restore(state, in_flight).expect_err("an error").to_string();
            assert!(error.contains(reason), "{error}");
        }
    };
    let mut shorter = good.clone();
    shorter.ends.pop();
    refused(&state, &shorter, "is no end of a block");
    let late =
        SpikesInFlight { first_step: good.first_step + 64, ends: good.ends[64..].to_vec(), ..good.clone() };
    refused(&state, &late, "spikes begin with step");
    let mut foreign = good.clone();
    foreign.neurons[0] = case.network.n_neurons();
    refused(&state, &foreign, "not of this network");
    let mut smaller = state.clone();
    smaller.v_m.pop();
    refused(&smaller, &good, "the state of");
    let error = whole.restore(&state, &good).expect_err("an engine past its start").to_string();
    assert!(error.contains("has done 320 steps already"), "{error}");
}
