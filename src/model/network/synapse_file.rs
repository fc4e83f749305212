//! Files of synapses: CSV with the header `source,target,weight_pa,delay_ms`, a line a synapse, or Parquet with these
//! columns. Columns stand in any order, and the last two may be left out.
//!
//! A file is read line by line, or part by part, so that no more than the list itself is held.

use super::{
    ListedSynapseError, MAX_LISTED_SYNAPSES, NetworkSpec, SynapseColumns, SynapseList, SynapseRule,
    synapse_list::neuron_within, synapse_parquet,
};
use crate::disk::{self, Place};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// Names of the columns.
const COLUMNS: [&str; 4] = ["source", "target", "weight_pa", "delay_ms"];
/// Bytes of the longest line.
const MAX_LINE_BYTES: u64 = 1 << 12;
/// Bytes that are read or written at once.
const BUFFER_BYTES: usize = 1 << 18;

/// Why a file is no list of synapses.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SynapseFileError {
    /// It cannot be read.
    #[error(
        "cannot read the synapses {}: {reason}: name a file, relative to that of the network",
        path.display()
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// Its first line names other columns.
    #[error("{}: line 1: {reason}: the first line names the columns: {}", path.display(), COLUMNS.join(","))]
    Header {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A line that is no synapse.
    #[error(transparent)]
    Synapse(#[from] ListedSynapseError),
}

/// Name of the file, beside `network.ron`, of a list with that index.
pub(super) fn file_of_list(index: usize) -> String {
    format!("listed_synapses_{index}.csv")
}

impl SynapseList {
    /// Reads a list from the file at `path`, in which the first neurons of source and target population have the numbers
    /// `firsts`: Parquet if its name ends so, else CSV.
    ///
    /// # Errors
    /// [`SynapseFileError`]
    pub fn read(path: &Path, firsts: [u32; 2]) -> Result<Self, SynapseFileError> {
        let name = path.display().to_string();
        if path.extension().is_some_and(|extension| extension == "parquet") {
            let columns = synapse_parquet::read(path, firsts);
            let columns =
                columns.map_err(|reason| SynapseFileError::Read { path: path.to_path_buf(), reason })?;
            return Ok(Self::new(name, columns)?);
        }
        let unread =
            |error: io::Error| SynapseFileError::Read { path: path.to_path_buf(), reason: error.to_string() };
        let file = disk::open(path).map_err(unread)?;
        let mut lines = Lines { reader: BufReader::with_capacity(BUFFER_BYTES, file), line: Vec::new() };
        let header = lines.next().map_err(unread)?.unwrap_or_default().trim_start_matches('\u{feff}');
        let places =
            places(header).map_err(|reason| SynapseFileError::Header { path: path.to_path_buf(), reason })?;
        let mut columns = empty_columns(&places);
        let mut index = 0;
        while let Some(line) = lines.next().map_err(unread)? {
            let added = columns.add(line, &places, firsts);
            added.map_err(|reason| ListedSynapseError { name: name.clone(), index, reason })?;
            index += 1;
        }
        columns.shrink();
        Ok(Self::new(name, columns)?)
    }

    /// Writes the list as CSV.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, place: &Place) -> io::Result<()> {
        let mut file = BufWriter::with_capacity(BUFFER_BYTES, place.create()?);
        let SynapseColumns { sources, targets, weights_pa, delays_ms } = self.columns();
        let has = [true, true, weights_pa.is_some(), delays_ms.is_some()];
        let names: Vec<&str> =
            COLUMNS.iter().zip(has).filter(|(_, has)| *has).map(|(name, _)| *name).collect();
        writeln!(file, "{}", names.join(","))?;
        for (index, (source, target)) in sources.iter().zip(targets).enumerate() {
            write!(file, "{source},{target}")?;
            for column in [weights_pa, delays_ms].into_iter().flatten() {
                write!(file, ",{}", column[index])?;
            }
            writeln!(file)?;
        }
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_data()
    }
}

impl NetworkSpec {
    /// Names of the files beside `network.ron` that hold the lists of its projections.
    pub(super) fn list_files(&self) -> impl Iterator<Item = String> + use<> {
        let lists = self.projections.iter().filter_map(|projection| match self.rule_of(projection) {
            SynapseRule::Explicit(list) => Some(list as usize),
            _ => None,
        });
        (0..lists.max().map_or(0, |last| last + 1)).map(file_of_list)
    }

    /// Writes the lists of synapses into a folder.
    ///
    /// # Errors
    /// The file that cannot be written, and why.
    pub fn write_lists(&self, folder: &Place) -> Result<(), (PathBuf, io::Error)> {
        self.list_files().zip(&self.lists).try_for_each(|(file, list)| {
            let place = folder.join(file);
            list.write(&place).map_err(|error| (place.path(), error))
        })
    }

    /// Reads the lists of synapses that [`write_lists`](Self::write_lists) has written.
    ///
    /// # Errors
    /// [`SynapseFileError`]
    pub fn read_lists(&mut self, folder: &Path) -> Result<(), SynapseFileError> {
        let lists = self.list_files().map(|file| SynapseList::read(&folder.join(file), [0; 2]).map(Arc::new));
        self.lists = lists.collect::<Result<_, _>>()?;
        Ok(())
    }
}

/// Lines of a file, one at a time.
struct Lines<R> {
    reader: R,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// The next line without its end.
    fn next(&mut self) -> io::Result<Option<&str>> {
        self.line.clear();
        let invalid = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
        let read = self.reader.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut self.line)?;
        if read as u64 == MAX_LINE_BYTES {
            return Err(invalid(format!("a line has more than {MAX_LINE_BYTES} bytes")));
        }
        let line = str::from_utf8(&self.line).map_err(|error| invalid(error.to_string()))?;
        Ok((read > 0).then(|| line.trim_end_matches(['\n', '\r'])))
    }
}

/// Which value of a line is of which of the [`COLUMNS`].
type Places = [Option<usize>; 4];

/// The places of the columns that a header names.
fn places(header: &str) -> Result<Places, String> {
    let mut places = [None; 4];
    for (place, name) in header.split(',').map(str::trim).enumerate() {
        match COLUMNS.iter().position(|known| *known == name) {
            Some(column) if places[column].is_none() => places[column] = Some(place),
            Some(_) => return Err(format!("it names `{name}` twice")),
            None => return Err(format!("`{name}` is no column")),
        }
    }
    let missing = COLUMNS.iter().zip(places).take(2).find(|(_, place)| place.is_none());
    missing.map_or(Ok(places), |(name, _)| Err(format!("the column `{name}` is missing")))
}

fn empty_columns(places: &Places) -> SynapseColumns {
    let [weights_pa, delays_ms] = [places[2], places[3]].map(|place| place.map(|_| Vec::new()));
    SynapseColumns { weights_pa, delays_ms, ..SynapseColumns::default() }
}

impl SynapseColumns {
    /// Adds the synapse of a line, or tells why there is none.
    fn add(&mut self, line: &str, places: &Places, firsts: [u32; 2]) -> Result<(), String> {
        if self.sources.len() == MAX_LISTED_SYNAPSES {
            return Err(format!("more than {MAX_LISTED_SYNAPSES} synapses: split them into projections"));
        }
        let mut values = [""; 4];
        let mut n_values = 0;
        for (place, value) in line.split(',').enumerate() {
            n_values += 1;
            if let Some(column) = places.iter().position(|known| *known == Some(place)) {
                values[column] = value.trim();
            }
        }
        let n_columns = places.iter().flatten().count();
        if n_values != n_columns {
            return Err(format!("it has {n_values} values, and {n_columns} columns"));
        }
        self.sources.push(neuron(COLUMNS[0], values[0], firsts[0])?);
        self.targets.push(neuron(COLUMNS[1], values[1], firsts[1])?);
        for (column, of_synapse) in [(2, &mut self.weights_pa), (3, &mut self.delays_ms)] {
            if let Some(of_synapse) = of_synapse {
                let value = values[column];
                let number = value.parse();
                of_synapse.push(number.map_err(|_| format!("{} = `{value}` is no number", COLUMNS[column]))?);
            }
        }
        Ok(())
    }

    /// Gives back the memory that growing has left over.
    fn shrink(&mut self) {
        self.sources.shrink_to_fit();
        self.targets.shrink_to_fit();
        [&mut self.weights_pa, &mut self.delays_ms].into_iter().flatten().for_each(Vec::shrink_to_fit);
    }
}

/// A neuron within its population, whose first has the number `first`.
fn neuron(column: &str, value: &str, first: u32) -> Result<u32, String> {
    let number = value.parse().map_err(|_| format!("{column} = `{value}` is no number of a neuron"))?;
    neuron_within(column, number, first)
}

#[cfg(test)]
#[path = "synapse_file_tests.rs"]
mod tests;
