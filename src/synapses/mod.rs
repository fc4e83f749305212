//! Connectivity: which synapses a network has, as a pure function and written down.
//!
//! [`row_counts`] and [`synapse`] are the network; [`CsrStore`] is those functions written down
//! row by row, for shards of target neurons.
mod connectivity;
mod csr;
mod shards;

pub use connectivity::{Synapse, row_counts, synapse};
pub use csr::{CsrError, CsrShard, CsrStore, StoredSynapse};
pub use shards::{Shard, shards};
