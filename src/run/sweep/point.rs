//! What becomes of a point: its run, found or made, and what the summary tells of it.

use super::error::PointError;
use super::{Point, Status};
use crate::analysis::{self, AnalysisError, RunFolder};
use crate::config::Config;
use crate::engine::assembly::ChosenEngine;
use crate::progress::{Progress, Stage};
use crate::run::{self, Outcome, Output, RunReport};

/// A point whose run is there; with `by_engine`, made by an engine that the configuration asks for.
pub(super) fn found(
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

/// The statistics of a run that is on disk.
pub(super) fn done(
    report: RunReport,
    config: &Config,
    output: &Output,
    progress: &mut dyn Progress,
) -> Result<Status, PointError> {
    let (folder, outcome) = (report.folder.clone(), report.outcome);
    let key_figures = key_figures(report, config, progress)
        .map_err(|source| PointError::Analysis { run: folder.clone(), source })?;
    let run = folder.strip_prefix(&output.folder).unwrap_or(&folder).to_path_buf();
    Ok(Status::Done { run, is_made: outcome != Outcome::Reused, key_figures })
}

/// Key figures of a run: those that are recorded, or else its analysis is made.
fn key_figures(
    report: RunReport,
    config: &Config,
    progress: &mut dyn Progress,
) -> Result<Vec<Option<f64>>, AnalysisError> {
    if let Some(recorded) = analysis::recorded_key_figures(&report.folder, config) {
        return Ok(recorded);
    }
    progress.stage(Stage::Analysis);
    let run = match report.outcome {
        Outcome::Made => RunFolder::made(&report.folder, report.manifest, report.network.stored)?,
        Outcome::Reused | Outcome::Confirmed => RunFolder::open(&report.folder, &[])?,
    };
    let analysis = analysis::analyse(run)?;
    analysis::write(&analysis)?;
    let value = |figure: analysis::KeyFigure| figure.value.ok().filter(|value| value.is_finite());
    Ok(analysis::key_figures(&analysis).into_iter().map(value).collect())
}

pub(super) fn failed(error: &PointError, progress: &mut dyn Progress) -> Status {
    let reason = error.to_string().replace('\n', "; ");
    progress.failed(&reason);
    Status::Failed { reason }
}
