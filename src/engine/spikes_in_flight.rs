//! Where a run goes on: the spikes that are still on their way.
//!
//! What is in flight at some step follows from the spikes of the steps before it, as far back as the
//! longest delay reaches, because synapses and what they transmit are pure functions. So a network's
//! state and these spikes are all that any engine needs to go on from there, in few bytes, and it does
//! not matter which engine came so far.

use super::{EngineError, SpikeBatch, State};
use crate::engine::fixed_point::{BLOCK_STEPS, IntegerNetwork};

/// Spikes of the steps before a point at which a run goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SpikesInFlight {
    /// The first step, from 1.
    pub first_step: u32,
    /// For each step, where its spikes end in `neurons`.
    pub ends: Vec<u32>,
    /// Neurons that spiked, step by step, ascending within a step.
    pub neurons: Vec<u32>,
}

impl SpikesInFlight {
    /// The spikes of the steps from `first_step` on, one after the other.
    pub fn new(first_step: u32, steps: impl IntoIterator<Item: AsRef<[u32]>>) -> Self {
        let mut in_flight = Self { first_step, ..Self::default() };
        for neurons in steps {
            in_flight.neurons.extend_from_slice(neurons.as_ref());
            in_flight.ends.push(in_flight.neurons.len() as u32);
        }
        in_flight
    }

    /// First step whose spikes a run must know to go on after `step` steps: the start of a block from
    /// which on every spike that is still in flight was sent.
    pub fn first_step_needed(network: &IntegerNetwork, step: u32) -> u32 {
        step - step.min(network.longest_delay().next_multiple_of(BLOCK_STEPS)) + 1
    }

    /// The last step, after which the run goes on.
    pub fn last_step(&self) -> u32 {
        self.first_step + self.ends.len() as u32 - 1
    }

    /// Each step with its spikes.
    pub fn steps(&self) -> impl Iterator<Item = (u32, &[u32])> {
        let Self { first_step, ref ends, ref neurons } = *self;
        let batch = SpikeBatch { first_step, ends, neurons, samples: Default::default() };
        batch.steps()
    }
}

/// Whether an engine that has done `step` steps can take up `state` after the steps of `in_flight`.
///
/// # Errors
/// An engine past step 0, a point inside a block of steps, a past too short, or numbers that are not the
/// network's.
pub(super) fn check_in_flight(
    network: &IntegerNetwork,
    step: u32,
    state: &State,
    in_flight: &SpikesInFlight,
) -> Result<(), EngineError> {
    let n = network.n_neurons() as usize;
    let refuse = |reason: String| Err(EngineError::Restore { reason });
    if step != 0 {
        return refuse(format!("the engine has done {step} steps already"));
    }
    if in_flight.first_step == 0 || !in_flight.last_step().is_multiple_of(BLOCK_STEPS) {
        return refuse(format!("step {} is no end of a block of {BLOCK_STEPS}", in_flight.last_step()));
    }
    let needed = SpikesInFlight::first_step_needed(network, in_flight.last_step());
    if in_flight.first_step != needed {
        return refuse(format!("spikes begin with step {}, not with step {needed}", in_flight.first_step));
    }
    if (state.v_m.len(), state.current.len()) != (n, n) {
        return refuse(format!("the state of {} neurons is there, of {n}", state.v_m.len()));
    }
    let are_sorted = |(_, neurons): (u32, &[u32])| neurons.is_sorted_by(|a, b| a < b);
    let ends = in_flight.ends.is_sorted()
        && in_flight.ends.last().map_or(0, |&end| end as usize) == in_flight.neurons.len();
    if !ends
        || in_flight.neurons.iter().any(|&neuron| neuron as usize >= n)
        || !in_flight.steps().all(are_sorted)
    {
        return refuse("its spikes are not in order, or not of this network".to_owned());
    }
    Ok(())
}
