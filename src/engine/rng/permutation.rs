//! Keyed permutations of {0, …, n − 1}: a Feistel network over the least number of bits that hold
//! n − 1, walked until it comes back into the range (cycle-walking; Black & Rogaway 2002,
//! doi:10.1007/3-540-45760-7_9). The twin of `shaders/shared/permutation.wgsl`.

use super::Key;

/// Fewest bits of the network: with halves of two bits, neighbours keep together more often than by chance.
pub const MIN_PERMUTATION_BITS: u32 = 6;
/// Separates the keys of rounds: 2³² over the golden ratio.
pub const ROUND_KEY_STEP: u32 = 0x9E37_79B9;
/// Multipliers of the round function: Wellons' 32-bit hash with the least known bias
/// (<https://nullprogram.com/blog/2018/07/31/>).
pub const MIX_MULTIPLIERS: [u32; 2] = [0x7FEB_352D, 0x846C_A68B];

/// A permutation of {0, …, n − 1}.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permutation {
    /// Its key.
    pub key: Key,
    /// Number of elements, at least 1.
    pub n: u32,
}

impl Permutation {
    /// Where `element` goes; both are below `n`.
    #[inline(always)]
    pub fn apply(&self, element: u32) -> u32 {
        let bits = (u32::BITS - (self.n - 1).leading_zeros()).max(MIN_PERMUTATION_BITS);
        let mut image = element;
        loop {
            image = self.shuffle(image, bits);
            if image < self.n {
                return image;
            }
        }
    }

    /// A permutation of all numbers of that many bits.
    #[inline(always)]
    fn shuffle(&self, x: u32, bits: u32) -> u32 {
        let low_bits = bits / 2;
        let masks = [(1 << (bits - low_bits)) - 1, (1 << low_bits) - 1];
        let mut halves = [x >> low_bits, x & masks[1]];
        halves = two_rounds(halves, masks, self.key, 0);
        halves = two_rounds(halves, masks, self.key, 2);
        halves = two_rounds(halves, masks, self.key, 4);
        halves = two_rounds(halves, masks, self.key, 6);
        (halves[0] << low_bits) | halves[1]
    }
}

/// Two rounds, each of which changes one of the halves (high, low) by the other.
#[inline(always)]
fn two_rounds(halves: [u32; 2], masks: [u32; 2], key: Key, round: u32) -> [u32; 2] {
    let step = round.wrapping_mul(ROUND_KEY_STEP);
    let high = halves[0] ^ (mixed(halves[1].wrapping_add(key[0]).wrapping_add(step)) & masks[0]);
    let low = halves[1] ^ (mixed(high.wrapping_add(key[1]).wrapping_add(step)) & masks[1]);
    [high, low]
}

/// The round function.
#[inline(always)]
fn mixed(x: u32) -> u32 {
    let x = (x ^ (x >> 16)).wrapping_mul(MIX_MULTIPLIERS[0]);
    let x = (x ^ (x >> 15)).wrapping_mul(MIX_MULTIPLIERS[1]);
    x ^ (x >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::{Stream, stream_key};

    fn permutation(index: u32, n: u32) -> Permutation {
        Permutation { key: stream_key(1, Stream::Targets, index), n }
    }

    #[test]
    fn every_element_is_hit_once_whatever_their_number() {
        for n in [1, 2, 3, 15, 16, 17, 100, 4095, 4097, 100_000] {
            let p = permutation(n, n);
            let mut hit = vec![false; n as usize];
            (0..n).for_each(|k| assert!(!std::mem::replace(&mut hit[p.apply(k) as usize], true)));
        }
        let largest = permutation(0, u32::MAX);
        assert!((0..1000).all(|k| largest.apply(k) < u32::MAX));
    }

    /// χ² of `counts` about their mean.
    fn chi2(counts: &[u32]) -> f64 {
        let mean = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
        counts.iter().map(|&c| (f64::from(c) - mean).powi(2) / mean).sum()
    }

    #[test]
    fn neighbours_go_anywhere_under_every_key() {
        // Where 0 and 1 go, 90 pairs in all, over 90,000 keys: 89 degrees of freedom, 99.99 %
        // quantile 145.0.
        let n = 10;
        let mut pairs = vec![0; 100];
        for index in 0..90_000 {
            let p = permutation(index, n);
            pairs[(p.apply(0) * n + p.apply(1)) as usize] += 1;
        }
        assert!((0..10).all(|k| pairs[11 * k] == 0));
        let possible: Vec<u32> = (0..100).filter(|k| k % 11 != 0).map(|k| pairs[k]).collect();
        assert!(chi2(&possible) < 145.0, "{}", chi2(&possible));
        // A shift that the key chooses sends neighbours to neighbours.
        let mut shifted = vec![0; 100];
        for index in 0..90_000 {
            let to = stream_key(1, Stream::Targets, index)[0] % n;
            shifted[(to * n + (to + 1) % n) as usize] += 1;
        }
        let possible: Vec<u32> = (0..100).filter(|k| k % 11 != 0).map(|k| shifted[k]).collect();
        assert!(chi2(&possible) > 145.0);
    }

    #[test]
    fn a_run_of_elements_is_spread_evenly() {
        // The first 64,000 of a million elements over 64 ranges: 63 degrees of freedom, 99.99 %
        // quantile 113.5; drawn without replacement, they vary a little less.
        for index in 0..20 {
            let p = permutation(index, 1_000_000);
            let mut bins = [0; 64];
            (0..64_000).for_each(|k| bins[(p.apply(k) / 15_625) as usize] += 1);
            assert!(chi2(&bins) < 113.5, "{}", chi2(&bins));
        }
    }
}
