//! Options of any network: its neurons, how synapses choose theirs, and down-scaling. *Pronold* is Pronold et al. 2024
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

/// Leaky integrate-and-fire neuron with exponential postsynaptic currents.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeuronParameters {
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
    /// Time constant of excitatory synaptic currents, ms.
    pub tau_syn_ex_ms: f64,
    /// Time constant of inhibitory synaptic currents, ms.
    pub tau_syn_in_ms: f64,
    /// Absolute refractory period, ms; whole steps.
    pub t_ref_ms: f64,
    /// Standard deviation of V_th − E_L over neurons relative to its mean; lognormal (Pronold: 0).
    #[serde(default)]
    pub v_th_relative_sd: f64,
    /// Standard deviation of C_m over neurons relative to its mean; lognormal (Pronold: 0).
    #[serde(default)]
    pub c_m_relative_sd: f64,
    /// Standard deviation of τ_m over neurons relative to its mean; lognormal (Pronold: 0).
    #[serde(default)]
    pub tau_m_relative_sd: f64,
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
