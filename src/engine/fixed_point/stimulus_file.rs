//! Files of stimuli: CSV with a time and a value a line, which are rates or neurons.

use crate::disk;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// Bytes of the largest file.
const MAX_BYTES: u64 = 1 << 30;
/// The column of times.
const TIME: &str = "time_ms";

/// What the second column of a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StimulusColumn {
    /// `rate_hz`: rates, 1/s, from the line's time on.
    Rates,
    /// `neuron`: neurons, counted within their population from 0, of which each receives a spike.
    Neurons,
}

impl StimulusColumn {
    /// Its name.
    fn name(self) -> &'static str {
        match self {
            Self::Rates => "rate_hz",
            Self::Neurons => "neuron",
        }
    }
}

/// A file of a stimulus. Configurations have its path, relative to their own folder; what is in it counts, and not where
/// it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StimulusFile {
    path: PathBuf,
    #[serde(skip)]
    content: Option<Arc<Content>>,
}

/// What was read.
#[derive(Debug)]
struct Content {
    text: String,
    digest: String,
    rows: Vec<StimulusRow>,
}

/// A line of a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StimulusRow {
    /// When, ms from the start of the run.
    pub time_ms: f64,
    /// A rate in 1/s, or a neuron.
    pub value: f64,
}

/// Why a file is none of a stimulus.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{} {reason}: {remedy}", self.place())]
pub struct StimulusFileError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1, if it is one.
    pub line: Option<usize>,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl StimulusFileError {
    /// The file, and the line.
    pub fn place(&self) -> String {
        let line = self.line.map_or_else(String::new, |line| format!(":{line}"));
        format!("{}{line}", self.path.display())
    }
}

/// What is wrong with a line, and what to do.
type Flaw = (String, String);

impl StimulusFile {
    /// The file at `path`, which [`read`](Self::read) reads.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), content: None }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same content at another place.
    pub fn set_path(&mut self, path: PathBuf) {
        self.path = path;
    }

    /// Reads it.
    ///
    /// # Errors
    /// A file that cannot be read, has other columns, or a line that is no time and value.
    pub fn read(&mut self, column: StimulusColumn) -> Result<(), StimulusFileError> {
        let unread = |error: std::io::Error| {
            let remedy = "name a file, relative to the configuration".to_owned();
            self.error(None, (format!("cannot be read: {error}"), remedy))
        };
        let text = disk::read_text_limited(&self.path, MAX_BYTES).map_err(unread)?;
        let rows = rows(&text, column).map_err(|(line, flaw)| self.error(Some(line), flaw))?;
        let digest = disk::sha256_of(text.as_bytes());
        self.content = Some(Arc::new(Content { text, digest, rows }));
        Ok(())
    }

    /// Whether it has been read.
    pub fn is_read(&self) -> bool {
        self.content.is_some()
    }

    /// Its text; empty if it has not been read.
    pub fn text(&self) -> &str {
        self.content.as_ref().map_or("", |content| &content.text)
    }

    /// Its lines in their order; none if it has not been read.
    pub fn rows(&self) -> &[StimulusRow] {
        self.content.as_ref().map_or(&[], |content| &content.rows)
    }

    /// The same file by what is in it, if it has been read: what runs are named by.
    #[must_use]
    pub fn identified(&self) -> Self {
        let by_content = |content: &Arc<Content>| Self::new(format!("sha256:{}", content.digest));
        self.content.as_ref().map_or_else(|| self.clone(), by_content)
    }

    /// An error of the row with that index, or of the whole.
    pub(super) fn error_of_row(&self, index: usize, flaw: Flaw) -> StimulusFileError {
        // The first line is the header.
        self.error(Some(index + 2), flaw)
    }

    fn error(&self, line: Option<usize>, (reason, remedy): Flaw) -> StimulusFileError {
        StimulusFileError { path: self.path.clone(), line, reason, remedy }
    }
}

/// Files are equal by what is in them; those that have not been read, by their paths.
impl PartialEq for StimulusFile {
    fn eq(&self, other: &Self) -> bool {
        match (&self.content, &other.content) {
            (Some(a), Some(b)) => a.digest == b.digest,
            (None, None) => self.path == other.path,
            _ => false,
        }
    }
}

/// The rows of a text, or the line, from 1, that is none, and why.
fn rows(text: &str, column: StimulusColumn) -> Result<Vec<StimulusRow>, (usize, Flaw)> {
    let mut lines = text.lines();
    let header = format!("{TIME},{}", column.name());
    let found: Vec<&str> = lines.next().unwrap_or("").split(',').map(str::trim).collect();
    if found != [TIME, column.name()] {
        return Err((
            1,
            ("does not name the columns".to_owned(), format!("write {header} into the first line")),
        ));
    }
    let row = |(index, line): (usize, &str)| row(line, column).map_err(|flaw| (index + 2, flaw));
    let rows: Vec<StimulusRow> = lines.enumerate().map(row).collect::<Result<_, _>>()?;
    match rows.is_empty() {
        true => Err((1, ("is the only line".to_owned(), "add lines, or take the stimulus out".to_owned()))),
        false => Ok(rows),
    }
}

fn row(line: &str, column: StimulusColumn) -> Result<StimulusRow, Flaw> {
    let flaw = |name: &str, value: &str, remedy: &str| (format!("has {name} = `{value}`"), remedy.to_owned());
    let (time, value) = line.split_once(',').unwrap_or((line, ""));
    let (time, value) = (time.trim(), value.trim());
    let time_ms = time.parse().ok().filter(|ms: &f64| ms.is_finite());
    let time_ms = time_ms.ok_or_else(|| flaw(TIME, time, "give a time in ms, a comma, and the value"))?;
    let (number, remedy) = match column {
        StimulusColumn::Rates => (
            value.parse().ok().filter(|hz: &f64| hz.is_finite() && *hz >= 0.0),
            "give a rate of at least 0, in 1/s",
        ),
        StimulusColumn::Neurons => (
            value.parse::<u32>().ok().map(f64::from),
            "give the neuron's number within its population, from 0",
        ),
    };
    let value = number.ok_or_else(|| flaw(column.name(), value, remedy))?;
    Ok(StimulusRow { time_ms, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, column: StimulusColumn) -> Result<StimulusFile, String> {
        let folder = tempfile::tempdir().unwrap();
        let mut file = StimulusFile::new(folder.path().join("x.csv"));
        std::fs::write(file.path(), text).unwrap();
        let told = file.read(column).map_err(|error| error.to_string());
        let place = folder.path().display().to_string() + "/";
        told.map(|()| file).map_err(|error| error.replace(&place, ""))
    }

    #[test]
    fn lines_are_times_and_values() {
        let file = read("\u{feff}time_ms, rate_hz\r\n0, 5\r\n1.5,0\r\n", StimulusColumn::Rates).unwrap();
        assert_eq!(
            file.rows(),
            [(0.0, 5.0), (1.5, 0.0)].map(|(time_ms, value)| StimulusRow { time_ms, value })
        );
        let file = read("time_ms,neuron\n2.0,17\n", StimulusColumn::Neurons).unwrap();
        assert_eq!(file.rows(), [StimulusRow { time_ms: 2.0, value: 17.0 }]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let rates = "time_ms,rate_hz\n0,5\n";
        for (text, column, told) in [
            ("", StimulusColumn::Rates, "x.csv:1 does not name the columns: write time_ms,rate_hz"),
            (rates, StimulusColumn::Neurons, "x.csv:1 does not name the columns"),
            ("time_ms,rate_hz\n", StimulusColumn::Rates, "x.csv:1 is the only line: add"),
            (
                "time_ms,rate_hz\n0,5\n1;5\n",
                StimulusColumn::Rates,
                "x.csv:3 has time_ms = `1;5`: give a time",
            ),
            ("time_ms,rate_hz\n0,5\n\n", StimulusColumn::Rates, "x.csv:3 has time_ms = ``: give a time"),
            ("time_ms,rate_hz\ninf,5\n", StimulusColumn::Rates, "x.csv:2 has time_ms = `inf`: give a time"),
            (
                "time_ms,rate_hz\n0,5\n1,-5\n",
                StimulusColumn::Rates,
                "x.csv:3 has rate_hz = `-5`: give a rate",
            ),
            (
                "time_ms,neuron\n1,1.5\n",
                StimulusColumn::Neurons,
                "x.csv:2 has neuron = `1.5`: give the neuron",
            ),
            (
                "time_ms,neuron\n1,2,3\n",
                StimulusColumn::Neurons,
                "x.csv:2 has neuron = `2,3`: give the neuron",
            ),
        ] {
            let error = read(text, column).unwrap_err();
            assert!(error.starts_with(told), "{error}");
        }
        let missing = StimulusFile::new("nowhere.csv").read(StimulusColumn::Rates).unwrap_err().to_string();
        assert!(missing.starts_with("nowhere.csv cannot be read: "), "{missing}");
    }

    #[test]
    fn what_is_in_a_file_counts_and_not_where_it_is() {
        let text = "time_ms,rate_hz\n0,5\n";
        let [a, b] = [text, text].map(|text| read(text, StimulusColumn::Rates).unwrap());
        let c = read("time_ms,rate_hz\n0,6\n", StimulusColumn::Rates).unwrap();
        assert!(a == b && a != c && a.path() != b.path());
        assert_eq!(a.identified().path(), b.identified().path());
        assert_ne!(a.identified().path(), c.identified().path());
        let unread = StimulusFile::new(a.path());
        assert!(unread != a && unread.identified().path() == a.path() && unread.rows().is_empty());
    }
}
