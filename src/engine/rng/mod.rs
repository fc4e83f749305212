//! Counter-based random numbers: Threefry2x32-20 (Salmon et al. 2011,
//! doi:10.1145/2063384.2063405). The twin of `shaders/shared/rng.wgsl`.
//!
//! A draw is a pure function of a key and a counter, so nothing depends on the order in which
//! things are built. Each use has its own [`Stream`], and each stream its own keys.

mod bulk;
mod permutation;

pub use bulk::Bulk;
pub(crate) use bulk::{counting, threefry_vectors};
pub use permutation::{MIN_PERMUTATION_BITS, MIX_MULTIPLIERS, Permutation, ROUND_KEY_STEP};

/// Rotation distances of Threefry2x32.
pub const ROTATIONS: [u32; 8] = [13, 15, 26, 6, 17, 29, 16, 24];
/// Constant that makes the third key word: the parity constant of Threefish for 32-bit words.
pub const KEY_PARITY: u32 = 0x1BD1_1BDA;

/// Key of a stream.
pub type Key = [u32; 2];

/// What random numbers are used for. The tag separates the streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Stream {
    /// Which source neuron each synapse of a projection starts from; one key a projection.
    Sources = 1,
    /// Target, weight and delay of each synapse; one key a projection.
    Synapses = 2,
    /// Initial membrane potential and external weight of each neuron.
    Neurons = 3,
    /// External Poisson spikes that are drawn a block of steps at a time.
    Drive = 4,
    /// External Poisson spikes that are drawn step by step.
    StepwiseDrive = 5,
    /// Which target neuron each synapse of a projection with exact in-degrees has; one key a projection.
    Targets = 6,
    /// Whether synapses transmit.
    Transmission = 7,
    /// Neuron parameters that are distributed.
    Parameters = 8,
    /// Which target neurons have one synapse more where exact in-degrees cannot be equal; one key a projection.
    LastTargets = 9,
    /// Synapses that are listed; one key a projection.
    Lists = 10,
    /// Blocks of time of a bootstrap.
    Blocks = 15,
    /// Poisson spikes of stimuli; one key a stimulus.
    Stimuli = 16,
    /// Which of these are kept where the rate changes within a block of steps; one key a stimulus.
    Thinning = 17,
}

/// Threefry2x32 with 20 rounds.
#[inline(always)]
pub fn threefry(key: Key, counter: [u32; 2]) -> [u32; 2] {
    let keys = [key[0], key[1], KEY_PARITY ^ key[0] ^ key[1]];
    let (mut x, mut y) = (counter[0].wrapping_add(keys[0]), counter[1].wrapping_add(keys[1]));
    let mut group = 0;
    while group < 5 {
        let mut round = 0;
        while round < 4 {
            x = x.wrapping_add(y);
            y = y.rotate_left(ROTATIONS[4 * (group % 2) + round]) ^ x;
            round += 1;
        }
        group += 1;
        x = x.wrapping_add(keys[group % 3]);
        y = y.wrapping_add(keys[(group + 1) % 3]).wrapping_add(group as u32);
    }
    [x, y]
}

/// Key of `stream` number `index` under `seed`.
pub fn stream_key(seed: u64, stream: Stream, index: u32) -> Key {
    threefry([seed as u32, (seed >> 32) as u32], [stream as u32, index])
}

/// Uniform integer in [0, n) from 32 random bits, by the high half of the product.
#[inline(always)]
pub fn uniform_below(bits: u32, n: u32) -> u32 {
    ((u64::from(bits) * u64::from(n)) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers published with Random123 1.14 (`tests/kat_vectors`, threefry2x32, 20 rounds).
    #[test]
    fn threefry_gives_the_published_known_answers() {
        assert_eq!(threefry([0, 0], [0, 0]), [0x6b20_0159, 0x99ba_4efe]);
        assert_eq!(threefry([u32::MAX; 2], [u32::MAX; 2]), [0x1cb9_96fc, 0xbb00_2be7]);
        assert_eq!(
            threefry([0x1319_8a2e, 0x0370_7344], [0x243f_6a88, 0x85a3_08d3]),
            [0xc492_3a9c, 0x483d_f7a0]
        );
    }

    #[test]
    fn streams_and_indices_have_different_keys() {
        let keys = [
            stream_key(1, Stream::Sources, 0),
            stream_key(1, Stream::Synapses, 0),
            stream_key(1, Stream::Sources, 1),
            stream_key(2, Stream::Sources, 0),
            stream_key(1 << 32, Stream::Sources, 0),
        ];
        for (i, a) in keys.iter().enumerate() {
            assert!(keys[i + 1..].iter().all(|b| a != b));
        }
    }

    #[test]
    fn uniform_below_covers_its_range_and_never_reaches_its_end() {
        assert_eq!(uniform_below(0, 7), 0);
        assert_eq!(uniform_below(u32::MAX, 7), 6);
        assert_eq!(uniform_below(1 << 31, 7), 3);
    }
}
