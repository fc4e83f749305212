//! Buffers: allocated as the plan says and filled from the network.

use super::device::Device;
use super::layout::{BatchHeader, NOTHING_WATCHED, Shard, Thresholds, lanes};
use super::{BufferRole, GpuError, MemoryPlan, NetworkSizes};
use crate::integer::{IntegerNetwork, IntegerPopulation};
use crate::synapses::{CsrShard, CsrStore};
use std::collections::HashMap;
use wgpu::BufferUsages;

/// Bytes handed to the device at once; bounds what the host holds twice.
const UPLOAD_BYTES: usize = 64 << 20;

/// All buffers of the engine.
#[derive(Debug)]
pub struct Buffers(HashMap<(BufferRole, Option<usize>), wgpu::Buffer>);

impl Buffers {
    /// Allocates what `plan` says; new buffers hold zeros.
    pub fn allocate(device: &Device, plan: &MemoryPlan) -> Result<Self, GpuError> {
        let scope = device.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let create = |role: BufferRole, bytes| {
            device.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(role.name()),
                size: bytes,
                usage: usage(role),
                mapped_at_creation: false,
            })
        };
        let buffers = plan.buffers.iter().map(|b| ((b.role, b.shard), create(b.role, b.bytes))).collect();
        match pollster::block_on(scope.pop()) {
            Some(_) => Err(GpuError::OutOfMemory { bytes: plan.device_bytes() }),
            None => Ok(Self(buffers)),
        }
    }

    /// A buffer that all shards share.
    pub fn common(&self, role: BufferRole) -> &wgpu::Buffer {
        &self.0[&(role, None)]
    }

    /// A buffer of a shard.
    pub fn of_shard(&self, role: BufferRole, shard: usize) -> &wgpu::Buffer {
        &self.0[&(role, Some(shard))]
    }

    /// A buffer of `shard`, or the common one where shards have none of their own.
    pub fn find(&self, role: BufferRole, shard: usize) -> &wgpu::Buffer {
        self.0.get(&(role, Some(shard))).unwrap_or_else(|| self.common(role))
    }

    /// Fills the buffers for step 0.
    pub fn fill(
        &self,
        device: &Device,
        network: &IntegerNetwork,
        store: &CsrStore,
        sizes: &NetworkSizes,
    ) -> Result<(), GpuError> {
        for (index, (shard, size)) in store.shards.iter().zip(&sizes.shards).enumerate() {
            let write = |role, bytes: &[u8]| write_in_parts(device, self.of_shard(role, index), bytes);
            write(BufferRole::Shard, bytemuck::bytes_of(&shard_parameters(network, shard, size.slots())))?;
            write(
                BufferRole::States,
                bytemuck::cast_slice(&network.initial_v_m[shard.shard.neuron_range()]),
            )?;
            write(BufferRole::Inputs, bytemuck::cast_slice(&inputs(network, shard)))?;
            let weights = &network.drive_weights[shard.shard.neuron_range()];
            write(BufferRole::DriveWeights, bytemuck::cast_slice(weights))?;
            let populations = per_neuron(network, shard, |index, _| index as u32);
            write(BufferRole::Populations, bytemuck::cast_slice(&populations))?;
            write(BufferRole::RowStarts, bytemuck::cast_slice(&shard.row_starts))?;
            write(BufferRole::Synapses, bytemuck::cast_slice(&shard.synapses))?;
        }
        let (ranges, thresholds) = drive_thresholds(network);
        let write = |role, bytes: &[u8]| write_in_parts(device, self.common(role), bytes);
        write(BufferRole::Classes, bytemuck::cast_slice(&network.classes))?;
        write(BufferRole::ThresholdRanges, bytemuck::cast_slice(&ranges))?;
        write(BufferRole::DriveThresholds, bytemuck::cast_slice(&thresholds))?;
        let header = BatchHeader { first_step: 1, watched: NOTHING_WATCHED };
        write(BufferRole::Batch, bytemuck::bytes_of(&header))
    }
}

fn usage(role: BufferRole) -> BufferUsages {
    match role {
        BufferRole::Shard => BufferUsages::UNIFORM | BufferUsages::COPY_DST,
        BufferRole::ReadBackEven | BufferRole::ReadBackOdd => BufferUsages::MAP_READ | BufferUsages::COPY_DST,
        _ => BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC,
    }
}

fn write_in_parts(device: &Device, buffer: &wgpu::Buffer, bytes: &[u8]) -> Result<(), GpuError> {
    for (part, chunk) in bytes.chunks(UPLOAD_BYTES).enumerate() {
        device.queue.write_buffer(buffer, (part * UPLOAD_BYTES) as u64, chunk);
        if bytes.len() > UPLOAD_BYTES {
            device.queue.submit([]);
            device.wait(None)?;
        }
    }
    device.check()
}

fn shard_parameters(network: &IntegerNetwork, shard: &CsrShard, slots: u32) -> Shard {
    let neurons = shard.shard.neurons;
    Shard {
        neuron_class: network.classes.first().copied().unwrap_or_else(bytemuck::Zeroable::zeroed),
        first_neuron: shard.shard.first_neuron,
        neurons,
        lanes: lanes(neurons),
        slots,
    }
}

/// A value for each neuron of a shard, taken from its population.
fn per_neuron<T: Clone>(
    network: &IntegerNetwork,
    shard: &CsrShard,
    value: impl Fn(usize, &IntegerPopulation) -> T,
) -> Vec<T> {
    let mut values = Vec::with_capacity(shard.shard.neurons as usize);
    for index in shard.shard.populations.clone() {
        let population = &network.populations[index];
        values.resize(values.len() + population.neurons as usize, value(index, population));
    }
    values
}

/// DC inputs of a shard's lanes, and classes where there are several.
fn inputs(network: &IntegerNetwork, shard: &CsrShard) -> Vec<i32> {
    let mut inputs = per_neuron(network, shard, |_, population| population.dc);
    if network.classes.len() > 1 {
        inputs.resize(inputs.len().next_multiple_of(super::layout::NEURONS_PER_LANE as usize), 0);
        inputs.extend(per_neuron(network, shard, |_, population| population.class as i32));
    }
    inputs
}

fn drive_thresholds(network: &IntegerNetwork) -> (Vec<Thresholds>, Vec<u32>) {
    let mut all = Vec::new();
    let ranges = network.populations.iter().map(|population| {
        let (of_blocks, of_steps) = (population.drive.block_thresholds(), population.drive.step_thresholds());
        let range = Thresholds {
            start: all.len() as u32,
            of_blocks: of_blocks.len() as u32,
            of_steps: of_steps.len() as u32,
        };
        all.extend(of_blocks.iter().copied().chain(of_steps.iter().map(|&t| u32::from(t))));
        range
    });
    (ranges.collect(), all)
}
