//! A run that leaves its fixed-point formats starts again with coarser ones.

use super::{FoundNetwork, RunError};
use crate::config::Config;
use crate::engine::EngineError;
use crate::engine::assembly::integer_network;
use crate::engine::fixed_point::{Arithmetic, Formats, IntegerNetwork};
use crate::progress::Progress;

/// The network in formats that may hold.
pub(super) struct Attempt {
    /// The configuration with everything filled in that decides the spikes.
    pub config: Config,
    pub integers: IntegerNetwork,
}

impl Attempt {
    /// The network of `integers` in those formats.
    pub fn new(
        config: &Config,
        network: &FoundNetwork,
        integers: IntegerNetwork,
        formats: Formats,
    ) -> Result<Self, RunError> {
        let weights = config.weights.resolved();
        let config = Config { arithmetic: Arithmetic::from(formats), weights, ..config.clone() };
        let integers = match integers.formats == formats {
            true => integers,
            false => integer_network(&network.stored.network, &config.build_options())?,
        };
        Ok(Self { config, integers })
    }

    /// What to try after `error`; `None` if no coarser format helps.
    pub fn coarser(
        &self,
        error: &RunError,
        network: &FoundNetwork,
        progress: &mut dyn Progress,
    ) -> Result<Option<Self>, RunError> {
        let RunError::Engine(EngineError::Overflow { quantity, neuron, population, step, .. }) = error else {
            return Ok(None);
        };
        let Some(formats) = self.integers.formats.coarser() else { return Ok(None) };
        progress.notice(&format!(
            "{quantity} of neuron {neuron} ('{population}') left its range in step {step}: the run starts again with \
             coarser formats, {formats}"
        ));
        let config = Config { arithmetic: Arithmetic::from(formats), ..self.config.clone() };
        let integers = integer_network(&network.stored.network, &config.build_options())?;
        Ok(Some(Self { config, integers }))
    }
}

/// Tells if the formats that were asked for are not those that are taken.
pub(super) fn tell_of_formats(
    config: &Config,
    network: &FoundNetwork,
    taken: Formats,
    progress: &mut dyn Progress,
) {
    let asked = Formats::of(&network.stored.network, config.simulation.dt_ms, &config.arithmetic);
    if asked != taken {
        progress.notice(&format!(
            "{asked} cannot hold all that may arrive at a neuron in a step: coarser formats are taken, {taken}"
        ));
    }
}
