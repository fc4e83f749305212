//! Engines: one contract, the same spikes from each.
//!
//! - [`mod@reference`]: plain Rust, a function for each shader under its name; the oracle of the tests.
//! - [`cpu`]: threads, vector instructions, and a calendar of events.
//! - [`gpu`]: compute shaders through wgpu.
//!
//! In each step *n* = 1, 2, … an engine (1) adds what arrives in step *n* to the currents and
//! updates every neuron ([`step_neuron`](crate::integer::step_neuron)), (2) stamps the spikes with
//! *n*, and (3) delivers them: through a synapse of delay *d* a spike of step *n* arrives in step
//! *n* + *d*. External spikes of block *b* and offset *o* arrive in step 64 *b* + *o* + 1.
pub mod cpu;
pub mod gpu;
pub mod reference;

use crate::integer::IntegerNetwork;
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

    /// State of every neuron after the last step.
    ///
    /// # Errors
    /// A device that failed.
    fn state(&mut self) -> Result<State, EngineError>;

    /// Bytes held for the network on the device and on the host.
    fn memory(&self) -> Memory;
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
}

impl<'a> SpikeBatch<'a> {
    /// Each step with its spikes.
    pub fn steps(&self) -> impl Iterator<Item = (u32, &'a [u32])> {
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
    /// Potential, or refractory count ([`NeuronClass::potential`](crate::integer::NeuronClass::potential)).
    pub v_m: Vec<i32>,
    /// Excitatory and inhibitory current; where the network has one current it is the first.
    pub current: Vec<[i32; 2]>,
}

/// Bytes held for a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Memory {
    /// On the accelerator; 0 where there is none.
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
    /// Driver and its version; empty where there is none.
    pub driver: String,
}

/// Why an engine stopped.
#[derive(Debug, Error)]
pub enum EngineError {
    /// A potential or current left its fixed-point range.
    #[error(
        "{quantity} of neuron {neuron} ('{population}') left its range of {bits} fractional bits by step {step}: \
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
        /// Last step of the batch in which it was seen.
        step: u32,
        /// Config key.
        key: &'static str,
        /// Value to try.
        lower: u32,
    },
    /// More steps than the counters of the random draws hold.
    #[error(
        "a run of more than {limit} steps would repeat its external input: shorten simulation.duration_ms"
    )]
    TooManySteps {
        /// Largest number of steps.
        limit: u32,
    },
    /// A GPU that failed or whose buffer of spikes was too small.
    #[error(transparent)]
    Gpu(#[from] gpu::GpuError),
    /// The device failed or cannot hold the network.
    #[error("{0}")]
    Device(String),
}

/// Steps after which the counters of the external drive would repeat.
pub const MAX_STEPS: u32 = 1 << 30;

/// What watched values report: the quantity that left its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// The membrane potential.
    Potential,
    /// The synaptic current, or what arrived.
    Current,
}

impl Watched {
    /// The error for `neuron` in a batch that ended with `step`.
    pub fn error(self, network: &IntegerNetwork, neuron: u32, step: u32) -> EngineError {
        let (quantity, key, bits) = match self {
            Self::Potential => ("the membrane potential", "arithmetic.v_m_bits", network.formats.v_m_bits),
            Self::Current => {
                ("the synaptic current", "arithmetic.current_bits", network.formats.current_bits)
            }
        };
        let population = network.population_of(neuron).name.clone();
        EngineError::Overflow { quantity, neuron, population, bits, step, key, lower: bits.saturating_sub(1) }
    }
}
