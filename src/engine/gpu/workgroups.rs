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
    /// Synapses of a stored row that one of these takes, as expected, before more workgroups take parts of it.
    pub synapses: u32,
    /// Neurons of the network for each workgroup of `deliver` that takes spikes of a step.
    pub neurons_per_spikes: u32,
    /// Most workgroups of `deliver` that take spikes, if no more are needed.
    pub spikes: u32,
    /// The same for all workgroups of a dispatch of `deliver`, which take parts of rows too.
    pub stored: u32,
    /// Workgroups of `deliver_procedural` that are wanted in all: parts of rows are dealt out among more where there are
    /// few spikes.
    pub procedural: u32,
    /// Turns that the loops of an invocation may make together, where that is limited.
    pub max_turns: Option<u32>,
}

/// Fewest invocations of a workgroup that goes over neurons.
pub const MIN_NEURON_WORKGROUP: u32 = 128;

/// For adapters that run on a processor, where launching a workgroup of `deliver` costs 0.3 µs.
///
/// Mesa's ends the loops of an invocation after 65,535 turns in all, without a word; half of that is
/// asked for, because rows are longer than expected at times.
const SOFTWARE_WORKGROUPS: Workgroups = Workgroups {
    neurons: 256,
    delivery: 8,
    part: 1,
    synapses: 16,
    neurons_per_spikes: 256,
    spikes: 16,
    stored: u32::MAX,
    procedural: 0,
    max_turns: Some(1 << 15),
};
/// For GPUs: as many invocations as there can be, because each waits for memory most of the time (measured on an H100).
const HARDWARE_WORKGROUPS: Workgroups = Workgroups {
    neurons: MIN_NEURON_WORKGROUP,
    delivery: 128,
    part: 8,
    synapses: 1,
    neurons_per_spikes: 64,
    spikes: 1 << 12,
    stored: 1 << 12,
    procedural: 1 << 14,
    max_turns: None,
};

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
    /// Workgroups that are wanted in all.
    pub wanted_groups: u32,
    /// Fewest workgroups among which the parts of a spike's rows are dealt out.
    pub min_part_groups: u32,
    /// Most of them.
    pub max_part_groups: u32,
}

impl VisitGroups {
    /// For an adapter that holds these shards.
    pub fn new(
        workgroups: Workgroups,
        max_groups: u32,
        shards: &[ShardRows<'_>],
        window: Option<DelayWindow>,
    ) -> Self {
        let Workgroups { delivery, part, procedural: wanted_groups, max_turns, .. } = workgroups;
        let tables = || {
            shards.iter().filter_map(|shard| match &shard.rows {
                Synapses::Stored(_) => None,
                Synapses::Procedural(tables) => Some(tables),
            })
        };
        let (Some(max_turns), Some(window)) = (max_turns, window) else {
            let parts = tables().map(|tables| tables.max_parts().div_ceil(delivery / part)).max();
            let max_part_groups = parts.unwrap_or(1).clamp(1, max_groups);
            return Self {
                spikes_per_group: 1,
                max_groups,
                wanted_groups,
                min_part_groups: 1,
                max_part_groups,
            };
        };
        let turns = tables().map(|tables| tables.max_turns(delivery, part)).max();
        let spikes_per_group = (max_turns / turns.unwrap_or(1)).max(1);
        // Where more spikes can be in reach than the workgroups take by that.
        let parts = window.history_spikes.div_ceil(spikes_per_group.saturating_mul(max_groups));
        Self { spikes_per_group, max_groups, wanted_groups, min_part_groups: parts, max_part_groups: parts }
    }

    /// Both dimensions for a visit of so many spikes. The twin of what `append_history` does.
    pub fn of(self, spikes: u32) -> [u32; 2] {
        let groups = spikes.div_ceil(self.spikes_per_group).min(self.max_groups);
        [groups, (self.wanted_groups / groups.max(1)).clamp(self.min_part_groups, self.max_part_groups)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_rows_are_dealt_out_among_more_workgroups_where_there_are_few_spikes() {
        let on_gpu = VisitGroups {
            spikes_per_group: 1,
            max_groups: 1000,
            wanted_groups: 640,
            min_part_groups: 1,
            max_part_groups: 40,
        };
        let grids = [0, 1, 16, 64, 640, 999, 5000].map(|spikes| on_gpu.of(spikes));
        assert_eq!(grids, [[0, 40], [1, 40], [16, 40], [64, 10], [640, 1], [999, 1], [1000, 1]]);
        let of_software = VisitGroups {
            spikes_per_group: 100,
            max_groups: 1000,
            wanted_groups: 0,
            min_part_groups: 3,
            max_part_groups: 3,
        };
        assert_eq!(
            [0, 1, 101, 200_000].map(|spikes| of_software.of(spikes)),
            [[0, 3], [1, 3], [2, 3], [1000, 3]]
        );
    }
}
