//! Tests of whether numbers follow a distribution. Each rejects a true hypothesis with probability
//! [`ALPHA`]; seeds are fixed, so a test passes always or never.
#![allow(dead_code, reason = "each test uses a part")]

/// Probability of rejecting numbers that do follow the distribution, for each of the tests.
pub const ALPHA: f64 = 1e-4;
/// Upper quantile of the standard normal distribution at 1 − [`ALPHA`]/2, from tables.
pub const Z_CRITICAL: f64 = 3.8906;

/// Pearson's statistic Σ (observed − expected)²/expected.
pub fn chi_square(observed: &[f64], expected: &[f64]) -> f64 {
    assert!(
        expected.iter().all(|&e| e >= 5.0),
        "the statistic is χ² distributed from 5 expected in each cell"
    );
    observed.iter().zip(expected).map(|(o, e)| (o - e).powi(2) / e).sum()
}

/// Whether `statistic` lies between the χ² quantiles at ALPHA/2 and 1 − ALPHA/2: neither too far
/// from the expectation nor too close to it. Quantiles by Wilson & Hilferty (1931),
/// doi:10.1073/pnas.17.12.684: accurate to a percent from 10 degrees of freedom.
pub fn is_chi_square(statistic: f64, degrees_of_freedom: usize) -> bool {
    let k = degrees_of_freedom as f64;
    let quantile = |z: f64| k * (1.0 - 2.0 / (9.0 * k) + z * (2.0 / (9.0 * k)).sqrt()).powi(3);
    (quantile(-Z_CRITICAL)..quantile(Z_CRITICAL)).contains(&statistic)
}

/// Whether `counts` are those of independent draws with equal probabilities.
pub fn is_uniform(counts: &[u32]) -> bool {
    let observed: Vec<f64> = counts.iter().map(|&c| f64::from(c)).collect();
    let expected = vec![observed.iter().sum::<f64>() / observed.len() as f64; observed.len()];
    is_chi_square(chi_square(&observed, &expected), observed.len() - 1)
}

/// Largest distance between the distribution functions of two samples (Kolmogorov-Smirnov).
pub fn ks_distance(a: &mut [f64], b: &mut [f64]) -> f64 {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let share_up_to =
        |sorted: &[f64], x: f64| sorted.partition_point(|&v| v <= x) as f64 / sorted.len() as f64;
    a.iter().chain(b.iter()).map(|&x| (share_up_to(a, x) - share_up_to(b, x)).abs()).fold(0.0, f64::max)
}

/// Distance above which `n` draws do not follow a known distribution: √(−ln(α/2)/2n), the
/// asymptotic Kolmogorov distribution; with ties the test rejects less often.
pub fn ks_critical(n: usize) -> f64 {
    (-(ALPHA / 2.0).ln() / (2.0 * n as f64)).sqrt()
}

/// Whether two series are uncorrelated: r√n is standard normal.
pub fn are_uncorrelated(a: &[f64], b: &[f64]) -> bool {
    assert_eq!(a.len(), b.len());
    correlation(a, b).abs() * (a.len() as f64).sqrt() < Z_CRITICAL
}

/// Pearson's correlation coefficient.
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let product = |x: &[f64], mx: f64, y: &[f64], my: f64| {
        x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>()
    };
    product(a, mean_a, b, mean_b) / (product(a, mean_a, a, mean_a) * product(b, mean_b, b, mean_b)).sqrt()
}
