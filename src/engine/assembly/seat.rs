//! A network's seat at an engine that computes several together: to who runs the network it is an engine of its own.
//!
//! Whoever runs a network asks and waits for the answer; [`Together`](super::Together) answers. All of them are at the
//! same step whenever they ask for something.

use crate::engine::fixed_point::{Arrival, BLOCK_STEPS, IntegerNetwork};
use crate::engine::input::{check_arrivals, check_probe};
use crate::engine::probe::Taken;
use crate::engine::{
    Description, Engine, EngineError, Memory, OnBatch, Probe, SpikeBatch, SpikesInFlight, State, end_of,
};
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender};

/// What is asked for. Neurons and populations are counted through the own network.
#[derive(Debug)]
pub(super) enum Ask {
    Join(Box<IntegerNetwork>),
    Leave,
    /// To compute until so many steps are done.
    Advance(u32),
    /// Whether a batch is not the last one.
    Flow(ControlFlow<()>),
    Inject(Vec<Arrival>),
    Probe(Probe),
    State,
}

/// What is answered.
#[derive(Debug)]
pub(super) enum Answer {
    Joined(Description, Memory),
    Batch(Batch),
    Done(Result<(), EngineError>),
    State(Result<State, EngineError>),
}

/// The part of one network in a batch.
#[derive(Debug)]
pub(super) struct Batch {
    pub first_step: u32,
    pub ends: Vec<u32>,
    pub neurons: Vec<u32>,
    pub taken: Taken,
}

/// A seat that is free until [`Seat::join`]; who gives it up leaves.
#[derive(Debug)]
pub struct Seat {
    pub(super) index: usize,
    pub(super) asks: Sender<(usize, Ask)>,
    pub(super) answers: Receiver<Answer>,
}

impl Seat {
    /// Brings `network`, and waits until all have brought theirs.
    ///
    /// # Errors
    /// A network that cannot be computed with the others, or an engine that cannot be opened.
    pub fn join(self, network: &IntegerNetwork) -> Result<MemberEngine<'_>, EngineError> {
        match self.ask(Ask::Join(Box::new(network.clone())))? {
            Answer::Joined(description, memory) => {
                Ok(MemberEngine { seat: self, network, description, memory, step: 0 })
            }
            other => Err(other.error()),
        }
    }

    fn ask(&self, ask: Ask) -> Result<Answer, EngineError> {
        self.asks.send((self.index, ask)).map_err(|_| ended())?;
        self.answers.recv().map_err(|_| ended())
    }

    fn done(&self, ask: Ask) -> Result<(), EngineError> {
        match self.ask(ask)? {
            Answer::Done(result) => result,
            other => Err(other.error()),
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Where nobody listens any more there is nothing to leave.
        let _ = self.asks.send((self.index, Ask::Leave));
    }
}

fn ended() -> EngineError {
    EngineError::Together { reason: "the engine has ended".to_owned() }
}

impl Answer {
    /// The error that it is, in place of what was asked for.
    fn error(self) -> EngineError {
        match self {
            Self::Done(Err(error)) | Self::State(Err(error)) => error,
            _ => ended(),
        }
    }
}

/// The engine of one network among several.
#[derive(Debug)]
pub struct MemberEngine<'a> {
    seat: Seat,
    network: &'a IntegerNetwork,
    description: Description,
    memory: Memory,
    step: u32,
}

impl MemberEngine<'_> {
    /// Computes the steps up to `end`, as long as `on_batch` wants more.
    fn advance_to(&mut self, end: u32, on_batch: &mut OnBatch<'_>) -> Result<ControlFlow<()>, EngineError> {
        let mut answer = self.seat.ask(Ask::Advance(end))?;
        let mut flow = ControlFlow::Continue(());
        while let Answer::Batch(batch) = answer {
            let Batch { first_step, ends, neurons, taken } = batch;
            self.step = first_step - 1 + ends.len() as u32;
            let samples = taken.samples();
            flow = on_batch(SpikeBatch { first_step, ends: &ends, neurons: &neurons, samples });
            answer = self.seat.ask(Ask::Flow(flow))?;
        }
        match answer {
            Answer::Done(result) => result.map(|()| flow),
            other => Err(other.error()),
        }
    }
}

impl Engine for MemberEngine<'_> {
    fn description(&self) -> Description {
        self.description.clone()
    }

    fn step(&self) -> u32 {
        self.step
    }

    /// What spikes of stimuli bring is handed over block by block: the network of all has but the currents.
    fn advance(&mut self, steps: u32, on_batch: &mut OnBatch<'_>) -> Result<(), EngineError> {
        let (end, stimuli) = (end_of(self.step, steps)?, &self.network.stimuli);
        let mut flow = ControlFlow::Continue(());
        while self.step < end && flow.is_continue() {
            let done = self.step;
            if done.is_multiple_of(BLOCK_STEPS) {
                self.seat.done(Ask::Inject(stimuli.arrivals(done)))?;
            }
            flow = self.advance_to(stimuli.next_stop(done).map_or(end, |stop| stop.min(end)), on_batch)?;
        }
        Ok(())
    }

    fn inject(&mut self, arrivals: &[Arrival]) -> Result<(), EngineError> {
        check_arrivals(self.step, self.network.n_neurons(), arrivals)?;
        self.seat.done(Ask::Inject(arrivals.to_vec()))
    }

    fn set_dc(&mut self, _: &[i32]) -> Result<(), EngineError> {
        Err(EngineError::Together { reason: "its current is set while it runs".to_owned() })
    }

    fn probe(&mut self, probe: Probe) -> Result<(), EngineError> {
        check_probe(&probe, self.network)?;
        self.seat.done(Ask::Probe(probe))
    }

    fn restore(&mut self, _: &State, _: &SpikesInFlight) -> Result<(), EngineError> {
        Err(EngineError::Together { reason: "it goes on from a checkpoint".to_owned() })
    }

    fn state(&mut self) -> Result<State, EngineError> {
        match self.seat.ask(Ask::State)? {
            Answer::State(state) => state,
            other => Err(other.error()),
        }
    }

    fn memory(&self) -> Memory {
        self.memory
    }
}
