//! A run that is there.

use super::{Output, RunError};
use crate::config::{self, Config};
use crate::recording::{
    Manifest, RateCounter, RecordingError, SimulationIdentity, SpikeBounds, StoredNetwork, count_spikes,
    mean_hz, population_rows, write_rates, write_whole,
};
use std::path::Path;

/// The manifest of the run in `folder`, where there is one that counts.
pub(super) fn found(
    folder: &Path,
    identity: &SimulationIdentity,
    output: &Output,
) -> Result<Option<Manifest>, RunError> {
    if output.force || !folder.exists() {
        return Ok(None);
    }
    let manifest = Manifest::read(folder)?;
    let (told, hash) = (&manifest.simulation_hash, identity.hash());
    if manifest.imported.is_some() || *told != hash {
        let reason = format!("it holds the run {told}, and its place is that of {hash}");
        return Err(RecordingError::malformed(folder, reason).into());
    }
    Ok(Some(manifest))
}

/// Counts the run's spikes from the configured start of statistics on, which does not belong to its
/// hash, and writes its rates and configuration anew where that start or the analysis has changed.
/// Returns the mean rate.
pub(super) fn refresh_statistics(
    folder: &Path,
    config: &Config,
    stored: &StoredNetwork,
) -> Result<Option<f64>, RunError> {
    let mut counter = RateCounter::new(stored.network.first_neurons(), &config.simulation);
    let bounds =
        SpikeBounds { n_neurons: stored.network.n_neurons() as u32, n_steps: config.simulation.n_steps() };
    count_spikes(folder, bounds, &mut counter)?;
    let rates_hz = counter.rates_hz();
    let config_path = folder.join("config.ron");
    let mut recorded = config::load(&config_path, &[])?;
    let statistics_from_ms = config.simulation.statistics_from_ms;
    if recorded.simulation.statistics_from_ms != statistics_from_ms || recorded.analysis != config.analysis {
        recorded.simulation.statistics_from_ms = statistics_from_ms;
        recorded.analysis = config.analysis.clone();
        let rows = population_rows(&stored.network);
        write_rates(&folder.join("rates.csv"), &rows, &rates_hz, &stored.with_dc.rates_hz)?;
        write_whole(&config_path, config::to_ron(&recorded).as_bytes())?;
    }
    Ok(mean_hz(rates_hz))
}
