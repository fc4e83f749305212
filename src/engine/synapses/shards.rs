//! Shards: contiguous ranges of target neurons, each with its own synapses and input slots.

use crate::engine::fixed_point::{IntegerNetwork, IntegerPopulation};
use crate::engine::vector::MOST_LANES;
use std::ops::Range;

/// A contiguous range of neurons: whole populations, or a part of them ([`parts`](super::parts)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// Populations that it has neurons of.
    pub populations: Range<usize>,
    /// First neuron.
    pub first_neuron: u32,
    /// Number of neurons.
    pub neurons: u32,
}

impl Shard {
    /// Neurons, counted through the whole network.
    pub fn neuron_range(&self) -> Range<usize> {
        self.first_neuron as usize..self.end() as usize
    }

    /// The neuron after its last one.
    pub fn end(&self) -> u32 {
        self.first_neuron + self.neurons
    }

    /// The neurons of `population` that are in it, counted through the whole network.
    pub fn of_population(&self, population: &IntegerPopulation) -> Range<u32> {
        let nearest = |neuron: u32| neuron.clamp(self.first_neuron, self.end());
        nearest(population.first_neuron)..nearest(population.first_neuron + population.neurons)
    }

    /// What it has of each population: the population's index, and its neurons, counted through the whole network.
    pub fn slices(&self, network: &IntegerNetwork) -> impl Iterator<Item = (usize, Range<u32>)> {
        let of_population = |index| (index, self.of_population(&network.populations[index]));
        self.populations.clone().map(of_population)
    }
}

/// Work of a neuron relative to that of a synapse, for balance (measured with the CPU engine on
/// the down-scaled model: a neuron's update costs about as much as a fifth of its incoming events).
const NEURON_WORK: u64 = 10;

/// Work of each population.
fn work_of_populations(network: &IntegerNetwork) -> Vec<u64> {
    let mut work: Vec<u64> = network.populations.iter().map(|p| u64::from(p.neurons) * NEURON_WORK).collect();
    for projection in &network.projections {
        work[projection.target] += projection.synapses;
    }
    work
}

/// Cuts the network into `n` shards (at least 1, at most one a population) of about equal work, each of whole populations.
pub fn shards(network: &IntegerNetwork, n: usize) -> Vec<Shard> {
    let work = work_of_populations(network);
    let n = n.clamp(1, network.populations.len().max(1));
    let total: u64 = work.iter().sum::<u64>().max(1);
    let mut cuts = vec![0];
    let mut sum = 0;
    for (index, &w) in work.iter().enumerate() {
        // A population belongs to the shard in which the middle of its work lies.
        let shard = ((u128::from(sum + w / 2) * n as u128) / u128::from(total)) as usize;
        // What is without work stands behind all of it.
        let shard = shard.min(n - 1);
        if shard >= cuts.len() && cuts.last() != Some(&index) {
            cuts.push(index);
        }
        sum += w;
    }
    cuts.push(network.populations.len());
    cuts.windows(2).map(|cut| shard_of(network, cut[0]..cut[1])).collect()
}

fn shard_of(network: &IntegerNetwork, populations: Range<usize>) -> Shard {
    let first = |index: usize| network.populations.get(index).map_or(network.n_neurons(), |p| p.first_neuron);
    let first_neuron = first(populations.start);
    Shard { first_neuron, neurons: first(populations.end) - first_neuron, populations }
}

/// Part of a shard's work by which a cut may be moved to the boundary of a population.
const MOVED: u64 = 16;

/// Cuts a shard of whole populations into up to `n` of about equal work. A cut lies between two populations where that is
/// near, and within one elsewhere, after whole vectors of neurons.
pub fn cut(network: &IntegerNetwork, whole: &Shard, n: usize) -> Vec<Shard> {
    let work = work_of_populations(network);
    let (n, total) = (n.max(1) as u64, work[whole.populations.clone()].iter().sum::<u64>());
    let mut cuts = vec![whole.first_neuron];
    let (mut before, mut next) = (0, 1);
    for index in whole.populations.clone() {
        let (population, work) = (&network.populations[index], work[index]);
        let neurons = u64::from(population.neurons);
        while next < n && total * next <= n * (before + work) {
            let into = total * next / n - before;
            let is_near = |distance: u64| distance * n * MOVED <= total;
            let offset = match (is_near(into), is_near(work - into)) {
                (true, _) => 0,
                (_, true) => neurons,
                _ => (neurons * into / work).next_multiple_of(MOST_LANES as u64).min(neurons),
            };
            cuts.push(population.first_neuron + offset as u32);
            next += 1;
        }
        before += work;
    }
    cuts.push(whole.end());
    cuts.dedup();
    let parts = cuts.windows(2).map(|ends| part_of(network, whole, ends[0]..ends[1]));
    if whole.neurons == 0 { vec![whole.clone()] } else { parts.collect() }
}

fn part_of(network: &IntegerNetwork, whole: &Shard, neurons: Range<u32>) -> Shard {
    let populations = &network.populations[whole.populations.clone()];
    let start = populations.partition_point(|p| p.first_neuron + p.neurons <= neurons.start);
    let end = populations.partition_point(|p| p.first_neuron < neurons.end);
    let first = whole.populations.start;
    Shard {
        populations: first + start..first + end,
        first_neuron: neurons.start,
        neurons: neurons.end - neurons.start,
    }
}
