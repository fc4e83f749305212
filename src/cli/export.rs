//! `export` and `import`: runs in the formats of other programs.

use super::arguments::OutputArguments;
use super::nest_network::{NestNetwork, NestNetworkArguments};
use super::progress::Terminal;
use super::report;
use anyhow::{Context, Result};
use clap::{ArgGroup, Args, ValueEnum};
use humam_gpu::analysis::RunFolder;
use humam_gpu::disk::Place;
use humam_gpu::output::export::{self, Format, Options, default_target};
use humam_gpu::run::{self, Output};
use std::path::PathBuf;

/// Formats as they are typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum FormatName {
    Nest,
    Sonata,
    Parquet,
    Npz,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Nest => Self::Nest,
            FormatName::Sonata => Self::Sonata,
            FormatName::Parquet => Self::Parquet,
            FormatName::Npz => Self::Npz,
        }
    }
}

/// Arguments of `export`.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// Run folder, as named in the last line of `run`
    #[arg(value_name = "RUN_DIR")]
    pub run: PathBuf,

    /// Format
    #[arg(long, value_name = "FORMAT")]
    pub format: FormatName,

    /// Folder that is written [default: RUN_DIR/export/FORMAT]
    #[arg(long, value_name = "FOLDER")]
    pub to: Option<PathBuf>,

    /// Most synapses that are written as edges, 64 bytes each (sonata)
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    pub max_synapses: u64,

    /// Leave out the edges, whatever their number (sonata)
    #[arg(long, conflicts_with = "max_synapses")]
    pub no_edges: bool,

    /// Replace an export that is there
    #[arg(long)]
    pub force: bool,

    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("network").args(["like", "populations"]).required(true))]
pub struct ImportArguments {
    /// Output folder of NEST
    #[arg(value_name = "NEST_DIR")]
    pub nest: PathBuf,

    #[command(flatten)]
    pub network: NestNetworkArguments,

    #[command(flatten)]
    pub output: OutputArguments,
}

/// `export`.
pub fn export(arguments: &ExportArguments) -> Result<String> {
    let format = arguments.format.into();
    let run = RunFolder::open(&arguments.run, &[])?;
    let target = match &arguments.to {
        Some(folder) => Place::from(&std::path::absolute(folder)?),
        None => default_target(&std::path::absolute(&arguments.run)?, format),
    };
    let max_synapses = (!arguments.no_edges).then_some(arguments.max_synapses);
    let options = Options { max_synapses, force: arguments.force };
    let mut terminal = Terminal::new(arguments.quiet);
    let exported = export::export(&run, format, &target, options, &mut terminal);
    terminal.finish();
    Ok(report::kept(&exported?) + &format!("export directory: {}\n", target.path().display()))
}

/// `import`.
pub fn import(arguments: &ImportArguments) -> Result<String> {
    let network = arguments.network.read()?.context("--like or --populations is needed")?;
    let OutputArguments { out, force, quiet } = &arguments.output;
    let mut terminal = Terminal::new(*quiet);
    let output = Output { folder: out.clone(), force: *force };
    let NestNetwork { config, own } = &network;
    let imported = match own {
        Some(own) => run::import_own_nest(&arguments.nest, own, config, &output, &mut terminal),
        None => run::import_nest(&arguments.nest, config, &output, &mut terminal),
    };
    terminal.finish();
    Ok(report::import(&imported?, config))
}
