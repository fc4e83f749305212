//! Whatever is written into a configuration, a sweep or an option: the program says what is wrong with
//! it, and where, or runs with it. It neither panics nor takes memory or time without bound.

use crate::campaign::campaign;
use crate::fixtures::promises;
use crate::fixtures::promises::has_a_place;
use crate::mutation::{EXTREMES, below, mutated, mutated_text, one_of};
use humam_gpu::config::{self, BUILTIN, Config, ConfigError, Override};
use humam_gpu::engine::assembly::{choose_engine, integer_network};
use humam_gpu::engine::{EngineKind, EngineOptions};
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::model_network;
use humam_gpu::run::sweep::{self, Definition, Sweep};
use humam_gpu::run::{Output, RunError, runs_folder};
use rand::RngExt;
use rand::rngs::StdRng;
use std::path::Path;

/// Neurons up to which the integers of a network are made; more take longer, and nothing else.
const MAX_NEURONS: u64 = 100_000;

/// Every text of `configs/`.
fn texts() -> Vec<Vec<u8>> {
    let all = BUILTIN.iter().chain(sweep::BUILTIN);
    all.map(|(_, text)| text.as_bytes().to_vec()).collect()
}

#[test]
fn a_wrong_configuration_is_an_error_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, texts) = (folder.path().join("x.ron"), texts());
    campaign("configurations", 600, |chance| {
        let original = &texts[below(chance, texts.len())];
        std::fs::write(&path, mutated(chance, original, &texts)).expect("a file");
        promises::of_configuration(&path);
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
        let seed = one_of(chance, &seeds);
        let text = mutated_text(chance, seed, &texts);
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
            let key = &keys[below(chance, keys.len())];
            let value =
                if chance.random_ratio(1, 3) { one_of(chance, &VALUES) } else { one_of(chance, &EXTREMES) };
            let text = format!("{key}={value}");
            if chance.random_ratio(1, 2) { mutated_text(chance, &text, &others) } else { text }
        };
        let texts: Vec<String> = std::iter::repeat_with(assignment).take(2).collect();
        promises::of_options(&texts);
    });
}

/// A configuration as the command `check` takes it, up to the plan.
fn checked(config: &Config) -> Result<(), RunError> {
    let tables = Tables::load(&config.anatomy)?;
    let network = model_network(&config.model_options(), &tables, &mut ())?.network;
    assert!(network.n_neurons() <= u64::from(u32::MAX));
    if network.n_neurons() > MAX_NEURONS {
        return Ok(());
    }
    let integers = integer_network(&network, &config.build_options())?;
    for kind in [EngineKind::Cpu, EngineKind::Reference] {
        let options = EngineOptions { engine: kind, ..config.engine.clone() };
        drop(choose_engine(&options)?.plan(&integers).check(&config.scaling, Some(1 << 40)));
    }
    Ok(())
}

/// The base is small, so that most of the time is spent on what is extreme.
fn with_extremes(chance: &mut StdRng, keys: &[String]) -> Vec<Override> {
    let base = below(chance, 4);
    let mut texts: Vec<String> = match base {
        0 => vec![],
        _ => vec![
            "model=microcircuit".into(),
            "scaling.n_scaling=0.01".into(),
            "scaling.k_scaling=0.01".into(),
        ],
    };
    for _ in 0..1 + below(chance, 3) {
        let key = &keys[below(chance, keys.len())];
        let other_model = ["neurons.", "weights.", "delays.", "connectivity.", "anatomy.", "areas"];
        if base > 0 && other_model.iter().any(|section| key.starts_with(section)) {
            continue;
        }
        let value =
            if chance.random_ratio(1, 6) { one_of(chance, &VALUES) } else { one_of(chance, &EXTREMES) };
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

/// The error of a configuration with this text.
fn error_of(text: &str) -> ConfigError {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.ron");
    std::fs::write(&path, text).expect("a file");
    let error = config::load(&path, &[]).expect_err("no configuration");
    has_a_place(&error, &path);
    error
}

#[test]
fn brackets_within_brackets_fill_neither_the_stack_nor_the_memory() {
    for piece in ["(", "[", "{", "a:(", "weights:(", "a:[b:{", "Some(", "/*", "r#", "((", "stimuli: [dc("] {
        for repeated in [1000, 300_000] {
            error_of(&piece.repeat(repeated));
            error_of(&format!("(weights: (chi: {}", piece.repeat(repeated)));
        }
    }
    // Keys with long sections, whose paths together would be far longer than the text.
    let long = format!("({}: ({}))", "a".repeat(1_000_000), "b: 1, ".repeat(100_000));
    error_of(&long);
    let value = "[".repeat(1_000_000);
    let error = config::load(
        Path::new("builtin:tiny"),
        &[Override::set(&format!("stimuli={value}")).expect("an assignment")],
    );
    assert!(error.is_err());
}

#[cfg(unix)]
#[test]
fn a_file_without_an_end_is_refused() {
    let error = config::load(Path::new("/dev/zero"), &[]).expect_err("no configuration").to_string();
    assert!(error.contains("/dev/zero") && error.contains("no regular file"), "{error}");
}

/// The message for a configuration with these keys; `None` if all is well.
fn refusal(assignments: &[&str]) -> Option<String> {
    let set = |text: &&str| Override::set(text).expect("an assignment");
    let overrides: Vec<Override> = assignments.iter().map(set).collect();
    let config = match config::load(Path::new("builtin:tiny"), &overrides) {
        Err(error) => return Some(error.to_string()),
        Ok(config) => config,
    };
    checked(&config).err().map(|error| error.to_string())
}

#[test]
fn numbers_beyond_any_machine_are_refused_with_their_key() {
    for (assignment, key) in [
        ("engine.threads=1000000000", "engine.threads"),
        ("engine.shards=1000000000", "engine.shards"),
        ("engine.shards=18446744073709551615", "engine.shards"),
        ("engine.batch_steps=4294967295", "engine.batch_steps"),
        ("engine.history_spikes=4294967295", "engine.history_spikes"),
        ("engine.threads=0", "engine.threads"),
        ("arithmetic.v_m_bits=4294967295", "arithmetic.v_m_bits"),
        ("simulation.duration_ms=1e300", "simulation.duration_ms"),
        ("simulation.dt_ms=1e-300", "simulation.duration_ms"),
        ("scaling.n_scaling=1e-300", "scaling.n_scaling"),
        ("scaling.k_scaling=1e300", "scaling.k_scaling"),
        ("anatomy.surface_area_mm2=1e300", "anatomy.surface_area_mm2"),
        ("connectivity.synapse_density_per_mm3=1e300", "connectivity.synapse_density_per_mm3"),
        ("connectivity.lambda_um=1e-300", "connectivity.lambda_um"),
        ("delays.conduction_velocity_mm_per_ms=1e-300", "delay"),
        ("weights/chi=1", "unknown key `weights/chi`"),
        ("stimuli.0=1", "unknown key `stimuli.0`"),
    ] {
        let refused = refusal(&[assignment]).unwrap_or_else(|| panic!("{assignment} is no problem"));
        assert!(refused.contains(key), "{assignment}: {refused}");
    }
    for fine in ["engine.threads=4096", "engine.shards=65536", "engine.batch_steps=1000000"] {
        assert_eq!(refusal(&[fine]), None, "{fine}");
    }
}

#[test]
fn a_theory_that_never_converges_gives_up() {
    let hopeless = ["theory.tolerance_hz=5e-324", "theory.max_pseudo_time=1e300"];
    let small = ["model=microcircuit", "scaling.n_scaling=0.01", "scaling.k_scaling=0.01"];
    for more in [&["theory.pseudo_time=10"][..], &["theory.pseudo_time=1e299"]] {
        assert_eq!(refusal(&[&small[..], &hopeless, more].concat()), None);
    }
    // Where its rates are needed, it says so.
    let needed = ["scaling.method=preserve"];
    let refused = refusal(&[&small[..], &hopeless, &needed].concat());
    assert!(refused.is_some_and(|refused| refused.contains("has not converged")));
}

#[test]
fn names_cannot_leave_the_folder_of_all_runs() {
    let output = Output { folder: "out".into(), force: false };
    for name in
        ["..", ".", "../x", "a/b", "/a", "a\\b", "C:", "a/../../b", "", " ", "a\u{0}b", ".hidden", "x."]
    {
        let error = refusal(&[&format!("name={}", serde_json::to_string(name).expect("JSON"))]);
        assert!(error.is_some_and(|error| error.contains("cannot name a folder")), "{name:?}");
    }
    let config = Config { name: Some("a..b".into()), ..Config::default() };
    let folder = runs_folder(&config, &output);
    assert_eq!(folder, Path::new("out/a..b"));
    assert_eq!(folder.parent(), Some(&*output.folder));
    // The stem of a file is a name too.
    let place = tempfile::tempdir().expect("a folder");
    std::fs::write(place.path().join("..ron"), "()").expect("a file");
    let error = config::load(&place.path().join("..ron"), &[]).expect_err("no name").to_string();
    assert!(error.contains("cannot name a folder"), "{error}");
}

#[test]
fn tables_are_looked_for_beside_the_file_that_names_them() {
    let place = tempfile::tempdir().expect("a folder");
    let path = place.path().join("configs/x.ron");
    std::fs::create_dir_all(place.path().join("configs")).expect("a folder");
    let tables = |text: &str| {
        std::fs::write(&path, format!("(anatomy: (tables: {text:?}))")).expect("a file");
        config::load(&path, &[]).expect("a configuration").anatomy.tables.expect("tables")
    };
    assert_eq!(tables("mine"), place.path().join("configs/mine"));
    assert_eq!(tables("../mine"), place.path().join("configs/../mine"));
    assert_eq!(tables("/mine"), Path::new("/mine"));
    let set = Override::set("anatomy.tables=mine").expect("an assignment");
    let config = config::load(&path, &[set]).expect("a configuration");
    let here = std::env::current_dir().expect("a folder").join("mine");
    assert_eq!(config.anatomy.tables, Some(here), "on the command line they are beside the caller");
}
