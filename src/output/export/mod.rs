//! Run folder → files that other programs read.
//!
//! | format | files | for |
//! |---|---|---|
//! | [`Format::Nest`] | `population_GIDs.dat`, `spikes/*.dat`, `spikes.gdf` | the model's published analysis, Neo's `NestIO` |
//! | [`Format::Sonata`] | `spikes.h5`, `nodes.h5`, `edges.h5`, types, `circuit_config.json` | libsonata and what builds on it |
//! | [`Format::Parquet`] | `spikes.parquet`, `populations.parquet` | pandas, Polars, DuckDB, R |
//! | [`Format::Npz`] | `run.npz` | NumPy |
//!
//! Modules tell the exact layouts: [`nest`](crate::simulation::recording::nest), whose files are also read, [`mod@sonata`],
//! [`mod@parquet`] and [`mod@npz`]. In all of them time is step · `dt_ms` in f64, neurons are numbered as in the run
//! folder (NEST counts from 1), and spikes are sorted by step, then neuron. Beside them stands
//! `export.json`, which tells what was exported, and which populations' spikes the run did not keep.
//!
//! NWB and Neo's own formats are not among them: `consus-nwb` (0.4), the one Rust writer of NWB that was found, makes a
//! file in memory; NIX has no Rust writer, and what else Neo writes is pickled or for MATLAB. Neo reads `spikes.gdf`.
//!
//! Spikes stream: however many there are, some MB are held. Edges of SONATA need their synapses in
//! memory, 12 bytes each. A folder appears complete or not at all.
pub mod connections;
mod error;
mod hdf5;
pub mod npz;
pub mod parquet;
pub mod sonata;
mod spikes;

pub use error::ExportError;

use crate::analysis::RunFolder;
use crate::disk::{self, Place};
use crate::progress::{Progress, Stage};
use crate::simulation::recording::{
    NestWriter, PartialFolder, PopulationRow, RecordingError, Written, write_whole,
};
use serde_json::json;
use spikes::for_each_chunk;
use std::path::{Path, PathBuf};

/// Folder of exports in that of their run, a folder a format.
pub const FOLDER: &str = "export";
/// File by which an export is known.
const RECORD_FILE: &str = "export.json";
const PROGRAM: &str = "humam-gpu";

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text as NEST writes it.
    Nest,
    /// HDF5 as SONATA has it.
    Sonata,
    /// Tables by column.
    Parquet,
    /// NumPy arrays in one file.
    Npz,
}

impl Format {
    /// Its name on the command line and in `export.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nest => "nest",
            Self::Sonata => "sonata",
            Self::Parquet => "parquet",
            Self::Npz => "npz",
        }
    }
}

/// How much is written, and over what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Most synapses that are written as edges of SONATA; `None` leaves edges out.
    pub max_synapses: Option<u64>,
    /// Whether an export that is there is replaced.
    pub force: bool,
}

/// Writes `run` into the folder `target`. Where that replaces another export, files in it that the program has not
/// written stay; returns their paths in the folder.
///
/// # Errors
/// [`ExportError`]; nothing half-written is left.
pub fn export(
    run: &RunFolder,
    format: Format,
    target: &Place,
    options: Options,
    progress: &mut dyn Progress,
) -> Result<Vec<PathBuf>, ExportError> {
    check_target(target, options.force)?;
    let partial = PartialFolder::create(target, files())?;
    let folder = partial.place();
    match format {
        Format::Nest => {
            progress.stage(Stage::Export);
            write_nest(run, folder)?;
        }
        Format::Parquet => {
            progress.stage(Stage::Export);
            parquet::write(run, folder)?;
        }
        Format::Npz => {
            progress.stage(Stage::Export);
            npz::write(run, folder)?;
        }
        Format::Sonata => sonata::write(run, folder, options.max_synapses, progress)?,
    }
    write_record(run, format, &folder.join(RECORD_FILE))?;
    Ok(partial.commit()?)
}

/// Only an empty folder or, with `force`, another export may be in the way.
fn check_target(target: &Place, force: bool) -> Result<(), ExportError> {
    let folder = target.path();
    let is_empty = || target.names().is_ok_and(|names| names.is_empty());
    if !target.exists() || is_empty() {
        return Ok(());
    }
    match (is_export(&folder), force) {
        (true, true) => Ok(()),
        (true, false) => Err(ExportError::Exists { folder }),
        (false, _) => Err(ExportError::NoExport { folder }),
    }
}

fn is_export(folder: &Path) -> bool {
    let text = disk::read_limited(&folder.join(RECORD_FILE), disk::MAX_TEXT_BYTES).unwrap_or_default();
    let record: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
    record["program"] == PROGRAM && record["format"].is_string()
}

fn write_record(run: &RunFolder, format: Format, place: &Place) -> Result<(), RecordingError> {
    let manifest = &run.manifest;
    let record = json!({
        "program": PROGRAM,
        "version": env!("CARGO_PKG_VERSION"),
        "format": format.name(),
        "network_hash": manifest.network_hash,
        "simulation_hash": manifest.simulation_hash,
        "dt_ms": manifest.dt_ms,
        "n_steps": manifest.n_steps,
        "n_neurons": manifest.n_neurons,
        "n_spikes": manifest.recorded_spikes(),
        "populations_not_recorded": unrecorded(run),
    });
    write_whole(place, format!("{record:#}\n").as_bytes())
}

/// Populations whose spikes the run did not keep.
fn unrecorded(run: &RunFolder) -> Vec<String> {
    let rows = run.populations.iter().zip(&run.recorded).filter(|(_, recorded)| !**recorded);
    rows.map(|(row, _)| row.name()).collect()
}

/// The layout is that of [`nest`](crate::simulation::recording::nest), which has no populations that were not recorded.
fn write_nest(run: &RunFolder, folder: &Place) -> Result<(), ExportError> {
    let recorded = run.populations.iter().zip(&run.recorded).filter(|(_, recorded)| **recorded);
    let recorded: Vec<PopulationRow> = recorded.map(|(row, _)| row.clone()).collect();
    let mut writer = NestWriter::create(folder, &recorded, run.manifest.dt_ms)?;
    for_each_chunk(run, &mut |steps, neurons| {
        let mut rest = neurons;
        for same in steps.chunk_by(|a, b| a == b) {
            let (now, later) = rest.split_at(same.len());
            writer.extend(same[0], now)?;
            rest = later;
        }
        Ok(())
    })?;
    Ok(writer.finish()?)
}

/// An error of a library as one of writing `path`.
fn not_written(path: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ExportError {
    RecordingError::write(path, std::io::Error::other(error)).into()
}

/// Where an export goes that is given no folder.
pub fn default_target(run: &Path, format: Format) -> Place {
    Place::folder(run).join(FOLDER).join(format.name())
}

/// Files of exports in [`FOLDER`].
pub fn written() -> Written {
    let formats = [Format::Nest, Format::Sonata, Format::Parquet, Format::Npz];
    formats.into_iter().fold(Written::default(), |all, format| all.with(format.name(), &files()))
}

/// Files of an export, whatever its format: one takes the place of another.
fn files() -> Written {
    Written::new([
        RECORD_FILE,
        "population_GIDs.dat",
        "spikes/spike_recorder-1-0.dat",
        "spikes.gdf",
        "circuit_config.json",
        "spikes.h5",
        "nodes.h5",
        "edges.h5",
        "node_types.csv",
        "edge_types.csv",
        "spikes.parquet",
        "populations.parquet",
        "run.npz",
    ])
}
