//! Whether statistics of a run fit the memory: what is kept of neurons and bins is known before a spike
//! is read.

use super::{AnalysisError, Layout};
use crate::engine::assembly::available_memory_bytes;

/// Bytes of a neuron: sums over its train, its part in correlations, and its place in distributions.
const NEURON_BYTES: u64 = 128;
/// Bytes of a bin of a population: its count, rate, input current and BOLD signal.
const BIN_BYTES: u64 = 48;

/// Stops where memory cannot hold what is kept of a run.
///
/// # Errors
/// [`AnalysisError::TooLarge`]
pub(super) fn check(layout: &Layout) -> Result<(), AnalysisError> {
    check_against(layout, available_memory_bytes())
}

fn check_against(layout: &Layout, available_bytes: Option<u64>) -> Result<(), AnalysisError> {
    let neurons: u64 = layout.populations.iter().map(|row| u64::from(row.neurons)).sum();
    let (rows, bins) = (layout.populations.len() as u64, layout.window.n_bins() as u64);
    let needed_bytes = (NEURON_BYTES * neurons).saturating_add(BIN_BYTES.saturating_mul(rows * bins));
    match available_bytes {
        Some(available_bytes) if needed_bytes > available_bytes => {
            Err(AnalysisError::TooLarge { needed_bytes, available_bytes, neurons, bins })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Window;
    use crate::simulation::recording::PopulationRow;

    #[test]
    fn neurons_and_bins_beyond_the_memory_are_refused_before_a_spike_is_read() {
        let row = PopulationRow {
            index: 0,
            area: String::new(),
            layer: String::new(),
            population: "E".to_owned(),
            first_neuron: 0,
            neurons: 1000,
        };
        let window = |n_steps| Window { dt_ms: 0.1, n_steps, from_step: 0, steps_per_bin: 1 };
        let layout =
            |n_steps| Layout { t_ref_ms: vec![2.0], populations: vec![row.clone()], window: window(n_steps) };
        assert!(check_against(&layout(1000), Some(176_000)).is_ok());
        assert!(check_against(&layout(1001), None).is_ok());
        let message = check_against(&layout(1001), Some(176_000)).unwrap_err().to_string();
        assert!(
            message.contains("1000 neurons and 1001 bins") && message.contains("analysis.bin_ms"),
            "{message}"
        );
    }
}
