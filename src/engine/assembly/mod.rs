//! From a configuration to an engine at step 0: the one place that calls every stage in its order.
//!
//! ```text
//! Tables → Model → (areas) → (full-scale theory → DC) → scaled NetworkSpec → its theory     model_network
//! NetworkSpec → IntegerNetwork with stimuli                   integer_network
//! IntegerNetwork → Synapses → Engine                          choose_engine, ChosenEngine::plan
//! ```
//! Files, folders and hashes are `run`'s. [`BuiltNetwork`] takes a network of one's own through the last two
//! lines in one call.
//!
//! ```
//! use humam_gpu::config::{Config, EngineKind};
//! use humam_gpu::model::{anatomy::Tables, model_network};
//! use humam_gpu::{engine::assembly, simulation};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut config = Config::default();
//! (config.scaling.n_scaling, config.scaling.k_scaling) = (0.001, 0.004);
//! config.engine.engine = EngineKind::Cpu;
//! let tables = Tables::load(&config.anatomy)?;
//! let derived = model_network(&config, &tables, &mut ())?;
//! let network = assembly::integer_network(&derived.network, &config)?;
//! let plan = assembly::choose_engine(&config.engine)?.plan(&network);
//! plan.check(&config.scaling, assembly::available_memory_bytes())?;
//! let synapses = plan.synapses(&network)?;
//! let mut engine = plan.open(&network, &synapses)?;
//! let mut n_spikes = 0;
//! simulation::simulate(engine.as_mut(), &network.stimuli, 500, |batch| {
//!     n_spikes += batch.neurons.len();
//!     Ok::<(), std::io::Error>(())
//! })?;
//! assert!(n_spikes > 0);
//! # Ok(())
//! # }
//! ```
mod activity;
mod built_network;
mod chosen_engine;
mod engine_plan;
mod error;
mod estimate;
mod integers;
mod memory;
mod warnings;

pub use built_network::BuiltNetwork;
pub use chosen_engine::{ChosenEngine, choose_engine};
pub use engine_plan::{BuiltSynapses, EnginePlan};
pub use error::BuildError;
pub use estimate::{Estimate, STATED_RATES_HZ, estimate, estimate_at, estimate_build_s};
pub use integers::integer_network;
pub use memory::{Buffer, Held, MemoryPlan, available_memory_bytes, peak_memory_bytes};
pub use warnings::{Warning, warnings};
