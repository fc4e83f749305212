//! Stimuli from files: what is in them is part of a run, which needs the files no more.

use crate::fixtures::command_line::{Workplace, spikes};
use std::fs;

const CONFIG: &str = r#"(
    name: "files",
    scaling: (n_scaling: 0.002, k_scaling: 0.002),
    stimuli: [
        poisson(populations: "cuneus", profile: "given/rates.csv", psp_mv: 2.0),
        spike_trains(populations: "insula", file: "given/trains.csv", psp_mv: 30.0),
    ],
    simulation: (seed: 3, duration_ms: 100.0, statistics_from_ms: 0.0),
)"#;
const RATES: &str = "time_ms,rate_hz\n10,500\n30.5,0\n70,2000\n";
const TRAINS: &str = "time_ms,neuron\n90,0\n15.5,1\n15.5,0\n140,1\n";

fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.write("files.ron", CONFIG);
    workplace.write("given/rates.csv", RATES);
    workplace.write("given/trains.csv", TRAINS);
    workplace
}

const RUN: &str = "run files.ron --engine cpu --no-analysis --quiet";

#[test]
fn a_run_keeps_what_it_has_read_and_goes_on_without_the_files() {
    let workplace = workplace();
    let whole = workplace.folder_of(&format!("{RUN} --duration-ms 150 --out whole"));
    let run = workplace.folder_of(RUN);
    for (copy, text) in [("stimulus_0.csv", RATES), ("stimulus_1.csv", TRAINS)] {
        assert_eq!(fs::read_to_string(run.join(copy)).expect("a copy"), text);
    }
    let manifest = fs::read_to_string(run.join("manifest.json")).expect("a manifest");
    assert!(manifest.contains("1 of 4 spikes of stimuli[1].spike_trains come after the end of the run"));
    assert!(manifest.contains("\"stimulus_0.csv\""), "it is sealed: {manifest}");
    // Neither where files are nor how they are named is part of a run.
    fs::rename(workplace.path("given"), workplace.path("taken")).expect("a folder");
    workplace.write("files.ron", &CONFIG.replace("given/", "taken/"));
    let again = workplace.call(RUN);
    assert!(again.stdout.contains("found and used again"), "{again:?}");
    fs::remove_dir_all(workplace.path("taken")).expect("a folder");
    let verified = workplace.call(&format!("verify {} --quiet", run.display()));
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let resume = format!("resume {} --duration-ms 150 --no-analysis --quiet", run.display());
    let longer = workplace.folder_of(&resume);
    assert!(spikes(&longer) == spikes(&whole) && longer.file_name() == whole.file_name());
    let analysed =
        workplace.call(&format!("analyze {} --figures none --no-report --quiet", longer.display()));
    assert_eq!(analysed.code, Some(0), "{analysed:?}");
    // A copy that was changed is seen.
    fs::write(run.join("stimulus_1.csv"), TRAINS.replace("90,0", "91,0")).expect("a file");
    let call = workplace.call(&format!("verify {} --quiet", run.display()));
    assert!(call.code != Some(0) && call.stderr.contains("stimulus_1.csv"), "{call:?}");
}

#[test]
fn other_rates_or_spikes_are_another_run() {
    let workplace = workplace();
    let run = workplace.folder_of(RUN);
    for (file, text) in [
        ("given/rates.csv", RATES.replace("500", "501")),
        ("given/trains.csv", TRAINS.replace("90,0", "90,0\n80,0\n80,1\n70,0\n70,1")),
    ] {
        let changed = workplace_with(file, &text);
        let other = changed.folder_of(RUN);
        assert!(other.file_name() != run.file_name() && spikes(&other) != spikes(&run), "{file}");
    }
}

fn workplace_with(file: &str, text: &str) -> Workplace {
    let workplace = workplace();
    workplace.write(file, text);
    workplace
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_key_file_and_line() {
    for (file, text, told) in [
        (
            "given/rates.csv",
            "time_ms,rate\n1,2\n",
            "rates.csv:1 does not name the columns (files.ron:4): write",
        ),
        (
            "given/rates.csv",
            "time_ms,rate_hz\n0,5\n0.04,2\n",
            "which is no multiple of simulation.dt_ms = 0.1",
        ),
        ("given/rates.csv", "time_ms,rate_hz\n5,5\n5,2\n", "rates.csv:3 has time_ms = 5, which is not after"),
        (
            "given/rates.csv",
            "time_ms,rate_hz\n-1,5\n",
            "rates.csv:2 has time_ms = -1, which must lie in the run",
        ),
        (
            "given/trains.csv",
            "time_ms,neuron\n0,5\n",
            "trains.csv:2 has time_ms = 0, which must lie in the run",
        ),
        (
            "given/trains.csv",
            "time_ms,neuron\n1,x\n",
            "trains.csv:2 has neuron = `x` (files.ron:4): give the",
        ),
        ("given/trains.csv", "time_ms,neuron\n1,99999\n", "trains.csv:2 has neuron = 99999, and population"),
    ] {
        let call = workplace_with(file, text).call(RUN);
        assert_eq!(call.code, Some(2), "{call:?}");
        let key = if file.contains("rates") { "stimuli[0].poisson" } else { "stimuli[1].spike_trains" };
        assert!(call.stderr.contains(told) && call.stderr.contains(key), "{told}: {}", call.stderr);
    }
    let workplace = workplace();
    fs::remove_file(workplace.path("given/rates.csv")).expect("a file");
    let call = workplace.call(RUN);
    assert!(call.stderr.contains("rates.csv cannot be read") && call.code == Some(2), "{call:?}");
    workplace.write(
        "files.ron",
        &CONFIG
            .replace("profile: \"given/rates.csv\"", "psp_mv: 1.0")
            .replace("psp_mv: 1.0, psp_mv: 2.0", "psp_mv: 2.0"),
    );
    let call = workplace.call(RUN);
    assert!(
        call.stderr.contains("stimuli[0].poisson.rate_hz = None must be one of rate_hz and profile"),
        "{call:?}"
    );
}
