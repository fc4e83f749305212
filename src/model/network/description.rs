//! A network as people write it: populations by name, projections by selectors.
//!
//! ```text
//! (
//!     populations: [
//!         (cell_type: "E", neurons: 8000, poisson: (rate_hz: 8000.0, psp_mv: 0.15)),
//!         (cell_type: "I", neurons: 2000, poisson: (rate_hz: 8000.0, psp_mv: 0.15)),
//!     ],
//!     projections: [
//!         (from: "E", to: "*", rule: fixed_indegree(800), psp_mv: 0.15, delay_ms: 1.5),
//!         (from: "I", to: "*", rule: fixed_indegree(200), psp_mv: -0.9, delay_ms: 1.5),
//!     ],
//! )
//! ```
//!
//! [`NetworkDescription::network`] makes a [`NetworkSpec`] of it. `network.ron` of a run folder, which holds such a
//! specification, is read too: [`NetworkText`].

use super::described_projection::weight_pa;
use super::{
    DelayDistribution, DescriptionError, DescriptionProblem, LifParameters, NetworkSpec, NeuronParameters,
    Normal, ParameterSpread, PoissonDrive, Population, PopulationSelector,
};
use ron::extensions::Extensions;
use serde::{Deserialize, Deserializer, Serialize};
use std::path::{Path, PathBuf};

/// A network as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkDescription {
    /// Populations; neurons are numbered through them in this order.
    pub populations: Vec<PopulationDescription>,
    /// Projections; each stands for all pairs of populations that its selectors choose.
    #[serde(default)]
    pub projections: Vec<ProjectionDescription>,
    /// Probability that a synapse transmits a spike, drawn for each synapse and spike.
    #[serde(default = "one")]
    pub p_transmit: f64,
}

/// A population as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationDescription {
    /// Area; empty if there is none.
    #[serde(default)]
    pub area: String,
    /// Layer; empty if there is none.
    #[serde(default)]
    pub layer: String,
    /// Cell type, or what else names the population. The population is called by area, layer and cell type.
    pub cell_type: String,
    /// Number of neurons.
    pub neurons: u32,
    /// Parameters; those left out are the defaults of NEST's `iaf_psc_exp`.
    #[serde(default = "nest", deserialize_with = "neuron")]
    pub neuron: NeuronParameters,
    /// Initial membrane potential, mV; the leak potential if it is left out.
    #[serde(default)]
    pub initial_v_m_mv: Option<Normal>,
    /// Poisson input, independent for each neuron.
    #[serde(default)]
    pub poisson: Option<PoissonDescription>,
    /// Constant input current, pA.
    #[serde(default)]
    pub dc_pa: f64,
}

/// Poisson input as written: the weight as a current or as a postsynaptic potential.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoissonDescription {
    /// Rate of each external synapse, 1/s.
    pub rate_hz: f64,
    /// External synapses of each neuron.
    #[serde(default = "single")]
    pub in_degree: u32,
    /// Mean weight, pA.
    #[serde(default)]
    pub weight_pa: Option<f64>,
    /// The same as peak postsynaptic potential, mV.
    #[serde(default)]
    pub psp_mv: Option<f64>,
    /// Standard deviation of the weight over neurons relative to its mean.
    #[serde(default)]
    pub relative_sd: f64,
}

/// Synapses between populations as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectionDescription {
    /// Source populations.
    pub from: PopulationSelector,
    /// Target populations.
    pub to: PopulationSelector,
    /// Which neurons are connected.
    pub rule: ProjectionRule,
    /// How a file of synapses numbers neurons.
    #[serde(default)]
    pub numbering: Numbering,
    /// Whether neurons may connect to themselves.
    #[serde(default = "yes")]
    pub autapses: bool,
    /// Whether two neurons may be connected more than once.
    #[serde(default = "yes")]
    pub multapses: bool,
    /// Mean weight, pA; negative ones inhibit.
    #[serde(default)]
    pub weight_pa: Option<f64>,
    /// The same as peak postsynaptic potential of the target neuron, mV.
    #[serde(default)]
    pub psp_mv: Option<f64>,
    /// Standard deviation of the weight relative to its mean; normal, clipped at 0.
    #[serde(default)]
    pub weight_relative_sd: f64,
    /// The same delay at every synapse, ms.
    #[serde(default)]
    pub delay_ms: Option<f64>,
    /// A distribution of delays.
    #[serde(default)]
    pub delay: Option<DelayDescription>,
}

/// A distribution of delays as written.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DelayDescription {
    /// Mean before clipping and rounding, ms.
    pub mean_ms: f64,
    /// Standard deviation relative to the mean.
    #[serde(default)]
    pub relative_sd: f64,
    /// Least delay, ms; one step if it is shorter.
    #[serde(default)]
    pub min_ms: f64,
    /// Shape.
    #[serde(default = "lognormal")]
    pub distribution: DelayDistribution,
}

/// Which neurons of two populations are connected; names and meaning are NEST's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectionRule {
    /// So many synapses, whose sources and targets are drawn uniformly.
    FixedTotalNumber(u64),
    /// So many synapses onto each target neuron, whose sources are drawn uniformly.
    FixedIndegree(u32),
    /// So many synapses from each source neuron, whose targets are drawn uniformly.
    FixedOutdegree(u32),
    /// A synapse between each pair of neurons with this probability.
    PairwiseBernoulli(f64),
    /// A synapse between each pair of neurons.
    AllToAll,
    /// A synapse between neurons of the same number.
    OneToOne,
    /// The synapses in this CSV or Parquet file, relative to that of the network, with the columns `source,target,
    /// weight_pa,delay_ms` ([`SynapseList::read`](super::SynapseList::read)).
    Explicit(PathBuf),
}

/// How a file of synapses numbers neurons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbering {
    /// Within their population, from 0.
    #[default]
    Population,
    /// Through all populations, as `humam-gpu connections` writes them.
    Network,
}

fn one() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

fn single() -> u32 {
    1
}

fn lognormal() -> DelayDistribution {
    DelayDistribution::Lognormal
}

/// The neuron of NEST's `iaf_psc_exp`.
fn nest() -> NeuronParameters {
    let LifParameters {
        e_l_mv,
        v_th_mv,
        v_reset_mv,
        c_m_pf,
        tau_m_ms,
        tau_syn_ex_ms,
        tau_syn_in_ms,
        t_ref_ms,
    } = LifParameters::default();
    let (v_th_relative_sd, c_m_relative_sd, tau_m_relative_sd) = (0.0, 0.0, 0.0);
    NeuronParameters {
        e_l_mv,
        v_th_mv,
        v_reset_mv,
        c_m_pf,
        tau_m_ms,
        tau_syn_ex_ms,
        tau_syn_in_ms,
        t_ref_ms,
        v_th_relative_sd,
        c_m_relative_sd,
        tau_m_relative_sd,
    }
}

fn neuron<'d, D: Deserializer<'d>>(deserializer: D) -> Result<NeuronParameters, D::Error> {
    nest().with_those_written(deserializer)
}

/// A text that describes a network, or `network.ron` of a run folder.
#[derive(Debug, Clone, PartialEq)]
pub enum NetworkText {
    /// A network as people write it.
    Described(NetworkDescription),
    /// A network that was made, without its lists of synapses.
    Stored(NetworkSpec),
}

impl NetworkText {
    /// Understands a text.
    ///
    /// # Errors
    /// [`DescriptionError::Syntax`]
    pub fn new(text: &str) -> Result<Self, DescriptionError> {
        /// Of a file with more in it.
        #[derive(Deserialize)]
        struct Stored {
            network: NetworkSpec,
        }
        let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
        match options.from_str(text) {
            Ok(Stored { network }) => Ok(Self::Stored(network)),
            Err(_) => Ok(Self::Described(options.from_str(text)?)),
        }
    }

    /// The files of synapses that it names, relative to its own.
    pub fn synapse_files(&self) -> Vec<PathBuf> {
        match self {
            Self::Described(network) => network.synapse_files().map(Path::to_path_buf).collect(),
            Self::Stored(network) => network.list_files().map(PathBuf::from).collect(),
        }
    }

    /// The network, with files of synapses from `folder`.
    ///
    /// # Errors
    /// [`DescriptionError`]
    pub fn network(self, folder: &Path) -> Result<NetworkSpec, DescriptionError> {
        match self {
            Self::Described(network) => network.network(folder),
            Self::Stored(mut network) => {
                network.read_lists(folder)?;
                network.check()?;
                Ok(network)
            }
        }
    }
}

impl NetworkDescription {
    /// The files of synapses that it names, relative to its own.
    pub fn synapse_files(&self) -> impl Iterator<Item = &Path> {
        self.projections.iter().filter_map(ProjectionDescription::file)
    }

    /// The network, with files of synapses from `folder`. Projections are ordered by target, then source, then as they
    /// are written.
    ///
    /// # Errors
    /// [`DescriptionError`]
    pub fn network(&self, folder: &Path) -> Result<NetworkSpec, DescriptionError> {
        let mut problems = Vec::new();
        let populations =
            self.populations.iter().map(|population| population.population(&mut problems)).collect();
        let mut network =
            NetworkSpec { p_transmit: self.p_transmit, ..NetworkSpec::new(populations, Vec::new()) };
        for (index, projection) in self.projections.iter().enumerate() {
            projection.add_to(&mut network, folder, &format!("projections[{index}]"), &mut problems);
        }
        network.projections.sort_by_key(|projection| (projection.target, projection.source));
        problems.dedup();
        if !problems.is_empty() {
            return Err(DescriptionError::Entries(problems));
        }
        network.check()?;
        Ok(network)
    }
}

impl PopulationDescription {
    fn population(&self, problems: &mut Vec<DescriptionProblem>) -> Population {
        let neuron = LifParameters::from(&self.neuron);
        let spread = ParameterSpread {
            v_th: self.neuron.v_th_relative_sd,
            c_m: self.neuron.c_m_relative_sd,
            tau_m: self.neuron.tau_m_relative_sd,
        };
        let named = Population::new(&self.cell_type, self.neurons, neuron).placed(&self.area, &self.layer);
        let poisson = self.poisson.map(|drive| {
            let place = format!("poisson of population `{}`", named.name());
            PoissonDrive {
                synapses: u64::from(drive.in_degree) * u64::from(self.neurons),
                rate_hz: drive.rate_hz,
                weight_pa: weight_pa(&place, [drive.weight_pa, drive.psp_mv], &neuron, problems),
                relative_sd: drive.relative_sd,
            }
        });
        let initial_v_m_mv = self.initial_v_m_mv.unwrap_or(named.initial_v_m_mv);
        Population { spread, initial_v_m_mv, poisson, dc_pa: self.dc_pa, ..named }
    }
}

#[cfg(test)]
#[path = "description_tests.rs"]
mod tests;
