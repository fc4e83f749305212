//! Networks of one's own run like any other: from a file, by its content, with theory, statistics and report.

use crate::fixtures::adapter::test_adapter;
use crate::fixtures::command_line::{Workplace, configuration};
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::model_network;
use humam_gpu::model::network::Projection;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A network that spikes, and a configuration that names it.
const NETWORK: &str = r#"(
    populations: [
        (cell_type: "E", neurons: 80, poisson: (rate_hz: 9000.0, psp_mv: 0.2)),
        (cell_type: "I", neurons: 20, poisson: (rate_hz: 9000.0, psp_mv: 0.2)),
    ],
    projections: [
        (from: "E", to: "*", rule: fixed_indegree(8), psp_mv: 0.2, delay_ms: 1.5),
        (from: "I", to: "*", rule: fixed_total_number(400), psp_mv: -1.0, delay: (mean_ms: 1.0, relative_sd: 0.3)),
    ],
)"#;
const CONFIG: &str = r#"(name: "own", model: network("nets/net.ron"),
    simulation: (duration_ms: 300.0, statistics_from_ms: 100.0), engine: (engine: cpu))"#;

fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.write("my/nets/net.ron", NETWORK);
    workplace.write("my/own.ron", CONFIG);
    workplace
}

fn spikes(run: &Path) -> [Vec<u8>; 2] {
    ["spikes_neuron.npy", "spikes_step.npy"].map(|file| fs::read(run.join(file)).expect("spikes"))
}

fn run(workplace: &Workplace, arguments: &str) -> PathBuf {
    workplace.folder_of(&format!("run {arguments} --quiet"))
}

#[test]
fn a_network_of_ones_own_is_found_by_what_is_in_its_file() {
    let workplace = workplace();
    let made = run(&workplace, "my/own.ron");
    for file in ["report.html", "rates.csv", "analysis/summary.csv", "../neurons.csv", "../weights_pa.csv"] {
        assert!(made.join(file).is_file(), "{file}");
    }
    let rates = fs::read_to_string(made.join("rates.csv")).expect("rates");
    assert!(rates.lines().count() == 3 && rates.contains(",,E,"), "{rates}");
    let manifest = fs::read_to_string(made.join("../manifest.json")).expect("a manifest");
    assert!(manifest.contains("net.ron"), "{manifest}");
    // Elsewhere it is the same network, and with another number another.
    workplace.write("net.ron", NETWORK);
    let moved = ["--set", "model=network(\"net.ron\")"];
    let found = workplace.command("run my/own.ron --quiet").args(moved).output().expect("the program starts");
    let stdout = String::from_utf8_lossy(&found.stdout).into_owned();
    assert!(
        stdout.contains("run:          found") || stdout.contains(&made.display().to_string()),
        "{stdout}"
    );
    workplace.write("my/nets/net.ron", &NETWORK.replace("neurons: 20", "neurons: 21"));
    assert_ne!(run(&workplace, "my/own.ron").parent(), made.parent());
    // The run has its network itself, whatever becomes of the file.
    fs::remove_file(workplace.path("my/nets/net.ron")).expect("a file");
    let call = workplace.call(&format!("verify {}", made.display()));
    assert_eq!(call.code, Some(0), "{call:?}");
    let again = run(&workplace, &format!("{}/config.ron --out other", made.display()));
    assert_eq!((spikes(&again), again.file_name()), (spikes(&made), made.file_name()));
}

#[test]
fn a_changed_file_of_synapses_is_told_where_the_run_is_computed_again() {
    let workplace = Workplace::new();
    let network = r#"(populations: [(cell_type: "E", neurons: 3, dc_pa: 600.0)],
        projections: [(from: "E", to: "E", rule: explicit("list.csv"))])"#;
    let list = "source,target,weight_pa,delay_ms\n0,1,100.0,1.5\n1,2,100.0,1.5\n";
    workplace.write("net.ron", network);
    workplace.write("list.csv", list);
    workplace.write("own.ron", &CONFIG.replace("nets/", ""));
    let made = run(&workplace, "own.ron");
    let verify = || workplace.call(&format!("verify {}", made.display()));
    assert_eq!(verify().code, Some(0));
    workplace.write("list.csv", &list.replace("1,2,100.0", "1,2,200.0"));
    let call = verify();
    assert_eq!(call.code, Some(1), "{call:?}");
    assert!(call.stderr.contains("what it is made from was changed"), "{}", call.stderr);
    let report = fs::read_to_string(made.join("report.html")).expect("a report");
    assert!(report.contains("as long as the files that it names are the same"));
}

#[test]
fn a_network_stands_in_a_file_or_in_the_configuration() {
    let workplace = workplace();
    let of_file = run(&workplace, "my/own.ron");
    let in_place = CONFIG.replace("\"nets/net.ron\"", NETWORK);
    workplace.write("my/whole.ron", &in_place);
    let made = run(&workplace, "my/whole.ron");
    assert_eq!(spikes(&made), spikes(&of_file));
    // Its configuration has all of it.
    let again = run(&workplace, &format!("{}/config.ron --out other", made.display()));
    assert_eq!(spikes(&again), spikes(&of_file));
    workplace.write("my/whole.ron", &in_place.replace("neurons: 80", "neurons: 81"));
    assert_ne!(spikes(&run(&workplace, "my/whole.ron")), spikes(&of_file));
    // A place in a file counts what stands before the network.
    workplace.write(
        "my/nets/net.ron",
        &format!("// One\n// two\n{}", NETWORK.replace("neurons: 80", "neurones: 80")),
    );
    let call = workplace.call("check my/own.ron");
    assert!(call.code == Some(2) && call.stderr.contains("net.ron: line 5, column "), "{call:?}");
    // Which is not the network.
    workplace.write("my/nets/net.ron", &format!("// One\n// two\n{NETWORK}\n"));
    assert_eq!(run(&workplace, "my/own.ron"), of_file);
    for (part, wrong, told) in [
        ("neurons: 80", "neurones: 80", "model: network(…): line 3, column "),
        (
            "to: \"*\", rule: fixed_indegree(8)",
            "to: \"X\", rule: fixed_indegree(8)",
            "no population is called `X`",
        ),
        ("fixed_indegree(8)", "explicit(\"a.csv\")", "the path of a.csv is relative: write it from the root"),
    ] {
        workplace.write("my/wrong.ron", &in_place.replace(part, wrong));
        let call = workplace.call("check my/wrong.ron");
        assert!(call.code == Some(2) && call.stderr.contains(told), "{call:?}");
    }
}

#[test]
fn engines_agree_on_it_and_its_commands_work() {
    let workplace = workplace();
    let cpu = spikes(&run(&workplace, "my/own.ron"));
    assert!(cpu[0].len() > 1000);
    for other in ["reference", "cpu --set engine.synapses=procedural"] {
        let made = run(&workplace, &format!("my/own.ron --out other --force --engine {other}"));
        assert_eq!(spikes(&made), cpu, "{other}");
    }
    for command in ["theory my/own.ron", "check my/own.ron", "network my/own.ron --quiet"] {
        assert_eq!(workplace.call(command).code, Some(0), "{command}");
    }
    let call = workplace.call("connections my/own.ron --from I --to E --quiet");
    assert!(call.stdout.contains("synapses:     400\n"), "{call:?}");
    let call = workplace.call("sweep my/own.ron --vary simulation.dt_ms=0.1,0.05 --seeds 2 --quiet");
    assert_eq!(call.code, Some(0), "{call:?}");
}

#[test]
fn the_network_of_a_run_folder_is_such_a_file_with_the_same_spikes() {
    let workplace = Workplace::new();
    let tiny =
        run(&workplace, &format!("{} --engine cpu --no-analysis --duration-ms 100", configuration("tiny")));
    let network = tiny.parent().expect("a network folder").join("network.ron");
    let config = format!(
        "(name: \"again\", model: network({:?}), simulation: (duration_ms: 100.0, statistics_from_ms: 50.0))",
        network.display()
    );
    workplace.write("again.ron", &config);
    let again = run(&workplace, "again.ron --engine cpu --no-analysis");
    assert_eq!(spikes(&again), spikes(&tiny));
    // With another seed they are others.
    assert_ne!(spikes(&run(&workplace, "again.ron --engine cpu --no-analysis --seed 7")), spikes(&tiny));
}

#[test]
fn the_shipped_networks_do_what_their_headers_say() {
    let workplace = Workplace::new();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/networks/brunel.ron");
    let made = run(&workplace, &format!("{} --engine cpu", example.display()));
    let rates = fs::read_to_string(made.join("rates.csv")).expect("rates");
    for line in rates.lines().skip(1) {
        let values: Vec<f64> = line.split(',').skip(3).filter_map(|value| value.parse().ok()).collect();
        let [simulated, predicted] = values[values.len() - 2..] else { panic!("{line}") };
        assert!((simulated / predicted - 1.0).abs() < 0.03, "{line}");
    }
    let ring = run(&workplace, &format!("{} --engine cpu", example.with_file_name("explicit.ron").display()));
    // A wave goes round: every group spikes after the one before it, again and again.
    let steps = fs::read(ring.join("spikes_step.npy")).expect("steps");
    let n_spikes = (steps.len() - 128) / 4;
    assert!(n_spikes.is_multiple_of(10) && n_spikes > 1000, "{n_spikes} spikes");
    let summary = fs::read_to_string(made.join("analysis/summary.csv")).expect("a summary");
    let cv = summary.lines().find(|line| line.starts_with("mean_cv_isi")).expect("a CV");
    // NEST 3.10 with these parameters: 0.358 (examples/brunel.rs); irregular, and less than a Poisson process.
    let value: f64 = cv.split(',').nth(1).and_then(|value| value.parse().ok()).expect("a number");
    assert!((value - 0.358).abs() < 0.02, "{cv}");
}

#[test]
fn what_is_no_network_is_refused_with_the_place() {
    for (network, set, told) in [
        (None, "", "cannot read the network"),
        (
            Some(NETWORK.replace("\"E\", to", "\"X\", to")),
            "",
            "net.ron: projections[0].from: no population is called `X`",
        ),
        (Some(NETWORK.replace("neurons: 80", "neuron: 80")), "", "net.ron: line 3, column"),
        (
            Some(NETWORK.to_owned()),
            "--set weights.chi=2",
            "weights.chi = 2.0 belongs to another model than model = network",
        ),
        (Some(NETWORK.to_owned()), "--set connectivity.rule=fixed_indegree", "connectivity.rule"),
    ] {
        let workplace = Workplace::new();
        workplace.write("my/own.ron", CONFIG);
        if let Some(network) = network {
            workplace.write("my/nets/net.ron", &network);
        }
        let call = workplace.call(&format!("run my/own.ron --quiet {set}"));
        assert_eq!(call.code, Some(2), "{call:?}");
        assert!(call.stderr.contains(told), "{told}: {}", call.stderr);
        assert!(!workplace.path("out").exists(), "{told}");
    }
}

#[test]
fn rules_that_need_lists_run_stored_and_are_refused_where_they_cannot_be() {
    let workplace = workplace();
    let listed = NETWORK
        .replace("fixed_indegree(8)", "pairwise_bernoulli(0.1), autapses: false")
        .replace("fixed_total_number(400)", "fixed_indegree(4), multapses: false");
    workplace.write("my/nets/net.ron", &listed);
    let cpu = spikes(&run(&workplace, "my/own.ron"));
    assert!(cpu[0].len() > 1000);
    assert_eq!(spikes(&run(&workplace, "my/own.ron --out other --engine reference")), cpu);
    // As the network of the run folder has it, too.
    let again = run(&workplace, "my/own.ron");
    let network = again.parent().expect("a network folder").join("network.ron");
    workplace.write(
        "again.ron",
        &CONFIG.replace("\"nets/net.ron\"", &format!("{:?}", network.display().to_string())),
    );
    assert_eq!(spikes(&run(&workplace, "again.ron")), cpu);
    for (set, told) in [
        ("engine.synapses=procedural", "the synapses from `E` to `E` are listed"),
        ("scaling.n_scaling=0.5", "scaling: the rule of the synapses from `E` to `E` tells their number"),
        (
            "manipulations=[scale_connection(from:\"E\",to:\"I\",synapses:0.5)]",
            "manipulations[0].scale_connection: the rule of the synapses from `E` to `I` tells their number",
        ),
    ] {
        let call = workplace.call(&format!("run my/own.ron --quiet --force --set {set}"));
        assert_eq!(call.code, Some(2), "{call:?}");
        assert!(call.stderr.contains(told), "{}", call.stderr);
    }
    let cut = "manipulations=[scale_connection(from:\"E\",to:\"I\",synapses:0.0)]";
    assert_ne!(spikes(&run(&workplace, &format!("my/own.ron --set {cut}"))), cpu);
}

/// The network above with the synapses of two projections in files.
fn explicit_workplace() -> Workplace {
    let workplace = workplace();
    let explicit = NETWORK.replace(
        "projections: [",
        r#"projections: [
        (from: "E", to: "I", rule: explicit("lists/e_to_i.csv"), psp_mv: 0.3, weight_relative_sd: 0.1, delay_ms: 2.0),
        (from: "I", to: "E", rule: explicit("lists/i_to_e.csv")),"#,
    );
    workplace.write("my/nets/net.ron", &explicit);
    let lines = |line: &dyn Fn(u32) -> String| (0..300).map(line).collect::<String>();
    let e_to_i = lines(&|k| format!("{},{}\n", k * 7 % 80, k * k % 20));
    workplace.write("my/nets/lists/e_to_i.csv", &format!("source,target\n{e_to_i}"));
    let i_to_e =
        lines(&|k| format!("{},{},-{},{}\n", k * 3 % 20, k * 11 % 80, 30 + k % 9, 1.0 + f64::from(k % 5)));
    workplace.write("my/nets/lists/i_to_e.csv", &format!("source,target,weight_pa,delay_ms\n{i_to_e}"));
    workplace
}

#[test]
fn synapses_from_files_are_part_of_the_network_and_lie_beside_it() {
    let workplace = explicit_workplace();
    let made = run(&workplace, "my/own.ron");
    let cpu = spikes(&made);
    assert!(cpu[0].len() > 1000);
    for engine in ["reference", "gpu"] {
        if engine == "gpu" && test_adapter().is_none() {
            continue;
        }
        let other = run(&workplace, &format!("my/own.ron --out other --force --engine {engine}"));
        assert_eq!(spikes(&other), cpu, "{engine}");
    }
    assert_eq!(workplace.call(&format!("verify {}", made.display())).code, Some(0));
    // The network folder is whole without the files that it was made from.
    let network = made.parent().expect("a network folder");
    let elsewhere = workplace.path("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder");
    for file in ["network.ron", "listed_synapses_0.csv", "listed_synapses_1.csv"] {
        fs::copy(network.join(file), elsewhere.join(file)).expect("a copy");
    }
    workplace.write("again.ron", &CONFIG.replace("nets/net.ron", "elsewhere/network.ron"));
    let again = run(&workplace, "again.ron");
    assert_eq!(spikes(&again), cpu);
    assert_eq!(workplace.call(&format!("verify {}", again.display())).code, Some(0));
    // What changes in a list makes another network, of both.
    let changed = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a list");
        fs::write(path, text.replacen("\n0,", "\n1,", 1)).expect("written");
    };
    changed(elsewhere.join("listed_synapses_0.csv"));
    let another = run(&workplace, "again.ron");
    assert_ne!(another.parent(), again.parent());
    assert_ne!(spikes(&another), cpu);
    changed(workplace.path("my/nets/lists/e_to_i.csv"));
    let call = workplace.call(&format!("verify {}", made.display()));
    assert!(call.stderr.contains("what it is made from was changed"), "{call:?}");
    changed(network.join("listed_synapses_1.csv"));
    let call = workplace.call(&format!("analyze {}", made.display()));
    assert!(call.code != Some(0) && call.stderr.contains("listed_synapses_1.csv"), "{call:?}");
}

/// Rate and CV ISI of Brunel's states in NEST 3.10, made by `make.py` beside it.
const BRUNEL_IN_NEST: &str = include_str!("../reference/brunel_states/states.csv");

/// Theory of stationary rates does not hold in the fourth state, whose slow waves come with pauses. There a rate over
/// half a second or one varies by some percent from seed to seed, and too few neurons have ten spikes for a CV that
/// could be compared.
#[test]
#[ignore = "a minute on two cores; run it with `cargo test --release --test run brunel -- --ignored`"]
fn the_four_states_of_brunel_have_the_rates_of_theory_and_of_nest() {
    let workplace = Workplace::new();
    let states = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/networks/brunel_states.ron");
    let call = workplace.call(&format!("sweep {} --engine cpu --figures none --quiet", states.display()));
    assert_eq!(call.code, Some(0), "{call:?}");
    let summary = call.stdout.lines().find_map(|line| line.strip_prefix("summary:")).expect("a summary");
    let summary = csv::Reader::from_path(workplace.path(summary.trim())).expect("a table");
    let points: Vec<HashMap<String, String>> =
        summary.into_deserialize().collect::<Result<_, _>>().expect("points");
    let in_nest: Vec<(String, f64, f64, f64, f64)> = csv::Reader::from_reader(BRUNEL_IN_NEST.as_bytes())
        .into_deserialize()
        .collect::<Result<_, _>>()
        .expect("states");
    assert_eq!(points.len(), in_nest.len());
    for (point, (state, _, _, nest_hz, nest_cv)) in points.iter().zip(in_nest) {
        let rate_hz: f64 = point["mean_rate_hz"].parse().expect("a rate");
        let is_slow = state.ends_with("slow");
        let near = |other_hz: f64, part: f64| (rate_hz / other_hz - 1.0).abs() < part;
        assert!(near(nest_hz, if is_slow { 0.2 } else { 0.03 }), "{state}: {rate_hz} and {nest_hz} spikes/s");
        if is_slow {
            continue;
        }
        let rates = workplace.path(&format!("out/{}/rates.csv", point["run"]));
        let rates = fs::read_to_string(rates).expect("rates");
        let predicted: Vec<&str> = rates.lines().nth(1).expect("a population").split(',').collect();
        let predicted_hz: f64 = predicted.last().expect("a rate").parse().expect("a number");
        assert!(near(predicted_hz, 0.03), "{state}: {rate_hz} and {predicted_hz} spikes/s");
        let cv: f64 = point["mean_cv_isi"].parse().expect("a CV");
        assert!((cv - nest_cv).abs() < 0.02, "{state}: CV {cv} and {nest_cv}");
    }
}

#[test]
fn connections_of_a_run_are_a_file_of_synapses() {
    let workplace = workplace();
    let one = NETWORK.replace("to: \"*\", rule: fixed_indegree(8)", "to: \"I\", rule: fixed_indegree(8)");
    let one = one.replace(
        "fixed_total_number(400), psp_mv: -1.0",
        "fixed_total_number(400), psp_mv: -1.0, weight_relative_sd: 0.2",
    );
    workplace.write("my/nets/net.ron", &one.replace("from: \"I\", to: \"*\"", "from: \"I\", to: \"E\""));
    // Bounds of what is listed are closer than of what is drawn, so formats would differ.
    let own = "my/own.ron --set arithmetic.v_m_bits=18 --set arithmetic.current_bits=20 --set arithmetic.weight_bits=16";
    let cpu = spikes(&run(&workplace, own));
    for (from, to, kind) in [("E", "I", "csv"), ("I", "E", "parquet")] {
        let file = workplace.path(&format!("my/nets/{from}.{kind}"));
        let call =
            workplace.call(&format!("connections {own} --from {from} --to {to} --file {}", file.display()));
        assert_eq!(call.code, Some(0), "{call:?}");
    }
    let (populations, _) = NETWORK.split_once("projections").expect("populations");
    let explicit = r#"projections: [
        (from: "E", to: "I", rule: explicit("E.csv"), numbering: network),
        (from: "I", to: "E", rule: explicit("I.parquet"), numbering: network),
    ])"#;
    workplace.write("my/nets/net.ron", &format!("{populations}{explicit}"));
    assert_eq!(spikes(&run(&workplace, own)), cpu);
}

#[test]
fn what_is_wrong_with_files_of_synapses_is_told_with_file_and_line() {
    for (line, set, told) in [
        ("20,0,-1,1", "", "i_to_e.csv: line 302: source 20 is none of the 20 neurons"),
        ("0,80,-1,1", "", "i_to_e.csv: line 302: target 80 is none of the 80 neurons"),
        ("0,0,-1,0.05", "", "i_to_e.csv: line 302: delay_ms = 0.05 is below a step"),
        ("0,0,1,1", "", "i_to_e.csv: line 302: weight_pa = 1 has another sign"),
        ("0,0,x,1", "", "projections[1]: "),
        ("0,0,-1", "", "i_to_e.csv: line 302: it has 3 values, and 4 columns"),
        ("", "engine.synapses=procedural", "the synapses from `I` to `E` are listed"),
        ("", "scaling.n_scaling=0.5", "scaling: the rule of the synapses from `I` to `E` tells their number"),
    ] {
        let workplace = explicit_workplace();
        let path = workplace.path("my/nets/lists/i_to_e.csv");
        let text = fs::read_to_string(&path).expect("a list");
        fs::write(&path, format!("{text}{line}")).expect("written");
        let set = if set.is_empty() { String::new() } else { format!("--set {set}") };
        let call = workplace.call(&format!("run my/own.ron --quiet {set}"));
        assert!(call.code == Some(2) && call.stderr.contains(told), "{told}: {call:?}");
    }
    let workplace = explicit_workplace();
    fs::remove_file(workplace.path("my/nets/lists/e_to_i.csv")).expect("removed");
    let call = workplace.call("run my/own.ron --quiet");
    assert!(call.code == Some(2) && call.stderr.contains("cannot read the synapses"), "{call:?}");
    // A cut, and weights that are scaled.
    let workplace = explicit_workplace();
    let cpu = spikes(&run(&workplace, "my/own.ron"));
    for factor in ["weight:0.5", "synapses:0.0"] {
        let set = format!("manipulations=[scale_connection(from:\"I\",to:\"E\",{factor})]");
        let made = run(&workplace, &format!("my/own.ron --set {set}"));
        assert_ne!(spikes(&made), cpu, "{factor}");
        assert_eq!(workplace.call(&format!("verify {}", made.display())).code, Some(0));
    }
}

#[test]
fn the_microcircuit_as_a_network_of_ones_own_is_the_microcircuit() {
    let config = |path: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        humam_gpu::config::load(&path, &[]).unwrap_or_else(|error| panic!("{error}"))
    };
    let network = |path: &str| {
        let config = config(path);
        let tables = Tables::load(&config.anatomy).expect("tables");
        model_network(&config.model_options(), &tables, &mut ()).expect("a network").network
    };
    let (model, own) = (network("configs/microcircuit.ron"), network("examples/networks/microcircuit.ron"));
    assert_eq!(own.populations, model.populations);
    // Its file tells the rule of each projection, and the model one of all.
    let rule = |p: &Projection| Projection { rule: Some(model.rule_of(p)), ..*p };
    assert_eq!(own.projections, model.projections.iter().map(rule).collect::<Vec<_>>());
    let balanced = network("examples/networks/balanced.ron");
    assert_eq!((balanced.n_neurons(), balanced.n_synapses()), (100_000, 100_000_000));
}
