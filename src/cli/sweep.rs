//! `sweep`: what is swept, what is printed, how it ends.

use super::arguments::{ConfigArguments, EngineArguments, OutputArguments, formats};
use super::commands::output;
use super::progress::Terminal;
use super::{Done, End};
use anyhow::{Context, Result, anyhow};
use clap::Args;
use humam_gpu::config::{ConfigError, Problem};
use humam_gpu::output::figures::Format;
use humam_gpu::run::sweep::{self, Definition, Status, Sweep, SweepAxis, SweepReport};
use humam_gpu::telling::{list, shell_word};
use std::fmt::Write;

/// Arguments of `sweep`.
#[derive(Debug, Args)]
pub struct SweepArguments {
    #[command(flatten)]
    pub config: ConfigArguments,

    /// Let a key take these values, or keys that move together: KEY+KEY=V:V,V:V,…; may be repeated, and
    /// every combination is a point; replaces what a sweep's file varies
    #[arg(long, value_name = "KEY=VALUE,…")]
    pub vary: Vec<String>,

    /// Seeds of each point, from simulation.seed on
    #[arg(long, value_name = "N")]
    pub seeds: Option<u32>,

    #[command(flatten)]
    pub engine: EngineArguments,
    #[command(flatten)]
    pub output: OutputArguments,

    /// Formats of the figure, separated by commas: png, svg, or none
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "png,svg", value_parser = ["png", "svg", "none"])]
    pub figures: Vec<String>,

    /// Print what `run` needs for each point, one a line, and make nothing
    #[arg(long)]
    pub points: bool,

    /// Sum up the points that are there, whoever made them, and make none; exit code 1 if one is not
    #[arg(long, conflicts_with_all = ["points", "force"])]
    pub gather: bool,
}

impl SweepArguments {
    /// What is to be swept: a file's keys, replaced by those of options.
    pub fn definition(&self) -> Result<Definition, ConfigError> {
        let mut problems = Vec::new();
        let mut definition = kept(Definition::load(&self.config.config), &mut problems);
        let set = kept(self.config.overrides(), &mut problems).unwrap_or_default();
        let axes = self.vary.iter().filter_map(|text| kept(SweepAxis::parse(text, "--vary"), &mut problems));
        let axes: Vec<SweepAxis> = axes.collect();
        if let Some(definition) = &mut definition {
            definition.set.extend(set);
            definition.set.extend(self.engine.overrides());
            if !self.vary.is_empty() {
                definition.axes = axes;
            }
            definition.seeds = self.seeds.unwrap_or(definition.seeds);
        }
        definition.filter(|_| problems.is_empty()).ok_or(ConfigError(problems))
    }

    /// Formats that are asked for.
    pub fn formats(&self) -> Vec<Format> {
        formats(&self.figures)
    }
}

/// The value, or its problems among the others.
fn kept<T>(result: Result<T, ConfigError>, problems: &mut Vec<Problem>) -> Option<T> {
    result.map_err(|ConfigError(more)| problems.extend(more)).ok()
}

/// Quantities of the table, with their heads.
const SHOWN: [(&str, &str); 9] = [
    ("mean_rate_hz", "rate"),
    ("mean_cv_isi", "CV"),
    ("mean_lvr", "LvR"),
    ("mean_correlation", "corr"),
    ("rate_similarity", "1−KS rate"),
    ("cv_similarity", "1−KS CV"),
    ("lvr_similarity", "1−KS LvR"),
    ("fmri_similarity_left", "fMRI left"),
    ("fmri_similarity_right", "fMRI right"),
];

/// `sweep`.
pub fn run(arguments: &SweepArguments) -> Result<Done> {
    let sweep = Sweep::new(arguments.definition()?)?;
    if arguments.points {
        return Ok(points(&sweep).into());
    }
    let mut terminal = Terminal::new(arguments.output.quiet);
    let output = output(&arguments.output);
    let swept = match arguments.gather {
        true => sweep::gather(&sweep, &output, &mut terminal),
        false => sweep::run(&sweep, &output, &mut terminal),
    };
    terminal.finish();
    let report = swept?;
    let figure = drawn(&sweep, &report, &arguments.formats())?;
    let end = end(&sweep, &report);
    let summary = format!("summary:      {}\n", report.summary.display());
    let folder = format!("sweep directory: {}\n", report.folder.path().display());
    Ok(Done { text: [counts(&report), table(&sweep, &report), summary, figure, folder].concat(), end })
}

/// Draws the figure; returns its line.
fn drawn(sweep: &Sweep, report: &SweepReport, formats: &[Format]) -> Result<String> {
    let figure = match sweep::figure(sweep, report)? {
        _ if formats.is_empty() => return Ok(String::new()),
        None => {
            return Ok(format!("figure:       none: it shows one axis or two, not {}\n", sweep.axes.len()));
        }
        Some(figure) => figure,
    };
    let files = sweep::write_figure(figure, &report.folder, formats)
        .context("the sweep is complete, its figure cannot be kept")?;
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    Ok(format!("figure:       {}\n", files.join(", ")))
}

/// What `run` needs for each point.
fn points(sweep: &Sweep) -> String {
    let mut text = String::new();
    for point in &sweep.points {
        text += &shell_word(&sweep.config.display().to_string());
        for replaced in &point.overrides {
            let _ = write!(text, " --set {}", shell_word(&format!("{}={}", replaced.key, replaced.value)));
        }
        text.push('\n');
    }
    text
}

fn counts(report: &SweepReport) -> String {
    let count = |of: fn(&Status) -> bool| report.points.iter().filter(|&status| of(status)).count();
    let made = count(|status| matches!(status, Status::Done { is_made: true, .. }));
    let found = count(|status| matches!(status, Status::Done { is_made: false, .. }));
    let failed = count(|status| matches!(status, Status::Failed { .. }));
    let open = count(|status| matches!(status, Status::Open));
    let open = if open > 0 { format!(", {open} not there") } else { String::new() };
    let n = report.points.len();
    format!("points:       {n}: {made} made, {found} found and used again, {failed} failed{open}\n")
}

/// Means over the seeds of each combination.
fn table(sweep: &Sweep, report: &SweepReport) -> String {
    let n_keys = sweep.axes.iter().map(|axis| axis.keys.len()).sum::<usize>();
    let keys = &sweep.columns[..n_keys];
    let width = |column: usize| {
        let values = sweep.points.iter().map(|point| point.values[column].chars().count());
        values.max().unwrap_or(0).max(keys[column].len()) + 2
    };
    let mut text = String::new();
    for (column, key) in keys.iter().enumerate() {
        let _ = write!(text, "{key:<0$}", width(column));
    }
    for (_, head) in SHOWN {
        let _ = write!(text, "{head:>11}");
    }
    text.push('\n');
    let points = sweep.points.chunks(sweep.n_seeds).zip(report.points.chunks(sweep.n_seeds));
    for (points, seeds) in points {
        for column in 0..n_keys {
            let _ = write!(text, "{:<1$}", points[0].values[column], width(column));
        }
        for (quantity, _) in SHOWN {
            let values: Vec<f64> = seeds.iter().filter_map(|status| status.value(quantity)).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let mean = if values.is_empty() { "-".to_owned() } else { format!("{mean:.4}") };
            let _ = write!(text, "{mean:>11}");
        }
        text.push('\n');
    }
    text
}

/// A failure where a point has failed or, after `--gather`, is not there.
fn end(sweep: &Sweep, report: &SweepReport) -> End {
    let missing: Vec<String> = sweep
        .points
        .iter()
        .zip(&report.points)
        .enumerate()
        .filter_map(|(index, (point, status))| {
            let reason = match status {
                Status::Done { .. } => return None,
                Status::Failed { reason } => reason,
                Status::Open => "it is not there: run it, or sweep without --gather",
            };
            Some(format!("  point {} ({}): {reason}", index + 1, point.name))
        })
        .collect();
    if missing.is_empty() {
        return End::Success;
    }
    let n = report.points.len();
    End::Failed(anyhow!("{} of {n} points have no result:\n{}", missing.len(), list(&missing)))
}
