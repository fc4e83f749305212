//! What the folder of a network tells of how it was made: the model at full scale, the way of theory to its fixed
//! point, and the short names of areas. Figures show these beside a run.

use super::RecordingError;
use crate::disk;
use crate::model::network::{NetworkSpec, Population};
use crate::model::{AREAS_FILE, FULL_SCALE_NEURONS_FILE, FULL_SCALE_SYNAPSES_FILE, THEORY_FLOW_FILE};
use csv::StringRecord;
use ndarray::Array2;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Columns that name a population, before its number of neurons.
const NAME_COLUMNS: usize = 3;

/// What a network was made from.
#[derive(Debug, Clone, PartialEq)]
pub struct DerivationRecord {
    /// The network at full scale.
    pub full_scale: NetworkSize,
    /// The flow of theory with the DC input.
    pub with_dc: Vec<FlowState>,
    /// The flow of theory without the DC input.
    pub without_dc: Vec<FlowState>,
    /// Short names of areas, by name.
    pub abbreviations: HashMap<String, String>,
}

/// How large a network is, population by population.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkSize {
    /// Neurons of every population.
    pub neurons: Vec<u32>,
    /// Synapses between populations, [target, source].
    pub synapses: Array2<u64>,
}

/// A state on theory's way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlowState {
    /// Pseudo-time, which has no unit.
    pub pseudo_time: f64,
    /// Mean rate over populations with neurons, 1/s.
    pub mean_rate_hz: f64,
    /// Largest |−ν + Φ(ν)|, 1/s.
    pub residual_hz: f64,
}

impl NetworkSize {
    /// Neurons of all populations.
    pub fn n_neurons(&self) -> u64 {
        self.neurons.iter().map(|&neurons| u64::from(neurons)).sum()
    }
}

impl DerivationRecord {
    /// Of a network of which only the populations are known: no synapses, no theory, no short names.
    pub fn unknown(network: &NetworkSpec) -> Self {
        let neurons: Vec<u32> = network.populations.iter().map(|population| population.neurons).collect();
        let synapses = Array2::zeros((neurons.len(), neurons.len()));
        let full_scale = NetworkSize { neurons, synapses };
        Self { full_scale, with_dc: Vec::new(), without_dc: Vec::new(), abbreviations: HashMap::new() }
    }

    /// Reads it from the folder of `network`, whose populations it has.
    ///
    /// # Errors
    /// Files that cannot be read or understood, or that lack a population.
    pub fn read(folder: &Path, network: &NetworkSpec) -> Result<Self, RecordingError> {
        let flows = Table::read(folder.join(THEORY_FLOW_FILE))?;
        Ok(Self {
            full_scale: full_scale(folder, network)?,
            with_dc: flow(&flows, "with_dc")?,
            without_dc: flow(&flows, "without_dc")?,
            abbreviations: abbreviations(folder)?,
        })
    }
}

/// Short names of areas, by name, from the folder of a network.
///
/// # Errors
/// A file that cannot be read or understood.
pub fn abbreviations(folder: &Path) -> Result<HashMap<String, String>, RecordingError> {
    let areas = Table::read(folder.join(AREAS_FILE))?;
    (0..areas.rows.len()).map(|row| Ok((areas.cell(row, 0)?, areas.cell(row, 1)?))).collect()
}

fn full_scale(folder: &Path, network: &NetworkSpec) -> Result<NetworkSize, RecordingError> {
    let names: Vec<String> = network.populations.iter().map(Population::name).collect();
    let table = Table::read(folder.join(FULL_SCALE_NEURONS_FILE))?;
    let name = |row: &StringRecord| {
        let parts = row.iter().take(NAME_COLUMNS).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(" ")
    };
    let rows = table.places(&names, table.rows.iter().map(name))?;
    let neurons = rows.into_iter().map(|row| table.cell(row, NAME_COLUMNS)).collect::<Result<_, _>>()?;

    let table = Table::read(folder.join(FULL_SCALE_SYNAPSES_FILE))?;
    let columns = table.places(&names, table.header.iter().map(str::to_owned))?;
    let rows =
        table.places(&names, table.rows.iter().map(|row| row.get(0).unwrap_or_default().to_owned()))?;
    let mut synapses = Array2::zeros((names.len(), names.len()));
    for ((target, source), number) in synapses.indexed_iter_mut() {
        *number = table.cell(rows[target], columns[source])?;
    }
    Ok(NetworkSize { neurons, synapses })
}

fn flow(table: &Table, network: &str) -> Result<Vec<FlowState>, RecordingError> {
    let rows = (0..table.rows.len()).filter(|&row| table.rows[row].get(0) == Some(network));
    let state = |row| {
        let [pseudo_time, mean_rate_hz, residual_hz] = [1, 2, 3].map(|column| table.cell(row, column));
        Ok(FlowState { pseudo_time: pseudo_time?, mean_rate_hz: mean_rate_hz?, residual_hz: residual_hz? })
    };
    rows.map(state).collect()
}

/// A table with a header.
struct Table {
    path: PathBuf,
    header: StringRecord,
    rows: Vec<StringRecord>,
}

impl Table {
    fn read(path: PathBuf) -> Result<Self, RecordingError> {
        let text = disk::read_limited(&path, disk::MAX_TEXT_BYTES);
        let text = text.map_err(|source| RecordingError::read(&path, source))?;
        let mut reader = csv::Reader::from_reader(text.as_slice());
        let read = reader
            .headers()
            .cloned()
            .and_then(|header| Ok((header, reader.records().collect::<csv::Result<_>>()?)));
        let (header, rows) = read.map_err(|error| RecordingError::malformed(&path, error))?;
        Ok(Self { path, header, rows })
    }

    /// What stands in a cell.
    fn cell<T: FromStr>(&self, row: usize, column: usize) -> Result<T, RecordingError> {
        let cell = self.rows[row].get(column).and_then(|text| text.parse().ok());
        let missing = || format!("line {} lacks a value in column {}", row + 2, column + 1);
        cell.ok_or_else(|| RecordingError::malformed(&self.path, missing()))
    }

    /// Where each of `wanted` is among `names`.
    fn places(
        &self,
        wanted: &[String],
        names: impl Iterator<Item = String>,
    ) -> Result<Vec<usize>, RecordingError> {
        let places: HashMap<String, usize> = names.enumerate().map(|(place, name)| (name, place)).collect();
        let place = |name: &String| {
            let missing = || RecordingError::malformed(&self.path, format!("lacks population `{name}`"));
            places.get(name).copied().ok_or_else(missing)
        };
        wanted.iter().map(place).collect()
    }
}
