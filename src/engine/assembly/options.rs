//! Options of an engine on a network: all that makes spikes, besides the network.

use crate::engine::EngineOptions;
use crate::engine::fixed_point::{Arithmetic, Simulation, Stimulus};
use crate::model::network::Scaling;
use crate::rules::{Check, Violations};

/// Everything that an engine is made from besides the network: sections of a configuration.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BuildOptions {
    /// What is simulated.
    pub simulation: Simulation,
    /// Input from outside that is no part of the network.
    pub stimuli: Vec<Stimulus>,
    /// Fixed-point formats.
    pub arithmetic: Arithmetic,
    /// How it is computed; nothing here changes a spike.
    pub engine: EngineOptions,
    /// The down-scaling that the network comes from. It changes nothing; a network that is too large is told with
    /// the scaling that would fit.
    pub scaling: Scaling,
}

impl BuildOptions {
    /// Checks them without a network.
    ///
    /// # Errors
    /// Every value that no engine can be built with.
    pub fn check(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.arithmetic(&self.arithmetic);
        check.simulation(&self.simulation);
        check.stimuli(&self.stimuli, &self.simulation);
        check.engine(&self.engine);
        check.outcome()
    }
}
