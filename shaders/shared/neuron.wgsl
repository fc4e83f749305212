// One step of four leaky integrate-and-fire neurons. The twin of `src/engine/fixed_point/neuron.rs`, where the
// equations are.

const HALF_BITS = 16u;
const HALF_MASK = 0xffffu;
const WORD_BITS = 32u;
const SIGN_SHIFT = 31u;

// 64-bit integers: high · 2³² + low.
struct Wide {
    high: vec4<i32>,
    low: vec4<u32>,
}

// a · factor from 16-bit halves; 0 ≤ factor < 2³¹. No intermediate leaves its 32 bits.
fn multiply(a: vec4<i32>, factor: vec4<i32>) -> Wide {
    let half = vec4(HALF_BITS);
    let mask = vec4(HALF_MASK);
    let a_low = bitcast<vec4<u32>>(a) & mask;
    let a_high = a >> half;
    let factor_low = bitcast<vec4<u32>>(factor) & mask;
    let factor_high = bitcast<vec4<u32>>(factor) >> half;
    let low = a_low * factor_low;
    let carried = a_low * factor_high + (low >> half);
    let middle = a_high * vec4<i32>(factor_low) + vec4<i32>(carried & mask);
    let high = a_high * vec4<i32>(factor_high) + vec4<i32>(carried >> half) + (middle >> half);
    return Wide(high, (bitcast<vec4<u32>>(middle) << half) | (low & mask));
}

fn add(a: Wide, b: Wide) -> Wide {
    let low = a.low + b.low;
    return Wide(a.high + b.high + vec4<i32>(low < a.low), low);
}

// The value and an offset, divided by 2³² and rounded down.
fn high(a: Wide, offset: vec4<u32>) -> vec4<i32> {
    return a.high + vec4<i32>((a.low + offset) < offset);
}

// Parameters of four neurons; the names as in NeuronClass.
struct NeuronClasses {
    leak: vec4<i32>,
    decay_ex: vec4<i32>,
    decay_in: vec4<i32>,
    current_ex_to_v_m: vec4<i32>,
    current_in_to_v_m: vec4<i32>,
    v_th: vec4<i32>,
    v_reset: vec4<i32>,
    v_after_spike: vec4<i32>,
}

struct Neurons {
    v_m: vec4<i32>,
    current_ex: vec4<i32>,
    current_in: vec4<i32>,
    spikes: vec4<bool>,
}

fn decay(current: vec4<i32>, factor: vec4<i32>, arrived: vec4<i32>, offset: vec4<u32>) -> vec4<i32> {
    return current - high(multiply(current, factor), offset) + arrived;
}

// What the offsets of a step begin with, in units of 2⁻³².
fn rounding_offset(step: u32) -> u32 {
    var mixed = (step ^ (step >> 16u)) * hash_multiplier_x;
    mixed = (mixed ^ (mixed >> 15u)) * hash_multiplier_y;
    return mixed ^ (mixed >> 16u);
}

// What is added to every product before it is rounded down: the offsets of neurons that follow each other lie
// evenly apart.
fn offsets_of(first_neuron: u32, step: u32) -> vec4<u32> {
    let neurons = vec4(first_neuron) + vec4(0u, 1u, 2u, 3u);
    let apart = (1u << SIGN_SHIFT) / (rounding_neurons / 2u);
    return vec4(rounding_offset(step)) + (neurons & vec4(rounding_neurons - 1u)) * vec4(apart);
}

fn step_neurons(
    classes: NeuronClasses,
    offset: vec4<u32>,
    dc: vec4<i32>,
    arrived_ex: vec4<i32>,
    arrived_in: vec4<i32>,
    before: Neurons,
) -> Neurons {
    let v_m = before.v_m;
    let dc_offset = vec4<i32>(offset >> vec4(WORD_BITS - dc_shift));
    let is_refractory = v_m < vec4(refractory_end);
    var change = add(
        multiply(before.current_ex, classes.current_ex_to_v_m),
        multiply(-v_m, classes.leak),
    );
    if (two_currents) {
        change = add(change, multiply(before.current_in, classes.current_in_to_v_m));
    }
    let updated = v_m + high(change, offset) + ((dc + dc_offset) >> vec4(dc_shift));
    let counted = select(v_m - vec4(1), classes.v_reset, v_m == vec4(refractory + 1));

    var after: Neurons;
    after.current_ex = decay(before.current_ex, classes.decay_ex, arrived_ex, offset);
    if (two_currents) {
        after.current_in = decay(before.current_in, classes.decay_in, arrived_in, offset);
    }
    after.spikes = !is_refractory & (updated >= classes.v_th);
    after.v_m = select(select(updated, classes.v_after_spike, after.spikes), counted, is_refractory);
    return after;
}
