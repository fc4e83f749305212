//! Poisson trains whose rate changes, block by block.
//!
//! A block is drawn at the greatest rate that there is in it, and a spike is kept with the probability of its step's rate
//! divided by that one, so that the counts of steps are independent Poisson numbers (thinning; Lewis & Shedler 1979,
//! doi:10.1002/nav.3800260304). A block in which the rate is one number needs no further draws.

use super::poisson::{BLOCK_BITS, BLOCK_STEPS, CALL_BITS, poisson_thresholds};
use crate::engine::rng::{Key, threefry};

/// Most spikes that a neuron can receive in a block: what the draws of [`ThinnedBlock::keeps`] can number.
pub(super) const MAX_IN_BLOCK: usize = 2 << CALL_BITS;

/// A rate that is constant between some steps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RateProfile {
    /// Key of what keeps spikes.
    pub key: Key,
    /// The first step of each rate, ascending, and the mean number of spikes in a step; before the first there are
    /// none.
    pub parts: Vec<(u32, f64)>,
}

/// The rates of a block.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ThinnedBlock {
    key: Key,
    block: u32,
    /// Of the number of spikes at the greatest rate.
    pub thresholds: Vec<u32>,
    /// For each step the probability that a spike is kept, in units of 2⁻³².
    kept: [u64; BLOCK_STEPS as usize],
}

impl RateProfile {
    /// The greatest mean number of spikes in a step.
    pub fn greatest(&self) -> f64 {
        self.parts.iter().map(|part| part.1).fold(0.0, f64::max)
    }

    /// The rates of `block`.
    pub fn block(&self, block: u32) -> ThinnedBlock {
        let first = (block << BLOCK_BITS) + 1;
        let mut next = self.parts.partition_point(|part| part.0 <= first);
        let means: [f64; BLOCK_STEPS as usize] = std::array::from_fn(|offset| {
            while self.parts.get(next).is_some_and(|part| part.0 <= first + offset as u32) {
                next += 1;
            }
            next.checked_sub(1).map_or(0.0, |last| self.parts[last].1)
        });
        let greatest = means.iter().copied().fold(0.0, f64::max);
        let part = |mean: f64| {
            if greatest > 0.0 { (mean / greatest * 4_294_967_296.0).round_ties_even() as u64 } else { 0 }
        };
        let thresholds = poisson_thresholds(greatest * f64::from(BLOCK_STEPS));
        ThinnedBlock { key: self.key, block, thresholds, kept: means.map(part) }
    }
}

impl ThinnedBlock {
    /// Whether spike `index` of those that were drawn for `neuron`, at that offset in the block, is kept.
    pub fn keeps(&self, neuron: u32, index: usize, offset: u32) -> bool {
        match self.kept[offset as usize] {
            0 => false,
            kept if kept > u64::from(u32::MAX) => true,
            kept => {
                let call = (self.block << CALL_BITS) + (index / 2) as u32;
                u64::from(threefry(self.key, [neuron, call])[index % 2]) < kept
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(parts: &[(u32, f64)]) -> RateProfile {
        RateProfile { key: [3, 4], parts: parts.to_vec() }
    }

    #[test]
    fn a_block_has_the_rates_of_its_steps() {
        let profile = profile(&[(11, 0.5), (65, 1.0), (70, 0.25), (200, 0.0)]);
        let block = profile.block(0);
        assert_eq!(block.thresholds, poisson_thresholds(32.0));
        assert_eq!([block.kept[9], block.kept[10], block.kept[63]], [0, 1 << 32, 1 << 32]);
        let block = profile.block(1);
        assert_eq!(block.thresholds, poisson_thresholds(64.0));
        assert_eq!([block.kept[0], block.kept[4], block.kept[5]], [1 << 32, 1 << 32, 1 << 30]);
        assert!(profile.block(4).thresholds.is_empty() && profile.greatest() == 1.0);
    }

    #[test]
    fn so_many_spikes_are_kept_as_the_rate_says() {
        let block = profile(&[(1, 1.0), (33, 0.3)]).block(0);
        let n = 20_000u32;
        let kept = (0..n).filter(|&k| block.keeps(k / 10, (k % 10) as usize, 40)).count();
        // Five standard errors of a binomial number.
        let tolerance = 5.0 * (f64::from(n) * 0.3 * 0.7).sqrt();
        assert!((kept as f64 - 0.3 * f64::from(n)).abs() < tolerance, "{kept}");
        assert!((0..100).all(|k| block.keeps(k, 0, 31)));
    }
}
