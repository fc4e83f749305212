//! Row counts of procedural synapses, made on the device.

use super::buffers::{Buffers, write_in_parts};
use super::device::Device;
use super::kernels::ROW_COUNTS;
use super::layout::Blocks;
use super::pipelines::Pipeline;
use super::procedural::ProceduralTables;
use super::rows::ShardRows;
use super::{BufferRole, GpuError};
use crate::engine::fixed_point::IntegerNetwork;
use crate::engine::rng::Bulk;
use crate::engine::synapses::{ProceduralError, Synapses, row_counts};
use crate::progress::Interruption;

/// Blocks of draws in a submission: 67 million draws, so that no driver takes them for an endless loop.
const BLOCKS_PER_SUBMISSION: u32 = 1 << 14;
/// What the device reports where every row fits its count.
const NONE_TOO_LONG: u32 = u32::MAX;

/// Counts the rows of all shards.
///
/// # Errors
/// A row too long for its count, a device that failed, or someone who asks to stop.
pub fn count_rows(
    device: &Device,
    buffers: &Buffers,
    network: &IntegerNetwork,
    shards: &[ShardRows<'_>],
    constants: &[(&str, f64)],
    interruption: &Interruption,
) -> Result<(), GpuError> {
    let pipeline = Pipeline::new(device, &ROW_COUNTS, constants);
    for (shard, rows) in shards.iter().enumerate() {
        let Synapses::Procedural(tables) = &rows.rows else { continue };
        device.queue.write_buffer(buffers.common(BufferRole::TooLong), 0, bytemuck::bytes_of(&NONE_TOO_LONG));
        let group = pipeline.bind(&device.device, buffers, shard, 0);
        for first in (0..tables.n_blocks).step_by(BLOCKS_PER_SUBMISSION as usize) {
            interruption.check().map_err(ProceduralError::from)?;
            let blocks = BLOCKS_PER_SUBMISSION.min(tables.n_blocks - first);
            count_blocks(device, buffers, &pipeline.compute, &group, first, blocks)?;
        }
        check_lengths(device, buffers, network, tables)?;
        if network.has_exact_in_degrees() {
            write_starts(device, buffers.of_shard(BufferRole::RowCounts, shard), tables)?;
        }
    }
    Ok(())
}

fn count_blocks(
    device: &Device,
    buffers: &Buffers,
    pipeline: &wgpu::ComputePipeline,
    group: &wgpu::BindGroup,
    first: u32,
    blocks: u32,
) -> Result<(), GpuError> {
    let target = buffers.common(BufferRole::Blocks);
    device.queue.write_buffer(target, 0, bytemuck::bytes_of(&Blocks { first }));
    let mut encoder = device.device.create_command_encoder(&Default::default());
    {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, group, &[]);
        pass.dispatch_workgroups(blocks, 1, 1);
    }
    let submission = device.queue.submit([encoder.finish()]);
    device.wait(Some(submission))
}

/// Writes how many synapses a projection has before each of its rows behind the counts.
fn write_starts(device: &Device, buffer: &wgpu::Buffer, tables: &ProceduralTables) -> Result<(), GpuError> {
    let counts = device.read(buffer)?;
    let count = |row: usize| (counts[row / 2] as u32 >> (16 * (row % 2))) & 0xffff;
    let mut starts = vec![0u32; tables.n_rows as usize];
    for draws in &tables.draws {
        let rows = (0..draws.sources).map(|source| (draws.first_row + source * draws.rows) as usize);
        rows.fold(0, |sum: u32, row| {
            starts[row] = sum;
            sum + count(row)
        });
    }
    let offset = 4 * tables.n_rows.div_ceil(2);
    write_in_parts(device, buffer, offset, bytemuck::cast_slice(&starts))
}

fn check_lengths(
    device: &Device,
    buffers: &Buffers,
    network: &IntegerNetwork,
    tables: &ProceduralTables,
) -> Result<(), GpuError> {
    let too_long = device.read(buffers.common(BufferRole::TooLong))?[0] as u32;
    let Some(&index) = tables.indices.get(too_long as usize) else { return Ok(()) };
    let projection = &network.projections[index];
    let name = |population: usize| network.populations[population].name.clone();
    let sources = network.populations[projection.source].neurons;
    let longest = row_counts(projection, sources, Bulk::widest()).into_iter().max();
    Err(GpuError::Synapses(ProceduralError::RowTooLong {
        source_population: name(projection.source),
        target_population: name(projection.target),
        synapses: longest.unwrap_or(0),
    }))
}
