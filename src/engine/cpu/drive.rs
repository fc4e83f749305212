//! External spikes of a block, for many neurons at a time.

use crate::integer::{CALL_BITS, DriveBlock, IntegerPopulation};
use crate::rng::{Bulk, Key};

/// Neurons whose random words are made at a time.
const NEURONS: usize = 64;

/// Hands over (neuron within the population, offset in the block) of each external spike that the
/// neurons of `population` receive in `block`.
#[inline(always)]
pub(super) fn drive(
    bulk: Bulk,
    key: Key,
    population: &IntegerPopulation,
    block: u32,
    mut take: impl FnMut(u32, u32),
) {
    let thresholds = population.drive_thresholds.as_slice();
    let Some(&never) = thresholds.first() else { return };
    let (mut counts, mut positions) = ([0; NEURONS], [0; NEURONS]);
    for start in (0..population.neurons).step_by(NEURONS) {
        let n = (population.neurons - start).min(NEURONS as u32) as usize;
        let first = population.first_neuron + start;
        (bulk.along_first)(key, first, block << CALL_BITS, &mut counts[..n], &mut positions[..n]);
        for (lane, words) in (0..).zip(counts[..n].iter().zip(&positions[..n]).map(|(&c, &p)| [c, p])) {
            if words[0] >= never {
                let spikes = DriveBlock::from_first_call(key, first + lane, block, words, thresholds);
                spikes.for_each(|offset| take(start + lane, offset));
            }
        }
    }
}
