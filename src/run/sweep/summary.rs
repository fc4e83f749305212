//! The summary: one row a point.
//!
//! | column | content |
//! |---|---|
//! | `point` | number, from 1 |
//! | a key each | its value; the last one is `simulation.seed` if that is no axis |
//! | `status` | `done`, `failed`, or `open` if the sweep has not come to it |
//! | `run` | run folder, below the folder of all runs |
//! | [`QUANTITIES`] | as in `analysis/summary.csv` of the run; empty if absent |
//! | `reason` | why it failed |
//!
//! It is the same whether points were made, found, or made by several calls.

use super::Sweep;
use crate::analysis::QUANTITIES;
use crate::disk::Place;
use crate::simulation::recording::{RecordingError, write_csv};
use std::path::PathBuf;

/// What became of a point.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// It was not looked at yet, or is not there.
    Open,
    /// Its run is on disk.
    Done {
        /// Run folder, below the folder of all runs.
        run: PathBuf,
        /// Whether it was made now.
        is_made: bool,
        /// [`QUANTITIES`]; `None` if absent.
        key_figures: Vec<Option<f64>>,
    },
    /// There is no run, or it could not be analysed.
    Failed {
        /// Why.
        reason: String,
    },
}

impl Status {
    /// The value of one of [`QUANTITIES`], if there is one.
    pub fn value(&self, quantity: &str) -> Option<f64> {
        let at = QUANTITIES.iter().position(|name| *name == quantity)?;
        match self {
            Self::Done { key_figures, .. } => key_figures.get(at).copied().flatten(),
            _ => None,
        }
    }
}

pub(super) fn write(place: &Place, sweep: &Sweep, points: &[Status]) -> Result<(), RecordingError> {
    let keys = sweep.columns.iter().map(String::as_str);
    let columns: Vec<&str> = ["point"]
        .into_iter()
        .chain(keys)
        .chain(["status", "run"])
        .chain(QUANTITIES)
        .chain(["reason"])
        .collect();
    let row = |(index, (point, status)): (usize, (&super::Point, &Status))| {
        let (word, run, reason) = match status {
            Status::Open => ("open", String::new(), ""),
            Status::Done { run, .. } => ("done", run.to_string_lossy().replace('\\', "/"), ""),
            Status::Failed { reason } => ("failed", String::new(), reason.as_str()),
        };
        let figure = |quantity| status.value(quantity).map_or_else(String::new, |value| value.to_string());
        let mut cells = vec![(index + 1).to_string()];
        cells.extend(point.values.iter().cloned());
        cells.extend([word.to_owned(), run]);
        cells.extend(QUANTITIES.map(figure));
        cells.push(reason.to_owned());
        cells
    };
    write_csv(place, &columns, sweep.points.iter().zip(points).enumerate().map(row))
}
