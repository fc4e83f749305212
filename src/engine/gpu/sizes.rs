//! Sizes of a network, before and after its synapses are drawn: what the memory plan is made from.

use crate::integer::{BLOCK_STEPS, IntegerNetwork, NeuronClass, REFRACTORY, REFRACTORY_END};
use crate::synapses::{CsrStore, shards};

/// Sizes of a network in shards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkSizes {
    /// Number of neurons.
    pub neurons: u32,
    /// Number of populations.
    pub populations: u32,
    /// Number of classes of neuron parameters.
    pub classes: u32,
    /// Synaptic currents of a neuron, 1 or 2.
    pub currents: u32,
    /// Thresholds of the external drive, all populations together.
    pub drive_thresholds: u64,
    /// Least number of steps between two spikes of a neuron.
    pub least_interval_steps: u32,
    /// Shards in the order of their neurons.
    pub shards: Vec<ShardSizes>,
}

/// Sizes of a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShardSizes {
    /// Number of neurons.
    pub neurons: u32,
    /// Number of synapses onto them.
    pub synapses: u64,
    /// Longest delay of these, in steps.
    pub longest_delay: u32,
}

impl ShardSizes {
    /// Slots of the ring: those of the steps still to come, and those of a block of steps that are
    /// done, which are cleared together.
    pub fn slots(&self) -> u32 {
        self.longest_delay.max(1) + BLOCK_STEPS
    }
}

impl NetworkSizes {
    /// Sizes of `network` in `n_shards` shards before its synapses are drawn: delays count as the
    /// longest that their distributions hold.
    pub fn before_build(network: &IntegerNetwork, n_shards: usize) -> Self {
        let shards = shards(network, n_shards).into_iter().map(|shard| {
            let onto = || network.projections.iter().filter(|p| shard.populations.contains(&p.target));
            ShardSizes {
                neurons: shard.neurons,
                synapses: onto().map(|p| p.synapses).sum(),
                longest_delay: onto().map(|p| network.longest_delay_of(p)).max().unwrap_or(1),
            }
        });
        Self::with_shards(network, shards.collect())
    }

    /// Sizes of a network whose synapses are written down.
    pub fn of(network: &IntegerNetwork, store: &CsrStore) -> Self {
        let shards = store.shards.iter().map(|s| ShardSizes {
            neurons: s.shard.neurons,
            synapses: s.synapses.len() as u64,
            longest_delay: s.longest_delay,
        });
        Self::with_shards(network, shards.collect())
    }

    fn with_shards(network: &IntegerNetwork, shards: Vec<ShardSizes>) -> Self {
        let refractory_steps = |class: &NeuronClass| match class.v_after_spike {
            count if count < REFRACTORY_END => count.wrapping_sub(REFRACTORY) as u32,
            _ => 0,
        };
        Self {
            neurons: network.n_neurons(),
            populations: network.populations.len() as u32,
            classes: network.classes.len() as u32,
            currents: if network.has_one_current() { 1 } else { 2 },
            drive_thresholds: network.populations.iter().map(|p| p.drive_thresholds.len() as u64).sum(),
            least_interval_steps: network.classes.iter().map(refractory_steps).min().unwrap_or(0) + 1,
            shards,
        }
    }

    /// Most spikes that a batch of `steps` steps can have.
    pub fn most_spikes(&self, steps: u32) -> u64 {
        u64::from(self.neurons) * u64::from(steps.div_ceil(self.least_interval_steps))
    }
}
