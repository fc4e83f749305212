//! Rows as long as those of the full model, drawn anew with every spike: what the CPU and the GPU engine make of them
//! is what the reference engine makes of them, drawing them itself.

use crate::fixtures::ways::{Outcome, Way};
use humam_gpu::config::{Override, load};
use humam_gpu::engine::assembly::integer_network;
use humam_gpu::engine::fixed_point::IntegerNetwork;
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::model_network;
use std::path::Path;

/// 30 ms: the burst of the start, several visits of the reference engine's history, and its windows.
const STEPS: u32 = 300;

/// One area at full scale, 57,000 neurons with 17,000 synapses each.
fn network(seed: u64) -> IntegerNetwork {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/one_area.ron");
    let seed = Override::set(&format!("simulation.seed={seed}")).expect("a seed");
    let config = load(&path, &[seed]).expect("a configuration");
    let tables = Tables::load(&config.anatomy).expect("tables");
    let spec = model_network(&config.model_options(), &tables, &mut ()).expect("a network").network;
    integer_network(&spec, &config.build_options()).expect("integers")
}

#[test]
fn full_scale_rows_are_delivered_as_the_reference_engine_delivers_them() {
    let network = network(2903);
    let synapses_of_neuron = network.n_synapses() / u64::from(network.n_neurons());
    assert!(network.n_neurons() > 50_000 && synapses_of_neuron > 10_000, "{synapses_of_neuron}");
    let reference = Way::REFERENCE.procedural().outcome(&network, STEPS).expect("the reference engine");
    assert!(reference.spikes.len() > 500, "{} spikes say little", reference.spikes.len());
    let agrees = |outcome: &Outcome| *outcome == reference;
    assert!(Way::CPU.procedural().outcome(&network, STEPS).as_ref().is_some_and(agrees));
    assert!(Way::GPU.procedural().outcome(&network, STEPS).as_ref().is_none_or(agrees));
    // Negative control: other synapses give other spikes.
    let other = self::network(2904);
    assert!(!Way::CPU.procedural().outcome(&other, STEPS).as_ref().is_some_and(agrees));
}
