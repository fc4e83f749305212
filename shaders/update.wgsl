// One step of every neuron of a shard. The twin of `update` in `src/engine/reference/neurons.rs`. One
// invocation a lane of four neurons. The slot of the ring that is read here is cleared by the host's
// commands, a block of steps at a time.

// Spikes of a step, and what left its range: 2³² − 1 minus the least 2 · neuron + quantity, or 0.
struct StepCount {
    spikes: atomic<u32>,
    fault: atomic<u32>,
}

struct Batch {
    first_step: u32,
    steps: array<StepCount>,
}

@group(0) @binding(0) var<uniform> bound_shard: Shard;
@group(0) @binding(1) var<storage, read> clock: Clock;
// [potential, excitatory current, inhibitory current][lane]
@group(0) @binding(2) var<storage, read_write> states: array<LaneWords>;
// [DC, external weight, population, class][lane]; classes only if there are several
@group(0) @binding(3) var<storage, read> inputs: array<LaneWords>;
@group(0) @binding(4) var<storage, read> classes: array<NeuronClass>;
// [slot][receptor][lane]
@group(0) @binding(5) var<storage, read> ring: array<LaneWords>;
@group(0) @binding(6) var<storage, read_write> batch: Batch;
@group(0) @binding(7) var<storage, read_write> spikes: array<u32>;
@group(0) @binding(8) var<storage, read> thresholds: array<u32>;

// Quantities that are watched.
const POTENTIAL = 0u;
const CURRENT = 1u;

// Whether x lies outside [-limit, limit).
fn outside(x: vec4<i32>, limit: i32) -> vec4<bool> {
    return (x < vec4(-limit)) | (x >= vec4(limit));
}

fn classes_of(lane: u32) -> NeuronClasses {
    if (one_class) {
        let c = shard.neuron_class;
        return NeuronClasses(
            vec4(c.leak), vec4(c.decay_ex), vec4(c.decay_in), vec4(c.current_ex_to_v_m),
            vec4(c.current_in_to_v_m), vec4(c.v_th), vec4(c.v_reset), vec4(c.v_after_spike),
        );
    }
    let indices = unpacked(inputs[3u * shard.lanes + lane]);
    let a = classes[indices.x];
    let b = classes[indices.y];
    let c = classes[indices.z];
    let d = classes[indices.w];
    return NeuronClasses(
        vec4(a.leak, b.leak, c.leak, d.leak),
        vec4(a.decay_ex, b.decay_ex, c.decay_ex, d.decay_ex),
        vec4(a.decay_in, b.decay_in, c.decay_in, d.decay_in),
        vec4(a.current_ex_to_v_m, b.current_ex_to_v_m, c.current_ex_to_v_m, d.current_ex_to_v_m),
        vec4(a.current_in_to_v_m, b.current_in_to_v_m, c.current_in_to_v_m, d.current_in_to_v_m),
        vec4(a.v_th, b.v_th, c.v_th, d.v_th),
        vec4(a.v_reset, b.v_reset, c.v_reset, d.v_reset),
        vec4(a.v_after_spike, b.v_after_spike, c.v_after_spike, d.v_after_spike),
    );
}

// Uniform 16-bit numbers of four neurons that share a call.
fn uniforms_of_call(key: vec2<u32>, call: u32, step: u32) -> vec4<u32> {
    let words = threefry(key, vec2(call, step));
    return vec4(
        words.x & HALF_MASK, words.x >> HALF_BITS, words.y & HALF_MASK, words.y >> HALF_BITS,
    );
}

// Uniform 16-bit numbers of four neurons from `first` on, which may belong to two calls, in streams of `range`.
fn uniforms_from(first: u32, range: Thresholds, step: u32) -> vec4<u32> {
    let call = first / NEURONS_PER_LANE;
    let a = uniforms_of_call(range.step_key, call, step);
    let place = first % NEURONS_PER_LANE;
    if (place == 0u) {
        return a;
    }
    let b = uniforms_of_call(range.step_key, call + 1u, step);
    switch (place) {
        case 1u: { return vec4(a.yzw, b.x); }
        case 2u: { return vec4(a.zw, b.xy); }
        default: { return vec4(a.w, b.xyz); }
    }
}

// Threshold `n` of a population; above all uniform numbers if it has fewer.
fn step_threshold(range: Thresholds, n: u32) -> u32 {
    if (n < range.of_steps) {
        return thresholds[range.start + n];
    }
    return HALF_MASK + 1u;
}

// Numbers of external spikes of four neurons from `first` on in a step, of one population or of several.
fn external_counts(first: u32, step: u32, populations: vec4<u32>) -> vec4<i32> {
    let a = thresholds_of(populations.x);
    var uniforms = uniforms_from(first - a.before, a, step);
    var counts = vec4<i32>();
    if (all(populations == populations.xxxx)) {
        for (var n = 0u; n < a.of_steps; n++) {
            counts += vec4<i32>(uniforms >= vec4(thresholds[a.start + n]));
        }
        return counts;
    }
    let b = thresholds_of(populations.y);
    let c = thresholds_of(populations.z);
    let d = thresholds_of(populations.w);
    // Of networks that are computed together each has its own streams.
    if (d.before != a.before) {
        uniforms.y = uniforms_from(first + 1u - b.before, b, step).x;
        uniforms.z = uniforms_from(first + 2u - c.before, c, step).x;
        uniforms.w = uniforms_from(first + 3u - d.before, d, step).x;
    }
    let most = max(max(a.of_steps, b.of_steps), max(c.of_steps, d.of_steps));
    for (var n = 0u; n < most; n++) {
        let nth = vec4(step_threshold(a, n), step_threshold(b, n), step_threshold(c, n), step_threshold(d, n));
        counts += vec4<i32>(uniforms >= nth);
    }
    return counts;
}

// Weights of the external spikes of a step, where they are drawn step by step.
fn external_weights(lane: u32, step: u32) -> vec4<i32> {
    let populations = vec4<u32>(unpacked(inputs[2u * shard.lanes + lane]));
    // What fills the last lane up has no weight.
    let weights = unpacked(inputs[shard.lanes + lane]);
    return external_counts(shard.first_neuron + NEURONS_PER_LANE * lane, step, populations) * weights;
}

fn watch(lane: u32, step_in_batch: u32, potentials: vec4<bool>, currents: vec4<bool>) {
    let faulty = potentials | currents;
    if (any(faulty)) {
        let first = select(select(select(3u, 2u, faulty.z), 1u, faulty.y), 0u, faulty.x);
        let neuron = shard.first_neuron + NEURONS_PER_LANE * lane + first;
        let quantity = select(CURRENT, POTENTIAL, potentials[first]);
        atomicMax(&batch.steps[step_in_batch].fault, ~(2u * neuron + quantity));
    }
}

// Appends the neurons of a lane that spike.
fn append(lane: u32, neuron_spikes: vec4<bool>, step_in_batch: u32, first_spike: u32) {
    let bits = vec4<u32>(neuron_spikes) << vec4(0u, 1u, 2u, 3u);
    var left = bits.x | bits.y | bits.z | bits.w;
    while (left != 0u) {
        let neuron = NEURONS_PER_LANE * lane + firstTrailingBit(left);
        left &= left - 1u;
        // The last lane may hold fewer neurons than four.
        if (neuron < shard.neurons) {
            let position = first_spike + atomicAdd(&batch.steps[step_in_batch].spikes, 1u);
            if (position < spike_capacity) {
                spikes[position] = shard.first_neuron + neuron;
            }
        }
    }
}

@compute @workgroup_size(neuron_workgroup)
fn update(@builtin(global_invocation_id) id: vec3<u32>) {
    // What is the same for all invocations is loaded before they part.
    shard = bound_shard;
    let lane = id.x;
    let step = clock.step + 1u;
    let slot = slot_after(clock.slot, 1u);
    let step_in_batch = step - batch.first_step;
    let first_spike = select(clock.spikes, 0u, step_in_batch == 0u);
    if (lane >= shard.lanes) {
        return;
    }

    // What arrives in this step.
    var neurons: Neurons;
    var arrived_ex = unpacked(ring[ring_plane(slot, false) * shard.lanes + lane]);
    var arrived_in: vec4<i32>;
    if (two_currents) {
        arrived_in = unpacked(ring[ring_plane(slot, true) * shard.lanes + lane]);
        neurons.current_in = unpacked(states[2u * shard.lanes + lane]);
    }
    if (stepwise_drive) {
        let sums = external_weights(lane, step);
        if (two_currents) {
            arrived_ex += max(sums, vec4(0));
            arrived_in += min(sums, vec4(0));
        } else {
            arrived_ex += sums;
        }
    }

    neurons.v_m = unpacked(states[lane]);
    neurons.current_ex = unpacked(states[shard.lanes + lane]);
    neurons = step_neurons(
        classes_of(lane), offsets_of(shard.first_neuron + NEURONS_PER_LANE * lane, step), unpacked(inputs[lane]),
        arrived_ex, arrived_in, neurons,
    );
    states[lane] = packed(neurons.v_m);
    states[shard.lanes + lane] = packed(neurons.current_ex);
    if (two_currents) {
        states[2u * shard.lanes + lane] = packed(neurons.current_in);
    }

    let faulty = outside(neurons.current_ex, current_limit) | outside(neurons.current_in, current_limit);
    let leaving = (neurons.v_m >= vec4(refractory_end)) & (neurons.v_m < vec4(v_m_limit));
    watch(lane, step_in_batch, leaving, faulty);
    append(lane, neurons.spikes, step_in_batch, first_spike);
}
