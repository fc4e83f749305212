//! Batches: submitted, read back, handed over.

use super::device::Mapping;
use super::layout::{BatchHeader, NEURONS_PER_LANE, StepCount, lanes};
use super::probing::{TakenInFlight, Taking};
use super::roles::READ_BACKS;
use super::steps::Stretch;
use super::{BufferRole, GpuEngine, GpuError, ShardSizes};
use crate::engine::fixed_point::{BLOCK_STEPS, IntegerNetwork};
use crate::engine::probe::Taken;
use crate::engine::{EngineError, OnBatch, RangeFault, SpikeBatch, State};
use rayon::prelude::*;
use std::ops::ControlFlow;
use std::time::Instant;

/// A batch that the device computes.
#[derive(Debug)]
pub struct BatchInFlight {
    done_before: u32,
    steps: u32,
    /// Parts of the batch.
    submissions: Vec<wgpu::SubmissionIndex>,
    submitted_at: Instant,
    mapping: Mapping,
    taken: Option<TakenInFlight>,
}

/// A batch as the host reads it.
#[derive(Debug)]
struct ReadBack {
    /// First value that left its range.
    fault: Option<RangeFault>,
    spikes: u64,
    ends: Vec<u32>,
    neurons: Vec<u32>,
}

impl ReadBack {
    /// Spikes of each step.
    fn counts(&self) -> Vec<u32> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        self.ends.iter().zip(starts).map(|(end, start)| end - start).collect()
    }
}

/// Why no further batch can follow: the device went on with wrong values.
#[derive(Debug)]
pub enum BatchFailure {
    Range(RangeFault),
    Gpu(GpuError),
}

impl BatchFailure {
    pub fn error(&self, network: &IntegerNetwork) -> EngineError {
        match self {
            Self::Range(fault) => fault.error(network),
            Self::Gpu(error) => error.clone().into(),
        }
    }
}

impl GpuEngine<'_> {
    /// Submits `steps` steps after `done` ones.
    pub(super) fn submit(&mut self, done: u32, steps: u32) -> Result<BatchInFlight, GpuError> {
        let turn = usize::from(!self.reads_even);
        self.reads_even = !self.reads_even;
        let submitted_at = Instant::now();
        let submissions = self.submit_parts(done, steps, turn)?;
        let mapping = Mapping::begin(self.buffers.common(READ_BACKS[turn]));
        let taken = self.probing.as_ref().map(|p| p.begin_reading(&self.buffers, turn, done, steps));
        if let (Some(clock), Some(last)) = (&mut self.clock, submissions.last()) {
            clock.read(&self.device, last.clone())?;
        }
        self.device.check()?;
        Ok(BatchInFlight { done_before: done, steps, submissions, submitted_at, mapping, taken })
    }

    /// Submits a batch in parts, each of which takes a driver no longer than it allows, and with the last of them that
    /// counts and spikes are copied to where the host reads them.
    fn submit_parts(
        &mut self,
        done: u32,
        steps: u32,
        turn: usize,
    ) -> Result<Vec<wgpu::SubmissionIndex>, GpuError> {
        let changes = self.write_levels(done, steps);
        let (device, queue) = (self.device.device.clone(), self.device.queue.clone());
        let [batch, spikes, target] = [BufferRole::Batch, BufferRole::Spikes, READ_BACKS[turn]]
            .map(|role| self.buffers.common(role).clone());
        queue.write_buffer(&batch, 0, bytemuck::bytes_of(&(done + 1)));
        let mut encoder = device.create_command_encoder(&Default::default());
        encoder.clear_buffer(&batch, size_of::<BatchHeader>() as u64, None);
        let (mut from, mut submissions) = (done, Vec::new());
        while from < done + steps {
            let has_begun = self.inject_stimuli(from)?;
            let stop = self.network.stimuli.next_stop(from).unwrap_or(u32::MAX).min(done + steps);
            let together = self.submission_length.steps().min(stop - from);
            let buffers = &self.buffers;
            let taking = self.probing.as_ref().map(|probing| Taking { probing, buffers, turn, done });
            let stretch = Stretch { done: from, steps: together, has_begun, changes: &changes, taking };
            self.steps.record(&mut encoder, &stretch, self.clock.as_mut());
            from += together;
            if from < done + steps {
                let next = device.create_command_encoder(&Default::default());
                submissions.push(queue.submit([std::mem::replace(&mut encoder, next).finish()]));
            }
        }
        let [batch_bytes, spikes_bytes] =
            [BufferRole::Batch, BufferRole::Spikes].map(|role| self.plan.bytes(role, None));
        encoder.copy_buffer_to_buffer(&batch, 0, &target, 0, batch_bytes);
        encoder.copy_buffer_to_buffer(&spikes, 0, &target, batch_bytes, spikes_bytes);
        if let Some(clock) = &self.clock {
            clock.resolve(&mut encoder);
        }
        submissions.push(queue.submit([encoder.finish()]));
        Ok(submissions)
    }

    /// Adds what stimuli bring in the block that starts after `done` steps, if one does, and what else waits for it; returns
    /// whether there was anything.
    fn inject_stimuli(&mut self, done: u32) -> Result<bool, GpuError> {
        if done.is_multiple_of(BLOCK_STEPS) {
            let arrivals = self.network.stimuli.arrivals(done);
            self.add_arrivals(&arrivals);
        }
        match &mut self.injection {
            Some(injection) => injection.submit(&self.device, &self.buffers, &self.steps, done),
            None => Ok(false),
        }
    }

    /// Writes the levels of currents from outside for `steps` steps after `done` ones; returns the numbers of steps done
    /// after which they are others.
    fn write_levels(&mut self, done: u32, steps: u32) -> Vec<u32> {
        if self.currents.is_empty() {
            return Vec::new();
        }
        let (mut levels, mut changes) = (Vec::new(), Vec::new());
        for done in done..done + steps {
            if self.currents.go_to(done + 1) {
                changes.push(done);
            }
            levels.extend_from_slice(self.currents.levels());
        }
        if !changes.is_empty() {
            let buffer = self.buffers.common(BufferRole::Levels);
            self.device.queue.write_buffer(buffer, 0, bytemuck::cast_slice(&levels));
        }
        changes
    }

    /// Waits for a batch, checks it and hands its spikes over.
    pub(super) fn hand_over(
        &mut self,
        batch: BatchInFlight,
        on_batch: &mut OnBatch<'_>,
    ) -> Result<ControlFlow<()>, EngineError> {
        let BatchInFlight { done_before, steps, submissions, submitted_at, mapping, taken } = batch;
        for submission in submissions {
            self.device.wait(Some(submission))?;
        }
        self.submission_length.measure(steps, submitted_at, Instant::now());
        let result = self.read_back(done_before, steps, mapping)?;
        let taken = match (&self.probing, taken) {
            (Some(probing), Some(taken)) => probing.read(taken)?,
            _ => Taken::default(),
        };
        // What overwrote the history may have driven values out of their range since.
        let counts = result.counts();
        let remembered = self.history.as_mut().map_or(Ok(()), |h| h.take(done_before, &counts));
        if let Err(error) = remembered {
            return Err(self.failure.insert(BatchFailure::Gpu(error)).error(self.network));
        }
        if let Some(failure) = self.failure_in(done_before, steps, &result) {
            return Err(self.failure.insert(failure).error(self.network));
        }
        let ReadBack { ends, mut neurons, .. } = result;
        neurons_of_steps(&mut neurons, &counts).par_iter_mut().for_each(|neurons| neurons.sort_unstable());
        self.step = done_before + steps;
        let samples = taken.samples();
        Ok(on_batch(SpikeBatch { first_step: done_before + 1, ends: &ends, neurons: &neurons, samples }))
    }

    /// Takes a batch that has been waited for out of its buffer.
    fn read_back(&self, done_before: u32, steps: u32, mapping: Mapping) -> Result<ReadBack, GpuError> {
        mapping.read(|bytes| {
            let words: &[u32] = bytemuck::cast_slice(bytes);
            let (counted, spikes) = words.split_at(self.plan.bytes(BufferRole::Batch, None) as usize / 4);
            let steps = &counted[size_of::<BatchHeader>() / 4..][..steps as usize * STEP_WORDS];
            let steps: &[StepCount] = bytemuck::cast_slice(steps);
            let spikes_total = steps.iter().map(|step| u64::from(step.spikes)).sum();
            let kept = spikes.len().min(spikes_total as usize);
            let (ends, neurons) = (running_sums(steps), spikes[..kept].to_vec());
            let mut numbered = (done_before + 1..).zip(steps);
            let fault = numbered.find_map(|(number, step)| step.range_fault(number));
            ReadBack { fault, spikes: spikes_total, ends, neurons }
        })
    }

    fn failure_in(&self, done_before: u32, steps: u32, result: &ReadBack) -> Option<BatchFailure> {
        if let Some(fault) = result.fault {
            return Some(BatchFailure::Range(fault));
        }
        let (spikes, capacity) = (result.spikes, self.plan.spike_capacity);
        let fitting = u64::from(steps) * u64::from(capacity) / spikes.max(1);
        (spikes > u64::from(capacity)).then(|| {
            BatchFailure::Gpu(GpuError::TooManySpikes {
                first_step: done_before + 1,
                last_step: done_before + steps,
                spikes,
                capacity,
                lower: (fitting as u32 / 2).max(1),
            })
        })
    }

    /// Copies the state of all neurons to the host.
    pub(super) fn read_state(&self) -> Result<State, GpuError> {
        let mut state = State { v_m: Vec::new(), current: Vec::new() };
        for (index, ShardSizes { shard, .. }) in self.plan.sizes.shards.iter().enumerate() {
            let planes = self.device.read(self.buffers.of_shard(BufferRole::States, index))?;
            let padded = (lanes(shard.neurons) * NEURONS_PER_LANE) as usize;
            let neurons = shard.neurons as usize;
            state.v_m.extend_from_slice(&planes[..neurons]);
            let plane = |number: usize| planes[number * padded..].iter().copied();
            match self.plan.sizes.currents {
                1 => state.current.extend(plane(1).take(neurons).map(|c| [c, 0])),
                _ => state.current.extend(plane(1).zip(plane(2)).take(neurons).map(|(e, i)| [e, i])),
            }
        }
        Ok(state)
    }
}

/// The neurons that spike in each step, of which there are so many.
fn neurons_of_steps<'a>(mut neurons: &'a mut [u32], counts: &[u32]) -> Vec<&'a mut [u32]> {
    let of_step = |&count: &u32| neurons.split_off_mut(..count as usize);
    counts.iter().map_while(of_step).collect()
}

/// Words of a step in the buffer of a batch.
const STEP_WORDS: usize = size_of::<StepCount>() / size_of::<u32>();

/// Where the spikes of each step end.
fn running_sums(steps: &[StepCount]) -> Vec<u32> {
    let mut sum = 0u32;
    let ends = steps.iter().map(|step| {
        sum = sum.wrapping_add(step.spikes);
        sum
    });
    ends.collect()
}
