//! External Poisson spikes, step by step, for neurons that receive many of them.
//!
//! In each step a neuron receives a Poisson number of external spikes, drawn from 16 random bits.
//! One call of Threefry, keyed by (neuron / 4, step), serves four neurons that follow each other.

use crate::engine::rng::{Key, threefry};

/// Neurons that share a call.
pub const NEURONS_PER_CALL: u32 = 4;

/// Cumulative thresholds of a Poisson distribution with that mean: a uniform 16-bit number u gives
/// the count #{n: u ≥ thresholds\[n\]}.
///
/// Every threshold takes over the rounding error of those before it, so that the mean is within
/// 2⁻¹⁵ of what is asked for; the tail below about 2⁻¹⁷ is cut.
pub fn stepwise_thresholds(mean: f64) -> Vec<u16> {
    const TWO_16: f64 = 65_536.0;
    let mut thresholds = Vec::new();
    // P(N > n), and the part of it that rounding has left to later thresholds.
    let (mut above, mut left) = (1.0, 0.0);
    loop {
        let n = thresholds.len() as f64;
        above -= libm::exp(n * libm::log(mean) - mean - libm::lgamma(n + 1.0));
        let exact = above.max(0.0) * TWO_16 + left;
        let rounded = exact.round_ties_even().clamp(0.0, TWO_16);
        left = exact - rounded;
        if rounded < 1.0 {
            return thresholds;
        }
        // A count that is certain has threshold 0.
        thresholds.push((TWO_16 - rounded) as u16);
    }
}

/// The uniform 16-bit number of `neuron` in `step`, which counts from 1.
#[inline]
pub fn stepwise_uniform(key: Key, neuron: u32, step: u32) -> u16 {
    let words = threefry(key, [neuron / NEURONS_PER_CALL, step]);
    let place = neuron % NEURONS_PER_CALL;
    (words[(place / 2) as usize] >> (16 * (place % 2))) as u16
}

/// External spikes of a neuron that drew `uniform`.
#[inline]
pub fn stepwise_count(uniform: u16, thresholds: &[u16]) -> u32 {
    thresholds.iter().map(|&t| u32::from(uniform >= t)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::{Stream, stream_key};

    /// Every uniform number in turn: the distribution that the thresholds define.
    fn moments(mean: f64) -> (f64, f64) {
        let thresholds = stepwise_thresholds(mean);
        let counts = (0..=u16::MAX).map(|u| f64::from(stepwise_count(u, &thresholds)));
        let (sum, squares) = counts.fold((0.0, 0.0), |(s, q), c| (s + c, q + c * c));
        let m = sum / 65_536.0;
        (m, squares / 65_536.0 - m * m)
    }

    /// A thousandth is what the model needs of mean and standard deviation.
    const MOMENT_TOLERANCE: f64 = 1e-3;

    #[test]
    fn thresholds_have_the_mean_and_sd_of_a_poisson_number() {
        for mean in [0.25, 0.3, 1.0, 1.83, 7.5, 60.0] {
            let (m, variance) = moments(mean);
            assert!((m - mean).abs() <= 1.0 / 32_768.0, "mean {m} for {mean}");
            assert!(
                ((variance / mean).sqrt() - 1.0).abs() < MOMENT_TOLERANCE,
                "variance {variance} for {mean}"
            );
            assert!(stepwise_thresholds(mean).is_sorted());
        }
    }

    #[test]
    fn neurons_and_steps_have_uniform_numbers_of_their_own() {
        let key = stream_key(7, Stream::StepwiseDrive, 0);
        // χ² over 64 bins of 65,536 numbers: 63 degrees of freedom, 99.99 % quantile 113.5.
        let chi2 = |numbers: &mut dyn Iterator<Item = u16>| {
            let mut bins = [0u32; 64];
            numbers.for_each(|u| bins[usize::from(u >> 10)] += 1);
            bins.iter().map(|&b| (f64::from(b) - 1024.0).powi(2) / 1024.0).sum::<f64>()
        };
        assert!(chi2(&mut (0..65_536).map(|k| stepwise_uniform(key, k, 1))) < 113.5);
        assert!(chi2(&mut (0..65_536).map(|k| stepwise_uniform(key, 6, k))) < 113.5);
        // Sums of neighbours are triangular, not uniform.
        let sum = |k| stepwise_uniform(key, k, 1) / 2 + stepwise_uniform(key, k + 1, 1) / 2;
        assert!(chi2(&mut (0..65_536).map(sum)) > 113.5);
    }
}
