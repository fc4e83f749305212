//! The reference engine: plain Rust, one function for each shader under its name, written to be
//! read beside it. Slow, and the oracle of the tests.
//!
//! `neurons.rs` has what happens to neurons, `delivery.rs` what happens to their spikes, and a step is the order in which
//! [`ReferenceEngine`] calls them.
mod delivery;
mod neurons;
mod ring;

use super::end_of;
use super::input::{check_arrivals, check_dc, check_probe};
use super::probe::Taken;
use super::spikes_in_flight::check_in_flight;
use super::{
    Description, Engine, EngineError, Memory, NeuronState, OnBatch, Probe, RangeFault, SpikeBatch,
    SpikesInFlight, State,
};
use crate::engine::fixed_point::{Arrival, BLOCK_STEPS, Currents, IntegerNetwork};
use crate::engine::synapses::{CsrStore, Synapses};
use delivery::{
    ProceduralSynapses, WINDOW_STEPS, append_history, deliver, deliver_procedural, fill_history,
    is_window_end,
};
use neurons::{currents, drive, inject, sum_states, update};
use ring::Ring;
use std::borrow::Cow;

/// Steps handed over at once if nothing else is asked for.
const DEFAULT_BATCH_STEPS: u32 = 1000;

/// Plain engine over a dense ring of input slots.
#[derive(Debug)]
pub struct ReferenceEngine<'a> {
    network: &'a IntegerNetwork,
    synapses: Synapses<&'a CsrStore, ProceduralSynapses>,
    batch_steps: u32,
    step: u32,
    state: State,
    /// What the network's own DC input adds to V of each neuron in a step, and what all currents do.
    own_dc: Cow<'a, [i32]>,
    dc: Vec<i32>,
    currents: Currents<'a>,
    probe: Option<Probe>,
    ring: Ring,
    fault: Option<RangeFault>,
}

impl<'a> ReferenceEngine<'a> {
    /// An engine at step 0; if synapses are procedural it counts the rows.
    pub fn new(
        network: &'a IntegerNetwork,
        synapses: impl Into<Synapses<&'a CsrStore>>,
        batch_steps: Option<u32>,
    ) -> Self {
        let neurons = network.n_neurons();
        let synapses = synapses.into();
        let slots = Self::slots(network, synapses);
        Self {
            network,
            synapses: match synapses {
                Synapses::Stored(store) => Synapses::Stored(store),
                Synapses::Procedural(()) => Synapses::Procedural(ProceduralSynapses::new(network)),
            },
            batch_steps: batch_steps.unwrap_or(DEFAULT_BATCH_STEPS).max(1),
            step: 0,
            state: State { v_m: network.initial_v_m.clone(), current: vec![[0; 2]; neurons as usize] },
            own_dc: Cow::Borrowed(&network.dc),
            dc: network.dc.clone(),
            currents: network.stimuli.currents(0..neurons),
            probe: None,
            ring: Ring::new(slots, if network.has_one_current() { 1 } else { 2 }, neurons),
            fault: None,
        }
    }

    /// Input slots of a neuron.
    pub fn slots<S>(network: &IntegerNetwork, synapses: Synapses<S>) -> u32 {
        match synapses {
            Synapses::Stored(_) => network.longest_delay().max(BLOCK_STEPS) + 1,
            Synapses::Procedural(()) => WINDOW_STEPS,
        }
    }

    /// One step; appends the neurons that spike.
    fn advance_by_one(&mut self, neurons: &mut Vec<u32>) {
        let Self { network, synapses, step, state, own_dc, dc, currents: of_stimuli, ring, fault, .. } = self;
        if step.is_multiple_of(BLOCK_STEPS) {
            if let Synapses::Procedural(rows) = synapses
                && is_window_end(*step)
            {
                deliver_procedural(network, rows, *step, ring);
            }
            drive(network, *step, ring);
            inject(&network.stimuli.arrivals(*step), ring);
        }
        *step += 1;
        let before = neurons.len();
        if of_stimuli.go_to(*step) {
            currents(own_dc, of_stimuli, dc);
        }
        update(network, *step, state, dc, ring, neurons, fault);
        let spikes = &neurons[before..];
        match synapses {
            Synapses::Stored(store) => deliver(network, store, *step, spikes, ring),
            Synapses::Procedural(rows) => {
                append_history(rows, *step, spikes);
                // Nothing of the last step of a window arrives in it.
                if !is_window_end(*step) {
                    deliver_procedural(network, rows, *step, ring);
                }
            }
        }
    }

    /// Takes what the probe asks for after this step.
    fn sample(&self, taken: &mut Taken) {
        let Some(probe) = &self.probe else { return };
        if probe.samples_after(self.step) {
            taken.steps.push(self.step);
            let State { v_m, current } = &self.state;
            let state = |&n: &u32| NeuronState { v_m: v_m[n as usize], current: current[n as usize] };
            taken.states.extend(probe.neurons().iter().map(state));
        }
        if probe.sums_after(self.step) {
            taken.sum_steps.push(self.step);
            let sum = |&p: &usize| sum_states(self.network, &self.network.populations[p], &self.state);
            taken.sums.extend(probe.populations().iter().map(sum));
        }
    }
}

impl Engine for ReferenceEngine<'_> {
    fn description(&self) -> Description {
        Description { engine: "reference".into(), adapter: "1 thread".into(), driver: String::new() }
    }

    fn step(&self) -> u32 {
        self.step
    }

    fn advance(&mut self, steps: u32, on_batch: &mut OnBatch<'_>) -> Result<(), EngineError> {
        let end = end_of(self.step, steps)?;
        while self.step < end {
            let first_step = self.step + 1;
            let (mut neurons, mut ends) = (Vec::new(), Vec::new());
            let mut taken = Taken::default();
            for _ in 0..self.batch_steps.min(end - self.step) {
                self.advance_by_one(&mut neurons);
                ends.push(neurons.len() as u32);
                self.sample(&mut taken);
            }
            if let Some(fault) = self.fault {
                return Err(fault.error(self.network));
            }
            let samples = taken.samples();
            if on_batch(SpikeBatch { first_step, ends: &ends, neurons: &neurons, samples }).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn inject(&mut self, arrivals: &[Arrival]) -> Result<(), EngineError> {
        check_arrivals(self.step, self.network.n_neurons(), arrivals)?;
        // Slots of steps done are empty.
        inject(arrivals, &mut self.ring);
        Ok(())
    }

    fn set_dc(&mut self, dc: &[i32]) -> Result<(), EngineError> {
        check_dc(dc, self.network.n_neurons())?;
        self.own_dc = Cow::Owned(dc.to_vec());
        currents(&self.own_dc, &self.currents, &mut self.dc);
        Ok(())
    }

    fn probe(&mut self, probe: Probe) -> Result<(), EngineError> {
        check_probe(&probe, self.network)?;
        self.probe = Some(probe);
        Ok(())
    }

    fn restore(&mut self, state: &State, in_flight: &SpikesInFlight) -> Result<(), EngineError> {
        check_in_flight(self.network, self.step, state, in_flight)?;
        self.state = state.clone();
        self.step = in_flight.last_step();
        let Self { network, synapses, ring, step, .. } = self;
        match synapses {
            Synapses::Stored(store) => {
                for (step, spikes) in in_flight.steps() {
                    // What arrived in this step is in the state.
                    ring.clear(step);
                    deliver(network, store, step, spikes, ring);
                }
            }
            Synapses::Procedural(rows) => {
                fill_history(rows, in_flight.steps());
                // Where a window starts, the next step does it.
                if !is_window_end(*step) {
                    deliver_procedural(network, rows, *step, ring);
                }
            }
        }
        Ok(())
    }

    fn state(&mut self) -> Result<State, EngineError> {
        Ok(self.state.clone())
    }

    fn memory(&self) -> Memory {
        let synapses = match &self.synapses {
            Synapses::Stored(store) => store.bytes(),
            Synapses::Procedural(rows) => rows.bytes(),
        };
        let host_bytes = synapses + self.ring.bytes() + 12 * self.state.v_m.len() as u64;
        Memory { device_bytes: 0, host_bytes }
    }
}
