//! `humam-gpu` builds and simulates the Human Multi-Area Model of cortex (Pronold et al. 2024,
//! doi:10.1093/cercor/bhae409): 34 areas, 254 populations of leaky integrate-and-fire neurons.
//!
//! Data flows one way, and each module imports only what stands left of it:
//!
//! ```text
//! config → anatomy → network → theory → model → integer → synapses → engine → simulation → recording
//! ```
//!
//! - [`config`]: what the user writes becomes what the program runs.
//! - [`anatomy`]: published tables become neuron and synapse numbers.
//! - [`network`]: populations, projections and drive, and their down-scaling; knows nothing of brains.
//! - [`theory`]: stationary rates by mean-field theory.
//! - [`model`]: the Human Multi-Area Model as a network.
//! - [`integer`]: the network in fixed point, on the grid of time.
//! - [`synapses`]: which synapses it has, as a pure function and written down.
//! - [`engine`]: three engines, the same spikes from each.
//!
//! [`rng`] makes the random numbers and is used from all of them.
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
