//! Calendar of events in flight: what arrives in each step of the near future, and in each block of
//! steps of the far one.
//!
//! Lists instead of a ring of input slots, so memory follows the events in flight and not the
//! longest delay. Few lists, so that their ends stay in the cache: events of this block of steps
//! and the next seven have a list a step; events of later blocks have one a block, and are sorted into
//! steps before theirs begins.

use super::chunks::{Arena, Chunks};
use super::lists::Lists;
use crate::engine::fixed_point::{BLOCK_BITS, BLOCK_STEPS};
use std::sync::Arc;

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

/// Bytes of a chunk where shards are small and their events stay in the cache: little is touched.
const SMALL_CHUNK: usize = 256;
/// Bytes of a chunk where they do not: memory is read in longer runs.
const LARGE_CHUNK: usize = 4096;
/// Lists of a small shard that are fetched ahead: those of delays within an area.
const FETCHED_OF_SMALL: u32 = 64;
/// Neurons from which a shard is large.
const LARGE_SHARD: u32 = 16_384;

/// Bytes of a chunk where the largest shard has so many neurons.
pub(super) fn chunk_bytes(neurons: u32) -> usize {
    if neurons < LARGE_SHARD { SMALL_CHUNK } else { LARGE_CHUNK }
}

/// Events of a shard, by the step in which they arrive.
#[derive(Debug)]
pub(super) struct Calendar<E> {
    /// The block of the step that is computed, counted like those of the external drive.
    block: u32,
    /// Lists whose ends leave the cache between steps, and to which most of a step's events go.
    fetched: u32,
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
    /// A calendar that reaches `longest` steps ahead.
    pub(super) fn new(longest: u32, arena: &Arc<Arena>) -> Self {
        let [steps, blocks] = Self::n_lists(longest);
        let fetched = if arena.chunk() < LARGE_CHUNK { FETCHED_OF_SMALL } else { steps as u32 }.min(longest);
        Self { block: 0, fetched, steps: Lists::new(steps, arena), blocks: Lists::new(blocks, arena) }
    }

    /// Lists of single steps, and of blocks.
    fn n_lists(longest: u32) -> [usize; 2] {
        let blocks = (longest as usize / BLOCK_STEPS as usize + 2).next_power_of_two();
        [(NEAR_BLOCKS * BLOCK_STEPS).next_power_of_two() as usize, blocks]
    }

    /// Chunks of so many bytes that a calendar which reaches `longest` steps ahead holds while so many
    /// events are in flight, and bytes beside them.
    pub(super) fn size_with(longest: u32, chunk: usize, events: EventsInFlight) -> (u64, u64) {
        let [steps, blocks] = Self::n_lists(longest);
        let EventsInFlight { near, far } = events;
        let chunks =
            Lists::<E>::chunks_with(steps, chunk, near) + Lists::<Far<E>>::chunks_with(blocks, chunk, far);
        (chunks, (size_of::<*mut E>() * (steps + blocks)) as u64)
    }

    /// Asks for what the first events after a spike of `step` will need and has left the cache since the last one.
    pub(super) fn fetch(&self, step: u32) {
        self.steps.fetch_ends(step + 1, self.fetched);
    }

    /// Whether events that arrive in `step` have a list of their own.
    #[inline(always)]
    pub(super) fn is_near(&self, step: u32) -> bool {
        block_of(step) - self.block < NEAR_BLOCKS
    }

    /// Adds pairs of delay and event: each event arrives its delay after `step`; `are_near` if all are surely near.
    #[inline(always)]
    pub(super) fn push_each(
        &mut self,
        chunks: &mut Chunks,
        step: u32,
        are_near: bool,
        events: impl Iterator<Item = (u32, E)>,
    ) {
        if are_near {
            self.steps.push_each(chunks, step, events);
        } else {
            events.for_each(|(delay, event)| self.push(chunks, step + delay, event));
        }
    }

    /// Adds events that all arrive in `step`, as [`push`](Self::push) does one by one.
    #[inline(always)]
    pub(super) fn append(
        &mut self,
        chunks: &mut Chunks,
        step: u32,
        events: impl ExactSizeIterator<Item = E>,
    ) {
        if self.is_near(step) {
            self.steps.append(chunks, step, events);
        } else {
            self.blocks.append(chunks, block_of(step), events.map(|event| Far { event, step }));
        }
    }

    /// Adds an event that arrives in `step`, which must be later than the step that is computed and
    /// within reach.
    #[inline(always)]
    pub(super) fn push(&mut self, chunks: &mut Chunks, step: u32, event: E) {
        if self.is_near(step) {
            self.steps.push(chunks, step, event);
        } else {
            self.blocks.push(chunks, block_of(step), Far { event, step });
        }
    }

    /// Hands over the events that arrive in `step`, part by part; to be called for consecutive steps, each
    /// before events are added in it.
    #[inline(always)]
    pub(super) fn drain(&mut self, chunks: &mut Chunks, step: u32, mut take: impl FnMut(&[E])) {
        if block_of(step) != self.block {
            self.block = block_of(step);
            let steps = &mut self.steps;
            self.blocks.drain(chunks, self.block + NEAR_BLOCKS - 1, |chunks, far| {
                steps.push_each(chunks, 0, far.iter().map(|far| (far.step, far.event)));
            });
        }
        self.steps.drain(chunks, step, |_, events| take(events));
    }

    /// Bytes held, beside the chunks.
    pub(super) fn bytes(&self) -> u64 {
        self.steps.bytes() + self.blocks.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained<E: Event>(
        calendar: &mut Calendar<E>,
        chunks: &mut Chunks,
        step: u32,
        bits: u32,
    ) -> Vec<(u32, i32)> {
        let mut events = Vec::new();
        calendar.drain(chunks, step, |part| events.extend(part.iter().map(|e| e.unpack(bits))));
        events.sort_unstable();
        events
    }

    fn every_event_arrives_once<E: Event>(neurons: u32, longest: u32) {
        let arena = Arena::new(chunk_bytes(neurons));
        let (mut calendar, mut chunks) = (Calendar::<E>::new(longest, &arena), Chunks::of(&arena));
        let mut expected = vec![Vec::new(); 2000];
        for step in 1..1000u32 {
            assert_eq!(drained(&mut calendar, &mut chunks, step, 10), {
                let mut e = std::mem::take(&mut expected[step as usize]);
                e.sort_unstable();
                e
            });
            for k in 0..(step * 7) % 300 {
                let (arrival, target, weight) =
                    (step + 1 + (k * k) % longest, (k * 31) % 1024, k as i32 * 17 - 2000);
                let event = E::pack(target, weight, 10);
                match k % 3 {
                    0 => calendar.append(&mut chunks, arrival, [event].into_iter()),
                    1 => {
                        let are_near = calendar.is_near(arrival);
                        calendar.push_each(
                            &mut chunks,
                            step,
                            are_near,
                            [(arrival - step, event)].into_iter(),
                        );
                    }
                    _ => calendar.push(&mut chunks, arrival, event),
                }
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
