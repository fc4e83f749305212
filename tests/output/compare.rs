//! Two seeds of one configuration lie within seed–seed, another χ outside; NEST output is read.

use crate::fixtures::command_line::{Workplace, configuration};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const OUTSIDE: Option<i32> = Some(3);
const WITHIN: Option<i32> = Some(0);

fn run(workplace: &Workplace, seed: u64, chi: f64) -> PathBuf {
    let name = configuration("downscaled");
    workplace.folder_of(&format!(
        "run {name} --engine cpu --quiet --no-analysis --seed {seed} --set weights.chi={chi}"
    ))
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

#[test]
fn two_seeds_lie_within_seeds_and_another_chi_outside() {
    let workplace = Workplace::new();
    let seeds: Vec<String> = (1..=4).map(|seed| run(&workplace, seed, 1.0).display().to_string()).collect();
    let others: Vec<String> = (1..=2).map(|seed| run(&workplace, seed, 2.5).display().to_string()).collect();
    let compare = |arguments: String| workplace.call(&format!("compare {arguments} --quiet --json all.json"));

    let same = compare(format!("{} {}", seeds[0], seeds[1]));
    assert_eq!(same.code, WITHIN, "{same:?}");
    assert!(same.stdout.contains("within seed-seed"), "{same:?}");
    let other = compare(format!("{} {} --csv all.csv", seeds[0], others[0]));
    assert_eq!(other.code, OUTSIDE, "{other:?}");
    assert!(other.stdout.contains("outside seed-seed") && other.stdout.contains("rate_hz of"), "{other:?}");
    // One file tells what is outside of several.
    let all = compare(format!("{} {} {}", seeds[0], seeds[2], others[1]));
    assert_eq!(all.code, OUTSIDE, "{all:?}");
    let verdicts = json(&workplace.path("all.json"));
    assert_eq!((&verdicts[0]["within_seeds"], &verdicts[1]["within_seeds"]), (&true.into(), &false.into()));
    assert_eq!(verdicts[0]["rule"], "areas");
    assert_eq!(verdicts[0]["populations"].as_array().map(Vec::len), Some(4 * 254));
    assert_eq!(
        csv::Reader::from_path(workplace.path("all.csv")).expect("a table").records().count(),
        4 * 254
    );

    let same = compare(format!("{} {} {} --against {}", seeds[0], seeds[1], seeds[2], seeds[3]));
    assert_eq!(same.code, WITHIN, "{same:?}");
    assert_eq!(json(&workplace.path("all.json"))[0]["rule"], "seeds");
    let other = compare(format!("{} --against {}", seeds.join(" "), others.join(" ")));
    assert_eq!(other.code, OUTSIDE, "{other:?}");
    let twice = compare(format!("{} {} --against {}/", seeds[0], seeds[1], seeds[0]));
    assert!(twice.code == Some(2) && twice.stderr.contains("is named twice"), "{twice:?}");
}

/// The run's spikes as NEST writes them, in two files, senders from 1.
fn nest_output(run: &Path, folder: &Path) {
    let read = |file: &str| -> Vec<u32> {
        let array: ndarray::Array1<u32> = ndarray_npy::read_npy(run.join(file)).expect("spikes");
        array.to_vec()
    };
    fs::create_dir_all(folder.join("spikes")).expect("a folder");
    let (neurons, steps) = (read("spikes_neuron.npy"), read("spikes_step.npy"));
    let mut texts = ["# NEST version: 3.10\nsender\ttime_ms\n"; 2].map(str::to_owned);
    for (neuron, step) in neurons.into_iter().zip(steps) {
        let time_ms = f64::from(step) / 10.0;
        writeln!(texts[(neuron % 2) as usize], "{}\t{time_ms:.3}", neuron + 1).expect("a text");
    }
    for (thread, text) in texts.iter().enumerate() {
        fs::write(folder.join(format!("spikes/spike_recorder-1-{thread}.dat")), text).expect("a file");
    }
    let mut populations = String::new();
    for row in csv::Reader::from_path(run.join("populations.csv")).expect("a table").records() {
        let row = row.expect("a row");
        let number = |column: usize| row[column].parse::<u32>().expect("a number");
        let (first, last) = (number(3) + 1, number(3) + number(4));
        writeln!(populations, "('{}', '{}', '{}');{first};{last}", &row[0], &row[1], &row[2])
            .expect("a text");
    }
    fs::write(folder.join("population_GIDs.dat"), populations).expect("a file");
}

#[test]
fn nest_output_of_the_same_spikes_has_no_distance() {
    let workplace = Workplace::new();
    workplace.write(
        "small.ron",
        "(scaling: (n_scaling: 0.001, k_scaling: 0.004), simulation: (duration_ms: 700.0))",
    );
    let run = workplace.folder_of("run small.ron --engine cpu --quiet --no-analysis");
    let nest = workplace.path("nest");
    nest_output(&run, &nest);
    let same = workplace.call(&format!("compare {} nest --quiet --json same.json", run.display()));
    assert_eq!(same.code, WITHIN, "{same:?}");
    for statistic in json(&workplace.path("same.json"))[0]["statistics"].as_array().expect("statistics") {
        assert!(statistic["n_populations"].as_u64() > Some(100), "{statistic}");
        assert_eq!((&statistic["between"]["ks"], &statistic["between"]["emd"]), (&0.0.into(), &0.0.into()));
    }

    let file = nest.join("spikes/spike_recorder-1-0.dat");
    let text = fs::read_to_string(&file).expect("a file");
    for (wrong, reason) in [
        ("999999999\t600.0\n", "in no population"),
        ("1\t800.0\n", "not within 700 ms"),
        ("5\n", "no sender"),
    ] {
        fs::write(&file, format!("{text}{wrong}")).expect("a file");
        let call = workplace.call(&format!("compare {} nest --quiet", run.display()));
        assert_eq!(call.code, Some(2), "{call:?}");
        assert!(call.stderr.contains("spike_recorder-1-0.dat") && call.stderr.contains(reason), "{call:?}");
    }
    let alone = workplace.call("compare nest nest --quiet");
    assert!(alone.code == Some(2) && alone.stderr.contains("there is no run folder"), "{alone:?}");
    fs::write(&file, text).expect("a file");
    for like in ["small.ron".to_owned(), run.display().to_string()] {
        let alone = workplace.call(&format!("compare nest nest --like {like} --quiet --json alone.json"));
        assert_eq!(alone.code, WITHIN, "{alone:?}");
        let [alone, same] = ["alone", "same"].map(|name| json(&workplace.path(&format!("{name}.json"))));
        assert_eq!(alone[0]["populations"], same[0]["populations"]);
    }
}

#[test]
fn what_cannot_be_told_is_not_within() {
    let workplace = Workplace::new();
    let name = configuration("microcircuit");
    let small =
        "--set scaling.n_scaling=0.02 --set scaling.k_scaling=0.02 --engine cpu --quiet --no-analysis";
    let seeds = [1, 2].map(|seed| workplace.folder_of(&format!("run {name} {small} --seed {seed}")));
    let call = workplace.call(&format!("compare {} {} --quiet", seeds[0].display(), seeds[1].display()));
    assert_eq!(call.code, OUTSIDE, "{call:?}");
    assert!(call.stdout.contains("cannot be told: give several seeds a side"), "{call:?}");
    let measured = workplace.call(&format!("compare {} experiment --quiet", seeds[0].display()));
    assert_eq!(measured.code, Some(0), "{measured:?}");
    assert!(measured.stdout.contains("fmri_similarity_left"), "{measured:?}");
    let alone = workplace.call(&format!("compare {} --quiet", seeds[0].display()));
    assert!(alone.code == Some(2) && alone.stderr.contains("nothing to compare it with"), "{alone:?}");
    let short = workplace.folder_of(&format!("run {name} {small} --duration-ms 300"));
    let call = workplace.call(&format!("compare {} {} --quiet", seeds[0].display(), short.display()));
    assert!(call.code == Some(2) && call.stderr.contains("same duration"), "{call:?}");
}
