//! What the commands print, and that `--quiet` and `--set` do what they say.

use crate::fixtures::command_line::{Workplace, configuration};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

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
    assert!(lines < 30, "progress is sparse if there is no terminal: {lines} lines");
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

#[test]
fn areas_lists_the_34_areas_with_what_they_have() {
    let call = Workplace::new().call("areas");
    assert_eq!(call.code, Some(0), "{call:?}");
    let lines: Vec<&str> = call.stdout.lines().collect();
    assert_eq!(lines.len(), 1 + 34 + 1, "{call:?}");
    let words = |area: &str| {
        let line = lines.iter().find(|line| line.starts_with(area)).expect("the area");
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let of_parahippocampal = words("parahippocampal");
    assert!(!of_parahippocampal.contains(&"IV".to_owned()), "it has no layer IV: {of_parahippocampal:?}");
    assert!(words("pericalcarine").contains(&"IV".to_owned()));
    let neurons = lines[1..35].iter().map(|line| line.rsplit(' ').next().and_then(|n| n.parse::<u64>().ok()));
    assert_eq!(neurons.map(|n| n.expect("a number")).sum::<u64>(), 3_468_839);
}

#[test]
fn theory_writes_the_rates_of_each_population() {
    let workplace = Workplace::new();
    let call = workplace.call(&format!("theory {} --csv rates.csv", configuration("tiny")));
    assert_eq!(call.code, Some(0), "{call:?}");
    let table = std::fs::read_to_string(workplace.path("rates.csv")).expect("a table");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0][5..], ["full_scale_rate_hz", "rate_hz", "rate_without_dc_hz"]);
    assert_eq!(rows.len(), 1 + 254);
    let means =
        |column: usize| rows[1..].iter().filter_map(|row| row[column].parse::<f64>().ok()).sum::<f64>();
    assert!(means(5) > 0.0 && means(6) > means(7), "{table}");
    let nowhere = workplace.call(&format!("theory {} --csv no/folder/rates.csv", configuration("tiny")));
    assert!(
        nowhere.code == Some(2) && nowhere.stderr.contains("there is no folder no/folder"),
        "{nowhere:?}"
    );
}

#[test]
fn a_dry_run_tells_what_check_tells_and_makes_nothing() {
    let workplace = Workplace::new();
    let options = "--engine cpu --duration-ms 4500";
    let [dry, check] = [format!("run full_scale --dry-run {options}"), format!("check full_scale {options}")]
        .map(|command| workplace.call(&command));
    // What memory is available changes from one to the other.
    let without = |text: &str| {
        text.lines().filter(|line| !line.contains("available")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!((dry.code, without(&dry.stdout)), (Some(0), without(&check.stdout)));
    assert!(dry.stdout.contains("neurons:      3468839") && workplace.tree().is_empty(), "{dry:?}");
}

#[test]
fn a_run_that_takes_long_says_so_before_it_starts() {
    let workplace = Workplace::new();
    let short = workplace.call("run tiny --engine cpu --no-analysis --duration-ms 20");
    assert!(short.code == Some(0) && !short.stderr.contains("--dry-run tells more"), "{short:?}");
    let mut long = workplace.command("run tiny --engine cpu --no-analysis --duration-ms 100000000");
    let mut long = long.stderr(Stdio::piped()).spawn().expect("the program starts");
    let lines = BufReader::new(long.stderr.take().expect("its stderr")).lines();
    let told: Vec<String> = lines
        .map(|line| line.expect("a line"))
        .take_while(|line| !line.starts_with("building the synapses"))
        .collect();
    long.kill().expect("it runs");
    long.wait().expect("it ends");
    let is_told =
        |line: &String| line.starts_with("warning: this run will take roughly ") && line.contains("areas");
    assert!(told.iter().any(is_told), "{told:?}");
}

#[test]
fn what_verify_cannot_compute_again_is_told() {
    let workplace = Workplace::new();
    let run = workplace.folder_of("run tiny --engine cpu --no-analysis --quiet --duration-ms 20");
    let verify = |folder: &str, options: &str| workplace.call(&format!("verify {folder} {options}"));
    let run = run.display().to_string();
    assert_eq!(verify(&run, "--duration-ms 20").code, Some(0));
    let beyond = verify(&run, "--duration-ms 20.1");
    assert!(beyond.code == Some(2) && beyond.stderr.contains("the run has 20 ms"), "{beyond:?}");
    let between = verify(&run, "--duration-ms 10.04");
    assert!(between.code == Some(2) && between.stderr.contains("10.04"), "{between:?}");
    let nowhere = verify("out/nowhere", "");
    assert!(
        nowhere.code != Some(0) && nowhere.stderr.contains("out/nowhere is no run folder"),
        "{nowhere:?}"
    );
    assert!(!nowhere.stderr.contains("--force"), "{nowhere:?}");
}
