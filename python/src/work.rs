//! Long work: on a thread of its own, while the thread of Python shows progress and hears Ctrl-C.

use crate::errors::exceptions::{HumamError, Interrupted};
use humam_gpu::progress::{Interruption, Progress, Stage};
use pyo3::prelude::*;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// Between two looks for Ctrl-C.
const LOOK: Duration = Duration::from_millis(50);
/// Between two reports of a simulation.
const REPORT: Duration = Duration::from_millis(100);
/// Time to end in for work that was asked to; then it goes on alone, and nobody waits for it.
const GRACE: Duration = Duration::from_millis(1500);
/// As the main thread of a program has it.
const STACK_BYTES: usize = 8 << 20;

/// What work tells.
enum Event {
    Stage(Stage),
    Simulated(u32, u32, f64),
    Note(String),
}

/// Tells the thread of Python.
struct Reporter {
    events: Sender<Event>,
    interruption: Interruption,
    last: Option<Instant>,
}

impl Reporter {
    fn tell(&self, event: Event) {
        // Where nobody listens any more, the work is about to end.
        let _ = self.events.send(event);
    }
}

impl Progress for Reporter {
    fn stage(&mut self, stage: Stage) {
        self.last = None;
        self.tell(Event::Stage(stage));
    }

    fn simulated(&mut self, step: u32, n_steps: u32, dt_ms: f64) {
        if step == n_steps || self.last.is_none_or(|last| last.elapsed() >= REPORT) {
            self.last = Some(Instant::now());
            self.tell(Event::Simulated(step, n_steps, dt_ms));
        }
    }

    fn warning(&mut self, text: &str) {
        self.tell(Event::Note(format!("warning: {text}")));
    }

    fn notice(&mut self, text: &str) {
        self.tell(Event::Note(text.to_owned()));
    }

    fn point(&mut self, number: usize, n_points: usize, name: &str) {
        self.tell(Event::Note(format!("point {number} of {n_points}: {name}")));
    }

    fn failed(&mut self, reason: &str) {
        self.tell(Event::Note(format!("  failed: {reason}")));
    }

    fn interruption(&self) -> Interruption {
        self.interruption.clone()
    }
}

/// A job that someone waits for.
pub struct Call<T> {
    reporter: Reporter,
    reply: Sender<PyResult<T>>,
}

impl<T> Call<T> {
    /// Does a part of it. What panics is a fault of the program, which is told as an exception.
    pub fn part<P>(&mut self, job: impl FnOnce(&mut dyn Progress) -> PyResult<P>) -> PyResult<P> {
        let reporter = &mut self.reporter;
        catch_unwind(AssertUnwindSafe(|| job(reporter))).unwrap_or_else(|panic| {
            let message = format!("a fault of the program, please report it: {}", said(panic.as_ref()));
            Err(HumamError::new_err(message))
        })
    }

    /// Hands over what came of it.
    pub fn reply(self, outcome: PyResult<T>) {
        // Where nobody waits any more, nobody needs it.
        let _ = self.reply.send(outcome);
    }

    /// Does all of it.
    pub fn answer(mut self, job: impl FnOnce(&mut dyn Progress) -> PyResult<T>) {
        let outcome = self.part(job);
        self.reply(outcome);
    }
}

/// Does `job` on a thread of its own, as [`wait`] has it.
pub fn work<T: Send + 'static>(
    py: Python<'_>,
    progress: Option<&Py<PyAny>>,
    job: impl FnOnce(&mut dyn Progress) -> PyResult<T> + Send + 'static,
) -> PyResult<T> {
    wait(py, progress, |call| on_thread(move || call.answer(job)))
}

/// Starts a thread that ends by itself.
pub fn on_thread(job: impl FnOnce() + Send + 'static) -> PyResult<()> {
    let thread = std::thread::Builder::new().name("humam-gpu".to_owned()).stack_size(STACK_BYTES);
    Ok(thread.spawn(job).map(drop)?)
}

/// Waits for a job that `start` has handed to some thread, and tells `progress`, a Python object with methods
/// `stage(name)`, `simulated(done_ms, of_ms)` and `note(text)`, how it goes. Meanwhile other threads of Python go on.
///
/// Ctrl-C, or an exception of `progress`, asks the job to stop. What was saved of it comes as `Interrupted`; otherwise
/// the exception itself is raised.
pub fn wait<T: Send + 'static>(
    py: Python<'_>,
    progress: Option<&Py<PyAny>>,
    start: impl FnOnce(Call<T>) -> PyResult<()>,
) -> PyResult<T> {
    let ((events, received), (reply, replied)) = (channel(), channel());
    let interruption = Interruption::default();
    let reporter = Reporter { events, interruption: interruption.clone(), last: None };
    start(Call { reporter, reply })?;
    let listened = listen(py, progress, received, &interruption);
    let outcome =
        || replied.recv().unwrap_or_else(|_| Err(HumamError::new_err("the work has ended without a result")));
    match listened {
        Listened::ToTheEnd => outcome(),
        Listened::ToAWish(wish) => match outcome() {
            Err(error) if error.is_instance_of::<Interrupted>(py) => Err(error),
            _ => Err(wish),
        },
        Listened::Alone(wish) => Err(wish),
    }
}

/// How listening ended.
enum Listened {
    /// The work has ended.
    ToTheEnd,
    /// It has ended after it was asked to, because of this exception.
    ToAWish(PyErr),
    /// It was asked to end, and goes on.
    Alone(PyErr),
}

/// Hands events on until the work has ended.
fn listen(
    py: Python<'_>,
    progress: Option<&Py<PyAny>>,
    mut received: Receiver<Event>,
    interruption: &Interruption,
) -> Listened {
    let mut wish: Option<(PyErr, Instant)> = None;
    loop {
        let receiver = &mut received;
        let told = match py.detach(move || receiver.recv_timeout(LOOK)) {
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Ok(event) => progress.map_or(Ok(()), |progress| show(py, progress, event)),
        };
        let heard = told.and_then(|()| py.check_signals());
        wish = match (wish, heard) {
            (None, Err(error)) => {
                interruption.ask();
                Some((error, Instant::now()))
            }
            // Asked twice, or too long ago.
            (Some((error, _)), Err(_)) => return Listened::Alone(error),
            (Some((error, since)), Ok(())) if since.elapsed() > GRACE => return Listened::Alone(error),
            (wish, Ok(())) => wish,
        };
    }
    wish.map_or(Listened::ToTheEnd, |(error, _)| Listened::ToAWish(error))
}

fn show(py: Python<'_>, progress: &Py<PyAny>, event: Event) -> PyResult<()> {
    match event {
        Event::Stage(stage) => progress.call_method1(py, "stage", (stage.name(),))?,
        Event::Simulated(step, n_steps, dt_ms) => {
            let (done_ms, of_ms) = (f64::from(step) * dt_ms, f64::from(n_steps) * dt_ms);
            progress.call_method1(py, "simulated", (done_ms, of_ms))?
        }
        Event::Note(text) => progress.call_method1(py, "note", (text,))?,
    };
    Ok(())
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}
