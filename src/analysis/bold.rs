//! BOLD signals of areas by the balloon-Windkessel model (Friston, Harrison & Penny 2003,
//! doi:10.1016/S1053-8119(03)00202-7), driven by the area's rate per neuron in 1/s.
//!
//! ```text
//! s' = ε u − κ s − γ (f − 1)           vasodilatory signal
//! f' = s                               blood inflow
//! τ v' = f − v^(1/α)                   blood volume
//! τ q' = f (1 − (1 − ρ)^(1/f))/ρ − v^(1/α) q/v     deoxyhaemoglobin
//! y = V0 (7 ρ (1 − q) + 2 (1 − q/v) + (2 ρ − 0.2)(1 − v))
//! ```
//!
//! | | value | meaning |
//! |---|---|---|
//! | ε | 1 | efficacy |
//! | κ | 0.65 /s | decay of the signal |
//! | γ | 0.41 /s | feedback of the flow |
//! | τ | 0.98 s | transit time |
//! | α | 0.32 | stiffness of vessels |
//! | ρ | 0.34 | oxygen extraction at rest |
//! | V0 | 0.02 | volume of blood at rest |

use super::currents::correlation_from;
use super::{Absence, Known, Window};
use crate::engine::fixed_point::nearest_step;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;

const EPSILON: f64 = 1.0;
const KAPPA_PER_S: f64 = 0.65;
const GAMMA_PER_S: f64 = 0.41;
const TAU_S: f64 = 0.98;
const ALPHA: f64 = 0.32;
const RHO: f64 = 0.34;
/// ln(1 − ρ).
const LN_NOT_EXTRACTED: f64 = -0.415_515_443_961_665_95;
const V0: f64 = 0.02;
/// Longest step of the integration, s.
const LONGEST_STEP_S: f64 = 1e-3;
const S_PER_MS: f64 = 1e-3;
/// What the model takes from rest to a signal that activity alone determines, ms: the response to an impulse
/// has decayed to below 1 % after it (κ/2 = 0.33 /s), and areas that set in together correlate until then.
const TRANSIENT_MS: f64 = 20_000.0;

/// BOLD signals of areas.
#[derive(Debug, Clone, PartialEq)]
pub struct Bold {
    /// Relative change of the signal at the end of every bin from 0 on, shape [area, bin]; the model
    /// is at rest at 0. NaN from where the flow of an area stops, of which the model knows nothing.
    pub signal: Array2<f64>,
    /// Pearson correlations from [`Bold::first_counted_step`] on, shape [area, area]; NaN if a signal
    /// does not change or is none.
    pub correlation: Known<Array2<f64>>,
    /// The first step that counts: that of statistics, or if the transient from rest has ended; or why
    /// nothing is left.
    pub first_counted_step: Known<u32>,
}

/// Signals from `rates_hz`, shape [area, bin], constant within a bin.
pub fn bold(rates_hz: ArrayView2<'_, f64>, window: &Window) -> Bold {
    let areas: Vec<_> = rates_hz.rows().into_iter().collect();
    let of_area = |rates_hz: &ArrayView1<'_, f64>| -> Vec<f64> {
        let mut state = REST;
        let mut next = |&rate_hz: &f64| {
            state = advanced(state, rate_hz, window.bin_ms() * S_PER_MS);
            output(state)
        };
        rates_hz.iter().map(&mut next).collect()
    };
    let signals: Vec<Vec<f64>> = areas.par_iter().map(of_area).collect();
    let mut signal = Array2::zeros(rates_hz.raw_dim());
    signal
        .rows_mut()
        .into_iter()
        .zip(signals)
        .for_each(|(mut row, values)| row.assign(&Array1::from(values)));
    let first_counted_step = first_counted_step(window);
    let of_counted = |from_step| correlation_from(signal.view(), &Window { from_step, ..*window });
    let correlation = first_counted_step.clone().and_then(of_counted);
    Bold { signal, correlation, first_counted_step }
}

fn first_counted_step(window: &Window) -> Known<u32> {
    let transient = nearest_step(TRANSIENT_MS, window.dt_ms);
    let duration_ms = window.duration_ms();
    match window.n_steps > transient {
        true => Ok(window.from_step.max(transient)),
        false => Err(Absence::Transient { transient_ms: TRANSIENT_MS, duration_ms }),
    }
}

/// s (1/s), f, v, q.
type State = [f64; 4];
const REST: State = [0.0, 1.0, 1.0, 1.0];

fn slope([s, f, v, q]: State, rate_hz: f64) -> State {
    let outflow = outflow(v);
    let extracted = (1.0 - libm::exp(LN_NOT_EXTRACTED / f)) / RHO;
    [
        EPSILON * rate_hz - KAPPA_PER_S * s - GAMMA_PER_S * (f - 1.0),
        s,
        (f - outflow) / TAU_S,
        (f * extracted - outflow * q / v) / TAU_S,
    ]
}

/// v^(1/α), by roots, which take a fraction of the time of a power.
fn outflow(v: f64) -> f64 {
    const { assert!(8.0 / ALPHA == 25.0) };
    v * v * v * v.sqrt().sqrt().sqrt()
}

/// The state after `time_s` at a constant rate, by the classical Runge-Kutta method.
fn advanced(mut state: State, rate_hz: f64, time_s: f64) -> State {
    let n = (time_s / LONGEST_STEP_S - 1e-9).ceil().max(1.0);
    let h = time_s / n;
    for _ in 0..n as u32 {
        let moved = |slope: State, h: f64| std::array::from_fn(|i| state[i] + h * slope[i]);
        let a = slope(state, rate_hz);
        let b = slope(moved(a, h / 2.0), rate_hz);
        let c = slope(moved(b, h / 2.0), rate_hz);
        let d = slope(moved(c, h), rate_hz);
        state = moved(std::array::from_fn(|i| (a[i] + 2.0 * b[i] + 2.0 * c[i] + d[i]) / 6.0), h);
        if state[1] <= 0.0 || state[2] <= 0.0 {
            return [f64::NAN; 4];
        }
    }
    state
}

fn output([_, _, v, q]: State) -> f64 {
    V0 * (7.0 * RHO * (1.0 - q) + 2.0 * (1.0 - q / v) + (2.0 * RHO - 0.2) * (1.0 - v))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { dt_ms: 0.1, n_steps: 600_000, from_step: 0, steps_per_bin: 10 };
    /// What is left of the approach to the steady state after 60 s, and f64 rounding.
    const TOLERANCE: f64 = 1e-6;

    fn signal(rates_hz: Vec<f64>) -> Vec<f64> {
        let window = Window { n_steps: 10 * rates_hz.len() as u32, ..WINDOW };
        let rates_hz = Array2::from_shape_vec((1, rates_hz.len()), rates_hz).unwrap();
        bold(rates_hz.view(), &window).signal.row(0).to_vec()
    }

    #[test]
    fn roots_and_exponentials_are_the_powers_of_the_equations() {
        for k in 1..300 {
            let x = 0.01 * f64::from(k);
            let powers = [libm::pow(x, 1.0 / ALPHA), libm::pow(1.0 - RHO, 1.0 / x)];
            for (found, power) in [outflow(x), libm::exp(LN_NOT_EXTRACTED / x)].into_iter().zip(powers) {
                // The exponent's own rounding counts as often as it is large.
                let tolerance = 1e-14 * (1.0 + 0.5 / x);
                assert!((found - power).abs() <= tolerance * power, "{x}: {found} {power}");
            }
        }
        assert!(outflow(-0.1).is_nan());
    }

    #[test]
    fn rest_stays_at_rest() {
        assert!(signal(vec![0.0; 5000]).iter().all(|y| y.abs() < TOLERANCE));
    }

    #[test]
    fn a_constant_rate_ends_in_the_steady_state_of_the_equations() {
        let rate_hz = 2.0;
        let f: f64 = 1.0 + EPSILON * rate_hz / GAMMA_PER_S;
        let v = f.powf(ALPHA);
        let q = v * (1.0 - (1.0 - RHO).powf(1.0 / f)) / RHO;
        let found = signal(vec![rate_hz; 60_000]);
        assert!((found[59_999] - output([0.0, f, v, q])).abs() < TOLERANCE);
    }

    #[test]
    fn a_short_impulse_gives_the_flow_of_a_damped_oscillator() {
        // f'' + κ f' + γ (f − 1) = ε u: after an impulse of area 1, f − 1 = e^(−κt/2) sin(ωt)/ω.
        let mut state = advanced(REST, 1000.0, 1e-3);
        for _ in 0..2000 {
            state = advanced(state, 0.0, 1e-3);
        }
        let omega = (GAMMA_PER_S - KAPPA_PER_S * KAPPA_PER_S / 4.0).sqrt();
        // The impulse lasts 1 ms; seen from its middle the error is of second order.
        let t: f64 = 2.0005;
        let expected = (-KAPPA_PER_S * t / 2.0).exp() * (omega * t).sin() / omega;
        assert!((state[1] - 1.0 - expected).abs() < TOLERANCE, "{} {expected}", state[1] - 1.0);
    }

    /// Areas that set in together at 2 spikes/s, with fluctuations of their own.
    fn independent_areas(seconds: usize) -> Array2<f64> {
        let noise = |area, bin: usize| crate::engine::rng::threefry([area, 0], [(bin / 100) as u32, 0])[0];
        Array2::from_shape_fn((6, 1000 * seconds), |(area, bin)| {
            2.0 + f64::from(noise(area as u32, bin)) / 4_294_967_296.0
        })
    }

    fn mean_coefficient(matrix: &Array2<f64>) -> f64 {
        let pairs = matrix.indexed_iter().filter(|((a, b), _)| a < b);
        pairs.map(|(_, r)| r).sum::<f64>() / 15.0
    }

    #[test]
    fn correlations_are_those_after_the_transient_in_which_areas_that_set_in_together_correlate() {
        let rates_hz = independent_areas(60);
        let window = Window { from_step: 5000, ..WINDOW };
        let found = bold(rates_hz.view(), &window);
        assert_eq!(found.first_counted_step, Ok(200_000));
        // 40 s hold some 15 independent values: 1/√15 a pair, and 1/√15 of that for the mean of 15 pairs.
        let mean = mean_coefficient(&found.correlation.unwrap());
        assert!(mean.abs() < 5.0 / 15.0, "{mean}");
        let with_transient = mean_coefficient(&correlation_from(found.signal.view(), &window).unwrap());
        assert!(with_transient > 0.6, "{with_transient}");
        let later = Window { from_step: 300_000, ..WINDOW };
        assert_eq!(bold(rates_hz.view(), &later).first_counted_step, Ok(300_000));
    }

    #[test]
    fn a_run_that_ends_within_the_transient_has_no_correlations_and_says_why() {
        let window = Window { n_steps: 200_000, from_step: 5000, ..WINDOW };
        let absence = bold(independent_areas(20).view(), &window).correlation.unwrap_err();
        assert_eq!(
            absence.to_string(),
            "the first 20 s are the transient of the signal from rest, and the run ends at 20 s"
        );
    }

    #[test]
    fn activity_that_stops_the_flow_leaves_no_signal() {
        let mut rates_hz = vec![70.0; 20_000];
        rates_hz.extend(vec![0.0; 20_000]);
        let found = signal(rates_hz);
        assert!(found[19_999].is_finite() && found[39_999].is_nan());
    }
}
