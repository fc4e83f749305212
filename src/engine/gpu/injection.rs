//! Arrivals from outside: uploaded a list at a time, and added to the rings before a block of steps.

use super::buffers::Buffers;
use super::device::Device;
use super::kernels::INJECT;
use super::layout::InjectionHeader;
use super::pipelines::Pipeline;
use super::steps::Steps;
use super::{BufferRole, GpuError};
use crate::engine::fixed_point::Arrival;

/// Arrivals that wait for their block, and what adds them.
#[derive(Debug)]
pub struct Injection {
    pipeline: Pipeline,
    /// A group for each shard.
    groups: Vec<wgpu::BindGroup>,
    /// Invocations of a workgroup.
    workgroup: u32,
    waiting: Vec<Arrival>,
}

impl Injection {
    /// For a device with `n_shards` shards, whose shaders have these constants.
    pub fn new(
        device: &Device,
        buffers: &Buffers,
        n_shards: usize,
        constants: &[(&str, f64)],
        workgroup: u32,
    ) -> Self {
        let pipeline = Pipeline::new(device, &INJECT, constants);
        // At the start of a block an even number of steps is done.
        let group = |shard| pipeline.bind(&device.device, buffers, shard, 0);
        let groups = (0..n_shards).map(group).collect();
        Self { pipeline, groups, workgroup, waiting: Vec::new() }
    }

    /// Keeps arrivals of the block that starts next.
    pub fn add(&mut self, arrivals: &[Arrival]) {
        self.waiting.extend_from_slice(arrivals);
    }

    /// Submits what waits, after `done` steps; returns whether there was anything, and the slots of
    /// steps done are cleared with it.
    pub fn submit(
        &mut self,
        device: &Device,
        buffers: &Buffers,
        steps: &Steps,
        done: u32,
    ) -> Result<bool, GpuError> {
        let waiting = std::mem::take(&mut self.waiting);
        let buffer = buffers.common(BufferRole::Injection);
        let header_bytes = size_of::<InjectionHeader>() as u64;
        let most = (buffer.size() - header_bytes) as usize / size_of::<Arrival>();
        for (part, arrivals) in waiting.chunks(most.max(1)).enumerate() {
            let header = InjectionHeader { count: arrivals.len() as u32 };
            device.queue.write_buffer(buffer, 0, bytemuck::bytes_of(&header));
            device.queue.write_buffer(buffer, header_bytes, bytemuck::cast_slice(arrivals));
            let mut encoder = device.device.create_command_encoder(&Default::default());
            if part == 0 {
                steps.begin_block(&mut encoder, done);
            }
            self.record(&mut encoder, header.count);
            device.queue.submit([encoder.finish()]);
        }
        device.check()?;
        Ok(!waiting.is_empty())
    }

    fn record(&self, encoder: &mut wgpu::CommandEncoder, count: u32) {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&self.pipeline.compute);
        for group in &self.groups {
            pass.set_bind_group(0, group, &[]);
            pass.dispatch_workgroups(count.div_ceil(self.workgroup), 1, 1);
        }
    }
}
