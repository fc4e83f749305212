//! `run.npz`: a ZIP archive, not compressed, of arrays that `numpy.load` reads without pickle.
//!
//! | array | type | content |
//! |---|---|---|
//! | `neuron` | u32 | neuron of each spike, from 0 |
//! | `step` | u32 | its step, from 1 |
//! | `time_ms` | f64 | its time, step · dt_ms |
//! | `population_area`, `population_layer`, `population_name` | text | names of each population |
//! | `population_first_neuron` | u32 | its first neuron |
//! | `population_neurons` | u32 | its number of neurons |
//! | `dt_ms` | f64, one value | resolution |
//! | `n_steps` | u32, one value | length of the run |
//!
//! Spikes are sorted by step, then neuron.

use super::{ExportError, for_each_chunk, not_written};
use crate::analysis::RunFolder;
use crate::disk::{File, Place};
use crate::simulation::recording::{PopulationRow, RecordingError, npy_header};
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const FILE: &str = "run.npz";
/// Bytes from which on an entry needs the 64-bit form.
const LARGE: u64 = u32::MAX as u64 / 2;

/// Writes `run.npz`.
pub(super) fn write(run: &RunFolder, folder: &Place) -> Result<(), ExportError> {
    let mut archive = Archive::create(&folder.join(FILE))?;
    let (dt_ms, n_spikes) = (run.manifest.dt_ms, run.manifest.recorded_spikes());
    archive.start("neuron", "<u4", 4, n_spikes)?;
    for_each_chunk(run, &mut |_, neurons| archive.put(neurons.iter().map(|neuron| neuron.to_le_bytes())))?;
    archive.start("step", "<u4", 4, n_spikes)?;
    for_each_chunk(run, &mut |steps, _| archive.put(steps.iter().map(|step| step.to_le_bytes())))?;
    archive.start("time_ms", "<f8", 8, n_spikes)?;
    let time = |step: &u32| (f64::from(*step) * dt_ms).to_le_bytes();
    for_each_chunk(run, &mut |steps, _| archive.put(steps.iter().map(time)))?;
    archive.populations(&run.populations)?;
    archive.start("dt_ms", "<f8", 8, 1)?;
    archive.put([dt_ms.to_le_bytes()].into_iter())?;
    archive.u32s("n_steps", [run.manifest.n_steps].into_iter())?;
    archive.finish()
}

struct Archive {
    path: PathBuf,
    zip: ZipWriter<BufWriter<File>>,
    bytes: Vec<u8>,
}

impl Archive {
    fn create(place: &Place) -> Result<Self, ExportError> {
        let path = place.path();
        let file = place.create().map_err(|source| RecordingError::write(&path, source))?;
        Ok(Self { path, zip: ZipWriter::new(BufWriter::new(file)), bytes: Vec::new() })
    }

    /// Begins an array of `n` values.
    fn start(&mut self, name: &str, descr: &str, bytes: u64, n: u64) -> Result<(), ExportError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(n.saturating_mul(bytes) > LARGE);
        let started = self.zip.start_file(format!("{name}.npy"), options);
        started.map_err(|error| not_written(&self.path, error))?;
        self.write(&npy_header(descr, n))
    }

    /// Appends values to the array.
    fn put<const N: usize>(&mut self, values: impl Iterator<Item = [u8; N]>) -> Result<(), ExportError> {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        values.for_each(|value| bytes.extend(value));
        let written = self.write(&bytes);
        self.bytes = bytes;
        written
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        self.zip.write_all(bytes).map_err(|source| RecordingError::write(&self.path, source).into())
    }

    fn u32s(&mut self, name: &str, values: impl ExactSizeIterator<Item = u32>) -> Result<(), ExportError> {
        self.start(name, "<u4", 4, values.len() as u64)?;
        self.put(values.map(u32::to_le_bytes))
    }

    /// Text as NumPy has it: every character in 4 bytes, all texts as long as the longest.
    fn texts(&mut self, name: &str, texts: &[&str]) -> Result<(), ExportError> {
        let longest = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1);
        self.start(name, &format!("<U{longest}"), 4 * longest as u64, texts.len() as u64)?;
        let padded =
            |text: &&str| text.chars().chain(std::iter::repeat('\0')).take(longest).collect::<Vec<_>>();
        let letters: Vec<char> = texts.iter().flat_map(padded).collect();
        self.put(letters.into_iter().map(|letter| u32::from(letter).to_le_bytes()))
    }

    fn populations(&mut self, rows: &[PopulationRow]) -> Result<(), ExportError> {
        let names = |of: fn(&PopulationRow) -> &String| rows.iter().map(|row| &**of(row)).collect::<Vec<_>>();
        self.texts("population_area", &names(|row| &row.area))?;
        self.texts("population_layer", &names(|row| &row.layer))?;
        self.texts("population_name", &names(|row| &row.population))?;
        self.u32s("population_first_neuron", rows.iter().map(|row| row.first_neuron))?;
        self.u32s("population_neurons", rows.iter().map(|row| row.neurons))
    }

    fn finish(self) -> Result<(), ExportError> {
        let file = self.zip.finish().map_err(|error| not_written(&self.path, error))?;
        let file = file.into_inner().map_err(|error| not_written(&self.path, error.into_error()))?;
        Ok(file.sync_data().map_err(|source| RecordingError::write(&self.path, source))?)
    }
}
