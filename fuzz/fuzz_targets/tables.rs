//! The first byte of the input tells a table and the model that is made of it, the rest is its text.
#![no_main]

use humam_gpu::model::anatomy::embedded::TABLES;
use humam_gpu::model::ModelKind;
use humam_gpu_fuzz::{begin_with, promises, workplace};
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use std::sync::OnceLock;

static FOLDER: OnceLock<PathBuf> = OnceLock::new();
const MICROCIRCUIT: u8 = 1 << 7;

fn seeds() -> impl Iterator<Item = Vec<u8>> {
    let tables = TABLES.iter().enumerate();
    tables.flat_map(|(number, (_, text))| {
        [0, MICROCIRCUIT].map(|model| [&[number as u8 | model], text.as_bytes()].concat())
    })
}

fuzz_target!(init: begin_with(seeds()), |input: &[u8]| {
    let folder = FOLDER.get_or_init(|| workplace("tables"));
    let Some((&first, text)) = input.split_first() else { return };
    let model = if first & MICROCIRCUIT == 0 { ModelKind::Human } else { ModelKind::Microcircuit };
    let path = folder.join(TABLES[usize::from(first & !MICROCIRCUIT) % TABLES.len()].0);
    std::fs::write(&path, text).expect("a table");
    promises::of_tables(folder, model);
    std::fs::remove_file(path).expect("a table");
});
