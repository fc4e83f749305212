//! Run folder → statistics.
//!
//! [`analyse`] reads a saved run, without an engine, and gives an [`Analysis`]: everything that figures
//! and reports are made from. Spikes stream by twice and are never held; what is kept of each neuron is
//! 48 bytes and what follows from them.
//!
//! 1. [`RunFolder::open`]: files that are there and belong together.
//! 2. [`spike_statistics`]: rate, CV, LvR and correlation of populations; counts in bins.
//! 3. Populations gathered to areas; [`synaptic_currents`] and functional connectivity;
//!    [`bold()`]; [`spectra()`]; [`Lfp`]; [`communities`]; [`Experiment`]; [`Response`] to each stimulus.
//!
//! A statistic that does not exist is an [`Absence`], which tells why, never 0. In arrays it is NaN. Of
//! populations whose spikes were not kept there are rates, and counts in bins where these were kept.
//! [`write()`] puts the results into `analysis/` of the run folder; [`mod@compare`] tells whether runs differ by
//! more than their seeds.

mod absence;
mod areas;
mod bold;
mod bootstrap;
pub mod compare;
mod correlation;
mod currents;
mod distance;
mod error;
mod experiment;
mod lfp;
mod louvain;
mod memory;
mod potentials;
mod raster;
mod recorded;
mod response;
mod run_folder;
mod similarity;
mod spectra;
mod spike_statistics;
mod spikes;
mod trains;
mod unrecorded;
mod window;
mod write;

pub use absence::{Absence, Known};
pub use areas::{AreaStatistics, InstantaneousRates, mean_over_populations};
pub use bold::{Bold, bold};
pub use bootstrap::Interval;
pub use correlation::{correlation_matrix, pearson};
pub use currents::{SynapticCurrents, synaptic_currents};
pub use distance::{earth_movers_distance, ks_distance, ks_distance_to_quantiles};
pub use error::AnalysisError;
pub use experiment::{ConnectivityComparison, Experiment, SpikingComparison, SpikingSamples};
pub use lfp::Lfp;
pub use louvain::{Communities, communities, louvain, modularity};
pub use potentials::Potentials;
pub use raster::Raster;
pub use recorded::{FOLDER, recorded_key_figures};
pub use response::{Reaction, Response};
pub use run_folder::RunFolder;
pub use similarity::matrix_similarity;
pub use spectra::{Spectra, spectra};
pub use spike_statistics::{
    PopulationSamples, PopulationStatistics, SpikeStatistics, spike_statistics, statistics_of,
};
pub use spikes::{Layout, RecordedSpikes, SpikeSource};
pub use window::Window;
pub use write::{KeyFigure, QUANTITIES, interval, key_figures, write, written};

use areas::{AreaRows, area_rows, area_statistics, chosen_areas};
use bootstrap::Replicates;
use experiment::{MEASURED_AREA, Snippets};
use ndarray::s;
use raster::Rasters;
use unrecorded::{Unrecorded, recorded_rows};

/// Everything that figures and reports of a run are made from.
///
/// Rows of populations are those of [`RunFolder::populations`], rows of areas those of
/// [`Analysis::areas`]; bins are of [`Window::bin_ms`] and start at 0.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// The run: configuration, manifest, network, theory.
    pub run: RunFolder,
    /// Which part of it counts.
    pub window: Window,
    /// Statistics and distributions of populations, and their counts in bins.
    pub spikes: SpikeStatistics,
    /// Statistics of areas, in the order of their first populations.
    pub areas: Vec<AreaStatistics>,
    /// Rates in bins.
    pub rates: InstantaneousRates,
    /// Synaptic input currents and functional connectivity.
    pub currents: SynapticCurrents,
    /// BOLD signals and their correlations.
    pub bold: Bold,
    /// Power spectra of the areas' rates.
    pub spectra: Known<Spectra>,
    /// Proxies of the areas' local field potentials.
    pub lfp: Known<Lfp>,
    /// Communities of functional connectivity.
    pub communities: Known<Communities>,
    /// What is simulated beside what was measured.
    pub experiment: Experiment,
    /// Spikes of a few areas.
    pub rasters: Vec<Raster>,
    /// Areas whose rates are drawn as lines, indices of `areas`.
    pub traces: Vec<usize>,
    /// What follows the stimuli, in their order.
    pub responses: Vec<Response>,
    /// Membrane potentials of a few neurons, voltmeter by voltmeter.
    pub potentials: Vec<Potentials>,
}

/// Analyses a run.
///
/// # Errors
/// Spikes or tables of measurements that cannot be read, and more neurons or bins than memory holds.
pub fn analyse(run: RunFolder) -> Result<Analysis, AnalysisError> {
    let layout = run.layout();
    memory::check(&layout)?;
    let (window, options) = (layout.window, &run.config.analysis);
    let rows = area_rows(&run.populations);
    let recorded = recorded_rows(&rows, &run.recorded);
    let mut rasters = Rasters::new(&recorded, &layout, options);
    let traces = chosen_areas(&rows, &options.trace_areas);
    let is_missing = |(all, kept): &(&AreaRows, &AreaRows)| all.name == MEASURED_AREA && all != kept;
    let mut snippets = match rows.iter().zip(&recorded).find(is_missing) {
        Some(_) => Err(Absence::NotRecorded),
        None => Snippets::new(&rows, &layout, options),
    };
    let mut spikes = spike_statistics(&run.spikes(), &layout, options, &mut |step, neurons| {
        rasters.add_step(step, neurons);
        if let Ok(snippets) = &mut snippets {
            snippets.add_step(step, neurons);
        }
    })?;
    Unrecorded::of(&run, &window)?.put_into(&mut spikes);
    let rates = InstantaneousRates::new(&spikes, &rows, &layout);
    let areas: Vec<Vec<usize>> = rows.iter().map(|area| area.rows.clone()).collect();
    let mut currents = synaptic_currents(
        &run.stored.network,
        &run.populations,
        &areas,
        rates.populations_hz.view(),
        &window,
        options.current_kernel,
    );
    let mut bold = bold(rates.areas_hz.view(), &window);
    let mut spectra = spectra(rates.areas_hz.view(), &window, options.welch_window_ms);
    if spikes.counted.contains(&false) {
        // Every area receives from some population that is not known.
        currents.correlation = Err(Absence::NotRecorded);
        let known = rates.areas_hz.rows().into_iter().filter(|row| row.iter().all(|hz| hz.is_finite()));
        let n_known = known.count();
        if n_known < 2 {
            bold.correlation = Err(Absence::NotRecorded);
        }
        if n_known == 0 {
            spectra = Err(Absence::NotRecorded);
        }
    }
    let lfp = lfp::lfp(&run, &rows, &window, options.welch_window_ms)?;
    let connectivity = &currents.correlation;
    let of_communities = |matrix| communities(matrix, options.louvain_resolution, options.louvain_seed);
    let found = connectivity.as_ref().map_err(Absence::clone).and_then(of_communities);
    let counted = currents.pa_per_s.slice(s![.., window.first_counted_bin()..]);
    let replicates =
        connectivity.as_ref().map_err(Absence::clone).and_then(|_| Replicates::new(counted, &window));
    let responses = response::responses(&run, &window, &rows, &spikes);
    let experiment = experiment::experiment(&run.config, &rows, snippets, connectivity, &replicates)?;
    Ok(Analysis {
        bold,
        spectra,
        lfp,
        communities: found,
        experiment,
        rasters: rasters.finish(),
        traces,
        responses,
        potentials: potentials::potentials(&run)?,
        areas: area_statistics(rows, &layout, &spikes),
        window,
        spikes,
        rates,
        currents,
        run,
    })
}
