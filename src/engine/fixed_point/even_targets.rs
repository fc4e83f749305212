//! Targets of synapses where in-degrees are exact.
//!
//! Synapse k of a projection of N synapses onto n neurons, rows laid end to end, takes the image of k under a
//! keyed permutation of 0 to N − 1, and leaves the rest of its division by n: every target has as many images as
//! the others. Where n does not divide N, the last N mod n images are spread over targets by another
//! permutation, so that which neurons have one synapse more is drawn for each projection.

use crate::engine::rng::{Permutation, Stream, stream_key};

/// The targets of a projection's synapses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvenTargets {
    /// Of the synapses, at least one.
    pub synapses: Permutation,
    /// Of the target neurons.
    pub neurons: Permutation,
}

impl EvenTargets {
    /// Those of projection `index` under `seed`, with that many synapses and target neurons, at least one each.
    pub fn new(seed: u64, index: u32, synapses: u32, neurons: u32) -> Self {
        Self {
            synapses: Permutation { key: stream_key(seed, Stream::Targets, index), n: synapses },
            neurons: Permutation { key: stream_key(seed, Stream::LastTargets, index), n: neurons },
        }
    }

    /// Target of the synapse at that place, counted within the population.
    #[inline(always)]
    pub fn target(&self, place: u32) -> u32 {
        let (n, neurons) = (self.synapses.n, self.neurons.n);
        let image = self.synapses.apply(place);
        let rest = image % neurons;
        if image < n - n % neurons { rest } else { self.neurons.apply(rest) }
    }
}
