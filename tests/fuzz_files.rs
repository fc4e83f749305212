//! Whatever stands in a file that the program reads, a table, a run folder, output of NEST: it says what
//! is wrong with it, and where, or computes with it. It neither panics nor believes a length that the
//! file does not have.

#[path = "common/campaign.rs"]
mod campaign;
#[path = "common/mutation.rs"]
mod mutation;
#[path = "common/seal.rs"]
mod seal;

use campaign::campaign;
use humam_gpu::analysis::compare::{compare, load};
use humam_gpu::analysis::{RunFolder, analyse};
use humam_gpu::anatomy::{Tables, embedded};
use humam_gpu::build::model_of;
use humam_gpu::config::{self, Anatomy, Config, ModelKind, Override};
use humam_gpu::engine::{Past, State};
use humam_gpu::recording::{
    CHECKPOINT_FILE, Checkpoint, NEURON_FILE, NpyReader, NpyWriter, RunPosition, STEP_FILE, SpikeBounds,
    StoredNetwork, first_difference, read_counts, read_spikes,
};
use humam_gpu::run::{Output, run};
use mutation::{Chance, mutated};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// Probability with which two sides that differ in their seeds alone are told apart.
const ALPHA: f64 = 0.01;

#[test]
fn a_wrong_table_is_an_error_with_its_place() {
    let tables = embedded::TABLES;
    let others: Vec<Vec<u8>> = tables.iter().map(|(_, text)| text.as_bytes().to_vec()).collect();
    let (mut read, mut refused) = (0, 0);
    campaign("tables", 150, |chance| {
        let folder = tempfile::tempdir().expect("a folder");
        for _ in 0..1 + chance.below(2) {
            let (name, text) = &tables[chance.below(tables.len())];
            fs::write(folder.path().join(name), mutated(chance, text.as_bytes(), &others)).expect("a table");
        }
        let anatomy = Anatomy { tables: Some(folder.path().to_path_buf()), ..Anatomy::default() };
        match Tables::load(&anatomy) {
            Err(error) => {
                assert!(error.to_string().contains(".csv"), "no place in {error}");
                refused += 1;
            }
            Ok(tables) => {
                let model = if chance.one_in(2) { ModelKind::Human } else { ModelKind::Microcircuit };
                match model_of(&Config { model, anatomy, ..Config::default() }, &tables) {
                    Err(error) => assert!(!error.to_string().is_empty()),
                    Ok(model) => assert_eq!(model.network().check(), Ok(())),
                }
                read += 1;
            }
        }
    });
    println!("tables: {read} read, {refused} refused");
}

#[test]
fn a_wrong_array_is_an_error_and_its_length_is_not_believed() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let mut neurons = NpyWriter::<u32>::create(&at(NEURON_FILE), None).expect("a file");
    let mut steps = NpyWriter::<u32>::create(&at(STEP_FILE), None).expect("a file");
    for step in 1..400 {
        neurons.extend(&[step % 50, 50 + step % 7]).expect("written");
        steps.extend(&[step, step]).expect("written");
    }
    assert_eq!((neurons.finish().expect("written"), steps.finish().expect("written")), (798, 798));
    let mut counts = NpyWriter::<u32>::create(&at("spike_counts.npy"), Some(3)).expect("a file");
    counts.extend(&[7; 300]).expect("written");
    counts.finish().expect("written");
    let names = [NEURON_FILE, STEP_FILE, "spike_counts.npy"];
    let originals: Vec<Vec<u8>> = names.iter().map(|name| fs::read(at(name)).expect("a file")).collect();
    let bounds = SpikeBounds { n_neurons: 57, n_steps: 400 };
    campaign("arrays", 1000, |chance| {
        let which = chance.below(3);
        fs::write(at(names[which]), mutated(chance, &originals[which], &originals)).expect("a file");
        if let Err(error) = NpyReader::open(&at(names[which])) {
            assert!(error.to_string().contains(names[which]), "no place in {error}");
        }
        let spikes = read_spikes(folder.path(), bounds, &mut |step, neurons| {
            assert!((1..=400).contains(&step) && neurons.iter().all(|&neuron| neuron < 57));
        });
        let counts = read_counts(folder.path(), 3);
        for error in [spikes.err(), counts.err(), first_difference(folder.path(), folder.path()).err()] {
            assert!(
                error.is_none_or(|error| error.to_string().contains(folder.path().to_str().expect("UTF-8")))
            );
        }
        fs::write(at(names[which]), &originals[which]).expect("a file");
    });
}

/// A run with all that can be recorded, below `folder`.
fn recorded_run(folder: &Path) -> PathBuf {
    let set = |text: &str| Override::set(text).expect("an assignment");
    let overrides = [
        "areas=[\"cuneus\",\"insula\",\"fusiform\"]",
        "replace_missing_areas=none",
        "simulation.duration_ms=60",
        "simulation.statistics_from_ms=10",
        "recording.spike_counts=true",
        "recording.populations=[\"cuneus\",\"insula\"]",
        r#"recording.voltmeter=[{"populations": "cuneus V E", "neurons": 1, "interval_ms": 1.0}]"#,
        "engine.engine=reference",
    ];
    let config = config::load(Path::new("builtin:tiny"), &overrides.map(set)).expect("a configuration");
    let output = Output { folder: folder.to_path_buf(), force: false };
    run(&config, &output, &mut ()).expect("a run").folder
}

/// Files of a run and its network that a reader may open.
fn files_of(run: &Path) -> Vec<PathBuf> {
    let names = |folder: &Path| -> Vec<PathBuf> {
        let entries = folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path());
        entries.filter(|path| path.is_file()).collect()
    };
    let mut files = names(run);
    // Half of the cases go there: it is what all else follows from.
    let network = run.parent().expect("a network's folder").join("network.ron");
    files.extend(std::iter::repeat_n(network, 5));
    files.sort();
    files
}

/// Makes the hashes anew that the folder of `file` tells, so that what is wrong is not found by these alone.
fn seal_again(file: &Path) {
    if file.file_name().is_some_and(|name| name != "manifest.json") {
        seal::seal(file.parent().expect("a folder"));
    }
}

#[test]
fn a_damaged_run_folder_is_an_error_with_its_place() {
    let place = tempfile::tempdir().expect("a folder");
    let run = recorded_run(place.path());
    let files = files_of(&run);
    let originals: Vec<Vec<u8>> = files.iter().map(|path| fs::read(path).expect("a file")).collect();
    let (mut analysed, mut refused) = (0, 0);
    let mut damaged = |chance: &mut Chance| {
        let which = chance.below(files.len());
        fs::write(&files[which], mutated(chance, &originals[which], &originals)).expect("a file");
        seal_again(&files[which]);
        match RunFolder::open(&run, &[]).and_then(analyse) {
            Err(error) => {
                let text = error.to_string();
                assert!(text.contains(place.path().to_str().expect("UTF-8")), "no place in {text}");
                refused += 1;
            }
            Ok(_) => analysed += 1,
        }
        if let Ok(stored) = StoredNetwork::read(run.parent().expect("a folder")) {
            assert_eq!(stored.network.check(), Ok(()));
        }
        if let Ok(members) = load(&[run.clone(), run.clone()]) {
            let same = compare(&[&members[0]], &[&members[1]], ALPHA);
            assert!(
                same.is_ok_and(|same| same.decision.is_within() != Some(false)),
                "a run does not differ from itself"
            );
        }
        fs::write(&files[which], &originals[which]).expect("a file");
        seal_again(&files[which]);
    };
    campaign("run_folders", 60, &mut damaged);
    println!("run folders: {analysed} analysed, {refused} refused");
}

#[test]
fn wrong_output_of_nest_is_an_error_with_its_place() {
    let place = tempfile::tempdir().expect("a folder");
    let run = recorded_run(place.path());
    let nest = place.path().join("nest");
    fs::create_dir_all(nest.join("spikes")).expect("a folder");
    let populations =
        "('cuneus', 'II/III', 'E');1;40\n('cuneus', 'V', 'I');41;50\n('insula', 'V', 'E');51;90\n";
    let spikes: String =
        (0..300).map(|k| format!("{}\t{:.1}00\n", 1 + k % 90, 0.1 + 0.2 * f64::from(k))).collect();
    let spikes = format!("# NEST version: 3.10\n# RecordBackendASCII version: 2\nsender\ttime_ms\n{spikes}");
    let files = [nest.join("population_GIDs.dat"), nest.join("spikes/spikes-1-0.dat")];
    let originals = [populations.as_bytes().to_vec(), spikes.into_bytes()];
    files.iter().zip(&originals).for_each(|(path, text)| fs::write(path, text).expect("a file"));
    load(&[run.clone(), nest.clone()]).expect("output of NEST as it should be");
    campaign("nest", 150, |chance| {
        let which = chance.below(2);
        fs::write(&files[which], mutated(chance, &originals[which], &originals)).expect("a file");
        match load(&[run.clone(), nest.clone()]) {
            Err(error) => assert!(error.to_string().contains("nest"), "no place in {error}"),
            Ok(members) => drop(compare(&[&members[0]], &[&members[1]], ALPHA)),
        }
        fs::write(&files[which], &originals[which]).expect("a file");
    });
}

/// With its hash made anew, so that what is wrong is not found by that alone.
#[test]
fn a_wrong_checkpoint_is_an_error_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let steps = 128;
    let checkpoint = Checkpoint {
        simulation_hash: "abc".into(),
        formats: humam_gpu::integer::Formats { v_m_bits: 13, current_bits: 14, weight_bits: 9 },
        simulated_us: 5,
        state: State { v_m: (0..50).collect(), current: vec![[1, -1]; 50] },
        past: Past {
            first_step: 1,
            ends: (1..=steps).collect(),
            neurons: (0..steps).map(|k| k % 50).collect(),
        },
        position: RunPosition { n_spikes: 9, counts: Some((7, vec![0, 9])), ..RunPosition::default() },
    };
    checkpoint.write(folder.path()).expect("written");
    let path = folder.path().join(CHECKPOINT_FILE);
    let whole = fs::read(&path).expect("a file");
    let original = whole[..whole.len() - 32].to_vec();
    campaign("checkpoints", 500, |chance| {
        let mut bytes = mutated(chance, &original, std::slice::from_ref(&original));
        let hash = Sha256::digest(&bytes);
        bytes.extend(hash);
        fs::write(&path, bytes).expect("a file");
        match Checkpoint::read(folder.path()) {
            Err(error) => assert!(error.to_string().contains(CHECKPOINT_FILE), "no place in {error}"),
            Ok(found) => {
                let found = found.expect("a file that is there");
                assert_eq!(found.past.steps().count(), found.past.ends.len());
                assert_eq!(found.step(), found.past.last_step());
            }
        }
    });
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
            None => NpyReader::open(&path).expect_err("a lie").to_string(),
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
    let error = model_of(&Config { anatomy, ..Config::default() }, &tables).expect_err("too many neurons");
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
    let config = Config { anatomy, model: ModelKind::Microcircuit, ..Config::default() };
    let network = model_of(&config, &tables).expect("a model").network();
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
        let error = load(&[run.clone(), nest.clone()]).expect_err("too many neurons").to_string();
        assert!(error.contains("nest"), "{error}");
    }
    fs::write(nest.join("population_GIDs.dat"), "('cuneus', 'V', 'E');1;9\n").expect("a file");
    fs::write(nest.join("spikes/a.dat"), "1\tNaN\n").expect("a file");
    let error = load(&[run, nest]).expect_err("no time").to_string();
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
        seal::seal(folder);
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
    seal::seal(folder);
    RunFolder::open(&run, &[]).expect("the run as it was");
}
