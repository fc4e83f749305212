//! The down-scaled model fires as it does in NEST: statistics of four seeds against those of the
//! published implementation.

use crate::fixtures::downscaled::{DT_MS, N_STEPS, downscaled};
use crate::fixtures::goodness_of_fit::correlation;
use crate::fixtures::published_statistics::{Statistics, Table, mean, rows, statistics, table};
use crate::fixtures::ways::{Way, spikes};
use humam_gpu::engine::fixed_point::{Arithmetic, IntegerNetwork};
use humam_gpu::engine::synapses::CsrStore;
use humam_gpu::model::network::NetworkSpec;
use humam_gpu::simulation::recording::population_rows;

const SEEDS: [u64; 4] = [1, 2, 3, 4];

/// A mean over populations in NEST, how far from it a mean over four seeds may be, and how far one
/// seed.
struct Expected {
    mean: f64,
    of_four_seeds: f64,
    of_one_seed: f64,
}

// NEST's means are over seven seeds. Over 48 seeds of ours the means are 72.5 ± 2.0 (sd) spikes/s,
// CV 1.957 ± 0.057, LvR 0.725 ± 0.020, correlation 0.0059 ± 0.0006: what three sd of one seed allow.
// NEST's own sd are from seven seeds; that of the correlation, 0.0003, is small by chance, as the
// 254 populations vary from seed to seed by as much as ours (variance 6.4e-5 and 6.5e-5), which
// gives their mean an sd of at least 0.0005.

/// NEST: 72.4 ± 1.5 (sd), so two sd.
const RATE_HZ: Expected = Expected { mean: 72.4, of_four_seeds: 3.0, of_one_seed: 3.0 * 2.0 };
/// NEST: ± 0.06 (sd), so three sd.
const CV_ISI: Expected = Expected { mean: 1.95, of_four_seeds: 3.0 * 0.06, of_one_seed: 3.0 * 0.06 };
/// NEST: ± 0.023 (sd).
const LVR: Expected = Expected { mean: 0.721, of_four_seeds: 3.0 * 0.023, of_one_seed: 3.0 * 0.023 };
/// NEST: ± 0.0003 (sd).
const CORRELATION: Expected =
    Expected { mean: 0.0061, of_four_seeds: 3.0 * 0.0003, of_one_seed: 3.0 * 0.0006 };
/// Rates of the 254 populations correlate at 0.92 to 0.96 between two seeds of NEST.
const MIN_RATE_CORRELATION: f64 = 0.88;

/// Means over populations of rate, CV, LvR and correlation.
#[derive(Debug, Clone, Copy)]
struct Means([f64; 4]);

impl Means {
    fn of(table: &Table) -> Self {
        let of = |statistic: fn(&Statistics) -> Option<f64>| {
            mean(&table.values().filter_map(statistic).collect::<Vec<_>>()).unwrap_or(f64::NAN)
        };
        Self([of(|s| Some(s.rate_hz)), of(|s| s.cv_isi), of(|s| s.lvr), of(|s| s.correlation)])
    }

    fn over_seeds(seeds: &[Self]) -> Self {
        Self(std::array::from_fn(|i| seeds.iter().map(|means| means.0[i]).sum::<f64>() / seeds.len() as f64))
    }

    /// Whether each is as far from NEST as `tolerance` allows.
    fn agree(&self, tolerance: fn(&Expected) -> f64) -> [bool; 4] {
        let expected = [RATE_HZ, CV_ISI, LVR, CORRELATION];
        std::array::from_fn(|i| (self.0[i] - expected[i].mean).abs() < tolerance(&expected[i]))
    }
}

/// Statistics of every population of a 2 s run.
fn simulate(spec: &NetworkSpec, seed: u64) -> Table {
    let network =
        IntegerNetwork::new(spec, DT_MS, seed, &Arithmetic::default()).expect("a network that fits");
    let store = CsrStore::build(&network, 2).expect("a store");
    let mut engine = Way::CPU.stored(&network, &store).expect("the CPU engine runs everywhere");
    let spikes = spikes(engine.as_mut(), N_STEPS);
    let names = network.populations.iter().map(|p| p.name.clone());
    names.zip(statistics(&spikes, population_rows(spec), N_STEPS)).collect()
}

fn nest(seed: u64) -> Table {
    table(&format!("nest_ensemble/downscaled_0.004_chi_1.0_seed_{seed}.csv"))
}

/// Correlation of two runs' rates over populations.
fn rate_correlation(a: &Table, b: &Table) -> f64 {
    assert_eq!((a.len(), b.len()), (254, 254));
    let (rates_a, rates_b): (Vec<f64>, Vec<f64>) =
        a.iter().map(|(name, statistics)| (statistics.rate_hz, b[name].rate_hz)).unzip();
    correlation(&rates_a, &rates_b)
}

#[test]
fn nest_agrees_with_itself() {
    for seed in SEEDS {
        assert_eq!(Means::of(&nest(seed)).agree(|e| e.of_four_seeds), [true; 4]);
        let others = SEEDS.iter().filter(|&&other| other != seed);
        assert!(others.into_iter().all(|&o| rate_correlation(&nest(seed), &nest(o)) > 0.92));
    }
}

#[test]
fn four_seeds_fire_as_in_nest() {
    let spec = downscaled(1.0);
    let runs = SEEDS.map(|seed| simulate(&spec, seed));
    for (seed, run) in SEEDS.iter().zip(&runs) {
        let (means, correlations) = (Means::of(run), SEEDS.map(|other| rate_correlation(run, &nest(other))));
        println!("seed {seed}: {:.4?}, rates correlate with NEST at {correlations:.3?}", means.0);
        assert_eq!(means.agree(|e| e.of_one_seed), [true; 4], "seed {seed}: {means:?}");
        assert!(correlations.iter().all(|&c| c >= MIN_RATE_CORRELATION), "seed {seed}: {correlations:?}");
    }
    let means = Means::over_seeds(&runs.map(|run| Means::of(&run)));
    println!("all: {:.4?}", means.0);
    assert_eq!(means.agree(|e| e.of_four_seeds), [true; 4], "{means:?}");
}

/// What these statistics see is weights between areas and refractoriness. They do not see the drive:
/// activity in the down-scaled network sustains itself, and 68 spikes/s are left without any input.
#[test]
fn other_weights_between_areas_or_refractory_periods_do_not_fire_as_in_nest() {
    let mut shorter_refractory = downscaled(1.0);
    shorter_refractory.populations.iter_mut().for_each(|population| population.neuron.t_ref_ms = 1.5);
    for changed in [downscaled(2.5), shorter_refractory] {
        let means = Means::of(&simulate(&changed, 1));
        println!("changed: {:.4?}", means.0);
        assert!(!means.agree(|e| e.of_one_seed)[0]);
    }
}

#[test]
fn rates_of_neighbouring_populations_do_not_correlate_as_those_of_two_seeds() {
    let run = nest(1);
    let mut names: Vec<&String> = run.keys().collect();
    names.sort();
    let neighbours = names.iter().zip(names.iter().cycle().skip(1));
    let shifted = neighbours.map(|(&name, &neighbour)| (name.clone(), run[neighbour])).collect();
    assert!(rate_correlation(&shifted, &nest(2)) < MIN_RATE_CORRELATION);
}

/// Seeds of ours against all of NEST's, each simulated on one thread.
const ENSEMBLE: std::ops::RangeInclusive<u64> = 1..=48;
/// Level of both tests of the ensemble.
const ALPHA: f64 = 1e-3;

/// Rates of the 254 populations in each of NEST's ten seeds.
fn rates_in_nest() -> Vec<Vec<f64>> {
    let with_statistics = SEEDS.map(|seed| format!("nest_ensemble/downscaled_0.004_chi_1.0_seed_{seed}.csv"));
    let rates_alone = (31..=36).map(|seed| format!("nest_rates/downscaled_seed_{seed}.csv"));
    with_statistics.into_iter().chain(rates_alone).map(|file| rates_of(&file)).collect()
}

/// The column `rate_hz` of the populations that have neurons, in the canonical order.
fn rates_of(file: &str) -> Vec<f64> {
    let mut rates: Vec<(String, f64)> = rows(file)
        .iter()
        .map(|row| (row.iter().take(3).collect::<Vec<_>>().join(" "), row[4].parse().expect("a rate")))
        .collect();
    rates.sort_by(|a, b| a.0.cmp(&b.0));
    rates.into_iter().map(|(_, rate)| rate).collect()
}

/// The same rates in runs of ours, populations by name.
fn rates_of_ours(spec: &NetworkSpec, seeds: std::ops::RangeInclusive<u64>) -> Vec<Vec<f64>> {
    use rayon::prelude::*;
    let rates = |seed: u64| {
        let network =
            IntegerNetwork::new(spec, DT_MS, seed, &Arithmetic::default()).expect("a network that fits");
        let store = CsrStore::build(&network, 1).expect("a store");
        let mut engine = Way::CPU.stored(&network, &store).expect("the CPU engine runs everywhere");
        let spikes = spikes(engine.as_mut(), N_STEPS);
        let mut rates: Vec<(String, f64)> = Vec::new();
        for population in &network.populations {
            let own = population.first_neuron..population.first_neuron + population.neurons;
            let n = spikes.iter().filter(|(step, neuron)| *step > 5000 && own.contains(neuron)).count();
            rates.push((population.name.clone(), n as f64 / f64::from(population.neurons) / 1.5));
        }
        rates.sort_by(|a, b| a.0.cmp(&b.0));
        rates.into_iter().map(|(_, rate)| rate).collect()
    };
    seeds.into_par_iter().map(rates).collect()
}

/// Mean and variance.
fn moments(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    (mean, squares / (values.len() - 1) as f64)
}

/// Welch's t of two samples, and its two-sided p-value.
fn welch(a: &[f64], b: &[f64]) -> (f64, f64) {
    use statrs::distribution::{ContinuousCDF, StudentsT};
    let ((mean_a, variance_a), (mean_b, variance_b)) = (moments(a), moments(b));
    let (of_a, of_b) = (variance_a / a.len() as f64, variance_b / b.len() as f64);
    let t = (mean_a - mean_b) / (of_a + of_b).sqrt();
    let freedom =
        (of_a + of_b).powi(2) / (of_a.powi(2) / (a.len() - 1) as f64 + of_b.powi(2) / (b.len() - 1) as f64);
    let student = StudentsT::new(0.0, 1.0, freedom).expect("degrees of freedom");
    (t, 2.0 * student.cdf(-t.abs()))
}

/// p-value of the Kolmogorov-Smirnov distance of `p_values` from the uniform distribution.
fn p_of_uniformity(mut p_values: Vec<f64>) -> f64 {
    p_values.sort_by(f64::total_cmp);
    let n = p_values.len() as f64;
    let beside = |(k, p): (usize, &f64)| (p - k as f64 / n).max((k as f64 + 1.0) / n - p);
    let distance = p_values.iter().enumerate().map(beside).fold(0.0, f64::max);
    let x = distance * (n.sqrt() + 0.12 + 0.11 / n.sqrt());
    let terms = (1..100).map(|k| {
        let k = f64::from(k);
        2.0 * (-1f64).powf(k - 1.0) * (-2.0 * k * k * x * x).exp()
    });
    terms.sum::<f64>().clamp(0.0, 1.0)
}

/// Hypothesis: the mean rates over populations of two ensembles have one mean, and each population has; then the
/// populations' p-values are uniform. Returns t of the means and the p-value of uniformity.
fn compared(ours: &[Vec<f64>], nest: &[Vec<f64>]) -> (f64, f64) {
    let means = |runs: &[Vec<f64>]| runs.iter().map(|rates| mean(rates).expect("rates")).collect::<Vec<_>>();
    let (t, _) = welch(&means(ours), &means(nest));
    let column = |runs: &[Vec<f64>], k: usize| runs.iter().map(|rates| rates[k]).collect::<Vec<_>>();
    let p_values = (0..254).map(|k| welch(&column(ours, k), &column(nest, k)).1).collect();
    let ((of_ours, sd), (of_nest, sd_of_nest)) = (moments(&means(ours)), moments(&means(nest)));
    let uniform = p_of_uniformity(p_values);
    println!(
        "{of_ours:.2} ± {:.2} against {of_nest:.2} ± {:.2} spikes/s: t = {t:.2}, uniform p-values p = {uniform:.3}",
        sd.sqrt(),
        sd_of_nest.sqrt()
    );
    (t, uniform)
}

#[test]
fn an_ensemble_cannot_be_told_from_nests() {
    let nest = rates_in_nest();
    assert_eq!((nest.len(), nest[0].len()), (10, 254));
    let (t, uniform) = compared(&rates_of_ours(&downscaled(1.0), ENSEMBLE), &nest);
    assert!(t.abs() < 3.0, "t = {t}");
    assert!(uniform > ALPHA, "p-values of populations are not uniform: p = {uniform}");
    // Halves of NEST's own seeds are not told apart, and weights that are a tenth stronger are.
    assert!(compared(&nest[..5], &nest[5..]).1 > ALPHA);
    let (t, uniform) = compared(&rates_of_ours(&downscaled(1.1), 1..=48), &nest);
    assert!(t.abs() > 3.0 || uniform < ALPHA, "t = {t}, p = {uniform}");
}
