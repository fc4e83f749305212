//! Times on the grid of steps, and the one rule for all of them: a time is a whole number of steps, or it is
//! refused with the nearest two that are. Nothing is rounded unsaid.

use crate::rules::Check;
use std::fmt;

/// How far a time may lie beside a whole number of steps, in steps: what decimal numbers leave of a quotient.
const TOLERANCE_STEPS: f64 = 1e-6;

/// A time that lies between two steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OffGrid {
    /// The last whole number of steps before it, ms.
    pub below_ms: f64,
    /// The first after it, ms.
    pub above_ms: f64,
}

impl fmt::Display for OffGrid {
    /// What to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "take {} or {}", self.below_ms, self.above_ms)
    }
}

/// Number of steps of `dt_ms` in `time_ms`; what does not fit 32 bits is cut.
///
/// # Errors
/// A time that lies between two steps.
pub fn whole_steps(time_ms: f64, dt_ms: f64) -> Result<u32, OffGrid> {
    let steps = time_ms / dt_ms;
    let tolerance = TOLERANCE_STEPS.max(4.0 * f64::EPSILON * steps);
    match (steps - steps.round_ties_even()).abs() > tolerance {
        true => {
            Err(OffGrid { below_ms: multiple(steps.floor(), dt_ms), above_ms: multiple(steps.ceil(), dt_ms) })
        }
        false => Ok(nearest_step(time_ms, dt_ms)),
    }
}

/// Number of steps of `dt_ms` in a time that is known to be a whole number of them.
pub fn nearest_step(time_ms: f64, dt_ms: f64) -> u32 {
    (time_ms / dt_ms).round_ties_even() as u32
}

/// `steps` · `dt_ms` without the last digits of the product.
pub(super) fn multiple(steps: f64, dt_ms: f64) -> f64 {
    (steps * dt_ms * 1e9).round_ties_even() / 1e9
}

/// The rule that a time breaks which is [`OffGrid`].
pub(crate) fn grid_rule(dt_ms: f64) -> String {
    format!("is no multiple of simulation.dt_ms = {dt_ms}")
}

impl Check {
    /// A time that may be 0. Other rules tell of what is negative or no number.
    pub fn on_grid(&mut self, key: &str, time_ms: f64, dt_ms: f64) {
        let steps = time_ms / dt_ms;
        if let (true, Err(off)) = (steps.is_finite() && steps > 0.0, whole_steps(time_ms, dt_ms)) {
            self.refuse(true, key, time_ms, grid_rule(dt_ms), off.to_string());
        }
    }

    /// A time of one step or more.
    pub fn at_least_a_step(&mut self, key: &str, time_ms: f64, dt_ms: f64) {
        let steps = time_ms / dt_ms;
        match steps > 0.0 && steps < 1.0 - TOLERANCE_STEPS {
            true => self.refuse(true, key, time_ms, grid_rule(dt_ms), format!("take {dt_ms}")),
            false => self.on_grid(key, time_ms, dt_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_are_those_on_both_sides() {
        let nearest = |time_ms, dt_ms| whole_steps(time_ms, dt_ms).unwrap_err();
        assert_eq!(nearest(2.04, 0.1), OffGrid { below_ms: 2.0, above_ms: 2.1 });
        assert_eq!(nearest(2.0, 0.3), OffGrid { below_ms: 1.8, above_ms: 2.1 });
        assert_eq!(nearest(0.04, 0.1).to_string(), "take 0 or 0.1");
        for (time_ms, dt_ms, steps) in
            [(2.0, 0.1, 20), (1e6, 0.1, 10_000_000), (0.3, 0.1, 3), (100.8, 0.05, 2016)]
        {
            assert_eq!(whole_steps(time_ms, dt_ms), Ok(steps));
        }
    }
}
