// Synapses that transmit a spike or do not. The twin of `src/engine/fixed_point/transmission.rs`.

// Key of the draws for the spikes of a step.
fn transmission_key(step: u32) -> vec2<u32> {
    return threefry(vec2(transmission_key_x, transmission_key_y), vec2(step, 0u));
}

// Whether the synapse of `source` with this tag transmits its spike of the step behind `step_key`.
fn passes(step_key: vec2<u32>, source: u32, tag: u32) -> bool {
    return threefry(step_key, vec2(source, tag)).x < transmission_threshold;
}
