//! The points of a sweep that are not there are made, several at a time.
//!
//! Two threads that compute one small network wait for each other; on two networks they do not. So each point has one
//! thread, and there are as many points at a time as the machine has threads and memory. So it is on the CPU engine and on
//! software adapters, which compute on one thread too. Of a GPU a small network uses a part: there one engine computes
//! several networks together ([`Together`]).

use super::error::PointError;
use super::point::{done, failed};
use super::{Point, Status, Sweep};
use crate::config::Config;
use crate::engine::EngineError;
use crate::engine::assembly::{
    BuildError, ChosenEngine, Seat, Together, available_memory_bytes, choose_engine, integer_network,
};
use crate::progress::{Interruption, Progress, Stage};
use crate::run::{Among, Output, RunError, SharedNetworks, run_among_others};
use crate::simulation::recording::RecordingError;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};

/// Points get that many times the memory that their engine takes; the rest is for their statistics and what the estimate
/// does not know.
const SPARE: u64 = 2;
/// Most points that one engine computes together: each has a thread.
const MAX_TOGETHER: usize = 32;

/// Makes the points that are open; `on_status` hears of each that has ended. Where someone asks to stop, the others
/// stay open.
pub(super) fn make(
    sweep: &Sweep,
    output: &Output,
    points: &mut [Status],
    progress: &mut dyn Progress,
    on_status: &mut dyn FnMut(&[Status]) -> Result<(), RecordingError>,
) -> Result<(), RecordingError> {
    let engine = choose_engine(&sweep.points[0].config.engine).ok();
    let networks = &SharedNetworks::of_runs(engine.as_ref().map_or(1, ChosenEngine::threads));
    let mut maker = Maker { sweep, output, networks, points, progress, on_status };
    match &engine {
        Some(engine) if engine.is_on_cores() => maker.side_by_side(engine)?,
        Some(engine) if engine.name() == "gpu" => maker.together(engine)?,
        _ => {}
    }
    // Also those that others were in the way of.
    maker.open().into_iter().try_for_each(|index| maker.alone(index))
}

/// What a thread tells of its points.
enum Told {
    Begun(usize),
    Ended(usize, Result<Status, PointError>),
    Warning(String),
    Notice(String),
}

/// Makes points, and keeps what becomes of them.
struct Maker<'a> {
    sweep: &'a Sweep,
    output: &'a Output,
    networks: &'a SharedNetworks,
    points: &'a mut [Status],
    progress: &'a mut dyn Progress,
    on_status: &'a mut dyn FnMut(&[Status]) -> Result<(), RecordingError>,
}

impl<'a> Maker<'a> {
    fn open(&self) -> Vec<usize> {
        (0..self.points.len()).filter(|&index| self.points[index] == Status::Open).collect()
    }

    /// How many points the memory holds, by what that one takes; `None` where that cannot be told, so that it is made
    /// alone, and tells why.
    pub fn fitting(&mut self, index: usize, engine: &ChosenEngine) -> Option<usize> {
        let config = &self.sweep.points[index].config;
        let network = self.networks.find_or_make(config, self.output, self.progress).ok()?.stored;
        let integers = integer_network(&network.network, &config.build_options()).ok()?;
        let plan = engine.clone().with_threads(1).plan(&integers);
        let memory = plan.memory_at(&integers, &network.with_dc.rates_hz);
        let on_device = if engine.is_on_cores() { memory.device_bytes() } else { 0 };
        let taken = memory.host_bytes() + on_device;
        Some((available_memory_bytes()? / (SPARE * taken).max(1)) as usize)
    }

    fn begin(&mut self, index: usize) {
        self.progress.point(index + 1, self.sweep.points.len(), &self.sweep.points[index].name);
    }

    fn end(&mut self, index: usize, status: Result<Status, PointError>) -> Result<(), RecordingError> {
        if status.is_err() && self.progress.interruption().is_asked() {
            return Ok(());
        }
        self.points[index] = status.unwrap_or_else(|error| failed(&error, self.progress));
        (self.on_status)(self.points)
    }

    /// Makes a point on all threads.
    fn alone(&mut self, index: usize) -> Result<(), RecordingError> {
        if self.progress.interruption().is_asked() {
            return Ok(());
        }
        self.begin(index);
        let among = Among { networks: self.networks, threads: None, seat: None };
        let status = made(&self.sweep.points[index], self.output, among, self.progress);
        self.end(index, status)
    }

    /// Makes points on as many threads as there are and as the memory holds. Those that others are in the way of stay
    /// open.
    fn side_by_side(&mut self, engine: &ChosenEngine) -> Result<(), RecordingError> {
        let open = self.open();
        let most = open.len().min(engine.threads());
        let at_a_time = if most > 1 { most.min(self.fitting(open[0], engine).unwrap_or(1)) } else { 1 };
        if at_a_time == 1 {
            return Ok(());
        }
        let queue = Mutex::new(open.into_iter());
        let next = || queue.lock().ok()?.next();
        let (sender, told) = channel();
        std::thread::scope(|scope| {
            for _ in 0..at_a_time {
                let mut worker = self.worker(&sender);
                scope.spawn(move || {
                    while !worker.teller.interruption.is_asked()
                        && let Some(index) = next()
                    {
                        worker.make(index, None);
                    }
                });
            }
            drop(sender);
            told.into_iter().try_for_each(|told| self.hear(told)).inspect_err(|_| {
                // Those that have begun are made; nobody begins another.
                while next().is_some() {}
            })
        })
    }

    /// Makes points on one GPU, several networks at a time, as long as there are some that it takes together.
    fn together(&mut self, engine: &ChosenEngine) -> Result<(), RecordingError> {
        loop {
            let points = self.alike();
            let Some(&first) = points.get(1).and(points.first()) else { return Ok(()) };
            let most = MAX_TOGETHER.min(self.fitting(first, engine).unwrap_or(1));
            let n_open = self.open().len();
            self.at_one_engine(&points[..points.len().min(most)], engine)?;
            if self.open().len() == n_open {
                return Ok(());
            }
        }
    }

    /// Open points that may go together with the first of them: networks tell when they are there.
    fn alike(&self) -> Vec<usize> {
        let config = |index: usize| &self.sweep.points[index].config;
        let open = self.open();
        let first = open.first().map(|&first| config(first));
        let is_alike = |index: &usize| {
            let n_steps = |config: &Config| config.simulation.n_steps();
            first.is_some_and(|first| {
                config(*index).engine == first.engine && n_steps(config(*index)) == n_steps(first)
            })
        };
        open.into_iter().filter(is_alike).collect()
    }

    /// Makes points with one engine, each on a thread of its own. Those that it does not take stay open.
    fn at_one_engine(&mut self, points: &[usize], engine: &ChosenEngine) -> Result<(), RecordingError> {
        let (together, seats) = Together::with_seats(points.len());
        let interruption = self.progress.interruption();
        let (sender, told) = channel();
        std::thread::scope(|scope| {
            for (&index, seat) in points.iter().zip(seats) {
                let mut worker = self.worker(&sender);
                scope.spawn(move || worker.make(index, Some(seat)));
            }
            drop(sender);
            scope.spawn(move || together.compute(engine, &interruption));
            told.into_iter().try_for_each(|told| self.hear(told))
        })
    }

    fn worker(&self, sender: &Sender<Told>) -> Worker<'a> {
        let teller = Teller { sender: sender.clone(), interruption: self.progress.interruption() };
        Worker { sweep: self.sweep, output: self.output, networks: self.networks, teller }
    }

    fn hear(&mut self, told: Told) -> Result<(), RecordingError> {
        match told {
            Told::Begun(index) => self.begin(index),
            Told::Ended(_, Err(error)) if is_of_others(&error) => {}
            Told::Ended(index, status) => self.end(index, status)?,
            Told::Warning(text) => self.progress.warning(&text),
            Told::Notice(text) => self.progress.notice(&text),
        }
        Ok(())
    }
}

/// Who makes points on a thread.
struct Worker<'a> {
    sweep: &'a Sweep,
    output: &'a Output,
    networks: &'a SharedNetworks,
    teller: Teller,
}

impl Worker<'_> {
    fn make(&mut self, index: usize, seat: Option<Seat>) {
        self.teller.tell(Told::Begun(index));
        let among = Among { networks: self.networks, threads: Some(1), seat };
        let status = made(&self.sweep.points[index], self.output, among, &mut self.teller);
        self.teller.tell(Told::Ended(index, status));
    }
}

/// Makes a point among others.
fn made(
    point: &Point,
    output: &Output,
    among: Among<'_>,
    progress: &mut dyn Progress,
) -> Result<Status, PointError> {
    done(run_among_others(&point.config, output, among, progress)?, &point.config, output, progress)
}

/// Whether a point fails because of the others: they leave too little memory, one of them has the same run, or the engine
/// that computes them all does not go on.
fn is_of_others(error: &PointError) -> bool {
    let is_of_others = |error: &RunError| {
        matches!(
            error,
            RunError::Build(BuildError::TooLarge { .. })
                | RunError::Recording(RecordingError::Busy { .. })
                | RunError::Engine(EngineError::Together { .. })
        )
    };
    match error {
        // What it has saved it goes on from.
        PointError::Run(RunError::Stopped { source, .. }) => is_of_others(source),
        PointError::Run(error) => is_of_others(error),
        PointError::Analysis { .. } => false,
    }
}

/// The progress of a point among others: of what is told line by line, without stages and bars.
struct Teller {
    sender: Sender<Told>,
    interruption: Interruption,
}

impl Teller {
    fn tell(&self, told: Told) {
        // Who does not listen any more has failed, and has told it.
        let _ = self.sender.send(told);
    }
}

impl Progress for Teller {
    fn stage(&mut self, _stage: Stage) {}

    fn simulated(&mut self, _step: u32, _n_steps: u32, _dt_ms: f64) {}

    fn warning(&mut self, text: &str) {
        self.tell(Told::Warning(text.to_owned()));
    }

    fn notice(&mut self, text: &str) {
        self.tell(Told::Notice(text.to_owned()));
    }

    fn interruption(&self) -> Interruption {
        self.interruption.clone()
    }
}

#[cfg(test)]
#[path = "together_tests.rs"]
mod together_tests;
