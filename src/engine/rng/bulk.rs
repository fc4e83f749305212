//! Many Threefry words at a time, with the machine's vector instructions.

use super::{KEY_PARITY, Key, ROTATIONS};
#[cfg(target_arch = "x86_64")]
use crate::engine::vector::{Avx2, Avx512};
use crate::engine::vector::{Baseline, MOST_LANES, Vector};
use bytemuck::cast_slice_mut;

/// Threefry2x32-20 of many counters under one key, compiled for one instruction set.
#[derive(Debug, Clone, Copy)]
pub struct Bulk {
    /// `(key, first, second, x, y)`: element k of `x` and `y` becomes the words of counter
    /// (`first` + k, `second`); both have the same length.
    pub along_first: fn(Key, u32, u32, &mut [u32], &mut [u32]),
}

impl Bulk {
    /// What every machine of this kind can run.
    pub const BASELINE: Self = Self {
        // SAFETY: every machine of this kind has these vectors.
        along_first: |key, first, second, x, y| unsafe { along_first::<Baseline>(key, first, second, x, y) },
    };

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

/// Vectors made at a time: a round waits for the one before, and others have work meanwhile.
const TOGETHER: usize = 4;

/// What [`Bulk::along_first`] does.
///
/// # Safety
/// The caller is compiled for the instructions of `V`.
#[inline(always)]
unsafe fn along_first<V: Vector>(key: Key, first: u32, second: u32, x: &mut [u32], y: &mut [u32]) {
    assert_eq!(x.len(), y.len());
    let (x, y): (&mut [i32], &mut [i32]) = (cast_slice_mut(x), cast_slice_mut(y));
    let mut done = 0;
    // SAFETY: by the function's contract; what is stored has room.
    unsafe {
        let second = V::splat(second as i32);
        while x.len() - done >= TOGETHER * V::LANES {
            let words = threefry_vectors(key, counting::<V, TOGETHER>(first, done), [second; TOGETHER]);
            for k in 0..TOGETHER {
                V::store(x[done + k * V::LANES..].as_mut_ptr(), words.0[k]);
                V::store(y[done + k * V::LANES..].as_mut_ptr(), words.1[k]);
            }
            done += TOGETHER * V::LANES;
        }
        while done < x.len() {
            let ([of_x], [of_y]) = threefry_vectors(key, counting::<V, 1>(first, done), [second]);
            if x.len() - done >= V::LANES {
                V::store(x[done..].as_mut_ptr(), of_x);
                V::store(y[done..].as_mut_ptr(), of_y);
                done += V::LANES;
                continue;
            }
            let mut lanes = [[0; MOST_LANES]; 2];
            V::store(lanes[0].as_mut_ptr(), of_x);
            V::store(lanes[1].as_mut_ptr(), of_y);
            let rest = x.len() - done;
            x[done..].copy_from_slice(&lanes[0][..rest]);
            y[done..].copy_from_slice(&lanes[1][..rest]);
            break;
        }
    }
}

/// Numbers that rise by 1 a lane, from `first` + `done` on.
///
/// # Safety
/// The caller is compiled for the instructions of `V`.
#[inline(always)]
pub(crate) unsafe fn counting<V: Vector, const N: usize>(first: u32, done: usize) -> [V; N] {
    const LANES: [i32; MOST_LANES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    let mut first = first.wrapping_add(done as u32);
    // SAFETY: by the function's contract; no vector has more lanes.
    unsafe {
        let mut vectors = [V::load(LANES.as_ptr()); N];
        for vector in &mut vectors {
            *vector = vector.add(V::splat(first as i32));
            first = first.wrapping_add(V::LANES as u32);
        }
        vectors
    }
}

/// [`threefry`](super::threefry) in every lane of some vectors of counters. Without closures, which would be
/// compiled for the baseline on their own.
///
/// # Safety
/// The caller is compiled for the instructions of `V`.
#[inline(always)]
pub(crate) unsafe fn threefry_vectors<V: Vector, const N: usize>(
    key: Key,
    mut x: [V; N],
    mut y: [V; N],
) -> ([V; N], [V; N]) {
    let keys = [key[0], key[1], KEY_PARITY ^ key[0] ^ key[1]];
    // SAFETY: by the function's contract.
    unsafe {
        for k in 0..N {
            (x[k], y[k]) = (x[k].add(V::splat(keys[0] as i32)), y[k].add(V::splat(keys[1] as i32)));
        }
        let mut group = 0;
        while group < 5 {
            let mut round = 0;
            while round < 4 {
                for k in 0..N {
                    x[k] = x[k].add(y[k]);
                    y[k] = y[k].rotate_left(ROTATIONS[4 * (group % 2) + round]).xor(x[k]);
                }
                round += 1;
            }
            group += 1;
            let [to_x, to_y] = [keys[group % 3], keys[(group + 1) % 3].wrapping_add(group as u32)];
            for k in 0..N {
                (x[k], y[k]) = (x[k].add(V::splat(to_x as i32)), y[k].add(V::splat(to_y as i32)));
            }
        }
    }
    (x, y)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Avx2, Avx512, Bulk, Key, along_first};

    /// Defines `$name` compiled for `$feature`; handed out only where it was detected.
    macro_rules! compiled_for {
        ($feature:literal, $vector:ty, $name:ident) => {
            pub(super) const $name: Bulk = {
                #[target_feature(enable = $feature)]
                fn compiled(key: Key, first: u32, second: u32, x: &mut [u32], y: &mut [u32]) {
                    // SAFETY: this function is compiled for the vector's feature.
                    unsafe { along_first::<$vector>(key, first, second, x, y) }
                }
                Bulk {
                    // SAFETY: the feature was detected before this constant was handed out.
                    along_first: |k, a, b, x, y| unsafe { compiled(k, a, b, x, y) },
                }
            };
        };
    }
    compiled_for!("avx2", Avx2, AVX2);
    compiled_for!("avx512f,avx512bw", Avx512, AVX512);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::threefry;
    use crate::engine::vector::Portable;

    #[test]
    fn every_instruction_set_gives_the_words_of_threefry() {
        let key = [0x1234_5678, 0x9abc_def0];
        let portable = Bulk {
            // SAFETY: plain Rust.
            along_first: |k, a, b, x, y| unsafe { along_first::<Portable>(k, a, b, x, y) },
        };
        let all = [Some(Bulk::BASELINE), Bulk::avx2(), Bulk::avx512(), Some(portable)];
        for bulk in all.into_iter().flatten() {
            for n in [0, 1, 15, 16, 17, 64, 100, 300] {
                let (mut x, mut y) = (vec![0; n], vec![0; n]);
                (bulk.along_first)(key, u32::MAX - 5, 7, &mut x, &mut y);
                for k in 0..n {
                    assert_eq!([x[k], y[k]], threefry(key, [(u32::MAX - 5).wrapping_add(k as u32), 7]));
                }
            }
        }
    }
}
