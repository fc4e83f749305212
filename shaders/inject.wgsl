// Weights that arrive from outside the network go into the ring of a shard. The twin of
// `inject` in `src/engine/reference/neurons.rs`. One invocation an arrival; runs before the first
// step of a block, once the slots of steps done are cleared.

// A weight that arrives at a neuron from outside. The twin of `Arrival` in `src/engine/fixed_point/arrival.rs`.
struct Arrival {
    step: u32,
    // Counted through the whole network.
    neuron: u32,
    weight: i32,
}

struct Injection {
    count: u32,
    arrivals: array<Arrival>,
}

@group(0) @binding(0) var<uniform> bound_shard: Shard;
@group(0) @binding(1) var<storage, read> clock: Clock;
@group(0) @binding(2) var<storage, read> injection: Injection;
// [slot][receptor][neuron, padded to lanes]
@group(0) @binding(3) var<storage, read_write> ring: array<atomic<i32>>;

@compute @workgroup_size(neuron_workgroup)
fn inject(@builtin(global_invocation_id) id: vec3<u32>) {
    shard = bound_shard;
    if (id.x >= injection.count) {
        return;
    }
    let arrival = injection.arrivals[id.x];
    // Neurons before the shard's first wrap round, beyond its last.
    let neuron = arrival.neuron - shard.first_neuron;
    if (neuron >= shard.neurons) {
        return;
    }
    let slot = slot_after(clock.slot, arrival.step - clock.step);
    atomicAdd(&ring[ring_place(slot, arrival.weight, neuron)], arrival.weight);
}
