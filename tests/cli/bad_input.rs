//! What is wrong with the input is said with its place and a remedy, and nothing is left behind.

use crate::fixtures::command_line::{Workplace, configuration};

/// Calls `run` with a configuration of this text: the exit code is `code`, stderr has all of
/// `messages`, and nothing is written.
fn refused(text: &str, options: &str, code: i32, messages: &[&str]) {
    let workplace = Workplace::new();
    workplace.write("x.ron", text);
    let call = workplace.call(&format!("run x.ron {options}"));
    assert_eq!(call.code, Some(code), "{call:?}");
    for message in messages {
        assert!(call.stderr.contains(message), "{message}\nis not in\n{}", call.stderr);
    }
    assert_eq!(workplace.tree(), ["x.ron"], "{call:?}");
}

/// A network that is built in no time.
const SMALL: &str = "(scaling: (n_scaling: 0.001, k_scaling: 0.001), simulation: (duration_ms: 10.0))";

#[test]
fn a_missing_configuration() {
    let workplace = Workplace::new();
    let call = workplace.call("run none.ron");
    assert_eq!(call.code, Some(2));
    assert!(call.stderr.contains("cannot read none.ron"), "{call:?}");
    assert!(call.stderr.contains("configs/downscaled.ron"), "{call:?}");
}

#[test]
fn a_sweep_in_place_of_a_configuration() {
    let workplace = Workplace::new();
    workplace.write("mine.ron", "(config: \"tiny\", vary: [\"weights.chi=1,2\"])");
    for (command, sweep) in [("run mine.ron", "mine.ron"), ("check mine.ron", "mine.ron"), ("run chi", "chi")]
    {
        let call = workplace.call(command);
        assert_eq!(call.code, Some(2), "{call:?}");
        assert!(call.stderr.contains(&format!("with `humam-gpu sweep {sweep}`")), "{call:?}");
    }
    for command in ["sweep chii", "sweep nosuch.ron"] {
        let call = workplace.call(command);
        assert_eq!(call.code, Some(2), "{call:?}");
        assert!(call.stderr.contains(&format!("cannot read {}", &command[6..])), "{call:?}");
    }
    let call = workplace.call("sweep tiny --vary weights.chi=1,2 --seeds 0");
    assert!(call.code == Some(2) && call.stderr.contains("at least one seed"), "{call:?}");
}

#[test]
fn a_value_in_another_unit_is_told_with_the_error_that_it_leads_to() {
    for (option, value) in [
        ("neurons.excitatory.tau_m_ms=0.01", "did you mean 10? The unit is ms, not s"),
        ("weights.psp_mv=100", "did you mean 0.1? The unit is mV, not µV"),
    ] {
        let workplace = Workplace::new();
        for command in ["run tiny --engine cpu", "check tiny"] {
            let call = workplace.call(&format!("{command} --set {option}"));
            assert_eq!(call.code, Some(1), "{call:?}");
            assert!(call.stderr.contains(value) && call.stderr.contains("error: "), "{call:?}");
        }
    }
}

#[test]
fn what_is_no_run_folder() {
    let workplace = Workplace::new();
    let run = workplace.folder_of("run tiny --engine cpu --duration-ms 20 --no-analysis --quiet");
    let network = run.parent().expect("the network's folder").display().to_string();
    for folder in [network.as_str(), "nosuch"] {
        for command in ["verify", "analyze", "export --format npz --to there"] {
            let call = workplace.call(&format!("{command} {folder}"));
            assert_eq!(call.code, Some(2), "{call:?}");
            assert!(call.stderr.contains(&format!("{folder} is no run folder")), "{call:?}");
        }
        let call = workplace.call(&format!("resume {folder}"));
        assert!(call.code == Some(2) && call.stderr.contains("is no run: name the folder"), "{call:?}");
    }
}

#[test]
fn a_malformed_configuration() {
    refused("(\n  weights: (chi: 1.0,\n", "", 2, &["x.ron:"]);
    refused("(weights: (chi: high))", "", 2, &["x.ron:1:16: Expected float"]);
    refused("(scaling: (method: liner))", "", 2, &["x.ron:1:", "the nearest known value is `linear`"]);
}

#[test]
fn unknown_keys() {
    let text = "(\n  weights: (chii: 1.0),\n  enginee: (threads: 2),\n)";
    let messages = [
        "x.ron:2: unknown key `weights.chii`: the nearest known one is `weights.chi`",
        "x.ron:3: unknown key `enginee`: the nearest known one is `engine`",
    ];
    refused(text, "", 2, &messages);
    refused(SMALL, "--set weights.chii=1", 2, &["--set weights.chii=1: unknown key `weights.chii`"]);
}

#[test]
fn values_out_of_range_all_at_once() {
    let text = "(
  neurons: (
    inhibitory: (e_l_mv: -70.0, v_th_mv: -45.0, v_reset_mv: -70.0, c_m_pf: 100.0,
      tau_m_ms: 2.0,
      tau_syn_ex_ms: 2.0, tau_syn_in_ms: -2.0, t_ref_ms: 2.04),
  ),
  weights: (chi: -1.0),
  delays: (
    local_inhibitory_ms: 0.05,
  ),
  scaling: (n_scaling: 0.0, k_scaling: 0.5),
)";
    let messages = [
        "neurons.inhibitory.tau_syn_in_ms = -2 must be finite and above 0 (x.ron:5): ",
        "neurons.inhibitory.t_ref_ms = 2.04 is no multiple of simulation.dt_ms = 0.1 (x.ron:5): take 2 or 2.1",
        "weights.chi = -1 must be finite and at least 0 (x.ron:7): ",
        "delays.local_inhibitory_ms = 0.05 is below simulation.dt_ms = 0.1 (x.ron:9): raise it",
        "scaling.n_scaling = 0 must lie above 0 and be at most 1 (x.ron:11): ",
        "simulation.duration_ms = -5 must be finite and above 0 (--duration-ms -5): ",
    ];
    refused(text, "--duration-ms -5", 2, &messages);
}

#[test]
fn options_that_cannot_be() {
    refused(SMALL, "--set weights.chi", 2, &["--set weights.chi: has no `=`"]);
    refused(SMALL, "--set weights.chi=big", 2, &["--set weights.chi=big: Expected float"]);
    refused(SMALL, "--set weights=1", 2, &["`weights` is a section"]);
    refused(SMALL, "--engine quantum", 2, &["quantum", "reference"]);
    refused(SMALL, "--seed -1", 2, &["--seed"]);
    refused(SMALL, "--threads 0", 2, &["engine.threads = 0 must be at least 1 (--threads 0)"]);
    refused(SMALL, "--set name=a/b", 2, &["cannot name a folder"]);
}

#[test]
fn tables_that_are_wrong_or_not_there() {
    refused(SMALL, "--set anatomy.tables=nowhere", 2, &["nowhere", "anatomy.tables"]);
    let workplace = Workplace::new();
    workplace.write("x.ron", "(anatomy: (tables: \"tables\"))");
    let areas = include_str!("../../data/desikan_killiany_areas.csv").replacen("bankssts", "bankses", 1);
    workplace.write("tables/desikan_killiany_areas.csv", &areas);
    let call = workplace.call("run x.ron");
    assert_eq!(call.code, Some(2), "{call:?}");
    assert!(call.stderr.contains("desikan_killiany_areas.csv:2"), "{call:?}");
    assert!(call.stderr.contains("bankses"), "{call:?}");
    assert!(!workplace.path("out").exists());
}

#[test]
fn a_graphics_adapter_that_is_not_there() {
    refused(SMALL, "--engine gpu --adapter no-such-adapter", 1, &["no GPU adapter has 'no-such-adapter'"]);
}

#[test]
fn a_network_without_neurons() {
    refused(SMALL, "--set scaling.n_scaling=1e-12", 2, &["scaling.n_scaling", "raise it"]);
}

#[test]
fn rates_that_cannot_be_preserved() {
    let options = "--set scaling.method=preserve --set weights.chi=2.5 \
                   --set theory.max_pseudo_time=11";
    refused(SMALL, options, 1, &["has not converged", "theory.max_pseudo_time"]);
}

#[test]
fn integers_that_cannot_hold_the_network() {
    let workplace = Workplace::new();
    workplace.write("x.ron", SMALL);
    let call = workplace.call("run x.ron --engine cpu --set arithmetic.weight_bits=26");
    assert_eq!(call.code, Some(1), "{call:?}");
    assert!(call.stderr.contains("arithmetic.weight_bits"), "{call:?}");
    assert!(!workplace.tree().iter().any(|path| path.contains("partial") || path.contains(".npy")));
}

#[test]
fn a_network_too_large_for_the_memory() {
    let workplace = Workplace::new();
    let options = "--engine cpu --set engine.synapses=stored";
    let call = workplace.call(&format!("run {} {options}", configuration("full_scale")));
    assert_eq!(call.code, Some(1), "{call:?}");
    assert!(call.stderr.contains("the network needs 34"), "{call:?}");
    assert!(call.stderr.contains("would fit"), "{call:?}");
    assert!(!workplace.tree().iter().any(|path| path.contains("partial") || path.contains(".npy")));
}

#[test]
fn an_output_folder_that_cannot_be_written() {
    let workplace = Workplace::new();
    workplace.write("x.ron", SMALL);
    workplace.write("file", "in the way");
    let call = workplace.call("run x.ron --out file/out");
    assert_eq!(call.code, Some(1), "{call:?}");
    assert!(call.stderr.contains("cannot write file/out"), "{call:?}");
    assert_eq!(workplace.tree(), ["file", "x.ron"]);
}

#[test]
fn what_is_most_likely_not_meant_is_told_by_check_run_manifest_and_report() {
    let workplace = Workplace::new();
    workplace.write(
        "x.ron",
        "(
  scaling: (n_scaling: 0.0001, k_scaling: 0.004),
  stimuli: [dc(populations: \"*\", amplitude_pa: 1.0), dc(populations: \"cuneus IV I\", amplitude_pa: 1.0)],
  simulation: (duration_ms: 20.0, statistics_from_ms: 10.0),
)",
    );
    let told = [
        "neurons.excitatory.c_m_pf = 0.22 pF: did you mean 220? The unit is pF, not nF",
        "stimuli[0].dc does nothing in ",
        "stimuli[1].dc does nothing: it chooses populations without neurons, such as `cuneus IV I`: raise",
    ];
    let is_told =
        |text: &str, of: &str| told.iter().for_each(|words| assert!(text.contains(words), "{of}: {text}"));
    let set = "--engine cpu --set neurons.excitatory.c_m_pf=0.22";
    let checked = workplace.call(&format!("check x.ron {set}"));
    is_told(&checked.stdout, "check");
    assert_eq!(checked.stdout.matches("warning:").count(), 3, "{checked:?}");
    let made = workplace.call(&format!("run x.ron {set} --figures none"));
    is_told(&made.stdout, "what the run came to");
    is_told(&made.stderr, "while it was made");
    let found = workplace.call(&format!("run x.ron {set} --no-analysis"));
    assert!(found.stdout.contains("run:          found"), "{found:?}");
    is_told(&found.stdout, "the run again");
    let run = workplace.folder_of(&format!("run x.ron {set} --no-analysis --quiet"));
    for file in ["manifest.json", "report.html"] {
        is_told(&std::fs::read_to_string(run.join(file)).expect("a file"), file);
    }
    let without = workplace.call("run x.ron --engine cpu --set stimuli=[] --no-analysis");
    assert!(without.code == Some(0) && !without.stdout.contains("warning"), "{without:?}");
    assert!(!without.stderr.contains("warning"), "{without:?}");
}

#[test]
fn a_wrong_command_line() {
    let workplace = Workplace::new();
    for arguments in ["", "fly", "run", "run x.ron --out", "run x.ron --sett a=b"] {
        assert_eq!(workplace.call(arguments).code, Some(2), "{arguments}");
    }
    assert_eq!(workplace.call("--help").code, Some(0));
    assert_eq!(workplace.call("run --help").code, Some(0));
}

#[test]
fn a_key_that_is_taken_for_an_option() {
    refused(SMALL, "--chi 2", 2, &["unexpected argument '--chi'", "--set weights.chi=2"]);
    refused(SMALL, "--t-sim=5", 2, &["--set simulation.duration_ms=5"]);
    refused(SMALL, "--weights.g", 2, &["--set weights.g=VALUE"]);
    refused(SMALL, "--eat", 2, &["unexpected argument '--eat'"]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_configuration() {
    let workplace = Workplace::new();
    workplace.write("x.ron", &format!("\u{feff}{SMALL}"));
    let call = workplace.call("check x.ron");
    assert_eq!(call.code, Some(0), "{call:?}");
}
