//! A sweep is its whole grid, in order; it goes on past what fails, goes on where it was stopped, and
//! refuses what is wrong before anything runs.

use crate::fixtures::command_line::{Call, Workplace, configuration};
use crate::fixtures::seal::seal;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// A sweep over this, one point in well under a second.
const SMALL: &str = "(name: \"small\", scaling: (n_scaling: 0.001, k_scaling: 0.001), \
                     simulation: (duration_ms: 100.0, statistics_from_ms: 0.0))";

fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.write("small.ron", SMALL);
    workplace
}

/// What the last line of a sweep names.
fn folder(workplace: &Workplace, call: &Call) -> PathBuf {
    let line = call.stdout.lines().last().and_then(|line| line.strip_prefix("sweep directory: "));
    workplace.path(line.unwrap_or_else(|| panic!("{call:?}")))
}

/// Columns and rows of the summary.
fn summary(folder: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(folder.join("summary.csv")).expect("a table");
    let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let columns = cells(reader.headers().expect("a header"));
    (columns, reader.records().map(|row| cells(&row.expect("a row"))).collect())
}

/// Cells of one column.
fn column(folder: &Path, name: &str) -> Vec<String> {
    let (columns, rows) = summary(folder);
    let at = columns.iter().position(|column| column == name).unwrap_or_else(|| panic!("{columns:?}"));
    rows.into_iter().map(|row| row[at].clone()).collect()
}

#[test]
fn points_are_every_combination_the_last_axis_fastest_and_seeds_within() {
    let vary =
        "--vary weights.chi+weights.chi_i=0:0,1:2 --vary scaling.method=linear,sqrt --seeds 2 --seed 7";
    let call = workplace().call(&format!("sweep small.ron {vary} --points"));
    assert_eq!(call.code, Some(0), "{call:?}");
    let mut expected = Vec::new();
    for (chi, chi_i) in [(0, 0), (1, 2)] {
        for method in ["linear", "sqrt"] {
            for seed in [7, 8] {
                expected.push(format!(
                    "small.ron --set simulation.seed=7 --set weights.chi={chi} --set weights.chi_i={chi_i} \
                     --set scaling.method={method} --set simulation.seed={seed}"
                ));
            }
        }
    }
    assert_eq!(call.stdout.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn chi_i_follows_chi_where_it_does_not_vary_itself() {
    let workplace = workplace();
    let networks = |vary: &str| {
        let call =
            workplace.call(&format!("sweep small.ron --engine cpu --quiet --figures none --vary {vary}"));
        assert_eq!(call.code, Some(0), "{call:?}");
        column(&folder(&workplace, &call), "run")
    };
    let following = networks("weights.chi=0.5,1.5");
    assert_eq!(following, networks("weights.chi+weights.chi_i=0.5:1,1.5:3"));
    assert_ne!(following, networks("weights.chi+weights.chi_i=0.5:2,1.5:2"));
    let written = fs::read_to_string(workplace.path("out").join(&following[1]).join("config.ron"));
    assert!(written.expect("a configuration").contains("chi_i: 3.0"));
}

#[test]
fn a_point_is_the_run_that_run_makes_and_a_second_sweep_makes_nothing() {
    let workplace = workplace();
    let sweep = "sweep small.ron --engine cpu --quiet --vary weights.chi=0,2.0 --seeds 2";
    let first = workplace.call(sweep);
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""), "{first:?}");
    assert!(first.stdout.starts_with("points:       4: 4 made, 0 found"), "{first:?}");
    let folder = folder(&workplace, &first);
    assert_eq!(column(&folder, "weights.chi"), ["0", "0", "2", "2"]);
    assert_eq!(column(&folder, "simulation.seed"), ["2903", "2904", "2903", "2904"]);
    assert_eq!(column(&folder, "status"), ["done"; 4]);
    for file in ["sweep.png", "sweep.svg"] {
        assert!(folder.join(file).is_file(), "{file}");
    }

    // Its statistics are those of `analyze`, and its folder that of `run`.
    let run = workplace.path("out").join(&column(&folder, "run")[3]);
    let made = workplace.folder_of("run small.ron --engine cpu --quiet --set weights.chi=2 --seed 2904");
    assert_eq!(run, made);
    let of_run = fs::read_to_string(run.join("analysis/summary.csv")).expect("a table");
    for quantity in ["mean_rate_hz", "mean_correlation", "fmri_similarity_left"] {
        let value = &column(&folder, quantity)[3];
        assert!(!value.is_empty() && of_run.contains(&format!("{quantity},{value},")), "{quantity} {value}");
    }
    // What does not exist is an empty cell.
    assert_eq!(column(&folder, "rate_similarity"), [""; 4]);
    assert_eq!(column(&folder, "fmri_similarity_right_high"), [""; 4], "too short for an interval");

    let before = fs::read(folder.join("summary.csv")).expect("a table");
    let second = workplace.call(sweep);
    assert!(second.stdout.starts_with("points:       4: 0 made, 4 found"), "{second:?}");
    assert_eq!(fs::read(folder.join("summary.csv")).expect("a table"), before);
    // The sweep's own record is the same sweep.
    let record = format!("sweep {} --engine cpu --quiet --figures none", folder.join("sweep.ron").display());
    let third = workplace.call(&record);
    assert!(third.stdout.contains("4 found"), "{third:?}");
    assert_eq!(third.stdout.lines().last(), second.stdout.lines().last());
}

#[test]
fn points_that_are_made_anew_side_by_side_share_their_networks() {
    let workplace = workplace();
    let sweep =
        "sweep small.ron --engine cpu --threads 3 --quiet --figures none --vary weights.chi=0,2 --seeds 3";
    let first = workplace.call(sweep);
    assert!(first.stdout.starts_with("points:       6: 6 made, 0 found"), "{first:?}");
    let summary = |call| fs::read(folder(&workplace, call).join("summary.csv")).expect("a table");
    let before = summary(&first);
    let again = workplace.call(&format!("{sweep} --force"));
    assert!(again.stdout.starts_with("points:       6: 6 made, 0 found"), "{again:?}");
    assert_eq!(summary(&again), before);
}

#[test]
fn statistics_are_read_where_they_were_made_with_the_same_options_and_else_computed() {
    let workplace = workplace();
    let sweep = || {
        let call = workplace.call("sweep small.ron --engine cpu --quiet --vary weights.chi=1 --figures none");
        let folder = folder(&workplace, &call);
        ["run", "mean_rate_hz", "mean_cv_isi"].map(|name| column(&folder, name).remove(0))
    };
    let [run, rate, cv] = sweep();
    let run = workplace.path("out").join(run);
    let table = run.join("analysis/summary.csv");
    let text = fs::read_to_string(&table).expect("a table");
    fs::write(&table, text.replace(&format!("mean_rate_hz,{rate},"), "mean_rate_hz,123,")).expect("a table");
    seal(&run.join("analysis"));
    assert_eq!(sweep()[1], "123");
    let analyze =
        format!("analyze {} --set analysis.min_spikes=12 --figures none --no-report", run.display());
    assert_eq!(workplace.call(&analyze).code, Some(0));
    assert!(!fs::read_to_string(&table).expect("a table").contains(&format!("mean_cv_isi,{cv},")));
    assert_eq!(sweep()[1..], [rate, cv]);
}

#[test]
fn statistics_follow_the_keys_of_the_analysis_although_the_run_is_the_same() {
    let workplace = workplace();
    let call = workplace.call("sweep small.ron --engine cpu --quiet --vary analysis.from_ms=0,50");
    assert!(call.stdout.starts_with("points:       2: 1 made, 1 found"), "{call:?}");
    let folder = folder(&workplace, &call);
    let (runs, rates) = (column(&folder, "run"), column(&folder, "mean_rate_hz"));
    assert_eq!(runs[0], runs[1]);
    assert_ne!(rates[0], rates[1]);
}

#[test]
fn a_point_that_fails_is_reported_and_the_others_are_made() {
    let workplace = workplace();
    let call = workplace.call("sweep small.ron --engine cpu --vary arithmetic.weight_bits=26,8,7");
    assert_eq!(call.code, Some(1), "{call:?}");
    assert!(call.stdout.starts_with("points:       3: 2 made, 0 found and used again, 1 failed"), "{call:?}");
    let told = "1 of 3 points have no result:\n  point 1 (arithmetic.weight_bits=26 simulation.seed=2903): ";
    assert!(call.stderr.contains(told), "{call:?}");
    let folder = folder(&workplace, &call);
    assert_eq!(column(&folder, "status"), ["failed", "done", "done"]);
    let reasons = column(&folder, "reason");
    assert!(reasons[0].contains("arithmetic.weight_bits") && reasons[1].is_empty(), "{reasons:?}");
    assert_eq!(column(&folder, "run")[0], "");
}

#[test]
fn what_is_wrong_is_refused_before_anything_runs_all_at_once() {
    let workplace = workplace();
    let vary = "--vary weights.chii=1,2 --vary weights.chi=-1,big --vary engine.threads=0,1";
    let call = workplace.call(&format!("sweep small.ron {vary}"));
    assert_eq!(call.code, Some(2), "{call:?}");
    for message in [
        "--vary weights.chii=1: unknown key `weights.chii`: the nearest known one is `weights.chi`",
        "--vary weights.chi=big: Expected float",
        "weights.chi = -1 must be finite and at least 0 (--vary weights.chi=-1)",
        "engine.threads = 0 must be at least 1 (--vary engine.threads=0)",
    ] {
        assert_eq!(call.stderr.matches(message).count(), 1, "{message}\n{call:?}");
    }
    for (options, message) in [
        ("", "--seeds 1: nothing varies"),
        ("--vary weights.chi", "--vary weights.chi: has no `=`"),
        ("--vary weights.chi+weights.g=1:2,3", "has 2 keys, and `3` are 1 values"),
        ("--vary weights.chi=1,2 --vary weights.chi=3", "`weights.chi` varies already"),
        ("--vary weights.chi=1,1.0", "weights.chi=1 simulation.seed=2903 is there twice"),
        ("--vary simulation.seed=1,2 --seeds 2", "`simulation.seed` varies already"),
        ("--seeds 2 --seed 18446744073709551615", "there are no 2 seeds from"),
        ("--vary weights.chi=1,2 --seeds 4000000000", "more than 10000 points"),
    ] {
        let call = workplace.call(&format!("sweep small.ron {options}"));
        assert_eq!(call.code, Some(2), "{options} {call:?}");
        assert!(call.stderr.contains(message), "{options} {call:?}");
    }
    assert_eq!(workplace.tree(), ["small.ron"]);
}

#[test]
fn a_file_holds_a_sweep_and_options_replace_its_keys() {
    let workplace = workplace();
    workplace.write(
        "sweeps/x.ron",
        "(config: \"../small.ron\", set: [\"simulation.duration_ms=50\"], vary: [\"weights.chi=0,1\"], seeds: 2)",
    );
    let points = |options: &str| workplace.call(&format!("sweep sweeps/x.ron --points {options}")).stdout;
    let line =
        "sweeps/../small.ron --set simulation.duration_ms=50 --set weights.chi=1 --set simulation.seed=2904";
    assert_eq!(points("").lines().last(), Some(line));
    assert_eq!(points("--seeds 1 --vary weights.g=-4").lines().count(), 1);
    let call = workplace.call("sweep sweeps/x.ron --seeds 1 --engine cpu --quiet");
    assert!(call.stdout.contains("sweep directory: out/small/sweeps/x-"), "{call:?}");

    workplace.write("y.ron", "(\n  config: \"tiny\",\n  varry: [],\n  seed: 2,\n)");
    let call = workplace.call("sweep y.ron");
    assert_eq!(call.code, Some(2), "{call:?}");
    assert!(
        call.stderr.contains("y.ron:3: unknown key `varry`: the nearest known one is `vary`"),
        "{call:?}"
    );
    assert!(
        call.stderr.contains("y.ron:4: unknown key `seed`: the nearest known one is `seeds`"),
        "{call:?}"
    );
    workplace.write("z.ron", "(config: \"tiny\", vary: [\"weights.chi\"], set: [\"x\"])");
    let call = workplace.call("sweep z.ron");
    assert!(call.stderr.contains("z.ron: vary weights.chi: has no `=`"), "{call:?}");
    assert!(call.stderr.contains("z.ron: set x: has no `=`"), "{call:?}");
}

#[test]
fn gathering_makes_nothing_and_equals_the_sweep_once_all_is_there() {
    let workplace = workplace();
    let sweep = "sweep small.ron --engine cpu --quiet --vary weights.chi=0,1";
    let points = workplace.call(&format!("{sweep} --points"));
    let mut lines = points.stdout.lines();
    let mut run = || workplace.folder_of(&format!("run {} --quiet", lines.next().expect("a point")));
    run();
    let half = workplace.call(&format!("{sweep} --gather"));
    assert_eq!(half.code, Some(1), "{half:?}");
    assert!(
        half.stdout.starts_with("points:       2: 0 made, 1 found and used again, 0 failed, 1 not there")
    );
    assert_eq!(column(&folder(&workplace, &half), "status"), ["done", "open"]);
    run();
    let whole = workplace.call(&format!("{sweep} --gather"));
    assert_eq!(whole.code, Some(0), "{whole:?}");
    let gathered = fs::read(folder(&workplace, &whole).join("summary.csv")).expect("a table");
    let swept = workplace.call(&format!("{sweep} --out other"));
    assert_eq!(fs::read(folder(&workplace, &swept).join("summary.csv")).expect("a table"), gathered);
}

#[test]
fn a_killed_sweep_loses_at_most_the_point_that_was_running() {
    let workplace = Workplace::new();
    let sweep = format!(
        "sweep {} --engine reference --duration-ms 1000 --vary weights.chi=0,0.5,1,1.5",
        configuration("tiny")
    );
    let errors = fs::File::create(workplace.path("errors")).expect("a file");
    let mut child =
        workplace.command(&sweep).stdout(Stdio::null()).stderr(errors).spawn().expect("the program starts");
    let started_points = || {
        let text = fs::read_to_string(workplace.path("errors")).expect("a file");
        text.lines().filter(|line| line.starts_with("point ")).count()
    };
    let began = Instant::now();
    while started_points() < 2 {
        assert!(began.elapsed() < Duration::from_secs(120), "{:?}", workplace.tree());
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    let started = started_points();
    assert!((2..4).contains(&started), "the sweep was killed in the middle: {started}");

    let second = workplace.call(&format!("{sweep} --quiet"));
    assert_eq!(second.code, Some(0), "{second:?}");
    let found = second.stdout.split(" made, ").nth(1).and_then(|text| text.split(' ').next());
    let found: usize = found.and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("{second:?}"));
    assert!(found + 1 >= started, "{found} of {started} were kept");
    let whole = workplace.call(&format!("{sweep} --quiet --out other"));
    assert!(whole.stdout.contains("4 made, 0 found"), "{whole:?}");
    let of = |call: &Call| fs::read(folder(&workplace, call).join("summary.csv")).expect("a table");
    assert_eq!(of(&second), of(&whole));
    assert!(!workplace.tree().iter().any(|path| path.ends_with(".partial") || path.ends_with("/lock")));
}

#[test]
fn two_processes_that_need_the_same_network_both_get_it() {
    let workplace = workplace();
    let run = |seed: u64| {
        let mut command = workplace.command(&format!("run small.ron --engine cpu --quiet --seed {seed}"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
    };
    let children: Vec<_> = (1..=3).map(run).collect();
    for child in children {
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let networks = workplace.path("out/small").read_dir().expect("a folder").count();
    assert_eq!(networks, 1);
}

#[test]
fn points_that_are_made_side_by_side_are_those_that_are_made_one_by_one() {
    let workplace = workplace();
    let summary = |options: &str| {
        let call = workplace.call(&format!("sweep small.ron --engine cpu --seeds 6 {options}"));
        assert_eq!(call.code, Some(0), "{call:?}");
        assert!(call.stdout.starts_with("points:       6: 6 made"), "{call:?}");
        std::fs::read_to_string(folder(&workplace, &call).join("summary.csv")).expect("a summary")
    };
    let (one_by_one, side_by_side) = (summary("--threads 1 --out one"), summary("--threads 3 --out three"));
    assert_eq!(one_by_one, side_by_side);
    assert_eq!(one_by_one.matches(",done,").count(), 6, "{one_by_one}");
}
