//! Spikes of a few areas, kept one by one.

use super::Layout;
use super::areas::AreaRows;
use crate::config::AnalysisOptions;

/// Areas that stand in where none of the configured ones is simulated.
const STAND_INS: usize = 3;

/// Spikes of an area.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster {
    /// Area, an index of [`super::Analysis::areas`].
    pub area: usize,
    /// Start, ms.
    pub from_ms: f64,
    /// End, ms.
    pub to_ms: f64,
    /// Every how many-th neuron of the area is kept; 1 keeps all.
    pub stride: u32,
    /// Rows of the area's populations in [`super::RunFolder::populations`], and the neurons of each
    /// that are kept.
    pub populations: Vec<(usize, u32)>,
    /// Spikes: time in ms, and number of the neuron among those kept, from 0 through the area's
    /// populations in their order.
    pub spikes: Vec<(f64, u32)>,
}

/// Collects spikes of areas while they stream by.
pub(super) struct Rasters {
    rasters: Vec<Raster>,
    /// First neuron and number of neurons of each population of each raster, with its first line.
    ranges: Vec<Vec<(u32, u32, u32)>>,
    steps: std::ops::RangeInclusive<u32>,
    dt_ms: f64,
}

impl Rasters {
    /// Rasters of the configured areas that are there.
    pub fn new(areas: &[AreaRows], layout: &Layout, options: &AnalysisOptions) -> Self {
        let named = |name: &String| areas.iter().position(|area| area.name == *name);
        let mut chosen: Vec<usize> = options.raster_areas.iter().filter_map(named).collect();
        if chosen.is_empty() && !options.raster_areas.is_empty() {
            chosen = (0..areas.len().min(STAND_INS)).collect();
        }
        let window = &layout.window;
        let step = |time_ms: f64| (time_ms / window.dt_ms).round() as u32;
        let (from, to) = (step(options.raster_from_ms), step(options.raster_to_ms).min(window.n_steps));
        let mut rasters =
            Self { rasters: Vec::new(), ranges: Vec::new(), steps: from..=to, dt_ms: window.dt_ms };
        for area in chosen {
            rasters.add(area, &areas[area], layout, options);
        }
        rasters
    }

    fn add(&mut self, area: usize, rows: &AreaRows, layout: &Layout, options: &AnalysisOptions) {
        let all: u32 = rows.rows.iter().map(|&row| layout.populations[row].neurons).sum();
        let stride = all.div_ceil(options.raster_neurons).max(1);
        let (mut first_line, mut populations, mut ranges) = (0, Vec::new(), Vec::new());
        for &row in &rows.rows {
            let population = &layout.populations[row];
            let kept = population.neurons.div_ceil(stride);
            ranges.push((population.first_neuron, population.neurons, first_line));
            populations.push((row, kept));
            first_line += kept;
        }
        let (from_ms, to_ms) =
            (options.raster_from_ms, options.raster_to_ms.min(layout.window.duration_ms()));
        self.rasters.push(Raster { area, from_ms, to_ms, stride, populations, spikes: Vec::new() });
        self.ranges.push(ranges);
    }

    /// Keeps what belongs to a raster; neurons ascend.
    pub fn add_step(&mut self, step: u32, neurons: &[u32]) {
        if !self.steps.contains(&step) {
            return;
        }
        let time_ms = f64::from(step) * self.dt_ms;
        for (raster, ranges) in self.rasters.iter_mut().zip(&self.ranges) {
            for &(first, n, first_line) in ranges {
                let start = neurons.partition_point(|&neuron| neuron < first);
                let end = neurons.partition_point(|&neuron| neuron < first + n);
                let within = neurons[start..end].iter().map(|neuron| neuron - first);
                let kept = within.filter(|within| within % raster.stride == 0);
                raster.spikes.extend(kept.map(|within| (time_ms, first_line + within / raster.stride)));
            }
        }
    }

    /// The rasters.
    pub fn finish(self) -> Vec<Raster> {
        self.rasters
    }
}
