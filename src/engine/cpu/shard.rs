//! A shard: its neurons, its rows, and the events on their way to it.

use super::calendar::{Calendar, Event};
use super::drive::drive;
use super::update::{Inhibitory, Kernels, Lanes, Trip, update_each};
use crate::engine::State;
use crate::integer::{BLOCK_STEPS, IntegerNetwork};
use crate::synapses::{CsrShard, StoredSynapse};
use std::ops::Range;

/// Spikes whose rows are fetched ahead of their delivery.
const PREFETCH: usize = 4;

/// One shard of the CPU engine; events are packed as `E`.
pub(super) struct CpuShard<'a, E> {
    network: &'a IntegerNetwork,
    csr: &'a CsrShard,
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
}

impl<'a, E: Event> CpuShard<'a, E> {
    pub(super) fn new(
        network: &'a IntegerNetwork,
        csr: &'a CsrShard,
        target_bits: u32,
        kernels: Kernels,
    ) -> Self {
        let n = csr.shard.neurons as usize;
        let second = if network.has_one_current() { 0 } else { n };
        let populations = &network.populations[csr.shard.populations.clone()];
        let mut runs: Vec<(Range<usize>, usize)> = Vec::new();
        for p in populations {
            let start = (p.first_neuron - csr.shard.first_neuron) as usize;
            let end = start + p.neurons as usize;
            match runs.last_mut() {
                Some((range, class)) if *class == p.class => range.end = end,
                _ => runs.push((start..end, p.class)),
            }
        }
        Self {
            network,
            csr,
            target_bits,
            kernels,
            runs,
            dc: populations.iter().flat_map(|p| std::iter::repeat_n(p.dc, p.neurons as usize)).collect(),
            v_m: network.initial_v_m[csr.shard.neuron_range()].to_vec(),
            current: [vec![0; n], vec![0; second]],
            arrivals: [vec![0; n], vec![0; second]],
            calendar: Calendar::new(csr.longest_delay.max(BLOCK_STEPS)),
        }
    }

    /// Schedules the external spikes of the block that starts with `step`.
    pub(super) fn drive(&mut self, step: u32) {
        let network = self.network;
        for population in &network.populations[self.csr.shard.populations.clone()] {
            let first = population.first_neuron - self.csr.shard.first_neuron;
            let weights = &network.drive_weights[population.first_neuron as usize..];
            let block = (step - 1) / BLOCK_STEPS;
            drive(self.kernels.first_calls, network.drive_key, population, block, |neuron, offset| {
                let event = E::pack(first + neuron, weights[neuron as usize], self.target_bits);
                self.calendar.push(step + offset, event);
            });
        }
    }

    /// Adds what arrives in `step` and updates every neuron; appends those that spike.
    pub(super) fn update(&mut self, step: u32, spikes: &mut Vec<u32>) -> Trip {
        self.collect_arrivals(step);
        let shift = self.network.formats.arrival_shift();
        let mut trip = None;
        let [excitatory, inhibitory] = &mut self.current;
        let [arrivals, inhibitory_arrivals] = &mut self.arrivals;
        for (range, class) in &self.runs {
            let lanes = Lanes {
                class: &self.network.classes[*class],
                first_neuron: self.csr.shard.first_neuron + range.start as u32,
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
        for (index, &source) in spikes.iter().enumerate() {
            if let Some(&ahead) = spikes.get(index + PREFETCH) {
                prefetch(self.row(ahead));
            }
            let mask = (1 << self.target_bits) - 1;
            for synapse in self.row(source) {
                let delay = synapse.address >> self.target_bits;
                let event = E::pack(synapse.address & mask, synapse.weight, self.target_bits);
                self.calendar.push(step + delay, event);
            }
        }
    }

    fn row(&self, source: u32) -> &'a [StoredSynapse] {
        let starts = &self.csr.row_starts[source as usize..source as usize + 2];
        &self.csr.synapses[starts[0] as usize..starts[1] as usize]
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
        4 * (state + currents) as u64 + self.calendar.bytes()
    }
}

/// Asks for a row's cache lines ahead of time.
#[inline(always)]
fn prefetch(row: &[StoredSynapse]) {
    #[cfg(target_arch = "x86_64")]
    for line in row.chunks(8) {
        // SAFETY: a prefetch has no effect but on caches, and SSE is part of x86-64.
        unsafe {
            std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(line.as_ptr().cast())
        };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = row;
}
