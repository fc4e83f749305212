//! What `check` shows.

use super::report::{in_degrees, line, megabytes};
use humam_gpu::config::Config;
use humam_gpu::config::Warning;
use humam_gpu::engine::assembly::{EnginePlan, Estimate};
use humam_gpu::engine::fixed_point::IntegerNetwork;
use humam_gpu::model::network::NetworkSpec;
use std::fmt::Write;

/// What `check` found.
pub struct Check<'a> {
    pub config: &'a Config,
    pub network: &'a NetworkSpec,
    pub integers: &'a IntegerNetwork,
    pub plan: &'a EnginePlan,
    pub available_bytes: Option<u64>,
    pub warnings: Vec<Warning>,
    pub build_s: f64,
    /// At the rates of the theory.
    pub by_theory: Estimate,
    /// At stated rates of every neuron.
    pub stated: [Estimate; 3],
}

/// The table of `check`.
pub fn check(check: &Check<'_>) -> String {
    let mut text = String::new();
    line(&mut text, "neurons", &check.network.n_neurons().to_string());
    line(&mut text, "synapses", &check.network.n_synapses().to_string());
    in_degrees(&mut text, check.network);
    let formats = check.integers.formats;
    let bits = format!(
        "v_m {}, current {}, weight {} fractional bits",
        formats.v_m_bits, formats.current_bits, formats.weight_bits
    );
    line(&mut text, "formats", &bits);
    let longest = check.integers.longest_delay();
    let longest_ms = f64::from(longest) * check.config.simulation.dt_ms;
    line(&mut text, "longest delay", &format!("{longest_ms:.1} ms ({longest} steps)"));
    line(&mut text, "engine", &planned_engine(check.plan));
    for buffer in &check.by_theory.memory.buffers {
        let place = if buffer.on_device { "on the device" } else { "on the host" };
        let _ = writeln!(text, "  {:<30}{:>14} MB {place}", buffer.name, megabytes(buffer.bytes));
    }
    line(&mut text, "memory", &memory(check));
    let simulate_s = check.by_theory.simulate_s(check.config.simulation.duration_ms);
    let time = format!(
        "about {:.1} s to build and {simulate_s:.1} s to simulate on the CPU at the predicted rates (real-time \
         factor {:.2})",
        check.build_s, check.by_theory.per_model_second_s
    );
    line(&mut text, "time", &time);
    text += "Events in flight, and the time of a run, grow with rates (here means over neurons), which the theory may \
             not predict:\n";
    states(&mut text, check);
    check.warnings.iter().for_each(|warning| line(&mut text, "warning", &warning.to_string()));
    text
}

/// A line for each state of activity.
fn states(text: &mut String, check: &Check<'_>) {
    let stated = check.stated.iter().map(|estimate| ("every neuron", estimate));
    for (what, estimate) in std::iter::once(("by the theory", &check.by_theory)).chain(stated) {
        let bytes = estimate.memory.host_bytes();
        let verdict = match check.available_bytes {
            Some(available_bytes) if bytes > available_bytes => ", MORE than available",
            _ => "",
        };
        let _ = writeln!(
            text,
            "  {:>8.3} spikes/s {what:<14}{:>12} MB on the host, {:.1} s to simulate{verdict}",
            estimate.mean_rate_hz,
            megabytes(bytes),
            estimate.simulate_s(check.config.simulation.duration_ms)
        );
    }
}

fn planned_engine(plan: &EnginePlan) -> String {
    let adapter = plan.engine().adapter().map_or_else(String::new, |adapter| format!(" on {adapter}"));
    let shards = if plan.shards == 1 { "1 shard".to_owned() } else { format!("{} shards", plan.shards) };
    let synapses = if plan.is_procedural() { "procedural" } else { "stored" };
    format!("{}{adapter}, {shards}, synapses {synapses}", plan.engine().name())
}

fn memory(check: &Check<'_>) -> String {
    let plan = &check.by_theory.memory;
    let available = match check.available_bytes {
        None => String::new(),
        Some(bytes) => format!(" of {} MB available", megabytes(bytes)),
    };
    let device = match plan.device_bytes() {
        0 => String::new(),
        bytes => format!(", {} MB on the device", megabytes(bytes)),
    };
    let verdict = match check.plan.check(&check.config.scaling, check.available_bytes) {
        Ok(()) => "it fits".to_owned(),
        Err(error) => format!("it does not fit: {error}"),
    };
    format!("{} MB{available} on the host{device}: {verdict}", megabytes(plan.host_bytes()))
}
