//! The network in integers, with the configuration's stimuli.

use super::memory::{check_memory, neurons_plan};
use super::{BuildError, available_memory_bytes};
use crate::config::Config;
use crate::integer::IntegerNetwork;
use crate::network::NetworkSpec;

/// `network` in integers as `config` has it: its resolution, seed, formats and stimuli.
///
/// # Errors
/// What memory or the integers cannot hold, and stimuli of populations that do not exist.
pub fn integer_network(network: &NetworkSpec, config: &Config) -> Result<IntegerNetwork, BuildError> {
    check_memory(&neurons_plan(network), &config.scaling, available_memory_bytes())?;
    let simulation = &config.simulation;
    let integers = IntegerNetwork::new(network, simulation.dt_ms, simulation.seed, &config.arithmetic)?;
    Ok(integers.with_stimuli(network, &config.stimuli)?)
}
