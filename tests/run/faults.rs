//! What goes wrong around a run is told with what to do, leaves what was saved, and never a wrong result.
//! A device that is lost or full is in `src/engine/gpu/fault_tests.rs`, a full buffer of spikes in
//! `tests/engine/gpu_engine.rs`, a process that is killed in `checkpoints.rs`.
#![cfg(unix)]

use crate::fixtures::adapter::test_adapter;
use crate::fixtures::command_line::{Workplace, configuration, spikes};
use crate::fixtures::small_disk::SmallDisk;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A network that is built in no time, with 1.6 MB of spikes in 5 MB of files.
const CONFIG: &str = r#"(
    name: "faults",
    scaling: (n_scaling: 0.001, k_scaling: 0.004),
    simulation: (seed: 3, duration_ms: 1000.0, statistics_from_ms: 100.0),
)"#;
const RUN: &str = "run faults.ron --engine cpu --no-analysis -q";
/// A run is saved every so often.
const SAVED: &str = "run faults.ron --engine cpu --no-analysis -q --checkpoint-every 50";
/// The page of a tmpfs, in which files take their room.
const PAGE_BYTES: u64 = 4096;
/// Longest time that a test waits for what takes a second.
const PATIENCE: Duration = Duration::from_secs(120);

fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.write("faults.ron", CONFIG);
    workplace
}

/// What a command told when it ended.
struct Told {
    code: Option<i32>,
    stderr: String,
}

impl Told {
    fn of(output: Output) -> Self {
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(!stderr.contains("panicked"), "{stderr}");
        Self { code: output.status.code(), stderr }
    }

    fn by(command: &mut Command) -> Self {
        Self::of(command.output().expect("the program starts"))
    }

    /// It failed, and told all of that.
    #[track_caller]
    fn failed_with(self, parts: &[&str]) -> String {
        assert_eq!(self.code, Some(1), "{}", self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "'{part}' is not in: {}", self.stderr);
        }
        self.stderr
    }

    #[track_caller]
    fn succeeded(self) {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
    }
}

/// A run that goes on, and ends with the test.
struct Running(Option<Child>);

impl Running {
    fn child(&mut self) -> &mut Child {
        self.0.as_mut().expect("a process")
    }

    fn signal(&mut self, name: &str) {
        let status = Command::new("kill").args([name, &self.child().id().to_string()]).status();
        assert!(status.expect("kill").success());
    }

    fn kill(mut self) {
        self.child().kill().expect("a kill");
        self.child().wait().expect("an end");
    }

    /// Waits for its end.
    fn ended(mut self) -> Told {
        let child = self.0.take().expect("a process");
        Told::of(child.wait_with_output().expect("an end"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Starts a run.
fn started(workplace: &Workplace, arguments: &str) -> Running {
    let mut command = workplace.command(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    Running(Some(command.spawn().expect("the program starts")))
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A run of which something takes long enough to be stopped in it, and the line that tells that it begins.
const LONG_STAGES: [(&str, &str); 2] = [
    // 10 billion synapses, of which the rows are counted.
    (
        r#"(scaling: (n_scaling: 0.25, k_scaling: 1.0), engine: (synapses: procedural), simulation: (seed: 3))"#,
        "building the synapses",
    ),
    // A theory that never converges.
    (r#"(theory: (tolerance_hz: 5e-324, max_pseudo_time: 1e300))"#, "theory"),
];
/// Time within which a run ends that is asked to.
const SOON: Duration = Duration::from_secs(2);

#[test]
fn a_run_that_is_asked_to_end_while_it_is_built_does_and_leaves_nothing() {
    for (config, stage) in LONG_STAGES {
        let workplace = Workplace::new();
        workplace.write("long.ron", config);
        let mut running = started(&workplace, "run long.ron --engine cpu --no-analysis");
        let stderr = BufReader::new(running.child().stderr.take().expect("a pipe"));
        let mut lines = stderr.lines().map(|line| line.expect("a line"));
        assert!(lines.any(|line| line.starts_with(stage)), "{stage} begins");
        std::thread::sleep(Duration::from_millis(300));
        running.signal("-TERM");
        let asked = Instant::now();
        let told: Vec<String> = lines.collect();
        let ended = running.ended();
        assert!(asked.elapsed() < SOON, "{stage}: {:?}", asked.elapsed());
        let told = told.join("\n");
        assert!(told.contains("stopped as asked while the network was built"), "{stage}: {told}");
        assert_eq!(ended.code, Some(1), "{told}");
        assert_nothing_half_written(&workplace.path("out"));
    }
}

/// Folders OUT/NAME/NETWORK/RUN below `out`, complete or not.
fn runs(out: &Path) -> Vec<PathBuf> {
    let mut folders = vec![out.to_path_buf()];
    for _ in 0..3 {
        let below = folders.iter().filter_map(|folder| folder.read_dir().ok()).flatten().flatten();
        folders = below.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    }
    folders
}

/// The folder of a run that is not complete.
fn partial(out: &Path) -> Option<PathBuf> {
    runs(out).into_iter().find(|run| run.extension().is_some_and(|extension| extension == "partial"))
}

fn has_checkpoint(out: &Path) -> bool {
    partial(out).is_some_and(|run| run.join("checkpoint.bin").exists())
}

/// Names of all files and folders below.
fn names(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        found.push(entry.file_name().to_string_lossy().into_owned());
        found.extend(names(&entry.path()));
    }
    found
}

#[track_caller]
fn assert_nothing_half_written(out: &Path) {
    let names = names(out);
    let is_left = |name: &&String| name.contains("partial") || *name == "lock" || *name == "checkpoint.bin";
    assert_eq!(names.iter().find(is_left), None, "{names:?}");
}

/// Bytes that the files of `folder`, and of folders in it where `deep`, take on a tmpfs.
fn bytes(folder: &Path, deep: bool) -> u64 {
    let entries = folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path());
    let taken = |path: PathBuf| match path.is_dir() {
        true if deep => bytes(&path, deep),
        true => 0,
        false => path.metadata().expect("a file").len().next_multiple_of(PAGE_BYTES),
    };
    entries.map(taken).sum()
}

fn array(path: PathBuf) -> Vec<u32> {
    let array: ndarray::Array1<u32> =
        ndarray_npy::read_npy(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    array.to_vec()
}

/// The first thousand numbers of an array, as they are in its file.
fn first_bytes(path: &Path) -> Vec<u8> {
    let file = std::fs::read(path).expect("a file");
    let header = usize::from(u16::from_le_bytes([file[8], file[9]])) + 10;
    file[header..][..4000].to_vec()
}

/// What was saved of a run are whole files, and the beginning of those of the whole run; returns the number
/// of spikes.
fn assert_saved(partial: &Path, whole: &Path) -> usize {
    let lengths = ["spikes_step.npy", "spikes_neuron.npy"].map(|file| {
        let (saved, all) = (array(partial.join(file)), array(whole.join(file)));
        assert!(all.starts_with(&saved), "{file}");
        saved.len()
    });
    assert_eq!(lengths[0], lengths[1]);
    let left = names(partial);
    assert!(!left.iter().any(|name| name == "lock" || name.ends_with(".partial")), "{left:?}");
    lengths[0]
}

/// About what a checkpoint of this network takes.
const CHECKPOINT_BYTES: f64 = 250_000.0;

/// A run that nothing disturbs, and a disk with room for its network, and beside it for `share` of its
/// spikes and for that many checkpoints.
fn disk_for(share: f64, checkpoints: f64) -> Option<(Workplace, PathBuf, SmallDisk)> {
    let workplace = workplace();
    let whole = workplace.folder_of(RUN);
    let network = bytes(whole.parent().expect("its network"), false) + PAGE_BYTES;
    let room = share * bytes(&whole, false) as f64 + checkpoints * CHECKPOINT_BYTES;
    std::fs::create_dir(workplace.path("disk")).expect("a folder");
    let disk = SmallDisk::new(&workplace.path("disk"), network + room as u64)?;
    std::fs::write(disk.seen_from_outside().join("faults.ron"), CONFIG).expect("a file on the disk");
    Some((workplace, whole, disk))
}

#[test]
fn a_full_disk_stops_a_run_that_goes_on_when_there_is_room() {
    // Spikes and checkpoints run out of room at different moments.
    for share in [0.4, 0.6, 0.61, 0.8] {
        let Some((workplace, whole, disk)) = disk_for(share, 2.0) else { return };
        let out = disk.seen_from_outside().join("out");
        let told = Told::by(&mut disk.humam(SAVED));
        let told =
            told.failed_with(&["No space left on device", "make room", "humam-gpu resume out/faults/"]);
        let partial = partial(&out).expect("what was saved");
        let n_saved = assert_saved(&partial, &whole);
        assert!(n_saved > 1000, "{n_saved} spikes: {told}");
        // Elsewhere it goes on, and here once there is room.
        let copied = Command::new("cp").arg("-r").arg(&out).arg(workplace.path("copied")).status();
        assert!(copied.expect("cp").success());
        let elsewhere = resumed(&workplace, &workplace.path("copied"));
        assert!(spikes(&elsewhere) == spikes(&whole), "share {share}");
        disk.remount("size=64m");
        let resume = format!("resume {} --engine cpu --no-analysis -q", relative(&partial, &out).display());
        Told::by(&mut disk.humam(&resume)).succeeded();
        assert_nothing_half_written(&out);
        assert!(spikes(&runs(&out)[0]) == spikes(&whole), "share {share}");
    }
}

/// A path below `out`, from the folder that `out` is in.
fn relative<'a>(path: &'a Path, out: &Path) -> &'a Path {
    path.strip_prefix(out.parent().expect("a parent")).expect("below")
}

/// Goes on with the run that was stopped in `out`.
fn resumed(workplace: &Workplace, out: &Path) -> PathBuf {
    let partial = partial(out).expect("a stopped run");
    workplace.folder_of(&format!("resume {} --engine cpu --no-analysis -q", partial.display()))
}

#[test]
fn a_checkpoint_without_room_leaves_the_one_before() {
    // No spikes are kept, so that nothing but the second checkpoint, beside the first, is too much.
    let Some((_workplace, whole, disk)) = disk_for(0.0, 1.3) else { return };
    let config = CONFIG.replace("simulation", "recording: (populations: Some([\"cuneus V E\"])), simulation");
    let seen = disk.seen_from_outside();
    std::fs::write(seen.join("faults.ron"), config).expect("a file on the disk");
    let told = Told::by(&mut disk.humam(SAVED));
    told.failed_with(&["checkpoint.bin", "No space left on device", "humam-gpu resume"]);
    let partial = partial(&seen.join("out")).expect("what was saved");
    assert!(!names(&partial).iter().any(|name| name.ends_with(".partial") || name == "lock"));
    disk.remount("size=64m");
    Told::by(&mut disk.humam(RUN)).succeeded();
    assert_nothing_half_written(&seen.join("out"));
    let kept = array(runs(&seen.join("out"))[0].join("spikes_step.npy"));
    assert!(!kept.is_empty() && kept.len() < array(whole.join("spikes_step.npy")).len());
}

#[test]
fn a_full_disk_without_a_checkpoint_leaves_nothing_half_written() {
    let Some((_workplace, whole, disk)) = disk_for(0.5, 0.0) else { return };
    let out = disk.seen_from_outside().join("out");
    let parts =
        ["cannot write out/faults/", "No space left on device", "make room there, or choose another --out"];
    let told = Told::by(&mut disk.humam(RUN)).failed_with(&parts);
    assert!(!told.contains("resume"), "{told}");
    assert_eq!(runs(&out), [] as [PathBuf; 0]);
    assert_nothing_half_written(&out);
    assert!(names(&out).iter().any(|name| name == "network.ron"), "the network was complete");
    // Not even the network has room.
    Told::by(&mut disk.humam(&format!("{RUN} --out new"))).failed_with(&["No space left on device"]);
    assert!(!disk.seen_from_outside().join("new").exists());
    disk.remount("size=64m");
    Told::by(&mut disk.humam(RUN)).succeeded();
    assert!(spikes(&runs(&out)[0]) == spikes(&whole));
}

#[test]
fn a_folder_that_may_only_be_read_is_told_and_its_runs_are_found() {
    let Some((_workplace, _, disk)) = disk_for(2.0, 2.0) else { return };
    Told::by(&mut disk.humam(RUN)).succeeded();
    disk.remount("ro");
    Told::by(&mut disk.humam(RUN)).succeeded();
    // Its statistics are told, though they cannot be kept.
    let found = disk.humam("run faults.ron --engine cpu -q").output().expect("the program starts");
    let stdout = String::from_utf8(found.stdout).expect("UTF-8");
    assert!(found.status.success(), "{stdout}{}", String::from_utf8_lossy(&found.stderr));
    for part in ["found and used again", "CV ISI:", "not written: the run's folder may only be read"] {
        assert!(stdout.contains(part), "'{part}' is not in: {stdout}");
    }
    let directory = stdout.lines().last().and_then(|line| line.strip_prefix("run directory: "));
    let analyze = format!("analyze {} -q", directory.expect("a directory"));
    Told::by(&mut disk.humam(&analyze)).failed_with(&["cannot write", "Read-only file system"]);
    for run in [format!("{RUN} --seed 4"), format!("{RUN} --force"), format!("{RUN} --out new")] {
        let parts = ["cannot write", "Read-only file system", "allow writing there, or choose another --out"];
        Told::by(&mut disk.humam(&run)).failed_with(&parts);
    }
}

#[test]
fn a_file_in_the_place_of_a_folder_is_told_and_stays() {
    let workplace = workplace();
    workplace.write("file", "in the way");
    let parts = ["cannot write file/out/faults/", "a file is where a folder should be"];
    Told::by(&mut workplace.command(&format!("{RUN} --out file/out"))).failed_with(&parts);
    let run = workplace.folder_of(RUN);
    std::fs::remove_dir_all(&run).expect("a folder");
    std::fs::write(&run, "in the way").expect("a file");
    Told::by(&mut workplace.command(RUN)).failed_with(&["manifest.json", "make it again with `run --force`"]);
    assert_eq!(std::fs::read_to_string(&run).expect("the file"), "in the way");
}

#[test]
fn a_folder_that_is_not_the_run_is_told_and_stays_as_it_is() {
    let workplace = workplace();
    let run = workplace.folder_of(RUN);
    let other = workplace.folder_of(&format!("{RUN} --seed 4"));
    let network = run.with_file_name("network.ron");
    let read = |path: &Path| std::fs::read(path).expect("a file");
    let (good, good_network) = (spikes(&run), read(&network));
    let manifest = run.join("manifest.json");
    let foreign = read(&other.join("manifest.json"));
    let half_a_network = good_network[..good_network.len() / 2].to_vec();
    let faults = [
        (&manifest, foreign, "config.ron is not as it was written"),
        (&manifest, b"notes of someone".to_vec(), "manifest.json"),
        (&network, half_a_network, "network.ron"),
        (&network, b"".to_vec(), "network.ron"),
    ];
    for (file, content, told) in faults {
        let before = read(file);
        std::fs::write(file, &content).expect("a file");
        let tree = workplace.tree();
        Told::by(&mut workplace.command(RUN)).failed_with(&[told, "make it again with `run --force`"]);
        assert_eq!(workplace.tree(), tree);
        assert!(read(file) == content && spikes(&run) == good, "{told}");
        std::fs::write(file, before).expect("a file");
    }
    // Another run in its place.
    let aside = run.with_extension("aside");
    std::fs::rename(&run, &aside).expect("renamed");
    std::fs::rename(&other, &run).expect("renamed");
    Told::by(&mut workplace.command(RUN))
        .failed_with(&["it holds the run", "make it again with `run --force`"]);
    std::fs::rename(&run, &other).expect("renamed");
    std::fs::rename(&aside, &run).expect("renamed");
    // A folder of that name with something else in it.
    std::fs::remove_file(&manifest).expect("a manifest");
    Told::by(&mut workplace.command(RUN)).failed_with(&["manifest.json", "--force"]);
    assert!(spikes(&run) == good);
    // With --force it is a run again.
    assert_eq!(workplace.folder_of(&format!("{RUN} --force")), run);
    assert!(spikes(&run) == good);
}

#[test]
fn spikes_shorter_than_at_the_checkpoint_are_told_every_time() {
    let workplace = workplace();
    let run = started(&workplace, SAVED);
    let out = workplace.path("out");
    wait_until("a checkpoint", || has_checkpoint(&out));
    run.kill();
    let partial = partial(&out).expect("a stopped run");
    std::fs::write(partial.join("spikes_step.npy"), b"short").expect("a file");
    for command in [RUN.to_owned(), format!("resume {} --engine cpu -q", partial.display()), RUN.to_owned()] {
        let parts = ["spikes_step.npy: it has 5 bytes", "make it again with `run --force`"];
        let told = Told::by(&mut workplace.command(&command)).failed_with(&parts);
        assert!(!told.contains("is saved"), "{told}");
    }
    workplace.folder_of(&format!("{RUN} --force"));
    assert_nothing_half_written(&out);
}

#[test]
fn an_output_folder_removed_or_moved_under_a_run_is_told_and_not_made_again() {
    let expected = workplace();
    let whole = expected.folder_of(RUN);
    for (is_saved, is_moved) in [(true, true), (true, false), (false, false)] {
        let workplace = workplace();
        // Long enough to be still running then.
        let long = "--set simulation.duration_ms=60000";
        let run = started(&workplace, &format!("{} {long}", if is_saved { SAVED } else { RUN }));
        let out = workplace.path("out");
        wait_until("a run", || match is_saved {
            true => has_checkpoint(&out),
            false => partial(&out).is_some_and(|run| run.join("spikes_step.npy").exists()),
        });
        match is_moved {
            true => std::fs::rename(&out, workplace.path("moved")).expect("a new name"),
            // The run may add a file meanwhile.
            false => wait_until("no folder", || std::fs::remove_dir_all(&out).is_ok()),
        }
        run.ended().failed_with(&["cannot write out/faults/", ".partial", "its folder is not there"]);
        assert!(!out.exists());
        if is_moved {
            let partial = partial(&workplace.path("moved")).expect("what was saved");
            // Behind it there may be spikes of the next checkpoint, whose number the file does not tell yet.
            let [saved, all] = [&partial, &whole].map(|run| first_bytes(&run.join("spikes_step.npy")));
            assert!(saved == all);
        }
    }
}

#[test]
fn a_second_run_on_a_folder_is_told_and_the_first_goes_on() {
    let workplace = workplace();
    let mut run = started(&workplace, SAVED);
    let out = workplace.path("out");
    // The lock is there before it is held, and this file after.
    wait_until("a run", || partial(&out).is_some_and(|run| run.join("config.ron").exists()));
    run.signal("-STOP");
    for command in [RUN.to_owned(), format!("{RUN} --force"), SAVED.to_owned()] {
        let busy = ["another process is writing", ".partial", "wait for it to end, or choose another --out"];
        Told::by(&mut workplace.command(&command)).failed_with(&busy);
    }
    run.signal("-CONT");
    run.ended().succeeded();
    assert_nothing_half_written(&out);
    assert!(spikes(&runs(&out)[0]) == spikes(&workplace.folder_of(&format!("{RUN} --out alone"))));
}

#[test]
fn a_lock_of_a_process_that_was_killed_keeps_nobody_away() {
    let workplace = workplace();
    let run = started(&workplace, RUN);
    let out = workplace.path("out");
    wait_until("a run", || partial(&out).is_some_and(|run| run.join("lock").exists()));
    run.kill();
    assert!(partial(&out).expect("what it left").join("lock").exists());
    let run = workplace.folder_of(RUN);
    assert_nothing_half_written(&out);
    assert!(spikes(&run) == spikes(&workplace.folder_of(&format!("{RUN} --out alone"))));
}

#[test]
fn ctrl_c_twice_ends_at_once_and_the_next_run_takes_over() {
    let workplace = workplace();
    let out = workplace.path("out");
    // All in one batch, at the end of which the first Ctrl-C would be heard.
    let long = "--set simulation.duration_ms=4000 --set engine.batch_steps=1000000";
    let mut run = started(&workplace, &format!("run faults.ron --engine reference --no-analysis -q {long}"));
    wait_until("a run", || partial(&out).is_some_and(|run| run.join("spikes_step.npy").exists()));
    run.signal("-INT");
    std::thread::sleep(Duration::from_millis(300));
    let asked_again = Instant::now();
    run.signal("-INT");
    let told = run.ended();
    assert_eq!(told.code, Some(130), "{}", told.stderr);
    assert!(asked_again.elapsed() < Duration::from_secs(3));
    assert!(partial(&out).is_some());
    let run = workplace.folder_of(&format!("{RUN} --set simulation.duration_ms=4000"));
    assert_nothing_half_written(&out);
    let alone = workplace.folder_of(&format!("{RUN} --set simulation.duration_ms=4000 --out alone"));
    assert!(spikes(&run) == spikes(&alone));
}

/// 107 million synapses, which take 0.9 GB if they are stored.
const LARGER: &str = "--set scaling.n_scaling=0.05 --set scaling.k_scaling=0.05 --set simulation.duration_ms=10 \
                      --set simulation.statistics_from_ms=0";
/// How far what is planned may be from what a run takes.
#[cfg(target_os = "linux")]
const MAX_OFF: f64 = 0.25;
/// A run that ends soon after its first step, in which many neurons spike.
#[cfg(target_os = "linux")]
const SHORT: &str = "--duration-ms 10 --set simulation.statistics_from_ms=0";

#[test]
#[cfg(target_os = "linux")]
fn the_planned_memory_is_what_a_run_takes() {
    let workplace = workplace();
    let wide = "--set arithmetic.current_bits=22 --set arithmetic.weight_bits=18";
    let cases = [
        ("tiny", String::new(), 10.0),
        ("downscaled", String::new(), 15.0),
        // Nearly all of it is in flight after the first step, in events of four bytes and of eight.
        ("one_area", SHORT.to_owned(), 70.0),
        ("one_area", format!("{SHORT} {wide}"), 120.0),
        ("faults.ron", format!("{LARGER} --set engine.synapses=stored"), 800.0),
        ("faults.ron", format!("{LARGER} --set engine.synapses=procedural"), 10.0),
    ];
    for (at, (config, options, least)) in cases.iter().enumerate() {
        let arguments = format!("{config} --engine cpu {options}");
        let planned_mb = planned_mb(&workplace, &arguments);
        let run = workplace.folder_of(&format!("run {arguments} --no-analysis -q --out {at}"));
        let text = std::fs::read_to_string(run.join("manifest.json")).expect("a manifest");
        let manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let peak_mb = manifest["peak_host_bytes"].as_f64().expect("bytes") * 1e-6;
        println!("{arguments}: {planned_mb} MB planned, {peak_mb} MB taken");
        assert!((planned_mb / peak_mb - 1.0).abs() <= MAX_OFF, "{arguments}: {planned_mb}, {peak_mb}");
        assert!(planned_mb > *least, "{arguments}: {planned_mb}");
    }
}

/// The memory that `check` tells.
#[cfg(target_os = "linux")]
fn planned_mb(workplace: &Workplace, arguments: &str) -> f64 {
    let check = workplace.call(&format!("check {arguments}"));
    let line = check.stdout.lines().find_map(|line| line.strip_prefix("memory:")).expect("a plan");
    line.split_whitespace().next().expect("a number").parse().expect("a number")
}

#[test]
#[cfg(target_os = "linux")]
fn events_in_flight_grow_with_rates_and_are_told_before_a_run() {
    let workplace = workplace();
    let options = "--engine cpu --set engine.synapses=procedural";
    let check = workplace.call(&format!("check one_area {options}"));
    let states: Vec<Vec<&str>> = check
        .stdout
        .lines()
        .filter(|line| line.contains(" spikes/s "))
        .map(|line| line.split_whitespace().collect())
        .collect();
    let number = |line: &[&str], before: &str| -> f64 {
        let at = line.iter().position(|word| *word == before).expect("the word");
        line[at - 1].parse().expect("a number")
    };
    let [_, one, five, twenty] = states.as_slice() else { panic!("{}", check.stdout) };
    assert_eq!([one, five, twenty].map(|line| number(line, "spikes/s")), [1.0, 5.0, 20.0]);
    assert!(number(twenty, "MB") > number(one, "MB"));
    // All but the steps themselves is events.
    let [one_s, five_s, twenty_s] = [one, five, twenty].map(|line| number(line, "s"));
    assert!(five_s > 2.0 * one_s && twenty_s > 3.0 * five_s, "{}", check.stdout);
    // What the start needs fits, and what a high state would need does not.
    let run = format!("run one_area {options} {SHORT} --no-analysis");
    let starts = planned_mb(&workplace, &format!("one_area {options}")) as u64;
    let kib = (starts..starts + 400).step_by(8).map(|mb| mb * 1000).find_map(|kib| {
        let told = limited(&workplace, kib + 150_000, &format!("{run} -q"));
        (told.code == Some(0)).then_some(kib + 150_000)
    });
    let told = limited(&workplace, kib.expect("a limit that suffices") + 12_000, &format!("{run} --force"));
    let warning =
        ["warning: events in flight grow with rates: at ", " spikes/s a neuron the run would take "];
    assert!(warning.iter().all(|part| told.stderr.contains(part)), "{}", told.stderr);
    told.succeeded();
}

/// A file of `bytes` that begins as the one there does.
#[cfg(target_os = "linux")]
fn grow(path: &Path, bytes: u64) {
    let file = std::fs::OpenOptions::new().append(true).create(true).open(path).expect("a file");
    let mut line = vec![b'7'; 1 << 20];
    line[0] = b' ';
    for _ in 0..bytes >> 20 {
        std::io::Write::write_all(&mut &file, &line).expect("a file");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn files_larger_than_any_that_the_program_writes_are_refused_before_they_are_read() {
    let workplace = workplace();
    let run = workplace.folder_of(RUN);
    let analyse = format!("analyze {}", run.display());
    std::fs::create_dir(workplace.path("tables")).expect("a folder");
    let tables = "--set anatomy.tables=tables";
    let (too_large, changed) = ("it has more than", "SHA-256");
    let cases = [
        (workplace.path("tables/excitatory_fraction.csv"), format!("{RUN} {tables} --out other"), too_large),
        (run.join("manifest.json"), RUN.to_owned(), too_large),
        (run.with_file_name("manifest.json"), RUN.to_owned(), too_large),
        // What manifests tell of is known to be another file without being read whole.
        (run.join("populations.csv"), analyse, changed),
        (run.with_file_name("network.ron"), RUN.to_owned(), changed),
    ];
    for (path, command, why) in cases {
        let before = std::fs::read(&path).ok();
        grow(&path, 100 << 20);
        // Less than what the file would take twice.
        let told = limited(&workplace, 400_000, &command);
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(matches!(told.code, Some(1 | 2)), "{name}: {:?} {}", told.code, told.stderr);
        assert!(told.stderr.contains(&name) && told.stderr.contains(why), "{}", told.stderr);
        if let Some(before) = before {
            std::fs::write(&path, before).expect("a file");
        }
    }
    std::fs::remove_dir_all(workplace.path("tables")).expect("a folder");
    workplace.folder_of(RUN);
}

#[test]
#[cfg(target_os = "linux")]
fn stimuli_beyond_the_memory_are_refused_before_they_are_made() {
    let workplace = workplace();
    let stimulus = "poisson(populations: \"*\", rate_hz: 50.0, psp_mv: 0.1),";
    let many =
        |n: usize| CONFIG.replace("simulation", &format!("stimuli: [{}], simulation", stimulus.repeat(n)));
    workplace.write("many.ron", &many(100_000));
    let parts = ["the network needs", "of memory", "give fewer stimuli"];
    limited(&workplace, 2_000_000, "run many.ron --engine cpu --no-analysis -q").failed_with(&parts);
    // Few of them fit, and what fits runs.
    workplace.write("few.ron", &many(3));
    limited(&workplace, 2_000_000, &format!("run few.ron --engine cpu --no-analysis -q {SHORT}")).succeeded();
}

/// The program with so much address space, KiB.
#[cfg(target_os = "linux")]
fn limited(workplace: &Workplace, kib: u64, arguments: &str) -> Told {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {kib} && exec \"$@\""), "sh", env!("CARGO_BIN_EXE_humam-gpu")]);
    command.args(arguments.split_whitespace()).current_dir(workplace.path(""));
    Told::by(&mut command)
}

#[test]
#[cfg(target_os = "linux")]
fn a_network_beyond_the_address_space_is_refused_with_what_would_fit() {
    let workplace = workplace();
    let parts = ["the network needs 0.9", "would fit", "set engine.synapses = procedural"];
    limited(&workplace, 900_000, &format!("{RUN} {LARGER} --set engine.synapses=stored")).failed_with(&parts);
    assert_nothing_half_written(&workplace.path("out"));
    // What the message proposes does fit, and if nobody asks for anything what fits is chosen.
    limited(&workplace, 900_000, &format!("{RUN} {LARGER} --set engine.synapses=procedural")).succeeded();
    limited(&workplace, 900_000, &format!("{RUN} {LARGER} --seed 4")).succeeded();
    limited(&workplace, 2_000_000, &format!("{RUN} {LARGER} --seed 5 --set engine.synapses=stored"))
        .succeeded();
    // Between what is refused and what fits there is nothing that fails in its midst.
    let stored = format!("{RUN} {LARGER} --force --set engine.synapses=stored");
    for kib in (900_000..1_200_000).step_by(60_000) {
        let told = limited(&workplace, kib, &stored);
        match told.code {
            Some(0) => {}
            _ => drop(told.failed_with(&["would fit"])),
        }
    }
    let full = format!("run {} --engine cpu --no-analysis -q", configuration("full_scale"));
    limited(&workplace, 2_000_000, &format!("{full} --set engine.synapses=stored")).failed_with(&parts[1..]);
    // Its first step alone brings more than 3 GB.
    for kib in [1_000_000, 2_000_000, 3_000_000, 3_400_000] {
        limited(&workplace, kib, &full).failed_with(&["the network needs 3.", "would fit"]);
    }
}

#[test]
fn a_history_that_is_full_stops_a_run_that_goes_on_with_the_size_that_is_told() {
    if test_adapter().is_none() {
        return;
    }
    let workplace = Workplace::new();
    // A stimulus that multiplies the spikes, after the first checkpoints.
    let stimulus = "stimuli: [dc(populations: \"*\", amplitude_pa: 2000.0, from_ms: 150.0)], simulation";
    workplace.write("faults.ron", &CONFIG.replace("simulation", stimulus));
    let options = "--no-analysis -q --set simulation.duration_ms=300";
    let whole = workplace.folder_of(&format!("run faults.ron --engine cpu --out whole {options}"));
    let gpu = format!("run faults.ron --engine gpu --set engine.synapses=procedural {options}");
    let run = |bits: u32| {
        let size = format!("--checkpoint-every 50 --set engine.history_spikes={}", 1_u64 << bits);
        Told::by(&mut workplace.command(&format!("{gpu} {size}")))
    };
    let out = workplace.path("out");
    let mut went_on = 0;
    for bits in 6..24 {
        let told = run(bits);
        if told.code == Some(0) {
            break;
        }
        let holds = format!("more than the {} that the history holds", 1 << bits);
        let told = told.failed_with(&[&holds, "set engine.history_spikes = "]);
        match told.contains("humam-gpu resume out/faults/") {
            true => went_on += usize::from(assert_saved(&partial(&out).expect("a checkpoint"), &whole) > 0),
            false => assert_nothing_half_written(&out),
        }
    }
    assert!(went_on > 0, "too little happens after the first checkpoint");
    assert_nothing_half_written(&out);
    assert!(spikes(&runs(&out)[0]) == spikes(&whole));
}

#[test]
fn a_buffer_beyond_the_limits_of_the_adapter_is_refused_before_a_synapse_is_drawn() {
    let Some(adapter) = test_adapter() else { return };
    let workplace = workplace();
    if adapter.info().limits.binding_bytes > 1 << 29 {
        println!("skipped: the adapter's bindings are large");
        return;
    }
    let larger = "--set scaling.n_scaling=0.05 --set scaling.k_scaling=0.05 --set engine.synapses=stored";
    let run = format!("run faults.ron --engine gpu --no-analysis -q {larger} --set engine.shards=1");
    let parts = ["of shard 0 needs", "the adapter's limit is", "raise engine.shards", "--engine cpu"];
    Told::by(&mut workplace.command(&run)).failed_with(&parts);
    assert_nothing_half_written(&workplace.path("out"));
}
