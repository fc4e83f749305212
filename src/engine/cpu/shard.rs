//! A shard: its neurons, its rows, and the events on their way to it.

use super::calendar::{Calendar, Event};
use super::chunks::{Arena, Chunks};
use super::clock::{CpuStage, CpuStageClock};
use super::drive::drive;
use super::external::External;
use super::kernels::Kernels;
use super::pages::{copied, zeros};
use super::rows::CpuRows;
use super::samples::{ShardSamples, States};
use super::update::{FirstFault, Inhibitory, Lanes, OwnColumns};
use crate::engine::fixed_point::{
    Arrival, BLOCK_STEPS, Currents, DriveStreams, IntegerNetwork, IntegerPopulation,
};
use crate::engine::synapses::Shard;
use crate::engine::{Probe, SpikesInFlight, State, StateSum};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// Sums of what arrives in a step in the format of currents, excitatory and inhibitory; the second is empty if the
/// network has one current. One for a thread, so that it stays in the cache from shard to shard.
#[derive(Debug, Default)]
pub(super) struct Arrivals([Vec<i32>; 2]);

impl Arrivals {
    /// Zeros for a shard of `neurons`.
    fn cleared(&mut self, neurons: u32, two_currents: bool) -> &mut [Vec<i32>; 2] {
        for (sums, used) in self.0.iter_mut().zip([true, two_currents]) {
            sums.clear();
            sums.resize(if used { neurons as usize } else { 0 }, 0);
        }
        &mut self.0
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> u64 {
        self.0.iter().map(|sums| 4 * sums.capacity() as u64).sum()
    }
}

/// Contiguous neurons that are updated in one go.
struct Run {
    /// Range within the shard.
    neurons: Range<usize>,
    /// Class of all of them, or of the first.
    class: usize,
    /// Where each has a class of its own.
    own: Option<OwnColumns>,
}

impl Run {
    /// Neurons of a population from `first` on, at `neurons` within their shard.
    fn new(
        network: &IntegerNetwork,
        population: &IntegerPopulation,
        first: u32,
        neurons: Range<usize>,
    ) -> Self {
        let class = population.class_of(first);
        let own =
            population.is_distributed.then(|| OwnColumns::of(&network.classes[class..][..neurons.len()]));
        Self { neurons, class, own }
    }
}

/// One shard of the CPU engine; events are packed as `E`.
pub(super) struct CpuShard<'a, E> {
    network: &'a IntegerNetwork,
    shard: &'a Shard,
    rows: CpuRows<'a>,
    /// Bits of an event that hold its target.
    target_bits: u32,
    kernels: Kernels,
    /// Contiguous neurons of one class, or with one each.
    runs: Vec<Run>,
    /// The network's own DC input, and that with currents of stimuli.
    own_dc: Cow<'a, [i32]>,
    dc: Vec<i32>,
    currents: Currents<'a>,
    v_m: Vec<i32>,
    /// Excitatory and inhibitory; the second is empty if the network has one current.
    current: [Vec<i32>; 2],
    calendar: Calendar<E>,
    /// What comes from outside in this block of steps.
    external: External,
    /// What a probe takes.
    samples: ShardSamples,
}

impl<'a, E: Event> CpuShard<'a, E> {
    pub(super) fn new(
        network: &'a IntegerNetwork,
        shard: &'a Shard,
        rows: CpuRows<'a>,
        target_bits: u32,
        kernels: Kernels,
        arena: &Arc<Arena>,
    ) -> Self {
        let n = shard.neurons as usize;
        let second = if network.has_one_current() { 0 } else { n };
        let mut runs: Vec<Run> = Vec::new();
        for (index, neurons) in shard.slices(network) {
            let p = &network.populations[index];
            let [start, end] =
                [neurons.start, neurons.end].map(|neuron| (neuron - shard.first_neuron) as usize);
            match runs.last_mut() {
                Some(run) if run.own.is_none() && !p.is_distributed && run.class == p.class => {
                    run.neurons.end = end;
                }
                _ => runs.push(Run::new(network, p, neurons.start, start..end)),
            }
        }
        Self {
            network,
            shard,
            target_bits,
            kernels,
            runs,
            own_dc: Cow::Borrowed(&network.dc[shard.neuron_range()]),
            dc: copied(&network.dc[shard.neuron_range()]),
            currents: network.stimuli.currents(shard.first_neuron..shard.end()),
            v_m: copied(&network.initial_v_m[shard.neuron_range()]),
            current: [zeros(n), zeros(second)],
            calendar: Calendar::new(rows.longest_delay().max(BLOCK_STEPS), arena),
            external: External::default(),
            samples: ShardSamples::default(),
            rows,
        }
    }

    /// Schedules the external spikes of the block that starts with `step`, where they are drawn a block
    /// at a time, and those of stimuli.
    pub(super) fn drive(&mut self, step: u32) {
        let (network, bulk, block) = (self.network, self.kernels.bulk, (step - 1) / BLOCK_STEPS);
        let first = self.shard.first_neuron;
        for (index, neurons) in self.shard.slices(network) {
            drive(bulk, &network.populations[index], neurons, block, |neuron, offset| {
                self.external.add(step + offset, neuron - first, network.drive_weights[neuron as usize]);
            });
        }
        network.stimuli.arrivals_into(first..self.shard.end(), step - 1, bulk, |arrival| {
            self.external.add(arrival.step, arrival.neuron - first, arrival.weight);
        });
    }

    /// Adds what arrives in `step` and updates every neuron; appends those that spike. `arrivals` and `chunks` are
    /// room to work in.
    pub(super) fn update(
        &mut self,
        step: u32,
        (arrivals, chunks): (&mut Arrivals, &mut Chunks),
        spikes: &mut Vec<u32>,
        clock: &mut CpuStageClock,
    ) -> FirstFault {
        let arrivals = arrivals.cleared(self.shard.neurons, !self.current[1].is_empty());
        self.collect_arrivals(step, arrivals, chunks);
        clock.lap(CpuStage::Collect);
        self.add_external(step, arrivals);
        if self.currents.go_to(step) {
            self.currents.set(&self.own_dc, &mut self.dc);
        }
        clock.lap(CpuStage::Drive);
        let rounding = self.network.formats.rounding(step);
        let mut fault = None;
        let [excitatory, inhibitory] = &mut self.current;
        let [arrivals, inhibitory_arrivals] = arrivals;
        for Run { neurons: range, class, own } in &self.runs {
            let lanes = Lanes {
                class: &self.network.classes[*class],
                own: own.as_ref().map(OwnColumns::all),
                first_neuron: self.shard.first_neuron + range.start as u32,
                dc: &self.dc[range.clone()],
                v_m: &mut self.v_m[range.clone()],
                current: &mut excitatory[range.clone()],
                arrivals: &arrivals[range.clone()],
            };
            let second = inhibitory.get_mut(range.clone()).filter(|current| !current.is_empty());
            let second =
                second.map(|current| Inhibitory { current, arrivals: &inhibitory_arrivals[range.clone()] });
            fault = fault.or((self.kernels.update)(lanes, second, rounding, spikes));
        }
        self.samples.take(step, &self.v_m, &self.current);
        clock.lap(CpuStage::Update);
        fault
    }

    /// Takes what `probe` asks for of the shard from now on.
    pub(super) fn set_probe(&mut self, probe: &Probe) {
        self.samples = ShardSamples::new(self.network, self.shard, probe);
    }

    /// States and sums of the batch ([`ShardSamples::hand_over`]).
    pub(super) fn hand_over_samples(&mut self) -> (States, Vec<StateSum>) {
        self.samples.hand_over()
    }

    /// Schedules weights from outside that arrive at the shard's neurons.
    pub(super) fn inject(&mut self, arrivals: &[Arrival]) {
        let is_own = |a: &&Arrival| self.shard.neuron_range().contains(&(a.neuron as usize));
        for arrival in arrivals.iter().filter(is_own) {
            self.external.add(arrival.step, arrival.neuron - self.shard.first_neuron, arrival.weight);
        }
    }

    /// Takes up the state of the shard's neurons after the steps of `in_flight`, whose spikes are delivered
    /// again; what arrived in those steps is in the state.
    pub(super) fn restore(&mut self, state: &State, in_flight: &SpikesInFlight, chunks: &mut Chunks) {
        let own = self.shard.neuron_range();
        self.v_m.copy_from_slice(&state.v_m[own.clone()]);
        for (receptor, currents) in self.current.iter_mut().enumerate() {
            let from = state.current[own.clone()].iter().map(|current| current[receptor]);
            currents.iter_mut().zip(from).for_each(|(current, from)| *current = from);
        }
        for (step, spikes) in in_flight.steps() {
            self.calendar.drain(chunks, step, |_| ());
            self.deliver(step, spikes, chunks);
        }
    }

    /// Replaces the network's own DC input by the part of `dc` that is the shard's.
    pub(super) fn set_dc(&mut self, dc: &[i32]) {
        self.own_dc = Cow::Owned(dc[self.shard.neuron_range()].to_vec());
        self.currents.set(&self.own_dc, &mut self.dc);
    }

    /// Sums the weights that arrive in `step` for each neuron.
    fn collect_arrivals(
        &mut self,
        step: u32,
        [excitatory, inhibitory]: &mut [Vec<i32>; 2],
        chunks: &mut Chunks,
    ) {
        let (bits, shift) = (self.target_bits, self.network.formats.arrival_shift());
        self.external.drain(step, |target, weight| {
            let sums = if weight < 0 && !inhibitory.is_empty() { &mut *inhibitory } else { &mut *excitatory };
            let sum = &mut sums[target as usize];
            *sum = sum.wrapping_add(weight);
        });
        self.calendar.drain(chunks, step, |events| match inhibitory.is_empty() {
            true => add_events(events, bits, shift, excitatory),
            false => add_by_sign(events, bits, shift, [&mut *excitatory, &mut *inhibitory]),
        });
    }

    /// Adds the external spikes of `step`, where they are drawn step by step.
    fn add_external(&self, step: u32, arrivals: &mut [Vec<i32>; 2]) {
        let (network, kernels) = (self.network, &self.kernels);
        for (index, neurons) in self.shard.slices(network) {
            let population = &network.populations[index];
            let thresholds = population.drive.step_thresholds();
            if thresholds.is_empty() {
                continue;
            }
            let weights = &network.drive_weights[neurons.start as usize..neurons.end as usize];
            // A population's external weights have one sign.
            let inhibitory =
                !arrivals[1].is_empty() && weights.iter().find(|&&w| w != 0).is_some_and(|&w| w < 0);
            let in_shard = (neurons.start - self.shard.first_neuron) as usize;
            let arrivals = &mut arrivals[usize::from(inhibitory)][in_shard..in_shard + weights.len()];
            let DriveStreams { step_key, before, .. } = population.streams;
            let first = neurons.start - before;
            (kernels.add_stepwise)(kernels.bulk, step_key, first, step, thresholds, weights, arrivals);
        }
    }

    /// Asks for what deliveries of `step` will need, where it has left the cache since the last ones.
    pub(super) fn fetch(&self, step: u32) {
        self.calendar.fetch(step);
    }

    /// Puts the synapses of every neuron that spiked in `step` into the calendar.
    pub(super) fn deliver(&mut self, step: u32, spikes: &[u32], chunks: &mut Chunks) {
        self.rows.deliver(step, spikes, &self.kernels, self.target_bits, &mut self.calendar, chunks);
    }

    /// Appends the state of the shard's neurons.
    pub(super) fn read(&self, state: &mut State) {
        state.v_m.extend_from_slice(&self.v_m);
        let [excitatory, inhibitory] = &self.current;
        let second = |k: usize| inhibitory.get(k).copied().unwrap_or(0);
        state.current.extend(excitatory.iter().enumerate().map(|(k, &i)| [i, second(k)]));
    }

    /// Bytes held besides the rows and the chunks of the calendar.
    pub(super) fn bytes(&self) -> u64 {
        let state = self.v_m.len() + self.dc.len();
        let currents: usize = self.current.iter().map(Vec::len).sum();
        let own: u64 = self.runs.iter().filter_map(|run| run.own.as_ref()).map(OwnColumns::bytes).sum();
        4 * (state + currents) as u64 + own + self.calendar.bytes() + self.external.bytes()
    }
}

/// Adds the weights of events to the sums of their targets, in the format of currents, which has `shift` bits more.
#[inline(never)]
fn add_events<E: Event>(events: &[E], target_bits: u32, shift: u32, sums: &mut [i32]) {
    for event in events {
        let (target, weight) = event.unpack(target_bits);
        let sum = &mut sums[target as usize];
        *sum = sum.wrapping_add(weight << shift);
    }
}

/// The same where positive and negative weights have sums of their own.
#[inline(never)]
fn add_by_sign<E: Event>(
    events: &[E],
    target_bits: u32,
    shift: u32,
    [excitatory, inhibitory]: [&mut [i32]; 2],
) {
    for event in events {
        let (target, weight) = event.unpack(target_bits);
        let sums = if weight < 0 { &mut *inhibitory } else { &mut *excitatory };
        let sum = &mut sums[target as usize];
        *sum = sum.wrapping_add(weight << shift);
    }
}
