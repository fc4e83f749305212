//! Buffers: allocated as the plan says and filled from the network.

use super::device::Device;
use super::layout::{self, BatchHeader, Thresholds, lanes};
use super::procedural::factors;
use super::rows::ShardRows;
use super::{BufferRole, DevicePlan, GpuError, PlannedBuffer};
use crate::engine::fixed_point::{Currents, DriveStreams, IntegerNetwork};
use crate::engine::synapses::{Shard, Synapses};
use std::collections::HashMap;

/// Bytes handed to the device at once; bounds what the host holds twice.
const UPLOAD_BYTES: usize = 64 << 20;

/// All buffers of the engine.
#[derive(Debug)]
pub struct Buffers(HashMap<(BufferRole, Option<usize>), wgpu::Buffer>);

impl Buffers {
    /// Allocates what `plan` says; new buffers hold zeros.
    pub fn allocate(device: &Device, plan: &DevicePlan) -> Result<Self, GpuError> {
        let mut buffers = Self(HashMap::new());
        buffers.add(device, plan, &plan.buffers)?;
        Ok(buffers)
    }

    /// Allocates `added`, which `plan` holds, in place of buffers for the same.
    pub fn add(
        &mut self,
        device: &Device,
        plan: &DevicePlan,
        added: &[PlannedBuffer],
    ) -> Result<(), GpuError> {
        let scope = device.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        for &PlannedBuffer { role, shard, bytes } in added {
            let declaration = role.declaration();
            let buffer = device.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(declaration.name),
                size: bytes,
                usage: declaration.usage,
                mapped_at_creation: false,
            });
            self.0.insert((role, shard), buffer);
        }
        match pollster::block_on(scope.pop()) {
            Some(_) => Err(GpuError::OutOfMemory { bytes: plan.device_bytes() }),
            None => Ok(()),
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
        shards: &[ShardRows<'_>],
        plan: &DevicePlan,
    ) -> Result<(), GpuError> {
        let currents = network.stimuli.currents(0..network.n_neurons());
        for (index, ShardRows { size, rows }) in shards.iter().enumerate() {
            let shard = &size.shard;
            let write = |role, bytes: &[u8]| write_in_parts(device, self.of_shard(role, index), 0, bytes);
            let parameters = shard_parameters(network, shard, size.slots(plan.window));
            write(BufferRole::Shard, bytemuck::bytes_of(&parameters))?;
            write(BufferRole::States, bytemuck::cast_slice(&network.initial_v_m[shard.neuron_range()]))?;
            write(BufferRole::Inputs, bytemuck::cast_slice(&inputs(network, shard)))?;
            if !currents.is_empty() {
                write(BufferRole::Peaks, bytemuck::cast_slice(&peaks(&currents, network, shard)))?;
            }
            match rows {
                Synapses::Stored(csr) => {
                    write(BufferRole::RowStarts, bytemuck::cast_slice(&csr.row_starts))?;
                    write(BufferRole::Synapses, bytemuck::cast_slice(&csr.synapses))?;
                    write(BufferRole::Tags, bytemuck::cast_slice(&csr.tags))?;
                }
                Synapses::Procedural(tables) => {
                    write(BufferRole::Sources, bytemuck::cast_slice(&tables.sources))?;
                    write(BufferRole::RowParts, bytemuck::cast_slice(&tables.parts))?;
                    write(BufferRole::Projections, bytemuck::cast_slice(&tables.projections))?;
                    write(BufferRole::SourceDraws, bytemuck::cast_slice(&tables.draws))?;
                }
            }
        }
        self.fill_common(device, network, plan)
    }

    fn fill_common(
        &self,
        device: &Device,
        network: &IntegerNetwork,
        plan: &DevicePlan,
    ) -> Result<(), GpuError> {
        let write = |role, bytes: &[u8]| write_in_parts(device, self.common(role), 0, bytes);
        write(BufferRole::Classes, bytemuck::cast_slice(&network.classes))?;
        write(BufferRole::DriveThresholds, bytemuck::cast_slice(&drive_thresholds(network)))?;
        if plan.window.is_some() {
            write(BufferRole::Factors, bytemuck::cast_slice(&factors(&network.tables)))?;
        }
        let header = BatchHeader { first_step: 1 };
        write(BufferRole::Batch, bytemuck::bytes_of(&header))
    }
}

/// Writes `bytes` into a buffer from `offset` on.
pub fn write_in_parts(
    device: &Device,
    buffer: &wgpu::Buffer,
    offset: u64,
    bytes: &[u8],
) -> Result<(), GpuError> {
    for (part, chunk) in bytes.chunks(UPLOAD_BYTES).enumerate() {
        device.queue.write_buffer(buffer, offset + (part * UPLOAD_BYTES) as u64, chunk);
        if bytes.len() > UPLOAD_BYTES {
            device.queue.submit([]);
            device.wait(None)?;
        }
    }
    device.check()
}

fn shard_parameters(network: &IntegerNetwork, shard: &Shard, slots: u32) -> layout::Shard {
    layout::Shard {
        neuron_class: network.classes.first().copied().unwrap_or_else(bytemuck::Zeroable::zeroed),
        first_neuron: shard.first_neuron,
        neurons: shard.neurons,
        lanes: lanes(shard.neurons),
        slots,
    }
}

/// Replaces the DC input of a shard's neurons, which is the first plane of a buffer.
pub fn write_dc(device: &Device, buffer: &wgpu::Buffer, dc: &[i32]) -> Result<(), GpuError> {
    write_in_parts(device, buffer, 0, bytemuck::cast_slice(dc))
}

/// What `currents` makes DC inputs of: \[DC, peak of each current from outside\]\[neuron\].
fn peaks(currents: &Currents<'_>, network: &IntegerNetwork, shard: &Shard) -> Vec<i32> {
    let planes = currents.peaks_into(shard.first_neuron, shard.neurons as usize);
    padded(std::iter::once(network.dc[shard.neuron_range()].to_vec()).chain(planes).collect())
}

/// Planes one after the other, each padded to lanes.
fn padded(mut planes: Vec<Vec<i32>>) -> Vec<i32> {
    for plane in &mut planes {
        plane.resize(plane.len().next_multiple_of(layout::NEURONS_PER_LANE as usize), 0);
    }
    planes.concat()
}

/// What the neurons of a shard's lanes receive: \[DC, external weight, population, class\]\[neuron\],
/// classes if there are several.
fn inputs(network: &IntegerNetwork, shard: &Shard) -> Vec<i32> {
    let neurons = shard.neuron_range();
    let populations = shard.populations.clone();
    let population = populations
        .flat_map(|index| std::iter::repeat_n(index as i32, network.populations[index].neurons as usize));
    let population: Vec<i32> = population.collect();
    let class_of =
        |(neuron, &index): (u32, &i32)| network.populations[index as usize].class_of(neuron) as i32;
    let class = (network.classes.len() > 1)
        .then(|| (shard.first_neuron..).zip(&population).map(class_of).collect::<Vec<_>>());
    let (dc, weights) = (network.dc[neurons.clone()].to_vec(), network.drive_weights[neurons].to_vec());
    padded([dc, weights, population].into_iter().chain(class).collect())
}

/// How the external spikes of each population are drawn, then the thresholds.
fn drive_thresholds(network: &IntegerNetwork) -> Vec<u32> {
    let words_of_range = size_of::<Thresholds>() / size_of::<u32>();
    let mut words = vec![0; words_of_range * network.populations.len()];
    for (index, population) in network.populations.iter().enumerate() {
        let (of_blocks, of_steps) = (population.drive.block_thresholds(), population.drive.step_thresholds());
        let DriveStreams { block_key, step_key, before } = population.streams;
        let range = Thresholds {
            start: words.len() as u32,
            of_blocks: of_blocks.len() as u32,
            of_steps: of_steps.len() as u32,
            before,
            block_key,
            step_key,
        };
        words[index * words_of_range..][..words_of_range].copy_from_slice(bytemuck::cast_slice(&[range]));
        words.extend(of_blocks.iter().copied().chain(of_steps.iter().map(|&t| u32::from(t))));
    }
    words
}
