//! How threads tell each other which neurons spiked.

use super::barrier::SpinBarrier;
use std::cell::UnsafeCell;

/// Two lists of spikes a thread, for even and odd steps, and the barrier between writing and reading.
pub(super) struct Exchange {
    lists: Vec<[UnsafeCell<Vec<u32>>; 2]>,
    barrier: SpinBarrier,
}

// SAFETY: the only access is `swap`, which keeps writers and readers of a list apart.
unsafe impl Sync for Exchange {}

impl Exchange {
    pub(super) fn new(threads: usize) -> Self {
        Self { lists: (0..threads).map(|_| Default::default()).collect(), barrier: SpinBarrier::new(threads) }
    }

    /// Time that threads waited for each other, ns, all together; short waits are not counted.
    pub(super) fn waited_ns(&self) -> u64 {
        self.barrier.waited_ns()
    }

    /// Publishes this thread's spikes of `step` and returns those of every thread, once all have
    /// called it for that step. Each thread index belongs to one thread, which calls this for
    /// consecutive steps and drops what it got before the next call.
    pub(super) fn swap<'e>(
        &'e self,
        thread: usize,
        step: u32,
        spikes: &[u32],
    ) -> impl Iterator<Item = &'e [u32]> + use<'e> {
        let parity = (step % 2) as usize;
        // SAFETY: a list of this parity was last read in step − 2. Its readers have since passed
        // the barrier of step − 1, and so did this thread: no one reads it now.
        let list = unsafe { &mut *self.lists[thread][parity].get() };
        list.clear();
        list.extend_from_slice(spikes);
        self.barrier.wait();
        // SAFETY: the next write to a list of this parity is in step + 2, after the barrier of
        // step + 1, which this thread reaches only when it is done reading.
        self.lists.iter().map(move |lists| unsafe { (*lists[parity].get()).as_slice() })
    }
}
