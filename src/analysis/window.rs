//! Which part of a run counts, on the grid of steps.
//!
//! Spikes are stamped dt to T, steps 1 to n. As published, rates count the steps [from, n), intervals
//! the steps [from, n], correlations bins from `from` whose last one includes step n; instantaneous
//! rates have bins from 0, where bin k holds the times [k, k + 1) · bin.

use super::{Absence, Known};
use crate::config::AnalysisOptions;
use crate::engine::fixed_point::{Simulation, nearest_step};

const MS_PER_S: f64 = 1000.0;

/// Which part of a run counts, and its bins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Resolution, ms.
    pub dt_ms: f64,
    /// Steps of the run.
    pub n_steps: u32,
    /// First step that counts.
    pub from_step: u32,
    /// Steps of a bin.
    pub steps_per_bin: u32,
}

impl Window {
    /// The window of a run with these options.
    pub fn new(simulation: &Simulation, options: &AnalysisOptions) -> Self {
        let steps = |time_ms: f64| nearest_step(time_ms, simulation.dt_ms);
        Self {
            dt_ms: simulation.dt_ms,
            n_steps: simulation.n_steps(),
            from_step: steps(options.from_ms.unwrap_or(simulation.statistics_from_ms)),
            steps_per_bin: steps(options.bin_ms).max(1),
        }
    }

    /// Width of a bin, ms.
    pub fn bin_ms(&self) -> f64 {
        f64::from(self.steps_per_bin) * self.dt_ms
    }

    /// Start of what counts, ms.
    pub fn from_ms(&self) -> f64 {
        f64::from(self.from_step) * self.dt_ms
    }

    /// End of the run, ms.
    pub fn duration_ms(&self) -> f64 {
        f64::from(self.n_steps) * self.dt_ms
    }

    /// Time that counts, s; 0 if nothing is left.
    pub fn counted_s(&self) -> f64 {
        f64::from(self.n_steps.saturating_sub(self.from_step)) * self.dt_ms / MS_PER_S
    }

    /// Whole bins of the run, from 0 on.
    pub fn n_bins(&self) -> usize {
        (self.n_steps / self.steps_per_bin) as usize
    }

    /// Whole bins of what counts, from `from_step` on.
    pub fn n_counted_bins(&self) -> usize {
        (self.n_steps.saturating_sub(self.from_step) / self.steps_per_bin) as usize
    }

    /// First of the bins from 0 that lies in what counts.
    pub fn first_counted_bin(&self) -> usize {
        (self.from_step.div_ceil(self.steps_per_bin) as usize).min(self.n_bins())
    }

    /// The bin from 0 that holds a step; `None` behind the last whole bin.
    pub fn bin(&self, step: u32) -> Option<usize> {
        let bin = (step / self.steps_per_bin) as usize;
        (bin < self.n_bins()).then_some(bin)
    }

    /// The bin from `from_step` on that holds a step; the last bin includes its end.
    pub fn counted_bin(&self, step: u32) -> Option<usize> {
        let since = step.checked_sub(self.from_step)?;
        let (bin, n_bins) = ((since / self.steps_per_bin) as usize, self.n_counted_bins());
        let at_end = bin == n_bins && since % self.steps_per_bin == 0 && n_bins > 0;
        if at_end { Some(n_bins - 1) } else { (bin < n_bins).then_some(bin) }
    }

    /// Whether `time_ms` of the run are there after the start of statistics.
    ///
    /// # Errors
    /// Why they are not.
    pub fn needs(&self, time_ms: f64) -> Known<()> {
        let (from_ms, duration_ms) = (self.from_ms(), self.duration_ms());
        if self.n_steps <= self.from_step {
            return Err(Absence::NothingLeft { from_ms, duration_ms });
        }
        let left_ms = f64::from(self.n_steps - self.from_step) * self.dt_ms;
        let too_short = Absence::TooShort { needed_ms: time_ms, from_ms, duration_ms };
        if left_ms >= time_ms - self.dt_ms / 2.0 { Ok(()) } else { Err(too_short) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { dt_ms: 0.1, n_steps: 20_000, from_step: 5000, steps_per_bin: 10 };

    #[test]
    fn the_last_counted_bin_includes_the_end_and_the_last_bin_from_0_does_not() {
        assert_eq!((WINDOW.n_bins(), WINDOW.n_counted_bins(), WINDOW.first_counted_bin()), (2000, 1500, 500));
        assert_eq!((WINDOW.bin(19_999), WINDOW.bin(20_000)), (Some(1999), None));
        assert_eq!((WINDOW.counted_bin(19_999), WINDOW.counted_bin(20_000)), (Some(1499), Some(1499)));
        assert_eq!((WINDOW.counted_bin(4999), WINDOW.counted_bin(5000)), (None, Some(0)));
    }

    #[test]
    fn what_lies_behind_the_last_whole_bin_is_in_none() {
        let window = Window { n_steps: 20_005, ..WINDOW };
        assert_eq!((window.bin(20_001), window.counted_bin(20_001)), (None, None));
        assert_eq!(window.counted_bin(20_000), Some(1499));
    }

    #[test]
    fn a_run_that_ends_before_statistics_start_has_no_time() {
        let short = Window { n_steps: 4000, ..WINDOW };
        assert!(matches!(short.needs(0.0), Err(Absence::NothingLeft { .. })));
        assert_eq!((short.n_counted_bins(), short.counted_s(), short.first_counted_bin()), (0, 0.0, 400));
        assert!(matches!(WINDOW.needs(1501.0), Err(Absence::TooShort { .. })));
        assert_eq!(WINDOW.needs(1500.0), Ok(()));
    }
}
