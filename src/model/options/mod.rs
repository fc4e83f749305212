//! Options of the models: everything that makes a network.

mod human;
mod microcircuit;
mod network_source;

pub use human::{DcDrive, DelayShape, Delays, Drive, Neurons, ReplaceMissingAreas, Weights};
pub use microcircuit::{Background, Microcircuit};
pub use network_source::NetworkSource;

use crate::model::anatomy::{Anatomy, Connectivity};
use crate::model::network::{Manipulation, Scaling};
use crate::model::theory::Theory;
use serde::{Deserialize, Serialize};

/// Everything that a network is made from besides tables: sections of a configuration.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelOptions {
    /// Which model is built. Sections of the other one mean nothing.
    pub model: ModelKind,
    /// Areas of the human model that are simulated; `None` takes all. Their order means nothing.
    pub areas: Option<Vec<String>>,
    /// What stands for the synapses from areas that are left out.
    pub replace_missing_areas: ReplaceMissingAreas,
    /// Which tables to read and how to turn them into neuron numbers.
    pub anatomy: Anatomy,
    /// How neuron numbers and streamlines become synapse numbers.
    pub connectivity: Connectivity,
    /// The two neuron types and the initial membrane potential.
    pub neurons: Neurons,
    /// Synaptic weights and their multipliers.
    pub weights: Weights,
    /// Transmission delays.
    pub delays: Delays,
    /// Background input that stands for the cortex outside the model.
    pub drive: Drive,
    /// What an experiment does to the network, one after the other.
    pub manipulations: Vec<Manipulation>,
    /// Down-scaling of neurons and synapses.
    pub scaling: Scaling,
    /// Mean-field theory of stationary rates.
    pub theory: Theory,
    /// The microcircuit, where `model` asks for it.
    pub microcircuit: Microcircuit,
}

/// Which model is built.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// The Human Multi-Area Model (Pronold).
    #[default]
    Human,
    /// The microcircuit under 1 mm² of early sensory cortex (PD).
    Microcircuit,
    /// A network of one's own: populations and projections
    /// ([`NetworkDescription`](crate::model::network::NetworkDescription)), or `network.ron` of a run folder.
    Network(NetworkSource),
    /// A network of one's own whose spikes were imported: its populations are known, its synapses are not, so that
    /// it can be analysed and not run.
    Imported,
}
