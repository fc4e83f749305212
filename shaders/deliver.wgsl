// Every spike of a step goes through its row into the ring of a shard, and the shard's clock moves
// on. The twin of `deliver` in `src/engine/reference/delivery.rs`. Workgroups take the spikes in turn (x)
// and parts of their rows (y).

@group(0) @binding(0) var<uniform> bound_shard: Shard;
@group(0) @binding(1) var<storage, read> before: Clock;
@group(0) @binding(2) var<storage, read_write> after: Clock;
@group(0) @binding(3) var<storage, read> batch: CountedBatch;
@group(0) @binding(4) var<storage, read> spikes: array<u32>;
@group(0) @binding(5) var<storage, read> row_starts: array<u32>;
@group(0) @binding(6) var<storage, read> synapses: array<StoredSynapse>;
// [slot][receptor][neuron, padded to lanes]
@group(0) @binding(7) var<storage, read_write> ring: array<atomic<i32>>;
// Tags of synapses, where not all transmit.
@group(0) @binding(8) var<storage, read> tags: array<u32>;

// What a synapse adds, and where.
struct Event {
    place: u32,
    weight: i32,
}

// A spike and where its row ends.
struct Spike {
    source: u32,
    row_end: u32,
    // Slot of its step.
    slot: u32,
    // Key of the draws that tell whether synapses transmit it.
    key: vec2<u32>,
}

// Whether synapse `index` transmits the spike.
fn transmits(index: u32, spike: Spike) -> bool {
    if (transmits_all) {
        return true;
    }
    return passes(spike.key, spike.source, tags[index]);
}

// The event of synapse `index`, if it belongs to the row and transmits; a weight of 0 stands for none.
fn event(index: u32, spike: Spike) -> Event {
    var e = Event(0u, 0);
    if (index < spike.row_end && transmits(index, spike)) {
        let synapse = synapses[index];
        let slot = slot_after(spike.slot, synapse.address >> target_bits);
        e.place = ring_place(slot, synapse.weight, synapse.address & ((1u << target_bits) - 1u));
        e.weight = synapse.weight << arrival_shift;
    }
    return e;
}

fn add(e: Event) {
    if (e.weight != 0) {
        atomicAdd(&ring[e.place], e.weight);
    }
}

@compute @workgroup_size(delivery_workgroup)
fn deliver(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    shard = bound_shard;
    let step = before.step + 1u;
    let slot = slot_after(before.slot, 1u);
    let first = select(before.spikes, 0u, step == batch.first_step);
    let end = min(first + batch.steps[step - batch.first_step].spikes, spike_capacity);

    let stride = groups.y * delivery_workgroup;
    var key = vec2(0u, 0u);
    if (!transmits_all) {
        key = transmission_key(step);
    }
    for (var i = first + group.x; i < end; i += groups.x) {
        let source = spikes[i];
        let spike = Spike(source, row_starts[source + 1u], slot, key);
        var index = row_starts[source] + group.y * delivery_workgroup + invocation;
        // Four at a time, so that loads overlap.
        while (index < spike.row_end) {
            let a = event(index, spike);
            let b = event(index + stride, spike);
            let c = event(index + 2u * stride, spike);
            let d = event(index + 3u * stride, spike);
            add(a);
            add(b);
            add(c);
            add(d);
            index += 4u * stride;
        }
    }
    if (group.x == 0u && group.y == 0u && invocation == 0u) {
        after = Clock(step, slot, end);
    }
}
