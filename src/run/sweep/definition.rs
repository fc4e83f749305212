//! What is to be swept: a file in RON, or a configuration to which options add axes.

use super::SweepAxis;
use crate::config::{ConfigError, Origin, Origins, Override, Problem};
use crate::{disk, telling};
use ron::extensions::Extensions;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Name and text of the sweeps of `configs/sweeps/`, which are compiled into the program.
pub const BUILTIN: &[(&str, &str)] = &[
    ("chi", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/configs/sweeps/chi.ron"))),
    ("lesion", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/configs/sweeps/lesion.ron"))),
];
/// What a name begins with that always means what is built in.
const PREFIX: &str = "builtin:";

/// Published values that are drawn beside those of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Published {
    /// Similarity of the full-scale model to experiment over χ (Pronold et al. 2024,
    /// doi:10.1093/cercor/bhae409), `weights.chi`.
    #[serde(rename = "pronold_2024_chi")]
    Pronold2024Chi,
}

/// What is to be swept, before it is known to be valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its name; `None` takes that of the keys that vary.
    pub name: Option<String>,
    /// The configuration on which all points are based, or the name of a built-in one.
    pub config: PathBuf,
    /// Keys that have other values in all points.
    pub set: Vec<Override>,
    /// What varies; every combination is a point, and the last one varies fastest.
    pub axes: Vec<SweepAxis>,
    /// Number of seeds of each point, from `simulation.seed` on.
    pub seeds: u32,
    /// What is drawn beside.
    pub published: Option<Published>,
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub name: Option<String>,
    pub config: String,
    #[serde(default)]
    pub set: Vec<String>,
    #[serde(default)]
    pub vary: Vec<String>,
    #[serde(default = "one")]
    pub seeds: u32,
    #[serde(default)]
    pub published: Option<Published>,
}

/// Keys of the file.
const KEYS: [&str; 6] = ["name", "config", "set", "vary", "seeds", "published"];

fn one() -> u32 {
    1
}

impl Definition {
    /// Reads the sweep at `path`, or the built-in one of that name; where that is a configuration, it is
    /// the base of a sweep without axes.
    ///
    /// # Errors
    /// Everything that is wrong with the file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        match source(path) {
            Some((file, stem, text)) if Origins::of(&text, &file).are_of_sweep() => {
                let parsed = parse(&text, &file)?;
                Self::of(parsed, &file, stem, path.is_file().then(|| path.parent()).flatten())
            }
            _ => Ok(Self {
                name: None,
                config: path.to_path_buf(),
                set: Vec::new(),
                axes: Vec::new(),
                seeds: one(),
                published: None,
            }),
        }
    }

    fn of(
        parsed: File,
        file: &str,
        stem: Option<String>,
        folder: Option<&Path>,
    ) -> Result<Self, ConfigError> {
        let (mut set, mut axes, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for text in &parsed.set {
            let option = format!("{file}: set {text}");
            match Override::set(text) {
                Ok(replaced) => set.push(Override { option, ..replaced }),
                Err(_) => problems.push(Problem::Override {
                    option,
                    reason: "has no `=`".to_owned(),
                    remedy: "write key.path=value, such as weights.chi=2.5".to_owned(),
                }),
            }
        }
        for text in &parsed.vary {
            match SweepAxis::parse(text, &format!("{file}: vary")) {
                Ok(axis) => axes.push(axis),
                Err(ConfigError(more)) => problems.extend(more),
            }
        }
        if !problems.is_empty() {
            return Err(ConfigError(problems));
        }
        let beside = folder.map(|folder| folder.join(&parsed.config)).filter(|path| path.is_file());
        let config = beside.unwrap_or_else(|| match parsed.config.starts_with(PREFIX) {
            true => PathBuf::from(&parsed.config),
            false => PathBuf::from(format!("{PREFIX}{}", parsed.config)),
        });
        let File { name, seeds, published, .. } = parsed;
        Ok(Self { name: name.or(stem), config, set, axes, seeds, published })
    }
}

/// Name for messages, stem and text of the file at `path`, or of the built-in sweep of that name.
fn source(path: &Path) -> Option<(String, Option<String>, Cow<'static, str>)> {
    if path.is_file() {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        // What cannot be read is reported when it is read as a configuration.
        let text = disk::read_text_limited(path, disk::MAX_TEXT_BYTES).ok()?;
        return Some((path.display().to_string(), stem, Cow::Owned(text)));
    }
    let name = path.to_str()?;
    let name = name.strip_prefix(PREFIX).unwrap_or(name);
    let (name, text) = BUILTIN.iter().find(|(known, _)| *known == name)?;
    Some((format!("{PREFIX}{name}"), Some((*name).to_owned()), Cow::Borrowed(*text)))
}

fn parse(text: &str, file: &str) -> Result<File, ConfigError> {
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    let error = match options.from_str(text) {
        Ok(parsed) => return Ok(parsed),
        Err(error) => error,
    };
    let origins = Origins::of(text, file);
    let unknown = origins.keys().filter(|(key, _)| !KEYS.contains(key));
    let problem = |(key, origin): (&str, &Origin)| Problem::UnknownKey {
        origin: origin.clone(),
        key: key.to_owned(),
        nearest: nearest(key),
    };
    let problems: Vec<Problem> = unknown.map(problem).collect();
    if matches!(error.code, ron::Error::NoSuchStructField { .. }) && !problems.is_empty() {
        return Err(ConfigError(problems));
    }
    let start = error.span.start;
    Err(Problem::Syntax {
        file: file.to_owned(),
        line: start.line,
        column: start.col,
        reason: error.code.to_string(),
        remedy: "configs/sweeps/chi.ron shows how each key is written".to_owned(),
    }
    .into())
}

fn nearest(key: &str) -> String {
    telling::nearest(key, KEYS).unwrap_or_default().to_owned()
}
