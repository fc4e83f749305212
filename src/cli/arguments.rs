//! The command line as clap sees it.

use super::bench::{BenchArguments, CheckGpuArguments};
use super::compare::CompareArguments;
use super::export::{ExportArguments, ImportArguments};
use super::init::InitArguments;
use super::resume::{ResumeArguments, VerifyArguments};
use super::shell::{CompletionsArguments, ManArguments};
use super::sweep::SweepArguments;
use clap::{Args, Parser, Subcommand};
use humam_gpu::config::{ConfigError, Override, Problem};
use humam_gpu::output::figures::Format;
use std::path::{Path, PathBuf};

/// Builds and simulates the Human Multi-Area Model of cortex: from published tables to spikes.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
#[command(after_help = "\
Exit codes: 0 done, 1 the run failed, 2 the command line, configuration or a table is wrong, 3 what was
compared differs by more than seeds.

Example: humam-gpu run configs/downscaled.ron --set weights.chi=2.5")]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a commented configuration to start from
    ///
    /// Copies a built-in configuration, its comments included, to NAME.ron in the current folder. Of
    /// these downscaled and microcircuit explain every key. A file that is there stays, unless --force is
    /// given. The last line of the output is `configuration: FILE`.
    Init(InitArguments),
    /// Simulate a configuration, or find its run if it is there
    ///
    /// Derives the network from the tables, builds every synapse, simulates, and writes the run
    /// folder OUT/NAME/NETWORK HASH/SIMULATION HASH with the statistics of the run. A network or run that is there already is
    /// used; a run made by another engine or adapter than the one asked for is made again and
    /// compared. The last line of the output is `run directory: PATH`.
    Run(RunArguments),
    /// Go on with a run that was stopped
    ///
    /// Reads the checkpoint that a run has left, by --checkpoint-every or where it was stopped with
    /// Ctrl-C, and computes the rest, on any engine: the files are those of a run that was not stopped,
    /// byte for byte. RUN_DIR is the folder that the stopped run named; it ends in `.partial`.
    Resume(ResumeArguments),
    /// Compute a run again, as far as asked, and compare its spikes
    ///
    /// Builds the network of the run's configuration anew and holds the SHA-256 of its spikes against
    /// that of the recorded ones. Exit code 3 where they differ.
    Verify(VerifyArguments),
    /// Make statistics, figures and report of a run again
    ///
    /// Reads the run folder, needs no engine, and writes the folder `analysis` in it: rates, CV ISI,
    /// LvR, correlation, synaptic currents and functional connectivity, BOLD, spectra, communities,
    /// similarity to experiment; the folder `figures`; and report.html, which shows it all. The last line of the output
    /// is `analysis directory: PATH`.
    Analyze(AnalyzeArguments),
    /// Tell whether runs differ by more than their seeds
    ///
    /// Compares the first run with each of the others, or, with --against, several seeds of one side
    /// with several of another: per population the Kolmogorov-Smirnov and the earth mover's distance
    /// of rate, CV ISI, LvR and correlation. A run is a run folder, an output folder of the model's
    /// NEST implementation (population_GIDs.dat, spikes/*.dat), or `experiment` for the measurements
    /// that come with the program.
    ///
    /// Where there are at least three pairs of seeds on a side, means over populations (Student's t)
    /// and earth mover's distances (prediction bound) are held against those between seeds; with
    /// fewer, differences area by area (Student's t). Exit code 3 where the sides differ by more than
    /// seeds, or where that cannot be told.
    Compare(CompareArguments),
    /// Write a run in a format that other programs read
    ///
    /// nest: text as the model's NEST implementation writes it (population_GIDs.dat, spikes/*.dat), and
    /// spikes.gdf for Neo's NestIO. sonata: HDF5 for libsonata: spikes, nodes, edges with weights and
    /// delays, circuit_config.json. parquet: spikes and populations as tables, for pandas and others.
    /// npz: the same as NumPy arrays. Time is in ms; neurons count from 0, in NEST from 1. The last
    /// line of the output is `export directory: PATH`.
    Export(ExportArguments),
    /// Write output of NEST as a run, which analyze, compare and export read
    ///
    /// Reads population_GIDs.dat and spikes/*.dat as the model's NEST implementation writes them, and
    /// writes the run folder OUT/NAME/NETWORK HASH/nest-HASH. The network, duration and resolution are
    /// those of a configuration or of another run; populations must be the same and have as many
    /// neurons. No run of an engine is replaced by it or taken for it. The last line of the output is
    /// `run directory: PATH`.
    Import(ImportArguments),
    /// Simulate every combination of values of some keys, and sum them up
    ///
    /// Runs and networks that are there are used, so a sweep that was stopped goes on when it is started
    /// again: only the point that was running is lost. A point that fails is noted with its reason and
    /// the others are made; the exit code is 1 then. Writes summary.csv, one row a point, and a figure to
    /// OUT/NAME/sweeps/SWEEP-HASH; the figure has one axis or two. CONFIG may also be a sweep, such as
    /// configs/sweeps/chi.ron or the built-in `chi`, whose keys options replace. `analyze` makes figures
    /// and report of a single run. The last line of the output is `sweep directory: PATH`.
    Sweep(SweepArguments),
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
    /// Measure build, start and simulation, without a run folder
    ///
    /// Builds the synapses once, warms up, simulates several times and takes the median, and once more
    /// with clocks for the stages of a step. The output is Markdown.
    Bench(BenchArguments),
    /// Verify the GPU against the CPU engine, spike by spike, and measure both
    ///
    /// Needs nothing but this program: runs built-in configurations by both engines in a temporary
    /// folder and compares them, then measures all that fit the machine: the down-scaled model, the
    /// microcircuit, an area at full density, the full model. What cannot be measured is reported and
    /// left out.
    CheckGpu(CheckGpuArguments),
    /// List the engines and graphics adapters of this machine
    Adapters,
    /// Print what makes a shell complete commands, options and their values
    ///
    /// Bash reads it from ~/.local/share/bash-completion/completions/humam-gpu, fish from
    /// ~/.config/fish/completions/humam-gpu.fish, zsh from a file _humam-gpu in a folder of its fpath;
    /// elvish and PowerShell read it where their own start-up file reads it.
    Completions(CompletionsArguments),
    /// Print the manual page
    ///
    /// One page with all commands, for `man -l FILE`. With --to, a page for each command in a folder,
    /// such as ~/.local/share/man/man1, where `man humam-gpu-run` finds it; the last line of the output
    /// is then `manual directory: PATH`.
    Man(ManArguments),
}

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

    /// Part of the name of the graphics adapter, as listed by `adapters` [key: engine.adapter]
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
fn set(assignments: &[String]) -> Result<Vec<Override>, ConfigError> {
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
