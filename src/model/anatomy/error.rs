//! What can be wrong with the tables, or with what they lead to.

use crate::telling;
use thiserror::Error;

/// One thing wrong with one table.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TableError {
    /// The file or folder cannot be read.
    #[error("cannot read {file}: {reason}: correct `anatomy.tables` or the file's permissions")]
    Unreadable {
        /// Path.
        file: String,
        /// What the operating system says.
        reason: String,
    },
    /// A file of the folder replaces no built-in table.
    #[error("{file} replaces no table: the nearest name is `{nearest}`; rename the file or take it away")]
    UnknownFile {
        /// Path.
        file: String,
        /// Nearest name of a table.
        nearest: &'static str,
    },
    /// Not comma-separated UTF-8.
    #[error("{file}:{line}: {reason}: write the table as comma-separated UTF-8")]
    Malformed {
        /// File.
        file: String,
        /// Line, from 1.
        line: u64,
        /// What the reader says.
        reason: String,
    },
    /// A column is missing or in the wrong place.
    #[error(
        "{file}:1: column {column} is `{found}`, expected `{expected}`: keep the columns in the order {all}"
    )]
    Column {
        /// File.
        file: String,
        /// Column, from 1.
        column: usize,
        /// Name found; empty if the column is missing.
        found: String,
        /// Name expected; empty if there is a column too many.
        expected: String,
        /// All columns, as expected.
        all: String,
    },
    /// A row has too few or too many cells.
    #[error("{file}:{line}: {found} cells, expected {expected}: give one cell for each column")]
    RowLength {
        /// File.
        file: String,
        /// Line, from 1.
        line: u64,
        /// Cells found.
        found: usize,
        /// Columns.
        expected: usize,
    },
    /// A row is missing or in the wrong place.
    #[error(
        "{file}:{line}: row `{found}` where `{expected}` is expected: keep the rows in the built-in order"
    )]
    RowLabel {
        /// File.
        file: String,
        /// Line, from 1.
        line: u64,
        /// First cell found.
        found: String,
        /// First cell expected.
        expected: String,
    },
    /// The table ends too early.
    #[error("{file}: row `{expected}` is missing: add it")]
    MissingRow {
        /// File.
        file: String,
        /// First cell of the missing row.
        expected: String,
    },
    /// The table goes on too long.
    #[error("{file}:{line}: row `{found}` is one too many: take it away")]
    ExtraRow {
        /// File.
        file: String,
        /// Line, from 1.
        line: u64,
        /// First cell.
        found: String,
    },
    /// A cell that must hold a number does not.
    #[error("{file}:{line}: {column} = `{value}` is not a number: write a decimal number such as 12.5")]
    NotANumber {
        /// File.
        file: String,
        /// Line, from 1.
        line: u64,
        /// Column.
        column: String,
        /// Cell.
        value: String,
    },
    /// A number outside what it can mean.
    #[error("{file}:{line}: {column} = {value} must be {allowed}: correct the value")]
    OutOfRange {
        /// File.
        file: String,
        /// Line, from 1.
        line: u64,
        /// Column.
        column: String,
        /// Number found.
        value: f64,
        /// What is allowed.
        allowed: &'static str,
    },
    /// A matrix that must be symmetric is not.
    #[error(
        "{file}:{line}: [{target}, {source_area}] = {value} but [{source_area}, {target}] = {mirrored}: \
         make the matrix symmetric"
    )]
    Asymmetric {
        /// File.
        file: String,
        /// Line, from 1.
        line: u64,
        /// Row.
        target: String,
        /// Column.
        source_area: String,
        /// Number found.
        value: f64,
        /// Number in the mirrored cell.
        mirrored: f64,
    },
    /// An area that no other projects to.
    #[error("{file}: `{area}` has no streamlines: give at least one area that it is connected with")]
    NoStreamlines {
        /// File.
        file: String,
        /// Area.
        area: String,
    },
    /// A sublayer that belongs to no layer.
    #[error("{file}:{line}: unknown sublayer `{sublayer}`: the nearest known one is `{nearest}`")]
    UnknownSublayer {
        /// File.
        file: String,
        /// Line, from 1.
        line: u64,
        /// Name found.
        sublayer: String,
        /// Nearest known name.
        nearest: &'static str,
    },
    /// An area names a von Economo area that has no sublayers, or names none.
    #[error(
        "{file}:{line}: `{area}` is made up of `{von_economo_area}`, which {sublayers_file} does not list: \
         add its sublayers or name another"
    )]
    UnknownVonEconomoArea {
        /// File.
        file: String,
        /// Line, from 1.
        line: u64,
        /// Desikan-Killiany area.
        area: String,
        /// Von Economo area.
        von_economo_area: String,
        /// File with the sublayers.
        sublayers_file: String,
    },
}

/// What keeps tables from becoming neuron and synapse numbers.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum AnatomyError {
    /// Everything that is wrong with the tables.
    #[error("{}", telling::list(.0))]
    Tables(Vec<TableError>),
    /// Projections between areas start in II/III E and in V E and VI E.
    #[error(
        "{area} has no excitatory neurons in {layers}, where its projections to other areas start: \
         lower anatomy.min_neurons_per_layer or correct its sublayers"
    )]
    NoProjectionNeurons {
        /// Area.
        area: &'static str,
        /// Layers without neurons.
        layers: &'static str,
    },
    /// No population can receive the synapses of a projection.
    #[error(
        "no neurons of {target} receive synapses from {source_area}: lower anatomy.min_neurons_per_layer or \
         correct the cell-body tables"
    )]
    NoTargetNeurons {
        /// Target area.
        target: &'static str,
        /// Source area.
        source_area: &'static str,
    },
    /// The column does not fit into the area.
    #[error(
        "{area} has a surface of {area_mm2} mm², less than anatomy.surface_area_mm2 = {column_mm2}: \
         lower it or correct the area's volume"
    )]
    AreaBelowColumn {
        /// Area.
        area: &'static str,
        /// Its volume over its thickness, mm².
        area_mm2: f64,
        /// Surface of the column, mm².
        column_mm2: f64,
    },
    /// The share of an area's synapses that come from the column is no number.
    #[error(
        "the share of {area}'s synapses that come from its column cannot be computed with connectivity.lambda_um = \
         {lambda_um}, its volume and its thickness: choose values like those of a cortex"
    )]
    LocalFraction {
        /// Area.
        area: &'static str,
        /// Decay constant of the connection probability, µm.
        lambda_um: f64,
    },
}
