//! Figures → `figures/` of the run folder, complete or not at all.

use super::Shown;
use crate::disk::Place;
use crate::simulation::recording::{PartialFolder, RecordingError, Written, write_whole};
use std::path::{Path, PathBuf};

/// Folder of the figures in that of their run.
pub const FOLDER: &str = "figures";
/// Names of all figures of a run, in the order of the report.
pub const NAMES: [&str; 15] = [
    "neuron_numbers",
    "in_degrees",
    "theory",
    "rates_over_time",
    "population_rates",
    "rasters",
    "membrane_potentials",
    "responses",
    "distributions",
    "functional_connectivity",
    "communities",
    "spectra",
    "lfp",
    "bold_signals",
    "bold_correlation",
];

/// Format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Pixels, two a CSS pixel.
    Png,
    /// Vectors.
    Svg,
}

/// Writes all figures into `figures/` of `run`, in place of those that were there; returns the folder. Files of
/// somebody else in it stay.
///
/// # Errors
/// Files that cannot be written.
pub fn write(shown: &[Shown], run: &Path, formats: &[Format]) -> Result<PathBuf, RecordingError> {
    let target = Place::folder(run).join(FOLDER);
    let partial = PartialFolder::create(&target, written())?;
    for rendered in shown.iter().flatten() {
        let place = partial.place().join(rendered.figure.name);
        for format in formats {
            match format {
                Format::Png => write_whole(place.with_suffix("png"), &rendered.png)?,
                Format::Svg => write_whole(place.with_suffix("svg"), rendered.svg.as_bytes())?,
            }
        }
    }
    partial.commit()?;
    Ok(target.path())
}

/// Files of the figures of a run.
pub fn written() -> Written {
    Written::new(NAMES.iter().flat_map(|name| ["png", "svg"].map(|format| format!("{name}.{format}"))))
}
