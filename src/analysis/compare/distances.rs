//! Distances between the distributions of two sides, population by population.

use super::member::{Member, Statistic};
use crate::analysis::{AnalysisError, earth_movers_distance, ks_distance};
use crate::simulation::recording::PopulationRow;
use rayon::prelude::*;

/// How far two distributions are apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distance {
    /// Kolmogorov-Smirnov, in [0, 1].
    pub ks: f64,
    /// Earth mover's, in the unit of the statistic.
    pub emd: f64,
}

/// Distances of one statistic in one population.
#[derive(Debug, Clone, PartialEq)]
pub struct PopulationDistances {
    /// Area.
    pub area: String,
    /// Layer.
    pub layer: String,
    /// Population within the layer.
    pub population: String,
    /// Statistic.
    pub statistic: Statistic,
    /// Mean over the runs of the first side that have it.
    pub a: Option<f64>,
    /// Mean over the runs of the second side that have it.
    pub b: Option<f64>,
    /// Mean over pairs of runs, one of each side.
    pub between: Option<Distance>,
    /// Mean over pairs of runs of the same side; absent with one run a side.
    pub between_seeds: Option<Distance>,
}

/// Distances of one statistic.
#[derive(Debug, Clone, PartialEq)]
pub struct StatisticDistances {
    /// Statistic.
    pub statistic: Statistic,
    /// Populations in which every run has it; the means are over them.
    pub n_populations: usize,
    /// Mean over populations and pairs of runs, one of each side.
    pub between: Option<Distance>,
    /// Mean over populations and pairs of runs of the same side.
    pub between_seeds: Option<Distance>,
}

/// A pair of runs, by their places in both sides, the first one's before the second's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub is_between: bool,
    runs: (usize, usize),
}

/// All distances.
pub(super) struct Distances {
    pub pairs: Vec<Pair>,
    pub populations: Vec<PopulationDistances>,
    /// For each of `populations`, the distance of every pair.
    of_pairs: Vec<Vec<Option<Distance>>>,
    /// For each of `populations`, the value of every run.
    of_runs: Vec<Vec<Option<f64>>>,
}

impl Distances {
    pub fn new(a: &[&Member], b: &[&Member]) -> Result<Self, AnalysisError> {
        let members = [a, b].concat();
        let common = common_rows(&members)?;
        let n = members.len();
        let pairs: Vec<Pair> = (0..n)
            .flat_map(|i| (i + 1..n).map(move |j| (i, j)))
            .map(|runs| Pair { is_between: runs.0 < a.len() && runs.1 >= a.len(), runs })
            .collect();
        let all: Vec<(&Vec<usize>, usize)> =
            common.iter().flat_map(|rows| (0..Statistic::ALL.len()).map(move |s| (rows, s))).collect();
        let found = all.par_iter().map(|&(rows, statistic)| {
            let sample = |run: usize| &members[run].samples[rows[run]][statistic];
            let distance = |pair: &Pair| distance(sample(pair.runs.0), sample(pair.runs.1));
            let of_pairs: Vec<Option<Distance>> = pairs.iter().map(distance).collect();
            let value = |run: usize| members[run].values[rows[run]][statistic];
            let row = &members[0].populations[rows[0]];
            let populations = PopulationDistances {
                area: row.area.clone(),
                layer: row.layer.clone(),
                population: row.population.clone(),
                statistic: Statistic::ALL[statistic],
                a: mean((0..a.len()).filter_map(value)),
                b: mean((a.len()..n).filter_map(value)),
                between: mean_distance(select(&pairs, &of_pairs, true)),
                between_seeds: mean_distance(select(&pairs, &of_pairs, false)),
            };
            (populations, (of_pairs, (0..n).map(value).collect()))
        });
        let (populations, (of_pairs, of_runs)) = found.collect::<Vec<_>>().into_iter().unzip();
        Ok(Self { pairs, populations, of_pairs, of_runs })
    }

    /// Distances of one statistic, pair by pair: means over the populations in which every pair has one.
    pub fn mean_of_pairs(&self, statistic: Statistic) -> (usize, Vec<Distance>) {
        let of_statistic =
            self.populations.iter().zip(&self.of_pairs).filter(|(p, _)| p.statistic == statistic);
        let complete: Vec<Vec<Distance>> =
            of_statistic.filter_map(|(_, pairs)| pairs.iter().copied().collect()).collect();
        let of_pair = |pair: usize| mean_distance(complete.iter().map(|population| population[pair]));
        (complete.len(), (0..self.pairs.len()).filter_map(of_pair).collect())
    }

    /// One statistic, run by run: mean over the populations in which every run has it.
    pub fn mean_of_runs(&self, statistic: Statistic) -> Option<Vec<f64>> {
        let of_statistic =
            self.populations.iter().zip(&self.of_runs).filter(|(p, _)| p.statistic == statistic);
        let complete: Vec<Vec<f64>> =
            of_statistic.filter_map(|(_, runs)| runs.iter().copied().collect()).collect();
        let n_runs = complete.first()?.len();
        (0..n_runs).map(|run| mean(complete.iter().map(|population| population[run]))).collect()
    }

    /// Means over populations.
    pub fn statistics(&self) -> Vec<StatisticDistances> {
        let of = |statistic: &Statistic| {
            let (n_populations, of_pairs) = self.mean_of_pairs(*statistic);
            let side = |is_between: bool| {
                let pairs =
                    self.pairs.iter().zip(&of_pairs).filter(|(pair, _)| pair.is_between == is_between);
                mean_distance(pairs.map(|(_, distance)| *distance))
            };
            let (between, between_seeds) = (side(true), side(false));
            StatisticDistances { statistic: *statistic, n_populations, between, between_seeds }
        };
        Statistic::ALL.iter().map(of).collect()
    }
}

/// Rows, one of each run, of the populations that all have.
fn common_rows(members: &[&Member]) -> Result<Vec<Vec<usize>>, AnalysisError> {
    let rows =
        |like: &PopulationRow| members.iter().map(|member| member.row(like)).collect::<Option<Vec<usize>>>();
    let common: Vec<Vec<usize>> =
        members.first().iter().flat_map(|first| &first.populations).filter_map(rows).collect();
    if common.is_empty() {
        return Err(AnalysisError::Incomparable {
            reason: "the runs have no population in common".to_owned(),
            remedy: "compare runs of the same model".to_owned(),
        });
    }
    Ok(common)
}

fn distance(a: &[f64], b: &[f64]) -> Option<Distance> {
    Some(Distance { ks: ks_distance(a, b)?, emd: earth_movers_distance(a, b)? })
}

fn select(
    pairs: &[Pair],
    distances: &[Option<Distance>],
    is_between: bool,
) -> impl Iterator<Item = Distance> {
    let chosen = pairs.iter().zip(distances).filter(move |(pair, _)| pair.is_between == is_between);
    chosen.filter_map(|(_, distance)| *distance).collect::<Vec<_>>().into_iter()
}

fn mean_distance(distances: impl Iterator<Item = Distance>) -> Option<Distance> {
    let (ks, emd): (Vec<f64>, Vec<f64>) = distances.map(|distance| (distance.ks, distance.emd)).unzip();
    Some(Distance { ks: mean(ks.into_iter())?, emd: mean(emd.into_iter())? })
}

/// Mean of what there is.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0u32), |(sum, n), value| (sum + value, n + 1));
    (n > 0).then(|| sum / f64::from(n))
}
