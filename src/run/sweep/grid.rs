//! A definition → every point of its grid, each with a configuration that is known to be valid.

use super::{Definition, Published, SweepAxis};
use crate::config::{self, Config, ConfigError, Override, Problem, SEED};
use crate::engine::EngineOptions;
use crate::simulation::recording::hash;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Most points of a sweep: more are a slip, and would fill the memory.
const MAX_POINTS: usize = 10_000;
/// Most letters of a name that is made of keys.
const LETTERS: usize = 40;

/// One run of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// What tells it from the others, for people.
    pub name: String,
    /// The values of [`Sweep::columns`], as the configuration has them.
    pub values: Vec<String>,
    /// The keys that have other values than in [`Sweep::config`].
    pub overrides: Vec<Override>,
    /// Its configuration.
    pub config: Config,
}

/// A sweep that can be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// Its name, without its hash.
    pub name: String,
    /// What determines its summary, 16 hexadecimal digits.
    pub hash: String,
    /// The configuration on which all points are based.
    pub config: PathBuf,
    /// Keys that vary, the seed last if it is no axis.
    pub columns: Vec<String>,
    /// What varies apart from the seeds of a point.
    pub axes: Vec<SweepAxis>,
    /// Number of seeds of each combination.
    pub n_seeds: usize,
    /// Every combination, the last axis fastest, and its seeds one after the other.
    pub points: Vec<Point>,
    /// What is drawn beside.
    pub published: Option<Published>,
}

impl Sweep {
    /// Forms every combination and validates it.
    ///
    /// # Errors
    /// Everything that is wrong with any point, all at once; nothing that varies, a key that varies
    /// twice, a point that is there twice.
    pub fn new(definition: Definition) -> Result<Self, ConfigError> {
        let Definition { name, config, set, axes, seeds, published } = definition;
        config::check_there(&config)?;
        check_axes(&axes, seeds)?;
        let has_seed_axis = axes.iter().any(|axis| axis.keys.iter().any(|key| key == SEED));
        let mut all = axes.clone();
        if !has_seed_axis {
            let first = overrides(&set, &axes, 0);
            all.push(seed_axis(config::load(&config, &first).map_or(0, |c| c.simulation.seed), seeds)?);
        }
        let n_seeds = if axes.is_empty() { 1 } else { seeds as usize };
        let columns: Vec<String> = all.iter().flat_map(|axis| axis.keys.iter().cloned()).collect();
        let points = points(&config, &set, &all, &columns)?;
        let axes = if axes.is_empty() { all } else { axes };
        let name = name.unwrap_or_else(|| name_of_keys(&axes));
        let hash = hash(&(points.iter().map(identity).collect::<Vec<_>>(), published));
        Ok(Self { name: usable(&name), hash, config, columns, axes, n_seeds, points, published })
    }
}

/// Problems of the axes themselves.
fn check_axes(axes: &[SweepAxis], seeds: u32) -> Result<(), ConfigError> {
    let mut problems = Vec::new();
    let mut refuse = |option: String, reason: String, remedy: &str| {
        problems.push(Problem::Override { option, reason, remedy: remedy.to_owned() });
    };
    let keys: Vec<(&SweepAxis, &String)> =
        axes.iter().flat_map(|axis| axis.keys.iter().map(move |key| (axis, key))).collect();
    for (index, (axis, key)) in keys.iter().enumerate() {
        if keys[..index].iter().any(|(_, other)| other == key) {
            let option = format!("{} {}", axis.origin, axis.notation());
            refuse(option, format!("`{key}` varies already"), "let each key vary once");
        }
        if *key == SEED && seeds != 1 {
            let reason = format!("`{SEED}` varies already");
            refuse(format!("--seeds {seeds}"), reason, "leave out --seeds, or the values of the key");
        }
    }
    if seeds == 0 {
        refuse(
            "--seeds 0".to_owned(),
            "a point has at least one seed".to_owned(),
            "leave it out, or raise it",
        );
    } else if axes.is_empty() && seeds == 1 {
        let remedy = "give values, such as --vary weights.chi=1,2.5, or several --seeds";
        refuse(format!("--seeds {seeds}"), "nothing varies".to_owned(), remedy);
    }
    let n_points = axes.iter().try_fold(seeds as usize, |n, axis| n.checked_mul(axis.values.len()));
    if n_points.is_none_or(|n| n > MAX_POINTS) {
        let reason = format!("these are more than {MAX_POINTS} points");
        refuse("--vary".to_owned(), reason, "let fewer keys vary, or sweep in parts");
    }
    if problems.is_empty() { Ok(()) } else { Err(ConfigError(problems)) }
}

fn seed_axis(first: u64, seeds: u32) -> Result<SweepAxis, ConfigError> {
    let values: Option<Vec<Vec<String>>> =
        (0..u64::from(seeds)).map(|k| Some(vec![first.checked_add(k)?.to_string()])).collect();
    let values = values.ok_or_else(|| Problem::Override {
        option: format!("--seeds {seeds}"),
        reason: format!("there are no {seeds} seeds from {SEED} = {first} on"),
        remedy: "start lower, with --seed".to_owned(),
    })?;
    Ok(SweepAxis { keys: vec![SEED.to_owned()], values, origin: "--seeds".to_owned() })
}

/// What all points share, then what belongs to the point of that index.
fn overrides(set: &[Override], axes: &[SweepAxis], index: usize) -> Vec<Override> {
    let mut rest = index;
    let mut steps: Vec<usize> = axes
        .iter()
        .rev()
        .map(|axis| {
            let step = rest % axis.values.len();
            rest /= axis.values.len();
            step
        })
        .collect();
    steps.reverse();
    let of_axes = axes.iter().zip(steps).flat_map(|(axis, step)| axis.overrides(step));
    set.iter().cloned().chain(of_axes).collect()
}

fn points(
    path: &Path,
    set: &[Override],
    axes: &[SweepAxis],
    columns: &[String],
) -> Result<Vec<Point>, ConfigError> {
    let n_points: usize = axes.iter().map(|axis| axis.values.len()).product();
    let (mut points, mut problems) = (Vec::new(), Problems::default());
    for index in 0..n_points {
        let overrides = overrides(set, axes, index);
        match config::load(path, &overrides) {
            Ok(config) => points.push(point(config, overrides, columns)),
            Err(error) => problems.add(error),
        }
    }
    if !problems.0.is_empty() {
        // One axis alone may have more to report: a key that cannot be set hides values out of range.
        for axis in axes {
            for step in 0..axis.values.len() {
                let overrides: Vec<Override> = set.iter().cloned().chain(axis.overrides(step)).collect();
                config::load(path, &overrides).err().into_iter().for_each(|error| problems.add(error));
            }
        }
    }
    problems.add(ConfigError(twice(&points)));
    if problems.0.is_empty() { Ok(points) } else { Err(ConfigError(problems.0)) }
}

/// What is wrong, each thing once.
#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, ConfigError(more): ConfigError) {
        for problem in more {
            if !self.0.iter().any(|known| is_same(known, &problem)) {
                self.0.push(problem);
            }
        }
    }
}

fn point(config: Config, overrides: Vec<Override>, columns: &[String]) -> Point {
    let values: Vec<String> = columns
        .iter()
        .map(|key| config::value(&config, key).map_or_else(String::new, |v| text(&v)))
        .collect();
    let name: Vec<String> =
        columns.iter().zip(&values).map(|(key, value)| format!("{key}={value}")).collect();
    Point { name: name.join(" "), values, overrides, config }
}

/// A value as people write it: numbers in their shortest form, text without quotes.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => number.as_f64().unwrap_or(f64::NAN).to_string(),
        other => other.to_string(),
    }
}

/// Whether two points report one and the same problem: a key that does not exist is named once.
fn is_same(a: &Problem, b: &Problem) -> bool {
    match (a, b) {
        (Problem::UnknownKey { key: a, .. }, Problem::UnknownKey { key: b, .. }) => a == b,
        _ => a == b,
    }
}

/// Points that are there twice.
fn twice(points: &[Point]) -> Vec<Problem> {
    let mut sorted: Vec<&Point> = points.iter().collect();
    sorted.sort_by(|a, b| a.values.cmp(&b.values));
    let problem = |pair: &[&Point]| Problem::Override {
        option: "--vary".to_owned(),
        reason: format!("the point {} is there twice", pair[0].name),
        remedy: "give each value once".to_owned(),
    };
    sorted.windows(2).filter(|pair| pair[0].values == pair[1].values).map(problem).collect()
}

/// What determines the row of a point in the summary; the engine gives the same spikes.
fn identity(point: &Point) -> (Vec<String>, Config) {
    (point.values.clone(), Config { engine: EngineOptions::default(), ..point.config.clone() })
}

/// `chi-chi_i` of `weights.chi` and `weights.chi_i`.
fn name_of_keys(axes: &[SweepAxis]) -> String {
    let own = |key: &String| key.rsplit('.').next().unwrap_or_default().to_owned();
    let names: Vec<String> = axes.iter().flat_map(|axis| axis.keys.iter().map(own)).collect();
    names.join("-").chars().take(LETTERS).collect()
}

/// The name with nothing in it that a folder's name cannot have.
fn usable(name: &str) -> String {
    let letter = |c: char| if c.is_alphanumeric() || "-_".contains(c) { c } else { '_' };
    name.chars().map(letter).collect()
}
