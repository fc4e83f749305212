//! Options of any network: how synapses choose their neurons, and down-scaling. *Pronold* is Pronold et al. 2024
//! (doi:10.1093/cercor/bhae409).

use serde::{Deserialize, Serialize};

/// How the synapses of a projection choose their source and target neurons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionRule {
    /// Both are drawn uniformly; in-degrees vary from neuron to neuron (NEST: `fixed_total_number`).
    #[default]
    FixedTotalNumber,
    /// Every target neuron has the same number of synapses, round(synapses / neurons), whose sources are
    /// drawn uniformly (NEST: `fixed_indegree`). Rounding changes the number of synapses.
    FixedIndegree,
    /// The same with synapses / neurons rounded down or up, drawn for each neuron, so that the projection
    /// keeps its number of synapses.
    EvenIndegree,
}

impl ConnectionRule {
    /// Whether in-degrees are exact: those of two neurons differ by one at most.
    pub fn is_exact(self) -> bool {
        self != Self::FixedTotalNumber
    }
}

/// Down-scaling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scaling {
    /// Neurons kept, in (0, 1].
    pub n_scaling: f64,
    /// In-degree kept, in (0, 1].
    pub k_scaling: f64,
    /// How weights and DC input make up for the missing synapses.
    pub method: ScalingMethod,
}

impl Default for Scaling {
    fn default() -> Self {
        Self { n_scaling: 1.0, k_scaling: 1.0, method: ScalingMethod::Linear }
    }
}

/// How weights and DC input make up for missing synapses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScalingMethod {
    /// Weights / K_scaling, DC from the χ = 1 theory (the published notebook).
    Linear,
    /// Weights / √K_scaling, DC from the χ = 1 theory (the published option).
    Sqrt,
    /// Weights / √K_scaling, DC from the configuration's own theory: keeps mean and variance of
    /// every population's input (van Albada, Helias & Diesmann 2015, doi:10.1371/journal.pcbi.1004490).
    Preserve,
}
