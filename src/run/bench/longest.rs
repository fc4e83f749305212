//! How long `check-gpu` takes at most.

use super::{BenchError, WARM_UP};
use crate::config::Config;
use crate::engine::assembly::{choose_engine, estimate, estimate_build_s, integer_network};
use crate::model::anatomy::Tables;
use crate::model::model_network;
use crate::run::RunError;

/// Estimates are off by that factor at most, from machine to machine.
const UNCERTAINTY: f64 = 2.0;

/// Wall-clock time that [`measure`](super::measure) takes with `config` on the CPU engine at most, by its estimate, s.
///
/// # Errors
/// A network that cannot be derived.
pub(super) fn longest_s(config: &Config, repeat: u32) -> Result<f64, BenchError> {
    let engine = choose_engine(&config.engine).map_err(RunError::from)?;
    let tables = Tables::load(&config.anatomy).map_err(RunError::from)?;
    let derived = model_network(&config.model_options(), &tables, &mut ()).map_err(RunError::from)?;
    let integers = integer_network(&derived.network, &config.build_options()).map_err(RunError::from)?;
    let plan = engine.plan(&integers);
    let expected = estimate(&derived.network, &integers, &plan, &derived.with_dc.rates_hz);
    // Besides the repetitions: the warm-up, and one with clocks.
    let runs = f64::from(repeat.max(1)) + 1.0 + 1.0 / f64::from(WARM_UP);
    let run_s = expected.simulate_s(config.simulation.duration_ms);
    Ok(UNCERTAINTY * (estimate_build_s(&derived.network, &plan) + runs * run_s))
}
