//! A network of one's own: checked before it is built, built and simulated in one call each.

use humam_gpu::analysis::{Absence, AnalysisError, statistics_of};
use humam_gpu::config::AnalysisOptions;
use humam_gpu::engine::EngineKind;
use humam_gpu::engine::assembly::{BuildError, BuildOptions, BuiltNetwork};
use humam_gpu::model::network::NeuronParameters;
use humam_gpu::model::network::*;
use humam_gpu::simulation::simulate_network;
use std::ops::ControlFlow;

/// Samples of a potential at 0.1 ms miss its peak by less than this, mV per mV of the peak.
const BETWEEN_SAMPLES: f64 = 1e-3;

fn options() -> BuildOptions {
    let mut options = BuildOptions::default();
    options.engine.engine = EngineKind::Cpu;
    (options.simulation.duration_ms, options.simulation.statistics_from_ms) = (200.0, 0.0);
    options
}

fn projection(source: usize, target: usize, synapses: u64, weight_pa: f64) -> Projection {
    let delay = Delay::constant(1.5);
    Projection { rule: None, source, target, synapses, weight_pa, weight_relative_sd: 0.0, delay }
}

/// A neuron that spikes in the first step and never again, and one that listens with this weight.
fn one_spike(weight_pa: f64) -> NetworkSpec {
    let neuron = LifParameters::default();
    let early = Normal { mean: neuron.v_th_mv + 10.0, sd: 0.0 };
    NetworkSpec::new(
        vec![
            Population { initial_v_m_mv: early, ..Population::new("early", 1, neuron) },
            Population::new("listener", 1, neuron),
        ],
        vec![projection(0, 1, 1, weight_pa)],
    )
}

/// Potentials of both neurons after each of `steps` steps, and all spikes.
fn traced(network: &NetworkSpec, steps: u32) -> (Vec<Vec<f64>>, Vec<(u32, u32)>) {
    let built = BuiltNetwork::new(network, &options()).expect("a network");
    let mut engine = built.engine().expect("an engine");
    let (mut v_m_mv, mut spikes) = (Vec::new(), Vec::new());
    for _ in 0..steps {
        let advanced = engine.advance(1, &mut |batch| {
            spikes.extend(batch.steps().flat_map(|(step, n)| n.iter().map(move |&neuron| (step, neuron))));
            ControlFlow::Continue(())
        });
        advanced.expect("a step");
        v_m_mv.push(built.v_m_mv(&engine.state().expect("a state")));
    }
    (v_m_mv, spikes)
}

#[test]
fn a_potential_has_the_peak_that_its_weight_was_converted_from() {
    let neuron = LifParameters::default();
    for peak_mv in [2.0, -4.0] {
        let weight_pa = peak_mv * psc_over_psp_pa_per_mv(&neuron, neuron.tau_syn_ex_ms);
        let (v_m_mv, spikes) = traced(&one_spike(weight_pa), 300);
        assert_eq!(spikes, [(1, 0)]);
        let from_rest = |v_m_mv: &Vec<f64>| v_m_mv[1] - neuron.e_l_mv;
        let furthest =
            v_m_mv.iter().map(from_rest).fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
        assert!((furthest / peak_mv - 1.0).abs() < BETWEEN_SAMPLES, "{furthest} and {peak_mv} mV");
        // In step 16 it arrives, from step 17 on it is seen; the first neuron is reset for 2 ms.
        assert!(v_m_mv[..16].iter().all(|v_m_mv| from_rest(v_m_mv) == 0.0) && from_rest(&v_m_mv[16]) != 0.0);
        assert!(v_m_mv[..21].iter().all(|v_m_mv| v_m_mv[0] == neuron.v_reset_mv));
    }
}

#[test]
fn one_call_gives_the_spikes_of_step_by_step() {
    let driven = Population { dc_pa: 450.0, ..Population::new("driven", 3, LifParameters::default()) };
    let network = NetworkSpec::new(vec![driven], vec![projection(0, 0, 9, 50.0)]);
    let options = options();
    let spikes = simulate_network(&network, &options).expect("spikes");
    assert!(spikes.len() > 20 && spikes.is_sorted(), "{}", spikes.len());
    assert_eq!(spikes, traced(&network, options.simulation.n_steps()).1);
    let mut other = options;
    other.simulation.dt_ms = 0.2;
    assert_ne!(spikes, simulate_network(&network, &other).expect("spikes"));
}

#[test]
fn statistics_are_those_of_the_populations_whatever_the_order_of_spikes() {
    let neuron = LifParameters::default();
    let populations = vec![Population::new("a", 2, neuron), Population::new("b", 1, neuron)];
    let network = NetworkSpec::new(populations, Vec::new());
    let simulation = options().simulation;
    let analysis = AnalysisOptions { min_spikes: 3, ..AnalysisOptions::default() };
    let clock = [(100, 0), (200, 0), (300, 0), (150, 1), (400, 2)];
    let found = statistics_of(&network, &clock, &simulation, &analysis).expect("statistics");
    // Four spikes of two neurons, one of one, in 0.2 s.
    assert_eq!(found.populations[0].rate_hz, Ok(10.0));
    assert_eq!(found.populations[1].rate_hz, Ok(5.0));
    assert_eq!(found.populations[0].cv_isi, Ok(0.0));
    assert_eq!(found.populations[1].cv_isi, Err(Absence::TooFewSpikes { min_spikes: 3 }));
    for foreign in [(2001, 0), (1, 3)] {
        let error = statistics_of(&network, &[foreign], &simulation, &analysis).expect_err("foreign");
        assert!(matches!(error, AnalysisError::NoSuchNeuronOrStep { n_neurons: 3, n_steps: 2000, .. }));
    }
}

#[test]
fn everything_that_is_wrong_with_a_network_is_said_at_once() {
    let neuron = LifParameters { tau_m_ms: 0.0, v_reset_mv: -50.0, ..LifParameters::default() };
    let mut network = NetworkSpec::new(
        vec![
            Population { dc_pa: f64::NAN, ..Population::new("a", 10, neuron) },
            Population::new("a", 0, LifParameters::default()),
        ],
        vec![projection(0, 2, 5, 1.0), projection(0, 1, 5, f64::INFINITY), projection(1, 0, 0, 1.0)],
    );
    network.projections[2].delay.mean_ms = -1.0;
    network.p_transmit = 1.5;
    let error = BuiltNetwork::new(&network, &options()).expect_err("no network");
    assert!(matches!(error, BuildError::Spec(_)));
    let expected = [
        "v_reset_mv = -50 of population 'a' must be below v_th_mv",
        "tau_m_ms = 0 of population 'a' must be finite and above 0",
        "dc_pa = NaN of population 'a' must be finite",
        "two populations are named 'a': give each a name of its own",
        "projection 0 has population 2, but there are 2: number them from 0",
        "projection 1 has 5 synapses, but population 'a' has no neurons: leave it out",
        "weight_pa = inf of projection 1 must be finite",
        "delay.mean_ms = -1 of projection 2 must be finite and above 0",
        "p_transmit = 1.5 of the network must be between 0 and 1",
    ];
    assert_eq!(error.to_string().lines().collect::<Vec<_>>(), expected);
}

#[test]
fn options_that_cannot_be_are_refused() {
    let mut options = options();
    options.simulation.dt_ms = 0.0;
    let error = simulate_network(&one_spike(1.0), &options).expect_err("no grid of time");
    assert!(matches!(error, BuildError::Options(_)) && error.to_string().contains("dt_ms"), "{error}");
}

#[test]
fn models_that_come_with_the_program_are_sound() {
    let neuron = LifParameters::from(&NeuronParameters::INHIBITORY);
    assert_eq!((neuron.c_m_pf, neuron.v_th_mv), (100.0, -45.0));
    for name in ["tiny", "microcircuit", "one_area"] {
        let config = humam_gpu::config::load(format!("builtin:{name}").as_ref(), &[]).expect("built in");
        let tables = humam_gpu::model::anatomy::Tables::load(&config.anatomy).expect("tables");
        let derived =
            humam_gpu::model::model_network(&config.model_options(), &tables, &mut ()).expect("a network");
        assert_eq!(derived.network.check(), Ok(()), "{name}");
    }
}
