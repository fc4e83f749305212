// Counter-based random numbers: Threefry2x32-20 (Salmon et al. 2011, doi:10.1145/2063384.2063405).
// The twin of `threefry` in `src/engine/rng/`.

// Constant that makes the third key word.
const KEY_PARITY = 0x1bd11bdau;

fn rotate_left(x: u32, distance: u32) -> u32 {
    return (x << distance) | (x >> (32u - distance));
}

// A round: add, rotate, exclusive or.
fn mix(x: vec2<u32>, distance: u32) -> vec2<u32> {
    let sum = x.x + x.y;
    return vec2(sum, rotate_left(x.y, distance) ^ sum);
}

fn four_even_rounds(x: vec2<u32>) -> vec2<u32> {
    return mix(mix(mix(mix(x, 13u), 15u), 26u), 6u);
}

fn four_odd_rounds(x: vec2<u32>) -> vec2<u32> {
    return mix(mix(mix(mix(x, 17u), 29u), 16u), 24u);
}

fn threefry(key: vec2<u32>, counter: vec2<u32>) -> vec2<u32> {
    let third = KEY_PARITY ^ key.x ^ key.y;
    var x = counter + key;
    x = four_even_rounds(x) + vec2(key.y, third + 1u);
    x = four_odd_rounds(x) + vec2(third, key.x + 2u);
    x = four_even_rounds(x) + vec2(key.x, key.y + 3u);
    x = four_odd_rounds(x) + vec2(key.y, third + 4u);
    return four_even_rounds(x) + vec2(third, key.x + 5u);
}
