//! Longer runs and runs from a state have the files of a run that was never stopped.

use crate::fixtures::adapter::test_adapter;
use crate::fixtures::command_line::Workplace;
use humam_gpu::simulation::recording::Manifest;
use std::path::{Path, PathBuf};

const CONFIG: &str = r#"(
    name: "longer",
    scaling: (n_scaling: 0.002, k_scaling: 0.002),
    connectivity: (p_transmit: 0.9),
    recording: (
        populations: Some(["precuneus", "* * I"]),
        spike_counts: true,
        counts_bin_ms: 0.7,
        voltmeter: [(populations: "precuneus V", neurons: 3, interval_ms: 0.7)],
        means: (populations: "precuneus", interval_ms: 0.9),
    ),
    stimuli: [dc(populations: "* IV E", amplitude_pa: 50.0, from_ms: 20.3, to_ms: 170.0)],
    simulation: (seed: 3, duration_ms: 100.0, statistics_from_ms: 30.0),
)"#;
/// Files of a run that tell what was simulated.
const FILES: [&str; 13] = [
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
    "state.bin",
];

fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.write("longer.ron", CONFIG);
    workplace
}

fn files(run: &Path) -> Vec<Vec<u8>> {
    FILES.map(|file| std::fs::read(run.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))).to_vec()
}

fn run(workplace: &Workplace, arguments: &str) -> PathBuf {
    workplace.folder_of(&format!("run longer.ron --no-analysis --quiet {arguments}"))
}

/// Arguments that choose an engine, for each that is there.
fn engines() -> Vec<String> {
    let word = |name: &str| name.split_whitespace().next().unwrap_or_default().to_owned();
    let gpu = test_adapter().map(|adapter| format!("--engine gpu --adapter {}", word(&adapter.info().name)));
    std::iter::once("--engine cpu".to_owned()).chain(gpu).collect()
}

#[test]
fn a_run_that_is_made_longer_is_the_one_that_was_never_stopped() {
    let workplace = workplace();
    let whole = files(&run(&workplace, "--engine cpu --duration-ms 250.3 --out whole"));
    for (number, engine) in engines().into_iter().enumerate() {
        // Durations that are whole blocks of steps, and others.
        for (first, more) in [("100", None), ("64", Some("128.5")), ("25.6", Some("51.2"))] {
            let out = format!("out{number}-{first}");
            let mut made = run(&workplace, &format!("{engine} --duration-ms {first} --out {out}"));
            for duration in more.into_iter().chain(["250.3"]) {
                let arguments =
                    format!("resume {} --duration-ms {duration} --no-analysis --quiet", made.display());
                let longer = workplace.folder_of(&arguments);
                assert_ne!(longer, made, "a folder of its own");
                made = longer;
            }
            for ((name, found), expected) in FILES.iter().zip(files(&made)).zip(&whole) {
                assert!(found == *expected, "{name}: {engine}, {first} ms");
            }
            let call = workplace.call(&format!("verify {} --quiet", made.display()));
            assert_eq!(call.code, Some(0), "{call:?}");
        }
    }
}

#[test]
fn several_runs_start_from_one_state() {
    let workplace = workplace();
    let transient = run(&workplace, "--engine cpu");
    let mut manifest = Manifest::read(&transient).expect("a manifest");
    manifest.made_by.simulate_s = 1000.0;
    manifest.write(&transient).expect("a manifest");
    let dc = r#"dc(populations: "* IV E", amplitude_pa: 50.0, from_ms: 20.3, to_ms: 170.0)"#;
    for populations in ["cuneus", "insula V"] {
        let later =
            format!(r#"poisson(populations: "{populations}", rate_hz: 900.0, psp_mv: 0.3, from_ms: 110.0)"#);
        workplace.write("longer.ron", &CONFIG.replace(dc, &format!("{dc}, {later}")));
        let from_start = run(&workplace, "--engine cpu --duration-ms 200 --out whole");
        let from_state =
            run(&workplace, &format!("--engine cpu --duration-ms 200 --start-from {}", transient.display()));
        assert!(files(&from_state) == files(&from_start), "{populations}");
        assert_eq!(from_state.file_name(), from_start.file_name(), "it is the same run");
        // What its beginning has taken counts.
        let taken = Manifest::read(&from_state).expect("a manifest").made_by;
        assert!((1000.0..2000.0).contains(&taken.simulate_s), "{taken:?}");
        assert_eq!(taken.real_time_factor, taken.simulate_s / 0.2);
    }
}

#[test]
fn what_is_not_the_beginning_of_a_run_is_refused() {
    let workplace = workplace();
    let begun = run(&workplace, "--engine cpu");
    let start = format!("--start-from {}", begun.display());
    for (arguments, told) in [
        ("--duration-ms 200 --seed 4", "its seed is 3, and not 4"),
        ("--duration-ms 200 --set simulation.statistics_from_ms=0", "statistics_from_ms is 30, and not 0"),
        ("--duration-ms 200 --set recording.spike_counts=false", "it records something else"),
        ("--duration-ms 200 --set connectivity.p_transmit=1", "it has another network"),
        ("--duration-ms 200 --set stimuli=[]", "stimuli[0] is another one, and does not begin after 96 ms"),
        ("--duration-ms 50", "its state is that of 96 ms, and the run has 50 ms"),
    ] {
        let call = workplace.call(&format!("run longer.ron --quiet --engine cpu {arguments} {start}"));
        assert_eq!(call.code, Some(2), "{call:?}");
        assert!(call.stderr.contains(told), "{told}: {}", call.stderr);
    }
    let call = workplace.call("run longer.ron --quiet --duration-ms 200 --start-from out");
    assert!(call.code == Some(2) && call.stderr.contains("it is no run"), "{call:?}");
    let call = workplace.call(&format!("resume {} --duration-ms 50 --quiet", begun.display()));
    assert!(call.code == Some(2) && call.stderr.contains("it is longer than 50 ms"), "{call:?}");
    std::fs::remove_file(begun.join("state.bin")).expect("a state");
    let call = workplace.call(&format!("run longer.ron --quiet --engine cpu --duration-ms 200 {start}"));
    assert!(call.stderr.contains("an earlier version has made it"), "{call:?}");
}
