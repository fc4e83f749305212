//! A barrier that spins: steps last microseconds, too short to put a thread to sleep.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

/// Spins before the thread offers its core to others: some microseconds, as long as a step takes. Where
/// threads outnumber free cores, the one that is waited for gets to run.
const SPINS_BEFORE_YIELD: u32 = 200;

/// Barrier for a fixed number of threads.
#[derive(Debug)]
pub(super) struct SpinBarrier {
    threads: u32,
    arrived: AtomicU32,
    generation: AtomicU32,
    /// Time that threads spent in long waits, ns, all together.
    waited_ns: AtomicU64,
}

impl SpinBarrier {
    pub(super) fn new(threads: usize) -> Self {
        let (arrived, generation) = (AtomicU32::new(0), AtomicU32::new(0));
        Self { threads: threads as u32, arrived, generation, waited_ns: AtomicU64::new(0) }
    }

    /// Returns when all threads have called it. What a thread wrote before is visible to all after.
    pub(super) fn wait(&self) {
        let generation = self.generation.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Relaxed);
            self.generation.store(generation.wrapping_add(1), Ordering::Release);
            return;
        }
        if !self.spin(generation) {
            let start = Instant::now();
            while !self.spin(generation) {
                std::thread::yield_now();
            }
            self.waited_ns.fetch_add(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
        }
    }

    /// Spins for a while; returns whether all threads have come.
    fn spin(&self, generation: u32) -> bool {
        for _ in 0..SPINS_BEFORE_YIELD {
            if self.generation.load(Ordering::Acquire) != generation {
                return true;
            }
            std::hint::spin_loop();
        }
        false
    }

    /// Time that threads spent in waits longer than a spin, ns, all together.
    pub(super) fn waited_ns(&self) -> u64 {
        self.waited_ns.load(Ordering::Relaxed)
    }
}
