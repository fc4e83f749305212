//! What the run was made from, and how.

use super::html::{details, element, escaped, facts, paragraph};
use crate::analysis::Analysis;
use crate::config::{self, Config};
use crate::model::{ModelKind, NetworkSource, described_network};
use crate::output::figures::thousands;
use crate::simulation::recording::{Circumstances, Making, REVISION};

const BYTES_PER_MB: f64 = 1e6;

/// The keys that matter most, and all of them on demand.
pub fn configuration(analysis: &Analysis) -> String {
    let config = &analysis.run.config;
    let scaling = &config.scaling;
    let method = format!("{:?}", scaling.method).to_lowercase();
    let mut rows = vec![
        ("name", config.name.clone().unwrap_or_else(|| "unnamed".to_owned())),
        ("model", model(&config.model)),
    ];
    if let Some(areas) = &config.areas {
        rows.push(("areas", areas.join(", ")));
    }
    rows.extend([
        ("neurons kept", scaling.n_scaling.to_string()),
        ("in-degree kept", scaling.k_scaling.to_string()),
        ("scaling", method),
    ]);
    if config.model == ModelKind::Human {
        rows.push(("χ, χ_I", format!("{}, {}", config.weights.chi, config.weights.chi_i())));
    }
    rows.extend([
        (
            "model time",
            format!("{} ms in steps of {} ms", config.simulation.duration_ms, config.simulation.dt_ms),
        ),
        ("statistics from", format!("{} ms on", analysis.window.from_ms())),
    ]);
    let whole = format!("<pre>{}</pre>\n", escaped(&config::to_ron(config)));
    let note = match analysis.run.manifest.imported {
        None if names_files(config) => {
            "Running this text again gives the same spikes, on any machine and engine, as long as the files that it \
             names are the same."
        }
        None => "Running this text again gives the same spikes, on any machine and engine.",
        Some(_) => "The spikes were imported as those of this text's network; running it gives others.",
    };
    facts(&rows) + &details("Every key (RON)", &(paragraph(note) + &whole))
}

/// The model in words.
fn model(model: &ModelKind) -> String {
    match model {
        ModelKind::Human => "human".to_owned(),
        ModelKind::Microcircuit => "microcircuit".to_owned(),
        ModelKind::Network(NetworkSource::File(file)) => format!("network of {}", file.display()),
        ModelKind::Network(NetworkSource::Text(_)) => "network, described below".to_owned(),
        ModelKind::Imported => "imported".to_owned(),
    }
}

/// Whether a configuration needs other files than those of its run folder.
fn names_files(config: &Config) -> bool {
    let of_network = match &config.model {
        ModelKind::Network(NetworkSource::File(_)) => true,
        ModelKind::Network(source) => {
            described_network(source).is_some_and(|network| network.synapse_files().next().is_some())
        }
        ModelKind::Human | ModelKind::Microcircuit | ModelKind::Imported => false,
    };
    config.anatomy.tables.is_some() || of_network
}

/// Hashes, versions, engines and times.
pub fn provenance(analysis: &Analysis) -> String {
    let manifest = &analysis.run.manifest;
    let mut rows = vec![
        ("program", format!("humam-gpu {}", manifest.version)),
        ("report made by", format!("humam-gpu {}", env!("CARGO_PKG_VERSION"))),
    ];
    rows.extend(REVISION.map(|revision| ("from Git revision", revision.to_owned())));
    match &manifest.imported {
        None => rows.push(("seed", manifest.seed.to_string())),
        Some(imported) => {
            rows.push(("spikes imported from", imported.program.clone()));
            rows.push(("SHA-256 of the spikes", imported.spikes_sha256.clone()));
        }
    }
    rows.extend([
        ("network hash", manifest.network_hash.clone()),
        ("simulation hash", manifest.simulation_hash.clone()),
        ("neurons", thousands(manifest.n_neurons)),
        ("synapses", thousands(manifest.n_synapses)),
    ]);
    rows.extend(analysis.run.stored.network.rounding().map(|rounding| ("in-degrees", rounding)));
    rows.extend([
        ("spikes", thousands(manifest.n_spikes)),
        ("spikes recorded", thousands(manifest.recorded_spikes())),
        ("steps", format!("{} of {} ms", thousands(manifest.n_steps.into()), manifest.dt_ms)),
    ]);
    if manifest.imported.is_some() {
        return facts(&rows);
    }
    let making = |(index, making): (usize, &Making)| {
        let title = if index == 0 { "Made by" } else { "Made again, with the same spikes, by" };
        element("h3", title) + "\n" + &facts(&of_making(making))
    };
    facts(&rows) + &manifest.makings().enumerate().map(making).collect::<String>()
}

fn of_making(making: &Making) -> Vec<(&'static str, String)> {
    let description = &making.description;
    let megabytes = |bytes: u64| format!("{:.0} MB", bytes as f64 / BYTES_PER_MB);
    let mut rows = vec![("engine", description.engine.clone()), ("adapter", description.adapter.clone())];
    if !description.driver.is_empty() {
        rows.push(("driver", description.driver.clone()));
    }
    let Circumstances { made_on, host, cpu, revision } = making.circumstances.clone();
    let known = [("day", made_on), ("host", host), ("CPU", cpu), ("Git revision", revision)];
    rows.extend(known.into_iter().filter_map(|(name, value)| Some((name, value?))));
    rows.extend([
        ("time to build", format!("{:.2} s", making.build_s)),
        (
            "time to simulate",
            format!(
                "{:.2} s (real-time factor {:.3}: seconds for each of model time)",
                making.simulate_s, making.real_time_factor
            ),
        ),
    ]);
    if let Some(bytes) = making.peak_host_bytes {
        rows.push(("peak memory", megabytes(bytes)));
    }
    if making.engine_device_bytes > 0 {
        rows.push(("on the device", megabytes(making.engine_device_bytes)));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Description;

    #[test]
    fn what_is_known_of_the_making_is_told_and_nothing_else() {
        let revision = Some("0123abc".to_owned());
        let making = Making {
            description: Description { engine: "cpu".into(), adapter: "a".into(), driver: String::new() },
            build_s: 0.1,
            simulate_s: 0.2,
            real_time_factor: 0.5,
            peak_host_bytes: None,
            engine_host_bytes: 1,
            engine_device_bytes: 0,
            circumstances: Circumstances { revision, ..Circumstances::default() },
        };
        let rows = of_making(&making);
        assert!(rows.contains(&("Git revision", "0123abc".to_owned())));
        assert!(rows.iter().all(|(name, _)| !["day", "host", "CPU", "driver"].contains(name)));
    }
}
