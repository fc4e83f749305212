//! Vectors of four integers, with the instructions of SSE2.

use super::Vector;
use std::arch::x86_64::*;

/// Four lanes.
#[derive(Clone, Copy)]
pub(crate) struct Sse2(__m128i);

impl Sse2 {
    /// High halves of 64-bit `even` and `odd`, interleaved as 32-bit lanes.
    ///
    /// # Safety
    /// As [`Vector`].
    #[inline(always)]
    unsafe fn high_halves(even: __m128i, odd: __m128i) -> __m128i {
        // SAFETY: the caller is compiled for SSE2.
        unsafe {
            let high = _mm_set1_epi64x(-1 << 32);
            _mm_or_si128(_mm_srli_epi64::<32>(even), _mm_and_si128(odd, high))
        }
    }

    /// What makes the high half of an unsigned product with `y` that of the signed one:
    /// SSE2 only multiplies unsigned, and as such a negative x counts as x + 2³².
    ///
    /// # Safety
    /// As [`Vector`].
    #[inline(always)]
    unsafe fn excess(x: __m128i, y: __m128i) -> __m128i {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { _mm_and_si128(_mm_srai_epi32::<31>(x), y) }
    }
}

impl Vector for Sse2 {
    const LANES: usize = 4;
    type Mask = __m128i;

    #[inline(always)]
    unsafe fn splat(x: i32) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { Self(_mm_set1_epi32(x)) }
    }
    #[inline(always)]
    unsafe fn load(from: *const i32) -> Self {
        // SAFETY: the caller is compiled for SSE2, and four values lie at `from`.
        unsafe { Self(_mm_loadu_si128(from.cast())) }
    }
    #[inline(always)]
    unsafe fn store(to: *mut i32, x: Self) {
        // SAFETY: the caller is compiled for SSE2, and four values have room at `to`.
        unsafe { _mm_storeu_si128(to.cast(), x.0) }
    }
    #[inline(always)]
    unsafe fn add(self, y: Self) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { Self(_mm_add_epi32(self.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn sub(self, y: Self) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { Self(_mm_sub_epi32(self.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn and(self, y: Self) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { Self(_mm_and_si128(self.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn or(self, y: Self) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { Self(_mm_or_si128(self.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn shift_right(self, bits: u32) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { Self(_mm_sra_epi32(self.0, _mm_cvtsi32_si128(bits as i32))) }
    }
    #[inline(always)]
    unsafe fn shift_right_unsigned(self, bits: u32) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { Self(_mm_srl_epi32(self.0, _mm_cvtsi32_si128(bits as i32))) }
    }
    #[inline(always)]
    unsafe fn xor(self, y: Self) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { Self(_mm_xor_si128(self.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn shift_left(self, bits: u32) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { Self(_mm_sll_epi32(self.0, _mm_cvtsi32_si128(bits as i32))) }
    }
    #[inline(always)]
    unsafe fn rotate_left(self, bits: u32) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { self.shift_left(bits).or(self.shift_right_unsigned(u32::BITS - bits)) }
    }
    #[inline(always)]
    unsafe fn low_of_product(x: Self, y: Self) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe {
            let odd = |v: __m128i| _mm_srli_epi64::<32>(v);
            let of_even = _mm_and_si128(_mm_mul_epu32(x.0, y.0), _mm_set1_epi64x(0xffff_ffff));
            Self(_mm_or_si128(of_even, _mm_slli_epi64::<32>(_mm_mul_epu32(odd(x.0), odd(y.0)))))
        }
    }
    #[inline(always)]
    unsafe fn high_of_unsigned_product(x: Self, y: Self) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe {
            let odd = |v: __m128i| _mm_srli_epi64::<32>(v);
            Self(Self::high_halves(_mm_mul_epu32(x.0, y.0), _mm_mul_epu32(odd(x.0), odd(y.0))))
        }
    }
    #[inline(always)]
    unsafe fn to_float_bits(self) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { Self(_mm_castps_si128(_mm_cvtepi32_ps(self.0))) }
    }
    #[inline(always)]
    unsafe fn look_up(table: *const u32, indices: Self) -> Self {
        // SAFETY: the caller is compiled for SSE2, and the indices lie in the table.
        unsafe {
            let mut lanes = [0; Self::LANES];
            Self::store(lanes.as_mut_ptr(), indices);
            let entries = lanes.map(|index| *table.add(index as usize) as i32);
            Self::load(entries.as_ptr())
        }
    }
    #[inline(always)]
    unsafe fn wide(self) -> [Self; 2] {
        // SAFETY: the caller is compiled for SSE2.
        unsafe {
            let even = _mm_and_si128(self.0, _mm_set1_epi64x(0xffff_ffff));
            [Self(even), Self(_mm_srli_epi64::<32>(self.0))]
        }
    }
    #[inline(always)]
    unsafe fn add_product([even, odd]: [Self; 2], x: Self, y: Self) -> [Self; 2] {
        // SAFETY: the caller is compiled for SSE2.
        unsafe {
            // The excess counts in the high half.
            let excess = Self::excess(x.0, y.0);
            let of_even = _mm_sub_epi64(_mm_mul_epu32(x.0, y.0), _mm_slli_epi64::<32>(excess));
            let unsigned = _mm_mul_epu32(_mm_srli_epi64::<32>(x.0), _mm_srli_epi64::<32>(y.0));
            let of_odd = _mm_sub_epi64(unsigned, _mm_and_si128(excess, _mm_set1_epi64x(-1 << 32)));
            [Self(_mm_add_epi64(even.0, of_even)), Self(_mm_add_epi64(odd.0, of_odd))]
        }
    }
    #[inline(always)]
    unsafe fn high_of_product(x: Self, y: Self, offset: [Self; 2]) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe {
            let product = |x: __m128i, y: __m128i, offset: Self| _mm_add_epi64(_mm_mul_epu32(x, y), offset.0);
            let odd = |v: __m128i| _mm_srli_epi64::<32>(v);
            let high =
                Self::high_halves(product(x.0, y.0, offset[0]), product(odd(x.0), odd(y.0), offset[1]));
            Self(_mm_sub_epi32(high, Self::excess(x.0, y.0)))
        }
    }
    #[inline(always)]
    unsafe fn high_of_difference(x: Self, y: Self, z: Self, w: Self, offset: [Self; 2]) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe {
            let difference = |x: __m128i, y: __m128i, z: __m128i, w: __m128i, offset: Self| {
                _mm_sub_epi64(_mm_add_epi64(_mm_mul_epu32(x, y), offset.0), _mm_mul_epu32(z, w))
            };
            let odd = |v: __m128i| _mm_srli_epi64::<32>(v);
            let high = Self::high_halves(
                difference(x.0, y.0, z.0, w.0, offset[0]),
                difference(odd(x.0), odd(y.0), odd(z.0), odd(w.0), offset[1]),
            );
            let excess = _mm_sub_epi32(Self::excess(x.0, y.0), Self::excess(z.0, w.0));
            Self(_mm_sub_epi32(high, excess))
        }
    }
    #[inline(always)]
    unsafe fn less(self, y: Self) -> Self::Mask {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { _mm_cmplt_epi32(self.0, y.0) }
    }
    #[inline(always)]
    unsafe fn not_less(self, y: Self) -> Self::Mask {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { _mm_xor_si128(_mm_cmplt_epi32(self.0, y.0), _mm_set1_epi32(-1)) }
    }
    #[inline(always)]
    unsafe fn equal(self, y: Self) -> Self::Mask {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { _mm_cmpeq_epi32(self.0, y.0) }
    }
    #[inline(always)]
    unsafe fn and_not(x: Self::Mask, y: Self::Mask) -> Self::Mask {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { _mm_andnot_si128(y, x) }
    }
    #[inline(always)]
    unsafe fn select(mask: Self::Mask, x: Self, y: Self) -> Self {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { Self(_mm_or_si128(_mm_and_si128(mask, x.0), _mm_andnot_si128(mask, y.0))) }
    }
    #[inline(always)]
    unsafe fn bits(mask: Self::Mask) -> u32 {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { _mm_movemask_ps(_mm_castsi128_ps(mask)) as u32 }
    }
    #[inline(always)]
    unsafe fn is_zero(self) -> bool {
        // SAFETY: the caller is compiled for SSE2.
        unsafe { _mm_movemask_epi8(_mm_cmpeq_epi32(self.0, _mm_setzero_si128())) == 0xffff }
    }
}
