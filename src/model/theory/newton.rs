//! Newton's method for −ν + Φ(ν) = 0 close to where the flow has come, and whether the flow would
//! end there: several fixed points can exist, and not every one is stable.

use super::dense::Lu;
use super::dormand_prince::largest;
use super::mean_field::MeanField;

/// Newton either converges quadratically within a few steps or is not close enough.
const MAX_STEPS: usize = 12;
/// Rate constants, per pseudo-time, at which the Cayley transforms contract most: from the slowest
/// modes to the fastest.
const CENTRES: [f64; 4] = [0.1, 1.0, 10.0, 100.0];
/// Rounds of all transforms after which stability counts as undecided.
const MAX_ROUNDS: usize = 2000;
/// A generic perturbation that has shrunk or grown this much decides.
const DECAYED: f64 = 1e-8;
const GROWN: f64 = 1e4;

/// What Newton's method came to.
pub(super) struct Outcome {
    /// Steps taken.
    pub steps: usize,
    /// Rates, 1/s, and their residual, 1/s, if accepted.
    pub fixed_point: Option<(Vec<f64>, f64)>,
}

/// Looks for a stable fixed point with a residual below `tolerance_hz` that no population's rate
/// is further away from than `reach` × (1 1/s + its rate).
pub(super) fn refine(mean_field: &MeanField, start_hz: &[f64], tolerance_hz: f64, reach: f64) -> Outcome {
    let n = mean_field.n_populations();
    let mut rates_hz = start_hz.to_vec();
    let mut flow_hz = vec![0.0; n];
    mean_field.flow(&rates_hz, &mut flow_hz);
    let mut residual_hz = largest(&flow_hz);
    for steps in 0..MAX_STEPS {
        if residual_hz < tolerance_hz {
            let accepted = is_stable(&mean_field.jacobian(&rates_hz), n);
            return Outcome { steps, fixed_point: accepted.then_some((rates_hz, residual_hz)) };
        }
        let Some(lu) = Lu::new(mean_field.jacobian(&rates_hz), n) else { break };
        let change_hz = lu.solve(&flow_hz);
        rates_hz.iter_mut().zip(&change_hz).for_each(|(rate, change)| *rate -= change);
        let near = |(&rate, &start): (&f64, &f64)| (rate - start).abs() <= reach * (1.0 + start.abs());
        if !rates_hz.iter().zip(start_hz).all(near) {
            return Outcome { steps: steps + 1, fixed_point: None };
        }
        mean_field.flow(&rates_hz, &mut flow_hz);
        residual_hz = largest(&flow_hz);
    }
    Outcome { steps: MAX_STEPS, fixed_point: None }
}

/// Whether every eigenvalue of the `n` × `n` matrix J has a negative real part.
///
/// A Cayley transform (c − J)⁻¹ (c + J) with c > 0 takes exactly those into the unit circle, so
/// that repeated transforms make any perturbation vanish. Several c make it quick.
fn is_stable(jacobian: &[f64], n: usize) -> bool {
    let transforms: Option<Vec<Cayley>> =
        CENTRES.iter().map(|&centre| Cayley::new(jacobian, n, centre)).collect();
    let Some(transforms) = transforms else { return false };
    // Fixed, but without any structure that a mode could be orthogonal to.
    let mut perturbation: Vec<f64> = (0..n).map(|i| libm::sin(1.0 + (i * i) as f64)).collect();
    for _ in 0..MAX_ROUNDS {
        perturbation = transforms.iter().fold(perturbation, |x, transform| transform.apply(&x));
        let size = largest(&perturbation);
        if size < DECAYED {
            return true;
        }
        if size.is_nan() || size > GROWN {
            return false;
        }
    }
    false
}

/// The transform (c − J)⁻¹ (c + J) = 2 c (c − J)⁻¹ − 1.
struct Cayley {
    centre: f64,
    centre_minus_jacobian: Lu,
}

impl Cayley {
    fn new(jacobian: &[f64], n: usize, centre: f64) -> Option<Self> {
        let mut matrix: Vec<f64> = jacobian.iter().map(|x| -x).collect();
        (0..n).for_each(|i| matrix[i * n + i] += centre);
        Some(Self { centre, centre_minus_jacobian: Lu::new(matrix, n)? })
    }

    fn apply(&self, x: &[f64]) -> Vec<f64> {
        let mut y = self.centre_minus_jacobian.solve(x);
        y.iter_mut().zip(x).for_each(|(y, x)| *y = 2.0 * self.centre * *y - x);
        y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damped_oscillation_is_stable_and_a_growing_one_is_not() {
        let oscillation = |growth: f64| vec![growth, 30.0, 0.0, -30.0, growth, 0.0, 1.0, 5.0, -2.0];
        assert!(is_stable(&oscillation(-0.5), 3));
        assert!(!is_stable(&oscillation(0.5), 3));
    }

    #[test]
    fn fast_and_slow_modes_together_are_decided() {
        for slow in [-0.05, 0.05] {
            let matrix = vec![slow, 3.0, 0.0, 0.0, -200.0, 10.0, 0.0, 0.0, -1.0];
            assert_eq!(is_stable(&matrix, 3), slow < 0.0);
        }
    }
}
