//! The command line as clap sees it: which commands there are.

use super::arguments::{AnalyzeArguments, CheckArguments, NetworkArguments, RunArguments, TheoryArguments};
use super::bench::{BenchArguments, CheckGpuArguments};
use super::compare::CompareArguments;
use super::connections::ConnectionsArguments;
use super::export::{ExportArguments, ImportArguments};
use super::init::InitArguments;
use super::resume::{ResumeArguments, VerifyArguments};
use super::shell::{CompletionsArguments, ManArguments};
use super::sweep::SweepArguments;
use clap::{Parser, Subcommand};

/// Builds and simulates the Human Multi-Area Model of cortex: from published tables to spikes.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
#[command(after_help = "\
Exit codes: 0 done, 1 the run failed, 2 the command line, configuration or a table is wrong, 3 runs differ by more than seeds.

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
    /// Go on with a run that was stopped, or make a run longer
    ///
    /// Reads the checkpoint that a run has left, by --checkpoint-every or when it was stopped with
    /// Ctrl-C, and computes the rest, on any engine: the files are those of a run that was not stopped,
    /// byte for byte. RUN_DIR is the folder that the stopped run named; it ends in `.partial`. With --duration-ms a
    /// complete run goes on from its end, to the files of a run of that length.
    Resume(ResumeArguments),
    /// Compute a run again, as far as asked, and compare its spikes
    ///
    /// Builds the network of the run's configuration anew and holds the SHA-256 of its spikes against
    /// that of the recorded ones. Exit code 3 if they differ.
    Verify(VerifyArguments),
    /// Make statistics, figures and report of a run again
    ///
    /// Reads the run folder, needs no engine, and writes the folder `analysis` in it: rates, CV ISI,
    /// LvR, correlation, synaptic currents and functional connectivity, BOLD, spectra, communities,
    /// similarity to experiment; the folder `figures`; and report.html, which shows it all. Of a run that was
    /// stopped, which `.partial` names, what is saved up to its checkpoint is written and analysed as a run that ends
    /// there; the stopped run can still go on. The last line of the output is `analysis directory: PATH`.
    Analyze(AnalyzeArguments),
    /// Tell whether runs differ by more than their seeds
    ///
    /// Compares the first run with each of the others, or, with --against, several seeds of one side
    /// with several of another: per population the Kolmogorov-Smirnov and the earth mover's distance
    /// of rate, CV ISI, LvR and correlation. A run is a run folder, an output folder of the model's
    /// NEST implementation (population_GIDs.dat, spikes/*.dat), or `experiment` for the measurements
    /// that come with the program. If there is NEST output alone, --like or --populations tells what it is
    /// of, as for `import`.
    ///
    /// If there are at least three pairs of seeds on a side, means over populations (Student's t)
    /// and earth mover's distances (prediction bound) are held against those between seeds; with
    /// fewer, differences area by area (Student's t). Exit code 3 if the sides differ by more than
    /// seeds, or if that cannot be told.
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
    /// Reads spikes/*.dat, the files of NEST's spike recorders in ASCII, and writes the run folder
    /// OUT/NAME/NETWORK HASH/nest-HASH. With --like, network, duration and resolution are those of a
    /// configuration or of another run; populations must be the same and have as many neurons. With
    /// --populations, they stand in a table, and --duration-ms and --set simulation.dt_ms=MS tell the rest.
    /// No run of an engine is replaced by an import or taken for one. The last line of the output is
    /// `run directory: PATH`.
    ///
    /// population_GIDs.dat tells which senders are of which population. It has a line a population with
    /// name, first and last sender, both included:
    ///
    ///     ('cuneus', 'II/III', 'E');1;38
    ///
    /// The names are area, layer and population; `('II/III', 'E');1;38` has no area. A line without names,
    /// `1;38`, is of the next population of the network. Populations that it lacks were not recorded: they
    /// are absent, not silent. With --populations the file may be missing: NEST has then numbered the
    /// neurons from 1 in the order of the table. Each file in spikes has the columns `sender time_ms`, or
    /// `sender time_step time_offset` of a recorder with time_in_steps; spikes.gdf is not read.
    Import(ImportArguments),
    /// Simulate every combination of values of some keys, and sum them up
    ///
    /// Runs and networks that are there are used, so a sweep that was stopped goes on when it is started
    /// again: only the points that were running are lost. On the CPU engine points are made side by side,
    /// one a thread. A point that fails is noted with its reason and
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
    /// its residual, and the state at the pseudo-time that publications report. With --csv also the
    /// rates of every population.
    Theory(TheoryArguments),
    /// Tell size, memory and time of a run before anything is built
    Check(CheckArguments),
    /// Tell who is connected to whom: the synapses between populations, their degrees, weights and delays
    ///
    /// Draws only the synapses between the chosen populations of a configuration, or of the network of a run folder.
    /// Populations are chosen by the words of their names, such as "precuneus II/III E", "precuneus", "* V". Neurons
    /// are numbered as in run folders; --degrees tells the population of each.
    Connections(ConnectionsArguments),
    /// Measure build, start and simulation, without a run folder
    ///
    /// Builds the synapses once, warms up, simulates several times and takes the median, and once more
    /// with clocks for the stages of a step. The output is Markdown.
    Bench(BenchArguments),
    /// Verify the GPU against the CPU engine, spike by spike, and measure both
    ///
    /// Needs nothing but this program: runs built-in configurations by both engines, measures them, and
    /// compares their spikes: the down-scaled model, an area at full density, and on hardware the
    /// microcircuit and the full model. What is too large for the machine is named and left out. Exit
    /// code 3 if the GPU is not verified.
    CheckGpu(CheckGpuArguments),
    /// List the areas of the human model: names, short names, layers, neurons
    Areas,
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
