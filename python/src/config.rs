//! Configurations.

use crate::errors::OrRaise;
use humam_gpu::config::{self, Override, Traced};
use pyo3::prelude::*;
use std::path::PathBuf;

/// A key, its value as files write it or in JSON, and what sets it, for messages.
#[derive(FromPyObject)]
pub struct Assignment(String, String, String);

impl From<Assignment> for Override {
    fn from(Assignment(key, value, option): Assignment) -> Self {
        Self { option, key, value }
    }
}

/// Assignments in their order.
pub fn overrides(assignments: Vec<Assignment>) -> Vec<Override> {
    assignments.into_iter().map(Override::from).collect()
}

/// A valid configuration. It does not change: each change gives another one.
#[pyclass(frozen, module = "humam_gpu._native")]
pub struct Config(pub Traced);

#[pymethods]
impl Config {
    /// Every key at its default.
    #[new]
    fn new() -> Self {
        Self(Traced::default())
    }

    /// Reads the configuration at that path, or the built-in one of that name.
    #[staticmethod]
    #[expect(clippy::needless_pass_by_value, reason = "arguments of Python are values")]
    fn load(path: PathBuf) -> PyResult<Self> {
        Traced::load(&path).or_raise().map(Self)
    }

    /// Reads RON; `file` is what messages call it.
    #[staticmethod]
    fn of_ron(text: &str, file: &str) -> PyResult<Self> {
        Traced::of_text(text, file).or_raise().map(Self)
    }

    /// The same with other values of keys.
    fn with_(&self, assignments: Vec<Assignment>) -> PyResult<Self> {
        self.0.with(&overrides(assignments)).or_raise().map(Self)
    }

    /// The value of a key in JSON; `option` is what asks for it.
    fn value(&self, key: &str, option: &str) -> PyResult<String> {
        self.0.value(key, option).or_raise().map(|value| value.to_string())
    }

    /// All of it in JSON.
    fn to_json(&self) -> String {
        serde_json::json!(self.0.config()).to_string()
    }

    /// As RON.
    fn to_ron(&self) -> String {
        config::to_ron(self.0.config())
    }

    /// As RON, with the places of keys that were set.
    fn to_ron_with_origins(&self) -> String {
        self.0.to_ron_with_origins()
    }

    /// Whether a key is a section.
    #[staticmethod]
    fn is_section(key: &str) -> bool {
        Traced::is_section(key)
    }

    /// Names of the built-in configurations.
    #[staticmethod]
    fn names() -> Vec<&'static str> {
        config::BUILTIN.iter().map(|(name, _)| *name).collect()
    }
}
