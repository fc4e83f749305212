//! Populations as rows of tables.

use super::RecordingError;
use crate::disk::Place;
use crate::model::network::NetworkSpec;
use std::path::Path;

/// A population that has neurons, with its place in the numbering of neurons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PopulationRow {
    /// Index in the network.
    pub index: usize,
    /// Area; empty where the name has no such part.
    pub area: String,
    /// Layer; empty where the name has no such part.
    pub layer: String,
    /// Population within the layer.
    pub population: String,
    /// First neuron, from 0.
    pub first_neuron: u32,
    /// Number of neurons.
    pub neurons: u32,
}

/// Populations that have neurons, in their order.
pub fn population_rows(network: &NetworkSpec) -> Vec<PopulationRow> {
    let rows = network.populations.iter().zip(network.first_neurons()).enumerate();
    let occupied = rows.filter(|(_, (population, _))| population.neurons > 0);
    let row = |(index, (population, first_neuron)): (usize, (&crate::model::network::Population, u32))| {
        let (area, layer, name) = split_name(&population.name);
        PopulationRow {
            index,
            area: area.to_owned(),
            layer: layer.to_owned(),
            population: name.to_owned(),
            first_neuron,
            neurons: population.neurons,
        }
    };
    occupied.map(row).collect()
}

/// Area, layer and population of a name such as `precuneus II/III E`: the last word is the
/// population, the one before it the layer, the rest the area. What is missing is empty.
pub fn split_name(name: &str) -> (&str, &str, &str) {
    let (rest, population) = name.rsplit_once(' ').unwrap_or(("", name));
    let (area, layer) = rest.rsplit_once(' ').unwrap_or(("", rest));
    (area, layer, population)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_as_far_as_they_go() {
        assert_eq!(split_name("precuneus II/III E"), ("precuneus", "II/III", "E"));
        assert_eq!(split_name("L2/3 E"), ("", "L2/3", "E"));
        assert_eq!(split_name("E"), ("", "", "E"));
        assert_eq!(split_name("my area V I"), ("my area", "V", "I"));
        assert_eq!(split_name(""), ("", "", ""));
    }
}
