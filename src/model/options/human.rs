//! Options of the human model besides its anatomy: neurons, weights, delays and drive.
//!
//! Sources are given as short keys: *Pronold* is Pronold et al. 2024
//! (doi:10.1093/cercor/bhae409), *PD* is Potjans & Diesmann 2014 (doi:10.1093/cercor/bhs358).

use crate::model::network::{NeuronOverride, NeuronParameters, PopulationSelector};
use serde::{Deserialize, Deserializer, Serialize};

/// What stands for the synapses from areas that are not simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplaceMissingAreas {
    /// Poisson spike trains at the rates that the theory of the whole model predicts at full scale.
    #[default]
    Theory,
    /// Nothing: the areas are cut off.
    None,
}

/// Neuron parameters of both types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Neurons {
    /// Excitatory neurons (Pronold, table of parameters).
    #[serde(deserialize_with = "excitatory")]
    pub excitatory: NeuronParameters,
    /// Inhibitory neurons (the same with C_m 100 pF).
    #[serde(deserialize_with = "inhibitory")]
    pub inhibitory: NeuronParameters,
    /// Mean of the initial membrane potential, mV (Pronold: -150).
    pub initial_v_m_mean_mv: f64,
    /// Standard deviation of the initial membrane potential, mV (Pronold: 50).
    pub initial_v_m_sd_mv: f64,
    /// Other parameters in chosen populations, one after the other; of both models (Pronold: none).
    pub overrides: Vec<NeuronOverride>,
    /// Whether excitatory and inhibitory currents are kept apart, and so can be recorded apart, even if their time
    /// constants are equal; of all models. They are rounded apart, so that spikes are others.
    pub separate_currents: bool,
}

fn excitatory<'d, D: Deserializer<'d>>(deserializer: D) -> Result<NeuronParameters, D::Error> {
    NeuronParameters::EXCITATORY.with_those_written(deserializer)
}

fn inhibitory<'d, D: Deserializer<'d>>(deserializer: D) -> Result<NeuronParameters, D::Error> {
    NeuronParameters::INHIBITORY.with_those_written(deserializer)
}

impl NeuronParameters {
    /// The model's excitatory neuron.
    pub const EXCITATORY: Self = Self {
        e_l_mv: -70.0,
        v_th_mv: -45.0,
        v_reset_mv: -70.0,
        c_m_pf: 220.0,
        tau_m_ms: 10.0,
        tau_syn_ex_ms: 2.0,
        tau_syn_in_ms: 2.0,
        t_ref_ms: 2.0,
        v_th_relative_sd: 0.0,
        c_m_relative_sd: 0.0,
        tau_m_relative_sd: 0.0,
    };
    /// The model's inhibitory neuron.
    pub const INHIBITORY: Self = Self { c_m_pf: 100.0, ..Self::EXCITATORY };
}

impl Default for Neurons {
    fn default() -> Self {
        Self {
            excitatory: NeuronParameters::EXCITATORY,
            inhibitory: NeuronParameters::INHIBITORY,
            initial_v_m_mean_mv: -150.0,
            initial_v_m_sd_mv: 50.0,
            overrides: Vec::new(),
            separate_currents: false,
        }
    }
}

/// Synaptic weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Weights {
    /// Peak postsynaptic potential of an excitatory synapse, mV (Pronold: 0.1).
    pub psp_mv: f64,
    /// Inhibitory weight relative to the excitatory one (Pronold: -5).
    pub g: f64,
    /// Standard deviation of a weight relative to its mean (Pronold: 0.1).
    pub relative_sd: f64,
    /// χ, multiplier of excitatory to excitatory weights between areas (1 = ground state, 2.5 = best fit).
    pub chi: f64,
    /// χ_I, multiplier of excitatory to inhibitory weights between areas; `None` takes 2 χ (notebook).
    pub chi_i: Option<f64>,
    /// Multiplier of IV E onto II/III E within an area (Pronold, PD: 2).
    pub local_iv_e_to_ii_iii_e: f64,
    /// Multiplier of V E onto I within an area (Pronold: 1).
    pub local_v_e_to_i: f64,
    /// Multiplier of E onto I within an area (Pronold: 1).
    pub local_e_to_i: f64,
}

impl Weights {
    /// χ_I: as configured, or 2 χ if it is left out, as in the published notebook.
    pub fn chi_i(&self) -> f64 {
        self.chi_i.unwrap_or(2.0 * self.chi)
    }

    /// The same weights with χ_I stated.
    pub fn resolved(&self) -> Self {
        Self { chi_i: Some(self.chi_i()), ..self.clone() }
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            psp_mv: 0.1,
            g: -5.0,
            relative_sd: 0.1,
            chi: 1.0,
            chi_i: None,
            local_iv_e_to_ii_iii_e: 2.0,
            local_v_e_to_i: 1.0,
            local_e_to_i: 1.0,
        }
    }
}

/// Transmission delays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delays {
    /// Mean delay from excitatory neurons of the same area, ms (Pronold, PD: 1.5).
    pub local_excitatory_ms: f64,
    /// Mean delay from inhibitory neurons of the same area, ms (Pronold, PD: 0.75).
    pub local_inhibitory_ms: f64,
    /// Conduction velocity between areas, mm/ms (Girard et al. 2001: 3.5).
    pub conduction_velocity_mm_per_ms: f64,
    /// Standard deviation of a delay relative to its mean (Pronold, PD: 0.5).
    pub relative_sd: f64,
    /// Shape of the distribution of delays (Pronold: lognormal).
    pub distribution: DelayShape,
    /// Least delay between areas, ms, whole steps; 0 leaves one step (Pronold: one step).
    pub cc_min_ms: f64,
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            local_excitatory_ms: 1.5,
            local_inhibitory_ms: 0.75,
            conduction_velocity_mm_per_ms: 3.5,
            relative_sd: 0.5,
            distribution: DelayShape::Lognormal,
            cc_min_ms: 0.0,
        }
    }
}

/// Shape of the distribution of delays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelayShape {
    /// Lognormal.
    #[default]
    Lognormal,
    /// Normal, clipped at the least delay.
    Normal,
}

/// External Poisson drive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Drive {
    /// η, external rate relative to the rate that alone brings the mean input to threshold (Pronold: 1.1).
    pub eta: f64,
    /// Peak postsynaptic potential of an external synapse, mV (Pronold: 0.1).
    pub psp_mv: f64,
    /// Standard deviation of external weights over neurons, relative to the mean (Pronold: 0.1).
    pub relative_sd: f64,
    /// Multiplier of the external weight of V E (Pronold: 1.05).
    pub v_e_factor: f64,
    /// Multiplier of the external weight of VI E (Pronold: 1.15).
    pub vi_e_factor: f64,
    /// Constant currents into chosen populations, which add up (Pronold: none).
    pub dc: Vec<DcDrive>,
}

impl Default for Drive {
    fn default() -> Self {
        Self { eta: 1.1, psp_mv: 0.1, relative_sd: 0.1, v_e_factor: 1.05, vi_e_factor: 1.15, dc: Vec::new() }
    }
}

/// A constant current into every neuron of some populations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DcDrive {
    /// The populations.
    pub populations: PopulationSelector,
    /// The current, pA.
    pub amplitude_pa: f64,
}
