//! Whatever stands in a file that the program reads, a table, a run folder, output of NEST: it says what
//! is wrong with it, and where, or computes with it. It neither panics nor believes a length that the
//! file does not have.

use crate::campaign::campaign;
use crate::fixtures::promises;
use crate::fixtures::promises::{files_of, recorded_run, write_arrays, write_nest};
use crate::fixtures::seal::seal;
use crate::mutation::{below, mutated};
use humam_gpu::analysis::RunFolder;
use humam_gpu::analysis::compare::load;
use humam_gpu::model::anatomy::{Anatomy, Tables, embedded};
use humam_gpu::model::{ModelKind, ModelOptions, model_of};
use humam_gpu::simulation::recording::{NEURON_FILE, NpyReader, NpyWriter, StoredNetwork, read_counts};
use rand::RngExt;
use rand::rngs::StdRng;
use std::fs;
use std::path::PathBuf;

fn contents(files: &[PathBuf]) -> Vec<Vec<u8>> {
    files.iter().map(|path| fs::read(path).expect("a file")).collect()
}

#[test]
fn a_wrong_table_is_an_error_with_its_place() {
    let tables = embedded::TABLES;
    let others: Vec<Vec<u8>> = tables.iter().map(|(_, text)| text.as_bytes().to_vec()).collect();
    let (mut read, mut refused) = (0, 0);
    campaign("tables", 150, |chance| {
        let folder = tempfile::tempdir().expect("a folder");
        for _ in 0..1 + below(chance, 2) {
            let (name, text) = &tables[below(chance, tables.len())];
            fs::write(folder.path().join(name), mutated(chance, text.as_bytes(), &others)).expect("a table");
        }
        let model = if chance.random_ratio(1, 2) { ModelKind::Human } else { ModelKind::Microcircuit };
        match promises::of_tables(folder.path(), model) {
            true => read += 1,
            false => refused += 1,
        }
    });
    println!("tables: {read} read, {refused} refused");
}

#[test]
fn a_wrong_array_is_an_error_and_its_length_is_not_believed() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = write_arrays(folder.path());
    let originals = contents(&files);
    campaign("arrays", 1000, |chance| {
        let which = below(chance, files.len());
        fs::write(&files[which], mutated(chance, &originals[which], &originals)).expect("a file");
        promises::of_arrays(folder.path(), &files[which]);
        fs::write(&files[which], &originals[which]).expect("a file");
    });
}

#[test]
fn a_damaged_run_folder_is_an_error_with_its_place() {
    let place = tempfile::tempdir().expect("a folder");
    let run = recorded_run(place.path());
    let files = files_of(&run);
    let originals = contents(&files);
    let (mut analysed, mut refused) = (0, 0);
    let mut damaged = |chance: &mut StdRng| {
        let which = below(chance, files.len());
        let content = mutated(chance, &originals[which], &originals);
        promises::with_content(&files[which], &content, || {
            match promises::of_run_folder(&run, place.path()) {
                true => analysed += 1,
                false => refused += 1,
            }
        });
    };
    campaign("run_folders", 60, &mut damaged);
    println!("run folders: {analysed} analysed, {refused} refused");
}

#[test]
fn wrong_output_of_nest_is_an_error_with_its_place() {
    let place = tempfile::tempdir().expect("a folder");
    let run = recorded_run(place.path());
    let nest = place.path().join("nest");
    let files = write_nest(&nest);
    let originals = contents(&files);
    load(&[run.clone(), nest.clone()], None).expect("output of NEST as it should be");
    campaign("nest", 150, |chance| {
        let which = below(chance, files.len());
        fs::write(&files[which], mutated(chance, &originals[which], &originals)).expect("a file");
        promises::of_nest(&run, &nest);
        fs::write(&files[which], &originals[which]).expect("a file");
    });
}

#[test]
fn a_wrong_checkpoint_is_an_error_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let original = promises::checkpoint(folder.path());
    campaign("checkpoints", 500, |chance| {
        let bytes = mutated(chance, &original, std::slice::from_ref(&original));
        promises::of_checkpoint(folder.path(), bytes);
    });
}

#[test]
fn a_run_goes_on_from_a_wrong_checkpoint_to_a_run_that_is_whole_or_not_at_all() {
    let place = tempfile::tempdir().expect("a folder");
    let stopped = promises::Stopped::below(place.path());
    assert!(promises::of_resumed(&stopped, stopped.checkpoint.clone()), "as it was it goes on");
    let (mut resumed, mut refused) = (0, 0);
    campaign("resumed", 100, |chance| {
        let bytes = mutated(chance, &stopped.checkpoint, std::slice::from_ref(&stopped.checkpoint));
        match promises::of_resumed(&stopped, bytes) {
            true => resumed += 1,
            false => refused += 1,
        }
    });
    println!("checkpoints: {resumed} runs went on, {refused} did not");
}

/// An array whose header tells more than the file holds, or than any memory holds.
#[test]
fn a_length_that_is_made_up_is_refused_before_anything_is_allocated() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(NEURON_FILE);
    NpyWriter::<u32>::create(&path, None).and_then(NpyWriter::finish).expect("no spikes");
    let empty = fs::read(path).expect("a file");
    let path = folder.path().join("spike_counts.npy");
    for (shape, rows) in
        [("4611686018427387904,", None), ("18446744073709551615,", None), ("999999999999, 3", Some(3))]
    {
        let text = String::from_utf8_lossy(&empty[10..]).replace("0,", shape);
        let length = empty.len() - 10;
        let text = format!("{:<width$}\n", text.trim_end(), width = length - 1);
        fs::write(&path, [&empty[..10], text.as_bytes()].concat()).expect("a file");
        let error = match rows {
            None => NpyReader::<u32>::open(&path).expect_err("a lie").to_string(),
            Some(rows) => read_counts(folder.path(), rows).expect_err("a lie").to_string(),
        };
        assert!(error.contains("it has 128 bytes where its header tells"), "{error}");
    }
}

#[test]
fn more_neurons_than_can_be_counted_are_refused_and_not_counted_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = "von_economo_koskinas.csv";
    let table = embedded::table(name).expect("a table");
    let (header, rows) = table.split_once('\n').expect("rows");
    let column = header.split(',').position(|column| column == "neuron_density_per_mm3").expect("a column");
    let dense = rows.lines().map(|row| {
        let mut cells: Vec<&str> = row.split(',').collect();
        cells[column] = "1e19";
        cells.join(",")
    });
    let rows: Vec<String> = dense.collect();
    fs::write(folder.path().join(name), format!("{header}\n{}\n", rows.join("\n"))).expect("a table");
    let anatomy = Anatomy { tables: Some(folder.path().to_path_buf()), ..Anatomy::default() };
    let tables = Tables::load(&anatomy).expect("tables");
    let error = model_of(&ModelOptions { anatomy, ..ModelOptions::default() }, &tables)
        .expect_err("too many neurons");
    assert!(error.to_string().contains("are more than 4294967295"), "{error}");
}

#[test]
fn a_microcircuit_s_population_without_neurons_has_no_synapses() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = "potjans_diesmann_2014.csv";
    let table = embedded::table(name).expect("a table");
    let row = table.lines().find(|row| row.starts_with("VI E,")).expect("a row");
    let neurons = row.split(',').nth(1).expect("neurons");
    let few = row.replacen(&format!(",{neurons},"), ",0.4,", 1);
    fs::write(folder.path().join(name), table.replace(row, &few)).expect("a table");
    let anatomy = Anatomy { tables: Some(folder.path().to_path_buf()), ..Anatomy::default() };
    let tables = Tables::load(&anatomy).expect("tables");
    let options = ModelOptions { anatomy, model: ModelKind::Microcircuit, ..ModelOptions::default() };
    let network = model_of(&options, &tables).expect("a model").network();
    assert_eq!(network.populations[6].neurons, 0);
    assert_eq!(network.check(), Ok(()));
}

#[test]
fn output_of_nest_with_neurons_without_end_is_refused() {
    let place = tempfile::tempdir().expect("a folder");
    let run = recorded_run(place.path());
    let nest = place.path().join("nest");
    fs::create_dir_all(nest.join("spikes")).expect("a folder");
    fs::write(nest.join("spikes/a.dat"), "1\t0.1\n").expect("a file");
    for last in ["90909090", "4294967295", "4294967296"] {
        let populations = format!("('cuneus', 'V', 'E');0;{last}\n");
        fs::write(nest.join("population_GIDs.dat"), populations).expect("a file");
        let error = load(&[run.clone(), nest.clone()], None).expect_err("too many neurons").to_string();
        assert!(error.contains("nest"), "{error}");
    }
    fs::write(nest.join("population_GIDs.dat"), "('cuneus', 'V', 'E');1;9\n").expect("a file");
    fs::write(nest.join("spikes/a.dat"), "1\tNaN\n").expect("a file");
    let error = load(&[run, nest], None).expect_err("no time").to_string();
    assert!(error.contains("NaN ms is not within"), "{error}");
}

#[test]
fn a_network_whose_parts_do_not_fit_is_refused_when_it_is_read() {
    let place = tempfile::tempdir().expect("a folder");
    let run = recorded_run(place.path());
    let folder = run.parent().expect("a network's folder");
    let whole = StoredNetwork::read(folder).expect("a network");
    let damaged = |damage: &dyn Fn(&mut StoredNetwork)| {
        let mut stored = whole.clone();
        damage(&mut stored);
        stored.write(folder).expect("written");
        seal(folder);
        let error = RunFolder::open(&run, &[]).expect_err("damage").to_string();
        assert!(error.contains("network.ron"), "{error}");
        error
    };
    assert!(damaged(&|s| s.network.projections[0].target = 99).contains("99"));
    assert!(damaged(&|s| s.network.projections[0].synapses = u64::MAX).contains("synapses"));
    assert!(damaged(&|s| s.network.populations[0].neurons = u32::MAX).contains("neurons"));
    assert!(damaged(&|s| s.network.populations[0].neurons += 1).contains("neurons"));
    assert!(damaged(&|s| s.network.populations[0].neuron.tau_syn_ex_ms = 0.0).contains("tau_syn_ex_ms"));
    assert!(damaged(&|s| s.with_dc.rates_hz.clear()).contains("rates"));
    whole.write(folder).expect("written");
    seal(folder);
    RunFolder::open(&run, &[]).expect("the run as it was");
}
