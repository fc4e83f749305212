//! The network specification: populations, projections, drive. It knows nothing of brains.

use super::{ConnectionRule, ListedRule, NeuronParameters, PopulationSelector, SynapseList};
use crate::telling::MAX_TOLD;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Most synapses of a network: whole numbers up to here are exact in floats.
pub const MAX_SYNAPSES: u64 = 1 << 53;

/// A network of populations of leaky integrate-and-fire neurons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkSpec {
    /// Populations; neurons are numbered through them in this order.
    pub populations: Vec<Population>,
    /// Projections, ordered by target, then source. Their order is part of the network: the
    /// random draws of projection *p* are keyed by *p*.
    pub projections: Vec<Projection>,
    /// How synapses choose their neurons, in projections without a rule of their own.
    #[serde(default)]
    pub connection_rule: ConnectionRule,
    /// Synapses that [`scaled`](super::scaled) added by rounding in-degrees to whole numbers, or left out where
    /// it is negative.
    #[serde(default)]
    pub rounded_synapses: i64,
    /// Probability that a synapse of a projection transmits a spike, drawn for each synapse and spike.
    #[serde(default = "certain")]
    pub p_transmit: f64,
    /// Whether excitatory and inhibitory currents are two states of a neuron even where both decay alike, as they are
    /// in NEST's `iaf_psc_exp`. Two are rounded apart, so that spikes are others than with one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub separate_currents: bool,
    /// Synapses that are given one by one, by the index in [`SynapseRule::Explicit`]. A file of the network has them
    /// beside it ([`NetworkSpec::write_lists`]).
    #[serde(skip)]
    pub lists: Vec<Arc<SynapseList>>,
}

/// What synapses do that transmit every spike.
fn certain() -> f64 {
    1.0
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Neurons of the same kind with the same drive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Population {
    /// Area; empty where a network has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub area: String,
    /// Layer; empty where a network has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub layer: String,
    /// Cell type, or what else tells populations of one layer apart.
    pub cell_type: String,
    /// Number of neurons.
    pub neurons: u32,
    /// Parameters of each neuron, or their means where they are distributed.
    pub neuron: LifParameters,
    /// How they are distributed.
    #[serde(default)]
    pub spread: ParameterSpread,
    /// Initial membrane potential, mV.
    pub initial_v_m_mv: Normal,
    /// Poisson input, independent for each neuron.
    pub poisson: Option<PoissonDrive>,
    /// Constant input current, pA.
    pub dc_pa: f64,
}

/// Leaky integrate-and-fire neuron with exponential postsynaptic currents (NEST: `iaf_psc_exp`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LifParameters {
    /// Leak potential, mV.
    pub e_l_mv: f64,
    /// Threshold, mV.
    pub v_th_mv: f64,
    /// Reset potential, mV.
    pub v_reset_mv: f64,
    /// Membrane capacitance, pF.
    pub c_m_pf: f64,
    /// Membrane time constant, ms.
    pub tau_m_ms: f64,
    /// Time constant of excitatory synaptic currents (weights > 0), ms.
    pub tau_syn_ex_ms: f64,
    /// Time constant of inhibitory synaptic currents (weights < 0), ms.
    pub tau_syn_in_ms: f64,
    /// Absolute refractory period, ms.
    pub t_ref_ms: f64,
}

impl Default for LifParameters {
    /// The defaults of NEST's `iaf_psc_exp`.
    fn default() -> Self {
        Self {
            e_l_mv: -70.0,
            v_th_mv: -55.0,
            v_reset_mv: -70.0,
            c_m_pf: 250.0,
            tau_m_ms: 10.0,
            tau_syn_ex_ms: 2.0,
            tau_syn_in_ms: 2.0,
            t_ref_ms: 2.0,
        }
    }
}

impl From<&NeuronParameters> for LifParameters {
    /// A configuration's neuron, without its spread.
    fn from(neuron: &NeuronParameters) -> Self {
        Self {
            e_l_mv: neuron.e_l_mv,
            v_th_mv: neuron.v_th_mv,
            v_reset_mv: neuron.v_reset_mv,
            c_m_pf: neuron.c_m_pf,
            tau_m_ms: neuron.tau_m_ms,
            tau_syn_ex_ms: neuron.tau_syn_ex_ms,
            tau_syn_in_ms: neuron.tau_syn_in_ms,
            t_ref_ms: neuron.t_ref_ms,
        }
    }
}

/// Neuron parameters that are lognormally distributed over the neurons of a population: standard
/// deviations relative to the means, 0 where all neurons have the same value. Weights and drive, which
/// are made for a postsynaptic potential, stay those of a neuron with mean parameters.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ParameterSpread {
    /// Of V_th − E_L.
    pub v_th: f64,
    /// Of C_m.
    pub c_m: f64,
    /// Of τ_m.
    pub tau_m: f64,
}

impl ParameterSpread {
    /// Whether all neurons have the same parameters.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// Normal distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Normal {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

/// Poisson input to a population: each neuron has its own train through one weight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PoissonDrive {
    /// External synapses of the whole population.
    pub synapses: u64,
    /// Rate of each external synapse, 1/s.
    pub rate_hz: f64,
    /// Mean weight over neurons, pA; drawn once per neuron, clipped at 0.
    pub weight_pa: f64,
    /// Standard deviation of the weight relative to its mean.
    pub relative_sd: f64,
}

/// All synapses from one population to another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Projection {
    /// Index of the source population.
    pub source: usize,
    /// Index of the target population.
    pub target: usize,
    /// Number of synapses.
    pub synapses: u64,
    /// How they choose their neurons; `None` is the network's rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<SynapseRule>,
    /// Mean weight, pA; normal, clipped at 0 so that the sign never changes.
    pub weight_pa: f64,
    /// Standard deviation of the weight relative to its mean.
    pub weight_relative_sd: f64,
    /// Transmission delay.
    pub delay: Delay,
}

/// How the synapses of a projection choose their neurons.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SynapseRule {
    /// By their number, each as a function of its index.
    Drawn(ConnectionRule),
    /// By a list, which is made when the network is built.
    Listed(ListedRule),
    /// By the list of that index in [`NetworkSpec::lists`], which may tell weights and delays too. Its weights are
    /// scaled to the mean `weight_pa` of the projection. What it does not tell is drawn as for other rules.
    Explicit(u32),
}

/// Distribution of a delay; rounded to steps, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Delay {
    /// Mean before clipping and rounding, ms.
    pub mean_ms: f64,
    /// Least delay, ms; one step where it is shorter.
    #[serde(default)]
    pub min_ms: f64,
    /// Standard deviation relative to the mean; 0 makes the delay constant.
    pub relative_sd: f64,
    /// Shape.
    pub distribution: DelayDistribution,
}

/// Shape of a delay distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelayDistribution {
    /// Lognormal with the given mean and standard deviation.
    Lognormal,
    /// Normal, clipped at the least delay.
    Normal,
    /// Normal, drawn again where it is below half a step, so that no delay is clipped. `mean_ms` and
    /// `relative_sd` are those of the normal distribution before that.
    TruncatedNormal,
}

impl NetworkSpec {
    /// A network whose synapses choose their neurons freely and transmit every spike.
    pub fn new(populations: Vec<Population>, projections: Vec<Projection>) -> Self {
        Self {
            populations,
            projections,
            connection_rule: ConnectionRule::default(),
            rounded_synapses: 0,
            p_transmit: certain(),
            separate_currents: false,
            lists: Vec::new(),
        }
    }

    /// How the synapses of a projection choose their neurons.
    pub fn rule_of(&self, projection: &Projection) -> SynapseRule {
        projection.rule.unwrap_or(SynapseRule::Drawn(self.connection_rule))
    }

    /// Whether a projection needs a list of its synapses, so that they cannot be procedural, and their number is that
    /// of the list.
    pub fn is_listed(&self, projection: &Projection) -> bool {
        !matches!(self.rule_of(projection), SynapseRule::Drawn(_))
    }

    /// The rule by which a list of its synapses is made, if a projection has such a rule.
    pub fn listed_rule_of(&self, projection: &Projection) -> Option<ListedRule> {
        match self.rule_of(projection) {
            SynapseRule::Listed(rule) => Some(rule),
            SynapseRule::Drawn(_) | SynapseRule::Explicit(_) => None,
        }
    }

    /// The list of its synapses, if they are given one by one and the network has it.
    pub fn list_of(&self, projection: &Projection) -> Option<&SynapseList> {
        match self.rule_of(projection) {
            SynapseRule::Explicit(list) => self.lists.get(list as usize).map(Arc::as_ref),
            SynapseRule::Drawn(_) | SynapseRule::Listed(_) => None,
        }
    }

    /// Whether a projection gives all its target neurons the same number of synapses, or one more.
    pub fn has_exact_in_degrees(&self, projection: &Projection) -> bool {
        match self.rule_of(projection) {
            SynapseRule::Drawn(rule) => rule.is_exact(),
            SynapseRule::Listed(rule) => rule.is_exact(),
            SynapseRule::Explicit(_) => false,
        }
    }

    /// Mean number of spikes that a target neuron receives through a projection when each source neuron
    /// spikes once: synapses over neurons, times the probability that they transmit; 0 without neurons.
    pub fn effective_in_degree(&self, projection: &Projection) -> f64 {
        match self.populations.get(projection.target).map_or(0, |target| target.neurons) {
            0 => 0.0,
            neurons => projection.synapses as f64 / f64::from(neurons) * self.p_transmit,
        }
    }

    /// Indices of the populations that `selector` chooses.
    pub fn chosen(&self, selector: &PopulationSelector) -> Vec<usize> {
        let all = self.populations.iter().enumerate();
        all.filter(|(_, population)| selector.matches(&population.name())).map(|(index, _)| index).collect()
    }

    /// The population whose name is most like a selector that chooses none, to be told with `told` other problems;
    /// empty where these are so many that nobody is told of it.
    pub fn nearest(&self, selector: &PopulationSelector, told: usize) -> String {
        if told >= MAX_TOLD {
            return String::new();
        }
        let names: Vec<String> = self.populations.iter().map(Population::name).collect();
        selector.nearest(names.iter().map(String::as_str)).unwrap_or_default().to_owned()
    }

    /// Number of neurons.
    pub fn n_neurons(&self) -> u64 {
        self.populations.iter().map(|p| u64::from(p.neurons)).sum()
    }

    /// Number of recurrent synapses.
    pub fn n_synapses(&self) -> u64 {
        self.projections.iter().map(|p| p.synapses).sum()
    }

    /// First neuron of every population and, at the end, the number of neurons; length
    /// `populations.len() + 1`.
    pub fn first_neurons(&self) -> Vec<u32> {
        let mut firsts = vec![0];
        firsts.extend(self.populations.iter().scan(0u32, |sum, p| {
            *sum += p.neurons;
            Some(*sum)
        }));
        firsts
    }
}

impl Population {
    /// Equal neurons, outside of areas and layers, that start at their leak potential and have no input of their
    /// own.
    pub fn new(cell_type: impl Into<String>, neurons: u32, neuron: LifParameters) -> Self {
        Self {
            area: String::new(),
            layer: String::new(),
            cell_type: cell_type.into(),
            neurons,
            neuron,
            spread: ParameterSpread::default(),
            initial_v_m_mv: Normal { mean: neuron.e_l_mv, sd: 0.0 },
            poisson: None,
            dc_pa: 0.0,
        }
    }

    /// The same population in a layer of an area; either may be empty.
    #[must_use]
    pub fn placed(self, area: impl Into<String>, layer: impl Into<String>) -> Self {
        Self { area: area.into(), layer: layer.into(), ..self }
    }

    /// Area, layer and cell type, as far as there are any, with a space between them: `precuneus II/III E`.
    /// Selectors choose by it, and a network has each name once.
    pub fn name(&self) -> String {
        let parts = [&self.area, &self.layer, &self.cell_type];
        let mut name = String::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            if !name.is_empty() {
                name.push(' ');
            }
            name.push_str(part);
        }
        name
    }
}

impl Delay {
    /// The same delay at every synapse.
    pub fn constant(ms: f64) -> Self {
        Self::lognormal(ms, 0.0)
    }

    /// Lognormal delays with that mean and standard deviation, relative to the mean.
    pub fn lognormal(mean_ms: f64, relative_sd: f64) -> Self {
        Self { mean_ms, min_ms: 0.0, relative_sd, distribution: DelayDistribution::Lognormal }
    }
}

impl PoissonDrive {
    /// Rate of the train that each of `neurons` neurons receives, 1/s.
    pub fn rate_per_neuron_hz(&self, neurons: u32) -> f64 {
        self.rate_hz * self.synapses as f64 / f64::from(neurons)
    }
}
