//! What goes to stdout of runs and networks.

use humam_gpu::analysis::{Analysis, Interval, Known, interval, key_figures};
use humam_gpu::config::Config;
use humam_gpu::engine::gpu::{AdapterInfo, adapters as gpu_adapters};
use humam_gpu::model::network::NetworkSpec;
use humam_gpu::run::{FoundNetwork, Outcome, RunReport, UpToCheckpoint, Verified};
use humam_gpu::simulation::recording::{Making, Manifest, NetworkManifest, TheoryRecord};
use humam_gpu::telling::shell_word;
use std::fmt::Write;
use std::path::PathBuf;

const MS_PER_S: f64 = 1000.0;
const BYTES_PER_MB: f64 = 1e6;
/// Digits of a hash that tell it from others.
const DIGITS: usize = 16;

/// What was made of a run.
pub struct ShownRun {
    pub analysis: Analysis,
    /// `None` if nothing may be written.
    pub folder: Option<PathBuf>,
    pub figures: Option<PathBuf>,
    pub report: Option<PathBuf>,
}

/// The summary of a run, with the lines of its statistics.
pub fn run(report: &RunReport, config: &Config, statistics: &str) -> String {
    let manifest = &report.manifest;
    let mut text = network_lines(&report.network);
    let outcome = match report.outcome {
        Outcome::Made => "made".to_owned(),
        Outcome::Reused => found_run(report),
        Outcome::Confirmed => "made again: the spikes are those of the run that is there".to_owned(),
    };
    line(&mut text, "run", &outcome);
    manifest.warnings.iter().for_each(|warning| line(&mut text, "warning", warning));
    let making = match report.outcome {
        Outcome::Confirmed => manifest.also_made_by.last().unwrap_or(&manifest.made_by),
        _ => &manifest.made_by,
    };
    line(&mut text, "engine", &engine(making));
    line(&mut text, "spikes", &spikes(manifest));
    line(&mut text, "mean rate", &mean_rates(report, config));
    line(&mut text, "time", &timings(report, making, config));
    if let Some(bytes) = making.peak_host_bytes {
        let device = match making.engine_device_bytes {
            0 => String::new(),
            bytes => format!(", {:.0} MB on the device", bytes as f64 / BYTES_PER_MB),
        };
        line(&mut text, "peak memory", &format!("{:.0} MB{device}", bytes as f64 / BYTES_PER_MB));
    }
    text + &kept(&report.kept) + &format!("{statistics}run directory: {}\n", report.folder.display())
}

/// A line with what stays in a folder that was replaced.
pub fn kept(kept: &[PathBuf]) -> String {
    let mut text = String::new();
    if !kept.is_empty() {
        let names: Vec<String> = kept.iter().map(|path| path.display().to_string()).collect();
        line(&mut text, "kept", &format!("{}, which this program did not write", names.join(", ")));
    }
    text
}

/// What came of computing a run again.
pub fn verified(verified: &Verified) -> String {
    let mut text = String::new();
    let Verified { made_by, by, n_steps, of_steps, recorded, computed, same_until } = verified;
    line(&mut text, "run made by", &format!("{}, {}", made_by.engine, made_by.adapter));
    line(&mut text, "computed by", &format!("{}, {}", by.engine, by.adapter));
    line(&mut text, "steps", &format!("{n_steps} of {of_steps}"));
    for (name, (n_spikes, hash)) in [("recorded", recorded), ("computed", computed)] {
        line(&mut text, name, &format!("{n_spikes} spikes, SHA-256 {hash}"));
    }
    let outcome = match same_until {
        None => "the spikes are the same".to_owned(),
        Some(step) => format!("the spikes DIFFER, and are the same up to step {step}"),
    };
    text + &outcome + "\n"
}

fn mean_rates(report: &RunReport, config: &Config) -> String {
    let from_ms = config.simulation.statistics_from_ms;
    let simulated = match report.mean_rate_hz {
        Some(rate) => format!("{rate:.3} spikes/s simulated from {from_ms} ms on"),
        None => format!("none simulated: the run ends before statistics start at {from_ms} ms"),
    };
    let predicted = predicted(&report.network);
    format!("{simulated}, {predicted} (mean over populations)")
}

/// The summary of an import.
pub fn import(report: &RunReport, config: &Config) -> String {
    let mut text = network_lines(&report.network);
    let outcome = match report.outcome {
        Outcome::Reused => found_run(report),
        _ => "imported".to_owned(),
    };
    line(&mut text, "run", &outcome);
    line(&mut text, "spikes", &report.manifest.n_spikes.to_string());
    line(&mut text, "mean rate", &mean_rates(report, config));
    text + &kept(&report.kept) + &format!("run directory: {}\n", report.folder.display())
}

/// What of a stopped run is analysed.
pub fn stopped(stopped: &UpToCheckpoint) -> String {
    let UpToCheckpoint { folder, stopped, done_ms, of_ms } = stopped;
    let mut text = String::new();
    let go_on = shell_word(&stopped.display().to_string());
    line(
        &mut text,
        "stopped",
        &format!("{done_ms} of {of_ms} ms are saved, and analysed as a run that ends there"),
    );
    line(&mut text, "run", &folder.display().to_string());
    line(&mut text, "go on with", &format!("humam-gpu resume {go_on}"));
    text
}

/// The summary of an analysis.
pub fn analysis(made: &ShownRun) -> String {
    let ShownRun { analysis, folder, .. } = made;
    let mut text = statistics(analysis);
    let rate = key_figures(analysis).into_iter().find(|figure| figure.quantity == "mean_rate_hz");
    if let Some(rate) = rate {
        line(&mut text, "mean rate", &known(&rate.value, " spikes/s (mean over populations)"));
    }
    let folder = folder.as_ref().map(|folder| format!("analysis directory: {}\n", folder.display()));
    text + &shown(made) + &folder.unwrap_or_default()
}

/// Lines with what shows an analysis.
pub fn shown(made: &ShownRun) -> String {
    let mut text = String::new();
    if made.folder.is_none() {
        line(&mut text, "analysis", "not written: the run's folder may only be read");
    }
    for (label, path) in [("figures", &made.figures), ("report", &made.report)] {
        if let Some(path) = path {
            line(&mut text, label, &path.display().to_string());
        }
    }
    text
}

/// Numbers of spikes, simulated and kept.
fn spikes(manifest: &Manifest) -> String {
    match manifest.recorded_spikes() {
        n if n == manifest.n_spikes => n.to_string(),
        n => format!("{}, of which {n} were recorded", manifest.n_spikes),
    }
}

/// Lines with the key figures of an analysis, the mean rate apart.
pub fn statistics(analysis: &Analysis) -> String {
    let figures = key_figures(analysis);
    let value = |quantity: &str| {
        let figure = figures.iter().find(|figure| figure.quantity == quantity);
        figure.map_or_else(String::new, |figure| known(&figure.value, ""))
    };
    let mut text = String::new();
    line(&mut text, "CV ISI", &value("mean_cv_isi"));
    line(&mut text, "LvR", &value("mean_lvr"));
    line(&mut text, "correlation", &value("mean_correlation"));
    let spiking = [("rate", "rate_similarity"), ("CV", "cv_similarity"), ("LvR", "lvr_similarity")];
    let similarity = match &analysis.experiment.spiking {
        Ok(found) => {
            let values = spiking.map(|(name, quantity)| format!("{name} {}", value(quantity)));
            format!("{} of {} ({} snippets)", values.join(", "), found.area, found.n_snippets)
        }
        Err(absence) => format!("none: {absence}"),
    };
    line(&mut text, "1 − KS", &similarity);
    let fmri = ["left", "right"].map(|side| {
        let quantity = format!("fmri_similarity_{side}");
        format!("{side} {}{}", value(&quantity), of_interval(interval(&figures, &quantity)))
    });
    line(&mut text, "fMRI", &fmri.join(", "));
    text
}

/// An interval behind its value.
pub fn of_interval(interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |Interval { low, high }| format!(" (95 %: {low:.4} to {high:.4})"))
}

fn known(value: &Known<f64>, unit: &str) -> String {
    match value {
        Ok(value) => format!("{value:.4}{unit}"),
        Err(absence) => format!("none: {absence}"),
    }
}

/// The summary of a network.
pub fn network(found: &FoundNetwork) -> String {
    let mut text = network_lines(found);
    line(&mut text, "mean rate", &predicted(found));
    text + &format!("network directory: {}\n", found.folder.display())
}

fn network_lines(found: &FoundNetwork) -> String {
    let network = &found.stored.network;
    let mut text = String::new();
    line(&mut text, "network", &network_origin(found));
    line(&mut text, "neurons", &network.n_neurons().to_string());
    line(&mut text, "synapses", &network.n_synapses().to_string());
    in_degrees(&mut text, network);
    if let Some(theory) = found.stored.dc_theory.as_ref().filter(|theory| !theory.converged) {
        line(
            &mut text,
            "warning",
            &format!("the full-scale theory behind the DC input {}", not_converged(theory)),
        );
    }
    text
}

/// What rounding changed.
pub fn in_degrees(text: &mut String, network: &NetworkSpec) {
    if let Some(rounding) = network.rounding() {
        line(text, "in-degrees", &rounding);
    }
}

/// Where a network comes from, and what it was made from.
fn network_origin(found: &FoundNetwork) -> String {
    let NetworkManifest { version, made_on, tables_sha256, .. } = &found.manifest;
    let tables = found.manifest.tables();
    if !found.reused {
        return format!("derived from {tables}");
    }
    let digest = tables_sha256.get(..DIGITS).unwrap_or(tables_sha256);
    let folder = found.folder.display();
    format!(
        "found and used again: {folder} (from {tables}, SHA-256 {digest}…, made by version {version} on {made_on}); \
         --force makes it anew"
    )
}

/// Which run was found.
fn found_run(report: &RunReport) -> String {
    let Manifest { version, made_by, .. } = &report.manifest;
    let (folder, engine) = (report.folder.display(), &made_by.description.engine);
    format!("found and used again: {folder} (made by version {version}, {engine}); --force makes it anew")
}

fn predicted(found: &FoundNetwork) -> String {
    let Some(mean) = found.stored.mean_theory_rate_hz() else { return "none predicted".to_owned() };
    let theory = &found.stored.with_dc;
    let trust =
        if theory.converged { String::new() } else { format!(" by a theory that {}", not_converged(theory)) };
    format!("{mean:.3} spikes/s predicted{trust}")
}

fn not_converged(theory: &TheoryRecord) -> String {
    format!("has not converged (residual {:.1e} 1/s)", theory.residual_hz)
}

fn engine(making: &Making) -> String {
    let description = &making.description;
    let driver =
        if description.driver.is_empty() { String::new() } else { format!(", {}", description.driver) };
    format!("{} ({}{driver})", description.engine, description.adapter)
}

fn timings(report: &RunReport, making: &Making, config: &Config) -> String {
    let model_s = config.simulation.duration_ms / MS_PER_S;
    let Making { build_s, simulate_s, real_time_factor, .. } = making;
    format!(
        "network {:.2} s, build {build_s:.2} s, simulation {simulate_s:.2} s for {model_s} s of model time \
         (real-time factor {real_time_factor:.3})",
        report.network.seconds
    )
}

/// A line with a label.
pub fn line(text: &mut String, label: &str, value: &str) {
    let label = format!("{label}:");
    // Writing to a string does not fail.
    let _ = writeln!(text, "{label:<14}{value}");
}

/// Millions of bytes.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / BYTES_PER_MB)
}

/// The list of `adapters`.
pub fn adapters() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut text = format!("cpu: {cores} threads\n");
    let gpus = gpu_adapters();
    for AdapterInfo { name, kind, backend, driver, limits, int64, .. } in &gpus {
        let integers = if *int64 { "64-bit integers" } else { "no 64-bit integers" };
        let _ = writeln!(
            text,
            "gpu: {name} ({kind}, {backend}, {driver}), buffers up to {} MB, bindings up to {} MB, {integers}",
            megabytes(limits.buffer_bytes),
            megabytes(limits.binding_bytes),
        );
    }
    if gpus.is_empty() {
        text += "gpu: none found; a Vulkan, Metal or DirectX 12 driver is needed\n";
    }
    text
}
