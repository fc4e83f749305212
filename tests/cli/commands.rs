//! What the commands print, and that `--quiet` and `--set` do what they say.

use crate::fixtures::command_line::{Workplace, configuration};

#[test]
fn run_sums_up_and_ends_with_its_directory() {
    let workplace = Workplace::new();
    let call = workplace.call(&format!("run {} --engine cpu", configuration("tiny")));
    assert_eq!(call.code, Some(0), "{call:?}");
    for label in ["neurons:", "synapses:", "mean rate:", "simulated", "predicted", "time:", "engine:"] {
        assert!(call.stdout.contains(label), "{label} {call:?}");
    }
    let last = call.stdout.lines().last().expect("a line");
    assert!(last.starts_with("run directory: out/tiny/"), "{last}");
    assert!(call.stderr.contains("real-time factor") && call.stderr.contains("s left"), "{call:?}");
    let lines = call.stderr.lines().count();
    assert!(lines < 30, "progress is sparse where there is no terminal: {lines} lines");
}

#[test]
fn quiet_runs_say_nothing_on_the_way() {
    let workplace = Workplace::new();
    let call = workplace.call(&format!("run {} --engine cpu --quiet", configuration("tiny")));
    assert_eq!((call.code, call.stderr.as_str()), (Some(0), ""));
}

#[test]
fn set_reaches_any_key_and_the_last_one_counts() {
    let workplace = Workplace::new();
    let set = "--set scaling.n_scaling=0.5 --set scaling.n_scaling=0.0005 --set name=half";
    let call = workplace.call(&format!("run {} --engine cpu --quiet {set}", configuration("tiny")));
    assert_eq!(call.code, Some(0), "{call:?}");
    assert!(call.stdout.contains("run directory: out/half/"), "{call:?}");
    let run = workplace.path(call.stdout.lines().last().expect("a line").split_at(15).1);
    let config = std::fs::read_to_string(run.join("config.ron")).expect("a file");
    assert!(config.contains("n_scaling: 0.0005") && config.contains("name: \"half\""), "{config}");
}

#[test]
fn network_writes_the_network_alone() {
    let workplace = Workplace::new();
    let folder = workplace.folder_of(&format!("network {} --quiet", configuration("tiny")));
    assert!(folder.join("network.ron").exists() && folder.join("theory_rates.csv").exists());
    assert!(folder.read_dir().expect("a folder").all(|entry| entry.expect("an entry").path().is_file()));
    let run = workplace.call(&format!("run {} --engine cpu --quiet", configuration("tiny")));
    assert!(run.stdout.contains("network:      found and used again"), "{run:?}");
}

#[test]
fn theory_shows_every_fixed_point_with_its_residual() {
    let call = Workplace::new().call(&format!("theory {}", configuration("downscaled")));
    assert_eq!(call.code, Some(0), "{call:?}");
    for (label, mean) in [
        ("full scale, this configuration", "0.754"),
        ("full scale, ground state (for DC)", "0.754"),
        ("network, without DC", "30.82"),
        ("network, with DC", "31.7"),
    ] {
        let row = call.stdout.lines().find(|line| line.starts_with(label)).expect(label);
        assert!(row.contains(mean), "{row}");
    }
}

#[test]
fn check_tells_size_memory_and_time_without_building() {
    let workplace = Workplace::new();
    let call = workplace.call(&format!("check {} --engine cpu", configuration("full_scale")));
    assert_eq!(call.code, Some(0), "{call:?}");
    for part in ["neurons:      3468839", "synapses:     42778", "row counts", "longest delay", "about"] {
        assert!(call.stdout.contains(part), "{part} {call:?}");
    }
    assert!(workplace.tree().is_empty());
}

#[test]
fn adapters_lists_the_cpu_at_least() {
    let call = Workplace::new().call("adapters");
    assert_eq!(call.code, Some(0), "{call:?}");
    assert!(call.stdout.starts_with("cpu: "), "{call:?}");
    assert!(call.stdout.contains("gpu: "), "{call:?}");
}

#[test]
fn what_rounded_in_degrees_change_is_said_before_a_run_and_after_it_and_in_its_report() {
    let workplace = Workplace::new();
    for (rule, is_said) in [("fixed_indegree", true), ("even_indegree", false)] {
        let arguments = format!("{} --engine cpu --set connectivity.rule={rule}", configuration("tiny"));
        let (check, run) =
            (workplace.call(&format!("check {arguments}")), workplace.call(&format!("run {arguments}")));
        for call in [&check, &run] {
            assert_eq!(call.code, Some(0), "{call:?}");
            assert_eq!(call.stdout.contains("in-degrees:"), is_said, "{rule} {call:?}");
        }
        let folder = workplace.path(run.stdout.lines().last().expect("a line").split_at(15).1);
        let report = std::fs::read_to_string(folder.join("report.html")).expect("a report");
        assert_eq!(report.contains("rounded to whole numbers, which"), is_said, "{rule}");
    }
}
