//! Synapses within an area, shared out to its populations after the microcircuit of Potjans &
//! Diesmann (2014, doi:10.1093/cercor/bhs358).

use super::slots::SLOTS_PER_AREA;
use super::sum;
use super::tables::Microcircuit;
use ndarray::{Array1, Array2};

/// Synapses from populations of the column (type I), shape [8, 8]: `synapses` in proportion to
/// p N_t N_s, with N the area's `neurons` and p the microcircuit's synapses per pair of neurons.
pub(super) fn from_column(microcircuit: &Microcircuit, neurons: &[u64], synapses: f64) -> Array2<f64> {
    let shares = Array2::from_shape_fn((SLOTS_PER_AREA, SLOTS_PER_AREA), |(target, source)| {
        synapses_per_pair(microcircuit, target, source) * neurons[target] as f64 * neurons[source] as f64
    });
    let total = sum(shares.iter().copied());
    if total == 0.0 { shares } else { shares.mapv(|share| share / total * synapses) }
}

/// Synapses from the rest of the area (type II), length 8: `synapses` in proportion to the
/// microcircuit's external synapses per neuron times the area's `neurons`.
pub(super) fn from_rest_of_area(microcircuit: &Microcircuit, neurons: &[u64], synapses: f64) -> Array1<f64> {
    let shares = Array1::from_shape_fn(SLOTS_PER_AREA, |target| {
        microcircuit.external_indegree[target] * neurons[target] as f64
    });
    let total = sum(shares.iter().copied());
    if total == 0.0 { shares } else { shares.mapv(|share| share / total * synapses) }
}

/// Mean number of synapses of a pair of neurons, n_syn / (N_t N_s): with n_syn synapses drawn at
/// random, a pair shares at least one with probability c = 1 − (1 − 1/(N_t N_s))^n_syn.
fn synapses_per_pair(microcircuit: &Microcircuit, target: usize, source: usize) -> f64 {
    let pairs = microcircuit.neurons[target] * microcircuit.neurons[source];
    microcircuit.expected_synapses(target, source) / pairs
}

impl Microcircuit {
    /// ln(1 − c)/ln(1 − 1/(N_t N_s)), the number of synapses from population `source` to population
    /// `target` with which a pair of neurons shares at least one with probability c.
    pub fn expected_synapses(&self, target: usize, source: usize) -> f64 {
        let pairs = self.neurons[target] * self.neurons[source];
        libm::log1p(-self.connection_probability[[target, source]]) / libm::log1p(-1.0 / pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::anatomy::Tables;

    #[test]
    fn a_column_with_the_microcircuits_neurons_has_its_connection_probabilities() {
        let microcircuit = Tables::load(&crate::model::anatomy::Anatomy::default()).unwrap().microcircuit;
        let neurons: Vec<u64> = microcircuit.neurons.iter().map(|n| *n as u64).collect();
        let shares = from_column(&microcircuit, &neurons, 1.0);
        // synapses of II/III E → II/III E relative to IV E → IV E, from 1 − c = (1 − 1/NN)^n
        let n = |c: f64, size: f64| (1.0 - c).ln() / (-1.0 / (size * size)).ln_1p();
        let expected = n(0.1009, 20683.0) / n(0.0497, 21915.0);
        let found = shares[[0, 0]] / shares[[2, 2]];
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
        assert!((shares.sum() - 1.0).abs() < 1e-12);
    }
}
