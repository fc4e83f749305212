//! The full model on a consumer card, as planned from the sizes of its network alone, and where
//! synapses are stored.

use crate::fixtures::adapter;
use humam_gpu::config::{Config, load};
use humam_gpu::engine::assembly::{EnginePlan, choose_engine};
use humam_gpu::engine::fixed_point::{IntegerNetwork, Simulation};
use humam_gpu::engine::gpu::{AdapterLimits, Fit, GpuOptions, fit};
use humam_gpu::engine::synapses::Synapses;
use humam_gpu::engine::{EngineKind, SynapseStorage};
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::network::NetworkSpec;
use humam_gpu::model::{model_network, model_of};
use std::path::Path;

const GIB: u64 = 1 << 30;
/// A consumer card.
const MAX_BYTES: u64 = 12 * GIB;
/// What Vulkan's largest binding is, whatever the card, and what every adapter has.
const BINDINGS: [u64; 2] = [(1 << 31) - 4, 1 << 27];

fn config(name: &str) -> Config {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs").join(name);
    load(&path, &[]).expect("a valid configuration")
}

fn integers(config: &Config, network: &NetworkSpec) -> IntegerNetwork {
    let Simulation { dt_ms, seed, .. } = config.simulation;
    IntegerNetwork::new(network, dt_ms, seed, &config.arithmetic).expect("a network that fits its formats")
}

/// The network of configs/full_scale.ron with no synapse drawn.
fn full_network() -> (Config, IntegerNetwork) {
    let config = config("full_scale.ron");
    let tables = Tables::load(&config.anatomy).expect("tables");
    let network = model_of(&config.model_options(), &tables).expect("a model").network();
    let integers = integers(&config, &network);
    (config, integers)
}

fn planned(network: &IntegerNetwork, synapses: Synapses, binding_bytes: u64) -> Fit {
    let limits = AdapterLimits { buffer_bytes: 1 << 40, binding_bytes, workgroups: 65_535 };
    fit(network, synapses, None, &limits, &GpuOptions::default())
}

#[test]
fn the_full_model_takes_at_most_12_gib_on_the_device() {
    let (config, network) = full_network();
    assert!(network.n_synapses() > 42_000_000_000 && network.longest_delay() > 1500);
    for binding_bytes in BINDINGS {
        let fit = planned(&network, Synapses::PROCEDURAL, binding_bytes);
        let window = fit.plan.window.expect("a window");
        println!("{} shards, {window:?}, {} bytes", fit.plan.sizes.shards.len(), fit.plan.device_bytes());
        assert_eq!(fit.refusal, None);
        assert!(fit.plan.device_bytes() <= MAX_BYTES, "{}", fit.plan.device_bytes());
        assert!(fit.plan.buffers.iter().all(|b| b.bytes <= binding_bytes || b.shard.is_none()));
    }
    // Stored it fits no adapter, and the error says what would.
    let refusal = planned(&network, Synapses::STORED, BINDINGS[1]).refusal.expect("342 GB of synapses");
    let message = refusal.to_string();
    let remedies = ["engine.synapses = procedural", "scaling.n_scaling", "areas: [...]"];
    assert!(remedies.iter().all(|remedy| message.contains(remedy)), "{message}");

    if adapter::test_adapter().is_some() {
        let mut options = config.engine;
        options.engine = EngineKind::Gpu;
        let plan = choose_engine(&options).expect("the engine").plan(&network);
        assert!(plan.is_procedural());
        assert!(plan.memory.device_bytes() <= MAX_BYTES);
    }
}

#[test]
fn synapses_are_stored_where_the_memory_of_the_card_holds_them() {
    if adapter::test_adapter().is_none() {
        return;
    }
    let mut config = config("tiny.ron");
    config.engine.engine = EngineKind::Gpu;
    let tables = Tables::load(&config.anatomy).expect("tables");
    let spec = model_network(&config.model_options(), &tables, &mut ()).expect("a network").network;
    let network = integers(&config, &spec);
    let plan = |synapses, gpu_memory_gib| -> EnginePlan {
        let mut options = config.engine.clone();
        (options.synapses, options.gpu_memory_gib) = (synapses, gpu_memory_gib);
        choose_engine(&options).expect("the engine").plan(&network)
    };
    let ample = plan(SynapseStorage::Auto, 12.0);
    assert!(!ample.is_procedural());
    let too_little = 0.99 * ample.memory.device_bytes() as f64 / GIB as f64;
    assert!(plan(SynapseStorage::Auto, too_little).is_procedural());
    assert!(!plan(SynapseStorage::Stored, too_little).is_procedural());
    assert!(plan(SynapseStorage::Procedural, 12.0).is_procedural());
}

/// The window for procedural synapses of a configuration with bindings of that size, and how many shards there are.
fn window_and_shards(name: &str, binding_bytes: u64) -> (u32, usize) {
    let config = config(name);
    let tables = Tables::load(&config.anatomy).expect("tables");
    let spec = model_network(&config.model_options(), &tables, &mut ()).expect("a network").network;
    let plan = planned(&integers(&config, &spec), Synapses::PROCEDURAL, binding_bytes).plan;
    (plan.window.expect("a window").steps, plan.sizes.shards.len())
}

#[test]
fn shorter_windows_save_shards_as_long_as_visits_cost_less() {
    let [large, small] = BINDINGS.map(|binding_bytes| window_and_shards("full_scale.ron", binding_bytes));
    assert_eq!([large, small], [(256, 2), (64, 9)]);
}

#[test]
fn half_a_window_is_enough_where_it_saves_a_shard() {
    let [large, small] = BINDINGS.map(|binding_bytes| window_and_shards("downscaled.ron", binding_bytes));
    assert_eq!([large, small], [(4096, 1), (2048, 1)]);
}

#[test]
fn a_window_is_longer_than_short_delays() {
    let (steps, shards) = window_and_shards("microcircuit.ron", BINDINGS[1]);
    assert_eq!((steps, shards), (256, 1));
}
