//! A shard: its neurons, its rows, and the events on their way to it.

use super::calendar::{Calendar, Event};
use super::clock::{Clock, CpuStage};
use super::drive::{Counts, drive, is_counted};
use super::rows::ShardRows;
use super::update::{Inhibitory, Kernels, Lanes, Trip, update_each};
use crate::engine::State;
use crate::integer::{BLOCK_STEPS, IntegerNetwork};
use crate::synapses::Shard;
use std::ops::Range;

/// One shard of the CPU engine; events are packed as `E`.
pub(super) struct CpuShard<'a, E> {
    network: &'a IntegerNetwork,
    shard: &'a Shard,
    rows: ShardRows<'a>,
    /// Bits of an event that hold its target.
    target_bits: u32,
    kernels: Kernels,
    /// Contiguous neurons of one class: range within the shard, class.
    runs: Vec<(Range<usize>, usize)>,
    dc: Vec<i32>,
    v_m: Vec<i32>,
    /// Excitatory and inhibitory; the second is empty where the network has one current.
    current: [Vec<i32>; 2],
    arrivals: [Vec<i32>; 2],
    calendar: Calendar<E>,
    /// External spikes of the current block in populations that receive many.
    counts: Counts,
}

impl<'a, E: Event> CpuShard<'a, E> {
    pub(super) fn new(
        network: &'a IntegerNetwork,
        shard: &'a Shard,
        rows: ShardRows<'a>,
        target_bits: u32,
        kernels: Kernels,
    ) -> Self {
        let n = shard.neurons as usize;
        let second = if network.has_one_current() { 0 } else { n };
        let populations = &network.populations[shard.populations.clone()];
        let mut runs: Vec<(Range<usize>, usize)> = Vec::new();
        for p in populations {
            let start = (p.first_neuron - shard.first_neuron) as usize;
            let end = start + p.neurons as usize;
            match runs.last_mut() {
                Some((range, class)) if *class == p.class => range.end = end,
                _ => runs.push((start..end, p.class)),
            }
        }
        Self {
            network,
            shard,
            target_bits,
            kernels,
            runs,
            dc: populations.iter().flat_map(|p| std::iter::repeat_n(p.dc, p.neurons as usize)).collect(),
            v_m: network.initial_v_m[shard.neuron_range()].to_vec(),
            current: [vec![0; n], vec![0; second]],
            arrivals: [vec![0; n], vec![0; second]],
            calendar: Calendar::new(rows.longest_delay().max(BLOCK_STEPS), shard.neurons),
            rows,
            counts: Counts::new(if populations.iter().any(is_counted) { n } else { 0 }),
        }
    }

    /// Schedules or counts the external spikes of the block that starts with `step`.
    pub(super) fn drive(&mut self, step: u32) {
        let (network, bulk, block) = (self.network, self.kernels.bulk, (step - 1) / BLOCK_STEPS);
        for population in &network.populations[self.shard.populations.clone()] {
            let first = population.first_neuron - self.shard.first_neuron;
            if is_counted(population) {
                self.counts.fill(bulk, network.drive_key, population, first as usize, block);
                continue;
            }
            let weights = &network.drive_weights[population.first_neuron as usize..];
            drive(bulk, network.drive_key, population, block, |neuron, offset| {
                let event = E::pack(first + neuron, weights[neuron as usize], self.target_bits);
                self.calendar.push(step + offset, event);
            });
        }
    }

    /// Adds the counted external spikes of `step`.
    fn add_counted(&mut self, step: u32) {
        let network = self.network;
        for population in network.populations[self.shard.populations.clone()].iter().filter(|p| is_counted(p))
        {
            let (first, n) = (population.first_neuron as usize, population.neurons as usize);
            let in_shard = first - self.shard.first_neuron as usize;
            let weights = &network.drive_weights[first..first + n];
            // A population's external weights have one sign.
            let inhibitory = !self.arrivals[1].is_empty() && weights.iter().any(|&w| w < 0);
            let arrivals = &mut self.arrivals[usize::from(inhibitory)][in_shard..in_shard + n];
            (self.kernels.add_counted)(
                self.counts.at((step - 1) % BLOCK_STEPS, in_shard, n),
                weights,
                arrivals,
            );
        }
    }

    /// Adds what arrives in `step` and updates every neuron; appends those that spike.
    pub(super) fn update(&mut self, step: u32, spikes: &mut Vec<u32>, clock: &mut Clock) -> Trip {
        self.collect_arrivals(step);
        clock.lap(CpuStage::Collect);
        self.add_counted(step);
        clock.lap(CpuStage::Drive);
        let shift = self.network.formats.arrival_shift();
        let mut trip = None;
        let [excitatory, inhibitory] = &mut self.current;
        let [arrivals, inhibitory_arrivals] = &mut self.arrivals;
        for (range, class) in &self.runs {
            let lanes = Lanes {
                class: &self.network.classes[*class],
                first_neuron: self.shard.first_neuron + range.start as u32,
                dc: &self.dc[range.clone()],
                v_m: &mut self.v_m[range.clone()],
                current: &mut excitatory[range.clone()],
                arrivals: &mut arrivals[range.clone()],
            };
            let tripped = if inhibitory.is_empty() {
                (self.kernels.update)(lanes, shift, spikes)
            } else {
                let inhibitory = Inhibitory {
                    current: &mut inhibitory[range.clone()],
                    arrivals: &mut inhibitory_arrivals[range.clone()],
                };
                update_each(lanes, Some(inhibitory), shift, spikes)
            };
            trip = trip.or(tripped);
        }
        clock.lap(CpuStage::Update);
        trip
    }

    /// Sums the weights that arrive in `step` for each neuron.
    fn collect_arrivals(&mut self, step: u32) {
        let bits = self.target_bits;
        let [excitatory, inhibitory] = &mut self.arrivals;
        if inhibitory.is_empty() {
            let sums = excitatory.as_mut_slice();
            self.calendar.drain(step, |event| {
                let (target, weight) = event.unpack(bits);
                let sum = &mut sums[target as usize];
                *sum = sum.wrapping_add(weight);
            });
        } else {
            self.calendar.drain(step, |event| {
                let (target, weight) = event.unpack(bits);
                let sums = if weight < 0 { &mut *inhibitory } else { &mut *excitatory };
                let sum = &mut sums[target as usize];
                *sum = sum.wrapping_add(weight);
            });
        }
    }

    /// Puts the synapses of every neuron that spiked in `step` into the calendar.
    pub(super) fn deliver(&mut self, step: u32, spikes: &[u32]) {
        self.rows.deliver(step, spikes, &self.kernels, self.target_bits, &mut self.calendar);
    }

    /// Appends the state of the shard's neurons.
    pub(super) fn read(&self, state: &mut State) {
        state.v_m.extend_from_slice(&self.v_m);
        let [excitatory, inhibitory] = &self.current;
        let second = |k: usize| inhibitory.get(k).copied().unwrap_or(0);
        state.current.extend(excitatory.iter().enumerate().map(|(k, &i)| [i, second(k)]));
    }

    /// Bytes held besides the rows.
    pub(super) fn bytes(&self) -> u64 {
        let state = self.v_m.len() + self.dc.len();
        let currents: usize = self.current.iter().chain(&self.arrivals).map(Vec::len).sum();
        4 * (state + currents) as u64 + self.calendar.bytes() + self.counts.bytes()
    }
}
