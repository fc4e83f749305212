//! A run that is there.

use super::kept_config::config_text;
use super::{Output, RunError};
use crate::config::{self, Config};
use crate::disk::{Kind, Place};
use crate::engine::fixed_point::Simulation;
use crate::simulation::recording::{
    Manifest, PopulationRow, RateCounter, RecordingError, RecordingPlan, SimulationIdentity, SpikeBounds,
    StoredNetwork, count_spikes, mean_hz, population_rows, rates_csv, read_counts, read_rates,
};
use std::path::Path;

const MS_PER_S: f64 = 1000.0;
const CONFIG: &str = "config.ron";
const RATES: &str = "rates.csv";

/// The manifest of the run in `folder`, if there is one that counts.
pub(super) fn found(
    place: &Place,
    identity: &SimulationIdentity,
    output: &Output,
) -> Result<Option<Manifest>, RunError> {
    if output.force || !place.exists() {
        return Ok(None);
    }
    let folder = place.path();
    if place.kind().is_ok_and(|kind| kind == Kind::Link) {
        let reason = "it is a symbolic link, and runs are folders";
        return Err(RecordingError::malformed(&folder, reason).into());
    }
    let manifest = Manifest::read(&folder)?;
    let (told, hash) = (&manifest.simulation_hash, identity.hash());
    if manifest.imported.is_some() || *told != hash {
        let reason = format!("it holds the run {told}, and its place is that of {hash}");
        return Err(RecordingError::malformed(&folder, reason).into());
    }
    Ok(Some(manifest))
}

/// Counts the run's spikes from the configured start of statistics on, which does not belong to its
/// hash, and writes its rates and configuration anew where that start or the analysis has changed.
/// Returns the mean rate.
pub(super) fn refresh_statistics(
    place: &Place,
    config: &Config,
    stored: &StoredNetwork,
    recording: &RecordingPlan,
    manifest: &mut Manifest,
) -> Result<Option<f64>, RunError> {
    let folder = &place.path();
    let mut recorded = config::load(&folder.join(CONFIG), &[])?;
    let statistics_from_ms = config.simulation.statistics_from_ms;
    let starts_alike = recorded.simulation.statistics_from_ms == statistics_from_ms;
    let rows = population_rows(&stored.network);
    let run = Run { folder, simulation: &config.simulation, stored, recording, rows: &rows };
    let rates_hz = match starts_alike && !recording.keeps_all() {
        // Counted while the run went on, of all populations.
        true => run.written_rates()?,
        false => run.rates_anew()?,
    };
    if !starts_alike || recorded.analysis != config.analysis {
        recorded.simulation.statistics_from_ms = statistics_from_ms;
        recorded.analysis = config.analysis.clone();
        let rates = rates_csv(&folder.join(RATES), &rows, &rates_hz, &stored.with_dc.rates_hz)?;
        manifest.replace(
            place,
            vec![(RATES, rates), (CONFIG, config_text(&recorded, &stored.identity).into_bytes())],
        )?;
    }
    Ok(mean_hz(rates_hz))
}

/// A run on disk; rates are of the populations of its network.
struct Run<'a> {
    folder: &'a Path,
    simulation: &'a Simulation,
    stored: &'a StoredNetwork,
    recording: &'a RecordingPlan,
    rows: &'a [PopulationRow],
}

impl Run<'_> {
    /// Those of `rates.csv`.
    fn written_rates(&self) -> Result<Vec<Option<f64>>, RecordingError> {
        let written = read_rates(&self.folder.join(RATES), self.rows)?;
        let mut rates_hz = vec![None; self.stored.network.populations.len()];
        self.rows.iter().zip(written).for_each(|(row, rate_hz)| rates_hz[row.index] = rate_hz);
        Ok(rates_hz)
    }

    /// Those of the spikes that were kept; of other populations those of their counts, where these begin
    /// and end with what is to be counted, else none.
    fn rates_anew(&self) -> Result<Vec<Option<f64>>, RecordingError> {
        let network = &self.stored.network;
        let mut counter = RateCounter::new(network.first_neurons(), self.simulation);
        let (n_neurons, n_steps) = (network.n_neurons() as u32, self.simulation.n_steps());
        count_spikes(self.folder, SpikeBounds { n_neurons, n_steps }, &mut counter)?;
        let mut rates_hz = counter.rates_hz();
        if self.recording.keeps_all() {
            return Ok(rates_hz);
        }
        let counted = self.counted_rates()?;
        for (row, index) in self.rows.iter().map(|row| row.index).enumerate() {
            if !self.recording.kept[index] {
                rates_hz[index] = counted.as_ref().and_then(|rates_hz| rates_hz[row]);
            }
        }
        Ok(rates_hz)
    }

    /// Rates of [`Self::rows`] from counts in bins; `None` if there are no such bins.
    fn counted_rates(&self) -> Result<Option<Vec<Option<f64>>>, RecordingError> {
        let (from, end) = (self.simulation.first_statistics_step(), self.simulation.n_steps());
        let fits = |bin: &u32| from.is_multiple_of(*bin) && end.is_multiple_of(*bin) && from < end;
        let Some(bin_steps) = self.recording.counts_bin_steps.filter(fits) else { return Ok(None) };
        let counts = read_counts(self.folder, self.rows.len())?;
        let seconds = f64::from(end - from) * self.simulation.dt_ms / MS_PER_S;
        let rate = |(row, counts): (&PopulationRow, ndarray::ArrayView1<'_, u32>)| {
            // The last step does not count, and is in a bin behind these.
            let bins = counts.iter().take((end / bin_steps) as usize).skip((from / bin_steps) as usize);
            let spikes: u64 = bins.map(|&n| u64::from(n)).sum();
            Some(spikes as f64 / f64::from(row.neurons) / seconds)
        };
        Ok(Some(self.rows.iter().zip(counts.columns()).map(rate).collect()))
    }
}
