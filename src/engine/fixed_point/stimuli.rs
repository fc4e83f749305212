//! Stimuli in integers: what arrives from outside in each block of steps, and the currents.
//!
//! All draws are keyed by (stimulus, neuron, block), so they are the same for every engine, number of shards and batch
//! size: the CPU engine draws in each shard what arrives there, and for a GPU the host draws ahead of the device. Fixed-point formats do not depend on stimuli, unless the network leaves
//! them: a stimulated run and one without are comparable bit by bit.

use super::currents::{CurrentInput, Currents};
use super::poisson::{BLOCK_BITS, BLOCK_STEPS, CALL_BITS, DriveBlock};
use super::rate_profile::RateProfile;
use super::{Arrival, Dose};
use crate::engine::rng::{Bulk, Key};
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

/// Input from outside that the host adds to a network that runs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stimuli {
    pub(super) spikes: Vec<SpikeInput>,
    pub(super) poisson: Vec<PoissonInput>,
    pub(super) trains: Vec<TrainsInput>,
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
    pub rate: Rate,
}

/// How many spikes a Poisson train has.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rate {
    /// Thresholds of the number of spikes in a block.
    Constant(Vec<u32>),
    Changing(Arc<RateProfile>),
}

/// Spikes at given times.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TrainsInput {
    pub first_neuron: u32,
    /// Step, and neuron within the population, sorted; all populations share them.
    pub spikes: Arc<[(u32, u32)]>,
    pub weight: Dose,
}

/// Start of the block that holds `step`, which counts from 1: steps done before it.
fn block_start(step: u32) -> u32 {
    ((step - 1) >> BLOCK_BITS) << BLOCK_BITS
}

impl Stimuli {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.spikes.is_empty()
            && self.poisson.is_empty()
            && self.trains.is_empty()
            && self.currents.is_empty()
    }

    /// The least number of steps above `done` after which a block of steps with arrivals starts; `None` if there is none.
    pub fn next_stop(&self, done: u32) -> Option<u32> {
        let spikes = self.spikes.iter().map(|input| block_start(input.step));
        let next_block = (done + 1).next_multiple_of(BLOCK_STEPS);
        let poisson = self.poisson.iter().filter_map(|input| {
            let start = next_block.max(block_start(*input.steps.start()));
            (start < *input.steps.end()).then_some(start)
        });
        let trains = self.trains.iter().filter_map(|input| input.first_after(next_block));
        spikes.chain(poisson).chain(trains.map(block_start)).filter(|&stop| stop > done).min()
    }

    /// What arrives in the block of steps that starts after `done` ones, a multiple of [`BLOCK_STEPS`].
    pub fn arrivals(&self, done: u32) -> Vec<Arrival> {
        let mut arrivals = Vec::new();
        self.arrivals_into(0..u32::MAX, done, Bulk::widest(), |arrival| arrivals.push(arrival));
        arrivals
    }

    /// The same at neurons within `neurons` alone, with random words as `bulk` makes them.
    #[inline]
    pub fn arrivals_into(&self, neurons: Range<u32>, done: u32, bulk: Bulk, mut take: impl FnMut(Arrival)) {
        for input in self.spikes.iter().filter(|input| block_start(input.step) == done) {
            input.arrivals(&neurons).for_each(&mut take);
        }
        self.poisson.iter().for_each(|input| input.arrivals(&neurons, done, bulk, &mut take));
        self.trains.iter().for_each(|input| input.arrivals(&neurons, done).for_each(&mut take));
    }

    /// The currents into `neurons`, before the first step.
    pub fn currents(&self, neurons: Range<u32>) -> Currents<'_> {
        Currents::new(&self.currents, neurons)
    }
}

impl SpikeInput {
    fn arrivals(&self, within: &Range<u32>) -> impl Iterator<Item = Arrival> {
        let Self { step, weight, .. } = *self;
        let neurons = common(&self.neurons, within);
        neurons.map(move |neuron| Arrival { step, neuron, weight: weight.at(step, neuron) })
    }
}

/// Neurons that lie in both ranges.
fn common(a: &Range<u32>, b: &Range<u32>) -> Range<u32> {
    let start = a.start.max(b.start);
    start..a.end.min(b.end).max(start)
}

/// Neurons whose random words are made at a time.
const NEURONS: usize = 64;

impl PoissonInput {
    #[inline]
    fn arrivals(&self, within: &Range<u32>, done: u32, bulk: Bulk, take: &mut impl FnMut(Arrival)) {
        if done + BLOCK_STEPS < *self.steps.start() || done >= *self.steps.end() {
            return;
        }
        let block = done >> BLOCK_BITS;
        match &self.rate {
            Rate::Constant(thresholds) => {
                self.draw(within, block, bulk, thresholds, |neuron, _, offset| {
                    take(self.at(neuron, done, offset));
                });
            }
            Rate::Changing(profile) => {
                let thinned = profile.block(block);
                self.draw(within, block, bulk, &thinned.thresholds, |neuron, index, offset| {
                    if thinned.keeps(neuron, index, offset) {
                        take(self.at(neuron, done, offset));
                    }
                });
            }
        }
    }

    /// Hands on neuron, number and offset of each spike of a block that lies in the window.
    #[inline]
    fn draw(
        &self,
        within: &Range<u32>,
        block: u32,
        bulk: Bulk,
        thresholds: &[u32],
        mut take: impl FnMut(u32, usize, u32),
    ) {
        let Some(&never) = thresholds.first() else { return };
        let neurons = common(&self.neurons, within);
        let first_step = (block << BLOCK_BITS) + 1;
        let (mut counts, mut positions) = ([0; NEURONS], [0; NEURONS]);
        for first in neurons.clone().step_by(NEURONS) {
            let n = (neurons.end - first).min(NEURONS as u32) as usize;
            (bulk.along_first)(self.key, first, block << CALL_BITS, &mut counts[..n], &mut positions[..n]);
            for (neuron, words) in
                (first..).zip(counts[..n].iter().zip(&positions[..n]).map(|(&c, &p)| [c, p]))
            {
                if words[0] >= never {
                    let spikes = DriveBlock::from_first_call(self.key, neuron, block, words, thresholds);
                    let within =
                        spikes.enumerate().filter(|(_, offset)| self.steps.contains(&(first_step + offset)));
                    within.for_each(|(index, offset)| take(neuron, index, offset));
                }
            }
        }
    }

    fn at(&self, neuron: u32, done: u32, offset: u32) -> Arrival {
        let step = done + 1 + offset;
        Arrival { step, neuron, weight: self.weight.at(step, neuron) }
    }
}

impl TrainsInput {
    /// Its first step with spikes after `done` ones.
    fn first_after(&self, done: u32) -> Option<u32> {
        self.spikes.get(self.spikes.partition_point(|spike| spike.0 <= done)).map(|spike| spike.0)
    }

    /// What arrives in the block that starts after `done` steps.
    fn arrivals(&self, within: &Range<u32>, done: u32) -> impl Iterator<Item = Arrival> {
        let [from, to] =
            [done, done + BLOCK_STEPS].map(|end| self.spikes.partition_point(|spike| spike.0 <= end));
        let spikes = self.spikes[from..to].iter().map(|&(step, index)| (step, self.first_neuron + index));
        let own = spikes.filter(|(_, neuron)| within.contains(neuron));
        own.map(|(step, neuron)| Arrival { step, neuron, weight: self.weight.at(step, neuron) })
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
    fn trains_arrive_at_their_times_in_each_population() {
        let spikes: Arc<[(u32, u32)]> = [(64, 1), (65, 0), (300, 2), (300, 2)].into();
        let input =
            |first_neuron| TrainsInput { first_neuron, spikes: Arc::clone(&spikes), weight: whole(-7) };
        let stimuli = Stimuli { trains: vec![input(10), input(20)], ..Stimuli::default() };
        let arrival = |step, neuron| Arrival { step, neuron, weight: -7 };
        assert_eq!(stimuli.arrivals(0), [arrival(64, 11), arrival(64, 21)]);
        assert_eq!(stimuli.arrivals(64), [arrival(65, 10), arrival(65, 20)]);
        assert_eq!(
            stimuli.arrivals(256),
            [300, 300]
                .map(|step| arrival(step, 12))
                .into_iter()
                .chain([300, 300].map(|step| arrival(step, 22)))
                .collect::<Vec<_>>()
        );
        let stops: Vec<u32> = std::iter::successors(Some(0), |&stop| stimuli.next_stop(stop)).collect();
        assert_eq!(stops, [0, 64, 256]);
    }

    #[test]
    fn a_train_keeps_its_window_and_the_host_stops_at_its_blocks_alone() {
        let key = stream_key(1, Stream::Stimuli, 0);
        let thresholds = super::super::poisson_thresholds(30.0);
        let rate = Rate::Constant(thresholds);
        let whole = PoissonInput { key, steps: 1..=1000, neurons: 0..9, weight: whole(5), rate };
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
