// 64-bit integers on devices that have none, and words as buffers hold them. The twin of `wide_int64.wgsl`; a test
// compares both with the host.

// The words of a lane in a buffer.
alias LaneWords = vec4<i32>;

fn unpacked(words: LaneWords) -> vec4<i32> {
    return words;
}

fn packed(values: vec4<i32>) -> LaneWords {
    return values;
}

// high · 2³² + low.
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

// The value divided by 2 to the bits, rounded to nearest: a word, 0 < bits < 32.
fn nearest(a: Wide, bits: u32) -> vec4<i32> {
    let sum = add(a, Wide(vec4(0), vec4(1u << (bits - 1u))));
    return (sum.high << vec4(WORD_BITS - bits)) | vec4<i32>(sum.low >> vec4(bits));
}

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
