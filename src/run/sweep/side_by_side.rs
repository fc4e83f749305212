//! The points of a sweep that are not there are made, several at a time.
//!
//! Two threads that compute one small network wait for each other; on two networks they do not. So each point has one
//! thread, and there are as many points at a time as the machine has threads and memory. So it is on the CPU engine and on
//! software adapters, which compute on one thread too; a GPU computes one network at a time.

use super::error::PointError;
use super::point::{done, failed};
use super::{Point, Status, Sweep};
use crate::engine::assembly::{
    BuildError, ChosenEngine, available_memory_bytes, choose_engine, integer_network,
};
use crate::progress::{Interruption, Progress, Stage};
use crate::run::{Among, Output, RunError, SharedNetworks, run_among_others};
use crate::simulation::recording::RecordingError;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};

/// Points get that many times the memory that their engine takes; the rest is for their statistics and what the estimate
/// does not know.
const SPARE: u64 = 2;

/// Makes the points that are open; `on_status` hears of each that has ended. Where someone asks to stop, the others
/// stay open.
pub(super) fn make(
    sweep: &Sweep,
    output: &Output,
    points: &mut [Status],
    progress: &mut dyn Progress,
    on_status: &mut dyn FnMut(&[Status]) -> Result<(), RecordingError>,
) -> Result<(), RecordingError> {
    let engine = choose_engine(&sweep.points[0].config.engine).ok().filter(ChosenEngine::is_on_cores);
    let networks = &SharedNetworks::of_runs(engine.as_ref().map_or(1, ChosenEngine::threads));
    let mut maker = Maker { sweep, output, networks, points, progress, on_status };
    let open = maker.open();
    let at_a_time = engine.map_or(1, |engine| maker.points_at_a_time(&open, engine));
    if at_a_time > 1 {
        maker.side_by_side(&open, at_a_time)?;
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

impl Maker<'_> {
    fn open(&self) -> Vec<usize> {
        (0..self.points.len()).filter(|&index| self.points[index] == Status::Open).collect()
    }

    /// How many points to make at a time, by what the first of them takes; one where that cannot be told, so that it is
    /// made alone, and tells why.
    fn points_at_a_time(&mut self, open: &[usize], engine: ChosenEngine) -> usize {
        let most = open.len().min(engine.threads());
        let fitting = || {
            let config = &self.sweep.points[*open.first()?].config;
            let network = self.networks.find_or_make(config, self.output, self.progress).ok()?.stored;
            let integers = integer_network(&network.network, &config.build_options()).ok()?;
            let plan = engine.with_threads(1).plan(&integers);
            let memory = plan.memory_at(&integers, &network.with_dc.rates_hz);
            let taken = memory.host_bytes() + memory.device_bytes();
            Some((available_memory_bytes()? / (SPARE * taken).max(1)) as usize)
        };
        if most > 1 { most.min(fitting().unwrap_or(1)).max(1) } else { 1 }
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
        let among = Among { networks: self.networks, threads: None };
        let status = made(&self.sweep.points[index], self.output, among, self.progress);
        self.end(index, status)
    }

    /// Makes points on so many threads. Those that others are in the way of stay open.
    fn side_by_side(&mut self, open: &[usize], at_a_time: usize) -> Result<(), RecordingError> {
        let (sweep, output) = (self.sweep, self.output);
        let among = Among { networks: self.networks, threads: Some(1) };
        let queue = Mutex::new(open.iter().copied());
        let next = || queue.lock().ok()?.next();
        let (sender, told) = channel();
        std::thread::scope(|scope| {
            for _ in 0..at_a_time {
                let interruption = self.progress.interruption();
                let mut teller = Teller { sender: sender.clone(), interruption };
                scope.spawn(move || {
                    while !teller.interruption.is_asked()
                        && let Some(index) = next()
                    {
                        teller.tell(Told::Begun(index));
                        let status = made(&sweep.points[index], output, among, &mut teller);
                        teller.tell(Told::Ended(index, status));
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

/// Makes a point among others.
fn made(
    point: &Point,
    output: &Output,
    among: Among<'_>,
    progress: &mut dyn Progress,
) -> Result<Status, PointError> {
    done(run_among_others(&point.config, output, among, progress)?, &point.config, output, progress)
}

/// Whether a point fails because of the others: they leave too little memory, or one of them has the same run.
fn is_of_others(error: &PointError) -> bool {
    matches!(
        error,
        PointError::Run(
            RunError::Build(BuildError::TooLarge { .. }) | RunError::Recording(RecordingError::Busy { .. })
        )
    )
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
