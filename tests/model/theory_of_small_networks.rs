//! Networks small enough to know their stationary rates, and networks that have none.

use humam_gpu::model::network::NeuronParameters;
use humam_gpu::model::network::*;
use humam_gpu::model::theory::{
    DcInput, Input, StationaryRates, Theory, TheoryError, input_statistics, rate_hz, stationary_rates,
};

/// Above the tolerance of the solver, relative to rates of some 10 1/s.
const SOLVED: f64 = 1e-6;

fn lif(tau_syn_in_ms: f64) -> LifParameters {
    LifParameters { tau_syn_in_ms, ..(&NeuronParameters::EXCITATORY).into() }
}

fn population(neurons: u32, drive_hz: f64, dc_pa: f64) -> Population {
    Population {
        initial_v_m_mv: Normal { mean: -70.0, sd: 0.0 },
        poisson: Some(PoissonDrive {
            synapses: 1000 * u64::from(neurons),
            rate_hz: drive_hz,
            weight_pa: 20.0,
            relative_sd: 0.0,
        }),
        dc_pa,
        ..Population::new(format!("of {neurons}"), neurons, lif(2.0))
    }
}

fn projection(source: usize, target: usize, synapses: u64, weight_pa: f64) -> Projection {
    let delay =
        Delay { mean_ms: 1.5, min_ms: 0.0, relative_sd: 0.0, distribution: DelayDistribution::Lognormal };
    Projection { rule: None, source, target, synapses, weight_pa, weight_relative_sd: 0.0, delay }
}

fn theory_from(network: &NetworkSpec, initial_rate_hz: f64) -> StationaryRates {
    let options = Theory { initial_rate_hz, ..Theory::default() };
    stationary_rates(network, &options, DcInput::Included).expect("a valid network")
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= SOLVED * b.abs()
}

#[test]
fn without_recurrence_the_rate_is_that_of_the_drive() {
    let network = NetworkSpec::new(vec![population(100, 13.0, 50.0)], Vec::new());
    // j = 2 ms · 20 pA / 220 pF; R·DC = 10 ms · 50 pA / 220 pF.
    let (j_mv, train_hz) = (2.0 * 20.0 / 220.0, 13_000.0);
    let noise =
        Input { mu_mv: 0.01 * j_mv * train_hz, sigma_mv: (0.01 * train_hz).sqrt() * j_mv, tau_s_ms: 2.0 };
    let with_dc = Input { mu_mv: noise.mu_mv + 10.0 * 50.0 / 220.0, ..noise };
    assert!(close(theory_from(&network, 0.0).rates_hz[0], rate_hz(&lif(2.0), &with_dc)));
    let left_out = stationary_rates(&network, &Theory::default(), DcInput::LeftOut).expect("valid");
    assert!(close(left_out.rates_hz[0], rate_hz(&lif(2.0), &noise)));
    assert!(!close(left_out.rates_hz[0], theory_from(&network, 0.0).rates_hz[0]));
}

#[test]
fn unequal_synaptic_time_constants_count_by_their_share_of_the_variance() {
    let mut driver = population(100, 13.0, 0.0);
    driver.neuron.t_ref_ms = 1.0;
    let mut target = population(100, 15.0, 0.0);
    target.neuron = lif(4.0);
    let network = NetworkSpec::new(vec![driver, target], vec![projection(0, 1, 100 * 50, -40.0)]);
    let rates = theory_from(&network, 0.0).rates_hz;
    let (excitation, inhibition) = (2.0 * 20.0 / 220.0, 4.0 * -40.0 / 220.0);
    let (train_hz, source_hz) = (15_000.0, 50.0 * rates[0]);
    let variances = (0.01 * excitation * excitation * train_hz, 0.01 * inhibition * inhibition * source_hz);
    let input = Input {
        mu_mv: 0.01 * (excitation * train_hz + inhibition * source_hz),
        sigma_mv: (variances.0 + variances.1).sqrt(),
        tau_s_ms: (variances.0 + variances.1) / (variances.0 / 2.0 + variances.1 / 4.0),
    };
    assert!(close(rates[1], rate_hz(&lif(4.0), &input)));
    assert!(!close(rates[1], rate_hz(&lif(4.0), &Input { tau_s_ms: 2.0, ..input })));
}

#[test]
fn equal_time_constants_of_membrane_and_synapses_are_the_limit_of_unequal_ones() {
    let rate = |tau_syn_ms: f64| {
        let mut both = population(100, 5.0, 0.0);
        let neuron = LifParameters { tau_syn_ex_ms: tau_syn_ms, ..lif(tau_syn_ms) };
        let weight_pa = 0.2 * psc_over_psp_pa_per_mv(&neuron, tau_syn_ms);
        both.neuron = neuron;
        both.poisson = both.poisson.map(|drive| PoissonDrive { weight_pa, ..drive });
        let network = NetworkSpec::new(vec![both], vec![projection(0, 0, 100 * 20, -weight_pa)]);
        let theory = theory_from(&network, 0.0);
        assert!(theory.converged);
        theory.rates_hz[0]
    };
    let tau_m_ms = NeuronParameters::EXCITATORY.tau_m_ms;
    let equal = rate(tau_m_ms);
    assert!(equal > 1.0, "{equal}");
    for nearness in [1e-3, 1e-6, 1e-9, 1e-12, 1e-15] {
        for tau_syn_ms in [tau_m_ms * (1.0 - nearness), tau_m_ms * (1.0 + nearness)] {
            let difference = (rate(tau_syn_ms) / equal - 1.0).abs();
            assert!(difference < 5.0 * nearness + SOLVED, "{tau_syn_ms}: {difference:e}");
        }
    }
    assert!((rate(1.1 * tau_m_ms) / equal - 1.0).abs() > 1e-3);
}

/// A population that excites itself strongly.
fn bistable() -> NetworkSpec {
    NetworkSpec::new(vec![population(100, 10.0, 0.0)], vec![projection(0, 0, 100 * 200, 20.0)])
}

#[test]
fn a_bistable_network_stays_on_the_branch_of_its_start() {
    let network = bistable();
    let (low, high) = (theory_from(&network, 0.0), theory_from(&network, 300.0));
    assert!(low.converged && high.converged);
    assert!(low.rates_hz[0] < 20.0 && high.rates_hz[0] > 100.0, "{:?}, {:?}", low.rates_hz, high.rates_hz);
}

#[test]
fn empty_populations_are_silent_and_disturb_nothing() {
    let alone = NetworkSpec::new(vec![population(100, 13.0, 0.0)], Vec::new());
    let with_empty = NetworkSpec::new(
        vec![population(0, 9.0, 50.0), population(100, 13.0, 0.0)],
        vec![projection(1, 0, 500, 20.0), projection(0, 1, 500, 20.0)],
    );
    let rates = theory_from(&with_empty, 5.0).rates_hz;
    assert_eq!(rates[0], 0.0);
    assert!(close(rates[1], theory_from(&alone, 5.0).rates_hz[0]));
    let nothing = NetworkSpec::new(Vec::new(), Vec::new());
    assert!(theory_from(&nothing, 0.0).converged);
}

/// Rate at which the first population of `network` holds itself, between two rates at which its
/// flow has different signs, by bisection.
fn balance_hz(network: &NetworkSpec, mut below_hz: f64, mut above_hz: f64) -> f64 {
    let is_below = |at_hz: f64| {
        let (mu_mv, sigma_mv) = input_statistics(network, &[at_hz], DcInput::Included).expect("valid");
        let input = Input { mu_mv: mu_mv[0], sigma_mv: sigma_mv[0], tau_s_ms: 2.0 };
        rate_hz(&network.populations[0].neuron, &input) < at_hz
    };
    assert!(is_below(below_hz) && !is_below(above_hz));
    for _ in 0..60 {
        let middle_hz = 0.5 * (below_hz + above_hz);
        *(if is_below(middle_hz) { &mut below_hz } else { &mut above_hz }) = middle_hz;
    }
    below_hz
}

#[test]
fn a_fixed_point_that_is_not_stable_is_left() {
    let network = bistable();
    let unstable_hz = balance_hz(&network, 5.0, 100.0) + 1e-9;
    let options = Theory { initial_rate_hz: unstable_hz, pseudo_time: 0.0, ..Theory::default() };
    let theory = stationary_rates(&network, &options, DcInput::Included).expect("a valid network");
    assert!(
        theory.at_pseudo_time.residual_hz < options.tolerance_hz,
        "{}",
        theory.at_pseudo_time.residual_hz
    );
    assert!(theory.converged && theory.pseudo_time > 1.0);
    assert!((theory.rates_hz[0] - unstable_hz).abs() > 1.0, "{}", theory.rates_hz[0]);
}

#[test]
fn a_flow_that_never_rests_is_given_up() {
    // Self-excitation with strong feedback inhibition: a limit cycle.
    let network = NetworkSpec::new(
        vec![population(100, 12.0, 0.0), population(100, 0.0, 0.0)],
        vec![
            projection(0, 0, 100 * 400, 16.0),
            projection(1, 0, 100 * 400, -32.0),
            projection(0, 1, 100 * 400, 32.0),
        ],
    );
    let options = Theory { max_pseudo_time: 200.0, ..Theory::default() };
    let theory = stationary_rates(&network, &options, DcInput::Included).expect("a valid network");
    assert!(!theory.converged && theory.pseudo_time == 200.0);
    assert!(theory.rates_hz.iter().all(|rate_hz| rate_hz.is_finite()));
}

#[test]
fn what_makes_no_sense_is_named() {
    let valid = || NetworkSpec::new(vec![population(100, 13.0, 0.0)], Vec::new());
    let error = |spec: &NetworkSpec, options: &Theory| {
        stationary_rates(spec, options, DcInput::Included).expect_err("an error").to_string()
    };
    let options = Theory::default();
    let mut spec = valid();
    spec.populations[0].neuron.v_reset_mv = -40.0;
    assert_eq!(
        error(&spec, &options),
        "v_th_mv - v_reset_mv = -5 of population 'of 100' must be above 0 for the mean-field theory"
    );
    spec = valid();
    spec.populations[0].dc_pa = f64::NAN;
    assert!(error(&spec, &options).contains("dc_pa = NaN"));
    spec = valid();
    spec.projections.push(projection(0, 3, 10, 1.0));
    assert!(error(&spec, &options).contains("there are 1"));
    spec.projections[0] = projection(0, 0, 10, f64::INFINITY);
    let infinite = stationary_rates(&spec, &options, DcInput::Included);
    assert!(matches!(infinite, Err(TheoryError::WeightNotFinite { projection: 0, .. })));
    assert!(error(&valid(), &Theory { tolerance_hz: -1.0, ..options }).contains("tolerance_hz = -1"));
}
