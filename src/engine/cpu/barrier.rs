//! A barrier that spins: steps last microseconds, too short to put a thread to sleep.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

/// Spins before the thread offers its core to others: some microseconds, as long as a step takes. Where
/// threads outnumber free cores, the one that is waited for gets to run.
const SPINS_BEFORE_YIELD: u32 = 200;

/// A thread will never come to the barrier again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Poisoned;

/// Barrier for a fixed number of threads, which one that fails opens for good.
#[derive(Debug)]
pub(super) struct SpinBarrier {
    threads: u32,
    arrived: AtomicU32,
    generation: AtomicU32,
    /// Time that threads spent in long waits, ns, all together.
    waited_ns: AtomicU64,
    is_poisoned: AtomicBool,
}

impl SpinBarrier {
    pub(super) fn new(threads: usize) -> Self {
        Self {
            threads: threads as u32,
            arrived: AtomicU32::new(0),
            generation: AtomicU32::new(0),
            waited_ns: AtomicU64::new(0),
            is_poisoned: AtomicBool::new(false),
        }
    }

    /// Lets all go who wait or will wait: the thread that calls it comes no more.
    pub(super) fn poison(&self) {
        self.is_poisoned.store(true, Ordering::Release);
    }

    /// # Errors
    /// A thread comes no more.
    pub(super) fn check(&self) -> Result<(), Poisoned> {
        if self.is_poisoned.load(Ordering::Acquire) { Err(Poisoned) } else { Ok(()) }
    }

    /// Returns when all threads have called it. What a thread wrote before is visible to all after.
    ///
    /// # Errors
    /// A thread comes no more, so that this call is in vain, as all later ones are.
    pub(super) fn wait(&self) -> Result<(), Poisoned> {
        let generation = self.generation.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Relaxed);
            self.generation.store(generation.wrapping_add(1), Ordering::Release);
            return Ok(());
        }
        if !self.spin(generation) {
            let start = Instant::now();
            while !self.spin(generation) {
                // Who has come and gone on, and ended then, was not waited for in vain.
                if self.check().is_err() && !self.spin(generation) {
                    return Err(Poisoned);
                }
                std::thread::yield_now();
            }
            self.waited_ns.fetch_add(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_come_before_any_goes_on() {
        let (barrier, come) = (SpinBarrier::new(3), AtomicU32::new(0));
        let thread = || {
            for round in 1..=1000 {
                come.fetch_add(1, Ordering::Relaxed);
                barrier.wait().unwrap();
                assert!(come.load(Ordering::Relaxed) >= 3 * round);
            }
        };
        std::thread::scope(|scope| (0..3).for_each(|_| drop(scope.spawn(thread))));
        assert_eq!(come.into_inner(), 3000);
        assert_eq!(barrier.check(), Ok(()));
    }

    #[test]
    fn who_waits_for_one_that_comes_no_more_is_let_go() {
        let barrier = SpinBarrier::new(3);
        std::thread::scope(|scope| {
            let waiting = [(); 2].map(|()| scope.spawn(|| barrier.wait()));
            barrier.poison();
            assert_eq!(waiting.map(|thread| thread.join().unwrap()), [Err(Poisoned); 2]);
        });
        assert_eq!(barrier.check(), Err(Poisoned));
    }

    /// The last to come ends at once; those who had come wait for nothing that is missing.
    #[test]
    fn a_barrier_that_all_have_come_to_is_passed_even_if_one_ends_then() {
        for _ in 0..2000 {
            let barrier = SpinBarrier::new(2);
            std::thread::scope(|scope| {
                let waiting = scope.spawn(|| barrier.wait());
                assert_eq!(barrier.wait(), Ok(()));
                barrier.poison();
                assert_eq!(waiting.join().unwrap(), Ok(()));
            });
        }
    }
}
