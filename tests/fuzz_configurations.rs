//! Whatever is written into a configuration, a sweep or an option: the program says what is wrong with
//! it, and where, or runs with it. It neither panics nor takes memory or time without bound.

#[path = "common/campaign.rs"]
mod campaign;
#[path = "common/mutation.rs"]
mod mutation;

use campaign::campaign;
use humam_gpu::anatomy::Tables;
use humam_gpu::build::{BuildError, choose_engine, integer_network, model_network};
use humam_gpu::config::{self, BUILTIN, Config, ConfigError, EngineKind, Override, SynapseStorage};
use humam_gpu::sweep::{self, Definition, Sweep};
use mutation::{Chance, EXTREMES, mutated, mutated_text};
use std::path::Path;

/// Neurons up to which the integers of a network are made; more take longer, and nothing else.
const MOST_NEURONS: u64 = 100_000;

/// Every text of `configs/`.
fn texts() -> Vec<Vec<u8>> {
    let all = BUILTIN.iter().chain(sweep::BUILTIN);
    all.map(|(_, text)| text.as_bytes().to_vec()).collect()
}

/// Errors name the file, the option, or a key that has its default.
fn has_a_place(error: &ConfigError, file: &Path) {
    let file = file.display().to_string();
    for problem in &error.0 {
        let message = problem.to_string();
        let places = [&*file, "--set", "(default)", "builtin:", "--vary", "--seeds"];
        assert!(places.iter().any(|place| message.contains(place)), "no place in {message}");
    }
    assert!(!error.0.is_empty());
}

#[test]
fn a_wrong_configuration_is_an_error_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, texts) = (folder.path().join("x.ron"), texts());
    campaign("configurations", 600, |chance| {
        let original = &texts[chance.below(texts.len())];
        std::fs::write(&path, mutated(chance, original, &texts)).expect("a file");
        match config::load(&path, &[]) {
            Err(error) => has_a_place(&error, &path),
            Ok(config) => {
                let again = folder.path().join("again.ron");
                std::fs::write(&again, config::to_ron(&config)).expect("a file");
                assert_eq!(config::load(&again, &[]), Ok(config), "what is written is read");
            }
        }
    });
}

#[test]
fn a_wrong_sweep_is_an_error_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, texts) = (folder.path().join("x.ron"), texts());
    let seeds = [
        "(config: \"tiny\", set: [\"simulation.duration_ms=50\"], vary: [\"weights.chi=0,1\"], seeds: 2)",
        "(name: \"a\", config: \"tiny\", vary: [\"weights.chi+weights.chi_i=0:0,1:2\", \"weights.g=-4,-5\"])",
        "(config: \"microcircuit\", vary: [\"simulation.seed=1,2,3\"], published: pronold_2024_chi)",
    ];
    campaign("sweeps", 300, |chance| {
        let text = mutated_text(chance, chance.clone().one_of(&seeds), &texts);
        std::fs::write(&path, text).expect("a file");
        let sweep = Definition::load(&path).and_then(Sweep::new);
        match sweep {
            Err(error) => has_a_place(&error, &path),
            Ok(sweep) => {
                let is_plain = |c: char| c.is_alphanumeric() || "-_".contains(c);
                assert!(sweep.name.chars().all(is_plain), "{:?} cannot leave its folder", sweep.name);
            }
        }
    });
}

/// Every key that holds a value.
fn keys() -> Vec<String> {
    fn collect(prefix: &str, value: &serde_json::Value, keys: &mut Vec<String>) {
        for (key, value) in value.as_object().into_iter().flatten() {
            let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            match value.is_object() {
                true => collect(&path, value, keys),
                false => keys.push(path),
            }
        }
    }
    let mut keys = Vec::new();
    collect("", &serde_json::to_value(Config::default()).expect("a tree"), &mut keys);
    assert!(keys.len() > 100);
    keys
}

/// Lists and words that values can be.
const VALUES: [&str; 14] = [
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "[\"cuneus\"]",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    r#"[{"dc": {"populations": "*", "amplitude_pa": 1e300}}]"#,
    r#"[{"poisson": {"populations": "*", "rate_hz": 1e-300, "psp_mv": 1e-300, "from_ms": 0.1}}]"#,
    r#"[{"poisson": {"populations": "* * E", "rate_hz": 1e5, "psp_mv": 1, "to_ms": 1e300}}]"#,
    r#"[{"spike": {"populations": "*", "time_ms": 0.1, "weight_pa": 1e9, "neurons": 4294967295}}]"#,
    r#"[{"populations": "*", "neurons": 4294967295, "interval_ms": 0.1}]"#,
    r#"[{"populations": "* * I", "amplitude_pa": -1e12}]"#,
    "preserve",
];

#[test]
fn a_wrong_option_is_an_error_that_names_it() {
    let keys = keys();
    let others: Vec<Vec<u8>> = VALUES.iter().map(|value| value.as_bytes().to_vec()).collect();
    campaign("options", 600, |chance| {
        let assignment = || {
            let key = &keys[chance.below(keys.len())];
            let value = if chance.one_in(3) { chance.one_of(&VALUES) } else { chance.one_of(&EXTREMES) };
            let text = format!("{key}={value}");
            if chance.one_in(2) { mutated_text(chance, &text, &others) } else { text }
        };
        let texts: Vec<String> = std::iter::repeat_with(assignment).take(2).collect();
        let overrides: Result<Vec<Override>, _> = texts.iter().map(|text| Override::set(text)).collect();
        let loaded = overrides.and_then(|overrides| config::load(Path::new("builtin:tiny"), &overrides));
        if let Err(error) = loaded {
            has_a_place(&error, Path::new("builtin:tiny"));
        }
    });
}

/// A configuration as the command `check` takes it, up to the plan.
fn checked(config: &Config) -> Result<(), BuildError> {
    let tables = Tables::load(&config.anatomy)?;
    let network = model_network(config, &tables, &mut ())?.network;
    assert!(network.n_neurons() <= u64::from(u32::MAX));
    if network.n_neurons() > MOST_NEURONS {
        return Ok(());
    }
    let integers = integer_network(&network, config)?;
    for kind in [EngineKind::Cpu, EngineKind::Reference] {
        let options = config::EngineOptions { engine: kind, ..config.engine.clone() };
        let storage = options.synapses;
        let planned = choose_engine(&options)?.plan(&integers);
        match planned {
            Ok(plan) => drop(plan.check(&config.scaling, Some(1 << 40))),
            Err(error) => assert_eq!(storage, SynapseStorage::Procedural, "{error}"),
        }
    }
    Ok(())
}

/// The base is small, so that most of the time is spent on what is extreme.
fn with_extremes(chance: &mut Chance, keys: &[String]) -> Vec<Override> {
    let base = chance.below(4);
    let mut texts: Vec<String> = match base {
        0 => vec![],
        _ => vec![
            "model=microcircuit".into(),
            "scaling.n_scaling=0.01".into(),
            "scaling.k_scaling=0.01".into(),
        ],
    };
    for _ in 0..1 + chance.below(3) {
        let key = &keys[chance.below(keys.len())];
        let other_model = ["neurons.", "weights.", "delays.", "connectivity.", "anatomy.", "areas"];
        if base > 0 && other_model.iter().any(|section| key.starts_with(section)) {
            continue;
        }
        let value = if chance.one_in(6) { chance.one_of(&VALUES) } else { chance.one_of(&EXTREMES) };
        texts.push(format!("{key}={value}"));
    }
    texts.iter().map(|text| Override::set(text).expect("an assignment")).collect()
}

#[test]
fn numbers_at_their_ends_make_errors_or_networks() {
    let keys = keys();
    let (mut refused, mut built) = (0, 0);
    campaign("numbers", 60, |chance| {
        let overrides = with_extremes(chance, &keys);
        let Ok(config) = config::load(Path::new("builtin:tiny"), &overrides) else { return };
        match checked(&config) {
            Err(error) => {
                assert!(!error.to_string().is_empty());
                refused += 1;
            }
            Ok(()) => built += 1,
        }
    });
    println!("numbers: {built} networks, {refused} that could not be");
}
