//! The configurations that come with the program.

use humam_gpu::config::{self, Config};
use humam_gpu::model::anatomy::{Anatomy, PublishedChi};
use humam_gpu::model::network::ScalingMethod;
use humam_gpu::model::{ModelKind, ReplaceMissingAreas};
use humam_gpu::run::sweep::{BUILTIN, Definition, Sweep};
use std::path::{Path, PathBuf};

fn configurations() -> Vec<PathBuf> {
    files("configs")
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("configs").join(name).with_extension("ron")
}

fn named(name: &str) -> Config {
    config::load(&file(name), &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// Every key of the schema that is no section.
fn keys(prefix: &str, value: &serde_json::Value, found: &mut Vec<String>) {
    for (key, value) in value.as_object().expect("a section") {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value.is_object() {
            true => keys(&path, value, found),
            false => found.push(path),
        }
    }
}

#[test]
fn all_are_valid_and_named_as_their_file() {
    for file in configurations() {
        let config = config::load(&file, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(config.name.as_deref(), file.file_stem().and_then(|stem| stem.to_str()));
    }
}

#[test]
fn the_built_in_ones_are_the_files() {
    let stem = |path: &PathBuf| path.file_stem().expect("a name").to_string_lossy().into_owned();
    let files = configurations();
    let names: Vec<String> = files.iter().map(stem).collect();
    assert_eq!(config::BUILTIN.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names);
    for (file, name) in files.iter().zip(&names) {
        let built_in = config::load(Path::new(&format!("builtin:{name}")), &[]);
        assert_eq!(built_in, config::load(file, &[]));
        assert_eq!(config::builtin(name), std::fs::read_to_string(file).ok().as_deref());
    }
}

#[test]
fn sweeps_are_valid_named_as_their_file_and_built_in() {
    let files = files("configs/sweeps");
    assert_eq!(files.len(), BUILTIN.len());
    for (file, (name, text)) in files.iter().zip(BUILTIN) {
        assert_eq!(file.file_stem().and_then(|stem| stem.to_str()), Some(*name));
        assert_eq!(std::fs::read_to_string(file).ok().as_deref(), Some(*text));
        let swept = |path: &Path| Sweep::new(Definition::load(path).expect("a sweep")).expect("a sweep");
        let (of_file, built_in) = (swept(file), swept(Path::new(name)));
        assert_eq!((&of_file.name, &of_file.hash), (&built_in.name, &built_in.hash));
    }
}

#[test]
fn the_sweep_over_chi_moves_both_multipliers_and_reaches_what_is_measured() {
    let sweep = Sweep::new(Definition::load(Path::new("builtin:chi")).expect("a sweep")).expect("a sweep");
    let chi: Vec<f64> = sweep.points.iter().map(|point| point.config.weights.chi).collect();
    assert_eq!((chi.first(), chi.last()), (Some(&0.0), Some(&3.0)));
    let published = PublishedChi::load(&Anatomy::default()).expect("a table");
    assert!(published.chi.iter().all(|value| chi.contains(value)));
    for point in &sweep.points {
        let config = &point.config;
        assert_eq!(config.weights.chi_i(), 2.0 * config.weights.chi);
        assert!(config.simulation.duration_ms >= config.analysis.experiment_from_ms + 2000.0);
        assert_eq!((config.scaling.n_scaling, config.scaling.k_scaling), (0.004, 0.004));
    }
}

#[test]
fn the_downscaled_one_writes_down_every_key_with_the_default_or_the_notebooks_value() {
    let mut expected = Config { name: Some("downscaled".into()), ..Config::default() };
    (expected.scaling.n_scaling, expected.scaling.k_scaling) = (0.004, 0.004);
    assert_eq!(named("downscaled"), expected);

    let (of_microcircuit, others) = schema();
    assert!(!of_microcircuit.is_empty());
    assert_eq!(others, written_keys("downscaled"));
}

#[test]
fn the_microcircuit_writes_down_every_key_of_its_own_with_the_default() {
    let config = named("microcircuit");
    assert_eq!(config.model, ModelKind::Microcircuit);
    assert_eq!(config.microcircuit, Config::default().microcircuit);
    let mut written = written_keys("microcircuit");
    written.retain(|key| key.starts_with("microcircuit."));
    assert_eq!(schema().0, written);
}

/// Every key, those of the microcircuit apart.
fn schema() -> (Vec<String>, Vec<String>) {
    let mut schema = Vec::new();
    let tree = serde_json::to_value(Config::default()).expect("JSON");
    keys("", &tree, &mut schema);
    schema.into_iter().partition(|key| key.starts_with("microcircuit."))
}

/// Keys of a configuration that has one a line, sections aside.
fn written_keys(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(file(name)).expect("a file");
    let (mut sections, mut found) = (Vec::new(), Vec::new());
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        if line.starts_with(')') {
            sections.pop();
        } else if let Some((key, value)) = line.split_once(':') {
            sections.push(key.to_owned());
            if value.trim() != "(" {
                found.push(sections.join("."));
                sections.pop();
            }
        }
    }
    found
}

#[test]
fn every_key_is_documented_on_the_line_above() {
    for file in configurations() {
        let text = std::fs::read_to_string(&file).expect("a file");
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for pair in lines.windows(2) {
            let is_value = pair[1].split_once(": ").is_some_and(|(_, value)| value != "(");
            let is_key = is_value && !pair[1].starts_with("//");
            assert!(!is_key || pair[0].starts_with("//"), "{}: {}", file.display(), pair[1]);
        }
    }
}

#[test]
fn they_are_what_their_names_say() {
    let best_fit = named("best_fit");
    assert_eq!((best_fit.weights.chi, best_fit.weights.chi_i()), (2.5, 5.0));
    let downscaled = named("downscaled");
    assert_eq!((&best_fit.scaling, &best_fit.simulation), (&downscaled.scaling, &downscaled.simulation));
    let preserve = named("preserve");
    assert_eq!((preserve.scaling.n_scaling, preserve.scaling.k_scaling), (0.01, 0.01));
    assert_eq!(preserve.scaling.method, ScalingMethod::Preserve);
    let full_scale = named("full_scale");
    assert_eq!((full_scale.scaling.n_scaling, full_scale.scaling.k_scaling), (1.0, 1.0));
    let one_area = named("one_area");
    assert_eq!((one_area.areas.map(|areas| areas.len()), one_area.scaling.n_scaling), (Some(1), 1.0));
    assert_eq!(one_area.replace_missing_areas, ReplaceMissingAreas::Theory);
}

#[test]
fn chi_i_follows_chi_in_every_one_and_stays_where_it_is_set() {
    let chi_i = |file: &Path, assignments: &[&str]| {
        let set = |text: &&str| config::Override::set(text).expect("an assignment");
        let overrides: Vec<config::Override> = assignments.iter().map(set).collect();
        config::load(file, &overrides).expect("a configuration").weights.chi_i()
    };
    for name in ["best_fit", "downscaled", "full_scale", "one_area", "preserve", "tiny"] {
        assert_eq!(chi_i(&file(name), &["weights.chi=2.7"]), 5.4, "{name}");
        assert_eq!(chi_i(&file(name), &["weights.chi=2.7", "weights.chi_i=2"]), 2.0, "{name}");
        assert_eq!(chi_i(&file(name), &["weights.chi_i=2", "weights.chi_i=null"]), chi_i(&file(name), &[]));
    }
}

#[test]
fn the_resolved_form_reads_back_to_the_same_values() {
    for file in configurations() {
        let mut config = config::load(&file, &[]).expect("a configuration");
        config.engine.adapter = Some("a \"b\"".into());
        config.simulation.seed = u64::MAX;
        match config.model {
            ModelKind::Human => config.weights.chi = 0.1 + 0.2,
            ModelKind::Microcircuit => config.microcircuit.psp_mv = 0.1 + 0.2,
            ModelKind::Network(_) => config.drive.dc.clear(),
            ModelKind::Imported => panic!("no configuration has this model"),
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("other.ron");
        std::fs::write(&path, config::to_ron(&config)).expect("a file");
        assert_eq!(config::load(&path, &[]), Ok(config));
    }
}
