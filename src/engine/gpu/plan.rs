//! The memory plan: every buffer with its bytes, from sizes alone.
//!
//! [`fit`](super::fit) makes it. It is what `check` prints before anything is built and what
//! [`GpuEngine`](super::GpuEngine) allocates.

use super::roles::{MIN_BYTES, Sizing};
use super::workgroups::{MIN_NEURON_WORKGROUP, WorkgroupSizes};
use super::{AdapterLimits, BufferRole, DelayWindow, GpuError, NetworkSizes};

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
    /// Which workgroups shaders have; `None` takes those for the adapter's kind.
    pub workgroups: Option<WorkgroupSizes>,
    /// Spikes that the history of procedural synapses holds at least; `None` takes the most there can
    /// be in reach, or, where they are more, a hundredth of the memory.
    pub history_spikes: Option<u32>,
    /// Whether shaders compute with 64-bit integers where the adapter has them.
    pub int64: bool,
}

impl Default for GpuOptions {
    fn default() -> Self {
        Self {
            batch_steps: None,
            spike_buffer_bytes: 64 << 20,
            memory_bytes: 12 << 30,
            window_steps: None,
            workgroups: None,
            history_spikes: None,
            int64: true,
        }
    }
}

/// Steps of a batch if nothing else is asked for: long enough that the host's visit costs
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
    /// Sizes of the network in shards.
    pub sizes: NetworkSizes,
    /// The buffers: first those of each shard, then the common ones.
    pub buffers: Vec<PlannedBuffer>,
    /// Steps of a batch.
    pub batch_steps: u32,
    /// Spikes that the buffer of a batch holds.
    pub spike_capacity: u32,
    /// How delays are kept if synapses are procedural.
    pub window: Option<DelayWindow>,
    /// Which workgroups shaders have; `None` takes those for the adapter's kind.
    pub workgroups: Option<WorkgroupSizes>,
    /// Whether shaders compute with 64-bit integers where the adapter has them.
    pub int64: bool,
}

/// The plan with that window, if synapses are procedural.
pub(super) fn plan_with(
    sizes: &NetworkSizes,
    options: &GpuOptions,
    window: Option<DelayWindow>,
) -> DevicePlan {
    let batch_steps = options.batch_steps.unwrap_or(DEFAULT_BATCH_STEPS).max(1);
    let spikes = sizes.max_spikes(batch_steps).min(options.spike_buffer_bytes / 4).min(u64::from(u32::MAX));
    let sizing = Sizing { sizes, window, batch_steps, spikes };
    let planned = |role, shard, bytes: u64| {
        // A buffer of no bytes cannot be bound.
        let bytes = if bytes == 0 { MIN_BYTES } else { bytes };
        PlannedBuffer { role, shard, bytes }
    };
    let mut buffers = Vec::new();
    for (index, shard) in sizes.shards.iter().enumerate() {
        buffers.extend(BufferRole::ALL.into_iter().filter_map(|role| {
            Some(planned(role, Some(index), (role.declaration().of_shard)(&sizing, shard)?))
        }));
    }
    buffers.extend(
        BufferRole::ALL
            .into_iter()
            .filter_map(|role| Some(planned(role, None, (role.declaration().common)(&sizing)?))),
    );
    DevicePlan {
        sizes: sizes.clone(),
        buffers,
        batch_steps,
        spike_capacity: spikes as u32,
        window,
        workgroups: options.workgroups,
        int64: options.int64,
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
    /// A shard with too many neurons for a dispatch, or the first buffer that is too large.
    pub fn check(&self, limits: &AdapterLimits) -> Result<(), GpuError> {
        let limit = u64::from(limits.workgroups) * u64::from(MIN_NEURON_WORKGROUP);
        let mut shards = self.sizes.shards.iter().enumerate();
        if let Some((shard, size)) = shards.find(|(_, size)| u64::from(size.shard.neurons) > limit) {
            return Err(GpuError::TooManyNeurons { shard, neurons: size.shard.neurons, limit });
        }
        for &PlannedBuffer { role, shard, bytes } in &self.buffers {
            let limit = match role.is_bound() {
                true => limits.buffer_bytes.min(limits.binding_bytes),
                false => limits.buffer_bytes,
            };
            if bytes > limit {
                return Err(GpuError::TooLarge {
                    buffer: role.name(),
                    shard,
                    bytes,
                    limit,
                    remedy: role.declaration().remedy,
                });
            }
        }
        Ok(())
    }
}
