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
    let mut open = open_points(points);
    if let Some(&first) = open.first() {
        alone(sweep, output, first, points, progress, on_status)?;
        open.remove(0);
    }
    let at_a_time = points_at_a_time(&sweep.points[0], open.len());
    if at_a_time > 1 {
        let maker = Maker { sweep, output, progress, on_status };
        // What had too little memory beside others is open still.
        maker.side_by_side(&open, at_a_time, points)?;
    }
    for index in open_points(points) {
        alone(sweep, output, index, points, progress, on_status)?;
    }
    Ok(())
}

fn open_points(points: &[Status]) -> Vec<usize> {
    (0..points.len()).filter(|&index| points[index] == Status::Open).collect()
}

/// Makes a point on all threads.
fn alone(
    sweep: &Sweep,
    output: &Output,
    index: usize,
    points: &mut [Status],
    progress: &mut dyn Progress,
    on_status: &mut dyn FnMut(&[Status]) -> Result<(), RecordingError>,
) -> Result<(), RecordingError> {
    let point = &sweep.points[index];
    progress.point(index + 1, sweep.points.len(), &point.name);
    let made = run::run(&point.config, output, progress).map_err(PointError::from);
    let status = made.and_then(|report| done(report, &point.config, output, progress));
    points[index] = status.unwrap_or_else(|error| failed(&error, progress));
    on_status(points)
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

/// Makes points on several threads.
struct Maker<'a> {
    sweep: &'a Sweep,
    output: &'a Output,
    progress: &'a mut dyn Progress,
    on_status: &'a mut dyn FnMut(&[Status]) -> Result<(), RecordingError>,
}

impl Maker<'_> {
    fn side_by_side(
        self,
        open: &[usize],
        at_a_time: usize,
        points: &mut [Status],
    ) -> Result<(), RecordingError> {
        let Self { sweep, output, progress, on_status } = self;
        let queue = Mutex::new(open.iter().copied());
        let next = || queue.lock().ok()?.next();
        let (sender, told) = channel();
        std::thread::scope(|scope| {
            for _ in 0..at_a_time {
                let mut teller = Teller { sender: sender.clone(), interruption: progress.interruption() };
                scope.spawn(move || {
                    while let Some(index) = next() {
                        teller.tell(Told::Begun(index));
                        let status = made(&sweep.points[index], output, &mut teller);
                        teller.tell(Told::Ended(index, status));
                    }
                });
            }
            drop(sender);
            for told in told {
                match told {
                    Told::Begun(index) => {
                        progress.point(index + 1, sweep.points.len(), &sweep.points[index].name);
                    }
                    Told::Ended(_, Err(error)) if is_of_memory(&error) => {}
                    Told::Ended(index, status) => {
                        points[index] = status.unwrap_or_else(|error| failed(&error, progress));
                        if let Err(error) = on_status(points) {
                            // Those that have begun are made; nobody begins another.
                            while next().is_some() {}
                            return Err(error);
                        }
                    }
                    Told::Warning(text) => progress.warning(&text),
                    Told::Notice(text) => progress.notice(&text),
                }
            }
            Ok(())
        })
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
