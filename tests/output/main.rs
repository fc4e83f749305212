//! What follows from a run: statistics, figures, exports, comparisons.

#[path = "../fixtures/mod.rs"]
mod fixtures;

mod analyze;
mod compare;
mod export;
mod figures;
mod full_scale_simulation;
mod own_network;
mod sonata;
mod statistics;
