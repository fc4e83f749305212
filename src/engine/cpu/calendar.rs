//! Calendar of events in flight: for each step of the near future a list of (target, weight).
//!
//! A slot's events lie in linked chunks from a shared pool, so memory follows the events in
//! flight and not the longest delay, and what is drained stays in the cache. A chunk's first word
//! links to the slot's previous chunk; chunk 0 is never used, so that 0 means none.

/// An event in one word: target neuron within the shard, and weight.
pub(super) trait Event: Copy + Send + Sync {
    /// Packs; `target` has `target_bits` bits.
    fn pack(target: u32, weight: i32, target_bits: u32) -> Self;
    /// Target and weight.
    fn unpack(self, target_bits: u32) -> (u32, i32);
    /// Packs the index of a chunk.
    fn link(chunk: u32) -> Self;
    /// The index of a chunk.
    fn linked(self) -> u32;
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
    #[inline(always)]
    fn link(chunk: u32) -> Self {
        chunk
    }
    #[inline(always)]
    fn linked(self) -> u32 {
        self
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
    #[inline(always)]
    fn link(chunk: u32) -> Self {
        u64::from(chunk)
    }
    #[inline(always)]
    fn linked(self) -> u32 {
        self as u32
    }
}

/// Words of a chunk in small shards, whose events stay in the cache: little is touched.
const SMALL_CHUNK: u32 = 64;
/// Words of a chunk in large shards, whose events do not: memory is read in longer runs.
const LARGE_CHUNK: u32 = 256;
/// Neurons from which a shard is large.
const LARGE_SHARD: u32 = 16_384;
/// Words fetched at a time; a cache line of 32-bit events.
const LINE: u32 = 16;

/// Asks for the cache line at `at` ahead of time; any address will do.
#[inline(always)]
fn prefetch<T>(at: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch has no effect but on caches, and SSE is part of x86-64.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(at.cast())
    };
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// Events of a shard, by the step in which they arrive.
#[derive(Debug)]
pub(super) struct Calendar<E> {
    /// Where each slot's next event goes; a multiple of `chunk` where a new chunk is needed.
    tails: Vec<u32>,
    /// Words of a chunk, a power of two.
    chunk: u32,
    pool: Vec<E>,
    free: Vec<u32>,
}

impl<E: Event> Calendar<E> {
    /// A calendar that reaches `longest` steps ahead, for a shard of `neurons`.
    pub(super) fn new(longest: u32, neurons: u32) -> Self {
        let slots = (longest as usize + 1).next_power_of_two();
        let chunk = if neurons < LARGE_SHARD { SMALL_CHUNK } else { LARGE_CHUNK };
        Self { tails: vec![0; slots], chunk, pool: vec![E::link(0); chunk as usize], free: Vec::new() }
    }

    /// Adds an event that arrives in `step`, which must be within reach.
    #[inline(always)]
    pub(super) fn push(&mut self, step: u32, event: E) {
        let slot = step as usize & (self.tails.len() - 1);
        debug_assert!(slot < self.tails.len());
        // SAFETY: `slot` is below the number of slots, a power of two. A tail that is not a
        // multiple of `chunk` lies within a chunk of the pool, as does what `grow` returns.
        unsafe {
            let mut tail = *self.tails.get_unchecked(slot);
            if tail & (self.chunk - 1) == 0 {
                tail = self.grow(tail);
            }
            *self.pool.get_unchecked_mut(tail as usize) = event;
            if tail.is_multiple_of(LINE) {
                prefetch(self.pool.as_ptr().wrapping_add((tail + LINE) as usize));
            }
            *self.tails.get_unchecked_mut(slot) = tail + 1;
        }
    }

    /// Takes a chunk, links it to the one that ends at `tail` (none where that is 0), and returns
    /// where its first event goes.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, tail: u32) -> u32 {
        let chunk = self.free.pop().unwrap_or_else(|| {
            let chunk = self.pool.len() as u32;
            self.pool.resize(self.pool.len() + self.chunk as usize, E::link(0));
            chunk
        });
        self.pool[chunk as usize] = E::link(tail.saturating_sub(self.chunk));
        chunk + 1
    }

    /// Hands over every event that arrives in `step` and frees its slot.
    #[inline(always)]
    pub(super) fn drain(&mut self, step: u32, mut take: impl FnMut(E)) {
        let slot = step as usize & (self.tails.len() - 1);
        let words = self.chunk as usize;
        let mut end = std::mem::take(&mut self.tails[slot]) as usize;
        while end != 0 {
            let chunk = (end - 1) & !(words - 1);
            let previous = self.pool[chunk].linked() as usize;
            for line in (0..words).step_by(LINE as usize) {
                prefetch(self.pool.as_ptr().wrapping_add(previous + line));
            }
            for &event in &self.pool[chunk + 1..end] {
                take(event);
            }
            self.free.push(chunk as u32);
            end = if previous == 0 { 0 } else { previous + words };
        }
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> u64 {
        (4 * (self.tails.len() + self.free.capacity()) + size_of::<E>() * self.pool.capacity()) as u64
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

    fn every_event_arrives_once<E: Event>(neurons: u32) {
        let mut calendar = Calendar::<E>::new(100, neurons);
        let mut expected = vec![Vec::new(); 1000];
        for step in 1..800u32 {
            assert_eq!(drained(&mut calendar, step, 10), {
                let mut e = std::mem::take(&mut expected[step as usize]);
                e.sort_unstable();
                e
            });
            for k in 0..(step * 7) % 300 {
                let (arrival, target, weight) =
                    (step + 1 + (k * k) % 100, (k * 31) % 1024, k as i32 * 17 - 2000);
                calendar.push(arrival, E::pack(target, weight, 10));
                expected[arrival as usize].push((target, weight));
            }
        }
    }

    #[test]
    fn every_event_arrives_once_in_its_step() {
        every_event_arrives_once::<u32>(1024);
        every_event_arrives_once::<u32>(LARGE_SHARD);
        every_event_arrives_once::<u64>(1024);
    }

    #[test]
    fn drained_chunks_are_used_again() {
        let mut calendar = Calendar::<u32>::new(10, 1024);
        for step in 1..1000 {
            calendar.drain(step, |_| ());
            (0..500).for_each(|k| calendar.push(step + 1 + k % 10, k));
        }
        assert!(calendar.bytes() < 100_000, "{} bytes", calendar.bytes());
    }
}
