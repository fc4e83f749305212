//! What the GPU engine promises besides its spikes: nothing is dropped silently, a network too large
//! is refused with what to do, and its memory is known before it is built.

use crate::fixtures::adapter::{gpu_engine, test_adapter};
use crate::fixtures::random_network::{DT_MS, Ingredients, integer_network, random_spec, run};
use humam_gpu::engine::fixed_point::{Arithmetic, IntegerNetwork};
use humam_gpu::engine::gpu::{
    AdapterKind, AdapterLimits, AdapterSelection, GpuAdapter, GpuError, GpuOptions, StoredRowSizes, adapters,
    fit,
};
use humam_gpu::engine::reference::ReferenceEngine;
use humam_gpu::engine::synapses::{CsrStore, Synapses};
use humam_gpu::engine::{Engine, EngineError};
use humam_gpu::model::network::NetworkSpec;
use std::ops::ControlFlow;

const STEPS: u32 = 300;
const BATCH_STEPS: u32 = 64;

fn options() -> GpuOptions {
    GpuOptions { batch_steps: Some(BATCH_STEPS), ..Default::default() }
}

/// Errors of the reference and the GPU engine on a network with these fixed-point formats.
fn errors(spec: &NetworkSpec, arithmetic: &Arithmetic) -> Option<[EngineError; 2]> {
    let adapter = test_adapter()?;
    let network = IntegerNetwork::new(spec, DT_MS, 1, arithmetic).expect("a network");
    let store = CsrStore::build(&network, 2).expect("a store");
    let expected = run(&mut ReferenceEngine::new(&network, &store, Some(BATCH_STEPS)), &[STEPS]);
    let mut engine =
        gpu_engine(&network, (&store).into(), store.shards.len(), &adapter, &options()).expect("an engine");
    let found = run(&mut engine, &[STEPS]).expect_err("a value out of its range");
    let again = engine.advance(1, &mut |_| ControlFlow::Continue(())).expect_err("still out of its range");
    assert_eq!(again.to_string(), found.to_string());
    Some([expected.expect_err("a value out of its range"), found])
}

/// Both engines name the same quantity, neuron and step.
fn assert_same_overflow(errors: &[EngineError; 2], expected_key: &str) {
    let key = |error: &EngineError| match error {
        EngineError::Overflow { key, .. } => *key,
        other => panic!("{other}"),
    };
    assert_eq!(errors.each_ref().map(key), [expected_key; 2]);
    assert_eq!(errors[0].to_string(), errors[1].to_string());
}

#[test]
fn a_potential_that_leaves_its_range_stops_the_run() {
    let mut spec = random_spec(1, Ingredients { synapses: false, ..Default::default() });
    spec.populations.iter_mut().for_each(|p| p.poisson = None);
    spec.populations[1].dc_pa = -3900.0;
    // 24 bits end 112 mV below E_L, and this DC input holds V further down.
    let arithmetic = Arithmetic { v_m_bits: Some(24), current_bits: Some(24), weight_bits: Some(20) };
    let Some(errors) = errors(&spec, &arithmetic) else { return };
    assert_same_overflow(&errors, "arithmetic.v_m_bits");
}

#[test]
fn a_current_that_leaves_its_range_stops_the_run() {
    let mut spec = random_spec(1, Ingredients { populations: 1, ..Default::default() });
    for population in &mut spec.populations {
        let Some(drive) = &mut population.poisson else { continue };
        (drive.rate_hz, drive.weight_pa, drive.relative_sd) = (1.0, 5000.0, 0.0);
        // Ten spikes a step, which a time constant of 2 ms sums up to 200 weights of at least 20 mV/ms.
        drive.rate_hz = 100_000.0 / drive.rate_per_neuron_hz(population.neurons.max(1));
    }
    // 19 bits end at 2048 mV/ms, and hold twice that of what arrives in one step.
    let arithmetic = Arithmetic { current_bits: Some(19), weight_bits: Some(14), ..Default::default() };
    let Some(errors) = errors(&spec, &arithmetic) else { return };
    assert_same_overflow(&errors, "arithmetic.current_bits");
}

#[test]
fn more_spikes_than_a_batch_holds_stop_the_run() {
    let Some(adapter) = test_adapter() else { return };
    let network = integer_network(&random_spec(1, Ingredients::default()), 1);
    let store = CsrStore::build(&network, 1).expect("a store");
    let options = GpuOptions { spike_buffer_bytes: 40, ..options() };
    let mut engine =
        gpu_engine(&network, (&store).into(), store.shards.len(), &adapter, &options).expect("an engine");
    let found = run(&mut engine, &[STEPS]).expect_err("more than ten spikes in a batch");
    let EngineError::Gpu(GpuError::TooManySpikes { capacity: 10, spikes, .. }) = &found else {
        panic!("{found}")
    };
    assert!(*spikes > 10 && found.to_string().contains("engine.batch_steps"), "{found}");
    let again = engine.advance(1, &mut |_| ControlFlow::Continue(())).expect_err("spikes are lost");
    assert_eq!(again.to_string(), found.to_string());
}

#[test]
fn a_break_stops_at_the_end_of_a_batch_that_was_handed_over() {
    let Some(adapter) = test_adapter() else { return };
    let network = integer_network(&random_spec(1, Ingredients::default()), 1);
    let store = CsrStore::build(&network, 2).expect("a store");
    let mut engine =
        gpu_engine(&network, (&store).into(), store.shards.len(), &adapter, &options()).expect("an engine");
    let mut last = 0;
    let mut stop = |batch: humam_gpu::engine::SpikeBatch<'_>| {
        last = batch.first_step + batch.ends.len() as u32 - 1;
        ControlFlow::Break(())
    };
    engine.advance(STEPS, &mut stop).expect("a run");
    assert_eq!(engine.step(), last);
    assert!(last < STEPS);
    let mut reference = ReferenceEngine::new(&network, &store, None);
    run(&mut reference, &[last]).expect("a run");
    assert_eq!(engine.state().expect("a state"), reference.state().expect("a state"));
}

#[test]
fn no_neurons_are_no_obstacle() {
    let Some(adapter) = test_adapter() else { return };
    let mut spec = random_spec(1, Ingredients { populations: 1, synapses: false, ..Default::default() });
    spec.populations.iter_mut().for_each(|p| (p.neurons, p.poisson) = (0, None));
    let network = integer_network(&spec, 1);
    let store = CsrStore::build(&network, 1).expect("a store");
    let mut engine =
        gpu_engine(&network, (&store).into(), store.shards.len(), &adapter, &options()).expect("an engine");
    assert_eq!(run(&mut engine, &[STEPS]).expect("a run").n_spikes(), 0);
}

#[test]
fn the_engine_allocates_what_the_plan_says() {
    let Some(adapter) = test_adapter() else { return };
    let network = integer_network(&random_spec(2, Ingredients::default()), 2);
    let store = CsrStore::build(&network, 3).expect("a store");
    let engine =
        gpu_engine(&network, (&store).into(), store.shards.len(), &adapter, &options()).expect("an engine");
    let plan = fit(&network, Synapses::STORED, Some(3), &adapter.info().limits, &options()).plan;
    assert_eq!(engine.plan(), &plan);
    assert_eq!(engine.memory().device_bytes, plan.device_bytes());
}

#[test]
fn the_engine_that_draws_synapses_allocates_what_the_plan_says() {
    let Some(adapter) = test_adapter() else { return };
    let network = integer_network(&random_spec(2, Ingredients::default()), 2);
    let fit = fit(&network, Synapses::PROCEDURAL, Some(3), &adapter.info().limits, &options());
    let engine = gpu_engine(&network, Synapses::Procedural(()), 3, &adapter, &options()).expect("an engine");
    assert_eq!(engine.plan(), &fit.plan);
    assert_eq!(engine.memory().device_bytes, fit.plan.device_bytes());
    assert!(network.longest_delay() > 64 && fit.plan.window.expect("a window").steps >= 64);
}

#[test]
fn more_spikes_in_reach_than_the_history_holds_stop_the_run() {
    let Some(adapter) = test_adapter() else { return };
    let network = integer_network(&random_spec(1, Ingredients::default()), 1);
    let with = |history_spikes| {
        let options = GpuOptions { history_spikes: Some(history_spikes), ..options() };
        let mut engine =
            gpu_engine(&network, Synapses::Procedural(()), 1, &adapter, &options).expect("an engine");
        let found = run(&mut engine, &[STEPS]);
        let again = engine.advance(1, &mut |_| ControlFlow::Continue(()));
        (found, again.map_err(|error| error.to_string()))
    };
    let (found, again) = with(16);
    let found = found.expect_err("more than sixteen spikes in reach");
    let EngineError::Gpu(GpuError::HistoryTooSmall { capacity: 16, spikes, enough, .. }) = found else {
        panic!("{found}")
    };
    assert!(spikes > 16 && found.to_string().contains("engine.history_spikes"), "{found}");
    assert_eq!(again, Err(found.to_string()));
    // What the error proposes is more than there was, so doubling ends.
    assert!(enough > spikes);
    let store = CsrStore::build(&network, 1).expect("a store");
    let expected = run(&mut ReferenceEngine::new(&network, &store, None), &[STEPS]).expect("a run");
    let (found, again) = with(1 << 12);
    assert_eq!(found.expect("a run"), expected);
    assert_eq!(again, Ok(()));
}

#[test]
fn a_plan_made_before_the_build_is_that_of_the_built_network() {
    for seed in 1..5 {
        let network = integer_network(&random_spec(seed, Ingredients::default()), seed);
        let store = CsrStore::build(&network, 3).expect("a store");
        let planned = fit(&network, Synapses::STORED, Some(3), &limits(1 << 31), &options()).plan.sizes;
        let built = store.shards.iter().map(|shard| {
            let (synapses, longest_delay) = (shard.synapses.len() as u64, shard.longest_delay);
            (shard.shard.clone(), Synapses::Stored(StoredRowSizes { synapses, longest_delay }))
        });
        assert!(planned.shards.iter().map(|shard| (shard.shard.clone(), shard.rows)).eq(built));
    }
}

fn limits(binding_bytes: u64) -> AdapterLimits {
    AdapterLimits { buffer_bytes: 1 << 31, binding_bytes, workgroups: 65_535 }
}

#[test]
fn shards_are_as_many_as_the_limits_ask_for() {
    // Plans are made without drawing a synapse of the larger network.
    let larger = Ingredients { max_neurons: 20_000, ..Default::default() };
    for (synapses, ingredients) in
        [(Synapses::STORED, Ingredients::default()), (Synapses::PROCEDURAL, larger)]
    {
        let network = integer_network(&random_spec(3, ingredients), 3);
        let one = fit(&network, synapses, None, &limits(1 << 31), &options());
        assert_eq!((one.plan.sizes.shards.len(), one.refusal), (1, None));
        let largest = one.plan.buffers.iter().map(|b| b.bytes).max().expect("buffers");
        // A shorter window would do too.
        let options = GpuOptions { window_steps: one.plan.window.map(|window| window.steps), ..options() };
        let several = fit(&network, synapses, None, &limits(largest / 2), &options);
        assert!(several.plan.sizes.shards.len() > 1, "{synapses:?}");
        assert_eq!(several.plan.check(&limits(largest / 2)), Ok(()));
        assert_eq!(fit(&network, synapses, Some(3), &limits(1 << 31), &options).plan.sizes.shards.len(), 3);
    }
}

#[test]
fn a_window_is_as_long_as_memory_allows_and_shards_cost() {
    let ingredients = Ingredients { max_neurons: 20_000, ..Default::default() };
    let network = integer_network(&random_spec(3, ingredients), 3);
    let window = |memory_bytes: u64, binding_bytes: u64| {
        let options = GpuOptions { memory_bytes, spike_buffer_bytes: 1 << 20, ..options() };
        let fit = fit(&network, Synapses::PROCEDURAL, None, &limits(binding_bytes), &options);
        let steps = fit.plan.window.expect("a window").steps;
        assert_eq!(fit.refusal, None);
        assert!(fit.plan.device_bytes() <= memory_bytes || steps == 64);
        (steps, fit.n_shards)
    };
    let (ample, shards) = window(12 << 30, 1 << 31);
    assert_eq!((ample, shards), (network.longest_delay().next_power_of_two(), 1));
    assert!(window(64 << 20, 1 << 31).0 < ample);
    // Where bindings hold half of it for one population alone, one shard with the shortest one costs less than so many.
    let largest = network.populations.iter().map(|p| u64::from(p.neurons)).max().expect("populations");
    assert_eq!(window(12 << 30, 4 * (largest + 3) * u64::from(ample / 2)), (64, 1));
    // If nothing is enough, the plan is for the shortest window there can be.
    assert_eq!(window(1, 1 << 31).0, 64);
}

#[test]
fn a_network_beyond_the_limits_is_refused_with_what_to_change() {
    let network = integer_network(&random_spec(3, Ingredients::default()), 3);
    for synapses in [Synapses::STORED, Synapses::PROCEDURAL] {
        let fit = fit(&network, synapses, None, &limits(4096), &options());
        let error = fit.refusal.expect("4 KiB are too little");
        let GpuError::TooLarge { limit: 4096, bytes, .. } = &error else { panic!("{error}") };
        let message = error.to_string();
        assert!(message.contains(&bytes.to_string()) && message.contains("4096"), "{message}");
        assert!(message.contains("lower engine.batch_steps") || message.contains("scaling"), "{message}");
    }
}

#[test]
fn adapters_are_chosen_by_part_of_their_name_and_software_only_when_asked_for() {
    let error = GpuAdapter::select(AdapterSelection::Named("no such adapter")).expect_err("no adapter");
    assert!(error.to_string().contains("'no such adapter'"), "{error}");
    match GpuAdapter::select(AdapterSelection::Hardware) {
        Ok(adapter) => assert_ne!(adapter.info().kind, AdapterKind::Software),
        Err(error) => assert!(error.to_string().contains("--engine cpu"), "{error}"),
    }
    if let Some(first) = adapters().first() {
        let part = first.name[..first.name.len() / 2].to_uppercase();
        let found = GpuAdapter::select(AdapterSelection::Named(&part)).expect("the adapter");
        assert_eq!(found.info(), first);
    }
}
