// The ring of input slots of a shard: [slot][receptor][neuron, padded to lanes]. The twin of
// `src/engine/reference/ring.rs`. Who includes this binds `bound_shard` and copies it here first: Mesa's software adapter
// reads what all invocations share once while all are at work, and once for each of them afterwards.

var<private> shard: Shard;

// Neurons of a lane, which is what an invocation of `update` computes.
const NEURONS_PER_LANE = 4u;

// Neurons of a shard, padded to lanes.
fn padded_neurons() -> u32 {
    return shard.lanes * NEURONS_PER_LANE;
}

// The slot of the step that is `steps` after that of `slot`; no more steps than slots.
fn slot_after(slot: u32, steps: u32) -> u32 {
    let after = slot + steps;
    return select(after, after - shard.slots, after >= shard.slots);
}

// The plane of a slot in which weights of that sign arrive.
fn ring_plane(slot: u32, is_inhibitory: bool) -> u32 {
    if (two_currents) {
        return 2u * slot + select(0u, 1u, is_inhibitory);
    }
    return slot;
}

// Where a weight arrives at a neuron of the shard.
fn ring_place(slot: u32, weight: i32, neuron: u32) -> u32 {
    return ring_plane(slot, weight < 0) * padded_neurons() + neuron;
}
