//! How threads tell each other which neurons spiked.

use super::barrier::{Poisoned, SpinBarrier};
use std::cell::UnsafeCell;

/// Two lists of spikes a thread, used in turn, and the barrier between writing and reading.
pub(super) struct Exchange {
    lists: Vec<[UnsafeCell<Vec<u32>>; 2]>,
    barrier: SpinBarrier,
}

// SAFETY: the only access is by `Seat::swap`, which keeps writers and readers of a list apart.
unsafe impl Sync for Exchange {}

/// The place of one thread. There is one a thread, so that no two write the same lists; a thread that gives
/// up its seat publishes no more, and none waits for it.
pub(super) struct Seat<'e> {
    exchange: &'e Exchange,
    own: usize,
    /// Which of the two lists is written next.
    turn: usize,
}

impl Exchange {
    pub(super) fn new(threads: usize) -> Self {
        Self { lists: (0..threads).map(|_| Default::default()).collect(), barrier: SpinBarrier::new(threads) }
    }

    /// A seat for every thread.
    pub(super) fn seats(&mut self) -> impl Iterator<Item = Seat<'_>> {
        let exchange = &*self;
        (0..exchange.lists.len()).map(move |own| Seat { exchange, own, turn: 0 })
    }

    /// Time that threads waited for each other, ns, all together; short waits are not counted.
    pub(super) fn waited_ns(&self) -> u64 {
        self.barrier.waited_ns()
    }
}

impl Seat<'_> {
    /// Publishes this thread's spikes, and returns those of every thread once all have published as often.
    /// They can be read until the next call.
    ///
    /// # Errors
    /// Another thread has given up its seat.
    pub(super) fn swap(&mut self, spikes: &[u32]) -> Result<impl Iterator<Item = &[u32]>, Poisoned> {
        let Exchange { lists, barrier } = self.exchange;
        // Who comes to a barrier again that it left with an error would be counted twice.
        barrier.check()?;
        let turn = self.turn;
        // SAFETY: only this seat writes the list. It was read after the swap before the last; all readers
        // have come to the barrier of the last one since, as this thread has, and hold nothing of it, as
        // what `swap` returns borrows the seat.
        let list = unsafe { &mut *lists[self.own][turn].get() };
        list.clear();
        list.extend_from_slice(spikes);
        barrier.wait()?;
        self.turn = 1 - turn;
        // SAFETY: the next write to a list of this turn comes after the barrier of the next swap, to which
        // this thread comes only when its seat is not borrowed any more.
        Ok(lists.iter().map(move |lists| unsafe { (*lists[turn].get()).as_slice() }))
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.exchange.barrier.poison();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `thread` publishes in `round`: a list whose length and content tell both.
    fn published(thread: usize, round: usize) -> Vec<u32> {
        let n = (thread * 7 + round * 13) % 50;
        (0..n).map(|k| (thread * 1_000_000 + round * 100 + k) as u32).collect()
    }

    /// Many threads, each at its own speed.
    #[test]
    fn everybody_reads_what_everybody_published_in_that_round() {
        const THREADS: usize = 5;
        const ROUNDS: usize = 3000;
        let mut exchange = Exchange::new(THREADS);
        std::thread::scope(|scope| {
            for (thread, mut seat) in exchange.seats().enumerate() {
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        let read: Vec<&[u32]> = seat.swap(&published(thread, round)).unwrap().collect();
                        if (thread + round) % 7 == 0 {
                            std::thread::yield_now();
                        }
                        // Some are done with their next list while others still read this one.
                        for (from, spikes) in read.into_iter().enumerate() {
                            assert_eq!(spikes, published(from, round), "round {round}, thread {thread}");
                        }
                    }
                });
            }
        });
    }

    #[test]
    fn nobody_waits_for_a_seat_that_is_given_up_in_any_round() {
        for last in 0..200 {
            let mut exchange = Exchange::new(3);
            std::thread::scope(|scope| {
                let rounds = |(thread, mut seat): (usize, Seat<'_>)| {
                    let most = if thread == 1 { last } else { usize::MAX };
                    (0..most).take_while(|_| seat.swap(&[7]).is_ok()).count()
                };
                let threads: Vec<_> =
                    exchange.seats().enumerate().map(|seat| scope.spawn(move || rounds(seat))).collect();
                let rounds: Vec<usize> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
                assert_eq!(rounds, [last; 3]);
            });
            // The exchange is of no use any more, and says so.
            assert!(exchange.seats().all(|mut seat| seat.swap(&[]).is_err()));
        }
    }
}
