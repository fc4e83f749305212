//! What holds of every input, however wrong: it is an error with its place, or the program computes with
//! it. The tests of `tests/fuzz_*.rs` and the targets of `fuzz/` hold it against their inputs.
#![allow(dead_code, reason = "each user takes a part")]

#[path = "seal.rs"]
pub mod seal;

use humam_gpu::analysis::compare::{compare, load};
use humam_gpu::analysis::{RunFolder, SpikeSource, analyse};
use humam_gpu::anatomy::Tables;
use humam_gpu::build::model_of;
use humam_gpu::config::{self, Anatomy, Config, ConfigError, ModelKind, Override};
use humam_gpu::engine::{Past, State};
use humam_gpu::integer::Formats;
use humam_gpu::progress::{Interruption, Progress, Stage};
use humam_gpu::recording::{
    CHECKPOINT_FILE, Checkpoint, NEURON_FILE, NpyReader, NpyWriter, RunPosition, STEP_FILE, SpikeBounds,
    StoredNetwork, first_difference, read_counts, read_spikes,
};
use humam_gpu::run::{Output, RunError, resume, run};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// Probability with which two sides that differ in their seeds alone are told apart.
const ALPHA: f64 = 0.01;
/// File with spike counts.
const COUNTS_FILE: &str = "spike_counts.npy";
/// Populations that are counted in it.
const COUNTED: usize = 3;
/// What the spikes of [`write_arrays`] stay within.
const BOUNDS: SpikeBounds = SpikeBounds { n_neurons: 57, n_steps: 400 };

/// Errors name the file, the option, or a key that has its default.
pub fn has_a_place(error: &ConfigError, file: &Path) {
    let file = file.display().to_string();
    for problem in &error.0 {
        let message = problem.to_string();
        let places = [&*file, "--set", "(default)", "builtin:", "--vary", "--seeds"];
        assert!(places.iter().any(|place| message.contains(place)), "no place in {message}");
    }
    assert!(!error.0.is_empty());
}

/// The file `path` is no configuration, or one that is the same when it is written and read again.
pub fn of_configuration(path: &Path) {
    match config::load(path, &[]) {
        Err(error) => has_a_place(&error, path),
        Ok(config) => {
            let again = path.with_file_name("again.ron");
            fs::write(&again, config::to_ron(&config)).expect("a file");
            assert_eq!(config::load(&again, &[]), Ok(config), "what is written is read");
        }
    }
}

/// Each of `texts` behind `--set`, all together.
pub fn of_options(texts: &[String]) {
    let builtin = Path::new("builtin:tiny");
    let overrides: Result<Vec<Override>, _> = texts.iter().map(|text| Override::set(text)).collect();
    if let Err(error) = overrides.and_then(|overrides| config::load(builtin, &overrides)) {
        has_a_place(&error, builtin);
    }
}

/// The tables of `folder`, in place of those that the program has, make that model or none; returns
/// whether they are tables.
pub fn of_tables(folder: &Path, model: ModelKind) -> bool {
    let anatomy = Anatomy { tables: Some(folder.to_path_buf()), ..Anatomy::default() };
    match Tables::load(&anatomy) {
        Err(error) => {
            assert!(error.to_string().contains(".csv"), "no place in {error}");
            false
        }
        Ok(tables) => {
            match model_of(&Config { model, anatomy, ..Config::default() }, &tables) {
                Err(error) => assert!(!error.to_string().is_empty()),
                Ok(model) => assert_eq!(model.network().check(), Ok(())),
            }
            true
        }
    }
}

/// Writes arrays of a run to `folder`; returns their files.
pub fn write_arrays(folder: &Path) -> [PathBuf; 3] {
    let files = [NEURON_FILE, STEP_FILE, COUNTS_FILE].map(|name| folder.join(name));
    let mut neurons = NpyWriter::<u32>::create(&files[0], None).expect("a file");
    let mut steps = NpyWriter::<u32>::create(&files[1], None).expect("a file");
    for step in 1..400 {
        neurons.extend(&[step % 50, 50 + step % 7]).expect("written");
        steps.extend(&[step, step]).expect("written");
    }
    assert_eq!((neurons.finish().expect("written"), steps.finish().expect("written")), (798, 798));
    let mut counts = NpyWriter::<u32>::create(&files[2], Some(COUNTED as u64)).expect("a file");
    counts.extend(&[7; 300]).expect("written");
    counts.finish().expect("written");
    files
}

/// The arrays of `folder`, of which `changed` is not as [`write_arrays`] wrote it.
pub fn of_arrays(folder: &Path, changed: &Path) {
    if let Err(error) = NpyReader::open(changed) {
        assert!(error.to_string().contains(changed.to_str().expect("UTF-8")), "no place in {error}");
    }
    let spikes = read_spikes(folder, BOUNDS, &mut |step, neurons| {
        assert!((1..=BOUNDS.n_steps).contains(&step));
        assert!(neurons.iter().all(|&neuron| neuron < BOUNDS.n_neurons));
    });
    let counts = read_counts(folder, COUNTED);
    for error in [spikes.err(), counts.err(), first_difference(folder, folder).err()].into_iter().flatten() {
        assert!(error.to_string().contains(folder.to_str().expect("UTF-8")), "no place in {error}");
    }
}

/// The configuration of [`recorded_run`].
pub fn small() -> Config {
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
    config::load(Path::new("builtin:tiny"), &overrides.map(set)).expect("a configuration")
}

/// A run with all that can be recorded, below `folder`.
pub fn recorded_run(folder: &Path) -> PathBuf {
    run(&small(), &Output { folder: folder.to_path_buf(), force: false }, &mut ()).expect("a run").folder
}

/// Files of a run and its network that a reader may open; that of the network, which all else follows
/// from, is there several times.
pub fn files_of(run: &Path) -> Vec<PathBuf> {
    let entries = run.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.is_file()).collect();
    let network = run.parent().expect("a network's folder").join("network.ron");
    files.extend(std::iter::repeat_n(network, 5));
    files.sort();
    files
}

/// Does `work` with `content` in the place of a file of a run or its network. The hashes that its folder tells
/// are made anew, so that what is wrong is not found by these alone.
pub fn with_content(path: &Path, content: &[u8], work: impl FnOnce()) {
    let put = |content: &[u8]| {
        fs::write(path, content).expect("a file");
        if path.file_name().is_some_and(|name| name != "manifest.json") {
            seal::seal(path.parent().expect("a folder"));
        }
    };
    let original = fs::read(path).expect("a file");
    put(content);
    work();
    put(&original);
}

/// The folder of a run below `place`; returns whether it could be analysed.
pub fn of_run_folder(run: &Path, place: &Path) -> bool {
    let analysed = RunFolder::open(run, &[]).and_then(analyse);
    if let Err(error) = &analysed {
        let text = error.to_string();
        assert!(text.contains(place.to_str().expect("UTF-8")), "no place in {text}");
    }
    if let Ok(stored) = StoredNetwork::read(run.parent().expect("a folder")) {
        assert_eq!(stored.network.check(), Ok(()));
    }
    if let Ok(members) = load(&[run.to_path_buf(), run.to_path_buf()]) {
        let same = compare(&[&members[0]], &[&members[1]], ALPHA);
        let is_told_apart = !same.is_ok_and(|same| same.decision.is_within() != Some(false));
        assert!(!is_told_apart, "a run does not differ from itself");
    }
    analysed.is_ok()
}

/// Writes what NEST would to `folder`, of some neurons of [`recorded_run`]; returns its files.
pub fn write_nest(folder: &Path) -> [PathBuf; 2] {
    fs::create_dir_all(folder.join("spikes")).expect("a folder");
    let populations =
        "('cuneus', 'II/III', 'E');1;40\n('cuneus', 'V', 'I');41;50\n('insula', 'V', 'E');51;90\n";
    let spikes: String =
        (0..300).map(|k| format!("{}\t{:.1}00\n", 1 + k % 90, 0.1 + 0.2 * f64::from(k))).collect();
    let spikes = format!("# NEST version: 3.10\n# RecordBackendASCII version: 2\nsender\ttime_ms\n{spikes}");
    let files = [folder.join("population_GIDs.dat"), folder.join("spikes/spikes-1-0.dat")];
    files.iter().zip([populations, &spikes]).for_each(|(path, text)| fs::write(path, text).expect("a file"));
    files
}

/// Output of NEST in `nest`, beside a run.
pub fn of_nest(run: &Path, nest: &Path) {
    match load(&[run.to_path_buf(), nest.to_path_buf()]) {
        Err(error) => assert!(error.to_string().contains("nest"), "no place in {error}"),
        Ok(members) => drop(compare(&[&members[0]], &[&members[1]], ALPHA)),
    }
}

/// A checkpoint's bytes but for the hash at their end.
pub fn checkpoint(folder: &Path) -> Vec<u8> {
    let steps = 128;
    let checkpoint = Checkpoint {
        simulation_hash: "abc".into(),
        formats: Formats { v_m_bits: 13, current_bits: 14, weight_bits: 9 },
        simulated_us: 5,
        state: State { v_m: (0..50).collect(), current: vec![[1, -1]; 50] },
        past: Past {
            first_step: 1,
            ends: (1..=steps).collect(),
            neurons: (0..steps).map(|k| k % 50).collect(),
        },
        position: RunPosition { n_spikes: 9, counts: Some((7, vec![0, 9])), ..RunPosition::default() },
    };
    checkpoint.write(folder).expect("written");
    let mut bytes = fs::read(folder.join(CHECKPOINT_FILE)).expect("a file");
    bytes.truncate(bytes.len() - 32);
    bytes
}

/// A checkpoint of `bytes` in `folder`, with its hash made anew, so that what is wrong is not found by that
/// alone.
pub fn of_checkpoint(folder: &Path, mut bytes: Vec<u8>) {
    let hash = Sha256::digest(&bytes);
    bytes.extend(hash);
    fs::write(folder.join(CHECKPOINT_FILE), bytes).expect("a file");
    match Checkpoint::read(folder) {
        Err(error) => assert!(error.to_string().contains(CHECKPOINT_FILE), "no place in {error}"),
        Ok(found) => {
            let found = found.expect("a file that is there");
            assert_eq!(found.past.steps().count(), found.past.ends.len());
            assert_eq!(found.step(), found.past.last_step());
        }
    }
}

/// Stops a run once it has come so far.
struct StopsAt {
    step: u32,
    interruption: Interruption,
}

impl Progress for StopsAt {
    fn stage(&mut self, _: Stage) {}

    fn simulated(&mut self, step: u32, _: u32, _: f64) {
        if step >= self.step {
            self.interruption.ask();
        }
    }

    fn interruption(&self) -> Interruption {
        self.interruption.clone()
    }
}

/// A run that was stopped in the middle.
pub struct Stopped {
    /// The folder of all runs.
    place: PathBuf,
    /// The run's own.
    folder: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
    /// Its checkpoint but for the hash at the end.
    pub checkpoint: Vec<u8>,
}

impl Stopped {
    /// The run of [`small`], below `place`.
    pub fn below(place: &Path) -> Self {
        let mut config = small();
        config.engine.checkpoint_every_ms = Some(6.4);
        let mut stops = StopsAt { step: 300, interruption: Interruption::default() };
        let output = Output { folder: place.to_path_buf(), force: false };
        let stopped = run(&config, &output, &mut stops).expect_err("a run that stops");
        let RunError::Interrupted { folder, .. } = stopped else { panic!("{stopped}") };
        let paths = folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path());
        let files = paths.map(|path| (path.clone(), fs::read(path).expect("a file"))).collect();
        let mut checkpoint = fs::read(folder.join(CHECKPOINT_FILE)).expect("a checkpoint");
        checkpoint.truncate(checkpoint.len() - 32);
        Self { place: place.to_path_buf(), folder, files, checkpoint }
    }

    /// Everything as it was when it stopped.
    fn restore(&self) {
        for folder in [&self.folder, &self.folder.with_extension("")] {
            drop(fs::remove_dir_all(folder));
        }
        fs::create_dir(&self.folder).expect("a folder");
        self.files.iter().for_each(|(path, content)| fs::write(path, content).expect("a file"));
    }
}

/// The run that was stopped goes on from a checkpoint of `bytes`, whose hash is made anew, to files that
/// agree with each other, or tells why it cannot; returns whether it does.
pub fn of_resumed(stopped: &Stopped, mut bytes: Vec<u8>) -> bool {
    stopped.restore();
    let hash = Sha256::digest(&bytes);
    bytes.extend(hash);
    fs::write(stopped.folder.join(CHECKPOINT_FILE), bytes).expect("a file");
    match resume(&stopped.folder, &[], &mut ()) {
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains(stopped.place.to_str().expect("UTF-8")), "no place in {text}");
            false
        }
        Ok(report) => {
            let run = RunFolder::open(&report.folder, &[]).expect("a run that is whole");
            run.spikes().for_each_step(&mut |_, _| ()).expect("as many spikes as the manifest tells");
            let bins = read_counts(&report.folder, run.populations.len()).expect("counts").nrows();
            assert_eq!(bins as u32, run.manifest.n_steps / run.counts_bin_steps.expect("bins"));
            true
        }
    }
}
