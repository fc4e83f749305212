//! A run that leaves its fixed-point formats starts again by itself with coarser ones, to the same outcome
//! however it is computed.

use crate::fixtures::adapter::test_adapter;
use crate::fixtures::command_line::{Workplace, spikes};
use humam_gpu::config::{self, Override};
use humam_gpu::run::Output;
use std::path::Path;

/// A current that holds inhibitory neurons 1190 mV below E_L, and a format that ends at 896 mV.
const CONFIG: &str = r#"(
    name: "fine",
    scaling: (n_scaling: 0.001, k_scaling: 0.1),
    weights: (psp_mv: 0.0002),
    stimuli: [dc(populations: "* * I", amplitude_pa: -12000.0, from_ms: 30.0)],
    arithmetic: (v_m_bits: Some(21)),
    simulation: (seed: 3, duration_ms: 200.0, statistics_from_ms: 0.0),
)"#;
const LEFT: &str = "left its range in step ";

fn manifest(run: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(run.join("manifest.json")).expect("a manifest")).expect("JSON")
}

fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.write("fine.ron", CONFIG);
    workplace
}

#[test]
fn a_run_starts_again_with_coarser_formats_and_says_and_records_them() {
    let workplace = workplace();
    let call = workplace.call("run fine.ron --engine cpu --no-analysis");
    assert_eq!(call.code, Some(0), "{call:?}");
    assert!(
        call.stderr.contains(LEFT) && call.stderr.contains("starts again with coarser formats"),
        "{call:?}"
    );
    let run = workplace.folder_of("run fine.ron --engine cpu --no-analysis --quiet");
    let manifest = manifest(&run);
    let bits = |which: &str, key: &str| manifest[which][key].as_u64().expect("bits");
    assert_eq!((bits("formats_left", "v_m_bits"), bits("formats", "v_m_bits")), (21, 19));
    assert_eq!(bits("formats", "current_bits") + 2, bits("formats_left", "current_bits"));
    let config = std::fs::read_to_string(run.join("config.ron")).expect("a configuration");
    assert!(config.contains("v_m_bits: 19"), "{config}");
    // The run that is there is found, and is computed again in the formats that it has.
    assert!(workplace.call("run fine.ron --engine cpu --no-analysis").stdout.contains("used again"));
    for command in [
        format!("verify {} --engine cpu", run.display()),
        format!("analyze {} --quiet", run.display()),
        format!("export {} --format npz --quiet", run.display()),
        format!("export {} --format sonata --quiet", run.display()),
        format!("resume {} --no-analysis --quiet", run.display()),
    ] {
        let call = workplace.call(&command);
        assert_eq!(call.code, Some(0), "{command}: {call:?}");
    }
}

#[test]
fn formats_that_hold_are_kept() {
    let workplace = Workplace::new();
    workplace.write("fine.ron", &CONFIG.replace("v_m_bits: Some(21)", ""));
    let call = workplace.call("run fine.ron --engine cpu --no-analysis");
    assert!(!call.stderr.contains(LEFT), "{call:?}");
    let run = workplace.folder_of("run fine.ron --engine cpu --no-analysis --quiet");
    assert!(manifest(&run)["formats_left"].is_null());
}

#[test]
fn formats_that_cannot_hold_all_that_may_arrive_are_coarser_from_the_start_and_that_is_said() {
    let workplace = workplace();
    let set = "--set arithmetic.v_m_bits=19 --set arithmetic.current_bits=25";
    let call = workplace.call(&format!("run fine.ron --engine cpu --no-analysis {set}"));
    assert_eq!(call.code, Some(0), "{call:?}");
    assert!(call.stderr.contains("cannot hold") && !call.stderr.contains(LEFT), "{call:?}");
    // Its name tells the coarser ones, by which it is found.
    let bits = |v_m_bits| Override::set(&format!("arithmetic.v_m_bits={v_m_bits}")).expect("an override");
    let current = Override::set("arithmetic.current_bits=25").expect("an override");
    let output = Output { folder: workplace.path("out"), force: false };
    let found = |v_m_bits| {
        let config = config::load(&workplace.path("fine.ron"), &[bits(v_m_bits), current.clone()]);
        humam_gpu::run::find(&config.expect("a configuration"), &output).expect("a folder of runs")
    };
    assert_eq!(found(19).expect("the run").manifest.formats.expect("formats").current_bits, 23);
    assert!(found(20).is_none());
}

#[test]
fn the_outcome_is_the_same_for_every_engine_batch_and_number_of_threads() {
    let ways = [
        "--engine cpu --threads 1 --set engine.batch_steps=1",
        "--engine cpu --threads 2 --set engine.batch_steps=777",
        "--engine cpu --set engine.synapses=procedural --set engine.shards=5",
        "--engine reference",
    ];
    let gpu = "--engine gpu --set engine.batch_steps=100";
    let ways = ways.into_iter().chain(test_adapter().map(|_| gpu));
    let mut first: Option<([Vec<u8>; 2], serde_json::Value)> = None;
    for way in ways {
        let workplace = workplace();
        let run = workplace.folder_of(&format!("run fine.ron --no-analysis --quiet {way}"));
        let found = (spikes(&run), manifest(&run)["formats"].clone());
        let expected = first.get_or_insert_with(|| found.clone());
        assert!(found == *expected, "{way}");
    }
}

#[test]
fn a_run_that_was_stopped_goes_on_in_the_formats_that_it_has_come_to() {
    let workplace = workplace();
    let whole = workplace.folder_of("run fine.ron --engine cpu --no-analysis --quiet --out whole");
    let mut child = workplace
        .command("run fine.ron --engine cpu --no-analysis --quiet --checkpoint-every 6.4")
        .spawn()
        .expect("it starts");
    let checkpoint = || workplace.tree().into_iter().find(|path| path.ends_with(".partial/checkpoint.bin"));
    while checkpoint().is_none() && child.try_wait().expect("a state").is_none() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    child.kill().ok();
    child.wait().expect("it ends");
    let run = workplace.folder_of("run fine.ron --engine cpu --no-analysis --quiet");
    assert_eq!(spikes(&run), spikes(&whole));
    assert_eq!(manifest(&run)["formats"], manifest(&whole)["formats"]);
}
