//! Measurements as Markdown, which is what the terminal shows too.

use humam_gpu::run::bench::{Case, CaseOutcome, GpuCheck, Machine, MeasuredStage, Measurement, Report};
use std::fmt::Write;

const BYTES_PER_MB: f64 = 1e6;
const BYTES_PER_GB: f64 = 1e9;

/// A line about program and machine, and a table with a column a measurement.
pub fn measurements(report: &Report) -> String {
    let Report { version, machine, measurements, growth, .. } = report;
    let mut text = format!("humam-gpu {version} on {}\n\n", machine_line(machine));
    text += &disturbance(machine, measurements);
    let mut rows: Vec<Vec<String>> = Vec::new();
    let columns: Vec<Vec<(String, String)>> =
        measurements.iter().enumerate().map(|(at, m)| column(m, growth.get(at).copied().flatten())).collect();
    // Stages differ from engine to engine: each label has one row, where it first comes up.
    for (label, _) in columns.iter().flatten() {
        if rows.iter().any(|row| row[0] == *label) {
            continue;
        }
        let cell = |column: &Vec<(String, String)>| {
            column.iter().find(|(own, _)| own == label).map_or_else(String::new, |(_, value)| value.clone())
        };
        rows.push(std::iter::once(label.clone()).chain(columns.iter().map(cell)).collect());
    }
    text += &table(&rows);
    text
}

/// What `check-gpu` found.
pub fn gpu_check(check: &GpuCheck) -> String {
    let mut text = format!("gpu:          {} ({})\n", check.adapter, check.adapter.driver);
    let lines = check.cases.iter().filter_map(case_line);
    text.extend(lines);
    text += &format!(
        "other seed:   {}\n",
        match check.other_spikes_told {
            Some(true) => "its spikes are told, so the comparison can fail",
            _ => "its spikes were NOT TOLD: the comparison proves nothing",
        }
    );
    let measured = check.cases.iter().filter_map(|case| case.measurement.clone()).collect();
    // Growth is that of one configuration on one engine.
    let measured = Report { growth: Vec::new(), ..Report::new(measured) };
    let verdict = if check.is_verified() { "the GPU is verified" } else { "the GPU is NOT verified" };
    text + "\n" + &measurements(&measured) + &format!("\nresult: {verdict}\n")
}

/// What a case says about the GPU; nothing of one that is there to be compared with.
fn case_line(case: &Case) -> Option<String> {
    let Case { config, duration_ms, engine, synapses, shards, outcome, measurement } = case;
    let n_spikes = measurement.as_ref().map_or(0, |measurement| measurement.simulation.n_spikes);
    let told = match outcome {
        CaseOutcome::Baseline => return None,
        CaseOutcome::Same => format!("the CPU engine's spikes, all {n_spikes}"),
        CaseOutcome::Different => "FAILED: other spikes than the CPU engine's".to_owned(),
        CaseOutcome::Failed(reason) => format!("FAILED: {reason}"),
        CaseOutcome::LeftOut(reason) => format!("left out: {reason}"),
    };
    let shards = shards.map_or_else(String::new, |shards| format!(", {shards} shards"));
    let [engine, synapses] = [format!("{engine:?}"), format!("{synapses:?}")].map(|name| name.to_lowercase());
    Some(format!(
        "{:14}{config} for {duration_ms} ms, synapses {synapses}{shards}: {told}\n",
        format!("{engine}:")
    ))
}

/// A warning where other programs held the cores.
fn disturbance(machine: &Machine, measurements: &[Measurement]) -> String {
    let disturbing = measurements.iter().filter_map(|m| m.others).filter(|others| others.disturb);
    let most = disturbing.map(|others| others.cores).fold(0.0, f64::max);
    if most == 0.0 {
        return String::new();
    }
    format!(
        "WARNING: other programs held up to {most:.1} of {} cores while this was measured, so times are too long: end \
         them and measure again\n\n",
        machine.cores
    )
}

fn machine_line(machine: &Machine) -> String {
    let Machine { system, cpu, cores, memory_bytes } = machine;
    let cpu = cpu.as_deref().unwrap_or("unknown processor");
    let memory = memory_bytes
        .map_or_else(String::new, |bytes| format!(", {:.1} GB of memory", bytes as f64 / BYTES_PER_GB));
    format!("{system}, {cpu}, {cores} hardware threads{memory}")
}

/// Labels and values of one measurement.
fn column(m: &Measurement, growth: Option<f64>) -> Vec<(String, String)> {
    let description = &m.description;
    let synapses = if m.procedural_synapses { "procedural" } else { "stored" };
    let mut rows = vec![
        ("configuration", m.config.clone()),
        ("n_scaling, k_scaling", format!("{}, {}", m.n_scaling, m.k_scaling)),
        ("seed", m.seed.to_string()),
        ("model time", format!("{} ms in steps of {} ms", m.duration_ms, m.dt_ms)),
        ("engine", format!("{} ({})", description.engine, description.adapter)),
        ("driver", description.driver.clone()),
        ("threads, shards", format!("{}, {}", m.threads, m.shards)),
        ("neurons", m.n_neurons.to_string()),
        ("synapses", format!("{}, {synapses}", m.n_synapses)),
        ("build: network", seconds(m.build.network_s)),
        ("build: integers", seconds(m.build.integers_s)),
        ("build: synapses", seconds(m.build.synapses_s)),
        ("start of the engine", seconds(m.start.total_s)),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    let mut rows: Vec<(String, String)> = rows.into_iter().map(|(l, v)| (l.to_owned(), v)).collect();
    rows.extend(m.start.stages.iter().map(|s| (format!("start: {}", s.name), seconds(s.seconds))));
    rows.extend(simulation(m, growth));
    rows.extend(stages(m));
    rows.extend(memory(m));
    let others =
        m.others.map_or_else(|| "not known".to_owned(), |others| format!("{:.2} cores", others.cores));
    rows.push(("held by other programs".to_owned(), others));
    rows
}

fn simulation(m: &Measurement, growth: Option<f64>) -> Vec<(String, String)> {
    let simulated = &m.simulation;
    let least = simulated.repetitions_s.iter().copied().fold(f64::INFINITY, f64::min);
    let most = simulated.repetitions_s.iter().copied().fold(0.0, f64::max);
    let times = simulated.repetitions_s.len();
    let median = format!(
        "{} (median of {times}, {} to {})",
        seconds(simulated.median_s),
        seconds(least),
        seconds(most)
    );
    let per_event = simulated.ns_per_event.map_or_else(|| "no events".to_owned(), |ns| format!("{ns:.3} ns"));
    let growth = growth.map_or_else(String::new, |growth| format!("{growth:.2}"));
    let mut rows = vec![
        ("simulation", median),
        ("real-time factor", format!("{:.4}", simulated.real_time_factor)),
        ("spikes", simulated.n_spikes.to_string()),
        ("synaptic events", simulated.n_events.to_string()),
        ("synaptic events per s", format!("{:.3e}", simulated.events_per_s)),
        ("time per synaptic event", per_event),
        ("… relative to the first", growth),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    rows.into_iter().map(|(label, value)| (label.to_owned(), value)).collect()
}

fn stages(m: &Measurement) -> Vec<(String, String)> {
    let clocked = &m.stages;
    if clocked.stages.is_empty() {
        return vec![("stages".to_owned(), "this engine has no clock for them".to_owned())];
    }
    let other = MeasuredStage { name: "other", seconds: clocked.other_s };
    let share = |s: f64| format!("{} ({:.0} %)", seconds(s), 100.0 * s / clocked.total_s);
    let all = clocked.stages.iter().chain([&other]);
    let mut rows: Vec<_> =
        all.map(|stage| (format!("stage: {}", stage.name), share(stage.seconds))).collect();
    rows.push(("all stages, with their clocks".to_owned(), seconds(clocked.total_s)));
    rows
}

fn memory(m: &Measurement) -> Vec<(String, String)> {
    let memory = &m.memory;
    let held_and_planned =
        |held: u64, planned: u64| format!("{} ({} predicted)", megabytes(held), megabytes(planned));
    let mut rows = vec![(
        "engine, host".to_owned(),
        held_and_planned(memory.engine_host_bytes, memory.planned_host_bytes),
    )];
    if memory.engine_device_bytes > 0 {
        let device = held_and_planned(memory.engine_device_bytes, memory.planned_device_bytes);
        rows.push(("engine, device".to_owned(), device));
    }
    rows.extend(memory.peak_host_bytes.map(|bytes| ("process, peak so far".to_owned(), megabytes(bytes))));
    rows
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.3} s")
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / BYTES_PER_MB)
}

/// A Markdown table whose columns line up; the first row is its head.
fn table(rows: &[Vec<String>]) -> String {
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..n_columns).map(width).collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!(" {cell:<width$} |"));
        let _ = writeln!(text, "|{}", cells.collect::<String>());
        if index == 0 {
            let rule = widths.iter().map(|width| format!("{}|", "-".repeat(width + 2)));
            let _ = writeln!(text, "|{}", rule.collect::<String>());
        }
    }
    text
}
