//! Builds and simulates the Human Multi-Area Model.
#![warn(missing_docs)]

pub mod anatomy;
pub mod config;
pub mod model;
pub mod network;
