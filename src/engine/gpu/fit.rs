//! How an adapter holds a network: how many shards, and how long a window.

use super::layout::PastSpike;
use super::sizes::{procedural_rows, stored_rows};
use super::window::device_plan;
use super::{AdapterLimits, BufferRole, DevicePlan, GpuError, GpuOptions, NetworkSizes};
use crate::engine::fixed_point::{BLOCK_STEPS, IntegerNetwork};
use crate::engine::synapses::Synapses;

/// A network in shards on an adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// The number of shards to cut the network into; where one population is most of it, the plan has fewer.
    pub n_shards: usize,
    /// Shards and buffers.
    pub plan: DevicePlan,
    /// Why the adapter cannot hold them.
    pub refusal: Option<GpuError>,
}

/// Visits of the spikes in reach of the longest delay that cost as much as one more shard: shards are computed one after
/// the other, and every spike goes through each; shorter windows need more visits. Measured on an H100 before grids were
/// chosen for it, full model in the ground state: 4 shards with windows of 512 steps take 2.16 s a model second, of which
/// visits are 0.04 s; 2 of 256 steps 1.93 s and 0.10 s; 1 of 128 steps 1.92 s and 0.22 s; 1 of 64 steps 2.01 s and 0.45 s.
/// Where there are more spikes, visits cost more.
const VISITS_PER_SHARD: u64 = 10;

/// The least number of shards with which an adapter can hold `network`, judged before its synapses are
/// drawn, or `shards` where it is given. With procedural synapses the window is the one with which
/// shards and visits of past spikes cost least. If nothing fits, the result is the most shards there can be, and says what
/// is too large.
pub fn fit(
    network: &IntegerNetwork,
    synapses: Synapses,
    shards: Option<usize>,
    limits: &AdapterLimits,
    options: &GpuOptions,
) -> Fit {
    let sizes: Box<dyn Fn(usize) -> NetworkSizes> = match synapses {
        Synapses::Stored(()) => {
            let rows = stored_rows(network);
            Box::new(move |n| NetworkSizes::stored(network, n, &rows))
        }
        Synapses::Procedural(()) => {
            let rows = procedural_rows(network);
            Box::new(move |n| NetworkSizes::procedural(network, n, &rows))
        }
    };
    let mut options = *options;
    if let (None, Some(window)) = (options.history_spikes, device_plan(&sizes(1), &options).window) {
        let most = limits.binding_bytes.min(limits.buffer_bytes) / size_of::<PastSpike>() as u64;
        let most = 1 << most.clamp(1, 1 << 31).ilog2();
        options.history_spikes = Some(window.history_spikes.min(most));
    }
    let is_given = options.window_steps.is_some();
    let mut fit = min_of(network, shards, &sizes, limits, &options);
    let mut best = fit.clone();
    while let Some(window) = fit.plan.window
        && window.steps > BLOCK_STEPS
        && (fit.refusal.is_some() || fit.n_shards > 1 && shards.is_none() && !is_given)
    {
        options.window_steps = Some(window.steps / 2);
        fit = min_of(network, shards, &sizes, limits, &options);
        // Where nothing fits, the last one.
        if best.refusal.is_some() || cost(&fit) < cost(&best) {
            best = fit.clone();
        }
    }
    best
}

/// What shards and visits cost; beyond all bounds if the adapter cannot hold it.
fn cost(fit: &Fit) -> u64 {
    let visits = fit.plan.window.map_or(0, |window| window.reach_steps.div_ceil(window.steps));
    match fit.refusal {
        Some(_) => u64::MAX,
        None => VISITS_PER_SHARD * fit.n_shards as u64 + u64::from(visits),
    }
}

/// Opens an engine with the plan of `fit`. While the memory of the device does not hold it, the window of procedural synapses is
/// halved: adapters do not tell how much memory they have left.
///
/// # Errors
/// Those of `open`; that of memory, if the shortest window does not help.
pub fn open_with_less_memory<E>(
    network: &IntegerNetwork,
    Fit { n_shards, plan, .. }: &Fit,
    limits: &AdapterLimits,
    options: &GpuOptions,
    mut open: impl FnMut(&DevicePlan) -> Result<E, GpuError>,
) -> Result<E, GpuError> {
    let mut plan = plan.clone();
    loop {
        match (open(&plan), plan.window) {
            (Err(GpuError::OutOfMemory { .. }), Some(window)) if window.steps > BLOCK_STEPS => {
                let options = GpuOptions { window_steps: Some(window.steps / 2), ..*options };
                plan = fit(network, Synapses::PROCEDURAL, Some(*n_shards), limits, &options).plan;
            }
            (opened, _) => return opened,
        }
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
        Fit { n_shards: shards, plan, refusal }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::random_network::{Ingredients, integer_network, random_spec};

    #[test]
    fn windows_become_shorter_until_the_memory_holds_them() {
        let network = integer_network(&random_spec(1, Ingredients::default()), 1);
        let limits = AdapterLimits { buffer_bytes: 1 << 31, binding_bytes: 1 << 31, workgroups: 65_535 };
        let options = GpuOptions { window_steps: Some(512), ..GpuOptions::default() };
        let planned = |synapses| fit(&network, synapses, Some(2), &limits, &options);
        let opened = |fit: &Fit, held: u32| {
            let mut tried = Vec::new();
            let opened = open_with_less_memory(&network, fit, &limits, &options, |plan| {
                let steps = plan.window.map_or(u32::MAX, |window| window.steps);
                tried.push(steps);
                if steps > held { Err(GpuError::OutOfMemory { bytes: 1 }) } else { Ok(plan.device_bytes()) }
            });
            (tried, opened)
        };
        let procedural = planned(Synapses::PROCEDURAL);
        let (tried, bytes) = opened(&procedural, 128);
        assert_eq!(tried, [512, 256, 128]);
        assert!(bytes.expect("a plan that fits") < procedural.plan.device_bytes());
        assert_eq!(
            opened(&procedural, 0),
            (vec![512, 256, 128, 64], Err(GpuError::OutOfMemory { bytes: 1 }))
        );
        let stored = opened(&planned(Synapses::STORED), 0);
        assert_eq!(stored, (vec![u32::MAX], Err(GpuError::OutOfMemory { bytes: 1 })));
    }
}
