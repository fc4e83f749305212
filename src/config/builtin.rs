//! The configurations of `configs/` as they are compiled into the program.

use super::{ConfigError, Override, Problem, load};
use crate::disk;
use crate::telling::nearest;
use std::borrow::Cow;
use std::path::Path;

/// What a name begins with that always means a built-in configuration.
const PREFIX: &str = "builtin:";

macro_rules! configurations {
    ($($name:literal),* $(,)?) => {
        /// Name and text of every configuration of `configs/`.
        pub const BUILTIN: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/configs/", $name, ".ron")),
        )),*];
    };
}

configurations![
    "best_fit",
    "downscaled",
    "full_scale",
    "microcircuit",
    "one_area",
    "preserve",
    "stimulation",
    "tiny"
];

/// Text of the built-in configuration `name`, or `None` if there is no such configuration.
pub fn builtin(name: &str) -> Option<&'static str> {
    BUILTIN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Text of the built-in configuration `from` under another name: the key `name` has it, and so have the
/// commands in its comments.
///
/// # Errors
/// A configuration that does not exist, or a name that a configuration cannot have.
pub fn builtin_named(from: &str, name: &str) -> Result<String, ConfigError> {
    let text = builtin(from).ok_or_else(|| unknown(from))?;
    // As JSON it is text, whatever it looks like.
    let replaced = Override::option("NAME", "name", serde_json::Value::from(name));
    load(Path::new(&format!("{PREFIX}{from}")), &[replaced])?;
    let renamed = text.replacen(&format!("name: \"{from}\""), &format!("name: \"{name}\""), 1);
    Ok(renamed.replace(&format!("configs/{from}.ron"), &format!("{name}.ron")))
}

/// The text of a configuration, and what it is called.
pub(super) struct Source {
    /// Where it comes from, for messages.
    pub file: String,
    /// What the configuration is called if it does not name itself.
    pub stem: Option<String>,
    /// Its text.
    pub text: Cow<'static, str>,
}

/// The text at `path`: a file; if there is none, the built-in configuration of that name.
/// `builtin:NAME` is always the built-in one.
pub(super) fn source(path: &Path) -> Result<Source, ConfigError> {
    let name = path.to_str().unwrap_or_default();
    if let Some(name) = name.strip_prefix(PREFIX) {
        return Ok(built_in(name, builtin(name).ok_or_else(|| unknown(name))?));
    }
    if let Some(text) = builtin(name).filter(|_| !path.is_file()) {
        return Ok(built_in(name, text));
    }
    let file = path.display().to_string();
    let text = disk::read_text_limited(path, disk::MAX_TEXT_BYTES).map_err(|error| Problem::Unreadable {
        file: file.clone(),
        reason: error.to_string(),
        known: names(),
    })?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    Ok(Source { file, stem, text: Cow::Owned(text) })
}

fn built_in(name: &str, text: &'static str) -> Source {
    let file = format!("{PREFIX}{name}");
    Source { file, stem: Some(name.to_owned()), text: Cow::Borrowed(text) }
}

fn unknown(name: &str) -> Problem {
    let nearest = nearest(name, BUILTIN.iter().map(|(known, _)| *known)).unwrap_or_default();
    Problem::NoSuchBuiltin { name: name.to_owned(), nearest, known: names() }
}

/// Names of all built-in configurations, for messages.
fn names() -> String {
    BUILTIN.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}
