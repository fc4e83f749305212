//! `humam-gpu` builds and simulates the Human Multi-Area Model of cortex (Pronold et al. 2024,
//! doi:10.1093/cercor/bhae409): 34 areas, 254 populations of leaky integrate-and-fire neurons.
//!
//! Data flows one way, from room to room and inside of each, and a module imports only what stands left of it:
//!
//! ```text
//! model → engine → simulation → config → analysis → output → run
//!
//! model: network → theory → anatomy → model
//! engine: vector → rng → fixed_point → synapses → engine → assembly
//! simulation: simulation → recording
//! output: export → figures → report → output
//! run: run → sweep → bench
//! ```
//!
//! - [`model`]: the Human Multi-Area Model, and the microcircuit, as networks. [`model::anatomy`] makes neuron and
//!   synapse numbers of published tables; [`model::network`] has populations, projections and drive, and their
//!   down-scaling, and knows nothing of brains; [`model::theory`] predicts stationary rates.
//! - [`engine`]: three engines, the same spikes from each. [`engine::rng`] makes random numbers,
//!   [`engine::fixed_point`] the network in integers on the grid of time, [`engine::synapses`] its synapses, as a
//!   pure function and stored; [`engine::assembly`] leads from a network to an engine at step 0.
//! - [`simulation`]: runs an engine and hands its spikes on; [`simulation::recording`] has spikes, networks and
//!   what they were made from as files.
//! - [`config`]: what the user writes becomes what the program runs: the options of all rooms left of it in one
//!   [`Config`](config::Config).
//! - [`analysis`]: statistics of a saved run, and comparison of runs.
//! - [`output`]: [`output::figures`] of a saved run, a [`output::report`] that shows them, [`output::export`] to the
//!   formats of other programs.
//! - [`mod@run`]: one call from a configuration to a run folder; [`run::sweep`] makes many such calls, every
//!   combination of values, [`mod@run::bench`] tells how fast that is, and whether a GPU gives the right spikes.
//!
//! [`progress`] tells what goes on, [`disk`] is the one door to files, [`telling`] makes what is told readable, and
//! [`rules`] are those for values; they are used from all rooms. The library never prints.
//!
//! # A network of one's own
//!
//! Everything right of [`model`] works on a [`NetworkSpec`](model::network::NetworkSpec): populations of neurons and
//! the projections between them. How it is run stands in [`BuildOptions`](engine::assembly::BuildOptions), how its
//! rates are predicted in [`Theory`](model::theory::Theory), and what its statistics are in
//! [`AnalysisOptions`](config::AnalysisOptions).
//!
//! ```
//! use humam_gpu::analysis::statistics_of;
//! use humam_gpu::config::AnalysisOptions;
//! use humam_gpu::engine::{EngineKind, assembly::BuildOptions};
//! use humam_gpu::model::network::{Delay, LifParameters, NetworkSpec, PoissonDrive, Population, Projection};
//! use humam_gpu::model::theory::{DcInput, Theory, stationary_rates};
//! use humam_gpu::simulation::simulate_network;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // 400 excitatory and 100 inhibitory neurons, each with spikes from outside at 20,000 1/s ...
//! let population = |name: &str, neurons: u32| Population {
//!     poisson: Some(PoissonDrive {
//!         synapses: 2000 * u64::from(neurons),
//!         rate_hz: 10.0,
//!         weight_pa: 10.0,
//!         relative_sd: 0.0,
//!     }),
//!     ..Population::new(name, neurons, LifParameters::default())
//! };
//! // ... and, on average, 40 synapses from excitatory and 10 from inhibitory ones, of 20 and -160 pA.
//! let projection = |source, target, synapses, weight_pa| Projection {
//!     source,
//!     target,
//!     synapses,
//!     weight_pa,
//!     weight_relative_sd: 0.1,
//!     delay: Delay::lognormal(1.5, 0.5),
//!     rule: None, // the synapses are drawn at random
//! };
//! let network = NetworkSpec::new(
//!     vec![population("E", 400), population("I", 100)],
//!     vec![
//!         projection(0, 0, 40 * 400, 20.0),
//!         projection(1, 0, 10 * 400, -160.0),
//!         projection(0, 1, 40 * 100, 20.0),
//!         projection(1, 1, 10 * 100, -160.0),
//!     ],
//! );
//!
//! let mut options = BuildOptions::default();
//! options.engine.engine = EngineKind::Cpu; // the default, Auto, takes a GPU if there is one
//! options.simulation.duration_ms = 1500.0; // of which statistics count all from 500 ms on
//!
//! // What theory predicts, and what happens: spikes as (step, neuron), and their statistics.
//! let theory = stationary_rates(&network, &Theory::default(), DcInput::Included)?;
//! let spikes = simulate_network(&network, &options)?;
//! let statistics = statistics_of(&network, &spikes, &options.simulation, &AnalysisOptions::default())?;
//! for (predicted_hz, found) in theory.rates_hz.iter().zip(&statistics.populations) {
//!     let rate_hz = found.rate_hz.clone()?;
//!     assert!((rate_hz / predicted_hz - 1.0).abs() < 0.1, "{rate_hz} and {predicted_hz} 1/s");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`BuiltNetwork`](engine::assembly::BuiltNetwork) gives the engine itself, to go step by step and read its state;
//! [`run::run`] makes a run folder of a configuration, as the program does. The examples in `examples/` go
//! on from here, each to be read from top to bottom and run with `cargo run --release --example NAME`:
//!
//! - `two_neurons`: two neurons and a synapse each way, step by step, with their potentials.
//! - `brunel`: four states of a sparsely connected network, beside theory, with rasters.
//! - `custom_connectome`: a table of areas → populations, projections, delays from distances.
//! - `microcircuit`: a model that comes with the program, from its configuration.
//! - `spike_journey`: one more spike in the human model, and when each area notices it.

// Unit tests share fixtures with the tests in `tests/`, which know the library by its name.
#[cfg(test)]
extern crate self as humam_gpu;

pub mod analysis;
pub mod config;
pub mod disk;
pub mod engine;
pub mod model;
pub mod output;
pub mod progress;
pub mod rules;
pub mod run;
pub mod simulation;
pub mod telling;
