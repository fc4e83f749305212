//! Options of the microcircuit: Potjans & Diesmann 2014 (doi:10.1093/cercor/bhs358), *PD*.

use crate::model::network::NeuronParameters;
use serde::{Deserialize, Deserializer, Serialize};

/// Populations of the microcircuit: L2/3, L4, L5, L6, each excitatory, then inhibitory.
const POPULATIONS: usize = 8;

/// Every neuron (PD).
const NEURON: NeuronParameters = NeuronParameters {
    e_l_mv: -65.0,
    v_th_mv: -50.0,
    v_reset_mv: -65.0,
    c_m_pf: 250.0,
    tau_m_ms: 10.0,
    tau_syn_ex_ms: 0.5,
    tau_syn_in_ms: 0.5,
    ..NeuronParameters::EXCITATORY
};

/// Neurons, synapses and background of the microcircuit; numbers of neurons and connection
/// probabilities are in `data/potjans_diesmann_2014.csv`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Microcircuit {
    /// Every neuron (PD).
    #[serde(deserialize_with = "neuron")]
    pub neuron: NeuronParameters,
    /// Mean of the initial membrane potential of each population, L2/3 E to L6 I, mV (as in the
    /// stationary state: the reference implementation by van Albada, Senk & van Meegen).
    pub initial_v_m_mean_mv: [f64; POPULATIONS],
    /// Its standard deviation, mV.
    pub initial_v_m_sd_mv: [f64; POPULATIONS],
    /// Peak postsynaptic potential of an excitatory synapse, mV (PD: 0.15).
    pub psp_mv: f64,
    /// Inhibitory weight relative to the excitatory one (PD: -4).
    pub g: f64,
    /// Multiplier of L4 E onto L2/3 E (PD: 2).
    pub l4_e_to_l23_e: f64,
    /// Standard deviation of a weight relative to its mean (PD: 0.1).
    pub weight_relative_sd: f64,
    /// Mean delay from excitatory neurons, ms (PD: 1.5).
    pub delay_excitatory_ms: f64,
    /// Mean delay from inhibitory neurons, ms (PD: 0.75).
    pub delay_inhibitory_ms: f64,
    /// Standard deviation of a delay relative to its mean (PD: 0.5).
    pub delay_relative_sd: f64,
    /// Input from outside of the microcircuit.
    pub background: Background,
    /// Rate of each background synapse, 1/s (PD: 8).
    pub background_rate_hz: f64,
}

/// Input from outside of the microcircuit, through the excitatory weight without spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Background {
    /// A Poisson spike train for each neuron (PD).
    Poisson,
    /// A current equal to its mean (PD, figure 7).
    Dc,
}

fn neuron<'d, D: Deserializer<'d>>(deserializer: D) -> Result<NeuronParameters, D::Error> {
    NEURON.with_those_written(deserializer)
}

impl Default for Microcircuit {
    fn default() -> Self {
        Self {
            neuron: NEURON,
            initial_v_m_mean_mv: [-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43],
            initial_v_m_sd_mv: [5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48],
            psp_mv: 0.15,
            g: -4.0,
            l4_e_to_l23_e: 2.0,
            weight_relative_sd: 0.1,
            delay_excitatory_ms: 1.5,
            delay_inhibitory_ms: 0.75,
            delay_relative_sd: 0.5,
            background: Background::Poisson,
            background_rate_hz: 8.0,
        }
    }
}
