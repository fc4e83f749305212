//! What of a run is recorded, resolved to the neurons of its network.

use crate::engine::fixed_point::nearest_step;
use crate::model::network::{NetworkSpec, PopulationSelector};
use crate::simulation::recording::{Recording, Voltmeter};
use crate::telling;
use std::ops::Range;
use thiserror::Error;

/// Selectors of recordings that choose no population, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", telling::list(.0))]
pub struct UnknownPopulations(pub Vec<UnknownPopulation>);

/// A selector that chooses no population.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{key}: no population is called `{selector}`: the nearest is `{nearest}`")]
pub struct UnknownPopulation {
    /// The key.
    pub key: String,
    /// The selector.
    pub selector: String,
    /// The population whose name is most like it.
    pub nearest: String,
}

/// What of a run is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingPlan {
    /// Whether the spikes of each population of the network are kept.
    pub kept: Vec<bool>,
    /// Steps of a bin of spike counts; `None` if they are not kept.
    pub counts_bin_steps: Option<u32>,
    /// Voltmeters in their order.
    pub voltmeters: Vec<VoltmeterPlan>,
}

/// What a voltmeter records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoltmeterPlan {
    /// Its neurons, ascending.
    pub neurons: Vec<u32>,
    /// Steps between two samples.
    pub interval_steps: u32,
}

impl RecordingPlan {
    /// What `recording` asks for of `network` on a grid of `dt_ms`.
    ///
    /// # Errors
    /// All selectors that choose no population.
    pub fn new(recording: &Recording, network: &NetworkSpec, dt_ms: f64) -> Result<Self, UnknownPopulations> {
        let mut unknown = Vec::new();
        let steps = |time_ms: f64| nearest_step(time_ms, dt_ms).max(1);
        let kept = kept(recording, network, &mut unknown);
        let voltmeters = recording.voltmeter.iter().enumerate().map(|(index, voltmeter)| {
            let Voltmeter { populations, neurons, interval_ms } = voltmeter;
            let key = format!("recording.voltmeter[{index}].populations");
            let chosen = chosen(populations, network, &key, &mut unknown);
            let first = first_neurons(&chosen, network, *neurons);
            VoltmeterPlan { neurons: first, interval_steps: steps(*interval_ms) }
        });
        let voltmeters = voltmeters.collect();
        let counts_bin_steps = recording.spike_counts.then(|| steps(recording.counts_bin_ms));
        match unknown.is_empty() {
            true => Ok(Self { kept, counts_bin_steps, voltmeters }),
            false => Err(UnknownPopulations(unknown)),
        }
    }

    /// Whether the spikes of all populations are kept.
    pub fn keeps_all(&self) -> bool {
        self.kept.iter().all(|&kept| kept)
    }

    /// Neurons whose spikes are kept, in runs that follow each other.
    pub fn kept_neurons(&self, network: &NetworkSpec) -> Vec<Range<u32>> {
        let mut ranges: Vec<Range<u32>> = Vec::new();
        for (pair, _) in network.first_neurons().windows(2).zip(&self.kept).filter(|(_, kept)| **kept) {
            match ranges.last_mut() {
                Some(range) if range.end == pair[0] => range.end = pair[1],
                _ => ranges.push(pair[0]..pair[1]),
            }
        }
        ranges
    }
}

fn kept(recording: &Recording, network: &NetworkSpec, unknown: &mut Vec<UnknownPopulation>) -> Vec<bool> {
    let Some(selectors) = &recording.populations else { return vec![true; network.populations.len()] };
    let mut kept = vec![false; network.populations.len()];
    for (index, selector) in selectors.iter().enumerate() {
        let key = format!("recording.populations[{index}]");
        for (kept, chosen) in kept.iter_mut().zip(chosen(selector, network, &key, unknown)) {
            *kept |= chosen;
        }
    }
    kept
}

/// Whether each population is chosen; notes a selector, the value of `key`, that chooses none.
fn chosen(
    selector: &PopulationSelector,
    network: &NetworkSpec,
    key: &str,
    unknown: &mut Vec<UnknownPopulation>,
) -> Vec<bool> {
    let mut is_chosen = vec![false; network.populations.len()];
    let chosen = network.chosen(selector);
    if chosen.is_empty() {
        let nearest = network.nearest(selector, unknown.len());
        unknown.push(UnknownPopulation { key: key.to_owned(), selector: selector.to_string(), nearest });
    }
    chosen.into_iter().for_each(|index| is_chosen[index] = true);
    is_chosen
}

fn first_neurons(chosen: &[bool], network: &NetworkSpec, most: u32) -> Vec<u32> {
    let ranges = network.first_neurons();
    let of_population = |pair: &[u32]| pair[0]..pair[1].min(pair[0].saturating_add(most));
    let chosen = ranges.windows(2).zip(chosen).filter(|(_, chosen)| **chosen);
    chosen.flat_map(|(pair, _)| of_population(pair)).collect()
}
