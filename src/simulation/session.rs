//! A network that is simulated stretch by stretch, with input that is decided meanwhile: closed loops.

use super::{SimulationError, simulate};
use crate::engine::assembly::BuiltNetwork;
use crate::engine::fixed_point::{
    BLOCK_STEPS, IntegerNetwork, MAX_STEPS, Simulation, Stimuli, StimuliError, Stimulus, StimulusFileError,
    nearest_step,
};
use crate::engine::{Engine, EngineError, SpikeBatch};
use crate::model::network::{NetworkSpec, PopulationSelector};
use crate::rules::{Check, Violations};
use thiserror::Error;

/// Why an input was not taken.
#[derive(Debug, Error)]
pub enum InputError {
    /// Values that are out of range.
    #[error(transparent)]
    Values(#[from] Violations),
    /// Populations that do not exist, and strengths that integers cannot hold.
    #[error(transparent)]
    Stimuli(#[from] StimuliError),
    /// A file that cannot be read.
    #[error(transparent)]
    File(#[from] StimulusFileError),
    /// A current is no spike.
    #[error(
        "a current cannot be added while a simulation goes on: set it with set_dc, or write it into stimuli before"
    )]
    Current,
    /// Spikes that would have begun to arrive before.
    #[error(
        "spikes at {time_ms} ms come too late: after {now_ms} ms of the simulation they can arrive after \
         {spikes_after_ms} ms: choose a later time"
    )]
    TooLate {
        /// When the first was to arrive, or when they were to begin, ms.
        time_ms: f64,
        /// Time of the simulation, ms.
        now_ms: f64,
        /// Time after which they can arrive, ms.
        spikes_after_ms: f64,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A simulation that is in the hands of its caller.
///
/// Its spikes are those of a run with the same stimuli in its configuration, however they are divided into stretches.
/// A network that leaves its fixed-point formats ends with an error: `arithmetic` sets coarser ones.
pub struct Session<'n> {
    built: &'n BuiltNetwork,
    spec: &'n NetworkSpec,
    engine: Box<dyn Engine + 'n>,
    /// The network's stimuli and those that were added, each with the number by which it draws.
    inputs: Vec<(u32, Stimulus)>,
    first_added: u32,
    next_number: u32,
    /// Those that were added.
    stimuli: Stimuli,
    /// The current into each population, pA.
    amplitudes_pa: Vec<f64>,
    /// As long as a simulation can be.
    simulation: Simulation,
}

impl<'n> Session<'n> {
    /// A simulation at step 0 in `engine`, which was opened on `built`; `spec` is what that was made from, and
    /// `stimuli` are those that it was built with.
    pub fn new(
        built: &'n BuiltNetwork,
        spec: &'n NetworkSpec,
        engine: Box<dyn Engine + 'n>,
        stimuli: &[Stimulus],
    ) -> Self {
        let IntegerNetwork { seed, dt_ms, .. } = *built.integers();
        let duration_ms = f64::from(MAX_STEPS) * dt_ms;
        Self {
            built,
            spec,
            engine,
            inputs: (0..).zip(stimuli.iter().cloned()).collect(),
            first_added: stimuli.len() as u32,
            next_number: stimuli.len() as u32,
            stimuli: Stimuli::default(),
            amplitudes_pa: vec![0.0; spec.populations.len()],
            simulation: Simulation { seed, dt_ms, duration_ms, statistics_from_ms: 0.0 },
        }
    }

    /// Steps done.
    pub fn step(&self) -> u32 {
        self.engine.step()
    }

    /// Length of a step, ms.
    pub fn dt_ms(&self) -> f64 {
        self.simulation.dt_ms
    }

    /// Model time that has passed, ms.
    pub fn now_ms(&self) -> f64 {
        f64::from(self.step()) * self.dt_ms()
    }

    /// Time after which spikes from outside can arrive, ms: blocks of steps get theirs when they begin.
    pub fn spikes_after_ms(&self) -> f64 {
        f64::from(self.next_block()) * self.dt_ms()
    }

    fn next_block(&self) -> u32 {
        self.step().next_multiple_of(BLOCK_STEPS)
    }

    /// Computes `n_steps` more steps; `on_batch` receives every batch of spikes in order, and where it fails the
    /// simulation stops at the end of one, and can go on from there.
    ///
    /// # Errors
    /// The engine's, or that of `on_batch`.
    pub fn advance<E>(
        &mut self,
        n_steps: u32,
        mut on_batch: impl FnMut(SpikeBatch<'_>) -> Result<(), E>,
    ) -> Result<(), SimulationError<E>> {
        let end = self.step().saturating_add(n_steps);
        while self.step() < end {
            let done = self.step();
            if done.is_multiple_of(BLOCK_STEPS) {
                let arrivals = self.stimuli.arrivals(done);
                self.engine.inject(&arrivals).map_err(SimulationError::Engine)?;
            }
            let stop = self.stimuli.next_stop(done).map_or(end, |stop| stop.min(end));
            simulate(self.engine.as_mut(), stop - done, &mut on_batch)?;
        }
        Ok(())
    }

    /// Adds spikes from outside, the first of which arrives after [`Session::spikes_after_ms`].
    ///
    /// # Errors
    /// [`InputError`]; then nothing has changed.
    pub fn add(&mut self, mut input: Stimulus) -> Result<(), InputError> {
        input.read_file()?;
        let mut check = Check::default();
        check.stimuli(std::slice::from_ref(&input), &self.simulation);
        check.outcome()?;
        self.check_time(&input)?;
        let mut inputs = self.to_come();
        inputs.push((self.next_number, input));
        // All of them together must not be too much.
        let integers = self.built.integers();
        integers.stimuli_of(self.spec, &inputs)?;
        let added = inputs.iter().filter(|(number, _)| *number >= self.first_added).cloned();
        self.stimuli = integers.stimuli_of(self.spec, &added.collect::<Vec<_>>())?;
        self.inputs = inputs;
        self.next_number += 1;
        Ok(())
    }

    /// Sets the current into populations from the next step on, pA, in place of that of an earlier call and on top of
    /// what the network and its stimuli have.
    ///
    /// # Errors
    /// [`InputError`]; then nothing has changed.
    pub fn set_dc(&mut self, populations: &PopulationSelector, amplitude_pa: f64) -> Result<(), InputError> {
        let mut check = Check::default();
        check.selector("populations", populations);
        check.finite("amplitude_pa", amplitude_pa);
        check.outcome()?;
        let chosen = self.spec.chosen(populations);
        if chosen.is_empty() {
            let nearest = self.spec.nearest(populations, 0);
            return Err(StimuliError::no_such_population("set_dc", populations, nearest).into());
        }
        let mut amplitudes_pa = self.amplitudes_pa.clone();
        chosen.into_iter().for_each(|population| amplitudes_pa[population] = amplitude_pa);
        let dc = self.built.integers().dc_with(self.spec, &amplitudes_pa)?;
        self.engine.set_dc(&dc)?;
        self.amplitudes_pa = amplitudes_pa;
        Ok(())
    }

    /// Membrane potential of every neuron, mV; V_reset where it is refractory.
    ///
    /// # Errors
    /// A device that failed.
    pub fn v_m_mv(&mut self) -> Result<Vec<f64>, EngineError> {
        Ok(self.built.v_m_mv(&self.engine.state()?))
    }

    /// The inputs without spikes that have arrived.
    fn to_come(&self) -> Vec<(u32, Stimulus)> {
        let is_to_come = |(_, input): &&(u32, Stimulus)| match *input {
            Stimulus::Spike { time_ms, .. } => nearest_step(time_ms, self.dt_ms()) > self.step(),
            Stimulus::Poisson { to_ms: Some(to_ms), .. } => nearest_step(to_ms, self.dt_ms()) > self.step(),
            _ => true,
        };
        self.inputs.iter().filter(is_to_come).cloned().collect()
    }

    fn check_time(&self, input: &Stimulus) -> Result<(), InputError> {
        let (time_ms, is_late) = match *input {
            Stimulus::Spike { time_ms, .. } => {
                (time_ms, nearest_step(time_ms, self.dt_ms()) <= self.next_block())
            }
            Stimulus::SpikeTrains { .. } => {
                let first_ms = input.window_ms().0;
                (first_ms, nearest_step(first_ms, self.dt_ms()) <= self.next_block())
            }
            Stimulus::Poisson { from_ms, .. } => {
                (from_ms, nearest_step(from_ms, self.dt_ms()) < self.next_block())
            }
            _ => return Err(InputError::Current),
        };
        let (now_ms, spikes_after_ms) = (self.now_ms(), self.spikes_after_ms());
        if is_late { Err(InputError::TooLate { time_ms, now_ms, spikes_after_ms }) } else { Ok(()) }
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
