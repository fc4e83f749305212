//! The section of the analysis: what statistics of a run are computed from.

use crate::model::anatomy::{AREAS, area_meant};
use crate::rules::Check;
use serde::{Deserialize, Serialize};

/// Fewest spikes from which CV and LvR follow: two intervals need three.
const FEWEST_SPIKES: u32 = 3;
/// Areas of the published rasters (Pronold et al. 2024).
const PUBLISHED_AREAS: [&str; 3] = ["caudalanteriorcingulate", "fusiform", "pericalcarine"];

/// Statistics of a run; nothing here changes a spike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnalysisOptions {
    /// Statistics leave out what comes before, ms; `None` takes `simulation.statistics_from_ms`.
    pub from_ms: Option<f64>,
    /// Bins of instantaneous rates, currents and correlation, ms; whole steps (Pronold: 1).
    pub bin_ms: f64,
    /// Fewest spikes of a neuron that has a CV and an LvR (Pronold: 10).
    pub min_spikes: u32,
    /// The mean correlation is of that many neurons of a population, the first whose count changes
    /// (Pronold: 2000).
    pub correlation_neurons: u32,
    /// Distributions of correlation coefficients are over the pairs of that many (assumption: 100).
    pub pair_neurons: u32,
    /// Kernel that makes synaptic input currents from rates.
    pub current_kernel: CurrentKernel,
    /// Length of the Hann windows of power spectra, which overlap by half, ms; rounded to whole bins
    /// (assumption: 512).
    pub welch_window_ms: f64,
    /// Resolution of communities: above 1 they are smaller (Louvain's own: 1).
    pub louvain_resolution: f64,
    /// Seed of the order in which communities are searched (Pronold's notebook: 2903).
    pub louvain_seed: u64,
    /// Comparison with measured spike trains leaves out what comes before, ms (Pronold: 2500).
    pub experiment_from_ms: f64,
    /// Areas whose spikes are kept for rasters; those that are not simulated are left out, and where
    /// none is, the first three stand in (three areas of the published figures).
    pub raster_areas: Vec<String>,
    /// Start of the rasters, ms (Pronold: 500). Those of a run that ends before are of the whole run.
    pub raster_from_ms: f64,
    /// End of the rasters, ms (Pronold: 750).
    pub raster_to_ms: f64,
    /// Most neurons of an area in its raster, evenly spread over each of its populations, of which every one has
    /// at least one (assumption: 1000).
    pub raster_neurons: u32,
    /// Fraction of the neurons of an area in its raster; takes the place of `raster_neurons`, `None` leaves it to that.
    pub raster_fraction: Option<f64>,
    /// Areas whose rates over time are drawn as lines; chosen as those of rasters are (three areas of the published
    /// figures).
    pub trace_areas: Vec<String>,
    /// Time before a stimulus that its response is compared with, at most, ms (assumption: 200). Of pulses it is what is
    /// left of a period after the response.
    pub response_baseline_ms: f64,
    /// Time after the onset of a stimulus in which a response is looked for, ms (assumption: 200); of pulses at most
    /// three quarters of a period.
    pub response_ms: f64,
    /// Probability that a population without a response has a latency (assumption: 0.01).
    pub response_alpha: f64,
}

/// Kernel that makes synaptic input currents from rates: exp(−t/τ_syn) over 10 τ_syn, normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CurrentKernel {
    /// Sampled once a bin.
    Sampled,
    /// As published with the model: samples of 0.1 ms laid on the bins, one bin late. The currents are
    /// those of a τ_syn ten times as long; kept to compare with published figures.
    Published,
}

impl Default for AnalysisOptions {
    fn default() -> Self {
        Self {
            from_ms: None,
            bin_ms: 1.0,
            min_spikes: 10,
            correlation_neurons: 2000,
            pair_neurons: 100,
            current_kernel: CurrentKernel::Sampled,
            welch_window_ms: 512.0,
            louvain_resolution: 1.0,
            louvain_seed: 2903,
            experiment_from_ms: 2500.0,
            raster_areas: PUBLISHED_AREAS.map(str::to_owned).into(),
            raster_from_ms: 500.0,
            raster_to_ms: 750.0,
            raster_neurons: 1000,
            raster_fraction: None,
            trace_areas: PUBLISHED_AREAS.map(str::to_owned).into(),
            response_baseline_ms: 200.0,
            response_ms: 200.0,
            response_alpha: 0.01,
        }
    }
}

impl AnalysisOptions {
    /// Start and end of the rasters of a run that ends at `end_ms`, ms.
    pub fn raster_times_ms(&self, end_ms: f64) -> (f64, f64) {
        match self.raster_from_ms < end_ms {
            true => (self.raster_from_ms, self.raster_to_ms.min(end_ms)),
            false => (0.0, end_ms),
        }
    }
}

impl Check {
    pub(super) fn analysis(&mut self, a: &AnalysisOptions, dt_ms: f64) {
        if let Some(from_ms) = a.from_ms {
            self.not_negative("analysis.from_ms", from_ms);
            self.on_grid("analysis.from_ms", from_ms, dt_ms);
        }
        self.above_zero("analysis.bin_ms", a.bin_ms);
        self.at_least_a_step("analysis.bin_ms", a.bin_ms, dt_ms);
        let rule = format!("is fewer than {FEWEST_SPIKES}, from which two intervals follow");
        self.require(a.min_spikes >= FEWEST_SPIKES, "analysis.min_spikes", a.min_spikes, rule, "raise it");
        for (key, n) in [
            ("analysis.correlation_neurons", a.correlation_neurons),
            ("analysis.pair_neurons", a.pair_neurons),
        ] {
            self.require(n >= 2, key, n, "is fewer than the two neurons of a pair", "raise it");
        }
        self.above_zero("analysis.welch_window_ms", a.welch_window_ms);
        let rule = format!("is shorter than two bins of analysis.bin_ms = {}", a.bin_ms);
        let short = a.welch_window_ms < 2.0 * a.bin_ms;
        self.refuse(short, "analysis.welch_window_ms", a.welch_window_ms, rule, "make it longer");
        self.above_zero("analysis.louvain_resolution", a.louvain_resolution);
        for (key, time_ms) in [
            ("analysis.experiment_from_ms", a.experiment_from_ms),
            ("analysis.raster_from_ms", a.raster_from_ms),
        ] {
            self.not_negative(key, time_ms);
            self.on_grid(key, time_ms, dt_ms);
        }
        self.refuse(
            a.raster_to_ms <= a.raster_from_ms,
            "analysis.raster_to_ms",
            a.raster_to_ms,
            format!("is not after analysis.raster_from_ms = {}", a.raster_from_ms),
            "raise it",
        );
        self.finite("analysis.raster_to_ms", a.raster_to_ms);
        self.on_grid("analysis.raster_to_ms", a.raster_to_ms, dt_ms);
        self.at_least_one("analysis.raster_neurons", Some(a.raster_neurons.into()), u32::MAX.into());
        if let Some(fraction) = a.raster_fraction {
            let rule = "must lie above 0 and be at most 1";
            self.like_default(fraction > 0.0 && fraction <= 1.0, "analysis.raster_fraction", fraction, rule);
        }
        for (key, time_ms) in [
            ("analysis.response_baseline_ms", a.response_baseline_ms),
            ("analysis.response_ms", a.response_ms),
        ] {
            self.above_zero(key, time_ms);
            self.on_grid(key, time_ms, dt_ms);
        }
        let (key, alpha) = ("analysis.response_alpha", a.response_alpha);
        self.like_default(alpha > 0.0 && alpha < 1.0, key, alpha, "must lie between 0 and 1");
        for (key, areas) in
            [("analysis.raster_areas", &a.raster_areas), ("analysis.trace_areas", &a.trace_areas)]
        {
            self.named_once(key, areas);
            for name in areas.iter().filter(|name| !AREAS.contains(&name.as_str())) {
                let remedy = format!("the nearest known one is `{}`", area_meant(name));
                self.require(false, key, format!("{name:?}"), "is no area", remedy);
            }
        }
    }
}
