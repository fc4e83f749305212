//! Adaptive explicit Runge-Kutta integration of dν/ds = −ν + Φ(ν)
//! (Dormand & Prince 1980, doi:10.1016/0771-050X(80)90013-3; order 5, error estimate of order 4).

use super::mean_field::MeanField;

const N_STAGES: usize = 7;
/// Coefficients of the stages; the last row is also the step (its stage is the next step's first).
const A: [&[f64]; N_STAGES] = [
    &[],
    &[1.0 / 5.0],
    &[3.0 / 40.0, 9.0 / 40.0],
    &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
    &[19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0],
    &[9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0],
    &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
];
/// Order 5 minus order 4.
const ERROR: [f64; N_STAGES] =
    [71.0 / 57600.0, 0.0, -71.0 / 16695.0, 71.0 / 1920.0, -17253.0 / 339200.0, 22.0 / 525.0, -1.0 / 40.0];

/// Error allowed per step, of the largest component: absolute, 1/s, and relative to the rate.
const ABSOLUTE_HZ: f64 = 1e-6;
const RELATIVE: f64 = 1e-6;
/// The step after an error of 1 times the allowed one, and bounds of its change.
const SAFETY: f64 = 0.9;
const SHRINK: f64 = 0.2;
const GROW: f64 = 5.0;
const FIRST_STEP: f64 = 1e-2;
/// A step this small means that the flow cannot be followed.
const SMALLEST_STEP: f64 = 1e-10;
/// Evaluations of the flow after which it is given up: where a step is far below the pseudo-time that is
/// asked for, it would go on for ever. The networks here need some thousands.
const MAX_EVALUATIONS: usize = 400_000;

/// A trajectory of the flow.
pub(super) struct Trajectory<'a> {
    mean_field: &'a MeanField,
    /// Pseudo-time.
    pub s: f64,
    /// Rate of every population at `s`, 1/s.
    pub rates_hz: Vec<f64>,
    /// Number of evaluations of the flow so far.
    pub evaluations: usize,
    step: f64,
    stages: Vec<Vec<f64>>,
}

impl<'a> Trajectory<'a> {
    /// Starts at pseudo-time 0.
    pub fn new(mean_field: &'a MeanField, rates_hz: Vec<f64>) -> Self {
        let mut stages = vec![vec![0.0; rates_hz.len()]; N_STAGES];
        mean_field.flow(&rates_hz, &mut stages[0]);
        Self { mean_field, s: 0.0, rates_hz, evaluations: 1, step: FIRST_STEP, stages }
    }

    /// Largest |−ν + Φ| at `s`, 1/s.
    pub fn residual_hz(&self) -> f64 {
        largest(&self.stages[0])
    }

    /// Takes one step, which does not pass `end`; false if no step is small enough.
    pub fn advance(&mut self, end: f64) -> bool {
        while self.evaluations < MAX_EVALUATIONS {
            let reaches_end = self.s + self.step >= end;
            let step = if reaches_end { end - self.s } else { self.step };
            let next = self.attempt(step);
            let error = self.relative_error(step, &next);
            let change = if error > 0.0 { SAFETY * libm::pow(error, -0.2) } else { GROW };
            // A NaN ends up at the smallest change.
            let change = if change > SHRINK { change.min(GROW) } else { SHRINK };
            if error <= 1.0 {
                self.s = if reaches_end { end } else { self.s + step };
                self.rates_hz = next;
                self.stages.swap(0, N_STAGES - 1);
                self.step = if reaches_end { self.step.max(step * change) } else { step * change };
                return true;
            }
            self.step = step * change;
            if self.step < SMALLEST_STEP {
                return false;
            }
        }
        false
    }

    /// Rates one step on, with all stages filled in.
    fn attempt(&mut self, step: f64) -> Vec<f64> {
        let mut point = Vec::new();
        for (stage, row) in A.iter().enumerate().skip(1) {
            let (known, rest) = self.stages.split_at_mut(stage);
            point = self.rates_hz.clone();
            for (&a, slope) in row.iter().zip(known.iter()) {
                point.iter_mut().zip(slope).for_each(|(rate, k)| *rate += step * a * k);
            }
            self.mean_field.flow(&point, &mut rest[0]);
            self.evaluations += 1;
        }
        point
    }

    /// Largest estimated error over the allowed one.
    fn relative_error(&self, step: f64, next: &[f64]) -> f64 {
        (0..next.len()).fold(0.0, |largest: f64, i| {
            let sum: f64 = ERROR.iter().zip(&self.stages).map(|(e, stage)| e * stage[i]).sum();
            let allowed = ABSOLUTE_HZ + RELATIVE * self.rates_hz[i].abs().max(next[i].abs());
            larger(largest, (step * sum).abs() / allowed)
        })
    }
}

/// Largest absolute value; NaN if there is one.
pub(super) fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| larger(largest, value.abs()))
}

fn larger(a: f64, b: f64) -> f64 {
    if b <= a || a.is_nan() { a } else { b }
}
