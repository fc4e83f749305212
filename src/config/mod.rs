//! What the user writes (RON) becomes what the program runs: the options of all rooms left of this one in one
//! [`Config`].
//!
//! [`load`] reads a file, lets options of the command line replace single keys, and validates the
//! result. What is wrong comes back all at once, each [`Problem`] with its place and its remedy.
mod analysis;
mod builtin;
mod grid;
mod keys;
mod models;
mod origins;
mod overrides;
mod parse;
mod plausible;
mod problems;
mod remedy;
mod scanner;
mod schema;
mod traced;
mod tree;
mod validation;
mod warnings;

pub use analysis::{AnalysisOptions, CurrentKernel};
pub use builtin::{BUILTIN, builtin, builtin_named};
pub use grid::steps_of_option;
pub use keys::{SEED, key_named, value};
pub use overrides::Override;
pub use plausible::Implausible;
pub use problems::{ConfigError, Origin, Problem};
pub use schema::Config;
pub use traced::Traced;
pub use warnings::{Warning, warnings};

use crate::engine::fixed_point::Stimulus;
use crate::model::{ModelKind, NetworkSource};
use crate::rules::Violation;
pub(crate) use origins::Origins;
use parse::Parsed;
use std::path::{Path, PathBuf};

/// Reads the configuration at `path`, or the built-in one of that name, lets `overrides` replace keys in their order, and validates it.
///
/// In the result [`Config::name`] is set, to the file's stem where the file names nothing, and
/// [`Anatomy::tables`](crate::model::anatomy::Anatomy::tables) and the files of stimuli, which the file gives relative to its
/// own folder, are absolute. Files of stimuli are read.
///
/// # Errors
/// Everything that is wrong, as far as it can be told at once: a file that cannot be read or
/// parsed, unknown keys, values out of their range.
pub fn load(path: &Path, overrides: &[Override]) -> Result<Config, ConfigError> {
    let (config, origins) = read(path)?;
    Ok(validated(config, origins, overrides)?.0)
}

/// Whether there is a configuration at `path`, or a built-in one of that name; not whether it can be run.
///
/// # Errors
/// A file that cannot be read.
pub fn check_there(path: &Path) -> Result<(), ConfigError> {
    builtin::source(path).map(drop)
}

/// The configuration at `path` with its name and files, and the places of its keys, before it is validated.
fn read(path: &Path) -> Result<(Config, Origins), ConfigError> {
    let builtin::Source { file, stem, text } = builtin::source(path)?;
    let Parsed { mut config, origins } = parse::parse(&text, &file)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    for_each_file(&mut config, |file| absolute(&folder.join(file)));
    config.name = config.name.or(stem);
    Ok((config, origins))
}

/// What is known of a network of one's own, whose populations stand in the table `table`: its name, that of the file, and
/// what `overrides` tell of its run and analysis.
///
/// # Errors
/// Everything that is wrong with it.
pub fn of_own_network(table: &Path, overrides: &[Override]) -> Result<Config, ConfigError> {
    let name = table.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let config = Config { name, model: ModelKind::Imported, ..Config::default() };
    Ok(validated(config, Origins::default(), overrides)?.0)
}

/// Checks a configuration that was made by a program and not read from a file.
///
/// # Errors
/// Every value that the program cannot run with.
pub fn validate(config: &Config) -> Result<(), ConfigError> {
    fail_on(validation::violations(config), &Origins::default())
}

/// With `overrides`, which are noted among the places of keys, checked.
fn validated(
    config: Config,
    mut origins: Origins,
    overrides: &[Override],
) -> Result<(Config, Origins), ConfigError> {
    let mut config = overrides::apply(config, overrides, &mut origins)?;
    for_each_file(&mut config, absolute);
    let mut violations = stimuli_read(&mut config);
    violations.extend(validation::violations(&config));
    fail_on(violations, &origins)?;
    Ok((config, origins))
}

fn fail_on(violations: Vec<Violation>, origins: &Origins) -> Result<(), ConfigError> {
    let problems: Vec<Problem> =
        violations.into_iter().map(|violation| Problem::of(violation, origins)).collect();
    if problems.is_empty() { Ok(()) } else { Err(ConfigError(problems)) }
}

/// Gives the files and folders that a configuration names other paths.
fn for_each_file(config: &mut Config, other: impl Fn(&Path) -> PathBuf) {
    let network = match &mut config.model {
        ModelKind::Network(NetworkSource::File(file)) => Some(file),
        ModelKind::Network(NetworkSource::Text(_))
        | ModelKind::Human
        | ModelKind::Microcircuit
        | ModelKind::Imported => None,
    };
    config.anatomy.tables.iter_mut().chain(network).for_each(|path| *path = other(path));
    for (file, _) in config.stimuli.iter_mut().filter_map(Stimulus::file_mut) {
        file.set_path(other(file.path()));
    }
}

/// Reads the files of stimuli; returns those that are none.
fn stimuli_read(config: &mut Config) -> Vec<Violation> {
    let unread = |(index, stimulus): (usize, &mut Stimulus)| {
        let error = stimulus.read_file().err()?;
        let (key, value) = (stimulus.file_key(index), error.place());
        Some(Violation { key, value, rule: error.reason, remedy: Some(error.remedy) })
    };
    config.stimuli.iter_mut().enumerate().filter_map(unread).collect()
}

/// The path from the root, where the current folder is known.
fn absolute(path: &Path) -> std::path::PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// The configuration as RON that [`load`] reads back to the same values.
pub fn to_ron(config: &Config) -> String {
    let layout = ron::ser::PrettyConfig::new().extensions(ron::extensions::Extensions::IMPLICIT_SOME);
    let options = ron::Options::default();
    options.to_string_pretty(config, layout).expect("numbers and strings with their names have a RON form")
}
