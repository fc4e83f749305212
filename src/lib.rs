//! Builds and simulates the Human Multi-Area Model of cortex (Pronold et al. 2024,
//! doi:10.1093/cercor/bhae409).
//!
//! Data flows one way; a module imports only what stands before it here:
//! ```text
//! config → anatomy → network → model → theory → integer → synapses → engine → simulation → recording
//!                                        └──────────── build ───────────┘
//!                                        └─────────────────────────── run ────────────────────────┘
//! ```
//! [`run::run`] is one call from a configuration to a run folder, [`build`] the way to an engine
//! without files. The library never prints; what goes on is told to a [`progress::Progress`].
#![warn(missing_docs)]

pub mod anatomy;
pub mod build;
pub mod config;
pub mod engine;
pub mod integer;
pub mod model;
pub mod network;
pub mod progress;
pub mod recording;
pub mod rng;
pub mod run;
pub mod simulation;
pub mod synapses;
pub mod theory;
