//! The published down-scaled network (scale 0.004, `linear`), built by the library from its tables.
#![allow(dead_code, reason = "each test uses a part")]

use humam_gpu::config::{Config, Scaling, ScalingMethod, Weights};
use humam_gpu::model::HumanModel;
use humam_gpu::network::{NetworkSpec, scaled};
use humam_gpu::theory::{DcInput, stationary_rates};

pub const DT_MS: f64 = 0.1;
/// 2 s.
pub const N_STEPS: u32 = 20_000;

/// The network with excitatory weights between areas times `chi`, those onto inhibitory neurons
/// times 2 `chi`; its DC comes from the theory of the ground state, χ = 1.
pub fn downscaled(chi: f64) -> NetworkSpec {
    let scaling = Scaling { n_scaling: 0.004, k_scaling: 0.004, method: ScalingMethod::Linear };
    let weights = Weights { chi, chi_i: 2.0 * chi, ..Weights::default() };
    let config = Config { scaling, ..Config::default() };
    let ground_state = HumanModel::new(&config).expect("the model of the tables");
    let theory = stationary_rates(&ground_state.network(), &config.theory, DcInput::Included);
    let rates_hz = theory.expect("rates").rates_hz;
    scaled(&ground_state.with_weights(&weights).network(), &config.scaling, &rates_hz)
}
