//! How alike two matrices of areas are.

use super::correlation::pearson;
use super::{Absence, Known};
use ndarray::Array2;

/// Fewest pairs of areas of which matrices can correlate.
const FEWEST_PAIRS: usize = 3;

/// Pearson correlation of what stands below the diagonals of two matrices, where both have a value.
///
/// # Errors
/// Fewer than three pairs of areas, or a matrix that does not vary.
pub fn matrix_similarity(a: &Array2<f64>, b: &Array2<f64>) -> Known<f64> {
    let (a, b) = below_diagonals(a, b);
    similarity(&a, &b)
}

/// The same of what [`below_diagonals`] gives.
pub(super) fn similarity(a: &[f64], b: &[f64]) -> Known<f64> {
    let similarity = (a.len() >= FEWEST_PAIRS).then(|| pearson(a, b)).flatten();
    similarity.ok_or(Absence::TooFewPairsOfAreas)
}

/// What stands below the diagonals of two matrices, where both have a value.
pub(super) fn below_diagonals(a: &Array2<f64>, b: &Array2<f64>) -> (Vec<f64>, Vec<f64>) {
    let below = |(row, column): (usize, usize)| (a.get((row, column)), b.get((row, column)));
    let pairs = (0..a.nrows()).flat_map(|row| (0..row).map(move |column| (row, column))).map(below);
    let known = pairs.filter_map(|(a, b)| Some((*a?, *b?))).filter(|(a, b)| a.is_finite() && b.is_finite());
    let most = a.nrows() * a.nrows().saturating_sub(1) / 2;
    let mut found = (Vec::with_capacity(most), Vec::with_capacity(most));
    found.extend(known);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrices_are_compared_below_their_diagonals_where_both_are_known() {
        let mut a = Array2::from_shape_fn((4, 4), |(i, j)| (i * 4 + j) as f64);
        let b = a.mapv(|x| 3.0 * x - 1.0);
        a.diag_mut().fill(1e9);
        a[[0, 3]] = -1e9;
        a[[3, 2]] = f64::NAN;
        // f64 rounding.
        assert!((matrix_similarity(&a, &b).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(matrix_similarity(&Array2::eye(2), &Array2::eye(2)), Err(Absence::TooFewPairsOfAreas));
    }
}
