//! Delays in bounded memory, for procedural synapses.
//!
//! A ring of input slots over the longest delay of the full model would take 35 GB. Instead time is cut
//! into windows of W steps, and a shard's ring covers one. A spike delivers at once what arrives
//! within its own window, and goes into a history that reaches back as far as the longest delay.
//! Before each window the ring is cleared, and every spike still in reach is visited again: its
//! synapses are drawn once more, and those that arrive in the window are delivered. Most synapses of
//! the model are local, with delays far below W, so most spikes need no second visit: a visit passes
//! over projections whose longest delay does not reach the window.
//!
//! The history is a buffer of fixed size that is written round and round; no spike in reach may be
//! overwritten. The host, which gets every spike anyway, watches that.

use super::GpuError;
use std::collections::VecDeque;

/// Counts the spikes in reach, as batches come in.
#[derive(Debug)]
pub struct HistoryWatch {
    capacity: u32,
    reach_steps: u32,
    /// Spikes of each step in reach, the oldest first.
    counts: VecDeque<u32>,
    held: u64,
}

impl HistoryWatch {
    /// A watch at step 0 over a history of `capacity` spikes that are in reach for `reach_steps`.
    pub fn new(capacity: u32, reach_steps: u32) -> Self {
        Self { capacity, reach_steps, counts: VecDeque::new(), held: 0 }
    }

    /// Takes in the spikes of each step of a batch after `done` steps.
    ///
    /// # Errors
    /// More spikes in reach than the history holds.
    pub fn take(&mut self, done: u32, counts: &[u32]) -> Result<(), GpuError> {
        for (step, &count) in (done + 1..).zip(counts) {
            self.counts.push_back(count);
            self.held += u64::from(count);
            if self.counts.len() > self.reach_steps as usize {
                self.held -= u64::from(self.counts.pop_front().unwrap_or(0));
            }
            if self.held > u64::from(self.capacity) {
                return Err(GpuError::HistoryTooSmall {
                    step,
                    reach_steps: self.reach_steps,
                    spikes: self.held,
                    capacity: self.capacity,
                    enough: (2 * self.held).next_power_of_two(),
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spikes_out_of_reach_are_forgotten_and_more_than_fit_are_an_error() {
        let mut watch = HistoryWatch::new(10, 3);
        assert_eq!(watch.take(0, &[4, 3, 3, 4, 3]), Ok(()));
        let error = watch.take(5, &[3, 5]).expect_err("3 + 3 + 5 spikes");
        let GpuError::HistoryTooSmall { step: 7, spikes: 11, capacity: 10, .. } = &error else {
            panic!("{error}")
        };
        assert!(error.to_string().contains("engine.history_spikes = 32"), "{error}");
    }
}
