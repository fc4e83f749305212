//! A small recurrent network under many external spikes: 20 a millisecond and neuron.
#![allow(dead_code, reason = "each test uses a part")]

use super::explicit_network::{excitatory, inhibitory};
use humam_gpu::network::*;

/// Excitatory and inhibitory populations and one whose external input is inhibitory; inhibitory
/// currents decay with `tau_syn_in_ms`.
pub fn driven(tau_syn_in_ms: f64) -> NetworkSpec {
    let population =
        |name: &str, neurons: u32, neuron: LifParameters, weight_pa: f64, dc_pa: f64| Population {
            name: name.into(),
            neurons,
            neuron: LifParameters { tau_syn_in_ms, ..neuron },
            spread: ParameterSpread::default(),
            initial_v_m_mv: Normal { mean: -65.0, sd: 10.0 },
            poisson: Some(PoissonDrive {
                synapses: u64::from(neurons) * 2000,
                rate_hz: 10.0,
                weight_pa,
                relative_sd: 0.1,
            }),
            dc_pa,
        };
    let populations = vec![
        population("E", 130, excitatory(), 12.0, 150.0),
        population("I", 37, inhibitory(), 5.0, 80.0),
        population("inhibited", 21, excitatory(), -5.0, 800.0),
    ];
    let mut projections = Vec::new();
    for target in 0..3 {
        for (source, weight_pa) in [60.0, -240.0, 60.0].into_iter().enumerate() {
            let delay = Delay {
                mean_ms: 1.5,
                min_ms: 0.0,
                relative_sd: 0.5,
                distribution: DelayDistribution::Lognormal,
            };
            projections.push(Projection {
                source,
                target,
                synapses: 900,
                weight_pa,
                weight_relative_sd: 0.1,
                delay,
            });
        }
    }
    NetworkSpec::new(populations, projections)
}
