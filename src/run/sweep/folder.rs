//! The folder of a sweep: what it is a sweep of, and the summary.

use super::definition::File;
use super::{Status, Sweep, SweepReport, summary};
use crate::config;
use crate::disk::{File as LockFile, Place, TryLockError};
use crate::run::{Output, runs_place};
use crate::simulation::recording::{RecordingError, write_whole};
use ron::extensions::Extensions;

const FOLDER: &str = "sweeps";
const SUMMARY_FILE: &str = "summary.csv";
const CONFIG_FILE: &str = "config.ron";
const SWEEP_FILE: &str = "sweep.ron";
/// Held while a sweep writes; ends with its process.
const LOCK_FILE: &str = "lock";

/// The folder of a sweep that is being made.
pub(super) struct SweepFolder {
    place: Place,
    /// Keeps other processes out.
    _lock: LockFile,
}

impl SweepFolder {
    /// Makes the folder, or takes it over, and writes what it is a sweep of.
    pub fn open(sweep: &Sweep, output: &Output) -> Result<Self, RecordingError> {
        let config = &sweep.points[0].config;
        let place = runs_place(config, output).join(FOLDER).join(format!("{}-{}", sweep.name, sweep.hash));
        place.make_folders().map_err(|source| RecordingError::write(&place.path(), source))?;
        let lock = lock(&place)?;
        write_whole(place.join(CONFIG_FILE), config::to_ron(config).as_bytes())?;
        write_whole(place.join(SWEEP_FILE), record(sweep).as_bytes())?;
        Ok(Self { place, _lock: lock })
    }

    /// Writes the summary, in place of the one that is there.
    pub fn write_summary(&self, sweep: &Sweep, points: &[Status]) -> Result<(), RecordingError> {
        summary::write(&self.place.join(SUMMARY_FILE), sweep, points)
    }

    /// Lets others in.
    pub fn close(self, points: Vec<Status>) -> SweepReport {
        // A lock that stays behind keeps nobody out.
        let _ = self.place.join(LOCK_FILE).remove();
        SweepReport { summary: self.place.join(SUMMARY_FILE).path(), folder: self.place, points }
    }
}

fn lock(folder: &Place) -> Result<LockFile, RecordingError> {
    let place = folder.join(LOCK_FILE);
    let file = place.open(true).map_err(|source| RecordingError::write(&place.path(), source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(RecordingError::Busy { path: folder.path() }),
        Err(TryLockError::Error(source)) => Err(RecordingError::write(&place.path(), source)),
    }
}

/// The sweep as a file that can be swept again: its base is the first point, written beside it.
fn record(sweep: &Sweep) -> String {
    let file = File {
        name: Some(sweep.name.clone()),
        config: CONFIG_FILE.to_owned(),
        set: Vec::new(),
        vary: sweep.axes.iter().map(super::SweepAxis::notation).collect(),
        seeds: sweep.n_seeds as u32,
        published: sweep.published,
    };
    let layout = ron::ser::PrettyConfig::new().extensions(Extensions::IMPLICIT_SOME);
    let text = ron::Options::default().to_string_pretty(&file, layout);
    text.expect("numbers and strings with their names have a RON form")
}
