//! The mean-field theory of the published networks gives the rates that the published
//! implementation computes.

use crate::fixtures::reference_network::{
    N_OCCUPIED, downscaled, full_scale, mean_over_populations, per_population,
};
use humam_gpu::model::network::{LifParameters, NetworkSpec};
use humam_gpu::model::theory::{DcInput, StationaryRates, Theory, input_statistics, stationary_rates};

/// Means are known to four or five digits.
const MEAN: f64 = 1e-3;
/// The published rates of the down-scaled network are those at s = 10, before rest, from a random
/// start (found: 2.3e-4).
const DOWNSCALED_RATE: f64 = 1e-3;
/// The full-scale ones have been taken to rest, to the accuracy of an integrator (found: 2.5e-6).
const FULL_SCALE_RATE: f64 = 1e-5;

fn theory(network: &NetworkSpec) -> StationaryRates {
    stationary_rates(network, &Theory::default(), DcInput::LeftOut).expect("a valid network")
}

/// Largest relative difference over the populations that have neurons.
fn largest_difference(network: &NetworkSpec, rates_hz: &[f64], expected_hz: &[f64]) -> f64 {
    assert_eq!((rates_hz.len(), expected_hz.len()), (network.populations.len(), network.populations.len()));
    let occupied = (0..rates_hz.len()).filter(|&i| network.populations[i].neurons > 0);
    occupied.map(|i| ((rates_hz[i] - expected_hz[i]) / expected_hz[i]).abs()).fold(0.0, f64::max)
}

fn assert_mean(network: &NetworkSpec, rates_hz: &[f64], expected_hz: f64) {
    let mean_hz = mean_over_populations(network, rates_hz);
    assert!(((mean_hz - expected_hz) / expected_hz).abs() < MEAN, "mean rate {mean_hz} 1/s");
}

#[test]
fn the_downscaled_network_has_its_published_rates() {
    let network = downscaled();
    let theory = theory(&network);
    assert!(theory.converged);
    assert_mean(&network, &theory.rates_hz, 30.826);
    let published = per_population("downscaled/theory_rates.csv");
    let difference = largest_difference(&network, &theory.rates_hz, &published);
    assert!(difference < DOWNSCALED_RATE, "largest relative difference {difference:e}");
}

#[test]
fn the_full_scale_ground_state_has_its_published_rates() {
    let network = full_scale(1.0);
    let theory = theory(&network);
    assert!(theory.converged);
    assert_mean(&network, &theory.rates_hz, 0.7545);
    let published = per_population("full_scale/theory_rates_chi_1.0.csv");
    let difference = largest_difference(&network, &theory.rates_hz, &published);
    assert!(difference < FULL_SCALE_RATE, "largest relative difference {difference:e}");
}

#[test]
fn weights_one_percent_stronger_between_areas_would_be_told_apart() {
    let network = full_scale(1.01);
    let published = per_population("full_scale/theory_rates_chi_1.0.csv");
    assert!(largest_difference(&network, &theory(&network).rates_hz, &published) > 100.0 * FULL_SCALE_RATE);
}

#[test]
fn the_best_fit_reaches_the_fixed_point_that_its_flow_goes_to() {
    let network = full_scale(2.5);
    let theory = theory(&network);
    assert!(theory.converged && theory.residual_hz < 1e-6);
    assert_mean(&network, &theory.rates_hz, 29.716);
    // The flow lingers where a pair of fixed points has just vanished, and leaves again.
    assert!(theory.pseudo_time > 60.0 && theory.pseudo_time < 160.0, "s = {}", theory.pseudo_time);
}

#[test]
fn the_best_fit_has_another_fixed_point_for_another_start() {
    let network = full_scale(2.5);
    let options = Theory { initial_rate_hz: 10.0, ..Theory::default() };
    let theory = stationary_rates(&network, &options, DcInput::LeftOut).expect("a valid network");
    assert!(theory.converged);
    assert_mean(&network, &theory.rates_hz, 29.215);
}

#[test]
fn the_best_fit_is_not_at_rest_at_the_published_pseudo_time() {
    // Ours, the same at error tolerances of 1e-3 to 1e-8 of the integration.
    const RESIDUAL_HZ: f64 = 3.4077;
    const MEAN_HZ: f64 = 29.18405;
    let network = full_scale(2.5);
    let theory = theory(&network);
    let state = &theory.at_pseudo_time;
    assert_eq!(state.pseudo_time, 10.0);
    assert!((state.residual_hz - RESIDUAL_HZ).abs() < MEAN * RESIDUAL_HZ, "{} 1/s", state.residual_hz);
    assert_mean(&network, &state.rates_hz, MEAN_HZ);
}

#[test]
fn a_search_that_is_cut_short_says_that_it_did_not_converge() {
    let network = full_scale(2.5);
    let options = Theory { max_pseudo_time: 12.0, ..Theory::default() };
    let theory = stationary_rates(&network, &options, DcInput::LeftOut).expect("a valid network");
    assert!(!theory.converged && theory.residual_hz > options.tolerance_hz);
    assert_eq!(theory.pseudo_time, 12.0);
    let &(s, mean_hz, residual_hz) = theory.history.last().expect("a history");
    assert_eq!((s, residual_hz), (12.0, theory.residual_hz));
    assert!((mean_hz - mean_over_populations(&network, &theory.rates_hz)).abs() < 1e-9);
}

/// The rate from its definition, by a midpoint sum.
fn rate_by_quadrature_hz(neuron: &LifParameters, mu_mv: f64, sigma_mv: f64) -> f64 {
    const N: u32 = 20_000;
    let alpha = 2.0_f64.sqrt() * 1.460_354_508_809_586_8;
    let shift = 0.5 * alpha * (neuron.tau_syn_ex_ms / neuron.tau_m_ms).sqrt();
    let bound = |v_mv: f64| (v_mv - neuron.e_l_mv - mu_mv) / sigma_mv + shift;
    let (from, to) = (bound(neuron.v_reset_mv), bound(neuron.v_th_mv));
    let h = (to - from) / f64::from(N);
    let integrand = |u: f64| if u > -5.0 { libm::exp(u * u) * libm::erfc(-u) } else { far_below(-u) };
    let integral: f64 = (0..N).map(|i| h * integrand(from + (f64::from(i) + 0.5) * h)).sum();
    1e3 / (neuron.t_ref_ms + neuron.tau_m_ms * std::f64::consts::PI.sqrt() * integral)
}

/// e^{x²} erfc(x) by its asymptotic series.
fn far_below(x: f64) -> f64 {
    let y = 0.5 / (x * x);
    let terms = [1.0, -1.0, 3.0, -15.0, 105.0, -945.0];
    let sum = terms.iter().rev().fold(0.0, |sum, term| sum * y + term);
    sum / (x * std::f64::consts::PI.sqrt())
}

#[test]
fn the_fixed_point_holds_when_evaluated_by_other_means() {
    /// Tolerance of the solution plus the error of the midpoint sum.
    const RESIDUAL_HZ: f64 = 1e-4;
    let network = full_scale(2.5);
    let rates_hz = theory(&network).rates_hz;
    let (mu_mv, sigma_mv) = input_statistics(&network, &rates_hz, DcInput::LeftOut).expect("valid");
    let mut n_told_apart = 0;
    for (target, population) in network.populations.iter().enumerate().filter(|(_, p)| p.neurons > 0) {
        let neuron = &population.neuron;
        let (mut mean, mut variance) = (0.0, 0.0);
        let mut add = |weight_pa: f64, events_hz: f64| {
            let j_mv = 1e3 * (1e-3 * neuron.tau_syn_ex_ms) * weight_pa / neuron.c_m_pf;
            mean += 1e-3 * neuron.tau_m_ms * j_mv * events_hz;
            variance += 1e-3 * neuron.tau_m_ms * j_mv * j_mv * events_hz;
        };
        let per_neuron = |synapses: u64| synapses as f64 / f64::from(population.neurons);
        for p in network.projections.iter().filter(|p| p.target == target) {
            add(p.weight_pa, per_neuron(p.synapses) * rates_hz[p.source]);
        }
        let drive = population.poisson.expect("every population is driven");
        add(drive.weight_pa, per_neuron(drive.synapses) * drive.rate_hz);
        assert!((mu_mv[target] - mean).abs() < 1e-9 && (sigma_mv[target] - variance.sqrt()).abs() < 1e-9);
        let rate_hz = rate_by_quadrature_hz(neuron, mean, variance.sqrt());
        let residual_hz = (rate_hz - rates_hz[target]).abs();
        assert!(residual_hz < RESIDUAL_HZ, "{}: {residual_hz:e} 1/s", population.name());
        let shifted_hz = rate_by_quadrature_hz(neuron, mean + 0.01, variance.sqrt());
        n_told_apart += usize::from((shifted_hz - rates_hz[target]).abs() > RESIDUAL_HZ);
    }
    // 0.01 mV more would be seen in all but the populations that are nearly silent or saturated.
    assert!(n_told_apart > N_OCCUPIED / 2, "{n_told_apart}");
}
