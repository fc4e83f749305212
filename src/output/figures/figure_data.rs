//! What several figures need: the analysis, what the network was made from, and names.

use super::{LeftOut, PictureError};
use crate::analysis::{Absence, Analysis, PopulationStatistics};
use crate::model::ModelKind;
use crate::model::network::NetworkSpec;
use crate::simulation::recording::{
    DerivationRecord, NetworkSize, PopulationRow, RecordingError, network_folder_of,
};
use ndarray::Array2;
use thiserror::Error;

/// Why figures could not be drawn.
#[derive(Debug, Error)]
pub enum FiguresError {
    /// What the folder of the network tells of how it was made.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// A picture that cannot be drawn.
    #[error(transparent)]
    Picture(#[from] PictureError),
}

/// What matrices and traces have a row for: an area, or a population if there is one area only.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Name.
    pub name: String,
    /// Short name.
    pub short: String,
    /// Rows of its populations in [`crate::analysis::RunFolder::populations`].
    pub rows: Vec<usize>,
}

/// What figures are drawn from.
pub struct FigureData<'a> {
    /// The run and its statistics.
    pub analysis: &'a Analysis,
    /// The network at full scale, and the way of theory to the fixed point.
    pub derivation: DerivationRecord,
    /// Areas, or populations if there is one area only.
    pub units: Vec<Unit>,
}

impl<'a> FigureData<'a> {
    /// Reads from the folder of the network what the analysis does not hold.
    pub fn new(analysis: &'a Analysis) -> Result<Self, FiguresError> {
        let run = &analysis.run;
        let derivation = match run.config.model {
            ModelKind::Imported => DerivationRecord::unknown(&run.stored.network),
            _ => DerivationRecord::read(&network_folder_of(&run.path)?, &run.stored.network)?,
        };
        let units = units(analysis, &derivation);
        Ok(Self { analysis, derivation, units })
    }

    /// Populations of the run.
    pub fn populations(&self) -> &[PopulationRow] {
        &self.analysis.run.populations
    }

    /// The network that was simulated.
    pub fn network(&self) -> &NetworkSpec {
        &self.analysis.run.stored.network
    }

    /// The model that was simulated.
    pub fn model(&self) -> &ModelKind {
        &self.analysis.run.config.model
    }

    /// Whether there are several areas.
    pub fn has_areas(&self) -> bool {
        self.analysis.areas.len() > 1
    }

    /// What units are: `areas` or `populations`.
    pub fn units_are(&self) -> &'static str {
        if self.has_areas() { "areas" } else { "populations" }
    }

    /// Whether neurons or in-degrees are fewer than in the model.
    pub fn is_scaled(&self) -> bool {
        let scaling = &self.analysis.run.config.scaling;
        scaling.n_scaling != 1.0 || scaling.k_scaling != 1.0
    }

    /// Why there is no figure of that name of a network of which only the populations are known.
    pub fn needs_model(&self, name: &'static str) -> Result<(), LeftOut> {
        match self.analysis.run.config.model {
            ModelKind::Imported => {
                let reason =
                    "of a network that was imported with a table of populations nothing else is known";
                Err(LeftOut { name, reason: reason.to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// The scale in words.
    pub fn scale(&self) -> String {
        let scaling = &self.analysis.run.config.scaling;
        if !self.is_scaled() {
            return "full scale".to_owned();
        }
        let percent = |part: f64| format!("{} %", (part * 1e6).round() / 1e4);
        format!("{} of neurons, {} of in-degrees", percent(scaling.n_scaling), percent(scaling.k_scaling))
    }

    /// Name of an area, also where it has none.
    pub fn area_name(&self, area: usize) -> &str {
        match (self.analysis.areas[area].name.as_str(), &self.analysis.run.config.model) {
            ("", ModelKind::Microcircuit) => "microcircuit",
            ("", ModelKind::Human) => "area",
            ("", ModelKind::Network(_) | ModelKind::Imported) => "network",
            (name, _) => name,
        }
    }

    /// Abbreviation of an area, or its name where it has none.
    pub fn area_short(&self, area: usize) -> &str {
        let name = self.area_name(area);
        self.derivation.abbreviations.get(name).map_or(name, String::as_str)
    }

    /// What columns are: units as in the rows.
    pub fn columns_are(&self) -> &'static str {
        match self.has_areas() {
            true => "the same areas in the same order, abbreviated",
            false => "the same populations in the same order",
        }
    }

    /// Where abbreviations are explained; nothing if there are none.
    pub fn abbreviations(&self) -> &'static str {
        match self.has_areas() {
            true => " The table of areas explains the abbreviations.",
            false => "",
        }
    }

    /// Layer and type of populations, in the order of the area that has most of them.
    pub fn places(&self) -> Vec<(String, String)> {
        let largest = self.analysis.areas.iter().rev().max_by_key(|area| area.rows.len());
        let place = |&row: &usize| {
            let population = &self.populations()[row];
            (population.layer.clone(), population.population.clone())
        };
        let mut places: Vec<_> = largest.iter().flat_map(|area| &area.rows).map(place).collect();
        let others = (0..self.populations().len()).map(|row| place(&row));
        for other in others.collect::<Vec<_>>() {
            if !places.contains(&other) {
                places.push(other);
            }
        }
        places
    }

    /// Row of the population of an area at one of the places.
    pub fn row_at(&self, area: usize, place: &(String, String)) -> Option<usize> {
        let is_there = |&&row: &&usize| {
            let population = &self.populations()[row];
            population.layer == place.0 && population.population == place.1
        };
        self.analysis.areas[area].rows.iter().find(is_there).copied()
    }

    /// Layers, in the order of places.
    pub fn layers(&self) -> Vec<String> {
        let mut layers: Vec<String> = self.places().into_iter().map(|(layer, _)| layer).collect();
        layers.dedup();
        layers
    }

    /// What is to be said of units without rates in bins; nothing if there are none.
    pub fn unrecorded(&self) -> String {
        let is_unknown = |unit: &&Unit| unit.rows.iter().any(|&row| !self.analysis.spikes.counted[row]);
        match self.units.iter().filter(is_unknown).count() {
            0 => String::new(),
            n => format!(
                " Of {n} {} nothing is shown, because not all spikes were recorded.",
                self.units_are()
            ),
        }
    }

    /// What is to be said of populations without a rate because of their recording; nothing if there
    /// are none.
    pub fn unknown_rates(&self) -> String {
        let of_recording = |found: &&PopulationStatistics| found.rate_hz == Err(Absence::NotRecorded);
        match self.analysis.spikes.populations.iter().filter(of_recording).count() {
            0 => String::new(),
            n => format!(" Grey cells are {n} populations whose spikes were not recorded."),
        }
    }

    /// Rates of units in bins, shape [unit, bin].
    pub fn unit_rates_hz(&self) -> &Array2<f64> {
        if self.has_areas() { &self.analysis.rates.areas_hz } else { &self.analysis.rates.populations_hz }
    }

    /// Synapses from a unit onto one neuron of another, mean over its neurons, shape [target, source].
    pub fn in_degrees(&self, network: &NetworkSize) -> Array2<f64> {
        let mut unit_of = vec![None; network.neurons.len()];
        for (unit, rows) in self.units.iter().enumerate() {
            rows.rows.iter().for_each(|&row| unit_of[self.populations()[row].index] = Some(unit));
        }
        let mut synapses = Array2::<f64>::zeros((self.units.len(), self.units.len()));
        for ((target, source), &number) in network.synapses.indexed_iter() {
            if let (Some(target), Some(source)) = (unit_of[target], unit_of[source]) {
                synapses[[target, source]] += number as f64;
            }
        }
        for (mut row, unit) in synapses.rows_mut().into_iter().zip(&self.units) {
            let neurons = |&row: &usize| f64::from(network.neurons[self.populations()[row].index]);
            row /= unit.rows.iter().map(neurons).sum::<f64>();
        }
        synapses
    }
}

fn units(analysis: &Analysis, derivation: &DerivationRecord) -> Vec<Unit> {
    if analysis.areas.len() > 1 {
        let short = |name: &String| derivation.abbreviations.get(name).unwrap_or(name).clone();
        let areas = analysis.areas.iter();
        return areas
            .map(|area| Unit { name: area.name.clone(), short: short(&area.name), rows: area.rows.clone() })
            .collect();
    }
    let unit = |(row, population): (usize, &PopulationRow)| {
        let name = format!("{} {}", population.layer, population.population).trim().to_owned();
        Unit { short: name.clone(), name, rows: vec![row] }
    };
    analysis.run.populations.iter().enumerate().map(unit).collect()
}
