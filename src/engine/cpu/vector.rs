//! Vectors of 32-bit integers: what the update needs, in each instruction set.

/// A vector of `LANES` signed 32-bit integers; additions wrap.
///
/// # Safety
/// Every function may only be called from code that is compiled for the vector's instruction set.
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

#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Avx2, Avx512, Sse2};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Vector;
    use std::arch::x86_64::*;

    /// Four lanes.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Sse2(__m128i);
    /// Eight lanes.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Avx2(__m256i);
    /// Sixteen lanes.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Avx512(__m512i);

    impl Sse2 {
        /// High halves of 64-bit `even` and `odd`, interleaved as 32-bit lanes.
        #[inline(always)]
        unsafe fn high_halves(even: __m128i, odd: __m128i) -> __m128i {
            unsafe {
                let high = _mm_set1_epi64x(-1 << 32);
                _mm_or_si128(_mm_srli_epi64::<32>(even), _mm_and_si128(odd, high))
            }
        }

        /// What makes the high half of an unsigned product with `y` that of the signed one:
        /// SSE2 only multiplies unsigned, and as such a negative x counts as x + 2³².
        #[inline(always)]
        unsafe fn excess(x: __m128i, y: __m128i) -> __m128i {
            unsafe { _mm_and_si128(_mm_srai_epi32::<31>(x), y) }
        }
    }

    impl Vector for Sse2 {
        const LANES: usize = 4;
        type Mask = __m128i;

        #[inline(always)]
        unsafe fn splat(x: i32) -> Self {
            unsafe { Self(_mm_set1_epi32(x)) }
        }
        #[inline(always)]
        unsafe fn load(from: *const i32) -> Self {
            unsafe { Self(_mm_loadu_si128(from.cast())) }
        }
        #[inline(always)]
        unsafe fn store(to: *mut i32, x: Self) {
            unsafe { _mm_storeu_si128(to.cast(), x.0) }
        }
        #[inline(always)]
        unsafe fn add(self, y: Self) -> Self {
            unsafe { Self(_mm_add_epi32(self.0, y.0)) }
        }
        #[inline(always)]
        unsafe fn sub(self, y: Self) -> Self {
            unsafe { Self(_mm_sub_epi32(self.0, y.0)) }
        }
        #[inline(always)]
        unsafe fn and(self, y: Self) -> Self {
            unsafe { Self(_mm_and_si128(self.0, y.0)) }
        }
        #[inline(always)]
        unsafe fn or(self, y: Self) -> Self {
            unsafe { Self(_mm_or_si128(self.0, y.0)) }
        }
        #[inline(always)]
        unsafe fn shift_right(self, bits: u32) -> Self {
            unsafe { Self(_mm_sra_epi32(self.0, _mm_cvtsi32_si128(bits as i32))) }
        }
        #[inline(always)]
        unsafe fn shift_right_unsigned(self, bits: u32) -> Self {
            unsafe { Self(_mm_srl_epi32(self.0, _mm_cvtsi32_si128(bits as i32))) }
        }
        #[inline(always)]
        unsafe fn wide(self) -> [Self; 2] {
            unsafe {
                let even = _mm_and_si128(self.0, _mm_set1_epi64x(0xffff_ffff));
                [Self(even), Self(_mm_srli_epi64::<32>(self.0))]
            }
        }
        #[inline(always)]
        unsafe fn high_of_product(x: Self, y: Self, offset: [Self; 2]) -> Self {
            unsafe {
                let product =
                    |x: __m128i, y: __m128i, offset: Self| _mm_add_epi64(_mm_mul_epu32(x, y), offset.0);
                let odd = |v: __m128i| _mm_srli_epi64::<32>(v);
                let high =
                    Self::high_halves(product(x.0, y.0, offset[0]), product(odd(x.0), odd(y.0), offset[1]));
                Self(_mm_sub_epi32(high, Self::excess(x.0, y.0)))
            }
        }
        #[inline(always)]
        unsafe fn high_of_difference(x: Self, y: Self, z: Self, w: Self, offset: [Self; 2]) -> Self {
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
            unsafe { _mm_cmplt_epi32(self.0, y.0) }
        }
        #[inline(always)]
        unsafe fn not_less(self, y: Self) -> Self::Mask {
            unsafe { _mm_xor_si128(_mm_cmplt_epi32(self.0, y.0), _mm_set1_epi32(-1)) }
        }
        #[inline(always)]
        unsafe fn equal(self, y: Self) -> Self::Mask {
            unsafe { _mm_cmpeq_epi32(self.0, y.0) }
        }
        #[inline(always)]
        unsafe fn and_not(x: Self::Mask, y: Self::Mask) -> Self::Mask {
            unsafe { _mm_andnot_si128(y, x) }
        }
        #[inline(always)]
        unsafe fn select(mask: Self::Mask, x: Self, y: Self) -> Self {
            unsafe { Self(_mm_or_si128(_mm_and_si128(mask, x.0), _mm_andnot_si128(mask, y.0))) }
        }
        #[inline(always)]
        unsafe fn bits(mask: Self::Mask) -> u32 {
            unsafe { _mm_movemask_ps(_mm_castsi128_ps(mask)) as u32 }
        }
        #[inline(always)]
        unsafe fn is_zero(self) -> bool {
            unsafe { _mm_movemask_epi8(_mm_cmpeq_epi32(self.0, _mm_setzero_si128())) == 0xffff }
        }
    }

    impl Avx2 {
        /// High halves of 64-bit `even` and `odd`, interleaved as 32-bit lanes.
        #[inline(always)]
        unsafe fn high_halves(even: __m256i, odd: __m256i) -> Self {
            unsafe { Self(_mm256_blend_epi32::<0b1010_1010>(_mm256_srli_epi64::<32>(even), odd)) }
        }
    }

    impl Vector for Avx2 {
        const LANES: usize = 8;
        type Mask = __m256i;

        #[inline(always)]
        unsafe fn splat(x: i32) -> Self {
            unsafe { Self(_mm256_set1_epi32(x)) }
        }
        #[inline(always)]
        unsafe fn load(from: *const i32) -> Self {
            unsafe { Self(_mm256_loadu_si256(from.cast())) }
        }
        #[inline(always)]
        unsafe fn store(to: *mut i32, x: Self) {
            unsafe { _mm256_storeu_si256(to.cast(), x.0) }
        }
        #[inline(always)]
        unsafe fn add(self, y: Self) -> Self {
            unsafe { Self(_mm256_add_epi32(self.0, y.0)) }
        }
        #[inline(always)]
        unsafe fn sub(self, y: Self) -> Self {
            unsafe { Self(_mm256_sub_epi32(self.0, y.0)) }
        }
        #[inline(always)]
        unsafe fn and(self, y: Self) -> Self {
            unsafe { Self(_mm256_and_si256(self.0, y.0)) }
        }
        #[inline(always)]
        unsafe fn or(self, y: Self) -> Self {
            unsafe { Self(_mm256_or_si256(self.0, y.0)) }
        }
        #[inline(always)]
        unsafe fn shift_right(self, bits: u32) -> Self {
            unsafe { Self(_mm256_sra_epi32(self.0, _mm_cvtsi32_si128(bits as i32))) }
        }
        #[inline(always)]
        unsafe fn shift_right_unsigned(self, bits: u32) -> Self {
            unsafe { Self(_mm256_srl_epi32(self.0, _mm_cvtsi32_si128(bits as i32))) }
        }
        #[inline(always)]
        unsafe fn wide(self) -> [Self; 2] {
            unsafe {
                let even = _mm256_and_si256(self.0, _mm256_set1_epi64x(0xffff_ffff));
                [Self(even), Self(_mm256_srli_epi64::<32>(self.0))]
            }
        }
        #[inline(always)]
        unsafe fn high_of_product(x: Self, y: Self, offset: [Self; 2]) -> Self {
            unsafe {
                let product =
                    |x: __m256i, y: __m256i, offset: Self| _mm256_add_epi64(_mm256_mul_epi32(x, y), offset.0);
                let odd = |v: __m256i| _mm256_srli_epi64::<32>(v);
                Self::high_halves(product(x.0, y.0, offset[0]), product(odd(x.0), odd(y.0), offset[1]))
            }
        }
        #[inline(always)]
        unsafe fn high_of_difference(x: Self, y: Self, z: Self, w: Self, offset: [Self; 2]) -> Self {
            unsafe {
                let difference = |x: __m256i, y: __m256i, z: __m256i, w: __m256i, offset: Self| {
                    _mm256_sub_epi64(
                        _mm256_add_epi64(_mm256_mul_epi32(x, y), offset.0),
                        _mm256_mul_epi32(z, w),
                    )
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
            unsafe { _mm256_cmpgt_epi32(y.0, self.0) }
        }
        #[inline(always)]
        unsafe fn not_less(self, y: Self) -> Self::Mask {
            unsafe { _mm256_xor_si256(_mm256_cmpgt_epi32(y.0, self.0), _mm256_set1_epi32(-1)) }
        }
        #[inline(always)]
        unsafe fn equal(self, y: Self) -> Self::Mask {
            unsafe { _mm256_cmpeq_epi32(self.0, y.0) }
        }
        #[inline(always)]
        unsafe fn and_not(x: Self::Mask, y: Self::Mask) -> Self::Mask {
            unsafe { _mm256_andnot_si256(y, x) }
        }
        #[inline(always)]
        unsafe fn select(mask: Self::Mask, x: Self, y: Self) -> Self {
            unsafe { Self(_mm256_blendv_epi8(y.0, x.0, mask)) }
        }
        #[inline(always)]
        unsafe fn bits(mask: Self::Mask) -> u32 {
            unsafe { _mm256_movemask_ps(_mm256_castsi256_ps(mask)) as u32 }
        }
        #[inline(always)]
        unsafe fn is_zero(self) -> bool {
            unsafe { _mm256_testz_si256(self.0, self.0) != 0 }
        }
    }

    impl Avx512 {
        /// High halves of 64-bit `even` and `odd`, interleaved as 32-bit lanes.
        #[inline(always)]
        unsafe fn high_halves(even: __m512i, odd: __m512i) -> Self {
            unsafe { Self(_mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64::<32>(even), odd)) }
        }
    }

    impl Vector for Avx512 {
        const LANES: usize = 16;
        type Mask = __mmask16;

        #[inline(always)]
        unsafe fn splat(x: i32) -> Self {
            unsafe { Self(_mm512_set1_epi32(x)) }
        }
        #[inline(always)]
        unsafe fn load(from: *const i32) -> Self {
            unsafe { Self(_mm512_loadu_si512(from.cast())) }
        }
        #[inline(always)]
        unsafe fn store(to: *mut i32, x: Self) {
            unsafe { _mm512_storeu_si512(to.cast(), x.0) }
        }
        #[inline(always)]
        unsafe fn add(self, y: Self) -> Self {
            unsafe { Self(_mm512_add_epi32(self.0, y.0)) }
        }
        #[inline(always)]
        unsafe fn sub(self, y: Self) -> Self {
            unsafe { Self(_mm512_sub_epi32(self.0, y.0)) }
        }
        #[inline(always)]
        unsafe fn and(self, y: Self) -> Self {
            unsafe { Self(_mm512_and_si512(self.0, y.0)) }
        }
        #[inline(always)]
        unsafe fn or(self, y: Self) -> Self {
            unsafe { Self(_mm512_or_si512(self.0, y.0)) }
        }
        #[inline(always)]
        unsafe fn shift_right(self, bits: u32) -> Self {
            unsafe { Self(_mm512_sra_epi32(self.0, _mm_cvtsi32_si128(bits as i32))) }
        }
        #[inline(always)]
        unsafe fn shift_right_unsigned(self, bits: u32) -> Self {
            unsafe { Self(_mm512_srl_epi32(self.0, _mm_cvtsi32_si128(bits as i32))) }
        }
        #[inline(always)]
        unsafe fn wide(self) -> [Self; 2] {
            unsafe {
                let even = _mm512_and_si512(self.0, _mm512_set1_epi64(0xffff_ffff));
                [Self(even), Self(_mm512_srli_epi64::<32>(self.0))]
            }
        }
        #[inline(always)]
        unsafe fn high_of_product(x: Self, y: Self, offset: [Self; 2]) -> Self {
            unsafe {
                let product =
                    |x: __m512i, y: __m512i, offset: Self| _mm512_add_epi64(_mm512_mul_epi32(x, y), offset.0);
                let odd = |v: __m512i| _mm512_srli_epi64::<32>(v);
                Self::high_halves(product(x.0, y.0, offset[0]), product(odd(x.0), odd(y.0), offset[1]))
            }
        }
        #[inline(always)]
        unsafe fn high_of_difference(x: Self, y: Self, z: Self, w: Self, offset: [Self; 2]) -> Self {
            unsafe {
                let difference = |x: __m512i, y: __m512i, z: __m512i, w: __m512i, offset: Self| {
                    _mm512_sub_epi64(
                        _mm512_add_epi64(_mm512_mul_epi32(x, y), offset.0),
                        _mm512_mul_epi32(z, w),
                    )
                };
                let odd = |v: __m512i| _mm512_srli_epi64::<32>(v);
                Self::high_halves(
                    difference(x.0, y.0, z.0, w.0, offset[0]),
                    difference(odd(x.0), odd(y.0), odd(z.0), odd(w.0), offset[1]),
                )
            }
        }
        #[inline(always)]
        unsafe fn less(self, y: Self) -> Self::Mask {
            unsafe { _mm512_cmplt_epi32_mask(self.0, y.0) }
        }
        #[inline(always)]
        unsafe fn not_less(self, y: Self) -> Self::Mask {
            unsafe { _mm512_cmpge_epi32_mask(self.0, y.0) }
        }
        #[inline(always)]
        unsafe fn equal(self, y: Self) -> Self::Mask {
            unsafe { _mm512_cmpeq_epi32_mask(self.0, y.0) }
        }
        #[inline(always)]
        unsafe fn and_not(x: Self::Mask, y: Self::Mask) -> Self::Mask {
            x & !y
        }
        #[inline(always)]
        unsafe fn select(mask: Self::Mask, x: Self, y: Self) -> Self {
            unsafe { Self(_mm512_mask_blend_epi32(mask, y.0, x.0)) }
        }
        #[inline(always)]
        unsafe fn bits(mask: Self::Mask) -> u32 {
            u32::from(mask)
        }
        #[inline(always)]
        unsafe fn is_zero(self) -> bool {
            unsafe { _mm512_test_epi32_mask(self.0, self.0) == 0 }
        }
    }
}
