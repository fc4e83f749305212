//! Rules for one value each, and what is reported where a value breaks one.

use super::origins::Origins;
use super::{Problem, keys};
use serde_json::Value;
use std::fmt::Display;

/// A value that the program cannot run with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Violation {
    /// Its key.
    pub key: String,
    value: String,
    rule: String,
    remedy: String,
}

impl Violation {
    /// Whether the value is infinite or no number.
    pub fn is_not_finite(&self) -> bool {
        self.value.parse().is_ok_and(|value: f64| !value.is_finite())
    }

    /// The problem to report, with the place at which the value was set.
    pub fn into_problem(self, origins: &Origins) -> Problem {
        let origin = origins.origin_of_item(&self.key);
        Problem::Value { key: self.key, value: self.value, rule: self.rule, origin, remedy: self.remedy }
    }
}

/// Collects violations.
#[derive(Default)]
pub(super) struct Check {
    /// What was found.
    pub violations: Vec<Violation>,
}

impl Check {
    pub fn require(
        &mut self,
        holds: bool,
        key: impl Into<String>,
        value: impl Display,
        rule: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        if !holds {
            let (key, value) = (key.into(), value.to_string());
            self.violations.push(Violation { key, value, rule: rule.into(), remedy: remedy.into() });
        }
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

    /// As [`Check::require`], with the default as the remedy.
    pub fn like_default(&mut self, holds: bool, key: impl Into<String>, value: impl Display, rule: &str) {
        let key = key.into();
        let remedy = match keys::default_value(&key) {
            Some(Value::Null) | None => "leave it out".to_owned(),
            Some(default) => format!("the default is {default}"),
        };
        self.require(holds, key, value, rule, remedy);
    }

    pub fn finite(&mut self, key: impl Into<String>, value: f64) {
        self.like_default(value.is_finite(), key, value, "must be a finite number");
    }

    pub fn above_zero(&mut self, key: impl Into<String>, value: f64) {
        self.like_default(value.is_finite() && value > 0.0, key, value, "must be finite and above 0");
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
