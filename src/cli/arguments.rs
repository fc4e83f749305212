//! Arguments that several commands have, and those of the smaller ones.

use clap::Args;
use humam_gpu::config::{ConfigError, Override, Problem, SEED};
use humam_gpu::output::figures::Format;
use std::path::{Path, PathBuf};

/// The configuration, and keys that replace the file's.
#[derive(Debug, Args)]
pub struct ConfigArguments {
    /// Configuration in RON, such as configs/downscaled.ron, or a built-in one, such as downscaled
    #[arg(value_name = "CONFIG")]
    pub config: PathBuf,

    /// Give any key of the configuration another value; may be repeated, the last one counts
    #[arg(long, value_name = "KEY.PATH=VALUE")]
    pub set: Vec<String>,

    /// Seed of everything random [key: simulation.seed]
    #[arg(long, value_name = "SEED", allow_negative_numbers = true)]
    pub seed: Option<u64>,

    /// Model time in ms [key: simulation.duration_ms]
    #[arg(long, value_name = "MS", allow_negative_numbers = true)]
    pub duration_ms: Option<f64>,
}

/// How the network is computed.
#[derive(Debug, Args)]
pub struct EngineArguments {
    /// Engine: a hardware GPU or else the CPU, GPU, CPU, or the slow reference [key: engine.engine]
    #[arg(long, value_parser = ["auto", "gpu", "cpu", "reference"])]
    pub engine: Option<String>,

    /// Words of the name and interface of the graphics adapter, as listed by `adapters`, such as "nvidia vulkan" [key: engine.adapter]
    #[arg(long, value_name = "NAME")]
    pub adapter: Option<String>,

    /// Threads of set-up and of the CPU engine [key: engine.threads]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

/// How often a run is saved.
#[derive(Debug, Args)]
pub struct CheckpointArguments {
    /// Model time in ms between checkpoints, from which `resume` goes on [key: engine.checkpoint_every_ms]
    #[arg(long, value_name = "MS", allow_negative_numbers = true)]
    pub checkpoint_every: Option<f64>,
}

impl CheckpointArguments {
    /// The keys that options replace.
    pub fn overrides(&self) -> Vec<Override> {
        let every = self.checkpoint_every.iter();
        every.map(|ms| Override::option("--checkpoint-every", "engine.checkpoint_every_ms", ms)).collect()
    }
}

/// Where results go, and how much is said on the way.
#[derive(Debug, Args)]
pub struct OutputArguments {
    /// Folder of all networks and runs
    #[arg(long, value_name = "FOLDER", default_value = "out")]
    pub out: PathBuf,

    /// Make the network and the run again even if they are there, and replace them
    #[arg(long)]
    pub force: bool,

    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// Formats of figures by their names; none at all where the list has `none`.
pub fn formats(names: &[String]) -> Vec<Format> {
    let has = |name: &str| names.iter().any(|format| format == name);
    let formats = [("png", Format::Png), ("svg", Format::Svg)];
    let asked = formats.into_iter().filter(|(name, _)| has(name) && !has("none"));
    asked.map(|(_, format)| format).collect()
}

/// What is shown of a run.
#[derive(Debug, Args)]
pub struct ShowArguments {
    /// Formats of the files in `figures`, separated by commas: png, svg, or none
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "png,svg", value_parser = ["png", "svg", "none"])]
    pub figures: Vec<String>,

    /// Write report.html, one page with everything, all figures in it (the default)
    #[arg(long, overrides_with = "no_report")]
    pub report: bool,

    /// Write no report
    #[arg(long)]
    pub no_report: bool,
}

impl ShowArguments {
    /// Formats that are asked for; none at all where the list has `none`.
    pub fn formats(&self) -> Vec<Format> {
        formats(&self.figures)
    }
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArguments {
    #[command(flatten)]
    pub config: ConfigArguments,
    #[command(flatten)]
    pub engine: EngineArguments,
    #[command(flatten)]
    pub checkpoints: CheckpointArguments,
    #[command(flatten)]
    pub output: OutputArguments,

    /// Leave out statistics, figures and report; `analyze` makes them later
    #[arg(long)]
    pub no_analysis: bool,

    /// Start in the state in which this run ended, or was stopped, if it is the beginning of the one that is asked for:
    /// shorter, or with other stimuli after that time. The files are those of a run from the start
    #[arg(long, value_name = "RUN_DIR")]
    pub start_from: Option<PathBuf>,

    /// Tell size, memory and time as `check` does, and run nothing
    #[arg(long)]
    pub dry_run: bool,

    #[command(flatten)]
    pub show: ShowArguments,
}

/// Arguments of `analyze`.
#[derive(Debug, Args)]
pub struct AnalyzeArguments {
    /// Run folder, as named in the last line of `run`
    #[arg(value_name = "RUN_DIR")]
    pub run: PathBuf,

    /// Give any key of the section `analysis` another value; may be repeated, the last one counts
    #[arg(long, value_name = "analysis.KEY=VALUE")]
    pub set: Vec<String>,

    #[command(flatten)]
    pub show: ShowArguments,

    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// Arguments of `network`.
#[derive(Debug, Args)]
pub struct NetworkArguments {
    #[command(flatten)]
    pub config: ConfigArguments,
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Arguments of `theory`.
#[derive(Debug, Args)]
pub struct TheoryArguments {
    #[command(flatten)]
    pub config: ConfigArguments,

    /// Write the stationary rates of each population as CSV, spikes/s
    #[arg(long, value_name = "FILE", value_parser = file)]
    pub csv: Option<PathBuf>,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArguments {
    #[command(flatten)]
    pub config: ConfigArguments,
    #[command(flatten)]
    pub engine: EngineArguments,
}

/// A file that can be written later: what would fail after a long measurement fails at once.
pub fn file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if path.is_dir() || text.is_empty() {
        return Err("it is a folder: name a file".to_owned());
    }
    match folder.unwrap_or(Path::new(".")) {
        folder if folder.is_dir() => Ok(path),
        folder => Err(format!("there is no folder {}: make it first", folder.display())),
    }
}

/// The keys that `--set` replaces.
pub fn set(assignments: &[String]) -> Result<Vec<Override>, ConfigError> {
    let (mut overrides, mut problems) = (Vec::new(), Vec::new());
    for assignment in assignments {
        match Override::set(assignment) {
            Ok(replaced) => overrides.push(replaced),
            Err(ConfigError(more)) => problems.extend(more),
        }
    }
    if problems.is_empty() { Ok(overrides) } else { Err(ConfigError(problems)) }
}

impl AnalyzeArguments {
    /// The keys that options replace; other sections than `analysis` made the run and stay.
    pub fn overrides(&self) -> Result<Vec<Override>, ConfigError> {
        let overrides = set(&self.set)?;
        let is_foreign = |replaced: &&Override| !replaced.key.starts_with("analysis.");
        let problem = |replaced: &Override| Problem::Override {
            option: replaced.option.clone(),
            reason: "the run is made, and this key is no part of its analysis".to_owned(),
            remedy: "set keys of the section `analysis`, or run the configuration with this key".to_owned(),
        };
        let problems: Vec<Problem> = overrides.iter().filter(is_foreign).map(problem).collect();
        if problems.is_empty() { Ok(overrides) } else { Err(ConfigError(problems)) }
    }
}

impl ConfigArguments {
    /// The keys that options replace: those of `--set` first, then those with an option of their own.
    pub fn overrides(&self) -> Result<Vec<Override>, ConfigError> {
        let mut overrides = set(&self.set)?;
        let option = |name, key, value: Option<String>| Some(Override::option(name, key, value?));
        overrides.extend(option("--seed", SEED, self.seed.map(|seed| seed.to_string())));
        let duration_ms = self.duration_ms.map(|duration_ms| duration_ms.to_string());
        overrides.extend(option("--duration-ms", "simulation.duration_ms", duration_ms));
        Ok(overrides)
    }
}

impl EngineArguments {
    /// The keys that options replace.
    pub fn overrides(&self) -> Vec<Override> {
        let options = [
            ("--engine", "engine.engine", self.engine.clone()),
            ("--adapter", "engine.adapter", self.adapter.clone()),
            ("--threads", "engine.threads", self.threads.map(|threads| threads.to_string())),
        ];
        let replaced =
            |(name, key, value): (&str, &str, Option<String>)| Some(Override::option(name, key, value?));
        options.into_iter().filter_map(replaced).collect()
    }
}
