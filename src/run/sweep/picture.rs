//! What the figure of a sweep shows.

use super::{Published, Status, Sweep, SweepError, SweepReport};
use crate::analysis::QUANTITIES;
use crate::disk::Place;
use crate::model::anatomy::PublishedChi;
use crate::output::figures::{self, Format, Rendered, SweptAxis, SweptStatistic};
use crate::simulation::recording::write_whole;
use std::path::PathBuf;

/// The key of [`PublishedChi`].
const CHI: &str = "weights.chi";

/// The figure; `None` if more than two axes vary, which no picture shows.
///
/// # Errors
/// A table of published values that cannot be read.
pub fn figure(sweep: &Sweep, report: &SweepReport) -> Result<Option<figures::Figure>, SweepError> {
    let published = published(sweep)?;
    let statistics: Vec<SweptStatistic> = QUANTITIES
        .iter()
        .filter_map(|quantity| statistic(quantity, sweep, &report.points, published.as_ref()))
        .collect();
    let axes: Vec<SweptAxis> = (0..sweep.axes.len()).map(|axis| swept_axis(sweep, axis)).collect();
    Ok(figures::sweep(&sweep.name, sweep.n_seeds, &axes, &statistics))
}

/// Writes the figure into the folder of the sweep; returns its files.
///
/// # Errors
/// Files that cannot be written, or a figure that cannot be drawn.
pub fn write_figure(
    figure: figures::Figure,
    folder: &Place,
    formats: &[Format],
) -> Result<Vec<PathBuf>, SweepError> {
    let Rendered { figure, svg, png, .. } = Rendered::new(figure)?;
    let write = |format: &Format| {
        let (extension, content) = match format {
            Format::Png => ("png", png.as_slice()),
            Format::Svg => ("svg", svg.as_bytes()),
        };
        let place = folder.join(figure.name).with_suffix(extension);
        Ok(write_whole(&place, content).map(|()| place.path())?)
    };
    formats.iter().map(write).collect()
}

/// Published values, where the sweep asks for them and has their axis.
fn published(sweep: &Sweep) -> Result<Option<PublishedChi>, SweepError> {
    let is_chi = |axis: &super::SweepAxis| axis.keys.iter().any(|key| key == CHI);
    match (sweep.published, sweep.axes.as_slice()) {
        (Some(Published::Pronold2024Chi), [axis]) if is_chi(axis) => {
            Ok(Some(PublishedChi::load(&sweep.points[0].config.anatomy)?))
        }
        _ => Ok(None),
    }
}

/// An axis with its values as the points have them.
fn swept_axis(sweep: &Sweep, axis: usize) -> SweptAxis {
    let faster: usize = sweep.axes[axis + 1..].iter().map(|axis| axis.values.len()).product();
    let columns: Vec<usize> = sweep.axes[axis]
        .keys
        .iter()
        .filter_map(|key| sweep.columns.iter().position(|column| column == key))
        .collect();
    let value = |step: usize| {
        let point = &sweep.points[step * faster * sweep.n_seeds];
        columns.iter().map(|&column| point.values[column].clone()).collect()
    };
    let values = (0..sweep.axes[axis].values.len()).map(value).collect();
    SweptAxis { keys: sweep.axes[axis].keys.clone(), values }
}

/// What is drawn of a quantity; nothing of the ends of intervals, as seeds show how it spreads.
fn statistic(
    quantity: &'static str,
    sweep: &Sweep,
    points: &[Status],
    published: Option<&PublishedChi>,
) -> Option<SweptStatistic> {
    let (title, label) = words(quantity)?;
    let of_seeds = |seeds: &[Status]| seeds.iter().filter_map(|status| status.value(quantity)).collect();
    let beside = published.and_then(|published| {
        let values = match quantity {
            "rate_similarity" => &published.rate,
            "cv_similarity" => &published.cv_isi,
            "lvr_similarity" => &published.lvr,
            "fmri_similarity_left" => &published.fmri_left,
            "fmri_similarity_right" => &published.fmri_right,
            _ => return None,
        };
        Some(published.chi.iter().copied().zip(values.iter().copied()).collect())
    });
    Some(SweptStatistic {
        title,
        label,
        cells: points.chunks(sweep.n_seeds).map(of_seeds).collect(),
        published: beside.unwrap_or_default(),
    })
}

fn words(quantity: &str) -> Option<(&'static str, &'static str)> {
    Some(match quantity {
        "mean_rate_hz" => ("Rate", "spikes/s"),
        "mean_cv_isi" => ("CV ISI", "CV"),
        "mean_lvr" => ("LvR", "LvR"),
        "mean_correlation" => ("Correlation", "coefficient"),
        "modularity" => ("Communities", "modularity"),
        "rate_similarity" => ("Rate, experiment", "1 − KS"),
        "cv_similarity" => ("CV, experiment", "1 − KS"),
        "lvr_similarity" => ("LvR, experiment", "1 − KS"),
        "fmri_similarity_left" => ("fMRI, left", "correlation"),
        "fmri_similarity_right" => ("fMRI, right", "correlation"),
        _ => return None,
    })
}
