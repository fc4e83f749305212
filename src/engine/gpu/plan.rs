//! The memory plan: every buffer with its bytes, from sizes alone.
//!
//! [`memory_plan`](super::memory_plan) is what `check` prints before anything is built and what
//! [`GpuEngine`](super::GpuEngine) allocates.

use super::layout::{
    BatchHeader, Blocks, Clock, InjectionHeader, NEURONS_PER_LANE, PastSpike, Projection, RowPart, Shard,
    SourceDraws, SourcePopulation, StepCount, Thresholds, Visit, lanes,
};
use super::sizes::RowSizes;
use super::{AdapterLimits, BufferRole, DelayWindow, GpuError, NetworkSizes, ShardSizes};
use crate::engine::fixed_point::{Arrival, BLOCK_STEPS, NeuronClass, TABLE_BITS};
use crate::engine::synapses::StoredSynapse;

/// How the engine uses its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GpuOptions {
    /// Steps computed between two visits of the host; `None` takes [`DEFAULT_BATCH_STEPS`].
    pub batch_steps: Option<u32>,
    /// Most bytes for the spikes of a batch. Where the most spikes that can be do not fit, a
    /// batch with more than fit stops the run.
    pub spike_buffer_bytes: u64,
    /// Memory of the device to plan with, bytes: the window of procedural synapses is as long as it
    /// allows.
    pub memory_bytes: u64,
    /// Steps of that window, rounded up to whole blocks; `None` takes the longest that the memory
    /// allows, and that is of use.
    pub window_steps: Option<u32>,
    /// Spikes that the history of procedural synapses holds at least; `None` takes the most there can
    /// be in reach, or, where they are more, a hundredth of the memory.
    pub history_spikes: Option<u32>,
}

impl Default for GpuOptions {
    fn default() -> Self {
        Self {
            batch_steps: None,
            spike_buffer_bytes: 64 << 20,
            memory_bytes: 12 << 30,
            window_steps: None,
            history_spikes: None,
        }
    }
}

/// Steps of a batch where nothing else is asked for: long enough that the host's visit costs
/// nothing, short enough that progress shows.
pub const DEFAULT_BATCH_STEPS: u32 = 512;

/// A buffer of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedBuffer {
    /// What it is for.
    pub role: BufferRole,
    /// Shard it belongs to, if it belongs to one.
    pub shard: Option<usize>,
    /// Its size.
    pub bytes: u64,
}

/// Every buffer of the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevicePlan {
    /// The buffers: first those of each shard, then the common ones.
    pub buffers: Vec<PlannedBuffer>,
    /// Steps of a batch.
    pub batch_steps: u32,
    /// Spikes that the buffer of a batch holds.
    pub spike_capacity: u32,
    /// How delays are kept where synapses are procedural.
    pub window: Option<DelayWindow>,
}

/// Size of a buffer for nothing: that of the largest struct it may stand for. Others have no more than
/// they hold, because shaders take an array's length from the buffer.
const MIN_BYTES: u64 = size_of::<Projection>() as u64;

/// Most arrivals from outside that are uploaded at once, and in smaller networks one a neuron; more are
/// uploaded in parts.
const MAX_INJECTED: u32 = 1 << 14;

/// Bytes that 32-bit indices of 32-bit words reach.
const INDEXED_BYTES: u64 = 4 << 32;

/// The plan with that window, where synapses are procedural.
pub(super) fn plan_with(
    sizes: &NetworkSizes,
    options: &GpuOptions,
    window: Option<DelayWindow>,
) -> DevicePlan {
    let batch_steps = options.batch_steps.unwrap_or(DEFAULT_BATCH_STEPS).max(1);
    let spikes = sizes.max_spikes(batch_steps).min(options.spike_buffer_bytes / 4).min(u64::from(u32::MAX));
    let spikes_bytes = (4 * spikes).max(MIN_BYTES);
    let batch_bytes = (size_of::<BatchHeader>() + size_of::<StepCount>() * batch_steps as usize) as u64;
    let batch_bytes = batch_bytes.max(MIN_BYTES);
    let read_back_bytes = batch_bytes + spikes_bytes;

    let injected = u64::from(sizes.neurons.clamp(1, MAX_INJECTED));
    let injection_bytes = size_of::<InjectionHeader>() as u64 + injected * size_of::<Arrival>() as u64;

    let of_shards = sizes.shards.iter().enumerate().flat_map(|(shard, s)| {
        let buffers = neuron_buffers(sizes, s).into_iter().chain(row_buffers(sizes, s, window));
        buffers.map(move |(role, bytes)| PlannedBuffer { role, shard: Some(shard), bytes })
    });
    let common = [
        (BufferRole::Classes, size_of::<NeuronClass>() as u64 * u64::from(sizes.classes)),
        (
            BufferRole::DriveThresholds,
            size_of::<Thresholds>() as u64 * u64::from(sizes.populations) + 4 * sizes.drive_thresholds,
        ),
        (BufferRole::Injection, injection_bytes),
        (BufferRole::Batch, batch_bytes),
        (BufferRole::Spikes, spikes_bytes),
        (BufferRole::ReadBackEven, read_back_bytes),
        (BufferRole::ReadBackOdd, read_back_bytes),
    ];
    let common = common.into_iter().chain(window_buffers(sizes, window));
    let common = common.map(|(role, bytes)| PlannedBuffer { role, shard: None, bytes });
    let mut buffers: Vec<PlannedBuffer> = of_shards.chain(common).collect();
    buffers.iter_mut().filter(|b| b.bytes == 0).for_each(|b| b.bytes = MIN_BYTES);
    DevicePlan { buffers, batch_steps, spike_capacity: spikes as u32, window }
}

/// What the neurons of a shard take.
fn neuron_buffers(sizes: &NetworkSizes, shard: &ShardSizes) -> [(BufferRole, u64); 3] {
    let inputs = if sizes.classes > 1 { 4 } else { 3 };
    [
        (BufferRole::Shard, size_of::<Shard>() as u64),
        (BufferRole::States, (1 + u64::from(sizes.currents)) * padded_bytes(shard)),
        (BufferRole::Inputs, inputs * padded_bytes(shard)),
    ]
}

/// Bytes of a word for each neuron of a shard, padded to lanes.
fn padded_bytes(shard: &ShardSizes) -> u64 {
    4 * u64::from(lanes(shard.neurons) * NEURONS_PER_LANE)
}

/// What leads to the neurons of a shard, and what arrives at them.
fn row_buffers(
    sizes: &NetworkSizes,
    shard: &ShardSizes,
    window: Option<DelayWindow>,
) -> Vec<(BufferRole, u64)> {
    let slots = shard.slots(window);
    let ring = (BufferRole::Ring, u64::from(slots) * u64::from(sizes.currents) * padded_bytes(shard));
    match shard.rows {
        RowSizes::Stored { synapses, .. } => vec![
            ring,
            (BufferRole::ClockEven, size_of::<Clock>() as u64),
            (BufferRole::ClockOdd, size_of::<Clock>() as u64),
            (BufferRole::RowStarts, 4 * (u64::from(sizes.neurons) + 1)),
            (BufferRole::Synapses, size_of::<StoredSynapse>() as u64 * synapses),
            (BufferRole::Tags, if sizes.has_tags { 4 * synapses } else { 0 }),
        ],
        RowSizes::Procedural { rows, projections, parts } => vec![
            ring,
            (BufferRole::RowCounts, 4 * (rows.div_ceil(2) + if sizes.has_starts { rows } else { 0 })),
            (BufferRole::Sources, size_of::<SourcePopulation>() as u64 * u64::from(sizes.populations)),
            (BufferRole::RowParts, size_of::<RowPart>() as u64 * u64::from(parts)),
            (BufferRole::Projections, size_of::<Projection>() as u64 * u64::from(projections)),
            (BufferRole::SourceDraws, size_of::<SourceDraws>() as u64 * u64::from(projections)),
        ],
    }
}

/// What procedural synapses take that is common to all shards.
fn window_buffers(sizes: &NetworkSizes, window: Option<DelayWindow>) -> Vec<(BufferRole, u64)> {
    let (Some(window), Some(procedural)) = (window, sizes.procedural) else { return Vec::new() };
    vec![
        (BufferRole::ClockEven, size_of::<Clock>() as u64),
        (BufferRole::ClockOdd, size_of::<Clock>() as u64),
        (BufferRole::Factors, u64::from(procedural.tables) * (4 << TABLE_BITS)),
        (BufferRole::History, size_of::<PastSpike>() as u64 * u64::from(window.history_spikes)),
        (BufferRole::HistoryEnds, 4 * (u64::from(window.reach_steps) + 1)),
        (BufferRole::Visit, size_of::<Visit>() as u64),
        (BufferRole::Blocks, size_of::<Blocks>() as u64),
        (BufferRole::TooLong, 4),
    ]
}

impl ShardSizes {
    /// Slots of the ring: those of a window; or, without one, those of the steps still to come and
    /// those of a block of steps that are done, which are cleared together.
    pub(super) fn slots(&self, window: Option<DelayWindow>) -> u32 {
        match (self.rows, window) {
            (RowSizes::Stored { longest_delay, .. }, _) => longest_delay.max(1) + BLOCK_STEPS,
            (RowSizes::Procedural { .. }, window) => window.map_or(BLOCK_STEPS, |w| w.steps),
        }
    }
}

impl DevicePlan {
    /// Bytes of all buffers together, read-back included.
    pub fn device_bytes(&self) -> u64 {
        self.buffers.iter().map(|b| b.bytes).sum()
    }

    /// Bytes of one buffer.
    pub fn bytes(&self, role: BufferRole, shard: Option<usize>) -> u64 {
        self.buffers.iter().find(|b| b.role == role && b.shard == shard).map_or(0, |b| b.bytes)
    }

    /// Bytes of a kind of buffers, all shards together.
    pub fn bytes_of(&self, role: BufferRole) -> u64 {
        self.buffers.iter().filter(|b| b.role == role).map(|b| b.bytes).sum()
    }

    /// Plans `added` in place of buffers for the same.
    pub(super) fn replace(&mut self, added: &[PlannedBuffer]) {
        self.buffers.retain(|b| added.iter().all(|a| (a.role, a.shard) != (b.role, b.shard)));
        self.buffers.extend_from_slice(added);
    }

    /// Whether an adapter's limits allow every buffer.
    ///
    /// # Errors
    /// The first buffer that is too large.
    pub fn check(&self, limits: &AdapterLimits) -> Result<(), GpuError> {
        for &PlannedBuffer { role, shard, bytes } in &self.buffers {
            let limit = match role.is_bound() {
                true => limits.buffer_bytes.min(limits.binding_bytes).min(INDEXED_BYTES),
                false => limits.buffer_bytes,
            };
            if bytes > limit {
                return Err(GpuError::TooLarge {
                    buffer: role.name(),
                    shard,
                    bytes,
                    limit,
                    remedy: role.remedy(),
                });
            }
        }
        Ok(())
    }
}
