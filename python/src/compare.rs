//! Runs beside each other.

use crate::errors::OrRaise;
use crate::figure::Figure;
use crate::work::work;
use humam_gpu::analysis::compare::{Member, compare, comparison_json, load};
use humam_gpu::output::figures::{Rendered, comparison};
use humam_gpu::progress::Stage;
use pyo3::prelude::*;
use std::path::PathBuf;

/// Compares the runs of one side with those of the other, which are folders of runs or of NEST; returns distances, tests
/// and decision in JSON, and their figure.
#[pyfunction]
pub fn compare_runs(
    py: Python<'_>,
    a: Vec<PathBuf>,
    b: Vec<PathBuf>,
    alpha: f64,
    progress: Option<Py<PyAny>>,
) -> PyResult<(String, Figure)> {
    work(py, progress.as_ref(), move |progress| {
        progress.stage(Stage::Analysis);
        let members = load(&[a.as_slice(), &b].concat(), None).or_raise()?;
        let (a, b) = members.split_at(a.len());
        let (a, b): (Vec<&Member>, Vec<&Member>) = (a.iter().collect(), b.iter().collect());
        let compared = [compare(&a, &b, alpha).or_raise()?];
        let figure = Rendered::new(comparison(&compared)).or_raise()?;
        let told = &comparison_json(&compared)[0];
        Ok((told.to_string(), Figure(figure)))
    })
}
