//! What every engine checks before it takes input from outside.

use super::{EngineError, Probe};
use crate::engine::fixed_point::{Arrival, BLOCK_STEPS, IntegerNetwork};

/// Whether `arrivals` can be taken after `step` steps of a network of `n_neurons`.
///
/// # Errors
/// A step that is no start of a block, or an arrival outside the block or the network.
pub(super) fn check_arrivals(step: u32, n_neurons: u32, arrivals: &[Arrival]) -> Result<(), EngineError> {
    let in_block = |a: &Arrival| a.step > step && a.step - step <= BLOCK_STEPS;
    let wrong = match step.is_multiple_of(BLOCK_STEPS) {
        true => arrivals.iter().find(|a| !in_block(a) || a.neuron >= n_neurons),
        false => arrivals.first(),
    };
    match wrong {
        Some(&Arrival { step: arrival_step, neuron, .. }) => {
            Err(EngineError::Arrival { arrival_step, neuron, step, n_neurons })
        }
        None => Ok(()),
    }
}

/// Whether `network` has all neurons and populations of `probe`.
///
/// # Errors
/// A neuron or population beyond the network.
pub(super) fn check_probe(probe: &Probe, network: &IntegerNetwork) -> Result<(), EngineError> {
    let (n_neurons, n_populations) = (network.n_neurons(), network.populations.len());
    match (probe.neurons().last(), probe.populations().last()) {
        (Some(&neuron), _) if neuron >= n_neurons => {
            Err(EngineError::NoSuchNeuron { neuron: neuron.into(), n_neurons })
        }
        (_, Some(&population)) if population >= n_populations => {
            Err(EngineError::NoSuchPopulation { population, n_populations })
        }
        _ => Ok(()),
    }
}

/// Whether `dc` has a value for each neuron.
///
/// # Errors
/// Another number of neurons.
pub(super) fn check_dc(dc: &[i32], n_neurons: u32) -> Result<(), EngineError> {
    let given = dc.len();
    if given == n_neurons as usize { Ok(()) } else { Err(EngineError::OtherNeurons { given, n_neurons }) }
}
