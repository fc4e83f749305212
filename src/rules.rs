//! Rules for the values of options, and what is told of a value that breaks one.

use crate::telling;
use std::fmt::{self, Display};
use thiserror::Error;

/// Values that the program cannot run with, in the order in which they were found.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{}", telling::list(.0))]
pub struct Violations(pub Vec<Violation>);

/// A value that the program cannot run with.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// Its key, as configurations have it.
    pub key: String,
    /// The value.
    pub value: String,
    /// The rule that it breaks.
    pub rule: String,
    /// What to do; `None` if any other value will do, such as the default.
    pub remedy: Option<String>,
}

impl Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, value, rule, remedy } = self;
        write!(f, "{key} = {value} {rule}: {}", remedy.as_deref().unwrap_or("give another value"))
    }
}

/// Collects violations.
#[derive(Default)]
pub(crate) struct Check {
    /// What was found.
    pub violations: Vec<Violation>,
}

impl Check {
    /// Fails on what was found.
    pub fn outcome(self) -> Result<(), Violations> {
        if self.violations.is_empty() { Ok(()) } else { Err(Violations(self.violations)) }
    }

    pub fn require(
        &mut self,
        holds: bool,
        key: impl Into<String>,
        value: impl Display,
        rule: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        if !holds {
            self.violation(key.into(), value, rule.into(), Some(remedy.into()));
        }
    }

    fn violation(&mut self, key: String, value: impl Display, rule: String, remedy: Option<String>) {
        self.violations.push(Violation { key, value: value.to_string(), rule, remedy });
    }

    /// Reports a value where it `breaks` a rule that involves another; comparisons with what is not a
    /// number break none, so that each such value is reported once.
    pub fn refuse(
        &mut self,
        breaks: bool,
        key: impl Into<String>,
        value: impl Display,
        rule: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.require(!breaks, key, value, rule, remedy);
    }

    /// As [`Check::require`], where any value that keeps the rule will do.
    pub fn like_default(&mut self, holds: bool, key: impl Into<String>, value: impl Display, rule: &str) {
        if !holds {
            self.violation(key.into(), value, rule.to_owned(), None);
        }
    }

    pub fn finite(&mut self, key: impl Into<String>, value: f64) {
        self.like_default(value.is_finite(), key, value, "must be a finite number");
    }

    pub fn above_zero(&mut self, key: impl Into<String>, value: f64) {
        self.like_default(value.is_finite() && value > 0.0, key, value, "must be finite and above 0");
    }

    /// A number without a default.
    pub fn positive(&mut self, key: &str, value: f64) {
        self.require(value.is_finite() && value > 0.0, key, value, "must be finite and above 0", "raise it");
    }

    pub fn not_negative(&mut self, key: impl Into<String>, value: f64) {
        self.like_default(value.is_finite() && value >= 0.0, key, value, "must be finite and at least 0");
    }

    pub fn between(&mut self, key: impl Into<String>, value: f64, most: f64) {
        let rule = format!("must lie between 0 and {most}");
        self.like_default((0.0..=most).contains(&value), key, value, &rule);
    }

    /// A number that is left out, or at least 1 and at most `most`.
    pub fn at_least_one(&mut self, key: &str, value: Option<u64>, most: u64) {
        if let Some(value) = value {
            self.like_default(value >= 1, key, value, "must be at least 1");
            let rule = format!("must be at most {most}");
            self.like_default(value <= most, key, value, &rule);
        }
    }
}
