//! Quantile tables: normal and lognormal draws from random bits, without floats.
//!
//! A weight or delay is mean · q with q an entry of the table, indexed by random bits: the table
//! *is* the distribution. Entry k is the quantile at (k + ½)/2¹², so z ends at ±3.67. Two tables, of
//! weights and of delays, fit a processor's first cache together; tables of 2¹⁶ entries, which end at
//! ±4.3, made delivery in the full model a fifth slower.

use crate::network::DelayDistribution;

/// Random bits that index a table.
pub const TABLE_BITS: u32 = 12;
/// Fractional bits of an entry; entries are below 2^(32 − FACTOR_BITS) = 64.
pub const FACTOR_BITS: u32 = 26;

/// Quantiles of a distribution with mean 1, in fixed point with [`FACTOR_BITS`] fractional bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorTable(Box<Entries>);

/// Entries of a table.
pub type Entries = [u32; 1 << TABLE_BITS];

impl FactorTable {
    /// Normal with mean 1 and standard deviation `relative_sd`, clipped at 0.
    pub fn clipped_normal(relative_sd: f64) -> Self {
        Self::from_normal_quantiles(|z| 1.0 + relative_sd * z)
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
                let factors: Vec<f64> =
                    normal_quantiles().into_iter().map(|z| libm::exp(sd * z - variance / 2.0)).collect();
                Self::of(with_moments(factors, 1.0, relative_sd).into_iter().map(fixed))
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
        let below = 0.5 * libm::erfc((1.0 - bound) / relative_sd * std::f64::consts::FRAC_1_SQRT_2);
        let quantiles = normal_quantiles_above(below);
        Self::of(quantiles.into_iter().map(|z| fixed((1.0 + relative_sd * z).max(bound))))
    }

    fn from_normal_quantiles(factor: impl Fn(f64) -> f64) -> Self {
        Self::of(normal_quantiles().into_iter().map(|z| fixed(factor(z))))
    }

    fn of(entries: impl Iterator<Item = u32>) -> Self {
        let entries: Vec<u32> = entries.collect();
        Self(entries.try_into().expect("a quantile for each entry"))
    }

    /// Entry that the low bits of a random word choose.
    #[inline(always)]
    pub fn by_low_bits(&self, word: u32) -> u32 {
        by_low_bits(&self.0, word)
    }

    /// Entry that the high bits of a random word choose.
    #[inline(always)]
    pub fn by_high_bits(&self, word: u32) -> u32 {
        by_high_bits(&self.0, word)
    }

    /// The entries, ascending.
    pub fn entries(&self) -> &Entries {
        &self.0
    }

    /// Greatest entry as a number.
    pub fn max_factor(&self) -> f64 {
        f64::from(self.0.last().copied().unwrap_or(0)) / f64::from(1u32 << FACTOR_BITS)
    }

    /// Whether the greatest quantile reached the end of the fixed-point range.
    pub fn is_saturated(&self) -> bool {
        self.0.last() == Some(&u32::MAX)
    }

    /// Normal quantile z behind each entry, for draws that the host makes in floats.
    pub fn normal_quantile_table() -> Vec<f64> {
        normal_quantiles()
    }
}

/// Entry that the low [`TABLE_BITS`] of a random word choose.
#[inline(always)]
pub fn by_low_bits(entries: &Entries, word: u32) -> u32 {
    entries[(word & ((1 << TABLE_BITS) - 1)) as usize]
}

/// Entry that the high [`TABLE_BITS`] of a random word choose.
#[inline(always)]
pub fn by_high_bits(entries: &Entries, word: u32) -> u32 {
    entries[(word >> (u32::BITS - TABLE_BITS)) as usize]
}

/// `values`, stretched to have that mean and standard deviation: the midpoints of a table's cells lose
/// a part of a long tail's variance, 0.2 % of a delay's.
fn with_moments(values: Vec<f64>, mean: f64, sd: f64) -> Vec<f64> {
    let n = values.len() as f64;
    let measured_mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - measured_mean) * (v - measured_mean)).sum::<f64>() / n;
    let stretch = if variance > 0.0 { sd / libm::sqrt(variance) } else { 1.0 };
    values.into_iter().map(|v| mean + (v - measured_mean) * stretch).collect()
}

/// `mean` · `factor`, rounded to the nearest integer: `scaled_mean` has 32 − [`FACTOR_BITS`]
/// fractional bits, `factor` comes from a [`FactorTable`].
#[inline(always)]
pub fn scaled_draw(scaled_mean: u32, factor: u32) -> u32 {
    ((u64::from(scaled_mean) * u64::from(factor) + (1 << 31)) >> 32) as u32
}

/// An entry.
fn fixed(factor: f64) -> u32 {
    (factor.max(0.0) * f64::from(1u32 << FACTOR_BITS)).round_ties_even() as u32
}

/// Standard normal quantiles at `below` + (1 − `below`) (k + ½)/2¹², ascending, each started from its
/// neighbour on the side of the median.
fn normal_quantiles_above(below: f64) -> Vec<f64> {
    let cells = 1usize << TABLE_BITS;
    let upper_tail = |k: usize| (1.0 - below) * (cells as f64 - k as f64 - 0.5) / cells as f64;
    let mut quantiles = vec![0.0; cells];
    let median = (0..cells).position(|k| upper_tail(k) <= 0.5).unwrap_or(cells);
    let mut z = 0.0;
    for (k, quantile) in quantiles.iter_mut().enumerate().skip(median) {
        z = upper_tail_quantile(upper_tail(k), z);
        *quantile = z;
    }
    z = 0.0;
    for (k, quantile) in quantiles.iter_mut().enumerate().take(median).rev() {
        // Mirrored, so that Newton's method runs into a tail of the same shape.
        z = -upper_tail_quantile(1.0 - upper_tail(k), -z);
        *quantile = z;
    }
    quantiles
}

/// The z above which a standard normal number lies with probability `upper_tail`: Newton's method on
/// the normal distribution function, started from `z`.
fn upper_tail_quantile(upper_tail: f64, mut z: f64) -> f64 {
    const SQRT_TAU: f64 = 2.506_628_274_631_000_5;
    for _ in 0..60 {
        let density = libm::exp(-0.5 * z * z) / SQRT_TAU;
        let step = (0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2) - upper_tail) / density;
        z += step;
        if step.abs() < 1e-13 {
            break;
        }
    }
    z
}

/// Standard normal quantiles at (k + ½)/2¹², each started from its neighbour; the lower half mirrors
/// the upper.
fn normal_quantiles() -> Vec<f64> {
    const HALF: usize = 1 << (TABLE_BITS - 1);
    let mut quantiles = vec![0.0; 2 * HALF];
    let mut z = 0.0;
    for k in 0..HALF {
        let upper_tail = (HALF as f64 - k as f64 - 0.5) / (2 * HALF) as f64;
        z = upper_tail_quantile(upper_tail, z);
        quantiles[HALF + k] = z;
        quantiles[HALF - 1 - k] = -z;
    }
    quantiles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(table: &FactorTable) -> (f64, f64) {
        let scale = f64::from(1u32 << FACTOR_BITS);
        let values: Vec<f64> = table.entries().iter().map(|&q| f64::from(q) / scale).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
        (mean, variance.sqrt())
    }

    /// The cells' midpoints lose a little of the tails; a thousandth is what the model needs.
    const MOMENT_TOLERANCE: f64 = 1e-3;

    #[test]
    fn tables_have_the_mean_and_sd_of_their_distribution() {
        let tables = [
            (FactorTable::clipped_normal(0.1), 0.1),
            (FactorTable::delay(DelayDistribution::Lognormal, 0.5, 0.0), 0.5),
        ];
        for (table, sd) in tables {
            let (mean, measured_sd) = moments(&table);
            assert!((mean - 1.0).abs() < MOMENT_TOLERANCE, "mean {mean}");
            assert!((measured_sd / sd - 1.0).abs() < MOMENT_TOLERANCE, "sd {measured_sd} for {sd}");
        }
    }

    #[test]
    fn quantiles_agree_with_tabulated_ones() {
        let z = normal_quantiles();
        // Φ⁻¹(0.975) = 1.959964, Φ⁻¹(0.99) = 2.326348 (any table of the normal distribution);
        // entries lie half a cell beside these probabilities.
        let cells = z.len() as f64;
        let at = |p: f64, slope: f64| z[(p * cells) as usize] + ((p * cells).fract() - 0.5) / cells * slope;
        assert!((at(0.975, 1.0 / 0.058_445) - 1.959_964).abs() < 1e-4);
        assert!((at(0.99, 1.0 / 0.026_652) - 2.326_348).abs() < 1e-4);
        assert!(z.windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn a_table_without_spread_is_constant_one() {
        let table = FactorTable::clipped_normal(0.0);
        assert!(table.entries().iter().all(|&q| q == 1 << FACTOR_BITS));
        assert_eq!(scaled_draw(640, table.entries()[0]), 10);
    }

    #[test]
    fn a_truncated_normal_has_the_moments_of_what_is_above_the_bound() {
        // With α = (b − 1)/s, φ and Φ the normal density and distribution, Z = 1 − Φ(α): mean
        // 1 + s φ(α)/Z, variance s² (1 + α φ(α)/Z − (φ(α)/Z)²). The bounds are half a step of 0.1 ms
        // over 1.5 and 0.75 ms.
        for bound in [0.05 / 1.5, 0.05 / 0.75] {
            let (s, alpha) = (0.5, (bound - 1.0) / 0.5);
            let density = f64::exp(-0.5 * alpha * alpha) / std::f64::consts::TAU.sqrt();
            let hazard = density / (1.0 - 0.5 * libm::erfc(-alpha * std::f64::consts::FRAC_1_SQRT_2));
            let expected_sd = s * (1.0 + alpha * hazard - hazard * hazard).sqrt();
            let table = FactorTable::delay(DelayDistribution::TruncatedNormal, s, bound);
            let (mean, sd) = moments(&table);
            assert!((mean - 1.0 - s * hazard).abs() < MOMENT_TOLERANCE, "mean {mean}");
            assert!((sd / expected_sd - 1.0).abs() < MOMENT_TOLERANCE, "sd {sd} for {expected_sd}");
            let scale = f64::from(1u32 << FACTOR_BITS);
            assert!(f64::from(table.entries()[0]) >= bound * scale - 1.0);
            assert!(table.entries().is_sorted());
            // The clipped one is another distribution.
            assert!((moments(&FactorTable::clipped_normal(s)).0 - mean).abs() > MOMENT_TOLERANCE);
        }
    }

    #[test]
    fn a_bound_far_below_the_mean_truncates_nothing() {
        let (truncated, normal) =
            (FactorTable::truncated_normal(0.1, 0.05), FactorTable::clipped_normal(0.1));
        let largest = truncated.entries().iter().zip(normal.entries()).map(|(&a, &b)| a.abs_diff(b)).max();
        assert!(largest <= Some(1), "{largest:?}");
        assert_eq!(FactorTable::truncated_normal(0.0, 0.5), FactorTable::clipped_normal(0.0));
    }

    #[test]
    fn weights_never_change_sign() {
        assert_eq!(FactorTable::clipped_normal(1.0).entries()[0], 0);
    }
}
