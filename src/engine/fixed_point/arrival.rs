//! A weight that arrives at a neuron from outside the network.

use bytemuck::{Pod, Zeroable};

/// A weight that arrives at a neuron from outside the network, as a spike through a synapse would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Arrival {
    /// Step in which it arrives, from 1.
    pub step: u32,
    /// The neuron, counted through the whole network.
    pub neuron: u32,
    /// Weight with its sign, in the format of currents.
    pub weight: i32,
}
