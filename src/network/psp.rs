//! Conversion between peak postsynaptic potential and postsynaptic current.

use super::LifParameters;

/// Postsynaptic current per peak postsynaptic potential, pA/mV, of a neuron with equal synaptic
/// time constants: (C_m/τ_m) ε^(−1/(1−ε)) with ε = τ_syn/τ_m.
///
/// `tau_syn_ms` must differ from `neuron.tau_m_ms`.
pub fn psc_over_psp_pa_per_mv(neuron: &LifParameters, tau_syn_ms: f64) -> f64 {
    let epsilon = tau_syn_ms / neuron.tau_m_ms;
    neuron.c_m_pf / neuron.tau_m_ms * libm::pow(epsilon, -1.0 / (1.0 - epsilon))
}
