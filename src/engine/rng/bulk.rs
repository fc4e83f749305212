//! Many Threefry words at a time, with the machine's vector instructions.

use super::{KEY_PARITY, Key, ROTATIONS};

/// Words made at a time by one pass of the loops.
const LANES: usize = 16;

/// Threefry2x32-20 of many counters under one key, compiled for one instruction set.
#[derive(Debug, Clone, Copy)]
pub struct Bulk {
    /// `(key, first, second, x, y)`: element k of `x` and `y` becomes the words of counter
    /// (`first` + k, `second`); both have the same length.
    pub along_first: fn(Key, u32, u32, &mut [u32], &mut [u32]),
    /// The same for counter (`first`, `second` + k).
    pub along_second: fn(Key, u32, u32, &mut [u32], &mut [u32]),
}

impl Bulk {
    /// What every machine of this kind can run.
    pub const BASELINE: Self = Self { along_first, along_second };

    /// Compiled for AVX2, where this machine has it.
    pub fn avx2() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            return Some(x86::AVX2);
        }
        None
    }

    /// Compiled for AVX-512 (F and BW), where this machine has it.
    pub fn avx512() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") {
            return Some(x86::AVX512);
        }
        None
    }

    /// The widest that this machine has.
    pub fn widest() -> Self {
        Self::avx512().or_else(Self::avx2).unwrap_or(Self::BASELINE)
    }
}

#[inline(always)]
fn along_first(key: Key, first: u32, second: u32, x: &mut [u32], y: &mut [u32]) {
    fill::<true>(key, first, second, x, y);
}

#[inline(always)]
fn along_second(key: Key, first: u32, second: u32, x: &mut [u32], y: &mut [u32]) {
    fill::<false>(key, first, second, x, y);
}

/// Both of the above. Without closures, which would be compiled for the baseline on their own.
#[inline(always)]
fn fill<const FIRST: bool>(key: Key, mut first: u32, mut second: u32, x: &mut [u32], y: &mut [u32]) {
    let (whole_x, rest_x) = x.as_chunks_mut::<LANES>();
    let (whole_y, rest_y) = y.as_chunks_mut::<LANES>();
    for (x, y) in whole_x.iter_mut().zip(whole_y) {
        (*x, *y) = lanes::<FIRST>(key, first, second);
        if FIRST {
            first = first.wrapping_add(LANES as u32);
        } else {
            second = second.wrapping_add(LANES as u32);
        }
    }
    if !rest_x.is_empty() {
        let (a, b) = lanes::<FIRST>(key, first, second);
        rest_x.copy_from_slice(&a[..rest_x.len()]);
        rest_y.copy_from_slice(&b[..rest_y.len()]);
    }
}

/// [`threefry`](super::threefry) in every lane; one word of the counter grows by 1 a lane.
#[inline(always)]
fn lanes<const FIRST: bool>(key: Key, first: u32, second: u32) -> ([u32; LANES], [u32; LANES]) {
    let keys = [key[0], key[1], KEY_PARITY ^ key[0] ^ key[1]];
    let (mut x, mut y) = ([first.wrapping_add(keys[0]); LANES], [second.wrapping_add(keys[1]); LANES]);
    for lane in 0..LANES {
        let word = if FIRST { &mut x[lane] } else { &mut y[lane] };
        *word = word.wrapping_add(lane as u32);
    }
    for group in 0..5 {
        for round in 0..4 {
            let rotation = ROTATIONS[4 * (group % 2) + round];
            for lane in 0..LANES {
                x[lane] = x[lane].wrapping_add(y[lane]);
                y[lane] = y[lane].rotate_left(rotation) ^ x[lane];
            }
        }
        let group = group + 1;
        for lane in 0..LANES {
            x[lane] = x[lane].wrapping_add(keys[group % 3]);
            y[lane] = y[lane].wrapping_add(keys[(group + 1) % 3]).wrapping_add(group as u32);
        }
    }
    (x, y)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Bulk, Key};

    /// Defines `$name` with both functions compiled for `$feature`; handed out only where it was detected.
    macro_rules! compiled_for {
        ($feature:literal, $name:ident) => {
            pub(super) const $name: Bulk = {
                #[target_feature(enable = $feature)]
                fn first(key: Key, first: u32, second: u32, x: &mut [u32], y: &mut [u32]) {
                    super::along_first(key, first, second, x, y)
                }
                #[target_feature(enable = $feature)]
                fn second(key: Key, first: u32, second: u32, x: &mut [u32], y: &mut [u32]) {
                    super::along_second(key, first, second, x, y)
                }
                Bulk {
                    // SAFETY: the feature was detected before this constant was handed out.
                    along_first: |k, a, b, x, y| unsafe { first(k, a, b, x, y) },
                    // SAFETY: as above.
                    along_second: |k, a, b, x, y| unsafe { second(k, a, b, x, y) },
                }
            };
        };
    }
    compiled_for!("avx2", AVX2);
    compiled_for!("avx512f", AVX512);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::threefry;

    #[test]
    fn every_instruction_set_gives_the_words_of_threefry() {
        let key = [0x1234_5678, 0x9abc_def0];
        for bulk in [Some(Bulk::BASELINE), Bulk::avx2(), Bulk::avx512()].into_iter().flatten() {
            for n in [0, 1, 15, 16, 17, 100] {
                let (mut x, mut y) = (vec![0; n], vec![0; n]);
                (bulk.along_first)(key, u32::MAX - 5, 7, &mut x, &mut y);
                for k in 0..n {
                    assert_eq!([x[k], y[k]], threefry(key, [(u32::MAX - 5).wrapping_add(k as u32), 7]));
                }
                (bulk.along_second)(key, 7, 1000, &mut x, &mut y);
                for k in 0..n {
                    assert_eq!([x[k], y[k]], threefry(key, [7, 1000 + k as u32]));
                }
            }
        }
    }
}
