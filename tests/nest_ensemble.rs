//! The down-scaled model fires as it does in NEST: statistics of four seeds against those of the
//! published implementation.

#[path = "common/adapter.rs"]
mod adapter;
#[path = "common/downscaled.rs"]
mod downscaled;
#[path = "common/engines.rs"]
mod engines;
#[path = "common/goodness_of_fit.rs"]
mod goodness_of_fit;
#[path = "common/published_statistics.rs"]
mod published_statistics;

use downscaled::{DT_MS, N_STEPS, downscaled};
use goodness_of_fit::correlation;
use humam_gpu::config::Arithmetic;
use humam_gpu::integer::IntegerNetwork;
use humam_gpu::network::NetworkSpec;
use humam_gpu::synapses::CsrStore;
use published_statistics::{Statistics, Table, mean, population, statistics, table};

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
const LEAST_RATE_CORRELATION: f64 = 0.88;

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
    let mut engine = engines::cpu(&network, &store).expect("the CPU engine runs everywhere");
    let spikes = engines::spikes(engine.as_mut(), N_STEPS);
    let populations =
        network.populations.iter().map(|p| population(&p.name, p.first_neuron, p.neurons)).collect();
    let names = network.populations.iter().map(|p| p.name.clone());
    names.zip(statistics(&spikes, populations, N_STEPS)).collect()
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
        assert!(correlations.iter().all(|&c| c >= LEAST_RATE_CORRELATION), "seed {seed}: {correlations:?}");
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
    assert!(rate_correlation(&shifted, &nest(2)) < LEAST_RATE_CORRELATION);
}
