//! What leads to the neurons of each shard: synapses, or the tables by which they are drawn.

use super::drawn::DrawnTables;
use super::{NetworkSizes, ShardSizes};
use crate::engine::fixed_point::IntegerNetwork;
use crate::engine::synapses::{CsrShard, CsrStore, Shard, shards};

/// A shard with what leads to it.
#[derive(Debug)]
pub struct ShardRows<'a> {
    /// Target neurons.
    pub shard: Shard,
    /// Sizes.
    pub size: ShardSizes,
    /// Synapses onto the neurons.
    pub rows: Rows<'a>,
}

/// Synapses onto a shard.
#[derive(Debug)]
pub enum Rows<'a> {
    /// Written down.
    Stored(&'a CsrShard),
    /// Drawn again with every spike.
    Drawn(DrawnTables),
}

impl<'a> ShardRows<'a> {
    /// The shards of a network whose synapses are stored.
    pub fn stored(store: &'a CsrStore, sizes: &NetworkSizes) -> Vec<Self> {
        let shards = store.shards.iter().zip(&sizes.shards);
        shards.map(|(csr, &size)| Self { shard: csr.shard.clone(), size, rows: Rows::Stored(csr) }).collect()
    }

    /// `n_shards` shards of a network whose synapses are procedural.
    pub fn drawn(network: &IntegerNetwork, n_shards: usize, sizes: &NetworkSizes) -> Vec<Self> {
        let shards = shards(network, n_shards).into_iter().zip(&sizes.shards);
        let of_shard = |(shard, &size)| {
            let tables = DrawnTables::new(network, &shard);
            Self { shard, size, rows: Rows::Drawn(tables) }
        };
        shards.map(of_shard).collect()
    }
}
