//! How many fractional bits the network gets.

use super::bounds::Bounds;
use super::neuron::{CURRENT_LIMIT, V_M_CHANGE_LIMIT, exp2};
use super::{
    DC_BITS, FactorTable, LARGEST_Z, StepRounding, V_M_LIMIT, WEIGHT_FRACTION_BITS, rounding_offset,
};
use crate::engine::fixed_point::{Arithmetic, OffGrid};
use crate::model::network::{DelayDistribution, ListedSynapseError, NetworkSpec, Population};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Bits that a packed 32-bit event (weight and target neuron) leaves for the target at most; shards
/// of larger networks hold no more neurons than that. The model's largest population has 93,694.
const MAX_TARGET_BITS: u32 = 17;
/// Largest weight in integer units; [`super::scaled_draw`] needs 6 more bits of 32.
const LARGEST_WEIGHT: f64 = 67_108_863.0;
/// Potentials that always fit, mV: initial potentials and moderate stimuli.
const MIN_V_M_RANGE_MV: f64 = 2048.0;
/// Currents that always fit, mV/ms: what holds V at the end of its least range, τ_m = 10 ms.
const MIN_CURRENT_RANGE_MV_PER_MS: f64 = 256.0;
/// Fewest fractional bits of a format that is made coarser: 1/16 mV of ±117,000,000 mV.
const MIN_BITS: u32 = 4;
/// Bits by which formats that a run has left become coarser: four times the range.
const COARSER_BITS: u32 = 2;

/// Fractional bits of the integers; part of the resolved network and the same in every engine.
///
/// They hold whatever state the network enters: a bound of every sum of currents decides, all sources spiking
/// as often as their refractory period lets them (`bounds.rs`). What stimuli bring besides is not in
/// it, so that a run with them and one without can be compared bit by bit; a run that leaves its formats all
/// the same starts again with [`Formats::coarser`] ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Formats {
    /// Of membrane potentials in mV.
    pub v_m_bits: u32,
    /// Of currents I/C_m in mV/ms.
    pub current_bits: u32,
    /// Of weights w/C_m in mV/ms.
    pub weight_bits: u32,
}

/// A network that the integers cannot represent.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FormatsError {
    /// A factor of a neuron's step does not fit.
    #[error(
        "population '{population}': a factor of its integer time step is {factor:.4}, too large for \
         v_m_bits {v_m_bits} and current_bits {current_bits}: raise arithmetic.current_bits, lower \
         arithmetic.v_m_bits, or lower simulation.dt_ms against the time constants"
    )]
    Factor {
        /// Population whose neuron it is.
        population: String,
        /// The factor.
        factor: f64,
        /// Fractional bits of potentials.
        v_m_bits: u32,
        /// Fractional bits of currents.
        current_bits: u32,
    },
    /// A value lies outside its range.
    #[error(
        "{what} of population '{population}' is {value:.4e}, outside the range ±{limit:.4e} of {bits} fractional bits: {}",
        if *bits > 0 { format!("lower {key}") } else { "no format holds it, so look at its parameters".to_owned() }
    )]
    Range {
        /// What lies outside.
        what: &'static str,
        /// Population concerned.
        population: String,
        /// Its value.
        value: f64,
        /// Largest magnitude that fits.
        limit: f64,
        /// Fractional bits in use.
        bits: u32,
        /// Config key that changes them.
        key: &'static str,
    },
    /// More fractional bits for weights than for currents.
    #[error(
        "arithmetic.weight_bits = {weight_bits} is above arithmetic.current_bits = {current_bits}: lower it"
    )]
    WeightBits {
        /// Fractional bits of weights.
        weight_bits: u32,
        /// Fractional bits of currents.
        current_bits: u32,
    },
    /// A constant current that no format holds.
    #[error(
        "the DC input of population '{population}' moves V by {value_mv:.1} mV in a step, more than {limit_mv}: lower \
         drive.dc or simulation.dt_ms; if down-scaling brings it, choose another scaling.method, or parameters with \
         lower rates in theory"
    )]
    Dc {
        /// Population concerned.
        population: String,
        /// What the current adds to V in a step, mV.
        value_mv: f64,
        /// The most that can be, mV.
        limit_mv: f64,
    },
    /// A relative standard deviation whose quantiles do not fit their table.
    #[error(
        "a relative standard deviation of {relative_sd} has quantiles above 512 times the mean, which the tables cannot hold: lower it"
    )]
    Spread {
        /// The relative standard deviation.
        relative_sd: f64,
    },
    /// A delay too long for its integer.
    #[error(
        "the mean delay of {delay_ms} ms from '{from}' to '{onto}' is too long at dt_ms = {dt_ms}: shorten it or raise simulation.dt_ms"
    )]
    Delay {
        /// Mean delay.
        delay_ms: f64,
        /// Source population.
        from: String,
        /// Target population.
        onto: String,
        /// Resolution.
        dt_ms: f64,
    },
    /// A synapse of a list whose delay is no number of steps.
    #[error(transparent)]
    Listed(#[from] ListedSynapseError),
    /// A time between two steps.
    #[error("{key} = {time_ms} of {of} is no multiple of dt_ms = {dt_ms}: {nearest}")]
    OffGrid {
        /// Population or projection concerned.
        of: String,
        /// What it is.
        key: &'static str,
        /// Its value, ms.
        time_ms: f64,
        /// Resolution, ms.
        dt_ms: f64,
        /// What it could be.
        nearest: OffGrid,
    },
    /// A neuron whose drawn threshold is not above its reset potential.
    #[error(
        "a neuron of '{population}' drew a threshold of {v_th_mv:.2} mV, not above V_reset = {v_reset_mv} mV, and \
         would spike for ever: lower v_th_relative_sd or v_reset_mv"
    )]
    Threshold {
        /// Population concerned.
        population: String,
        /// The threshold.
        v_th_mv: f64,
        /// The reset potential.
        v_reset_mv: f64,
    },
    /// Exact in-degrees of a projection with more synapses than a permutation can number.
    #[error(
        "{synapses} synapses from '{from}' onto '{onto}' are more than 4294967295, the most that \
         exact in-degrees can permute: set connectivity.rule to fixed_total_number or lower scaling.n_scaling"
    )]
    TooManySynapses {
        /// Synapses of the projection.
        synapses: u64,
        /// Source population.
        from: String,
        /// Target population.
        onto: String,
    },
    /// External input with more spikes a block than can be placed.
    #[error(
        "population '{population}' receives {rate_hz:.0} external spikes/s a neuron, more than {limit_hz:.0}: replace part of them by a DC input"
    )]
    DriveRate {
        /// Population concerned.
        population: String,
        /// Rate per neuron.
        rate_hz: f64,
        /// Largest rate.
        limit_hz: f64,
    },
}

impl std::fmt::Display for Formats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { v_m_bits, current_bits, weight_bits } = self;
        write!(f, "v_m {v_m_bits}, current {current_bits}, weight {weight_bits} fractional bits")
    }
}

impl From<Formats> for Arithmetic {
    fn from(Formats { v_m_bits, current_bits, weight_bits }: Formats) -> Self {
        Self { v_m_bits: Some(v_m_bits), current_bits: Some(current_bits), weight_bits: Some(weight_bits) }
    }
}

impl FormatsError {
    /// Whether coarser formats of potentials and currents may do.
    pub fn is_range(&self) -> bool {
        matches!(self, Self::Range { key, .. } if *key != "arithmetic.weight_bits")
    }
}

impl Formats {
    /// Formats of a network: as configured, else derived from bounds of what its neurons receive.
    pub fn of(spec: &NetworkSpec, dt_ms: f64, arithmetic: &Arithmetic) -> Self {
        let bounds = Bounds::of(spec, dt_ms);
        // A current acts most on the neuron with the least capacitance.
        let max_effect = max_effect_of_current(spec);
        let longest_tau_m = spec.populations.iter().map(longest_tau_m_ms).fold(0.0, f64::max);
        let potential = spec.populations.iter().map(potential_range_mv).fold(0.0, f64::max);
        let v_m_range =
            MIN_V_M_RANGE_MV.max(longest_tau_m * max_effect * bounds.inhibitory_current + 2.0 * potential);
        let current_range = MIN_CURRENT_RANGE_MV_PER_MS.max(bounds.current());

        let current_bits = arithmetic.current_bits.unwrap_or_else(|| {
            bits_for(current_range, f64::from(CURRENT_LIMIT), Arithmetic::MAX_CURRENT_BITS)
        });
        // P21 is below the time step, and has to fit its factor.
        let v_m_limit = V_M_CHANGE_LIMIT / f64::from(CURRENT_LIMIT) * exp2(current_bits);
        let v_m_bits = arithmetic.v_m_bits.unwrap_or_else(|| {
            let fits_range = bits_for(v_m_range, -f64::from(V_M_LIMIT), Arithmetic::MAX_V_M_BITS);
            fits_range.min(bits_for(dt_ms * max_effect, v_m_limit, Arithmetic::MAX_V_M_BITS))
        });
        let weight_bits = arithmetic.weight_bits.unwrap_or_else(|| {
            let largest = largest_packed_weight(spec.n_neurons());
            bits_for(bounds.strongest_weight, largest, Arithmetic::MAX_CURRENT_BITS).min(current_bits)
        });
        Self { v_m_bits, current_bits, weight_bits }
    }

    /// The formats to start again with if these do not hold: four times the range of potentials and of
    /// currents, whichever was left, so that the outcome is the same for every engine and batch. `None` if
    /// the potential or the current is as coarse as it may be.
    pub fn coarser(&self) -> Option<Self> {
        let coarser = |bits: u32| bits.checked_sub(COARSER_BITS).filter(|&bits| bits >= MIN_BITS);
        let (v_m_bits, current_bits) = (coarser(self.v_m_bits)?, coarser(self.current_bits)?);
        Some(Self { v_m_bits, current_bits, weight_bits: self.weight_bits.min(current_bits) })
    }

    /// Whether a run that began with these formats can have come to `others`.
    pub fn can_become(&self, others: &Self) -> bool {
        std::iter::successors(Some(*self), Self::coarser).any(|formats| formats == *others)
    }

    /// Bits by which a DC input is shifted to become a potential, at least 2.
    pub fn dc_shift(&self) -> u32 {
        DC_BITS - self.v_m_bits
    }

    /// How products of `step` are rounded.
    #[inline(always)]
    pub fn rounding(&self, step: u32) -> StepRounding {
        StepRounding { offset: rounding_offset(step), dc_shift: self.dc_shift() }
    }

    /// Bits by which arrived weights are shifted to become currents.
    pub fn arrival_shift(&self) -> u32 {
        self.current_bits - self.weight_bits
    }

    /// Membrane potential in mV above E_L of an integer potential.
    pub fn v_m_mv(&self, v_m: i32) -> f64 {
        f64::from(v_m) / exp2(self.v_m_bits)
    }

    /// Current in pA of an integer current of a neuron with capacitance `c_m_pf`.
    pub fn current_pa(&self, current: i32, c_m_pf: f64) -> f64 {
        f64::from(current) / exp2(self.current_bits) * c_m_pf
    }

    /// Weight in pA of an integer weight onto a neuron of a population with (mean) capacitance `c_m_pf`.
    pub fn weight_pa(&self, weight: i32, c_m_pf: f64) -> f64 {
        f64::from(weight) / exp2(self.weight_bits) * c_m_pf
    }

    /// The mean weight onto `target` that [`super::scaled_draw`] takes with factors of `table`.
    pub(super) fn scaled_weight_onto(
        &self,
        weight_pa: f64,
        target: &Population,
        table: &FactorTable,
    ) -> Result<u32, FormatsError> {
        let weight = weight_pa.abs() / target.neuron.c_m_pf;
        let unit = exp2(self.weight_bits);
        table.scaled_mean(weight * unit, WEIGHT_FRACTION_BITS).map_err(|limit| FormatsError::Range {
            what: "a weight divided by C_m, in mV/ms,",
            population: target.name(),
            value: weight,
            limit: limit / unit,
            bits: self.weight_bits,
            key: "arithmetic.weight_bits",
        })
    }
}

/// Largest weight in integer units that fits a 32-bit event beside a target of `n_neurons`: 18 bits
/// with the sign in the down-scaled model, where a weight has some 10,000 units; 15 bits at full
/// scale, where rounding still moves a weight by less than a hundredth of its spread.
fn largest_packed_weight(n_neurons: u64) -> f64 {
    let target_bits = (u64::BITS - n_neurons.saturating_sub(1).leading_zeros()).min(MAX_TARGET_BITS);
    (exp2(31 - target_bits) - 1.0).min(LARGEST_WEIGHT)
}

/// Lognormal factors of mean 1.
pub(super) fn lognormal(relative_sd: f64) -> FactorTable {
    FactorTable::delay(DelayDistribution::Lognormal, relative_sd, 0.0)
}

/// The greatest of them.
fn largest_factor(relative_sd: f64) -> f64 {
    if relative_sd == 0.0 {
        return 1.0;
    }
    let table = lognormal(relative_sd);
    table.factor(table.greatest())
}

/// How much more a current acts on the neuron of least capacitance than on one of its population's mean,
/// at most: 1 where capacitances are not distributed.
fn max_effect_of_current(spec: &NetworkSpec) -> f64 {
    let widest = spec.populations.iter().map(|p| p.spread.c_m).fold(0.0, f64::max);
    if widest == 0.0 {
        return 1.0;
    }
    let table = lognormal(widest);
    1.0 / table.factor(table.least().max(1))
}

/// Largest distance from E_L that a population's parameters name, mV.
fn potential_range_mv(population: &Population) -> f64 {
    let Population { neuron, initial_v_m_mv, .. } = population;
    let from_leak = |v: f64| (v - neuron.e_l_mv).abs();
    let initial = from_leak(initial_v_m_mv.mean) + LARGEST_Z * initial_v_m_mv.sd;
    let threshold = from_leak(neuron.v_th_mv) * largest_factor(population.spread.v_th);
    initial.max(threshold).max(from_leak(neuron.v_reset_mv))
}

/// The longest membrane time constant that a neuron of a population can have.
fn longest_tau_m_ms(population: &Population) -> f64 {
    population.neuron.tau_m_ms * largest_factor(population.spread.tau_m)
}

/// Most fractional bits with which `range` stays below `limit`, at most `most`.
fn bits_for(range: f64, limit: f64, most: u32) -> u32 {
    if range <= 0.0 {
        return most;
    }
    libm::floor(libm::log2(limit / range)).clamp(0.0, f64::from(most)) as u32
}
