//! From a configuration to an engine at step 0: the one place that calls every stage in its order.
//!
//! ```text
//! Tables → HumanModel → (full-scale theory → DC) → scaled NetworkSpec → its theory     model_network
//! NetworkSpec → IntegerNetwork → Synapses → Engine            choose_engine, ChosenEngine::plan
//! ```
//! Files, folders and hashes are `run`'s.
mod engines;
mod error;
mod estimate;
mod memory;
mod model_network;

pub use engines::{ChosenEngine, EnginePlan, Synapses, choose_engine};
pub use error::BuildError;
pub use estimate::{TimeEstimate, estimate_time};
pub use memory::{Buffer, MemoryPlan, available_memory_bytes, check_memory, peak_memory_bytes};
pub use model_network::{GROUND_STATE_CHI, GROUND_STATE_CHI_I, ModelNetwork, model_network, model_of};
