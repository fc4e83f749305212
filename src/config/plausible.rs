//! Values that no neuron, synapse or cortex has: most likely they are in another unit. They are no errors;
//! whoever means them runs with them.

use super::{Config, keys};
use crate::model::{ModelKind, described_network};
use serde_json::Value;
use std::collections::HashSet;
use std::fmt;

/// A unit, and those that are taken for it with the number of it that one of them is.
struct Unit {
    name: &'static str,
    others: &'static [(&'static str, f64)],
}

const MV: Unit = Unit { name: "mV", others: &[("V", 1e3), ("µV", 1e-3)] };
const PF: Unit = Unit { name: "pF", others: &[("nF", 1e3), ("µF", 1e6), ("F", 1e12), ("fF", 1e-3)] };
const PA: Unit = Unit { name: "pA", others: &[("nA", 1e3), ("µA", 1e6), ("A", 1e12), ("fA", 1e-3)] };
const MS: Unit = Unit { name: "ms", others: &[("s", 1e3), ("µs", 1e-3)] };
const HZ: Unit = Unit { name: "1/s", others: &[("1/ms", 1e3), ("1/min", 1.0 / 60.0)] };
const UM: Unit = Unit { name: "µm", others: &[("mm", 1e3), ("m", 1e6), ("nm", 1e-3)] };
const MM2: Unit = Unit { name: "mm²", others: &[("cm²", 1e2), ("m²", 1e6), ("µm²", 1e-6)] };
const PER_MM3: Unit = Unit { name: "1/mm³", others: &[("1/µm³", 1e9), ("1/cm³", 1e-3), ("1/m³", 1e-9)] };
const MM_PER_MS: Unit = Unit { name: "mm/ms", others: &[("mm/s", 1e-3), ("m/ms", 1e3)] };

/// Keys by their last names, the magnitudes that are plausible beside 0, and their unit. The ranges are
/// wider than what is measured, and narrower than a thousand: a wrong prefix leaves them.
const QUANTITIES: [(&[&str], [f64; 2], &Unit); 19] = [
    (&["e_l_mv", "v_th_mv", "v_reset_mv"], [1.0, 200.0], &MV),
    (&["initial_v_m_mean_mv"], [1.0, 500.0], &MV),
    (&["initial_v_m_sd_mv"], [0.2, 200.0], &MV),
    (&["c_m_pf"], [5.0, 4000.0], &PF),
    (&["tau_m_ms"], [0.5, 400.0], &MS),
    (&["tau_syn_ex_ms", "tau_syn_in_ms"], [0.05, 400.0], &MS),
    (&["t_ref_ms"], [0.05, 49.0], &MS),
    (&["weights.psp_mv", "drive.psp_mv", "microcircuit.psp_mv"], [0.001, 20.0], &MV),
    (&["spike.psp_mv", "poisson.psp_mv"], [0.001, 999.0], &MV),
    // Of projections of one's own network.
    (&["psp_mv"], [0.001, 99.0], &MV),
    (&["weight_pa"], [0.001, 1e6], &PA),
    (&["amplitude_pa", "from_pa", "to_pa", "offset_pa"], [0.01, 1e5], &PA),
    (&["rate_hz", "background_rate_hz", "initial_rate_hz", "frequency_hz"], [0.001, 1e5], &HZ),
    (
        &[
            "local_excitatory_ms",
            "local_inhibitory_ms",
            "delay_excitatory_ms",
            "delay_inhibitory_ms",
            "cc_min_ms",
            "delay_ms",
            "mean_ms",
        ],
        [0.05, 100.0],
        &MS,
    ),
    (&["conduction_velocity_mm_per_ms"], [0.05, 150.0], &MM_PER_MS),
    (&["surface_area_mm2"], [0.01, 1e5], &MM2),
    (&["synapse_density_per_mm3"], [1e7, 1e10], &PER_MM3),
    (&["lambda_um"], [5.0, 4000.0], &UM),
    (&["dt_ms"], [0.001, 2.0], &MS),
];

/// A value that is most likely in another unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Implausible {
    /// Its key, with its place in a list, such as `stimuli[0].dc.amplitude_pa`.
    pub key: String,
    /// The value.
    pub value: f64,
    /// The magnitudes that are plausible.
    pub plausible: [f64; 2],
    /// The key's unit.
    pub unit: &'static str,
    /// The unit that it is likely to be in, and what it is in the key's.
    pub likely: Option<(&'static str, f64)>,
}

impl fmt::Display for Implausible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, value, plausible: [least, most], unit, likely } = self;
        write!(f, "{key} = {value} {unit}: ")?;
        match likely {
            Some((other, meant)) => write!(f, "did you mean {meant}? The unit is {unit}, not {other}"),
            None => write!(f, "magnitudes from {least} to {most} {unit} are usual, so look at the unit"),
        }
    }
}

impl Config {
    /// Values that are most likely in another unit, here and in the file of a network of one's own.
    pub fn implausible_values(&self) -> Vec<Implausible> {
        let mut numbers = Vec::new();
        collect("", &keys::tree(self), &mut numbers);
        let own = numbers.into_iter().filter_map(|(key, value)| implausible(key, value));
        own.chain(self.implausible_in_network()).collect()
    }

    /// Those of the network's file; each once, as a value may stand in every population.
    fn implausible_in_network(&self) -> Vec<Implausible> {
        let ModelKind::Network(source) = &self.model else { return Vec::new() };
        let Some(description) = described_network(source) else { return Vec::new() };
        let tree = serde_json::to_value(description).expect("numbers and strings have a JSON form");
        let mut numbers = Vec::new();
        collect("", &tree, &mut numbers);
        let mut told = HashSet::new();
        let is_new = |found: &Implausible| {
            let name = found.key.rsplit('.').next().unwrap_or(&found.key);
            told.insert((name.to_owned(), found.value.to_bits()))
        };
        numbers.into_iter().filter_map(|(key, value)| implausible(key, value)).filter(is_new).collect()
    }
}

/// Every number of a tree with its key.
fn collect(key: &str, value: &Value, numbers: &mut Vec<(String, f64)>) {
    match value {
        Value::Object(section) => {
            for (name, value) in section {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                collect(&key, value, numbers);
            }
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, item)| collect(&format!("{key}[{index}]"), item, numbers));
        }
        _ => numbers.extend(value.as_f64().map(|value| (key.to_owned(), value))),
    }
}

/// What is plausible for `key`; `None` if anything may be meant.
fn quantity(key: &str) -> Option<([f64; 2], &'static Unit)> {
    // Of a list of numbers each item is one of them.
    let key = if key.ends_with(']') { key.rsplit_once('[')?.0 } else { key };
    let is_named =
        |name: &&str| key.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    QUANTITIES.iter().find(|(names, ..)| names.iter().any(is_named)).map(|(_, range, unit)| (*range, *unit))
}

fn implausible(key: String, value: f64) -> Option<Implausible> {
    let (plausible, unit) = quantity(&key)?;
    let fits = |value: f64| (plausible[0]..=plausible[1]).contains(&value.abs());
    if value == 0.0 || fits(value) {
        return None;
    }
    let meant = unit.others.iter().map(|&(other, factor)| (other, without_rounding(value * factor)));
    let likely = meant.into_iter().find(|&(_, meant)| fits(meant));
    Some(Implausible { key, value, plausible, unit: unit.name, likely })
}

/// The value with the digits that are no rounding of a product.
fn without_rounding(value: f64) -> f64 {
    format!("{value:.12e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::super::{BUILTIN, Override, load};
    use super::*;
    use std::path::Path;

    /// Keys with a unit of which anything may be meant, and why.
    const ANYTHING: [(&str, &str); 4] = [
        ("_from_ms", "times of the run"),
        ("_to_ms", "times of the run"),
        ("_every_ms", "times of the run"),
        ("tolerance_hz", "as small as asked for"),
    ];
    const RUN: [&str; 8] = [
        "duration_ms",
        "statistics_from_ms",
        "analysis.from_ms",
        "bin_ms",
        "window_ms",
        "counts_bin_ms",
        "response_baseline_ms",
        "response_ms",
    ];

    fn warnings(assignments: &[&str]) -> Vec<String> {
        let overrides: Vec<Override> = assignments.iter().map(|text| Override::set(text).unwrap()).collect();
        let config = load(Path::new("builtin:downscaled"), &overrides).unwrap();
        config.implausible_values().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_wrong_unit_is_told_with_what_was_meant() {
        for (assignments, told) in [
            (
                &["neurons.excitatory.v_th_mv=-0.045"][..],
                "-0.045 mV: did you mean -45? The unit is mV, not V",
            ),
            (&["neurons.excitatory.c_m_pf=0.22"], "0.22 pF: did you mean 220? The unit is pF, not nF"),
            (
                &["neurons.inhibitory.c_m_pf=1e-10"],
                "0.0000000001 pF: did you mean 100? The unit is pF, not F",
            ),
            (&["neurons.excitatory.tau_m_ms=0.01"], "0.01 ms: did you mean 10? The unit is ms, not s"),
            (&["neurons.inhibitory.tau_syn_in_ms=2000"], "2000 ms: did you mean 2? The unit is ms, not µs"),
            (&["neurons.initial_v_m_mean_mv=-0.15"], "-0.15 mV: did you mean -150? The unit is mV, not V"),
            (&["weights.psp_mv=100"], "100 mV: did you mean 0.1? The unit is mV, not µV"),
            (&["drive.psp_mv=0.0001"], "0.0001 mV: did you mean 0.1? The unit is mV, not V"),
            (&["connectivity.lambda_um=0.16"], "0.16 µm: did you mean 160? The unit is µm, not mm"),
            (
                &["connectivity.synapse_density_per_mm3=0.66"],
                "0.66 1/mm³: did you mean 660000000? The unit is 1/mm³, not 1/µm³",
            ),
            (
                &["delays.conduction_velocity_mm_per_ms=3500"],
                "3500 mm/ms: did you mean 3.5? The unit is mm/ms, not mm/s",
            ),
            (
                &[
                    r#"drive.dc=[{"populations":"*","amplitude_pa":1},{"populations":"*","amplitude_pa":2e-10}]"#,
                ],
                "0.0000000002 pA: did you mean 200? The unit is pA, not A",
            ),
            (
                &[r#"stimuli=[{"poisson":{"populations":"*","rate_hz":10,"psp_mv":0.0005}}]"#],
                "0.0005 mV: did you mean 0.5? The unit is mV, not V",
            ),
            (&["neurons.excitatory.v_th_mv=900"], "900 mV: magnitudes from 1 to 200 mV are usual"),
        ] {
            let found = warnings(assignments);
            assert_eq!(found.len(), 1, "{found:?}");
            let key = assignments[0].split('=').next().unwrap();
            assert!(found[0].starts_with(key) && found[0].contains(told), "{found:?}");
        }
        let found = warnings(&[
            r#"drive.dc=[{"populations":"*","amplitude_pa":1},{"populations":"*","amplitude_pa":2e-10}]"#,
        ]);
        assert!(found[0].starts_with("drive.dc[1].amplitude_pa = "), "{found:?}");
    }

    #[test]
    fn lists_of_numbers_are_looked_at_item_by_item() {
        let set = Override::set("microcircuit.initial_v_m_sd_mv=[5,0,4.7,0.005,5,5,5,5]").unwrap();
        let config = load(Path::new("builtin:microcircuit"), &[set]).unwrap();
        let found = config.implausible_values();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].key.as_str(), found[0].likely),
            ("microcircuit.initial_v_m_sd_mv[3]", Some(("V", 5.0)))
        );
    }

    #[test]
    fn the_file_of_a_network_of_one_s_own_is_looked_at_too() {
        let text = r#"model=network((
            populations: [
                (cell_type: "E", neurons: 5, neuron: (c_m_pf: 0.25, v_th_mv: -0.055)),
                (cell_type: "I", neurons: 5, neuron: (c_m_pf: 0.25), poisson: (rate_hz: 8.0, psp_mv: 200.0)),
            ],
            projections: [(from: "E", to: "*", rule: all_to_all, psp_mv: 200.0, delay_ms: 1500.0)],
        ))"#;
        let expected = [
            "populations[0].neuron.v_th_mv = -0.055 mV: did you mean -55? The unit is mV, not V",
            "populations[0].neuron.c_m_pf = 0.25 pF: did you mean 250? The unit is pF, not nF",
            "projections[0].psp_mv = 200 mV: did you mean 0.2? The unit is mV, not µV",
            "projections[0].delay_ms = 1500 ms: did you mean 1.5? The unit is ms, not µs",
        ];
        assert_eq!(warnings(&[text]), expected);
        for name in ["balanced", "brunel", "explicit", "microcircuit"] {
            let file = format!("{}/examples/networks/{name}.ron", env!("CARGO_MANIFEST_DIR"));
            assert_eq!(load(Path::new(&file), &[]).unwrap().implausible_values(), [], "{name}");
        }
    }

    #[test]
    fn what_comes_with_the_program_and_its_extremes_are_plausible() {
        for (name, _) in BUILTIN {
            let config = load(Path::new(&format!("builtin:{name}")), &[]).unwrap();
            assert_eq!(config.implausible_values(), [], "{name}");
        }
        // Potentials that are measured from rest, and inputs as weak as they can be told apart.
        let from_rest = ["e_l_mv=0", "v_th_mv=20", "v_reset_mv=10"];
        let from_rest = from_rest.map(|key| format!("neurons.excitatory.{key}"));
        let from_rest: Vec<&str> = from_rest.iter().map(String::as_str).collect();
        assert_eq!(warnings(&from_rest), [""; 0]);
        assert_eq!(
            warnings(&[r#"stimuli=[{"poisson":{"populations":"*","rate_hz":3000,"psp_mv":0.001}}]"#]),
            [""; 0]
        );
    }

    #[test]
    fn every_physical_key_has_a_plausible_range_or_a_reason_why_not() {
        let is_physical = |key: &&String| {
            ["_mv", "_pf", "_pa", "_ms", "_hz", "_um", "_mm2", "_mm3"].iter().any(|unit| key.ends_with(unit))
        };
        let is_free = |key: &str| {
            ANYTHING.iter().any(|(end, _)| key.ends_with(end)) || RUN.iter().any(|end| key.ends_with(end))
        };
        let keys = keys::all();
        let physical: Vec<&String> = keys.iter().filter(is_physical).collect();
        assert!(physical.len() > 40);
        for key in physical {
            assert!(quantity(key).is_some() != is_free(key), "{key}");
        }
    }

    #[test]
    fn a_wrong_prefix_leaves_every_range_that_is_not_for_any_strength() {
        for (names, [least, most], unit) in QUANTITIES {
            assert!(least < most, "{names:?}");
            // In the middle of the range a factor of the other unit leads out of it, or the range is wide.
            let middle = (least * most).sqrt();
            let leaves =
                unit.others.iter().any(|&(_, factor)| middle / factor < least || middle / factor > most);
            assert!(leaves || most / least >= 1e4, "{names:?}");
        }
    }
}
