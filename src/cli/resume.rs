//! `resume` and `verify`: runs that go on, and runs that are computed again.

use super::arguments::{CheckpointArguments, EngineArguments, ShowArguments};
use super::commands::shown;
use super::progress::Terminal;
use super::{Done, End, report};
use anyhow::Result;
use clap::Args;
use humam_gpu::config::Override;
use humam_gpu::run;
use std::path::PathBuf;

/// Arguments of `resume`.
#[derive(Debug, Args)]
pub struct ResumeArguments {
    /// Folder of the run that was stopped, or is to be made longer
    #[arg(value_name = "RUN_DIR")]
    pub run: PathBuf,

    /// Model time in ms that a complete run is made to last, in a folder of its own
    #[arg(long, value_name = "MS", value_parser = positive)]
    pub duration_ms: Option<f64>,

    #[command(flatten)]
    pub engine: EngineArguments,
    #[command(flatten)]
    pub checkpoints: CheckpointArguments,

    /// Leave out statistics, figures and report; `analyze` makes them later
    #[arg(long)]
    pub no_analysis: bool,

    #[command(flatten)]
    pub show: ShowArguments,

    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// Run folder, as named in the last line of `run`
    #[arg(value_name = "RUN_DIR")]
    pub run: PathBuf,

    /// Model time in ms to compute again; the whole run if it is left out
    #[arg(long, value_name = "MS", value_parser = positive)]
    pub duration_ms: Option<f64>,

    #[command(flatten)]
    pub engine: EngineArguments,

    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// `resume`.
pub fn resume(arguments: &ResumeArguments) -> Result<Done> {
    let mut overrides = arguments.engine.overrides();
    overrides.extend(arguments.checkpoints.overrides());
    let duration = arguments.duration_ms.iter();
    overrides.extend(duration.map(|ms| Override::option("--duration-ms", "simulation.duration_ms", ms)));
    let mut terminal = Terminal::that_can_stop(arguments.quiet)?;
    let outcome = run::resume(&arguments.run, &overrides, &mut terminal);
    shown(outcome, arguments.no_analysis, &arguments.show, terminal)
}

/// `verify`.
pub fn verify(arguments: &VerifyArguments) -> Result<Done> {
    let mut terminal = Terminal::new(arguments.quiet);
    let overrides = arguments.engine.overrides();
    let verified = run::verify(&arguments.run, arguments.duration_ms, &overrides, &mut terminal);
    terminal.finish();
    let verified = verified?;
    let end = if verified.is_same() { End::Success } else { End::Outside };
    Ok(Done { text: report::verified(&verified), end })
}

/// A number above 0.
fn positive(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if value > 0.0 && f64::is_finite(value) => Ok(value),
        Ok(_) => Err("must be above 0".to_owned()),
        Err(error) => Err(format!("{error}")),
    }
}
