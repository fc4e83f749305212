//! Quantile tables: normal and lognormal draws from random bits, in integers.
//!
//! A weight or delay is mean · q, with q the quantile of a distribution of mean 1 at a uniform number of
//! [`UNIFORM_BITS`] bits: the middles of 2²² equal parts of the probability, so |z| ends at 5.17. A table has
//! its quantiles at the ends of cells, and between them q is linear. Cells shrink with their distance from
//! the nearer end of the distribution: a power of two of it has [`CELLS_OF_OCTAVE`] cells, so that a straight
//! line is accurate in the tails too, and the few cells that most draws take stay in the first cache. The
//! bits of a float have this order: exponent and leading fraction are the cell, the rest is the place in it.

use super::draws::{
    BASE_BITS, CELLS_OF_OCTAVE, Entries, PLACE_BITS, SLOPE_BITS, SLOPE_SHIFT, TABLE_BITS, UNIFORM_BITS, cell,
    place, quantile,
};
use crate::model::network::DelayDistribution;
use std::f64::consts::FRAC_1_SQRT_2;

/// No quantile lies further from the mean, in standard deviations of a normal distribution.
pub const LARGEST_Z: f64 = 5.17;
/// Most bits of a factor before the point.
const MAX_UNIT_BITS: u32 = 10;

/// Quantiles of a distribution with mean 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorTable {
    entries: Box<Entries>,
    /// Factors are below 2 to this, and have 32 less this fractional bits.
    unit_bits: u32,
    least: u32,
    greatest: u32,
}

impl FactorTable {
    /// Normal with mean 1 and standard deviation `relative_sd`, clipped at 0.
    pub fn clipped_normal(relative_sd: f64) -> Self {
        Self::new(&Ends::above(0.0), |z| 1.0 + relative_sd * z)
    }

    /// Delays of mean 1 and standard deviation `relative_sd`; `half_step` is half a step in units of
    /// the mean, which bounds the truncated distribution and means nothing to the others.
    pub fn delay(distribution: DelayDistribution, relative_sd: f64, half_step: f64) -> Self {
        match distribution {
            DelayDistribution::Normal => Self::clipped_normal(relative_sd),
            DelayDistribution::TruncatedNormal => Self::truncated_normal(relative_sd, half_step),
            DelayDistribution::Lognormal => {
                let variance = libm::log1p(relative_sd * relative_sd);
                let sd = libm::sqrt(variance);
                Self::new(&Ends::above(0.0), |z| libm::exp(sd * z - variance / 2.0))
            }
        }
    }

    /// Normal with mean 1 and standard deviation `relative_sd`, drawn again where it is below `bound`:
    /// the quantile at u is that of the normal distribution at P + (1 − P) u, with P its part below
    /// `bound`. The mean of what is left is above 1, the standard deviation below `relative_sd`.
    pub fn truncated_normal(relative_sd: f64, bound: f64) -> Self {
        if relative_sd == 0.0 {
            return Self::clipped_normal(0.0);
        }
        let below = 0.5 * libm::erfc((1.0 - bound) / relative_sd * FRAC_1_SQRT_2);
        Self::new(&Ends::above(below), |z| (1.0 + relative_sd * z).max(bound))
    }

    /// The table of `factor` of standard normal numbers, which rises; negative ones count as 0.
    fn new(ends: &Ends, factor: impl Fn(f64) -> f64) -> Self {
        let sides =
            ends.0.each_ref().map(|side| side.iter().map(|&z| factor(z).max(0.0)).collect::<Vec<_>>());
        let greatest = sides[1][0];
        // One quantum above, so that no rounding leaves the range.
        let fits = |bits: &u32| greatest + exp2(*bits as i32 - BASE_BITS as i32) < exp2(*bits as i32);
        let unit_bits = (1..=MAX_UNIT_BITS).find(fits).unwrap_or(MAX_UNIT_BITS);
        let mut entries = vec![0; 1 << TABLE_BITS];
        let (mut least, mut greatest) = (u32::MAX, 0);
        for (side, values) in (0..).zip(sides) {
            for (number, pair) in (0..).zip(values.windows(2)) {
                let entry = entry([pair[0], pair[1]].map(|value| value / exp2(unit_bits as i32)));
                let first = (1.0f32.to_bits() | (side << 31)) + (number << PLACE_BITS);
                entries[cell(first)] = entry;
            }
        }
        let entries: Box<Entries> = entries.try_into().expect("an entry for each cell");
        // Lines are steepest in the tails, and their ends the least and the greatest.
        for word in [0, u32::MAX] {
            (least, greatest) = (least.min(quantile(&entries, word)), greatest.max(quantile(&entries, word)));
        }
        Self { entries, unit_bits, least, greatest }
    }

    /// The quantile that the high bits of a random word choose.
    #[inline(always)]
    pub fn quantile(&self, word: u32) -> u32 {
        quantile(&self.entries, word)
    }

    /// Every quantile, rising, each as likely as the others.
    pub fn quantiles(&self) -> impl Iterator<Item = u32> {
        (0..1 << UNIFORM_BITS).map(|k: u32| self.quantile(k << (u32::BITS - UNIFORM_BITS)))
    }

    /// The entries of its cells.
    pub fn entries(&self) -> &Entries {
        &self.entries
    }

    /// A quantile as a number.
    pub fn factor(&self, quantile: u32) -> f64 {
        f64::from(quantile) * exp2(self.unit_bits as i32 - 32)
    }

    /// The least quantile.
    pub fn least(&self) -> u32 {
        self.least
    }

    /// The greatest quantile.
    pub fn greatest(&self) -> u32 {
        self.greatest
    }

    /// Whether the greatest quantile is too large for the entries.
    pub fn is_saturated(&self) -> bool {
        self.unit_bits == MAX_UNIT_BITS
    }

    /// What [`scaled_draw`](super::scaled_draw) takes for draws of this mean, not negative.
    ///
    /// # Errors
    /// A mean that does not fit, with the largest that does.
    pub fn scaled_mean(&self, mean: f64, fraction_bits: u32) -> Result<u32, f64> {
        let scale = exp2((self.unit_bits + fraction_bits) as i32);
        // Room for the rounding of a draw.
        let most = exp2(32) - exp2(fraction_bits as i32);
        let scaled = (mean * scale).round_ties_even();
        if scaled < most { Ok(scaled as u32) } else { Err(most / scale) }
    }
}

/// An entry for a cell with these values at its ends, in [0, 1).
fn entry([start, end]: [f64; 2]) -> u32 {
    let base = |value: f64| (value * exp2(BASE_BITS as i32)).round_ties_even();
    // The line ends where the next cell starts, so that neighbours leave no gap.
    let risen = (base(end) - base(start)) * exp2(SLOPE_BITS as i32);
    let slope = (risen * exp2(SLOPE_SHIFT as i32 - PLACE_BITS as i32)).round_ties_even();
    let most = exp2(SLOPE_BITS as i32 - 1);
    base(start) as u32 | ((slope.clamp(-most, most - 1.0) as i32) << BASE_BITS) as u32
}

fn exp2(exponent: i32) -> f64 {
    libm::ldexp(1.0, exponent)
}

/// Standard normal quantiles for draws that the host makes in floats.
#[derive(Debug, Clone)]
pub struct NormalQuantiles(Ends);

impl Default for NormalQuantiles {
    fn default() -> Self {
        Self(Ends::above(0.0))
    }
}

impl NormalQuantiles {
    /// The quantile that the high bits of a random word choose.
    pub fn at(&self, word: u32) -> f64 {
        let place = place(word);
        let number = (((place << 1) - (1.0f32.to_bits() << 1)) >> (PLACE_BITS + 1)) as usize;
        let rest = f64::from(place & ((1 << PLACE_BITS) - 1)) * exp2(-(PLACE_BITS as i32));
        let side = &self.0.0[(place >> 31) as usize];
        side[number] + (side[number + 1] - side[number]) * rest
    }
}

/// Standard normal quantiles at the ends of cells, from either end of the distribution to its median.
#[derive(Debug, Clone)]
struct Ends([Vec<f64>; 2]);

impl Ends {
    /// Of the part of the normal distribution that leaves out the lowest `below` of the probability.
    fn above(below: f64) -> Self {
        let lower = |p: f64| below + (1.0 - below) * p;
        let upper = |p: f64| (1.0 - below) * p;
        let lower = Self::tail_quantiles(lower).into_iter().map(|z| -z).collect();
        Self([lower, Self::tail_quantiles(upper)])
    }

    /// The z above which a standard normal number lies with probability `tail`, from the outermost cell.
    fn tail_quantiles(tail: impl Fn(f64) -> f64) -> Vec<f64> {
        let n = UNIFORM_BITS * CELLS_OF_OCTAVE;
        let mut z = 0.0;
        // From the median, each started from its neighbour.
        let from_median = (0..=n).rev().map(|number| {
            let (octave, cell) = (number / CELLS_OF_OCTAVE, number % CELLS_OF_OCTAVE);
            let distance = exp2(octave as i32) * (1.0 + f64::from(cell) / f64::from(CELLS_OF_OCTAVE));
            z = upper_tail_quantile(tail(distance * exp2(-1 - UNIFORM_BITS as i32)), z);
            z
        });
        let mut quantiles: Vec<f64> = from_median.collect();
        quantiles.reverse();
        quantiles
    }
}

/// The z above which a standard normal number lies with probability `upper_tail`: Newton's method on
/// the normal distribution function, started from `z`.
fn upper_tail_quantile(upper_tail: f64, mut z: f64) -> f64 {
    const SQRT_TAU: f64 = 2.506_628_274_631_000_5;
    for _ in 0..60 {
        let density = libm::exp(-0.5 * z * z) / SQRT_TAU;
        let step = (0.5 * libm::erfc(z * FRAC_1_SQRT_2) - upper_tail) / density;
        z += step;
        if step.abs() < 1e-13 {
            break;
        }
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fixed_point::{WEIGHT_FRACTION_BITS, scaled_draw};

    fn moments(table: &FactorTable) -> (f64, f64) {
        let n = f64::from(1u32 << UNIFORM_BITS);
        let values = || table.quantiles().map(|q| table.factor(q));
        let mean = values().sum::<f64>() / n;
        (mean, (values().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt())
    }

    /// What lies beyond the last quantile is lost; a thousandth is what the model needs.
    const MOMENT_TOLERANCE: f64 = 1e-3;

    #[test]
    fn tables_have_the_mean_and_sd_of_their_distribution() {
        let tables = [
            (FactorTable::clipped_normal(0.1), 0.1),
            (FactorTable::delay(DelayDistribution::Lognormal, 0.5, 0.0), 0.5),
            (FactorTable::delay(DelayDistribution::Lognormal, 1.0, 0.0), 1.0),
        ];
        for (table, sd) in tables {
            let (mean, measured_sd) = moments(&table);
            assert!((mean - 1.0).abs() < MOMENT_TOLERANCE, "mean {mean}");
            assert!((measured_sd / sd - 1.0).abs() < MOMENT_TOLERANCE, "sd {measured_sd} for {sd}");
        }
    }

    #[test]
    fn quantiles_agree_with_tabulated_ones() {
        let z = NormalQuantiles::default();
        let at = |p: f64| z.at((p * exp2(32)) as u32);
        // Φ⁻¹(0.975) = 1.959964, Φ⁻¹(0.99) = 2.326348, Φ⁻¹(1 − 10⁻⁵) = 4.264891 (any table of the normal
        // distribution).
        for (p, tabulated) in [(0.975, 1.959_964), (0.99, 2.326_348), (1.0 - 1e-5, 4.264_891)] {
            let tolerance = if p < 0.999 { 1e-4 } else { 0.01 };
            assert!((at(p) - tabulated).abs() < tolerance, "{} for {tabulated}", at(p));
            assert!((at(1.0 - p) + tabulated).abs() < tolerance);
        }
        let words = || (0..1u32 << 12).map(|k| k << 20);
        assert!(words().zip(words().skip(1)).all(|(a, b)| z.at(a) < z.at(b)));
        assert!(z.at(u32::MAX) < LARGEST_Z && z.at(u32::MAX) > LARGEST_Z - 0.01);
        assert_eq!(z.at(0), -z.at(u32::MAX));
    }

    #[test]
    fn a_table_without_spread_is_constant_one() {
        let table = FactorTable::clipped_normal(0.0);
        assert!(table.quantiles().all(|q| table.factor(q) == 1.0));
        for (mean, drawn) in [(10.0, 10), (7.5, 8), (0.0, 0), (16_777_215.0, 16_777_215)] {
            let scaled = table.scaled_mean(mean, WEIGHT_FRACTION_BITS).expect("a mean that fits");
            assert_eq!(scaled_draw(scaled, table.quantile(0), WEIGHT_FRACTION_BITS), drawn);
        }
    }

    #[test]
    fn quantiles_rise_and_end_with_the_least_and_the_greatest() {
        for distribution in [DelayDistribution::Lognormal, DelayDistribution::Normal] {
            for relative_sd in [0.1, 0.5, 1.5] {
                let table = FactorTable::delay(distribution, relative_sd, 0.0);
                assert!(!table.is_saturated());
                // Half a unit of a slope, as a line ends there beside the next one's start.
                let gap = 1 << (PLACE_BITS - SLOPE_SHIFT - 1);
                let mut highest = 0;
                for q in table.quantiles() {
                    assert!(q + gap >= highest && (table.least()..=table.greatest()).contains(&q));
                    highest = highest.max(q);
                }
            }
        }
        assert!(FactorTable::delay(DelayDistribution::Lognormal, 10.0, 0.0).is_saturated());
    }

    #[test]
    fn a_truncated_normal_has_the_moments_of_what_is_above_the_bound() {
        // With α = (b − 1)/s, φ and Φ the normal density and distribution, Z = 1 − Φ(α): mean
        // 1 + s φ(α)/Z, variance s² (1 + α φ(α)/Z − (φ(α)/Z)²). The bounds are half a step of 0.1 ms
        // over 1.5 and 0.75 ms.
        for bound in [0.05 / 1.5, 0.05 / 0.75] {
            let (s, alpha) = (0.5, (bound - 1.0) / 0.5);
            let density = f64::exp(-0.5 * alpha * alpha) / std::f64::consts::TAU.sqrt();
            let hazard = density / (1.0 - 0.5 * libm::erfc(-alpha * FRAC_1_SQRT_2));
            let expected_sd = s * (1.0 + alpha * hazard - hazard * hazard).sqrt();
            let table = FactorTable::delay(DelayDistribution::TruncatedNormal, s, bound);
            let (mean, sd) = moments(&table);
            assert!((mean - 1.0 - s * hazard).abs() < MOMENT_TOLERANCE, "mean {mean}");
            assert!((sd / expected_sd - 1.0).abs() < MOMENT_TOLERANCE, "sd {sd} for {expected_sd}");
            assert!(table.factor(table.least()) >= bound - exp2(-18));
            // The clipped one is another distribution.
            assert!((moments(&FactorTable::clipped_normal(s)).0 - mean).abs() > MOMENT_TOLERANCE);
        }
    }

    #[test]
    fn a_bound_far_below_the_mean_truncates_nothing() {
        let (truncated, normal) =
            (FactorTable::truncated_normal(0.1, 0.05), FactorTable::clipped_normal(0.1));
        let largest = truncated.quantiles().zip(normal.quantiles()).map(|(a, b)| a.abs_diff(b)).max();
        // A unit of an entry's value.
        assert!(largest <= Some(1 << SLOPE_BITS), "{largest:?}");
        assert_eq!(FactorTable::truncated_normal(0.0, 0.5), FactorTable::clipped_normal(0.0));
    }

    #[test]
    fn weights_never_change_sign() {
        assert_eq!(FactorTable::clipped_normal(1.0).least(), 0);
    }
}
