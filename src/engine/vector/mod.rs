//! Vectors of 32-bit integers: what updates and draws need, in each instruction set.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod sse2;

#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable;

#[cfg(target_arch = "x86_64")]
pub(crate) use self::{avx2::Avx2, avx512::Avx512, sse2::Sse2};
#[cfg(any(test, not(target_arch = "x86_64")))]
pub(crate) use portable::Portable;

/// What every machine of this kind has.
#[cfg(target_arch = "x86_64")]
pub(crate) type Baseline = Sse2;
/// What every machine of this kind has.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) type Baseline = Portable;

/// Most lanes of a vector.
pub(crate) const MOST_LANES: usize = 16;

/// A vector of `LANES` signed 32-bit integers; additions wrap.
///
/// # Safety
/// Every function may only be called from code that is compiled for the vector's instruction set, and what it is
/// given to load from or to store to has `LANES` values.
pub(crate) trait Vector: Copy {
    /// Integers in a vector, at most [`MOST_LANES`].
    const LANES: usize;
    /// Result of a comparison.
    type Mask: Copy;

    /// The same value in every lane.
    unsafe fn splat(x: i32) -> Self;
    /// `LANES` values from `from`, which need not be aligned.
    unsafe fn load(from: *const i32) -> Self;
    /// Writes `LANES` values.
    unsafe fn store(to: *mut i32, x: Self);
    unsafe fn add(self, y: Self) -> Self;
    unsafe fn sub(self, y: Self) -> Self;
    unsafe fn and(self, y: Self) -> Self;
    unsafe fn or(self, y: Self) -> Self;
    unsafe fn xor(self, y: Self) -> Self;
    unsafe fn shift_left(self, bits: u32) -> Self;
    /// Rotates every lane left by 1 to 31 bits.
    unsafe fn rotate_left(self, bits: u32) -> Self;
    /// Shifts every lane right, with its sign.
    unsafe fn shift_right(self, bits: u32) -> Self;
    /// Shifts every lane right, with zeros.
    unsafe fn shift_right_unsigned(self, bits: u32) -> Self;
    /// Low half of the 64-bit x · y.
    unsafe fn low_of_product(x: Self, y: Self) -> Self;
    /// High half of the 64-bit x · y of unsigned numbers.
    unsafe fn high_of_unsigned_product(x: Self, y: Self) -> Self;
    /// The bits of the single-precision number next to each signed integer.
    unsafe fn to_float_bits(self) -> Self;
    /// The entries of a table at these indices, all of which lie in it.
    unsafe fn look_up(table: *const u32, indices: Self) -> Self;
    /// The unsigned numbers of the even lanes and of the odd ones, in 64 bits each.
    unsafe fn wide(self) -> [Self; 2];
    /// The 64-bit sums + x · y, which are wide; y is not negative.
    unsafe fn add_product(sums: [Self; 2], x: Self, y: Self) -> [Self; 2];
    /// High half of the 64-bit x · y + `offset`, which is wide; y is not negative.
    unsafe fn high_of_product(x: Self, y: Self, offset: [Self; 2]) -> Self;
    /// High half of the 64-bit x · y − z · w + `offset`, which is wide; y and w are not negative.
    unsafe fn high_of_difference(x: Self, y: Self, z: Self, w: Self, offset: [Self; 2]) -> Self;
    unsafe fn less(self, y: Self) -> Self::Mask;
    unsafe fn not_less(self, y: Self) -> Self::Mask;
    unsafe fn equal(self, y: Self) -> Self::Mask;
    /// Where x holds and y does not.
    unsafe fn and_not(x: Self::Mask, y: Self::Mask) -> Self::Mask;
    /// x where the mask holds, else y.
    unsafe fn select(mask: Self::Mask, x: Self, y: Self) -> Self;
    /// One bit a lane, the first lane lowest.
    unsafe fn bits(mask: Self::Mask) -> u32;
    /// Whether all lanes are 0.
    unsafe fn is_zero(self) -> bool;
}
