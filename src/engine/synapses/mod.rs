//! Connectivity: which synapses a network has, as a pure function and stored.
//!
//! [`row_counts`] and [`synapse`] are the network. [`CsrStore`] is those functions stored
//! row by row, for shards of target neurons; [`ProceduralStore`] keeps the counts alone, and
//! synapses are drawn anew whenever their source spikes. [`Synapses`] is the one or the other, from the plan to the
//! engine.
mod connectivity;
mod csr;
mod procedural;
mod row_draws;
mod shards;
mod stored_row;
mod stored_synapse;

pub use connectivity::{Synapse, row_counts, synapse};
pub use csr::{CsrError, CsrShard, CsrStore, parts};
pub use procedural::{ProceduralError, ProceduralStore, SourceRows};
pub(crate) use row_draws::{
    DRAW_BASELINE, DRAWS, DrawRow, DrawnSynapses, RowParameters, draw_avx2, draw_avx512,
};
use shards::cut;
pub use shards::{Shard, shards};
pub use stored_synapse::StoredSynapse;
pub(crate) use stored_synapse::decode;

/// Stored synapses or procedural ones, with what there is of each at a place in the program: what an engine plans with,
/// what it holds, what it reads rows from. Without anything it is the choice between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synapses<S = (), P = ()> {
    /// Every synapse lies in the row of its source.
    Stored(S),
    /// Rows have a length, and their synapses are drawn anew with every spike.
    Procedural(P),
}

impl Synapses {
    /// The choice of stored synapses.
    pub const STORED: Self = Self::Stored(());
    /// The choice of procedural ones.
    pub const PROCEDURAL: Self = Self::Procedural(());
}

impl<S, P> Synapses<S, P> {
    /// Whether they are procedural.
    pub fn is_procedural(&self) -> bool {
        matches!(self, Self::Procedural(_))
    }
}

/// Synapses as the host holds them.
pub type HostSynapses<'a> = Synapses<&'a CsrStore, &'a ProceduralStore>;

impl<'a> HostSynapses<'a> {
    /// Shards of target neurons; of stored ones the parts.
    pub fn shards(&self) -> Vec<&'a Shard> {
        match self {
            Self::Stored(store) => store.shards.iter().flat_map(|shard| &shard.parts).collect(),
            Self::Procedural(store) => store.shards.iter().collect(),
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Stored(store) => store.bytes(),
            Self::Procedural(store) => store.bytes(),
        }
    }
}

impl<'a, P> From<&'a CsrStore> for Synapses<&'a CsrStore, P> {
    fn from(store: &'a CsrStore) -> Self {
        Self::Stored(store)
    }
}

impl<'a, S> From<&'a ProceduralStore> for Synapses<S, &'a ProceduralStore> {
    fn from(store: &'a ProceduralStore) -> Self {
        Self::Procedural(store)
    }
}
