//! Going on where a run has stopped: states are written, and the spikes that are still in flight are
//! delivered again.
//!
//! If synapses are stored, the steps of the past are gone through without `update`: their spikes are
//! uploaded as if they had been computed, and `deliver` puts them into the rings, of which all that has
//! arrived is cleared as the steps go on. If synapses are procedural, the spikes become the history,
//! and one visit delivers what arrives in the window that has begun.

use super::layout::{BatchHeader, Clock, NEURONS_PER_LANE, PastSpike, StepCount, Visit, lanes};
use super::roles::CLOCKS;
use super::window::DelayWindow;
use super::{BufferRole, GpuEngine, GpuError, ShardSizes};
use crate::engine::fixed_point::IntegerPopulation;
use crate::engine::{SpikesInFlight, State};

impl GpuEngine<'_> {
    /// Takes up `state` after the steps of `in_flight`.
    pub(super) fn take_up(&mut self, state: &State, in_flight: &SpikesInFlight) -> Result<(), GpuError> {
        self.write_states(state);
        match self.plan.window {
            Some(window) => self.fill_history(in_flight, window)?,
            None => self.deliver_in_flight(in_flight)?,
        }
        self.step = in_flight.last_step();
        self.device.wait(None)?;
        self.device.check()
    }

    fn write_states(&self, state: &State) {
        let mut first = 0;
        for (index, ShardSizes { shard, .. }) in self.plan.sizes.shards.iter().enumerate() {
            let neurons = first..first + shard.neurons as usize;
            let padded = (lanes(shard.neurons) * NEURONS_PER_LANE) as usize;
            let mut planes = state.v_m[neurons.clone()].to_vec();
            planes.resize(padded, 0);
            for receptor in 0..self.plan.sizes.currents as usize {
                planes.extend(state.current[neurons.clone()].iter().map(|current| current[receptor]));
                planes.resize((2 + receptor) * padded, 0);
            }
            let buffer = self.buffers.of_shard(BufferRole::States, index);
            self.device.queue.write_buffer(buffer, 0, bytemuck::cast_slice(&planes));
            first = neurons.end;
        }
    }

    /// Sets the clocks of all shards to `done` steps.
    fn write_clocks(&self, done: u32, slots: impl Fn(usize) -> u32) {
        for shard in 0..self.plan.sizes.shards.len() {
            let clock = Clock { step: done, slot: done % slots(shard), spikes: 0 };
            let buffer = self.buffers.find(CLOCKS[(done % 2) as usize], shard);
            self.device.queue.write_buffer(buffer, 0, bytemuck::bytes_of(&clock));
        }
    }

    /// Delivers every spike of the past through rows that are stored.
    fn deliver_in_flight(&mut self, in_flight: &SpikesInFlight) -> Result<(), GpuError> {
        self.write_clocks(in_flight.first_step - 1, |shard| self.plan.sizes.shards[shard].slots(None));
        let all: Vec<(u32, &[u32])> = in_flight.steps().collect();
        let mut rest = all.as_slice();
        while let Some(&(first_step, _)) = rest.first() {
            let n = self.steps_that_fit(rest)?;
            let (steps, later) = rest.split_at(n);
            rest = later;
            let counted = |(_, neurons): &(u32, &[u32])| StepCount { spikes: neurons.len() as u32, fault: 0 };
            let counts: Vec<StepCount> = steps.iter().map(counted).collect();
            let neurons: Vec<u32> = steps.iter().flat_map(|(_, neurons)| *neurons).copied().collect();
            let header = BatchHeader { first_step };
            let batch = self.buffers.common(BufferRole::Batch);
            let queue = &self.device.queue;
            queue.write_buffer(batch, 0, bytemuck::bytes_of(&header));
            queue.write_buffer(batch, size_of::<BatchHeader>() as u64, bytemuck::cast_slice(&counts));
            queue.write_buffer(self.buffers.common(BufferRole::Spikes), 0, bytemuck::cast_slice(&neurons));
            let mut encoder = self.device.device.create_command_encoder(&Default::default());
            self.steps.record_in_flight(&mut encoder, first_step - 1, n as u32);
            queue.submit([encoder.finish()]);
            self.device.check()?;
        }
        Ok(())
    }

    /// How many of these steps fit the buffers of a batch.
    fn steps_that_fit(&self, steps: &[(u32, &[u32])]) -> Result<usize, GpuError> {
        let mut spikes = 0;
        let fits = |(_, neurons): &&(u32, &[u32])| {
            spikes += neurons.len() as u64;
            spikes <= u64::from(self.plan.spike_capacity)
        };
        match steps.iter().take(self.plan.batch_steps as usize).take_while(fits).count() {
            0 => Err(GpuError::TooManySpikes {
                first_step: steps[0].0,
                last_step: steps[0].0,
                spikes: steps[0].1.len() as u64,
                capacity: self.plan.spike_capacity,
                lower: 1,
            }),
            n => Ok(n),
        }
    }

    /// Makes the spikes in reach the history, and delivers what arrives in the window that has begun.
    fn fill_history(&mut self, in_flight: &SpikesInFlight, window: DelayWindow) -> Result<(), GpuError> {
        let done = in_flight.last_step();
        let first = in_flight.first_step.max((done + 1).saturating_sub(window.reach_steps));
        let in_reach = || in_flight.steps().filter(|(step, _)| *step >= first);
        let counts: Vec<u32> = in_reach().map(|(_, neurons)| neurons.len() as u32).collect();
        if let Some(history) = &mut self.history {
            history.take(first - 1, &counts)?;
        }
        let places = window.reach_steps as usize + 1;
        let (mut spikes, mut ends) = (Vec::new(), vec![0u32; places]);
        let starts_after = |neuron: u32| move |p: &IntegerPopulation| p.first_neuron <= neuron;
        let population = |neuron| self.network.populations.partition_point(starts_after(neuron)) as u32 - 1;
        for (step, neurons) in in_reach() {
            let past = |&neuron: &u32| PastSpike { neuron, step, population: population(neuron) };
            spikes.extend(neurons.iter().map(past));
            ends[step as usize % places] = spikes.len() as u32;
        }
        let end = spikes.len() as u32;
        let [spike_groups, part_groups] = self.visits.of(end);
        let visit = Visit { step: done, first: 0, end, spike_groups, part_groups, one: 1 };
        let write = |role, bytes: &[u8]| self.device.queue.write_buffer(self.buffers.common(role), 0, bytes);
        write(BufferRole::History, bytemuck::cast_slice(&spikes));
        write(BufferRole::HistoryEnds, bytemuck::cast_slice(&ends));
        write(BufferRole::Visit, bytemuck::bytes_of(&visit));
        self.write_clocks(done, |_| window.steps);
        let mut encoder = self.device.device.create_command_encoder(&Default::default());
        self.steps.record_visit(&mut encoder, done);
        self.device.queue.submit([encoder.finish()]);
        Ok(())
    }
}
