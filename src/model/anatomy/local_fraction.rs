//! Which share of the synapses made within an area comes from the modelled column.
//!
//! A column of radius R stands in the middle of an area of radius R_area. Two neurons at distance d
//! are connected with a probability in proportion to exp(−d/λ), so that the column's synapses split
//! into those from inside it (type I) and those from the rest of the area (type II) as P_in : P_out,
//!
//! ∫∫∫∫ 4 r1 r2 (2π − φ)(z_max − z) exp(−d/λ),  d² = r1² − 2 r1 r2 cos φ + r2² + z²,
//!
//! with r2 in [0, R], φ in [0, 2π], z in [0, z_max], and r1 in [0, R] for P_in and [R, R_area] for
//! P_out (Pronold et al. 2024).
//!
//! The fourfold integral reduces to a twofold one. Under φ → 2π − φ the distance stays the same, so
//! 2π − φ counts as π, and what is left is an integral over all pairs of points of two discs. The
//! pairs at lateral distance ρ are as many as the area that the disc of radius r1 shares with the disc
//! of radius R displaced by ρ. Hence P_in = I(R) and P_in + P_out = I(R_area) with, up to a common
//! factor, I(r1) = ∫ ρ · overlap(r1, R, ρ) · k(ρ) dρ and k(ρ) = ∫ (z_max − z) exp(−√(ρ² + z²)/λ) dz.

use super::quadrature::GaussLegendre;
use std::f64::consts::PI;

/// Beyond this many λ the connection probability is below 1e-21 and left out.
const REACH_IN_LAMBDA: f64 = 50.0;
/// Fewest panels of each part of an integral.
const MIN_PANELS: usize = 16;

/// The thickness that the published model integrates over: the number of millimetres, taken as
/// micrometres. The column is thereby flat in effect, and the published number of synapses contains
/// that, so it is kept.
pub fn published_z_max_um(thickness_mm: f64) -> f64 {
    thickness_mm
}

/// Radius of the disc of a surface, µm.
pub fn radius_um(surface_mm2: f64) -> f64 {
    1000.0 * (surface_mm2 / PI).sqrt()
}

/// P_in / (P_in + P_out): the share of the synapses from within the area that comes from the column.
///
/// `column_um` and `area_um` are the radii R ≤ R_area, `z_max_um` the thickness and `lambda_um` the
/// decay constant of the connection probability, all above 0 and in µm. Accurate to 1e-9.
pub fn local_fraction(column_um: f64, area_um: f64, z_max_um: f64, lambda_um: f64) -> f64 {
    let rule = GaussLegendre::new();
    let pairs = |radius_um| pairs(&rule, radius_um, column_um, z_max_um, lambda_um);
    pairs(column_um) / pairs(area_um)
}

/// I(r1): connected pairs between the disc of radius `outer` ≥ R and the disc of radius `column` = R.
fn pairs(rule: &GaussLegendre, outer: f64, column: f64, z_max: f64, lambda: f64) -> f64 {
    let integrand = |rho: f64| rho * overlap(outer, column, rho) * depth_kernel(rule, rho, z_max, lambda);
    let reach = REACH_IN_LAMBDA * lambda;
    let inside = (outer - column).min(reach); // up to here the smaller disc is covered as a whole
    let edge = (outer + column).min(reach);
    let mut sum = 0.0;
    for (from, to) in [(0.0, inside), (inside, edge)] {
        if to > from {
            sum += rule.integrate(from, to, panels(to - from, lambda), integrand);
        }
    }
    sum
}

/// k(ρ): the connection probability at lateral distance ρ, summed over pairs of depths.
fn depth_kernel(rule: &GaussLegendre, rho: f64, z_max: f64, lambda: f64) -> f64 {
    let to = z_max.min(REACH_IN_LAMBDA * lambda);
    let panels = (to / lambda).ceil().max(1.0) as usize;
    rule.integrate(0.0, to, panels, |z| (z_max - z) * libm::exp(-(rho * rho + z * z).sqrt() / lambda))
}

fn panels(length: f64, lambda: f64) -> usize {
    ((length / lambda).ceil() as usize).max(MIN_PANELS)
}

/// Area shared by discs of radius `a` and `b` whose centres are `rho` apart.
fn overlap(a: f64, b: f64, rho: f64) -> f64 {
    if rho >= a + b {
        return 0.0;
    }
    if rho <= (a - b).abs() {
        let smaller = a.min(b);
        return PI * smaller * smaller;
    }
    let angle = |near: f64, far: f64| {
        libm::acos(((rho * rho + near * near - far * far) / (2.0 * rho * near)).clamp(-1.0, 1.0))
    };
    let kite = (a + b - rho) * (rho + a - b) * (rho - a + b) * (rho + a + b);
    a * a * angle(a, b) + b * b * angle(b, a) - 0.5 * kite.max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quadrature error, with room for rounding.
    const EXACT: f64 = 1e-9;
    /// What the midpoint rule with 30 points a dimension leaves.
    const MIDPOINT: f64 = 2e-3;

    #[test]
    fn a_kernel_far_wider_than_the_area_gives_the_ratio_of_surfaces() {
        let fraction = local_fraction(100.0, 300.0, 1.0, 1e12);
        assert!((fraction - 1.0 / 9.0).abs() < EXACT, "{fraction}");
    }

    #[test]
    fn a_kernel_far_narrower_than_the_column_loses_a_rim() {
        // flat column in an endless area, overlap = πR² − 2Rρ + ρ³/12R + O(ρ⁵):
        // 1 − (4/π) λ/R + (2/π) (λ/R)³ + O((λ/R)⁵)
        let x = 0.005;
        let expected = 1.0 - 4.0 / PI * x + 2.0 / PI * x * x * x;
        let fraction = local_fraction(1000.0, 1e5, 1e-6, 1000.0 * x);
        assert!((fraction - expected).abs() < EXACT, "{fraction} {expected}");
        let without_rim = 1.0;
        assert!((fraction - without_rim).abs() > EXACT);
    }

    #[test]
    fn the_reduced_integral_is_the_fourfold_one() {
        let (column, area, z_max, lambda) = (2.0, 3.5, 1.5, 1.3);
        let inside = midpoint(0.0, column, column, z_max, lambda);
        let outside = midpoint(column, area, column, z_max, lambda);
        let fraction = local_fraction(column, area, z_max, lambda);
        assert!((fraction - inside / (inside + outside)).abs() < MIDPOINT, "{fraction}");
        let flat = local_fraction(column, area, 1e-3, lambda);
        assert!((flat - inside / (inside + outside)).abs() > MIDPOINT, "thickness has no effect");
    }

    fn midpoint(r1_from: f64, r1_to: f64, column: f64, z_max: f64, lambda: f64) -> f64 {
        const N: usize = 30;
        let points =
            |from: f64, to: f64| (0..N).map(move |k| from + (to - from) * (k as f64 + 0.5) / N as f64);
        let mut sum = 0.0;
        for r1 in points(r1_from, r1_to) {
            for r2 in points(0.0, column) {
                for phi in points(0.0, 2.0 * PI) {
                    for z in points(0.0, z_max) {
                        let d = (r1 * r1 - 2.0 * r1 * r2 * phi.cos() + r2 * r2 + z * z).sqrt();
                        sum += 4.0 * r1 * r2 * (2.0 * PI - phi) * (z_max - z) * (-d / lambda).exp();
                    }
                }
            }
        }
        sum * (r1_to - r1_from)
    }
}
