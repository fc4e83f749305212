//! What the arrays of a folder mean: shape, type, axes and unit of each `.npy` file, for those who read it.

use super::RecordingError;
use super::npy::{HEADER_BYTES, MAGIC};
use super::written::matches;
use crate::disk::{self, Place};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// File with these descriptions, if a folder has no manifest.
pub const ARRAYS_FILE: &str = "arrays.json";

/// Names with at most one `*` for any part, axes, and unit.
type Meaning = (&'static str, &'static [&'static str], &'static str);

/// What is known of all arrays that the program writes into runs and analyses.
const MEANINGS: [Meaning; 18] = [
    ("spikes_neuron.npy", &["spike"], "neurons, numbered from 0"),
    ("spikes_step.npy", &["spike"], "steps of dt_ms, numbered from 1"),
    ("spike_counts.npy", &["bin", "population"], "spikes"),
    ("voltmeter_*_time_ms.npy", &["sample"], "ms"),
    ("voltmeter_*_v_m_mv.npy", &["sample", "neuron"], "mV"),
    ("voltmeter_*_pa.npy", &["sample", "neuron"], "pA"),
    ("means_time_ms.npy", &["sample"], "ms"),
    ("means_v_m_mv.npy", &["sample", "population"], "mV"),
    ("means_*_pa.npy", &["sample", "population"], "pA"),
    ("individual_rates_hz.npy", &["neuron"], "spikes/s"),
    ("population_rates_hz.npy", &["population", "bin"], "spikes/s"),
    ("area_rates_hz.npy", &["area", "bin"], "spikes/s"),
    ("peri_stimulus_*_areas_hz.npy", &["area", "bin"], "spikes/s"),
    ("peri_stimulus_*_populations_hz.npy", &["population", "bin"], "spikes/s"),
    ("synaptic_currents_pa_per_s.npy", &["area", "bin"], "pA/s"),
    ("lfp_proxy.npy", &["area", "sample"], "standard deviations"),
    ("lfp_time_ms.npy", &["sample"], "ms"),
    ("bold.npy", &["area", "bin"], "relative change of the signal"),
];

/// What an array is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrayDescription {
    /// Length of each axis.
    pub shape: Vec<u64>,
    /// What each axis counts; populations and areas are in the order of the tables beside the array.
    pub axes: Vec<String>,
    /// NumPy's name of the type, such as `<f8`.
    #[serde(rename = "type")]
    pub element: String,
    /// Unit of its values.
    pub unit: String,
}

/// The arrays of a folder by the names of their files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Arrays(pub BTreeMap<String, ArrayDescription>);

impl Arrays {
    /// Of all arrays in `folder` that the program writes; one whose header cannot be read is left out, as its readers
    /// refuse it.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn of_folder(folder: &Path) -> Result<Self, RecordingError> {
        let names = Place::folder(folder).names().map_err(|source| RecordingError::read(folder, source))?;
        let described = names.iter().filter_map(|name| {
            let name = name.to_str()?;
            let (_, axes, unit) = MEANINGS.iter().find(|(pattern, ..)| matches(pattern, name))?;
            let (shape, element) = shape_and_type(&folder.join(name))?;
            let axes = axes.iter().map(|&axis| axis.to_owned()).collect();
            Some((name.to_owned(), ArrayDescription { shape, axes, element, unit: (*unit).to_owned() }))
        });
        Ok(Self(described.collect()))
    }

    /// The text of [`ARRAYS_FILE`].
    pub fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        text.expect("numbers and strings with their names have a JSON form") + "\n"
    }
}

/// Lengths of the axes of an array that [`NpyWriter`](super::NpyWriter) wrote, and NumPy's name of its type; `None` if its header is
/// another one.
fn shape_and_type(path: &Path) -> Option<(Vec<u64>, String)> {
    let mut found = vec![0; HEADER_BYTES];
    disk::open(path).ok()?.read_exact(&mut found).ok()?;
    let text = std::str::from_utf8(found.get(MAGIC.len() + 2..)?).ok()?;
    let name = text.split_once("'descr': '")?.1.split_once('\'')?.0.to_owned();
    let shape = text.split_once("'shape': (")?.1.split_once(')')?.0;
    let lengths = shape.split(',').map(str::trim).filter(|length| !length.is_empty());
    Some((lengths.map(|length| length.parse().ok()).collect::<Option<_>>()?, name))
}

#[cfg(test)]
mod tests {
    use super::super::NpyWriter;
    use super::*;

    #[test]
    fn arrays_are_described_as_their_headers_tell() {
        let folder = tempfile::tempdir().unwrap();
        let mut rows =
            NpyWriter::<f64>::create(&folder.path().join("voltmeter_0_v_m_mv.npy"), Some(3)).unwrap();
        rows.extend(&[0.0; 6]).unwrap();
        rows.finish().unwrap();
        let mut list = NpyWriter::<u32>::create(&folder.path().join("spikes_step.npy"), None).unwrap();
        list.extend(&[1; 5]).unwrap();
        list.finish().unwrap();
        std::fs::write(folder.path().join("bold.npy"), "damaged").unwrap();
        std::fs::write(folder.path().join("mine.npy"), "mine").unwrap();
        let arrays = Arrays::of_folder(folder.path()).unwrap();
        assert_eq!(arrays.0.keys().collect::<Vec<_>>(), ["spikes_step.npy", "voltmeter_0_v_m_mv.npy"]);
        let ArrayDescription { shape, axes, element, unit } = &arrays.0["voltmeter_0_v_m_mv.npy"];
        assert_eq!((shape.as_slice(), element.as_str(), unit.as_str()), ([2, 3].as_slice(), "<f8", "mV"));
        assert_eq!(axes, &["sample", "neuron"]);
        assert_eq!(arrays.0["spikes_step.npy"].shape, [5]);
        assert_eq!(serde_json::from_str::<Arrays>(&arrays.text()).unwrap(), arrays);
    }
}
