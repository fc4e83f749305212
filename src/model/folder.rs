//! The network as tables: one file a quantity, in all slots of the model, 272 or 8, for people and for
//! other programs.
//!
//! Matrices have targets in rows and sources in columns. Slots without neurons have 0 neurons,
//! synapses and external rate, and a blank DC and rate. Numbers are the shortest that read back as the
//! same f64.

use super::{HumanModel, MicrocircuitModel, Model};
use crate::disk::Place;
use crate::model::anatomy::AREAS;
use crate::model::network::{NetworkSpec, Population};
use ndarray::Array2;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;
use std::path::PathBuf;
use thiserror::Error;

/// Stationary rates of the scaled network's populations, 1/s.
#[derive(Debug, Clone, Copy)]
pub struct FolderRates<'a> {
    /// With the DC that makes up for missing synapses.
    pub with_dc_hz: &'a [f64],
    /// Without it, as the publication's notebook has it.
    pub without_dc_hz: &'a [f64],
}

/// What keeps the tables from being written.
#[derive(Debug, Error)]
pub enum FolderError {
    /// A file cannot be written.
    #[error("cannot write {}: {source}: choose another folder or make room", path.display())]
    Write {
        /// File.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// A population that is not one of the model's.
    #[error(
        "population `{name}` is none of the model's: write networks that were scaled from the model's own"
    )]
    UnknownPopulation {
        /// Its name.
        name: String,
    },
    /// There is not one rate for each population.
    #[error(
        "{rates} rates for {populations} populations: give one rate for each population of the scaled network"
    )]
    RatesLength {
        /// Rates given.
        rates: usize,
        /// Populations of the scaled network.
        populations: usize,
    },
}

/// What a model tells about its slots, whether they have neurons or not.
#[derive(Debug, Clone)]
pub struct ModelTables<'a> {
    /// Area, layer and cell type of each slot; joined by blanks they are its population's name.
    slots: Vec<[String; 3]>,
    /// Mean weights at full scale, pA, [target, source].
    weights_pa: Cow<'a, Array2<f64>>,
    /// Mean weights of external synapses at full scale, pA.
    external_weights_pa: Cow<'a, [f64]>,
    /// Mean delays between areas, ms, if there are several.
    cc_delay_mean_ms: Option<&'a Array2<f64>>,
}

impl<'a> From<&'a HumanModel> for ModelTables<'a> {
    fn from(model: &'a HumanModel) -> Self {
        let slots = model.slots.iter().map(|s| [s.area_name(), s.layer.name(), s.cell_type.name()]);
        Self {
            slots: slots.map(|slot| slot.map(str::to_owned)).collect(),
            weights_pa: Cow::Borrowed(&model.weights_pa),
            external_weights_pa: Cow::Borrowed(&model.external_weights_pa),
            cc_delay_mean_ms: Some(&model.cc_delay_mean_ms),
        }
    }
}

impl<'a> From<&'a MicrocircuitModel> for ModelTables<'a> {
    fn from(model: &'a MicrocircuitModel) -> Self {
        Self {
            slots: MicrocircuitModel::slots().map(|slot| slot.map(str::to_owned)).collect(),
            weights_pa: Cow::Borrowed(&model.weights_pa),
            external_weights_pa: Cow::Borrowed(&model.background_weights_pa),
            cc_delay_mean_ms: None,
        }
    }
}

impl From<&NetworkSpec> for ModelTables<'_> {
    /// The slots are the populations. Several projections between two of them have the mean weight of their synapses.
    fn from(network: &NetworkSpec) -> Self {
        let n = network.populations.len();
        let (mut sums, mut synapses) = (Array2::zeros((n, n)), Array2::<f64>::zeros((n, n)));
        for projection in &network.projections {
            let (place, count) = ([projection.target, projection.source], projection.synapses as f64);
            sums[place] += projection.weight_pa * count;
            synapses[place] += count;
        }
        let weights_pa = sums / synapses.mapv(|count| if count > 0.0 { count } else { 1.0 });
        let drive = |population: &Population| population.poisson.map_or(0.0, |drive| drive.weight_pa);
        let slot = |p: &Population| [p.area.clone(), p.layer.clone(), p.cell_type.clone()];
        Self {
            slots: network.populations.iter().map(slot).collect(),
            weights_pa: Cow::Owned(weights_pa),
            external_weights_pa: network.populations.iter().map(drive).collect::<Vec<_>>().into(),
            cc_delay_mean_ms: None,
        }
    }
}

impl<'a> From<&'a Model> for ModelTables<'a> {
    fn from(model: &'a Model) -> Self {
        match model {
            Model::Human(model) => model.as_ref().into(),
            Model::Microcircuit(model) => model.as_ref().into(),
            Model::Own(network) => network.as_ref().into(),
        }
    }
}

/// Writes `neurons.csv`, `synapses.csv`, `external_synapses.csv`, `weights_pa.csv`,
/// `external_weights_pa.csv`, `external_rates_hz.csv`, `dc_drive_pa.csv`, `cc_delay_mean_ms.csv` and
/// `theory_rates.csv` into the existing folder `folder`.
///
/// `scaled` is the model's network after scaling, with its populations found by name, and
/// `weight_factor` what scaling multiplies weights by. Areas that are left out are slots without
/// neurons; where Poisson input replaces them, it is part of the external columns. A model of one area
/// has no `cc_delay_mean_ms.csv`.
///
/// # Errors
/// [`FolderError`]
pub fn write_network_folder<'a>(
    folder: impl Into<Place>,
    model: impl Into<ModelTables<'a>>,
    scaled: &NetworkSpec,
    weight_factor: f64,
    rates: FolderRates<'_>,
) -> Result<(), FolderError> {
    let (folder, model) = (folder.into(), model.into());
    let tables = Tables::new(&model, scaled)?;
    for rates in [rates.with_dc_hz, rates.without_dc_hz] {
        let populations = scaled.populations.len();
        if rates.len() != populations {
            return Err(FolderError::RatesLength { rates: rates.len(), populations });
        }
    }
    let external = |p: &Population| p.poisson.map_or(0, |poisson| poisson.synapses);
    let external_rate = |p: &Population| p.poisson.map_or(0.0, |poisson| poisson.rate_hz);
    let external_weights =
        tables.population.iter().zip(model.external_weights_pa.iter()).map(|(p, weight)| {
            let drive = p.and_then(|index| scaled.populations[index].poisson);
            drive.map_or(weight * weight_factor, |drive| drive.weight_pa).to_string()
        });
    let mut files = vec![
        ("neurons.csv", tables.by_slot("neurons", "0", |_, p| p.neurons.to_string())),
        ("external_synapses.csv", tables.by_slot("external_synapses", "0", |_, p| external(p).to_string())),
        ("external_rates_hz.csv", tables.by_slot("rate_hz", "0", |_, p| external_rate(p).to_string())),
        ("dc_drive_pa.csv", tables.by_slot("dc_pa", "", |_, p| p.dc_pa.to_string())),
        ("external_weights_pa.csv", tables.rows("weight_pa", external_weights)),
        (
            "theory_rates.csv",
            tables.by_slot("rate_hz,rate_without_dc_hz", ",", |population, _| {
                format!("{},{}", rates.with_dc_hz[population], rates.without_dc_hz[population])
            }),
        ),
        ("synapses.csv", tables.matrix(&tables.synapses())),
        ("weights_pa.csv", tables.matrix(&model.weights_pa.mapv(|weight| weight * weight_factor))),
    ];
    if let Some(delays) = model.cc_delay_mean_ms {
        files.push(("cc_delay_mean_ms.csv", matrix("target_area", &AREAS.map(str::to_owned), delays)));
    }
    write_files(&folder, files)
}

/// Writes each text into the file of its name.
pub(super) fn write_files(folder: &Place, files: Vec<(&str, String)>) -> Result<(), FolderError> {
    files.into_iter().try_for_each(|(file, text)| {
        let place = folder.join(file);
        let written = place.write(text.as_bytes(), false);
        written.map_err(|source| FolderError::Write { path: place.path(), source })
    })
}

/// Name of the population in a slot.
fn name_of(slot: &[String; 3]) -> String {
    slot.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")
}

/// A network, scaled or not, in the model's slots.
pub(super) struct Tables<'a> {
    slots: &'a [[String; 3]],
    names: Vec<String>,
    scaled: &'a NetworkSpec,
    /// Population of each slot.
    population: Vec<Option<usize>>,
    /// Slot of each population.
    slot: Vec<usize>,
}

impl<'a> Tables<'a> {
    pub(super) fn new(model: &'a ModelTables<'_>, scaled: &'a NetworkSpec) -> Result<Self, FolderError> {
        let names: Vec<String> = model.slots.iter().map(name_of).collect();
        let places: HashMap<&str, usize> =
            names.iter().enumerate().map(|(slot, name)| (name.as_str(), slot)).collect();
        let mut population = vec![None; names.len()];
        let mut slot = Vec::with_capacity(scaled.populations.len());
        for (index, name) in scaled.populations.iter().map(Population::name).enumerate() {
            let Some(&place) = places.get(name.as_str()) else {
                return Err(FolderError::UnknownPopulation { name });
            };
            population[place] = Some(index);
            slot.push(place);
        }
        drop(places);
        Ok(Self { slots: &model.slots, names, scaled, population, slot })
    }

    /// One row a slot: `value` of its population, or `empty` where it has no neurons.
    pub(super) fn by_slot(
        &self,
        column: &str,
        empty: &str,
        value: impl Fn(usize, &Population) -> String,
    ) -> String {
        let values = self.population.iter().map(|population| {
            let population = population.map(|index| (index, &self.scaled.populations[index]));
            match population.filter(|(_, population)| population.neurons > 0) {
                Some((index, population)) => value(index, population),
                None => empty.to_owned(),
            }
        });
        self.rows(column, values)
    }

    /// One row a slot: area, layer, cell type and what `values` has for it.
    fn rows(&self, column: &str, values: impl Iterator<Item = String>) -> String {
        let mut text = format!("area,layer,population,{column}\n");
        for ([area, layer, cell_type], value) in self.slots.iter().zip(values) {
            text.push_str(&format!("{area},{layer},{cell_type},{value}\n"));
        }
        text
    }

    /// Synapses of the network between slots, [target, source].
    pub(super) fn synapses(&self) -> Array2<u64> {
        let mut synapses = Array2::zeros((self.slots.len(), self.slots.len()));
        for projection in &self.scaled.projections {
            synapses[[self.slot[projection.target], self.slot[projection.source]]] += projection.synapses;
        }
        synapses
    }

    pub(super) fn matrix<T: Display>(&self, values: &Array2<T>) -> String {
        matrix("target", &self.names, values)
    }
}

/// A matrix with its names as first row and first column; `corner` heads the latter.
fn matrix<T: Display>(corner: &str, names: &[String], values: &Array2<T>) -> String {
    let mut text = format!("{corner},{}\n", names.join(","));
    for (name, row) in names.iter().zip(values.rows()) {
        text.push_str(name);
        for value in row {
            text.push_str(&format!(",{value}"));
        }
        text.push('\n');
    }
    text
}
