//! Distances between distributions: Kolmogorov-Smirnov and earth mover's.

/// Largest difference of two empirical distribution functions, each right-continuous, in [0, 1]; the
/// values ascend. `None` if a list is empty.
pub fn ks_distance(a: &[f64], b: &[f64]) -> Option<f64> {
    let mut largest = 0.0f64;
    walk(a, b, |_, fa, fb| largest = largest.max((fa - fb).abs()))?;
    Some(largest)
}

/// Earth mover's distance (first Wasserstein): the area between two distribution functions, in the
/// unit of the values, which ascend. `None` if a list is empty.
pub fn earth_movers_distance(a: &[f64], b: &[f64]) -> Option<f64> {
    let (mut area, mut last) = (0.0, None);
    walk(a, b, |x, fa, fb| {
        if let Some((from, difference)) = last {
            area += (x - from) * difference;
        }
        last = Some((x, f64::abs(fa - fb)));
    })?;
    Some(area)
}

/// Hands on each value that occurs, in rising order, and both distribution functions at it.
fn walk(a: &[f64], b: &[f64], mut at: impl FnMut(f64, f64, f64)) -> Option<()> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let (mut i, mut j) = (0, 0);
    while let Some(&x) = [a.get(i), b.get(j)].into_iter().flatten().min_by(|x, y| x.total_cmp(y)) {
        i += a[i..].iter().take_while(|&&value| value <= x).count();
        j += b[j..].iter().take_while(|&&value| value <= x).count();
        at(x, i as f64 / a.len() as f64, j as f64 / b.len() as f64);
    }
    Some(())
}

/// Largest difference between the distribution function of `values` and that of a table: the value of
/// each quantile `level`, ascending. Both functions are right-continuous; that of the table is known to
/// the distance of its levels. `None` if a list is empty.
pub fn ks_distance_to_quantiles(values: &[f64], level: &[f64], quantile: &[f64]) -> Option<f64> {
    if values.is_empty() || quantile.is_empty() {
        return None;
    }
    let of_values = |x: f64| values.partition_point(|&value| value <= x) as f64 / values.len() as f64;
    let of_table =
        |x: f64| quantile.partition_point(|&q| q <= x).checked_sub(1).map_or(0.0, |last| level[last]);
    let difference = |&x: &f64| (of_values(x) - of_table(x)).abs();
    Some(values.iter().chain(quantile).map(difference).fold(0.0, f64::max))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// f64 sums in another order.
    const TOLERANCE: f64 = 1e-12;

    #[test]
    fn equal_lists_have_no_distance_and_separate_ones_the_largest() {
        let a = [1.0, 2.0, 2.0, 5.0];
        assert_eq!((ks_distance(&a, &a), earth_movers_distance(&a, &a)), (Some(0.0), Some(0.0)));
        assert_eq!(ks_distance(&a, &[6.0, 7.0]), Some(1.0));
        assert_eq!(ks_distance(&a, &[]), None);
    }

    #[test]
    fn a_shift_moves_all_earth_by_itself() {
        let a = [0.5, 1.0, 4.0];
        let b = a.map(|x| x + 0.75);
        assert!((earth_movers_distance(&a, &b).unwrap() - 0.75).abs() < TOLERANCE);
    }

    #[test]
    fn ties_are_one_step_of_the_distribution() {
        // F_a(1) = 2/3, F_b(1) = 1/2; the largest difference is at 0: 1/3 against 0 … at 1: 1/6.
        assert!((ks_distance(&[0.0, 1.0, 2.0], &[1.0, 2.0]).unwrap() - 1.0 / 3.0).abs() < TOLERANCE);
        assert!((earth_movers_distance(&[0.0, 1.0, 2.0], &[1.0, 2.0]).unwrap() - 0.5).abs() < TOLERANCE);
    }

    #[test]
    fn a_table_of_its_own_quantiles_is_as_near_as_its_levels() {
        let values: Vec<f64> = (1..=1000).map(|i| f64::from(i) / 1000.0).collect();
        let level: Vec<f64> = (0..=1000).map(|i| f64::from(i) / 1000.0).collect();
        let distance = ks_distance_to_quantiles(&values, &level, &level).unwrap();
        assert!(distance <= 0.001 + TOLERANCE, "{distance}");
        let doubled: Vec<f64> = level.iter().map(|q| 2.0 * q).collect();
        let distance = ks_distance_to_quantiles(&values, &level, &doubled).unwrap();
        assert!((distance - 0.5).abs() <= 0.001 + TOLERANCE, "{distance}");
    }
}
