//! What stimuli take of the memory, before they are in integers.

use super::Arrival;
use super::currents::CurrentInput;
use super::poisson::BLOCK_STEPS;
use super::stimuli::{PoissonInput, SpikeInput, TrainsInput};
use crate::engine::fixed_point::{Stimulus, StimulusFile, StimulusRow};
use crate::model::network::NetworkSpec;

const S_PER_MS: f64 = 1e-3;
/// Bytes of an allocation's own.
const ALLOCATION_BYTES: f64 = 16.0;
/// Bytes of a spike's part in the sums that bound what arrives in a step.
const SUM_BYTES: f64 = 32.0;
/// Bytes of a spike from outside while its block is handed over: in a list that grows by doubling, and as an
/// event on its way.
const ARRIVAL_BYTES: f64 = 2.0 * size_of::<Arrival>() as f64 + 8.0;
/// A number from outside beyond all bounds.
const MAX_BYTES: f64 = 1e18;

/// Bytes that `stimuli` take on the network of `spec`: each of their inputs, and what all of those that are
/// on at one time bring in a block of steps. Populations that do not exist take none.
pub fn stimuli_bytes(spec: &NetworkSpec, stimuli: &[Stimulus], dt_ms: f64) -> u64 {
    let block_ms = dt_ms * f64::from(BLOCK_STEPS);
    let (mut inputs, mut edges) = (0.0, Vec::new());
    for stimulus in stimuli {
        let targets = spec.chosen(stimulus.populations());
        let neurons: f64 = targets.iter().map(|&p| f64::from(spec.populations[p].neurons)).sum();
        let targets = targets.len() as f64;
        match *stimulus {
            Stimulus::Spike { time_ms, .. } => {
                inputs += targets * (size_of::<SpikeInput>() as f64 + SUM_BYTES);
                edges.extend([(time_ms, neurons), (time_ms + block_ms, -neurons)]);
            }
            Stimulus::SpikeTrains { ref file, .. } => {
                let n = file.rows().len() as f64;
                inputs += targets * (size_of::<TrainsInput>() as f64 + n * SUM_BYTES);
                inputs += n * (size_of::<StimulusRow>() + size_of::<(u32, u32)>()) as f64
                    + file.text().len() as f64;
                // As if all came in one block.
                edges.extend([(0.0, n * targets), (f64::INFINITY, -n * targets)]);
            }
            Stimulus::Poisson { rate_hz, ref profile, from_ms, to_ms, .. } => {
                let rows = profile.iter().flat_map(StimulusFile::rows);
                let rate_hz = rows.map(|row| row.value).fold(rate_hz.unwrap_or(0.0), f64::max);
                let mean = rate_hz * block_ms * S_PER_MS;
                let thresholds = mean + 8.0 * libm::sqrt(mean) + 8.0;
                inputs += targets * (size_of::<PoissonInput>() as f64 + ALLOCATION_BYTES + 4.0 * thresholds);
                let arrivals = neurons * mean;
                edges.extend([(from_ms, arrivals), (to_ms.unwrap_or(f64::INFINITY), -arrivals)]);
            }
            Stimulus::Dc { .. }
            | Stimulus::Ramp { .. }
            | Stimulus::Sinus { .. }
            | Stimulus::Pulses { .. } => {
                inputs +=
                    targets * (size_of::<CurrentInput>() as f64 + 3.0 * ALLOCATION_BYTES) + 4.0 * neurons;
            }
        }
    }
    // Of two at one time, what ends comes first.
    edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let at_once = edges.iter().scan(0.0, |sum, (_, change)| {
        *sum += change;
        Some(*sum)
    });
    (inputs + ARRIVAL_BYTES * at_once.fold(0.0, f64::max)).min(MAX_BYTES) as u64
}
