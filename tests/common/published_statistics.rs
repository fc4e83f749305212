//! Tables of statistics computed by the published implementation, and the populations they name.
#![allow(dead_code, reason = "each test uses a part")]

use humam_gpu::analysis::{Known, Layout, PopulationStatistics, Window, spike_statistics};
use humam_gpu::config::AnalysisOptions;
use humam_gpu::recording::{PopulationRow, split_name};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Statistics of one population; `None` where no neuron has one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistics {
    pub rate_hz: f64,
    pub cv_isi: Option<f64>,
    pub lvr: Option<f64>,
    pub correlation: Option<f64>,
}

impl From<&PopulationStatistics> for Statistics {
    fn from(found: &PopulationStatistics) -> Self {
        let some = |known: &Known<f64>| known.as_ref().ok().copied();
        Self {
            rate_hz: some(&found.rate_hz).expect("a rate"),
            cv_isi: some(&found.cv_isi),
            lvr: some(&found.lvr),
            correlation: some(&found.correlation),
        }
    }
}

/// A population of a test, whose name is `area layer E|I`.
pub fn population(name: &str, first_neuron: u32, neurons: u32) -> PopulationRow {
    let (area, layer, population) = split_name(name);
    let [area, layer, population] = [area, layer, population].map(str::to_owned);
    PopulationRow { index: 0, area, layer, population, first_neuron, neurons }
}

/// Statistics from 500 ms on of the populations' spikes, (step, neuron), in a run of `n_steps` of 0.1 ms.
pub fn statistics(spikes: &[(u32, u32)], populations: Vec<PopulationRow>, n_steps: u32) -> Vec<Statistics> {
    let window = Window { dt_ms: 0.1, n_steps, from_step: 5000, steps_per_bin: 10 };
    let layout = Layout { t_ref_ms: vec![2.0; populations.len()], populations, window };
    let found = spike_statistics(&spikes, &layout, &AnalysisOptions::default(), &mut |_, _| {});
    found.expect("spikes in the memory").populations.iter().map(Statistics::from).collect()
}

/// Mean of what there is.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

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
