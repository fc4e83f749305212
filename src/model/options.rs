//! What a configuration asks for besides the model itself: how synapses choose their neurons and
//! transmit, and constant currents into chosen populations.

use super::ModelError;
use crate::config::Config;
use crate::model::network::NetworkSpec;

/// `network` with the connection rule, p_transmit and DC drive of `config`.
///
/// # Errors
/// [`ModelError::NoSuchPopulation`]
pub fn with_options(network: NetworkSpec, config: &Config) -> Result<NetworkSpec, ModelError> {
    let (connection_rule, p_transmit) = (config.connectivity.rule, config.connectivity.p_transmit);
    let mut network = NetworkSpec { connection_rule, p_transmit, ..network };
    for drive in &config.drive.dc {
        let chosen = network.chosen(&drive.populations);
        if chosen.is_empty() {
            let (selector, nearest) = (drive.populations.to_string(), network.nearest(&drive.populations, 0));
            return Err(ModelError::NoSuchPopulation { key: "drive.dc", selector, nearest });
        }
        chosen.into_iter().for_each(|index| network.populations[index].dc_pa += drive.amplitude_pa);
    }
    Ok(network)
}
