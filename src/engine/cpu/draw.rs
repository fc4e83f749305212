//! Draws of part of a row: the kernel behind procedural synapses, the same integers as
//! [`synapse`](crate::engine::synapses::synapse).

use super::calendar::Event;
use crate::engine::fixed_point::{
    DELAY_FRACTION_BITS, Entries, EvenTargets, Transmission, WEIGHT_FRACTION_BITS, factor_words, place,
    quantile_at, rounded,
};
use crate::engine::rng::{Bulk, Key};

/// What the draws of a projection's rows need, side by side.
pub(super) struct RowParameters<'a> {
    pub(super) key: Key,
    pub(super) targets: u32,
    /// First target neuron, counted within the shard.
    pub(super) first_target: u32,
    pub(super) scaled_weight: u32,
    pub(super) sign: i32,
    /// Bits of an event that hold its target.
    pub(super) event_bits: u32,
    pub(super) scaled_delay: u32,
    pub(super) min_delay: u32,
    pub(super) longest_delay: u32,
    /// Where in-degrees are exact.
    pub(super) even_targets: Option<EvenTargets>,
    pub(super) weights: &'a Entries,
    pub(super) delays: &'a Entries,
}

/// Synapses drawn at a time.
pub(super) const DRAWS: usize = 128;

/// Events of a part of a row, and their delays in steps.
pub(super) struct DrawnEvents<E> {
    pub(super) events: [E; DRAWS],
    pub(super) delays: [u32; DRAWS],
    /// The longest of the delays, or one that was drawn in excess.
    pub(super) longest_delay: u32,
}

/// The random words that they are made from.
pub(super) type Words = [[u32; DRAWS]; 2];

/// A word for each synapse, in whole vectors.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct DrawWords([u32; DRAWS]);

impl DrawWords {
    /// The high half of the product of each of the first `n` words, an even number, with `factor`: two words at
    /// a time, as vectors have products of 64 bits.
    #[inline(always)]
    fn multiply_high(&mut self, factor: u32, n: usize) {
        let pairs: &mut [u64] = bytemuck::cast_slice_mut(&mut self.0[..n]);
        for pair in pairs {
            let low = (*pair & u64::from(u32::MAX)) * u64::from(factor);
            let high = (*pair >> u32::BITS) * u64::from(factor);
            *pair = (low >> u32::BITS) | (high & !u64::from(u32::MAX));
        }
    }
}

/// Draws synapses `start` to `start` + `n` of the row of `source`, as
/// [`synapse`](crate::engine::synapses::synapse) does, from random words made by `bulk`, which stay. One pass for
/// each kind of instruction: compilers make better vectors of them.
#[inline(always)]
pub(super) fn draw<E: Event>(
    row: &RowParameters<'_>,
    bulk: Bulk,
    source: u32,
    start: u32,
    n: usize,
    [tags, factors]: &mut Words,
    drawn: &mut DrawnEvents<E>,
) {
    // Whole vectors, whatever n is: what is drawn in excess is not used.
    let n = n.next_multiple_of(16).min(DRAWS);
    (bulk.along_second)(row.key, source, start, &mut tags[..n], &mut factors[..n]);
    let [mut targets, mut weights, mut delays] = [DrawWords([0; DRAWS]); 3];
    for k in 0..n {
        let [of_weight, of_delay] = factor_words(tags[k], factors[k]);
        (targets.0[k], weights.0[k], delays.0[k]) = (tags[k], place(of_weight), place(of_delay));
    }
    for k in 0..n {
        weights.0[k] = quantile_at(row.weights, weights.0[k]);
        delays.0[k] = quantile_at(row.delays, delays.0[k]);
    }
    targets.multiply_high(row.targets, n);
    weights.multiply_high(row.scaled_weight, n);
    delays.multiply_high(row.scaled_delay, n);
    let mut longest_delay = 0;
    for k in 0..n {
        let weight = rounded(weights.0[k], WEIGHT_FRACTION_BITS) as i32;
        drawn.events[k] = E::pack(row.first_target + targets.0[k], row.sign * weight, row.event_bits);
        drawn.delays[k] = rounded(delays.0[k], DELAY_FRACTION_BITS).max(row.min_delay);
        longest_delay = longest_delay.max(drawn.delays[k]);
    }
    drawn.longest_delay = longest_delay;
}

impl<E: Event> DrawnEvents<E> {
    /// None yet.
    pub(super) fn none() -> Self {
        Self { events: [E::default(); DRAWS], delays: [0; DRAWS], longest_delay: 0 }
    }

    /// Moves the events at these places, which ascend, to the front; returns their number.
    pub(super) fn keep(&mut self, places: impl Iterator<Item = usize>) -> usize {
        let mut kept = 0;
        for place in places {
            self.events[kept] = self.events[place];
            self.delays[kept] = self.delays[place];
            kept += 1;
        }
        kept
    }
}

/// Draws for each of the synapses of `source` with these tags whether it transmits.
#[inline(always)]
pub(super) fn transmit(
    transmission: &Transmission,
    step_key: Key,
    source: u32,
    tags: &[u32],
    passes: &mut [bool],
) {
    for (passes, &tag) in passes.iter_mut().zip(tags) {
        *passes = transmission.passes(step_key, source, tag);
    }
}
