//! `init`: a commented configuration to start from.

use anyhow::Result;
use clap::Args;
use clap::builder::PossibleValuesParser;
use humam_gpu::config::{self, ConfigError, Problem};
use humam_gpu::simulation::recording::write_whole;
use std::path::PathBuf;

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArguments {
    /// Name of the configuration, and of its file without .ron [default: my_ and what it starts from]
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    /// Built-in configuration to start from
    #[arg(long, value_name = "CONFIG", default_value = "downscaled", value_parser = templates())]
    pub from: String,

    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
}

/// Names of all built-in configurations.
fn templates() -> PossibleValuesParser {
    config::BUILTIN.iter().map(|(name, _)| *name).into()
}

/// `init`.
pub fn init(arguments: &InitArguments) -> Result<String> {
    let InitArguments { name, from, force } = arguments;
    let name = name.clone().unwrap_or_else(|| format!("my_{from}"));
    let name = name.strip_suffix(".ron").unwrap_or(&name);
    let text = config::builtin_named(from, name)?;
    let file = format!("{name}.ron");
    let path = PathBuf::from(&file);
    if path.exists() && !force {
        return Err(ConfigError::from(Problem::Exists { file }).into());
    }
    write_whole(&path, text.as_bytes())?;
    Ok(next_steps(&in_quotes(&file), from))
}

/// What to do with `file`.
fn next_steps(file: &str, from: &str) -> String {
    let width = file.len();
    let step = |command: &str, what: &str| {
        let blanks = " ".repeat("network".len() - command.len());
        format!("  humam-gpu {command} {file:width$} {blanks} {what}\n")
    };
    format!("A copy of {from}, with every comment. Change what you like, then:\n\n")
        + &step("check", "tells size, memory and time before anything is built")
        + &step("theory", "tells the rates that mean-field theory predicts")
        + &step("run", "simulates, and makes statistics, figures and report")
        + &format!("\nconfiguration: {file}\n")
}

/// The name as a shell takes it for one word.
fn in_quotes(file: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "._-".contains(c);
    if file.chars().all(is_plain) { file.to_owned() } else { format!("'{}'", file.replace('\'', r"'\''")) }
}
