//! Runs an engine over a stretch of model time, and hands its spikes on, batch by batch. A [`Session`] goes on stretch by
//! stretch, with input that is decided meanwhile.

pub mod recording;
mod session;

pub use session::{InputError, Session};

use crate::engine::assembly::{BuildError, BuildOptions, BuiltNetwork};
use crate::engine::{Engine, EngineError, SpikeBatch};
use crate::model::network::NetworkSpec;
use std::convert::Infallible;
use std::ops::ControlFlow;
use thiserror::Error;

/// Why a simulation ended early.
#[derive(Debug, Error)]
pub enum SimulationError<E> {
    /// The engine failed.
    #[error(transparent)]
    Engine(EngineError),
    /// What receives the spikes failed.
    #[error(transparent)]
    Receiver(E),
}

/// Computes `n_steps` more steps, with the stimuli of the engine's network. `on_batch` receives every batch of spikes
/// in order; where it fails the simulation stops. A simulation may go on where another has ended.
///
/// # Errors
/// The engine's, or that of `on_batch`.
pub fn simulate<E>(
    engine: &mut dyn Engine,
    n_steps: u32,
    mut on_batch: impl FnMut(SpikeBatch<'_>) -> Result<(), E>,
) -> Result<(), SimulationError<E>> {
    let mut failed = None;
    let advanced = engine.advance(n_steps, &mut |batch| match on_batch(batch) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    });
    match failed {
        Some(error) => Err(SimulationError::Receiver(error)),
        None => advanced.map_err(SimulationError::Engine),
    }
}

/// Builds and simulates a network of one's own, as `options` say; returns all spikes as (step, neuron), sorted.
///
/// A spike of step *n* is stamped *n* · `dt_ms`. Neurons are numbered through the populations in their
/// order ([`NetworkSpec::first_neurons`]). A network whose values leave their fixed-point range is simulated
/// again with coarser formats.
///
/// # Errors
/// As [`BuiltNetwork::new`], or those of the engine.
pub fn simulate_network(
    network: &NetworkSpec,
    options: &BuildOptions,
) -> Result<Vec<(u32, u32)>, BuildError> {
    let built = BuiltNetwork::new(network, options)?;
    match spikes_of(&built, options) {
        Err(error @ BuildError::Engine(EngineError::Overflow { .. })) => {
            match built.integers().formats.coarser() {
                Some(formats) => {
                    let arithmetic = formats.into();
                    simulate_network(network, &BuildOptions { arithmetic, ..options.clone() })
                }
                None => Err(error),
            }
        }
        outcome => outcome,
    }
}

fn spikes_of(built: &BuiltNetwork, options: &BuildOptions) -> Result<Vec<(u32, u32)>, BuildError> {
    let mut engine = built.engine()?;
    let mut spikes = Vec::new();
    let simulated = simulate(engine.as_mut(), options.simulation.n_steps(), |batch| {
        let steps = batch.steps();
        spikes.extend(steps.flat_map(|(step, neurons)| neurons.iter().map(move |&neuron| (step, neuron))));
        Ok::<(), Infallible>(())
    });
    match simulated {
        Ok(()) => Ok(spikes),
        Err(SimulationError::Engine(error)) => Err(error.into()),
        Err(SimulationError::Receiver(never)) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fixed_point::Arrival;
    use crate::engine::{Description, Memory, OnBatch, Probe, Samples, SpikesInFlight, State};

    /// Emits an empty batch a step.
    struct Counting(u32);

    impl Engine for Counting {
        fn description(&self) -> Description {
            Description { engine: "counting".into(), adapter: String::new(), driver: String::new() }
        }
        fn step(&self) -> u32 {
            self.0
        }
        fn advance(&mut self, steps: u32, on_batch: &mut OnBatch<'_>) -> Result<(), EngineError> {
            for _ in 0..steps {
                self.0 += 1;
                if self.0 > 8 {
                    return Err(EngineError::Device("worn out".into()));
                }
                if on_batch(SpikeBatch {
                    first_step: self.0,
                    ends: &[0],
                    neurons: &[],
                    samples: Samples::default(),
                })
                .is_break()
                {
                    break;
                }
            }
            Ok(())
        }
        fn set_dc(&mut self, _: &[i32]) -> Result<(), EngineError> {
            Ok(())
        }
        fn inject(&mut self, _: &[Arrival]) -> Result<(), EngineError> {
            Ok(())
        }
        fn probe(&mut self, _: Probe) -> Result<(), EngineError> {
            Ok(())
        }
        fn restore(&mut self, _: &State, _: &SpikesInFlight) -> Result<(), EngineError> {
            Ok(())
        }
        fn state(&mut self) -> Result<State, EngineError> {
            Ok(State { v_m: Vec::new(), current: Vec::new() })
        }
        fn memory(&self) -> Memory {
            Memory::default()
        }
    }

    #[test]
    fn every_batch_is_handed_on_in_order() {
        let mut steps = Vec::new();
        let mut engine = Counting(0);
        simulate(&mut engine, 5, |batch| {
            steps.push(batch.first_step);
            Ok::<(), ()>(())
        })
        .unwrap();
        assert_eq!(steps, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_failing_receiver_stops_the_run() {
        let mut engine = Counting(0);
        let result =
            simulate(&mut engine, 5, |batch| if batch.first_step == 3 { Err("full") } else { Ok(()) });
        assert!(matches!(result, Err(SimulationError::Receiver("full"))));
        assert_eq!(engine.step(), 3);
    }

    #[test]
    fn a_failing_engine_is_reported() {
        let result = simulate(&mut Counting(6), 5, |_| Ok::<(), ()>(()));
        assert!(matches!(result, Err(SimulationError::Engine(EngineError::Device(_)))));
    }
}
