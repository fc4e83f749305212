//! Connectivity: which synapses a network has, as a pure function and stored.
//!
//! [`row_counts`] and [`synapse`] are the network. [`CsrStore`] is those functions stored
//! row by row, for shards of target neurons; [`ProceduralStore`] keeps the counts alone, and
//! synapses are drawn anew whenever their source spikes.
mod connectivity;
mod csr;
mod procedural;
mod shards;

pub use connectivity::{Synapse, row_counts, synapse};
pub use csr::{CsrError, CsrShard, CsrStore, StoredSynapse};
pub use procedural::{ProceduralError, ProceduralStore, SourceRows};
pub use shards::{Shard, shards};
