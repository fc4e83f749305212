// One step of four leaky integrate-and-fire neurons. The twin of `src/engine/fixed_point/neuron.rs`, where the
// equations are.

const SIGN_SHIFT = 31u;

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
