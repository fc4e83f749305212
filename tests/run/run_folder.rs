//! A run folder is complete, is found again, and can be made again from itself.

use crate::fixtures::adapter::test_adapter;
use crate::fixtures::command_line::{Workplace, configuration, spikes};
use crate::fixtures::seal::seal;
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// A network that is built and run in no time.
const SMALL: &str = "(
  scaling: (n_scaling: 0.001, k_scaling: 0.004),
  simulation: (duration_ms: 60.0, statistics_from_ms: 20.0),
)";

fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.write("small.ron", SMALL);
    workplace
}

fn manifest(run: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(run.join("manifest.json")).expect("a manifest")).expect("JSON")
}

fn table(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let strings = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let header = strings(reader.headers().expect("a header"));
    (header, reader.records().map(|row| strings(&row.expect("a row"))).collect())
}

#[test]
fn it_has_every_file_and_they_agree() {
    let workplace = workplace();
    let run = workplace.folder_of("run small.ron --engine cpu --no-analysis");
    let files: Vec<String> = workplace.tree().into_iter().filter(|path| path.contains('.')).collect();
    let names: Vec<&str> = files.iter().filter_map(|path| path.rsplit('/').next()).collect();
    let mut expected = vec![
        "neurons.csv",
        "synapses.csv",
        "external_synapses.csv",
        "weights_pa.csv",
        "external_weights_pa.csv",
        "external_rates_hz.csv",
        "dc_drive_pa.csv",
        "cc_delay_mean_ms.csv",
        "theory_rates.csv",
        "full_scale_neurons.csv",
        "full_scale_synapses.csv",
        "theory_flow.csv",
        "areas.csv",
        "network.ron",
        "manifest.json",
        "config.ron",
        "manifest.json",
        "populations.csv",
        "spikes_neuron.npy",
        "spikes_step.npy",
        "rates.csv",
        "state.bin",
        "small.ron",
    ];
    expected.sort_unstable();
    let mut found = names.clone();
    found.sort_unstable();
    assert_eq!(found, expected);

    let neurons: ndarray::Array1<u32> = ndarray_npy::read_npy(run.join("spikes_neuron.npy")).expect("spikes");
    let steps: ndarray::Array1<u32> = ndarray_npy::read_npy(run.join("spikes_step.npy")).expect("steps");
    let manifest = manifest(&run);
    assert_eq!(neurons.len(), steps.len());
    assert_eq!(manifest["n_spikes"], neurons.len());
    assert!(neurons.len() > 1000, "{}", neurons.len());
    let order: Vec<(u32, u32)> = steps.iter().copied().zip(neurons.iter().copied()).collect();
    assert!(order.is_sorted() && order.iter().all(|&(step, _)| (1..=600).contains(&step)));

    let (columns, populations) = table(&run.join("populations.csv"));
    assert_eq!(columns, ["area", "layer", "population", "first_neuron", "neurons"]);
    assert_eq!(populations.len(), 254);
    let (columns, rates) = table(&run.join("rates.csv"));
    assert_eq!(columns, ["area", "layer", "population", "neurons", "rate_hz", "theory_rate_hz"]);
    for (population, rate) in populations.iter().zip(&rates) {
        assert_eq!(population[..3], rate[..3]);
        let first: u32 = population[3].parse().expect("a neuron");
        let n: u32 = population[4].parse().expect("a number");
        let counts = |&&(step, neuron): &&(u32, u32)| {
            (200..600).contains(&step) && (first..first + n).contains(&neuron)
        };
        let expected = order.iter().filter(counts).count() as f64 / f64::from(n) / 0.04;
        let found: f64 = rate[4].parse().expect("a rate");
        assert!((found - expected).abs() < 1e-9, "{rate:?}");
    }
    let (_, theory) = table(&run.parent().expect("a network").join("theory_rates.csv"));
    let predicted: Vec<&String> = theory.iter().map(|row| &row[3]).filter(|rate| !rate.is_empty()).collect();
    assert_eq!(predicted, rates.iter().map(|row| &row[5]).collect::<Vec<_>>());
    for key in ["version", "driver", "build_s", "simulate_s", "real_time_factor", "peak_host_bytes"] {
        assert!(manifest.get(key).is_some(), "{key}");
    }
    assert_eq!((&manifest["engine"], &manifest["seed"]), (&"cpu".into(), &2903.into()));
}

#[test]
fn it_is_found_again_whatever_the_engine_options() {
    let workplace = workplace();
    let first = workplace.call("run small.ron --engine cpu");
    assert!(first.stdout.contains("run:          made"), "{first:?}");
    let again = workplace.call("run small.ron --threads 1 --set engine.batch_steps=7");
    assert!(again.stdout.contains("run:          found and used again"), "{again:?}");
    assert!(again.stdout.contains("network:      found and used again"), "{again:?}");
    assert_eq!(first.stdout.lines().last(), again.stdout.lines().last());
    let other = workplace.call("run small.ron --engine cpu --seed 1");
    assert!(other.stdout.contains("network:      found and used again"), "{other:?}");
    assert!(other.stdout.contains("run:          made"), "{other:?}");
    assert_ne!(first.stdout.lines().last(), other.stdout.lines().last());
}

#[test]
fn force_makes_it_again_and_leaves_other_runs() {
    let workplace = workplace();
    let other = workplace.folder_of("run small.ron --engine cpu --seed 1");
    let run = workplace.folder_of("run small.ron --engine cpu");
    let before = spikes(&run);
    std::fs::write(run.join("rates.csv"), "spoilt").expect("a file");
    let tree = workplace.tree();
    assert_eq!(workplace.folder_of("run small.ron --engine cpu --force"), run);
    assert_eq!((spikes(&run), workplace.tree()), (before, tree));
    assert_ne!(std::fs::read(run.join("rates.csv")).expect("a file"), b"spoilt");
    assert!(other.join("manifest.json").exists());
}

#[test]
fn its_own_configuration_makes_it_again() {
    let workplace = workplace();
    let run = workplace.folder_of("run small.ron --engine cpu --seed 7 --set weights.chi=1.5");
    let config = run.join("config.ron").display().to_string();
    let again = workplace.folder_of(&format!("run {config} --out elsewhere"));
    assert_eq!(spikes(&run), spikes(&again));
    let below = |path: &Path, out| path.strip_prefix(workplace.path(out)).expect("below").to_path_buf();
    assert_eq!(below(&run, "out"), below(&again, "elsewhere"));
    let reused = workplace.call(&format!("run {config}"));
    assert!(reused.stdout.contains("run:          found and used again"), "{reused:?}");
}

#[test]
fn another_engine_confirms_it_and_is_recorded() {
    let workplace = workplace();
    let run = workplace.folder_of("run small.ron --engine cpu");
    let confirmed = workplace.call("run small.ron --engine reference");
    assert_eq!(confirmed.code, Some(0), "{confirmed:?}");
    assert!(confirmed.stdout.contains("made again: the spikes are those"), "{confirmed:?}");
    let manifest = manifest(&run);
    assert_eq!(
        (&manifest["engine"], &manifest["also_made_by"][0]["engine"]),
        (&"cpu".into(), &"reference".into())
    );
    let reused = workplace.call("run small.ron --engine reference");
    assert!(reused.stdout.contains("run:          found and used again"), "{reused:?}");
    assert!(!workplace.tree().iter().any(|path| path.contains("partial") || path.contains("differs")));
}

#[test]
fn spikes_that_differ_are_an_error_and_both_are_kept() {
    let workplace = workplace();
    let run = workplace.folder_of("run small.ron --engine cpu");
    let mut neurons = std::fs::read(run.join("spikes_neuron.npy")).expect("spikes");
    // The low byte of the 101st spike's neuron, after a header of 128 bytes.
    neurons[128 + 400] ^= 1;
    std::fs::write(run.join("spikes_neuron.npy"), neurons).expect("spikes");
    seal(&run);
    let call = workplace.call("run small.ron --engine reference");
    assert_eq!(call.code, Some(1), "{call:?}");
    assert!(call.stderr.contains("differ") && call.stderr.contains("from spike 100 "), "{call:?}");
    let name = format!("{}.reference-differs", run.file_name().expect("a name").to_string_lossy());
    let kept = run.with_file_name(name);
    assert!(call.stderr.contains(".reference-differs"), "{call:?}");
    assert!(kept.join("manifest.json").exists() && run.join("manifest.json").exists());
    assert_eq!(manifest(&run)["also_made_by"], serde_json::json!([]));
}

#[test]
fn statistics_from_another_time_on_are_counted_anew() {
    let workplace = workplace();
    let run = workplace.folder_of("run small.ron --engine cpu");
    let before = table(&run.join("rates.csv")).1;
    let call = workplace.call("run small.ron --set simulation.statistics_from_ms=40");
    assert!(
        call.stdout.contains("found and used again") && call.stdout.contains("from 40 ms on"),
        "{call:?}"
    );
    assert_ne!(table(&run.join("rates.csv")).1, before);
    workplace.call("run small.ron");
    assert_eq!(table(&run.join("rates.csv")).1, before);
}

#[test]
fn synapses_drawn_again_give_the_same_spikes() {
    let workplace = workplace();
    let stored = workplace.folder_of("run small.ron --engine cpu --set engine.synapses=stored");
    let options = "--engine cpu --set engine.synapses=procedural --threads 1 --out other";
    let drawn = workplace.folder_of(&format!("run small.ron {options}"));
    assert_eq!(spikes(&stored), spikes(&drawn));
}

#[test]
fn a_killed_run_leaves_nothing_half_written_and_the_next_one_takes_over() {
    let workplace = Workplace::new();
    let long = format!("run {} --engine reference --duration-ms 100000 --quiet", configuration("tiny"));
    let mut child = workplace.command(&long).spawn().expect("the program starts");
    let started = Instant::now();
    let spikes_grow = || workplace.tree().iter().any(|path| path.ends_with(".partial/spikes_step.npy"));
    while !spikes_grow() {
        assert!(started.elapsed() < Duration::from_secs(60), "{:?}", workplace.tree());
        std::thread::sleep(Duration::from_millis(10));
    }
    // While it runs, nobody else writes there.
    let second = workplace.call(&long);
    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(second.stderr.contains("another process is writing"), "{second:?}");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    let complete = |path: &&String| path.ends_with("/rates.csv");
    assert_eq!(workplace.tree().iter().filter(complete).count(), 0);
    let partial = workplace.tree().into_iter().find(|path| path.ends_with(".partial")).expect("a folder");

    // The same run, cut short by an error, cleans up what the killed one left.
    let name = partial.trim_end_matches(".partial");
    if test_adapter().is_none() {
        return;
    }
    let cut_short = "--engine gpu --set engine.synapses=procedural --set engine.history_spikes=1";
    let failed = workplace.call(&long.replace("--engine reference", cut_short));
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(failed.stderr.contains("engine.history_spikes"), "{failed:?}");
    assert!(!workplace.path(&partial).exists() && !workplace.path(name).exists(), "{:?}", workplace.tree());
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    let workplace = workplace();
    let command = format!("{} network small.ron --quiet | true", env!("CARGO_BIN_EXE_humam-gpu"));
    let script = format!("set -o pipefail; {command}");
    let mut shell = std::process::Command::new("bash");
    let Ok(status) = shell.args(["-c", &script]).current_dir(workplace.path("")).status() else {
        println!("skipped: no bash here");
        return;
    };
    assert!(status.success());
}
