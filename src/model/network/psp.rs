//! Conversion between peak postsynaptic potential and postsynaptic current.

use super::LifParameters;
use std::f64::consts::E;

/// Postsynaptic current per peak postsynaptic potential, pA/mV, of a neuron with equal synaptic
/// time constants: (C_m/τ_m) ε^(−1/(1−ε)) with ε = τ_syn/τ_m, and its limit e C_m/τ_m at ε = 1.
pub fn psc_over_psp_pa_per_mv(neuron: &LifParameters, tau_syn_ms: f64) -> f64 {
    let epsilon = tau_syn_ms / neuron.tau_m_ms;
    // Next to 1 the exponent's rounding is all that is lost: ln ε times it stays next to 1.
    let factor = if epsilon == 1.0 { E } else { libm::pow(epsilon, -1.0 / (1.0 - epsilon)) };
    neuron.c_m_pf / neuron.tau_m_ms * factor
}

#[cfg(test)]
mod tests {
    use super::*;

    /// f64 rounding of the power and its exponent.
    const ROUNDING: f64 = 4.0 * f64::EPSILON;

    fn factor(epsilon: f64) -> f64 {
        let neuron = LifParameters { c_m_pf: 1.0, tau_m_ms: 1.0, ..LifParameters::default() };
        psc_over_psp_pa_per_mv(&neuron, epsilon)
    }

    #[test]
    fn it_goes_through_equal_time_constants_as_its_series() {
        assert_eq!(factor(1.0), E);
        for exponent in -160..=-40 {
            for sign in [-1.0, 1.0] {
                let epsilon = 1.0 + sign * libm::exp2(f64::from(exponent) / 3.0);
                let d = epsilon - 1.0;
                // ln(1 + d)/d = 1 − d/2 + d²/3 − …; what is left out is below d⁵/6.
                let logarithm = 1.0 - d / 2.0 + d * d / 3.0 - d.powi(3) / 4.0 + d.powi(4) / 5.0;
                let deviation = (factor(epsilon) / libm::exp(logarithm) - 1.0).abs();
                assert!(deviation < ROUNDING + d.powi(5).abs(), "{epsilon}: {deviation:e}");
            }
        }
    }

    #[test]
    fn it_is_the_inverse_of_the_peak_of_the_potential() {
        // The potential of C = 1, τ = 1 under the current e^(−t/ε).
        for epsilon in [0.05_f64, 0.5, 0.999, 1.0, 1.001, 3.0] {
            let potential = |t: f64| match epsilon == 1.0 {
                true => t * (-t).exp(),
                false => ((-t / epsilon).exp() - (-t).exp()) / (1.0 - 1.0 / epsilon),
            };
            let peak = (1..400_000).map(|i| potential(f64::from(i) * 5e-5)).fold(0.0, f64::max);
            // A maximum of a grid: of second order in its width.
            assert!((peak * factor(epsilon) - 1.0).abs() < 1e-7, "{epsilon}: {}", peak * factor(epsilon));
        }
    }
}
