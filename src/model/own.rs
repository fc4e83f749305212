//! Populations of a network of one's own that another program has simulated: a small table → a network without
//! synapses. Statistics of its spikes need no more.

use crate::disk;
use crate::model::network::{LifParameters, NetworkSpec, Population};
use csv::StringRecord;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Columns that the table may have, those first that it needs.
const COLUMNS: [&str; 6] = ["population", "neurons", "area", "layer", "t_ref_ms", "first_neuron"];
const NEEDED: usize = 2;
/// More would not have a number in 32 bits.
const MAX_NEURONS: u64 = u32::MAX as u64;

/// A table of populations that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{}: {reason}: give a table with the columns population and neurons, and if there are any area, layer and t_ref_ms",
    file.display()
)]
pub struct OwnTableError {
    /// The table.
    pub file: PathBuf,
    /// What is wrong with it, and in which line.
    pub reason: String,
}

/// Populations of a network whose synapses are not known.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnPopulations {
    /// The table.
    pub file: PathBuf,
    /// The populations, without projections and input. Parameters other than the refractory period are the defaults of
    /// NEST, and mean nothing.
    pub network: NetworkSpec,
    /// SHA-256 of what the table says.
    pub digest: [u8; 32],
}

impl OwnPopulations {
    /// Reads a table with a header and the columns `population` and `neurons`. `area`, `layer` and `t_ref_ms` (the
    /// refractory period, 2 ms if it is left out, for LvR) may stand in it, in any order; `first_neuron`, which the
    /// tables of run folders have, is not read.
    ///
    /// # Errors
    /// A file that cannot be read, columns that are missing or unknown, and numbers that are none.
    pub fn read(file: &Path) -> Result<Self, OwnTableError> {
        let failed = |reason: String| OwnTableError { file: file.to_path_buf(), reason };
        let text = disk::read_limited(file, disk::MAX_TEXT_BYTES);
        let text = text.map_err(|error| failed(format!("cannot be read: {error}")))?;
        let populations = populations(&text).map_err(failed)?;
        let n_neurons: u64 = populations.iter().map(|population| u64::from(population.neurons)).sum();
        if n_neurons == 0 || n_neurons > MAX_NEURONS {
            return Err(failed(format!("{n_neurons} neurons are no network, or too large a one")));
        }
        let network = NetworkSpec::new(populations, Vec::new());
        network.check().map_err(|error| failed(error.to_string()))?;
        Ok(Self { file: file.to_path_buf(), digest: digest(&network), network })
    }
}

fn digest(network: &NetworkSpec) -> [u8; 32] {
    let mut digest = Sha256::new();
    for Population { area, layer, cell_type, neurons, neuron, .. } in &network.populations {
        digest.update(format!("{area:?},{layer:?},{cell_type:?},{neurons},{}\n", neuron.t_ref_ms));
    }
    digest.finalize().into()
}

fn populations(text: &[u8]) -> Result<Vec<Population>, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    if let Some(unknown) = header.iter().find(|name| !COLUMNS.contains(name)) {
        return Err(format!("has a column {unknown:?}"));
    }
    let columns = COLUMNS.map(|name| header.iter().position(|column| column == name));
    if let Some(missing) = (0..NEEDED).find(|&column| columns[column].is_none()) {
        return Err(format!("has no column {}", COLUMNS[missing]));
    }
    let row = |(index, row): (usize, csv::Result<StringRecord>)| {
        let row = row.map_err(|error| error.to_string())?;
        population(&row, &columns).map_err(|reason| format!("line {}: {reason}", index + 2))
    };
    reader.records().enumerate().map(row).collect()
}

fn population(row: &StringRecord, columns: &[Option<usize>; COLUMNS.len()]) -> Result<Population, String> {
    let [name, neurons, area, layer, t_ref_ms, _] =
        columns.map(|column| column.and_then(|column| row.get(column)).unwrap_or_default());
    let neurons = neurons.parse().map_err(|_| format!("neurons = {neurons:?} is no number of neurons"))?;
    let mut neuron = LifParameters::default();
    if !t_ref_ms.is_empty() {
        neuron.t_ref_ms =
            t_ref_ms.parse().map_err(|_| format!("t_ref_ms = {t_ref_ms:?} is no time in ms"))?;
    }
    if name.is_empty() {
        return Err("the population has no name".to_owned());
    }
    Ok(Population::new(name, neurons, neuron).placed(area, layer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<OwnPopulations, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.csv");
        std::fs::write(&file, text).unwrap();
        OwnPopulations::read(&file).map_err(|error| error.to_string())
    }

    #[test]
    fn names_and_numbers_are_enough_and_more_may_stand_in_any_order() {
        let two = read("population,neurons\nE, 80\nI, 20\n").unwrap();
        assert_eq!((two.network.n_neurons(), two.network.populations[1].name()), (100, "I".to_owned()));
        let more = read("neurons,t_ref_ms,population,layer,area\n80,1.5,E,II/III,mine\n20,,I,II/III,mine\n")
            .unwrap();
        assert_eq!(more.network.populations[0].name(), "mine II/III E");
        let t_ref_ms: Vec<f64> = more.network.populations.iter().map(|p| p.neuron.t_ref_ms).collect();
        assert_eq!(t_ref_ms, [1.5, 2.0]);
        assert_ne!(two.digest, more.digest);
        let as_in_runs = read("area,layer,population,first_neuron,neurons\n,,E,0,80\n,,I,80,20\n").unwrap();
        assert_eq!(as_in_runs.digest, two.digest);
    }

    #[test]
    fn what_is_no_table_of_populations_is_told_with_its_line() {
        for (text, reason) in [
            ("", "has no column population"),
            ("population\nE\n", "has no column neurons"),
            ("population,neurons,colour\nE,1,red\n", "has a column \"colour\""),
            ("population,neurons\nE,many\n", "line 2: neurons = \"many\""),
            ("population,neurons\nE,1\n,2\n", "line 3: the population has no name"),
            ("population,neurons,t_ref_ms\nE,1,x\n", "line 2: t_ref_ms = \"x\""),
            ("population,neurons,t_ref_ms\nE,1,-1\n", "t_ref_ms = -1"),
            ("population,neurons\nE,0\n", "0 neurons"),
            ("population,neurons\nE,4294967295\nI,1\n", "4294967296 neurons"),
            ("population,neurons\nE,1\nE,1\n", "'E'"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(reason) && error.contains("mine.csv"), "{error}");
        }
    }
}
