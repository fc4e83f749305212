//! Calendar of events in flight: what arrives in each step of the near future, and in each block of
//! steps of the far one.
//!
//! Lists instead of a ring of input slots, so memory follows the events in flight and not the
//! longest delay. Few lists, so that their ends stay in the cache: events of this block of steps
//! and the next seven have a list a step; events of later blocks have one a block, and are sorted into
//! steps before theirs begins.

use super::lists::Lists;
use crate::engine::fixed_point::{BLOCK_BITS, BLOCK_STEPS};

/// An event in one word: target neuron within the shard, and weight.
pub(super) trait Event: Copy + Default + Send + Sync {
    /// Packs; `target` has `target_bits` bits.
    fn pack(target: u32, weight: i32, target_bits: u32) -> Self;
    /// Target and weight.
    fn unpack(self, target_bits: u32) -> (u32, i32);
}

impl Event for u32 {
    #[inline(always)]
    fn pack(target: u32, weight: i32, target_bits: u32) -> Self {
        (weight as u32) << target_bits | target
    }
    #[inline(always)]
    fn unpack(self, target_bits: u32) -> (u32, i32) {
        (self & ((1 << target_bits) - 1), (self as i32) >> target_bits)
    }
}

impl Event for u64 {
    #[inline(always)]
    fn pack(target: u32, weight: i32, _: u32) -> Self {
        u64::from(weight as u32) << 32 | u64::from(target)
    }
    #[inline(always)]
    fn unpack(self, _: u32) -> (u32, i32) {
        (self as u32, (self >> 32) as i32)
    }
}

/// An event of a far block, with the step in which it arrives.
#[derive(Debug, Clone, Copy)]
struct Far<E> {
    event: E,
    step: u32,
}

/// Elements of a chunk in small shards, whose events stay in the cache: little is touched.
const SMALL_CHUNK: usize = 64;
/// Elements of a chunk in large shards, whose events do not: memory is read in longer runs.
const LARGE_CHUNK: usize = 512;
/// Neurons from which a shard is large.
const LARGE_SHARD: u32 = 16_384;

/// Events of a shard, by the step in which they arrive.
#[derive(Debug)]
pub(super) struct Calendar<E> {
    /// The block of the step that is computed, counted like those of the external drive.
    block: u32,
    steps: Lists<E>,
    blocks: Lists<Far<E>>,
}

/// Events of a shard that are in flight at one time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventsInFlight {
    /// Those that have a list a step.
    pub near: u64,
    /// Those of later blocks.
    pub far: u64,
}

/// Steps that an event stays near in the mean, where it is in flight longer: all near blocks but the one
/// that is computed, and half of that.
pub const NEAR_STEPS: u32 = (NEAR_BLOCKS - 1) * BLOCK_STEPS + BLOCK_STEPS / 2;

/// Blocks whose events have a list a step: this one and those that follow, so that nearly all synapses
/// need no second sorting: all within an area, most between areas.
const NEAR_BLOCKS: u32 = 8;

/// The block that holds `step`, which counts from 1.
#[inline(always)]
fn block_of(step: u32) -> u32 {
    (step - 1) >> BLOCK_BITS
}

impl<E: Event> Calendar<E> {
    /// A calendar that reaches `longest` steps ahead, for a shard of `neurons`.
    pub(super) fn new(longest: u32, neurons: u32) -> Self {
        let [steps, blocks] = Self::n_lists(longest);
        let chunk = Self::chunk(neurons);
        Self { block: 0, steps: Lists::new(steps, chunk), blocks: Lists::new(blocks, chunk) }
    }

    /// Lists of single steps, and of blocks.
    fn n_lists(longest: u32) -> [usize; 2] {
        let blocks = (longest as usize / BLOCK_STEPS as usize + 2).next_power_of_two();
        [(NEAR_BLOCKS * BLOCK_STEPS).next_power_of_two() as usize, blocks]
    }

    /// Elements of a chunk.
    fn chunk(neurons: u32) -> usize {
        if neurons < LARGE_SHARD { SMALL_CHUNK } else { LARGE_CHUNK }
    }

    /// Bytes held by a calendar that reaches `longest` steps ahead, for a shard of `neurons`, once so many
    /// events were in flight.
    pub(super) fn bytes_with(longest: u32, neurons: u32, events: EventsInFlight) -> u64 {
        let [steps, blocks] = Self::n_lists(longest);
        let chunk = Self::chunk(neurons);
        let EventsInFlight { near, far } = events;
        Lists::<E>::bytes_with(steps, chunk, near) + Lists::<Far<E>>::bytes_with(blocks, chunk, far)
    }

    /// Whether events that arrive in `step` have a list of their own.
    #[inline(always)]
    pub(super) fn is_near(&self, step: u32) -> bool {
        block_of(step) - self.block < NEAR_BLOCKS
    }

    /// Adds events that arrive `delays` after `step`, all of them near.
    #[inline(always)]
    pub(super) fn push_near(&mut self, step: u32, delays: &[u32], events: &[E]) {
        self.steps.push_each(step, delays, events);
    }

    /// Adds an event that arrives in `step`, which must be later than the step that is computed and
    /// within reach.
    #[inline(always)]
    pub(super) fn push(&mut self, step: u32, event: E) {
        if self.is_near(step) {
            self.steps.push(step, event);
        } else {
            self.blocks.push(block_of(step), Far { event, step });
        }
    }

    /// Hands over every event that arrives in `step`; to be called for consecutive steps, each
    /// before events are added in it.
    #[inline(always)]
    pub(super) fn drain(&mut self, step: u32, take: impl FnMut(E)) {
        if block_of(step) != self.block {
            self.block = block_of(step);
            let steps = &mut self.steps;
            self.blocks.drain(self.block + NEAR_BLOCKS - 1, |far| steps.push(far.step, far.event));
        }
        self.steps.drain(step, take);
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> u64 {
        self.steps.bytes() + self.blocks.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained<E: Event>(calendar: &mut Calendar<E>, step: u32, bits: u32) -> Vec<(u32, i32)> {
        let mut events = Vec::new();
        calendar.drain(step, |e| events.push(e.unpack(bits)));
        events.sort_unstable();
        events
    }

    fn every_event_arrives_once<E: Event>(neurons: u32, longest: u32) {
        let mut calendar = Calendar::<E>::new(longest, neurons);
        let mut expected = vec![Vec::new(); 2000];
        for step in 1..1000u32 {
            assert_eq!(drained(&mut calendar, step, 10), {
                let mut e = std::mem::take(&mut expected[step as usize]);
                e.sort_unstable();
                e
            });
            for k in 0..(step * 7) % 300 {
                let (arrival, target, weight) =
                    (step + 1 + (k * k) % longest, (k * 31) % 1024, k as i32 * 17 - 2000);
                calendar.push(arrival, E::pack(target, weight, 10));
                expected[arrival as usize].push((target, weight));
            }
        }
    }

    #[test]
    fn every_event_arrives_once_in_its_step() {
        for longest in [1, 63, 64, 65, 128, 129, 500] {
            every_event_arrives_once::<u32>(1024, longest);
            every_event_arrives_once::<u32>(LARGE_SHARD, longest);
            every_event_arrives_once::<u64>(1024, longest);
        }
    }
}
