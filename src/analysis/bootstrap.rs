//! How well a finite run knows its similarity to a measured matrix: a bootstrap over blocks of time
//! (Carlstein 1986, doi:10.1214/aos/1176350057).
//!
//! 1. Time is cut into blocks of 50 ms. The areas' currents correlate over some 20 ms (e-fold times in
//!    down-scaled networks: 3 to 20 ms), so that blocks are nearly independent of each other, and a run of
//!    1.5 s has 30 of them; blocks of 25 to 150 ms give intervals of the same width.
//! 2. A replicate takes as many blocks, drawn with replacement, all areas together, and has the
//!    correlations between areas and their similarity to the measured matrix.
//! 3. Correlations of a replicate have the noise of the run and that of the drawing, and more noise makes a
//!    similarity smaller: its covariance with the measured matrix stays, its own spread grows. The
//!    similarities of replicates are therefore multiplied by the spread of their correlations over that of
//!    the run's.
//! 4. The interval holds the middle 95 % of them. It is one for the mean similarity of runs of this length.
//!
//! Drawn by the program's own generator under a fixed key: the same run has the same interval.

use super::similarity::{below_diagonals, similarity};
use super::{Absence, Known, Window};
use crate::engine::rng::{Stream, stream_key, threefry, uniform_below};
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

/// Length of a block, ms.
const BLOCK_MS: f64 = 50.0;
/// Most blocks: those of longer runs are longer.
const MAX_BLOCKS: usize = 400;
/// Fewest blocks whose resampling tells something.
const FEWEST_BLOCKS: usize = 10;
/// Replicates; with them the ends of the interval are the 25th value from either end.
const REPLICATES: u32 = 999;
const END: usize = 24;

/// A 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// Correlations between signals in every replicate.
#[derive(Debug, Clone)]
pub(super) struct Replicates(Vec<Array2<f64>>);

impl Replicates {
    /// Resamples `signals`, shape [area, bin], of what counts.
    ///
    /// # Errors
    /// Fewer than ten blocks.
    pub fn new(signals: ArrayView2<'_, f64>, window: &Window) -> Known<Self> {
        let bins = (BLOCK_MS / window.bin_ms()).round().max(1.0) as usize;
        let bins = bins.max(signals.ncols().div_ceil(MAX_BLOCKS));
        if signals.ncols() / bins < FEWEST_BLOCKS {
            return Err(Absence::TooShort {
                needed_ms: (FEWEST_BLOCKS * bins) as f64 * window.bin_ms(),
                from_ms: window.from_ms(),
                duration_ms: window.duration_ms(),
            });
        }
        let blocks = block_sums(signals, bins);
        let key = stream_key(0, Stream::Blocks, 0);
        let n = blocks.len() as u32;
        let replicate = |replicate: u32| {
            let mut times = vec![0u32; blocks.len()];
            (0..n).for_each(|k| times[uniform_below(threefry(key, [replicate, k])[0], n) as usize] += 1);
            correlations(&blocks, &times)
        };
        Ok(Self((0..REPLICATES).into_par_iter().map(replicate).collect()))
    }

    /// The interval of the similarity of `simulated`, the correlations of the whole, to `measured`.
    ///
    /// # Errors
    /// As [`matrix_similarity`](super::matrix_similarity).
    pub fn interval(&self, simulated: &Array2<f64>, measured: &Array2<f64>) -> Known<Interval> {
        let of_replicate = |replicate| {
            let (correlations, measured) = below_diagonals(replicate, measured);
            Ok((similarity(&correlations, &measured)?, variance(&correlations)))
        };
        let of_replicates: Vec<(f64, f64)> = self.0.iter().map(of_replicate).collect::<Known<_>>()?;
        let (mut found, variances): (Vec<f64>, Vec<f64>) = of_replicates.into_iter().unzip();
        let mean = variances.iter().sum::<f64>() / variances.len() as f64;
        let more = (mean / variance(&below_diagonals(simulated, measured).0)).sqrt();
        found.iter_mut().for_each(|similarity| *similarity *= more);
        found.sort_unstable_by(f64::total_cmp);
        let (low, high) = (found[END].max(-1.0), found[found.len() - 1 - END].min(1.0));
        Ok(Interval { low, high })
    }
}

/// Sums of the signals in a block and of their products.
struct BlockSums {
    bins: usize,
    sums: Vec<f64>,
    /// Of each pair on and below the diagonal, row by row.
    products: Vec<f64>,
}

fn block_sums(signals: ArrayView2<'_, f64>, bins: usize) -> Vec<BlockSums> {
    // Around their means nothing cancels in the sums of products.
    let means: Vec<f64> = signals.rows().into_iter().map(|row| row.sum() / row.len() as f64).collect();
    let whole_blocks = signals.axis_chunks_iter(Axis(1), bins).filter(|block| block.ncols() == bins);
    let sums = |block: ArrayView2<'_, f64>| {
        let rows = block.rows().into_iter().zip(&means);
        let rows: Vec<Vec<f64>> =
            rows.map(|(row, mean)| row.iter().map(|value| value - mean).collect()).collect();
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let pairs = rows.iter().enumerate().flat_map(|(i, a)| rows[..=i].iter().map(move |b| product(a, b)));
        let products = pairs.collect();
        BlockSums { bins, sums: rows.iter().map(|row| row.iter().sum()).collect(), products }
    };
    whole_blocks.map(sums).collect()
}

/// Correlations over blocks of which each is taken so many `times`; NaN if a signal does not change.
fn correlations(blocks: &[BlockSums], times: &[u32]) -> Array2<f64> {
    let n = blocks[0].sums.len();
    let (mut bins, mut sums, mut products) = (0.0, vec![0.0; n], vec![0.0; n * (n + 1) / 2]);
    for (block, times) in blocks.iter().zip(times).filter(|(_, times)| **times > 0) {
        let times = f64::from(*times);
        bins += times * block.bins as f64;
        sums.iter_mut().zip(&block.sums).for_each(|(sum, of_block)| *sum += times * of_block);
        products.iter_mut().zip(&block.products).for_each(|(sum, of_block)| *sum += times * of_block);
    }
    let place = |i: usize, j: usize| i.max(j) * (i.max(j) + 1) / 2 + i.min(j);
    let covariance = |i: usize, j: usize| products[place(i, j)] - sums[i] * sums[j] / bins;
    let norms: Vec<f64> = (0..n).map(|i| covariance(i, i).max(0.0).sqrt()).collect();
    Array2::from_shape_fn((n, n), |(i, j)| match norms[i] > 0.0 && norms[j] > 0.0 {
        true => covariance(i, j) / (norms[i] * norms[j]),
        false => f64::NAN,
    })
}

fn variance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n
}

#[cfg(test)]
mod tests {
    use super::super::{correlation_matrix, matrix_similarity};
    use super::*;
    use crate::config::AnalysisOptions;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};
    use rand_distr::StandardNormal;

    const AREAS: usize = 12;
    /// 1.5 s in bins of 1 ms.
    const BINS: usize = 1500;
    const WINDOW: Window = Window { dt_ms: 0.1, n_steps: 10 * BINS as u32, from_step: 0, steps_per_bin: 10 };
    /// Synthetic runs.
    const RUNS: u32 = 400;
    const LEVEL: f64 = 0.95;
    /// Two-sided quantile of the normal distribution at α = 1e-6.
    const Z_ALPHA: f64 = 4.892;

    /// Signals that share two factors, autoregressive with an e-fold time of ten bins as currents are.
    fn run(seed: u32) -> Array2<f64> {
        let mut rng = StdRng::seed_from_u64(u64::from(seed));
        let decay = (-0.1f64).exp();
        let mut sources = vec![0.0; AREAS + 2];
        let mut signals = Array2::zeros((AREAS, BINS));
        for bin in 0..BINS {
            for source in &mut sources {
                *source =
                    decay * *source + (1.0 - decay * decay).sqrt() * rng.sample::<f64, _>(StandardNormal);
            }
            for area in 0..AREAS {
                let [a, b] = loadings(area);
                signals[[area, bin]] = sources[area] + a * sources[AREAS] + b * sources[AREAS + 1];
            }
        }
        signals
    }

    fn loadings(area: usize) -> [f64; 2] {
        [0.3 * (1.7 * area as f64).sin(), 0.3 * (2.9 * area as f64).cos()]
    }

    /// What is measured: the correlations of the factors, and what else there is in another brain.
    fn measured() -> Array2<f64> {
        let mut rng = StdRng::seed_from_u64(0);
        let mut measured = Array2::zeros((AREAS, AREAS));
        for i in 0..AREAS {
            for j in 0..i {
                let [(a, b), (c, d)] = [loadings(i), loadings(j)].map(|[a, b]| (a, b));
                measured[[i, j]] = a * c + b * d + 0.05 * rng.sample::<f64, _>(StandardNormal);
            }
        }
        measured
    }

    /// How many of the intervals hold the mean similarity of all runs, with what `interval` makes of
    /// replicates.
    fn coverage(interval: impl Fn(&Replicates, &Array2<f64>, &Array2<f64>) -> Interval + Sync) -> f64 {
        let measured = measured();
        let found = (1..=RUNS).into_par_iter().map(|seed| {
            let signals = run(seed);
            let simulated = correlation_matrix(signals.view());
            let replicates = Replicates::new(signals.view(), &WINDOW).unwrap();
            let similarity = matrix_similarity(&simulated, &measured).unwrap();
            (similarity, interval(&replicates, &simulated, &measured))
        });
        let found: Vec<(f64, Interval)> = found.collect();
        let mean = found.iter().map(|(similarity, _)| similarity).sum::<f64>() / f64::from(RUNS);
        assert!((0.2..0.8).contains(&mean), "{mean}");
        let covers = |interval: &Interval| interval.low <= mean && mean <= interval.high;
        found.iter().filter(|(_, interval)| covers(interval)).count() as f64 / f64::from(RUNS)
    }

    #[test]
    fn intervals_hold_the_mean_similarity_as_often_as_they_say() {
        // n = 400 runs; the share of intervals that hold it lies within its binomial error at α = 1e-6.
        let error = Z_ALPHA * (LEVEL * (1.0 - LEVEL) / f64::from(RUNS)).sqrt();
        let found =
            coverage(|replicates, simulated, measured| replicates.interval(simulated, measured).unwrap());
        assert!(
            (found - LEVEL).abs() < error,
            "{found} of the intervals hold it, {LEVEL} ± {error:.3} should"
        );
        // Negative control: without the correction for the noise of the drawing.
        let found = coverage(|replicates, _, measured| {
            let mut found: Vec<f64> = replicates
                .0
                .iter()
                .map(|replicate| matrix_similarity(replicate, measured).unwrap())
                .collect();
            found.sort_unstable_by(f64::total_cmp);
            Interval { low: found[END], high: found[found.len() - 1 - END] }
        });
        assert!(found < LEVEL - error, "{found}");
    }

    #[test]
    fn the_same_run_has_the_same_interval_with_any_number_of_threads() {
        let (signals, measured) = (run(1), measured());
        let simulated = correlation_matrix(signals.view());
        let interval =
            || Replicates::new(signals.view(), &WINDOW).and_then(|all| all.interval(&simulated, &measured));
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(interval);
        let many = rayon::ThreadPoolBuilder::new().num_threads(5).build().unwrap().install(interval);
        assert!(alone.is_ok());
        assert_eq!(alone, many);
    }

    #[test]
    fn every_block_once_is_the_whole_and_a_signal_that_rests_has_no_correlation() {
        let mut signals = run(2);
        signals.row_mut(3).fill(5.0);
        let blocks = block_sums(signals.view(), 50);
        let (found, expected) = (correlations(&blocks, &[1; 30]), correlation_matrix(signals.view()));
        for (found, expected) in found.iter().zip(&expected) {
            // f64 rounding of sums in another order.
            assert!((found - expected).abs() < 1e-12 || (found.is_nan() && expected.is_nan()));
        }
        assert!(found[[3, 4]].is_nan() && found[[4, 5]].is_finite());
    }

    #[test]
    fn a_run_of_fewer_than_ten_blocks_has_no_interval_and_long_ones_have_no_more_than_400() {
        let short = Array2::from_shape_fn((4, 499), |(area, bin)| ((area + 3) * bin % 17) as f64);
        assert!(matches!(Replicates::new(short.view(), &WINDOW), Err(Absence::TooShort { .. })));
        let bins = 60_000usize.div_ceil(MAX_BLOCKS).max(50);
        let long = Array2::from_shape_fn((2, 60_000), |(area, bin)| ((area + 3) * bin % 17) as f64);
        assert_eq!((bins, block_sums(long.view(), bins).len()), (150, 400));
        assert_eq!(AnalysisOptions::default().bin_ms, WINDOW.bin_ms());
    }
}
