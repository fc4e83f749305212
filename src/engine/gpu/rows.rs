//! What leads to the neurons of each shard: synapses, or the tables by which they are drawn.

use super::procedural::ProceduralTables;
use super::{DevicePlan, ShardSizes};
use crate::engine::fixed_point::IntegerNetwork;
use crate::engine::synapses::{CsrShard, CsrStore, Synapses};

/// A shard with what leads to it.
#[derive(Debug)]
pub struct ShardRows<'a> {
    /// Target neurons, and sizes.
    pub size: ShardSizes,
    /// Synapses onto the neurons.
    pub rows: Synapses<&'a CsrShard, ProceduralTables>,
}

impl<'a> ShardRows<'a> {
    /// The shards of `plan`, with the `synapses` of `network`.
    ///
    /// # Panics
    /// If stored synapses are in other shards than those of the plan.
    pub fn new(network: &IntegerNetwork, synapses: Synapses<&'a CsrStore>, plan: &DevicePlan) -> Vec<Self> {
        let rows = |(index, size): (usize, &ShardSizes)| {
            let rows = match synapses {
                Synapses::Stored(store) => {
                    let csr = &store.shards[index];
                    assert_eq!(csr.shard, size.shard, "the plan is of other shards");
                    Synapses::Stored(csr)
                }
                Synapses::Procedural(()) => Synapses::Procedural(ProceduralTables::new(network, &size.shard)),
            };
            Self { size: size.clone(), rows }
        };
        plan.sizes.shards.iter().enumerate().map(rows).collect()
    }
}
