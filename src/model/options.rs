//! What a configuration asks for besides the model itself: how synapses choose their neurons and
//! transmit, and constant currents into chosen populations.

use super::ModelError;
use crate::config::{Config, PopulationSelector};
use crate::network::NetworkSpec;

/// `network` with the connection rule, p_transmit and DC drive of `config`.
///
/// # Errors
/// [`ModelError::NoSuchPopulation`]
pub fn with_options(network: NetworkSpec, config: &Config) -> Result<NetworkSpec, ModelError> {
    let (connection_rule, p_transmit) = (config.connectivity.rule, config.connectivity.p_transmit);
    let mut network = NetworkSpec { connection_rule, p_transmit, ..network };
    for drive in &config.drive.dc {
        let chosen = chosen_populations(&network, &drive.populations, "drive.dc")?;
        chosen.into_iter().for_each(|index| network.populations[index].dc_pa += drive.amplitude_pa);
    }
    Ok(network)
}

/// Indices of the populations that `selector`, the value of `key`, chooses.
///
/// # Errors
/// [`ModelError::NoSuchPopulation`] where it chooses none.
pub fn chosen_populations(
    network: &NetworkSpec,
    selector: &PopulationSelector,
    key: &'static str,
) -> Result<Vec<usize>, ModelError> {
    let names = || network.populations.iter().map(|population| population.name.as_str());
    let chosen = names().enumerate().filter(|(_, name)| selector.matches(name)).map(|(index, _)| index);
    let chosen: Vec<usize> = chosen.collect();
    if chosen.is_empty() {
        let nearest = selector.nearest(names()).unwrap_or_default().to_owned();
        return Err(ModelError::NoSuchPopulation { key, selector: selector.to_string(), nearest });
    }
    Ok(chosen)
}
