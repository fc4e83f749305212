//! The network in integers, with the configuration's stimuli.

use super::BuildError;
use crate::config::Config;
use crate::integer::IntegerNetwork;
use crate::network::NetworkSpec;

/// `network` in integers as `config` has it: its resolution, seed, formats and stimuli.
///
/// # Errors
/// What the integers cannot hold, and stimuli of populations that do not exist.
pub fn integer_network(network: &NetworkSpec, config: &Config) -> Result<IntegerNetwork, BuildError> {
    let simulation = &config.simulation;
    let integers = IntegerNetwork::new(network, simulation.dt_ms, simulation.seed, &config.arithmetic)?;
    Ok(integers.with_stimuli(network, &config.stimuli)?)
}
