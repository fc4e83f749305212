//! What an experiment does to a network: lesions, silenced populations, other drive.

use super::{ConnectionRule, NetworkSpec, Normal, Population, PopulationSelector, Projection, SynapseRule};
use crate::rules::Check;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// A change to some populations or to the synapses between them. All other synapses stay as they are, with the
/// same random draws.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Manipulation {
    /// Multiplies the weights and the number of synapses from some populations to others. A factor of 0 is a
    /// one-way lesion.
    ScaleConnection {
        /// Source populations.
        from: PopulationSelector,
        /// Target populations.
        to: PopulationSelector,
        /// Factor on the mean weight.
        #[serde(default = "unchanged")]
        weight: f64,
        /// Factor on the number of synapses.
        #[serde(default = "unchanged")]
        synapses: f64,
    },
    /// Takes away all input and all synapses of populations, and lets their neurons start at their leak potential:
    /// they never spike, unless a stimulus drives them.
    Silence {
        /// The populations.
        populations: PopulationSelector,
    },
    /// Multiplies the external input of populations: rate and mean weight of Poisson spikes, and constant currents
    /// by both factors.
    ScaleDrive {
        /// The populations.
        populations: PopulationSelector,
        /// Factor on the rate.
        #[serde(default = "unchanged")]
        rate: f64,
        /// Factor on the mean weight.
        #[serde(default = "unchanged")]
        weight: f64,
    },
}

/// The factor that changes nothing.
fn unchanged() -> f64 {
    1.0
}

/// A manipulation of nothing.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ManipulationError {
    /// A selector that chooses no population.
    #[error("{key}: no population is called `{selector}`: the nearest is `{nearest}`")]
    NoSuchPopulation {
        /// The key.
        key: String,
        /// The selector.
        selector: String,
        /// The population whose name is most like it.
        nearest: String,
    },
    /// Populations without synapses between them.
    #[error("{key}: there are no synapses from `{from}` to `{to}`: choose populations that are connected")]
    NotConnected {
        /// The key.
        key: String,
        /// Source populations.
        from: PopulationSelector,
        /// Target populations.
        to: PopulationSelector,
    },
    /// Synapses of a rule that tells their number.
    #[error(
        "{key}: the rule of the synapses from `{from}` to `{to}` tells their number: change it in the network's file, or \
         give synapses: 0.0"
    )]
    Listed {
        /// The key.
        key: String,
        /// Source population.
        from: String,
        /// Target population.
        to: String,
    },
    /// Neurons that spike without input.
    #[error(
        "{key}: `{population}` would spike without input, as e_l_mv = {e_l_mv} is not below v_th_mv = {v_th_mv}: \
         lower e_l_mv or raise v_th_mv"
    )]
    Pacemaker {
        /// The key.
        key: String,
        /// The population.
        population: String,
        /// Leak potential, mV.
        e_l_mv: f64,
        /// Threshold, mV.
        v_th_mv: f64,
    },
}

impl Manipulation {
    /// Its name in messages, if it is number `index` of the list.
    pub fn name(&self, index: usize) -> String {
        let kind = match self {
            Self::ScaleConnection { .. } => "scale_connection",
            Self::Silence { .. } => "silence",
            Self::ScaleDrive { .. } => "scale_drive",
        };
        format!("manipulations[{index}].{kind}")
    }

    /// The selectors with their keys.
    pub fn selectors(&self) -> Vec<(&'static str, &PopulationSelector)> {
        match self {
            Self::ScaleConnection { from, to, .. } => vec![("from", from), ("to", to)],
            Self::Silence { populations } | Self::ScaleDrive { populations, .. } => {
                vec![("populations", populations)]
            }
        }
    }

    fn factors(&self) -> Vec<(&'static str, f64)> {
        match *self {
            Self::ScaleConnection { weight, synapses, .. } => {
                vec![("weight", weight), ("synapses", synapses)]
            }
            Self::Silence { .. } => Vec::new(),
            Self::ScaleDrive { rate, weight, .. } => vec![("rate", rate), ("weight", weight)],
        }
    }
}

/// What it does, in words.
impl fmt::Display for Manipulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ScaleConnection { from, to, .. } => write!(f, "synapses from `{from}` to `{to}`: ")?,
            Self::Silence { populations } => return write!(f, "`{populations}` is silent"),
            Self::ScaleDrive { populations, .. } => write!(f, "drive of `{populations}`: ")?,
        }
        let changed: Vec<String> = self
            .factors()
            .into_iter()
            .filter(|&(_, factor)| factor != unchanged())
            .map(|(key, factor)| match key {
                "synapses" => format!("their number × {factor}"),
                key => format!("{key} × {factor}"),
            })
            .collect();
        f.write_str(&changed.join(", "))
    }
}

/// Applies `manipulations` in their order. The list of projections keeps its length and order, as random draws are
/// keyed by a projection's place: a connection that is cut has no synapses, or weights of 0.
///
/// # Errors
/// [`ManipulationError`]
pub fn manipulated(
    mut network: NetworkSpec,
    manipulations: &[Manipulation],
) -> Result<NetworkSpec, ManipulationError> {
    for (index, manipulation) in manipulations.iter().enumerate() {
        let name = manipulation.name(index);
        let mut chosen = Vec::new();
        for (key, selector) in manipulation.selectors() {
            chosen.push(mask(&network, selector, &format!("{name}.{key}"))?);
        }
        match (manipulation, &chosen[..]) {
            (Manipulation::ScaleConnection { from, to, weight, synapses }, [sources, targets]) => {
                let (from, to) = (from.clone(), to.clone());
                if !scale_connection(&mut network, [sources, targets], *weight, *synapses, &name)? {
                    return Err(ManipulationError::NotConnected { key: name, from, to });
                }
            }
            (Manipulation::Silence { .. }, [populations]) => silence(&mut network, populations, &name)?,
            (Manipulation::ScaleDrive { rate, weight, .. }, [populations]) => {
                scale_drive(&mut network, populations, *rate, *weight);
            }
            _ => {}
        }
    }
    Ok(network)
}

/// Which populations a selector chooses.
fn mask(
    network: &NetworkSpec,
    selector: &PopulationSelector,
    key: &str,
) -> Result<Vec<bool>, ManipulationError> {
    let chosen = network.chosen(selector);
    if chosen.is_empty() {
        let (selector, nearest) = (selector.to_string(), network.nearest(selector, 0));
        return Err(ManipulationError::NoSuchPopulation { key: key.to_owned(), selector, nearest });
    }
    let mut mask = vec![false; network.populations.len()];
    chosen.into_iter().for_each(|population| mask[population] = true);
    Ok(mask)
}

/// Whether there was a synapse to scale.
fn scale_connection(
    network: &mut NetworkSpec,
    [sources, targets]: [&Vec<bool>; 2],
    weight: f64,
    synapses: f64,
    key: &str,
) -> Result<bool, ManipulationError> {
    let mut is_connected = false;
    for index in 0..network.projections.len() {
        let projection = network.projections[index];
        if !(sources[projection.source] && targets[projection.target]) {
            continue;
        }
        is_connected |= projection.synapses > 0;
        if synapses != unchanged() && synapses != 0.0 && network.is_listed(&projection) {
            let [from, to] =
                [projection.source, projection.target].map(|end| network.populations[end].name());
            return Err(ManipulationError::Listed { key: key.to_owned(), from, to });
        }
        let projection = &mut network.projections[index];
        projection.weight_pa *= weight;
        match synapses {
            0.0 => cut(projection),
            factor => projection.synapses = (projection.synapses as f64 * factor).round_ties_even() as u64,
        }
    }
    Ok(is_connected)
}

/// Takes away the synapses of a projection, which keeps its place.
fn cut(projection: &mut Projection) {
    projection.synapses = 0;
    projection.rule = Some(SynapseRule::Drawn(ConnectionRule::FixedTotalNumber));
}

fn silence(network: &mut NetworkSpec, populations: &[bool], name: &str) -> Result<(), ManipulationError> {
    for projection in &mut network.projections {
        if populations[projection.source] || populations[projection.target] {
            cut(projection);
        }
    }
    for (population, _) in network.populations.iter_mut().zip(populations).filter(|(_, chosen)| **chosen) {
        check_silent(population, name)?;
        population.poisson = None;
        population.dc_pa = 0.0;
        population.initial_v_m_mv = Normal { mean: population.neuron.e_l_mv, sd: 0.0 };
    }
    Ok(())
}

/// Whether neurons do not spike without input.
///
/// # Errors
/// [`ManipulationError::Pacemaker`]
pub fn check_silent(population: &Population, key: &str) -> Result<(), ManipulationError> {
    let (e_l_mv, v_th_mv) = (population.neuron.e_l_mv, population.neuron.v_th_mv);
    if e_l_mv < v_th_mv {
        return Ok(());
    }
    Err(ManipulationError::Pacemaker { key: key.to_owned(), population: population.name(), e_l_mv, v_th_mv })
}

fn scale_drive(network: &mut NetworkSpec, populations: &[bool], rate: f64, weight: f64) {
    for (population, _) in network.populations.iter_mut().zip(populations).filter(|(_, chosen)| **chosen) {
        population.dc_pa *= rate * weight;
        if let Some(drive) = &mut population.poisson {
            drive.rate_hz *= rate;
            drive.weight_pa *= weight;
        }
    }
}

impl Check {
    /// Whether manipulations have words in their selectors and usable factors.
    pub fn manipulations(&mut self, manipulations: &[Manipulation]) {
        for (index, manipulation) in manipulations.iter().enumerate() {
            let name = manipulation.name(index);
            for (key, selector) in manipulation.selectors() {
                self.selector(&format!("{name}.{key}"), selector);
            }
            for (key, factor) in manipulation.factors() {
                let rule = "must be finite and at least 0";
                let holds = factor.is_finite() && factor >= 0.0;
                let remedy = "1 changes nothing, 0 takes it away";
                self.require(holds, format!("{name}.{key}"), factor, rule, remedy);
            }
            let changes_nothing = !manipulation.factors().is_empty()
                && manipulation.factors().iter().all(|&(_, factor)| factor == 1.0);
            let keys = manipulation.factors().iter().map(|(key, _)| *key).collect::<Vec<_>>().join(" or ");
            let remedy = format!("give {keys}, or take the manipulation out");
            self.refuse(changes_nothing, name, "1", "changes nothing", remedy);
        }
    }
}

#[cfg(test)]
#[path = "manipulation_tests.rs"]
mod tests;
