//! Output of NEST of a network that is none of the models': imported, analysed and compared with a small table.

use crate::fixtures::command_line::{Workplace, spikes};
use std::fmt::Write;
use std::fs;
use std::path::Path;

const TABLE: &str = "population,neurons\nE,8\nI,2\n";
/// NEST records what follows the neurons, so that their senders begin at 1.
const RECORDER: &str = "spike_recorder-12";
const DURATION_STEPS: u32 = 10_000;

/// Spikes (step, sender) of ten neurons, each with intervals of its own.
fn trains(shift: u32) -> Vec<(u32, u32)> {
    let train = |sender: u32| (1..).map(move |n| n * (70 + 10 * sender + shift) + (n % 3) * sender);
    let until_end =
        |sender| train(sender).take_while(|&step| step <= DURATION_STEPS).map(move |step| (step, sender));
    (1..=10).flat_map(until_end).collect()
}

/// The files of a recorder of NEST 3.10 on two threads.
fn record(folder: &Path, spikes: &[(u32, u32)], in_steps: bool) {
    fs::create_dir_all(folder).expect("a folder");
    let columns = if in_steps { "time_step\ttime_offset" } else { "time_ms" };
    let header = format!("# NEST version: 3.10.0\n# RecordingBackendASCII version: 2\nsender\t{columns}\n");
    for thread in 0..2 {
        let mut text = header.clone();
        for (step, sender) in spikes.iter().filter(|(_, sender)| sender % 2 == thread) {
            let time =
                if in_steps { format!("{step}\t0.000") } else { format!("{:.3}", f64::from(*step) * 0.1) };
            writeln!(text, "{sender}\t{time}").expect("a text");
        }
        fs::write(folder.join(format!("{RECORDER}-{thread}.dat")), text).expect("a file");
    }
}

#[test]
fn a_network_of_one_s_own_is_imported_with_a_table_of_its_populations() {
    let workplace = Workplace::new();
    workplace.write("mine.csv", TABLE);
    record(&workplace.path("ms"), &trains(0), false);
    record(&workplace.path("steps/spikes"), &trains(0), true);
    let import = |nest: &str| format!("import {nest} --populations mine.csv --duration-ms 1000 --quiet");
    let run = workplace.folder_of(&import("ms"));
    let found: Vec<(u32, u32)> = {
        let mut expected: Vec<(u32, u32)> =
            trains(0).into_iter().map(|(step, sender)| (step, sender - 1)).collect();
        expected.sort_unstable();
        expected
    };
    let [steps, neurons] = ["spikes_step.npy", "spikes_neuron.npy"].map(|file| {
        let array: ndarray::Array1<u32> = ndarray_npy::read_npy(run.join(file)).expect("an array");
        array.to_vec()
    });
    assert_eq!(steps.into_iter().zip(neurons).collect::<Vec<_>>(), found);
    // The same spikes by their steps are the same run.
    let again = workplace.call(&import("steps"));
    assert!(
        again.stdout.contains("found and used again") && again.stdout.contains("none predicted"),
        "{again:?}"
    );

    let analysed = workplace.call(&format!("analyze {} --figures svg --quiet", run.display()));
    assert_eq!(analysed.code, Some(0), "{analysed:?}");
    let report = fs::read_to_string(run.join("report.html")).expect("a report");
    assert!(report.contains("Imported network: mine") && !report.contains("NaN"));
    assert!(report.contains("with a table of populations nothing else is known"));
    let populations = fs::read_to_string(run.join("analysis/populations.csv")).expect("a table");
    let rates: Vec<f64> = populations
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(4).expect("a rate").parse().expect("a rate"))
        .collect();
    assert!(rates.len() == 2 && rates[0] > rates[1] && rates[1] > 0.0, "{rates:?}");
    // What is imported goes out again, and is no network to run.
    let nest = workplace.folder_of(&format!("export {} --format nest --to nest --quiet", run.display()));
    let back = workplace.folder_of(&import("nest"));
    assert_eq!(spikes(&back), spikes(&run));
    let text = fs::read_to_string(nest.join("population_GIDs.dat")).expect("a file");
    assert_eq!(text, "('', 'E');1;8\n('', 'I');9;10\n");
    let call = workplace.call(&format!("run {} --quiet", run.join("config.ron").display()));
    assert!(call.code == Some(2) && call.stderr.contains("analysed and not run"), "{call:?}");
}

#[test]
fn two_folders_of_nest_are_compared_with_a_table_of_their_populations() {
    let workplace = Workplace::new();
    workplace.write("mine.csv", TABLE);
    record(&workplace.path("a"), &trains(0), false);
    record(&workplace.path("b"), &trains(9), true);
    let compare = "--populations mine.csv --duration-ms 1000 --quiet --json found.json";
    for (other, is_same) in [("a", true), ("b", false)] {
        let call = workplace.call(&format!("compare a {other} {compare}"));
        assert!(call.stdout.contains("cannot be told: give several seeds"), "{call:?}");
        let found = fs::read(workplace.path("found.json")).expect("a file");
        let found: serde_json::Value = serde_json::from_slice(&found).expect("JSON");
        assert_eq!(found[0]["statistics"][0]["n_populations"], 2, "{found}");
        assert_eq!(found[0]["statistics"][0]["between"]["emd"] == 0.0, is_same, "{found}");
    }
}

#[test]
fn what_a_table_of_populations_cannot_tell_is_asked_for() {
    let workplace = Workplace::new();
    workplace.write("mine.csv", TABLE);
    record(&workplace.path("a"), &trains(0), false);
    for (arguments, message) in [
        ("import a", "--like <RUN_DIR|CONFIG>|--populations <FILE>"),
        ("import a --populations mine.csv --duration-ms 500", "is not within 500 ms"),
        ("import a --populations mine.csv", "for how long NEST simulated: give --duration-ms, too"),
        ("compare a b --populations mine.csv", "for how long NEST simulated: give --duration-ms, too"),
        (
            "import a --populations mine.csv --duration-ms 1000 --set simulation.dt_ms=0.2",
            "no whole number of steps",
        ),
        ("import a --populations mine.csv --duration-ms 1000 --set weights.chi=2", "weights.chi"),
        ("import a --populations none.csv --set simulation.duration_ms=1000", "none.csv: cannot be read"),
        ("import . --populations mine.csv --duration-ms 1000", "it has no .dat file"),
        ("compare a b", "a is no run folder"),
    ] {
        let call = workplace.call(&format!("{arguments} --quiet"));
        assert!(call.code == Some(2) && call.stderr.contains(message), "{message}: {call:?}");
        assert!(!workplace.path("out/mine").exists(), "{arguments}");
    }
}
