//! Many runs of one configuration.

use crate::errors::OrRaise;
use crate::figure::Figure;
use crate::work::work;
use humam_gpu::analysis::QUANTITIES;
use humam_gpu::output::figures::Rendered;
use humam_gpu::run::Output;
use humam_gpu::run::sweep::{self, Definition, Point, Status, Sweep, SweepAxis};
use pyo3::prelude::*;
use std::path::PathBuf;

/// A point: the values of its keys; `done`, `failed` or `open`; the folder of its run; the numbers that sum it up; why
/// it failed.
type Row = (Vec<String>, &'static str, Option<PathBuf>, Vec<Option<f64>>, String);
/// The folder of a sweep, the keys that vary, names of the numbers that sum runs up, its points, and its figure.
type Swept = (PathBuf, Vec<String>, Vec<&'static str>, Vec<Row>, Option<Figure>);

/// Makes every combination of values: of each axis its keys, and the values of these at each step along it, as files
/// write them.
#[pyfunction]
pub fn run_sweep(
    py: Python<'_>,
    config: PathBuf,
    axes: Vec<(Vec<String>, Vec<Vec<String>>)>,
    seeds: u32,
    folder: PathBuf,
    force: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Swept> {
    let axis = |(keys, values)| SweepAxis { keys, values, origin: "vary".to_owned() };
    let axes = axes.into_iter().map(axis).collect();
    let definition = Definition { name: None, config, set: Vec::new(), axes, seeds, published: None };
    work(py, progress.as_ref(), move |progress| {
        let sweep = Sweep::new(definition).or_raise()?;
        let report = sweep::run(&sweep, &Output { folder: folder.clone(), force }, progress).or_raise()?;
        let figure = sweep::figure(&sweep, &report).or_raise()?;
        let figure = figure.map(|figure| Rendered::new(figure).or_raise().map(Figure)).transpose()?;
        let points = sweep.points.iter().zip(report.points);
        let rows = points.map(|(point, status)| row(point, status, &folder)).collect();
        Ok((report.folder.path(), sweep.columns, QUANTITIES.to_vec(), rows, figure))
    })
}

fn row(point: &Point, status: Status, folder: &std::path::Path) -> Row {
    let values = point.values.clone();
    let none = || vec![None; QUANTITIES.len()];
    match status {
        Status::Open => (values, "open", None, none(), String::new()),
        Status::Failed { reason } => (values, "failed", None, none(), reason),
        Status::Done { run, key_figures, .. } => {
            (values, "done", Some(folder.join(run)), key_figures, String::new())
        }
    }
}
