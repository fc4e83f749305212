// Draws in integers, from random words. The twins of `uniform_below` in `src/engine/rng/mod.rs` and of
// `factor_words`, `quantile` and `scaled_draw` in `src/engine/fixed_point/draws.rs`.

// Bits of a random word that choose a quantile.
const UNIFORM_BITS = 22u;
// log2 of the entries of a table, and of the cells of an octave.
const TABLE_BITS = 12u;
const CELL_BITS = 6u;
// Of the 32-bit float: bits of its fraction, and what makes its exponent.
const FRACTION_BITS = 23u;
const EXPONENT_BIAS = 127u;
const PLACE_BITS = FRACTION_BITS - CELL_BITS;
// Of an entry: slope of its cell, and what its product with the place is shifted by.
const SLOPE_BITS = 12u;
const SLOPE_SHIFT = 5u;
const WEIGHT_FRACTION_BITS = 5u;
const DELAY_FRACTION_BITS = 8u;

// Uniform in [0, n).
fn uniform_below(bits: u32, n: u32) -> u32 {
    return multiply_high(bits, n);
}

// The words by which the quantiles of a synapse's weight and delay are chosen.
fn factor_words(tag: u32, other: u32) -> vec2<u32> {
    let lacking = UNIFORM_BITS - HALF_BITS;
    return vec2((other << HALF_BITS) ^ (tag << (HALF_BITS - lacking)), other ^ (tag << (HALF_BITS - 2u * lacking)));
}

// Bits of the float that is the distance from the nearer end of the distribution.
fn quantile_place(word: u32) -> u32 {
    let distance = (i32(word) >> (WORD_BITS - 1u - UNIFORM_BITS)) | 1;
    let magnitude = u32(abs(distance));
    let leading = firstLeadingBit(magnitude);
    // The leading bit of the fraction adds 1 to the exponent.
    let exponent = (leading + EXPONENT_BIAS - 1u) << FRACTION_BITS;
    let sign = word & (1u << (WORD_BITS - 1u));
    return sign | (exponent + (magnitude << (FRACTION_BITS - leading)));
}

// Index of its cell.
fn quantile_cell(place: u32) -> u32 {
    let side = 1u << (TABLE_BITS - 1u);
    return ((place >> PLACE_BITS) & (side - 1u)) | ((place >> (WORD_BITS - TABLE_BITS)) & side);
}

// The quantile there, from the entry of its cell.
fn quantile_within(entry: u32, place: u32) -> u32 {
    let rest = i32(place & ((1u << PLACE_BITS) - 1u));
    let risen = ((i32(entry) >> (WORD_BITS - SLOPE_BITS)) * rest) >> SLOPE_SHIFT;
    return (entry << SLOPE_BITS) + u32(risen);
}

// The product divided by 2³² and 2 to the fraction bits, rounded to nearest.
fn scaled_draw(scaled_mean: u32, factor: u32, fraction_bits: u32) -> u32 {
    return (multiply_high(scaled_mean, factor) + (1u << (fraction_bits - 1u))) >> fraction_bits;
}
