//! Quantile tables: normal and lognormal draws from 16 random bits, without floats.
//!
//! A weight or delay is mean · q with q an entry of the table, indexed by random bits: the table
//! *is* the distribution. Entry k is the quantile at (k + ½)/2¹⁶, so z ends at ±4.2.

use crate::network::DelayDistribution;

/// Random bits that index a table.
pub const TABLE_BITS: u32 = 16;
/// Fractional bits of an entry; entries are below 2^(32 − FACTOR_BITS) = 64.
pub const FACTOR_BITS: u32 = 26;

/// Quantiles of a distribution with mean 1, in fixed point with [`FACTOR_BITS`] fractional bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorTable(Box<[u32; 1 << TABLE_BITS]>);

impl FactorTable {
    /// Normal with mean 1 and standard deviation `relative_sd`, clipped at 0.
    pub fn clipped_normal(relative_sd: f64) -> Self {
        Self::from_normal_quantiles(|z| 1.0 + relative_sd * z)
    }

    /// Delays: lognormal or normal, with mean 1 and standard deviation `relative_sd`.
    pub fn delay(distribution: DelayDistribution, relative_sd: f64) -> Self {
        match distribution {
            DelayDistribution::Normal => Self::clipped_normal(relative_sd),
            DelayDistribution::Lognormal => {
                let variance = libm::log1p(relative_sd * relative_sd);
                let sd = libm::sqrt(variance);
                Self::from_normal_quantiles(|z| libm::exp(sd * z - variance / 2.0))
            }
        }
    }

    fn from_normal_quantiles(factor: impl Fn(f64) -> f64) -> Self {
        let fixed = |z| (factor(z).max(0.0) * f64::from(1u32 << FACTOR_BITS)).round_ties_even() as u32;
        let entries: Vec<u32> = normal_quantiles().into_iter().map(fixed).collect();
        Self(entries.try_into().expect("a quantile for each entry"))
    }

    /// The entries, ascending.
    pub fn entries(&self) -> &[u32; 1 << TABLE_BITS] {
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

    /// Normal quantile z behind entry `bits`, for draws that the host makes in floats.
    pub fn normal_quantile_table() -> Vec<f64> {
        normal_quantiles()
    }
}

/// `mean` · `factor`, rounded to the nearest integer: `scaled_mean` has 32 − [`FACTOR_BITS`]
/// fractional bits, `factor` comes from a [`FactorTable`].
#[inline(always)]
pub fn scaled_draw(scaled_mean: u32, factor: u32) -> u32 {
    ((u64::from(scaled_mean) * u64::from(factor) + (1 << 31)) >> 32) as u32
}

/// Standard normal quantiles at (k + ½)/2¹⁶. Newton's method on the normal distribution function,
/// each quantile started from its neighbour; the lower half mirrors the upper.
fn normal_quantiles() -> Vec<f64> {
    const HALF: usize = 1 << (TABLE_BITS - 1);
    const SQRT_TAU: f64 = 2.506_628_274_631_000_5;
    let mut quantiles = vec![0.0; 2 * HALF];
    let mut z = 0.0;
    for k in 0..HALF {
        let upper_tail = (HALF as f64 - k as f64 - 0.5) / (2 * HALF) as f64;
        for _ in 0..60 {
            let density = libm::exp(-0.5 * z * z) / SQRT_TAU;
            let step = (0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2) - upper_tail) / density;
            z += step;
            if step.abs() < 1e-13 {
                break;
            }
        }
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
            (FactorTable::delay(DelayDistribution::Lognormal, 0.5), 0.5),
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
        // Φ⁻¹(0.975) = 1.959964, Φ⁻¹(0.999) = 3.090232 (any table of the normal distribution);
        // entries lie half a cell beside these probabilities.
        let cell = 1.0 / 65536.0;
        let at =
            |p: f64, slope: f64| z[(p * 65536.0) as usize] - (((p * 65536.0).fract() - 0.5) * -cell) * slope;
        assert!((at(0.975, 1.0 / 0.058_445) - 1.959_964).abs() < 1e-5);
        assert!((at(0.999, 1.0 / 0.003_367) - 3.090_232).abs() < 1e-3);
        assert!(z.windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn a_table_without_spread_is_constant_one() {
        let table = FactorTable::clipped_normal(0.0);
        assert!(table.entries().iter().all(|&q| q == 1 << FACTOR_BITS));
        assert_eq!(scaled_draw(640, table.entries()[0]), 10);
    }

    #[test]
    fn weights_never_change_sign() {
        assert_eq!(FactorTable::clipped_normal(1.0).entries()[0], 0);
    }
}
