//! The update of neurons: one kernel, written once over vectors of any width, and the same
//! integers from each. The arithmetic is that of [`step_neuron`].

use super::drive::{FirstCalls, first_calls};
use super::vector::Vector;
use crate::config::Vectors;
use crate::engine::{EngineError, Watched};
use crate::integer::{CURRENT_LIMIT, NeuronClass, REFRACTORY, REFRACTORY_END, V_M_LIMIT, step_neuron};

/// Contiguous neurons of one class, structure of arrays.
pub(super) struct Lanes<'a> {
    pub(super) class: &'a NeuronClass,
    /// First neuron, counted through the network.
    pub(super) first_neuron: u32,
    pub(super) dc: &'a [i32],
    pub(super) v_m: &'a mut [i32],
    pub(super) current: &'a mut [i32],
    /// Sums of weights that arrive in this step; left at 0.
    pub(super) arrivals: &'a mut [i32],
}

/// Inhibitory currents and arrivals, where they are separate.
pub(super) struct Inhibitory<'a> {
    pub(super) current: &'a mut [i32],
    pub(super) arrivals: &'a mut [i32],
}

/// First value that left its range: what, and of which neuron.
pub(super) type Trip = Option<(Watched, u32)>;

/// What differs between instruction sets.
#[derive(Clone, Copy)]
pub(super) struct Kernels {
    /// Updates neurons with one current. The second argument shifts arrivals to the format of
    /// currents; spiking neurons are appended, ascending.
    pub(super) update: fn(Lanes<'_>, u32, &mut Vec<u32>) -> Trip,
    /// The first random words of consecutive neurons' external input.
    pub(super) first_calls: FirstCalls,
    /// What they use.
    pub(super) name: &'static str,
}

/// The kernels for `vectors`.
///
/// # Errors
/// Vectors that this machine lacks.
pub(super) fn kernels(vectors: Vectors) -> Result<Kernels, EngineError> {
    let found = match vectors {
        Vectors::Auto => avx512().or_else(avx2),
        Vectors::Avx512 => Some(avx512().ok_or_else(|| missing("AVX-512"))?),
        Vectors::Avx2 => Some(avx2().ok_or_else(|| missing("AVX2"))?),
        Vectors::Baseline => None,
    };
    Ok(found.unwrap_or(BASELINE))
}

fn missing(name: &str) -> EngineError {
    EngineError::Device(format!("this machine has no {name}: set engine.vectors to auto"))
}

#[cfg(not(target_arch = "x86_64"))]
const BASELINE: Kernels = Kernels { update: update_plain, first_calls, name: "baseline vectors" };
#[cfg(not(target_arch = "x86_64"))]
fn avx512() -> Option<Kernels> {
    None
}
#[cfg(not(target_arch = "x86_64"))]
fn avx2() -> Option<Kernels> {
    None
}
/// One neuron after the other.
#[cfg(not(target_arch = "x86_64"))]
fn update_plain(lanes: Lanes<'_>, shift: u32, spikes: &mut Vec<u32>) -> Trip {
    update_each(lanes, None, shift, spikes)
}

#[cfg(target_arch = "x86_64")]
use x86::{BASELINE, avx2, avx512};

/// The kernels compiled for each instruction set of x86-64.
#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::super::drive::LANES;
    use super::super::vector::{Avx2, Avx512, Sse2};
    use super::{Kernels, Lanes, Trip, first_calls, update_vectors};
    use crate::rng::Key;

    /// Every x86-64 machine has SSE2.
    pub(super) const BASELINE: Kernels = Kernels { update: update_sse2, first_calls, name: "SSE2" };

    pub(super) fn avx512() -> Option<Kernels> {
        let kernels = Kernels { update: update_avx512, first_calls: first_calls_avx512, name: "AVX-512" };
        is_x86_feature_detected!("avx512f").then_some(kernels)
    }

    pub(super) fn avx2() -> Option<Kernels> {
        let kernels = Kernels { update: update_avx2, first_calls: first_calls_avx2, name: "AVX2" };
        is_x86_feature_detected!("avx2").then_some(kernels)
    }

    fn update_sse2(lanes: Lanes<'_>, shift: u32, spikes: &mut Vec<u32>) -> Trip {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { update_vectors::<Sse2>(lanes, shift, spikes) }
    }

    /// Defines functions that run `$body` compiled for `$feature`, which `avx2` and `avx512` hand
    /// out only where it was detected.
    macro_rules! compiled_for {
        ($feature:literal, $vector:ty, $update:ident, $first_calls:ident) => {
            fn $update(lanes: Lanes<'_>, shift: u32, spikes: &mut Vec<u32>) -> Trip {
                #[target_feature(enable = $feature)]
                fn compiled(lanes: Lanes<'_>, shift: u32, spikes: &mut Vec<u32>) -> Trip {
                    // SAFETY: this function is compiled for the vector's feature.
                    unsafe { update_vectors::<$vector>(lanes, shift, spikes) }
                }
                // SAFETY: the feature was detected.
                unsafe { compiled(lanes, shift, spikes) }
            }

            fn $first_calls(key: Key, first_neuron: u32, call: u32) -> ([u32; LANES], [u32; LANES]) {
                #[target_feature(enable = $feature)]
                fn compiled(key: Key, first_neuron: u32, call: u32) -> ([u32; LANES], [u32; LANES]) {
                    first_calls(key, first_neuron, call)
                }
                // SAFETY: the feature was detected.
                unsafe { compiled(key, first_neuron, call) }
            }
        };
    }
    compiled_for!("avx2", Avx2, update_avx2, first_calls_avx2);
    compiled_for!("avx512f", Avx512, update_avx512, first_calls_avx512);
}

/// [`step_neuron`] for `V::LANES` neurons at a time, and one by one for the rest.
///
/// # Safety
/// The caller is compiled for the instructions of `V`.
#[inline(always)]
unsafe fn update_vectors<V: Vector>(lanes: Lanes<'_>, shift: u32, spikes: &mut Vec<u32>) -> Trip {
    let Lanes { class, first_neuron, dc, v_m, current, arrivals } = lanes;
    let n = v_m.len();
    assert!(dc.len() == n && current.len() == n && arrivals.len() == n);
    let vectors = n / V::LANES * V::LANES;
    let mut trip = None;
    // SAFETY: the caller has the instructions; every load and store is of V::LANES values from
    // `k`, and k + V::LANES is at most `vectors`, which is at most the length of all slices.
    unsafe {
        let all = |x: i32| V::splat(x);
        let (leak, decay, p21) = (all(class.leak), all(class.decay_ex), all(class.current_ex_to_v_m));
        let (v_th, v_reset, after) = (all(class.v_th), all(class.v_reset), all(class.v_after_spike));
        let arrival_limit = CURRENT_LIMIT >> shift;
        let outside_arrivals = all(!(2 * (arrival_limit - 1) + 1));
        for k in (0..vectors).step_by(V::LANES) {
            let (v, i) = (V::load(v_m.as_ptr().add(k)), V::load(current.as_ptr().add(k)));
            let (arrived, dc) = (V::load(arrivals.as_ptr().add(k)), V::load(dc.as_ptr().add(k)));

            let refractory = v.less(all(REFRACTORY_END));
            let updated = v.add(V::high_of_difference(i, p21, v, leak)).add(dc);
            let counted = V::select(v.equal(all(REFRACTORY + 1)), v_reset, v.sub(all(1)));
            let i = i.sub(V::high_of_product(i, decay)).add(arrived.shift_left(shift));
            let spiking = V::and_not(updated.not_less(v_th), refractory);
            let v = V::select(spiking, after, V::select(refractory, counted, updated));

            V::store(v_m.as_mut_ptr().add(k), v);
            V::store(current.as_mut_ptr().add(k), i);
            V::store(arrivals.as_mut_ptr().add(k), all(0));
            let mut mask = V::bits(spiking);
            while mask != 0 {
                spikes.push(first_neuron + k as u32 + mask.trailing_zeros());
                mask &= mask - 1;
            }

            let low = V::and_not(updated.less(all(V_M_LIMIT)), refractory);
            let far_arrivals = arrived.add(all(arrival_limit)).and(outside_arrivals);
            let far_current = i.add(all(CURRENT_LIMIT)).and(all(i32::MIN));
            if V::any(low, far_arrivals.or(far_current)) && trip.is_none() {
                let mut values = [0; 16];
                V::store(values.as_mut_ptr(), arrived);
                trip =
                    find_trip(&values[..V::LANES], shift, &v_m[k..], &current[k..], first_neuron + k as u32);
            }
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
fn find_trip(arrived: &[i32], shift: u32, v_m: &[i32], current: &[i32], first_neuron: u32) -> Trip {
    (first_neuron..)
        .zip(arrived.iter().zip(v_m).zip(current))
        .find_map(|(neuron, ((&a, &v), &i))| watch([a, 0], shift, v, [i, 0]).map(|watched| (watched, neuron)))
}

/// One neuron after the other, with one or two currents.
pub(super) fn update_each(
    lanes: Lanes<'_>,
    mut inhibitory: Option<Inhibitory<'_>>,
    shift: u32,
    spikes: &mut Vec<u32>,
) -> Trip {
    let Lanes { class, first_neuron, dc, v_m, current, arrivals } = lanes;
    let mut trip = None;
    for k in 0..v_m.len() {
        let mut arrived = [std::mem::take(&mut arrivals[k]), 0];
        let mut currents = [current[k], 0];
        if let Some(inhibitory) = &mut inhibitory {
            arrived[1] = std::mem::take(&mut inhibitory.arrivals[k]);
            currents[1] = inhibitory.current[k];
        }
        let shifted = arrived.map(|a| a.wrapping_shl(shift));
        if step_neuron(class, dc[k], shifted, &mut v_m[k], &mut currents) {
            spikes.push(first_neuron + k as u32);
        }
        current[k] = currents[0];
        if let Some(inhibitory) = &mut inhibitory {
            inhibitory.current[k] = currents[1];
        }
        if trip.is_none() {
            trip = watch(arrived, shift, v_m[k], currents).map(|w| (w, first_neuron + k as u32));
        }
    }
    trip
}

/// Whether a neuron's arrivals or its state after the step left their ranges.
#[inline(always)]
fn watch(arrivals: [i32; 2], shift: u32, v_m: i32, current: [i32; 2]) -> Option<Watched> {
    let arrival_limit = CURRENT_LIMIT >> shift;
    let outside = |x: i32, limit: i32| !(-limit..limit).contains(&x);
    if outside(arrivals[0], arrival_limit) | outside(arrivals[1], arrival_limit) {
        Some(Watched::Current)
    } else if (REFRACTORY_END..V_M_LIMIT).contains(&v_m) {
        Some(Watched::Potential)
    } else if outside(current[0], CURRENT_LIMIT) | outside(current[1], CURRENT_LIMIT) {
        Some(Watched::Current)
    } else {
        None
    }
}
