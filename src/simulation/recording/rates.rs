//! Mean rates of populations, counted while a run goes on.

use super::RecordingError;
use super::populations::{PopulationRow, csv_text};
use crate::disk;
use crate::engine::fixed_point::Simulation;
use std::path::Path;

const MS_PER_S: f64 = 1000.0;

/// Counts the spikes of every population in [statistics_from_ms, duration_ms).
#[derive(Debug, Clone)]
pub struct RateCounter {
    /// First neuron of every population, and the number of neurons at the end.
    first_neurons: Vec<u32>,
    /// Steps that count.
    steps: std::ops::Range<u32>,
    window_s: f64,
    spikes: Vec<u64>,
}

impl RateCounter {
    /// A counter for populations that start at these neurons; the last entry is the number of neurons.
    pub fn new(first_neurons: Vec<u32>, simulation: &Simulation) -> Self {
        // A spike of step n is stamped n · dt, so the last step lies at the end of the window, outside.
        let steps = simulation.first_statistics_step()..simulation.n_steps();
        let window_s =
            f64::from(simulation.n_steps().saturating_sub(steps.start)) * simulation.dt_ms / MS_PER_S;
        let spikes = vec![0; first_neurons.len().saturating_sub(1)];
        Self { first_neurons, steps, window_s, spikes }
    }

    /// Spikes that have counted so far, of each population.
    pub fn counted(&self) -> &[u64] {
        &self.spikes
    }

    /// Goes on from spikes counted before, until after `step`; `None` if there cannot be so many, or of
    /// another number of populations.
    pub fn from_counted(self, spikes: &[u64], step: u32) -> Option<Self> {
        let counted_steps = (step + 1).min(self.steps.end).saturating_sub(self.steps.start);
        let most = |ends: &[u32]| u64::from(ends[1] - ends[0]) * u64::from(counted_steps);
        let are_possible = spikes.iter().zip(self.first_neurons.windows(2)).all(|(&n, ends)| n <= most(ends));
        let fits = spikes.len() == self.spikes.len() && are_possible;
        fits.then(|| Self { spikes: spikes.to_vec(), ..self })
    }

    /// Counts the spikes of one step; `neurons` ascend.
    pub fn count(&mut self, step: u32, neurons: &[u32]) {
        if !self.steps.contains(&step) {
            return;
        }
        let mut population = 0;
        for &neuron in neurons {
            while self.first_neurons.get(population + 1).is_some_and(|&end| neuron >= end) {
                population += 1;
            }
            if let Some(spikes) = self.spikes.get_mut(population) {
                *spikes += 1;
            }
        }
    }

    /// Rate of every population, spikes/s a neuron; `None` if it has no neurons or if nothing
    /// is left of the run to count.
    pub fn rates_hz(&self) -> Vec<Option<f64>> {
        let ends = self.first_neurons.windows(2);
        let rate = |(spikes, ends): (&u64, &[u32])| {
            let neuron_seconds = f64::from(ends[1] - ends[0]) * self.window_s;
            (neuron_seconds > 0.0).then(|| *spikes as f64 / neuron_seconds)
        };
        self.spikes.iter().zip(ends).map(rate).collect()
    }
}

/// Mean over those that have a rate; `None` if none has.
pub fn mean_hz(rates_hz: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    let (sum, n) = rates_hz.into_iter().flatten().fold((0.0, 0u32), |(sum, n), rate| (sum + rate, n + 1));
    (n > 0).then(|| sum / f64::from(n))
}

/// Reads the rates of a table that [`rates_csv`] made, one for each of `rows`.
///
/// # Errors
/// A file that cannot be read or has other rows.
pub fn read_rates(path: &Path, rows: &[PopulationRow]) -> Result<Vec<Option<f64>>, RecordingError> {
    let text = disk::read_limited(path, disk::MAX_TEXT_BYTES);
    let text = text.map_err(|source| RecordingError::read(path, source))?;
    let mut reader = csv::Reader::from_reader(text.as_slice());
    let mut rates_hz = Vec::with_capacity(rows.len());
    for record in reader.records() {
        let record = record.map_err(|error| RecordingError::malformed(path, error))?;
        let rate_hz = match record.get(4) {
            Some("") => None,
            text => Some(text.and_then(|text| text.parse().ok()).ok_or_else(|| {
                RecordingError::malformed(path, format!("line {} has no rate", rates_hz.len() + 2))
            })?),
        };
        rates_hz.push(rate_hz);
    }
    if rates_hz.len() != rows.len() {
        let reason = format!("has {} rows, and the run has {} populations", rates_hz.len(), rows.len());
        return Err(RecordingError::malformed(path, reason));
    }
    Ok(rates_hz)
}

/// The text of `rates.csv`, which goes to `path`; both lists have an entry for every population of the
/// network.
///
/// # Errors
/// Rows that have no form as a table.
pub fn rates_csv(
    path: &Path,
    rows: &[PopulationRow],
    rates_hz: &[Option<f64>],
    theory_rates_hz: &[f64],
) -> Result<Vec<u8>, RecordingError> {
    let text = |rate: Option<f64>| rate.map_or_else(String::new, |rate| rate.to_string());
    let lines = rows.iter().map(|row| {
        vec![
            row.area.clone(),
            row.layer.clone(),
            row.population.clone(),
            row.neurons.to_string(),
            text(rates_hz.get(row.index).copied().flatten()),
            text(theory_rates_hz.get(row.index).copied().filter(|rate_hz| !rate_hz.is_nan())),
        ]
    });
    csv_text(path, &["area", "layer", "population", "neurons", "rate_hz", "theory_rate_hz"], lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(duration_ms: f64, statistics_from_ms: f64) -> RateCounter {
        let simulation = Simulation { duration_ms, statistics_from_ms, ..Simulation::default() };
        RateCounter::new(vec![0, 2, 2, 5], &simulation)
    }

    #[test]
    fn spikes_count_from_the_start_of_statistics_to_before_the_end() {
        let mut counter = counter(2000.0, 500.0);
        for step in [4999, 5000, 19_999, 20_000] {
            counter.count(step, &[1, 2, 4]);
        }
        let expected = [Some(2.0 / 2.0 / 1.5), None, Some(4.0 / 3.0 / 1.5)];
        assert_eq!(counter.rates_hz(), expected);
        assert_eq!(mean_hz(counter.rates_hz()), Some((2.0 / 3.0 + 8.0 / 9.0) / 2.0));
    }

    #[test]
    fn a_run_that_ends_before_statistics_start_has_no_rates() {
        let mut counter = counter(100.0, 500.0);
        counter.count(5000, &[1]);
        assert_eq!(counter.rates_hz(), [None; 3]);
        assert_eq!(mean_hz(counter.rates_hz()), None);
    }
}
