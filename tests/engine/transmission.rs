//! With p_transmit below 1 every synapse transmits each spike with that probability, independently.

use crate::fixtures::goodness_of_fit::{Z_CRITICAL, chi_square, is_chi_square};
use crate::fixtures::ways::{Way, on_every_engine};
use humam_gpu::engine::Engine;
use humam_gpu::engine::fixed_point::{Arithmetic, IntegerNetwork};
use humam_gpu::engine::synapses::CsrStore;
use humam_gpu::model::network::{
    Delay, DelayDistribution, LifParameters, NetworkSpec, Normal, Population, Projection,
};
use std::ops::ControlFlow;

const SOURCES: u32 = 400;
const TARGETS: u32 = 100;
const SYNAPSES: u64 = 40_000;
const P_TRANSMIT: f64 = 0.5;
const DELAY_STEPS: u32 = 15;
/// How often every source spikes.
const VOLLEYS: u32 = 3;
/// Steps between these: the refractory period, after which the reset potential is above threshold.
const INTERVAL_STEPS: u32 = 400;

/// Sources that all spike in the same steps, onto targets that never do.
fn network(p_transmit: f64) -> IntegerNetwork {
    let neuron = LifParameters {
        e_l_mv: -70.0,
        v_th_mv: -50.0,
        v_reset_mv: -50.1,
        c_m_pf: 250.0,
        tau_m_ms: 10.0,
        tau_syn_ex_ms: 0.5,
        tau_syn_in_ms: 0.5,
        t_ref_ms: f64::from(INTERVAL_STEPS - 1) * 0.1,
    };
    let population = |name: &str, neurons, v_th_mv, v_mv, dc_pa| Population {
        initial_v_m_mv: Normal { mean: v_mv, sd: 0.0 },
        dc_pa,
        ..Population::new(name, neurons, LifParameters { v_th_mv, ..neuron })
    };
    // A current of 2,000 pA takes V from its reset to the threshold within a step.
    let populations = vec![
        population("sources", SOURCES, -50.0, -50.1, 2000.0),
        population("targets", TARGETS, 900.0, -70.0, 0.0),
    ];
    let delay = Delay {
        mean_ms: f64::from(DELAY_STEPS) * 0.1,
        min_ms: 0.0,
        relative_sd: 0.0,
        distribution: DelayDistribution::Lognormal,
    };
    let projection = Projection {
        rule: None,
        source: 0,
        target: 1,
        synapses: SYNAPSES,
        weight_pa: 40.0,
        weight_relative_sd: 0.0,
        delay,
    };
    let spec = NetworkSpec { p_transmit, ..NetworkSpec::new(populations, vec![projection]) };
    IntegerNetwork::new(&spec, 0.1, 7, &Arithmetic::default()).expect("a network that fits")
}

/// Spikes that arrive at each target in each volley: its current in the step of their arrival, over one
/// weight. Before that the current of the volley before has decayed to nothing.
fn arrivals(engine: &mut dyn Engine, network: &IntegerNetwork) -> Vec<Vec<u32>> {
    let weight = network.greatest_weight_of(&network.projections[0]);
    let unit = (weight << network.formats.arrival_shift()) as i32;
    let mut volleys = Vec::new();
    for volley in 0..VOLLEYS {
        let arrival = 1 + volley * INTERVAL_STEPS + DELAY_STEPS;
        let mut n_spikes = 0;
        let advanced = engine.advance(arrival - engine.step(), &mut |batch| {
            n_spikes += batch.neurons.len();
            ControlFlow::Continue(())
        });
        advanced.expect("an engine that runs");
        assert_eq!(n_spikes, SOURCES as usize, "every source spikes once");
        let state = engine.state().expect("a state");
        let count = |current: &[i32; 2]| {
            // A decayed current may leave a few units.
            let count = (current[0] + unit / 2) / unit;
            assert!(
                (current[0] - count * unit).abs() < unit / 100,
                "{} is no multiple of {unit}",
                current[0]
            );
            count as u32
        };
        volleys.push(state.current[SOURCES as usize..].iter().map(count).collect());
    }
    volleys
}

fn check(engine: &mut dyn Engine, lossy: &IntegerNetwork) {
    let store = CsrStore::build(lossy, 1).expect("a store");
    let mut in_degrees = vec![0u32; TARGETS as usize];
    for synapse in &store.shards[0].synapses {
        in_degrees[(store.decode(synapse.address).0 - SOURCES) as usize] += 1;
    }
    let volleys = arrivals(engine, lossy);
    // All arrivals of a volley: binomial, of SYNAPSES trials.
    for arrived in &volleys {
        let all = f64::from(arrived.iter().sum::<u32>());
        let (mean, variance) =
            (SYNAPSES as f64 * P_TRANSMIT, SYNAPSES as f64 * P_TRANSMIT * (1.0 - P_TRANSMIT));
        assert!((all - mean).abs() < Z_CRITICAL * variance.sqrt(), "{all} of {SYNAPSES} arrive");
        // Target by target, with passed and lost spikes as cells.
        let observed = arrived.iter().zip(&in_degrees).flat_map(|(&n, &k)| [f64::from(n), f64::from(k - n)]);
        let expected = in_degrees.iter().flat_map(|&k| [0.5 * f64::from(k); 2]);
        let statistic = chi_square(&observed.collect::<Vec<_>>(), &expected.collect::<Vec<_>>());
        assert!(is_chi_square(statistic, TARGETS as usize), "{statistic}");
    }
    // Other synapses transmit in other volleys.
    assert!(volleys[0] != volleys[1] && volleys[1] != volleys[2]);
}

fn arrivals_are_binomial(way: Way) {
    let lossy = network(P_TRANSMIT);
    way.shards(2).with(&lossy, |engine| check(engine, &lossy));
}

fn certain_synapses_transmit_every_spike(way: Way) {
    let certain = network(1.0);
    way.shards(2).with(&certain, |engine| {
        for arrived in arrivals(engine, &certain) {
            assert_eq!(arrived.iter().map(|&n| u64::from(n)).sum::<u64>(), SYNAPSES);
        }
    });
}

on_every_engine!(arrivals_are_binomial, certain_synapses_transmit_every_spike);

#[test]
fn arrivals_are_binomial_where_synapses_are_procedural() {
    let lossy = network(P_TRANSMIT);
    for way in [Way::CPU, Way::GPU] {
        way.procedural().shards(2).with(&lossy, |engine| check(engine, &lossy));
    }
}
