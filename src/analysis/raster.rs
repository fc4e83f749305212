//! Spikes of a few areas, kept one by one.

use super::Layout;
use super::areas::{AreaRows, chosen_areas};
use crate::config::AnalysisOptions;
use crate::engine::fixed_point::nearest_step;

/// Room for rounding in the number of neurons that a fraction is.
const ROUNDING: f64 = 1e-9;

/// Spikes of an area.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster {
    /// Area, an index of [`super::Analysis::areas`].
    pub area: usize,
    /// Start, ms.
    pub from_ms: f64,
    /// End, ms.
    pub to_ms: f64,
    /// Rows of the area's populations in [`super::RunFolder::populations`], and how many neurons of each are kept,
    /// evenly spread.
    pub populations: Vec<(usize, u32)>,
    /// Spikes: time in ms, and number of the neuron among those kept, from 0 through the area's
    /// populations in their order.
    pub spikes: Vec<(f64, u32)>,
}

/// Collects spikes of areas while they stream by.
pub(super) struct Rasters {
    rasters: Vec<Raster>,
    /// Populations of each raster.
    ranges: Vec<Vec<Range>>,
    steps: std::ops::RangeInclusive<u32>,
    dt_ms: f64,
}

/// Neurons of a population, of which some are kept.
struct Range {
    first: u32,
    neurons: u32,
    kept: u32,
    /// Line of the first that is kept.
    first_line: u32,
}

impl Range {
    /// The line of a neuron; `None` of one that is not kept. Line k is of neuron k · neurons / kept, rounded down.
    fn line(&self, neuron: u32) -> Option<u32> {
        let (within, n, kept) =
            (u64::from(neuron - self.first), u64::from(self.neurons), u64::from(self.kept));
        let line = (within * kept).div_ceil(n);
        (line < kept && line * n / kept == within).then_some(self.first_line + line as u32)
    }
}

impl Rasters {
    /// Rasters of the configured areas that are there.
    pub fn new(areas: &[AreaRows], layout: &Layout, options: &AnalysisOptions) -> Self {
        let window = &layout.window;
        let step = |time_ms: f64| nearest_step(time_ms, window.dt_ms);
        let (from_ms, to_ms) = options.raster_times_ms(window.duration_ms());
        let (from, to) = (step(from_ms), step(to_ms));
        let mut rasters =
            Self { rasters: Vec::new(), ranges: Vec::new(), steps: from..=to, dt_ms: window.dt_ms };
        for area in chosen_areas(areas, &options.raster_areas) {
            rasters.add(area, &areas[area], layout, options, (from_ms, to_ms));
        }
        rasters
    }

    fn add(
        &mut self,
        area: usize,
        rows: &AreaRows,
        layout: &Layout,
        options: &AnalysisOptions,
        (from_ms, to_ms): (f64, f64),
    ) {
        let all: u32 = rows.rows.iter().map(|&row| layout.populations[row].neurons).sum();
        let of_number = (f64::from(options.raster_neurons) / f64::from(all)).min(1.0);
        let fraction = options.raster_fraction.unwrap_or(of_number);
        let (mut first_line, mut populations, mut ranges) = (0, Vec::new(), Vec::new());
        for &row in &rows.rows {
            let population = &layout.populations[row];
            let kept = (f64::from(population.neurons) * fraction + ROUNDING) as u32;
            let kept = kept.clamp(1, population.neurons.max(1));
            ranges.push(Range {
                first: population.first_neuron,
                neurons: population.neurons,
                kept,
                first_line,
            });
            populations.push((row, kept));
            first_line += kept;
        }
        self.rasters.push(Raster { area, from_ms, to_ms, populations, spikes: Vec::new() });
        self.ranges.push(ranges);
    }

    /// Keeps what belongs to a raster; neurons ascend.
    pub fn add_step(&mut self, step: u32, neurons: &[u32]) {
        if !self.steps.contains(&step) {
            return;
        }
        let time_ms = f64::from(step) * self.dt_ms;
        for (raster, ranges) in self.rasters.iter_mut().zip(&self.ranges) {
            for range in ranges {
                let start = neurons.partition_point(|&neuron| neuron < range.first);
                let end = neurons.partition_point(|&neuron| neuron < range.first + range.neurons);
                let lines = neurons[start..end].iter().filter_map(|&neuron| range.line(neuron));
                raster.spikes.extend(lines.map(|line| (time_ms, line)));
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

    /// The raster of an area of five and three neurons, all of which spike at its start.
    fn raster(options: &AnalysisOptions) -> Raster {
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
        // None of the configured areas is there, so that this one stands in.
        let mut rasters = Rasters::new(&area_rows(&layout.populations), &layout, options);
        rasters.add_step(4999, &[0]);
        rasters.add_step(5000, &[0, 1, 2, 3, 4, 5, 6, 7]);
        let [raster] = <[Raster; 1]>::try_from(rasters.finish()).unwrap();
        raster
    }

    #[test]
    fn evenly_spread_neurons_within_the_window_are_kept_in_their_lines() {
        let all = raster(&AnalysisOptions::default());
        assert_eq!((all.from_ms, all.to_ms), (500.0, 700.0));
        assert_eq!(all.spikes, (0..8).map(|line| (500.0, line)).collect::<Vec<_>>());
        // 4 of 8 neurons are 2 of 5 and 1 of 3.
        let some = raster(&AnalysisOptions { raster_neurons: 4, ..AnalysisOptions::default() });
        assert_eq!(some.populations, [(0, 2), (1, 1)]);
        assert_eq!(some.spikes, [(500.0, 0), (500.0, 1), (500.0, 2)]);
    }

    #[test]
    fn a_fraction_takes_the_place_of_the_number_and_no_population_goes_without_a_line() {
        let of = |fraction| AnalysisOptions {
            raster_neurons: 1,
            raster_fraction: Some(fraction),
            ..AnalysisOptions::default()
        };
        for (fraction, kept) in [(1.0, [5, 3]), (0.6, [3, 1]), (0.67, [3, 2]), (0.01, [1, 1])] {
            let found = raster(&of(fraction));
            assert_eq!(found.populations, [(0, kept[0]), (1, kept[1])], "{fraction}");
            let lines: Vec<u32> = found.spikes.iter().map(|spike| spike.1).collect();
            assert_eq!(lines, (0..kept[0] + kept[1]).collect::<Vec<_>>(), "{fraction}");
        }
    }
}
