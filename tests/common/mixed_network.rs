//! A network of a few populations with projections of all kinds between them.
#![allow(dead_code, reason = "each test uses a part")]

use humam_gpu::config::{Arithmetic, NeuronParameters};
use humam_gpu::integer::IntegerNetwork;
use humam_gpu::network::*;
use humam_gpu::rng::Bulk;
use humam_gpu::synapses::{Synapse, row_counts, synapse};

pub const DT_MS: f64 = 0.1;

pub const LARGE: usize = 0;
pub const SMALL: usize = 1;
pub const SINGLE: usize = 2;
/// 100,000 synapses, excitatory, between all neurons of the large population.
pub const DENSE: usize = 0;
/// An odd number of inhibitory synapses with normal delays.
pub const INHIBITORY: usize = 1;
/// Synapses whose mean delay is below a step.
pub const FAST: usize = 2;

/// Populations of 300, 40, 1 and 0 neurons and projections of all kinds between them.
pub fn spec() -> NetworkSpec {
    let sizes = [300, 40, 1, 0];
    let populations = sizes.iter().enumerate().map(|(index, &neurons)| population(index, neurons));
    let mut projections = vec![
        projection(LARGE, LARGE, 100_000, 500.0, 5.0),
        Projection {
            delay: Delay {
                mean_ms: 1.5,
                min_ms: 0.0,
                relative_sd: 0.5,
                distribution: DelayDistribution::Normal,
            },
            ..projection(LARGE, SMALL, 20_001, -2000.0, 1.5)
        },
        projection(SMALL, LARGE, 10_000, 300.0, 0.07),
        projection(SMALL, SMALL, 1, 300.0, 1.0),
        projection(SMALL, SINGLE, 0, 300.0, 1.0),
        projection(SINGLE, LARGE, 77, 300.0, 1.0),
        projection(LARGE, SINGLE, 1001, 300.0, 20.0),
    ];
    projections.extend((0..2).map(|_| projection(LARGE, SMALL, 5000, 400.0, 5.0)));
    NetworkSpec::new(populations.collect(), projections)
}

pub fn population(index: usize, neurons: u32) -> Population {
    let p = NeuronParameters::EXCITATORY;
    Population {
        name: format!("population {index}"),
        neurons,
        neuron: LifParameters {
            e_l_mv: p.e_l_mv,
            v_th_mv: p.v_th_mv,
            v_reset_mv: p.v_reset_mv,
            c_m_pf: p.c_m_pf,
            tau_m_ms: p.tau_m_ms,
            tau_syn_ex_ms: p.tau_syn_ex_ms,
            tau_syn_in_ms: p.tau_syn_in_ms,
            t_ref_ms: p.t_ref_ms,
        },
        spread: ParameterSpread::default(),
        initial_v_m_mv: Normal { mean: -150.0, sd: 50.0 },
        poisson: Some(PoissonDrive {
            synapses: 1000 * u64::from(neurons),
            rate_hz: 9.0,
            weight_pa: 800.0,
            relative_sd: 0.1,
        }),
        dc_pa: 0.0,
    }
}

pub fn projection(source: usize, target: usize, synapses: u64, weight_pa: f64, mean_ms: f64) -> Projection {
    let delay = Delay { mean_ms, min_ms: 0.0, relative_sd: 0.5, distribution: DelayDistribution::Lognormal };
    Projection { source, target, synapses, weight_pa, weight_relative_sd: 0.1, delay }
}

pub fn network(seed: u64) -> IntegerNetwork {
    IntegerNetwork::new(&spec(), DT_MS, seed, &Arithmetic::default()).expect("a network that fits")
}

/// All synapses of a projection, with their source, row by row.
pub fn synapses(network: &IntegerNetwork, projection: usize) -> Vec<(u32, Synapse)> {
    let projection = &network.projections[projection];
    let targets = network.populations[projection.target].neurons;
    let counts = row_counts(projection, network.populations[projection.source].neurons, Bulk::widest());
    let mut before = 0;
    let mut all = Vec::new();
    for (source, count) in (0..).zip(counts) {
        let drawn = |index| synapse(projection, &network.tables, targets, source, index, before);
        all.extend((0..count).map(|index| (source, drawn(index))));
        before += count;
    }
    all
}
