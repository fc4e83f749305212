//! The fast CPU engine: threads that take shards in turn, vector instructions for the update, a
//! calendar of events for delivery, one barrier a step.
//!
//! A shard's neurons, synapses and calendar belong to the thread that computes it; what threads share
//! is the list of neurons that spiked, which all read after the barrier, and memory for events.
mod barrier;
mod calendar;
mod chunks;
mod clock;
mod drive;
mod exchange;
mod external;
mod kernels;
mod lists;
mod pages;
mod passing;
mod rows;
mod samples;
mod shard;
mod thread_governor;
mod update;
#[cfg(test)]
mod update_tests;
mod work_queue;
mod worker_pool;

use super::end_of;
use super::input::{check_arrivals, check_dc, check_probe};
use super::probe::Taken;
use super::spikes_in_flight::check_in_flight;
use super::{
    Description, Engine, EngineError, Memory, OnBatch, Probe, SpikeBatch, SpikesInFlight, StageTime, State,
};
use crate::engine::Vectors;
use crate::engine::fixed_point::{Arrival, BLOCK_STEPS, IntegerNetwork};
use crate::engine::synapses::{HostSynapses, Shard, Synapses, parts, shards};
use calendar::{Calendar, chunk_bytes};
pub use calendar::{EventsInFlight, NEAR_STEPS};
use chunks::{Arena, MOST_KEPT};
use kernels::kernels;
use worker_pool::WorkerPool;

/// Steps handed over at once if nothing else is asked for.
pub const DEFAULT_BATCH_STEPS: u32 = 1000;

/// How the engine is computed; nothing here changes a spike.
#[derive(Debug, Clone, Copy)]
pub struct CpuOptions {
    /// Threads, at least 1; at most one a shard is used.
    pub threads: usize,
    /// Vector instructions.
    pub vectors: Vectors,
    /// Steps handed over at once.
    pub batch_steps: Option<u32>,
}

/// The fast CPU engine.
pub struct CpuEngine<'a> {
    network: &'a IntegerNetwork,
    synapses: HostSynapses<'a>,
    batch_steps: u32,
    description: String,
    step: u32,
    probe: Option<Probe>,
    pool: AnyPool<'a>,
}

/// Events of 32 bits, or of 64 where target and weight do not fit.
enum AnyPool<'a> {
    Narrow(WorkerPool<'a, u32>),
    Wide(WorkerPool<'a, u64>),
}

/// Evaluates `$call` with `$pool` of either kind.
macro_rules! with_pool {
    ($any:expr, $pool:ident => $call:expr) => {
        match $any {
            AnyPool::Narrow($pool) => $call,
            AnyPool::Wide($pool) => $call,
        }
    };
}

impl<'a> CpuEngine<'a> {
    /// An engine at step 0.
    ///
    /// # Errors
    /// Vector instructions that the machine lacks.
    pub fn new(
        network: &'a IntegerNetwork,
        synapses: impl Into<HostSynapses<'a>>,
        options: CpuOptions,
    ) -> Result<Self, EngineError> {
        let synapses = synapses.into();
        let shards = synapses.shards();
        let target_bits = target_bits(&shards);
        let threads = options.threads.clamp(1, shards.len().max(1));
        let pool = if is_narrow(network, target_bits) {
            AnyPool::Narrow(WorkerPool::new(
                network,
                synapses,
                target_bits,
                threads,
                kernels(options.vectors)?,
            ))
        } else {
            AnyPool::Wide(WorkerPool::new(network, synapses, target_bits, threads, kernels(options.vectors)?))
        };
        let vectors = kernels(options.vectors)?.name;
        let description = format!("{threads} thread{}, {vectors}", if threads == 1 { "" } else { "s" });
        let batch_steps = options.batch_steps.unwrap_or(DEFAULT_BATCH_STEPS).max(1);
        Ok(Self { network, synapses, batch_steps, description, step: 0, probe: None, pool })
    }

    /// Fewest shards, in multiples of `threads`, that let every event fit 32 bits; `threads` where
    /// none does. More would make rows short, which are slower to deliver (measured with the microcircuit: with four
    /// shards a thread, delivery takes 1.7 times as long).
    pub fn shards_for(network: &IntegerNetwork, synapses: Synapses, threads: usize) -> usize {
        let target_bits = (u32::BITS - weight_bits(network)).min(u32::BITS - 1);
        let fits = |&n: &usize| Self::cut(network, synapses, n).iter().all(|s| s.neurons <= 1 << target_bits);
        let most = network.populations.len().max(threads);
        (1..=most).map(|k| k * threads).take_while(|&n| n <= most).find(fits).unwrap_or(threads)
    }

    /// The `n` shards that the engine has: those whose synapses are stored are of equal work, others of whole
    /// populations.
    pub fn cut(network: &IntegerNetwork, synapses: Synapses, n: usize) -> Vec<Shard> {
        if synapses.is_procedural() { shards(network, n) } else { parts(network, n) }
    }

    /// Bytes of the events in flight while there are as many onto each of `shards` as `events` has, with free ones that
    /// `threads` keep for themselves.
    pub fn bytes_in_flight(
        network: &IntegerNetwork,
        shards: &[Shard],
        events: &[EventsInFlight],
        threads: usize,
    ) -> u64 {
        let of_shards: Vec<&Shard> = shards.iter().collect();
        let size_with = match is_narrow(network, target_bits(&of_shards)) {
            true => Calendar::<u32>::size_with,
            false => Calendar::<u64>::size_with,
        };
        let longest = network.longest_delay().max(BLOCK_STEPS);
        let chunk = chunk_bytes(shards.iter().map(|shard| shard.neurons).max().unwrap_or(0));
        let sizes = events.iter().map(|&events| size_with(longest, chunk, events));
        let (chunks, beside) = sizes.fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1));
        // No thread keeps more than all have used.
        let kept = (threads * MOST_KEPT / chunk) as u64;
        Arena::bytes_with(chunk, chunks + kept.min(chunks)) + beside
    }
}

/// Bits that hold a target neuron within any of the shards.
fn target_bits(shards: &[&Shard]) -> u32 {
    let largest = shards.iter().map(|s| s.neurons).max().unwrap_or(0);
    u32::BITS - largest.saturating_sub(1).leading_zeros()
}

/// Whether events fit 32 bits.
fn is_narrow(network: &IntegerNetwork, target_bits: u32) -> bool {
    target_bits + weight_bits(network) <= u32::BITS
}

/// Bits that hold the weight of every synapse with its sign.
fn weight_bits(network: &IntegerNetwork) -> u32 {
    33 - network.projections.iter().map(|p| network.greatest_weight_of(p)).max().unwrap_or(0).leading_zeros()
}

impl Engine for CpuEngine<'_> {
    fn description(&self) -> Description {
        Description { engine: "cpu".into(), adapter: self.description.clone(), driver: String::new() }
    }

    fn step(&self) -> u32 {
        self.step
    }

    fn advance(&mut self, steps: u32, on_batch: &mut OnBatch<'_>) -> Result<(), EngineError> {
        let end = end_of(self.step, steps)?;
        while self.step < end {
            let first_step = self.step + 1;
            let steps =
                with_pool!(&self.pool, pool => pool.next_steps(self.batch_steps.min(end - self.step)));
            let ((neurons, ends), fault) =
                with_pool!(&mut self.pool, pool => (pool.run(first_step, steps)?, pool.fault()));
            self.step += steps;
            if let Some(fault) = fault {
                return Err(fault.error(self.network));
            }
            let taken = self.probe.as_ref().map_or_else(
                Taken::default,
                |probe| with_pool!(&self.pool, pool => pool.take_samples(probe, first_step, self.step)),
            );
            let samples = taken.samples();
            if on_batch(SpikeBatch { first_step, ends: &ends, neurons: &neurons, samples }).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn inject(&mut self, arrivals: &[Arrival]) -> Result<(), EngineError> {
        check_arrivals(self.step, self.network.n_neurons(), arrivals)?;
        with_pool!(&self.pool, pool => pool.inject(arrivals));
        Ok(())
    }

    fn set_dc(&mut self, dc: &[i32]) -> Result<(), EngineError> {
        check_dc(dc, self.network.n_neurons())?;
        with_pool!(&self.pool, pool => pool.set_dc(dc));
        Ok(())
    }

    fn probe(&mut self, probe: Probe) -> Result<(), EngineError> {
        check_probe(&probe, self.network)?;
        with_pool!(&self.pool, pool => pool.set_probe(&probe));
        self.probe = Some(probe);
        Ok(())
    }

    fn restore(&mut self, state: &State, in_flight: &SpikesInFlight) -> Result<(), EngineError> {
        check_in_flight(self.network, self.step, state, in_flight)?;
        with_pool!(&self.pool, pool => pool.restore(state, in_flight));
        self.step = in_flight.last_step();
        Ok(())
    }

    fn state(&mut self) -> Result<State, EngineError> {
        Ok(with_pool!(&self.pool, pool => pool.state()))
    }

    fn memory(&self) -> Memory {
        let pool = with_pool!(&self.pool, pool => pool.bytes());
        Memory { device_bytes: 0, host_bytes: self.synapses.bytes() + pool }
    }

    fn clock_stages(&mut self) {
        with_pool!(&mut self.pool, pool => pool.start_clocks());
    }

    fn stages(&self) -> Vec<StageTime> {
        with_pool!(&self.pool, pool => pool.stages())
    }
}
