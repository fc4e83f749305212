//! Devices that are lost, and devices whose memory runs out.

use super::buffers::Buffers;
use super::device::Device;
use super::shader_tests::adapter::{self, gpu_engine};
use super::{BufferRole, GpuEngine, GpuError, GpuOptions, PlannedBuffer, fit};
use crate::engine::fixed_point::{Arrival, BLOCK_STEPS, IntegerNetwork};
use crate::engine::random_network::{Ingredients, integer_network, random_spec, run};
use crate::engine::reference::ReferenceEngine;
use crate::engine::synapses::{CsrStore, Synapses};
use crate::engine::{Engine, EngineError, Probe, SpikeBatch, SpikesInFlight, State};
use std::cell::RefCell;
use std::ops::ControlFlow;

thread_local! {
    /// Steps after which this thread's devices are lost, one after the other.
    static LOST_AFTER: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// Lets the devices of this thread be lost after so many steps: the first one in the run that comes first to its
/// step, and so on.
pub(crate) fn lose_device_after(steps: &[u32]) {
    LOST_AFTER.set(steps.to_vec());
}

/// Loses the device if that is due.
pub(super) fn lose_if_due(step: u32, device: &Device) {
    LOST_AFTER.with_borrow_mut(|steps| {
        if steps.first().is_some_and(|&due| step >= due) {
            steps.remove(0);
            device.device.destroy();
        }
    });
}

const STEPS: u32 = 512;
const BATCH_STEPS: u32 = 64;
/// The device is lost when the spikes of so many are handed over, and while it computes the next batch.
const LOST_AFTER_STEPS: u32 = 2 * BATCH_STEPS;

/// An engine with stored synapses, and one with procedural ones.
fn engines<'a>(network: &'a IntegerNetwork, store: &CsrStore) -> Option<[GpuEngine<'a>; 2]> {
    let adapter = adapter::test_adapter()?;
    let options = GpuOptions { batch_steps: Some(BATCH_STEPS), ..Default::default() };
    Some([
        gpu_engine(network, store.into(), 2, &adapter, &options).expect("an engine"),
        gpu_engine(network, Synapses::Procedural(()), 2, &adapter, &options).expect("an engine"),
    ])
}

fn with_engines(test: impl Fn(GpuEngine<'_>, &IntegerNetwork, &CsrStore)) {
    let network = integer_network(&random_spec(1, Ingredients::default()), 1);
    let store = CsrStore::build(&network, 2).expect("a store");
    for engine in engines(&network, &store).into_iter().flatten() {
        test(engine, &network, &store);
    }
}

#[track_caller]
fn assert_lost<T>(result: Result<T, EngineError>) {
    let error = result.map(drop).expect_err("the device is lost");
    assert!(matches!(error, EngineError::Gpu(GpuError::Lost(_))), "{error}");
    let message = error.to_string();
    let remedies = ["was lost", "run again", "--engine cpu"];
    assert!(remedies.iter().all(|part| message.contains(part)), "{message}");
}

/// Every call that computes or reads something after a loss.
fn assert_nothing_follows(engine: &mut GpuEngine<'_>) {
    let (step, last) = (engine.step(), engine.network.n_neurons() - 1);
    let nothing = &mut |_: SpikeBatch<'_>| panic!("nothing was computed");
    assert_lost(engine.advance(1, nothing));
    assert_lost(engine.advance(STEPS, nothing));
    assert_lost(engine.state());
    assert_lost(engine.set_dc(&vec![0; last as usize + 1]));
    assert_lost(engine.inject(&[Arrival { step: step + 1, neuron: last, weight: 1 }]));
    assert_lost(engine.probe(Probe::new(&[0, last], 1)));
    assert_eq!(engine.step(), step);
}

#[test]
fn a_device_lost_in_a_run_ends_it_with_what_to_do_and_gives_no_wrong_spikes() {
    with_engines(|mut engine, network, store| {
        let whole = run(&mut ReferenceEngine::new(network, store, None), &[STEPS]).expect("a run");
        let device = engine.device.device.clone();
        let mut found = Vec::new();
        let lost = engine.advance(STEPS, &mut |batch| {
            found.extend(batch.steps().map(|(_, neurons)| neurons.to_vec()));
            if found.len() == LOST_AFTER_STEPS as usize {
                device.destroy();
            }
            ControlFlow::Continue(())
        });
        assert_lost(lost);
        // Whole batches were handed over, and the right spikes.
        let done = engine.step() as usize;
        assert!((LOST_AFTER_STEPS..STEPS).contains(&engine.step()), "{done}");
        assert_eq!(found, whole.spikes[..done]);
        assert!(whole.n_spikes() > 0);
        assert_nothing_follows(&mut engine);
    });
}

#[test]
fn an_engine_with_arrivals_and_samples_on_their_way_tells_a_loss() {
    with_engines(|mut engine, network, _| {
        let last = network.n_neurons() - 1;
        engine.probe(Probe::new(&[0, last], 2)).expect("a probe");
        engine.inject(&[Arrival { step: 1, neuron: last, weight: 1 }]).expect("an arrival");
        engine.device.device.destroy();
        assert_nothing_follows(&mut engine);
    });
}

#[test]
fn a_run_cannot_be_taken_up_on_a_device_that_is_lost() {
    with_engines(|mut engine, network, _| {
        let n = network.n_neurons() as usize;
        let state = State { v_m: vec![0; n], current: vec![[0; 2]; n] };
        let in_flight =
            SpikesInFlight { first_step: 1, ends: vec![0; BLOCK_STEPS as usize], neurons: Vec::new() };
        engine.device.device.destroy();
        assert_lost(engine.restore(&state, &in_flight));
        assert_nothing_follows(&mut engine);
    });
}

/// Set in the process whose address space is limited.
#[cfg(target_os = "linux")]
const LIMITED: &str = "HUMAM_TEST_LIMITED";

/// A software adapter takes its buffers from the process's address space, which a process of its own has
/// limited.
#[test]
#[cfg(target_os = "linux")]
fn memory_that_runs_out_on_the_device_is_an_error_with_what_to_do() {
    let Some(adapter) = adapter::software_test_adapter() else { return };
    if std::env::var_os(LIMITED).is_some() {
        let error = allocate(&adapter, 8).expect_err("8 GiB in less");
        assert_eq!(error, GpuError::OutOfMemory { bytes: 8 << 30 });
        let message = error.to_string();
        assert!(message.contains("engine.synapses = procedural") && message.contains("--engine cpu"));
        return;
    }
    let test = "engine::gpu::fault_tests::memory_that_runs_out_on_the_device_is_an_error_with_what_to_do";
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 4000000 && exec \"$@\"", "sh"])
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(LIMITED, "1")
        .output()
        .expect("a shell");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && told.contains("1 passed"), "{output:?}");
}

/// Allocates that many buffers of 1 GiB.
#[cfg(target_os = "linux")]
fn allocate(adapter: &super::GpuAdapter, n: usize) -> Result<(), GpuError> {
    let device = Device::open(adapter, true)?;
    let network = integer_network(&random_spec(1, Ingredients::default()), 1);
    let limits = &adapter.info().limits;
    let mut plan = fit(&network, Synapses::PROCEDURAL, Some(1), limits, &GpuOptions::default()).plan;
    let buffer = |shard| PlannedBuffer { role: BufferRole::Ring, shard: Some(shard), bytes: 1 << 30 };
    plan.buffers = (0..n).map(buffer).collect();
    Buffers::allocate(&device, &plan).map(drop)
}
