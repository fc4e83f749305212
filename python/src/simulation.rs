//! Simulations that go on step by step. Each lives on a thread of its own, with its engine, and does what it is told.

use crate::config::Config;
use crate::errors::{OrRaise, exceptions::ClosedError, wrong_input};
use crate::run::{Populations, columns, select};
use crate::work::{Call, on_thread, wait};
use humam_gpu::config::Config as Options;
use humam_gpu::engine::SpikeBatch;
use humam_gpu::engine::assembly::BuiltNetwork;
use humam_gpu::engine::fixed_point::Stimulus;
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::model_network;
use humam_gpu::model::network::{NetworkSpec, PopulationSelector};
use humam_gpu::progress::{Interrupted, Progress};
use humam_gpu::simulation::recording::{PopulationRow, population_rows};
use humam_gpu::simulation::{Session, SimulationError};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// What a simulation is told to do.
type Command = Box<dyn FnOnce(&mut Session<'_>) + Send>;
/// Neurons and steps of spikes.
type Spikes<'py> = (Bound<'py, PyArray1<u32>>, Bound<'py, PyArray1<u32>>);

/// Spikes that nobody has taken yet: they are not lost with a call that was stopped.
#[derive(Default)]
struct Recorded {
    neurons: Vec<u32>,
    steps: Vec<u32>,
}

/// A simulation that goes on step by step.
#[pyclass(frozen, module = "humam_gpu._native")]
pub struct Simulation {
    rows: Vec<PopulationRow>,
    dt_ms: f64,
    recorded: Arc<Mutex<Recorded>>,
    /// Nothing if it was closed.
    commands: Mutex<Option<Sender<Command>>>,
}

#[pymethods]
impl Simulation {
    /// Builds the network of a configuration, with an engine at step 0.
    #[new]
    fn new(py: Python<'_>, config: &Config, progress: Option<Py<PyAny>>) -> PyResult<Self> {
        let options = config.0.config().clone();
        let dt_ms = options.simulation.dt_ms;
        let (commands, received) = channel();
        let rows = wait(py, progress.as_ref(), |call| on_thread(move || live(&options, call, received)))?;
        Ok(Self { rows, dt_ms, recorded: Arc::default(), commands: Mutex::new(Some(commands)) })
    }

    #[getter]
    fn dt_ms(&self) -> f64 {
        self.dt_ms
    }

    /// Populations that have neurons.
    fn populations(&self) -> Populations {
        columns(&self.rows)
    }

    /// Rows of the populations that a selector chooses.
    fn select(&self, selector: String) -> PyResult<Vec<usize>> {
        select(&self.rows, selector)
    }

    /// Steps done.
    fn step(&self, py: Python<'_>) -> PyResult<u32> {
        self.tell(py, None, |session, _| Ok(session.step()))
    }

    /// The time after which spikes from outside can arrive, ms.
    fn spikes_after_ms(&self, py: Python<'_>) -> PyResult<f64> {
        self.tell(py, None, |session, _| Ok(session.spikes_after_ms()))
    }

    /// Computes so many more steps.
    fn advance(&self, py: Python<'_>, n_steps: u32, progress: Option<Py<PyAny>>) -> PyResult<()> {
        let recorded = Arc::clone(&self.recorded);
        self.tell(py, progress.as_ref(), move |session, progress| {
            advance(session, n_steps, &recorded, progress)
        })
    }

    /// Takes the spikes since the last time.
    fn take_spikes<'py>(&self, py: Python<'py>) -> Spikes<'py> {
        let taken = std::mem::take(&mut *self.recorded.lock().unwrap_or_else(PoisonError::into_inner));
        (taken.neurons.into_pyarray(py), taken.steps.into_pyarray(py))
    }

    /// Sets the current into populations, pA.
    fn set_dc(&self, py: Python<'_>, populations: String, amplitude_pa: f64) -> PyResult<()> {
        let selector = PopulationSelector(populations);
        self.tell(py, None, move |session, _| session.set_dc(&selector, amplitude_pa).or_raise())
    }

    /// Adds an input, a stimulus in JSON.
    fn add(&self, py: Python<'_>, input: &str) -> PyResult<()> {
        let input: Stimulus = serde_json::from_str(input).map_err(wrong_input)?;
        self.tell(py, None, move |session, _| session.add(input).or_raise())
    }

    /// Membrane potentials of all neurons, mV.
    fn v_m_mv<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let v_m_mv = self.tell(py, None, |session, _| session.v_m_mv().or_raise())?;
        Ok(v_m_mv.into_pyarray(py))
    }

    /// Ends it, and gives back what it holds.
    fn close(&self) {
        if let Ok(mut commands) = self.commands.lock() {
            *commands = None;
        }
    }
}

impl Simulation {
    /// Has something done by the thread of the simulation, and waits for it.
    fn tell<T: Send + 'static>(
        &self,
        py: Python<'_>,
        progress: Option<&Py<PyAny>>,
        job: impl FnOnce(&mut Session<'_>, &mut dyn Progress) -> PyResult<T> + Send + 'static,
    ) -> PyResult<T> {
        let closed = || ClosedError::new_err("the simulation is closed: make another one");
        let commands = self.commands.lock().ok().and_then(|commands| commands.clone()).ok_or_else(closed)?;
        wait(py, progress, |call| {
            let command = move |session: &mut Session<'_>| call.answer(|progress| job(session, progress));
            commands.send(Box::new(command)).map_err(|_| closed())
        })
    }
}

/// The life of a simulation: it is built, tells its populations, and does what it is told until nobody can tell it
/// anything any more.
fn live(options: &Options, mut call: Call<Vec<PopulationRow>>, commands: Receiver<Command>) {
    let (spec, built) = match call.part(|progress| build(options, progress)) {
        Ok(built) => built,
        Err(error) => return call.reply(Err(error)),
    };
    let engine = match call.part(|_| built.engine().or_raise()) {
        Ok(engine) => engine,
        Err(error) => return call.reply(Err(error)),
    };
    let mut session = Session::new(&built, &spec, engine, &options.stimuli);
    call.reply(Ok(population_rows(&spec)));
    for command in commands {
        command(&mut session);
    }
}

fn build(options: &Options, progress: &mut dyn Progress) -> PyResult<(NetworkSpec, BuiltNetwork)> {
    let tables = Tables::load(&options.anatomy).or_raise()?;
    let network = model_network(&options.model_options(), &tables, progress).or_raise()?.network;
    let built = BuiltNetwork::new_unless(&network, &options.build_options(), &progress.interruption());
    Ok((network, built.or_raise()?))
}

/// Advances, up to the end of the batch in which someone asks to stop.
fn advance(
    session: &mut Session<'_>,
    n_steps: u32,
    recorded: &Mutex<Recorded>,
    progress: &mut dyn Progress,
) -> PyResult<()> {
    let (begin, dt_ms) = (session.step(), session.dt_ms());
    let interruption = progress.interruption();
    let on_batch = |batch: SpikeBatch<'_>| {
        let mut recorded = recorded.lock().unwrap_or_else(PoisonError::into_inner);
        for (step, neurons) in batch.steps() {
            recorded.neurons.extend_from_slice(neurons);
            let n = recorded.neurons.len();
            recorded.steps.resize(n, step);
        }
        progress.simulated(batch.first_step + batch.ends.len() as u32 - 1 - begin, n_steps, dt_ms);
        interruption.check()
    };
    match session.advance(n_steps, on_batch) {
        // Who asked to stop is told by an exception of their own.
        Ok(()) | Err(SimulationError::Receiver(Interrupted)) => Ok(()),
        Err(SimulationError::Engine(error)) => Err(error).or_raise(),
    }
}
