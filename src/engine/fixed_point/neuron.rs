//! The leaky integrate-and-fire neuron in integers; one step of it is the function that every
//! engine computes. The twin of `shaders/shared/neuron.wgsl`.
//!
//! Exact integration over a step (Rotter & Diesmann 1999, doi:10.1007/s004220050570), in the
//! order of NEST's `iaf_psc_exp`:
//! 1. V ← P22 V + P21 I + P20 I_DC where the neuron is not refractory, else count down;
//! 2. I ← P11 I + what arrives in this step;
//! 3. V ≥ V_th: a spike; V ← V_reset, refractory for t_ref/h steps, a whole number.
//!
//! Factors are below ½ and in units of 2⁻³², so that the high half of a product is the result. Products are
//! not rounded to nearest, which would bring a small current to a halt some units above 0 and a weak input to
//! nothing: they are rounded down after an offset is added that differs from step to step and from neuron to
//! neuron ([`StepRounding`]), so that the mean of what rounding adds is 0, however small the product is.
//! A refractory neuron's V holds [`REFRACTORY`] + the steps that are left.

use crate::engine::fixed_point::nearest_step;
use crate::model::network::LifParameters;

/// V of a refractory neuron minus the steps left.
pub const REFRACTORY: i32 = i32::MIN;
/// First V that is a potential and not a refractory count.
pub const REFRACTORY_END: i32 = i32::MIN + (1 << 20);
/// V below this limit stops a run: the potential is about to leave its fixed-point range.
pub const V_M_LIMIT: i32 = -(7 << 28);
/// |I| at or above this limit stops a run.
pub const CURRENT_LIMIT: i32 = 1 << 30;
/// Magnitude that sums of what arrives in a step never exceed: with a current within its limits they then wrap, if
/// they do, to a number that is outside of them, and is seen.
pub const ARRIVALS_LIMIT: f64 = 2_147_483_648.0;
/// Fractional bits of what a DC input adds to V in a step, mV; more than V has.
pub const DC_BITS: u32 = 26;
/// Multipliers of [`rounding_offset`].
pub const HASH_MULTIPLIERS: [u32; 2] = [0x7feb_352d, 0x846c_a68b];
/// Neurons that follow each other and round by offsets that lie evenly apart, a power of two.
pub const ROUNDING_NEURONS: u32 = 16;
/// Most that V may change through currents and DC in a step: keeps V clear of the ends of its range.
pub(super) const V_M_CHANGE_LIMIT: f64 = 134_217_728.0;

/// Integer parameters that neurons share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct NeuronClass {
    /// 1 − exp(−h/τ_m), units of 2⁻³².
    pub leak: i32,
    /// 1 − exp(−h/τ_syn,ex), units of 2⁻³².
    pub decay_ex: i32,
    /// 1 − exp(−h/τ_syn,in), units of 2⁻³².
    pub decay_in: i32,
    /// P21 of the excitatory current, from the format of currents to that of potentials, units of 2⁻³².
    pub current_ex_to_v_m: i32,
    /// The same of the inhibitory current.
    pub current_in_to_v_m: i32,
    /// Threshold above E_L.
    pub v_th: i32,
    /// Reset potential above E_L.
    pub v_reset: i32,
    /// V right after a spike: [`REFRACTORY`] + t_ref/h, or `v_reset` where that is 0 steps.
    pub v_after_spike: i32,
}

impl NeuronClass {
    /// Parameters on the grid; a current acts `per_current` times as it does on the capacitance that it
    /// was divided by. `Err` holds the factor that does not fit its 31 bits.
    pub(super) fn new(
        neuron: &LifParameters,
        per_current: f64,
        dt_ms: f64,
        v_m_bits: u32,
        current_bits: u32,
    ) -> Result<Self, f64> {
        let v_m_scale = exp2(v_m_bits);
        let to_v_m = v_m_scale / exp2(current_bits);
        let fits = |factor: f64, limit: f64| {
            if factor < limit { Ok((factor * 4_294_967_296.0).round_ties_even() as i32) } else { Err(factor) }
        };
        let p21_limit = V_M_CHANGE_LIMIT / f64::from(CURRENT_LIMIT);
        let v_reset = ((neuron.v_reset_mv - neuron.e_l_mv) * v_m_scale).round_ties_even() as i32;
        let refractory_steps = nearest_step(neuron.t_ref_ms, dt_ms) as i32;
        Ok(Self {
            leak: fits(-libm::expm1(-dt_ms / neuron.tau_m_ms), 0.5)?,
            decay_ex: fits(-libm::expm1(-dt_ms / neuron.tau_syn_ex_ms), 0.5)?,
            decay_in: fits(-libm::expm1(-dt_ms / neuron.tau_syn_in_ms), 0.5)?,
            current_ex_to_v_m: fits(
                p21_ms(neuron.tau_m_ms, neuron.tau_syn_ex_ms, dt_ms) * to_v_m * per_current,
                p21_limit,
            )?,
            current_in_to_v_m: fits(
                p21_ms(neuron.tau_m_ms, neuron.tau_syn_in_ms, dt_ms) * to_v_m * per_current,
                p21_limit,
            )?,
            v_th: ((neuron.v_th_mv - neuron.e_l_mv) * v_m_scale).round_ties_even() as i32,
            v_reset,
            v_after_spike: if refractory_steps == 0 { v_reset } else { REFRACTORY + refractory_steps },
        })
    }

    /// Whether excitatory and inhibitory currents decay alike and can be one variable.
    pub fn has_one_current(&self) -> bool {
        self.decay_ex == self.decay_in && self.current_ex_to_v_m == self.current_in_to_v_m
    }

    /// Membrane potential above E_L that `v_m` stands for: V_reset where it is a refractory count.
    pub fn potential(&self, v_m: i32) -> i32 {
        if v_m < REFRACTORY_END { self.v_reset } else { v_m }
    }
}

/// P21 for a current divided by the capacitance, in ms: potential after a step per current before it.
///
/// τ_m τ_syn/(τ_m − τ_syn) (e^(−h/τ_m) − e^(−h/τ_syn)) = h e^(−a) (1 − e^(−x))/x, with a the smaller one of
/// h/τ_m and h/τ_syn and x their distance. Written so, nothing cancels where they are next to each other, and
/// the last factor is 1 where they are equal.
fn p21_ms(tau_m_ms: f64, tau_syn_ms: f64, dt_ms: f64) -> f64 {
    let (of_membrane, of_synapse) = (dt_ms / tau_m_ms, dt_ms / tau_syn_ms);
    let distance = (of_membrane - of_synapse).abs();
    let shape = if distance == 0.0 { 1.0 } else { -libm::expm1(-distance) / distance };
    dt_ms * libm::exp(-of_membrane.min(of_synapse)) * shape
}

/// P20 for a constant current divided by the capacitance, in ms.
pub(super) fn p20_ms(tau_m_ms: f64, dt_ms: f64) -> f64 {
    -tau_m_ms * libm::expm1(-dt_ms / tau_m_ms)
}

/// 2^`bits`.
pub(super) fn exp2(bits: u32) -> f64 {
    libm::ldexp(1.0, bits as i32)
}

/// What the offsets of a step begin with, in units of 2⁻³²: a hash of the step (`lowbias32` of C. Wellons' Hash
/// Prospector, 2018), as what a current loses must not depend on what rounding did to it in the steps before.
#[inline(always)]
pub fn rounding_offset(step: u32) -> u32 {
    let mixed = (step ^ (step >> 16)).wrapping_mul(HASH_MULTIPLIERS[0]);
    let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(HASH_MULTIPLIERS[1]);
    mixed ^ (mixed >> 16)
}

/// High half of `a` · `b` + `offset`.
#[inline(always)]
fn multiply_high(a: i32, b: i32, offset: u32) -> i32 {
    ((i64::from(a) * i64::from(b) + i64::from(offset)) >> 32) as i32
}

/// What a DC input of [`DC_BITS`] fractional bits adds to V with that rounding offset; `dc_shift`
/// is [`Formats::dc_shift`](super::Formats::dc_shift).
#[inline(always)]
fn dc_in_step(dc: i32, dc_shift: u32, offset: u32) -> i32 {
    dc.wrapping_add((offset >> (u32::BITS - dc_shift)) as i32) >> dc_shift
}

/// How products of a step are rounded.
#[derive(Debug, Clone, Copy)]
pub struct StepRounding {
    /// [`rounding_offset`] of the step.
    pub offset: u32,
    /// [`Formats::dc_shift`](super::Formats::dc_shift) of the network.
    pub dc_shift: u32,
}

impl StepRounding {
    /// Between the offsets of neighbours; those of [`ROUNDING_NEURONS`] neighbours go once around.
    pub(crate) const APART: u32 = (1 << 31) / (ROUNDING_NEURONS / 2);

    /// What is added to every product of a neuron before it is rounded down, in units of 2⁻³². The offsets of
    /// neurons that follow each other lie evenly apart, so that means over a population hardly feel rounding.
    #[inline(always)]
    pub fn offset_of(self, neuron: u32) -> u32 {
        self.offset.wrapping_add(neuron.wrapping_mul(Self::APART))
    }
}

/// One step of `neuron`, which is counted through the network. `current` is (excitatory, inhibitory); if the network has one
/// current it is the first, and the second stays 0. `arrivals` are in the format of currents, `dc` has
/// [`DC_BITS`]. Returns whether the neuron spikes.
#[inline(always)]
pub fn step_neuron(
    class: &NeuronClass,
    rounding: StepRounding,
    neuron: u32,
    dc: i32,
    arrivals: [i32; 2],
    v_m: &mut i32,
    current: &mut [i32; 2],
) -> bool {
    let offset = rounding.offset_of(neuron);
    let refractory = *v_m < REFRACTORY_END;
    let change = i64::from(current[0]) * i64::from(class.current_ex_to_v_m)
        + i64::from(current[1]) * i64::from(class.current_in_to_v_m)
        - i64::from(*v_m) * i64::from(class.leak);
    let changed = v_m.wrapping_add(((change + i64::from(offset)) >> 32) as i32);
    let updated = changed.wrapping_add(dc_in_step(dc, rounding.dc_shift, offset));
    let counted = if *v_m == REFRACTORY + 1 { class.v_reset } else { v_m.wrapping_sub(1) };

    let decay =
        |i: i32, factor, arrived: i32| i.wrapping_sub(multiply_high(i, factor, offset)).wrapping_add(arrived);
    current[0] = decay(current[0], class.decay_ex, arrivals[0]);
    current[1] = decay(current[1], class.decay_in, arrivals[1]);

    let spikes = !refractory && updated >= class.v_th;
    *v_m = if refractory {
        counted
    } else if spikes {
        class.v_after_spike
    } else {
        updated
    };
    spikes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// f64 rounding of two quotients, two exponentials and their product.
    const ROUNDING: f64 = 8.0 * f64::EPSILON;

    #[test]
    fn p21_is_that_of_the_series_next_to_equal_time_constants_and_of_the_difference_far_from_it() {
        let (tau_m_ms, dt_ms) = (10.0, 0.1);
        assert_eq!(p21_ms(tau_m_ms, tau_m_ms, dt_ms), dt_ms * libm::exp(-dt_ms / tau_m_ms));
        for exponent in -160..=-30 {
            for sign in [-1.0, 1.0] {
                let tau_syn_ms = tau_m_ms * (1.0 + sign * libm::exp2(f64::from(exponent) / 3.0));
                let x = dt_ms / tau_syn_ms - dt_ms / tau_m_ms;
                // (1 − e^(−x))/x = 1 − x/2 + x²/6 − x³/24 + …, x below 1e-5.
                let series = 1.0 - x / 2.0 + x * x / 6.0 - x.powi(3) / 24.0;
                let expected = dt_ms * libm::exp(-dt_ms / tau_m_ms) * series;
                let deviation = (p21_ms(tau_m_ms, tau_syn_ms, dt_ms) / expected - 1.0).abs();
                assert!(deviation < ROUNDING, "{tau_syn_ms}: {deviation:e}");
            }
        }
        for tau_syn_ms in [0.05, 0.5, 2.0, 40.0] {
            let difference = libm::exp(-dt_ms / tau_m_ms) - libm::exp(-dt_ms / tau_syn_ms);
            let expected = tau_m_ms * tau_syn_ms / (tau_m_ms - tau_syn_ms) * difference;
            // The difference loses three digits at most.
            assert!((p21_ms(tau_m_ms, tau_syn_ms, dt_ms) / expected - 1.0).abs() < 1e3 * f64::EPSILON);
        }
        // Far shorter than a step, one or the other.
        assert!(p21_ms(1e-4, 2.0, 0.1).is_finite() && p21_ms(10.0, 1e-4, 0.1) > 0.0);
    }
}
