//! The update of neurons: one kernel for each width of vectors, the same integers from each.

use crate::config::Vectors;
use crate::engine::{EngineError, Watched};
use crate::integer::{CURRENT_LIMIT, NeuronClass, REFRACTORY_END, V_M_LIMIT, step_neuron};

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

/// Updates neurons with one current. `shift` takes arrivals to the format of currents; spiking
/// neurons are appended, ascending.
pub(super) type UpdateKernel = fn(Lanes<'_>, shift: u32, spikes: &mut Vec<u32>) -> Trip;

/// The kernel for `vectors`, and the name of what it uses.
///
/// # Errors
/// Vectors that this machine lacks.
pub(super) fn kernel(vectors: Vectors) -> Result<(UpdateKernel, &'static str), EngineError> {
    let missing = |name: &str| {
        let message = format!("this machine has no {name}: set engine.vectors to auto");
        Err(EngineError::Device(message))
    };
    #[cfg(target_arch = "x86_64")]
    {
        let avx512 = is_x86_feature_detected!("avx512f");
        let avx2 = is_x86_feature_detected!("avx2");
        match vectors {
            Vectors::Auto | Vectors::Avx512 if avx512 => return Ok((super::avx512::update, "AVX-512")),
            Vectors::Auto | Vectors::Avx2 if avx2 => return Ok((super::avx2::update, "AVX2")),
            _ => {}
        }
    }
    match vectors {
        Vectors::Auto | Vectors::Baseline => Ok((update_baseline, "baseline vectors")),
        Vectors::Avx512 => missing("AVX-512"),
        Vectors::Avx2 => missing("AVX2"),
    }
}

/// One neuron after the other.
pub(super) fn update_baseline(lanes: Lanes<'_>, shift: u32, spikes: &mut Vec<u32>) -> Trip {
    update_each(lanes, None, shift, spikes)
}

/// One neuron after the other, with one or two currents.
#[inline(always)]
pub(super) fn update_each(
    lanes: Lanes<'_>,
    mut inhibitory: Option<Inhibitory<'_>>,
    shift: u32,
    spikes: &mut Vec<u32>,
) -> Trip {
    let Lanes { class, first_neuron, dc, v_m, current, arrivals } = lanes;
    let n = v_m.len();
    let (dc, current, arrivals) = (&dc[..n], &mut current[..n], &mut arrivals[..n]);
    let mut trip = None;
    for k in 0..n {
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
pub(super) fn watch(arrivals: [i32; 2], shift: u32, v_m: i32, current: [i32; 2]) -> Option<Watched> {
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
