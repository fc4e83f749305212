//! Options of a network on the grid of time: which stretch of time is simulated, and in which integers.
//! *Pronold* is Pronold et al. 2024 (doi:10.1093/cercor/bhae409).

use super::grid::{multiple, nearest_step};
use crate::rules::Check;
use serde::{Deserialize, Serialize};

/// Steps after which the counters of the external drive would repeat, as in every engine.
pub const MAX_STEPS: u32 = 1 << 30;

/// What is simulated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Simulation {
    /// Seed of everything random: connectivity, weights, delays, initial state, drive (notebook: 2903).
    pub seed: u64,
    /// Model time, ms (notebook: 2000).
    pub duration_ms: f64,
    /// Resolution, ms (Pronold: 0.1).
    pub dt_ms: f64,
    /// Statistics leave out what comes before, ms (Pronold: 500).
    pub statistics_from_ms: f64,
}

impl Default for Simulation {
    fn default() -> Self {
        Self { seed: 2903, duration_ms: 2000.0, dt_ms: 0.1, statistics_from_ms: 500.0 }
    }
}

impl Simulation {
    /// Number of steps in the model time.
    pub fn n_steps(&self) -> u32 {
        nearest_step(self.duration_ms, self.dt_ms)
    }

    /// First step that statistics count: the one at [`Simulation::statistics_from_ms`].
    pub fn first_statistics_step(&self) -> u32 {
        nearest_step(self.statistics_from_ms, self.dt_ms)
    }
}

/// Fixed-point formats. `None` derives them from the network.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Arithmetic {
    /// Fractional bits of the membrane potential in mV.
    pub v_m_bits: Option<u32>,
    /// Fractional bits of the synaptic current divided by the capacitance, in mV/ms.
    pub current_bits: Option<u32>,
    /// Fractional bits of synaptic weights divided by the capacitance, in mV/ms.
    pub weight_bits: Option<u32>,
}

impl Arithmetic {
    /// Most fractional bits of potentials: a DC input has two more.
    pub const MAX_V_M_BITS: u32 = 24;
    /// Most fractional bits of currents and of weights.
    pub const MAX_CURRENT_BITS: u32 = 26;
}

impl Check {
    pub fn simulation(&mut self, s: &Simulation) {
        self.above_zero("simulation.dt_ms", s.dt_ms);
        self.above_zero("simulation.duration_ms", s.duration_ms);
        self.not_negative("simulation.statistics_from_ms", s.statistics_from_ms);
        self.on_grid("simulation.statistics_from_ms", s.statistics_from_ms, s.dt_ms);
        self.at_least_a_step("simulation.duration_ms", s.duration_ms, s.dt_ms);
        let steps = s.duration_ms / s.dt_ms;
        self.refuse(
            s.dt_ms > 0.0 && s.duration_ms.is_finite() && steps > f64::from(MAX_STEPS),
            "simulation.duration_ms",
            s.duration_ms,
            format!("is more than {MAX_STEPS} steps, after which the external input would repeat"),
            format!("simulate at most {} ms", multiple(f64::from(MAX_STEPS), s.dt_ms)),
        );
    }

    pub fn arithmetic(&mut self, a: &Arithmetic) {
        let formats = [
            ("v_m_bits", a.v_m_bits, Arithmetic::MAX_V_M_BITS),
            ("current_bits", a.current_bits, Arithmetic::MAX_CURRENT_BITS),
            ("weight_bits", a.weight_bits, Arithmetic::MAX_CURRENT_BITS),
        ];
        for (name, bits, most) in formats {
            let rule = format!("is above {most} fractional bits");
            let bits = bits.unwrap_or(0);
            let key = format!("arithmetic.{name}");
            self.require(bits <= most, key, bits, rule, "lower it, or leave it out to derive it");
        }
        if let (Some(weight), Some(current)) = (a.weight_bits, a.current_bits) {
            let rule = format!("is above arithmetic.current_bits = {current}");
            let remedy = "lower it, or leave it out to derive it";
            self.require(weight <= current, "arithmetic.weight_bits", weight, rule, remedy);
        }
    }
}
