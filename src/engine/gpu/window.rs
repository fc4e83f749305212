//! How long the window of procedural synapses is, and how far its history reaches.

use super::layout::PastSpike;
use super::plan::plan_with;
use super::sizes::ProceduralSizes;
use super::{DevicePlan, GpuOptions, NetworkSizes};
use crate::engine::fixed_point::BLOCK_STEPS;
use crate::engine::synapses::Synapses;

/// How delays of procedural synapses are kept: a ring of input slots over one window of steps, and a
/// history of spikes, which are visited again before each window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DelayWindow {
    /// Steps that the ring of input slots covers.
    pub steps: u32,
    /// Steps for which a spike is in reach: the longest delay.
    pub reach_steps: u32,
    /// Spikes that the history holds, a power of two.
    pub history_spikes: u32,
}

/// Part of the memory that the history takes at most if nothing else is asked for.
const HISTORY_PART: u64 = 96;

/// Plans the buffers of a network.
pub(super) fn device_plan(sizes: &NetworkSizes, options: &GpuOptions) -> DevicePlan {
    let Synapses::Procedural(procedural) = sizes.synapses else { return plan_with(sizes, options, None) };
    let history_spikes = history_spikes(sizes, procedural, options);
    let with_window = |steps| {
        let window = DelayWindow { steps, reach_steps: procedural.longest_delay, history_spikes };
        plan_with(sizes, options, Some(window))
    };
    if let Some(steps) = options.window_steps {
        return with_window(steps.clamp(1, LONGEST_WINDOW).next_multiple_of(BLOCK_STEPS));
    }
    let mut steps = longest_window(procedural);
    let mut plan = with_window(steps);
    while plan.device_bytes() > options.memory_bytes && steps > BLOCK_STEPS {
        steps /= 2;
        plan = with_window(steps);
    }
    plan
}

/// A window that no delay reaches beyond, but for spikes near its end.
fn longest_window(procedural: ProceduralSizes) -> u32 {
    procedural.longest_delay.next_power_of_two().clamp(SHORT_WINDOW, LONGEST_WINDOW)
}

/// Where all delays are short, a window of more steps than they have: fewer spikes are near its end, and a ring of so
/// few slots is small.
const SHORT_WINDOW: u32 = 4 * BLOCK_STEPS;
/// Longer windows would be no faster.
const LONGEST_WINDOW: u32 = 1 << 14;

fn history_spikes(sizes: &NetworkSizes, procedural: ProceduralSizes, options: &GpuOptions) -> u32 {
    let spike_bytes = size_of::<PastSpike>() as u64;
    let most = sizes.max_spikes(procedural.longest_delay);
    let wanted = options.history_spikes.map(u64::from);
    let wanted = wanted.unwrap_or_else(|| most.min(options.memory_bytes / HISTORY_PART / spike_bytes));
    wanted.clamp(1, 1 << 31).next_power_of_two() as u32
}
