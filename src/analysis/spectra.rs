//! Power spectra of the rates of areas by Welch's method (Welch 1967, doi:10.1109/TAU.1967.1161901):
//! mean periodogram of Hann windows that overlap by half, each without its mean, one-sided.

use super::{Absence, Known, Window};
use ndarray::{Array2, ArrayView2, Axis, s};
use realfft::RealFftPlanner;
use std::f64::consts::PI;

const MS_PER_S: f64 = 1000.0;

/// Power spectra.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectra {
    /// Frequencies, Hz.
    pub frequency_hz: Vec<f64>,
    /// Power spectral density of a signal of each area, shape [area, frequency]: of its rate per neuron, (1/s)²/Hz, or
    /// of the proxy of its local field potential, 1/Hz.
    pub density: Array2<f64>,
}

/// Spectra of `rates_hz`, shape [area, bin], from the start of statistics on, in windows of
/// `window_ms`.
///
/// # Errors
/// A run in which no window has room.
pub fn spectra(rates_hz: ArrayView2<'_, f64>, window: &Window, window_ms: f64) -> Known<Spectra> {
    let bin_ms = window.bin_ms();
    let needed_ms = samples_of_window(window_ms, bin_ms) as f64 * bin_ms;
    window.needs(needed_ms)?;
    let (from_ms, duration_ms) = (window.from_ms(), window.duration_ms());
    let counted = rates_hz.slice(s![.., window.first_counted_bin()..]);
    let found = densities(counted, bin_ms, window_ms);
    found.ok_or(Absence::TooShort { needed_ms, from_ms, duration_ms })
}

fn samples_of_window(window_ms: f64, sampling_ms: f64) -> usize {
    (window_ms / sampling_ms).round().max(2.0) as usize
}

/// Spectra of `signals`, shape [area, sample], with a sample every `sampling_ms`, in windows of `window_ms`; `None` if
/// no window has room.
pub(super) fn densities(signals: ArrayView2<'_, f64>, sampling_ms: f64, window_ms: f64) -> Option<Spectra> {
    let n = samples_of_window(window_ms, sampling_ms);
    if signals.ncols() < n {
        return None;
    }
    let sampling_hz = MS_PER_S / sampling_ms;
    let mut density = Array2::zeros((signals.nrows(), n / 2 + 1));
    for (mut density, signal) in density.axis_iter_mut(Axis(0)).zip(signals.axis_iter(Axis(0))) {
        let found = welch(&signal.to_vec(), n, sampling_hz);
        density.iter_mut().zip(found).for_each(|(density, found)| *density = found);
    }
    let frequency_hz = (0..=n / 2).map(|k| k as f64 * sampling_hz / n as f64).collect();
    Some(Spectra { frequency_hz, density })
}

/// Density of `signal` in windows of `n` samples; empty if none has room.
fn welch(signal: &[f64], n: usize, sampling_hz: f64) -> Vec<f64> {
    let taper: Vec<f64> = (0..n).map(|i| 0.5 - 0.5 * libm::cos(2.0 * PI * i as f64 / n as f64)).collect();
    let power = taper.iter().map(|w| w * w).sum::<f64>();
    let transform = RealFftPlanner::<f64>::new().plan_fft_forward(n);
    let (mut input, mut output) = (transform.make_input_vec(), transform.make_output_vec());
    let mut density = vec![0.0; output.len()];
    let windows = signal.windows(n).step_by((n / 2).max(1));
    let n_windows = windows.len() as f64;
    for window in windows {
        let mean = window.iter().sum::<f64>() / n as f64;
        let tapered = window.iter().zip(&taper).map(|(x, w)| (x - mean) * w);
        input.iter_mut().zip(tapered).for_each(|(input, x)| *input = x);
        let transformed = transform.process(&mut input, &mut output);
        transformed.expect("lengths are those that the transform made itself");
        density.iter_mut().zip(&output).for_each(|(density, x)| *density += x.norm_sqr());
    }
    let is_single = |k: usize| k == 0 || 2 * k == n;
    let sided = |k: usize| if is_single(k) { 1.0 } else { 2.0 };
    let scale = 1.0 / (n_windows * power * sampling_hz);
    density.iter().enumerate().map(|(k, density)| density * sided(k) * scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// f64 rounding of a transform.
    const TOLERANCE: f64 = 1e-9;

    #[test]
    fn a_sine_has_its_power_at_its_frequency() {
        // Amplitude 3 has power 4.5; a Hann window spreads it over three frequencies.
        let signal: Vec<f64> =
            (0..4000).map(|i| 7.0 + 3.0 * (2.0 * PI * 50.0 * f64::from(i) / 1000.0).sin()).collect();
        let density = welch(&signal, 500, 1000.0);
        let power: f64 = density.iter().sum::<f64>() * 1000.0 / 500.0;
        assert!((power - 4.5).abs() < TOLERANCE, "{power}");
        let highest = (0..density.len()).max_by(|&a, &b| density[a].total_cmp(&density[b]));
        assert_eq!(highest, Some(25));
    }

    #[test]
    fn uncorrelated_noise_has_the_density_of_its_variance() {
        // Hash bits make values of variance 1/12 each ms: 2 · (1/12)/1000 per Hz.
        let noise: Vec<f64> = (0..200_000u32)
            .map(|i| f64::from(crate::engine::rng::threefry([1, 2], [i, 0])[0]) / f64::from(u32::MAX))
            .collect();
        let density = welch(&noise, 256, 1000.0);
        let mean = density[5..120].iter().sum::<f64>() / 115.0;
        let expected = 2.0 / 12.0 / 1000.0;
        // 115 frequencies × 1500 windows: sd of the mean below 0.4 %.
        assert!((mean / expected - 1.0).abs() < 0.02, "{mean} {expected}");
    }

    #[test]
    fn a_run_shorter_than_the_window_has_no_spectrum() {
        let window = Window { dt_ms: 0.1, n_steps: 9000, from_step: 5000, steps_per_bin: 10 };
        let rates = Array2::zeros((1, 900));
        assert!(spectra(rates.view(), &window, 512.0).is_err());
        assert_eq!(spectra(rates.view(), &window, 400.0).unwrap().density.dim(), (1, 201));
    }
}
