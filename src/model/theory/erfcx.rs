//! The scaled complementary error function, its integral, and Dawson's function: what the rate of
//! a leaky integrate-and-fire neuron is made of.
//!
//! The integral and Dawson's function are read from piecewise polynomials that are fitted at first
//! use; every transcendental function comes from `libm`, so that results agree bit by bit between
//! platforms.

use super::chebyshev::HalfLineTable;
use std::f64::consts::PI;
use std::sync::LazyLock;

/// √π.
pub(super) const SQRT_PI: f64 = 1.772_453_850_905_516;

/// From here on the continued fraction, of this depth, is exact to rounding.
const CONTINUED_FRACTION_FROM: f64 = 4.0;
const CONTINUED_FRACTION_DEPTH: u32 = 24;

/// Step of Rybicki's sum; its error is exp(−(π / 2h)²), about 1e-27.
const RYBICKI_STEP: f64 = 0.2;
/// Terms further than this many steps from the peak are below 1e-16.
const RYBICKI_REACH: i32 = 32;

/// e^{x²} erfc(x) for x ≥ 0.
pub fn erfcx(x: f64) -> f64 {
    if x < CONTINUED_FRACTION_FROM {
        libm::exp(x * x) * libm::erfc(x)
    } else {
        1.0 / (SQRT_PI * (x + continued_fraction_tail(x)))
    }
}

/// The tail (1/2)/(x + (2/2)/(x + (3/2)/(x + …))) of the continued fraction of 1/(√π erfcx(x)).
fn continued_fraction_tail(x: f64) -> f64 {
    (1..=CONTINUED_FRACTION_DEPTH).rev().fold(0.0, |tail, n| 0.5 * f64::from(n) / (x + tail))
}

/// √π ∫ erfcx(u) du from `x` to `y`, both ≥ 0; negative where `y` < `x`.
///
/// √π erfcx(u) = 1/(1 + u) + a remainder that falls as u⁻²; the first integrates to a logarithm,
/// the second is tabulated.
pub fn erfcx_integral(x: f64, y: f64) -> f64 {
    libm::log1p((y - x) / (1.0 + x)) + (REMAINDER.at(y) - REMAINDER.at(x))
}

static REMAINDER: LazyLock<HalfLineTable> = LazyLock::new(|| HalfLineTable::antiderivative(remainder));

/// √π erfcx(x) − 1/(1 + x), without cancellation at large x.
fn remainder(x: f64) -> f64 {
    if x < CONTINUED_FRACTION_FROM {
        SQRT_PI * erfcx(x) - 1.0 / (1.0 + x)
    } else {
        let tail = continued_fraction_tail(x);
        (1.0 - tail) / ((1.0 + x) * (x + tail))
    }
}

/// Dawson's function e^{−x²} ∫₀ˣ e^{u²} du for x ≥ 0.
pub fn dawson(x: f64) -> f64 {
    DAWSON.at(x)
}

static DAWSON: LazyLock<HalfLineTable> = LazyLock::new(|| HalfLineTable::interpolation(dawson_by_sum));

/// Dawson's function as (1/√π) Σ e^{−(x − nh)²} / n over odd n
/// (Rybicki 1989, doi:10.1063/1.4822832).
fn dawson_by_sum(x: f64) -> f64 {
    let peak = 2.0 * libm::round(0.5 * x / RYBICKI_STEP);
    let term = |offset: f64| {
        let n = peak + offset;
        let distance = x - n * RYBICKI_STEP;
        libm::exp(-distance * distance) / n
    };
    let pair = |k: i32| term(f64::from(2 * k + 1)) + term(f64::from(-2 * k - 1));
    let sum: f64 = (0..RYBICKI_REACH / 2).rev().map(pair).sum();
    sum / libm::sqrt(PI)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few roundings of numbers near 1.
    const ROUNDING: f64 = 4e-15;

    fn relative_difference(a: f64, b: f64) -> f64 {
        ((a - b) / b).abs()
    }

    /// Composite Simpson rule.
    fn simpson(f: impl Fn(f64) -> f64, from: f64, to: f64, intervals: usize) -> f64 {
        let h = (to - from) / intervals as f64;
        let weight = |i: usize| match i {
            0 => 1.0,
            i if i == intervals => 1.0,
            i if i % 2 == 1 => 4.0,
            _ => 2.0,
        };
        (0..=intervals).map(|i| weight(i) * f(from + i as f64 * h)).sum::<f64>() * h / 3.0
    }

    #[test]
    fn erfcx_has_its_known_values() {
        // Abramowitz & Stegun, table 7.4 and asymptotic series.
        assert_eq!(erfcx(0.0), 1.0);
        assert!(relative_difference(erfcx(1.0), 0.427_583_576_155_807) < ROUNDING);
        assert!(relative_difference(erfcx(10.0), 0.056_140_992_743_822_59) < ROUNDING);
        assert!(relative_difference(erfcx(1e8), 1.0 / (SQRT_PI * 1e8)) < ROUNDING);
    }

    #[test]
    fn both_forms_of_erfcx_agree_where_they_meet() {
        let x = CONTINUED_FRACTION_FROM;
        assert!(relative_difference(libm::exp(x * x) * libm::erfc(x), erfcx(x)) < ROUNDING);
    }

    #[test]
    fn dawson_has_its_known_values() {
        // Abramowitz & Stegun, table 7.5, and the maximum.
        assert!(dawson(0.0).abs() < ROUNDING);
        assert!(relative_difference(dawson(1.0), 0.538_079_506_912_768_4) < ROUNDING);
        assert!(relative_difference(dawson(0.924_138_873_004_591_8), 0.541_044_224_635_181_7) < ROUNDING);
        assert!(relative_difference(dawson(10.0), 0.050_253_847_187_598_52) < ROUNDING);
    }

    #[test]
    fn the_tables_agree_with_what_they_tabulate() {
        for i in 0..3000 {
            let x = 0.01 * f64::from(i);
            assert!((dawson(x) - dawson_by_sum(x)).abs() < ROUNDING, "D({x})");
        }
    }

    #[test]
    fn the_integral_of_erfcx_agrees_with_quadrature() {
        // Error of the Simpson rule with the steps below.
        const QUADRATURE: f64 = 1e-12;
        for (x, y) in [(0.0, 0.5), (0.3, 2.0), (1.0, 9.0), (5.0, 4.0), (20.0, 24.0), (1e3, 1.01e3)] {
            let expected = SQRT_PI * simpson(erfcx, x, y, 4000);
            assert!(relative_difference(erfcx_integral(x, y), expected) < QUADRATURE, "{x} to {y}");
        }
    }

    #[test]
    fn the_integral_of_erfcx_is_a_logarithm_far_out() {
        assert!(relative_difference(erfcx_integral(1e9, 3e9), libm::log(3.0)) < ROUNDING);
    }
}
