//! How the spikes of a visit are dealt out to workgroups.

use super::AdapterInfo;
use super::adapter::AdapterKind;
use super::plan::Window;
use super::rows::{Rows, ShardRows};

/// The grid of `deliver_drawn`, whose first two dimensions the device makes from these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitGroups {
    /// Spikes that a workgroup takes.
    pub spikes_per_group: u32,
    /// Most workgroups of a dispatch in one dimension.
    pub most_groups: u32,
    /// Workgroups among which the parts of a spike's rows are dealt out at its first visit.
    pub part_groups: u32,
    /// The same at later visits, when there are many spikes.
    pub part_groups_again: u32,
}

/// Workgroups among which a GPU deals out parts of rows where few spikes are to be delivered.
const PART_GROUPS: u32 = 16;

/// Turns of all loops together that an invocation may make on Mesa's software adapter, which ends any
/// loop after 65,535 without a word; half of that, because rows are longer than expected at times.
const MOST_TURNS: u32 = 1 << 15;

impl VisitGroups {
    /// For an adapter that holds these shards; `delivery` are the invocations of a workgroup.
    pub fn new(info: &AdapterInfo, shards: &[ShardRows<'_>], window: Option<Window>, delivery: u32) -> Self {
        let most_groups = info.limits.workgroups;
        let on_gpu =
            Self { spikes_per_group: 1, most_groups, part_groups: PART_GROUPS, part_groups_again: 1 };
        let (AdapterKind::Software, Some(window)) = (info.kind, window) else { return on_gpu };
        let turns = shards.iter().map(|shard| match &shard.rows {
            Rows::Stored(_) => 1,
            Rows::Drawn(tables) => tables.most_turns(delivery),
        });
        let spikes_per_group = (MOST_TURNS / turns.max().unwrap_or(1)).max(1);
        // Where more spikes can be in reach than the workgroups take by that.
        let part_groups = window.history_spikes.div_ceil(spikes_per_group.saturating_mul(most_groups));
        Self { spikes_per_group, most_groups, part_groups, part_groups_again: part_groups }
    }
}
