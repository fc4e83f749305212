//! Linear equations with a dense matrix.

/// Row-permuted product of a unit lower and an upper triangular matrix.
pub(super) struct Lu {
    n: usize,
    /// Both factors in one matrix, row by row.
    factors: Vec<f64>,
    /// Original row of every row.
    rows: Vec<usize>,
}

impl Lu {
    /// Gaussian elimination with partial pivoting of an `n` × `n` matrix, given row by row; none
    /// where it is singular or not finite.
    pub fn new(mut matrix: Vec<f64>, n: usize) -> Option<Self> {
        let mut rows: Vec<usize> = (0..n).collect();
        for k in 0..n {
            let size = |row: usize| matrix[row * n + k].abs();
            let pivot = (k + 1..n).fold(k, |best, row| if size(row) > size(best) { row } else { best });
            if !(size(pivot) > 0.0 && size(pivot).is_finite()) {
                return None;
            }
            if pivot != k {
                rows.swap(k, pivot);
                let (upper, lower) = matrix.split_at_mut(pivot * n);
                upper[k * n..(k + 1) * n].swap_with_slice(&mut lower[..n]);
            }
            eliminate(&mut matrix, n, k);
        }
        Some(Self { n, factors: matrix, rows })
    }

    /// Solution for one right-hand side.
    pub fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = self.rows.iter().map(|&row| right[row]).collect();
        for i in 0..self.n {
            let (known, rest) = x.split_at_mut(i);
            rest[0] -= dot(&self.factors[i * self.n..][..i], known);
        }
        for i in (0..self.n).rev() {
            let row = &self.factors[i * self.n..(i + 1) * self.n];
            let (rest, known) = x.split_at_mut(i + 1);
            rest[i] = (rest[i] - dot(&row[i + 1..], known)) / row[i];
        }
        x
    }
}

/// Subtracts multiples of row `k` from the rows below, which keep the multipliers in column `k`.
fn eliminate(matrix: &mut [f64], n: usize, k: usize) {
    let (upper, lower) = matrix.split_at_mut((k + 1) * n);
    let pivot_row = &upper[k * n + k..];
    for row in lower.chunks_exact_mut(n) {
        let factor = row[k] / pivot_row[0];
        row[k] = factor;
        if factor != 0.0 {
            row[k + 1..].iter_mut().zip(&pivot_row[1..]).for_each(|(x, p)| *x -= factor * p);
        }
    }
}

/// Scalar product, summed in four lanes so that it can be vectorised without changing its result.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a4, a_rest) = a.as_chunks::<4>();
    let (b4, b_rest) = b.as_chunks::<4>();
    let mut lanes = [0.0; 4];
    for (x, y) in a4.iter().zip(b4) {
        lanes = std::array::from_fn(|lane| lanes[lane] + x[lane] * y[lane]);
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounding, times the condition number of the examples.
    const ROUNDING: f64 = 1e-10;

    fn times(matrix: &[f64], vector: &[f64]) -> Vec<f64> {
        matrix.chunks_exact(vector.len()).map(|row| dot(row, vector)).collect()
    }

    fn example(n: usize) -> Vec<f64> {
        (0..n * n).map(|i| libm::sin(1.0 + (i * i) as f64)).collect()
    }

    #[test]
    fn the_solution_solves_the_equations() {
        for n in [1, 2, 5, 30] {
            let expected: Vec<f64> = (0..n).map(|i| i as f64 - 2.0).collect();
            let right = times(&example(n), &expected);
            let x = Lu::new(example(n), n).expect("regular").solve(&right);
            assert!(x.iter().zip(&expected).all(|(x, e)| (x - e).abs() < ROUNDING));
        }
    }

    #[test]
    fn a_zero_on_the_diagonal_is_no_obstacle() {
        let x = Lu::new(vec![0.0, 1.0, 2.0, 0.0], 2).expect("regular").solve(&[3.0, 4.0]);
        assert_eq!(x, [2.0, 3.0]);
    }

    #[test]
    fn singular_and_infinite_matrices_are_told() {
        assert!(Lu::new(vec![1.0, 2.0, 2.0, 4.0], 2).is_none());
        assert!(Lu::new(vec![f64::NAN, 2.0, 2.0, 4.0], 2).is_none());
    }
}
