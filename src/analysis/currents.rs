//! Synaptic input currents of areas, and their correlations: functional connectivity.
//!
//! 1. The rate of every source population in bins from 0, spikes/s a neuron.
//! 2. The input of an area: for each of its populations Σ |w| · K · rate over its sources, with mean
//!    weight w and in-degree K, then the mean over its populations weighted by neurons.
//! 3. That input through a causal normalised exponential kernel of the synaptic time constant.
//!
//! As published with the model (Pronold et al. 2024, doi:10.1093/cercor/bhae409), but for the kernel,
//! which is sampled once a bin; the published one is kept as an option. Input from outside of the
//! network is no part of it.

use super::correlation::correlation_matrix;
use super::{Absence, Known, Window};
use crate::config::CurrentKernel;
use crate::model::network::{NetworkSpec, Projection};
use crate::simulation::recording::PopulationRow;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};

/// Length of a kernel in time constants.
const KERNEL_TIME_CONSTANTS: f64 = 10.0;
/// Time between samples of the published kernel, ms.
const PUBLISHED_SAMPLE_MS: f64 = 0.1;
/// Samples of the longest kernel; a time constant of 100 s has as many.
const MAX_SAMPLES: f64 = 1e6;
/// Bins by which the published currents are late.
const PUBLISHED_LAG: usize = 1;

/// Synaptic input currents of areas.
#[derive(Debug, Clone, PartialEq)]
pub struct SynapticCurrents {
    /// Σ |w| · K · rate, filtered, pA/s, shape [area, bin], bins from 0. Times τ_syn in s it is a
    /// current in pA.
    pub pa_per_s: Array2<f64>,
    /// Functional connectivity: their Pearson correlations from the start of statistics on, shape
    /// [area, area]; NaN if the current of an area does not change.
    pub correlation: Known<Array2<f64>>,
}

/// Currents of `areas`, each a list of rows of `populations`, from `rates_hz`, shape [row, bin].
pub fn synaptic_currents(
    network: &NetworkSpec,
    populations: &[PopulationRow],
    areas: &[Vec<usize>],
    rates_hz: ArrayView2<'_, f64>,
    window: &Window,
    kernel: CurrentKernel,
) -> SynapticCurrents {
    let mut pa_per_s = Array2::zeros((areas.len(), rates_hz.ncols()));
    for (tau_syn_ms, weights) in input_weights(network, populations, areas) {
        let (kernel, lag) = samples(kernel, tau_syn_ms, window.bin_ms());
        let input = weights.dot(&rates_hz);
        for (mut current, input) in pa_per_s.axis_iter_mut(Axis(0)).zip(input.axis_iter(Axis(0))) {
            current += &filtered(&input.to_vec(), &kernel, lag);
        }
    }
    let correlation = correlation_from(pa_per_s.view(), window);
    SynapticCurrents { pa_per_s, correlation }
}

/// Correlations of signals of areas from the start of statistics on.
pub(super) fn correlation_from(signals: ArrayView2<'_, f64>, window: &Window) -> Known<Array2<f64>> {
    window.needs(2.0 * window.bin_ms())?;
    let matrix = correlation_matrix(signals.slice(s![.., window.first_counted_bin()..]));
    let n_known = matrix.diag().iter().filter(|r| !r.is_nan()).count();
    if n_known < 2 { Err(Absence::NoPairOfAreas) } else { Ok(matrix) }
}

/// For each synaptic time constant, ms, Σ |w| · K of a source population, pA, averaged over the
/// populations of an area by neurons; shape [area, row of the source].
fn input_weights(
    network: &NetworkSpec,
    populations: &[PopulationRow],
    areas: &[Vec<usize>],
) -> Vec<(f64, Array2<f64>)> {
    let mut row_of = vec![None; network.populations.len()];
    let mut area_of = vec![None; network.populations.len()];
    populations.iter().enumerate().for_each(|(row, population)| row_of[population.index] = Some(row));
    for (area, rows) in areas.iter().enumerate() {
        rows.iter().for_each(|&row| area_of[populations[row].index] = Some(area));
    }
    let neurons =
        |rows: &Vec<usize>| rows.iter().map(|&row| f64::from(populations[row].neurons)).sum::<f64>();
    let neurons: Vec<f64> = areas.iter().map(neurons).collect();
    let mut weights: Vec<(f64, Array2<f64>)> = Vec::new();
    for projection in &network.projections {
        let (Some(area), Some(source)) = (area_of[projection.target], row_of[projection.source]) else {
            continue;
        };
        let tau_syn_ms = time_constant_ms(network, projection);
        let at = weights.iter().position(|(tau_ms, _)| *tau_ms == tau_syn_ms).unwrap_or_else(|| {
            weights.push((tau_syn_ms, Array2::zeros((areas.len(), populations.len()))));
            weights.len() - 1
        });
        // In-degree times neurons of the target is the number of synapses, of which some transmit.
        let input = projection.weight_pa.abs() * projection.synapses as f64 * network.p_transmit;
        weights[at].1[[area, source]] += input / neurons[area];
    }
    weights
}

fn time_constant_ms(network: &NetworkSpec, projection: &Projection) -> f64 {
    let neuron = &network.populations[projection.target].neuron;
    if projection.weight_pa < 0.0 { neuron.tau_syn_in_ms } else { neuron.tau_syn_ex_ms }
}

/// Samples of the kernel and the bins by which its output is late.
fn samples(kernel: CurrentKernel, tau_syn_ms: f64, bin_ms: f64) -> (Vec<f64>, usize) {
    let (step_ms, lag) = match kernel {
        CurrentKernel::Sampled => (bin_ms, 0),
        CurrentKernel::Published => (PUBLISHED_SAMPLE_MS, PUBLISHED_LAG),
    };
    // The end is left out; a quotient a little above a whole number is that number.
    let n = (KERNEL_TIME_CONSTANTS * tau_syn_ms / step_ms - 1e-9).ceil().clamp(1.0, MAX_SAMPLES) as usize;
    let mut samples: Vec<f64> = (0..n).map(|i| libm::exp(-(i as f64) * step_ms / tau_syn_ms)).collect();
    let sum: f64 = samples.iter().sum();
    samples.iter_mut().for_each(|sample| *sample /= sum);
    (samples, lag)
}

/// Σ_i kernel_i · input_{k − lag − i}, what lies before 0 being 0.
fn filtered(input: &[f64], kernel: &[f64], lag: usize) -> Array1<f64> {
    let at = |k: usize| {
        let Some(last) = k.checked_sub(lag) else { return 0.0 };
        kernel.iter().zip(input[..=last].iter().rev()).map(|(kernel, input)| kernel * input).sum()
    };
    (0..input.len()).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// f64 rounding.
    const TOLERANCE: f64 = 1e-12;

    #[test]
    fn kernels_have_the_published_numbers_of_samples_and_sum_to_1() {
        for (kernel, n, lag) in [(CurrentKernel::Sampled, 20, 0), (CurrentKernel::Published, 200, 1)] {
            let (samples, found) = samples(kernel, 2.0, 1.0);
            assert_eq!((samples.len(), found), (n, lag));
            assert!((samples.iter().sum::<f64>() - 1.0).abs() < TOLERANCE);
        }
    }

    #[test]
    fn an_impulse_comes_out_as_the_kernel_and_not_before() {
        let (kernel, _) = samples(CurrentKernel::Sampled, 2.0, 1.0);
        let mut input = vec![0.0; 40];
        input[5] = 3.0;
        let output = filtered(&input, &kernel, 0);
        assert!(output.iter().take(5).all(|&x| x == 0.0) && (output[5] - 3.0 * kernel[0]).abs() < TOLERANCE);
        assert!((output[7] / output[5] - (-1.0f64).exp()).abs() < TOLERANCE);
        assert_eq!(filtered(&input, &kernel, 1)[6], output[5]);
    }
}
