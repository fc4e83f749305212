//! Spikes of a few areas, kept one by one.

use super::Layout;
use super::areas::AreaRows;
use crate::config::AnalysisOptions;
use crate::engine::fixed_point::nearest_step;

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
        let step = |time_ms: f64| nearest_step(time_ms, window.dt_ms);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Window, areas::area_rows};
    use crate::simulation::recording::PopulationRow;

    #[test]
    fn every_stride_th_neuron_within_the_window_is_kept_in_its_line() {
        let row = |population: &str, first_neuron, neurons| PopulationRow {
            index: 0,
            area: "cuneus".to_owned(),
            layer: "V".to_owned(),
            population: population.to_owned(),
            first_neuron,
            neurons,
        };
        let window = Window { dt_ms: 0.1, n_steps: 7000, from_step: 0, steps_per_bin: 10 };
        let populations = vec![row("E", 0, 5), row("I", 5, 3)];
        let layout = Layout { populations, t_ref_ms: vec![2.0; 2], window };
        let options = AnalysisOptions { raster_neurons: 4, ..AnalysisOptions::default() };
        // None of the configured areas is there, so that this one stands in.
        let mut rasters = Rasters::new(&area_rows(&layout.populations), &layout, &options);
        rasters.add_step(4999, &[0]);
        rasters.add_step(5000, &[0, 1, 4, 5, 7]);
        let rasters = rasters.finish();
        let [raster] = &rasters[..] else { panic!("one raster") };
        assert_eq!((raster.stride, raster.to_ms), (2, 700.0));
        assert_eq!(raster.populations, [(0, 3), (1, 2)]);
        assert_eq!(raster.spikes, [(500.0, 0), (500.0, 2), (500.0, 3), (500.0, 4)]);
    }
}
