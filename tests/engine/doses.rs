//! Input from outside has the strength that was asked for, however weak, at every shipped scaling.

use humam_gpu::config::{Config, Override, load};
use humam_gpu::engine::assembly::integer_network;
use humam_gpu::engine::cpu::{CpuEngine, CpuOptions};
use humam_gpu::engine::fixed_point::{IntegerNetwork, Stimulus};
use humam_gpu::engine::synapses::CsrStore;
use humam_gpu::engine::{Probe, Vectors};
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::model_network;
use humam_gpu::model::network::{NetworkSpec, PopulationSelector, psc_over_psp_pa_per_mv};
use humam_gpu::simulation::simulate;
use std::convert::Infallible;
use std::path::Path;

const AREA: &str = "cuneus";
const DT_MS: f64 = 0.1;
const STEPS: u32 = 10_000;
/// Stimuli end so long before the run that their currents are gone: exp(−25) of them is left.
const END_MS: f64 = 950.0;
/// What was asked for, relative.
const TOLERANCE: f64 = 1e-3;
/// Part of a unit of V by which the mean of a potential that stands still may be off.
const UNIT_SHARE: f64 = 0.2;
/// Shipped configurations with each scaling.
const SCALINGS: [(&str, &[&str]); 4] =
    [("downscaled", &[]), ("best_fit", &[]), ("downscaled", &["scaling.method=sqrt"]), ("preserve", &[])];

/// The network at rest: nothing but stimuli moves it, and no neuron reaches its threshold.
fn at_rest(name: &str, changes: &[&str]) -> (Config, NetworkSpec) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs").join(name).with_extension("ron");
    let overrides: Vec<Override> =
        changes.iter().map(|change| Override::set(change).expect("a change")).collect();
    let config = load(&path, &overrides).expect("a valid configuration");
    let tables = Tables::load(&config.anatomy).expect("tables");
    let mut network = model_network(&config.model_options(), &tables, &mut ()).expect("a network").network;
    for population in &mut network.populations {
        population.dc_pa = 0.0;
        (population.initial_v_m_mv.mean, population.initial_v_m_mv.sd) = (population.neuron.e_l_mv, 0.0);
        if let Some(drive) = &mut population.poisson {
            drive.rate_hz = 0.0;
        }
        population.neuron.v_th_mv = 900.0;
    }
    (config, network)
}

fn stimulated(config: &Config, network: &NetworkSpec, stimulus: Stimulus) -> IntegerNetwork {
    let config = Config { stimuli: vec![stimulus], ..config.clone() };
    integer_network(network, &config.build_options()).expect("integers")
}

/// Neurons of a population of the area.
fn neurons(network: &IntegerNetwork, population: &str) -> std::ops::Range<u32> {
    let found = network.populations.iter().find(|p| p.name == population).expect("a population");
    found.first_neuron..found.first_neuron + found.neurons
}

/// Potential above E_L (mV) and current (pA) of the neurons, summed over neurons and steps after `from`.
fn sums(network: &IntegerNetwork, neurons: std::ops::Range<u32>, c_m_pf: f64, from: u32) -> (f64, f64) {
    let store = CsrStore::build(network, 1).expect("a store");
    let options = CpuOptions { threads: 1, vectors: Vectors::Auto, batch_steps: None };
    let mut engine = CpuEngine::new(network, &store, options).expect("an engine");
    use humam_gpu::engine::Engine;
    engine.probe(Probe::new(&neurons.collect::<Vec<_>>(), 1)).expect("a probe");
    let (mut v_m, mut current) = (0.0, 0.0);
    let simulated = simulate(&mut engine, STEPS, |batch| {
        assert!(batch.neurons.is_empty(), "the network is at rest");
        for (step, states) in batch.samples.iter().filter(|(step, _)| *step > from) {
            assert!(step <= STEPS);
            v_m += states.iter().map(|state| network.formats.v_m_mv(state.v_m)).sum::<f64>();
            current +=
                states.iter().map(|state| network.formats.current_pa(state.current[0], c_m_pf)).sum::<f64>();
        }
        Ok::<(), Infallible>(())
    });
    simulated.expect("a run");
    (v_m, current)
}

/// Number of spikes that a stimulus brings.
fn n_arrivals(network: &IntegerNetwork) -> usize {
    (0..STEPS.div_ceil(64)).map(|block| network.stimuli.arrivals(64 * block).len()).sum()
}

#[test]
fn a_poisson_stimulus_of_any_strength_brings_the_current_that_was_asked_for() {
    for (name, changes) in SCALINGS {
        let (config, network) = at_rest(name, changes);
        let population = format!("{AREA} II/III E");
        let of = network.populations.iter().find(|p| p.name() == population).expect("a population").neuron;
        let mut of_doses = Vec::new();
        for psp_mv in [0.001, 0.0011, 0.002, 0.010, 0.011, 0.1, 1.0] {
            let populations = PopulationSelector(population.clone());
            let stimulus = Stimulus::Poisson {
                populations,
                rate_hz: Some(1000.0),
                profile: None,
                psp_mv: Some(psp_mv),
                weight_pa: None,
                from_ms: 0.0,
                to_ms: Some(END_MS),
            };
            let integers = stimulated(&config, &network, stimulus);
            let (_, current_pa) = sums(&integers, neurons(&integers, &population), of.c_m_pf, 0);
            // A spike's current decays by exp(−h/τ) a step.
            let weight_pa = psp_mv * psc_over_psp_pa_per_mv(&of, of.tau_syn_ex_ms);
            let of_a_spike = weight_pa / -(-DT_MS / of.tau_syn_ex_ms).exp_m1();
            let expected_pa = n_arrivals(&integers) as f64 * of_a_spike;
            let error = current_pa / expected_pa - 1.0;
            println!("{name} {changes:?}, {psp_mv} mV: {error:+.1e}, {}", integers.formats);
            assert!(error.abs() < TOLERANCE, "{name} {changes:?}, {psp_mv} mV: {error}");
            of_doses.push(current_pa);
        }
        // Two doses a tenth apart are a tenth apart, and are told from equal ones.
        for (weak, strong) in [(0, 1), (3, 4)] {
            let ratio = of_doses[strong] / of_doses[weak];
            assert!((ratio / 1.1 - 1.0).abs() < 2.0 * TOLERANCE, "{name} {changes:?}: {ratio}");
        }
    }
}

#[test]
fn a_weak_dc_stimulus_moves_the_potential_as_far_as_it_should() {
    for (name, changes) in SCALINGS {
        let (config, network) = at_rest(name, changes);
        for population in ["V E", "V I"].map(|words| format!("{AREA} {words}")) {
            let of =
                network.populations.iter().find(|p| p.name() == population).expect("a population").neuron;
            for amplitude_pa in [0.1, -0.1, 1.0, 30.0] {
                let populations = PopulationSelector(population.clone());
                let stimulus = Stimulus::Dc { populations, amplitude_pa, from_ms: 0.0, to_ms: None };
                let integers = stimulated(&config, &network, stimulus);
                let neurons = neurons(&integers, &population);
                // From forty membrane time constants on the potential stays where it is.
                let (from, n) = (4000, f64::from(neurons.end - neurons.start));
                let mean_mv = sums(&integers, neurons, of.c_m_pf, from).0 / n / f64::from(STEPS - from);
                let expected_mv = amplitude_pa * of.tau_m_ms / of.c_m_pf;
                let error = mean_mv / expected_mv - 1.0;
                let unit = 1.0 / f64::from(1u32 << integers.formats.v_m_bits) / expected_mv.abs();
                println!("{name} {changes:?}, {population}, {amplitude_pa} pA: {error:+.1e}");
                let tolerance = TOLERANCE.max(UNIT_SHARE * unit);
                assert!(
                    error.abs() < tolerance,
                    "{name} {changes:?}, {population}, {amplitude_pa} pA: {error}"
                );
            }
        }
    }
}
