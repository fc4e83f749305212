//! `spikes.h5`.

use super::{NODE_POPULATION, UNITS, root};
use crate::analysis::RunFolder;
use crate::disk::Place;
use crate::output::export::hdf5::{Attribute, Dataset, Datatype, Group, Hdf5Writer};
use crate::output::export::{ExportError, for_each_chunk};

/// How spikes can be sorted.
const SORTING: &[&str] = &["none", "by_id", "by_time"];
const BY_TIME: u8 = 2;

pub(super) fn write(run: &RunFolder, folder: &Place) -> Result<(), ExportError> {
    let n_spikes = run.manifest.recorded_spikes();
    let mut timestamps = Dataset::new("timestamps", Datatype::F64, &[n_spikes]);
    timestamps.attributes.push(Attribute::text(UNITS, "ms"));
    let mut population = Group::new(NODE_POPULATION);
    population.attributes.push(Attribute::choice("sorting", SORTING, BY_TIME));
    population.datasets = vec![timestamps, Dataset::new("node_ids", Datatype::U64, &[n_spikes])];
    let mut file = Hdf5Writer::create(folder.join("spikes.h5"), &root("spikes", population))?;
    let dt_ms = run.manifest.dt_ms;
    let mut bytes = Vec::new();
    file.fill("timestamps", |sink| {
        for_each_chunk(run, &mut |steps, _| {
            bytes.clear();
            bytes.extend(steps.iter().flat_map(|&step| (f64::from(step) * dt_ms).to_le_bytes()));
            Ok(sink.put(&bytes)?)
        })
    })?;
    file.fill("node_ids", |sink| {
        for_each_chunk(run, &mut |_, neurons| {
            bytes.clear();
            bytes.extend(neurons.iter().flat_map(|&neuron| u64::from(neuron).to_le_bytes()));
            Ok(sink.put(&bytes)?)
        })
    })?;
    Ok(file.finish()?)
}
