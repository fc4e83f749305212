//! The update with AVX2: eight neurons at a time, the arithmetic of
//! [`step_neuron`](crate::integer::step_neuron).

use super::update::{Lanes, Trip, update_each, watch};
use crate::integer::{CURRENT_LIMIT, REFRACTORY, REFRACTORY_END, V_M_LIMIT};
use std::arch::x86_64::*;

const LANES: usize = 8;

/// The kernel; the caller has found AVX2.
pub(super) fn update(lanes: Lanes<'_>, shift: u32, spikes: &mut Vec<u32>) -> Trip {
    // SAFETY: `kernel` hands this function out only where AVX2 was detected.
    unsafe { update_avx2(lanes, shift, spikes) }
}

/// High halves of `even` (64-bit lanes) and `odd`, interleaved as 32-bit lanes.
#[inline]
#[target_feature(enable = "avx2")]
fn high_halves(even: __m256i, odd: __m256i) -> __m256i {
    _mm256_blend_epi32::<0b1010_1010>(_mm256_srli_epi64::<32>(even), odd)
}

#[target_feature(enable = "avx2")]
fn update_avx2(lanes: Lanes<'_>, shift: u32, spikes: &mut Vec<u32>) -> Trip {
    let Lanes { class, first_neuron, dc, v_m, current, arrivals } = lanes;
    let n = v_m.len();
    assert!(dc.len() == n && current.len() == n && arrivals.len() == n);
    let all = |x: i32| _mm256_set1_epi32(x);
    let (leak, decay, p21) = (all(class.leak), all(class.decay_ex), all(class.current_ex_to_v_m));
    let (below_v_th, v_reset, v_after_spike) =
        (all(class.v_th.wrapping_sub(1)), all(class.v_reset), all(class.v_after_spike));
    let half = _mm256_set1_epi64x(1 << 31);
    let shift_count = _mm_cvtsi32_si128(shift as i32);
    let arrival_limit = CURRENT_LIMIT >> shift;
    let arrival_mask = all(!(2 * (arrival_limit - 1) + 1));
    let mut trip: Trip = None;

    let vectors = n / LANES * LANES;
    for k in (0..vectors).step_by(LANES) {
        // SAFETY: k + 8 is at most the length that all four slices have.
        let (v, i, a, d) = unsafe {
            (
                _mm256_loadu_si256(v_m.as_ptr().add(k).cast()),
                _mm256_loadu_si256(current.as_ptr().add(k).cast()),
                _mm256_loadu_si256(arrivals.as_ptr().add(k).cast()),
                _mm256_loadu_si256(dc.as_ptr().add(k).cast()),
            )
        };
        let (v_odd, i_odd) = (_mm256_srli_epi64::<32>(v), _mm256_srli_epi64::<32>(i));
        let change = |i: __m256i, v: __m256i| {
            let gain = _mm256_add_epi64(_mm256_mul_epi32(i, p21), half);
            _mm256_sub_epi64(gain, _mm256_mul_epi32(v, leak))
        };
        let change = high_halves(change(i, v), change(i_odd, v_odd));
        let updated = _mm256_add_epi32(_mm256_add_epi32(v, change), d);

        let lost = |i: __m256i| _mm256_add_epi64(_mm256_mul_epi32(i, decay), half);
        let lost = high_halves(lost(i), lost(i_odd));
        let i = _mm256_add_epi32(_mm256_sub_epi32(i, lost), _mm256_sll_epi32(a, shift_count));

        let refractory = _mm256_cmpgt_epi32(all(REFRACTORY_END), v);
        let counted = _mm256_blendv_epi8(
            _mm256_sub_epi32(v, all(1)),
            v_reset,
            _mm256_cmpeq_epi32(v, all(REFRACTORY + 1)),
        );
        let spiking = _mm256_andnot_si256(refractory, _mm256_cmpgt_epi32(updated, below_v_th));
        let v = _mm256_blendv_epi8(updated, counted, refractory);
        let v = _mm256_blendv_epi8(v, v_after_spike, spiking);

        let low = _mm256_andnot_si256(refractory, _mm256_cmpgt_epi32(all(V_M_LIMIT), updated));
        let far_arrivals = _mm256_and_si256(_mm256_add_epi32(a, all(arrival_limit)), arrival_mask);
        let far_current = _mm256_and_si256(_mm256_add_epi32(i, all(CURRENT_LIMIT)), all(i32::MIN));
        let tripped = _mm256_or_si256(_mm256_or_si256(low, far_arrivals), far_current);

        // SAFETY: as for the loads.
        unsafe {
            _mm256_storeu_si256(v_m.as_mut_ptr().add(k).cast(), v);
            _mm256_storeu_si256(current.as_mut_ptr().add(k).cast(), i);
            _mm256_storeu_si256(arrivals.as_mut_ptr().add(k).cast(), _mm256_setzero_si256());
        }
        let mut mask = _mm256_movemask_ps(_mm256_castsi256_ps(spiking)) as u32;
        while mask != 0 {
            spikes.push(first_neuron + k as u32 + mask.trailing_zeros());
            mask &= mask - 1;
        }
        if _mm256_testz_si256(tripped, tripped) == 0 && trip.is_none() {
            let mut arrived = [0; LANES];
            // SAFETY: `arrived` has room for eight lanes.
            unsafe { _mm256_storeu_si256(arrived.as_mut_ptr().cast(), a) };
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

/// First neuron of a vector whose values left their ranges.
#[cold]
pub(super) fn find_trip(
    arrived: &[i32],
    shift: u32,
    v_m: &[i32],
    current: &[i32],
    first_neuron: u32,
) -> Trip {
    (first_neuron..)
        .zip(arrived.iter().zip(v_m).zip(current))
        .find_map(|(neuron, ((&a, &v), &i))| watch([a, 0], shift, v, [i, 0]).map(|watched| (watched, neuron)))
}
