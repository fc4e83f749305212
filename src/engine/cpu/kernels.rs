//! The kernels of a step, compiled for each instruction set, and the choice among them.

use super::drive::add_stepwise;
use super::passing::{Transmit, transmit};
use super::update::{FirstFault, Inhibitory, Lanes, update_vectors};
use crate::engine::fixed_point::StepRounding;
use crate::engine::rng::{Bulk, Key};
use crate::engine::synapses::{DRAW_BASELINE, DrawRow};
use crate::engine::vector::Baseline;
use crate::engine::{EngineError, Vectors};

/// Adds weights of external spikes to arrivals.
pub(super) type AddStepwise = fn(Bulk, Key, u32, u32, &[u16], &[i32], &mut [i32]);

/// Updates neurons.
pub(super) type Update = fn(Lanes<'_>, Option<Inhibitory<'_>>, StepRounding, &mut Vec<u32>) -> FirstFault;

/// What differs between instruction sets.
#[derive(Clone, Copy)]
pub(super) struct Kernels {
    /// Updates neurons with one current, or with two; spiking neurons are appended, ascending.
    pub(super) update: Update,
    /// [`add_stepwise`].
    pub(super) add_stepwise: AddStepwise,
    /// [`transmit`].
    pub(super) transmit: Transmit,
    /// Draws part of a row.
    pub(super) draw: DrawRow,
    /// Random words.
    pub(super) bulk: Bulk,
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
    Ok(found.unwrap_or_else(baseline))
}

fn missing(name: &str) -> EngineError {
    EngineError::Device(format!("this machine has no {name}: set engine.vectors to auto"))
}

/// What every machine of this kind can run.
fn baseline() -> Kernels {
    Kernels {
        // SAFETY: every machine of this kind has these vectors.
        update: |lanes, inhibitory, rounding, spikes| unsafe {
            update_vectors::<Baseline>(lanes, inhibitory, rounding, spikes)
        },
        add_stepwise,
        transmit,
        draw: DRAW_BASELINE,
        bulk: Bulk::BASELINE,
        name: if cfg!(target_arch = "x86_64") { "SSE2" } else { "baseline vectors" },
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn avx512() -> Option<Kernels> {
    None
}
#[cfg(not(target_arch = "x86_64"))]
fn avx2() -> Option<Kernels> {
    None
}
#[cfg(target_arch = "x86_64")]
use x86::{avx2, avx512};

/// The kernels compiled for each instruction set of x86-64.
#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{
        Bulk, FirstFault, Inhibitory, Kernels, Key, Lanes, StepRounding, add_stepwise, transmit,
        update_vectors,
    };
    use crate::engine::fixed_point::Transmission;
    use crate::engine::synapses::{draw_avx2, draw_avx512};
    use crate::engine::vector::{Avx2, Avx512};

    pub(super) fn avx512() -> Option<Kernels> {
        Some(Kernels {
            update: update_avx512,
            draw: draw_avx512()?,
            transmit: transmit_avx512,
            add_stepwise: add_stepwise_avx512,
            bulk: Bulk::avx512()?,
            name: "AVX-512",
        })
    }

    pub(super) fn avx2() -> Option<Kernels> {
        Some(Kernels {
            update: update_avx2,
            draw: draw_avx2()?,
            transmit: transmit_avx2,
            add_stepwise: add_stepwise_avx2,
            bulk: Bulk::avx2()?,
            name: "AVX2",
        })
    }

    /// Defines the kernels compiled for `$feature`, which are handed out only where it was detected.
    macro_rules! compiled_for {
        ($feature:literal, $vector:ty, $update:ident, $add_stepwise:ident, $transmit:ident) => {
            fn $update(
                lanes: Lanes<'_>,
                inhibitory: Option<Inhibitory<'_>>,
                rounding: StepRounding,
                spikes: &mut Vec<u32>,
            ) -> FirstFault {
                #[target_feature(enable = $feature)]
                fn compiled(
                    lanes: Lanes<'_>,
                    inhibitory: Option<Inhibitory<'_>>,
                    rounding: StepRounding,
                    spikes: &mut Vec<u32>,
                ) -> FirstFault {
                    // SAFETY: this function is compiled for the vector's feature.
                    unsafe { update_vectors::<$vector>(lanes, inhibitory, rounding, spikes) }
                }
                // SAFETY: the feature was detected.
                unsafe { compiled(lanes, inhibitory, rounding, spikes) }
            }

            fn $add_stepwise(b: Bulk, k: Key, first: u32, step: u32, t: &[u16], w: &[i32], a: &mut [i32]) {
                #[target_feature(enable = $feature)]
                fn compiled(b: Bulk, k: Key, first: u32, step: u32, t: &[u16], w: &[i32], a: &mut [i32]) {
                    add_stepwise(b, k, first, step, t, w, a)
                }
                // SAFETY: the feature was detected.
                unsafe { compiled(b, k, first, step, t, w, a) }
            }

            fn $transmit(t: &Transmission, k: Key, source: u32, tags: &[u32], passes: &mut [bool]) {
                #[target_feature(enable = $feature)]
                fn compiled(t: &Transmission, k: Key, source: u32, tags: &[u32], passes: &mut [bool]) {
                    transmit(t, k, source, tags, passes)
                }
                // SAFETY: the feature was detected.
                unsafe { compiled(t, k, source, tags, passes) }
            }
        };
    }
    compiled_for!("avx2", Avx2, update_avx2, add_stepwise_avx2, transmit_avx2);
    compiled_for!("avx512f,avx512bw", Avx512, update_avx512, add_stepwise_avx512, transmit_avx512);
}
