//! Results → `analysis/` of the run folder, complete or not at all.
//!
//! | file | content |
//! |---|---|
//! | `summary.csv` | means over populations, similarity to experiment with intervals; if a value is absent, why |
//! | `options.json` | what the results were computed with and SHA-256 of their files, by which they are found again |
//! | `arrays.json` | shape, axes, type and unit of every array |
//! | `populations.csv`, `areas.csv` | rate, CV ISI, LvR, correlation; community of each area |
//! | `individual_rates_hz.npy` | rate of every neuron |
//! | `population_rates_hz.npy`, `area_rates_hz.npy` | rates in bins from 0, [row, bin] |
//! | `synaptic_currents_pa_per_s.npy`, `functional_connectivity.csv` | currents [area, bin], correlations |
//! | `bold.npy`, `bold_correlation.csv` | signals [area, bin], correlations |
//! | `responses.csv` | baseline, peak and latency after each stimulus, of populations and areas |
//! | `peri_stimulus_0_areas_hz.npy`, `…_populations_hz.npy` | rates around the onset of each stimulus, [row, bin] |
//! | `spectra.csv` | power spectral density of the areas' rates, (1/s)²/Hz |
//! | `lfp_proxy.npy`, `lfp_time_ms.npy` | proxies of the local field potentials [area, sample], if there are any |
//! | `lfp_spectra.csv` | power spectral density of these, 1/Hz |
//!
//! An absent value is an empty cell, in arrays NaN.

use super::recorded::{FOLDER, OPTIONS_FILE, SUMMARY_FILE, options};
use super::{Absence, Analysis, AnalysisError, Interval, Known, Spectra, mean_over_populations};
use crate::disk::Place;
use crate::simulation::recording::{
    ARRAYS_FILE, Arrays, Content, NpyWriter, PartialFolder, RecordingError, Written, write_csv, write_whole,
};
use ndarray::Array2;
use std::path::PathBuf;

const STATISTICS: [&str; 4] = ["rate_hz", "cv_isi", "lvr", "correlation"];

/// What sums a run up, in the order of [`key_figures`].
pub const QUANTITIES: [&str; 14] = [
    "mean_rate_hz",
    "mean_cv_isi",
    "mean_lvr",
    "mean_correlation",
    "modularity",
    "rate_similarity",
    "cv_similarity",
    "lvr_similarity",
    "fmri_similarity_left",
    "fmri_similarity_left_low",
    "fmri_similarity_left_high",
    "fmri_similarity_right",
    "fmri_similarity_right_low",
    "fmri_similarity_right_high",
];

/// A number that sums a run up.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyFigure {
    /// What it is.
    pub quantity: &'static str,
    /// Its value, or why there is none.
    pub value: Known<f64>,
}

/// Means over populations, modularity of communities, similarity to experiment with its intervals.
pub fn key_figures(analysis: &Analysis) -> Vec<KeyFigure> {
    let populations = || analysis.spikes.populations.iter();
    // If no population has the statistic, the reason is that of the first.
    let mean = |of: &dyn Fn(usize) -> Known<f64>| {
        let n = populations().len();
        mean_over_populations((0..n).map(of)).map_or_else(|| of(0), Ok)
    };
    let found = &analysis.spikes.populations;
    let spiking = |of: &dyn Fn(&super::SpikingComparison) -> Known<f64>| match &analysis.experiment.spiking {
        Ok(comparison) => of(comparison),
        Err(absence) => Err(absence.clone()),
    };
    let hemispheres = &analysis.experiment.functional_connectivity;
    let hemisphere = |index: usize| hemispheres.as_ref().map(|found| &found[index]).map_err(Absence::clone);
    let similarity = |index| hemisphere(index).and_then(|found| found.similarity.clone());
    let interval = |index| hemisphere(index).and_then(|found| found.interval.clone());
    let values: [Known<f64>; QUANTITIES.len()] = [
        mean(&|row| found[row].rate_hz.clone()),
        mean(&|row| found[row].cv_isi.clone()),
        mean(&|row| found[row].lvr.clone()),
        mean(&|row| found[row].correlation.clone()),
        analysis.communities.as_ref().map(|found| found.modularity).map_err(Clone::clone),
        spiking(&|found| found.rate_similarity.clone()),
        spiking(&|found| found.cv_similarity.clone()),
        spiking(&|found| found.lvr_similarity.clone()),
        similarity(0),
        interval(0).map(|interval| interval.low),
        interval(0).map(|interval| interval.high),
        similarity(1),
        interval(1).map(|interval| interval.low),
        interval(1).map(|interval| interval.high),
    ];
    QUANTITIES.into_iter().zip(values).map(|(quantity, value)| KeyFigure { quantity, value }).collect()
}

/// The 95 % confidence interval of a quantity, where it has one.
pub fn interval(figures: &[KeyFigure], quantity: &str) -> Option<Interval> {
    let end = |end| figures.iter().find(|figure| figure.quantity.strip_prefix(quantity) == Some(end));
    let value = |figure: &KeyFigure| figure.value.as_ref().ok().copied();
    Some(Interval { low: value(end("_low")?)?, high: value(end("_high")?)? })
}

/// Writes all results into `analysis/` of the run folder, in place of those that were there; returns the
/// folder. Files of somebody else in it stay.
///
/// # Errors
/// Files that cannot be written.
pub fn write(analysis: &Analysis) -> Result<PathBuf, AnalysisError> {
    let target = Place::folder(&analysis.run.path).join(FOLDER);
    let partial = PartialFolder::create(&target, written())?;
    let folder = partial.place();
    write_summary(analysis, &folder.join(SUMMARY_FILE))?;
    write_populations(analysis, &folder.join("populations.csv"))?;
    write_areas(analysis, &folder.join("areas.csv"))?;
    let mut file = NpyWriter::<f64>::create(folder.join("individual_rates_hz.npy"), None)?;
    for row in 0..analysis.run.populations.len() {
        file.extend(&individual_rates(analysis, row))?;
    }
    file.finish()?;
    write_rows(&folder.join("population_rates_hz.npy"), &analysis.rates.populations_hz)?;
    write_rows(&folder.join("area_rates_hz.npy"), &analysis.rates.areas_hz)?;
    write_rows(&folder.join("synaptic_currents_pa_per_s.npy"), &analysis.currents.pa_per_s)?;
    write_rows(&folder.join("bold.npy"), &analysis.bold.signal)?;
    write_matrix(analysis, &folder.join("functional_connectivity.csv"), &analysis.currents.correlation)?;
    write_matrix(analysis, &folder.join("bold_correlation.csv"), &analysis.bold.correlation)?;
    write_spectra(analysis, &folder.join("spectra.csv"), analysis.spectra.as_ref().ok())?;
    write_responses(analysis, &folder.join("responses.csv"))?;
    write_histograms(analysis, folder)?;
    write_lfp(analysis, folder)?;
    write_whole(folder.join(ARRAYS_FILE), Arrays::of_folder(&folder.path())?.text().as_bytes())?;
    let options = options(&analysis.run.config, &Content::of_folder(&folder.path())?);
    write_whole(folder.join(OPTIONS_FILE), options.as_bytes())?;
    partial.commit()?;
    Ok(target.path())
}

/// Files of an analysis.
pub fn written() -> Written {
    Written::new([
        SUMMARY_FILE,
        OPTIONS_FILE,
        ARRAYS_FILE,
        "populations.csv",
        "areas.csv",
        "individual_rates_hz.npy",
        "population_rates_hz.npy",
        "area_rates_hz.npy",
        "synaptic_currents_pa_per_s.npy",
        "bold.npy",
        "functional_connectivity.csv",
        "bold_correlation.csv",
        "spectra.csv",
        "lfp_proxy.npy",
        "lfp_time_ms.npy",
        "lfp_spectra.csv",
        "responses.csv",
        "peri_stimulus_*_areas_hz.npy",
        "peri_stimulus_*_populations_hz.npy",
    ])
}

/// Rate of every neuron of a population; NaN if its spikes were not kept.
fn individual_rates(analysis: &Analysis, row: usize) -> Vec<f64> {
    match analysis.run.recorded[row] {
        true => analysis.spikes.samples[row].rate_hz.clone(),
        false => vec![f64::NAN; analysis.run.populations[row].neurons as usize],
    }
}

/// The shortest text that reads back as the same number; empty if there is none.
pub(super) fn cell(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or_else(String::new, |value| value.to_string())
}

fn known(value: &Known<f64>) -> String {
    cell(value.as_ref().ok().copied())
}

fn write_summary(analysis: &Analysis, place: &Place) -> Result<(), RecordingError> {
    let row = |figure: KeyFigure| {
        let why = figure.value.as_ref().err().map_or_else(String::new, ToString::to_string);
        vec![figure.quantity.to_owned(), known(&figure.value), why]
    };
    let rows = key_figures(analysis).into_iter().map(row);
    write_csv(place, &["quantity", "value", "absent_because"], rows)
}

fn write_populations(analysis: &Analysis, place: &Place) -> Result<(), RecordingError> {
    let columns = [&["area", "layer", "population", "neurons"][..], &STATISTICS].concat();
    let rows = analysis.run.populations.iter().zip(&analysis.spikes.populations).map(|(row, found)| {
        let names = [&row.area, &row.layer, &row.population].map(Clone::clone);
        let values = [&found.rate_hz, &found.cv_isi, &found.lvr, &found.correlation].map(known);
        [&names[..], &[row.neurons.to_string()], &values].concat()
    });
    write_csv(place, &columns, rows)
}

fn write_areas(analysis: &Analysis, place: &Place) -> Result<(), RecordingError> {
    let columns = [&["area", "neurons"][..], &STATISTICS, &["community"]].concat();
    let community = |area: usize| match &analysis.communities {
        Ok(communities) => communities.of_area[area].to_string(),
        Err(_) => String::new(),
    };
    let rows = analysis.areas.iter().enumerate().map(|(index, area)| {
        let values = [&area.rate_hz, &area.cv_isi, &area.lvr, &area.correlation].map(known);
        [&[area.name.clone(), area.neurons.to_string()][..], &values, &[community(index)]].concat()
    });
    write_csv(place, &columns, rows)
}

/// A matrix between areas; without rows where it is absent.
fn write_matrix(
    analysis: &Analysis,
    place: &Place,
    matrix: &Known<ndarray::Array2<f64>>,
) -> Result<(), RecordingError> {
    let names: Vec<&str> = analysis.areas.iter().map(|area| area.name.as_str()).collect();
    let rows = matrix.iter().flat_map(|matrix| {
        let row = |(name, row): (&&str, ndarray::ArrayView1<'_, f64>)| {
            std::iter::once((*name).to_owned()).chain(row.iter().map(|&r| cell(Some(r)))).collect()
        };
        names.iter().zip(matrix.rows()).map(row).collect::<Vec<Vec<String>>>()
    });
    write_csv(place, &[&["area"], names.as_slice()].concat(), rows)
}

fn write_lfp(analysis: &Analysis, folder: &Place) -> Result<(), RecordingError> {
    if let Ok(lfp) = &analysis.lfp {
        write_rows(&folder.join("lfp_proxy.npy"), &lfp.proxy)?;
        let mut times = NpyWriter::<f64>::create(folder.join("lfp_time_ms.npy"), None)?;
        times.extend(&lfp.time_ms)?;
        times.finish()?;
    }
    let spectra = analysis.lfp.as_ref().ok().and_then(|lfp| lfp.spectra.as_ref().ok());
    write_spectra(analysis, &folder.join("lfp_spectra.csv"), spectra)
}

/// Densities of all areas, without rows where there are none.
fn write_spectra(
    analysis: &Analysis,
    place: &Place,
    spectra: Option<&Spectra>,
) -> Result<(), RecordingError> {
    let names: Vec<&str> = analysis.areas.iter().map(|area| area.name.as_str()).collect();
    let rows = spectra.into_iter().flat_map(|spectra| {
        let row = |(frequency_hz, density): (&f64, ndarray::ArrayView1<'_, f64>)| {
            let values = std::iter::once(frequency_hz).chain(density);
            values.map(|&value| cell(Some(value))).collect()
        };
        spectra.frequency_hz.iter().zip(spectra.density.columns()).map(row).collect::<Vec<Vec<String>>>()
    });
    write_csv(place, &[&["frequency_hz"], names.as_slice()].concat(), rows)
}

/// What areas do after each stimulus, and populations; of an area, layer and population are empty, and a population has no
/// mean delay.
fn write_responses(analysis: &Analysis, place: &Place) -> Result<(), RecordingError> {
    let columns = [
        "stimulus",
        "onset_ms",
        "trials",
        "area",
        "layer",
        "population",
        "baseline_hz",
        "peak_hz",
        "peak_ms",
        "latency_ms",
        "delay_ms",
        "absent_because",
    ];
    let rows = analysis.responses.iter().flat_map(|response| {
        let areas = analysis.areas.iter().map(|area| [area.name.clone(), String::new(), String::new()]);
        let populations = analysis.run.populations.iter();
        let populations = populations.map(|row| [&row.area, &row.layer, &row.population].map(Clone::clone));
        let of_areas = areas.zip(&response.areas).zip(response.delays_ms.iter().copied());
        let of_populations = populations.zip(&response.populations).zip(std::iter::repeat(None));
        of_areas.chain(of_populations).map(|((names, reaction), delay_ms)| {
            let trials = [cell(response.onsets_ms.first().copied()), response.onsets_ms.len().to_string()];
            let peak = reaction.peak.as_ref().ok();
            let values = [
                known(&reaction.baseline_hz),
                cell(peak.map(|peak| peak.0)),
                cell(peak.map(|peak| peak.1)),
                known(&reaction.latency_ms),
                cell(delay_ms),
            ];
            let why = reaction.latency_ms.as_ref().err().map_or_else(String::new, ToString::to_string);
            [&[response.stimulus.clone()][..], &trials, &names, &values, &[why]].concat()
        })
    });
    write_csv(place, &columns, rows)
}

/// Peri-stimulus time histograms, a file for the areas and one for the populations of each stimulus.
fn write_histograms(analysis: &Analysis, folder: &Place) -> Result<(), RecordingError> {
    for (index, response) in analysis.responses.iter().enumerate() {
        let place = |of: &str| folder.join(format!("peri_stimulus_{index}_{of}_hz.npy"));
        write_rows(&place("areas"), &response.areas_hz)?;
        write_rows(&place("populations"), &response.populations_hz)?;
    }
    Ok(())
}

/// An array of f64, row by row.
fn write_rows(place: &Place, array: &Array2<f64>) -> Result<(), RecordingError> {
    let mut file = NpyWriter::<f64>::create(place, Some(array.ncols() as u64))?;
    array.rows().into_iter().try_for_each(|row| file.extend(&row.to_vec()))?;
    file.finish().map(|_| ())
}
