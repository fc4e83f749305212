//! Fixtures and tolerances that several tests share.
#![allow(dead_code, reason = "each test uses its own part")]

pub mod tables;

/// Largest relative difference from the published implementation in quantities that it computes with
/// coarse quadrature (synapses) or prints with eight digits (weights, rates, delays).
pub const RELATIVE: f64 = 1e-4;

/// Largest difference of a count that two ways of rounding can make.
pub const ONE_ROUNDING: f64 = 1.0;

/// Whether two numbers agree within `relative` of the larger or within `absolute`.
pub fn close(a: f64, b: f64, relative: f64, absolute: f64) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs()) + absolute
}

/// Places where two lists differ by more than that; both must be equally long.
pub fn differing(a: &[f64], b: &[f64], relative: f64, absolute: f64) -> usize {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).filter(|(a, b)| !close(**a, **b, relative, absolute)).count()
}

/// Largest relative difference of two lists.
pub fn max_relative(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let relative = |(a, b): (&f64, &f64)| if a == b { 0.0 } else { (a - b).abs() / a.abs().max(b.abs()) };
    a.iter().zip(b).map(relative).fold(0.0, f64::max)
}
