//! `areas`: the areas of the human model.

use anyhow::Result;
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::network::NetworkSpec;
use humam_gpu::model::{ModelOptions, model_of};
use humam_gpu::run::RunError;
use std::fmt::Write;

/// `areas`.
pub fn areas() -> Result<String> {
    let options = ModelOptions::default();
    let tables = Tables::load(&options.anatomy).map_err(RunError::from)?;
    let network = model_of(&options, &tables).map_err(|error| RunError::Derivation(error.into()))?.network();
    let mut text =
        format!("{:<26} {:<8} {:<10} {:<24} {:>10}\n", "area", "short", "network", "layers", "neurons");
    for area in &tables.areas {
        let (layers, neurons) = layers_and_neurons(&network, &area.name);
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{:<26} {:<8} {:<10} {layers:<24} {neurons:>10}",
            area.name, area.abbreviation, area.resting_state_network
        );
    }
    text += "Networks are resting-state networks (Kabbara et al. 2017); neurons are those under 1 mm².\n";
    Ok(text)
}

/// Layers of an area that have neurons, and how many neurons it has.
fn layers_and_neurons(network: &NetworkSpec, area: &str) -> (String, u64) {
    let (mut layers, mut neurons): (Vec<&str>, u64) = (Vec::new(), 0);
    for population in network.populations.iter().filter(|p| p.area == area && p.neurons > 0) {
        neurons += u64::from(population.neurons);
        if !layers.contains(&population.layer.as_str()) {
            layers.push(&population.layer);
        }
    }
    (layers.join(" "), neurons)
}
