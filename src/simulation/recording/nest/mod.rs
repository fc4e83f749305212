//! Output of NEST: spikes as text, as the model's NEST implementation writes and reads them.
//!
//! ```text
//! population_GIDs.dat              ('area', 'layer', 'E');first;last     a line a population
//! spikes/spike_recorder-1-0.dat    two comments, a header, then sender<TAB>time_ms a line a spike
//! spikes.gdf                       the same lines alone, as NEST 2 had them
//! ```
//! Senders are numbered from 1, `last` belongs to its population, and times have three decimals. If the recorder was
//! told `time_in_steps`, the header is `sender time_step time_offset`, which is read too. A population that
//! `population_GIDs.dat` lacks was not recorded: it is absent and not silent. There may be any number of `.dat` files,
//! one a thread of NEST; [`NestWriter`] writes one. `spikes.gdf` is for readers that take no header, such as Neo's
//! `NestIO`; [`NestFolder`] does not read it.
mod reader;
mod spike_lines;
mod writer;

pub use reader::{NestFolder, SpikeGrid};
pub use writer::NestWriter;

use std::path::{Path, PathBuf};
use thiserror::Error;

/// File with the populations and their senders.
const POPULATIONS_FILE: &str = "population_GIDs.dat";
/// Folder with the spikes.
const SPIKES_FOLDER: &str = "spikes";
/// How its files end.
const SPIKES_EXTENSION: &str = "dat";

/// Output of NEST that cannot be read.
#[derive(Debug, Error)]
#[error(
    "{}: {reason}: give a folder with population_GIDs.dat and spikes/*.dat as the model's NEST implementation \
     writes them, of the same duration and resolution",
    file.display()
)]
pub struct NestError {
    /// File or folder.
    pub file: PathBuf,
    /// What is wrong with it, and in which line.
    pub reason: String,
}

impl NestError {
    fn new(file: &Path, reason: impl ToString) -> Self {
        Self { file: file.to_path_buf(), reason: reason.to_string() }
    }
}
