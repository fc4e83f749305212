//! Figures → `figures/` of the run folder, complete or not at all.

use super::Shown;
use crate::recording::{PartialFolder, RecordingError, write_whole};
use std::path::{Path, PathBuf};

const FOLDER: &str = "figures";

/// Format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Pixels, two a CSS pixel.
    Png,
    /// Vectors.
    Svg,
}

/// Writes all figures into `figures/` of `run`, in place of what was there; returns the folder.
///
/// # Errors
/// Files that cannot be written.
pub fn write(shown: &[Shown], run: &Path, formats: &[Format]) -> Result<PathBuf, RecordingError> {
    let target = run.join(FOLDER);
    let partial = PartialFolder::create(&target)?;
    for rendered in shown.iter().flatten() {
        let path = partial.path().join(rendered.figure.name);
        for format in formats {
            match format {
                Format::Png => write_whole(&path.with_extension("png"), &rendered.png)?,
                Format::Svg => write_whole(&path.with_extension("svg"), rendered.svg.as_bytes())?,
            }
        }
    }
    partial.commit()?;
    Ok(target)
}
