//! A long run takes no more memory than a short one, loses no spike and tells how far it is.

use humam_gpu::config::{self, Config, Override};
use humam_gpu::engine::fixed_point::BLOCK_STEPS;
use humam_gpu::progress::{Progress, Stage};
use humam_gpu::run::{Output, RunReport, run};
use humam_gpu::simulation::recording::{Manifest, STATE_FILE, SpikeBounds, read_counts, read_spikes};
use std::path::Path;

/// Largest change of the memory after the first second of model time, relative to what it was then:
/// buffers that grow with the busiest batch so far grow a little for ever.
const DRIFT: f64 = 0.05;
/// Model time after which memory is held to be what it stays, ms.
const SETTLED_MS: f64 = 1000.0;

/// Memory of this process that is in use, bytes; `None` if the system does not tell.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// What a run has told: model times, ms, each with the memory at that time.
#[derive(Default)]
struct Watched(Vec<(f64, Option<u64>)>);

impl Progress for Watched {
    fn stage(&mut self, _stage: Stage) {}

    fn simulated(&mut self, step: u32, _n_steps: u32, dt_ms: f64) {
        self.0.push((f64::from(step) * dt_ms, resident_bytes()));
    }
}

/// Largest relative distance of the memory from what it was at [`SETTLED_MS`]; `None` if there is
/// nothing to compare.
fn drift(told: &[(f64, Option<u64>)]) -> Option<f64> {
    let mut settled = told.iter().filter(|(time_ms, _)| *time_ms >= SETTLED_MS).map(|&(_, bytes)| bytes);
    let first = settled.next()?? as f64;
    let distances = settled.flatten().map(|bytes| (bytes as f64 - first).abs() / first);
    distances.reduce(f64::max)
}

/// The down-scaled model on the CPU engine.
fn downscaled(duration_ms: f64) -> Config {
    let set = |text: String| Override::set(&text).expect("an assignment");
    let overrides = [
        format!("simulation.duration_ms={duration_ms}"),
        "engine.engine=cpu".to_owned(),
        "engine.synapses=stored".to_owned(),
        "recording.spike_counts=true".to_owned(),
    ];
    config::load(Path::new("builtin:downscaled"), &overrides.map(set)).expect("a configuration")
}

/// Runs the model for that time and holds it to all that is promised.
fn soak(duration_ms: f64) {
    let folder = tempfile::tempdir().expect("a folder");
    let config = downscaled(duration_ms);
    let output = Output { folder: folder.path().to_path_buf(), force: false };
    let mut watched = Watched::default();
    let report = run(&config, &output, &mut watched).expect("a run");

    let mut times = watched.0.iter().map(|&(time_ms, _)| time_ms);
    assert!(times.clone().is_sorted_by(|a, b| a < b), "time goes on");
    let last = times.next_back().expect("progress");
    assert!((last - duration_ms).abs() < 0.5 * config.simulation.dt_ms, "it ends at {last} ms");

    // In the last block, whatever the run has lasted, its state is kept.
    let last_block_ms = duration_ms - f64::from(BLOCK_STEPS) * config.simulation.dt_ms;
    let before = watched.0.partition_point(|&(time_ms, _)| time_ms < last_block_ms);
    match drift(&watched.0[..before]) {
        Some(drift) => {
            let bytes =
                |sample: Option<&(f64, Option<u64>)>| sample.and_then(|(_, bytes)| *bytes).unwrap_or(0);
            let (settled, end) = (bytes(watched.0[..before].last()), bytes(watched.0.last()));
            println!(
                "{duration_ms} ms: {} MB, {} at the end, drift {:.2} %",
                settled >> 20,
                end >> 20,
                100.0 * drift
            );
            assert!(drift < DRIFT, "memory has changed by {:.1} %", 100.0 * drift);
            let state = std::fs::metadata(report.folder.join(STATE_FILE)).expect("a state").len();
            let most = settled + 2 * state;
            assert!(end < most, "{end} bytes at the end, where {settled} and a state of {state} are allowed");
        }
        None => println!("skipped: this system does not tell a process's memory"),
    }
    counted_are_recorded(&report, &config);
}

/// Counts in bins, made as the run went on, are those of the spikes on disk, population by population.
fn counted_are_recorded(report: &RunReport, config: &Config) {
    let network = &report.network.stored.network;
    let (ends, n_steps) = (network.first_neurons(), config.simulation.n_steps());
    let bounds = SpikeBounds { n_neurons: network.n_neurons() as u32, n_steps };
    let mut recorded = vec![0_u64; network.populations.len()];
    let n_spikes = read_spikes(&report.folder, bounds, &mut |_, neurons| {
        for neuron in neurons {
            recorded[ends.partition_point(|first| first <= neuron) - 1] += 1;
        }
    });
    let n_spikes = n_spikes.expect("spikes");
    let Manifest { n_spikes: simulated, n_spikes_recorded, .. } = report.manifest;
    println!("{n_spikes} spikes, {:.2} times real time", 1.0 / report.manifest.made_by.real_time_factor);
    assert_eq!((simulated, n_spikes_recorded), (n_spikes, Some(n_spikes)));
    assert_eq!(recorded.iter().sum::<u64>(), n_spikes);
    let counts = read_counts(&report.folder, recorded.len()).expect("counts");
    let counted: Vec<u64> =
        counts.columns().into_iter().map(|column| column.iter().map(|&n| u64::from(n)).sum()).collect();
    assert_eq!(counted, recorded);
}

#[test]
fn two_seconds_take_no_more_memory_than_one() {
    soak(2000.0);
}

#[test]
#[ignore = "ten to thirty seconds on two cores and half a gigabyte of disk; run it with \
            `cargo test --release --test soak -- --ignored --nocapture`"]
fn a_minute_takes_no_more_memory_than_a_second() {
    soak(60_000.0);
}

#[test]
fn memory_that_grows_or_shrinks_is_seen() {
    let told = |bytes: &dyn Fn(u64) -> u64| -> Vec<(f64, Option<u64>)> {
        (0..100).map(|k| (100.0 * k as f64, Some(bytes(k)))).collect()
    };
    assert!(drift(&told(&|k| 1000 + k)).is_some_and(|drift| drift > DRIFT));
    assert!(drift(&told(&|k| 1000 - k)).is_some_and(|drift| drift > DRIFT));
    // What is taken before the first second does not matter.
    assert_eq!(drift(&told(&|k| if k < 10 { 100 * k } else { 1000 })), Some(0.0));
    assert_eq!(drift(&told(&|k| k)[..10]), None);
}
