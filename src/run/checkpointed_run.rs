//! The simulation of a run, with checkpoints.

use super::{FoundNetwork, RunError};
use crate::config::{self, Config};
use crate::disk::Place;
use crate::engine::fixed_point::{BLOCK_STEPS, Formats, IntegerNetwork, MAX_STEPS};
use crate::engine::{Engine, SpikeBatch, SpikesInFlight};
use crate::progress::Progress;
use crate::simulation::recording::{
    CHECKPOINT_FILE, Checkpoint, PartialFolder, Recorded, Recorder, RecordingError, RecordingPlan, RunFiles,
    STATE_FILE, SimulationIdentity, population_rows,
};
use crate::simulation::{SimulationError, simulate};
use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

/// What is to be run.
pub(super) struct Plan<'a> {
    /// The resolved configuration.
    pub config: &'a Config,
    pub network: &'a FoundNetwork,
    pub integers: &'a IntegerNetwork,
    /// The formats that the network was given first.
    pub derived: Formats,
    pub recording: &'a RecordingPlan,
    pub identity: &'a SimulationIdentity,
    /// What is most likely not meant.
    pub warnings: &'a [String],
    /// When the build began.
    pub started: Instant,
}

/// The checkpoint in `partial` from which the run of that identity can go on; `None` if there is none,
/// or if statistics begin at another time than in the run that left it.
///
/// # Errors
/// A checkpoint that is damaged or belongs to another run.
pub(super) fn usable_checkpoint(
    partial: &PartialFolder,
    identity: &SimulationIdentity,
    statistics_from_ms: f64,
) -> Result<Option<Checkpoint>, RunError> {
    let folder = partial.place().path();
    let Some(checkpoint) = Checkpoint::read(&folder)? else { return Ok(None) };
    let refused = |place: &Path, reason: String| Err(RecordingError::malformed(place, reason).into());
    if checkpoint.simulation_hash != identity.hash() {
        return refused(&folder, "its checkpoint belongs to another run".to_owned());
    }
    if !identity.formats.can_become(&checkpoint.formats) {
        let reason = format!("it is damaged: the run cannot come to {}", checkpoint.formats);
        return refused(&folder.join(CHECKPOINT_FILE), reason);
    }
    if checkpoint.step() >= identity.n_steps {
        let (step, n_steps) = (checkpoint.step(), identity.n_steps);
        return refused(&folder, format!("its checkpoint is at step {step}, and the run has {n_steps}"));
    }
    let recorded = config::load(&folder.join("config.ron"), &[])?;
    Ok((recorded.simulation.statistics_from_ms == statistics_from_ms).then_some(checkpoint))
}

/// Spikes of the last steps, as far back as they can be in flight.
struct Reach {
    steps: VecDeque<Vec<u32>>,
    most: usize,
}

impl Reach {
    fn new(plan: &Plan<'_>, in_flight: Option<&SpikesInFlight>) -> Self {
        let most = plan.integers.longest_delay().next_multiple_of(BLOCK_STEPS) as usize;
        let steps = in_flight
            .into_iter()
            .flat_map(SpikesInFlight::steps)
            .map(|(_, neurons)| neurons.to_vec())
            .collect();
        Self { steps, most }
    }

    fn take(&mut self, batch: SpikeBatch<'_>) {
        for (_, neurons) in batch.steps() {
            // The oldest list is used again.
            let mut list = match self.steps.len() < self.most {
                true => Vec::new(),
                false => self.steps.pop_front().unwrap_or_default(),
            };
            list.clear();
            list.extend_from_slice(neurons);
            self.steps.push_back(list);
        }
    }

    /// What a run needs that goes on after `step`.
    fn in_flight(&self, step: u32) -> SpikesInFlight {
        SpikesInFlight::new(step + 1 - self.steps.len() as u32, &self.steps)
    }
}

/// Steps between checkpoints, whole blocks.
fn checkpoint_steps(config: &Config) -> Option<u32> {
    let steps = config.engine.checkpoint_every_ms? / config.simulation.dt_ms;
    Some((steps.ceil().min(f64::from(MAX_STEPS)) as u32).max(1).next_multiple_of(BLOCK_STEPS))
}

/// A folder that was removed still takes what is written to its open files, and they are lost.
fn check_is_there(folder: &Place) -> Result<(), RecordingError> {
    folder.kind().map(drop).map_err(|source| RecordingError::write(&folder.path(), source))
}

/// Why a stretch of the simulation ended early.
enum Halt {
    Recording(RecordingError),
    Interrupted,
}

/// A simulation whose spikes go to disk, and which can be taken up again.
struct CheckpointedRun<'c, 'a> {
    plan: &'c Plan<'a>,
    folder: &'c Place,
    recorder: Recorder,
    reach: Reach,
    started: Instant,
    /// Wall-clock time of what was simulated before.
    before: Duration,
}

/// Simulates a run from its beginning or from `checkpoint` to its end, with what is recorded going to
/// files in `folder`; tells how many seconds it took, too.
///
/// # Errors
/// The engine's, those of files, and [`RunError::Interrupted`] if `progress` asks for it, with a
/// checkpoint written.
pub(super) fn record(
    plan: &Plan<'_>,
    engine: &mut dyn Engine,
    folder: &Place,
    checkpoint: Option<Checkpoint>,
    progress: &mut dyn Progress,
) -> Result<(Recorded, f64), RunError> {
    let files = match &checkpoint {
        Some(checkpoint) => RunFiles::resumed(folder, checkpoint),
        None => RunFiles::new(folder),
    };
    let recorder = recorder(plan, files)?;
    if let Some(probe) = recorder.probe() {
        engine.probe(probe)?;
    }
    let mut run = CheckpointedRun {
        plan,
        folder,
        recorder,
        reach: Reach::new(plan, checkpoint.as_ref().map(|checkpoint| &checkpoint.in_flight)),
        started: Instant::now(),
        before: Duration::from_micros(checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.simulated_us)),
    };
    if let Some(Checkpoint { state, in_flight, .. }) = &checkpoint {
        engine.restore(state, in_flight)?;
    }
    run.simulate(engine, progress)?;
    let seconds = run.elapsed().as_secs_f64();
    Ok((run.recorder.finish()?, seconds))
}

fn recorder(plan: &Plan<'_>, files: RunFiles<'_>) -> Result<Recorder, RecordingError> {
    let spec = &plan.network.stored.network;
    let rows = population_rows(spec);
    Recorder::create(files, plan.recording, spec, plan.integers, &rows, &plan.config.simulation)
}

/// Makes the files in `folder` those of its checkpoint: what was recorded after it is taken away, so that
/// what was saved can be read, and the room is free.
///
/// # Errors
/// Files that cannot be written, or are shorter than they were.
pub(super) fn rewind(plan: &Plan<'_>, folder: &Place, checkpoint: &Checkpoint) -> Result<(), RecordingError> {
    recorder(plan, RunFiles::resumed(folder, checkpoint))?.save().map(|_| ())
}

impl CheckpointedRun<'_, '_> {
    fn elapsed(&self) -> Duration {
        self.before + self.started.elapsed()
    }

    fn simulate(&mut self, engine: &mut dyn Engine, progress: &mut dyn Progress) -> Result<(), RunError> {
        let n_steps = self.plan.config.simulation.n_steps();
        let interval = checkpoint_steps(self.plan.config);
        // A run can only go on from the end of a block, and its last step counts for none of its rates, but for those of
        // a longer one.
        let last_step = n_steps.saturating_sub(1);
        let last_block = last_step - last_step % BLOCK_STEPS;
        progress.simulated(engine.step(), n_steps, self.plan.config.simulation.dt_ms);
        self.keep_state(engine, last_block)?;
        while engine.step() < n_steps {
            let next = interval.map_or(n_steps, |steps| (engine.step() / steps + 1).saturating_mul(steps));
            let next = if engine.step() < last_block { next.min(last_block) } else { next };
            let interrupted = self.stretch(engine, next.min(n_steps), progress, true)?;
            if interrupted {
                let end = engine.step().next_multiple_of(BLOCK_STEPS).min(n_steps);
                self.stretch(engine, end, progress, false)?;
            }
            self.keep_state(engine, last_block)?;
            let is_due = interval.is_some_and(|steps| engine.step().is_multiple_of(steps));
            if engine.step() < n_steps && (is_due || interrupted) {
                self.checkpoint(engine)?.write(self.folder)?;
                if interrupted {
                    let done_ms = f64::from(engine.step()) * self.plan.config.simulation.dt_ms;
                    return Err(RunError::Interrupted { folder: self.folder.path(), done_ms });
                }
            }
        }
        Ok(())
    }

    /// Simulates until `end` steps are done; returns whether someone asked to stop before.
    fn stretch(
        &mut self,
        engine: &mut dyn Engine,
        end: u32,
        progress: &mut dyn Progress,
        may_stop: bool,
    ) -> Result<bool, RunError> {
        let simulation = &self.plan.config.simulation;
        let steps = end - engine.step();
        let interruption = progress.interruption();
        let simulated = simulate(engine, steps, |batch| {
            check_is_there(self.folder).map_err(Halt::Recording)?;
            self.recorder.take(batch).map_err(Halt::Recording)?;
            self.reach.take(batch);
            let done = batch.first_step - 1 + batch.ends.len() as u32;
            progress.simulated(done, simulation.n_steps(), simulation.dt_ms);
            if may_stop && interruption.is_asked() { Err(Halt::Interrupted) } else { Ok(()) }
        });
        match simulated {
            Ok(()) => Ok(false),
            Err(SimulationError::Receiver(Halt::Interrupted)) => Ok(true),
            Err(SimulationError::Receiver(Halt::Recording(error))) => Err(error.into()),
            Err(SimulationError::Engine(error)) => Err(error.into()),
        }
    }

    /// Keeps what a longer run goes on from, at the end of the last block.
    fn keep_state(&mut self, engine: &mut dyn Engine, last_block: u32) -> Result<(), RunError> {
        if engine.step() != last_block || last_block == 0 {
            return Ok(());
        }
        // The same file whatever the run took.
        let state = Checkpoint { simulated_us: 0, ..self.checkpoint(engine)? };
        Ok(state.write_as(self.folder, STATE_FILE)?)
    }

    /// The run as it is now, with its files on disk.
    fn checkpoint(&mut self, engine: &mut dyn Engine) -> Result<Checkpoint, RunError> {
        Ok(Checkpoint {
            simulation_hash: self.plan.identity.hash(),
            formats: self.plan.integers.formats,
            simulated_us: u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX),
            state: engine.state()?,
            in_flight: self.reach.in_flight(engine.step()),
            position: self.recorder.save()?,
        })
    }
}
