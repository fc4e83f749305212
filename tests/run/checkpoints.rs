//! A run that is stopped, whenever and however, goes on to the files of one that was not.

use crate::fixtures::adapter::test_adapter;
use crate::fixtures::command_line::{Workplace, spikes};
use crate::fixtures::seal::seal;
use humam_gpu::simulation::recording::Checkpoint;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// All populations with what they record, and every kind of stimulus, across many checkpoints.
const CONFIG: &str = r#"(
    name: "stopped",
    scaling: (n_scaling: 0.004, k_scaling: 0.004),
    connectivity: (p_transmit: 0.9),
    recording: (
        populations: Some(["precuneus", "* * I"]),
        spike_counts: true,
        voltmeter: [(populations: "precuneus V", neurons: 3, interval_ms: 0.7)],
        means: (populations: "precuneus", interval_ms: 0.9),
    ),
    stimuli: [
        dc(populations: "* IV E", amplitude_pa: 50.0, from_ms: 101.3, to_ms: 600.0),
        poisson(populations: "cuneus", rate_hz: 500.0, psp_mv: 0.2, from_ms: 90.0, to_ms: 700.0),
        spike(populations: "insula II/III E", time_ms: 333.3, psp_mv: 1.0),
    ],
    simulation: (seed: 3, duration_ms: 1000.0, statistics_from_ms: 100.0),
)"#;
/// Files of a run that tell what was simulated.
const FILES: [&str; 12] = [
    "spikes_neuron.npy",
    "spikes_step.npy",
    "spike_counts.npy",
    "voltmeter_0_v_m_mv.npy",
    "voltmeter_0_current_pa.npy",
    "voltmeter_0_time_ms.npy",
    "voltmeter_neurons.csv",
    "means_v_m_mv.npy",
    "means_current_pa.npy",
    "means_time_ms.npy",
    "means_populations.csv",
    "rates.csv",
];

fn files(run: &Path) -> Vec<Vec<u8>> {
    FILES.map(|file| std::fs::read(run.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))).to_vec()
}

/// The folder of a run that was stopped.
fn partial(workplace: &Workplace) -> Option<PathBuf> {
    let is_run = |path: &&String| path.ends_with(".partial") && path.matches('/').count() == 3;
    workplace.tree().iter().find(is_run).map(|path| workplace.path(path))
}

/// Whether that folder has a checkpoint.
fn has_checkpoint(workplace: &Workplace) -> bool {
    partial(workplace).is_some_and(|partial| partial.join("checkpoint.bin").exists())
}

/// Numbers that look random, from the clock: a test that kills at random times shall not repeat them.
fn random() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock");
    humam_gpu::engine::rng::threefry([now.subsec_nanos(), now.as_secs() as u32], [0, 0])[0].into()
}

/// Starts the program and kills it after a while; returns whether it was still running.
fn killed(workplace: &Workplace, arguments: &str, after: Duration) -> bool {
    let mut child = workplace
        .command(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let deadline = Instant::now() + after;
    while Instant::now() < deadline {
        if child.try_wait().expect("a child").is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().expect("a kill");
    child.wait().expect("an end");
    true
}

/// Kills as many runs at random times, goes on with each to its end, and compares it with one that was not
/// killed. Engines take turns; a run that was killed on one may go on on another.
fn kill_and_resume(kills: usize, engines: &[&str]) {
    let expected = Workplace::new();
    expected.write("stopped.ron", CONFIG);
    let started = Instant::now();
    let whole = files(&expected.folder_of("run stopped.ron --engine cpu --no-analysis -q"));
    let whole_time = started.elapsed();
    let (mut killed_runs, mut resumed) = (0, 0);
    while killed_runs < kills {
        let workplace = Workplace::new();
        workplace.write("stopped.ron", CONFIG);
        let [first, second] = [killed_runs, killed_runs + 1].map(|at| engines[at % engines.len()]);
        let after = whole_time.mul_f64(random() as f64 / 4_294_967_296.0);
        let command = format!("run stopped.ron --engine {first} --checkpoint-every 40 --no-analysis -q");
        if !killed(&workplace, &command, after) {
            continue;
        }
        killed_runs += 1;
        let run = match partial(&workplace).filter(|_| has_checkpoint(&workplace)) {
            Some(partial) => {
                resumed += 1;
                workplace
                    .folder_of(&format!("resume {} --engine {second} --no-analysis -q", partial.display()))
            }
            None => workplace.folder_of(&format!("run stopped.ron --engine {second} --no-analysis -q")),
        };
        assert!(files(&run) == whole, "killed after {after:?}, the files differ");
        let is_left = |path: &String| path.contains("partial") || path.contains("checkpoint");
        assert!(!workplace.tree().iter().any(is_left), "{:?}", workplace.tree());
    }
    println!("{killed_runs} kills, {killed_runs} equal runs, {resumed} of them from a checkpoint");
    assert!(kills < 50 || resumed > kills / 10, "too few kills came after a checkpoint");
}

#[test]
fn a_run_killed_at_any_moment_goes_on_to_the_same_files() {
    kill_and_resume(6, &["cpu"]);
}

#[test]
#[ignore = "takes minutes; run it by hand before a release"]
fn fifty_kills_leave_fifty_equal_runs() {
    kill_and_resume(50, if test_adapter().is_some() { &["cpu", "gpu", "cpu"] } else { &["cpu"] });
}

#[test]
fn a_run_stopped_on_one_engine_goes_on_on_another() {
    let whole = Workplace::new();
    whole.write("stopped.ron", CONFIG);
    let expected = files(&whole.folder_of("run stopped.ron --engine cpu --no-analysis -q"));
    let pairs = match test_adapter() {
        Some(_) => vec![("cpu", "reference"), ("gpu", "cpu"), ("cpu", "gpu")],
        None => vec![("cpu", "reference")],
    };
    for (first, second) in pairs {
        let workplace = Workplace::new();
        workplace.write("stopped.ron", CONFIG);
        let stopped = interrupted(&workplace, &format!("run stopped.ron --engine {first} --no-analysis"));
        let folder = partial(&workplace).expect("a stopped run");
        assert!(
            stopped.contains(&format!(
                "humam-gpu resume {}",
                folder.strip_prefix(workplace.path("")).expect("below").display()
            )),
            "{stopped}"
        );
        let run =
            workplace.folder_of(&format!("resume {} --engine {second} --no-analysis -q", folder.display()));
        assert!(files(&run) == expected, "{first} to {second}");
    }
}

/// Sends Ctrl-C once the first checkpoint is there; returns what the program told.
#[cfg(unix)]
fn interrupted(workplace: &Workplace, arguments: &str) -> String {
    let mut command = workplace.command(arguments);
    command.args(["--checkpoint-every", "20"]).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    let started = Instant::now();
    while !has_checkpoint(workplace) {
        assert!(started.elapsed() < Duration::from_secs(60), "no checkpoint");
        std::thread::sleep(Duration::from_millis(2));
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().expect("kill").success());
    let output = child.wait_with_output().expect("an end");
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("of model time, which are saved"), "{told}");
    told
}

#[test]
fn checkpoints_change_nothing_and_leave_nothing() {
    let [plain, saved] = ["", "--checkpoint-every 100"].map(|option| {
        let workplace = Workplace::new();
        workplace.write("stopped.ron", CONFIG);
        let run = workplace.folder_of(&format!("run stopped.ron --engine cpu --no-analysis -q {option}"));
        let names: Vec<String> =
            workplace.tree().into_iter().filter(|path| !path.ends_with(".ron")).collect();
        (files(&run), names)
    });
    assert!(plain == saved);
}

#[test]
fn a_stopped_run_is_analysed_up_to_its_checkpoint_and_goes_on_to_the_same_files() {
    let config = ["time_ms: 333.3", "from_ms: 101.3", "from_ms: 90.0"];
    let config = config.into_iter().zip(["time_ms: 3.3", "from_ms: 1.3", "from_ms: 0.0"]);
    let config = config.fold(CONFIG.to_owned(), |text, (late, early)| text.replace(late, early));
    let [workplace, whole] = [(); 2].map(|()| Workplace::new());
    [&workplace, &whole].into_iter().for_each(|place| place.write("stopped.ron", &config));
    interrupted(&workplace, "run stopped.ron --engine cpu --no-analysis");
    let folder = partial(&workplace).expect("a stopped run");
    let call = workplace.call(&format!("analyze {} --figures none -q", folder.display()));
    assert_eq!(call.code, Some(0), "{call:?}");
    let told = |label: &str| {
        let line = call.stdout.lines().find_map(|line| line.strip_prefix(label));
        line.unwrap_or_else(|| panic!("{call:?}")).trim().to_owned()
    };
    assert!(told("go on with:").starts_with("humam-gpu resume ") && folder.exists());
    let (done_ms, rest) =
        told("stopped:").split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a time");
    assert!(rest.starts_with("of 1000 ms are saved"), "{rest}");
    // It is the run of that duration, byte for byte.
    let run = PathBuf::from(told("run:"));
    let run_of = |duration_ms: &str| {
        format!("run stopped.ron --engine cpu --no-analysis -q --duration-ms {duration_ms}")
    };
    let shorter = whole.folder_of(&run_of(&done_ms));
    assert_eq!(run.file_name(), shorter.file_name());
    assert!(files(&run) == files(&shorter));
    let report = std::fs::read_to_string(run.join("report.html")).expect("a report");
    assert!(report.contains(&format!("the first {done_ms} ms of a run of 1000 ms that was stopped")));
    let again = workplace.call(&format!("analyze {} --figures none -q", folder.display()));
    assert_eq!(again.stdout, call.stdout);
    let run = workplace.folder_of(&format!("resume {} --no-analysis -q", folder.display()));
    assert!(files(&run) == files(&whole.folder_of(&run_of("1000"))));
}

#[test]
fn a_stopped_run_whose_stimuli_are_to_come_is_not_analysed() {
    let workplace = Workplace::new();
    workplace.write("stopped.ron", &CONFIG.replace("time_ms: 333.3", "time_ms: 1000.0"));
    interrupted(&workplace, "run stopped.ron --engine cpu --no-analysis");
    let folder = partial(&workplace).expect("a stopped run");
    let before = workplace.tree();
    let call = workplace.call(&format!("analyze {} -q", folder.display()));
    assert!(call.code == Some(2) && call.stderr.contains("before all of its stimuli begin"), "{call:?}");
    assert_eq!(workplace.tree(), before);
}

#[test]
fn what_cannot_go_on_says_so() {
    let workplace = Workplace::new();
    workplace.write("stopped.ron", CONFIG);
    let nothing = workplace.call("resume out/nowhere");
    assert_eq!(nothing.code, Some(2));
    assert!(nothing.stderr.contains("out/nowhere has no checkpoint"), "{}", nothing.stderr);

    interrupted(&workplace, "run stopped.ron --engine cpu --no-analysis");
    let folder = partial(&workplace).expect("a stopped run");
    let checkpoint = folder.join("checkpoint.bin");
    let good = std::fs::read(&checkpoint).expect("a checkpoint");
    std::fs::write(&checkpoint, &good[..good.len() / 2]).expect("a file");
    for command in [format!("resume {}", folder.display()), "run stopped.ron --engine cpu".to_owned()] {
        let damaged = workplace.call(&format!("{command} --no-analysis -q"));
        assert_eq!(damaged.code, Some(1));
        assert!(damaged.stderr.contains("checkpoint.bin: it is damaged"), "{}", damaged.stderr);
        assert!(folder.exists(), "what is there stays");
    }
    // A run with other keys does not take the folder for its own.
    std::fs::write(&checkpoint, &good).expect("a file");
    let config = std::fs::read_to_string(folder.join("config.ron")).expect("a configuration");
    std::fs::write(folder.join("config.ron"), config.replace("seed: 3,", "seed: 4,")).expect("a file");
    let foreign = workplace.call(&format!("resume {} --no-analysis -q", folder.display()));
    assert_eq!(foreign.code, Some(1));
    assert!(foreign.stderr.contains("run its config.ron instead"), "{}", foreign.stderr);
    // Begun anew it ends like any other.
    std::fs::write(&checkpoint, b"damaged").expect("a file");
    let run = workplace.folder_of("run stopped.ron --engine cpu --no-analysis -q --force");
    assert!(!folder.exists() && run.exists());
    let again = workplace.folder_of(&format!("resume {} --no-analysis -q", run.display()));
    assert_eq!(again, run, "a run that is complete is found");
}

type Lie = fn(&mut Checkpoint);

/// What a checkpoint can tell that is not so, its hash being right.
const LIES: [(&str, Lie); 15] = [
    ("spikes beyond any file", |c| in_all(c, "spikes_", |n| n + (1 << 62))),
    ("one list of spikes longer", |c| in_all(c, "spikes_step.npy", |n| n - 1)),
    ("both lists of spikes shorter", |c| in_all(c, "spikes_", |n| n - 1)),
    ("no list of spikes", |c| c.position.arrays.retain(|name, _| name != "spikes_step.npy")),
    ("fewer spikes than were kept", |c| c.position.n_spikes = 0),
    ("more spikes than neurons and steps", |c| c.position.n_spikes = u64::MAX),
    ("an empty list of counts", |c| c.position.counts = Some((c.step() / 10, Vec::new()))),
    ("no counts", |c| c.position.counts = None),
    ("another bin of counts", |c| c.position.counts.as_mut().expect("counts").0 += 1),
    ("counts beyond any neurons", |c| c.position.counts.as_mut().expect("counts").1[0] = u32::MAX),
    ("more bins of counts", |c| in_all(c, "spike_counts.npy", |n| n + (1 << 62))),
    ("rates of another network", |c| c.position.rate_spikes.truncate(1)),
    ("formats that this run cannot come to", |c| c.formats.v_m_bits -= 2),
    ("more samples", |c| in_all(c, "voltmeter_0_time_ms.npy", |n| n + 1)),
    ("more means", |c| in_all(c, "means_v_m_mv.npy", |n| n + 1)),
];

/// Changes the numbers of elements of files that begin with `name`.
fn in_all(checkpoint: &mut Checkpoint, name: &str, change: fn(u64) -> u64) {
    let arrays = checkpoint.position.arrays.iter_mut().filter(|(file, _)| file.starts_with(name));
    arrays.for_each(|(_, saved)| saved.elements = change(saved.elements));
}

#[test]
fn a_checkpoint_that_tells_what_is_not_so_is_refused_and_nothing_comes_of_it() {
    let workplace = Workplace::new();
    workplace.write("stopped.ron", CONFIG);
    interrupted(&workplace, "run stopped.ron --engine cpu --no-analysis");
    let folder = partial(&workplace).expect("a stopped run");
    let good = Checkpoint::read(&folder).expect("a checkpoint").expect("a file");
    let refused = |lie: &str, told: &Checkpoint| {
        told.write(&folder).expect("a checkpoint");
        let call = workplace.call(&format!("resume {} --engine cpu --no-analysis -q", folder.display()));
        assert_eq!(call.code, Some(1), "{lie}: {}", call.stdout);
        assert!(call.stderr.contains("checkpoint.bin: it is damaged"), "{lie}: {}", call.stderr);
        assert!(folder.exists(), "{lie}: what is there stays");
    };
    for (lie, tell) in LIES {
        let mut told = good.clone();
        tell(&mut told);
        refused(lie, &told);
    }
    // All of it somewhat later: nothing but what is recorded tells that it is not so.
    let later = |steps: u32| {
        let mut told = good.clone();
        told.in_flight.first_step += steps;
        told
    };
    refused("another step", &later(64));
    later(64_000).write(&folder).expect("a checkpoint");
    let beyond = workplace.call(&format!("resume {} --engine cpu --no-analysis -q", folder.display()));
    assert!(beyond.code == Some(1) && beyond.stderr.contains("the run has 10000"), "{}", beyond.stderr);
    // What it truly told leads on to the end.
    good.write(&folder).expect("a checkpoint");
    let run = workplace.folder_of(&format!("resume {} --engine cpu --no-analysis -q", folder.display()));
    let whole = Workplace::new();
    whole.write("stopped.ron", CONFIG);
    assert!(files(&run) == files(&whole.folder_of("run stopped.ron --engine cpu --no-analysis -q")));
}

#[test]
fn a_flipped_bit_in_what_was_recorded_before_a_checkpoint_is_noticed() {
    let workplace = Workplace::new();
    workplace.write("stopped.ron", CONFIG);
    interrupted(&workplace, "run stopped.ron --engine cpu --no-analysis");
    let folder = partial(&workplace).expect("a stopped run");
    let arrays = Checkpoint::read(&folder).expect("a checkpoint").expect("a file").position.arrays;
    assert!(arrays.len() > 4, "{arrays:?}");
    let resume = format!("resume {} --engine cpu --no-analysis -q", folder.display());
    for name in arrays.keys() {
        let good = std::fs::read(folder.join(name)).expect("an array");
        for place in [128, (128 + good.len()) / 2, good.len() - 1] {
            let mut flipped = good.clone();
            flipped[place] ^= 16;
            std::fs::write(folder.join(name), flipped).expect("a file");
            let call = workplace.call(&resume);
            assert_eq!(call.code, Some(1), "{name}, byte {place}: {}", call.stdout);
            let told = ["not as it was at the checkpoint", "checkpoint.bin: it is damaged"];
            assert!(told.iter().any(|told| call.stderr.contains(told)), "{name}: {}", call.stderr);
        }
        std::fs::write(folder.join(name), good).expect("a file");
    }
    workplace.folder_of(&resume);
}

#[test]
fn what_is_saved_can_be_read_and_another_process_keeps_away() {
    let workplace = Workplace::new();
    workplace.write("stopped.ron", CONFIG);
    interrupted(&workplace, "run stopped.ron --engine cpu --no-analysis");
    let folder = partial(&workplace).expect("a stopped run");
    let steps: ndarray::Array1<u32> =
        ndarray_npy::read_npy(folder.join("spikes_step.npy")).expect("an array");
    let neurons: ndarray::Array1<u32> =
        ndarray_npy::read_npy(folder.join("spikes_neuron.npy")).expect("an array");
    assert!(steps.len() > 100 && steps.len() == neurons.len());
    let whole = workplace.folder_of("run stopped.ron --engine cpu --no-analysis -q");
    let all: ndarray::Array1<u32> = ndarray_npy::read_npy(whole.join("spikes_step.npy")).expect("an array");
    assert_eq!(steps, all.slice(ndarray::s![..steps.len()]));
    assert_ne!(spikes(&whole)[0].len(), 128, "there are spikes");
}

#[test]
fn a_saved_run_is_verified_by_any_engine_and_a_changed_one_is_not() {
    let workplace = Workplace::new();
    workplace.write("stopped.ron", CONFIG);
    let run = workplace.folder_of("run stopped.ron --engine cpu --no-analysis -q");
    let mut engines = vec!["cpu", "reference"];
    engines.extend(test_adapter().map(|_| "gpu"));
    for engine in engines {
        let call =
            workplace.call(&format!("verify {} --engine {engine} --duration-ms 200 -q", run.display()));
        assert_eq!(call.code, Some(0), "{call:?}");
        assert!(call.stdout.contains("the spikes are the same"), "{}", call.stdout);
        assert!(call.stdout.contains("2000 of 10000"), "{}", call.stdout);
    }
    let whole = workplace.call(&format!("verify {} --engine cpu -q", run.display()));
    assert!(whole.stdout.contains("10000 of 10000") && whole.code == Some(0), "{whole:?}");
    // One neuron of one spike, as if it had been computed like that.
    let path = run.join("spikes_neuron.npy");
    let mut bytes = std::fs::read(&path).expect("spikes");
    bytes[128] ^= 1;
    std::fs::write(&path, bytes).expect("a file");
    seal(&run);
    let changed = workplace.call(&format!("verify {} --engine cpu --duration-ms 200 -q", run.display()));
    assert_eq!(changed.code, Some(3), "{changed:?}");
    assert!(changed.stdout.contains("DIFFER, and are the same up to step"), "{}", changed.stdout);
}
