//! Sums of the states of populations, made by the device between steps and copied to where the host reads them with
//! the spikes.

use super::buffers::{Buffers, write_in_parts};
use super::device::{Device, Mapping};
use super::kernels::SUM_STATES;
use super::layout::SumPart;
use super::pipelines::Pipeline;
use super::plan::PlannedBuffer;
use super::roles::SUMS;
use super::sampler::SAMPLES_BYTES;
use super::{BufferRole, GpuError, NetworkSizes};
use crate::engine::fixed_point::{IntegerNetwork, NeuronClass};
use crate::engine::{Probe, StateSum};

/// Neurons of a part, at most: some turns of a workgroup.
const PART_NEURONS: u32 = 1024;
/// Most workgroups of a dispatch, which every adapter allows.
const MAX_GROUPS: usize = 65_535;
/// Potential and two currents.
const QUANTITIES: usize = 3;
/// Bytes of the sums of a population.
const SUM_BYTES: u64 = (QUANTITIES * size_of::<[u32; 2]>()) as u64;

/// What is summed, before there are buffers for it.
#[derive(Debug)]
pub struct SumPlan {
    /// Parts of populations, of each shard.
    parts: Vec<Vec<SumPart>>,
    populations: usize,
    interval_steps: u32,
}

/// Makes sums.
#[derive(Debug)]
pub struct StateSums {
    plan: SumPlan,
    pipeline: Pipeline,
    /// Of each shard that has a part: its buffers, and how many workgroups there are.
    shards: Vec<(wgpu::BindGroup, u32)>,
}

impl SumPlan {
    /// The sums that `probe` asks for; `None` if it asks for none.
    pub fn new(probe: &Probe, network: &IntegerNetwork, sizes: &NetworkSizes) -> Option<Self> {
        let populations = probe.populations();
        let mut parts = vec![Vec::new(); sizes.shards.len()];
        for (place, &index) in (0..).zip(populations) {
            let shard = sizes.shards.iter().position(|size| size.shard.populations.contains(&index));
            let population = &network.populations[index];
            let (Some(shard), Some(class)) = (shard, network.classes.get(population.class)) else { continue };
            let first = population.first_neuron - sizes.shards[shard].shard.first_neuron;
            parts[shard].extend(parts_of(first..first + population.neurons, place, class));
        }
        let interval_steps = probe.sum_interval_steps();
        let plan = Self { parts, populations: populations.len(), interval_steps };
        (!populations.is_empty()).then_some(plan)
    }

    /// The buffers to allocate for batches of at most `batch_steps` steps.
    pub fn buffers(&self, batch_steps: u32) -> Vec<PlannedBuffer> {
        let sets = batch_steps.div_ceil(self.interval_steps).clamp(1, self.max_sets());
        let planned = |role, shard, bytes| PlannedBuffer { role, shard, bytes };
        let parts =
            self.parts.iter().enumerate().filter(|(_, parts)| !parts.is_empty()).map(|(shard, parts)| {
                planned(BufferRole::SumParts, Some(shard), size_of_val(parts.as_slice()) as u64)
            });
        let read_back = SUMS.map(|role| planned(role, None, u64::from(sets) * self.set_bytes()));
        parts.chain([planned(BufferRole::Sums, None, self.set_bytes())]).chain(read_back).collect()
    }

    /// Most steps of a batch.
    pub fn max_steps(&self) -> u32 {
        self.max_sets().saturating_mul(self.interval_steps)
    }

    fn max_sets(&self) -> u32 {
        (SAMPLES_BYTES / self.set_bytes()).clamp(1, 1 << 20) as u32
    }

    /// Bytes of the sums of all populations after a step.
    fn set_bytes(&self) -> u64 {
        SUM_BYTES * self.populations as u64
    }
}

/// Parts of a population whose neurons lie there in their shard.
fn parts_of(
    neurons: std::ops::Range<u32>,
    population: u32,
    class: &NeuronClass,
) -> impl Iterator<Item = SumPart> {
    let (end, v_reset) = (neurons.end, class.v_reset);
    neurons.step_by(PART_NEURONS as usize).map(move |first| SumPart {
        first,
        end: end.min(first + PART_NEURONS),
        population,
        v_reset,
    })
}

impl StateSums {
    /// Sums of `plan`, whose buffers are among `buffers`; `constants` are those of all shaders.
    pub fn new(
        plan: SumPlan,
        device: &Device,
        buffers: &Buffers,
        constants: &[(&str, f64)],
    ) -> Result<Self, GpuError> {
        let pipeline = Pipeline::new(device, &SUM_STATES, constants);
        let mut shards = Vec::new();
        for (shard, parts) in plan.parts.iter().enumerate().filter(|(_, parts)| !parts.is_empty()) {
            let buffer = buffers.of_shard(BufferRole::SumParts, shard);
            write_in_parts(device, buffer, 0, bytemuck::cast_slice(parts))?;
            let group = pipeline.bind(&device.device, buffers, shard, 0);
            shards.push((group, parts.len().min(MAX_GROUPS) as u32));
        }
        Ok(Self { plan, pipeline, shards })
    }

    /// Most steps of a batch.
    pub fn max_steps(&self) -> u32 {
        self.plan.max_steps()
    }

    /// Records that sums are made, and copied to place `index` of a batch.
    pub fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        buffers: &Buffers,
        target: BufferRole,
        index: u32,
    ) {
        let sums = buffers.common(BufferRole::Sums);
        encoder.clear_buffer(sums, 0, None);
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&self.pipeline.compute);
        for (group, workgroups) in &self.shards {
            pass.set_bind_group(0, group, &[]);
            pass.dispatch_workgroups(*workgroups, 1, 1);
        }
        drop(pass);
        let bytes = self.plan.set_bytes();
        encoder.copy_buffer_to_buffer(sums, 0, buffers.common(target), u64::from(index) * bytes, bytes);
    }

    /// Reads the sums after `n` steps of a batch that has been waited for.
    pub fn read(&self, mapping: Mapping, n: usize) -> Result<Vec<StateSum>, GpuError> {
        mapping.read(|bytes| {
            let words: &[[u32; 2]] = bytemuck::cast_slice(bytes);
            let of_populations = words.chunks_exact(QUANTITIES).take(n * self.plan.populations);
            of_populations.map(state_sum).collect()
        })
    }
}

/// The sums of a population from words, the lower one first.
fn state_sum(words: &[[u32; 2]]) -> StateSum {
    let sum = |[low, high]: [u32; 2]| (u64::from(high) << u32::BITS | u64::from(low)) as i64;
    StateSum { v_m: sum(words[0]), current: [sum(words[1]), sum(words[2])] }
}
