//! All sections in one: what a file says, and which of it makes a network and which an engine.

use super::AnalysisOptions;
use crate::engine::EngineOptions;
use crate::engine::assembly::BuildOptions;
use crate::engine::fixed_point::{Arithmetic, Simulation, Stimulus};
use crate::model::anatomy::{Anatomy, Connectivity};
use crate::model::network::{Manipulation, Scaling};
use crate::model::theory::Theory;
use crate::model::{
    Delays, Drive, Microcircuit, ModelKind, ModelOptions, Neurons, ReplaceMissingAreas, Weights,
};
use crate::simulation::recording::Recording;
use serde::{Deserialize, Serialize};

/// Everything a run is made from. Sections that are left out take their defaults.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Name of the run's folder under `out/`; the config's file stem where it is `None`.
    pub name: Option<String>,
    /// Which model is built. Keys of the other one must keep their defaults.
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
    /// Fixed-point formats of the engines.
    pub arithmetic: Arithmetic,
    /// What is simulated.
    pub simulation: Simulation,
    /// Input from outside that is no part of the network.
    pub stimuli: Vec<Stimulus>,
    /// What of it is kept.
    pub recording: Recording,
    /// How it is computed; nothing here changes a spike.
    pub engine: EngineOptions,
    /// The microcircuit, where `model` asks for it.
    pub microcircuit: Microcircuit,
    /// What statistics of a run are computed from.
    pub analysis: AnalysisOptions,
}

impl Config {
    /// What makes the network.
    pub fn model_options(&self) -> ModelOptions {
        // A section that is new does not compile until it is put here, or below what no network follows from.
        let Self {
            model,
            areas,
            replace_missing_areas,
            anatomy,
            connectivity,
            neurons,
            weights,
            delays,
            drive,
            manipulations,
            scaling,
            theory,
            microcircuit,
            // Of the run: [`Config::build_options`] and what is kept of it.
            arithmetic: _,
            simulation: _,
            stimuli: _,
            engine: _,
            recording: _,
            // Of neither: where files go, what is computed from them.
            name: _,
            analysis: _,
        } = self.clone();
        ModelOptions {
            model,
            areas,
            replace_missing_areas,
            anatomy,
            connectivity,
            neurons,
            weights,
            delays,
            drive,
            manipulations,
            scaling,
            theory,
            microcircuit,
        }
    }

    /// What makes an engine of the network.
    pub fn build_options(&self) -> BuildOptions {
        BuildOptions {
            simulation: self.simulation.clone(),
            stimuli: self.stimuli.clone(),
            arithmetic: self.arithmetic.clone(),
            engine: self.engine.clone(),
            scaling: self.scaling.clone(),
        }
    }
}
