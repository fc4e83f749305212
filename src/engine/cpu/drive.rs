//! External spikes of a block, for many neurons at a time.

use crate::integer::{CALL_BITS, DriveBlock, IntegerPopulation};
use crate::rng::{KEY_PARITY, Key, ROTATIONS};

/// Neurons whose random words are made at a time.
pub(super) const LANES: usize = 16;

/// Threefry of (first neuron + lane, call) in every lane.
pub(super) type FirstCalls = fn(Key, u32, u32) -> ([u32; LANES], [u32; LANES]);

/// Hands over (neuron within the population, offset in the block) of each external spike that the
/// neurons of `population` receive in `block`.
#[inline(always)]
pub(super) fn drive(
    first_calls: FirstCalls,
    key: Key,
    population: &IntegerPopulation,
    block: u32,
    mut take: impl FnMut(u32, u32),
) {
    let Some(&never) = population.drive_thresholds.first() else { return };
    for start in (0..population.neurons).step_by(LANES) {
        let first = population.first_neuron + start;
        let (counts, positions) = first_calls(key, first, block << CALL_BITS);
        let lanes = (population.neurons - start).min(LANES as u32);
        for lane in 0..lanes {
            let words = [counts[lane as usize], positions[lane as usize]];
            if words[0] >= never {
                let spikes = DriveBlock::from_first_call(
                    key,
                    first + lane,
                    block,
                    words,
                    &population.drive_thresholds,
                );
                for offset in spikes {
                    take(start + lane, offset);
                }
            }
        }
    }
}

/// Threefry2x32-20 of (`first_neuron` + lane, `call`) in every lane.
#[inline(always)]
pub(super) fn first_calls(key: Key, first_neuron: u32, call: u32) -> ([u32; LANES], [u32; LANES]) {
    let keys = [key[0], key[1], KEY_PARITY ^ key[0] ^ key[1]];
    let mut x: [u32; LANES] =
        std::array::from_fn(|lane| first_neuron.wrapping_add(lane as u32).wrapping_add(keys[0]));
    let mut y = [call.wrapping_add(keys[1]); LANES];
    for group in 0..5 {
        for round in 0..4 {
            let rotation = ROTATIONS[4 * (group % 2) + round];
            for lane in 0..LANES {
                x[lane] = x[lane].wrapping_add(y[lane]);
                y[lane] = y[lane].rotate_left(rotation) ^ x[lane];
            }
        }
        let group = group + 1;
        for lane in 0..LANES {
            x[lane] = x[lane].wrapping_add(keys[group % 3]);
            y[lane] = y[lane].wrapping_add(keys[(group + 1) % 3]).wrapping_add(group as u32);
        }
    }
    (x, y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::threefry;

    #[test]
    fn lanes_are_threefry_of_consecutive_neurons() {
        let key = [0x1234_5678, 0x9abc_def0];
        let (x, y) = first_calls(key, 1000, 77 << CALL_BITS);
        for lane in 0..LANES {
            assert_eq!([x[lane], y[lane]], threefry(key, [1000 + lane as u32, 77 << CALL_BITS]));
        }
    }
}
