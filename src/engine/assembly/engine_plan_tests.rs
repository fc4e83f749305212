//! When a GPU stores synapses.

use super::chosen_engine::{ChosenEngine, Kind};
use crate::engine::EngineOptions;
use crate::engine::gpu::{AdapterInfo, AdapterKind, AdapterLimits};
use crate::engine::random_network::{Ingredients, integer_network, random_spec};

#[test]
fn a_gpu_draws_synapses_that_it_could_store_in_several_shards_alone() {
    let mut spec = random_spec(1, Ingredients::default());
    // No other buffer is as large as a part of these.
    spec.projections.iter_mut().for_each(|projection| projection.synapses = 20_000);
    let network = integer_network(&spec, 1);
    let bytes = network.n_synapses() * 8;
    let is_procedural = |kind, binding_bytes, shards, networks| {
        let limits = AdapterLimits { buffer_bytes: 1 << 31, binding_bytes, workgroups: 65_535 };
        let (features, int64) = (String::new(), false);
        let [name, backend, driver] = ["card", "vulkan", "driver"].map(str::to_owned);
        let info =
            AdapterInfo { name, kind, backend, driver, vendor_id: 0, device_id: 0, features, int64, limits };
        let options = EngineOptions { shards, ..EngineOptions::default() };
        let engine = ChosenEngine { kind: Kind::Cpu, options, threads: 1, networks };
        engine.planned_on_device(&network, &info).is_procedural()
    };
    let [small, large] = [bytes / 4 * 3, 1 << 31];
    assert!(!is_procedural(AdapterKind::Discrete, large, None, 1));
    assert!(is_procedural(AdapterKind::Discrete, small, None, 1));
    assert!(!is_procedural(AdapterKind::Discrete, small, Some(100), 1));
    assert!(!is_procedural(AdapterKind::Software, small, None, 1));
    // Two networks would go through two shards anyway.
    assert!(!is_procedural(AdapterKind::Discrete, small, None, 2));
}
