//! Structs as the shaders see them: the twins of those in `shaders/`, of equal size and offsets.

use crate::integer::NeuronClass;
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

/// Start of the buffer that describes a batch; the spikes of each step, as counts, follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct BatchHeader {
    /// First step of the batch, from 1.
    pub first_step: u32,
    /// The least 2 · neuron + quantity (0 potential, 1 current) of those that left their range;
    /// [`NOTHING_WATCHED`] where none did.
    pub watched: u32,
}

/// Value of [`BatchHeader::watched`] before any value has left its range.
pub const NOTHING_WATCHED: u32 = u32::MAX;

/// Where a population's drive thresholds lie, and how many there are of each kind; a population has
/// one kind at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Thresholds {
    /// Index of the first.
    pub start: u32,
    /// Thresholds of the number of external spikes in a block.
    pub of_blocks: u32,
    /// Thresholds of their number in a step.
    pub of_steps: u32,
}
