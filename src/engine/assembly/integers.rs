//! The network in integers, with its stimuli.

use super::memory::{check_memory, setup_plan};
use super::{BuildError, BuildOptions, available_memory_bytes};
use crate::engine::fixed_point::{Arithmetic, Formats, IntegerNetwork};
use crate::model::network::NetworkSpec;

/// `network` in integers as `options` have it: their resolution, seed, formats and stimuli. Formats that cannot hold
/// what comes from outside become coarser.
///
/// # Errors
/// What memory or the integers cannot hold in any format, and stimuli of populations that do not exist.
pub fn integer_network(network: &NetworkSpec, options: &BuildOptions) -> Result<IntegerNetwork, BuildError> {
    let dt_ms = options.simulation.dt_ms;
    let needed = setup_plan(network, &options.stimuli, dt_ms);
    check_memory(&needed, &options.scaling, available_memory_bytes())?;
    let mut formats = Formats::of(network, dt_ms, &options.arithmetic);
    loop {
        match in_formats(network, options, formats) {
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
    options: &BuildOptions,
    formats: Formats,
) -> Result<IntegerNetwork, BuildError> {
    let simulation = &options.simulation;
    let arithmetic = Arithmetic::from(formats);
    let integers = IntegerNetwork::new(network, simulation.dt_ms, simulation.seed, &arithmetic)?;
    Ok(integers.with_stimuli(network, &options.stimuli)?)
}
