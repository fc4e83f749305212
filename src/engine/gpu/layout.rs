//! Structs as the shaders see them: the twins of those in `shaders/`, of equal size and offsets.

use crate::engine::fixed_point::NeuronClass;
use crate::engine::rng::Key;
use crate::engine::{RangeFault, Watched};
use bytemuck::{Pod, Zeroable};

/// Neurons that one invocation of `update` computes.
pub const NEURONS_PER_LANE: u32 = 4;

/// Lanes that hold `neurons` neurons.
pub const fn lanes(neurons: u32) -> u32 {
    neurons.div_ceil(NEURONS_PER_LANE)
}

/// What the shaders need to know about a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Shard {
    /// The network's only class, or its first one.
    pub neuron_class: NeuronClass,
    /// First neuron, counted through the whole network.
    pub first_neuron: u32,
    /// Number of neurons.
    pub neurons: u32,
    /// Number of lanes.
    pub lanes: u32,
    /// Slots of the ring.
    pub slots: u32,
}

/// Where a shard stands; two of them take turns, so that no dispatch reads what it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Clock {
    /// Steps done.
    pub step: u32,
    /// Slot of the ring that belongs to the last step: step modulo slots.
    pub slot: u32,
    /// Spikes of the batch so far.
    pub spikes: u32,
}

/// Start of the buffer that describes a batch; a [`StepCount`] for each step follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct BatchHeader {
    /// First step of the batch, from 1.
    pub first_step: u32,
}

/// A step of a batch, as `update` leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct StepCount {
    /// Its spikes.
    pub spikes: u32,
    /// 2³² − 1 minus the least 2 · neuron + quantity (0 potential, 1 current) of those that left their range;
    /// 0 if none did.
    pub fault: u32,
}

impl StepCount {
    /// The value that left its range in `step`, the step that is counted here.
    pub fn range_fault(&self, step: u32) -> Option<RangeFault> {
        let key = !self.fault;
        let watched = if key.is_multiple_of(2) { Watched::Potential } else { Watched::Current };
        (self.fault != 0).then_some(RangeFault { step, neuron: key / 2, watched })
    }
}

/// How a population's external spikes are drawn: where its thresholds lie, and how many there are of each kind, of
/// which it has one at most; the names of the others as in
/// [`DriveStreams`](crate::engine::fixed_point::DriveStreams).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Thresholds {
    /// Index of the first.
    pub start: u32,
    /// Thresholds of the number of external spikes in a block.
    pub of_blocks: u32,
    /// Thresholds of their number in a step.
    pub of_steps: u32,
    /// Neurons before those that the streams count.
    pub before: u32,
    /// Key of spikes that are drawn a block of steps at a time.
    pub block_key: Key,
    /// Key of spikes that are drawn step by step.
    pub step_key: Key,
}

/// Neurons of a population that a workgroup of `sum_states` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct SumPart {
    /// The first, counted within the shard.
    pub first: u32,
    /// Where they end.
    pub end: u32,
    /// Index of the population among those that are summed.
    pub population: u32,
    /// Its reset potential, which refractory neurons have.
    pub v_reset: i32,
}

/// Start of the buffer of arrivals from outside, which follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct InjectionHeader {
    /// How many there are.
    pub count: u32,
}

/// A spike in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct PastSpike {
    /// The neuron, counted through the whole network.
    pub neuron: u32,
    /// Its step.
    pub step: u32,
    /// The neuron's population.
    pub population: u32,
}

/// Spikes to be delivered: those in the history from `first` to `end`, positions modulo 2³².
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Visit {
    /// Steps done.
    pub step: u32,
    /// The first spike.
    pub first: u32,
    /// Where they end.
    pub end: u32,
    /// Workgroups of the dispatch that delivers them, among which spikes are dealt out.
    pub spike_groups: u32,
    /// Those among which parts of their rows are.
    pub part_groups: u32,
    /// The third dimension of that dispatch.
    pub one: u32,
}

/// What leads from a population to a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct SourcePopulation {
    /// First neuron, counted through the whole network.
    pub first_neuron: u32,
    /// Where the row counts of its first neuron start.
    pub first_row: u32,
    /// Row counts of a neuron: projections onto the shard.
    pub rows: u32,
    /// First of its parts of rows, those of the longest delays first.
    pub first_part: u32,
    /// Number of these parts.
    pub parts: u32,
}

/// Synapses of a row that some invocations share: one chunk in `chunks`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct RowPart {
    /// Index of the [`Projection`] within the shard.
    pub projection: u32,
    /// Which of the chunks.
    pub chunk: u32,
    /// Chunks into which the row is split.
    pub chunks: u32,
}

/// What the draws of a projection's rows need; the names as in
/// [`IntegerProjection`](crate::engine::fixed_point::IntegerProjection).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Projection {
    /// Key of target, weight and delay.
    pub key: Key,
    /// Key of the permutation of its synapses, where in-degrees are exact.
    pub synapses_key: Key,
    /// Key of the permutation of its target neurons.
    pub neurons_key: Key,
    /// Number of its synapses, where in-degrees are exact.
    pub synapses: u32,
    /// Where its row count lies among those of a source neuron.
    pub column: u32,
    /// Neurons of the target population.
    pub targets: u32,
    /// First of them, counted within the shard.
    pub first_target: u32,
    /// Magnitude of the mean weight.
    pub scaled_weight: u32,
    /// 1 or −1.
    pub sign: i32,
    /// Index of the weights' table.
    pub weight_table: u32,
    /// Mean delay.
    pub scaled_delay: u32,
    /// Index of the delays' table.
    pub delay_table: u32,
    /// Shortest delay that can be drawn, in steps.
    pub shortest_delay: u32,
    /// Longest delay that can be drawn, in steps.
    pub longest_delay: u32,
}

/// The draws of a projection that give each of its synapses a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct SourceDraws {
    /// Key of these draws.
    pub key: Key,
    /// Neurons of the source population.
    pub sources: u32,
    /// Where the first source's count lies.
    pub first_row: u32,
    /// Distance from one source's count to the next's.
    pub rows: u32,
    /// Its first block of draws, numbered through all projections of the shard.
    pub first_block: u32,
    /// Its last one.
    pub last_block: u32,
    /// Draws of the last block.
    pub last_draws: u32,
}

/// Blocks of one dispatch of `row_counts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Blocks {
    /// The first.
    pub first: u32,
}
