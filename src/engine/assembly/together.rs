//! Several networks on one engine: each is run by a thread of its own, which sits at a [`Seat`] as at an engine of its
//! own, and here is who computes for all of them.
//!
//! 1. All bring their networks; those that fit together and into the memory become an [`Ensemble`], the others are turned
//!    away.
//! 2. Whoever asks for input or states is served at once.
//! 3. When all have asked for steps, the engine computes as many as the one that asks for the fewest, and hands everyone its
//!    part of each batch.

use super::member::Member;
use super::seat::{Answer, Ask, Seat};
use super::{BuildError, ChosenEngine, EnginePlan, available_memory_bytes};
use crate::engine::fixed_point::{Arrival, Ensemble, IntegerNetwork};
use crate::engine::{Engine, EngineError, Probe, SpikeBatch, State, SynapseStorage};
use crate::model::network::Scaling;
use crate::progress::Interruption;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Who computes for all seats.
#[derive(Debug)]
pub struct Together {
    asks: Receiver<(usize, Ask)>,
    answers: Vec<Sender<Answer>>,
}

/// Networks that were brought, by seat.
type Brought = BTreeMap<usize, Box<IntegerNetwork>>;

impl Together {
    /// So many seats, and who computes for them.
    pub fn with_seats(n: usize) -> (Self, Vec<Seat>) {
        let (sender, asks) = channel();
        let (answers, seats) = (0..n)
            .map(|index| {
                let (answer, answers) = channel();
                (answer, Seat { index, asks: sender.clone(), answers })
            })
            .unzip();
        (Self { asks, answers }, seats)
    }

    /// Computes until all seats are given up; whoever cannot be computed together hears why.
    pub fn compute(self, engine: &ChosenEngine, interruption: &Interruption) {
        let mut brought = self.gather();
        let Some((ensemble, plan)) = self.ensemble(&mut brought, engine) else { return };
        if let Err(error) = self.open(&ensemble, &plan, &brought, interruption) {
            brought.keys().for_each(|&seat| self.turn_away(seat, &error.to_string()));
        }
    }

    /// What all seats bring that are not given up.
    fn gather(&self) -> Brought {
        let mut brought = Brought::new();
        for _ in 0..self.answers.len() {
            if let Ok((seat, Ask::Join(network))) = self.asks.recv() {
                brought.insert(seat, network);
            }
        }
        brought
    }

    /// The networks that go together and fit; none if these are fewer than two.
    fn ensemble(&self, brought: &mut Brought, engine: &ChosenEngine) -> Option<(Ensemble, EnginePlan)> {
        while brought.len() > 1 {
            let networks: Vec<&IntegerNetwork> = brought.values().map(AsRef::as_ref).collect();
            match Ensemble::new(&networks) {
                Ok(ensemble) => {
                    match fitting(&ensemble.network, &engine.clone().with_networks(networks.len())) {
                        Ok(plan) => return Some((ensemble, plan)),
                        Err(reason) => self.keep(brought, brought.len() / 2, &reason),
                    }
                }
                Err((index, error)) => {
                    let seat = *brought.keys().nth(index)?;
                    brought.remove(&seat);
                    self.turn_away(seat, &error.to_string());
                }
            }
        }
        self.keep(brought, 0, "there is no other one to compute it with");
        None
    }

    /// Keeps the first `n` networks.
    fn keep(&self, brought: &mut Brought, n: usize, reason: &str) {
        let left: Vec<usize> = brought.keys().skip(n).copied().collect();
        for seat in left {
            brought.remove(&seat);
            self.turn_away(seat, reason);
        }
    }

    fn turn_away(&self, seat: usize, reason: &str) {
        self.answer(seat, Answer::Done(Err(EngineError::Together { reason: reason.to_owned() })));
    }

    fn answer(&self, seat: usize, answer: Answer) {
        // Who has given up the seat needs no answer.
        let _ = self.answers[seat].send(answer);
    }

    fn open(
        &self,
        ensemble: &Ensemble,
        plan: &EnginePlan,
        brought: &Brought,
        interruption: &Interruption,
    ) -> Result<(), BuildError> {
        let synapses = plan.synapses_unless(&ensemble.network, interruption)?;
        let mut engine = plan.open_unless(&ensemble.network, &synapses, interruption)?;
        let own = ensemble.members.iter().cloned().zip(ensemble.populations.iter().cloned());
        let members = brought.keys().copied().zip(own);
        let members =
            members.map(|(seat, (neurons, populations))| (seat, Member { neurons, populations, end: None }));
        let (description, memory) = (engine.description(), engine.memory());
        for &seat in brought.keys() {
            self.answer(seat, Answer::Joined(description.clone(), memory));
        }
        let (members, engine) = (members.collect(), engine.as_mut());
        Table { together: self, ensemble, engine, members, probe: None, state: None }.serve();
        Ok(())
    }
}

/// How the adapter holds all of it; or why it does not. Networks whose synapses can be stored are not put together where
/// they cannot.
fn fitting(network: &IntegerNetwork, engine: &ChosenEngine) -> Result<EnginePlan, String> {
    let plan = engine.plan(network);
    let is_fallback = plan.engine().name() != engine.name();
    let must_draw = plan.is_procedural() && engine.options.synapses != SynapseStorage::Procedural;
    match plan.check(&Scaling::default(), available_memory_bytes()) {
        Ok(()) if !is_fallback && !must_draw => Ok(plan),
        Ok(()) => Err("the adapter's memory does not hold them together".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The engine, with those who are there.
struct Table<'t> {
    together: &'t Together,
    ensemble: &'t Ensemble,
    engine: &'t mut dyn Engine,
    members: BTreeMap<usize, Member>,
    /// Whose states were asked for, also by those who have left.
    probe: Option<Probe>,
    /// The state after a number of steps, for those who ask for it one after the other.
    state: Option<(u32, State)>,
}

impl Table<'_> {
    /// Serves everyone until the last one leaves, or the engine fails.
    fn serve(&mut self) {
        while !self.members.is_empty() {
            let least = self.members.values().map(|member| member.end).min().flatten();
            // None is less than any number.
            if let Some(end) = least {
                if self.advance(end).is_err() {
                    return;
                }
            } else {
                let Ok((seat, ask)) = self.together.asks.recv() else { return };
                self.hear(seat, ask);
            }
        }
    }

    fn hear(&mut self, seat: usize, ask: Ask) {
        let Some(member) = self.members.get_mut(&seat) else { return };
        let first = member.neurons.start;
        let done = match ask {
            Ask::Advance(end) => return member.end = Some(end),
            Ask::Leave => {
                self.members.remove(&seat);
                return;
            }
            Ask::State => {
                let state = self.state_of(seat);
                return self.together.answer(seat, Answer::State(state));
            }
            Ask::Inject(arrivals) => {
                let moved = |arrival: Arrival| Arrival { neuron: first + arrival.neuron, ..arrival };
                self.engine.inject(&arrivals.into_iter().map(moved).collect::<Vec<_>>())
            }
            Ask::Probe(probe) => {
                let all = member.added_to(self.probe.as_ref(), &probe);
                let taken = all.and_then(|all| self.engine.probe(all.clone()).map(|()| all));
                taken.map(|all| self.probe = Some(all))
            }
            Ask::Join(_) | Ask::Flow(_) => return,
        };
        self.together.answer(seat, Answer::Done(done));
    }

    fn state_of(&mut self, seat: usize) -> Result<State, EngineError> {
        let step = self.engine.step();
        let state = match self.state.take().filter(|(of, _)| *of == step) {
            Some((_, state)) => state,
            None => self.engine.state()?,
        };
        let own = self.members.get(&seat).map_or(0..0, |member| member.neurons.clone());
        let own = own.start as usize..own.end as usize;
        let part = State { v_m: state.v_m[own.clone()].to_vec(), current: state.current[own].to_vec() };
        self.state = Some((step, state));
        Ok(part)
    }

    /// Computes until `end` steps are done, or someone asks to stop; tells those whose steps are done.
    fn advance(&mut self, end: u32) -> Result<(), ()> {
        let Self { together, members, engine, probe, .. } = self;
        let mut stopped = Vec::new();
        let steps = end - engine.step();
        let advanced = engine.advance(steps, &mut |batch| {
            let flow = hand_over(together, members, probe.as_ref(), &mut stopped, batch);
            if members.is_empty() { ControlFlow::Break(()) } else { flow }
        });
        if let Err(error) = advanced {
            self.fail(error);
            return Err(());
        }
        let step = self.engine.step();
        for (seat, member) in &mut self.members {
            if member.end.is_some_and(|end| end <= step) || stopped.contains(seat) {
                member.end = None;
                self.together.answer(*seat, Answer::Done(Ok(())));
            }
        }
        Ok(())
    }

    /// Tells everyone that the engine has failed: the network of a range fault which of its neurons it is, the others
    /// that they are to be computed without it.
    fn fail(&mut self, error: EngineError) {
        let reason = error.to_string();
        let faulty = match &error {
            EngineError::Overflow { neuron, .. } => self.ensemble.member_of(*neuron),
            _ => None,
        };
        let first = faulty.map(|member| self.ensemble.members[member].start);
        let mut own = Some(own_fault(error, first.unwrap_or(0)));
        for (&seat, member) in &self.members {
            let error = match own.take_if(|_| first == Some(member.neurons.start)) {
                Some(own) => own,
                None => EngineError::Together { reason: reason.clone() },
            };
            self.together.answer(seat, Answer::Done(Err(error)));
        }
    }
}

/// A range fault with the neuron as its own network counts it, of which the first neuron is `first`.
fn own_fault(error: EngineError, first: u32) -> EngineError {
    match error {
        EngineError::Overflow { quantity, neuron, population, bits, step, key, lower } => {
            let neuron = neuron - first;
            EngineError::Overflow { quantity, neuron, population, bits, step, key, lower }
        }
        other => other,
    }
}

/// Hands everyone its part of a batch, and waits until all have taken theirs; notes who asks to stop.
fn hand_over(
    together: &Together,
    members: &mut BTreeMap<usize, Member>,
    probe: Option<&Probe>,
    stopped: &mut Vec<usize>,
    batch: SpikeBatch<'_>,
) -> ControlFlow<()> {
    let parts = members.par_iter().map(|(&seat, member)| (seat, member.part_of(probe, batch)));
    for (seat, part) in parts.collect::<Vec<_>>() {
        together.answer(seat, Answer::Batch(part));
    }
    let mut waiting = members.len();
    while waiting > 0 {
        match together.asks.recv() {
            Ok((seat, Ask::Flow(flow))) => {
                if flow.is_break() {
                    stopped.push(seat);
                }
            }
            Ok((seat, Ask::Leave)) if members.remove(&seat).is_some() => {}
            // Of someone who was turned away.
            Ok(_) => continue,
            Err(_) => return ControlFlow::Break(()),
        }
        waiting -= 1;
    }
    if stopped.is_empty() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}
