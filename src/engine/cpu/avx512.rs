//! The update with AVX-512: sixteen neurons at a time, the arithmetic of
//! [`step_neuron`](crate::integer::step_neuron).

use super::avx2::find_trip;
use super::update::{Lanes, Trip, update_each};
use crate::integer::{CURRENT_LIMIT, REFRACTORY, REFRACTORY_END, V_M_LIMIT};
use std::arch::x86_64::*;

const LANES: usize = 16;

/// The kernel; the caller has found AVX-512.
pub(super) fn update(lanes: Lanes<'_>, shift: u32, spikes: &mut Vec<u32>) -> Trip {
    // SAFETY: `kernel` hands this function out only where AVX-512 was detected.
    unsafe { update_avx512(lanes, shift, spikes) }
}

/// High halves of `even` (64-bit lanes) and `odd`, interleaved as 32-bit lanes.
#[inline]
#[target_feature(enable = "avx512f")]
fn high_halves(even: __m512i, odd: __m512i) -> __m512i {
    _mm512_mask_blend_epi32(0b1010_1010_1010_1010, _mm512_srli_epi64::<32>(even), odd)
}

#[target_feature(enable = "avx512f")]
fn update_avx512(lanes: Lanes<'_>, shift: u32, spikes: &mut Vec<u32>) -> Trip {
    let Lanes { class, first_neuron, dc, v_m, current, arrivals } = lanes;
    let n = v_m.len();
    assert!(dc.len() == n && current.len() == n && arrivals.len() == n);
    let all = |x: i32| _mm512_set1_epi32(x);
    let (leak, decay, p21) = (all(class.leak), all(class.decay_ex), all(class.current_ex_to_v_m));
    let (v_th, v_reset, v_after_spike) = (all(class.v_th), all(class.v_reset), all(class.v_after_spike));
    let half = _mm512_set1_epi64(1 << 31);
    let shift_count = _mm_cvtsi32_si128(shift as i32);
    let arrival_limit = CURRENT_LIMIT >> shift;
    let arrival_mask = all(!(2 * (arrival_limit - 1) + 1));
    let mut trip: Trip = None;

    let vectors = n / LANES * LANES;
    for k in (0..vectors).step_by(LANES) {
        // SAFETY: k + 16 is at most the length that all four slices have.
        let (v, i, a, d) = unsafe {
            (
                _mm512_loadu_si512(v_m.as_ptr().add(k).cast()),
                _mm512_loadu_si512(current.as_ptr().add(k).cast()),
                _mm512_loadu_si512(arrivals.as_ptr().add(k).cast()),
                _mm512_loadu_si512(dc.as_ptr().add(k).cast()),
            )
        };
        let (v_odd, i_odd) = (_mm512_srli_epi64::<32>(v), _mm512_srli_epi64::<32>(i));
        let change = |i: __m512i, v: __m512i| {
            let gain = _mm512_add_epi64(_mm512_mul_epi32(i, p21), half);
            _mm512_sub_epi64(gain, _mm512_mul_epi32(v, leak))
        };
        let change = high_halves(change(i, v), change(i_odd, v_odd));
        let updated = _mm512_add_epi32(_mm512_add_epi32(v, change), d);

        let lost = |i: __m512i| _mm512_add_epi64(_mm512_mul_epi32(i, decay), half);
        let lost = high_halves(lost(i), lost(i_odd));
        let i = _mm512_add_epi32(_mm512_sub_epi32(i, lost), _mm512_sll_epi32(a, shift_count));

        let active = _mm512_cmpge_epi32_mask(v, all(REFRACTORY_END));
        let last = _mm512_cmpeq_epi32_mask(v, all(REFRACTORY + 1));
        let counted = _mm512_mask_blend_epi32(last, _mm512_sub_epi32(v, all(1)), v_reset);
        let spiking = _mm512_mask_cmpge_epi32_mask(active, updated, v_th);
        let v = _mm512_mask_blend_epi32(active, counted, updated);
        let v = _mm512_mask_blend_epi32(spiking, v, v_after_spike);

        let low = _mm512_mask_cmplt_epi32_mask(active, updated, all(V_M_LIMIT));
        let far_arrivals = _mm512_test_epi32_mask(_mm512_add_epi32(a, all(arrival_limit)), arrival_mask);
        let far_current = _mm512_test_epi32_mask(_mm512_add_epi32(i, all(CURRENT_LIMIT)), all(i32::MIN));

        // SAFETY: as for the loads.
        unsafe {
            _mm512_storeu_si512(v_m.as_mut_ptr().add(k).cast(), v);
            _mm512_storeu_si512(current.as_mut_ptr().add(k).cast(), i);
            _mm512_storeu_si512(arrivals.as_mut_ptr().add(k).cast(), _mm512_setzero_si512());
        }
        let mut mask = spiking;
        while mask != 0 {
            spikes.push(first_neuron + k as u32 + mask.trailing_zeros());
            mask &= mask - 1;
        }
        if low | far_arrivals | far_current != 0 && trip.is_none() {
            let mut arrived = [0; LANES];
            // SAFETY: `arrived` has room for sixteen lanes.
            unsafe { _mm512_storeu_si512(arrived.as_mut_ptr().cast(), a) };
            trip = find_trip(&arrived, shift, &v_m[k..], &current[k..], first_neuron + k as u32);
        }
    }
    let rest = Lanes {
        class,
        first_neuron: first_neuron + vectors as u32,
        dc: &dc[vectors..],
        v_m: &mut v_m[vectors..],
        current: &mut current[vectors..],
        arrivals: &mut arrivals[vectors..],
    };
    let rest = update_each(rest, None, shift, spikes);
    trip.or(rest)
}
