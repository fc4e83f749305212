//! The fast CPU engine: one thread for a group of shards, vector instructions for the update, a
//! calendar of events for delivery, one barrier a step.
//!
//! A thread owns its shards' neurons, synapses and calendars; nothing of it is shared but the
//! list of neurons that spiked, which every thread reads after the barrier.
mod barrier;
mod calendar;
mod clock;
mod drive;
mod exchange;
mod lists;
mod rows;
mod shard;
mod update;
mod vector;

use super::{Description, Engine, EngineError, MAX_STEPS, Memory, OnBatch, SpikeBatch, StageTime, State};
use crate::config::Vectors;
use crate::integer::{BLOCK_STEPS, IntegerNetwork};
use crate::synapses::shards;
use calendar::Event;
use clock::{Clock, CpuStage};
use exchange::Exchange;
pub use rows::Rows;
use shard::{Arrivals, CpuShard};
use update::{Trip, kernels};

/// Steps handed over at once where nothing else is asked for.
const DEFAULT_BATCH_STEPS: u32 = 1000;

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
    rows: Rows<'a>,
    batch_steps: u32,
    description: String,
    step: u32,
    workers: Workers<'a>,
}

/// Threads with events of 32 bits, or of 64 where target and weight do not fit.
enum Workers<'a> {
    Narrow(Vec<Worker<'a, u32>>),
    Wide(Vec<Worker<'a, u64>>),
}

/// What one thread owns.
struct Worker<'a, E> {
    shards: Vec<CpuShard<'a, E>>,
    arrivals: Arrivals,
    /// Spikes of the batch, and where those of each step end.
    spikes: Vec<u32>,
    ends: Vec<u32>,
    trip: Option<(u32, Trip)>,
    clock: Clock,
}

impl<'a> CpuEngine<'a> {
    /// An engine at step 0.
    ///
    /// # Errors
    /// Vector instructions that the machine lacks.
    pub fn new(
        network: &'a IntegerNetwork,
        rows: impl Into<Rows<'a>>,
        options: CpuOptions,
    ) -> Result<Self, EngineError> {
        let rows = rows.into();
        let shards = rows.shards();
        let largest = shards.iter().map(|s| s.neurons).max().unwrap_or(0);
        let target_bits = u32::BITS - largest.saturating_sub(1).leading_zeros();
        let threads = options.threads.clamp(1, shards.len().max(1));
        let workers = if target_bits + weight_bits(network) <= u32::BITS {
            Workers::Narrow(workers(network, rows, target_bits, threads, options.vectors)?)
        } else {
            Workers::Wide(workers(network, rows, target_bits, threads, options.vectors)?)
        };
        let vectors = kernels::<u32>(options.vectors)?.name;
        let description = format!("{threads} thread{}, {vectors}", if threads == 1 { "" } else { "s" });
        let batch_steps = options.batch_steps.unwrap_or(DEFAULT_BATCH_STEPS).max(1);
        Ok(Self { network, rows, batch_steps, description, step: 0, workers })
    }

    /// Fewest shards, in multiples of `threads`, that let every event fit 32 bits; `threads` where
    /// none does.
    pub fn shards_for(network: &IntegerNetwork, threads: usize) -> usize {
        let target_bits = (u32::BITS - weight_bits(network)).min(u32::BITS - 1);
        let fits = |&n: &usize| shards(network, n).iter().all(|s| s.neurons <= 1 << target_bits);
        let most = network.populations.len().max(threads);
        (1..=most).map(|k| k * threads).take_while(|&n| n <= most).find(fits).unwrap_or(threads)
    }
}

/// Bits that hold every weight with its sign.
fn weight_bits(network: &IntegerNetwork) -> u32 {
    let largest_of = |p: &crate::integer::IntegerProjection| {
        let factor = network.tables[p.weight_table].entries().last().copied().unwrap_or(0);
        crate::integer::scaled_draw(p.scaled_weight, factor)
    };
    let recurrent = network.projections.iter().map(largest_of).max().unwrap_or(0);
    let drive = network.drive_weights.iter().map(|w| w.unsigned_abs()).max().unwrap_or(0);
    33 - recurrent.max(drive).leading_zeros()
}

/// Gives each thread contiguous shards.
fn workers<'a, E: Event>(
    network: &'a IntegerNetwork,
    rows: Rows<'a>,
    target_bits: u32,
    threads: usize,
    vectors: Vectors,
) -> Result<Vec<Worker<'a, E>>, EngineError> {
    let kernels = kernels(vectors)?;
    let shards = rows.shards();
    let shards_of = |thread: usize| thread * shards.len() / threads..(thread + 1) * shards.len() / threads;
    let shard_at = |index: usize| {
        let rows = rows.of_shard(network, index, target_bits);
        CpuShard::new(network, shards[index], rows, target_bits, kernels)
    };
    let worker = |thread| Worker {
        shards: shards_of(thread).map(shard_at).collect(),
        arrivals: Arrivals::default(),
        spikes: Vec::new(),
        ends: Vec::new(),
        trip: None,
        clock: Clock::default(),
    };
    Ok((0..threads).map(worker).collect())
}

impl<E: Event> Worker<'_, E> {
    /// Bytes held besides the rows.
    fn bytes(&self) -> u64 {
        self.arrivals.bytes() + self.shards.iter().map(CpuShard::bytes).sum::<u64>()
    }

    /// Computes `steps` steps after `first_step` − 1, in time with the other threads.
    fn run(&mut self, thread: usize, first_step: u32, steps: u32, exchange: &Exchange) {
        self.spikes.clear();
        self.ends.clear();
        self.clock.skip();
        for step in first_step..first_step + steps {
            if (step - 1).is_multiple_of(BLOCK_STEPS) {
                self.shards.iter_mut().for_each(|shard| shard.drive(step));
                self.clock.lap(CpuStage::Drive);
            }
            let before = self.spikes.len();
            for shard in &mut self.shards {
                let trip = shard.update(step, &mut self.arrivals, &mut self.spikes, &mut self.clock);
                if trip.is_some() && self.trip.is_none() {
                    self.trip = Some((step, trip));
                }
            }
            self.ends.push(self.spikes.len() as u32);
            let lists = exchange.swap(thread, step, &self.spikes[before..]);
            self.clock.lap(CpuStage::Exchange);
            for list in lists {
                self.shards.iter_mut().for_each(|shard| shard.deliver(step, list));
            }
            self.clock.lap(CpuStage::Deliver);
        }
    }
}

/// Runs a batch on all threads; the caller's thread is the first.
fn run_batch<E: Event>(workers: &mut [Worker<'_, E>], first_step: u32, steps: u32) {
    let exchange = Exchange::new(workers.len());
    let Some((first, others)) = workers.split_first_mut() else { return };
    std::thread::scope(|scope| {
        for (index, worker) in others.iter_mut().enumerate() {
            let exchange = &exchange;
            scope.spawn(move || worker.run(index + 1, first_step, steps, exchange));
        }
        first.run(0, first_step, steps, &exchange);
    });
}

/// Spikes of all threads, step by step; threads own ascending neurons.
fn merge<E>(workers: &[Worker<'_, E>], steps: u32) -> (Vec<u32>, Vec<u32>) {
    let mut neurons = Vec::with_capacity(workers.iter().map(|w| w.spikes.len()).sum());
    let mut ends = Vec::with_capacity(steps as usize);
    let mut starts = vec![0; workers.len()];
    for step in 0..steps as usize {
        for (worker, start) in workers.iter().zip(&mut starts) {
            let end = worker.ends[step] as usize;
            neurons.extend_from_slice(&worker.spikes[*start..end]);
            *start = end;
        }
        ends.push(neurons.len() as u32);
    }
    (neurons, ends)
}

/// First value that left its range, by step, then neuron.
fn first_trip<E>(workers: &[Worker<'_, E>]) -> Trip {
    let trips = workers.iter().filter_map(|w| w.trip);
    trips.min_by_key(|(step, trip)| (*step, trip.map(|(_, neuron)| neuron))).and_then(|(_, trip)| trip)
}

impl Engine for CpuEngine<'_> {
    fn description(&self) -> Description {
        Description { engine: "cpu".into(), adapter: self.description.clone(), driver: String::new() }
    }

    fn step(&self) -> u32 {
        self.step
    }

    fn advance(&mut self, steps: u32, on_batch: &mut OnBatch<'_>) -> Result<(), EngineError> {
        let end = self.step.checked_add(steps).filter(|&end| end <= MAX_STEPS);
        let end = end.ok_or(EngineError::TooManySteps { limit: MAX_STEPS })?;
        while self.step < end {
            let (first_step, steps) = (self.step + 1, self.batch_steps.min(end - self.step));
            let ((neurons, ends), trip) = match &mut self.workers {
                Workers::Narrow(workers) => {
                    run_batch(workers, first_step, steps);
                    (merge(workers, steps), first_trip(workers))
                }
                Workers::Wide(workers) => {
                    run_batch(workers, first_step, steps);
                    (merge(workers, steps), first_trip(workers))
                }
            };
            self.step += steps;
            if let Some((watched, neuron)) = trip {
                return Err(watched.error(self.network, neuron, self.step));
            }
            if on_batch(SpikeBatch { first_step, ends: &ends, neurons: &neurons }).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn state(&mut self) -> Result<State, EngineError> {
        let mut state = State { v_m: Vec::new(), current: Vec::new() };
        match &self.workers {
            Workers::Narrow(workers) => {
                workers.iter().flat_map(|w| &w.shards).for_each(|s| s.read(&mut state))
            }
            Workers::Wide(workers) => workers.iter().flat_map(|w| &w.shards).for_each(|s| s.read(&mut state)),
        }
        Ok(state)
    }

    fn memory(&self) -> Memory {
        let shards = match &self.workers {
            Workers::Narrow(workers) => workers.iter().map(Worker::bytes).sum::<u64>(),
            Workers::Wide(workers) => workers.iter().map(Worker::bytes).sum::<u64>(),
        };
        Memory { device_bytes: 0, host_bytes: self.rows.bytes() + shards }
    }

    fn clock_stages(&mut self) {
        match &mut self.workers {
            Workers::Narrow(workers) => workers.iter_mut().for_each(|w| w.clock.start()),
            Workers::Wide(workers) => workers.iter_mut().for_each(|w| w.clock.start()),
        }
    }

    fn stages(&self) -> Vec<StageTime> {
        match &self.workers {
            Workers::Narrow(workers) => Clock::mean(workers.iter().map(|w| &w.clock)),
            Workers::Wide(workers) => Clock::mean(workers.iter().map(|w| &w.clock)),
        }
    }
}
