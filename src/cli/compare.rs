//! `compare`: what is read, what is printed, how it ends.

use super::arguments::file;
use super::nest_network::NestNetworkArguments;
use super::pictures::{picture, write_picture};
use super::progress::Terminal;
use super::report::of_interval;
use super::{Done, End};
use anyhow::{Context, Result};
use clap::Args;
use humam_gpu::analysis::compare::{
    Comparison, ExperimentRow, Measure, Member, Rule, Test, compare, compare_with_experiment,
    comparison_json, load, write_comparison_csv,
};
use humam_gpu::analysis::{AnalysisError, interval};
use humam_gpu::output::figures::comparison;
use humam_gpu::progress::{Progress, Stage};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub struct CompareArguments {
    /// Run folders, NEST output folders, or `experiment`; with --against, seeds of one side
    #[arg(value_name = "RUN", required = true)]
    pub runs: Vec<PathBuf>,

    /// Seeds of the other side
    #[arg(long, value_name = "RUN", num_args = 1..)]
    pub against: Vec<PathBuf>,

    #[command(flatten)]
    pub network: NestNetworkArguments,

    /// Probability of telling apart what differs in seeds alone
    #[arg(long, value_name = "ALPHA", default_value_t = 0.01, value_parser = probability)]
    pub alpha: f64,

    /// Write the distances of all populations as CSV
    #[arg(long, value_name = "FILE", value_parser = file)]
    pub csv: Option<PathBuf>,

    /// Write distances, tests and decision as JSON
    #[arg(long, value_name = "FILE", value_parser = file)]
    pub json: Option<PathBuf>,

    /// Draw statistics and distances of all populations, as .png or .svg
    #[arg(long, value_name = "FILE", value_parser = picture)]
    pub figure: Option<PathBuf>,

    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// A probability that is neither 0 nor 1.
fn probability(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if value > 0.0 && value < 1.0 => Ok(value),
        Ok(_) => Err("must lie between 0 and 1".to_owned()),
        Err(error) => Err(format!("{error}")),
    }
}

/// What stands for the measurements that come with the program.
const EXPERIMENT: &str = "experiment";

/// `compare`.
pub fn run(arguments: &CompareArguments) -> Result<Done> {
    let mut terminal = Terminal::new(arguments.quiet);
    terminal.stage(Stage::Analysis);
    let compared = compared(arguments, &mut terminal);
    terminal.finish();
    compared
}

fn compared(arguments: &CompareArguments, terminal: &mut Terminal) -> Result<Done> {
    let CompareArguments { runs, against, alpha, csv, json, figure, .. } = arguments;
    if runs.len() + against.len() < 2 {
        return Err(AnalysisError::Incomparable {
            reason: "there is one run to compare, and nothing to compare it with".to_owned(),
            remedy: "name another run, NEST output, or `experiment`".to_owned(),
        }
        .into());
    }
    let is_experiment = |path: &&PathBuf| path.as_os_str() == EXPERIMENT && !path.exists();
    if runs.iter().chain(against).any(|path| is_experiment(&path)) {
        let runs: Vec<PathBuf> =
            runs.iter().chain(against).filter(|path| !is_experiment(path)).cloned().collect();
        return Ok(experiment_table(&compare_with_experiment(&runs)?).into());
    }
    let reference = arguments.network.reference(terminal)?;
    let members = load(&[runs.as_slice(), against].concat(), reference.as_ref())?;
    let (a, b) = members.split_at(runs.len());
    let (a, b): (Vec<&Member>, Vec<&Member>) = (a.iter().collect(), b.iter().collect());
    let comparisons = match (a.as_slice(), b.is_empty()) {
        ([first, others @ ..], true) => {
            others.iter().map(|other| compare(&[*first], &[*other], *alpha)).collect::<Result<Vec<_>, _>>()?
        }
        _ => vec![compare(&a, &b, *alpha)?],
    };
    if let Some(path) = csv {
        write_comparison_csv(path, &comparisons)?;
    }
    if let Some(path) = json {
        write_json(path, &comparisons)?;
    }
    if let Some(path) = figure {
        let written = write_picture(path, comparison(&comparisons));
        written.context("the comparison is made, and its figure cannot be kept")?;
    }
    let is_within = comparisons.iter().all(|comparison| comparison.decision.is_within() == Some(true));
    let text = comparisons.iter().map(table).collect::<Vec<_>>().join("\n");
    Ok(Done { text, end: if is_within { End::Success } else { End::Outside } })
}

fn write_json(path: &Path, comparisons: &[Comparison]) -> Result<()> {
    let text = format!("{:#}\n", comparison_json(comparisons));
    humam_gpu::simulation::recording::write_whole(path, text.as_bytes())
        .context("the comparison is made, and cannot be kept")
}

/// Distances and the decision.
fn table(comparison: &Comparison) -> String {
    let mut text = format!("a: {}\nb: {}\n", comparison.a.join(", "), comparison.b.join(", "));
    for (stimulus, runs) in &comparison.stimuli {
        let _ = writeln!(text, "only {}: stimulus {stimulus}", runs.join(", "));
    }
    let title = "mean over populations";
    let _ = writeln!(
        text,
        "{title:<24}{:>10}{:>12}{:>12}{:>12}{:>12}",
        "n", "KS", "KS seeds", "EMD", "EMD seeds"
    );
    for found in &comparison.statistics {
        let _ = write!(text, "{:<24}{:>10}", found.statistic.name(), found.n_populations);
        let (between, seeds) = (found.between, found.between_seeds);
        for value in
            [between.map(|d| d.ks), seeds.map(|d| d.ks), between.map(|d| d.emd), seeds.map(|d| d.emd)]
        {
            let _ =
                write!(text, "{:>12}", value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}")));
        }
        text.push('\n');
    }
    text + &decision(comparison)
}

fn decision(comparison: &Comparison) -> String {
    let decision = &comparison.decision;
    let outside: Vec<String> = decision
        .tests
        .iter()
        .filter(|test| !test.is_within())
        .map(|test| {
            let name = test.statistic.name();
            let measure = match test.measure {
                Measure::Mean => "t of the means",
                Measure::EarthMovers => "EMD",
            };
            let Test { populations, value, bound, n, .. } = test;
            format!("  {name} of {populations}: {measure} {value:.3} is above {bound:.3} (n {n})\n")
        })
        .collect();
    let by = match decision.rule {
        Rule::Seeds => "means and earth mover's distances, run by run",
        Rule::Areas => "means, area by area",
        Rule::Undecided => {
            return "cannot be told: give several seeds a side (--against), there are too few areas\n"
                .to_owned();
        }
    };
    let n = decision.tests.len();
    let verdict = if outside.is_empty() { "within seed-seed" } else { "outside seed-seed" };
    let (n_outside, alpha) = (outside.len(), decision.alpha);
    format!(
        "{}{verdict}: {n_outside} of {n} tests outside ({by}, family-wise alpha {alpha})\n",
        outside.concat()
    )
}

fn experiment_table(rows: &[ExperimentRow]) -> String {
    let mut text = String::new();
    for row in rows {
        let _ = writeln!(text, "{} against experiment", row.name);
        let is_end = |quantity: &str| quantity.ends_with("_low") || quantity.ends_with("_high");
        for figure in row.similarities.iter().filter(|figure| !is_end(figure.quantity)) {
            let value = match &figure.value {
                Ok(value) => {
                    format!("{value:.4}{}", of_interval(interval(&row.similarities, figure.quantity)))
                }
                Err(absence) => format!("none: {absence}"),
            };
            let _ = writeln!(text, "  {:<24}{value}", figure.quantity);
        }
    }
    text
}
