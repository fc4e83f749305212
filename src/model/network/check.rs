//! What a network must not be, told before anything is built from it.

use super::{
    ListedSynapseError, MAX_SYNAPSES, NetworkSpec, Population, Projection, SynapseList, SynapseRule,
};
use crate::telling;
use std::collections::HashSet;
use thiserror::Error;

/// Everything that is wrong with a network, in its order.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{}", telling::list(.0))]
pub struct SpecError(pub Vec<SpecProblem>);

/// Something that is wrong with a network.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SpecProblem {
    /// A value that the network cannot have.
    #[error("{parameter} = {value} of {of} must be {needed}")]
    Value {
        /// Population, projection or network.
        of: String,
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        value: f64,
        /// What it has to be.
        needed: &'static str,
    },
    /// A projection that begins or ends nowhere.
    #[error(
        "projection {projection} has population {population}, but there are {n_populations}: number them from 0"
    )]
    NoSuchPopulation {
        /// Index of the projection.
        projection: usize,
        /// Index that it names.
        population: usize,
        /// Number of populations.
        n_populations: usize,
    },
    /// A rule that cannot be between two populations.
    #[error("projection {projection} from `{from}` to `{onto}`: {reason}")]
    Rule {
        /// Index of the projection.
        projection: usize,
        /// Source population.
        from: String,
        /// Target population.
        onto: String,
        /// Why.
        reason: String,
    },
    /// Synapses without neurons.
    #[error(
        "projection {projection} has {synapses} synapses, but population '{population}' has no neurons: leave it out"
    )]
    NoNeurons {
        /// Index of the projection.
        projection: usize,
        /// Its synapses.
        synapses: u64,
        /// Its population without neurons.
        population: String,
    },
    /// Populations that cannot be told apart.
    #[error("two populations are named '{name}': give each a name of its own")]
    SameName {
        /// The name.
        name: String,
    },
    /// A name that cannot be told as it is.
    #[error(
        "the name of population {population} has characters that are not seen, `{}`: take them out",
        telling::plain(name)
    )]
    Unseen {
        /// Index of the population.
        population: usize,
        /// Its name.
        name: String,
    },
    /// A synapse of a list that cannot be.
    #[error(transparent)]
    Listed(#[from] ListedSynapseError),
    /// A projection whose list is not that of its synapses.
    #[error(
        "projection {projection} has {synapses} synapses, and its list {}: give it a list of as many",
        listed.map_or("is missing".to_owned(), |listed| format!("has {listed}"))
    )]
    List {
        /// Index of the projection.
        projection: usize,
        /// Its synapses.
        synapses: u64,
        /// Synapses of its list, if there is one.
        listed: Option<u64>,
    },
    /// More neurons than can be numbered.
    #[error("{neurons} neurons are more than {}, the most that can be numbered: take fewer", u32::MAX)]
    TooManyNeurons {
        /// Number of neurons.
        neurons: u64,
    },
    /// More synapses than floats count exactly.
    #[error("{synapses} synapses, with those of the drive, are more than {MAX_SYNAPSES}: take fewer")]
    TooManySynapses {
        /// Number of synapses.
        synapses: u64,
    },
}

impl NetworkSpec {
    /// Whether the network can be built, as far as that can be told without a grid of time.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(&self) -> Result<(), SpecError> {
        let mut problems = Vec::new();
        let mut names = HashSet::new();
        for (index, population) in self.populations.iter().enumerate() {
            let name = population.name();
            if names.contains(&name) {
                problems.push(SpecProblem::SameName { name: name.clone() });
            }
            if !name.chars().all(telling::is_seen) {
                problems.push(SpecProblem::Unseen { population: index, name: name.clone() });
            }
            names.insert(name);
            problems.extend(of_population(population));
        }
        if u32::try_from(self.n_neurons()).is_err() {
            problems.push(SpecProblem::TooManyNeurons { neurons: self.n_neurons() });
        }
        let external = self.populations.iter().filter_map(|p| Some(p.poisson?.synapses));
        let synapses =
            self.projections.iter().map(|p| p.synapses).chain(external).fold(0, u64::saturating_add);
        if synapses > MAX_SYNAPSES {
            problems.push(SpecProblem::TooManySynapses { synapses });
        }
        for (index, projection) in self.projections.iter().enumerate() {
            problems.extend(ends(self, index, projection));
            problems.extend(self.flaw_of_rule(index, projection));
            problems.extend(self.flaw_of_list(index, projection));
            problems.extend(of_projection(index, projection));
        }
        let is_probability = (0.0..=1.0).contains(&self.p_transmit);
        let p_transmit = [("p_transmit", self.p_transmit, is_probability, "between 0 and 1")];
        problems.extend(wrong("the network", p_transmit));
        if problems.is_empty() { Ok(()) } else { Err(SpecError(problems)) }
    }
}

impl NetworkSpec {
    /// Why the listed rule of a projection cannot be.
    fn flaw_of_rule(&self, index: usize, p: &Projection) -> Option<SpecProblem> {
        let rule = self.listed_rule_of(p)?;
        let (source, target) = (self.populations.get(p.source)?, self.populations.get(p.target)?);
        let reason = rule.flaw(source.neurons, target.neurons, p.source == p.target)?;
        Some(SpecProblem::Rule { projection: index, from: source.name(), onto: target.name(), reason })
    }

    /// Why the list of a projection's synapses cannot be.
    fn flaw_of_list(&self, projection: usize, p: &Projection) -> Option<SpecProblem> {
        let SynapseRule::Explicit(_) = self.rule_of(p) else { return None };
        let (list, synapses) = (self.list_of(p), p.synapses);
        let listed = list.map(SynapseList::n_synapses);
        if listed != Some(synapses) {
            return Some(SpecProblem::List { projection, synapses, listed });
        }
        let (source, target) = (self.populations.get(p.source)?, self.populations.get(p.target)?);
        Some(list?.foreign(source.neurons, target.neurons)?.into())
    }
}

/// A parameter, its value, whether it may have it, and what it has to be.
type Rule = (&'static str, f64, bool, &'static str);

fn wrong(of: &str, rules: impl IntoIterator<Item = Rule>) -> Vec<SpecProblem> {
    let broken = rules.into_iter().filter(|rule| !rule.2);
    let value =
        |(parameter, value, _, needed)| SpecProblem::Value { of: of.into(), parameter, value, needed };
    broken.map(value).collect()
}

fn finite(parameter: &'static str, value: f64) -> Rule {
    (parameter, value, value.is_finite(), "finite")
}

fn above_0(parameter: &'static str, value: f64) -> Rule {
    (parameter, value, value.is_finite() && value > 0.0, "finite and above 0")
}

fn not_below_0(parameter: &'static str, value: f64) -> Rule {
    (parameter, value, value.is_finite() && value >= 0.0, "finite and at least 0")
}

fn of_population(population: &Population) -> Vec<SpecProblem> {
    let Population { neuron: n, spread, initial_v_m_mv, .. } = population;
    let mut rules = vec![
        finite("e_l_mv", n.e_l_mv),
        finite("v_th_mv", n.v_th_mv),
        ("v_reset_mv", n.v_reset_mv, n.v_reset_mv < n.v_th_mv, "below v_th_mv"),
        above_0("c_m_pf", n.c_m_pf),
        above_0("tau_m_ms", n.tau_m_ms),
        above_0("tau_syn_ex_ms", n.tau_syn_ex_ms),
        above_0("tau_syn_in_ms", n.tau_syn_in_ms),
        not_below_0("t_ref_ms", n.t_ref_ms),
        not_below_0("spread.v_th", spread.v_th),
        not_below_0("spread.c_m", spread.c_m),
        not_below_0("spread.tau_m", spread.tau_m),
        finite("initial_v_m_mv.mean", initial_v_m_mv.mean),
        not_below_0("initial_v_m_mv.sd", initial_v_m_mv.sd),
        finite("dc_pa", population.dc_pa),
    ];
    if let Some(drive) = population.poisson {
        rules.push(not_below_0("poisson.rate_hz", drive.rate_hz));
        rules.push(finite("poisson.weight_pa", drive.weight_pa));
        rules.push(not_below_0("poisson.relative_sd", drive.relative_sd));
    }
    wrong(&format!("population '{}'", population.name()), rules)
}

fn of_projection(index: usize, projection: &Projection) -> Vec<SpecProblem> {
    let rules = [
        finite("weight_pa", projection.weight_pa),
        not_below_0("weight_relative_sd", projection.weight_relative_sd),
        above_0("delay.mean_ms", projection.delay.mean_ms),
        not_below_0("delay.min_ms", projection.delay.min_ms),
        not_below_0("delay.relative_sd", projection.delay.relative_sd),
    ];
    wrong(&format!("projection {index}"), rules)
}

/// What is wrong with the populations that a projection connects.
fn ends(network: &NetworkSpec, index: usize, p: &Projection) -> Vec<SpecProblem> {
    let n_populations = network.populations.len();
    let problem = |end: usize| match network.populations.get(end) {
        None => Some(SpecProblem::NoSuchPopulation { projection: index, population: end, n_populations }),
        Some(population) if population.neurons == 0 && p.synapses > 0 => Some(SpecProblem::NoNeurons {
            projection: index,
            synapses: p.synapses,
            population: population.name(),
        }),
        Some(_) => None,
    };
    let ends = if p.source == p.target { vec![p.source] } else { vec![p.source, p.target] };
    ends.into_iter().filter_map(problem).collect()
}
