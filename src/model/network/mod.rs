//! The network specification and what is done to it before it becomes synapses.
mod check;
mod described_projection;
mod description;
mod description_error;
mod listed_rule;
mod manipulation;
mod neuron;
mod neuron_override;
mod options;
mod psp;
mod rounding;
mod scaling;
mod selector;
mod spec;
mod subset;
mod synapse_file;
mod synapse_list;
mod synapse_parquet;

pub use check::{SpecError, SpecProblem};
pub use description::{
    DelayDescription, NetworkDescription, NetworkText, Numbering, PoissonDescription, PopulationDescription,
    ProjectionDescription, ProjectionRule,
};
pub use description_error::{DescriptionError, DescriptionProblem};
pub use listed_rule::ListedRule;
pub use manipulation::{Manipulation, ManipulationError, check_silent, manipulated};
pub use neuron::NeuronParameters;
pub use neuron_override::NeuronOverride;
pub use options::{ConnectionRule, Scaling, ScalingMethod};
pub use psp::psc_over_psp_pa_per_mv;
pub use scaling::{scaled, weight_factor};
pub use selector::PopulationSelector;
pub use spec::*;
pub use subset::{SubsetError, subset};
pub use synapse_file::SynapseFileError;
pub use synapse_list::{ListedSynapseError, MAX_LISTED_SYNAPSES, SynapseColumns, SynapseList};
