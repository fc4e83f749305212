//! `bench` and `check-gpu`.

use super::arguments::{BenchArguments, CheckGpuArguments};
use super::bench_report;
use super::progress::Terminal;
use anyhow::{Context, Result, bail};
use humam_gpu::bench::{BenchError, GpuCheckOptions, Report, check_gpu as check, measure};
use humam_gpu::config::{self, Config, Override};
use serde::Serialize;
use std::path::Path;

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

/// The configuration at each scale, or as it is where no scales are given.
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
pub fn check_gpu(arguments: &CheckGpuArguments) -> Result<String> {
    let options = GpuCheckOptions {
        small: arguments.small,
        adapter: arguments.adapter.clone(),
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
    if !checked.is_verified() {
        bail!("the GPU does not give the CPU engine's spikes, or could not be compared\n{text}");
    }
    Ok(text)
}

fn write_json(path: &Path, content: &impl Serialize) -> Result<()> {
    write(path, &(serde_json::to_string_pretty(content)? + "\n"))
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
