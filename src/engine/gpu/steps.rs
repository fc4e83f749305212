//! Records the commands of steps.

use super::buffers::Buffers;
use super::clock::{GpuStage, StageClock};
use super::device::Device;
use super::layout::lanes;
use super::pipelines::{Pipelines, Workgroups};
use super::{BufferRole, NetworkSizes};
use crate::integer::{BLOCK_STEPS, IntegerNetwork};
use crate::synapses::CsrStore;

/// What is needed to record any step.
#[derive(Debug)]
pub struct Steps {
    pipelines: Pipelines,
    shards: Vec<ShardSteps>,
}

/// The part of a shard. Bind groups come in pairs: for an even and an odd number of steps done.
#[derive(Debug)]
struct ShardSteps {
    drive: Option<[wgpu::BindGroup; 2]>,
    update: [wgpu::BindGroup; 2],
    deliver: [wgpu::BindGroup; 2],
    drive_groups: u32,
    update_groups: u32,
    deliver_groups: [u32; 2],
    ring: wgpu::Buffer,
    slots: u32,
    slot_bytes: u64,
}

/// Neurons for which one workgroup takes the spikes of a step.
const NEURONS_PER_SPIKE_GROUP: u32 = 256;
/// Synapses of a row that an invocation delivers one after the other before rows are split.
const SYNAPSES_PER_INVOCATION: u64 = 16;
/// Parts into which rows are split, at most.
const ROW_PARTS: u64 = 64;

impl Steps {
    /// Binds `buffers` to `pipelines`.
    pub fn new(
        device: &Device,
        pipelines: Pipelines,
        buffers: &Buffers,
        network: &IntegerNetwork,
        store: &CsrStore,
        sizes: &NetworkSizes,
        workgroups: Workgroups,
    ) -> Self {
        let spike_groups = sizes.neurons.div_ceil(NEURONS_PER_SPIKE_GROUP).clamp(1, workgroups.spikes);
        let shards = store.shards.iter().zip(&sizes.shards).enumerate().map(|(index, (shard, size))| {
            let groups = BindGroups { device, buffers, shard: index };
            let populations = &network.populations[shard.shard.populations.clone()];
            let is_driven = populations.iter().any(|p| !p.drive.block_thresholds().is_empty());
            let row = size.synapses / u64::from(sizes.neurons.max(1));
            let parts = row.div_ceil(SYNAPSES_PER_INVOCATION * u64::from(workgroups.delivery));
            let lanes = lanes(size.neurons);
            ShardSteps {
                drive: is_driven.then(|| groups.drive(&pipelines.drive)),
                update: groups.update(&pipelines.update),
                deliver: groups.deliver(&pipelines.deliver),
                drive_groups: size.neurons.div_ceil(workgroups.neurons),
                update_groups: lanes.div_ceil(workgroups.neurons),
                deliver_groups: [spike_groups, parts.clamp(1, ROW_PARTS) as u32],
                ring: buffers.of_shard(BufferRole::Ring, index).clone(),
                slots: size.slots(),
                slot_bytes: u64::from(sizes.currents) * u64::from(lanes) * 16,
            }
        });
        let shards = shards.collect();
        Self { pipelines, shards }
    }

    /// Records `steps` steps after `done` ones, with timestamps where there is a clock.
    pub fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        done: u32,
        steps: u32,
        mut clock: Option<&mut StageClock>,
    ) {
        let mut from = done;
        while from < done + steps {
            let to = (from + 1).next_multiple_of(BLOCK_STEPS).min(done + steps);
            let is_block_start = from.is_multiple_of(BLOCK_STEPS);
            if is_block_start {
                self.clear_slots(encoder, from);
            }
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            mark(&mut clock, &mut pass, GpuStage::Clear);
            if is_block_start {
                self.record_drive(&mut pass, from);
                mark(&mut clock, &mut pass, GpuStage::Drive);
            }
            for step in from..to {
                self.record_step(&mut pass, step, &mut clock);
            }
            from = to;
        }
    }

    /// Clears the slots of the block of steps that ended with `done`: nothing has been delivered
    /// to their next turn yet, because a ring holds a block more than its longest delay.
    fn clear_slots(&self, encoder: &mut wgpu::CommandEncoder, done: u32) {
        if done == 0 {
            return;
        }
        for shard in self.shards.iter().filter(|s| s.slot_bytes > 0) {
            let first = (done + 1 - BLOCK_STEPS) % shard.slots;
            let until_end = BLOCK_STEPS.min(shard.slots - first);
            let mut clear = |slot: u32, slots: u32| {
                let bytes = u64::from(slots) * shard.slot_bytes;
                encoder.clear_buffer(&shard.ring, u64::from(slot) * shard.slot_bytes, Some(bytes));
            };
            clear(first, until_end);
            if until_end < BLOCK_STEPS {
                clear(0, BLOCK_STEPS - until_end);
            }
        }
    }

    fn record_drive(&self, pass: &mut wgpu::ComputePass<'_>, done: u32) {
        pass.set_pipeline(&self.pipelines.drive);
        for shard in &self.shards {
            if let Some(groups) = &shard.drive {
                pass.set_bind_group(0, &groups[(done % 2) as usize], &[]);
                pass.dispatch_workgroups(shard.drive_groups, 1, 1);
            }
        }
    }

    fn record_step(&self, pass: &mut wgpu::ComputePass<'_>, done: u32, clock: &mut Option<&mut StageClock>) {
        let parity = (done % 2) as usize;
        pass.set_pipeline(&self.pipelines.update);
        for shard in &self.shards {
            pass.set_bind_group(0, &shard.update[parity], &[]);
            pass.dispatch_workgroups(shard.update_groups, 1, 1);
        }
        mark(clock, pass, GpuStage::Update);
        pass.set_pipeline(&self.pipelines.deliver);
        for shard in &self.shards {
            pass.set_bind_group(0, &shard.deliver[parity], &[]);
            pass.dispatch_workgroups(shard.deliver_groups[0], shard.deliver_groups[1], 1);
        }
        mark(clock, pass, GpuStage::Deliver);
    }
}

/// Records that `stage` ends here, where someone asks for it.
fn mark(clock: &mut Option<&mut StageClock>, pass: &mut wgpu::ComputePass<'_>, stage: GpuStage) {
    if let Some(clock) = clock {
        clock.mark(pass, stage);
    }
}

/// Makes the bind groups of a shard.
struct BindGroups<'a> {
    device: &'a Device,
    buffers: &'a Buffers,
    shard: usize,
}

const CLOCKS: [BufferRole; 2] = [BufferRole::ClockEven, BufferRole::ClockOdd];

impl BindGroups<'_> {
    /// A pair of bind groups whose buffers, in the order of their bindings, are those of `roles`
    /// for each parity of the number of steps done.
    fn pair<const N: usize>(
        &self,
        pipeline: &wgpu::ComputePipeline,
        roles: impl Fn(usize) -> [BufferRole; N],
    ) -> [wgpu::BindGroup; 2] {
        let layout = pipeline.get_bind_group_layout(0);
        [0, 1].map(|parity| {
            let buffers = roles(parity).map(|role| self.buffer(role));
            let entries: Vec<_> = (0..)
                .zip(buffers)
                .map(|(binding, buffer)| wgpu::BindGroupEntry {
                    binding,
                    resource: buffer.as_entire_binding(),
                })
                .collect();
            let descriptor = wgpu::BindGroupDescriptor { label: None, layout: &layout, entries: &entries };
            self.device.device.create_bind_group(&descriptor)
        })
    }

    fn buffer(&self, role: BufferRole) -> &wgpu::Buffer {
        self.buffers.find(role, self.shard)
    }

    fn drive(&self, pipeline: &wgpu::ComputePipeline) -> [wgpu::BindGroup; 2] {
        use BufferRole::*;
        self.pair(pipeline, |parity| {
            [Shard, CLOCKS[parity], Populations, ThresholdRanges, DriveThresholds, DriveWeights, Ring]
        })
    }

    fn update(&self, pipeline: &wgpu::ComputePipeline) -> [wgpu::BindGroup; 2] {
        use BufferRole::*;
        self.pair(pipeline, |parity| {
            [
                Shard,
                CLOCKS[parity],
                States,
                Inputs,
                Classes,
                Ring,
                Batch,
                Spikes,
                Populations,
                ThresholdRanges,
                DriveThresholds,
                DriveWeights,
            ]
        })
    }

    fn deliver(&self, pipeline: &wgpu::ComputePipeline) -> [wgpu::BindGroup; 2] {
        use BufferRole::*;
        self.pair(pipeline, |parity| {
            [Shard, CLOCKS[parity], CLOCKS[1 - parity], Batch, Spikes, RowStarts, Synapses, Ring]
        })
    }
}
