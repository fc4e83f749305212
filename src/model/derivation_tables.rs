//! Tables of what a network was made from, for figures and for people: the model at full scale, the way of theory to
//! its fixed point, and the short names of areas.

use super::folder::{Tables, write_files};
use super::{FolderError, ModelNetwork, ModelTables};
use crate::disk::Place;
use crate::model::anatomy;
use crate::model::theory::StationaryRates;

/// Neurons at full scale, in the model's slots.
pub const FULL_SCALE_NEURONS_FILE: &str = "full_scale_neurons.csv";
/// Synapses at full scale between the model's slots, targets in rows.
pub const FULL_SCALE_SYNAPSES_FILE: &str = "full_scale_synapses.csv";
/// Every step of theory's flow, of the network with its DC input and without it.
pub const THEORY_FLOW_FILE: &str = "theory_flow.csv";
/// Areas and their short names.
pub const AREAS_FILE: &str = "areas.csv";

/// Writes [`FULL_SCALE_NEURONS_FILE`], [`FULL_SCALE_SYNAPSES_FILE`], [`THEORY_FLOW_FILE`] and [`AREAS_FILE`] into the
/// existing folder `folder`. An area that `tables` do not know has its name for a short one.
///
/// # Errors
/// [`FolderError`]
pub fn write_derivation(
    folder: impl Into<Place>,
    derived: &ModelNetwork,
    tables: &anatomy::Tables,
) -> Result<(), FolderError> {
    let model = ModelTables::from(&derived.model);
    let full = Tables::new(&model, &derived.full)?;
    let files = vec![
        (FULL_SCALE_NEURONS_FILE, full.by_slot("neurons", "0", |_, p| p.neurons.to_string())),
        (FULL_SCALE_SYNAPSES_FILE, full.matrix(&full.synapses())),
        (THEORY_FLOW_FILE, flows(&[("with_dc", &derived.with_dc), ("without_dc", &derived.without_dc)])),
        (AREAS_FILE, areas(derived, tables)),
    ];
    write_files(&folder.into(), files)
}

fn flows(theories: &[(&str, &StationaryRates)]) -> String {
    let mut text = "network,pseudo_time,mean_rate_hz,residual_hz\n".to_owned();
    for (network, theory) in theories {
        for (pseudo_time, mean_rate_hz, residual_hz) in &theory.history {
            text.push_str(&format!("{network},{pseudo_time},{mean_rate_hz},{residual_hz}\n"));
        }
    }
    text
}

fn areas(derived: &ModelNetwork, tables: &anatomy::Tables) -> String {
    let mut text = "area,abbreviation\n".to_owned();
    for areas in derived.full.populations.chunk_by(|a, b| a.area == b.area) {
        let name = &areas[0].area;
        let known = tables.areas.iter().find(|area| area.name == *name);
        let short = known.map_or(name, |area| &area.abbreviation);
        text.push_str(&format!("{name},{short}\n"));
    }
    text
}
