//! Do two simulations differ by more than the seeds of one?
//!
//! [`load`] reads what is compared, [`compare()`] puts one side beside the other:
//!
//! 1. Per population and statistic, the Kolmogorov-Smirnov and the earth mover's distance between the
//!    distributions over neurons (for correlation: over pairs), averaged over pairs of runs: one of
//!    each side (between), or two of the same side (between seeds).
//! 2. A decision, whether what lies between the sides lies within what lies between seeds. It must not
//!    take the neurons of a population for independent: they share what the network does, so that a
//!    two-sample test over neurons refuses two seeds of one configuration nearly always. Replicates
//!    are runs if there are enough of them, else areas; [`Rule`] tells how.

mod decision;
mod distances;
mod experiment;
mod member;
mod nest;
mod tables;

pub use decision::{Decision, Measure, Rule, Test};
pub use distances::{Distance, PopulationDistances, StatisticDistances};
pub use experiment::{ExperimentRow, compare_with_experiment};
pub use member::{Member, Statistic, load};
pub use nest::Reference;
pub use tables::{comparison_json, write_comparison_csv};

use super::AnalysisError;
use distances::Distances;

/// One side beside the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Names of the runs of the first side.
    pub a: Vec<String>,
    /// Names of the runs of the second side.
    pub b: Vec<String>,
    /// Stimuli that not all runs of both sides have, with the names of those that do.
    pub stimuli: Vec<(String, Vec<String>)>,
    /// Distances of every population that both sides have, statistic by statistic.
    pub populations: Vec<PopulationDistances>,
    /// Means over the populations in which every run has the statistic.
    pub statistics: Vec<StatisticDistances>,
    /// Whether the sides differ by more than seeds.
    pub decision: Decision,
}

/// Compares one side with the other; `alpha` is the probability with which two sides that differ in
/// their seeds alone are told apart.
///
/// # Errors
/// Sides without a population in common.
pub fn compare(a: &[&Member], b: &[&Member], alpha: f64) -> Result<Comparison, AnalysisError> {
    let distances = Distances::new(a, b)?;
    let names = |side: &[&Member]| side.iter().map(|member| member.name.clone()).collect();
    Ok(Comparison {
        stimuli: stimuli_of_some(&[a, b].concat()),
        a: names(a),
        b: names(b),
        decision: decision::decide(&distances, a, b, alpha),
        statistics: distances.statistics(),
        populations: distances.populations,
    })
}

/// Stimuli that some of the runs have and others have not, each with the names of its runs.
fn stimuli_of_some(members: &[&Member]) -> Vec<(String, Vec<String>)> {
    let known: Vec<(&String, &Vec<String>)> =
        members.iter().filter_map(|member| Some((&member.name, member.stimuli.as_ref()?))).collect();
    let mut all: Vec<&String> = known.iter().flat_map(|(_, stimuli)| *stimuli).collect();
    all.sort();
    all.dedup();
    let of = |stimulus: &String| -> Vec<String> {
        let having = known.iter().filter(|(_, stimuli)| stimuli.contains(stimulus));
        having.map(|(name, _)| (*name).clone()).collect()
    };
    let all = all.into_iter().map(|stimulus| (stimulus.clone(), of(stimulus)));
    all.filter(|(_, names)| names.len() < known.len()).collect()
}
