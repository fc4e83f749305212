// Draws in integers, from random words. The twins of `uniform_below` in `src/rng/mod.rs` and of
// `scaled_draw` in `src/integer/quantiles.rs`.

const HALF_BITS = 16u;
const HALF_MASK = 0xffffu;
const SIGN_SHIFT = 31u;

// The high half of the product, from 16-bit halves. No intermediate leaves its 32 bits.
fn multiply_high(a: u32, b: u32) -> u32 {
    let a_low = a & HALF_MASK;
    let a_high = a >> HALF_BITS;
    let b_low = b & HALF_MASK;
    let b_high = b >> HALF_BITS;
    let carried = a_high * b_low + ((a_low * b_low) >> HALF_BITS);
    let middle = a_low * b_high + (carried & HALF_MASK);
    return a_high * b_high + (carried >> HALF_BITS) + (middle >> HALF_BITS);
}

// Uniform in [0, n).
fn uniform_below(bits: u32, n: u32) -> u32 {
    return multiply_high(bits, n);
}

// The product divided by 2³², rounded to nearest.
fn scaled_draw(scaled_mean: u32, factor: u32) -> u32 {
    return multiply_high(scaled_mean, factor) + ((scaled_mean * factor) >> SIGN_SHIFT);
}
