//! What is kept of each spike train while spikes stream by: sums from which rate, CV, LvR and the
//! norm of binned counts follow.
//!
//! Sums of intervals are integers, in steps, so that no order of additions matters; only LvR, a sum of
//! fractions, is a float.

use super::Window;

/// Sums over one spike train from the start of statistics on.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct TrainSums {
    /// Spikes up to the end of the run, the end included.
    pub spikes: u32,
    first: u32,
    last: u32,
    last_interval: u32,
    /// Bin of the last spike, and spikes in it so far.
    bin: u32,
    in_bin: u32,
    /// Spikes in whole bins, and the sum of squared counts.
    binned: u32,
    squared_counts: u32,
    squared_intervals: u64,
    /// Σ (1 − 4 I J/(I + J)²)(1 + 4 t_ref/(I + J)) over neighbouring intervals.
    lvr: f64,
}

impl TrainSums {
    /// Adds a spike; steps rise. `bin` is where it is counted, `t_ref_steps` the refractory period.
    #[inline]
    pub fn add(&mut self, step: u32, bin: Option<usize>, t_ref_steps: f64) {
        if self.spikes == 0 {
            self.first = step;
        } else {
            self.add_interval(step - self.last, t_ref_steps);
        }
        self.spikes += 1;
        self.last = step;
        if let Some(bin) = bin {
            self.add_to_bin(bin as u32);
        }
    }

    fn add_interval(&mut self, interval: u32, t_ref_steps: f64) {
        self.squared_intervals += u64::from(interval) * u64::from(interval);
        if self.spikes > 1 {
            let (a, b) = (f64::from(self.last_interval), f64::from(interval));
            let sum = a + b;
            self.lvr += (1.0 - 4.0 * a * b / (sum * sum)) * (1.0 + 4.0 * t_ref_steps / sum);
        }
        self.last_interval = interval;
    }

    fn add_to_bin(&mut self, bin: u32) {
        if self.binned > 0 && self.bin == bin {
            // (c + 1)² − c²
            self.squared_counts += 2 * self.in_bin + 1;
            self.in_bin += 1;
        } else {
            (self.bin, self.in_bin) = (bin, 1);
            self.squared_counts += 1;
        }
        self.binned += 1;
    }

    /// Spikes before the end of the run, which rates count.
    pub fn spikes_before_end(&self, window: &Window) -> u32 {
        self.spikes - u32::from(self.spikes > 0 && self.last == window.n_steps)
    }

    /// Coefficient of variation of intervals: standard deviation, with n in the denominator, over mean.
    pub fn cv_isi(&self) -> f64 {
        let n = u128::from(self.spikes - 1);
        let sum = u128::from(self.last - self.first);
        let squares = n * u128::from(self.squared_intervals) - sum * sum;
        (squares as f64).sqrt() / sum as f64
    }

    /// Local variation revised for refractoriness (Shinomoto et al. 2009,
    /// doi:10.1371/journal.pcbi.1000433).
    pub fn lvr(&self) -> f64 {
        3.0 / f64::from(self.spikes - 2) * self.lvr
    }

    /// Mean of the counts in `n_bins` bins, and the norm of what they differ from it; `None` if they
    /// do not change.
    pub fn changing_counts(&self, n_bins: usize) -> Option<(f64, f64)> {
        let (n, sum) = (n_bins as u64, u64::from(self.binned));
        let squares = n * u64::from(self.squared_counts) - sum * sum;
        let n = n_bins as f64;
        (squares > 0).then(|| (sum as f64 / n, (squares as f64 / n).sqrt()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { dt_ms: 0.1, n_steps: 1000, from_step: 0, steps_per_bin: 10 };
    /// f64 sums in another order.
    const TOLERANCE: f64 = 1e-12;

    fn of(steps: &[u32]) -> TrainSums {
        let mut sums = TrainSums::default();
        steps.iter().for_each(|&step| sums.add(step, WINDOW.counted_bin(step), 20.0));
        sums
    }

    #[test]
    fn a_clock_has_no_variation() {
        let clock: Vec<u32> = (1..20).map(|i| 50 * i).collect();
        assert_eq!((of(&clock).cv_isi(), of(&clock).lvr()), (0.0, 0.0));
    }

    #[test]
    fn alternating_intervals_have_the_variation_of_their_formula() {
        // Intervals 30 and 90: mean 60, sd 30; every pair gives (1 − 4·30·90/120²)(1 + 4·20/120).
        let steps: Vec<u32> = (0..11u32).map(|i| 10 + 60 * i - if i % 2 == 1 { 30 } else { 0 }).collect();
        let sums = of(&steps);
        assert!((sums.cv_isi() - 0.5).abs() < TOLERANCE);
        let pair = (1.0 - 0.75) * (1.0 + 2.0 / 3.0);
        assert!((sums.lvr() - 3.0 * pair).abs() < TOLERANCE, "{}", sums.lvr());
    }

    #[test]
    fn counts_have_the_mean_and_norm_of_their_bins() {
        // Bins 0, 3 and 99 hold 2, 1 and 1 spikes.
        let (mean, norm) = of(&[1, 9, 35, 1000]).changing_counts(100).unwrap();
        assert!((mean - 0.04).abs() < TOLERANCE);
        let squares: f64 = 1.96f64.powi(2) + 2.0 * 0.96f64.powi(2) + 97.0 * 0.04f64.powi(2);
        assert!((norm - squares.sqrt()).abs() < TOLERANCE);
    }

    #[test]
    fn one_spike_in_every_bin_or_none_at_all_is_no_change() {
        let every: Vec<u32> = (0..100).map(|bin| 10 * bin + 5).collect();
        assert_eq!((of(&every).changing_counts(100), of(&[]).changing_counts(100)), (None, None));
    }

    #[test]
    fn the_last_step_is_no_part_of_a_rate() {
        assert_eq!(
            (of(&[5, 999, 1000]).spikes_before_end(&WINDOW), of(&[5, 999]).spikes_before_end(&WINDOW)),
            (2, 2)
        );
        assert_eq!(of(&[]).spikes_before_end(&WINDOW), 0);
    }
}
