// 64-bit integers on devices that have them. The twin of `wide.wgsl`.

// The words of a lane in a buffer, two at a time: Mesa's software adapter reads and writes the parts of a vector one
// after the other, so that fewer are faster.
alias LaneWords = vec2<u64>;

fn unpacked(words: LaneWords) -> vec4<i32> {
    let low = vec2<u32>(words);
    let high = vec2<u32>(words >> vec2(WORD_BITS));
    return bitcast<vec4<i32>>(vec4(low.x, high.x, low.y, high.y));
}

fn packed(values: vec4<i32>) -> LaneWords {
    let words = bitcast<vec4<u32>>(values);
    return vec2<u64>(words.xz) | (vec2<u64>(words.yw) << vec2(WORD_BITS));
}

alias Wide = vec4<i64>;

// a · factor.
fn multiply(a: vec4<i32>, factor: vec4<i32>) -> Wide {
    return vec4<i64>(a) * vec4<i64>(factor);
}

fn add(a: Wide, b: Wide) -> Wide {
    return a + b;
}

// The value and an offset, divided by 2³² and rounded down. The offset is made wide without its sign: naga 30 takes the
// highest bit of a u32 for the sign where it makes an i64 of it.
fn high(a: Wide, offset: vec4<u32>) -> vec4<i32> {
    return vec4<i32>((a + vec4<i64>(vec4<u64>(offset))) >> vec4(WORD_BITS));
}

// The value divided by 2 to the bits, rounded to nearest: a word, 0 < bits < 32.
fn nearest(a: Wide, bits: u32) -> vec4<i32> {
    return vec4<i32>((a + vec4(i64(1) << (bits - 1u))) >> vec4(bits));
}

// The high half of the product.
fn multiply_high(a: u32, b: u32) -> u32 {
    return u32((u64(a) * u64(b)) >> WORD_BITS);
}
