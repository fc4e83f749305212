//! Pearson correlation: between spike trains, once more through the spikes, and between signals.

use super::trains::TrainSums;
use super::{AnalysisError, Layout, SpikeSource};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// Slot of a neuron whose train is not kept.
const NOT_KEPT: u32 = u32::MAX;

/// What correlates in each population.
pub(super) struct Correlations {
    /// Mean over all pairs of the first neurons whose count changes; `None` with fewer than two.
    pub mean: Vec<Option<f64>>,
    /// Neurons behind the mean.
    pub n_neurons: Vec<u32>,
    /// Coefficient of every pair of the first few of them.
    pub pairs: Vec<Vec<f64>>,
}

/// A neuron's part in the second pass.
#[derive(Clone, Copy)]
struct Part {
    /// 1 over the norm of its centred counts; 0 if it takes no part.
    weight: f64,
    slot: u32,
}

/// A train that is kept: bins of its spikes, with mean and norm of its counts.
struct Train {
    bins: Vec<u32>,
    mean: f64,
    norm: f64,
}

/// Correlates the counts of the first `n_mean` neurons of each population whose count changes, and
/// keeps the coefficients of the first `n_pairs` of them.
///
/// 1. The norm of each neuron's centred counts, from the first pass.
/// 2. The sum over neurons of normalised counts z in each bin: the mean over pairs of n neurons is
///    (|Σ z|² − n)/(n (n − 1)).
/// 3. Single pairs from the trains themselves.
pub(super) fn correlations(
    spikes: &dyn SpikeSource,
    layout: &Layout,
    sums: &[TrainSums],
    (n_mean, n_pairs): (u32, u32),
) -> Result<Correlations, AnalysisError> {
    let n_bins = layout.window.n_counted_bins();
    let mut chosen = Chosen::new(layout, sums, n_bins, n_mean, n_pairs);
    let population_of = layout.population_of_neurons();
    let mut summed = Array2::<f64>::zeros((layout.populations.len(), n_bins));
    spikes.for_each_step(&mut |step, neurons| {
        let Some(bin) = layout.window.counted_bin(step) else { return };
        for &neuron in neurons {
            let Part { weight, slot } = chosen.parts[neuron as usize];
            if weight > 0.0 {
                summed[[population_of[neuron as usize] as usize, bin]] += weight;
            }
            if slot != NOT_KEPT {
                chosen.trains[slot as usize].bins.push(bin as u32);
            }
        }
    })?;
    let mean = |(population, &n): (usize, &u32)| {
        let sum = summed.row(population);
        let squares: f64 = sum.iter().map(|s| squared(s - chosen.offsets[population])).sum();
        let n = f64::from(n);
        (n >= 2.0).then(|| (squares - n) / (n * (n - 1.0)))
    };
    Ok(Correlations {
        mean: chosen.n_neurons.iter().enumerate().map(mean).collect(),
        pairs: chosen
            .kept
            .par_iter()
            .map(|kept| coefficients(&chosen.trains[kept.clone()], n_bins))
            .collect(),
        n_neurons: chosen.n_neurons,
    })
}

/// Neurons that take part.
struct Chosen {
    parts: Vec<Part>,
    n_neurons: Vec<u32>,
    /// Σ mean · weight of each population: what centring takes from Σ z.
    offsets: Vec<f64>,
    trains: Vec<Train>,
    /// Trains of each population.
    kept: Vec<std::ops::Range<usize>>,
}

impl Chosen {
    fn new(layout: &Layout, sums: &[TrainSums], n_bins: usize, n_mean: u32, n_pairs: u32) -> Self {
        let none = Part { weight: 0.0, slot: NOT_KEPT };
        let mut chosen = Self {
            parts: vec![none; sums.len()],
            n_neurons: Vec::new(),
            offsets: Vec::new(),
            trains: Vec::new(),
            kept: Vec::new(),
        };
        for row in &layout.populations {
            let first_train = chosen.trains.len();
            let (mut n, mut offset) = (0, 0.0);
            for neuron in row.first_neuron..row.first_neuron + row.neurons {
                if n >= n_mean.max(n_pairs) {
                    break;
                }
                let Some((mean, norm)) = sums[neuron as usize].changing_counts(n_bins) else { continue };
                let part = &mut chosen.parts[neuron as usize];
                if n < n_mean {
                    part.weight = 1.0 / norm;
                    offset += mean / norm;
                }
                if n < n_pairs {
                    part.slot = chosen.trains.len() as u32;
                    chosen.trains.push(Train { bins: Vec::new(), mean, norm });
                }
                n += 1;
            }
            chosen.n_neurons.push(n.min(n_mean));
            chosen.offsets.push(offset);
            chosen.kept.push(first_train..chosen.trains.len());
        }
        chosen
    }
}

/// Coefficient of every pair: (Σ c d − n m_c m_d)/(|c| |d|) of counts c and d.
fn coefficients(trains: &[Train], n_bins: usize) -> Vec<f64> {
    let mut counts = vec![0u32; n_bins];
    let mut found = Vec::with_capacity(trains.len() * trains.len().saturating_sub(1) / 2);
    for (i, a) in trains.iter().enumerate() {
        a.bins.iter().for_each(|&bin| counts[bin as usize] += 1);
        for b in &trains[..i] {
            let together: u64 = b.bins.iter().map(|&bin| u64::from(counts[bin as usize])).sum();
            found.push((together as f64 - n_bins as f64 * a.mean * b.mean) / (a.norm * b.norm));
        }
        a.bins.iter().for_each(|&bin| counts[bin as usize] = 0);
    }
    found
}

/// Pearson correlations between the rows of `signals`, diagonal 1; NaN if a row does not change.
pub fn correlation_matrix(signals: ArrayView2<'_, f64>) -> Array2<f64> {
    let n = signals.nrows();
    let centred: Vec<Option<Vec<f64>>> =
        signals.rows().into_iter().map(|row| normalised(&row.to_vec())).collect();
    Array2::from_shape_fn((n, n), |(a, b)| match (&centred[a], &centred[b]) {
        (Some(_), Some(_)) if a == b => 1.0,
        (Some(a), Some(b)) => a.iter().zip(b).map(|(a, b)| a * b).sum(),
        _ => f64::NAN,
    })
}

/// Pearson correlation of two lists; `None` if one does not change or they differ in length.
pub fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b) = (normalised(a)?, normalised(b)?);
    (a.len() == b.len()).then(|| a.iter().zip(&b).map(|(a, b)| a * b).sum())
}

fn squared(x: f64) -> f64 {
    x * x
}

/// Values with mean 0 and norm 1; `None` if they do not change or are no numbers.
fn normalised(values: &[f64]) -> Option<Vec<f64>> {
    if values.windows(2).all(|pair| pair[0] == pair[1]) {
        return None;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let norm = values.iter().map(|v| squared(v - mean)).sum::<f64>().sqrt();
    (norm > 0.0 && norm.is_finite()).then(|| values.iter().map(|v| (v - mean) / norm).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// f64 sums in another order.
    const TOLERANCE: f64 = 1e-12;

    #[test]
    fn signals_correlate_with_themselves_and_against_their_mirror() {
        let matrix = correlation_matrix(array![[1.0, 2.0, 4.0], [-1.0, -2.0, -4.0], [5.0, 5.0, 5.0]].view());
        assert_eq!(matrix[[0, 0]], 1.0);
        assert!((matrix[[0, 1]] + 1.0).abs() < TOLERANCE);
        assert!(matrix[[0, 2]].is_nan() && matrix[[2, 2]].is_nan());
    }

    #[test]
    fn a_known_coefficient_is_found() {
        // Σ xy − n m m = 22 − 4·2.5·2 = 2; norms √5 and √2.
        let r = pearson(&[1.0, 2.0, 3.0, 4.0], &[2.0, 1.0, 2.0, 3.0]).unwrap();
        assert!((r - 2.0 / 10.0f64.sqrt()).abs() < TOLERANCE, "{r}");
        assert_eq!(pearson(&[1.0, 1.0], &[1.0, 2.0]), None);
    }
}
