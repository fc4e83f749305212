//! Bounds of what can arrive at a neuron, whatever state the network enters.
//!
//! In-degrees and weights are drawn, so their sums have bounds that are exceeded with a chance below 10⁻³⁰, not
//! strict ones. Every synapse delivers at most one spike a step, and a source spikes again after its refractory
//! period at the earliest: a synapse of weight w that delivers as often as that brings a current of at most
//! w / (1 − exp(−(t_ref + h) / τ_syn)).

use super::{IntegerDrive, LARGEST_Z};
use crate::model::network::{NetworkSpec, Population, Projection, SynapseList};

/// Largest sums over the neurons of a network, mV/ms (currents divided by the capacitance).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bounds {
    /// Excitatory current.
    pub excitatory_current: f64,
    /// Magnitude of the inhibitory current.
    pub inhibitory_current: f64,
    /// What arrives at a neuron of each population in one step, of one sign.
    pub arrivals: Vec<f64>,
    /// The strongest synapse.
    pub strongest_weight: f64,
}

impl Bounds {
    pub fn of(spec: &NetworkSpec, dt_ms: f64) -> Self {
        let empty = [SignedSums::default(); 2];
        let mut targets = vec![empty; spec.populations.len()];
        let mut strongest_weight = 0.0f64;
        let is_there = |projection: &&Projection| {
            projection.synapses > 0 && spec.populations[projection.target].neurons > 0
        };
        for projection in spec.projections.iter().filter(is_there) {
            let target = &spec.populations[projection.target];
            // A lone neuron is the target of all of them.
            let synapses = match spec.list_of(projection) {
                Some(list) => Synapses::of_list(list, projection, target),
                None => {
                    let is_exact = spec.has_exact_in_degrees(projection) || target.neurons == 1;
                    Synapses::of(projection, target, is_exact)
                }
            };
            strongest_weight = strongest_weight.max(synapses.strongest);
            let source = &spec.populations[projection.source];
            let sums = &mut targets[projection.target][usize::from(projection.weight_pa < 0.0)];
            sums.add(&synapses, summation(source, target, projection.weight_pa, dt_ms));
        }
        for (sums, population) in targets.iter_mut().zip(&spec.populations) {
            add_drive(sums, population, dt_ms);
        }
        let current = |sign: usize| targets.iter().map(|sums| sums[sign].current.bound()).fold(0.0, f64::max);
        let arrivals = targets.iter().map(|sums| sums[0].arrivals.bound().max(sums[1].arrivals.bound()));
        Self {
            excitatory_current: current(0),
            inhibitory_current: current(1),
            arrivals: arrivals.collect(),
            strongest_weight,
        }
    }

    /// The larger of the two currents.
    pub fn current(&self) -> f64 {
        self.excitatory_current.max(self.inhibitory_current)
    }
}

/// A sum of drawn numbers.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    mean: f64,
    variance: f64,
    largest: f64,
}

impl Sum {
    /// What the sum exceeds with a chance below 10⁻³⁰. By Bennett's inequality (1962,
    /// doi:10.1080/01621459.1962.10482149) a sum of independent numbers none of which is above L exceeds its
    /// mean no more easily than L times a Poisson number of the same variance: as [`max_of`] has it.
    fn bound(&self) -> f64 {
        self.mean + 12.0 * libm::sqrt(self.variance) + 12.0 * self.largest
    }

    fn add(&mut self, other: Self, factor: f64) {
        self.mean += factor * other.mean;
        self.variance += factor * factor * other.variance;
        self.largest = self.largest.max(factor * other.largest);
    }
}

/// What arrives in one step, and the current if everything arrives as often as it can.
#[derive(Debug, Clone, Copy, Default)]
struct SignedSums {
    arrivals: Sum,
    current: Sum,
}

impl SignedSums {
    fn add(&mut self, synapses: &Synapses, summation: f64) {
        self.arrivals.add(synapses.sum, 1.0);
        self.current.add(synapses.sum, summation);
    }
}

/// The synapses of a projection onto one neuron.
struct Synapses {
    sum: Sum,
    strongest: f64,
}

impl Synapses {
    fn of(projection: &Projection, target: &Population, is_exact: bool) -> Self {
        let mean = projection.synapses as f64 / f64::from(target.neurons);
        if is_exact {
            return Self::of_so_many(libm::ceil(mean), projection, target);
        }
        let (weight, sd) = (projection.weight_pa.abs() / target.neuron.c_m_pf, projection.weight_relative_sd);
        let strongest = weight * (1.0 + LARGEST_Z * sd);
        let variance = mean * (weight * weight) * (1.0 + sd * sd);
        Self { sum: Sum { mean: mean * weight, variance, largest: strongest }, strongest }
    }

    /// `n` synapses at most, of which only weights are drawn.
    fn of_so_many(n: f64, projection: &Projection, target: &Population) -> Self {
        let (weight, sd) = (projection.weight_pa.abs() / target.neuron.c_m_pf, projection.weight_relative_sd);
        let variance = n * (weight * weight) * sd * sd;
        let sum = Sum { mean: n * weight, variance, largest: weight * LARGEST_Z * sd };
        Self { sum, strongest: weight * (1.0 + LARGEST_Z * sd) }
    }

    /// Synapses that are given one by one: of every neuron no more than of the one that receives most.
    fn of_list(list: &SynapseList, projection: &Projection, target: &Population) -> Self {
        let mut sums = vec![0.0; target.neurons as usize];
        let mut strongest = 0.0f64;
        let Some(weights_pa) = list.weights_pa(projection.weight_pa) else {
            list.columns().targets.iter().for_each(|&target| sums[target as usize] += 1.0);
            return Self::of_so_many(sums.into_iter().fold(0.0, f64::max), projection, target);
        };
        for (&onto, weight_pa) in list.columns().targets.iter().zip(weights_pa) {
            let weight = weight_pa.abs() / target.neuron.c_m_pf;
            sums[onto as usize] += weight;
            strongest = strongest.max(weight);
        }
        let mean = sums.into_iter().fold(0.0, f64::max);
        Self { sum: Sum { mean, ..Sum::default() }, strongest }
    }
}

/// The current of a synapse onto `target` that delivers as often as its source can spike, per weight.
fn summation(source: &Population, target: &Population, weight_pa: f64, dt_ms: f64) -> f64 {
    let interval_ms = source.neuron.t_ref_ms + dt_ms;
    -1.0 / libm::expm1(-interval_ms / tau_syn_ms(target, weight_pa))
}

fn tau_syn_ms(population: &Population, weight_pa: f64) -> f64 {
    if weight_pa < 0.0 { population.neuron.tau_syn_in_ms } else { population.neuron.tau_syn_ex_ms }
}

/// Adds the external spikes of a population's neurons.
fn add_drive(sums: &mut [SignedSums; 2], population: &Population, dt_ms: f64) {
    let Some(drive) = population.poisson.filter(|_| population.neurons > 0) else { return };
    let mean = drive.rate_per_neuron_hz(population.neurons) * 1e-3 * dt_ms;
    let weight = drive.weight_pa.abs() / population.neuron.c_m_pf * (1.0 + LARGEST_Z * drive.relative_sd);
    // As many as may be drawn into one step, and as many as arrive while a current decays by a factor e.
    let most = max_of(mean * IntegerDrive::steps_drawn_together(mean));
    let decay_steps = -1.0 / libm::expm1(-dt_ms / tau_syn_ms(population, drive.weight_pa));
    let sums = &mut sums[usize::from(drive.weight_pa < 0.0)];
    sums.arrivals.mean += weight * most;
    sums.current.mean += weight * (most + max_of(mean * decay_steps));
}

/// What a count that is drawn with this mean, such as an in-degree, exceeds with a chance below
/// 10⁻³⁰: twelve standard deviations above a Poisson number's mean.
pub fn max_of(mean: f64) -> f64 {
    mean + 12.0 * libm::sqrt(mean) + 12.0
}

/// Most synapses of one neuron among those of a projection onto `neurons` neurons.
pub(super) fn max_in_degree(synapses: u64, neurons: u32, is_exact: bool) -> f64 {
    let mean = synapses as f64 / f64::from(neurons.max(1));
    if is_exact { libm::ceil(mean) } else { max_of(mean) }
}
