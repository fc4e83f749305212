//! A barrier that spins: steps last microseconds, too short to put a thread to sleep.

use std::sync::atomic::{AtomicU32, Ordering};

/// Spins before the thread offers its core to others: some microseconds, as long as a step takes. Where
/// threads outnumber free cores, the one that is waited for gets to run.
const SPINS_BEFORE_YIELD: u32 = 200;

/// Barrier for a fixed number of threads.
#[derive(Debug)]
pub(super) struct SpinBarrier {
    threads: u32,
    arrived: AtomicU32,
    generation: AtomicU32,
}

impl SpinBarrier {
    pub(super) fn new(threads: usize) -> Self {
        Self { threads: threads as u32, arrived: AtomicU32::new(0), generation: AtomicU32::new(0) }
    }

    /// Returns when all threads have called it. What a thread wrote before is visible to all after.
    pub(super) fn wait(&self) {
        let generation = self.generation.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Relaxed);
            self.generation.store(generation.wrapping_add(1), Ordering::Release);
            return;
        }
        let mut spins = 0;
        while self.generation.load(Ordering::Acquire) == generation {
            std::hint::spin_loop();
            spins += 1;
            if spins % SPINS_BEFORE_YIELD == 0 {
                std::thread::yield_now();
            }
        }
    }
}
