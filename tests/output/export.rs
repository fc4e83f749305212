//! Exports hold the run's spikes, NEST's come back as a run, and what cannot be done is refused.
//!
//! `exports/read_back.py` reads the same exports with Python's libraries.

use crate::fixtures::command_line::{Call, Workplace, configuration, spikes};
use ndarray::Array1;
use ndarray_npy::NpzReader;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// 300 ms of 3465 neurons.
fn tiny_run(workplace: &Workplace) -> PathBuf {
    workplace.folder_of(&format!("run {} --engine cpu --quiet --no-analysis", configuration("tiny")))
}

/// The export of a run, which must succeed.
fn exported(workplace: &Workplace, run: &Path, arguments: &str) -> PathBuf {
    workplace.folder_of(&format!("export {} --quiet {arguments}", run.display()))
}

fn neurons_and_steps(run: &Path) -> [Vec<u32>; 2] {
    ["spikes_neuron.npy", "spikes_step.npy"].map(|file| {
        let array: Array1<u32> = ndarray_npy::read_npy(run.join(file)).expect("spikes");
        array.to_vec()
    })
}

/// The call is refused as wrong input with these words, and leaves every file as it was.
fn refused(workplace: &Workplace, arguments: &str, messages: &[&str]) -> Call {
    let before = workplace.tree();
    let call = workplace.call(&format!("{arguments} --quiet"));
    assert_eq!(call.code, Some(2), "{call:?}");
    for message in messages {
        assert!(call.stderr.contains(message), "{message}\nis not in\n{}", call.stderr);
    }
    assert_eq!(workplace.tree(), before);
    call
}

#[test]
fn npz_holds_the_spikes_and_their_times() {
    let workplace = Workplace::new();
    let run = tiny_run(&workplace);
    let folder = exported(&workplace, &run, "--format npz");
    assert_eq!(folder, workplace.path(&format!("{}/export/npz", run.display())));
    let mut npz = NpzReader::new(File::open(folder.join("run.npz")).expect("a file")).expect("an archive");
    let [neurons, steps] = neurons_and_steps(&run);
    let found: Array1<u32> = npz.by_name("neuron").expect("an array");
    assert_eq!(found.to_vec(), neurons);
    let found: Array1<u32> = npz.by_name("step").expect("an array");
    assert_eq!(found.to_vec(), steps);
    let found: Array1<f64> = npz.by_name("time_ms").expect("an array");
    assert_eq!(found.to_vec(), steps.iter().map(|&step| f64::from(step) * 0.1).collect::<Vec<_>>());
    let sizes: Array1<u32> = npz.by_name("population_neurons").expect("an array");
    assert_eq!((sizes.len(), sizes.sum()), (254, 3465));
}

#[test]
fn parquet_holds_the_spikes_with_their_populations() {
    let workplace = Workplace::new();
    let run = tiny_run(&workplace);
    let folder = exported(&workplace, &run, "--format parquet --to tables");
    let open =
        |file| SerializedFileReader::new(File::open(folder.join(file)).expect("a file")).expect("a table");
    let populations: Vec<(u32, u32)> = open("populations.parquet")
        .into_iter()
        .map(|row| row.expect("a row"))
        .map(|row| (row.get_uint(4).expect("first neuron"), row.get_uint(5).expect("neurons")))
        .collect();
    let [neurons, steps] = neurons_and_steps(&run);
    let spikes = open("spikes.parquet");
    assert_eq!(spikes.metadata().file_metadata().num_rows(), neurons.len() as i64);
    for (row, (&neuron, &step)) in spikes.into_iter().zip(neurons.iter().zip(&steps)) {
        let row = row.expect("a row");
        assert_eq!(row.get_uint(0).expect("neuron"), neuron);
        assert_eq!(row.get_uint(2).expect("step"), step);
        assert_eq!(row.get_double(3).expect("time"), f64::from(step) * 0.1);
        let (first, n) = populations[usize::from(row.get_ushort(1).expect("population"))];
        assert!((first..first + n).contains(&neuron));
    }
}

#[test]
fn of_a_run_that_kept_some_spikes_these_are_exported() {
    let workplace = Workplace::new();
    let kept = "--set recording.populations=[\"insula\"]";
    let command = format!("run {} --engine cpu --quiet --no-analysis {kept}", configuration("tiny"));
    let run = workplace.folder_of(&command);
    let [neurons, _] = neurons_and_steps(&run);
    assert!(!neurons.is_empty() && neurons.len() < 5000, "{}", neurons.len());
    for format in ["nest", "sonata", "parquet", "npz"] {
        let folder = exported(&workplace, &run, &format!("--format {format}"));
        let record = fs::read(folder.join("export.json")).expect("a file");
        let record: serde_json::Value = serde_json::from_slice(&record).expect("JSON");
        assert_eq!(record["n_spikes"], neurons.len());
        let missing = record["populations_not_recorded"].as_array().expect("a list");
        assert!(missing.contains(&"cuneus V E".into()) && !missing.contains(&"insula V E".into()));
    }
}

#[test]
fn what_nest_gets_comes_back_as_a_run_of_its_own() {
    let workplace = Workplace::new();
    let run = tiny_run(&workplace);
    exported(&workplace, &run, "--format nest --to nest");
    let import = format!("import nest --like {} --quiet", run.display());
    let imported = workplace.folder_of(&import);
    assert_eq!(spikes(&imported), spikes(&run));
    let text = |folder: &Path, file: &str| fs::read_to_string(folder.join(file)).expect("a file");
    for file in ["populations.csv", "rates.csv", "config.ron"] {
        assert_eq!(text(&imported, file), text(&run, file), "{file}");
    }
    assert!(text(&imported, "manifest.json").contains("\"engine\": \"nest (imported)\""));
    // Of the same configuration by its name it is the same run, and is found.
    let again = workplace.call(&format!("import nest --like {} --quiet", configuration("tiny")));
    assert!(again.stdout.contains("found and used again"), "{again:?}");

    let analysed = workplace.call(&format!("analyze {} --figures none --quiet", imported.display()));
    assert_eq!(analysed.code, Some(0), "{analysed:?}");
    let report = text(&imported, "report.html");
    assert!(report.contains("spikes imported from") && !report.contains("time to simulate"));
    let compared = workplace.call(&format!("compare {} {} --quiet", run.display(), imported.display()));
    assert_eq!(compared.code, Some(0), "{compared:?}");
    // Spikes can be exported again; synapses behind them are not known.
    let sonata = format!("export {} --format sonata", imported.display());
    refused(&workplace, &sonata, &["the synapses of this run are not known", "--no-edges"]);
    exported(&workplace, &imported, "--format sonata --no-edges --to sonata");
}

#[test]
fn populations_that_were_not_recorded_are_absent_after_export_and_import() {
    let workplace = Workplace::new();
    let kept = "--set recording.populations=[\"insula\"]";
    let command = format!("run {} --engine cpu --quiet --no-analysis {kept}", configuration("tiny"));
    let run = workplace.folder_of(&command);
    let nest = exported(&workplace, &run, "--format nest --to nest");
    let text = |folder: &Path, file: &str| fs::read_to_string(folder.join(file)).expect("a file");
    assert!(text(&nest, "population_GIDs.dat").lines().all(|line| line.starts_with("('insula', ")));
    let imported = workplace.folder_of(&format!("import nest --like {} --quiet", configuration("tiny")));
    assert_eq!(spikes(&imported), spikes(&run));
    let rates = csv::Reader::from_path(imported.join("rates.csv")).expect("a table").into_records();
    for row in rates.map(|row| row.expect("a row")) {
        assert_eq!(row[4].is_empty(), row[0] != *"insula", "{row:?}");
    }
    let again = exported(&workplace, &imported, "--format nest --to again");
    for file in ["population_GIDs.dat", "spikes.gdf"] {
        assert_eq!(text(&again, file), text(&nest, file));
    }
    let call = workplace.call(&format!("analyze {} --figures none --quiet", imported.display()));
    assert_eq!(call.code, Some(0), "{call:?}");
    let populations = csv::Reader::from_path(imported.join("analysis/populations.csv")).expect("a table");
    for row in populations.into_records().map(|row| row.expect("a row")) {
        assert_eq!(row[4].is_empty(), row[0] != *"insula", "{row:?}");
    }
}

#[test]
fn run_never_takes_an_imported_run_for_its_own() {
    let workplace = Workplace::new();
    let run = tiny_run(&workplace);
    exported(&workplace, &run, "--format nest --to nest");
    let imported = workplace.folder_of(&format!("import nest --like {} --quiet", run.display()));
    fs::remove_dir_all(&run).expect("no run");
    let command = format!("run {} --quiet --no-analysis", configuration("tiny"));
    let made = workplace.call(&command);
    assert!(made.stdout.contains("run:          made"), "{made:?}");
    // Not even where it is put in the place of one.
    fs::remove_dir_all(&run).expect("no run");
    fs::rename(&imported, &run).expect("another name");
    let call = workplace.call(&command);
    assert_eq!(call.code, Some(1), "{call:?}");
    assert!(call.stderr.contains("it holds the run nest-") && call.stderr.contains("--force"), "{call:?}");
}

#[test]
fn spikes_of_nest_follow_the_names_of_populations_not_their_order() {
    let workplace = Workplace::new();
    let run = tiny_run(&workplace);
    let nest = exported(&workplace, &run, "--format nest --to nest");
    let file = nest.join("population_GIDs.dat");
    let text = fs::read_to_string(&file).expect("a file");
    let reversed: Vec<&str> = text.lines().rev().collect();
    fs::write(&file, reversed.join("\n")).expect("a file");
    let imported = workplace.folder_of(&format!("import nest --like {} --quiet", run.display()));
    assert_eq!(spikes(&imported), spikes(&run));
}

#[test]
fn sonata_has_every_spike_and_synapse() {
    let workplace = Workplace::new();
    let run = tiny_run(&workplace);
    let folder = exported(&workplace, &run, "--format sonata --to sonata");
    let bytes = |file: &str| fs::read(folder.join(file)).expect("a file");
    // Arrays come last, in the order of the documentation: times, then nodes.
    let [neurons, steps] = neurons_and_steps(&run);
    let times = steps.iter().flat_map(|&step| (f64::from(step) * 0.1).to_le_bytes());
    let nodes = neurons.iter().flat_map(|&neuron| u64::from(neuron).to_le_bytes());
    let arrays: Vec<u8> = times.chain(nodes).collect();
    assert!(bytes("spikes.h5").ends_with(&arrays));
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(run.join("manifest.json")).expect("a file")).expect("JSON");
    let n_synapses = manifest["n_synapses"].as_u64().expect("a number");
    let edges = bytes("edges.h5").len() as u64;
    assert!(edges > 60 * n_synapses && edges < 66 * n_synapses, "{edges} bytes for {n_synapses} edges");

    let few = format!("export {} --format sonata --to few", run.display());
    let messages = ["the network has 170844 synapses, and --max-synapses is 1000", "0.0 GB", "--no-edges"];
    refused(&workplace, &format!("{few} --max-synapses 1000"), &messages);
    exported(&workplace, &run, "--format sonata --to few --no-edges");
    assert!(!workplace.path("few/edges.h5").exists() && workplace.path("few/nodes.h5").exists());
}

#[test]
fn only_an_export_is_replaced_and_only_when_asked_for() {
    let workplace = Workplace::new();
    let run = tiny_run(&workplace);
    let export = |to: &str| format!("export {} --format npz --to {to}", run.display());
    workplace.write("mine/thesis.txt", "years of work");
    for force in ["", " --force"] {
        refused(&workplace, &format!("{}{force}", export("mine")), &["mine is there, and is no export"]);
        let own = run.display().to_string();
        refused(&workplace, &format!("{}{force}", export(&own)), &["is no export"]);
    }
    fs::create_dir(workplace.path("new")).expect("a folder");
    exported(&workplace, &run, "--format npz --to new");
    refused(&workplace, &export("new"), &["new is there already", "--force"]);
    exported(&workplace, &run, "--format nest --to new --force");
    assert!(workplace.path("new/spikes.gdf").exists() && !workplace.path("new/run.npz").exists());
}

#[test]
fn what_is_no_run_or_is_damaged_is_not_exported() {
    let workplace = Workplace::new();
    workplace.write("empty/readme", "nothing");
    refused(&workplace, "export empty --format nest", &["empty is no run folder"]);
    refused(&workplace, "export empty --format matlab", &["nest, sonata, parquet, npz"]);
    let run = tiny_run(&workplace);
    let manifest = run.join("manifest.json");
    let text = fs::read_to_string(&manifest).expect("a file");
    fs::write(&manifest, text.replace("\"n_spikes_recorded\": 5", "\"n_spikes_recorded\": 6"))
        .expect("a file");
    let before = workplace.tree();
    for format in ["nest", "sonata", "parquet", "npz"] {
        let call = workplace.call(&format!("export {} --format {format} --quiet", run.display()));
        assert_eq!(call.code, Some(1), "{call:?}");
        assert!(call.stderr.contains("spikes, and the manifest tells"), "{call:?}");
        assert_eq!(workplace.tree(), before, "{format}");
    }
}

#[test]
fn what_is_not_of_the_network_is_not_imported() {
    let workplace = Workplace::new();
    let run = tiny_run(&workplace);
    let nest = exported(&workplace, &run, "--format nest --to nest");
    let import = format!("import nest --like {}", run.display());
    refused(&workplace, &format!("import {0} --like {0}", run.display()), &["population_GIDs.dat"]);
    refused(&workplace, "import nest --like none.ron", &["cannot read none.ron"]);

    let spoilt = |file: &str, spoil: &dyn Fn(&str) -> String, messages: &[&str]| {
        let path = nest.join(file);
        let text = fs::read_to_string(&path).expect("a file");
        fs::write(&path, spoil(&text)).expect("a file");
        refused(&workplace, &import, messages);
        fs::write(&path, text).expect("a file");
    };
    let populations = "population_GIDs.dat";
    let renamed = |text: &str| text.replacen("bankssts", "atlantis", 1);
    spoilt(populations, &renamed, &["it has atlantis II/III E, which the network has not", "--like"]);
    let shorter = |text: &str| text.replacen(";1;39", ";1;38", 1);
    spoilt(populations, &shorter, &["bankssts II/III E has 38 neurons, and in the network 39"]);
    let none = |_: &str| String::new();
    spoilt(populations, &none, &["it has no population"]);
    let huge = |text: &str| text.replacen(";1;39", ";1;4294967295", 1);
    spoilt(populations, &huge, &["line 1 makes more than 100000000 neurons"]);

    let recorder = "spikes/spike_recorder-1-0.dat";
    let cut = |text: &str| text[..text.len() - 8].to_owned();
    let spikes = fs::read_to_string(nest.join(recorder)).expect("a file");
    let last = spikes.lines().count();
    let first = spikes.lines().nth(3).expect("a spike");
    let (sender, time_ms) = first.split_once('\t').expect("a sender and a time");
    let neuron = sender.parse::<u32>().expect("a sender") - 1;
    let time_ms: f64 = time_ms.parse().expect("a time");
    let place = format!("spike_recorder-1-0.dat: line {last}:");
    spoilt(recorder, &cut, &[&place[..place.len() - 1], "cut short"]);
    let twice = |text: &str| format!("{text}{first}\n");
    spoilt(recorder, &twice, &[&format!("neuron {neuron} (from 0) spikes twice at {time_ms} ms")]);
    let later = |text: &str| format!("{text}71\t300.100\n");
    spoilt(recorder, &later, &[&format!("line {}: 300.1 ms is not within 300 ms", last + 1)]);
    let words = |text: &str| text.replacen(first, "seventy-one\t0.100\n72\tsoon", 1);
    spoilt(recorder, &words, &["line 4: 'seventy-one\t0.100' is no sender with a time"]);
}
