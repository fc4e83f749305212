//! Parquet files of synapses: columns of the names that a CSV file has, in any order, among others if there are any.
//! Neurons are whole numbers of 32 or 64 bits, weights and delays real ones; values are missing nowhere.

use super::SynapseColumns;
use super::synapse_list::neuron_within;
use crate::disk;
use parquet::basic::SortOrder;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use std::panic;
use std::path::Path;

/// Values that are read at once.
const CHUNK: usize = 1 << 16;

/// The columns of the Parquet file at `path`, in which the first neurons of source and target population have the
/// numbers `firsts`; or why there are none.
pub(super) fn read(path: &Path, firsts: [u32; 2]) -> Result<SynapseColumns, String> {
    // The library panics on some damaged files, such as those whose dictionary is missing.
    let read = panic::catch_unwind(|| columns(path, firsts));
    read.unwrap_or_else(|_| Err("it is damaged".to_owned()))
}

fn columns(path: &Path, firsts: [u32; 2]) -> Result<SynapseColumns, String> {
    let file = disk::open(path).map_err(|error| error.to_string())?;
    let reader = SerializedFileReader::new(file).map_err(|error| error.to_string())?;
    let place = |name: &str| {
        let described = reader.metadata().file_metadata().schema_descr();
        described.columns().iter().position(|column| column.path().string() == name)
    };
    let required = |name| place(name).ok_or_else(|| format!("it has no column `{name}`"));
    let ends = [("source", required("source")?, firsts[0]), ("target", required("target")?, firsts[1])];
    let reals = ["weight_pa", "delay_ms"].map(|name| place(name).map(|place| (name, place, Vec::new())));
    let (mut neurons, mut reals) = ([Vec::new(), Vec::new()], reals);
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(|error| error.to_string())?;
        for (&(name, place, first), neurons) in ends.iter().zip(&mut neurons) {
            each_neuron(&*group, place, |number| {
                let row = neurons.len();
                let own =
                    u32::try_from(number).map_err(|_| format!("{name} {number} is no number of a neuron"));
                let own = own.and_then(|number| neuron_within(name, number, first));
                neurons.push(own.map_err(|reason| format!("row {}: {reason}", row + 1))?);
                Ok(())
            })
            .map_err(|reason| in_column(name, &reason))?;
        }
        for (name, place, values) in reals.iter_mut().flatten() {
            each_real(&*group, *place, |value| values.push(value))
                .map_err(|reason| in_column(name, &reason))?;
        }
    }
    let [sources, targets] = neurons;
    let [weights_pa, delays_ms] = reals.map(|real| real.map(|(_, _, values)| values));
    Ok(SynapseColumns { sources, targets, weights_pa, delays_ms })
}

fn in_column(name: &str, reason: &str) -> String {
    format!("column `{name}`: {reason}")
}

/// Hands over every number of a column of neurons in a group of rows.
fn each_neuron(
    group: &dyn RowGroupReader,
    place: usize,
    mut take: impl FnMut(i64) -> Result<(), String>,
) -> Result<(), String> {
    let column = group.metadata().column(place).column_descr();
    let is_unsigned = column.self_type().get_basic_info().sort_order() == SortOrder::UNSIGNED;
    match group.get_column_reader(place).map_err(|error| error.to_string())? {
        ColumnReader::Int64ColumnReader(reader) => each(reader, take),
        ColumnReader::Int32ColumnReader(reader) if is_unsigned => {
            each(reader, |bits| take(i64::from(bits.cast_unsigned())))
        }
        ColumnReader::Int32ColumnReader(reader) => each(reader, |number| take(number.into())),
        _ => Err(format!("neurons are whole numbers, and it has values of type {}", column.physical_type())),
    }
}

/// Hands over every value of a column of weights or delays in a group of rows.
fn each_real(group: &dyn RowGroupReader, place: usize, mut take: impl FnMut(f64)) -> Result<(), String> {
    let type_of_values = group.metadata().column(place).column_descr().physical_type();
    match group.get_column_reader(place).map_err(|error| error.to_string())? {
        ColumnReader::DoubleColumnReader(reader) => each(reader, |value| {
            take(value);
            Ok(())
        }),
        ColumnReader::FloatColumnReader(reader) => each(reader, |value| {
            take(value.into());
            Ok(())
        }),
        _ => Err(format!("real numbers are asked for, and it has values of type {type_of_values}")),
    }
}

/// Hands over every value of a column in a group of rows.
fn each<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    mut take: impl FnMut(T::T) -> Result<(), String>,
) -> Result<(), String> {
    loop {
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        let read = reader.read_records(CHUNK, Some(&mut levels), None, &mut values);
        let (rows, n_values, _) = read.map_err(|error| error.to_string())?;
        if n_values < rows {
            return Err("a value is missing".to_owned());
        }
        if rows == 0 {
            return Ok(());
        }
        values.into_iter().try_for_each(&mut take)?;
    }
}
