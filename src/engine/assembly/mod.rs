//! From a network to an engine at step 0: the one place that calls every stage in its order.
//!
//! ```text
//! NetworkSpec → IntegerNetwork with stimuli                   integer_network
//! IntegerNetwork → Synapses → Engine                          choose_engine, ChosenEngine::plan
//! ```
//! Files, folders and hashes are `run`'s. [`BuiltNetwork`] takes a network of one's own through the two
//! lines in one call.
//!
//! ```
//! use humam_gpu::engine::EngineKind;
//! use humam_gpu::engine::assembly::BuildOptions;
//! use humam_gpu::model::{ModelOptions, anatomy::Tables, model_network};
//! use humam_gpu::{engine::assembly, simulation};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut model = ModelOptions::default();
//! (model.scaling.n_scaling, model.scaling.k_scaling) = (0.001, 0.004);
//! let derived = model_network(&model, &Tables::load(&model.anatomy)?, &mut ())?;
//!
//! let mut options = BuildOptions { scaling: model.scaling, ..BuildOptions::default() };
//! options.engine.engine = EngineKind::Cpu;
//! let network = assembly::integer_network(&derived.network, &options)?;
//! let plan = assembly::choose_engine(&options.engine)?.plan(&network);
//! plan.check(&options.scaling, assembly::available_memory_bytes())?;
//! let synapses = plan.synapses(&network)?;
//! let mut engine = plan.open(&network, &synapses)?;
//! let mut n_spikes = 0;
//! simulation::simulate(engine.as_mut(), 500, |batch| {
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
#[cfg(test)]
mod engine_plan_tests;
mod error;
mod estimate;
mod integers;
mod member;
mod memory;
mod options;
mod seat;
mod together;

pub use built_network::BuiltNetwork;
pub use chosen_engine::{ChosenEngine, choose_engine};
pub use engine_plan::{BuiltSynapses, EnginePlan};
pub use error::BuildError;
pub use estimate::{Estimate, STATED_RATES_HZ, estimate, estimate_at, estimate_build_s};
pub use integers::integer_network;
pub use memory::{Buffer, Held, MemoryPlan, available_memory_bytes, peak_memory_bytes};
pub use options::BuildOptions;
pub use seat::{MemberEngine, Seat};
pub use together::Together;
