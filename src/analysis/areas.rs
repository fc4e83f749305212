//! Populations gathered to areas.

use super::spike_statistics::mean;
use super::{Absence, Known, Layout, SpikeStatistics};
use crate::simulation::recording::PopulationRow;
use ndarray::Array2;

const MS_PER_S: f64 = 1000.0;
/// Areas that stand in if none of the configured ones is simulated.
const STAND_INS: usize = 3;

/// Statistics of an area.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaStatistics {
    /// Name; empty if populations have no area.
    pub name: String,
    /// Rows of its populations in [`super::RunFolder::populations`].
    pub rows: Vec<usize>,
    /// Neurons.
    pub neurons: u64,
    /// Spikes over neurons and time, 1/s.
    pub rate_hz: Known<f64>,
    /// Mean CV over the area's neurons with enough spikes.
    pub cv_isi: Known<f64>,
    /// Mean LvR over the same neurons.
    pub lvr: Known<f64>,
    /// Mean over the area's populations that have a correlation.
    pub correlation: Known<f64>,
}

/// An area and the rows of its populations.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AreaRows {
    pub name: String,
    pub rows: Vec<usize>,
}

/// Areas in the order in which they first appear.
pub(super) fn area_rows(populations: &[PopulationRow]) -> Vec<AreaRows> {
    let mut areas: Vec<AreaRows> = Vec::new();
    for (row, population) in populations.iter().enumerate() {
        match areas.iter_mut().find(|area| area.name == population.area) {
            Some(area) => area.rows.push(row),
            None => areas.push(AreaRows { name: population.area.clone(), rows: vec![row] }),
        }
    }
    areas
}

/// The areas of these names that are there, by their places; if none is, the first [`STAND_INS`] stand in.
pub(super) fn chosen_areas(areas: &[AreaRows], names: &[String]) -> Vec<usize> {
    let named = |name: &String| areas.iter().position(|area| area.name == *name);
    let chosen: Vec<usize> = names.iter().filter_map(named).collect();
    match chosen.is_empty() && !names.is_empty() {
        true => (0..areas.len().min(STAND_INS)).collect(),
        false => chosen,
    }
}

/// Statistics of areas from those of populations.
pub(super) fn area_statistics(
    areas: Vec<AreaRows>,
    layout: &Layout,
    statistics: &SpikeStatistics,
) -> Vec<AreaStatistics> {
    areas.into_iter().map(|area| one_area(area, layout, statistics)).collect()
}

fn one_area(area: AreaRows, layout: &Layout, statistics: &SpikeStatistics) -> AreaStatistics {
    let neurons = |row: &usize| f64::from(layout.populations[*row].neurons);
    let regular = |row: &usize| f64::from(statistics.populations[*row].n_regular);
    let one = |_: &usize| 1.0;
    // If no population has the statistic, the reason is that of the first. Where one was not
    // recorded, the others do not stand for it.
    let over = |of: &dyn Fn(usize) -> Known<f64>, weight: &dyn Fn(&usize) -> f64| {
        if area.rows.iter().any(|&row| of(row) == Err(Absence::NotRecorded)) {
            return Err(Absence::NotRecorded);
        }
        let known = area.rows.iter().filter_map(|row| Some((of(*row).ok()?, weight(row))));
        let (sum, weights) =
            known.fold((0.0, 0.0), |(sum, weights), (value, w)| (sum + w * value, weights + w));
        if weights > 0.0 { Ok(sum / weights) } else { of(area.rows[0]) }
    };
    let populations = &statistics.populations;
    AreaStatistics {
        rate_hz: over(&|row| populations[row].rate_hz.clone(), &neurons),
        cv_isi: over(&|row| populations[row].cv_isi.clone(), &regular),
        lvr: over(&|row| populations[row].lvr.clone(), &regular),
        correlation: over(&|row| populations[row].correlation.clone(), &one),
        neurons: area.rows.iter().map(|&row| u64::from(layout.populations[row].neurons)).sum(),
        name: area.name,
        rows: area.rows,
    }
}

/// Rates in bins from 0 on, spikes/s a neuron; NaN if they are not known, of an area where they are
/// not of one of its populations.
#[derive(Debug, Clone, PartialEq)]
pub struct InstantaneousRates {
    /// Shape [population, bin].
    pub populations_hz: Array2<f64>,
    /// Shape [area, bin].
    pub areas_hz: Array2<f64>,
}

impl InstantaneousRates {
    /// Rates from the counts of `spikes`.
    pub(super) fn new(spikes: &SpikeStatistics, areas: &[AreaRows], layout: &Layout) -> Self {
        let counts = &spikes.counts;
        let bin_s = layout.window.bin_ms() / MS_PER_S;
        let neurons = |row: usize| f64::from(layout.populations[row].neurons);
        let mut populations_hz = counts.mapv(f64::from);
        let unknown = spikes.counted.iter().enumerate().filter(|(_, counted)| !**counted);
        unknown.for_each(|(row, _)| populations_hz.row_mut(row).fill(f64::NAN));
        let mut areas_hz = Array2::zeros((areas.len(), counts.ncols()));
        for (area, mut rates_hz) in areas.iter().zip(areas_hz.rows_mut()) {
            area.rows.iter().for_each(|&row| rates_hz += &populations_hz.row(row));
            rates_hz /= area.rows.iter().map(|&row| neurons(row)).sum::<f64>() * bin_s;
        }
        populations_hz.rows_mut().into_iter().enumerate().for_each(|(row, mut r)| r /= neurons(row) * bin_s);
        Self { populations_hz, areas_hz }
    }
}

/// Mean over populations that have the statistic.
pub fn mean_over_populations(values: impl Iterator<Item = Known<f64>>) -> Option<f64> {
    mean(&values.filter_map(Result::ok).collect::<Vec<f64>>())
}
