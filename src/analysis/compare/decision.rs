//! Whether two sides differ by more than seeds.

use super::distances::{Distances, mean};
use super::member::{Member, Statistic};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Populations of a test over all of them.
const ALL: &str = "all";
/// Fewest distances between seeds from which their spread can be told.
const FEWEST_SEED_DISTANCES: usize = 3;
/// Fewest areas from which the spread of a difference can be told.
const FEWEST_AREAS: usize = 5;
/// Correlation between areas of the difference of two seeds (assumption). Over the 120 pairs of 16
/// seeds of `configs/downscaled.ron` the variance of Student's t of 34 areas is up to 3 where
/// independent areas have 1.06: 1 + 33 · 0.06 covers it.
const AREA_CORRELATION: f64 = 0.06;

/// What counts as a replicate, and what is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Runs are the replicates: with at least three distances between seeds of a side (three seeds of
    /// one, or as many pairs of both). For each statistic two tests at α over their number:
    /// - its mean over populations, run by run, by Student's t test for two samples of the same
    ///   variance, two-sided;
    /// - the mean earth mover's distance between the sides, which must lie below the upper prediction
    ///   bound for one more distance between seeds, m + t s √(1 + 1/n), with mean m and standard
    ///   deviation s of the n distances between seeds. Distances that share a run are not
    ///   independent: the degrees of freedom of t are the runs beyond the first of each side, n − 1 at
    ///   most.
    Seeds,
    /// Areas are the replicates, with fewer seeds: two seeds of one configuration differ by chance, and
    /// in each area by another one. For each statistic and each kind of population (layer and E or
    /// I), the differences between the sides (means over their runs), one an area, must have a mean
    /// of 0 by Student's t test, two-sided at α over the number of tests. As areas are coupled, t is
    /// divided by the root of the design effect 1 + (n − 1) ρ of n areas (Kish 1965), ρ = 0.06.
    /// Blind to a change that has no common direction over areas; more seeds see it.
    Areas,
    /// Neither can be told: one seed a side and fewer than five areas.
    Undecided,
}

/// What a test is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Difference of means; its value is the absolute value of Student's t.
    Mean,
    /// Mean earth mover's distance; its value is in the unit of the statistic.
    EarthMovers,
}

/// One test.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Statistic.
    pub statistic: Statistic,
    /// Populations that it is about: layer and kind, or `all`.
    pub populations: String,
    /// What of them.
    pub measure: Measure,
    /// Number of replicates: runs, distances between seeds, or areas.
    pub n: usize,
    /// What was found.
    pub value: f64,
    /// Largest value that lies within seeds.
    pub bound: f64,
}

impl Test {
    /// Whether the value lies within its bound.
    pub fn is_within(&self) -> bool {
        self.value <= self.bound
    }
}

/// Whether two sides differ by more than seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What was tested.
    pub rule: Rule,
    /// Probability with which two sides that differ in their seeds alone are told apart.
    pub alpha: f64,
    /// All tests.
    pub tests: Vec<Test>,
}

impl Decision {
    /// Whether the sides lie within seeds; `None` if it cannot be told.
    pub fn is_within(&self) -> Option<bool> {
        (!self.tests.is_empty()).then(|| self.tests.iter().all(Test::is_within))
    }
}

/// Decides by runs if there are enough, else by areas.
pub(super) fn decide(distances: &Distances, a: &[&Member], b: &[&Member], alpha: f64) -> Decision {
    let n_seed_distances = distances.pairs.iter().filter(|pair| !pair.is_between).count();
    let (rule, tests) = if n_seed_distances >= FEWEST_SEED_DISTANCES {
        (Rule::Seeds, by_seeds(distances, (a.len(), b.len()), alpha))
    } else {
        (Rule::Areas, by_areas(distances, alpha))
    };
    let rule = if tests.is_empty() { Rule::Undecided } else { rule };
    Decision { rule, alpha, tests }
}

fn by_seeds(distances: &Distances, runs: (usize, usize), alpha: f64) -> Vec<Test> {
    let level = 1.0 - alpha / (2 * Statistic::ALL.len()) as f64;
    let tests = Statistic::ALL.iter().flat_map(|&statistic| {
        [mean_of_runs(distances, statistic, runs, level), distance_of_runs(distances, statistic, runs, level)]
    });
    tests.flatten().collect()
}

/// Student's t of the means over populations; `None` if no population has the statistic in every run.
fn mean_of_runs(
    distances: &Distances,
    statistic: Statistic,
    (n_a, n_b): (usize, usize),
    level: f64,
) -> Option<Test> {
    let means = distances.mean_of_runs(statistic)?;
    let (a, b) = means.split_at(n_a);
    let squares = |side: &[f64], mean: f64| side.iter().map(|value| squared(value - mean)).sum::<f64>();
    let (mean_a, mean_b) = (mean(a.iter().copied())?, mean(b.iter().copied())?);
    let degrees_of_freedom = n_a + n_b - 2;
    let variance = (squares(a, mean_a) + squares(b, mean_b)) / degrees_of_freedom as f64;
    let error = (variance * (1.0 / n_a as f64 + 1.0 / n_b as f64)).sqrt();
    Some(Test {
        statistic,
        populations: ALL.to_owned(),
        measure: Measure::Mean,
        n: n_a + n_b,
        value: student_t(mean_a - mean_b, error),
        // Two-sided: half of what is left on each side.
        bound: student_quantile(degrees_of_freedom, 0.5 + level / 2.0),
    })
}

/// The mean distance between the sides and the prediction bound of one more between seeds.
fn distance_of_runs(
    distances: &Distances,
    statistic: Statistic,
    (n_a, n_b): (usize, usize),
    level: f64,
) -> Option<Test> {
    let (_, of_pairs) = distances.mean_of_pairs(statistic);
    let emd = |is_between: bool| {
        let pairs =
            distances.pairs.iter().zip(&of_pairs).filter(move |(pair, _)| pair.is_between == is_between);
        pairs.map(|(_, distance)| distance.emd).collect::<Vec<f64>>()
    };
    let seeds = emd(false);
    let n = seeds.len();
    let (m, s) = mean_and_sd(&seeds)?;
    let t = student_quantile((n_a + n_b - 2).min(n - 1), level);
    Some(Test {
        statistic,
        populations: ALL.to_owned(),
        measure: Measure::EarthMovers,
        n,
        value: mean(emd(true).into_iter())?,
        bound: m + t * s * (1.0 + 1.0 / n as f64).sqrt(),
    })
}

fn by_areas(distances: &Distances, alpha: f64) -> Vec<Test> {
    let mut kinds: Vec<(Statistic, String, Vec<f64>)> = Vec::new();
    for population in &distances.populations {
        let (Some(a), Some(b)) = (population.a, population.b) else { continue };
        let kind = format!("{} {}", population.layer, population.population);
        let same = |(statistic, name, _): &&mut (Statistic, String, _)| {
            *statistic == population.statistic && *name == kind
        };
        match kinds.iter_mut().find(same) {
            Some((_, _, differences)) => differences.push(a - b),
            None => kinds.push((population.statistic, kind, vec![a - b])),
        }
    }
    kinds.retain(|(_, _, differences)| differences.len() >= FEWEST_AREAS);
    let level = 1.0 - alpha / 2.0 / kinds.len().max(1) as f64;
    let test = |(statistic, populations, differences): (Statistic, String, Vec<f64>)| {
        let n = differences.len();
        let (m, s) = mean_and_sd(&differences)?;
        let design_effect = 1.0 + (n - 1) as f64 * AREA_CORRELATION;
        let value = student_t(m, s * (design_effect / n as f64).sqrt());
        let (measure, bound) = (Measure::Mean, student_quantile(n - 1, level));
        Some(Test { statistic, populations, measure, n, value, bound })
    };
    kinds.into_iter().filter_map(test).collect()
}

/// Absolute value of a difference over its error; sides that are the same have neither.
fn student_t(difference: f64, error: f64) -> f64 {
    if difference == 0.0 { 0.0 } else { difference.abs() / error }
}

fn squared(x: f64) -> f64 {
    x * x
}

/// Mean, and standard deviation with n − 1 in the denominator; `None` of fewer than two.
fn mean_and_sd(values: &[f64]) -> Option<(f64, f64)> {
    let m = mean(values.iter().copied())?;
    let squares: f64 = values.iter().map(|value| squared(value - m)).sum();
    (values.len() >= 2).then(|| (m, (squares / (values.len() - 1) as f64).sqrt()))
}

/// Quantile of Student's t distribution; infinite without a degree of freedom.
fn student_quantile(degrees_of_freedom: usize, level: f64) -> f64 {
    let student = StudentsT::new(0.0, 1.0, degrees_of_freedom as f64);
    student.map_or(f64::INFINITY, |student| student.inverse_cdf(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of Student's t have three decimals.
    const TABLE: f64 = 5e-4;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (degrees_of_freedom, level, expected) in
            [(1, 0.975, 12.706), (4, 0.99, 3.747), (30, 0.9995, 3.646)]
        {
            assert!((student_quantile(degrees_of_freedom, level) - expected).abs() < TABLE);
        }
    }
}
