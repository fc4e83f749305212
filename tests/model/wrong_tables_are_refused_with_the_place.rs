//! A folder of tables that replace the built-in ones: what is wrong is named with file, line and column.

use humam_gpu::model::anatomy::embedded::table;
use humam_gpu::model::anatomy::{Anatomy, AnatomyError, Cytoarchitecture, TableError, Tables};
use humam_gpu::model::{HumanModel, ModelError, ModelOptions};
use tempfile::TempDir;

const STREAMLINES: &str = "hcp_connectivity_nos_rh.csv";
const SUBLAYERS: &str = "von_economo_koskinas.csv";
const AREAS: &str = "desikan_killiany_areas.csv";
const FRACTION: &str = "excitatory_fraction.csv";
const MICROCIRCUIT: &str = "potjans_diesmann_2014.csv";

/// The built-in `file` after `change`, alone in a folder.
fn folder_with(file: &str, change: impl Fn(&str) -> String) -> (TempDir, Anatomy) {
    let folder = tempfile::tempdir().unwrap();
    let text = change(table(file).unwrap());
    assert_ne!(text, table(file).unwrap(), "the change must change something");
    std::fs::write(folder.path().join(file), text).unwrap();
    let anatomy = Anatomy { tables: Some(folder.path().to_owned()), ..Anatomy::default() };
    (folder, anatomy)
}

fn errors(anatomy: &Anatomy) -> Vec<TableError> {
    match Tables::load(anatomy) {
        Err(AnatomyError::Tables(errors)) => errors,
        other => panic!("expected errors in tables, got {other:?}"),
    }
}

fn replaced(file: &str, from: &str, to: &str) -> Vec<TableError> {
    let (_folder, anatomy) = folder_with(file, |text| text.replacen(from, to, 1));
    errors(&anatomy)
}

/// `text` with cell `column` of line `line` (both from 1) set.
fn with_cell(text: &str, line: usize, column: usize, value: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut cells: Vec<&str> = lines[line - 1].split(',').collect();
    cells[column - 1] = value;
    lines[line - 1] = cells.join(",");
    lines.join("\n")
}

fn without_line(text: &str, line: usize) -> String {
    text.lines().enumerate().filter(|(n, _)| *n != line - 1).map(|(_, text)| format!("{text}\n")).collect()
}

#[test]
fn a_replaced_table_is_used_and_the_others_stay_built_in() {
    let (_folder, anatomy) = folder_with(FRACTION, |text| text.replacen("0.65", "0.7", 1));
    let tables = Tables::load(&anatomy).unwrap();
    let built_in = Tables::load(&Anatomy::default()).unwrap();
    assert_eq!(tables.excitatory_fraction[0], 0.7);
    assert_eq!(tables.streamlines, built_in.streamlines);
    let neurons = |tables| Cytoarchitecture::new(tables, &Anatomy::default()).neurons;
    assert_ne!(neurons(&tables), neurons(&built_in));
}

#[test]
fn an_exact_copy_of_every_table_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in humam_gpu::model::anatomy::embedded::TABLES {
        std::fs::write(folder.path().join(file), text.replace('\n', "\r\n")).unwrap();
    }
    let anatomy = Anatomy { tables: Some(folder.path().to_owned()), ..Anatomy::default() };
    assert_eq!(Tables::load(&anatomy).unwrap(), Tables::load(&Anatomy::default()).unwrap());
}

#[test]
fn a_malformed_number_is_named_with_file_line_and_column() {
    let errors = replaced(SUBLAYERS, "FA,I,7000.0,0.18", "FA,I,7000.0,thin");
    assert_eq!(errors.len(), 1);
    let message = errors[0].to_string();
    assert!(message.contains("von_economo_koskinas.csv:2: thickness_mm = `thin`"), "{message}");
    assert!(matches!(&replaced(SUBLAYERS, "7000.0", "NaN")[..], [TableError::NotANumber { line: 2, .. }]));
    assert!(matches!(&replaced(SUBLAYERS, "7000.0", "inf")[..], [TableError::NotANumber { .. }]));
}

#[test]
fn a_number_outside_its_meaning_is_refused() {
    assert!(matches!(
        &replaced(SUBLAYERS, "0.18", "-0.18")[..],
        [TableError::OutOfRange { value: -0.18, .. }]
    ));
    assert!(matches!(&replaced(FRACTION, "0.65", "65")[..], [TableError::OutOfRange { line: 2, .. }]));
    assert!(matches!(&replaced(MICROCIRCUIT, "0.1009", "1.0")[..], [TableError::OutOfRange { .. }]));
    assert!(matches!(&replaced(AREAS, "3221.0", "0")[..], [TableError::OutOfRange { .. }]));
}

#[test]
fn a_missing_row_a_row_too_many_and_a_wrong_order_are_told_apart() {
    let (_folder, anatomy) = folder_with(STREAMLINES, |text| without_line(text, 35));
    assert!(
        matches!(&errors(&anatomy)[..], [TableError::MissingRow { expected, .. }] if expected == "insula")
    );
    let (_folder, anatomy) = folder_with(FRACTION, |text| format!("{text}\nVII,0.5,0.5\n"));
    assert!(matches!(&errors(&anatomy)[..], [TableError::ExtraRow { found, .. }] if found == "VII"));
    let (_folder, anatomy) = folder_with(AREAS, |text| {
        let mut lines: Vec<&str> = text.lines().collect();
        lines.swap(1, 2);
        lines.join("\n")
    });
    assert!(matches!(&errors(&anatomy)[..], [TableError::RowLabel { line: 2, .. }]));
}

#[test]
fn a_missing_column_a_wrong_order_and_a_short_row_are_told_apart() {
    assert!(matches!(&replaced(FRACTION, ",binzegger_2004", "")[0], TableError::Column { column: 3, .. }));
    let errors =
        replaced(STREAMLINES, "bankssts,caudalanteriorcingulate", "caudalanteriorcingulate,bankssts");
    assert!(
        matches!(&errors[..], [TableError::Column { column: 2, expected, .. }] if expected == "bankssts")
    );
    let errors = replaced(FRACTION, "IV,0.79,", "IV,");
    assert!(matches!(&errors[..], [TableError::RowLength { line: 3, found: 2, expected: 3, .. }]));
}

#[test]
fn a_matrix_must_be_symmetric_with_a_diagonal_of_0() {
    let (_folder, anatomy) = folder_with(STREAMLINES, |text| with_cell(text, 3, 2, "7.0"));
    assert!(matches!(&errors(&anatomy)[..], [TableError::Asymmetric { line: 3, value: 7.0, .. }]));
    let (_folder, anatomy) = folder_with(STREAMLINES, |text| with_cell(text, 2, 2, "1.0"));
    assert!(matches!(&errors(&anatomy)[..], [TableError::OutOfRange { line: 2, allowed: "0", .. }]));
    let (_folder, anatomy) = folder_with(STREAMLINES, |text| with_cell(text, 2, 9, "-1.0"));
    assert!(matches!(&errors(&anatomy)[..], [TableError::OutOfRange { line: 2, value: -1.0, .. }]));
}

#[test]
fn an_area_without_streamlines_is_refused() {
    let (_folder, anatomy) = folder_with(STREAMLINES, |text| {
        (2..=35).fold(text.to_owned(), |text, n| with_cell(&with_cell(&text, 2, n, "0"), n, 2, "0"))
    });
    assert!(matches!(&errors(&anatomy)[..], [TableError::NoStreamlines { area, .. }] if area == "bankssts"));
}

#[test]
fn unknown_names_are_answered_with_the_nearest_known_one() {
    let errors = replaced(SUBLAYERS, "FA,IIIa", "FA,IIIz");
    assert!(matches!(&errors[..], [TableError::UnknownSublayer { line: 4, .. }]), "{errors:?}");
    let errors = replaced(AREAS, "BSTS,PH", "BSTS,XX");
    assert!(matches!(&errors[..], [TableError::UnknownVonEconomoArea { line: 2, .. }]), "{errors:?}");

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("excitatory_fractions.csv"), "").unwrap();
    let anatomy = Anatomy { tables: Some(folder.path().to_owned()), ..Anatomy::default() };
    let Err(AnatomyError::Tables(errors)) = Tables::load(&anatomy) else { panic!("accepted") };
    assert!(matches!(&errors[..], [TableError::UnknownFile { nearest: FRACTION, .. }]), "{errors:?}");
}

#[test]
fn a_folder_that_is_not_there_and_a_file_that_is_not_text_are_refused() {
    let anatomy = Anatomy { tables: Some("no/such/folder".into()), ..Anatomy::default() };
    assert!(matches!(&errors(&anatomy)[..], [TableError::Unreadable { .. }]));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FRACTION), [0xff, 0xfe, 0x00]).unwrap();
    let anatomy = Anatomy { tables: Some(folder.path().to_owned()), ..Anatomy::default() };
    assert!(matches!(&errors(&anatomy)[..], [TableError::Unreadable { .. }]));
    std::fs::write(folder.path().join(FRACTION), "").unwrap();
    assert!(matches!(&errors(&anatomy)[0], TableError::Column { column: 1, .. }));
}

#[test]
fn all_problems_are_reported_at_once() {
    let (folder, anatomy) =
        folder_with(FRACTION, |text| text.replacen("0.65", "x", 1).replacen("0.79", "2", 1));
    let streamlines = with_cell(table(STREAMLINES).unwrap(), 2, 2, "1.0");
    std::fs::write(folder.path().join(STREAMLINES), streamlines).unwrap();
    assert_eq!(errors(&anatomy).len(), 3);
}

fn refusal(options: &ModelOptions) -> ModelError {
    HumanModel::new(options).map(|_| "a model").unwrap_err()
}

#[test]
fn figures_that_lead_to_no_network_are_refused_with_the_area() {
    let mut options = ModelOptions::default();
    options.anatomy.min_neurons_per_layer = 1_000_000;
    let error = refusal(&options);
    assert!(matches!(error, ModelError::Anatomy(AnatomyError::NoProjectionNeurons { area: "bankssts", .. })));

    let mut options = ModelOptions::default();
    options.anatomy.surface_area_mm2 = 2000.0;
    let error = refusal(&options);
    assert!(matches!(error, ModelError::Anatomy(AnatomyError::AreaBelowColumn { .. })), "{error}");
}
