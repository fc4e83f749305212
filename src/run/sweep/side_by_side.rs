//! The points of a sweep that are not there are made, several at a time.
//!
//! Two threads that compute one small network wait for each other; on two networks they do not. So each point has one
//! thread, and there are as many points at a time as the machine has threads and memory: what a point takes is what
//! the first one has taken, which is made alone. A GPU computes one network at a time.

use super::error::PointError;
use super::point::{done, failed};
use super::{Point, Status, Sweep};
use crate::engine::assembly::{BuildError, available_memory_bytes, choose_engine, peak_memory_bytes};
use crate::progress::{Interruption, Progress, Stage};
use crate::run::{self, Output, RunError, run_on_threads};
use crate::simulation::recording::RecordingError;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};

/// Makes the points that are open; `on_status` hears of each that has ended.
pub(super) fn make(
    sweep: &Sweep,
    output: &Output,
    points: &mut [Status],
    progress: &mut dyn Progress,
    on_status: &mut dyn FnMut(&[Status]) -> Result<(), RecordingError>,
) -> Result<(), RecordingError> {
    let mut maker = Maker { sweep, output, points, progress, on_status };
    let open = maker.open();
    let Some((&first, others)) = open.split_first() else { return Ok(()) };
    maker.alone(first)?;
    let at_a_time = points_at_a_time(&sweep.points[0], others.len());
    if at_a_time > 1 {
        maker.side_by_side(others, at_a_time)?;
    }
    // Also what had too little memory beside others.
    maker.open().into_iter().try_for_each(|index| maker.alone(index))
}

/// How many of `n_open` points to make at a time.
fn points_at_a_time(point: &Point, n_open: usize) -> usize {
    let Ok(engine) = choose_engine(&point.config.engine) else { return 1 };
    let threads = if engine.name() == "cpu" { engine.threads() } else { 1 };
    let fitting = match (available_memory_bytes(), peak_memory_bytes()) {
        (Some(available), Some(peak)) => (available / peak.max(1)) as usize,
        _ => 1,
    };
    threads.min(n_open).min(fitting).max(1)
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
    points: &'a mut [Status],
    progress: &'a mut dyn Progress,
    on_status: &'a mut dyn FnMut(&[Status]) -> Result<(), RecordingError>,
}

impl Maker<'_> {
    fn open(&self) -> Vec<usize> {
        (0..self.points.len()).filter(|&index| self.points[index] == Status::Open).collect()
    }

    fn begin(&mut self, index: usize) {
        self.progress.point(index + 1, self.sweep.points.len(), &self.sweep.points[index].name);
    }

    fn end(&mut self, index: usize, status: Result<Status, PointError>) -> Result<(), RecordingError> {
        self.points[index] = status.unwrap_or_else(|error| failed(&error, self.progress));
        (self.on_status)(self.points)
    }

    /// Makes a point on all threads.
    fn alone(&mut self, index: usize) -> Result<(), RecordingError> {
        self.begin(index);
        let config = &self.sweep.points[index].config;
        let made = run::run(config, self.output, self.progress).map_err(PointError::from);
        let status = made.and_then(|report| done(report, config, self.output, self.progress));
        self.end(index, status)
    }

    /// Makes points on so many threads. Those that had too little memory beside others stay open.
    fn side_by_side(&mut self, open: &[usize], at_a_time: usize) -> Result<(), RecordingError> {
        let (sweep, output) = (self.sweep, self.output);
        let queue = Mutex::new(open.iter().copied());
        let next = || queue.lock().ok()?.next();
        let (sender, told) = channel();
        std::thread::scope(|scope| {
            for _ in 0..at_a_time {
                let interruption = self.progress.interruption();
                let mut teller = Teller { sender: sender.clone(), interruption };
                scope.spawn(move || {
                    while let Some(index) = next() {
                        teller.tell(Told::Begun(index));
                        let status = made(&sweep.points[index], output, &mut teller);
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
            Told::Ended(_, Err(error)) if is_of_memory(&error) => {}
            Told::Ended(index, status) => self.end(index, status)?,
            Told::Warning(text) => self.progress.warning(&text),
            Told::Notice(text) => self.progress.notice(&text),
        }
        Ok(())
    }
}

/// Makes a point on one thread.
fn made(point: &Point, output: &Output, progress: &mut dyn Progress) -> Result<Status, PointError> {
    done(run_on_threads(&point.config, output, 1, progress)?, &point.config, output, progress)
}

/// Whether a point would be made if it were alone.
fn is_of_memory(error: &PointError) -> bool {
    matches!(error, PointError::Run(RunError::Build(BuildError::TooLarge { .. })))
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
