//! What a probe asks for of the device: samples and sums, recorded between steps and read with the spikes.

use super::buffers::Buffers;
use super::device::{Device, Mapping};
use super::plan::PlannedBuffer;
use super::roles::{SAMPLES, SUMS};
use super::sampler::Sampler;
use super::sums::{StateSums, SumPlan};
use super::{GpuError, NetworkSizes};
use crate::engine::Probe;
use crate::engine::fixed_point::IntegerNetwork;
use crate::engine::probe::Taken;

/// What will take samples and sums, before there are buffers for it.
#[derive(Debug)]
pub struct ProbingPlan {
    probe: Probe,
    sampler: Option<Sampler>,
    sums: Option<SumPlan>,
}

/// Takes samples and sums.
#[derive(Debug)]
pub struct Probing {
    probe: Probe,
    sampler: Option<Sampler>,
    sums: Option<StateSums>,
}

/// Where samples and sums of a batch go.
#[derive(Debug, Clone, Copy)]
pub struct Taking<'a> {
    /// What takes them.
    pub probing: &'a Probing,
    /// Between which it copies.
    pub buffers: &'a Buffers,
    /// Which of two buffers each goes to: 0 or 1, in turn.
    pub turn: usize,
    /// Steps done before the batch.
    pub done: u32,
}

/// Samples and sums that the device copies.
#[derive(Debug)]
pub struct TakenInFlight {
    samples: Reading,
    sums: Reading,
}

/// What the host reads of a batch: after which steps it was taken, and from where, if there are any.
#[derive(Debug)]
struct Reading {
    steps: Vec<u32>,
    from: Option<Mapping>,
}

impl ProbingPlan {
    /// What `probe` asks for of a network in shards of those sizes.
    pub fn new(probe: Probe, network: &IntegerNetwork, sizes: &NetworkSizes) -> Self {
        let sampler = (!probe.neurons().is_empty()).then(|| Sampler::new(&probe, sizes));
        let sums = SumPlan::new(&probe, network, sizes);
        Self { probe, sampler, sums }
    }

    /// The buffers to allocate for batches of at most `batch_steps` steps.
    pub fn buffers(&self, batch_steps: u32) -> Vec<PlannedBuffer> {
        let samples = self.sampler.iter().flat_map(|sampler| sampler.buffers(batch_steps));
        samples.chain(self.sums.iter().flat_map(|sums| sums.buffers(batch_steps))).collect()
    }

    /// What takes them, once `buffers` has these; `constants` are those of all shaders.
    pub fn open(
        self,
        device: &Device,
        buffers: &Buffers,
        constants: &[(&str, f64)],
    ) -> Result<Probing, GpuError> {
        let Self { probe, sampler, sums } = self;
        let sums = sums.map(|sums| StateSums::new(sums, device, buffers, constants)).transpose()?;
        Ok(Probing { probe, sampler, sums })
    }
}

impl Probing {
    /// Most steps of a batch.
    pub fn max_steps(&self) -> u32 {
        let of_samples = self.sampler.as_ref().map_or(u32::MAX, Sampler::max_steps);
        self.sums.as_ref().map_or(u32::MAX, StateSums::max_steps).min(of_samples)
    }

    /// Begins to read what is taken of `steps` steps after `done` ones, which have been submitted.
    pub fn begin_reading(&self, buffers: &Buffers, turn: usize, done: u32, steps: u32) -> TakenInFlight {
        let reading = |steps: Vec<u32>, role| {
            let from = (!steps.is_empty()).then(|| Mapping::begin(buffers.common(role)));
            Reading { steps, from }
        };
        let (first, last) = (done + 1, done + steps);
        TakenInFlight {
            samples: reading(self.probe.steps_within(first, last), SAMPLES[turn]),
            sums: reading(self.probe.sum_steps_within(first, last), SUMS[turn]),
        }
    }

    /// What was taken of a batch that has been waited for.
    pub fn read(&self, taken: TakenInFlight) -> Result<Taken, GpuError> {
        let TakenInFlight { samples, sums } = taken;
        let mut read = Taken { steps: samples.steps, sum_steps: sums.steps, ..Taken::default() };
        if let (Some(sampler), Some(mapping)) = (&self.sampler, samples.from) {
            read.states = sampler.read(mapping, read.steps.len())?;
        }
        if let (Some(state_sums), Some(mapping)) = (&self.sums, sums.from) {
            read.sums = state_sums.read(mapping, read.sum_steps.len())?;
        }
        Ok(read)
    }
}

impl Taking<'_> {
    /// The first step after `done` ones that something is taken after.
    pub fn next_step(&self, done: u32) -> u32 {
        let probe = &self.probing.probe;
        let next = |interval: u32| (done + 1).next_multiple_of(interval);
        let samples = self.probing.sampler.as_ref().map_or(u32::MAX, |_| next(probe.interval_steps()));
        self.probing.sums.as_ref().map_or(u32::MAX, |_| next(probe.sum_interval_steps())).min(samples)
    }

    /// Records what is taken after `step`, if anything is.
    pub fn record(&self, encoder: &mut wgpu::CommandEncoder, step: u32) {
        let Self { probing: Probing { probe, sampler, sums }, buffers, turn, done } = *self;
        // Multiples of an interval in the batch before this one.
        let index = |interval: u32| step / interval - done / interval - 1;
        if let Some(sampler) = sampler.as_ref().filter(|_| probe.samples_after(step)) {
            sampler.record(encoder, buffers, SAMPLES[turn], index(probe.interval_steps()));
        }
        if let Some(sums) = sums.as_ref().filter(|_| probe.sums_after(step)) {
            sums.record(encoder, buffers, SUMS[turn], index(probe.sum_interval_steps()));
        }
    }
}
