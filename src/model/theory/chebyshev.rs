//! Functions on the half-line x ≥ 0 as piecewise Chebyshev series.
//!
//! The half-line is mapped onto 0 < y ≤ 1 by y = 4/(4 + x), which is cut into equal pieces.

use std::f64::consts::PI;

/// Scale of the map from the half-line: half of the pieces lie below it.
const X_SCALE: f64 = 4.0;
/// Number of pieces and of coefficients of each; together they reach rounding for the functions
/// tabulated here.
const N_PIECES: usize = 256;
const N_COEFFICIENTS: usize = 8;

type Series = [f64; N_COEFFICIENTS];

/// A smooth function on x ≥ 0 that has a limit at infinity.
pub(super) struct HalfLineTable {
    pieces: Vec<Series>,
}

impl HalfLineTable {
    /// Interpolates `f`.
    pub fn interpolation(f: impl Fn(f64) -> f64) -> Self {
        Self { pieces: (0..N_PIECES).map(|piece| fit(piece, |y| f(x_of(y)))).collect() }
    }

    /// An antiderivative of `f`, which has to fall at least as fast as x⁻².
    pub fn antiderivative(f: impl Fn(f64) -> f64) -> Self {
        let by_y = |y: f64| -f(x_of(y)) * X_SCALE / (y * y);
        let mut at_left_edge = 0.0;
        let pieces = (0..N_PIECES).map(|piece| {
            let mut series = integrate(&fit(piece, by_y));
            series[0] += at_left_edge - evaluate(&series, -1.0);
            at_left_edge = evaluate(&series, 1.0);
            series
        });
        Self { pieces: pieces.collect() }
    }

    /// The function at `x` ≥ 0.
    pub fn at(&self, x: f64) -> f64 {
        let position = N_PIECES as f64 * X_SCALE / (X_SCALE + x);
        let piece = (position as usize).min(N_PIECES - 1);
        evaluate(&self.pieces[piece], 2.0 * (position - piece as f64) - 1.0)
    }
}

fn x_of(y: f64) -> f64 {
    X_SCALE * (1.0 - y) / y
}

/// Chebyshev series of `f` on one piece, from its values at the Chebyshev nodes.
fn fit(piece: usize, f: impl Fn(f64) -> f64) -> Series {
    let n = N_COEFFICIENTS as f64;
    let angle = |node: usize| PI * (node as f64 + 0.5) / n;
    let values: Series = std::array::from_fn(|node| {
        let z = libm::cos(angle(node));
        f((piece as f64 + 0.5 * (z + 1.0)) / N_PIECES as f64)
    });
    std::array::from_fn(|order| {
        let scale = if order == 0 { 1.0 / n } else { 2.0 / n };
        let sum: f64 = (0..N_COEFFICIENTS).map(|k| values[k] * libm::cos(order as f64 * angle(k))).sum();
        scale * sum
    })
}

/// Antiderivative, over y, of a series; its last order is dropped.
fn integrate(series: &Series) -> Series {
    let half_width = 0.5 / N_PIECES as f64;
    std::array::from_fn(|order| {
        let next = series.get(order + 1).copied().unwrap_or(0.0);
        match order {
            0 => 0.0,
            1 => half_width * (series[0] - 0.5 * next),
            _ => half_width * (series[order - 1] - next) / (2.0 * order as f64),
        }
    })
}

/// Clenshaw's recurrence at −1 ≤ `z` ≤ 1.
fn evaluate(series: &Series, z: f64) -> f64 {
    let (mut b1, mut b2) = (0.0, 0.0);
    for &c in series[1..].iter().rev() {
        (b1, b2) = (2.0 * z * b1 - b2 + c, b1);
    }
    z * b1 - b2 + series[0]
}
