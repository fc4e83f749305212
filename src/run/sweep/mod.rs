//! Many runs of one configuration: every combination of values, one summary, one figure.
//!
//! ```text
//! out/<name>/sweeps/<sweep>-<hash>/
//!   sweep.ron config.ron            what was swept; `humam-gpu sweep sweep.ron` does it again
//!   summary.csv                     one row a point: values, status, run folder, statistics
//!   sweep.png sweep.svg             statistics over what is varied
//! ```
//! 1. [`Definition`]: a configuration, and axes along which keys take values; a file or options.
//! 2. [`Sweep`]: every point of the grid, with a configuration that is known to be valid.
//! 3. [`run()`](fn@run): finds the points that are there, makes the others side by side, and goes on past those that fail.
//!    The summary is written anew after each, and as runs are found by their hashes, a sweep that was
//!    stopped goes on when it is started again. [`gather`] only finds.
//! 4. [`figure`]: the picture.
//!
//! Runs lie where [`run()`](crate::run::run) puts them; nothing here simulates or computes statistics.
mod axis;
mod definition;
mod error;
mod folder;
mod grid;
mod picture;
mod point;
mod side_by_side;
mod summary;

pub use axis::SweepAxis;
pub use definition::{BUILTIN, Definition, Published};
pub use error::SweepError;
pub use grid::{Point, Sweep};
pub use picture::{figure, write_figure};
pub use summary::Status;

use crate::disk::Place;
use crate::progress::Progress;
use crate::run::Output;
use folder::SweepFolder;
use point::{failed, found};
use std::path::PathBuf;

/// What became of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepReport {
    /// Its folder.
    pub folder: Place,
    /// Its summary.
    pub summary: PathBuf,
    /// What became of each point.
    pub points: Vec<Status>,
}

/// Makes every point of `sweep` that is not there.
///
/// A point that fails is noted with its reason, and the others are made. On the CPU engine and on software adapters points
/// are made side by side, one a thread, as many as the memory holds. A GPU computes several with one engine, as far as
/// their networks go together ([`Ensemble`](crate::engine::fixed_point::Ensemble)).
///
/// # Errors
/// The sweep's own files cannot be written.
pub fn run(sweep: &Sweep, output: &Output, progress: &mut dyn Progress) -> Result<SweepReport, SweepError> {
    let folder = SweepFolder::open(sweep, output)?;
    let mut points: Vec<Status> = sweep
        .points
        .iter()
        .map(|point| found(point, output, true, progress).unwrap_or(Status::Open))
        .collect();
    folder.write_summary(sweep, &points)?;
    side_by_side::make(sweep, output, &mut points, progress, &mut |points| {
        folder.write_summary(sweep, points)
    })?;
    Ok(folder.close(points))
}

/// Sums up the points of `sweep` that are there, whoever made them; makes none.
///
/// # Errors
/// The sweep's own files cannot be written.
pub fn gather(
    sweep: &Sweep,
    output: &Output,
    progress: &mut dyn Progress,
) -> Result<SweepReport, SweepError> {
    let folder = SweepFolder::open(sweep, output)?;
    let of = |point| found(point, output, false, progress).unwrap_or_else(|error| failed(&error, progress));
    let points: Vec<Status> = sweep.points.iter().map(of).collect();
    folder.write_summary(sweep, &points)?;
    Ok(folder.close(points))
}
