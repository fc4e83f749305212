//! Vectors of eight integers, with the instructions of AVX2.

use super::Vector;
use std::arch::x86_64::*;

/// Eight lanes.
#[derive(Clone, Copy)]
pub(crate) struct Avx2(__m256i);

impl Avx2 {
    /// High halves of 64-bit `even` and `odd`, interleaved as 32-bit lanes.
    ///
    /// # Safety
    /// As [`Vector`].
    #[inline(always)]
    unsafe fn high_halves(even: __m256i, odd: __m256i) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { Self(_mm256_blend_epi32::<0b1010_1010>(_mm256_srli_epi64::<32>(even), odd)) }
    }
}

impl Vector for Avx2 {
    const LANES: usize = 8;
    type Mask = __m256i;

    #[inline(always)]
    unsafe fn splat(x: i32) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { Self(_mm256_set1_epi32(x)) }
    }
    #[inline(always)]
    unsafe fn load(from: *const i32) -> Self {
        // SAFETY: the caller is compiled for AVX2, and eight values lie at `from`.
        unsafe { Self(_mm256_loadu_si256(from.cast())) }
    }
    #[inline(always)]
    unsafe fn store(to: *mut i32, x: Self) {
        // SAFETY: the caller is compiled for AVX2, and eight values have room at `to`.
        unsafe { _mm256_storeu_si256(to.cast(), x.0) }
    }
    #[inline(always)]
    unsafe fn add(self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { Self(_mm256_add_epi32(self.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn sub(self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { Self(_mm256_sub_epi32(self.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn and(self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { Self(_mm256_and_si256(self.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn or(self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { Self(_mm256_or_si256(self.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn shift_right(self, bits: u32) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { Self(_mm256_sra_epi32(self.0, _mm_cvtsi32_si128(bits as i32))) }
    }
    #[inline(always)]
    unsafe fn shift_right_unsigned(self, bits: u32) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { Self(_mm256_srl_epi32(self.0, _mm_cvtsi32_si128(bits as i32))) }
    }
    #[inline(always)]
    unsafe fn xor(self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { Self(_mm256_xor_si256(self.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn shift_left(self, bits: u32) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { Self(_mm256_sll_epi32(self.0, _mm_cvtsi32_si128(bits as i32))) }
    }
    #[inline(always)]
    unsafe fn rotate_left(self, bits: u32) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { self.shift_left(bits).or(self.shift_right_unsigned(u32::BITS - bits)) }
    }
    #[inline(always)]
    unsafe fn low_of_product(x: Self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { Self(_mm256_mullo_epi32(x.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn high_of_unsigned_product(x: Self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe {
            let odd = |v: __m256i| _mm256_srli_epi64::<32>(v);
            Self::high_halves(_mm256_mul_epu32(x.0, y.0), _mm256_mul_epu32(odd(x.0), odd(y.0)))
        }
    }
    #[inline(always)]
    unsafe fn to_float_bits(self) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { Self(_mm256_castps_si256(_mm256_cvtepi32_ps(self.0))) }
    }
    #[inline(always)]
    unsafe fn look_up(table: *const u32, indices: Self) -> Self {
        // SAFETY: the caller is compiled for AVX2, and the indices lie in the table.
        unsafe { Self(_mm256_i32gather_epi32::<4>(table.cast(), indices.0)) }
    }
    #[inline(always)]
    unsafe fn wide(self) -> [Self; 2] {
        // SAFETY: the caller is compiled for AVX2.
        unsafe {
            let even = _mm256_and_si256(self.0, _mm256_set1_epi64x(0xffff_ffff));
            [Self(even), Self(_mm256_srli_epi64::<32>(self.0))]
        }
    }
    #[inline(always)]
    unsafe fn add_product([even, odd]: [Self; 2], x: Self, y: Self) -> [Self; 2] {
        // SAFETY: the caller is compiled for AVX2.
        unsafe {
            let of_odd = _mm256_mul_epi32(_mm256_srli_epi64::<32>(x.0), _mm256_srli_epi64::<32>(y.0));
            [
                Self(_mm256_add_epi64(even.0, _mm256_mul_epi32(x.0, y.0))),
                Self(_mm256_add_epi64(odd.0, of_odd)),
            ]
        }
    }
    #[inline(always)]
    unsafe fn high_of_product(x: Self, y: Self, offset: [Self; 2]) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe {
            let product =
                |x: __m256i, y: __m256i, offset: Self| _mm256_add_epi64(_mm256_mul_epi32(x, y), offset.0);
            let odd = |v: __m256i| _mm256_srli_epi64::<32>(v);
            Self::high_halves(product(x.0, y.0, offset[0]), product(odd(x.0), odd(y.0), offset[1]))
        }
    }
    #[inline(always)]
    unsafe fn high_of_difference(x: Self, y: Self, z: Self, w: Self, offset: [Self; 2]) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe {
            let difference = |x: __m256i, y: __m256i, z: __m256i, w: __m256i, offset: Self| {
                _mm256_sub_epi64(_mm256_add_epi64(_mm256_mul_epi32(x, y), offset.0), _mm256_mul_epi32(z, w))
            };
            let odd = |v: __m256i| _mm256_srli_epi64::<32>(v);
            Self::high_halves(
                difference(x.0, y.0, z.0, w.0, offset[0]),
                difference(odd(x.0), odd(y.0), odd(z.0), odd(w.0), offset[1]),
            )
        }
    }
    #[inline(always)]
    unsafe fn less(self, y: Self) -> Self::Mask {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { _mm256_cmpgt_epi32(y.0, self.0) }
    }
    #[inline(always)]
    unsafe fn not_less(self, y: Self) -> Self::Mask {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { _mm256_xor_si256(_mm256_cmpgt_epi32(y.0, self.0), _mm256_set1_epi32(-1)) }
    }
    #[inline(always)]
    unsafe fn equal(self, y: Self) -> Self::Mask {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { _mm256_cmpeq_epi32(self.0, y.0) }
    }
    #[inline(always)]
    unsafe fn and_not(x: Self::Mask, y: Self::Mask) -> Self::Mask {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { _mm256_andnot_si256(y, x) }
    }
    #[inline(always)]
    unsafe fn select(mask: Self::Mask, x: Self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { Self(_mm256_blendv_epi8(y.0, x.0, mask)) }
    }
    #[inline(always)]
    unsafe fn bits(mask: Self::Mask) -> u32 {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { _mm256_movemask_ps(_mm256_castsi256_ps(mask)) as u32 }
    }
    #[inline(always)]
    unsafe fn is_zero(self) -> bool {
        // SAFETY: the caller is compiled for AVX2.
        unsafe { _mm256_testz_si256(self.0, self.0) != 0 }
    }
}
