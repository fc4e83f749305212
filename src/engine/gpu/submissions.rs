//! How many steps a submission has.

use std::time::{Duration, Instant};

/// How long a submission may take: drivers take what takes seconds for an endless loop, and reset the device.
const LONGEST: Duration = Duration::from_millis(100);
/// Steps of a submission before any was measured.
const FIRST_STEPS: u32 = 32;
/// Most steps of a submission: more make a batch no faster.
const MAX_STEPS: u32 = 1 << 12;

/// Steps of a submission, from the time that the batches before have taken.
#[derive(Debug)]
pub struct SubmissionLength {
    steps: u32,
    /// When the last batch was done.
    done_at: Option<Instant>,
}

impl SubmissionLength {
    /// Before any batch.
    pub fn new() -> Self {
        Self { steps: FIRST_STEPS, done_at: None }
    }

    /// Steps of the next submissions.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// A batch of `steps` steps, submitted at that time, is done.
    pub fn measure(&mut self, steps: u32, submitted_at: Instant, now: Instant) {
        // The device was at the batch before until that was done.
        let began_at = self.done_at.map_or(submitted_at, |done_at| done_at.max(submitted_at));
        let taken = now.saturating_duration_since(began_at).as_nanos().max(1);
        let fitting = LONGEST.as_nanos() * u128::from(steps) / taken;
        self.steps = fitting.clamp(1, u128::from(MAX_STEPS)) as u32;
        self.done_at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_submission_takes_a_tenth_of_a_second_whatever_a_step_takes() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut length = SubmissionLength::new();
        assert_eq!(length.steps(), FIRST_STEPS);
        length.measure(512, start, after(512));
        assert_eq!(length.steps(), 100);
        // Submitted while the device was at the one before.
        length.measure(10, start, after(612));
        assert_eq!(length.steps(), 10);
        length.measure(2, after(700), after(2700));
        assert_eq!(length.steps(), 1);
        length.measure(512, after(3000), after(3001));
        assert_eq!(length.steps(), MAX_STEPS);
    }
}
