//! Builds and simulates the Human Multi-Area Model.
#![warn(missing_docs)]

pub mod config;
pub mod engine;
pub mod integer;
pub mod network;
pub mod rng;
pub mod synapses;
