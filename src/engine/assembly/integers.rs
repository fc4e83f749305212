//! The network in integers, with the configuration's stimuli.

use super::memory::{check_memory, setup_plan};
use super::{BuildError, available_memory_bytes};
use crate::config::{Arithmetic, Config};
use crate::engine::fixed_point::{Formats, IntegerNetwork};
use crate::model::network::NetworkSpec;

/// `network` in integers as `config` has it: its resolution, seed, formats and stimuli. Formats that cannot hold
/// what comes from outside become coarser.
///
/// # Errors
/// What memory or the integers cannot hold in any format, and stimuli of populations that do not exist.
pub fn integer_network(network: &NetworkSpec, config: &Config) -> Result<IntegerNetwork, BuildError> {
    let dt_ms = config.simulation.dt_ms;
    let needed = setup_plan(network, &config.stimuli, dt_ms);
    check_memory(&needed, &config.scaling, available_memory_bytes())?;
    let mut formats = Formats::of(network, dt_ms, &config.arithmetic);
    loop {
        match in_formats(network, config, formats) {
            Err(error) if error.is_range() => match formats.coarser() {
                Some(coarser) => formats = coarser,
                None => return Err(error),
            },
            outcome => return outcome,
        }
    }
}

fn in_formats(
    network: &NetworkSpec,
    config: &Config,
    formats: Formats,
) -> Result<IntegerNetwork, BuildError> {
    let simulation = &config.simulation;
    let arithmetic = Arithmetic::from(formats);
    let integers = IntegerNetwork::new(network, simulation.dt_ms, simulation.seed, &arithmetic)?;
    Ok(integers.with_stimuli(network, &config.stimuli)?)
}
