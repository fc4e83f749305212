//! Statistics that follow from spikes and the populations they belong to, computed in two passes.

use super::correlation::correlations;
use super::trains::TrainSums;
use super::{Absence, AnalysisError, Known, Layout, SpikeSource, Window};
use crate::config::AnalysisOptions;
use crate::engine::fixed_point::Simulation;
use crate::model::network::NetworkSpec;
use crate::simulation::recording::PopulationRow;
use ndarray::Array2;
use rayon::prelude::*;
use std::borrow::Cow;

/// Statistics of one population.
#[derive(Debug, Clone, PartialEq)]
pub struct PopulationStatistics {
    /// Spikes over neurons and time, 1/s.
    pub rate_hz: Known<f64>,
    /// Mean coefficient of variation of interspike intervals over neurons with enough spikes.
    pub cv_isi: Known<f64>,
    /// Mean revised local variation over the same neurons.
    pub lvr: Known<f64>,
    /// Mean Pearson coefficient of binned counts over pairs of the first neurons whose count changes.
    pub correlation: Known<f64>,
    /// Neurons behind CV and LvR.
    pub n_regular: u32,
    /// Neurons behind the correlation.
    pub n_correlated: u32,
}

/// Distributions over the neurons, or pairs of neurons, of one population.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PopulationSamples {
    /// Rate of every neuron in its order, 1/s; empty if nothing is left of the run.
    pub rate_hz: Vec<f64>,
    /// CV of neurons with enough spikes, in their order.
    pub cv_isi: Vec<f64>,
    /// LvR of the same neurons.
    pub lvr: Vec<f64>,
    /// Correlation coefficients of pairs.
    pub correlation: Vec<f64>,
}

/// Statistics of all populations.
#[derive(Debug, Clone, PartialEq)]
pub struct SpikeStatistics {
    /// Statistics in the order of the populations.
    pub populations: Vec<PopulationStatistics>,
    /// Distributions in the order of the populations.
    pub samples: Vec<PopulationSamples>,
    /// Spikes in bins from 0 on, shape [population, bin].
    pub counts: Array2<u32>,
    /// Whether these are known of each population.
    pub counted: Vec<bool>,
}

/// Statistics of spikes in the memory, (step, neuron), of a network of one's own.
///
/// Rows are those of the populations that have neurons.
///
/// # Errors
/// A spike of a neuron or step that the network or the run does not have.
pub fn statistics_of(
    network: &NetworkSpec,
    spikes: &[(u32, u32)],
    simulation: &Simulation,
    options: &AnalysisOptions,
) -> Result<SpikeStatistics, AnalysisError> {
    let layout = Layout::new(network, Window::new(simulation, options));
    let (n_steps, n_neurons) = (layout.window.n_steps, layout.n_neurons() as u32);
    let is_foreign = |spike: &&(u32, u32)| spike.0 > n_steps || spike.1 >= n_neurons;
    if let Some(&(step, neuron)) = spikes.iter().find(is_foreign) {
        return Err(AnalysisError::NoSuchNeuronOrStep { step, neuron, n_steps, n_neurons });
    }
    let mut sorted = Cow::from(spikes);
    if !spikes.is_sorted() {
        sorted.to_mut().sort_unstable();
    }
    spike_statistics(&sorted.as_ref(), &layout, options, &mut |_, _| ())
}

/// Computes them.
///
/// 1. Sums over every train and counts of every population; `on_step` sees each step too.
/// 2. Correlations.
///
/// # Errors
/// Spikes that cannot be read.
pub fn spike_statistics(
    spikes: &dyn SpikeSource,
    layout: &Layout,
    options: &AnalysisOptions,
    on_step: &mut dyn FnMut(u32, &[u32]),
) -> Result<SpikeStatistics, AnalysisError> {
    let (sums, counts) = first_pass(spikes, layout, on_step)?;
    let n_neurons = (options.correlation_neurons, options.pair_neurons);
    let mut correlations = correlations(spikes, layout, &sums, n_neurons)?;
    let window = &layout.window;
    let pairs = std::mem::take(&mut correlations.pairs);
    let of_population = |(row, correlation): (&PopulationRow, Vec<f64>)| {
        let first = row.first_neuron as usize;
        samples(&sums[first..first + row.neurons as usize], window, options.min_spikes, correlation)
    };
    let samples: Vec<PopulationSamples> =
        layout.populations.par_iter().zip(pairs).map(of_population).collect();
    let statistics = |(population, samples): (usize, &PopulationSamples)| {
        let correlation = (correlations.mean[population], correlations.n_neurons[population]);
        population_statistics(samples, correlation, window, options.min_spikes)
    };
    let populations = samples.iter().enumerate().map(statistics).collect();
    Ok(SpikeStatistics { populations, samples, counts, counted: vec![true; layout.populations.len()] })
}

fn first_pass(
    spikes: &dyn SpikeSource,
    layout: &Layout,
    on_step: &mut dyn FnMut(u32, &[u32]),
) -> Result<(Vec<TrainSums>, Array2<u32>), AnalysisError> {
    let window = &layout.window;
    let population_of = layout.population_of_neurons();
    let t_ref_steps: Vec<f64> = layout.t_ref_ms.iter().map(|t_ref_ms| t_ref_ms / window.dt_ms).collect();
    let mut sums = vec![TrainSums::default(); layout.n_neurons()];
    let mut counts = Array2::<u32>::zeros((layout.populations.len(), window.n_bins()));
    spikes.for_each_step(&mut |step, neurons| {
        on_step(step, neurons);
        if let Some(bin) = window.bin(step) {
            neurons.iter().for_each(|&n| counts[[population_of[n as usize] as usize, bin]] += 1);
        }
        if step >= window.from_step {
            let bin = window.counted_bin(step);
            for &neuron in neurons {
                let t_ref_steps = t_ref_steps[population_of[neuron as usize] as usize];
                sums[neuron as usize].add(step, bin, t_ref_steps);
            }
        }
    })?;
    Ok((sums, counts))
}

fn samples(sums: &[TrainSums], window: &Window, min_spikes: u32, correlation: Vec<f64>) -> PopulationSamples {
    let seconds = window.counted_s();
    if seconds == 0.0 {
        return PopulationSamples::default();
    }
    let regular = || sums.iter().filter(|train| train.spikes >= min_spikes);
    PopulationSamples {
        rate_hz: sums.iter().map(|train| f64::from(train.spikes_before_end(window)) / seconds).collect(),
        cv_isi: regular().map(TrainSums::cv_isi).collect(),
        lvr: regular().map(TrainSums::lvr).collect(),
        correlation,
    }
}

fn population_statistics(
    samples: &PopulationSamples,
    (correlation, n_correlated): (Option<f64>, u32),
    window: &Window,
    min_spikes: u32,
) -> PopulationStatistics {
    let known = |value: Option<f64>, absence: Absence| {
        window.needs(0.0)?;
        value.ok_or(absence)
    };
    let (from_ms, duration_ms) = (window.from_ms(), window.duration_ms());
    let nothing_left = Absence::NothingLeft { from_ms, duration_ms };
    let too_few = || Absence::TooFewSpikes { min_spikes };
    PopulationStatistics {
        rate_hz: known(mean(&samples.rate_hz), nothing_left),
        cv_isi: known(mean(&samples.cv_isi), too_few()),
        lvr: known(mean(&samples.lvr), too_few()),
        correlation: known(correlation, Absence::NoPair),
        n_regular: samples.cv_isi.len() as u32,
        n_correlated,
    }
}

/// Mean of what there is.
pub(super) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
