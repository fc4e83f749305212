//! From physical units to integers: the network as every engine computes it.
//!
//! State that evolves is integers, so that spikes are the same on every device. Here the
//! [`NetworkSpec`](crate::model::network::NetworkSpec) gets its fixed-point formats, propagators,
//! quantile tables and initial state. All floats of the set-up end here.
//!
//! Units of the integers: a membrane potential is (V − E_L) in mV with
//! [`Formats::v_m_bits`] fractional bits; a synaptic current is I/C_m in mV/ms with
//! [`Formats::current_bits`], and so is all that arrives in a step: the weight of a synapse, which is packed
//! with [`Formats::weight_bits`] ≤ `current_bits`, is shifted where it arrives, and what comes from outside has
//! the resolution of the current from the start. A DC input has [`DC_BITS`].
mod arrival;
mod bounds;
mod currents;
mod dose;
mod draws;
mod drive;
mod ensemble;
mod even_targets;
mod explicit;
mod formats;
mod grid;
mod listed;
mod network;
mod neuron;
mod options;
mod poisson;
mod population;
mod quantiles;
mod rate_profile;
mod stepwise;
mod stimuli;
mod stimulus;
mod stimulus_check;
mod stimulus_error;
mod stimulus_file;
mod stimulus_inputs;
mod stimulus_sizes;
mod stimulus_sums;
mod stimulus_text;
mod tables;
mod transmission;

pub use arrival::Arrival;
pub use bounds::max_of;
pub use currents::{Currents, LEVEL_BITS};
pub use dose::Dose;
pub(crate) use draws::{BASE_BITS, FACTOR_SHIFTS, PLACE_BITS, SLOPE_BITS, SLOPE_SHIFT};
pub use draws::{
    DELAY_FRACTION_BITS, Entries, TABLE_BITS, UNIFORM_BITS, WEIGHT_FRACTION_BITS, factor_words, quantile,
    scaled_draw,
};
pub use drive::IntegerDrive;
pub use ensemble::{Ensemble, NotTogether};
pub use even_targets::EvenTargets;
pub use formats::{Formats, FormatsError};
pub(crate) use grid::grid_rule;
pub use grid::{OffGrid, nearest_step, whole_steps};
pub use listed::{ListedRows, MAX_LISTED};
pub use network::{IntegerNetwork, IntegerProjection};
pub use neuron::{
    CURRENT_LIMIT, DC_BITS, HASH_MULTIPLIERS, NeuronClass, REFRACTORY, REFRACTORY_END, ROUNDING_NEURONS,
    StepRounding, V_M_LIMIT, rounding_offset, step_neuron,
};
pub use options::{Arithmetic, MAX_STEPS, Simulation};
pub use poisson::{BLOCK_BITS, BLOCK_STEPS, CALL_BITS, DriveBlock, poisson_thresholds};
pub use population::{DriveStreams, IntegerPopulation, own_parameters};
pub use quantiles::{FactorTable, LARGEST_Z, NormalQuantiles};
pub use stepwise::{NEURONS_PER_CALL, stepwise_count, stepwise_thresholds, stepwise_uniform};
pub use stimuli::Stimuli;
pub use stimulus::Stimulus;
pub use stimulus_error::{StimuliError, StimulusError};
pub use stimulus_file::{StimulusColumn, StimulusFile, StimulusFileError, StimulusRow};
pub use stimulus_sizes::stimuli_bytes;
pub use transmission::Transmission;
