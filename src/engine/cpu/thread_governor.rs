//! How many threads compute the next steps.
//!
//! Threads wait for each other in every step. Where other programs take a core away from one of them,
//! all stand still until it comes back, some milliseconds later; a small network, whose steps take
//! microseconds, then runs a hundred times slower than on one thread, which waits for no one. Waiting alone does not tell
//! that: many threads that wait most of their time may still be faster than one. So where they wait, one is tried, and
//! the faster way goes on for a while.

/// Percentage of the threads' time spent waiting above which one thread is tried.
const MAX_WAITING: u64 = 60;
/// Steps of a trial.
const TRIAL_STEPS: u32 = 64;
/// Batches until the slower way is tried again.
const BATCHES: u32 = 32;

/// Chooses between all threads and one.
#[derive(Debug)]
pub(super) struct ThreadGovernor {
    all: usize,
    way: Way,
}

/// How steps are computed.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// A few on all threads, to see how much they wait.
    Tried,
    /// On all threads; for so many batches their waiting is of no interest.
    All { trusted: u32 },
    /// A few on one thread, to see whether a step takes it less time than it took all.
    Compared { all_ns: u64 },
    /// On one thread, for so many batches.
    One { left: u32 },
}

/// How a batch of steps went.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    pub steps: u32,
    /// Time that they took, ns.
    pub elapsed_ns: u64,
    /// Time that threads waited for each other, ns, all together.
    pub waited_ns: u64,
}

impl ThreadGovernor {
    /// Starts with a trial of `all` threads.
    pub(super) fn new(all: usize) -> Self {
        Self { all, way: if all > 1 { Way::Tried } else { Way::All { trusted: 0 } } }
    }

    /// Threads for the next steps.
    pub(super) fn threads(&self) -> usize {
        match self.way {
            Way::Tried | Way::All { .. } => self.all,
            Way::Compared { .. } | Way::One { .. } => 1,
        }
    }

    /// Number of next steps, at most `most`.
    pub(super) fn steps(&self, most: u32) -> u32 {
        match self.way {
            Way::Tried | Way::Compared { .. } => most.min(TRIAL_STEPS),
            Way::All { .. } | Way::One { .. } => most,
        }
    }

    /// Takes note of how the last steps went.
    pub(super) fn note(&mut self, Pace { steps, elapsed_ns, waited_ns }: Pace) {
        let step_ns = elapsed_ns / u64::from(steps.max(1));
        let is_waiting = 100 * waited_ns > MAX_WAITING * elapsed_ns * self.all as u64;
        self.way = match self.way {
            Way::Tried | Way::All { trusted: 0 } if is_waiting => Way::Compared { all_ns: step_ns },
            Way::Tried => Way::All { trusted: 0 },
            Way::All { trusted } => Way::All { trusted: trusted.saturating_sub(1) },
            Way::Compared { all_ns } if step_ns < all_ns => Way::One { left: BATCHES },
            Way::Compared { .. } => Way::All { trusted: BATCHES },
            Way::One { left: ..=1 } => Way::Tried,
            Way::One { left } => Way::One { left: left - 1 },
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two threads that wait for three quarters of their time.
    const WAITING: Pace = Pace { steps: 10, elapsed_ns: 1000, waited_ns: 1500 };

    fn choice(governor: &ThreadGovernor) -> (usize, u32) {
        (governor.threads(), governor.steps(1000))
    }

    #[test]
    fn threads_that_wait_give_way_to_one_that_is_faster_and_are_tried_again() {
        let mut governor = ThreadGovernor::new(2);
        assert_eq!(choice(&governor), (2, TRIAL_STEPS));
        governor.note(Pace { waited_ns: 400, ..WAITING });
        assert_eq!(choice(&governor), (2, 1000));
        governor.note(WAITING);
        assert_eq!(choice(&governor), (1, TRIAL_STEPS));
        governor.note(Pace { steps: 10, elapsed_ns: 900, waited_ns: 0 });
        for _ in 0..BATCHES {
            assert_eq!(choice(&governor), (1, 1000));
            governor.note(Pace { steps: 10, elapsed_ns: 900, waited_ns: 0 });
        }
        assert_eq!(choice(&governor), (2, TRIAL_STEPS));
    }

    #[test]
    fn threads_that_wait_go_on_if_one_is_slower_and_are_looked_at_again_later() {
        let mut governor = ThreadGovernor::new(2);
        governor.note(WAITING);
        assert_eq!(choice(&governor), (1, TRIAL_STEPS));
        governor.note(Pace { steps: 10, elapsed_ns: 1100, waited_ns: 0 });
        for _ in 0..=BATCHES {
            assert_eq!(choice(&governor), (2, 1000));
            governor.note(WAITING);
        }
        assert_eq!(choice(&governor), (1, TRIAL_STEPS));
    }

    #[test]
    fn one_thread_needs_no_trial() {
        let mut governor = ThreadGovernor::new(1);
        assert_eq!(choice(&governor), (1, 1000));
        governor.note(Pace { waited_ns: 0, ..WAITING });
        assert_eq!(choice(&governor), (1, 1000));
    }
}
