//! External spikes for many neurons at a time: events of a block of steps where they are few, sums
//! of a step where they are many.

use crate::engine::fixed_point::{CALL_BITS, DriveBlock, DriveStreams, IntegerPopulation, NEURONS_PER_CALL};
use crate::engine::rng::{Bulk, Key};
use std::ops::Range;

/// Neurons whose random words are made at a time.
const NEURONS: usize = 64;

/// Hands over (neuron, offset in the block) of each external spike that `neurons`, which are some of `population`,
/// receive in `block`.
#[inline(always)]
pub(super) fn drive(
    bulk: Bulk,
    population: &IntegerPopulation,
    neurons: Range<u32>,
    block: u32,
    mut take: impl FnMut(u32, u32),
) {
    let thresholds = population.drive.block_thresholds();
    let Some(&never) = thresholds.first() else { return };
    let DriveStreams { block_key: key, before, .. } = population.streams;
    let (mut counts, mut positions) = ([0; NEURONS], [0; NEURONS]);
    for start in neurons.clone().step_by(NEURONS) {
        let n = (neurons.end - start).min(NEURONS as u32) as usize;
        let first = start - before;
        (bulk.along_first)(key, first, block << CALL_BITS, &mut counts[..n], &mut positions[..n]);
        for (lane, words) in (0..).zip(counts[..n].iter().zip(&positions[..n]).map(|(&c, &p)| [c, p])) {
            if words[0] >= never {
                let spikes = DriveBlock::from_first_call(key, first + lane, block, words, thresholds);
                spikes.for_each(|offset| take(start + lane, offset));
            }
        }
    }
}

/// Calls whose random words are compared at a time: whole vectors.
const CALLS: usize = 16;
/// Neurons of so many calls.
const COUNTED: usize = CALLS * NEURONS_PER_CALL as usize;
/// Calls whose random words are made at a time, so that none waits for another's.
const CALLS_MADE: usize = 4 * CALLS;

/// Adds the weights of the external spikes of `step` to what arrives at contiguous neurons from
/// `first_neuron` on, as their stream counts them, where they are drawn step by step.
#[inline(always)]
pub(super) fn add_stepwise(
    bulk: Bulk,
    key: Key,
    first_neuron: u32,
    step: u32,
    thresholds: &[u16],
    weights: &[i32],
    arrivals: &mut [i32],
) {
    let (mut x, mut y) = ([0; CALLS_MADE], [0; CALLS_MADE]);
    let first_call = first_neuron / NEURONS_PER_CALL;
    // Neurons of the first call that are not asked for.
    let mut skipped = (first_neuron % NEURONS_PER_CALL) as usize;
    let calls = (skipped + weights.len()).div_ceil(NEURONS_PER_CALL as usize);
    let (mut weights, mut arrivals) = (weights, arrivals);
    for done in (0..calls).step_by(CALLS_MADE) {
        let made = (calls - done).next_multiple_of(CALLS).min(CALLS_MADE);
        (bulk.along_first)(key, first_call + done as u32, step, &mut x[..made], &mut y[..made]);
        for (x, y) in x[..made].as_chunks().0.iter().zip(y[..made].as_chunks().0) {
            let counts = count(&uniforms(x, y), thresholds);
            let n = (COUNTED - skipped).min(weights.len());
            let (weights_now, arrivals_now);
            (weights_now, weights) = weights.split_at(n);
            (arrivals_now, arrivals) = arrivals.split_at_mut(n);
            for ((arrived, &weight), &count) in
                arrivals_now.iter_mut().zip(weights_now).zip(&counts[skipped..])
            {
                *arrived = arrived.wrapping_add(weight.wrapping_mul(i32::from(count)));
            }
            skipped = 0;
        }
    }
}

/// The 16-bit numbers of random words, neuron by neuron.
#[inline(always)]
fn uniforms(x: &[u32; CALLS], y: &[u32; CALLS]) -> [u16; COUNTED] {
    let mut uniforms = [0; COUNTED];
    for (four, (&x, &y)) in uniforms.as_chunks_mut().0.iter_mut().zip(x.iter().zip(y)) {
        *four = [x as u16, (x >> 16) as u16, y as u16, (y >> 16) as u16];
    }
    uniforms
}

/// [`stepwise_count`](crate::engine::fixed_point::stepwise_count) of each.
#[inline(always)]
fn count(uniforms: &[u16; COUNTED], thresholds: &[u16]) -> [i16; COUNTED] {
    let mut counts = [0; COUNTED];
    for &threshold in thresholds {
        for k in 0..COUNTED {
            counts[k] += i16::from(uniforms[k] >= threshold);
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fixed_point::{stepwise_count, stepwise_thresholds, stepwise_uniform};

    #[test]
    fn sums_are_those_of_the_neurons_steps() {
        let (key, thresholds) = ([5, 6], stepwise_thresholds(1.8));
        let weights: Vec<i32> = (0..700).map(|k| 1000 + 3 * k).collect();
        for (first_neuron, n) in [(0, 700), (1, 3), (62, 256), (1003, 1), (66, 257), (3, 641)] {
            let weights = &weights[..n];
            let mut arrivals = vec![7; weights.len()];
            add_stepwise(Bulk::widest(), key, first_neuron, 9, &thresholds, weights, &mut arrivals);
            for (neuron, (&arrived, &weight)) in (first_neuron..).zip(arrivals.iter().zip(weights)) {
                let count = stepwise_count(stepwise_uniform(key, neuron, 9), &thresholds);
                assert_eq!(arrived, 7 + weight * count as i32, "neuron {neuron}");
            }
        }
    }
}
