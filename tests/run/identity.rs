//! A changed input never finds an old result: every key and every table is in the name of a network or of a
//! run, or in a list of those that change no spike.

use crate::fixtures::command_line::Workplace;
use humam_gpu::config::Config;
use humam_gpu::engine::fixed_point::Formats;
use humam_gpu::model::ModelOptions;
use humam_gpu::model::anatomy::{Anatomy, Hemisphere, Tables, embedded};
use humam_gpu::simulation::recording::{NetworkIdentity, SimulationIdentity};
use ron::extensions::Extensions;
use serde_json::Value;
use std::path::Path;

/// What has no default value; the other keys have theirs.
const FULL: &str = r#"(
    name: "full",
    areas: ["cuneus", "insula"],
    anatomy: (tables: "tables"),
    neurons: (overrides: [(
        populations: "cuneus", e_l_mv: -71.0, v_th_mv: -46.0, v_reset_mv: -71.0, c_m_pf: 200.0, tau_m_ms: 9.0,
        tau_syn_ex_ms: 1.0, tau_syn_in_ms: 1.0, t_ref_ms: 1.0, v_th_relative_sd: 0.1, c_m_relative_sd: 0.1,
        tau_m_relative_sd: 0.1,
    )], separate_currents: true),
    weights: (chi_i: 2.0),
    drive: (dc: [(populations: "cuneus", amplitude_pa: 1.0)]),
    manipulations: [
        scale_connection(from: "cuneus", to: "insula", weight: 0.5, synapses: 0.5),
        silence(populations: "cuneus"),
        scale_drive(populations: "cuneus", rate: 0.5, weight: 0.5),
    ],
    arithmetic: (v_m_bits: 14, current_bits: 15, weight_bits: 9),
    stimuli: [
        spike(populations: "cuneus", time_ms: 1.0, psp_mv: 0.1, weight_pa: 1.0, neurons: 3),
        poisson(populations: "cuneus", rate_hz: 5.0, profile: "x.csv", psp_mv: 0.1, weight_pa: 1.0, to_ms: 9.0),
        spike_trains(populations: "cuneus", file: "x.csv", psp_mv: 0.1, weight_pa: 1.0),
        dc(populations: "cuneus", amplitude_pa: 1.0, to_ms: 9.0),
        ramp(populations: "cuneus", from_pa: 1.0, to_pa: 2.0, to_ms: 9.0),
        sinus(populations: "cuneus", amplitude_pa: 1.0, frequency_hz: 5.0, to_ms: 9.0),
        pulses(populations: "cuneus", amplitude_pa: 1.0, period_ms: 2.0, width_ms: 1.0, to_ms: 9.0),
    ],
    recording: (
        populations: ["cuneus"],
        voltmeter: [
            (populations: "cuneus", neurons: 3, interval_ms: 1.0),
            (populations: "cuneus", indices: [0, 17], interval_ms: 1.0),
        ],
        means: (populations: "cuneus", interval_ms: 1.0),
    ),
    engine: (
        adapter: "any", threads: 2, shards: 2, batch_steps: 5, checkpoint_every_ms: 10.0, history_spikes: 1000,
        gpu_int64: false,
    ),
    analysis: (from_ms: 10.0, raster_fraction: 0.5),
)"#;

/// Keys, or sections, that change no spike, each with the reason.
const NO_SPIKE: [(&str, &str); 5] = [
    ("/name", "it names the folder of all networks"),
    ("/anatomy/tables", "it tells where tables are; what stands in them counts"),
    ("/simulation/statistics_from_ms", "statistics are of spikes that are there"),
    ("/engine/", "every engine gives the same spikes, however it computes them"),
    ("/analysis/", "it is of spikes that are there"),
];

/// Tables that the network does not follow from.
const NO_NETWORK: [&str; 4] = [
    "hcp_functional_connectivity_lh.csv",
    "hcp_functional_connectivity_rh.csv",
    "minxha_2020_spiking_quantiles.csv",
    "pronold_2024_chi.csv",
];

/// Names of network and run.
fn hashes(config: &Config) -> (String, String) {
    let network = NetworkIdentity::new(&config.model_options(), &[7; 32]).hash();
    let bits = |bits: Option<u32>| bits.expect("bits");
    let formats = Formats {
        v_m_bits: bits(config.arithmetic.v_m_bits),
        current_bits: bits(config.arithmetic.current_bits),
        weight_bits: bits(config.arithmetic.weight_bits),
    };
    let run = SimulationIdentity::new(&network, &config.build_options(), &config.recording, formats).hash();
    (network, run)
}

/// The pointers of all values that are no sections, such as `/weights/chi`.
fn keys(value: &Value, pointer: &str, found: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(section) => section.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => (0..).zip(list).map(|(at, value): (u32, _)| (at.to_string(), value)).collect(),
        Value::Null => panic!("{pointer} has no value: give it one in FULL"),
        _ => return found.push(pointer.to_owned()),
    };
    assert!(!below.is_empty(), "{pointer} is empty: give it an entry in FULL");
    below.iter().for_each(|(key, value)| keys(value, &format!("{pointer}/{key}"), found));
}

/// Other values of a key; of those that have a few names, the names are known by the error that others give.
fn others(whole: &Value, pointer: &str) -> Vec<Value> {
    match whole.pointer(pointer).expect("a key") {
        Value::Bool(is) => vec![Value::from(!is)],
        Value::Number(number) if number.is_f64() => {
            vec![Value::from(number.as_f64().expect("a number") * 1.5 + 0.25)]
        }
        Value::Number(number) => vec![Value::from(number.as_u64().expect("a number") + 1)],
        own => {
            let text = own.as_str().expect("text");
            let other = Value::from(format!("other {text}"));
            match with(whole, pointer, other.clone()) {
                Ok(_) => vec![other],
                Err(error) => {
                    let names = error.split('`').skip(3).step_by(2);
                    let others = names.filter(|name| *name != text).map(Value::from);
                    // A network of one's own has a file besides, whose content is in its name.
                    let others = others.filter(|other| with(whole, pointer, other.clone()).is_ok());
                    others.collect()
                }
            }
        }
    }
}

/// The configuration with another value of one key.
fn with(whole: &Value, pointer: &str, value: Value) -> Result<Config, String> {
    let mut changed = whole.clone();
    *changed.pointer_mut(pointer).expect("a key") = value;
    serde_json::from_value(changed).map_err(|error| error.to_string())
}

#[test]
fn every_key_changes_the_name_of_the_network_or_of_the_run_or_no_spike() {
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    let full: Config = options.from_str(FULL).expect("a configuration");
    let whole = serde_json::to_value(&full).expect("JSON");
    let mut all = Vec::new();
    keys(&whole, "", &mut all);
    assert!(all.len() > 100, "{all:?}");
    let before = hashes(&full);
    assert_eq!(hashes(&with(&whole, "/name", "full".into()).expect("the same")), before);
    let changes_no_spike = |key: &str| NO_SPIKE.iter().any(|(listed, _)| key.starts_with(listed));
    for key in &all {
        let others = others(&whole, key);
        assert!(!others.is_empty(), "{key} has no other value");
        for other in others {
            let after = hashes(&with(&whole, key, other.clone()).expect("a configuration"));
            assert_eq!(after == before, changes_no_spike(key), "{key} = {other}");
        }
    }
    for (listed, reason) in NO_SPIKE {
        assert!(all.iter().any(|key| key.starts_with(listed)), "there is no {listed}: {reason}");
    }
}

/// The table with one number changed, and in a matrix by area its mirror image with it.
fn with_another_number(text: &str) -> String {
    let mut rows: Vec<Vec<String>> =
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    let is_by_area = rows[0].len() == 35 && rows[0][1..].iter().zip(&rows[1..]).all(|(a, row)| *a == row[0]);
    let number = |cell: &str| cell.parse::<f64>().ok().filter(|&value| value > 0.0 && value != 1.0);
    let places = (1..rows.len()).flat_map(|row| (1..rows[row].len()).map(move |column| (row, column)));
    let place = places.clone().find(|&(row, column)| number(&rows[row][column]).is_some());
    let (row, column) = place.expect("a number");
    let other = (number(&rows[row][column]).expect("a number") * 0.99).to_string();
    if is_by_area {
        rows[column][row].clone_from(&other);
    }
    rows[row][column] = other;
    rows.iter().map(|row| row.join(",") + "\n").collect()
}

/// Names of the networks of both hemispheres that are made from tables in `folder`.
fn networks(folder: Option<&Path>) -> [String; 2] {
    [Hemisphere::Left, Hemisphere::Right].map(|hemisphere| {
        let anatomy = Anatomy { tables: folder.map(Path::to_path_buf), hemisphere, ..Anatomy::default() };
        let tables = Tables::load(&anatomy).expect("tables");
        NetworkIdentity::new(&ModelOptions { anatomy, ..ModelOptions::default() }, &tables.digest).hash()
    })
}

#[test]
fn every_table_changes_the_name_of_the_network_or_has_nothing_to_do_with_it() {
    let built_in = networks(None);
    for (file, text) in embedded::TABLES {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(file), text.replace('\n', "\r\n")).expect("a table");
        assert_eq!(networks(Some(folder.path())), built_in, "{file} as it is");
        let changed = with_another_number(text);
        assert_ne!(changed.lines().collect::<Vec<_>>(), text.lines().collect::<Vec<_>>(), "{file}");
        std::fs::write(folder.path().join(file), changed).expect("a table");
        let found = networks(Some(folder.path()));
        let differ = [0, 1].map(|side| found[side] != built_in[side]);
        let expected = match (NO_NETWORK.contains(file), file.trim_end_matches(".csv")) {
            (true, _) => [false, false],
            (false, name) => [!name.ends_with("_rh"), !name.ends_with("_lh")],
        };
        assert_eq!(differ, expected, "{file}");
    }
}

#[test]
fn a_run_is_not_found_again_once_its_tables_are_others() {
    for file in ["hcp_connectivity_nos_rh.csv", "hcp_fiber_length_mm_rh.csv"] {
        let workplace = Workplace::new();
        let text = embedded::table(file).expect("a table");
        workplace.write(&format!("tables/{file}"), text);
        let run =
            "run tiny --engine cpu --set anatomy.tables=\"tables\" --duration-ms 60 --quiet --no-analysis";
        let first = workplace.folder_of(run);
        let again = workplace.call(run);
        let from = "(from the tables in ";
        assert!(again.stdout.contains("network:      found and used again: ") && again.stdout.contains(from));
        assert!(again.stdout.contains("made by version "), "{again:?}");
        workplace.write(&format!("tables/{file}"), &with_another_number(text));
        let other = workplace.call(run);
        assert!(other.stdout.contains("derived from the tables in "), "{other:?}");
        assert!(other.stdout.contains("run:          made"), "{other:?}");
        // The network of the old run cannot be derived again, and its figures come from what is on disk.
        let call = |command: &str| workplace.call(&format!("{command} {} --quiet", first.display()));
        let (verified, analysed) = (call("verify"), call("analyze"));
        assert_eq!((verified.code, analysed.code), (Some(1), Some(0)), "{verified:?} {analysed:?}");
        assert!(verified.stderr.contains("the tables in "), "{verified:?}");
        let figure = std::fs::read(first.join("figures/in_degrees.png")).expect("a figure");
        workplace.write(&format!("tables/{file}"), text);
        let (verified, analysed) = (call("verify"), call("analyze"));
        assert_eq!((verified.code, analysed.code), (Some(0), Some(0)), "{verified:?} {analysed:?}");
        assert!(figure == std::fs::read(first.join("figures/in_degrees.png")).expect("a figure"));
    }
}
