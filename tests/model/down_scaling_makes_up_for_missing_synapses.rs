//! Down-scaling gives the published network, or, by our method, keeps every population's input.

use crate::fixtures::reference_network::{DOWNSCALED, downscaled, full_scale, per_population};
use humam_gpu::model::network::{NetworkSpec, Scaling, ScalingMethod, scaled, weight_factor};
use humam_gpu::model::theory::{DcInput, Theory, input_statistics, stationary_rates};

/// The reference has eight digits (found: 1.3e-7).
const DC: f64 = 1e-6;
/// The reference has eight digits.
const WEIGHT: f64 = 1e-7;
/// Rounding to whole synapses moves the input by this much (found: 1.9e-6).
const PRESERVED: f64 = 1e-5;
/// Rates follow the input, with a gain that recurrence raises (found: 1.2e-5 at χ = 1, 5.8e-4 at
/// χ = 2.5).
const PRESERVED_RATE: f64 = 1e-3;

fn scaling(n_scaling: f64, k_scaling: f64, method: ScalingMethod) -> Scaling {
    Scaling { n_scaling, k_scaling, method }
}

fn rates_hz(network: &NetworkSpec, dc: DcInput) -> Vec<f64> {
    let theory = stationary_rates(network, &Theory::default(), dc).expect("a valid network");
    assert!(theory.converged);
    theory.rates_hz
}

/// Largest difference relative to the larger of the expected value and `floor`.
fn largest_difference(values: &[f64], expected: &[f64], floor: f64) -> f64 {
    assert_eq!(values.len(), expected.len());
    let difference = |(v, e): (&f64, &f64)| (v - e).abs() / e.abs().max(floor);
    values.iter().zip(expected).map(difference).fold(0.0, f64::max)
}

fn dc_pa(network: &NetworkSpec) -> Vec<f64> {
    network.populations.iter().map(|population| population.dc_pa).collect()
}

#[test]
fn the_published_network_has_its_neurons_synapses_and_weights() {
    let full = full_scale(1.0);
    let network = scaled(&full, &scaling(DOWNSCALED, DOWNSCALED, ScalingMethod::Linear), &[]);
    let expected = downscaled();
    let neurons = |network: &NetworkSpec| network.populations.iter().map(|p| p.neurons).collect::<Vec<_>>();
    assert_eq!(neurons(&network), neurons(&expected));
    let drive = |network: &NetworkSpec| {
        network.populations.iter().map(|p| p.poisson.map_or(0, |d| d.synapses)).collect()
    };
    let (drive, expected_drive): (Vec<u64>, Vec<u64>) = (drive(&network), drive(&expected));
    assert_eq!(drive, expected_drive);
    let occupied: Vec<_> = network.projections.iter().filter(|p| p.synapses > 0).collect();
    assert_eq!(occupied.len(), expected.projections.len());
    for (projection, expected) in occupied.into_iter().zip(&expected.projections) {
        let ends = (projection.target, projection.source, projection.synapses);
        assert_eq!(ends, (expected.target, expected.source, expected.synapses));
        assert!((projection.weight_pa / expected.weight_pa - 1.0).abs() < WEIGHT);
        assert_eq!(projection.weight_relative_sd, expected.weight_relative_sd);
    }
}

#[test]
fn the_published_network_has_its_dc() {
    let full = full_scale(1.0);
    let full_rates = rates_hz(&full, DcInput::LeftOut);
    let expected = per_population("downscaled/dc_drive_pa.csv");
    let of = |method| dc_pa(&scaled(&full, &scaling(DOWNSCALED, DOWNSCALED, method), &full_rates));
    let difference = largest_difference(&of(ScalingMethod::Linear), &expected, f64::MIN_POSITIVE);
    assert!(difference < DC, "largest relative difference {difference:e}");
    for other in [ScalingMethod::Sqrt, ScalingMethod::Preserve] {
        assert!(largest_difference(&of(other), &expected, f64::MIN_POSITIVE) > 1e4 * DC, "{other:?}");
    }
}

#[test]
fn the_published_square_root_takes_the_root_in_place_of_the_scale() {
    let full = full_scale(1.0);
    let full_rates = rates_hz(&full, DcInput::LeftOut);
    let root = 0.25;
    let linear = scaled(&full, &scaling(1.0, root, ScalingMethod::Linear), &full_rates);
    let sqrt = scaled(&full, &scaling(1.0, root * root, ScalingMethod::Sqrt), &full_rates);
    assert_eq!(linear.projections[0].weight_pa, sqrt.projections[0].weight_pa);
    // A quarter of the synapses at the same weight is a quarter of the current.
    let expected: Vec<f64> = dc_pa(&linear).iter().map(|dc| root * dc).collect();
    assert!(largest_difference(&dc_pa(&sqrt), &expected, 1.0) < PRESERVED);
}

#[test]
fn preserve_keeps_mean_and_variance_of_every_input_and_linear_does_not() {
    let full = full_scale(1.0);
    let full_rates = rates_hz(&full, DcInput::LeftOut);
    let input =
        |network: &NetworkSpec| input_statistics(network, &full_rates, DcInput::Included).expect("valid");
    let (mu_mv, sigma_mv) = input(&full);
    let differences = |method| {
        let (scaled_mu, scaled_sigma) = input(&scaled(&full, &scaling(1.0, 0.1, method), &full_rates));
        (largest_difference(&scaled_mu, &mu_mv, 1.0), largest_difference(&scaled_sigma, &sigma_mv, 1.0))
    };
    let (of_mu, of_sigma) = differences(ScalingMethod::Preserve);
    assert!(of_mu < PRESERVED && of_sigma < PRESERVED, "{of_mu:e}, {of_sigma:e}");
    let (of_mu, of_sigma) = differences(ScalingMethod::Linear);
    assert!(of_mu > 0.1 && of_sigma > 0.1, "{of_mu:e}, {of_sigma:e}");
}

#[test]
fn preserve_keeps_the_stationary_rates_and_linear_does_not() {
    for chi in [1.0, 2.5] {
        let full = full_scale(chi);
        let full_rates = rates_hz(&full, DcInput::LeftOut);
        let difference = |method| {
            let network = scaled(&full, &scaling(1.0, 0.1, method), &full_rates);
            largest_difference(&rates_hz(&network, DcInput::Included), &full_rates, 1e-3)
        };
        let kept = difference(ScalingMethod::Preserve);
        assert!(kept < PRESERVED_RATE, "χ = {chi}: {kept:e}");
        assert!(difference(ScalingMethod::Linear) > 0.5);
    }
}

#[test]
fn an_unscaled_network_is_the_same_and_needs_no_theory() {
    let full = full_scale(1.0);
    for method in [ScalingMethod::Linear, ScalingMethod::Sqrt, ScalingMethod::Preserve] {
        let unscaled = scaling(1.0, 1.0, method);
        assert_eq!(weight_factor(&unscaled), 1.0);
        assert_eq!(scaled(&full, &unscaled, &[]), full);
    }
}

#[test]
fn numbers_are_rounded_half_to_even() {
    let mut full = full_scale(1.0);
    full.populations.truncate(2);
    full.projections.truncate(2);
    full.populations[0].neurons = 5;
    full.populations[1].neurons = 7;
    full.projections[0].synapses = 10;
    full.projections[1].synapses = 14;
    let network = scaled(&full, &scaling(0.5, 0.5, ScalingMethod::Preserve), &[0.0, 0.0]);
    assert_eq!([network.populations[0].neurons, network.populations[1].neurons], [2, 4]);
    assert_eq!([network.projections[0].synapses, network.projections[1].synapses], [2, 4]);
}

#[test]
fn populations_that_vanish_get_no_dc() {
    let full = full_scale(1.0);
    for method in [ScalingMethod::Linear, ScalingMethod::Sqrt, ScalingMethod::Preserve] {
        let network = scaled(&full, &scaling(1e-6, 0.5, method), &vec![1.0; full.populations.len()]);
        assert!(network.n_neurons() == 0 && network.populations.iter().all(|p| p.dc_pa.is_finite()));
    }
}

#[test]
fn a_population_left_without_neurons_has_no_synapses() {
    let network = scaled(&full_scale(1.0), &scaling(0.0002, 0.5, ScalingMethod::Linear), &[]);
    let is_empty = |population: usize| network.populations[population].neurons == 0;
    let emptied =
        (0..network.populations.len()).filter(|&p| is_empty(p) && network.populations[p].poisson.is_some());
    assert!(emptied.clone().count() > 0);
    assert!(emptied.clone().all(|p| network.populations[p].poisson.is_some_and(|drive| drive.synapses == 0)));
    let touching = network.projections.iter().filter(|p| is_empty(p.source) || is_empty(p.target));
    assert!(touching.clone().count() > 0 && touching.clone().all(|p| p.synapses == 0));
}
