//! One function a command; each returns what goes to stdout.

use super::arguments::{
    AnalyzeArguments, CheckArguments, ConfigArguments, EngineArguments, NetworkArguments, OutputArguments,
    RunArguments, ShowArguments, TheoryArguments,
};
use super::progress::Terminal;
use super::report::ShownRun;
use super::{Done, End, check_report, interruption, report, theory_report};
use anyhow::Result;
use humam_gpu::analysis::{self, AnalysisError, RunFolder};
use humam_gpu::config::{self, Config, ConfigError, Override, Problem, warnings};
use humam_gpu::engine::assembly::{
    STATED_RATES_HZ, available_memory_bytes, choose_engine, estimate, estimate_at, estimate_build_s,
    integer_network,
};
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::model_network;
use humam_gpu::model::theory::{DcInput, stationary_rates};
use humam_gpu::output::figures;
use humam_gpu::progress::{Progress, Stage};
use humam_gpu::run::sweep;
use humam_gpu::run::{self, Outcome, Output, RunError, RunReport, tell_values};
use humam_gpu::simulation::recording::RecordingPlan;
use std::path::Path;

/// `run`. What goes wrong with the analysis comes after the run, which is on disk.
pub fn run(arguments: &RunArguments) -> Result<Done> {
    let mut overrides = arguments.config.overrides()?;
    overrides.extend(arguments.engine.overrides());
    overrides.extend(arguments.checkpoints.overrides());
    let config = loaded(&arguments.config.config, &overrides)?;
    if arguments.dry_run {
        return Ok(checked(&config)?.into());
    }
    let mut terminal = Terminal::that_can_stop(arguments.output.quiet)?;
    let output = output(&arguments.output);
    let outcome = match &arguments.start_from {
        Some(start) => run::run_from(&config, &output, start, &mut terminal),
        None => run::run(&config, &output, &mut terminal),
    };
    shown(outcome, arguments.no_analysis, &arguments.show, terminal)
}

/// What a run came to, with its statistics.
pub fn shown(
    outcome: Result<RunReport, RunError>,
    no_analysis: bool,
    show: &ShowArguments,
    mut terminal: Terminal,
) -> Result<Done> {
    let analysed = match &outcome {
        Ok(report) if !no_analysis => {
            // The run is there, and its analysis is made again in no time.
            interruption::no_longer_heard();
            let may_stay_unwritten = report.outcome == Outcome::Reused;
            Some(analysed(&report.folder, &[], show, may_stay_unwritten, &mut terminal))
        }
        _ => None,
    };
    terminal.finish();
    let (statistics, end) = match analysed {
        Some(Ok(made)) => (report::statistics(&made.analysis) + &report::shown(&made), End::Success),
        Some(Err(error)) => {
            (String::new(), End::Failed(error.context("the run is complete, its analysis failed")))
        }
        None => (String::new(), End::Success),
    };
    let report = outcome?;
    let config = config::load(&report.folder.join("config.ron"), &[])?;
    Ok(Done { text: report::run(&report, &config, &statistics), end })
}

/// `analyze`.
pub fn analyze(arguments: &AnalyzeArguments) -> Result<String> {
    let overrides = arguments.overrides()?;
    let mut terminal = Terminal::new(arguments.quiet);
    let stopped = run::up_to_checkpoint(&arguments.run, &mut terminal)?;
    let folder = stopped.as_ref().map_or(&arguments.run, |stopped| &stopped.folder);
    let made = analysed(folder, &overrides, &arguments.show, false, &mut terminal);
    terminal.finish();
    Ok(stopped.as_ref().map_or_else(String::new, report::stopped) + &report::analysis(&made?))
}

/// Analyses a run and writes statistics, figures and report; of a run that was found nothing needs to be written
/// where that is not allowed.
fn analysed(
    run: &Path,
    overrides: &[Override],
    show: &ShowArguments,
    may_stay_unwritten: bool,
    terminal: &mut Terminal,
) -> Result<ShownRun> {
    terminal.stage(Stage::Analysis);
    let analysis = analysis::analyse(RunFolder::open(run, overrides)?)?;
    let folder = match analysis::write(&analysis) {
        Err(AnalysisError::Recording(error)) if may_stay_unwritten && error.is_forbidden() => None,
        written => Some(written?),
    };
    let is_written = folder.is_some();
    let mut made = ShownRun { folder, analysis, figures: None, report: None };
    let formats = show.formats();
    if !is_written || formats.is_empty() && show.no_report {
        return Ok(made);
    }
    terminal.stage(Stage::Figures);
    let shown = figures::figures(&made.analysis)?;
    if !formats.is_empty() {
        made.figures = Some(figures::write(&shown, run, &formats)?);
    }
    if !show.no_report {
        made.report = Some(humam_gpu::output::report::write(&made.analysis, &shown)?);
    }
    Ok(made)
}

/// `network`.
pub fn network(arguments: &NetworkArguments) -> Result<String> {
    let config = load(&arguments.config, None)?;
    let mut terminal = Terminal::new(arguments.output.quiet);
    let found = run::find_or_make_network(&config, &output(&arguments.output), &mut terminal);
    terminal.finish();
    Ok(report::network(&found?))
}

/// `theory`.
pub fn theory(arguments: &TheoryArguments) -> Result<String> {
    let config = load(&arguments.config, None)?;
    let mut terminal = Terminal::new(false);
    let tables = Tables::load(&config.anatomy).map_err(RunError::from)?;
    let derived = model_network(&config.model_options(), &tables, &mut terminal).map_err(RunError::from)?;
    let full = stationary_rates(&derived.full, &config.theory, DcInput::Included)?;
    terminal.finish();
    if let Some(path) = &arguments.csv {
        theory_report::write_csv(path, &derived, &full)?;
    }
    Ok(theory_report::theory(&config, &derived, &full))
}

/// `check`.
pub fn check(arguments: &CheckArguments) -> Result<String> {
    checked(&load(&arguments.config, Some(&arguments.engine))?)
}

/// What a run of `config` would take.
fn checked(config: &Config) -> Result<String> {
    let mut terminal = Terminal::new(false);
    let checked = table_of_check(config, &mut terminal);
    terminal.finish();
    checked.inspect_err(|_| tell_values(config, &mut terminal))
}

/// The table of `check`.
fn table_of_check(config: &Config, terminal: &mut Terminal) -> Result<String> {
    let engine = choose_engine(&config.engine)?;
    let tables = Tables::load(&config.anatomy).map_err(RunError::from)?;
    let derived = model_network(&config.model_options(), &tables, terminal).map_err(RunError::from)?;
    terminal.finish();
    let simulation = &config.simulation;
    let integers = integer_network(&derived.network, &config.build_options()).map_err(RunError::from)?;
    RecordingPlan::new(&config.recording, &derived.network, simulation.dt_ms).map_err(RunError::from)?;
    let plan = engine.plan(&integers);
    let network = &derived.network;
    Ok(check_report::check(&check_report::Check {
        config,
        network,
        integers: &integers,
        plan: &plan,
        available_bytes: available_memory_bytes(),
        warnings: warnings(config, &derived.network),
        build_s: estimate_build_s(network, &plan),
        by_theory: estimate(network, &integers, &plan, &derived.with_dc.rates_hz),
        stated: STATED_RATES_HZ.map(|rate_hz| estimate_at(network, &integers, &plan, rate_hz)),
    }))
}

/// `adapters`.
pub fn adapters() -> Result<String> {
    Ok(report::adapters())
}

fn load(arguments: &ConfigArguments, engine: Option<&EngineArguments>) -> Result<Config> {
    let mut overrides = arguments.overrides()?;
    overrides.extend(engine.map(EngineArguments::overrides).unwrap_or_default());
    loaded(&arguments.config, &overrides)
}

/// The configuration at `path`; a sweep that comes with the program is told to be one.
fn loaded(path: &Path, overrides: &[Override]) -> Result<Config> {
    let is_sweep = |name: &str| {
        config::builtin(name).is_none() && sweep::BUILTIN.iter().any(|(known, _)| *known == name)
    };
    if !path.exists() && path.to_str().is_some_and(is_sweep) {
        return Err(ConfigError::from(Problem::Sweep { file: path.display().to_string() }).into());
    }
    Ok(config::load(path, overrides)?)
}

/// Where results go.
pub fn output(arguments: &OutputArguments) -> Output {
    Output { folder: arguments.out.clone(), force: arguments.force }
}
