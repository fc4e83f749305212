//! Vectors of 32-bit integers: what the update needs, in each instruction set.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod sse2;

#[cfg(target_arch = "x86_64")]
pub(super) use self::{avx2::Avx2, avx512::Avx512, sse2::Sse2};

/// A vector of `LANES` signed 32-bit integers; additions wrap.
///
/// # Safety
/// Every function may only be called from code that is compiled for the vector's instruction set, and what it is
/// given to load from or to store to has `LANES` values.
pub(super) trait Vector: Copy {
    /// Integers in a vector, at most 16.
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
    /// Shifts every lane right, with its sign.
    unsafe fn shift_right(self, bits: u32) -> Self;
    /// Shifts every lane right, with zeros.
    unsafe fn shift_right_unsigned(self, bits: u32) -> Self;
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
