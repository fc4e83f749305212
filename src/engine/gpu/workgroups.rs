//! Workgroups of the kernels, and how the spikes of a visit are dealt out to them.

use super::DelayWindow;
use super::rows::ShardRows;
use crate::engine::synapses::Synapses;

/// Sizes of workgroups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkgroupSizes {
    /// Those for GPUs.
    Hardware,
    /// Those for adapters that run on a processor.
    Software,
}

/// Workgroups and their invocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workgroups {
    /// Invocations of a workgroup of `drive` and `update`.
    pub neurons: u32,
    /// Invocations of a workgroup of the shaders that deliver.
    pub delivery: u32,
    /// How many of these share a part of a procedural row: a power of two, not more than there are.
    pub part: u32,
    /// Workgroups of `deliver` among which the spikes of a step are dealt out, if no more are needed.
    pub spikes: u32,
    /// Turns that the loops of an invocation may make together, where that is limited.
    pub max_turns: Option<u32>,
}

/// Fewest invocations of a workgroup that goes over neurons.
pub const MIN_NEURON_WORKGROUP: u32 = 128;

/// For adapters that run on a processor, where launching a workgroup of `deliver` costs 0.3 µs.
///
/// Mesa's ends the loops of an invocation after 65,535 turns in all, without a word; half of that is
/// asked for, because rows are longer than expected at times.
const SOFTWARE_WORKGROUPS: Workgroups =
    Workgroups { neurons: 256, delivery: 8, part: 1, spikes: 16, max_turns: Some(1 << 15) };
/// For GPUs.
const HARDWARE_WORKGROUPS: Workgroups =
    Workgroups { neurons: MIN_NEURON_WORKGROUP, delivery: 64, part: 8, spikes: 1024, max_turns: None };

impl Workgroups {
    /// Those of that size.
    pub fn of(sizes: WorkgroupSizes) -> Self {
        match sizes {
            WorkgroupSizes::Software => SOFTWARE_WORKGROUPS,
            WorkgroupSizes::Hardware => HARDWARE_WORKGROUPS,
        }
    }
}

/// The grid of `deliver_procedural`, whose first two dimensions the device makes from these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitGroups {
    /// Spikes that a workgroup takes.
    pub spikes_per_group: u32,
    /// Most workgroups of a dispatch in one dimension.
    pub max_groups: u32,
    /// Workgroups among which the parts of a spike's rows are dealt out at its first visit.
    pub part_groups: u32,
    /// The same at later visits, when there are many spikes.
    pub part_groups_again: u32,
}

/// Workgroups among which a GPU deals out parts of rows where few spikes are to be delivered.
const PART_GROUPS: u32 = 16;

impl VisitGroups {
    /// For an adapter that holds these shards.
    pub fn new(
        workgroups: Workgroups,
        max_groups: u32,
        shards: &[ShardRows<'_>],
        window: Option<DelayWindow>,
    ) -> Self {
        let on_gpu = Self { spikes_per_group: 1, max_groups, part_groups: PART_GROUPS, part_groups_again: 1 };
        let (Some(max_turns), Some(window)) = (workgroups.max_turns, window) else { return on_gpu };
        let turns = shards.iter().map(|shard| match &shard.rows {
            Synapses::Stored(_) => 1,
            Synapses::Procedural(tables) => tables.max_turns(workgroups.delivery, workgroups.part),
        });
        let spikes_per_group = (max_turns / turns.max().unwrap_or(1)).max(1);
        // Where more spikes can be in reach than the workgroups take by that.
        let part_groups = window.history_spikes.div_ceil(spikes_per_group.saturating_mul(max_groups));
        Self { spikes_per_group, max_groups, part_groups, part_groups_again: part_groups }
    }
}
