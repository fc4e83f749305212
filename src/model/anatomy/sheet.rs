//! One comma-separated table: reading it, and saying exactly where something is wrong.
//!
//! Problems are collected, so that all of them are reported at once; a cell in doubt reads as NaN.

use super::TableError;
use ndarray::Array2;

/// What a number in a table can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowed {
    /// ≥ 0.
    NonNegative,
    /// > 0.
    Positive,
    /// In [0, 1].
    Fraction,
    /// In [0, 1).
    BelowOne,
    /// 0.
    Zero,
    /// 1.
    One,
    /// In [-1, 1].
    Correlation,
}

impl Allowed {
    fn contains(self, value: f64) -> bool {
        match self {
            Self::NonNegative => value >= 0.0,
            Self::Positive => value > 0.0,
            Self::Fraction => (0.0..=1.0).contains(&value),
            Self::BelowOne => (0.0..1.0).contains(&value),
            Self::Zero => value == 0.0,
            Self::One => value == 1.0,
            Self::Correlation => (-1.0..=1.0).contains(&value),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::NonNegative => "0 or more",
            Self::Positive => "above 0",
            Self::Fraction => "from 0 to 1",
            Self::BelowOne => "at least 0 and below 1",
            Self::Zero => "0",
            Self::One => "1",
            Self::Correlation => "from -1 to 1",
        }
    }
}

/// A table: rows of as many cells as there are columns, with the line each row starts at.
pub(super) struct Sheet {
    /// Name for messages.
    pub file: String,
    columns: Vec<String>,
    rows: Vec<(u64, Vec<String>)>,
}

impl Sheet {
    /// Reads `text`, which must have exactly `columns`. `None` if its shape is wrong.
    pub fn read(file: &str, text: &str, columns: &[&str], problems: &mut Vec<TableError>) -> Option<Self> {
        let before = problems.len();
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut records = Vec::new();
        for record in reader.records() {
            match record {
                Ok(record) => records.push((
                    record.position().map_or(0, csv::Position::line),
                    record.iter().map(|cell| cell.trim().to_owned()).collect::<Vec<_>>(),
                )),
                Err(error) => problems.push(TableError::Malformed {
                    file: file.to_owned(),
                    line: error.position().map_or(0, csv::Position::line),
                    reason: error.to_string(),
                }),
            }
        }
        let mut records = records.into_iter();
        let header = records.next().map_or(Vec::new(), |(_, cells)| cells);
        check_columns(file, &header, columns, problems);
        let rows: Vec<_> = records.collect();
        check_lengths(file, &rows, columns.len(), problems);
        (problems.len() == before).then(|| Self { file: file.to_owned(), columns: header, rows })
    }

    /// Number of rows below the header.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Line that a row starts at, from 1.
    pub fn line(&self, row: usize) -> u64 {
        self.rows[row].0
    }

    /// Text of a cell.
    pub fn text(&self, row: usize, column: usize) -> &str {
        &self.rows[row].1[column]
    }

    /// Number in a cell; NaN if it is none.
    pub fn number(&self, row: usize, column: usize, allowed: Allowed, problems: &mut Vec<TableError>) -> f64 {
        let text = self.text(row, column);
        let (file, line, name) = (self.file.clone(), self.line(row), self.columns[column].clone());
        match text.parse::<f64>().ok().filter(|value| value.is_finite()) {
            None => {
                problems.push(TableError::NotANumber { file, line, column: name, value: text.to_owned() });
                f64::NAN
            }
            Some(value) => {
                if !allowed.contains(value) {
                    let allowed = allowed.words();
                    problems.push(TableError::OutOfRange { file, line, column: name, value, allowed });
                }
                value
            }
        }
    }

    /// Checks that the first cells are `labels`, in that order. False where they are not.
    pub fn has_rows(&self, labels: &[&str], problems: &mut Vec<TableError>) -> bool {
        let before = problems.len();
        let file = || self.file.clone();
        for (row, expected) in labels.iter().enumerate() {
            if row >= self.n_rows() {
                problems.push(TableError::MissingRow { file: file(), expected: (*expected).to_owned() });
            } else if self.text(row, 0) != *expected {
                let found = self.text(row, 0).to_owned();
                let (line, expected) = (self.line(row), (*expected).to_owned());
                problems.push(TableError::RowLabel { file: file(), line, found, expected });
                break; // every later row would be reported too
            }
        }
        for row in labels.len()..self.n_rows() {
            let (line, found) = (self.line(row), self.text(row, 0).to_owned());
            problems.push(TableError::ExtraRow { file: file(), line, found });
        }
        problems.len() == before
    }

    /// Numbers of all rows in `columns`, shape [rows, columns].
    pub fn numbers(
        &self,
        columns: std::ops::Range<usize>,
        allowed: Allowed,
        problems: &mut Vec<TableError>,
    ) -> Array2<f64> {
        let mut numbers = Array2::zeros((self.n_rows(), columns.len()));
        for ((row, column), number) in numbers.indexed_iter_mut() {
            *number = self.number(row, columns.start + column, allowed, problems);
        }
        numbers
    }
}

fn check_columns(file: &str, found: &[String], expected: &[&str], problems: &mut Vec<TableError>) {
    for column in 0..found.len().max(expected.len()) {
        let is = found.get(column).map_or("", String::as_str);
        let should = expected.get(column).copied().unwrap_or("");
        if is != should {
            problems.push(TableError::Column {
                file: file.to_owned(),
                column: column + 1,
                found: is.to_owned(),
                expected: should.to_owned(),
                all: expected.join(","),
            });
            return; // every later column would be reported too
        }
    }
}

fn check_lengths(file: &str, rows: &[(u64, Vec<String>)], expected: usize, problems: &mut Vec<TableError>) {
    for (line, cells) in rows {
        if cells.len() != expected {
            let (file, line, found) = (file.to_owned(), *line, cells.len());
            problems.push(TableError::RowLength { file, line, found, expected });
        }
    }
}
