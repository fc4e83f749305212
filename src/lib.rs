//! Builds and simulates the Human Multi-Area Model.
#![warn(missing_docs)]

pub mod config;
pub mod network;
pub mod theory;
