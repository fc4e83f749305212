//! Responses and latencies of spikes that are known.

use super::*;
use crate::engine::rng::threefry;
use crate::model::network::PopulationSelector;
use statrs::distribution::{Binomial, DiscreteCDF};

const WINDOW: Window = Window { dt_ms: 0.1, n_steps: 5000, from_step: 0, steps_per_bin: 10 };

fn dc(from_ms: f64) -> Stimulus {
    Stimulus::Dc { populations: PopulationSelector("*".into()), amplitude_pa: 1.0, from_ms, to_ms: None }
}

fn pulses(from_ms: f64, period_ms: f64, to_ms: f64) -> Stimulus {
    let populations = PopulationSelector("*".into());
    let to_ms = Some(to_ms);
    Stimulus::Pulses { populations, amplitude_pa: 1.0, period_ms, width_ms: 1.0, from_ms, to_ms }
}

fn trials(stimulus: &Stimulus) -> Option<Trials> {
    Trials::new(stimulus, &WINDOW, &AnalysisOptions::default())
}

#[test]
fn the_probability_is_that_of_a_binomial_number() {
    let baseline: Vec<f64> = (0..50).map(|k| f64::from(4 + k % 2)).collect();
    let test = SameRate::new(&baseline, 3);
    assert_eq!((test.spikes, test.fano_factor), (225.0, 1.0));
    for count in [0u64, 3, 14, 15, 30, 60] {
        let binomial = Binomial::new(3.0 / 53.0, 225 + count).unwrap();
        let or_more = if count == 0 { 1.0 } else { binomial.sf(count - 1) };
        let expected = (2.0 * or_more.min(binomial.cdf(count))).min(1.0);
        let found = test.probability(count as f64);
        assert!((found - expected).abs() < 1e-9 * expected.max(1e-3), "{count}: {found} for {expected}");
    }
    // Counts that vary more tell less.
    let bursts: Vec<f64> = (0..50).map(|k| if k % 10 == 0 { 45.0 } else { 0.0 }).collect();
    let other = SameRate::new(&bursts, 3);
    assert!(other.fano_factor > 30.0 && test.probability(60.0) < 1e-6 && other.probability(60.0) > 0.01);
}

#[test]
fn a_silent_baseline_is_left_by_many_spikes_and_not_by_one() {
    let silent = SameRate::new(&[0.0; 200], 1);
    assert_eq!(silent.probability(0.0), 1.0);
    assert!(silent.probability(1.0) > 1e-3 && silent.probability(5.0) < 1e-9);
}

#[test]
fn trials_begin_with_the_stimulus_or_with_each_pulse() {
    let of_dc = trials(&dc(300.0)).unwrap();
    assert_eq!((of_dc.baselines.as_slice(), of_dc.first_bins.as_slice()), (&[100][..], &[300][..]));
    assert_eq!((of_dc.n_baseline, of_dc.n_bins, of_dc.first_ms), (200, 200, 0.0));
    // Between bins: what lies in both is in neither.
    let between = trials(&dc(300.4)).unwrap();
    assert_eq!((between.baselines[0], between.first_bins[0], between.n_bins), (100, 301, 199));
    assert!((between.first_ms - 0.6).abs() < 1e-12);
    let of_pulses = trials(&pulses(300.0, 50.0, 451.0)).unwrap();
    assert_eq!((of_pulses.first_bins.as_slice(), of_pulses.n_bins), (&[300, 350, 400, 450][..], 37));
    assert_eq!((of_pulses.baselines.as_slice(), of_pulses.n_baseline), (&[287, 337, 387, 437][..], 13));
    assert_eq!(trials(&pulses(300.0, 60.0, 500.0)).unwrap().first_bins, [300, 360, 420]);
    // Between bins no bin is of a response and of a baseline, and each pulse has one.
    let close = trials(&pulses(300.5, 40.0, 500.0)).unwrap();
    assert_eq!((close.first_bins[0], close.n_bins, close.baselines[1], close.n_baseline), (301, 29, 330, 10));
    let closer = trials(&pulses(300.0, 3.0, 330.0)).unwrap();
    assert_eq!((closer.n_bins, closer.n_baseline), (2, 1));
    // One pulse is like any other stimulus.
    let one = trials(&pulses(300.0, 20.0, 310.0)).unwrap();
    assert_eq!((one.n_bins, one.n_baseline, one.baselines.as_slice()), (200, 200, &[100][..]));
    // The first pulse has no room for a baseline; the others have.
    let at_once = trials(&pulses(0.0, 50.0, 200.0)).unwrap();
    assert_eq!((at_once.first_bins.as_slice(), at_once.n_baseline), (&[0, 50, 100, 150][..], 13));
    assert_eq!(at_once.baselines, [37, 87, 137]);
    assert!(trials(&dc(500.0)).is_none());
}

/// Poisson numbers of that mean, by their distribution function.
fn counts(means: impl Iterator<Item = f64>, key: u32) -> Vec<f64> {
    let count = |(index, mean): (u32, f64)| {
        let u = f64::from(threefry([key, 5], [index, 0])[0]) / 4_294_967_296.0;
        let poisson = statrs::distribution::Poisson::new(mean).unwrap();
        poisson.inverse_cdf(u.min(0.999_999)) as f64
    };
    (0..).zip(means).map(count).collect()
}

fn latency(means: impl Fn(usize) -> f64, key: u32) -> Known<f64> {
    let trials = trials(&dc(300.0)).unwrap();
    let counts = counts((0..400).map(means), key);
    trials.reaction(counts.split_at(200), ndarray::aview1(&counts), 0.01).latency_ms
}

/// That of one population of a run of 1.5 s with a pulse every 100 ms from 500 ms on; with the time before the first one
/// alone for a baseline, if `before_first`.
fn latency_of_pulses(means: impl Fn(usize) -> f64, key: u32, before_first: bool) -> Known<f64> {
    let window = Window { n_steps: 15_000, ..WINDOW };
    let trials = Trials::new(&pulses(500.0, 100.0, 1500.0), &window, &AnalysisOptions::default()).unwrap();
    let counts = counts((0..1500).map(means), key);
    let baselines = if before_first { &trials.baselines[..1] } else { &trials.baselines };
    let summed = |firsts: &[usize], k: usize| -> f64 { firsts.iter().map(|first| counts[first + k]).sum() };
    let response: Vec<f64> = (0..trials.n_bins).map(|k| summed(&trials.first_bins, k)).collect();
    let before = baselines.iter().flat_map(|&first| &counts[first..first + trials.n_baseline]);
    let before: Vec<f64> = before.copied().collect();
    let rates: Vec<f64> =
        (0..trials.n_baseline).map(|k| summed(baselines, k)).chain(response.iter().copied()).collect();
    trials.reaction((&before, &response), ndarray::aview1(&rates), 0.01).latency_ms
}

#[test]
fn a_latency_is_that_of_the_first_bin_with_another_rate() {
    assert_eq!(latency(|bin| if bin < 217 { 20.0 } else { 60.0 }, 1), Ok(17.0));
    assert_eq!(latency(|bin| if bin < 230 { 40.0 } else { 1.0 }, 2), Ok(30.0));
    assert!(matches!(latency(|_| 20.0, 3), Err(Absence::NoResponse { .. })));
}

#[test]
fn no_more_than_alpha_of_the_runs_without_a_response_have_one() {
    let found = (0..400).filter(|&key| latency(|_| 3.0, 1000 + key).is_ok()).count();
    // α = 0.01 and 400 runs: more than 14 have a probability below 1e-4.
    assert!(found <= 14, "{found} of 400");
    // Nor if the rate changes slowly: with the time before the first pulse alone for a baseline they would.
    let slow =
        |phase: f64, bin: usize| 6.0 + 4.0 * libm::sin(std::f64::consts::TAU * bin as f64 / 900.0 + phase);
    let found = |before_first: bool| {
        let means = |key: u32| move |bin: usize| slow(0.1 * f64::from(key), bin);
        (0..400).filter(|&key| latency_of_pulses(means(key), 3000 + key, before_first).is_ok()).count()
    };
    assert!(found(false) <= 14 && found(true) > 100, "{} and {} of 400", found(false), found(true));
    let seen = |bin: usize| slow(0.0, bin) * if bin % 100 == 20 { 4.0 } else { 1.0 };
    assert_eq!(latency_of_pulses(seen, 9, false), Ok(20.0));
}

#[test]
fn equal_values_share_a_rank_and_the_order_alone_counts() {
    assert_eq!(ranks(&[3.0, 1.0, 3.0, 9.0]), [2.5, 1.0, 2.5, 4.0]);
    let reaction = |latency_ms: f64| Reaction {
        baseline_hz: Ok(1.0),
        peak: Ok((1.0, 1.0)),
        latency_ms: if latency_ms > 0.0 { Ok(latency_ms) } else { Err(Absence::NotRecorded) },
    };
    let delays_ms = [Some(1.0), Some(2.0), None, Some(3.0), Some(30.0)];
    let areas = |latencies_ms: [f64; 5]| latencies_ms.map(reaction);
    let rising = rank_correlation(&delays_ms, &areas([1.0, 5.0, 2.0, 6.0, 7.0]));
    assert!((rising.unwrap() - 1.0).abs() < 1e-12);
    let falling = rank_correlation(&delays_ms, &areas([9.0, 5.0, 2.0, -1.0, 4.0]));
    assert!((falling.unwrap() + 1.0).abs() < 1e-12);
    let few = rank_correlation(&delays_ms, &areas([9.0, 5.0, 2.0, -1.0, -1.0]));
    assert_eq!(few, Err(Absence::TooFewLatencies));
}

#[test]
fn without_a_baseline_there_is_no_latency() {
    let trials = trials(&dc(5.0)).unwrap();
    let counts = vec![1.0; 205];
    let reaction = trials.reaction(counts.split_at(5), ndarray::aview1(&counts), 0.01);
    assert!(matches!(reaction.latency_ms, Err(Absence::NoBaseline { .. })), "{reaction:?}");
}
