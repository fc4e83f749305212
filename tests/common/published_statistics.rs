//! Tables of statistics computed by the published implementation, and the populations they name.
#![allow(dead_code, reason = "each test uses a part")]

use super::statistics::Statistics;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Statistics by population, `area layer E|I`.
pub type Table = HashMap<String, Statistics>;

/// A file of `tests/reference/`.
pub fn reference(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(file)
}

/// Rows of a table.
pub fn rows(file: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_path(reference(file)).expect("a table of the reference");
    reader.records().map(|row| row.expect("a row")).collect()
}

/// Name of the population of a row.
pub fn name(row: &csv::StringRecord) -> String {
    format!("{} {} {}", &row[0], &row[1], &row[2])
}

/// A table with columns area, layer, population, neurons, rate_hz, cv_isi, lvr, corr, in which 0
/// stands for 'none'.
pub fn table(file: &str) -> Table {
    let statistics = |row: &csv::StringRecord| {
        let value = |column: usize| row[column].parse::<f64>().expect("a number");
        let some = |column| Some(value(column)).filter(|&v| v != 0.0);
        Statistics { rate_hz: value(4), cv_isi: some(5), lvr: some(6), correlation: some(7) }
    };
    rows(file).iter().map(|row| (name(row), statistics(row))).collect()
}
