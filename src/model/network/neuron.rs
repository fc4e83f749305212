//! Options of a neuron. *Pronold* is Pronold et al. 2024 (doi:10.1093/cercor/bhae409).

use serde::{Deserialize, Deserializer, Serialize};

/// Leaky integrate-and-fire neuron with exponential postsynaptic currents.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
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
    pub v_th_relative_sd: f64,
    /// Standard deviation of C_m over neurons relative to its mean; lognormal (Pronold: 0).
    pub c_m_relative_sd: f64,
    /// Standard deviation of τ_m over neurons relative to its mean; lognormal (Pronold: 0).
    pub tau_m_relative_sd: f64,
}

impl NeuronParameters {
    /// Every parameter with its key.
    pub fn values(&self) -> [(&'static str, f64); 11] {
        [
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
        ]
    }

    /// Reads parameters; those that are left out are as here.
    ///
    /// # Errors
    /// Unknown parameters, and what is no number.
    pub fn with_those_written<'d, D: Deserializer<'d>>(self, deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        Ok(Self {
            e_l_mv: written.e_l_mv.or(self.e_l_mv),
            v_th_mv: written.v_th_mv.or(self.v_th_mv),
            v_reset_mv: written.v_reset_mv.or(self.v_reset_mv),
            c_m_pf: written.c_m_pf.or(self.c_m_pf),
            tau_m_ms: written.tau_m_ms.or(self.tau_m_ms),
            tau_syn_ex_ms: written.tau_syn_ex_ms.or(self.tau_syn_ex_ms),
            tau_syn_in_ms: written.tau_syn_in_ms.or(self.tau_syn_in_ms),
            t_ref_ms: written.t_ref_ms.or(self.t_ref_ms),
            v_th_relative_sd: written.v_th_relative_sd.or(self.v_th_relative_sd),
            c_m_relative_sd: written.c_m_relative_sd.or(self.c_m_relative_sd),
            tau_m_relative_sd: written.tau_m_relative_sd.or(self.tau_m_relative_sd),
        })
    }
}

/// Parameters as they are written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename = "NeuronParameters")]
struct Written {
    e_l_mv: Parameter,
    v_th_mv: Parameter,
    v_reset_mv: Parameter,
    c_m_pf: Parameter,
    tau_m_ms: Parameter,
    tau_syn_ex_ms: Parameter,
    tau_syn_in_ms: Parameter,
    t_ref_ms: Parameter,
    v_th_relative_sd: Parameter,
    c_m_relative_sd: Parameter,
    tau_m_relative_sd: Parameter,
}

/// A parameter, if it is written; not written as an option.
#[derive(Default)]
struct Parameter(Option<f64>);

impl Parameter {
    fn or(self, other: f64) -> f64 {
        self.0.unwrap_or(other)
    }
}

impl<'d> Deserialize<'d> for Parameter {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(|value| Self(Some(value)))
    }
}
