//! Other neuron parameters in chosen populations.

use super::{Population, PopulationSelector};
use serde::{Deserialize, Serialize};

/// Other parameters for the neurons of some populations. What is left out stays. Weights and drive, which are made
/// for a postsynaptic potential of the neuron before, keep their currents in pA.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeuronOverride {
    /// The populations.
    pub populations: PopulationSelector,
    /// Leak potential, mV.
    #[serde(default)]
    pub e_l_mv: Option<f64>,
    /// Threshold, mV.
    #[serde(default)]
    pub v_th_mv: Option<f64>,
    /// Reset potential, mV.
    #[serde(default)]
    pub v_reset_mv: Option<f64>,
    /// Membrane capacitance, pF.
    #[serde(default)]
    pub c_m_pf: Option<f64>,
    /// Membrane time constant, ms.
    #[serde(default)]
    pub tau_m_ms: Option<f64>,
    /// Time constant of excitatory synaptic currents, ms.
    #[serde(default)]
    pub tau_syn_ex_ms: Option<f64>,
    /// Time constant of inhibitory synaptic currents, ms.
    #[serde(default)]
    pub tau_syn_in_ms: Option<f64>,
    /// Absolute refractory period, ms; whole steps.
    #[serde(default)]
    pub t_ref_ms: Option<f64>,
    /// Standard deviation of V_th − E_L over neurons relative to its mean; lognormal.
    #[serde(default)]
    pub v_th_relative_sd: Option<f64>,
    /// Standard deviation of C_m over neurons relative to its mean; lognormal.
    #[serde(default)]
    pub c_m_relative_sd: Option<f64>,
    /// Standard deviation of τ_m over neurons relative to its mean; lognormal.
    #[serde(default)]
    pub tau_m_relative_sd: Option<f64>,
}

impl NeuronOverride {
    /// An override of these populations that changes nothing.
    pub fn of(populations: &str) -> Self {
        Self {
            populations: PopulationSelector(populations.to_owned()),
            e_l_mv: None,
            v_th_mv: None,
            v_reset_mv: None,
            c_m_pf: None,
            tau_m_ms: None,
            tau_syn_ex_ms: None,
            tau_syn_in_ms: None,
            t_ref_ms: None,
            v_th_relative_sd: None,
            c_m_relative_sd: None,
            tau_m_relative_sd: None,
        }
    }

    /// The parameters that are written, with their keys.
    pub fn values(&self) -> Vec<(&'static str, f64)> {
        let parameters = [
            ("e_l_mv", self.e_l_mv),
            ("v_th_mv", self.v_th_mv),
            ("v_reset_mv", self.v_reset_mv),
            ("c_m_pf", self.c_m_pf),
            ("tau_m_ms", self.tau_m_ms),
            ("tau_syn_ex_ms", self.tau_syn_ex_ms),
            ("tau_syn_in_ms", self.tau_syn_in_ms),
            ("t_ref_ms", self.t_ref_ms),
            ("v_th_relative_sd", self.v_th_relative_sd),
            ("c_m_relative_sd", self.c_m_relative_sd),
            ("tau_m_relative_sd", self.tau_m_relative_sd),
        ];
        parameters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Gives a population what is written.
    pub fn apply(&self, population: &mut Population) {
        let Population { neuron, spread, .. } = population;
        let written = [
            (self.e_l_mv, &mut neuron.e_l_mv),
            (self.v_th_mv, &mut neuron.v_th_mv),
            (self.v_reset_mv, &mut neuron.v_reset_mv),
            (self.c_m_pf, &mut neuron.c_m_pf),
            (self.tau_m_ms, &mut neuron.tau_m_ms),
            (self.tau_syn_ex_ms, &mut neuron.tau_syn_ex_ms),
            (self.tau_syn_in_ms, &mut neuron.tau_syn_in_ms),
            (self.t_ref_ms, &mut neuron.t_ref_ms),
            (self.v_th_relative_sd, &mut spread.v_th),
            (self.c_m_relative_sd, &mut spread.c_m),
            (self.tau_m_relative_sd, &mut spread.tau_m),
        ];
        for (value, parameter) in written {
            *parameter = value.unwrap_or(*parameter);
        }
    }
}
