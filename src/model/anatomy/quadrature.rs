//! Gauss-Legendre quadrature on panels, with the same bits on every platform.

/// Nodes per panel: exact for polynomials up to degree 31.
const N_NODES: usize = 16;

/// Nodes and weights on [-1, 1].
pub(super) struct GaussLegendre([(f64, f64); N_NODES]);

impl GaussLegendre {
    /// Finds the roots of the Legendre polynomial by Newton's method.
    pub fn new() -> Self {
        let n = N_NODES as f64;
        Self(std::array::from_fn(|k| {
            let mut x = libm::cos(std::f64::consts::PI * (k as f64 + 0.75) / (n + 0.5));
            for _ in 0..8 {
                let (value, slope) = legendre(x);
                x -= value / slope;
            }
            let (_, slope) = legendre(x);
            (x, 2.0 / ((1.0 - x * x) * slope * slope))
        }))
    }

    /// Integral of `f` from `from` to `to` over `panels` equal panels.
    pub fn integrate(&self, from: f64, to: f64, panels: usize, f: impl Fn(f64) -> f64) -> f64 {
        let half = (to - from) / (2 * panels) as f64;
        let mut sum = 0.0;
        for panel in 0..panels {
            let middle = from + half * (2 * panel + 1) as f64;
            for (x, weight) in self.0 {
                sum += weight * f(middle + half * x);
            }
        }
        sum * half
    }
}

/// Legendre polynomial of degree [`N_NODES`] and its derivative, inside (-1, 1).
fn legendre(x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for degree in 2..=N_NODES {
        let n = degree as f64;
        (before, value) = (value, ((2.0 * n - 1.0) * x * value - (n - 1.0) * before) / n);
    }
    (value, N_NODES as f64 * (before - x * value) / (1.0 - x * x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_polynomial_of_degree_31_is_integrated_exactly() {
        let integral = GaussLegendre::new().integrate(0.0, 1.0, 1, |x| x.powi(31));
        assert!((integral * 32.0 - 1.0).abs() < 1e-14, "{integral}");
    }
}
