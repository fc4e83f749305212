//! A synapse as it is stored.

/// A synapse in 8 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct StoredSynapse {
    /// Delay in steps, shifted by [`CsrStore::target_bits`](super::CsrStore::target_bits), and the target neuron, counted within its shard.
    pub address: u32,
    /// Weight with its sign.
    pub weight: i32,
}

/// Target neuron within its shard, and delay in steps.
#[inline(always)]
pub(crate) fn decode(address: u32, target_bits: u32) -> (u32, u32) {
    // A shard of one neuron needs no target bits, and a shift by 32 - 0 would overflow.
    (address & ((1 << target_bits) - 1), address >> target_bits)
}
