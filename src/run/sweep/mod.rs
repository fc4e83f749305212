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
//! 3. [`run()`](fn@run): finds the points that are there, makes the others, and goes on past those that fail.
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
mod summary;

pub use axis::SweepAxis;
pub use definition::{BUILTIN, Definition, Published};
pub use error::SweepError;
pub use grid::{Point, Sweep};
pub use picture::{figure, write_figure};
pub use summary::Status;

use crate::analysis::{self, AnalysisError, RunFolder};
use crate::config::Config;
use crate::disk::Place;
use crate::engine::assembly::ChosenEngine;
use crate::progress::{Progress, Stage};
use crate::run::{self, Outcome, Output, RunReport};
use error::PointError;
use folder::SweepFolder;
use std::path::{Path, PathBuf};

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
/// A point that fails is noted with its reason, and the others are made.
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
    for (index, point) in sweep.points.iter().enumerate() {
        if points[index] != Status::Open {
            continue;
        }
        progress.point(index + 1, sweep.points.len(), &point.name);
        points[index] = made(point, output, progress).unwrap_or_else(|error| failed(&error, progress));
        folder.write_summary(sweep, &points)?;
    }
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

/// A point whose run is there; with `by_engine`, made by an engine that the configuration asks for.
fn found(
    point: &Point,
    output: &Output,
    by_engine: bool,
    progress: &mut dyn Progress,
) -> Result<Status, PointError> {
    let counts = |report: &RunReport| {
        let engine = &point.config.engine;
        let mut makings = report.manifest.makings();
        !by_engine || makings.any(|making| ChosenEngine::is_satisfied_by(engine, &making.description))
    };
    match run::find(&point.config, output)?.filter(counts) {
        Some(report) => done(report, &point.config, output, progress),
        None => Ok(Status::Open),
    }
}

fn made(point: &Point, output: &Output, progress: &mut dyn Progress) -> Result<Status, PointError> {
    done(run::run(&point.config, output, progress)?, &point.config, output, progress)
}

/// The statistics of a run that is on disk.
fn done(
    report: RunReport,
    config: &Config,
    output: &Output,
    progress: &mut dyn Progress,
) -> Result<Status, PointError> {
    let key_figures = key_figures(&report.folder, config, progress)
        .map_err(|source| PointError::Analysis { run: report.folder.clone(), source })?;
    let run = report.folder.strip_prefix(&output.folder).unwrap_or(&report.folder).to_path_buf();
    Ok(Status::Done { run, is_made: report.outcome != Outcome::Reused, key_figures })
}

/// Key figures of a run: those that are recorded, or else its analysis is made.
fn key_figures(
    run: &Path,
    config: &Config,
    progress: &mut dyn Progress,
) -> Result<Vec<Option<f64>>, AnalysisError> {
    if let Some(recorded) = analysis::recorded_key_figures(run, config) {
        return Ok(recorded);
    }
    progress.stage(Stage::Analysis);
    let analysis = analysis::analyse(RunFolder::open(run, &[])?)?;
    analysis::write(&analysis)?;
    let value = |figure: analysis::KeyFigure| figure.value.ok().filter(|value| value.is_finite());
    Ok(analysis::key_figures(&analysis).into_iter().map(value).collect())
}

fn failed(error: &PointError, progress: &mut dyn Progress) -> Status {
    let reason = error.to_string().replace('\n', "; ");
    progress.failed(&reason);
    Status::Failed { reason }
}
