//! Reading the reference tables of `tests/reference/`, by name.
#![allow(dead_code, reason = "each test uses a part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Path of a reference table, such as `full_scale/neurons.csv`.
pub fn reference(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(file)
}

/// A table with its first row and the first cell of every row as names.
pub struct Named {
    pub columns: Vec<String>,
    pub rows: Vec<String>,
    cells: BTreeMap<(String, String), String>,
}

impl Named {
    /// Reads a table whose rows are named by their first `n_names` cells, joined by spaces.
    pub fn read(path: &Path, n_names: usize) -> Self {
        let mut reader = csv::Reader::from_path(path).unwrap();
        let columns: Vec<String> =
            reader.headers().unwrap().iter().skip(n_names).map(str::to_owned).collect();
        let (mut rows, mut cells) = (Vec::new(), BTreeMap::new());
        for record in reader.records() {
            let record = record.unwrap();
            let name = record.iter().take(n_names).collect::<Vec<_>>().join(" ");
            for (column, cell) in columns.iter().zip(record.iter().skip(n_names)) {
                cells.insert((name.clone(), column.clone()), cell.to_owned());
            }
            rows.push(name);
        }
        Self { columns, rows, cells }
    }

    pub fn text(&self, row: &str, column: &str) -> &str {
        &self.cells[&(row.to_owned(), column.to_owned())]
    }

    pub fn number(&self, row: &str, column: &str) -> f64 {
        self.text(row, column).parse().unwrap()
    }

    /// All numbers in the order of `rows` and `columns`.
    pub fn numbers<T: AsRef<str>>(&self, rows: &[T], columns: &[T]) -> Vec<f64> {
        let number = |(row, column): (&T, &T)| self.number(row.as_ref(), column.as_ref());
        rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column))).map(number).collect()
    }
}

/// One column of a table by slot, such as `bankssts,II/III,E,39130`, in the file's order.
pub fn by_slot(path: &Path, column: &str) -> Vec<f64> {
    let table = Named::read(path, 3);
    table.rows.iter().map(|row| table.number(row, column)).collect()
}
