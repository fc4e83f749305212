//! What of a run is recorded, resolved to the neurons of its network.

use crate::engine::fixed_point::nearest_step;
use crate::model::network::{NetworkSpec, PopulationSelector};
use crate::simulation::recording::{Recording, Voltmeter};
use crate::telling;
use std::ops::Range;
use thiserror::Error;

/// What is to be recorded and is not in the network, in the order of the keys.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", telling::list(.0))]
pub struct NotInNetwork(pub Vec<Missing>);

/// Something that is to be recorded and is not in the network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Missing {
    /// A selector that chooses no population.
    #[error("{key}: no population is called `{selector}`: the nearest is `{nearest}`")]
    Population {
        /// The key.
        key: String,
        /// The selector.
        selector: String,
        /// The population whose name is most like it.
        nearest: String,
    },
    /// A neuron beyond a population.
    #[error(
        "{key} = {index} is beyond `{population}`, whose {neurons} neurons are numbered from 0: choose one below \
         {neurons}, or other populations"
    )]
    Neuron {
        /// The key with the place in its list.
        key: String,
        /// The neuron, numbered within its population.
        index: u32,
        /// The first population that does not have it.
        population: String,
        /// How many neurons this has.
        neurons: u32,
    },
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
    /// Means; `None` if no population with neurons is chosen.
    pub means: Option<MeansPlan>,
}

/// What a voltmeter records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoltmeterPlan {
    /// Its neurons, ascending.
    pub neurons: Vec<u32>,
    /// Steps between two samples.
    pub interval_steps: u32,
}

/// Of which populations means are recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeansPlan {
    /// Indices of populations that have neurons, ascending.
    pub populations: Vec<usize>,
    /// Steps between two samples.
    pub interval_steps: u32,
}

impl RecordingPlan {
    /// What `recording` asks for of `network` on a grid of `dt_ms`.
    ///
    /// # Errors
    /// All selectors that choose no population, and neurons beyond a population.
    pub fn new(recording: &Recording, network: &NetworkSpec, dt_ms: f64) -> Result<Self, NotInNetwork> {
        let mut missing = Vec::new();
        let steps = |time_ms: f64| nearest_step(time_ms, dt_ms).max(1);
        let kept = kept(recording, network, &mut missing);
        let voltmeters = recording.voltmeter.iter().enumerate().map(|(index, voltmeter)| {
            let neurons = metered(index, voltmeter, network, &mut missing);
            VoltmeterPlan { neurons, interval_steps: steps(voltmeter.interval_ms) }
        });
        let voltmeters = voltmeters.collect();
        let means = recording.means.as_ref().and_then(|means| {
            let populations = averaged(&means.populations, network, &mut missing);
            let interval_steps = steps(means.interval_ms);
            (!populations.is_empty()).then_some(MeansPlan { populations, interval_steps })
        });
        let counts_bin_steps = recording.spike_counts.then(|| steps(recording.counts_bin_ms));
        match missing.is_empty() {
            true => Ok(Self { kept, counts_bin_steps, voltmeters, means }),
            false => Err(NotInNetwork(missing)),
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

fn kept(recording: &Recording, network: &NetworkSpec, missing: &mut Vec<Missing>) -> Vec<bool> {
    let Some(selectors) = &recording.populations else { return vec![true; network.populations.len()] };
    let mut kept = vec![false; network.populations.len()];
    for (index, selector) in selectors.iter().enumerate() {
        let key = format!("recording.populations[{index}]");
        for (kept, chosen) in kept.iter_mut().zip(chosen(selector, network, &key, missing)) {
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
    missing: &mut Vec<Missing>,
) -> Vec<bool> {
    let mut is_chosen = vec![false; network.populations.len()];
    let chosen = network.chosen(selector);
    if chosen.is_empty() {
        let nearest = network.nearest(selector, missing.len());
        missing.push(Missing::Population { key: key.to_owned(), selector: selector.to_string(), nearest });
    }
    chosen.into_iter().for_each(|index| is_chosen[index] = true);
    is_chosen
}

/// Indices of the populations with neurons that `recording.means` chooses.
fn averaged(selector: &PopulationSelector, network: &NetworkSpec, missing: &mut Vec<Missing>) -> Vec<usize> {
    let chosen = chosen(selector, network, "recording.means.populations", missing);
    let all = network.populations.iter().zip(chosen).enumerate();
    all.filter(|(_, (population, chosen))| *chosen && population.neurons > 0)
        .map(|(index, _)| index)
        .collect()
}

/// The neurons of voltmeter number `number`, ascending; notes what is not in the network.
fn metered(
    number: usize,
    voltmeter: &Voltmeter,
    network: &NetworkSpec,
    missing: &mut Vec<Missing>,
) -> Vec<u32> {
    let Voltmeter { populations, neurons, indices, interval_ms: _ } = voltmeter;
    let key = format!("recording.voltmeter[{number}]");
    let chosen = chosen(populations, network, &format!("{key}.populations"), missing);
    let firsts = network.first_neurons();
    let ranges = firsts.windows(2).map(|pair| pair[0]..pair[1]);
    let ranges: Vec<_> = ranges.zip(&chosen).filter(|(_, chosen)| **chosen).map(|(range, _)| range).collect();
    let Some(indices) = indices else {
        let most = neurons.unwrap_or(0);
        let of_population = |range: Range<u32>| range.start..range.end.min(range.start.saturating_add(most));
        return ranges.into_iter().flat_map(of_population).collect();
    };
    for (place, &index) in indices.iter().enumerate() {
        let is_short = |neurons: u32| (1..=index).contains(&neurons);
        let mut all = network.populations.iter().zip(&chosen);
        if let Some((population, _)) = all.find(|(p, chosen)| **chosen && is_short(p.neurons)) {
            let (population, neurons) = (population.name(), population.neurons);
            missing.push(Missing::Neuron {
                key: format!("{key}.indices[{place}]"),
                index,
                population,
                neurons,
            });
        }
    }
    let mut indices = indices.clone();
    indices.sort_unstable();
    let numbered = |range: Range<u32>| indices.iter().map(move |index| range.start.saturating_add(*index));
    ranges.into_iter().filter(|range| !range.is_empty()).flat_map(numbered).collect()
}
