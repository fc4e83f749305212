//! Figures.

use crate::errors::exceptions::NoStatistic;
use humam_gpu::output::figures::{self, LeftOut, Rendered, Shown};
use pyo3::prelude::*;

/// A figure as files.
#[pyclass(frozen, module = "humam_gpu._native")]
pub struct Figure(pub Rendered);

impl Figure {
    /// The figure, or `NoStatistic` with the reason why there is none.
    pub fn of(shown: Shown) -> PyResult<Self> {
        shown.map(Self).map_err(|LeftOut { name, reason }| {
            NoStatistic::new_err(format!("there is no figure {name}: {reason}"))
        })
    }
}

#[pymethods]
impl Figure {
    #[getter]
    fn name(&self) -> &'static str {
        self.0.figure.name
    }

    #[getter]
    fn title(&self) -> &str {
        &self.0.figure.title
    }

    #[getter]
    fn subtitle(&self) -> &str {
        &self.0.figure.subtitle
    }

    #[getter]
    fn caption(&self) -> &str {
        &self.0.figure.caption
    }

    /// Where what it shows comes from: `derived`, `predicted`, `simulated`, `measured`.
    #[getter]
    fn origins(&self) -> Vec<&'static str> {
        self.0.figure.origins.iter().map(|origin| origin.name()).collect()
    }

    /// As an SVG document.
    #[getter]
    fn svg(&self) -> &str {
        &self.0.svg
    }

    /// As a PNG file.
    #[getter]
    fn png(&self) -> &[u8] {
        &self.0.png
    }
}

/// Names of all figures of a run.
#[pyfunction]
pub fn figure_names() -> Vec<&'static str> {
    figures::NAMES.to_vec()
}
