//! Runs beside the measurements that come with the program.

use crate::analysis::{AnalysisError, KeyFigure, RunFolder, analyse, key_figures};
use std::path::PathBuf;

/// Similarities of one run to what was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct ExperimentRow {
    /// The run.
    pub name: String,
    /// 1 − KS distances of spike trains, similarities of functional connectivity and their intervals.
    pub similarities: Vec<KeyFigure>,
}

/// Similarities of each run to what was measured. There are no seeds of an experiment, and so there is
/// no decision.
///
/// # Errors
/// Runs that cannot be analysed.
pub fn compare_with_experiment(runs: &[PathBuf]) -> Result<Vec<ExperimentRow>, AnalysisError> {
    let row = |path: &PathBuf| {
        let analysis = analyse(RunFolder::open(path, &[])?)?;
        let mut similarities = key_figures(&analysis);
        similarities.retain(|figure| figure.quantity.contains("similarity"));
        Ok(ExperimentRow { name: path.display().to_string(), similarities })
    };
    runs.iter().map(row).collect()
}
