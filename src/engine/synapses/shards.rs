//! Shards: contiguous ranges of target populations, each with its own synapses and input slots.

use crate::engine::fixed_point::IntegerNetwork;
use std::ops::Range;

/// A contiguous range of populations and of their neurons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// Populations.
    pub populations: Range<usize>,
    /// First neuron.
    pub first_neuron: u32,
    /// Number of neurons.
    pub neurons: u32,
}

impl Shard {
    /// Neurons, counted through the whole network.
    pub fn neuron_range(&self) -> Range<usize> {
        self.first_neuron as usize..(self.first_neuron + self.neurons) as usize
    }
}

/// Work of a neuron relative to that of a synapse, for balance (measured with the CPU engine on
/// the down-scaled model: a neuron's update costs about as much as a fifth of its incoming events).
const NEURON_WORK: u64 = 10;

/// Cuts the network into `n` shards (at least 1, at most one a population) of about equal work.
pub fn shards(network: &IntegerNetwork, n: usize) -> Vec<Shard> {
    let mut work: Vec<u64> = network.populations.iter().map(|p| u64::from(p.neurons) * NEURON_WORK).collect();
    for projection in &network.projections {
        work[projection.target] += projection.synapses;
    }
    let n = n.clamp(1, network.populations.len().max(1));
    let total: u64 = work.iter().sum::<u64>().max(1);
    let mut cuts = vec![0];
    let mut sum = 0;
    for (index, &w) in work.iter().enumerate() {
        // A population belongs to the shard in which the middle of its work lies.
        let shard = ((u128::from(sum + w / 2) * n as u128) / u128::from(total)) as usize;
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
