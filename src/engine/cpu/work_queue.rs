//! Which thread computes which shard.
//!
//! Every thread has shards of its own, whose state its core's caches hold from step to step. A thread
//! that is done with them takes over what others have not begun, where it has more than one shard: the
//! activity of areas differs, and so does what a machine lets its cores do.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The shards of each thread, and which of them are still to be computed in this step.
#[derive(Debug)]
pub(super) struct WorkQueue {
    own: Vec<Range<usize>>,
    /// Next shard of each thread in even and odd steps.
    next: Vec<[AtomicUsize; 2]>,
}

impl WorkQueue {
    /// Contiguous shards for each of `threads`.
    pub(super) fn new(shards: usize, threads: usize) -> Self {
        let start = |thread: usize| thread * shards / threads;
        let own: Vec<_> = (0..threads).map(|thread| start(thread)..start(thread + 1)).collect();
        let next = own.iter().map(|own| [0, 1].map(|_| AtomicUsize::new(own.start))).collect();
        Self { own, next }
    }

    /// Whether threads may take over shards of others.
    pub(super) fn are_shared(&self) -> bool {
        self.own.len() > 1 && self.own.iter().all(|own| own.len() > 1)
    }

    /// The next shard for `thread` in `step`; `None` if nothing is left.
    pub(super) fn take(&self, thread: usize, step: u32) -> Option<usize> {
        let threads = if self.are_shared() { self.own.len() } else { 1 };
        (0..threads).map(|k| (thread + k) % self.own.len()).find_map(|owner| {
            let next = &self.next[owner][(step % 2) as usize];
            let end = self.own[owner].end;
            // Counts no further than needed, however often it is asked.
            let open = next.load(Ordering::Relaxed) < end;
            let shard = if open { next.fetch_add(1, Ordering::Relaxed) } else { end };
            (shard < end).then_some(shard)
        })
    }

    /// Gives `thread` its shards back for the step after `step`; for the thread itself to call while
    /// `step` is computed. The queue of the step before have ended then, and those of the next begin
    /// after a barrier.
    pub(super) fn renew(&self, thread: usize, step: u32) {
        self.next[thread][((step + 1) % 2) as usize].store(self.own[thread].start, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shard_is_taken_once_a_step_by_whoever_asks() {
        let queue = WorkQueue::new(7, 3);
        for step in 1..10 {
            (0..3).for_each(|thread| queue.renew(thread, step));
            // The third thread comes too late for most of its own.
            let mut taken: Vec<usize> = std::iter::from_fn(|| queue.take(0, step)).take(6).collect();
            taken.extend(std::iter::from_fn(|| queue.take(2, step)));
            assert_eq!(queue.take(1, step), None);
            taken.sort_unstable();
            assert_eq!(taken, (0..7).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_single_shard_stays_with_its_thread() {
        let queue = WorkQueue::new(2, 2);
        assert_eq!((queue.take(0, 1), queue.take(0, 1)), (Some(0), None));
        assert_eq!((queue.take(1, 1), queue.take(1, 1)), (Some(1), None));
    }
}
