//! Threads and their shards, and a batch of steps on all of them.
//!
//! A thread takes a shard, puts the spikes of the step before into its calendar, and updates its
//! neurons; when no shard is left, all meet at the one barrier of the step and read each other's spikes.

use super::calendar::{Event, chunk_bytes};
use super::chunks::{Arena, Chunks};
use super::clock::{CpuStage, CpuStageClock};
use super::exchange::{Exchange, Seat};
use super::kernels::Kernels;
use super::rows::shard_rows;
use super::samples::{added, joined};
use super::shard::{Arrivals, CpuShard};
use super::thread_governor::{Pace, ThreadGovernor};
use super::work_queue::WorkQueue;
use crate::engine::fixed_point::{Arrival, BLOCK_STEPS, IntegerNetwork};
use crate::engine::probe::Taken;
use crate::engine::synapses::HostSynapses;
use crate::engine::{EngineError, Probe, RangeFault, SpikesInFlight, StageTime, State};
use rayon::prelude::*;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

/// All shards, with events packed as `E`, and those who compute them.
pub(super) struct WorkerPool<'a, E> {
    shards: Vec<Mutex<CpuShard<'a, E>>>,
    workers: Vec<Worker>,
    /// What the events of all shards lie in.
    arena: Arc<Arena>,
    governor: ThreadGovernor,
    /// Why nothing more can be computed.
    failure: Option<String>,
}

/// What one thread needs.
struct Worker {
    arrivals: Arrivals,
    chunks: Chunks,
    /// Spikes of the batch, and where those of each step end.
    spikes: Vec<u32>,
    ends: Vec<u32>,
    /// First value that left its range.
    fault: Option<RangeFault>,
    clock: CpuStageClock,
}

impl<'a, E: Event> WorkerPool<'a, E> {
    pub(super) fn new(
        network: &'a IntegerNetwork,
        synapses: HostSynapses<'a>,
        target_bits: u32,
        threads: usize,
        kernels: Kernels,
    ) -> Self {
        let shards = synapses.shards();
        let largest = shards.iter().map(|shard| shard.neurons).max().unwrap_or(0);
        let arena = Arena::new(chunk_bytes(largest));
        let shards = shards.into_iter().enumerate().map(|(index, shard)| {
            let rows = shard_rows(synapses, network, index, target_bits);
            Mutex::new(CpuShard::new(network, shard, rows, target_bits, kernels, &arena))
        });
        let shards = shards.collect();
        let workers = (0..threads).map(|_| Worker::new(&arena)).collect();
        Self { shards, workers, arena, governor: ThreadGovernor::new(threads), failure: None }
    }

    /// Computes `steps` steps on as many threads as the governor asks for; the caller's is the first.
    /// Returns spikes, ascending within a step, and where those of each step end.
    ///
    /// # Errors
    /// A thread that cannot be started, or that panics: the others end too, and so does every later call.
    pub(super) fn run(&mut self, first_step: u32, steps: u32) -> Result<(Vec<u32>, Vec<u32>), EngineError> {
        let start = Instant::now();
        let workers = &mut self.workers[..self.governor.threads()];
        let queue = WorkQueue::new(self.shards.len(), workers.len());
        let mut exchange = Exchange::new(workers.len());
        if self.failure.is_none() {
            let batch = Batch { shards: &self.shards, queue: &queue, first_step, steps };
            self.failure = run_all(workers, &mut exchange, &batch).err();
        }
        if let Some(reason) = &self.failure {
            return Err(EngineError::Thread { reason: reason.clone() });
        }
        let mut merged = merge(workers, steps);
        if queue.are_shared() {
            sort_each(&mut merged);
        }
        let elapsed_ns = start.elapsed().as_nanos() as u64;
        self.governor.note(Pace { steps, elapsed_ns, waited_ns: exchange.waited_ns() });
        Ok(merged)
    }

    /// Number of steps to compute next, at most `most`.
    pub(super) fn next_steps(&self, most: u32) -> u32 {
        self.governor.steps(most)
    }

    /// First value that left its range.
    pub(super) fn fault(&self) -> Option<RangeFault> {
        self.workers.iter().filter_map(|worker| worker.fault).min()
    }

    pub(super) fn inject(&self, arrivals: &[Arrival]) {
        self.shards.iter().for_each(|shard| locked(shard).inject(arrivals));
    }

    pub(super) fn set_dc(&self, dc: &[i32]) {
        self.shards.iter().for_each(|shard| locked(shard).set_dc(dc));
    }

    pub(super) fn set_probe(&self, probe: &Probe) {
        self.shards.iter().for_each(|shard| locked(shard).set_probe(probe));
    }

    /// What `probe`, the one that is set, has taken of these steps, through all shards.
    pub(super) fn take_samples(&self, probe: &Probe, first_step: u32, last_step: u32) -> Taken {
        let of_shards = self.shards.iter().map(|shard| locked(shard).hand_over_samples());
        let (states, sums): (Vec<_>, Vec<_>) = of_shards.unzip();
        let steps = probe.steps_within(first_step, last_step);
        let sum_steps = probe.sum_steps_within(first_step, last_step);
        Taken { states: joined(&states, steps.len()), sums: added(&sums), steps, sum_steps }
    }

    /// Takes up `state` after the steps of `in_flight`, every shard for itself.
    pub(super) fn restore(&self, state: &State, in_flight: &SpikesInFlight) {
        let Self { shards, arena, .. } = self;
        shards.par_iter().for_each(|shard| locked(shard).restore(state, in_flight, &mut Chunks::of(arena)));
    }

    pub(super) fn state(&self) -> State {
        let mut state = State { v_m: Vec::new(), current: Vec::new() };
        self.shards.iter().for_each(|shard| locked(shard).read(&mut state));
        state
    }

    /// Bytes held besides the rows.
    pub(super) fn bytes(&self) -> u64 {
        let shards = self.shards.iter().map(|shard| locked(shard).bytes()).sum::<u64>();
        shards + self.arena.bytes() + self.workers.iter().map(|w| w.arrivals.bytes()).sum::<u64>()
    }

    pub(super) fn start_clocks(&mut self) {
        self.workers.iter_mut().for_each(|w| w.clock.start());
    }

    pub(super) fn stages(&self) -> Vec<StageTime> {
        CpuStageClock::mean(self.workers.iter().map(|w| &w.clock))
    }
}

/// Runs every worker on a thread of its own, the first on the caller's; returns when all have ended.
///
/// # Errors
/// Why one of them has ended too early.
fn run_all<E: Event>(
    workers: &mut [Worker],
    exchange: &mut Exchange,
    batch: &Batch<'_, '_, E>,
) -> Result<(), String> {
    thread::scope(|scope| {
        let mut tasks = workers.iter_mut().zip(exchange.seats()).enumerate();
        let first = tasks.next();
        // All are started before one is waited for; whose thread cannot be has given up its seat.
        let started: Vec<_> = tasks
            .map(|(index, (worker, seat))| {
                thread::Builder::new().spawn_scoped(scope, move || worker.run(index, seat, batch))
            })
            .collect();
        let run = |(index, (worker, seat)): (usize, (&mut Worker, Seat<'_>))| {
            catch_unwind(AssertUnwindSafe(|| worker.run(index, seat, batch)))
        };
        let first = first.map_or(Ok(()), run).map_err(said);
        let ended = started.into_iter().map(|thread| match thread {
            Ok(thread) => thread.join().map_err(said),
            Err(error) => Err(format!("it cannot be started: {error}")),
        });
        ended.fold(first, Result::and)
    })
}

/// What a thread said when it panicked.
fn said(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("it does not say why").to_owned()
}

/// Spikes of all threads, step by step.
fn merge(workers: &[Worker], steps: u32) -> (Vec<u32>, Vec<u32>) {
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

/// A thread that panicked has ended the run; what it left is read by no one.
fn locked<T>(shard: &Mutex<T>) -> MutexGuard<'_, T> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sorts the neurons of each step.
fn sort_each((neurons, ends): &mut (Vec<u32>, Vec<u32>)) {
    let mut start = 0;
    for &end in ends.iter() {
        neurons[start..end as usize].sort_unstable();
        start = end as usize;
    }
}

/// Steps that all threads compute together.
struct Batch<'b, 'a, E> {
    shards: &'b [Mutex<CpuShard<'a, E>>],
    queue: &'b WorkQueue,
    first_step: u32,
    steps: u32,
}

impl Worker {
    fn new(arena: &Arc<Arena>) -> Self {
        Self {
            arrivals: Arrivals::default(),
            chunks: Chunks::of(arena),
            spikes: Vec::new(),
            ends: Vec::new(),
            fault: None,
            clock: CpuStageClock::default(),
        }
    }

    /// Computes this thread's part of a batch, in time with the other threads; ends where one of them has
    /// failed.
    fn run<E: Event>(&mut self, thread: usize, mut seat: Seat<'_>, batch: &Batch<'_, '_, E>) {
        let Batch { shards, queue, first_step, steps } = *batch;
        self.spikes.clear();
        self.ends.clear();
        self.clock.skip();
        let mut last_spikes: Vec<&[u32]> = Vec::new();
        for step in first_step..first_step + steps {
            queue.renew(thread, step);
            let before = self.spikes.len();
            while let Some(shard) = queue.take(thread, step) {
                let shard = &mut locked(&shards[shard]);
                self.deliver(step - 1, &last_spikes, shard);
                self.update(step, shard);
            }
            let spikes = &mut self.spikes[before..];
            if queue.are_shared() {
                spikes.sort_unstable();
            }
            let Ok(of_all) = seat.swap(spikes) else { return };
            last_spikes = of_all.collect();
            self.ends.push(self.spikes.len() as u32);
            self.clock.lap(CpuStage::Exchange);
        }
        // What the last step brought is delivered before the batch ends.
        let end = first_step + steps;
        while let Some(shard) = queue.take(thread, end) {
            self.deliver(end - 1, &last_spikes, &mut locked(&shards[shard]));
        }
    }

    /// Puts the spikes of `step` into a shard's calendar.
    fn deliver<E: Event>(&mut self, step: u32, spikes: &[&[u32]], shard: &mut CpuShard<'_, E>) {
        let mut spikes = spikes.iter().filter(|spikes| !spikes.is_empty()).peekable();
        if spikes.peek().is_some() {
            shard.fetch(step);
        }
        spikes.for_each(|spikes| shard.deliver(step, spikes, &mut self.chunks));
        self.clock.lap(CpuStage::Deliver);
    }

    fn update<E: Event>(&mut self, step: u32, shard: &mut CpuShard<'_, E>) {
        if (step - 1).is_multiple_of(BLOCK_STEPS) {
            shard.drive(step);
            self.clock.lap(CpuStage::Drive);
        }
        let room = (&mut self.arrivals, &mut self.chunks);
        if let Some((watched, neuron)) = shard.update(step, room, &mut self.spikes, &mut self.clock) {
            let fault = RangeFault { step, neuron, watched };
            self.fault = Some(self.fault.map_or(fault, |earlier| earlier.min(fault)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::kernels::{Update, kernels};
    use super::*;
    use crate::engine::Vectors;
    use crate::engine::random_network::{Ingredients, integer_network, random_spec};
    use crate::engine::synapses::CsrStore;
    use std::time::Duration;

    /// Longest time until all threads have ended.
    const AT_ONCE: Duration = Duration::from_secs(1);

    fn failing(update: Update) {
        let network = integer_network(&random_spec(1, Ingredients::default()), 1);
        let store = CsrStore::build(&network, 2).unwrap();
        assert_eq!(store.shards.len(), 2);
        let kernels = Kernels { update, ..kernels(Vectors::Baseline).unwrap() };
        let mut pool = WorkerPool::<u64>::new(&network, (&store).into(), 31, 2, kernels);
        for _ in 0..2 {
            let started = Instant::now();
            let error = pool.run(1, 100).unwrap_err();
            assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
            assert!(matches!(&error, EngineError::Thread { reason } if reason == "worn out"), "{error}");
        }
    }

    #[test]
    fn a_run_whose_first_thread_panics_ends_with_an_error() {
        failing(|lanes, _, _, _| if lanes.first_neuron == 0 { panic!("worn out") } else { None });
    }

    #[test]
    fn a_run_whose_other_thread_panics_ends_with_an_error() {
        failing(|lanes, _, _, _| if lanes.first_neuron > 0 { panic!("worn {}", "out") } else { None });
    }
}
