// External Poisson spikes of a block of steps go into the ring, where they are drawn a block at a time. The twin of `drive` in
// `src/engine/reference/neurons.rs` and of `DriveBlock` in `src/engine/fixed_point/poisson.rs`. One invocation a
// neuron; runs before the first step of a block.

@group(0) @binding(0) var<uniform> bound_shard: Shard;
@group(0) @binding(1) var<storage, read> clock: Clock;
// [DC, external weight, population, class][neuron, padded to lanes]; classes only if there are several
@group(0) @binding(2) var<storage, read> inputs: array<i32>;
@group(0) @binding(3) var<storage, read> thresholds: array<u32>;
// [slot][receptor][neuron, padded to lanes]
@group(0) @binding(4) var<storage, read_write> ring: array<i32>;

// Number of thresholds that are not above the uniform word.
fn count_below(range: Thresholds, uniform_word: u32) -> u32 {
    var low = 0u;
    var high = range.of_blocks;
    while (low < high) {
        let middle = (low + high) / 2u;
        if (thresholds[range.start + middle] <= uniform_word) {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    return low;
}

@compute @workgroup_size(neuron_workgroup)
fn drive(@builtin(global_invocation_id) id: vec3<u32>) {
    shard = bound_shard;
    let neuron = id.x;
    if (neuron >= shard.neurons) {
        return;
    }
    let padded = padded_neurons();
    let range = thresholds_of(u32(inputs[2u * padded + neuron]));
    if (range.of_blocks == 0u) {
        return;
    }
    let key = range.block_key;
    let counted = shard.first_neuron + neuron - range.before;
    let positions_per_word = WORD_BITS / block_bits;
    let offset_mask = (1u << block_bits) - 1u;
    let weight = inputs[padded + neuron];

    var call = (clock.step >> block_bits) << call_bits;
    var words = threefry(key, vec2(counted, call));
    let spikes = count_below(range, words.x);
    var word = words.y;
    var word_index = 1u;
    var used = 0u;
    for (var spike = 0u; spike < spikes; spike++) {
        if (used == positions_per_word) {
            used = 0u;
            word_index = 1u - word_index;
            if (word_index == 0u) {
                call++;
                words = threefry(key, vec2(counted, call));
                word = words.x;
            } else {
                word = words.y;
            }
        }
        let offset = (word >> (block_bits * used)) & offset_mask;
        ring[ring_place(slot_after(clock.slot, 1u + offset), weight, neuron)] += weight;
        used++;
    }
}
