//! `connections`: who is connected to whom.

use super::arguments::{ConfigArguments, file};
use super::pictures::{picture, write_picture};
use super::progress::Terminal;
use super::report::line;
use anyhow::Result;
use clap::Args;
use humam_gpu::analysis::RunFolder;
use humam_gpu::config::{self, Config};
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::model_network;
use humam_gpu::model::network::{NetworkSpec, PopulationSelector};
use humam_gpu::output::export::connections::{ConnectionSummary, Connections, ConnectionsError, Moments};
use humam_gpu::output::figures::{connections as figure, mean_and_sd};
use humam_gpu::progress::{Progress, Stage};
use humam_gpu::run::RunError;
use humam_gpu::simulation::recording::write_whole;
use std::path::PathBuf;

/// Arguments of `connections`.
#[derive(Debug, Args)]
pub struct ConnectionsArguments {
    #[command(flatten)]
    pub config: ConfigArguments,

    /// Source populations, such as "cuneus" or "cuneus V E"
    #[arg(long, value_name = "SELECTOR")]
    pub from: String,

    /// Target populations
    #[arg(long, value_name = "SELECTOR")]
    pub to: String,

    /// Write every synapse: source, target, weight in pA, delay in ms; as .csv, .npy or .parquet
    #[arg(long, value_name = "FILE", value_parser = table)]
    pub file: Option<PathBuf>,

    /// Write in- and out-degree of every neuron as CSV
    #[arg(long, value_name = "FILE", value_parser = file)]
    pub degrees: Option<PathBuf>,

    /// Draw degrees, weights and delays as .png or .svg
    #[arg(long, value_name = "FILE", value_parser = picture)]
    pub figure: Option<PathBuf>,

    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// A file that can be written later, of synapses.
fn table(text: &str) -> Result<PathBuf, String> {
    let path = file(text)?;
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("csv" | "npy" | "parquet") => Ok(path),
        _ => Err("must end in .csv, .npy or .parquet".to_owned()),
    }
}

/// `connections`.
pub fn connections(arguments: &ConnectionsArguments) -> Result<String> {
    let mut terminal = Terminal::new(arguments.quiet);
    let (config, spec) = network(&arguments.config, &mut terminal)?;
    terminal.stage(Stage::Synapses);
    let [from, to] = [&arguments.from, &arguments.to].map(|text| PopulationSelector(text.clone()));
    let connections = Connections::new(&spec, &config.build_options(), &from, &to)?;
    let interruption = terminal.interruption();
    let summary = connections.sum_up(&interruption)?;
    if let Some(path) = &arguments.file {
        connections.write(path, &interruption)?;
    }
    if let Some(path) = &arguments.degrees {
        write_whole(path, connections.degrees_csv(&summary).as_bytes())?;
    }
    if let Some(path) = &arguments.figure {
        write_picture(path, figure(&connections, &summary, [&arguments.from, &arguments.to]))?;
    }
    terminal.finish();
    Ok(report(arguments, &connections, &summary))
}

/// Configuration and network of a run folder, or of a configuration.
fn network(arguments: &ConfigArguments, terminal: &mut Terminal) -> Result<(Config, NetworkSpec)> {
    let overrides = arguments.overrides()?;
    if arguments.config.is_dir() {
        if !overrides.is_empty() {
            return Err(ConnectionsError::NetworkIsMade { folder: arguments.config.clone() }.into());
        }
        let run = RunFolder::open(&arguments.config, &[])?;
        return Ok((run.config, run.stored.network));
    }
    let config = config::load(&arguments.config, &overrides)?;
    let tables = Tables::load(&config.anatomy).map_err(RunError::from)?;
    let derived = model_network(&config.model_options(), &tables, terminal).map_err(RunError::from)?;
    Ok((config, derived.network))
}

/// A number with two decimals at most.
fn shown(value: f64) -> String {
    ((value * 100.0).round() / 100.0).to_string()
}

fn report(
    arguments: &ConnectionsArguments,
    connections: &Connections<'_>,
    summary: &ConnectionSummary,
) -> String {
    let mut text = String::new();
    let ends = |selector: &str, populations: &[usize]| {
        let neurons: u64 =
            populations.iter().map(|&index| u64::from(connections.spec().populations[index].neurons)).sum();
        format!("{selector}: {} populations, {neurons} neurons", populations.len())
    };
    let spread = |moments: &Moments, unit: &str| match moments.n {
        0 => "none".to_owned(),
        _ => format!(
            "{} {unit}, from {} to {}",
            mean_and_sd(moments),
            shown(moments.least),
            shown(moments.greatest)
        ),
    };
    line(&mut text, "from", &ends(&arguments.from, connections.sources()));
    line(&mut text, "to", &ends(&arguments.to, connections.targets()));
    line(&mut text, "synapses", &connections.n_synapses().to_string());
    line(
        &mut text,
        "in-degree",
        &spread(&summary.of_degrees(connections, true).0, "synapses a target neuron"),
    );
    line(
        &mut text,
        "out-degree",
        &spread(&summary.of_degrees(connections, false).0, "synapses a source neuron"),
    );
    line(&mut text, "weight", &spread(&summary.weights_pa, "pA"));
    line(&mut text, "delay", &spread(&summary.delays_ms, "ms"));
    for (name, path) in
        [("file", &arguments.file), ("degrees", &arguments.degrees), ("figure", &arguments.figure)]
    {
        if let Some(path) = path {
            line(&mut text, name, &path.display().to_string());
        }
    }
    text
}
