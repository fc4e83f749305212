//! Builds and simulates the Human Multi-Area Model.
#![warn(missing_docs)]

pub mod anatomy;
pub mod config;
pub mod engine;
pub mod integer;
pub mod model;
pub mod network;
pub mod rng;
pub mod synapses;
pub mod theory;
