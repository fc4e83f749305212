//! How many threads compute the next steps.
//!
//! Threads wait for each other in every step. Where other programs take a core away from one of them,
//! all stand still until it comes back, some milliseconds later; a small network, whose steps take
//! microseconds, then runs a hundred times slower than on one thread, which waits for no one.

/// Percentage of the threads' time spent waiting above which one thread goes on alone.
const MAX_WAITING: u64 = 60;
/// Steps after which the waiting is looked at for the first time, or again.
const TRIAL_STEPS: u32 = 64;
/// Batches that one thread computes alone before all are tried again.
const BATCHES_ALONE: u32 = 32;

/// Chooses between all threads and one.
#[derive(Debug)]
pub(super) struct ThreadGovernor {
    all: usize,
    /// Batches that one thread still computes alone.
    alone: u32,
    /// Whether the next steps tell if the threads wait.
    is_trial: bool,
}

impl ThreadGovernor {
    /// Starts with a trial of `all` threads.
    pub(super) fn new(all: usize) -> Self {
        Self { all, alone: 0, is_trial: all > 1 }
    }

    /// Threads for the next steps.
    pub(super) fn threads(&self) -> usize {
        if self.alone > 0 { 1 } else { self.all }
    }

    /// Number of next steps, at most `most`.
    pub(super) fn steps(&self, most: u32) -> u32 {
        if self.is_trial { most.min(TRIAL_STEPS) } else { most }
    }

    /// Takes note of steps whose threads waited for `waited_ns` of their time, all threads together.
    pub(super) fn note(&mut self, waited_ns: u64, time_ns: u64) {
        if self.alone > 0 {
            self.alone -= 1;
            self.is_trial = self.alone == 0;
        } else {
            self.is_trial = false;
            self.alone = if 100 * waited_ns > MAX_WAITING * time_ns { BATCHES_ALONE } else { 0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_wait_give_way_to_one_and_are_tried_again() {
        let mut governor = ThreadGovernor::new(2);
        assert_eq!((governor.threads(), governor.steps(1000)), (2, TRIAL_STEPS));
        governor.note(20, 100);
        assert_eq!((governor.threads(), governor.steps(1000)), (2, 1000));
        governor.note(90, 100);
        for _ in 0..BATCHES_ALONE {
            assert_eq!((governor.threads(), governor.steps(1000)), (1, 1000));
            governor.note(0, 100);
        }
        assert_eq!((governor.threads(), governor.steps(1000)), (2, TRIAL_STEPS));
    }

    #[test]
    fn one_thread_needs_no_trial() {
        assert_eq!((ThreadGovernor::new(1).threads(), ThreadGovernor::new(1).steps(1000)), (1, 1000));
    }
}
