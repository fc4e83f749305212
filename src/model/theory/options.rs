//! Options of the theory. *Pronold* is Pronold et al. 2024 (doi:10.1093/cercor/bhae409).

use serde::{Deserialize, Serialize};

/// Mean-field theory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Theory {
    /// Rate of every population at pseudo-time 0, 1/s (ours: 0; Pronold: uniform in [0, 10)).
    pub initial_rate_hz: f64,
    /// Pseudo-time at which the state is reported, as published (Pronold: 10).
    pub pseudo_time: f64,
    /// Pseudo-time at which the search for a fixed point gives up (assumption: 1000).
    pub max_pseudo_time: f64,
    /// Largest |−ν + Φ(ν)| that counts as converged, 1/s (assumption: 1e-6).
    pub tolerance_hz: f64,
}

impl Default for Theory {
    fn default() -> Self {
        Self { initial_rate_hz: 0.0, pseudo_time: 10.0, max_pseudo_time: 1000.0, tolerance_hz: 1e-6 }
    }
}
