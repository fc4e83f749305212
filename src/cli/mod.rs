//! The only place that knows clap, anyhow, indicatif and the terminal.
mod areas;
mod arguments;
mod bench;
mod bench_report;
mod check_report;
mod command_line;
mod commands;
mod compare;
mod connections;
mod export;
mod init;
mod interruption;
mod nest_network;
mod pictures;
mod progress;
mod report;
mod resume;
mod shell;
mod sweep;
mod theory_report;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser};
use command_line::{Arguments, Command};
use humam_gpu::analysis::AnalysisError;
use humam_gpu::config::{ConfigError, key_named};
use humam_gpu::model::OwnTableError;
use humam_gpu::output::export::ExportError;
use humam_gpu::output::export::connections::ConnectionsError;
use humam_gpu::run::RunError;
use humam_gpu::run::bench::BenchError;
use humam_gpu::run::sweep::SweepError;
use humam_gpu::telling::plain;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// A command that did what it should.
const SUCCEEDED: u8 = 0;
/// Runs that differ by more than their seeds, or of which that cannot be told; spikes that are not those
/// recorded.
const OUTSIDE: u8 = 3;
/// A run that failed.
const FAILED: u8 = 1;
/// A command line, configuration or table that is wrong.
const WRONG_INPUT: u8 = 2;

/// What a command leaves.
pub struct Done {
    /// What goes to stdout.
    pub text: String,
    /// How it ends.
    pub end: End,
}

/// How a command ends that has something to print.
pub enum End {
    /// As it should.
    Success,
    /// What was compared differs.
    Outside,
    /// What it made is there, and something after it failed.
    Failed(anyhow::Error),
}

impl From<String> for Done {
    fn from(text: String) -> Self {
        Self { text, end: End::Success }
    }
}

/// Parses the command line and does what it asks for.
pub fn main() -> ExitCode {
    let arguments = Arguments::try_parse().unwrap_or_else(|error| with_key(error).exit());
    let done = match &arguments.command {
        Command::Init(arguments) => init::init(arguments).map(Done::from),
        Command::Run(run) => commands::run(run),
        Command::Resume(resume) => resume::resume(resume),
        Command::Verify(verify) => resume::verify(verify),
        Command::Sweep(sweep) => sweep::run(sweep),
        Command::Compare(arguments) => compare::run(arguments),
        Command::Analyze(analyze) => commands::analyze(analyze).map(Done::from),
        Command::Export(arguments) => export::export(arguments).map(Done::from),
        Command::Import(arguments) => export::import(arguments).map(Done::from),
        Command::Network(network) => commands::network(network).map(Done::from),
        Command::Theory(theory) => commands::theory(theory).map(Done::from),
        Command::Check(check) => commands::check(check).map(Done::from),
        Command::Connections(arguments) => connections::connections(arguments).map(Done::from),
        Command::Bench(arguments) => bench::bench(arguments).map(Done::from),
        Command::CheckGpu(arguments) => bench::check_gpu(arguments),
        Command::Areas => areas::areas().map(Done::from),
        Command::Adapters => commands::adapters().map(Done::from),
        Command::Completions(arguments) => {
            shell::completions(arguments, Arguments::command()).map(Done::from)
        }
        Command::Man(arguments) => shell::man(arguments, Arguments::command()).map(Done::from),
    };
    match done.and_then(finish) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // Where stderr is gone too there is nobody left to tell.
            let _ = writeln!(std::io::stderr(), "{}", plain(&format!("error: {}", told(&error))));
            ExitCode::from(exit_code(&error))
        }
    }
}

/// The error, with how a key is set if its name was taken for an option: `--chi 2`.
fn with_key(mut error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else { return error };
    let with_value = format!("{option}=");
    let is_it = |argument: &String| argument == option || argument.starts_with(&with_value);
    let arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let mut arguments = arguments.skip_while(|argument| !is_it(argument));
    let first = arguments.next().unwrap_or_default();
    let value = first.strip_prefix(&with_value).map(str::to_owned).or_else(|| arguments.next());
    let value = value.filter(|value| !value.starts_with("--"));
    let name = option.trim_start_matches('-').replace('-', "_");
    if let Some(key) = key_named(&name).filter(|_| option.starts_with("--")) {
        let value = value.as_deref().unwrap_or("VALUE");
        let tip = format!("{name} is a key of the configuration: --set {key}={value}");
        error.remove(ContextKind::SuggestedArg);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

/// The error and what led to it, each once: some errors tell their cause themselves.
fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| match told.contains(&cause) {
        true => told,
        false if told.is_empty() => cause,
        false => format!("{told}: {cause}"),
    })
}

/// Prints what there is, then tells how it ended.
fn finish(done: Done) -> anyhow::Result<u8> {
    print(&done.text)?;
    match done.end {
        End::Success => Ok(SUCCEEDED),
        End::Outside => Ok(OUTSIDE),
        End::Failed(error) => Err(error),
    }
}

fn exit_code(error: &anyhow::Error) -> u8 {
    let is_input = error.is::<ConfigError>()
        || error.is::<OwnTableError>()
        || error.downcast_ref().is_some_and(RunError::is_input)
        || error.downcast_ref().is_some_and(BenchError::is_input)
        || error.downcast_ref().is_some_and(SweepError::is_input)
        || error.downcast_ref().is_some_and(AnalysisError::is_input)
        || error.downcast_ref().is_some_and(ExportError::is_input)
        || error.downcast_ref().is_some_and(ConnectionsError::is_input);
    if is_input { WRONG_INPUT } else { FAILED }
}

/// Prints to stdout; a reader that has had enough is no failure.
fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(plain(text).as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
