//! What `bench` and `check-gpu` measure holds together, and nothing but what was asked for is written.

use crate::fixtures::adapter::test_adapter;
use crate::fixtures::command_line::{Call, Workplace, configuration};
use serde_json::Value;

/// Quotients of measured times are recomputed from numbers in the file: rounding only.
const RELATIVE_ERROR: f64 = 1e-9;

fn json(workplace: &Workplace, file: &str) -> Value {
    let text = std::fs::read_to_string(workplace.path(file)).expect("a file");
    serde_json::from_str(&text).expect("JSON")
}

fn number(value: &Value, pointer: &str) -> f64 {
    value.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("{pointer} in {value:#}"))
}

fn assert_close(a: f64, b: f64) {
    assert!((a - b).abs() <= RELATIVE_ERROR * a.abs().max(b.abs()), "{a} {b}");
}

/// Relations between the fields of one measurement.
fn assert_consistent(m: &Value) {
    let [median, events] = ["/simulation/median_s", "/simulation/n_events"].map(|key| number(m, key));
    assert!(median > 0.0 && events > 0.0, "{m:#}");
    assert_close(number(m, "/simulation/events_per_s") * median, events);
    assert_close(number(m, "/simulation/ns_per_event") * events, median * 1e9);
    assert_close(number(m, "/simulation/real_time_factor") * number(m, "/duration_ms") / 1e3, median);
    let repetitions = m["simulation"]["repetitions_s"].as_array().expect("a list");
    assert!(repetitions.iter().any(|s| s.as_f64() == Some(median)));
    let build = ["network_s", "integers_s", "synapses_s"].map(|key| number(&m["build"], &format!("/{key}")));
    assert_close(build.iter().sum(), number(m, "/build/total_s"));
    // Each neuron has this many synapses in the mean; who spikes has more or fewer, not many times as many.
    let mean = number(m, "/n_synapses") / number(m, "/n_neurons");
    let per_spike = events / number(m, "/simulation/n_spikes");
    assert!(per_spike > 0.2 * mean && per_spike < 5.0 * mean, "{per_spike} {mean}");
}

/// The sum of a list of stages, s.
fn sum(stages: &Value) -> f64 {
    stages.as_array().expect("a list").iter().map(|stage| number(stage, "/seconds")).sum()
}

#[test]
fn the_cpu_engine_is_measured_stage_by_stage() {
    let workplace = Workplace::new();
    let options = "--engine cpu --threads 2 --repeat 3 --quiet --json m.json --markdown m.md";
    let call = workplace.call(&format!("bench {} {options}", configuration("tiny")));
    assert_eq!((call.code, call.stderr.as_str()), (Some(0), ""), "{call:?}");
    assert_eq!(workplace.tree(), ["m.json", "m.md"], "no run folder");
    let markdown = std::fs::read_to_string(workplace.path("m.md")).expect("a file");
    assert_eq!(markdown, call.stdout);

    let report = json(&workplace, "m.json");
    assert_eq!(report["format"], 1);
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    assert!(report["machine"]["cores"].as_u64() >= Some(1));
    let [m] = report["measurements"].as_array().expect("a list").as_slice() else { panic!("{report:#}") };
    assert_consistent(m);
    assert_eq!((&m["config"], &m["seed"], &m["engine"]), (&"tiny".into(), &2903.into(), &"cpu".into()));
    assert_eq!(m["simulation"]["repetitions_s"].as_array().map(Vec::len), Some(3));
    let stages = m["stages"]["stages"].as_array().expect("a list");
    let names: Vec<&str> = stages.iter().filter_map(|stage| stage["name"].as_str()).collect();
    assert_eq!(names, ["drive", "collect", "update", "exchange", "deliver"]);
    let all = sum(&m["stages"]["stages"]) + number(m, "/stages/other_s");
    assert_close(all, number(m, "/stages/total_s"));
    for label in names.iter().chain(&["real-time factor", "synaptic events per s", "engine, host"]) {
        assert!(call.stdout.contains(label), "{label} {call:?}");
    }
}

#[test]
fn spikes_and_events_are_those_of_any_engine_and_store() {
    let spikes_and_events = |options: &str| {
        let workplace = Workplace::new();
        let options = format!("--duration-ms 150 --repeat 1 --quiet --json m.json {options}");
        let call = workplace.call(&format!("bench tiny {options}"));
        assert_eq!(call.code, Some(0), "{call:?}");
        let report = json(&workplace, "m.json");
        assert_consistent(&report["measurements"][0]);
        ["n_spikes", "n_events"]
            .map(|key| report["measurements"][0]["simulation"][key].as_u64().expect("a count"))
    };
    let stored = spikes_and_events("--engine cpu --threads 1 --set engine.synapses=stored");
    assert_eq!(spikes_and_events("--engine cpu --threads 2 --set engine.synapses=procedural"), stored);
    assert_eq!(spikes_and_events("--engine reference"), stored);
}

#[test]
fn scales_show_growth_relative_to_the_first() {
    let workplace = Workplace::new();
    let options = "--engine cpu --scales 0.002,0.003 --duration-ms 150 --repeat 1 --quiet --json m.json";
    let call = workplace.call(&format!("bench downscaled {options}"));
    assert_eq!(call.code, Some(0), "{call:?}");
    let report = json(&workplace, "m.json");
    let measurements = report["measurements"].as_array().expect("a list");
    assert_eq!(measurements.len(), 2);
    for (m, scale) in measurements.iter().zip([0.002, 0.003]) {
        assert_consistent(m);
        assert_eq!((number(m, "/n_scaling"), number(m, "/k_scaling")), (scale, scale));
    }
    assert_eq!(report["growth"][0], 1.0);
    let growth = number(&measurements[1], "/simulation/ns_per_event")
        / number(&measurements[0], "/simulation/ns_per_event");
    assert_close(number(&report, "/growth/1"), growth);
    assert!(call.stdout.contains("relative to the first"), "{call:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn programs_that_hold_the_cores_meanwhile_are_told() {
    let workplace = Workplace::new();
    let is_measured = std::sync::atomic::AtomicBool::new(false);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while !is_measured.load(std::sync::atomic::Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let call =
            workplace.call("bench tiny --engine cpu --duration-ms 2000 --repeat 2 --quiet --json m.json");
        is_measured.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(call.code, Some(0), "{call:?}");
        assert!(call.stdout.contains("WARNING: other programs held up to"), "{call:?}");
    });
    let report = json(&workplace, "m.json");
    let others = &report["measurements"][0]["others"];
    assert!(number(others, "/cores") > 0.3 && others["disturb"] == true, "{others:#}");
}

/// A call that fails at once, for the input, with all of `messages`, and writes nothing.
fn refused(arguments: &str, messages: &[&str]) {
    let workplace = Workplace::new();
    let call = workplace.call(arguments);
    assert_eq!(call.code, Some(2), "{arguments} {call:?}");
    for message in messages {
        assert!(call.stderr.contains(message), "{message}\nis not in\n{}", call.stderr);
    }
    assert!(workplace.tree().is_empty(), "{call:?}");
}

#[test]
fn wrong_scales_files_and_numbers_are_refused_before_anything_is_measured() {
    let key = "scaling.n_scaling = 0 must lie above 0 and be at most 1 (--scales 0)";
    refused("bench tiny --scales 0.001,0 --json m.json", &[key]);
    refused("bench tiny --scales 1.5", &["scaling.k_scaling = 1.5", "(--scales 1.5)"]);
    refused("bench tiny --scales -0.1", &["(--scales -0.1)"]);
    refused("bench tiny --scales nan", &["--scales"]);
    refused("bench tiny --scales small", &["--scales", "small"]);
    refused("bench tiny --scales 0.001,,0.002", &["--scales"]);
    refused("bench tiny --repeat 0", &["--repeat", "0"]);
    refused("bench tiny --json no/folder/m.json", &["there is no folder no/folder: make it first"]);
    refused("bench tiny --markdown .", &["it is a folder: name a file"]);
    refused("bench tiny --engine quantum", &["quantum", "reference"]);
    refused("bench tiny --set weights.chii=1", &["weights.chii"]);
    refused("check-gpu --threads 0", &["--threads", "at least 1"]);
    refused("check-gpu --json no/folder/m.json", &["there is no folder"]);
}

#[test]
fn a_name_without_a_file_is_a_built_in_configuration_and_a_file_comes_first() {
    let workplace = Workplace::new();
    let call = workplace.call("check builtin:tiny --engine cpu");
    assert_eq!(call.code, Some(0), "{call:?}");
    assert_eq!(workplace.call("check tiny --engine cpu").stdout.lines().next(), call.stdout.lines().next());
    workplace.write("tiny", "(weights: (chii: 1.0))");
    let file = workplace.call("check tiny --engine cpu");
    assert!(file.code == Some(2) && file.stderr.contains("tiny:1: unknown key"), "{file:?}");
    assert_eq!(workplace.call("check builtin:tiny --engine cpu").code, Some(0));
    refused("check builtin:tinny", &["builtin:tinny: there is no such built-in configuration", "tiny"]);
    refused("check tinny", &["cannot read tinny", "best_fit, downscaled"]);
    refused(
        "check no/folder/downscaled.ron",
        &["cannot read no/folder/downscaled.ron", "configs/downscaled.ron"],
    );
    refused("check tiny --set simulation.duration_ms=-1", &["simulation.duration_ms = -1"]);
}

fn check_gpu(workplace: &Workplace, options: &str) -> Call {
    workplace.call(&format!("check-gpu --small --quiet --json check.json {options}"))
}

#[test]
fn a_gpu_is_verified_and_measured_beside_the_cpu() {
    let Some(adapter) = test_adapter() else { return };
    let workplace = Workplace::new();
    let call = workplace
        .command("check-gpu --small --quiet --json check.json")
        .args(["--adapter", &adapter.info().name])
        .output()
        .expect("the program starts");
    let stdout = String::from_utf8_lossy(&call.stdout).into_owned();
    assert_eq!(call.status.code(), Some(0), "{stdout} {}", String::from_utf8_lossy(&call.stderr));
    assert!(stdout.ends_with("result: the GPU is verified\n"), "{stdout}");
    let check = json(&workplace, "check.json");
    assert_eq!(check["adapter"]["name"], adapter.info().name);
    assert_eq!(check["other_spikes_told"], true);
    let longest_s = check["longest_s"].as_f64().expect("a time");
    assert!(longest_s > 0.0 && longest_s < 60.0, "{longest_s} s for the small check");
    assert_eq!(check["wgpu_version"], humam_gpu::engine::gpu::WGPU_VERSION);
    assert!(check["adapter"]["vendor_id"].is_u64() && check["adapter"]["features"].is_string(), "{check:#}");
    let cases = check["cases"].as_array().expect("a list");
    let of = |key: &str| cases.iter().map(|case| case[key].clone()).collect::<Vec<_>>();
    assert_eq!(of("engine"), ["cpu", "gpu", "gpu", "gpu"]);
    assert_eq!(of("synapses"), ["auto", "stored", "procedural", "stored"]);
    assert_eq!(of("outcome"), ["baseline", "same", "same", "same"]);
    assert_eq!(cases[3]["measurement"]["shards"], 3);
    for case in cases {
        assert_consistent(&case["measurement"]);
        for key in ["n_spikes", "n_events"] {
            let [own, of_cpu] = [case, &cases[0]].map(|case| &case["measurement"]["simulation"][key]);
            assert_eq!(own, of_cpu);
        }
    }
    let gpu = &cases[1]["measurement"];
    let start = sum(&gpu["start"]["stages"]);
    assert!(start > 0.0 && start <= number(gpu, "/start/total_s"), "{gpu:#}");
    assert_eq!(workplace.tree(), ["check.json"]);
}

#[test]
fn without_the_adapter_there_is_nothing_to_check() {
    let workplace = Workplace::new();
    let call = check_gpu(&workplace, "--adapter no-such-adapter");
    assert_eq!(call.code, Some(1), "{call:?}");
    assert!(call.stderr.contains("no GPU adapter has 'no-such-adapter'"), "{call:?}");
    assert!(workplace.tree().is_empty());
}
