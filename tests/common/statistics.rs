//! Statistics of a population's spike trains as published with the model: rate, CV ISI, LvR and
//! correlation from 500 ms on. Windows are as published: rates over [500, T), intervals over
//! [500, T], counts in bins from 500 whose last one includes T.
#![allow(dead_code, reason = "each test uses a part")]

/// Steps of 0.1 ms in 1 ms.
const STEPS_PER_MS: u32 = 10;
/// What comes before is left out.
const FROM_STEP: u32 = 500 * STEPS_PER_MS;
/// Neurons with fewer spikes have no CV and LvR.
const LEAST_SPIKES: usize = 10;
/// Correlations are of the first neurons whose count changes.
const MOST_NEURONS: usize = 2000;
/// Refractory period, ms.
const T_REF_MS: f64 = 2.0;

/// Statistics of one population; `None` where no neuron has one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistics {
    pub rate_hz: f64,
    pub cv_isi: Option<f64>,
    pub lvr: Option<f64>,
    pub correlation: Option<f64>,
}

/// Spike trains of neurons `first..first + neurons`, in steps, from (step, neuron) sorted by step.
pub fn trains(spikes: &[(u32, u32)], first: u32, neurons: u32) -> Vec<Vec<u32>> {
    let mut trains = vec![Vec::new(); neurons as usize];
    for &(step, neuron) in spikes.iter().filter(|(_, neuron)| (first..first + neurons).contains(neuron)) {
        trains[(neuron - first) as usize].push(step);
    }
    trains
}

impl Statistics {
    /// Of a population's trains in a run of `n_steps`.
    pub fn of(trains: &[Vec<u32>], n_steps: u32) -> Self {
        let within: Vec<Vec<u32>> =
            trains.iter().map(|train| train.iter().copied().filter(|&s| s >= FROM_STEP).collect()).collect();
        let n_spikes = within.iter().flatten().filter(|&&step| step < n_steps).count();
        let duration_s = f64::from(n_steps - FROM_STEP) / f64::from(STEPS_PER_MS) * 1e-3;
        let regular: Vec<Vec<f64>> = within
            .iter()
            .filter(|train| train.len() >= LEAST_SPIKES)
            .map(|train| intervals_ms(train))
            .collect();
        Self {
            rate_hz: n_spikes as f64 / trains.len() as f64 / duration_s,
            cv_isi: mean(&regular.iter().map(|i| cv(i)).collect::<Vec<_>>()),
            lvr: mean(&regular.iter().map(|i| lvr(i)).collect::<Vec<_>>()),
            correlation: mean_correlation(&within, n_steps),
        }
    }
}

/// Mean of what there is.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn intervals_ms(train: &[u32]) -> Vec<f64> {
    train.windows(2).map(|w| f64::from(w[1] - w[0]) / f64::from(STEPS_PER_MS)).collect()
}

/// Standard deviation, with n in the denominator, over mean.
fn cv(intervals_ms: &[f64]) -> f64 {
    let n = intervals_ms.len() as f64;
    let mean = intervals_ms.iter().sum::<f64>() / n;
    (intervals_ms.iter().map(|i| (i - mean).powi(2)).sum::<f64>() / n).sqrt() / mean
}

/// Local variation revised for refractoriness (Shinomoto et al. 2009,
/// doi:10.1371/journal.pcbi.1000433).
fn lvr(intervals_ms: &[f64]) -> f64 {
    let of_pair = |w: &[f64]| {
        let sum = w[0] + w[1];
        (1.0 - 4.0 * w[0] * w[1] / (sum * sum)) * (1.0 + 4.0 * T_REF_MS / sum)
    };
    let pairs = intervals_ms.windows(2);
    3.0 / (intervals_ms.len() - 1) as f64 * pairs.map(of_pair).sum::<f64>()
}

/// Mean of the off-diagonal correlation coefficients of counts in 1 ms bins: for n series of norm 1
/// and mean 0 it is (|Σ z|² − n)/(n (n − 1)).
fn mean_correlation(trains: &[Vec<u32>], n_steps: u32) -> Option<f64> {
    let n_bins = ((n_steps - FROM_STEP) / STEPS_PER_MS) as usize;
    let series = trains.iter().filter_map(|train| normalised_counts(train, n_bins)).take(MOST_NEURONS);
    let (mut sum, mut n) = (vec![0.0; n_bins], 0.0);
    for normalised in series {
        sum.iter_mut().zip(normalised).for_each(|(sum, z)| *sum += z);
        n += 1.0;
    }
    (n >= 2.0).then(|| (sum.iter().map(|s| s * s).sum::<f64>() - n) / (n * (n - 1.0)))
}

/// Counts with mean 0 and norm 1; `None` where they do not change.
fn normalised_counts(train: &[u32], n_bins: usize) -> Option<Vec<f64>> {
    let mut counts = vec![0.0; n_bins];
    for step in train {
        counts[(((step - FROM_STEP) / STEPS_PER_MS) as usize).min(n_bins - 1)] += 1.0;
    }
    let mean = counts.iter().sum::<f64>() / n_bins as f64;
    counts.iter_mut().for_each(|c| *c -= mean);
    let norm = counts.iter().map(|c| c * c).sum::<f64>().sqrt();
    counts.iter_mut().for_each(|c| *c /= norm);
    (norm > 0.0).then_some(counts)
}
