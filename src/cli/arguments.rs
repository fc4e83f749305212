//! The command line as clap sees it.

use clap::{Args, Parser, Subcommand};
use humam_gpu::config::{ConfigError, Override};
use std::path::PathBuf;

/// Builds and simulates the Human Multi-Area Model of cortex: from published tables to spikes.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
#[command(after_help = "\
Exit codes: 0 done, 1 the run failed, 2 the command line, configuration or a table is wrong.

Example: humam-gpu run configs/downscaled.ron --set weights.chi=2.5 --set weights.chi_i=5")]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Simulate a configuration, or find its run if it is there
    ///
    /// Derives the network from the tables, builds every synapse, simulates, and writes the run
    /// folder OUT/NAME/NETWORK HASH/SIMULATION HASH. A network or run that is there already is
    /// used; a run made by another engine or adapter than the one asked for is made again and
    /// compared. The last line of the output is `run directory: PATH`.
    Run(RunArguments),
    /// Derive the network and write it, without a simulation
    ///
    /// Writes the network as RON and as tables to OUT/NAME/NETWORK HASH. The last line of the output
    /// is `network directory: PATH`.
    Network(NetworkArguments),
    /// Print the stationary rates that mean-field theory predicts
    ///
    /// At full scale and for the scaled network, with and without its DC input: the fixed point with
    /// its residual, and the state at the pseudo-time that publications report.
    Theory(ConfigArguments),
    /// Tell size, memory and time of a run before anything is built
    Check(CheckArguments),
    /// List the engines and graphics adapters of this machine
    Adapters,
}

/// The configuration, and keys that replace the file's.
#[derive(Debug, Args)]
pub struct ConfigArguments {
    /// Configuration in RON, such as configs/downscaled.ron
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

    /// Part of the name of the graphics adapter, as listed by `adapters` [key: engine.adapter]
    #[arg(long, value_name = "NAME")]
    pub adapter: Option<String>,

    /// Threads of set-up and of the CPU engine [key: engine.threads]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub threads: Option<usize>,
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

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArguments {
    #[command(flatten)]
    pub config: ConfigArguments,
    #[command(flatten)]
    pub engine: EngineArguments,
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Arguments of `network`.
#[derive(Debug, Args)]
pub struct NetworkArguments {
    #[command(flatten)]
    pub config: ConfigArguments,
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArguments {
    #[command(flatten)]
    pub config: ConfigArguments,
    #[command(flatten)]
    pub engine: EngineArguments,
}

impl ConfigArguments {
    /// The keys that options replace: those of `--set` first, then those with an option of their own.
    pub fn overrides(&self) -> Result<Vec<Override>, ConfigError> {
        let (mut overrides, mut problems) = (Vec::new(), Vec::new());
        for assignment in &self.set {
            match Override::set(assignment) {
                Ok(replaced) => overrides.push(replaced),
                Err(ConfigError(more)) => problems.extend(more),
            }
        }
        if !problems.is_empty() {
            return Err(ConfigError(problems));
        }
        let option = |name, key, value: Option<String>| Some(Override::option(name, key, value?));
        overrides.extend(option("--seed", "simulation.seed", self.seed.map(|seed| seed.to_string())));
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
