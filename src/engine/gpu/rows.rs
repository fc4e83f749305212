//! What leads to the neurons of each shard: synapses, or the tables by which they are drawn.

use super::procedural::ProceduralTables;
use super::{DevicePlan, ShardSizes};
use crate::engine::fixed_point::IntegerNetwork;
use crate::engine::synapses::{CsrShard, CsrStore, Shard, Synapses, shards};

/// A shard with what leads to it.
#[derive(Debug)]
pub struct ShardRows<'a> {
    /// Target neurons.
    pub shard: Shard,
    /// Sizes.
    pub size: ShardSizes,
    /// Synapses onto the neurons.
    pub rows: Synapses<&'a CsrShard, ProceduralTables>,
}

impl<'a> ShardRows<'a> {
    /// The shards of `plan`, with the `synapses` of `network`.
    ///
    /// # Panics
    /// If stored synapses are in another number of shards than the plan.
    pub fn new(network: &IntegerNetwork, synapses: Synapses<&'a CsrStore>, plan: &DevicePlan) -> Vec<Self> {
        let sizes = &plan.sizes.shards;
        let rows: Vec<_> = match synapses {
            Synapses::Stored(store) => {
                store.shards.iter().map(|csr| (csr.shard.clone(), Synapses::Stored(csr))).collect()
            }
            Synapses::Procedural(()) => {
                let tables = |shard| Synapses::Procedural(ProceduralTables::new(network, &shard));
                shards(network, sizes.len()).into_iter().map(|shard| (shard.clone(), tables(shard))).collect()
            }
        };
        assert_eq!(rows.len(), sizes.len(), "the plan is of other shards");
        rows.into_iter().zip(sizes).map(|((shard, rows), &size)| Self { shard, size, rows }).collect()
    }
}
