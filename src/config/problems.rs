//! What can be wrong with a configuration.

use super::keys;
use super::origins::Origins;
use crate::rules::Violation;
use crate::telling;
use serde_json::Value;
use std::fmt;
use thiserror::Error;

/// Everything that is wrong with a configuration, in the order in which it was found.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{}", telling::list(.0))]
pub struct ConfigError(pub Vec<Problem>);

/// One thing that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Problem {
    /// The file cannot be read.
    #[error(
        "cannot read {file}: {reason}: give the path of a configuration, such as configs/downscaled.ron, or the \
         name of a built-in one ({known})"
    )]
    Unreadable {
        /// Path.
        file: String,
        /// What the operating system says.
        reason: String,
        /// Names of the built-in configurations.
        known: String,
    },
    /// A built-in configuration that does not exist.
    #[error(
        "builtin:{name}: there is no such built-in configuration, the nearest is {nearest}: choose one of {known}"
    )]
    NoSuchBuiltin {
        /// The name asked for.
        name: String,
        /// The name most like it.
        nearest: &'static str,
        /// Names of the built-in configurations.
        known: String,
    },
    /// A file that is not to be replaced.
    #[error("{file} is there already: choose another name, or replace it with --force")]
    Exists {
        /// Path.
        file: String,
    },
    /// A sweep in place of a configuration.
    #[error(
        "{file} is a sweep, which varies a configuration: make its runs with `humam-gpu sweep {}`",
        telling::shell_word(file)
    )]
    Sweep {
        /// Path.
        file: String,
    },
    /// The text is no configuration in RON.
    #[error("{file}:{line}:{column}: {reason}: {remedy}")]
    Syntax {
        /// Path.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What was found.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// A key that does not exist.
    #[error(
        "{origin}: unknown key `{key}`: {}",
        match nearest.as_str() {
            "" => "configs/downscaled.ron explains all keys".to_owned(),
            nearest => format!("the nearest known one is `{nearest}`"),
        }
    )]
    UnknownKey {
        /// Where it was set.
        origin: Origin,
        /// The key with its sections.
        key: String,
        /// The known key most like it; empty if none is like it, or if so many keys are unknown that nobody is told
        /// of this one.
        nearest: String,
    },
    /// An option of the command line that cannot be applied.
    #[error("{option}: {reason}: {remedy}")]
    Override {
        /// The option as typed.
        option: String,
        /// What is wrong with it.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// A value that the program cannot run with.
    #[error("{key} = {value} {rule} ({origin}): {remedy}")]
    Value {
        /// The key with its sections.
        key: String,
        /// Its value.
        value: String,
        /// What it breaks.
        rule: String,
        /// Where it was set.
        origin: Origin,
        /// What to do.
        remedy: String,
    },
}

impl Problem {
    /// A value that breaks a rule, with the place at which it was set.
    pub(super) fn of(violation: Violation, origins: &Origins) -> Self {
        let Violation { key, value, rule, remedy } = violation;
        let like_default = || match keys::default_value(&key) {
            Some(Value::Null) | None => "leave it out".to_owned(),
            Some(default) => format!("the default is {default}"),
        };
        let remedy = remedy.unwrap_or_else(like_default);
        Self::Value { origin: origins.origin_of_item(&key), key, value, rule, remedy }
    }
}

/// Where a key got its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In a file.
    File {
        /// Path.
        file: String,
        /// Line, from 1.
        line: usize,
    },
    /// On the command line, by this option.
    CommandLine(String),
    /// Nowhere.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, line } => write!(f, "{file}:{line}"),
            Self::CommandLine(option) => write!(f, "{option}"),
            Self::Default => write!(f, "default"),
        }
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}
