//! Arrays of the library as arrays of NumPy, which own them: nothing is copied where it is not asked for.

use humam_gpu::analysis::Known;
use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2};
use pyo3::prelude::*;

/// Numbers one after the other.
pub type Numbers<'py> = Bound<'py, PyArray1<f64>>;
/// A matrix.
pub type Matrix<'py> = Bound<'py, PyArray2<f64>>;

/// Values, NaN for those that do not exist.
pub fn known<'py>(py: Python<'py>, values: impl Iterator<Item = Known<f64>>) -> Numbers<'py> {
    values.map(|value| value.unwrap_or(f64::NAN)).collect::<Vec<_>>().into_pyarray(py)
}

/// A copy of numbers.
pub fn numbers<'py>(py: Python<'py>, values: &[f64]) -> Numbers<'py> {
    PyArray1::from_slice(py, values)
}

/// A copy of a matrix.
pub fn matrix<'py>(py: Python<'py>, values: &Array2<f64>) -> Matrix<'py> {
    values.clone().into_pyarray(py)
}
