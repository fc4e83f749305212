//! What follows from a run: statistics, figures, exports, comparisons.

#[path = "../fixtures/mod.rs"]
mod fixtures;

mod analyze;
mod compare;
mod connections;
mod export;
mod figures;
mod full_scale_simulation;
mod latencies;
mod lfp;
mod own_network;
mod pictures;
mod report;
mod responses;
mod sonata;
mod statistics;
