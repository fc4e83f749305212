//! Engines: one contract, the same spikes from each.
//!
//! - [`mod@reference`]: plain Rust, a function for each shader under its name; the oracle of the tests.
//! - [`cpu`]: threads, vector instructions, and a calendar of events.
//! - [`gpu`]: compute shaders through wgpu.
//!
//! In each step *n* = 1, 2, … an engine (1) adds what arrives in step *n* to the currents and
//! updates every neuron ([`step_neuron`](crate::engine::fixed_point::step_neuron)), (2) stamps the spikes with
//! *n*, and (3) delivers them: through a synapse of delay *d* a spike of step *n* arrives in step
//! *n* + *d*. External spikes of block *b* and offset *o* arrive in step 64 *b* + *o* + 1.
//!
//! Stimuli are part of an engine's network ([`Stimuli`](crate::engine::fixed_point::Stimuli)). What else comes from outside
//! it takes block by block ([`Engine::inject`]); a current that is decided while it runs replaces the network's own DC
//! input ([`Engine::set_dc`]). It hands over, with the spikes, states of the neurons that it is asked for
//! ([`Engine::probe`]).
pub mod assembly;
pub mod cpu;
pub mod fixed_point;
pub mod gpu;
pub mod reference;
pub mod rng;
pub mod synapses;

mod input;
mod options;
mod probe;
#[cfg(test)]
#[path = "../../tests/fixtures/random_network.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod random_network;
mod spikes_in_flight;
mod vector;

pub use options::{EngineKind, EngineOptions, SynapseStorage, Vectors};
pub use probe::{NeuronState, Probe, Samples, StateSum, Sums};
pub use spikes_in_flight::SpikesInFlight;

use crate::engine::fixed_point::{Arrival, IntegerNetwork, MAX_STEPS};
use std::ops::ControlFlow;
use thiserror::Error;

/// Runs a network step by step.
pub trait Engine {
    /// Which engine and device this is.
    fn description(&self) -> Description;

    /// Steps done so far.
    fn step(&self) -> u32;

    /// Computes `steps` more steps and hands their spikes over in batches, in order. Where the
    /// callback breaks, the engine stops at the end of a batch already handed over: one that has
    /// begun the next batch hands that over too, and then stops.
    ///
    /// # Errors
    /// A value that left its fixed-point range, or a device that failed.
    fn advance(&mut self, steps: u32, on_batch: &mut OnBatch<'_>) -> Result<(), EngineError>;

    /// Adds weights, beside the stimuli of the network, that arrive from outside within the block of 64 steps that starts now: to be called
    /// where [`Engine::step`] is a multiple of
    /// [`BLOCK_STEPS`](crate::engine::fixed_point::BLOCK_STEPS), with arrivals in the 64 steps to come. Several
    /// calls add up.
    ///
    /// # Errors
    /// Another step, or an arrival outside the block or the network; a device that failed.
    fn inject(&mut self, arrivals: &[Arrival]) -> Result<(), EngineError>;

    /// Replaces what the network's own DC input adds to V of every neuron in a step, from the next one on. Currents of
    /// stimuli come on top of it.
    ///
    /// # Errors
    /// Another number of neurons, or a device that failed.
    fn set_dc(&mut self, dc: &[i32]) -> Result<(), EngineError>;

    /// From now on every batch holds the states of the probe's neurons, and the sums of its populations, after
    /// the steps that it asks for, in place of those of an earlier probe.
    ///
    /// # Errors
    /// Neurons or populations beyond the network, or more than the device can hold.
    fn probe(&mut self, probe: Probe) -> Result<(), EngineError>;

    /// Takes up where a run of the same network has stopped, in an engine at step 0: the state of every
    /// neuron after the last step of `in_flight`, and the spikes of `in_flight`, of which some are still in flight.
    ///
    /// # Errors
    /// What [`SpikesInFlight`] is not for: another step than the end of a block, too few steps, another network's
    /// numbers; a device that failed.
    fn restore(&mut self, state: &State, in_flight: &SpikesInFlight) -> Result<(), EngineError>;

    /// State of every neuron after the last step.
    ///
    /// # Errors
    /// A device that failed.
    fn state(&mut self) -> Result<State, EngineError>;

    /// Bytes held for the network on the device and on the host.
    fn memory(&self) -> Memory;

    /// Measures the stages of every step from now on, which costs some time. An engine that cannot
    /// does nothing.
    fn clock_stages(&mut self) {}

    /// Time of each stage since [`Engine::clock_stages`], in the order of a step; where threads work
    /// side by side the mean over them. Empty if nothing is measured.
    fn stages(&self) -> Vec<StageTime> {
        Vec::new()
    }

    /// What the start of the engine was spent on; empty if it is not worth telling.
    fn start_stages(&self) -> Vec<StageTime> {
        Vec::new()
    }
}

/// Wall-clock time of a part of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageTime {
    /// The part, such as `deliver`.
    pub name: &'static str,
    /// Its time, ns.
    pub ns: u64,
}

/// Receives the spikes of a batch.
pub type OnBatch<'a> = dyn FnMut(SpikeBatch<'_>) -> ControlFlow<()> + 'a;

/// Spikes of consecutive steps.
#[derive(Debug, Clone, Copy)]
pub struct SpikeBatch<'a> {
    /// The first step, from 1.
    pub first_step: u32,
    /// For each step, where its spikes end in `neurons`.
    pub ends: &'a [u32],
    /// Neurons that spiked, step by step, ascending within a step.
    pub neurons: &'a [u32],
    /// States of the neurons, and sums of the populations, that were asked for.
    pub samples: Samples<'a>,
}

impl<'a> SpikeBatch<'a> {
    /// Each step with its spikes.
    pub fn steps(&self) -> impl Iterator<Item = (u32, &'a [u32])> + use<'a> {
        let (ends, neurons, first_step) = (self.ends, self.neurons, self.first_step);
        ends.iter().enumerate().map(move |(index, &end)| {
            let start = if index == 0 { 0 } else { ends[index - 1] };
            (first_step + index as u32, &neurons[start as usize..end as usize])
        })
    }
}

/// Integer state of every neuron.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Potential, or refractory count ([`NeuronClass::potential`](crate::engine::fixed_point::NeuronClass::potential)).
    pub v_m: Vec<i32>,
    /// Excitatory and inhibitory current; where the network has one current it is the first.
    pub current: Vec<[i32; 2]>,
}

/// Bytes held for a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Memory {
    /// On the accelerator; 0 if there is none.
    pub device_bytes: u64,
    /// In the host's memory.
    pub host_bytes: u64,
}

/// Engine and device, as recorded in a run's manifest.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Description {
    /// `reference`, `cpu` or `gpu`.
    pub engine: String,
    /// Name of the device and how it is used, such as the adapter or `2 threads, AVX2`.
    pub adapter: String,
    /// Driver and its version; empty if there is none.
    pub driver: String,
}

/// Why an engine stopped.
#[derive(Debug, Error)]
pub enum EngineError {
    /// A potential or current left its fixed-point range.
    #[error(
        "{quantity} of neuron {neuron} ('{population}') left its range of {bits} fractional bits in step {step}: \
         set {key} = {lower}"
    )]
    Overflow {
        /// What left its range.
        quantity: &'static str,
        /// The neuron.
        neuron: u32,
        /// Its population.
        population: String,
        /// Fractional bits in use.
        bits: u32,
        /// The step after which it was seen.
        step: u32,
        /// Config key.
        key: &'static str,
        /// Value to try.
        lower: u32,
    },
    /// What a run cannot go on from.
    #[error("the run cannot go on from here: {reason}: run it from the start with --force")]
    Restore {
        /// Why not.
        reason: String,
    },
    /// More steps than the counters of the random draws hold.
    #[error(
        "a run of more than {limit} steps would repeat its external input: shorten simulation.duration_ms"
    )]
    TooManySteps {
        /// Largest number of steps.
        limit: u32,
    },
    /// An arrival that does not belong to the block of steps that starts.
    #[error(
        "an arrival at neuron {neuron} in step {arrival_step} cannot be taken after step {step} of a network of \
         {n_neurons} neurons: inject at multiples of 64 steps what arrives in the 64 steps to come"
    )]
    Arrival {
        /// Step of the arrival.
        arrival_step: u32,
        /// Its neuron.
        neuron: u32,
        /// Steps done.
        step: u32,
        /// Neurons of the network.
        n_neurons: u32,
    },
    /// A neuron that is not there.
    #[error("there is no neuron {neuron} in a network of {n_neurons}: name one below that")]
    NoSuchNeuron {
        /// The neuron.
        neuron: u64,
        /// Neurons of the network.
        n_neurons: u32,
    },
    /// A population that is not there.
    #[error("there is no population {population} in a network of {n_populations}: name one below that")]
    NoSuchPopulation {
        /// Its index.
        population: usize,
        /// Populations of the network.
        n_populations: usize,
    },
    /// Values for another number of neurons.
    #[error("a DC input of {given} neurons is none of a network of {n_neurons}: give a value for each")]
    OtherNeurons {
        /// Values.
        given: usize,
        /// Neurons of the network.
        n_neurons: u32,
    },
    /// A thread of the CPU engine panicked, which is a fault of the program, or could not be started; the
    /// others have ended with it.
    #[error(
        "a thread of the CPU engine failed: {reason}: lower engine.threads if it cannot be started, else report it \
         with the configuration, and run with --engine reference"
    )]
    Thread {
        /// What it said.
        reason: String,
    },
    /// An engine that computes several networks has ended, or cannot take this one.
    #[error("it was not computed together with other networks: {reason}: run it by itself")]
    Together {
        /// Why.
        reason: String,
    },
    /// A GPU that failed or whose buffer of spikes was too small.
    #[error(transparent)]
    Gpu(#[from] gpu::GpuError),
    /// The device failed or cannot hold the network.
    #[error("{0}")]
    Device(String),
}

/// The step that `steps` more than `step` lead to.
///
/// # Errors
/// More than [`MAX_STEPS`].
fn end_of(step: u32, steps: u32) -> Result<u32, EngineError> {
    let end = step.checked_add(steps).filter(|&end| end <= MAX_STEPS);
    end.ok_or(EngineError::TooManySteps { limit: MAX_STEPS })
}

/// A quantity that may leave its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Watched {
    /// The membrane potential.
    Potential,
    /// A synaptic current.
    Current,
}

/// A value that left its range. Of all that do, every engine names the least: that of the first step, there of
/// the first neuron, there the potential before the current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RangeFault {
    /// The step after which it was seen.
    pub step: u32,
    /// The neuron.
    pub neuron: u32,
    /// What left its range.
    pub watched: Watched,
}

impl RangeFault {
    /// The error of an engine that runs `network`.
    pub fn error(self, network: &IntegerNetwork) -> EngineError {
        let Self { step, neuron, watched } = self;
        let (quantity, key, bits) = match watched {
            Watched::Potential => ("the membrane potential", "arithmetic.v_m_bits", network.formats.v_m_bits),
            Watched::Current => {
                ("the synaptic current", "arithmetic.current_bits", network.formats.current_bits)
            }
        };
        let population = network.population_of(neuron).name.clone();
        EngineError::Overflow { quantity, neuron, population, bits, step, key, lower: bits.saturating_sub(1) }
    }
}
