//! A run that was stopped goes on.

use super::{Beginning, Output, RunError, RunReport, run_or_resume};
use crate::config::{self, Config, Override};
use crate::progress::Progress;
use crate::simulation::recording::{CHECKPOINT_FILE, Manifest, check_is_run, is_partial, partial_of};
use std::cmp::Ordering;
use std::path::{Path, PathBuf};

/// Goes on with the run of `folder`, with the configuration that it was begun with and `overrides` of
/// how it is computed. The folder is that of the checkpoint, which ends in `.partial`, or the one that it
/// will become; a run that is complete is found again, or made longer, into a folder of its own, if `overrides` ask for it.
///
/// # Errors
/// [`RunError::NothingToResume`] if there is neither a checkpoint nor a run, and all that a run can
/// fail with.
pub fn resume(
    folder: &Path,
    overrides: &[Override],
    progress: &mut dyn Progress,
) -> Result<RunReport, RunError> {
    let nothing = || RunError::NothingToResume { folder: folder.to_path_buf() };
    let given = std::path::absolute(folder).map_err(|_| nothing())?;
    let partial = if is_partial(&given) { given.clone() } else { partial_of(&given) };
    let is_stopped = partial.join(CHECKPOINT_FILE).is_file();
    let from = if is_stopped { &partial } else { &given };
    if !is_stopped {
        if check_is_run(&given).is_err() {
            return Err(nothing());
        }
        // What its configuration leads to is looked for only if that is the run's own.
        Manifest::read(&given)?;
    }
    let config = config::load(&from.join("config.ron"), overrides)?;
    let output = Output { folder: all_runs(from).ok_or_else(nothing)?, force: false };
    let length = if is_stopped { Ordering::Equal } else { compared_length(&given, &config)? };
    let beginning = match (is_stopped, length) {
        (true, _) => Beginning::Checkpoint(&partial),
        (false, Ordering::Greater) => Beginning::State(&given),
        (false, Ordering::Equal) => Beginning::Any,
        (false, Ordering::Less) => {
            let reason = format!("it is longer than {} ms", config.simulation.duration_ms);
            return Err(RunError::CannotStartFrom { folder: given, reason });
        }
    };
    run_or_resume(&config, &output, beginning, None, progress)
}

/// Whether `config` lasts longer than the complete run in `folder`, or less long.
fn compared_length(folder: &Path, config: &Config) -> Result<Ordering, RunError> {
    Ok(config.simulation.n_steps().cmp(&Manifest::read(folder)?.n_steps))
}

/// The folder that holds OUT/NAME/NETWORK/RUN.
pub(super) fn all_runs(run: &Path) -> Option<PathBuf> {
    run.ancestors().nth(3).map(Path::to_path_buf)
}
