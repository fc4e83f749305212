//! A run that is on disk is found by its name.

use super::{Output, RunError, RunReport, find_or_make_network, network, reuse, reused};
use crate::config::Config;
use crate::engine::assembly::integer_network;
use crate::engine::fixed_point::Formats;
use crate::model::network::NetworkSpec;
use crate::simulation::recording::{RecordingPlan, SimulationIdentity};
use std::iter::successors;

/// The run of `config` that is on disk, whichever engine made it; `None` if it is not there.
///
/// # Errors
/// [`RunError`]
pub fn find(config: &Config, output: &Output) -> Result<Option<RunReport>, RunError> {
    if !network::is_stored(config, output)? {
        return Ok(None);
    }
    let network = find_or_make_network(config, output, &mut ())?;
    let spec = &network.stored.network;
    let recording = RecordingPlan::new(&config.recording, spec, config.simulation.dt_ms)?;
    let options = config.build_options();
    let identity =
        |formats: &Formats| SimulationIdentity::new(&network.hash, &options, &config.recording, *formats);
    let is_there = |formats: &Formats| network.place.join(identity(formats).hash()).exists();
    let Some(formats) = formats_on_disk(config, spec, is_there)? else { return Ok(None) };
    let identity = identity(&formats);
    let place = network.place.join(identity.hash());
    let found = reuse::found(&place, &identity, output)?;
    found.map(|manifest| reused(config, network, &recording, &place, manifest)).transpose()
}

/// The formats that a run of `config` has begun with, if `is_there` finds it by them. They are part of its name, and
/// few runs need their neurons made to tell them: a run with the formats of the network itself is there only if these
/// hold all that comes from outside.
fn formats_on_disk(
    config: &Config,
    spec: &NetworkSpec,
    is_there: impl Fn(&Formats) -> bool,
) -> Result<Option<Formats>, RunError> {
    let own = Formats::of(spec, config.simulation.dt_ms, &config.arithmetic);
    match successors(Some(own), Formats::coarser).find(is_there) {
        Some(coarser) if coarser != own => Ok(Some(integer_network(spec, &config.build_options())?.formats)),
        found => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::network::{LifParameters, Population};

    #[test]
    fn a_run_is_looked_for_without_its_neurons() {
        let config = Config::default();
        let population = Population::new("E", u32::MAX, LifParameters::default());
        let spec = NetworkSpec::new(vec![population; 100], Vec::new());
        let own = Formats::of(&spec, config.simulation.dt_ms, &config.arithmetic);
        let found = |is_there: fn(&Formats, &Formats) -> bool| {
            formats_on_disk(&config, &spec, |formats| is_there(formats, &own))
        };
        assert_eq!(found(|formats, own| formats == own).unwrap(), Some(own));
        assert_eq!(found(|_, _| false).unwrap(), None);
        // No memory holds the neurons that tell whether the run with coarser formats is this one.
        assert!(matches!(found(|formats, own| formats != own), Err(RunError::Build(_))));
    }
}
