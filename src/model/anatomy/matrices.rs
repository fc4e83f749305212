//! Matrices by area: the order of both axes, symmetry and the diagonal.

use super::TableError;
use super::sheet::{Allowed, Sheet};
use super::slots::{AREAS, N_AREAS};
use ndarray::Array2;

/// What a matrix by area looks like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Name of its first column.
    pub corner: &'static str,
    /// Numbers off the diagonal.
    pub allowed: Allowed,
    /// Numbers on it.
    pub diagonal: Allowed,
}

/// Reads a symmetric matrix [target, source].
pub(super) fn area_matrix(
    file: &str,
    text: &str,
    layout: Layout,
    problems: &mut Vec<TableError>,
) -> Option<Array2<f64>> {
    let before = problems.len();
    let columns = [&[layout.corner], &AREAS[..]].concat();
    let sheet = Sheet::read(file, text, &columns, problems)?;
    if !sheet.has_rows(&AREAS, problems) {
        return None;
    }
    let mut matrix = Array2::zeros((N_AREAS, N_AREAS));
    for ((target, source), value) in matrix.indexed_iter_mut() {
        let allowed = if target == source { layout.diagonal } else { layout.allowed };
        *value = sheet.number(target, source + 1, allowed, problems);
    }
    if problems.len() == before {
        check_symmetry(&sheet, &matrix, problems);
    }
    Some(matrix)
}

fn check_symmetry(sheet: &Sheet, matrix: &Array2<f64>, problems: &mut Vec<TableError>) {
    for ((target, source), &value) in matrix.indexed_iter() {
        let mirrored = matrix[[source, target]];
        if target > source && value != mirrored {
            problems.push(TableError::Asymmetric {
                file: sheet.file.clone(),
                line: sheet.line(target),
                target: AREAS[target].to_owned(),
                source_area: AREAS[source].to_owned(),
                value,
                mirrored,
            });
        }
    }
}

/// Every area needs streamlines: its synapses from other areas are shared out in proportion to them.
pub(super) fn check_streamlines(file: &str, streamlines: &Array2<f64>, problems: &mut Vec<TableError>) {
    for (area, row) in AREAS.iter().zip(streamlines.rows()) {
        if row.sum() == 0.0 {
            let (file, area) = (file.to_owned(), (*area).to_owned());
            problems.push(TableError::NoStreamlines { file, area });
        }
    }
}
