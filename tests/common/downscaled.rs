//! The published down-scaled network (scale 0.004, `linear`), from the configuration that comes with
//! the program.
#![allow(dead_code, reason = "each test uses a part")]

use humam_gpu::anatomy::Tables;
use humam_gpu::build::model_network;
use humam_gpu::config::load;
use humam_gpu::network::NetworkSpec;
use std::path::Path;

pub const DT_MS: f64 = 0.1;
/// 2 s.
pub const N_STEPS: u32 = 20_000;

/// The network with excitatory weights between areas times `chi`, those onto inhibitory neurons
/// times 2 `chi`; its DC is that of the ground state, χ = 1.
pub fn downscaled(chi: f64) -> NetworkSpec {
    downscaled_at(chi, 0.004)
}

/// The same at another scale of neurons and synapses per neuron.
pub fn downscaled_at(chi: f64, scale: f64) -> NetworkSpec {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/downscaled.ron");
    let mut config = load(&path, &[]).expect("a valid configuration");
    (config.scaling.n_scaling, config.scaling.k_scaling) = (scale, scale);
    config.weights.chi = chi;
    let tables = Tables::load(&config.anatomy).expect("tables");
    model_network(&config, &tables, &mut ()).expect("a network").network
}
