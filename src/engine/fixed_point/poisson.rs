//! External Poisson spikes, block by block.
//!
//! In a block of [`BLOCK_STEPS`] steps a neuron receives a Poisson number of external spikes,
//! each at an independent, uniform step of the block; so the counts of the steps are independent
//! Poisson numbers. Both are keyed by (neuron, block).

use crate::engine::rng::{Key, threefry};

/// log₂ of [`BLOCK_STEPS`].
pub const BLOCK_BITS: u32 = 6;
/// Steps of a block.
pub const BLOCK_STEPS: u32 = 1 << BLOCK_BITS;
/// Bits of the counter's second word that number the calls within a block.
pub const CALL_BITS: u32 = 8;
/// Positions taken from one random word.
const POSITIONS_PER_WORD: u32 = 32 / BLOCK_BITS;

/// Cumulative thresholds of a Poisson distribution: a uniform 32-bit word u gives the count
/// #{n: u ≥ thresholds\[n\]}. The tail below 2⁻³³ is cut.
///
/// `mean` is the expected number of spikes in a block.
pub fn poisson_thresholds(mean: f64) -> Vec<u32> {
    if mean <= 0.0 {
        return Vec::new();
    }
    let two_32 = 4_294_967_296.0;
    let mut thresholds = Vec::new();
    let mut cumulative = 0.0;
    loop {
        let n = thresholds.len() as f64;
        cumulative += libm::exp(n * libm::log(mean) - mean - libm::lgamma(n + 1.0));
        let threshold = (cumulative * two_32).round_ties_even();
        if threshold >= two_32 - 0.5 || (n > mean && 1.0 - cumulative < 1.0 / (2.0 * two_32)) {
            return thresholds;
        }
        thresholds.push(threshold as u32);
    }
}

/// The external spikes of one neuron in one block.
#[derive(Debug, Clone)]
pub struct DriveBlock {
    key: Key,
    neuron: u32,
    call: u32,
    words: [u32; 2],
    word: usize,
    used: u32,
    left: u32,
}

impl DriveBlock {
    /// Spikes of `neuron` in `block` (steps `block` · 64 to `block` · 64 + 63, from 0).
    #[inline]
    pub fn new(key: Key, neuron: u32, block: u32, thresholds: &[u32]) -> Self {
        let words = threefry(key, [neuron, block << CALL_BITS]);
        Self::from_first_call(key, neuron, block, words, thresholds)
    }

    /// The same from the words of the block's first call: Threefry(key, (`neuron`, `block` · 2⁸)).
    #[inline]
    pub fn from_first_call(key: Key, neuron: u32, block: u32, words: [u32; 2], thresholds: &[u32]) -> Self {
        let left = thresholds.partition_point(|&t| t <= words[0]) as u32;
        Self { key, neuron, call: block << CALL_BITS, words, word: 1, used: 0, left }
    }
}

impl Iterator for DriveBlock {
    type Item = u32;

    /// Offset of the next spike within the block, in steps from 0; not sorted.
    #[inline]
    fn next(&mut self) -> Option<u32> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        if self.used == POSITIONS_PER_WORD {
            self.used = 0;
            self.word += 1;
            if self.word == 2 {
                self.word = 0;
                self.call += 1;
                self.words = threefry(self.key, [self.neuron, self.call]);
            }
        }
        let offset = (self.words[self.word] >> (BLOCK_BITS * self.used)) & (BLOCK_STEPS - 1);
        self.used += 1;
        Some(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::{Stream, stream_key};

    #[test]
    fn thresholds_are_the_cumulative_distribution() {
        let thresholds = poisson_thresholds(0.5);
        let p0 = f64::from(thresholds[0]) / 4_294_967_296.0;
        assert!((p0 - (-0.5f64).exp()).abs() < 1e-9);
        assert!(poisson_thresholds(0.0).is_empty());
        assert!(thresholds.windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn counts_have_poisson_mean_and_variance_and_positions_are_uniform() {
        let key = stream_key(7, Stream::Drive, 0);
        for mean in [0.47, 115.0] {
            let thresholds = poisson_thresholds(mean);
            let n = 4000u32;
            let mut steps = [0u32; BLOCK_STEPS as usize];
            let counts: Vec<f64> = (0..n)
                .map(|i| {
                    DriveBlock::new(key, i % 97, i / 97, &thresholds)
                        .inspect(|&s| steps[s as usize] += 1)
                        .count() as f64
                })
                .collect();
            let m = counts.iter().sum::<f64>() / f64::from(n);
            let var = counts.iter().map(|c| (c - m).powi(2)).sum::<f64>() / f64::from(n - 1);
            // Five standard errors of the mean and of the variance of a Poisson number.
            let se_mean = (mean / f64::from(n)).sqrt();
            let se_var = ((mean + 2.0 * mean * mean) / f64::from(n)).sqrt();
            assert!((m - mean).abs() < 5.0 * se_mean, "mean {m} for {mean}");
            assert!((var - mean).abs() < 5.0 * se_var, "variance {var} for {mean}");
            // χ² over 64 steps: 63 degrees of freedom, 99.99 % quantile 113.5.
            let expected = counts.iter().sum::<f64>() / 64.0;
            let chi2: f64 = steps.iter().map(|&s| (f64::from(s) - expected).powi(2) / expected).sum();
            assert!(chi2 < 113.5, "chi square {chi2}");
        }
    }
}
