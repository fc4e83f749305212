//! A weight from outside that need not be a whole number of units.

use super::neuron::{exp2, rounding_offset};

/// Sets the rounding of neighbours apart: 2³² divided by the golden ratio, which spreads them most evenly.
const NEURON_STRIDE: u32 = 0x9e37_79b9;

/// A weight in the format of currents with 32 bits more. Each spike brings one of the two whole numbers beside
/// it, so that their mean is the weight: a dose below one unit acts, and two that differ by a tenth differ by a
/// tenth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dose {
    /// The whole number below.
    whole: i32,
    /// What is left, in units of 2⁻³².
    fraction: u32,
}

impl Dose {
    /// A weight in units of the current; `None` if its magnitude is above `limit`, which is below 2³¹.
    pub fn new(weight: f64, limit: f64) -> Option<Self> {
        if weight.is_nan() || weight.abs() > limit {
            return None;
        }
        let whole = libm::floor(weight);
        // A fraction that is rounded up to 1 stays below it.
        let fraction = ((weight - whole) * exp2(32)).min(f64::from(u32::MAX)) as u32;
        Some(Self { whole: whole as i32, fraction })
    }

    /// What a spike that arrives at `neuron` in `step` brings.
    #[inline]
    pub fn at(self, step: u32, neuron: u32) -> i32 {
        let offset = rounding_offset(step).wrapping_add(neuron.wrapping_mul(NEURON_STRIDE));
        self.whole + i32::from(offset < self.fraction)
    }

    /// The largest magnitude that a spike brings.
    pub fn most(self) -> u32 {
        self.whole.unsigned_abs().max((self.whole + i32::from(self.fraction > 0)).unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::threefry;

    #[test]
    fn doses_of_any_size_have_the_mean_that_was_asked_for() {
        for weight in [0.001, 0.37, 1.0, 12.25, 1000.6, -0.01, -12.25, -7.0] {
            let dose = Dose::new(weight, 1e6).expect("it fits");
            let n = 100_000u32;
            // Some neurons, each in random steps.
            let spikes = (0..n).map(|k| dose.at(threefry([1, 2], [k, 0])[0] >> 8, k % 97));
            let mean = spikes.map(f64::from).sum::<f64>() / f64::from(n);
            // Four standard errors of independent draws, or more.
            let tolerance = 2.0 / f64::from(n).sqrt();
            assert!((mean - weight).abs() < tolerance, "{mean} for {weight}");
            assert!(f64::from(dose.most()) >= weight.abs() && f64::from(dose.most()) < weight.abs() + 1.0);
        }
        assert_eq!(Dose::new(7.0, 8.0).map(|dose| (dose.at(3, 4), dose.most())), Some((7, 7)));
        assert_eq!(Dose::new(8.5, 8.0), None);
        assert_eq!(Dose::new(f64::NAN, 8.0), None);
    }
}
