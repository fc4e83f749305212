//! Degrees, weights and delays of synapses.

use super::{Connections, ConnectionsError};
use crate::progress::Interruption;
use std::fmt::Write;

/// Bins of a histogram.
const BINS: usize = 80;
/// Part of the values that a histogram of whole numbers leaves out at its end: a long tail would take all its room.
const LEFT_OUT: f64 = 0.002;
/// Where weights end, in relative standard deviations: a few are beyond.
const LAST_Z: f64 = 4.0;

/// Number, mean, standard deviation and extremes of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// How many there are.
    pub n: u64,
    /// Mean; NaN if there is none.
    pub mean: f64,
    /// Standard deviation of all of them; NaN if there is none.
    pub sd: f64,
    /// The least.
    pub least: f64,
    /// The greatest.
    pub greatest: f64,
}

/// Values that come one after the other.
#[derive(Debug, Clone, Copy)]
struct Sums {
    n: u64,
    mean: f64,
    /// Sum of squared distances from the mean.
    squares: f64,
    least: f64,
    greatest: f64,
}

impl Default for Sums {
    fn default() -> Self {
        Self { n: 0, mean: 0.0, squares: 0.0, least: f64::INFINITY, greatest: f64::NEG_INFINITY }
    }
}

impl Sums {
    /// Welford's update.
    fn add(&mut self, value: f64) {
        self.n += 1;
        let from_mean = value - self.mean;
        self.mean += from_mean / self.n as f64;
        self.squares += from_mean * (value - self.mean);
        self.least = self.least.min(value);
        self.greatest = self.greatest.max(value);
    }

    fn moments(self) -> Moments {
        let n = self.n as f64;
        let Self { least, greatest, .. } = self;
        match self.n {
            0 => Moments { n: 0, mean: f64::NAN, sd: f64::NAN, least: f64::NAN, greatest: f64::NAN },
            n_values => {
                Moments { n: n_values, mean: self.mean, sd: (self.squares / n).sqrt(), least, greatest }
            }
        }
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut sums = Sums::default();
        values.into_iter().for_each(|value| sums.add(value));
        sums.moments()
    }
}

/// How many values lie in each of equal bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Where the first bin begins, and the last one ends.
    pub range: (f64, f64),
    /// Values in each bin.
    pub counts: Vec<u64>,
    /// Values beyond the last bin.
    pub beyond: u64,
}

impl Histogram {
    /// Empty bins.
    fn new(range: (f64, f64)) -> Self {
        Self { range, counts: vec![0; BINS], beyond: 0 }
    }

    /// Of whole numbers, of which `numbers` has how often each occurs, in units of `unit`: each bin has as many of
    /// them as another, up to where all but a few are.
    fn of_whole(numbers: &[u64], unit: f64) -> Self {
        let all: u64 = numbers.iter().sum();
        let few = (all as f64 * LEFT_OUT) as u64;
        let mut beyond = 0;
        let ends = |&(_, &count): &(usize, &u64)| {
            beyond += count;
            beyond > few
        };
        let shown = numbers.iter().enumerate().rev().find(ends).map_or(0, |(last, _)| last) + 1;
        let wide = shown.div_ceil(BINS);
        let bins: Vec<u64> =
            numbers.chunks(wide).take(shown.div_ceil(wide)).map(|bin| bin.iter().sum()).collect();
        // A whole number stands in the middle of its bin.
        let range = (-0.5 * unit, ((bins.len() * wide) as f64 - 0.5) * unit);
        Self { range, beyond: all - bins.iter().sum::<u64>(), counts: bins }
    }

    fn add(&mut self, value: f64) {
        let (low, high) = self.range;
        let place = (value - low) / (high - low) * self.counts.len() as f64;
        match self.counts.get_mut(place.max(0.0) as usize) {
            Some(count) => *count += 1,
            None => self.beyond += 1,
        }
    }
}

/// Adds one to how often a whole number occurs.
fn count(numbers: &mut Vec<u64>, number: u32) {
    let place = number as usize;
    if place >= numbers.len() {
        numbers.resize(place + 1, 0);
    }
    numbers[place] += 1;
}

/// What there is to say of synapses.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectionSummary {
    /// Synapses onto each neuron of the network.
    pub in_degrees: Vec<u32>,
    /// Synapses from each neuron of the network.
    pub out_degrees: Vec<u32>,
    /// Weights, pA.
    pub weights_pa: Moments,
    /// Delays, ms.
    pub delays_ms: Moments,
    /// Of the weights.
    pub weight_histogram: Histogram,
    /// Of the delays.
    pub delay_histogram: Histogram,
}

impl ConnectionSummary {
    /// In-degrees of the target neurons, or out-degrees of the source neurons.
    fn degrees<'s>(
        &'s self,
        connections: &'s Connections<'_>,
        incoming: bool,
    ) -> impl Iterator<Item = u32> + Clone + 's {
        let (populations, degrees) = match incoming {
            true => (connections.targets(), &self.in_degrees),
            false => (connections.sources(), &self.out_degrees),
        };
        let ranges = populations.iter().map(|&population| connections.neurons(population));
        ranges.flatten().map(|neuron| degrees[neuron as usize])
    }

    /// Moments and histogram of in-degrees of the target neurons, or of out-degrees of the source neurons.
    pub fn of_degrees(&self, connections: &Connections<'_>, incoming: bool) -> (Moments, Histogram) {
        let degrees = self.degrees(connections, incoming);
        let mut numbers = Vec::new();
        degrees.clone().for_each(|degree| count(&mut numbers, degree));
        (degrees.map(f64::from).collect(), Histogram::of_whole(&numbers, 1.0))
    }
}

impl Connections<'_> {
    /// Counts the synapses.
    ///
    /// # Errors
    /// Someone who asks to stop.
    pub fn sum_up(&self, interruption: &Interruption) -> Result<ConnectionSummary, ConnectionsError> {
        let (neurons, dt_ms) = (self.network.n_neurons() as usize, self.network.dt_ms);
        let (mut in_degrees, mut out_degrees) = (vec![0u32; neurons], vec![0u32; neurons]);
        let (mut weights, mut delays) = (Sums::default(), Sums::default());
        let (mut weight_histogram, mut steps) = (Histogram::new(self.weight_range()), Vec::new());
        self.each::<ConnectionsError>(interruption, |connection| {
            in_degrees[connection.target as usize] += 1;
            out_degrees[connection.source as usize] += 1;
            weights.add(connection.weight_pa);
            delays.add(connection.delay_ms);
            weight_histogram.add(connection.weight_pa);
            count(&mut steps, (connection.delay_ms / dt_ms).round() as u32);
            Ok(())
        })?;
        let (weights_pa, delays_ms) = (weights.moments(), delays.moments());
        Ok(ConnectionSummary {
            in_degrees,
            out_degrees,
            weights_pa,
            delays_ms,
            weight_histogram,
            delay_histogram: Histogram::of_whole(&steps, dt_ms),
        })
    }

    /// Between which weights nearly all are, pA.
    fn weight_range(&self) -> (f64, f64) {
        let ends =
            self.projections.iter().map(|&index| &self.spec.projections[index]).flat_map(|projection| {
                match self.spec.list_of(projection).and_then(|list| list.weights_pa(projection.weight_pa)) {
                    Some(weights_pa) => weights_pa
                        .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], w| [low.min(w), high.max(w)]),
                    None => {
                        let spread = LAST_Z * projection.weight_relative_sd;
                        [-spread, spread].map(|of_mean| projection.weight_pa * (1.0 + of_mean))
                    }
                }
            });
        let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), end| {
            (f64::min(low, end), f64::max(high, end))
        });
        // Equal weights stand in the middle.
        let half_pa = if low == high { 0.5 * low.abs().max(1.0) } else { 0.0 };
        if low > high { (0.0, 1.0) } else { (low - half_pa, high + half_pa) }
    }

    /// The degrees of every neuron that is a source or a target, as CSV: `neuron,area,layer,population,in_degree,
    /// out_degree`; a degree is empty if the neuron is no target, or no source.
    pub fn degrees_csv(&self, summary: &ConnectionSummary) -> String {
        let mut text = "neuron,area,layer,population,in_degree,out_degree\n".to_owned();
        for (index, population) in self.spec.populations.iter().enumerate() {
            let [is_source, is_target] = [self.sources(), self.targets()].map(|ends| ends.contains(&index));
            if !(is_source || is_target) {
                continue;
            }
            for neuron in self.neurons(index) {
                let shown = |is_it: bool, degrees: &[u32]| match is_it {
                    true => degrees[neuron as usize].to_string(),
                    false => String::new(),
                };
                // Writing to a string does not fail.
                let _ = writeln!(
                    text,
                    "{neuron},{},{},{},{},{}",
                    population.area,
                    population.layer,
                    population.cell_type,
                    shown(is_target, &summary.in_degrees),
                    shown(is_source, &summary.out_degrees)
                );
            }
        }
        text
    }
}
