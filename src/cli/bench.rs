//! `bench` and `check-gpu`.

use super::arguments::{ConfigArguments, EngineArguments, file};
use super::bench_report;
use super::progress::Terminal;
use super::{Done, End};
use anyhow::Result;
use clap::Args;
use humam_gpu::config::{self, Config, Override};
use humam_gpu::run::bench::{BenchError, GpuCheckOptions, Report, check_gpu as check, measure};
use humam_gpu::simulation::recording::write_whole;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub struct BenchArguments {
    #[command(flatten)]
    pub config: ConfigArguments,
    #[command(flatten)]
    pub engine: EngineArguments,

    /// Measure at each of these scales, n_scaling = k_scaling, and how time per synaptic event grows
    #[arg(long, value_name = "SCALE,…", value_delimiter = ',', allow_negative_numbers = true)]
    pub scales: Vec<f64>,

    /// Simulations of which the median counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repeat: u32,

    /// Write the measurements as JSON
    #[arg(long, value_name = "FILE", value_parser = file)]
    pub json: Option<PathBuf>,

    /// Write the measurements as Markdown
    #[arg(long, value_name = "FILE", value_parser = file)]
    pub markdown: Option<PathBuf>,

    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// Arguments of `check-gpu`.
#[derive(Debug, Args)]
pub struct CheckGpuArguments {
    /// Only what takes seconds on a software adapter
    #[arg(long)]
    pub small: bool,

    /// Words of the name and interface of the graphics adapter, as listed by `adapters`
    #[arg(long, value_name = "NAME")]
    pub adapter: Option<String>,

    /// Memory of the graphics adapter, GiB: how much is planned with
    #[arg(long, value_name = "GIB", value_parser = gib)]
    pub gpu_memory: Option<f64>,

    /// Threads of set-up and of the CPU engine
    #[arg(long, value_name = "N", value_parser = threads)]
    pub threads: Option<usize>,

    /// Write everything that was found as JSON, after each part anew
    #[arg(long, value_name = "FILE", value_parser = file)]
    pub json: Option<PathBuf>,

    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// A number of threads.
fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".to_owned()),
        Ok(threads) => Ok(threads),
        Err(error) => Err(format!("{error}")),
    }
}

/// An amount of memory.
fn gib(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(gib) if gib > 0.0 && gib < f64::INFINITY => Ok(gib),
        _ => Err("must be a number above 0".to_owned()),
    }
}

/// `bench`.
pub fn bench(arguments: &BenchArguments) -> Result<String> {
    // All of them are looked at before any is measured.
    let configs = configurations(arguments)?;
    let mut terminal = Terminal::new(arguments.quiet);
    let measured = configs.iter().map(|config| measure(config, arguments.repeat, &mut terminal));
    let measured = measured.collect::<Result<Vec<_>, BenchError>>();
    terminal.finish();
    let report = Report::new(measured?);
    let text = bench_report::measurements(&report);
    if let Some(path) = &arguments.json {
        write_json(path, &report)?;
    }
    if let Some(path) = &arguments.markdown {
        write(path, &text)?;
    }
    Ok(text)
}

/// The configuration at each scale, or as it is if no scales are given.
fn configurations(arguments: &BenchArguments) -> Result<Vec<Config>> {
    let mut overrides = arguments.config.overrides()?;
    overrides.extend(arguments.engine.overrides());
    let path = &arguments.config.config;
    if arguments.scales.is_empty() {
        return Ok(vec![config::load(path, &overrides)?]);
    }
    let at_scale = |scale: &f64| {
        let keys = ["scaling.n_scaling", "scaling.k_scaling"];
        let scaled = keys.map(|key| Override::option("--scales", key, scale));
        let overrides: Vec<Override> = overrides.iter().cloned().chain(scaled).collect();
        Ok(config::load(path, &overrides)?)
    };
    arguments.scales.iter().map(at_scale).collect()
}

/// `check-gpu`.
pub fn check_gpu(arguments: &CheckGpuArguments) -> Result<Done> {
    let options = GpuCheckOptions {
        small: arguments.small,
        adapter: arguments.adapter.clone(),
        gpu_memory_gib: arguments.gpu_memory,
        threads: arguments.threads,
    };
    let mut terminal = Terminal::new(arguments.quiet);
    let mut written = Ok(());
    let checked = check(&options, &mut terminal, &mut |so_far| {
        if let Some(path) = arguments.json.as_ref().filter(|_| written.is_ok()) {
            written = write_json(path, so_far);
        }
    });
    terminal.finish();
    let checked = checked?;
    written?;
    let text = bench_report::gpu_check(&checked);
    Ok(Done { text, end: if checked.is_verified() { End::Success } else { End::Outside } })
}

fn write_json(path: &Path, content: &impl Serialize) -> Result<()> {
    write(path, &(serde_json::to_string_pretty(content)? + "\n"))
}

fn write(path: &Path, text: &str) -> Result<()> {
    Ok(write_whole(path, text.as_bytes())?)
}
