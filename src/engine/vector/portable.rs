//! Vectors of eight integers, in plain Rust: compilers make vector instructions of it.

use super::Vector;
use std::array::from_fn;

/// Eight lanes.
#[derive(Clone, Copy)]
pub(crate) struct Portable([i32; 8]);

impl Portable {
    #[inline(always)]
    fn each(self, y: Self, f: impl Fn(i32, i32) -> i32) -> Self {
        Self(from_fn(|k| f(self.0[k], y.0[k])))
    }

    #[inline(always)]
    fn compare(self, y: Self, f: impl Fn(i32, i32) -> bool) -> [bool; 8] {
        from_fn(|k| f(self.0[k], y.0[k]))
    }

    /// The 64-bit numbers of the even lanes and of the odd ones, by lane.
    #[inline(always)]
    fn of_wide([even, odd]: [Self; 2]) -> [i64; 8] {
        from_fn(|k| {
            let half = if k % 2 == 0 { even } else { odd };
            i64::from(half.0[k | 1]) << 32 | i64::from(half.0[k & !1] as u32)
        })
    }

    #[inline(always)]
    fn to_wide(sums: [i64; 8]) -> [Self; 2] {
        let half = |odd: usize| {
            Self(from_fn(|k| {
                let sum = sums[k & !1 | odd];
                if k % 2 == 0 { sum as i32 } else { (sum >> 32) as i32 }
            }))
        };
        [half(0), half(1)]
    }
}

#[inline(always)]
fn product(x: i32, y: i32) -> i64 {
    i64::from(x) * i64::from(y)
}

impl Vector for Portable {
    const LANES: usize = 8;
    type Mask = [bool; 8];

    #[inline(always)]
    unsafe fn splat(x: i32) -> Self {
        Self([x; 8])
    }
    #[inline(always)]
    unsafe fn load(from: *const i32) -> Self {
        // SAFETY: eight values lie at `from`.
        Self(unsafe { from.cast::<[i32; 8]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn store(to: *mut i32, x: Self) {
        // SAFETY: eight values have room at `to`.
        unsafe { to.cast::<[i32; 8]>().write_unaligned(x.0) }
    }
    #[inline(always)]
    unsafe fn add(self, y: Self) -> Self {
        self.each(y, i32::wrapping_add)
    }
    #[inline(always)]
    unsafe fn sub(self, y: Self) -> Self {
        self.each(y, i32::wrapping_sub)
    }
    #[inline(always)]
    unsafe fn and(self, y: Self) -> Self {
        self.each(y, |x, y| x & y)
    }
    #[inline(always)]
    unsafe fn or(self, y: Self) -> Self {
        self.each(y, |x, y| x | y)
    }
    #[inline(always)]
    unsafe fn xor(self, y: Self) -> Self {
        self.each(y, |x, y| x ^ y)
    }
    #[inline(always)]
    unsafe fn shift_left(self, bits: u32) -> Self {
        Self(self.0.map(|x| x << bits))
    }
    #[inline(always)]
    unsafe fn rotate_left(self, bits: u32) -> Self {
        Self(self.0.map(|x| x.rotate_left(bits)))
    }
    #[inline(always)]
    unsafe fn shift_right(self, bits: u32) -> Self {
        Self(self.0.map(|x| x >> bits))
    }
    #[inline(always)]
    unsafe fn shift_right_unsigned(self, bits: u32) -> Self {
        Self(self.0.map(|x| (x as u32 >> bits) as i32))
    }
    #[inline(always)]
    unsafe fn low_of_product(x: Self, y: Self) -> Self {
        x.each(y, i32::wrapping_mul)
    }
    #[inline(always)]
    unsafe fn high_of_unsigned_product(x: Self, y: Self) -> Self {
        x.each(y, |x, y| ((u64::from(x as u32) * u64::from(y as u32)) >> 32) as i32)
    }
    #[inline(always)]
    unsafe fn to_float_bits(self) -> Self {
        Self(self.0.map(|x| (x as f32).to_bits() as i32))
    }
    #[inline(always)]
    unsafe fn look_up(table: *const u32, indices: Self) -> Self {
        // SAFETY: the indices lie in the table.
        Self(indices.0.map(|index| unsafe { *table.add(index as usize) } as i32))
    }
    #[inline(always)]
    unsafe fn wide(self) -> [Self; 2] {
        Self::to_wide(self.0.map(|x| i64::from(x as u32)))
    }
    #[inline(always)]
    unsafe fn add_product(sums: [Self; 2], x: Self, y: Self) -> [Self; 2] {
        let sums = Self::of_wide(sums);
        Self::to_wide(from_fn(|k| sums[k].wrapping_add(product(x.0[k], y.0[k]))))
    }
    #[inline(always)]
    unsafe fn high_of_product(x: Self, y: Self, offset: [Self; 2]) -> Self {
        let offset = Self::of_wide(offset);
        Self(from_fn(|k| (product(x.0[k], y.0[k]).wrapping_add(offset[k]) >> 32) as i32))
    }
    #[inline(always)]
    unsafe fn high_of_difference(x: Self, y: Self, z: Self, w: Self, offset: [Self; 2]) -> Self {
        let offset = Self::of_wide(offset);
        Self(from_fn(|k| {
            let difference = product(x.0[k], y.0[k]).wrapping_sub(product(z.0[k], w.0[k]));
            (difference.wrapping_add(offset[k]) >> 32) as i32
        }))
    }
    #[inline(always)]
    unsafe fn less(self, y: Self) -> Self::Mask {
        self.compare(y, |x, y| x < y)
    }
    #[inline(always)]
    unsafe fn not_less(self, y: Self) -> Self::Mask {
        self.compare(y, |x, y| x >= y)
    }
    #[inline(always)]
    unsafe fn equal(self, y: Self) -> Self::Mask {
        self.compare(y, |x, y| x == y)
    }
    #[inline(always)]
    unsafe fn and_not(x: Self::Mask, y: Self::Mask) -> Self::Mask {
        from_fn(|k| x[k] & !y[k])
    }
    #[inline(always)]
    unsafe fn select(mask: Self::Mask, x: Self, y: Self) -> Self {
        Self(from_fn(|k| if mask[k] { x.0[k] } else { y.0[k] }))
    }
    #[inline(always)]
    unsafe fn bits(mask: Self::Mask) -> u32 {
        (0..8).map(|k| u32::from(mask[k]) << k).sum()
    }
    #[inline(always)]
    unsafe fn is_zero(self) -> bool {
        self.0.iter().all(|&x| x == 0)
    }
}
