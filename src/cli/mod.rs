//! The only place that knows clap, anyhow, indicatif and the terminal.
mod arguments;
mod commands;
mod progress;
mod report;

use arguments::{Arguments, Command};
use clap::Parser;
use humam_gpu::config::ConfigError;
use humam_gpu::run::RunError;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// A run that failed.
const FAILED: u8 = 1;
/// A command line, configuration or table that is wrong.
const WRONG_INPUT: u8 = 2;

/// Parses the command line and does what it asks for.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Command::Run(run) => commands::run(run),
        Command::Network(network) => commands::network(network),
        Command::Theory(theory) => commands::theory(theory),
        Command::Check(check) => commands::check(check),
        Command::Adapters => commands::adapters(),
    };
    match done.and_then(|text| print(&text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where stderr is gone too there is nobody left to tell.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::from(exit_code(&error))
        }
    }
}

fn exit_code(error: &anyhow::Error) -> u8 {
    let is_input = error.is::<ConfigError>() || error.downcast_ref().is_some_and(RunError::is_input);
    if is_input { WRONG_INPUT } else { FAILED }
}

/// Prints to stdout; a reader that has had enough is no failure.
fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
