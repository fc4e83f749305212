//! Every line of the input is an assignment behind `--set`.
#![no_main]

use humam_gpu::config::{self, Config};
use humam_gpu_fuzz::{begin_with, promises};
use libfuzzer_sys::fuzz_target;

/// Sections that are set as a whole list.
const LISTS: [&str; 6] = [
    r#"stimuli=[{"dc": {"populations": "* IV E", "amplitude_pa": 50, "from_ms": 101.3}}]"#,
    r#"stimuli=[{"poisson": {"populations": "*", "rate_hz": 500, "psp_mv": 0.2, "to_ms": 700}}]"#,
    r#"stimuli=[{"spike": {"populations": "cuneus", "time_ms": 0.1, "weight_pa": 1e3, "neurons": 4}}]"#,
    r#"stimuli=[poisson(populations: "cuneus", rate_hz: 100.0, psp_mv: 0.5)]"#,
    r#"recording.voltmeter=[(populations: "cuneus V E", neurons: 5)]"#,
    r#"recording.voltmeter=[{"populations": "cuneus V", "neurons": 3, "interval_ms": 0.7}]"#,
    r#"recording.voltmeter=[(populations: "cuneus V E", indices: [0, 17])]"#,
    r#"recording.means=(populations: "* V", interval_ms: 0.7)"#,
];

/// Every key with its default, one an input, and lists.
fn seeds() -> Vec<Vec<u8>> {
    fn collect(prefix: &str, value: &serde_json::Value, all: &mut Vec<Vec<u8>>) {
        for (key, value) in value.as_object().into_iter().flatten() {
            let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            match value.is_object() {
                true => collect(&path, value, all),
                false => all.push(format!("{path}={value}").into_bytes()),
            }
        }
    }
    let mut all = LISTS.map(|text| text.as_bytes().to_vec()).to_vec();
    let section = |key: &str| config::value(&Config::default(), key);
    let names = ["model", "scaling", "weights", "neurons", "connectivity", "delays", "drive", "theory"];
    let more = ["anatomy", "simulation", "engine", "arithmetic", "recording", "analysis", "stimuli"];
    for name in names.into_iter().chain(more) {
        let value = section(name).expect("a section");
        collect("", &serde_json::json!({ name: value }), &mut all);
    }
    all
}

fuzz_target!(init: begin_with(seeds()), |input: &[u8]| {
    let texts: Vec<String> = String::from_utf8_lossy(input).lines().map(str::to_owned).collect();
    promises::of_options(&texts);
});
