//! Run folders travel between people. What lies in them leads the program nowhere else: nothing is written or
//! removed outside, nothing that somebody else has put there is lost, and nothing holds the program up.
#![cfg(unix)]

use crate::fixtures::command_line::{Call, Workplace};
use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A network that is built and run in no time.
const CONFIG: &str = r#"(
    name: "others",
    scaling: (n_scaling: 0.001, k_scaling: 0.004),
    simulation: (duration_ms: 60.0, statistics_from_ms: 20.0),
)"#;
const RUN: &str = "run others.ron --engine cpu -q";
const FORCED: &str = "run others.ron --engine cpu -q --force";
/// Longest time that a command may take here; each takes less than a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// A place with a run, and a folder of somebody else.
fn workplace() -> (Workplace, PathBuf) {
    let workplace = Workplace::new();
    workplace.write("others.ron", CONFIG);
    let run = workplace.folder_of(&format!("{RUN} --no-analysis"));
    workplace.write("theirs/thesis.txt", "years of work");
    workplace.write("theirs/sub/summary.csv", "theirs");
    workplace.write("theirs/config.ron", "theirs");
    (workplace, run)
}

/// Every file below `folder` with its content.
fn content(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in folder.read_dir().expect("a folder") {
        let path = entry.expect("an entry").path();
        let kind = path.symlink_metadata().expect("an entry").file_type();
        if kind.is_dir() {
            found.extend(content(&path));
            continue;
        }
        let bytes = match path.read_link() {
            Ok(target) => target.into_os_string().into_encoded_bytes(),
            Err(_) => std::fs::read(&path).expect("a file"),
        };
        found.insert(path, bytes);
    }
    found
}

fn is_told(call: &Call, parts: &[&str]) {
    assert!(matches!(call.code, Some(1 | 2)), "{call:?}");
    for part in parts {
        assert!(call.stderr.contains(part), "'{part}' is not in {call:?}");
    }
}

fn named(folder: &Path, suffix: &str) -> PathBuf {
    let mut name = folder.file_name().expect("a name").to_os_string();
    name.push(suffix);
    folder.with_file_name(name)
}

#[test]
fn a_link_in_the_place_of_a_folder_that_is_filled_is_told_and_what_it_leads_to_stays() {
    let (workplace, run) = workplace();
    let network = run.parent().expect("a network").to_path_buf();
    let (theirs, name) = (workplace.path("theirs"), run.display().to_string());
    let before = content(&theirs);
    let npz = format!("export {name} --format npz -q");
    std::fs::create_dir(run.join("export")).expect("a folder");
    for (link, command) in [
        (run.join("figures.partial"), format!("analyze {name} -q")),
        (run.join("analysis.partial"), format!("analyze {name} -q")),
        (run.join("export/npz.partial"), npz.clone()),
        (named(&run, ".partial"), FORCED.to_owned()),
        (named(&network, ".partial"), FORCED.to_owned()),
    ] {
        symlink(&theirs, &link).expect("a link");
        is_told(
            &workplace.call(&command),
            &["cannot write", "is a symbolic link", "put a file or folder of its own there"],
        );
        assert_eq!(content(&theirs), before, "{command}");
        // Without the link the same command does what it should.
        std::fs::remove_file(&link).expect("a link");
        let call = workplace.call(&command);
        assert_eq!(call.code, Some(0), "{call:?}");
    }
    // The comparison sees a change.
    workplace.write("theirs/sub/summary.csv", "Theirs");
    assert_ne!(content(&theirs), before);
}

#[test]
fn a_link_in_the_middle_of_a_path_is_told_and_what_it_leads_to_stays() {
    let (workplace, run) = workplace();
    let (theirs, name) = (workplace.path("theirs"), run.display().to_string());
    let before = content(&theirs);
    symlink(&theirs, run.join("export")).expect("a link");
    let export = format!("export {name} --format npz -q --force");
    is_told(&workplace.call(&export), &["export is a symbolic link"]);
    assert_eq!(content(&theirs), before);
    // The folder of all runs of a name, and of a network.
    let network = run.parent().expect("a network").to_path_buf();
    for folder in [network.as_path(), network.parent().expect("a name")] {
        let moved = workplace.path("moved");
        std::fs::rename(folder, &moved).expect("a new name");
        symlink(&moved, folder).expect("a link");
        let before = content(&moved);
        is_told(&workplace.call(&format!("{RUN} --seed 9")), &["is a symbolic link"]);
        assert_eq!(content(&moved), before);
        std::fs::remove_file(folder).expect("a link");
        std::fs::rename(&moved, folder).expect("the old name");
    }
    // The folder of all output is the user's own, and may be a link.
    std::fs::rename(workplace.path("out"), workplace.path("moved")).expect("a new name");
    symlink("moved", workplace.path("out")).expect("a link");
    assert_eq!(workplace.call(&format!("{RUN} --seed 9 --no-analysis")).code, Some(0));
}

#[test]
fn a_link_in_the_place_of_what_is_replaced_goes_and_what_it_leads_to_stays() {
    let (workplace, run) = workplace();
    let (theirs, name) = (workplace.path("theirs"), run.display().to_string());
    let before = content(&theirs);
    for link in ["analysis", "figures"] {
        symlink(&theirs, run.join(link)).expect("a link");
    }
    for link in ["report.html", "report.html.partial"] {
        symlink(theirs.join("thesis.txt"), run.join(link)).expect("a link");
    }
    let call = workplace.call(&format!("analyze {name} -q"));
    assert_eq!(call.code, Some(0), "{call:?}");
    assert_eq!(content(&theirs), before);
    for made in ["analysis/summary.csv", "figures/rasters.png", "report.html"] {
        assert!(run.join(made).symlink_metadata().expect(made).is_file());
    }
    assert!(run.join("analysis").symlink_metadata().expect("a folder").is_dir());
    // Another name of the same file is another name of what was there before.
    std::fs::remove_file(run.join("report.html")).expect("a file");
    std::fs::hard_link(theirs.join("thesis.txt"), run.join("report.html.partial")).expect("a hard link");
    assert_eq!(workplace.call(&format!("analyze {name} -q")).code, Some(0));
    assert_eq!(content(&theirs), before);
}

#[test]
fn a_link_in_the_place_of_a_summary_goes_and_what_it_leads_to_stays() {
    let (workplace, _) = workplace();
    let sweep = "sweep others.ron --vary weights.chi=1,1.5 --engine cpu -q";
    let folder = workplace.folder_of(sweep);
    let before = content(&workplace.path("theirs"));
    for link in ["summary.csv.partial", "sweep.ron.partial", "sweep.png", "config.ron"] {
        let _ = std::fs::remove_file(folder.join(link));
        symlink(workplace.path("theirs/thesis.txt"), folder.join(link)).expect("a link");
    }
    assert_eq!(workplace.folder_of(sweep), folder);
    assert_eq!(content(&workplace.path("theirs")), before);
    assert!(folder.join("summary.csv").symlink_metadata().expect("a file").is_file());
    symlink(workplace.path("theirs/thesis.txt"), folder.join("lock")).expect("a link");
    is_told(&workplace.call(sweep), &["lock is a symbolic link"]);
    assert_eq!(content(&workplace.path("theirs")), before);
}

/// A run that was stopped, its folder.
fn stopped(workplace: &Workplace) -> PathBuf {
    workplace.write("others.ron", CONFIG);
    let long = "run others.ron --engine cpu -q --no-analysis --checkpoint-every 50 --duration-ms 20000";
    let mut child = workplace.command(long).spawn().expect("the program starts");
    let started = Instant::now();
    let partial = loop {
        let saved = workplace.tree().into_iter().find(|path| path.ends_with(".partial/checkpoint.bin"));
        if let Some(saved) = saved {
            break workplace.path(&saved).parent().expect("a folder").to_path_buf();
        }
        assert!(started.elapsed() < PATIENCE, "{:?}", workplace.tree());
        std::thread::sleep(Duration::from_millis(5));
    };
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    partial
}

#[test]
fn a_stopped_run_that_is_a_link_or_has_links_does_not_go_on() {
    let workplace = Workplace::new();
    let partial = stopped(&workplace);
    let (moved, resume) = (workplace.path("moved"), format!("resume {} -q", partial.display()));
    std::fs::rename(&partial, &moved).expect("a new name");
    symlink(&moved, &partial).expect("a link");
    let before = content(&moved);
    is_told(&workplace.call(&resume), &["is a symbolic link"]);
    assert_eq!(content(&moved), before);
    std::fs::remove_file(&partial).expect("a link");
    std::fs::rename(&moved, &partial).expect("the old name");
    let spikes = partial.join("spikes_step.npy");
    let theirs = workplace.path("theirs.npy");
    std::fs::copy(&spikes, &theirs).expect("a copy");
    let before = std::fs::read(&theirs).expect("a file");
    std::fs::remove_file(&spikes).expect("a file");
    symlink(&theirs, &spikes).expect("a link");
    is_told(&workplace.call(&resume), &["spikes_step.npy is a symbolic link"]);
    std::fs::remove_file(&spikes).expect("a link");
    std::fs::hard_link(&theirs, &spikes).expect("a hard link");
    is_told(&workplace.call(&resume), &["spikes_step.npy has another name"]);
    assert!(std::fs::read(&theirs).expect("a file") == before);
    // With a file of its own it goes on.
    std::fs::remove_file(&spikes).expect("a link");
    std::fs::copy(&theirs, &spikes).expect("a copy");
    let call = workplace.call(&resume);
    assert_eq!(call.code, Some(0), "{call:?}");
}

/// Calls the program, which must not take long.
fn in_time(workplace: &Workplace, arguments: &str) -> Call {
    let mut command = Command::new("timeout");
    command.arg(PATIENCE.as_secs().to_string()).arg(env!("CARGO_BIN_EXE_humam-gpu"));
    let output = command.args(arguments.split_whitespace()).current_dir(workplace.path("")).output();
    let output = output.expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Call { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn a_pipe_or_a_device_in_the_place_of_a_file_holds_nobody_up() {
    let (workplace, run) = workplace();
    let name = run.display().to_string();
    let network = run.with_file_name("network.ron");
    let nest = workplace.folder_of(&format!("export {name} --format nest --to nest -q"));
    let files = ["manifest.json", "config.ron", "populations.csv", "rates.csv", "spikes_step.npy"];
    let files = files.map(|file| run.join(file)).into_iter().chain([network]);
    for file in files {
        let good = std::fs::read(&file).expect("a file");
        std::fs::remove_file(&file).expect("a file");
        for is_pipe in [true, false] {
            match is_pipe {
                true => assert!(Command::new("mkfifo").arg(&file).status().expect("mkfifo").success()),
                false => symlink("/dev/zero", &file).expect("a link"),
            }
            for command in [format!("analyze {name} -q"), format!("verify {name} -q"), RUN.to_owned()] {
                let call = in_time(&workplace, &command);
                assert!(
                    call.code.is_some_and(|code| code < 3) || call.code == Some(0),
                    "{command}: {call:?}"
                );
            }
            is_told(&in_time(&workplace, &format!("analyze {name} -q")), &[]);
            std::fs::remove_file(&file).expect("a pipe");
        }
        std::fs::write(&file, good).expect("a file");
    }
    assert_eq!(in_time(&workplace, &format!("analyze {name} -q")).code, Some(0));
    for file in ["population_GIDs.dat", "spikes/spike_recorder-1-0.dat"] {
        let file = nest.join(file);
        std::fs::remove_file(&file).expect("a file");
        assert!(Command::new("mkfifo").arg(&file).status().expect("mkfifo").success());
        is_told(&in_time(&workplace, &format!("import nest --like {name} -q")), &[]);
    }
    assert!(Command::new("mkfifo").arg(workplace.path("x.ron")).status().expect("mkfifo").success());
    is_told(&in_time(&workplace, "run x.ron"), &["no regular file"]);
    is_told(&in_time(&workplace, "sweep x.ron --seeds 2"), &["no regular file"]);
}

#[test]
fn a_file_that_the_user_names_leaves_those_beside_it() {
    let workplace = Workplace::new();
    for file in ["mine.ron.partial", "mine.ron.partial.partial"] {
        workplace.write(file, "theirs");
    }
    assert_eq!(workplace.call("init mine").code, Some(0));
    assert!(workplace.path("mine.ron").is_file() && workplace.tree().len() == 3, "{:?}", workplace.tree());
    for file in ["mine.ron.partial", "mine.ron.partial.partial"] {
        assert_eq!(std::fs::read_to_string(workplace.path(file)).expect("a file"), "theirs");
    }
}

#[test]
fn an_export_leaves_its_siblings_and_the_files_of_others_in_it() {
    let (workplace, run) = workplace();
    let export = format!("export {} --format npz --to x -q", run.display());
    workplace.write("x.partial/run.npz", "theirs");
    is_told(&workplace.call(&export), &["x.partial was not made by this program", "move it away"]);
    std::fs::rename(workplace.path("x.partial"), workplace.path("kept")).expect("a new name");
    workplace.write("x.replaced/run.npz", "theirs");
    assert_eq!(workplace.call(&export).code, Some(0));
    is_told(&workplace.call(&format!("{export} --force")), &["x.replaced was not made by this program"]);
    for file in ["kept/run.npz", "x.replaced/run.npz"] {
        assert_eq!(std::fs::read_to_string(workplace.path(file)).expect("a file"), "theirs");
    }
    std::fs::rename(workplace.path("x.replaced"), workplace.path("kept/too")).expect("a new name");
    workplace.write("x/thesis.txt", "years of work");
    workplace.write("x/mine/run.npz", "mine");
    workplace.write("x/run.npz", "spoilt");
    let call = workplace.call(&format!("{export} --force"));
    assert_eq!(call.code, Some(0), "{call:?}");
    assert!(
        call.stdout.contains("kept:         mine, thesis.txt, which this program did not write"),
        "{call:?}"
    );
    assert_eq!(std::fs::read_to_string(workplace.path("x/thesis.txt")).expect("a file"), "years of work");
    assert_eq!(std::fs::read_to_string(workplace.path("x/mine/run.npz")).expect("a file"), "mine");
    assert_ne!(std::fs::read(workplace.path("x/run.npz")).expect("a file"), b"spoilt");
    assert!(!workplace.path("x.replaced").exists() && !workplace.path("x.partial").exists());
    // If there is nothing of others, nothing is named.
    std::fs::remove_dir_all(workplace.path("x")).expect("a folder");
    workplace.folder_of(&export);
    let call = workplace.call(&format!("{export} --force"));
    assert!(call.code == Some(0) && !call.stdout.contains("kept:"), "{call:?}");
}

/// A run that has every file that a run can have.
const EVERYTHING: &str = "run others.ron --engine cpu -q --figures png,svg --set recording.spike_counts=true";

#[test]
fn a_run_made_anew_loses_all_that_the_program_wrote_and_nothing_else() {
    let workplace = Workplace::new();
    let meters = "recording: (voltmeter: [(populations: \"insula II/III E\", neurons: 2, interval_ms: 1.0)]), simulation";
    workplace.write("others.ron", &CONFIG.replacen("simulation", meters, 1));
    let run = workplace.folder_of(EVERYTHING);
    let below = |run: &Path| -> Vec<PathBuf> {
        content(run).into_keys().map(|path| path.strip_prefix(run).expect("below").to_path_buf()).collect()
    };
    let made = below(&run);
    for format in ["nest", "sonata", "parquet", "npz"] {
        workplace.folder_of(&format!("export {} --format {format} -q", run.display()));
    }
    assert!(below(&run).len() > made.len() + 10);
    let call = workplace.call(&format!("{EVERYTHING} --force"));
    assert!(call.code == Some(0) && !call.stdout.contains("kept:"), "{call:?}");
    assert_eq!(below(&run), made, "nothing of the exports is left, and no file is unknown");

    for file in
        ["notes.txt", "analysis/mine.csv", "figures/mine.png", "export/npz/mine.npz", "mine/config.ron"]
    {
        std::fs::create_dir_all(run.join(file).parent().expect("a folder")).expect("a folder");
        std::fs::write(run.join(file), "mine").expect("a file");
    }
    let call = workplace.call(&format!("{EVERYTHING} --force"));
    assert_eq!(call.code, Some(0), "{call:?}");
    let line = call.stdout.lines().find(|line| line.starts_with("kept:")).expect("what was kept");
    for kept in ["notes.txt", "analysis/mine.csv", "figures/mine.png", "export/npz/mine.npz", " mine,"] {
        assert!(line.contains(kept), "{line}");
    }
    for file in
        ["notes.txt", "analysis/mine.csv", "figures/mine.png", "export/npz/mine.npz", "mine/config.ron"]
    {
        assert_eq!(std::fs::read_to_string(run.join(file)).expect(file), "mine");
    }
    assert_eq!(below(&run).len(), made.len() + 5);
    // An analysis leaves them too.
    assert_eq!(workplace.call(&format!("analyze {} -q", run.display())).code, Some(0));
    assert_eq!(std::fs::read_to_string(run.join("figures/mine.png")).expect("a file"), "mine");
}
