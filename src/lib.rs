//! `humam-gpu` builds and simulates the Human Multi-Area Model of cortex (Pronold et al. 2024,
//! doi:10.1093/cercor/bhae409): 34 areas, 254 populations of leaky integrate-and-fire neurons.
//!
//! Data flows one way, and each module imports only what stands left of it:
//!
//! ```text
//! config → anatomy → network → theory → model → integer → synapses → engine → build → simulation → recording → analysis → figures → report → run → sweep → bench
//! ```
//!
//! - [`config`]: what the user writes becomes what the program runs.
//! - [`anatomy`]: published tables become neuron and synapse numbers.
//! - [`network`]: populations, projections and drive, and their down-scaling; knows nothing of brains.
//! - [`theory`]: stationary rates by mean-field theory.
//! - [`model`]: the Human Multi-Area Model, and the microcircuit, as networks.
//! - [`integer`]: the network in fixed point, on the grid of time.
//! - [`synapses`]: which synapses it has, as a pure function and written down.
//! - [`engine`]: three engines, the same spikes from each.
//! - [`build`]: all of the above in their order, from a configuration to an engine at step 0.
//! - [`simulation`]: runs an engine and hands its spikes on.
//! - [`recording`]: spikes, networks and what they were made from as files.
//! - [`analysis`]: statistics of a saved run, and comparison of runs.
//! - [`figures`]: pictures of a saved run.
//! - [`report`]: one page that shows them.
//! - [`run`]: one call from a configuration to a run folder.
//! - [`sweep`]: many such calls, every combination of values.
//! - [`mod@bench`]: how fast that is, and whether a GPU gives the right spikes.
//!
//! [`rng`] makes the random numbers and [`progress`] tells what goes on; both are used from all of
//! them. The library never prints.
#![warn(missing_docs)]

// Unit tests share fixtures with the tests in `tests/`, which know the library by its name.
#[cfg(test)]
extern crate self as humam_gpu;

pub mod analysis;
pub mod anatomy;
pub mod bench;
pub mod build;
pub mod config;
pub mod engine;
pub mod figures;
pub mod integer;
pub mod model;
pub mod network;
pub mod progress;
pub mod recording;
pub mod report;
pub mod rng;
pub mod run;
pub mod simulation;
pub mod sweep;
pub mod synapses;
pub mod theory;
