// Every spike of a step goes through its row into the ring of a shard. The twin of `deliver` in
// `src/engine/reference/mod.rs`. Workgroups take the spikes in turn (x) and parts of their rows (y).

// Spikes of a batch of steps, as `update` counted them.
struct CountedBatch {
    first_step: u32,
    watched: u32,
    counts: array<u32>,
}

@group(0) @binding(0) var<uniform> shard: Shard;
@group(0) @binding(1) var<storage, read> clock: Clock;
@group(0) @binding(2) var<storage, read> batch: CountedBatch;
@group(0) @binding(3) var<storage, read> spikes: array<u32>;
@group(0) @binding(4) var<storage, read> row_starts: array<u32>;
@group(0) @binding(5) var<storage, read> synapses: array<StoredSynapse>;
// [slot][receptor][neuron, padded to lanes]
@group(0) @binding(6) var<storage, read_write> ring: array<atomic<i32>>;

const NEURONS_PER_LANE = 4u;

@compute @workgroup_size(delivery_workgroup)
fn deliver(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let first = clock.spikes_before;
    let end = min(first + batch.counts[clock.step - batch.first_step], spike_capacity);
    let slot_now = clock.step % shard.slots;
    let stride = shard.lanes * NEURONS_PER_LANE;
    let target_mask = (1u << target_bits) - 1u;

    for (var spike = first + group.x; spike < end; spike += groups.x) {
        let source = spikes[spike];
        let row_end = row_starts[source + 1u];
        let start = row_starts[source] + group.y * delivery_workgroup + invocation;
        for (var index = start; index < row_end; index += groups.y * delivery_workgroup) {
            let synapse = synapses[index];
            let delay = synapse.address >> target_bits;
            var slot = slot_now + delay;
            slot = select(slot, slot - shard.slots, slot >= shard.slots);
            var plane = slot;
            if (two_currents) {
                plane = 2u * slot + select(0u, 1u, synapse.weight < 0);
            }
            atomicAdd(&ring[plane * stride + (synapse.address & target_mask)], synapse.weight);
        }
    }
}
