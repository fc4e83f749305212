//! Tables by column, not compressed, encoded by dictionaries.
//!
//! `spikes.parquet`, a row a spike, sorted by step, then neuron, in row groups of 2²⁰ rows:
//!
//! | column | type | content |
//! |---|---|---|
//! | `neuron` | u32 | neuron, from 0 |
//! | `population_index` | u16 | row of its population in `populations.parquet`, from 0 |
//! | `step` | u32 | step, from 1 |
//! | `time_ms` | f64 | step · dt_ms |
//!
//! `populations.parquet`, a row a population that has neurons:
//!
//! | column | type | content |
//! |---|---|---|
//! | `population_index` | u16 | what `spikes.parquet` refers to |
//! | `area`, `layer`, `population` | text | names; empty if there is none |
//! | `first_neuron`, `neurons` | u32 | its first neuron, its number of neurons |

use super::{ExportError, for_each_chunk, not_written};
use crate::analysis::RunFolder;
use crate::disk::{File, Place};
use crate::simulation::recording::{PopulationRow, RecordingError};
use ::parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::parser::parse_message_type;
use std::io::BufWriter;
use std::path::PathBuf;
use std::sync::Arc;

const SPIKES_FILE: &str = "spikes.parquet";
const POPULATIONS_FILE: &str = "populations.parquet";
const SPIKES: &str = "message spikes {
    required int32 neuron (INTEGER(32, false));
    required int32 population_index (INTEGER(16, false));
    required int32 step (INTEGER(32, false));
    required double time_ms;
}";
const POPULATIONS: &str = "message populations {
    required int32 population_index (INTEGER(16, false));
    required binary area (UTF8);
    required binary layer (UTF8);
    required binary population (UTF8);
    required int32 first_neuron (INTEGER(32, false));
    required int32 neurons (INTEGER(32, false));
}";
/// Rows that are held until a group is written.
const GROUP_ROWS: usize = 1 << 20;

/// Writes both tables.
pub(super) fn write(run: &RunFolder, folder: &Place) -> Result<(), ExportError> {
    write_populations(&run.populations, &folder.join(POPULATIONS_FILE))?;
    let populations = run.layout().population_of_neurons();
    let dt_ms = run.manifest.dt_ms;
    let mut table = Table::create(&folder.join(SPIKES_FILE), SPIKES)?;
    let (mut steps, mut neurons) = (Vec::new(), Vec::new());
    let mut group = |steps: &mut Vec<i32>, neurons: &mut Vec<i32>| {
        let of_neurons: Vec<i32> =
            neurons.iter().map(|&neuron| populations[neuron as usize] as i32).collect();
        let times: Vec<f64> = steps.iter().map(|&step| f64::from(step as u32) * dt_ms).collect();
        table.group(|columns| {
            column::<Int32Type>(columns, neurons)?;
            column::<Int32Type>(columns, &of_neurons)?;
            column::<Int32Type>(columns, steps)?;
            column::<DoubleType>(columns, &times)
        })?;
        steps.clear();
        neurons.clear();
        Ok(())
    };
    for_each_chunk(run, &mut |new_steps, new_neurons| {
        // Unsigned values have the bits of signed ones.
        steps.extend(new_steps.iter().map(|&step| step as i32));
        neurons.extend(new_neurons.iter().map(|&neuron| neuron as i32));
        if steps.len() >= GROUP_ROWS { group(&mut steps, &mut neurons) } else { Ok(()) }
    })?;
    if !steps.is_empty() {
        group(&mut steps, &mut neurons)?;
    }
    table.finish()
}

fn write_populations(rows: &[PopulationRow], place: &Place) -> Result<(), ExportError> {
    let mut table = Table::create(place, POPULATIONS)?;
    let texts = |of: fn(&PopulationRow) -> &String| -> Vec<ByteArray> {
        rows.iter().map(|row| ByteArray::from(of(row).as_str())).collect()
    };
    let numbers =
        |of: fn(&PopulationRow) -> u32| -> Vec<i32> { rows.iter().map(|row| of(row) as i32).collect() };
    table.group(|columns| {
        column::<Int32Type>(columns, &(0..rows.len() as i32).collect::<Vec<_>>())?;
        column::<ByteArrayType>(columns, &texts(|row| &row.area))?;
        column::<ByteArrayType>(columns, &texts(|row| &row.layer))?;
        column::<ByteArrayType>(columns, &texts(|row| &row.population))?;
        column::<Int32Type>(columns, &numbers(|row| row.first_neuron))?;
        column::<Int32Type>(columns, &numbers(|row| row.neurons))
    })?;
    table.finish()
}

pub(super) type Columns<'a> = SerializedRowGroupWriter<'a, BufWriter<File>>;

pub(super) struct Table {
    path: PathBuf,
    writer: SerializedFileWriter<BufWriter<File>>,
}

impl Table {
    pub fn create(place: &Place, schema: &str) -> Result<Self, ExportError> {
        let path = place.path();
        let file = place.create().map_err(|source| RecordingError::write(&path, source))?;
        let schema = parse_message_type(schema).map_err(|error| not_written(&path, error))?;
        let properties = WriterProperties::builder().set_created_by(created_by()).build();
        let writer = SerializedFileWriter::new(BufWriter::new(file), Arc::new(schema), Arc::new(properties));
        let writer = writer.map_err(|error| not_written(&path, error))?;
        Ok(Self { path, writer })
    }

    /// Writes a group of rows, column by column.
    pub fn group(
        &mut self,
        write: impl FnOnce(&mut Columns<'_>) -> Result<(), ParquetError>,
    ) -> Result<(), ExportError> {
        let written = || {
            let mut columns = self.writer.next_row_group()?;
            write(&mut columns)?;
            columns.close().map(drop)
        };
        written().map_err(|error| not_written(&self.path, error))
    }

    pub fn finish(self) -> Result<(), ExportError> {
        let file = self.writer.into_inner().map_err(|error| not_written(&self.path, error))?;
        let file = file.into_inner().map_err(|error| not_written(&self.path, error.into_error()))?;
        Ok(file.sync_data().map_err(|source| RecordingError::write(&self.path, source))?)
    }
}

pub(super) fn column<T: DataType>(columns: &mut Columns<'_>, values: &[T::T]) -> Result<(), ParquetError> {
    let Some(mut column) = columns.next_column()? else {
        return Err(ParquetError::General("there are more columns than the schema has".to_owned()));
    };
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}

fn created_by() -> String {
    concat!("humam-gpu version ", env!("CARGO_PKG_VERSION")).to_owned()
}
