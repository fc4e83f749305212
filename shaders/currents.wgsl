// The DC inputs of a step in which a current from outside is at another level than in the one before: what the network
// has, and the part that there is of the peak of each current. The twin of `currents` in
// `src/engine/reference/neurons.rs`. One invocation a lane of four neurons; runs before `update`.

@group(0) @binding(0) var<uniform> shard: Shard;
@group(0) @binding(1) var<storage, read> clock: Clock;
@group(0) @binding(2) var<storage, read> batch: CountedBatch;
// [DC input of the network, peak of each current][lane]
@group(0) @binding(3) var<storage, read> peaks: array<vec4<i32>>;
// [step of the batch][current]
@group(0) @binding(4) var<storage, read> levels: array<i32>;
// [DC, …][lane]
@group(0) @binding(5) var<storage, read_write> inputs: array<vec4<i32>>;

// What there is of peaks at a level, rounded to nearest. The twin of `part_of` in
// `src/engine/fixed_point/currents.rs`.
fn part_of(peaks_of_lane: vec4<i32>, level: i32) -> vec4<i32> {
    return sign(level) * nearest(multiply(peaks_of_lane, vec4(abs(level))), level_bits);
}

@compute @workgroup_size(neuron_workgroup)
fn currents(@builtin(global_invocation_id) id: vec3<u32>) {
    let lane = id.x;
    let step_in_batch = clock.step + 1u - batch.first_step;
    if (lane >= shard.lanes) {
        return;
    }
    let n = arrayLength(&peaks) / shard.lanes - 1u;
    var dc = peaks[lane];
    for (var k = 0u; k < n; k++) {
        let level = levels[step_in_batch * n + k];
        if (level != 0) {
            dc += part_of(peaks[(k + 1u) * shard.lanes + lane], level);
        }
    }
    inputs[lane] = dc;
}
