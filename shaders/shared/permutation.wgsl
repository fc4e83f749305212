// Keyed permutations of 0 to n - 1. The twin of `src/engine/rng/permutation.rs`, where the method is.

// Separates the keys of rounds.
const ROUND_KEY_STEP = 0x9e3779b9u;
// Multipliers of the round function.
const MIX_MULTIPLIER_A = 0x7feb352du;
const MIX_MULTIPLIER_B = 0x846ca68bu;
const MIN_PERMUTATION_BITS = 6u;

// The round function.
fn mixed(x: u32) -> u32 {
    let a = (x ^ (x >> 16u)) * MIX_MULTIPLIER_A;
    let b = (a ^ (a >> 15u)) * MIX_MULTIPLIER_B;
    return b ^ (b >> 16u);
}

// Two rounds, each of which changes one of the halves (high, low) by the other.
fn two_rounds(halves: vec2<u32>, masks: vec2<u32>, key: vec2<u32>, round: u32) -> vec2<u32> {
    let step = round * ROUND_KEY_STEP;
    let high = halves.x ^ (mixed(halves.y + key.x + step) & masks.x);
    let low = halves.y ^ (mixed(high + key.y + step) & masks.y);
    return vec2(high, low);
}

fn permuted(key: vec2<u32>, n: u32, element: u32) -> u32 {
    let bits = max(32u - countLeadingZeros(n - 1u), MIN_PERMUTATION_BITS);
    let low_bits = bits / 2u;
    let masks = vec2((1u << (bits - low_bits)) - 1u, (1u << low_bits) - 1u);
    var image = element;
    loop {
        var halves = vec2(image >> low_bits, image & masks.y);
        halves = two_rounds(halves, masks, key, 0u);
        halves = two_rounds(halves, masks, key, 2u);
        halves = two_rounds(halves, masks, key, 4u);
        halves = two_rounds(halves, masks, key, 6u);
        image = (halves.x << low_bits) | halves.y;
        if (image < n) {
            break;
        }
    }
    return image;
}
