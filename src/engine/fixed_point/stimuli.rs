//! Stimuli in integers: what arrives from outside in each block of steps, and the currents.
//!
//! All draws are the host's, keyed by (stimulus, neuron, block), so they are the same for every engine,
//! number of shards and batch size. Fixed-point formats do not depend on stimuli, unless the network leaves
//! them: a stimulated run and one without are comparable bit by bit.

use super::currents::{CurrentInput, Currents};
use super::poisson::{BLOCK_BITS, BLOCK_STEPS, DriveBlock};
use super::{Arrival, Dose};
use crate::engine::rng::Key;
use std::ops::{Range, RangeInclusive};

/// Input from outside that the host adds to a network that runs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stimuli {
    pub(super) spikes: Vec<SpikeInput>,
    pub(super) poisson: Vec<PoissonInput>,
    pub(super) currents: Vec<CurrentInput>,
}

/// One spike at each of some neurons.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SpikeInput {
    pub step: u32,
    pub neurons: Range<u32>,
    pub weight: Dose,
}

/// A Poisson train for each of some neurons.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PoissonInput {
    pub key: Key,
    pub steps: RangeInclusive<u32>,
    pub neurons: Range<u32>,
    pub weight: Dose,
    /// Of the number of spikes in a block.
    pub thresholds: Vec<u32>,
}

/// Start of the block that holds `step`, which counts from 1: steps done before it.
fn block_start(step: u32) -> u32 {
    ((step - 1) >> BLOCK_BITS) << BLOCK_BITS
}

impl Stimuli {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.spikes.is_empty() && self.poisson.is_empty() && self.currents.is_empty()
    }

    /// The least number of steps above `done` after which the host has something to do, because a block of steps with
    /// arrivals starts. `None` if nothing is left to do.
    pub fn next_stop(&self, done: u32) -> Option<u32> {
        let spikes = self.spikes.iter().map(|input| block_start(input.step));
        let next_block = (done + 1).next_multiple_of(BLOCK_STEPS);
        let poisson = self.poisson.iter().filter_map(|input| {
            let start = next_block.max(block_start(*input.steps.start()));
            (start < *input.steps.end()).then_some(start)
        });
        spikes.chain(poisson).filter(|&stop| stop > done).min()
    }

    /// What arrives in the block of steps that starts after `done` ones, a multiple of [`BLOCK_STEPS`].
    pub fn arrivals(&self, done: u32) -> Vec<Arrival> {
        let block = done >> BLOCK_BITS;
        let spikes = self.spikes.iter().filter(|input| block_start(input.step) == done);
        let mut arrivals: Vec<Arrival> = spikes.flat_map(SpikeInput::arrivals).collect();
        self.poisson.iter().for_each(|input| input.add_arrivals(block, &mut arrivals));
        arrivals
    }

    /// The currents into `neurons`, before the first step.
    pub fn currents(&self, neurons: Range<u32>) -> Currents<'_> {
        Currents::new(&self.currents, neurons)
    }
}

impl SpikeInput {
    fn arrivals(&self) -> impl Iterator<Item = Arrival> {
        let Self { step, weight, .. } = *self;
        self.neurons.clone().map(move |neuron| Arrival { step, neuron, weight: weight.at(step, neuron) })
    }
}

impl PoissonInput {
    fn add_arrivals(&self, block: u32, arrivals: &mut Vec<Arrival>) {
        let (first, last) = ((block << BLOCK_BITS) + 1, (block << BLOCK_BITS) + BLOCK_STEPS);
        if last < *self.steps.start() || first > *self.steps.end() {
            return;
        }
        for neuron in self.neurons.clone() {
            let offsets = DriveBlock::new(self.key, neuron, block, &self.thresholds);
            let steps = offsets.map(|offset| first + offset).filter(|step| self.steps.contains(step));
            arrivals.extend(steps.map(|step| Arrival { step, neuron, weight: self.weight.at(step, neuron) }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::{Stream, stream_key};

    fn whole(weight: i32) -> Dose {
        Dose::new(weight.into(), 100.0).expect("it fits")
    }

    fn spike(step: u32) -> SpikeInput {
        SpikeInput { step, neurons: 3..5, weight: whole(-7) }
    }

    #[test]
    fn a_spike_arrives_once_in_the_block_of_its_step() {
        let stimuli = Stimuli { spikes: vec![spike(64), spike(65)], ..Stimuli::default() };
        let arrival = |step, neuron| Arrival { step, neuron, weight: -7 };
        assert_eq!(stimuli.arrivals(0), [arrival(64, 3), arrival(64, 4)]);
        assert_eq!(stimuli.arrivals(64), [arrival(65, 3), arrival(65, 4)]);
        assert_eq!((stimuli.next_stop(0), stimuli.next_stop(64)), (Some(64), None));
    }

    #[test]
    fn a_train_keeps_its_window_and_the_host_stops_at_its_blocks_alone() {
        let key = stream_key(1, Stream::Stimuli, 0);
        let thresholds = super::super::poisson_thresholds(30.0);
        let whole = PoissonInput { key, steps: 1..=1000, neurons: 0..9, weight: whole(5), thresholds };
        let part = PoissonInput { steps: 100..=200, ..whole.clone() };
        let all = |input: PoissonInput| {
            let stimuli = Stimuli { poisson: vec![input], ..Stimuli::default() };
            let blocks = (0..16).flat_map(|block| stimuli.arrivals(block << BLOCK_BITS));
            (blocks.collect::<Vec<_>>(), stimuli)
        };
        let ((whole, _), (part, stimuli)) = (all(whole), all(part));
        let within: Vec<Arrival> = whole.into_iter().filter(|a| (100..=200).contains(&a.step)).collect();
        assert_eq!(part, within);
        assert!(part.len() > 100, "{}", part.len());
        let stops: Vec<u32> = std::iter::successors(Some(0), |&stop| stimuli.next_stop(stop)).collect();
        assert_eq!(stops, [0, 64, 128, 192]);
    }
}
