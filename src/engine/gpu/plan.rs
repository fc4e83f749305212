//! The memory plan: every buffer with its bytes, from sizes alone.
//!
//! [`memory_plan`] is what `check` prints before anything is built and what
//! [`GpuEngine`](super::GpuEngine) allocates.

use super::layout::{BatchHeader, Clock, NEURONS_PER_LANE, Shard, Thresholds, lanes};
use super::sizes::longest_delays;
use super::{AdapterLimits, GpuError, NetworkSizes, ShardSizes};
use crate::integer::{IntegerNetwork, NeuronClass};
use crate::synapses::StoredSynapse;

/// How the engine uses its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GpuOptions {
    /// Steps computed between two visits of the host; `None` takes [`DEFAULT_BATCH_STEPS`].
    pub batch_steps: Option<u32>,
    /// Most bytes for the spikes of a batch. Where the most spikes that can be do not fit, a
    /// batch with more than fit stops the run.
    pub spike_buffer_bytes: u64,
}

impl Default for GpuOptions {
    fn default() -> Self {
        Self { batch_steps: None, spike_buffer_bytes: 64 << 20 }
    }
}

/// Steps of a batch where nothing else is asked for: long enough that the host's visit costs
/// nothing, short enough that progress shows.
pub const DEFAULT_BATCH_STEPS: u32 = 512;

/// What a buffer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BufferRole {
    /// Parameters of a shard.
    Shard,
    /// Potentials and currents.
    States,
    /// DC inputs, and classes where there are several.
    Inputs,
    /// Weights of the external spikes.
    DriveWeights,
    /// Population of each neuron.
    Populations,
    /// Input slots.
    Ring,
    /// Where rows of synapses start.
    RowStarts,
    /// Synapses.
    Synapses,
    /// Neuron parameters.
    Classes,
    /// Where each population's drive thresholds lie.
    ThresholdRanges,
    /// Thresholds of the number of external spikes.
    DriveThresholds,
    /// Where the shard stands when an even number of steps is done.
    ClockEven,
    /// The same for odd numbers.
    ClockOdd,
    /// Counts of a batch.
    Batch,
    /// Spikes of a batch.
    Spikes,
    /// The first of two buffers from which the host reads batches in turn.
    ReadBackEven,
    /// The second.
    ReadBackOdd,
}

impl BufferRole {
    /// Name as shown to the user.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shard => "shard parameters",
            Self::States => "neuron states",
            Self::Inputs => "constant inputs",
            Self::DriveWeights => "external weights",
            Self::Populations => "populations of neurons",
            Self::Ring => "input slots",
            Self::RowStarts => "row starts",
            Self::Synapses => "synapses",
            Self::Classes => "neuron parameters",
            Self::ThresholdRanges => "external threshold ranges",
            Self::DriveThresholds => "external thresholds",
            Self::ClockEven => "clock, even",
            Self::ClockOdd => "clock, odd",
            Self::Batch => "spike counts",
            Self::Spikes => "spikes",
            Self::ReadBackEven => "read-back, even",
            Self::ReadBackOdd => "read-back, odd",
        }
    }

    /// Whether shaders see it, so that the limit of a binding holds for it.
    fn is_bound(self) -> bool {
        !matches!(self, Self::ReadBackEven | Self::ReadBackOdd)
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Batch | Self::Spikes | Self::ReadBackEven | Self::ReadBackOdd => "lower engine.batch_steps",
            Self::RowStarts | Self::Classes | Self::ThresholdRanges | Self::DriveThresholds => {
                "lower scaling.n_scaling, or use --engine cpu"
            }
            _ => "raise engine.shards, lower scaling.n_scaling, or use --engine cpu",
        }
    }
}

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
pub struct MemoryPlan {
    /// The buffers: first those of each shard, then the common ones.
    pub buffers: Vec<PlannedBuffer>,
    /// Steps of a batch.
    pub batch_steps: u32,
    /// Spikes that the buffer of a batch holds.
    pub spike_capacity: u32,
}

/// Smallest size of a buffer: that of the largest struct an empty one stands for.
const LEAST_BYTES: u64 = size_of::<NeuronClass>() as u64;

/// Bytes that 32-bit indices of 32-bit words reach.
const INDEXED_BYTES: u64 = 4 << 32;

/// Plans the buffers of a network.
pub fn memory_plan(sizes: &NetworkSizes, options: &GpuOptions) -> MemoryPlan {
    let batch_steps = options.batch_steps.unwrap_or(DEFAULT_BATCH_STEPS).max(1);
    let spikes = sizes.most_spikes(batch_steps).min(options.spike_buffer_bytes / 4).min(u64::from(u32::MAX));
    let spikes_bytes = (4 * spikes).max(LEAST_BYTES);
    let batch_bytes = (size_of::<BatchHeader>() as u64 + 4 * u64::from(batch_steps)).max(LEAST_BYTES);
    let read_back_bytes = batch_bytes + spikes_bytes;

    let of_shards = sizes.shards.iter().enumerate().flat_map(|(shard, s)| {
        shard_buffers(sizes, s).map(|(role, bytes)| PlannedBuffer { role, shard: Some(shard), bytes })
    });
    let common = [
        (BufferRole::Classes, size_of::<NeuronClass>() as u64 * u64::from(sizes.classes)),
        (BufferRole::ThresholdRanges, size_of::<Thresholds>() as u64 * u64::from(sizes.populations)),
        (BufferRole::DriveThresholds, 4 * sizes.drive_thresholds),
        (BufferRole::Batch, batch_bytes),
        (BufferRole::Spikes, spikes_bytes),
        (BufferRole::ReadBackEven, read_back_bytes),
        (BufferRole::ReadBackOdd, read_back_bytes),
    ];
    let common = common.map(|(role, bytes)| PlannedBuffer { role, shard: None, bytes });
    let mut buffers: Vec<PlannedBuffer> = of_shards.chain(common).collect();
    buffers.iter_mut().for_each(|b| b.bytes = b.bytes.max(LEAST_BYTES));
    MemoryPlan { buffers, batch_steps, spike_capacity: spikes as u32 }
}

fn shard_buffers(sizes: &NetworkSizes, shard: &ShardSizes) -> [(BufferRole, u64); 10] {
    let padded = 4 * u64::from(lanes(shard.neurons) * NEURONS_PER_LANE);
    let neurons = 4 * u64::from(shard.neurons);
    let currents = u64::from(sizes.currents);
    let inputs = if sizes.classes > 1 { 2 } else { 1 };
    [
        (BufferRole::Shard, size_of::<Shard>() as u64),
        (BufferRole::ClockEven, size_of::<Clock>() as u64),
        (BufferRole::ClockOdd, size_of::<Clock>() as u64),
        (BufferRole::States, (1 + currents) * padded),
        (BufferRole::Inputs, inputs * padded),
        (BufferRole::DriveWeights, neurons),
        (BufferRole::Populations, neurons),
        (BufferRole::Ring, u64::from(shard.slots()) * currents * padded),
        (BufferRole::RowStarts, 4 * (u64::from(sizes.neurons) + 1)),
        (BufferRole::Synapses, size_of::<StoredSynapse>() as u64 * shard.synapses),
    ]
}

impl MemoryPlan {
    /// Bytes of all buffers together, read-back included.
    pub fn device_bytes(&self) -> u64 {
        self.buffers.iter().map(|b| b.bytes).sum()
    }

    /// Bytes of one buffer.
    pub fn bytes(&self, role: BufferRole, shard: Option<usize>) -> u64 {
        self.buffers.iter().find(|b| b.role == role && b.shard == shard).map_or(0, |b| b.bytes)
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

/// Least number of shards with which an adapter can hold `network`, judged before its synapses are
/// written down.
///
/// # Errors
/// The buffer that stays too large.
pub fn shards_needed(
    network: &IntegerNetwork,
    limits: &AdapterLimits,
    options: &GpuOptions,
) -> Result<usize, GpuError> {
    let most = network.populations.len().max(1);
    let synapse_bytes = size_of::<StoredSynapse>() as u64 * network.n_synapses();
    let least = synapse_bytes.div_ceil(limits.binding_bytes.max(1)).clamp(1, most as u64);
    let longest_delays = longest_delays(network);
    let mut n_shards = least as usize;
    loop {
        let plan = memory_plan(&NetworkSizes::with_delays(network, n_shards, &longest_delays), options);
        match plan.check(limits) {
            Ok(()) => return Ok(n_shards),
            Err(error) if n_shards >= most || is_beyond_shards(&error) => return Err(error),
            Err(_) => n_shards += 1,
        }
    }
}

/// Whether more shards would not help.
fn is_beyond_shards(error: &GpuError) -> bool {
    matches!(error, GpuError::TooLarge { shard: None, .. })
}
