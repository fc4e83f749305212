//! Bind groups: which buffers a dispatch sees.

use super::BufferRole;
use super::buffers::Buffers;
use super::device::Device;

/// Makes bind groups.
pub struct BindGroups<'a> {
    pub device: &'a Device,
    pub buffers: &'a Buffers,
    /// Shard whose buffers are bound, where shards have their own.
    pub shard: usize,
}

const CLOCKS: [BufferRole; 2] = [BufferRole::ClockEven, BufferRole::ClockOdd];

impl BindGroups<'_> {
    /// A bind group of the buffers of `roles`, in the order of their bindings.
    fn one(&self, pipeline: &wgpu::ComputePipeline, roles: &[BufferRole]) -> wgpu::BindGroup {
        let buffers = roles.iter().map(|&role| self.buffers.find(role, self.shard));
        let entries: Vec<_> = (0..)
            .zip(buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
            .collect();
        let layout = pipeline.get_bind_group_layout(0);
        let descriptor = wgpu::BindGroupDescriptor { label: None, layout: &layout, entries: &entries };
        self.device.device.create_bind_group(&descriptor)
    }

    /// One for each parity of the number of steps done.
    fn pair<const N: usize>(
        &self,
        pipeline: &wgpu::ComputePipeline,
        roles: impl Fn(usize) -> [BufferRole; N],
    ) -> [wgpu::BindGroup; 2] {
        [0, 1].map(|parity| self.one(pipeline, &roles(parity)))
    }

    pub fn drive(&self, pipeline: &wgpu::ComputePipeline) -> [wgpu::BindGroup; 2] {
        use BufferRole::*;
        self.pair(pipeline, |parity| [Shard, CLOCKS[parity], Inputs, DriveThresholds, Ring])
    }

    pub fn update(&self, pipeline: &wgpu::ComputePipeline) -> [wgpu::BindGroup; 2] {
        use BufferRole::*;
        self.pair(pipeline, |parity| {
            [Shard, CLOCKS[parity], States, Inputs, Classes, Ring, Batch, Spikes, DriveThresholds]
        })
    }

    pub fn deliver(&self, pipeline: &wgpu::ComputePipeline) -> [wgpu::BindGroup; 2] {
        use BufferRole::*;
        self.pair(pipeline, |parity| {
            [Shard, CLOCKS[parity], CLOCKS[1 - parity], Batch, Spikes, RowStarts, Synapses, Ring, Tags]
        })
    }

    pub fn append_history(&self, pipeline: &wgpu::ComputePipeline) -> [wgpu::BindGroup; 2] {
        use BufferRole::*;
        self.pair(pipeline, |parity| {
            [CLOCKS[parity], CLOCKS[1 - parity], Batch, Spikes, HistoryEnds, Visit, History]
        })
    }

    pub fn deliver_drawn(&self, pipeline: &wgpu::ComputePipeline) -> wgpu::BindGroup {
        use BufferRole::*;
        self.one(pipeline, &[Shard, Visit, History, Sources, RowParts, Projections, Factors, RowCounts, Ring])
    }

    /// At the start of a block, after an even number of steps.
    pub fn inject(&self, pipeline: &wgpu::ComputePipeline) -> wgpu::BindGroup {
        use BufferRole::*;
        self.one(pipeline, &[Shard, CLOCKS[0], Injection, Ring])
    }

    pub fn row_counts(&self, pipeline: &wgpu::ComputePipeline) -> wgpu::BindGroup {
        use BufferRole::*;
        self.one(pipeline, &[Blocks, SourceDraws, RowCounts, TooLong])
    }
}
