//! Populations as rows of tables.

use super::RecordingError;
use crate::disk::Place;
use crate::model::network::{NetworkSpec, Population};
use std::path::Path;

/// A population that has neurons, with its place in the numbering of neurons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PopulationRow {
    /// Index in the network.
    pub index: usize,
    /// Area; empty if the network has none.
    pub area: String,
    /// Layer; empty if the network has none.
    pub layer: String,
    /// Population within the layer.
    pub population: String,
    /// First neuron, from 0.
    pub first_neuron: u32,
    /// Number of neurons.
    pub neurons: u32,
}

impl PopulationRow {
    /// Area, layer and population, as far as there are any, with a space between them, as
    /// [`Population::name`] has it.
    pub fn name(&self) -> String {
        let names = [&*self.area, &*self.layer, &*self.population];
        names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// Populations that have neurons, in their order.
pub fn population_rows(network: &NetworkSpec) -> Vec<PopulationRow> {
    let rows = network.populations.iter().zip(network.first_neurons()).enumerate();
    let occupied = rows.filter(|(_, (population, _))| population.neurons > 0);
    let row = |(index, (population, first_neuron)): (usize, (&Population, u32))| PopulationRow {
        index,
        area: population.area.clone(),
        layer: population.layer.clone(),
        population: population.cell_type.clone(),
        first_neuron,
        neurons: population.neurons,
    };
    occupied.map(row).collect()
}

/// Writes `populations.csv`.
///
/// # Errors
/// A file that cannot be written.
pub fn write_populations(at: impl Into<Place>, rows: &[PopulationRow]) -> Result<(), RecordingError> {
    let place = at.into();
    super::write_whole(&place, &populations_csv(&place.path(), rows)?)
}

/// The text of `populations.csv`, which goes to or comes from `path`.
///
/// # Errors
/// Rows that have no form as a table.
pub fn populations_csv(path: &Path, rows: &[PopulationRow]) -> Result<Vec<u8>, RecordingError> {
    let lines = rows.iter().map(|row| {
        let numbers = [row.first_neuron.to_string(), row.neurons.to_string()];
        [[row.area.clone(), row.layer.clone(), row.population.clone()].as_slice(), &numbers].concat()
    });
    csv_text(path, &["area", "layer", "population", "first_neuron", "neurons"], lines)
}

/// Writes a table.
///
/// # Errors
/// A file that cannot be written.
pub fn write_csv(
    at: impl Into<Place>,
    columns: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<(), RecordingError> {
    let place = at.into();
    super::write_whole(&place, &csv_text(&place.path(), columns, rows)?)
}

pub(super) fn csv_text(
    path: &Path,
    columns: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Vec<u8>, RecordingError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = || -> csv::Result<Vec<u8>> {
        writer.write_record(columns)?;
        rows.into_iter().try_for_each(|row| writer.write_record(row))?;
        writer.into_inner().map_err(|error| error.into_error().into())
    };
    written().map_err(|error| RecordingError::write(path, error.into()))
}
