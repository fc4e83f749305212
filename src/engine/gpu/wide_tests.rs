//! 64-bit integers of shaders, on a device with them and without, against the host.

use super::device::Device;
use super::kernels::{WIDE, WORDS, same};
use super::shader_tests::{adapter::test_adapter, draw_on};
use crate::engine::rng::threefry;

/// From (a, b) and (factor, offset) in `data`: the high half of a · factor + b · factor + offset with its sign, which
/// has been packed as a buffer holds it; and that of a · b without signs.
const WIDE_TEST: &str = "
@group(0) @binding(0) var<storage, read_write> data: array<vec2<u32>>;

@compute @workgroup_size(1)
fn draw(@builtin(workgroup_id) id: vec3<u32>) {
    let pair = data[2u * id.x];
    let other = data[2u * id.x + 1u];
    let factor = vec4(i32(other.x), 0, i32(other.x), 1);
    let sum = add(multiply(vec4(i32(pair.x)), factor), multiply(vec4(i32(pair.y)), factor));
    let rounded = unpacked(packed(high(sum, vec4(other.y))));
    data[2u * id.x] = vec2(u32(rounded[2u * (id.x % 2u)]), multiply_high(pair.x, pair.y));
}
";

/// Numbers at which something carries, borrows or changes its sign.
const CORNERS: [u32; 9] =
    [0, 1, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_0000, u32::MAX];

/// Quadruples (a, b, factor, offset); a factor is below 2³¹.
fn quadruples() -> Vec<[u32; 4]> {
    let pairs = || CORNERS.iter().flat_map(|&a| CORNERS.map(|b| [a, b]));
    let corners = pairs().flat_map(|[a, b]| pairs().map(move |[factor, offset]| [a, b, factor, offset]));
    let random = (0..4000).map(|i| {
        let ([a, b], [factor, offset]) = (threefry([1, 2], [i, 0]), threefry([1, 2], [i, 1]));
        [a, b, factor >> (i % 32), offset]
    });
    corners.chain(random).map(|[a, b, factor, offset]| [a, b, factor & 0x7fff_ffff, offset]).collect()
}

/// What the host makes of a quadruple.
fn high_halves([a, b, factor, offset]: [u32; 4]) -> [u32; 2] {
    let [a_signed, b_signed] = [a, b].map(|word| i64::from(word as i32));
    let sum = (a_signed + b_signed) * i64::from(factor) + i64::from(offset);
    [(sum >> 32) as u32, ((u64::from(a) * u64::from(b)) >> 32) as u32]
}

#[test]
fn high_halves_of_products_are_those_of_the_host_with_64_bit_integers_and_without() {
    let Some(adapter) = test_adapter() else { return };
    let quadruples = quadruples();
    let data: Vec<_> =
        quadruples.iter().flat_map(|&[a, b, factor, offset]| [[a, b], [factor, offset]]).collect();
    let expected: Vec<_> = quadruples.iter().map(|&quadruple| high_halves(quadruple)).collect();
    for int64 in [false, true] {
        let device = Device::open(&adapter, int64).expect("a device");
        assert_eq!(device.int64, int64 && adapter.info().int64);
        let found = draw_on(&device, &[WORDS, WIDE, same(WIDE_TEST)], &data);
        for ((quadruple, found), expected) in quadruples.iter().zip(&found).zip(&expected) {
            assert_eq!(found, expected, "of {quadruple:x?}, 64-bit integers: {}", device.int64);
        }
    }
}

#[test]
fn the_host_rounds_down_and_an_offset_is_not_signed() {
    assert_eq!(high_halves([u32::MAX, 0, 1, 0]), [u32::MAX, 0]);
    assert_eq!(high_halves([u32::MAX, 0, 1, 1]), [0, 0]);
    assert_eq!(high_halves([1, 0, 1, u32::MAX]), [1, 0]);
}
