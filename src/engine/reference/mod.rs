//! The reference engine: plain Rust, one function for each shader under its name, written to be
//! read beside it. Slow, and the oracle of the tests.

use super::end_of;
use super::input::{check_arrivals, check_probe, check_range};
use super::spikes_in_flight::check_in_flight;
use super::{
    Description, Engine, EngineError, Memory, NeuronState, OnBatch, Probe, RangeFault, Samples, SpikeBatch,
    SpikesInFlight, State, Watched,
};
use crate::engine::fixed_point::{
    Arrival, BLOCK_STEPS, CURRENT_LIMIT, DriveBlock, IntegerNetwork, IntegerPopulation, REFRACTORY_END,
    Transmission, V_M_LIMIT, step_neuron, stepwise_count, stepwise_uniform,
};
use crate::engine::rng::Key;
use crate::engine::synapses::CsrStore;

/// Steps handed over at once where nothing else is asked for.
const DEFAULT_BATCH_STEPS: u32 = 1000;

/// Plain engine over a dense ring of input slots.
#[derive(Debug)]
pub struct ReferenceEngine<'a> {
    network: &'a IntegerNetwork,
    store: &'a CsrStore,
    batch_steps: u32,
    step: u32,
    state: State,
    /// What the DC input adds to V of each neuron in a step.
    dc: Vec<i32>,
    probe: Option<Probe>,
    /// Sums of what arrives in the format of currents, \[slot\]\[receptor\]\[neuron\]; slot = step modulo the number of slots.
    ring: Vec<i32>,
    slots: u32,
    receptors: usize,
    fault: Option<RangeFault>,
}

impl<'a> ReferenceEngine<'a> {
    /// An engine at step 0.
    pub fn new(network: &'a IntegerNetwork, store: &'a CsrStore, batch_steps: Option<u32>) -> Self {
        let n = network.n_neurons() as usize;
        let slots = store.longest_delay().max(BLOCK_STEPS) + 1;
        let receptors = if network.has_one_current() { 1 } else { 2 };
        Self {
            network,
            store,
            batch_steps: batch_steps.unwrap_or(DEFAULT_BATCH_STEPS).max(1),
            step: 0,
            state: State { v_m: network.initial_v_m.clone(), current: vec![[0; 2]; n] },
            dc: network.dc.clone(),
            probe: None,
            ring: vec![0; slots as usize * receptors * n],
            slots,
            receptors,
            fault: None,
        }
    }

    fn slot_index(&self, step: u32, weight: i32, neuron: usize) -> usize {
        let receptor = if self.receptors == 2 && weight < 0 { 1 } else { 0 };
        let slot = (step % self.slots) as usize;
        (slot * self.receptors + receptor) * self.state.v_m.len() + neuron
    }

    /// External spikes of the block that starts after `self.step` go into the ring, where they are
    /// drawn a block at a time.
    fn drive(&mut self) {
        let block = self.step / BLOCK_STEPS;
        for population in &self.network.populations {
            for neuron in population.first_neuron..population.first_neuron + population.neurons {
                let spikes = DriveBlock::new(
                    self.network.drive_key,
                    neuron,
                    block,
                    population.drive.block_thresholds(),
                );
                let weight = self.network.drive_weights[neuron as usize];
                for offset in spikes {
                    let index = self.slot_index(self.step + 1 + offset, weight, neuron as usize);
                    self.ring[index] = self.ring[index].wrapping_add(weight);
                }
            }
        }
    }

    /// Weights of the external spikes of this step, excitatory and inhibitory, where they are drawn
    /// step by step.
    fn external_weights(&self, population: &IntegerPopulation, neuron: u32) -> [i32; 2] {
        let uniform = stepwise_uniform(self.network.stepwise_key, neuron, self.step);
        let count = stepwise_count(uniform, population.drive.step_thresholds());
        let weight = self.network.drive_weights[neuron as usize];
        let sum = weight.wrapping_mul(count as i32);
        if self.receptors == 2 && weight < 0 { [0, sum] } else { [sum, 0] }
    }

    /// One step of every neuron; appends those that spike.
    fn update(&mut self, spikes: &mut Vec<u32>) {
        let rounding = self.network.formats.rounding(self.step);
        for population in &self.network.populations {
            for neuron in population.first_neuron..population.first_neuron + population.neurons {
                let i = neuron as usize;
                let class = &self.network.classes[population.class_of(neuron)];
                let mut arrivals = self.external_weights(population, neuron);
                for (receptor, arrived) in arrivals.iter_mut().enumerate().take(self.receptors) {
                    let sign = if receptor == 1 { -1 } else { 1 };
                    let index = self.slot_index(self.step, sign, i);
                    *arrived = arrived.wrapping_add(std::mem::take(&mut self.ring[index]));
                }
                let (v_m, current) = (&mut self.state.v_m[i], &mut self.state.current[i]);
                if step_neuron(class, rounding, neuron, self.dc[i], arrivals, v_m, current) {
                    spikes.push(neuron);
                }
                if let Some(watched) = watched(*v_m, *current) {
                    self.fault.get_or_insert(RangeFault { step: self.step, neuron, watched });
                }
            }
        }
    }

    /// Every spike of this step goes through its row into the ring, where synapses transmit it.
    fn deliver(&mut self, spikes: &[u32]) {
        let transmission = self.network.transmission.map(|t| (t, t.step_key(self.step)));
        let shift = self.network.formats.arrival_shift();
        for shard in &self.store.shards {
            for &source in spikes {
                let row = shard.row_starts[source as usize] as usize
                    ..shard.row_starts[source as usize + 1] as usize;
                for index in row {
                    let is_lost = |(t, key): (Transmission, Key)| !t.passes(key, source, shard.tags[index]);
                    if transmission.is_some_and(is_lost) {
                        continue;
                    }
                    let synapse = &shard.synapses[index];
                    let (target, delay) = self.store.decode(synapse.address);
                    let neuron = (shard.shard.first_neuron + target) as usize;
                    let index = self.slot_index(self.step + delay, synapse.weight, neuron);
                    self.ring[index] = self.ring[index].wrapping_add(synapse.weight << shift);
                }
            }
        }
    }

    /// What arrives from outside goes into the ring. Slots of steps done are empty.
    fn add_arrivals(&mut self, arrivals: &[Arrival]) {
        for arrival in arrivals {
            let index = self.slot_index(arrival.step, arrival.weight, arrival.neuron as usize);
            self.ring[index] = self.ring[index].wrapping_add(arrival.weight);
        }
    }

    /// Appends a sample, where the probe takes one after this step.
    fn sample(&self, steps: &mut Vec<u32>, states: &mut Vec<NeuronState>) {
        let Some(probe) = self.probe.as_ref().filter(|probe| probe.samples_after(self.step)) else { return };
        steps.push(self.step);
        let State { v_m, current } = &self.state;
        let state = |&n: &u32| NeuronState { v_m: v_m[n as usize], current: current[n as usize] };
        states.extend(probe.neurons().iter().map(state));
    }
}

/// What of a neuron's state after a step left its range.
fn watched(v_m: i32, current: [i32; 2]) -> Option<Watched> {
    if (REFRACTORY_END..V_M_LIMIT).contains(&v_m) {
        return Some(Watched::Potential);
    }
    let is_outside = |i: i32| !(-CURRENT_LIMIT..CURRENT_LIMIT).contains(&i);
    current.into_iter().any(is_outside).then_some(Watched::Current)
}

impl Engine for ReferenceEngine<'_> {
    fn description(&self) -> Description {
        Description { engine: "reference".into(), adapter: "1 thread".into(), driver: String::new() }
    }

    fn step(&self) -> u32 {
        self.step
    }

    fn advance(&mut self, steps: u32, on_batch: &mut OnBatch<'_>) -> Result<(), EngineError> {
        let end = end_of(self.step, steps)?;
        while self.step < end {
            let first_step = self.step + 1;
            let (mut neurons, mut ends) = (Vec::new(), Vec::new());
            let (mut sample_steps, mut states) = (Vec::new(), Vec::new());
            for _ in 0..self.batch_steps.min(end - self.step) {
                if self.step.is_multiple_of(BLOCK_STEPS) {
                    self.drive();
                }
                self.step += 1;
                let before = neurons.len();
                self.update(&mut neurons);
                self.deliver(&neurons[before..]);
                ends.push(neurons.len() as u32);
                self.sample(&mut sample_steps, &mut states);
            }
            if let Some(fault) = self.fault {
                return Err(fault.error(self.network));
            }
            let samples = Samples { steps: &sample_steps, states: &states };
            if on_batch(SpikeBatch { first_step, ends: &ends, neurons: &neurons, samples }).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn inject(&mut self, arrivals: &[Arrival]) -> Result<(), EngineError> {
        check_arrivals(self.step, self.network.n_neurons(), arrivals)?;
        self.add_arrivals(arrivals);
        Ok(())
    }

    fn set_dc(&mut self, first_neuron: u32, dc: &[i32]) -> Result<(), EngineError> {
        check_range(first_neuron, dc.len(), self.network.n_neurons())?;
        self.dc[first_neuron as usize..][..dc.len()].copy_from_slice(dc);
        Ok(())
    }

    fn probe(&mut self, probe: Probe) -> Result<(), EngineError> {
        check_probe(&probe, self.network.n_neurons())?;
        self.probe = Some(probe);
        Ok(())
    }

    fn restore(&mut self, state: &State, in_flight: &SpikesInFlight) -> Result<(), EngineError> {
        check_in_flight(self.network, self.step, state, in_flight)?;
        self.state = state.clone();
        for (step, spikes) in in_flight.steps() {
            self.step = step;
            // What arrived in this step is in the state.
            let slot = self.slot_index(step, 1, 0);
            let slot_length = self.receptors * self.state.v_m.len();
            self.ring[slot..slot + slot_length].fill(0);
            self.deliver(spikes);
        }
        Ok(())
    }

    fn state(&mut self) -> Result<State, EngineError> {
        Ok(self.state.clone())
    }

    fn memory(&self) -> Memory {
        let host_bytes = self.store.bytes() + 4 * self.ring.len() as u64 + 12 * self.state.v_m.len() as u64;
        Memory { device_bytes: 0, host_bytes }
    }
}
