//! Stationary rate of a leaky integrate-and-fire neuron with exponential postsynaptic currents.
//!
//! 1/Φ = t_ref + τ_m √π ∫ e^{u²} (1 + erf u) du from u_reset to u_threshold, with
//! u = (V − E_L − μ)/σ + (α/2) √(τ_s/τ_m) and α = √2 |ζ(1/2)|: the white-noise rate
//! (Siegert 1951) with threshold and reset shifted for synaptic filtering
//! (Fourcaud & Brunel 2002, doi:10.1162/089976602320264015).
//!
//! The integrand is erfcx(−u). Its growing part is integrated in closed form by Dawson's function
//! and taken out as a factor e^{u_threshold²}, so that nothing overflows or cancels
//! (as in Layer et al. 2022, doi:10.3389/fninf.2022.835657).

use super::erfcx::{SQRT_PI, dawson, erfcx, erfcx_integral};
use crate::model::network::LifParameters;

/// α/2 = |ζ(1/2)|/√2.
const HALF_ALPHA: f64 = 1.032_626_576_115_608_6;
/// Above this threshold distance, in units of the noise, the rate is below the smallest number.
const SILENT_FROM: f64 = 27.0;
const MS_PER_S: f64 = 1e3;

/// Stationary Gaussian input to a neuron.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Input {
    /// Mean μ of the depolarisation by all input, above the leak potential, mV.
    pub mu_mv: f64,
    /// Noise amplitude σ, mV: √2 times the standard deviation of the free membrane potential
    /// under white noise.
    pub sigma_mv: f64,
    /// Effective synaptic time constant τ_s, ms.
    pub tau_s_ms: f64,
}

/// Derivatives of the rate.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RateDerivatives {
    /// ∂Φ/∂μ, 1/s per mV.
    pub by_mu_hz_per_mv: f64,
    /// ∂Φ/∂(σ²), 1/s per mV²; 0 at σ = 0.
    pub by_variance_hz_per_mv2: f64,
    /// ∂Φ/∂τ_s, 1/s per ms; 0 at σ = 0.
    pub by_tau_s_hz_per_ms: f64,
}

/// Stationary rate Φ(μ, σ), 1/s; at σ = 0 the noise-free rate.
pub fn rate_hz(neuron: &LifParameters, input: &Input) -> f64 {
    match Bounds::new(neuron, input) {
        Some(bounds) => bounds.rate(neuron).0,
        None => noise_free_rate_hz(neuron, input.mu_mv),
    }
}

/// Rate with a constant input that depolarises by `mu_mv` in the end, 1/s.
fn noise_free_rate_hz(neuron: &LifParameters, mu_mv: f64) -> f64 {
    let above_threshold_mv = mu_mv - (neuron.v_th_mv - neuron.e_l_mv);
    if above_threshold_mv <= 0.0 {
        return 0.0;
    }
    let climb = libm::log1p((neuron.v_th_mv - neuron.v_reset_mv) / above_threshold_mv);
    MS_PER_S / (neuron.t_ref_ms + neuron.tau_m_ms * climb)
}

/// Rate and its derivatives.
pub fn rate_and_derivatives(neuron: &LifParameters, input: &Input) -> (f64, RateDerivatives) {
    if let Some(bounds) = Bounds::new(neuron, input) {
        return noisy_rate_and_derivatives(neuron, input, &bounds);
    }
    let rate_hz = noise_free_rate_hz(neuron, input.mu_mv);
    let by_mu_hz_per_mv = noise_free_slope_hz_per_mv(neuron, input.mu_mv, rate_hz);
    (rate_hz, RateDerivatives { by_mu_hz_per_mv, ..RateDerivatives::default() })
}

fn noise_free_slope_hz_per_mv(neuron: &LifParameters, mu_mv: f64, rate_hz: f64) -> f64 {
    if rate_hz == 0.0 {
        return 0.0;
    }
    let above_threshold_mv = mu_mv - (neuron.v_th_mv - neuron.e_l_mv);
    let above_reset_mv = mu_mv - (neuron.v_reset_mv - neuron.e_l_mv);
    let slope_per_mv = 1.0 / above_threshold_mv - 1.0 / above_reset_mv;
    rate_hz * rate_hz * neuron.tau_m_ms / MS_PER_S * slope_per_mv
}

fn noisy_rate_and_derivatives(
    neuron: &LifParameters,
    input: &Input,
    bounds: &Bounds,
) -> (f64, RateDerivatives) {
    let (rate_hz, interval_ms) = bounds.rate(neuron);
    if rate_hz == 0.0 {
        return (0.0, RateDerivatives::default());
    }
    // −∂Φ/∂u_threshold and ∂Φ/∂u_reset, from ∂(1/Φ)/∂u = ± τ_m √π erfcx(−u).
    let factor = rate_hz * neuron.tau_m_ms * SQRT_PI / interval_ms;
    let down = factor * bounds.integrand(bounds.threshold);
    let up = factor * bounds.integrand(bounds.reset);
    let distances = down * (bounds.threshold - bounds.shift) - up * (bounds.reset - bounds.shift);
    let derivatives = RateDerivatives {
        by_mu_hz_per_mv: (down - up) / input.sigma_mv,
        by_variance_hz_per_mv2: distances / (2.0 * input.sigma_mv * input.sigma_mv),
        by_tau_s_hz_per_ms: -(down - up) * bounds.shift / (2.0 * input.tau_s_ms),
    };
    (rate_hz, derivatives)
}

/// Bounds of the integral, in units of the noise.
struct Bounds {
    reset: f64,
    threshold: f64,
    shift: f64,
}

impl Bounds {
    /// None if there is no noise, or so little that the bounds are infinite.
    fn new(neuron: &LifParameters, input: &Input) -> Option<Self> {
        let shift = HALF_ALPHA * libm::sqrt(input.tau_s_ms / neuron.tau_m_ms);
        let bound = |v_mv: f64| (v_mv - neuron.e_l_mv - input.mu_mv) / input.sigma_mv + shift;
        let bounds = Self { reset: bound(neuron.v_reset_mv), threshold: bound(neuron.v_th_mv), shift };
        (bounds.reset.is_finite() && bounds.threshold.is_finite()).then_some(bounds)
    }

    /// The factor e^{−u_threshold²} (1 below zero) taken out of the integral.
    fn factor(&self) -> f64 {
        if self.threshold > 0.0 { libm::exp(-self.threshold * self.threshold) } else { 1.0 }
    }

    /// Rate, 1/s, and the mean interspike interval times the factor, ms.
    fn rate(&self, neuron: &LifParameters) -> (f64, f64) {
        if self.threshold > SILENT_FROM {
            return (0.0, f64::INFINITY);
        }
        let factor = self.factor();
        let interval_ms = neuron.t_ref_ms * factor + neuron.tau_m_ms * self.integral(factor);
        (MS_PER_S * factor / interval_ms, interval_ms)
    }

    /// √π ∫ erfcx(−u) du times the factor.
    fn integral(&self, factor: f64) -> f64 {
        let (a, b) = (self.reset, self.threshold);
        if b <= 0.0 {
            erfcx_integral(-b, -a)
        } else if a <= 0.0 {
            2.0 * SQRT_PI * dawson(b) + factor * erfcx_integral(b, -a)
        } else {
            let growing = dawson(b) - libm::exp((a - b) * (a + b)) * dawson(a);
            2.0 * SQRT_PI * growing - factor * erfcx_integral(a, b)
        }
    }

    /// The integrand erfcx(−u) times the factor.
    fn integrand(&self, u: f64) -> f64 {
        let b = self.threshold.max(0.0);
        if u > 0.0 {
            2.0 * libm::exp((u - b) * (u + b)) - self.factor() * erfcx(u)
        } else {
            self.factor() * erfcx(-u)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEURON: LifParameters = LifParameters {
        e_l_mv: -70.0,
        v_th_mv: -45.0,
        v_reset_mv: -70.0,
        c_m_pf: 220.0,
        tau_m_ms: 10.0,
        tau_syn_ex_ms: 2.0,
        tau_syn_in_ms: 2.0,
        t_ref_ms: 2.0,
    };

    /// Error of the midpoint rule below, 200 000 points.
    const QUADRATURE: f64 = 1e-7;
    /// Error of a central difference with the steps below, where the rate falls as e^{−u²}, u = 15.
    const DIFFERENCE: f64 = 1e-5;

    fn input(mu_mv: f64, sigma_mv: f64) -> Input {
        Input { mu_mv, sigma_mv, tau_s_ms: 2.0 }
    }

    /// The definition: a midpoint sum of e^{u²} (1 + erf u) between the shifted bounds.
    fn rate_by_quadrature_hz(neuron: &LifParameters, input: &Input) -> f64 {
        let alpha = 2.0_f64.sqrt() * 1.460_354_508_809_586_8;
        let shift = 0.5 * alpha * (input.tau_s_ms / neuron.tau_m_ms).sqrt();
        let bound = |v_mv: f64| (v_mv - neuron.e_l_mv - input.mu_mv) / input.sigma_mv + shift;
        let (from, to, n) = (bound(neuron.v_reset_mv), bound(neuron.v_th_mv), 200_000);
        let h = (to - from) / f64::from(n);
        let integrand = |u: f64| libm::exp(u * u) * libm::erfc(-u);
        let integral: f64 = (0..n).map(|i| h * integrand(from + (f64::from(i) + 0.5) * h)).sum();
        1e3 / (neuron.t_ref_ms + neuron.tau_m_ms * std::f64::consts::PI.sqrt() * integral)
    }

    fn relative_difference(a: f64, b: f64) -> f64 {
        ((a - b) / b).abs()
    }

    #[test]
    fn the_rate_agrees_with_its_definition_for_inputs_below_between_and_above_the_potentials() {
        let other = LifParameters { v_reset_mv: -60.0, tau_m_ms: 17.0, t_ref_ms: 1.0, ..NEURON };
        for neuron in [NEURON, other] {
            for mu_mv in [-40.0, -5.0, 4.0, 9.0, 20.0, 24.9, 25.1, 40.0] {
                for sigma_mv in [4.0, 8.0, 30.0] {
                    let input = input(mu_mv, sigma_mv);
                    let expected = rate_by_quadrature_hz(&neuron, &input);
                    let difference = relative_difference(rate_hz(&neuron, &input), expected);
                    assert!(difference < QUADRATURE, "{input:?}: {difference:e}");
                }
            }
        }
    }

    #[test]
    fn the_rate_without_the_colored_noise_shift_would_be_told_apart() {
        let white = rate_hz(&NEURON, &Input { tau_s_ms: 0.0, ..input(20.0, 8.0) });
        assert!(
            relative_difference(white, rate_by_quadrature_hz(&NEURON, &input(20.0, 8.0))) > 1e4 * QUADRATURE
        );
    }

    #[test]
    fn without_noise_the_rate_is_that_of_a_constant_current() {
        let expected = 1e3 / (2.0 + 10.0 * (40.0_f64 / 15.0).ln());
        assert!(relative_difference(rate_hz(&NEURON, &input(40.0, 0.0)), expected) < 1e-14);
        assert_eq!(rate_hz(&NEURON, &input(25.0, 0.0)), 0.0);
    }

    #[test]
    fn the_rate_goes_to_the_noise_free_one_as_the_noise_vanishes() {
        let noise_free = rate_hz(&NEURON, &input(40.0, 0.0));
        for sigma_mv in [1e-1, 1e-3, 1e-6, 1e-12, 1e-200, f64::MIN_POSITIVE] {
            let noisy = rate_hz(&NEURON, &input(40.0, sigma_mv));
            // To first order the shift of 0.46 σ shortens both distances by at most σ of 15 mV.
            assert!(relative_difference(noisy, noise_free) < sigma_mv + 1e-14, "sigma {sigma_mv:e} mV");
            assert_eq!(rate_hz(&NEURON, &input(24.0, sigma_mv.min(1e-3))), 0.0);
        }
    }

    #[test]
    fn deep_below_threshold_the_rate_is_the_escape_rate() {
        // (u_threshold/(τ_m √π)) e^{−u_threshold²} (1 + O(1/u²)), here 1/(2u²) = 0.6 %.
        let input = input(0.0, 2.9);
        let u = 25.0 / 2.9 + HALF_ALPHA * 0.2_f64.sqrt();
        let escape_hz = u * libm::exp(-u * u) / (10.0e-3 * SQRT_PI);
        assert!(escape_hz < 1e-30);
        assert!(relative_difference(rate_hz(&NEURON, &input), escape_hz) < 1.0 / (u * u));
        assert_eq!(rate_hz(&NEURON, &Input { mu_mv: -1e6, ..input }), 0.0);
    }

    #[test]
    fn far_above_threshold_the_rate_is_bounded_by_refractoriness() {
        let rate = rate_hz(&NEURON, &input(1e9, 5.0));
        assert!(relative_difference(rate, 500.0) < 1e-6 && rate <= 500.0);
        assert!(rate_hz(&NEURON, &input(1e300, 5.0)) <= 500.0);
    }

    #[test]
    fn the_rate_rises_with_the_mean_input() {
        for sigma_mv in [0.5, 3.0, 10.0, 60.0] {
            let rates: Vec<f64> =
                (-800..2000).map(|i| rate_hz(&NEURON, &input(0.05 * f64::from(i), sigma_mv))).collect();
            assert!(rates.windows(2).all(|pair| pair[0] <= pair[1]), "sigma {sigma_mv} mV");
            assert!(rates[0] < rates[2799]);
        }
    }

    #[test]
    fn the_derivatives_agree_with_differences() {
        for mu_mv in [-20.0, 5.0, 20.0, 26.0, 60.0] {
            for sigma_mv in [3.0, 9.0, 25.0] {
                let at = input(mu_mv, sigma_mv);
                let (rate, derivatives) = rate_and_derivatives(&NEURON, &at);
                assert_eq!(rate, rate_hz(&NEURON, &at));
                let difference = |plus: Input, minus: Input, step: f64| {
                    (rate_hz(&NEURON, &plus) - rate_hz(&NEURON, &minus)) / step
                };
                let with_variance =
                    |variance: f64| Input { sigma_mv: (sigma_mv * sigma_mv + variance).sqrt(), ..at };
                let with_mu = |shift: f64| Input { mu_mv: mu_mv + shift, ..at };
                let with_tau = |shift: f64| Input { tau_s_ms: 2.0 + shift, ..at };
                let (h, h2) = (1e-5 * sigma_mv, 1e-5 * sigma_mv * sigma_mv);
                let by_mu = difference(with_mu(h), with_mu(-h), 2.0 * h);
                let by_variance = difference(with_variance(h2), with_variance(-h2), 2.0 * h2);
                let by_tau = difference(with_tau(1e-4), with_tau(-1e-4), 2e-4);
                assert!(relative_difference(derivatives.by_mu_hz_per_mv, by_mu) < DIFFERENCE, "{at:?}");
                assert!(
                    relative_difference(derivatives.by_variance_hz_per_mv2, by_variance) < DIFFERENCE,
                    "{at:?}"
                );
                assert!(relative_difference(derivatives.by_tau_s_hz_per_ms, by_tau) < DIFFERENCE, "{at:?}");
            }
        }
    }
}
