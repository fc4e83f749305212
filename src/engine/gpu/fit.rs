//! How an adapter holds a network: how many shards, and how long a window.

use super::layout::PastSpike;
use super::sizes::longest_delays;
use super::window::device_plan;
use super::{AdapterLimits, BufferRole, DevicePlan, GpuError, GpuOptions, NetworkSizes};
use crate::engine::fixed_point::{BLOCK_STEPS, IntegerNetwork};
use crate::engine::synapses::Synapses;

/// A network in shards on an adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// Shards and buffers.
    pub plan: DevicePlan,
    /// Why the adapter cannot hold them.
    pub refusal: Option<GpuError>,
}

/// The least number of shards with which an adapter can hold `network`, judged before its synapses are
/// drawn, or `shards` where it is given. With procedural synapses the window is the longest with which
/// it can. Where nothing fits, the result is the most shards there can be, and says what is too large.
pub fn fit(
    network: &IntegerNetwork,
    synapses: Synapses,
    shards: Option<usize>,
    limits: &AdapterLimits,
    options: &GpuOptions,
) -> Fit {
    let sizes: Box<dyn Fn(usize) -> NetworkSizes> = match synapses {
        Synapses::Stored(()) => {
            let longest_delays = longest_delays(network);
            Box::new(move |n| NetworkSizes::stored(network, n, &longest_delays))
        }
        Synapses::Procedural(()) => Box::new(|n| NetworkSizes::procedural(network, n)),
    };
    let mut options = *options;
    if let (None, Some(window)) = (options.history_spikes, device_plan(&sizes(1), &options).window) {
        let most = limits.binding_bytes.min(limits.buffer_bytes) / size_of::<PastSpike>() as u64;
        let most = 1 << most.clamp(1, 1 << 31).ilog2();
        options.history_spikes = Some(window.history_spikes.min(most));
    }
    loop {
        let fit = min_of(network, shards, &sizes, limits, &options);
        let Some(window) = fit.plan.window.filter(|w| fit.refusal.is_some() && w.steps > BLOCK_STEPS) else {
            return fit;
        };
        options.window_steps = Some(window.steps / 2);
    }
}

/// The first number of shards whose buffers an adapter allows, or the most there can be.
fn min_of(
    network: &IntegerNetwork,
    shards: Option<usize>,
    sizes: &dyn Fn(usize) -> NetworkSizes,
    limits: &AdapterLimits,
    options: &GpuOptions,
) -> Fit {
    let with = |shards| {
        let plan = device_plan(&sizes(shards), options);
        let refusal = plan.check(limits).err();
        Fit { plan, refusal }
    };
    let most = shards.unwrap_or(network.populations.len().max(1));
    let of_most = with(most);
    if shards.is_some() || of_most.refusal.is_some() {
        return of_most;
    }
    // No buffer of a shard can be shared out among fewer.
    let roles = [BufferRole::Ring, BufferRole::Synapses, BufferRole::RowCounts];
    let bytes = roles.into_iter().map(|role| of_most.plan.bytes_of(role)).max().unwrap_or(0);
    let least = bytes.div_ceil(limits.binding_bytes.max(1)).max(1) as usize;
    (least..most).map(with).find(|fit| fit.refusal.is_none()).unwrap_or(of_most)
}
