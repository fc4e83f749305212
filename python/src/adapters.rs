//! What the machine can compute on.

use humam_gpu::engine::gpu::{self, MESA_ENVIRONMENT};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Every adapter that the GPU engine can use: name, kind, interface, driver, and the largest buffer in bytes.
#[pyfunction]
pub fn adapters(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    let found = py.detach(gpu::adapters);
    let row = |info: gpu::AdapterInfo| {
        let row = PyDict::new(py);
        row.set_item("name", info.name)?;
        row.set_item("kind", info.kind.to_string())?;
        row.set_item("backend", info.backend)?;
        row.set_item("driver", info.driver)?;
        row.set_item("buffer_bytes", info.limits.buffer_bytes)?;
        Ok(row)
    };
    found.into_iter().map(row).collect()
}

/// What the program sets, where it is not set, before it looks for adapters: variables and values.
#[pyfunction]
pub fn mesa_environment() -> Vec<(&'static str, &'static str)> {
    MESA_ENVIRONMENT.to_vec()
}
