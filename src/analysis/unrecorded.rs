//! Populations of which no spikes were kept, and what is known of them nevertheless: their rates, which
//! were counted while the run went on, and their counts in bins, where these were kept.

use super::{
    Absence, AnalysisError, Known, PopulationSamples, PopulationStatistics, RunFolder, SpikeStatistics,
};
use super::{Window, areas::AreaRows};
use crate::simulation::recording::{read_counts, read_rates};
use ndarray::{Array2, Axis, s};

const MS_PER_S: f64 = 1000.0;

/// What is known of populations whose spikes were not kept.
#[derive(Debug, Clone)]
pub(super) struct Unrecorded {
    /// Their rows, each with its rate.
    rates_hz: Vec<(usize, Known<f64>)>,
    /// Counts of all populations in the window's bins, shape [population, bin].
    counts: Option<Array2<u32>>,
}

impl Unrecorded {
    /// Reads what the run folder holds of them.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn of(run: &RunFolder, window: &Window) -> Result<Self, AnalysisError> {
        let rows: Vec<usize> = (0..run.recorded.len()).filter(|&row| !run.recorded[row]).collect();
        if rows.is_empty() {
            return Ok(Self { rates_hz: Vec::new(), counts: None });
        }
        let read = |_| read_counts(&run.path, run.populations.len());
        let counts = run.counts_bin_steps.map(read).transpose()?;
        let counts = counts.as_ref().zip(run.counts_bin_steps);
        let rates_hz = match counts.and_then(|(counts, bin)| counted_rates(run, window, counts, bin)) {
            Some(rates_hz) => rates_hz,
            None if window.from_step == run.rates_from_step => {
                let written = read_rates(&run.path.join("rates.csv"), &run.populations)?;
                written.into_iter().map(|rate_hz| rate_hz.ok_or(Absence::NotRecorded)).collect()
            }
            None => vec![Err(Absence::NotRecorded); run.populations.len()],
        };
        let rates_hz = rows.into_iter().map(|row| (row, known_in(window, rates_hz[row].clone()))).collect();
        Ok(Self { rates_hz, counts: counts.and_then(|(counts, bin)| in_bins(counts, bin, window)) })
    }

    /// Puts what is known in the place of what follows from no spikes.
    pub fn put_into(self, statistics: &mut SpikeStatistics) {
        for (row, rate_hz) in self.rates_hz {
            let absent = || Err(Absence::NotRecorded);
            statistics.populations[row] = PopulationStatistics {
                rate_hz,
                cv_isi: absent(),
                lvr: absent(),
                correlation: absent(),
                n_regular: 0,
                n_correlated: 0,
            };
            statistics.samples[row] = PopulationSamples::default();
            statistics.counted[row] = self.counts.is_some();
            if let Some(counts) = &self.counts {
                statistics.counts.row_mut(row).assign(&counts.row(row));
            }
        }
    }
}

/// A rate, unless nothing is left of the run.
fn known_in(window: &Window, rate_hz: Known<f64>) -> Known<f64> {
    window.needs(0.0)?;
    rate_hz
}

/// Rates of all populations, where bins begin and end with what counts.
fn counted_rates(
    run: &RunFolder,
    window: &Window,
    counts: &Array2<u32>,
    bin_steps: u32,
) -> Option<Vec<Known<f64>>> {
    let fits = window.from_step.is_multiple_of(bin_steps) && window.n_steps.is_multiple_of(bin_steps);
    // The last step does not count, and is in a bin behind these.
    let [from, end] = [window.from_step, window.n_steps].map(|step| (step / bin_steps) as usize);
    if !fits || from >= end || end > counts.nrows() {
        return None;
    }
    let counted = counts.slice(s![from..end, ..]);
    let seconds = f64::from(window.n_steps - window.from_step) * window.dt_ms / MS_PER_S;
    let rate =
        |(column, row): (ndarray::ArrayView1<'_, u32>, &crate::simulation::recording::PopulationRow)| {
            let spikes: u64 = column.iter().map(|&n| u64::from(n)).sum();
            Ok(spikes as f64 / f64::from(row.neurons) / seconds)
        };
    Some(counted.columns().into_iter().zip(&run.populations).map(rate).collect())
}

/// Counts in the window's bins, shape [population, bin], where whole bins of the file make one of them.
fn in_bins(counts: &Array2<u32>, bin_steps: u32, window: &Window) -> Option<Array2<u32>> {
    if !window.steps_per_bin.is_multiple_of(bin_steps) {
        return None;
    }
    let (together, n_bins) = ((window.steps_per_bin / bin_steps) as usize, window.n_bins());
    let sum = |(population, bin): (usize, usize)| {
        let of_bin = counts.slice(s![bin * together..(bin + 1) * together, population]);
        of_bin.iter().fold(0, |sum: u32, &count| sum.saturating_add(count))
    };
    (n_bins * together <= counts.len_of(Axis(0)))
        .then(|| Array2::from_shape_fn((counts.ncols(), n_bins), sum))
}

/// Areas with their recorded populations alone.
pub(super) fn recorded_rows(areas: &[AreaRows], recorded: &[bool]) -> Vec<AreaRows> {
    let of_area = |area: &AreaRows| AreaRows {
        name: area.name.clone(),
        rows: area.rows.iter().copied().filter(|&row| recorded[row]).collect(),
    };
    areas.iter().map(of_area).collect()
}
