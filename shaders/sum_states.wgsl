// Sums of the states of populations after a step. The twin of `sum_states` in `src/engine/reference/neurons.rs`. A
// workgroup takes one part of a population after the other.

// Neurons of a population that a workgroup sums together.
struct SumPart {
    // The first and the end, counted within the shard.
    first: u32,
    end: u32,
    // Index of the population among those that are summed.
    population: u32,
    v_reset: i32,
}

@group(0) @binding(0) var<uniform> bound_shard: Shard;
// [potential, excitatory current, inhibitory current][neuron, padded to lanes]
@group(0) @binding(1) var<storage, read> states: array<i32>;
@group(0) @binding(2) var<storage, read> parts: array<SumPart>;
// [population][potential, excitatory current, inhibitory current][low word, high word]
@group(0) @binding(3) var<storage, read_write> sums: array<atomic<u32>>;

const QUANTITIES = 3u;
const WORDS_OF_SUM = 2u;
const SIGN_BIT = 31u;

// A 64-bit integer in two's complement.
struct Sum {
    low: u32,
    high: u32,
}

fn plus(sum: Sum, x: i32) -> Sum {
    let low = sum.low + bitcast<u32>(x);
    return Sum(low, sum.high + bitcast<u32>(x >> SIGN_BIT) + u32(low < sum.low));
}

// Adds to a sum of all invocations. Each addition sees whether it is the one that carries, so that no order changes
// the result.
fn add(quantity: u32, sum: Sum) {
    let before = atomicAdd(&sums[WORDS_OF_SUM * quantity], sum.low);
    atomicAdd(&sums[WORDS_OF_SUM * quantity + 1u], sum.high + u32(before + sum.low < before));
}

@compute @workgroup_size(delivery_workgroup)
fn sum_states(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    shard = bound_shard;
    let plane = padded_neurons();
    for (var index = group.x; index < arrayLength(&parts); index += groups.x) {
        let part = parts[index];
        if (part.first + invocation >= part.end) {
            continue;
        }
        var v_m: Sum;
        var current_ex: Sum;
        var current_in: Sum;
        for (var neuron = part.first + invocation; neuron < part.end; neuron += delivery_workgroup) {
            let potential = states[neuron];
            v_m = plus(v_m, select(potential, part.v_reset, potential < refractory_end));
            current_ex = plus(current_ex, states[plane + neuron]);
            if (two_currents) {
                current_in = plus(current_in, states[2u * plane + neuron]);
            }
        }
        let first = QUANTITIES * part.population;
        add(first, v_m);
        add(first + 1u, current_ex);
        if (two_currents) {
            add(first + 2u, current_in);
        }
    }
}
