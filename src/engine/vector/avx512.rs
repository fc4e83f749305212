//! Vectors of sixteen integers, with the instructions of AVX-512.

use super::Vector;
use std::arch::x86_64::*;

/// Sixteen lanes.
#[derive(Clone, Copy)]
pub(crate) struct Avx512(__m512i);

impl Avx512 {
    /// High halves of 64-bit `even` and `odd`, interleaved as 32-bit lanes.
    ///
    /// # Safety
    /// As [`Vector`].
    #[inline(always)]
    unsafe fn high_halves(even: __m512i, odd: __m512i) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { Self(_mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64::<32>(even), odd)) }
    }
}

/// The entries of a table at four indices.
///
/// # Safety
/// As [`Vector`]; the indices lie in the table.
#[inline(always)]
unsafe fn four_of(table: *const u32, indices: &[i32]) -> __m128i {
    // SAFETY: the indices lie in the table, and AVX-512 comes with SSE4.1.
    unsafe {
        let first = _mm_cvtsi32_si128(*table.add(indices[0] as usize) as i32);
        let first = _mm_insert_epi32::<1>(first, *table.add(indices[1] as usize) as i32);
        let first = _mm_insert_epi32::<2>(first, *table.add(indices[2] as usize) as i32);
        _mm_insert_epi32::<3>(first, *table.add(indices[3] as usize) as i32)
    }
}

impl Vector for Avx512 {
    const LANES: usize = 16;
    type Mask = __mmask16;

    #[inline(always)]
    unsafe fn splat(x: i32) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { Self(_mm512_set1_epi32(x)) }
    }
    #[inline(always)]
    unsafe fn load(from: *const i32) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW, and sixteen values lie at `from`.
        unsafe { Self(_mm512_loadu_si512(from.cast())) }
    }
    #[inline(always)]
    unsafe fn store(to: *mut i32, x: Self) {
        // SAFETY: the caller is compiled for AVX-512 F and BW, and sixteen values have room at `to`.
        unsafe { _mm512_storeu_si512(to.cast(), x.0) }
    }
    #[inline(always)]
    unsafe fn add(self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { Self(_mm512_add_epi32(self.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn sub(self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { Self(_mm512_sub_epi32(self.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn and(self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { Self(_mm512_and_si512(self.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn or(self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { Self(_mm512_or_si512(self.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn shift_right(self, bits: u32) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { Self(_mm512_sra_epi32(self.0, _mm_cvtsi32_si128(bits as i32))) }
    }
    #[inline(always)]
    unsafe fn shift_right_unsigned(self, bits: u32) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { Self(_mm512_srl_epi32(self.0, _mm_cvtsi32_si128(bits as i32))) }
    }
    #[inline(always)]
    unsafe fn xor(self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { Self(_mm512_xor_si512(self.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn shift_left(self, bits: u32) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { Self(_mm512_sll_epi32(self.0, _mm_cvtsi32_si128(bits as i32))) }
    }
    #[inline(always)]
    unsafe fn rotate_left(self, bits: u32) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { Self(_mm512_rolv_epi32(self.0, _mm512_set1_epi32(bits as i32))) }
    }
    #[inline(always)]
    unsafe fn low_of_product(x: Self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { Self(_mm512_mullo_epi32(x.0, y.0)) }
    }
    #[inline(always)]
    unsafe fn high_of_unsigned_product(x: Self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe {
            let odd = |v: __m512i| _mm512_srli_epi64::<32>(v);
            Self::high_halves(_mm512_mul_epu32(x.0, y.0), _mm512_mul_epu32(odd(x.0), odd(y.0)))
        }
    }
    #[inline(always)]
    unsafe fn to_float_bits(self) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { Self(_mm512_castps_si512(_mm512_cvtepi32_ps(self.0))) }
    }
    /// One by one, which is faster than the instruction that gathers.
    #[inline(always)]
    unsafe fn look_up(table: *const u32, indices: Self) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW, and the indices lie in the table.
        unsafe {
            let mut lanes = [0; Self::LANES];
            Self::store(lanes.as_mut_ptr(), indices);
            let four = four_of(table, &lanes[..4]);
            let entries = _mm512_inserti32x4::<1>(_mm512_castsi128_si512(four), four_of(table, &lanes[4..8]));
            let entries = _mm512_inserti32x4::<2>(entries, four_of(table, &lanes[8..12]));
            Self(_mm512_inserti32x4::<3>(entries, four_of(table, &lanes[12..])))
        }
    }
    #[inline(always)]
    unsafe fn wide(self) -> [Self; 2] {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe {
            let even = _mm512_and_si512(self.0, _mm512_set1_epi64(0xffff_ffff));
            [Self(even), Self(_mm512_srli_epi64::<32>(self.0))]
        }
    }
    #[inline(always)]
    unsafe fn add_product([even, odd]: [Self; 2], x: Self, y: Self) -> [Self; 2] {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe {
            let of_odd = _mm512_mul_epi32(_mm512_srli_epi64::<32>(x.0), _mm512_srli_epi64::<32>(y.0));
            [
                Self(_mm512_add_epi64(even.0, _mm512_mul_epi32(x.0, y.0))),
                Self(_mm512_add_epi64(odd.0, of_odd)),
            ]
        }
    }
    #[inline(always)]
    unsafe fn high_of_product(x: Self, y: Self, offset: [Self; 2]) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe {
            let product =
                |x: __m512i, y: __m512i, offset: Self| _mm512_add_epi64(_mm512_mul_epi32(x, y), offset.0);
            let odd = |v: __m512i| _mm512_srli_epi64::<32>(v);
            Self::high_halves(product(x.0, y.0, offset[0]), product(odd(x.0), odd(y.0), offset[1]))
        }
    }
    #[inline(always)]
    unsafe fn high_of_difference(x: Self, y: Self, z: Self, w: Self, offset: [Self; 2]) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe {
            let difference = |x: __m512i, y: __m512i, z: __m512i, w: __m512i, offset: Self| {
                _mm512_sub_epi64(_mm512_add_epi64(_mm512_mul_epi32(x, y), offset.0), _mm512_mul_epi32(z, w))
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
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { _mm512_cmplt_epi32_mask(self.0, y.0) }
    }
    #[inline(always)]
    unsafe fn not_less(self, y: Self) -> Self::Mask {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { _mm512_cmpge_epi32_mask(self.0, y.0) }
    }
    #[inline(always)]
    unsafe fn equal(self, y: Self) -> Self::Mask {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { _mm512_cmpeq_epi32_mask(self.0, y.0) }
    }
    #[inline(always)]
    unsafe fn and_not(x: Self::Mask, y: Self::Mask) -> Self::Mask {
        x & !y
    }
    #[inline(always)]
    unsafe fn select(mask: Self::Mask, x: Self, y: Self) -> Self {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { Self(_mm512_mask_blend_epi32(mask, y.0, x.0)) }
    }
    #[inline(always)]
    unsafe fn bits(mask: Self::Mask) -> u32 {
        u32::from(mask)
    }
    #[inline(always)]
    unsafe fn is_zero(self) -> bool {
        // SAFETY: the caller is compiled for AVX-512 F and BW.
        unsafe { _mm512_test_epi32_mask(self.0, self.0) == 0 }
    }
}
