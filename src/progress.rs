//! What a caller hears while a network is built and simulated, and how it stops that.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use thiserror::Error;

/// The wish that the work should stop, which anyone who has a copy can express; who works looks at it several
/// times a second, on every thread.
#[derive(Debug, Clone, Default)]
pub struct Interruption(Arc<AtomicBool>);

impl Interruption {
    /// Asks for it; returns whether someone had before.
    pub fn ask(&self) -> bool {
        self.0.swap(true, Ordering::Relaxed)
    }

    /// Whether someone has asked.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// # Errors
    /// Someone has asked.
    pub fn check(&self) -> Result<(), Interrupted> {
        if self.is_asked() { Err(Interrupted) } else { Ok(()) }
    }
}

/// Someone asked to stop before there was a simulation that could be saved: nothing is left of what was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("stopped as asked while the network was built, of which nothing is left")]
pub struct Interrupted;

/// Part of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// For another process, which makes the same network.
    Waiting,
    /// Neuron and synapse numbers from the tables.
    Anatomy,
    /// Stationary rates at full scale.
    FullScaleTheory,
    /// Stationary rates of the network that is simulated.
    Theory,
    /// The network's files.
    Writing,
    /// Every single synapse.
    Synapses,
    /// The engine.
    Engine,
    /// The simulation.
    Simulation,
    /// Comparison with the run that is already there.
    Comparison,
    /// Statistics of the run.
    Analysis,
    /// Figures and report.
    Figures,
    /// Files for other programs.
    Export,
    /// Spikes of another program.
    Import,
}

impl Stage {
    /// What it is, in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting for another process that makes the network",
            Self::Anatomy => "neurons and synapses from the tables",
            Self::FullScaleTheory => "theory at full scale",
            Self::Theory => "theory of the network",
            Self::Writing => "writing the network",
            Self::Synapses => "building the synapses",
            Self::Engine => "starting the engine",
            Self::Simulation => "simulating",
            Self::Analysis => "statistics",
            Self::Figures => "figures and report",
            Self::Import => "reading the spikes",
            Self::Export => "writing the export",
            Self::Comparison => "comparing with the run that is there",
        }
    }
}

/// Receives progress. `()` ignores it.
pub trait Progress {
    /// A stage begins; the one before has ended.
    fn stage(&mut self, stage: Stage);

    /// The simulation has come to `step` of `n_steps` of `dt_ms`.
    fn simulated(&mut self, step: u32, n_steps: u32, dt_ms: f64);

    /// Something that may go wrong later is told before the work goes on.
    fn warning(&mut self, _text: &str) {}

    /// The caller's wish that the work should stop soon: a simulation with a checkpoint, what comes before it
    /// with nothing.
    fn interruption(&self) -> Interruption {
        Interruption::default()
    }

    /// Something that the user should know, while the work goes on.
    fn notice(&mut self, _text: &str) {}

    /// A run of several begins: its number, from 1, how many there are, and what tells it from others.
    fn point(&mut self, _number: usize, _n_points: usize, _name: &str) {}

    /// A run of several failed; the next one follows.
    fn failed(&mut self, _reason: &str) {}
}

impl Progress for () {
    fn stage(&mut self, _stage: Stage) {}

    fn simulated(&mut self, _step: u32, _n_steps: u32, _dt_ms: f64) {}
}
