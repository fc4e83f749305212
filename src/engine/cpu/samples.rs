//! What a probe takes of a shard: states of neurons, and sums over populations.

use crate::engine::fixed_point::{IntegerNetwork, NeuronClass};
use crate::engine::synapses::Shard;
use crate::engine::{NeuronState, Probe, StateSum};
use std::ops::Range;

/// What has been taken of a shard, and what is to be.
#[derive(Debug, Default)]
pub(super) struct ShardSamples {
    probe: Option<Probe>,
    /// Neurons whose states are sampled, counted within the shard.
    neurons: Vec<u32>,
    populations: Vec<Summed>,
    /// Since they were last handed over.
    states: Vec<NeuronState>,
    sums: Vec<StateSum>,
}

/// A population whose states are summed.
#[derive(Debug)]
struct Summed {
    /// Its neurons in the shard, counted within the shard.
    neurons: Range<usize>,
    /// Class of the first, which has the reset potential of all.
    class: NeuronClass,
}

/// States: how many neurons have them, and those of all samples.
pub(super) type States = (usize, Vec<NeuronState>);

impl ShardSamples {
    /// What `probe` asks for of a shard.
    pub(super) fn new(network: &IntegerNetwork, shard: &Shard, probe: &Probe) -> Self {
        let first = shard.first_neuron;
        let neurons = &probe.neurons()[probe.positions(first, shard.end())];
        let summed = |&index: &usize| {
            let population = &network.populations[index];
            let class = network.classes.get(population.class).copied();
            let class = class.unwrap_or_else(bytemuck::Zeroable::zeroed);
            let neurons = shard.of_population(population);
            Summed { neurons: (neurons.start - first) as usize..(neurons.end - first) as usize, class }
        };
        Self {
            neurons: neurons.iter().map(|neuron| neuron - first).collect(),
            populations: probe.populations().iter().map(summed).collect(),
            probe: Some(probe.clone()),
            ..Self::default()
        }
    }

    /// Takes what is due after `step`.
    #[inline]
    pub(super) fn take(&mut self, step: u32, v_m: &[i32], current: &[Vec<i32>; 2]) {
        let Some(probe) = &self.probe else { return };
        let (samples, sums) = (probe.samples_after(step), probe.sums_after(step));
        if samples {
            self.sample(v_m, current);
        }
        if sums {
            self.sum(v_m, current);
        }
    }

    #[cold]
    fn sample(&mut self, v_m: &[i32], [excitatory, inhibitory]: &[Vec<i32>; 2]) {
        let states = self.neurons.iter().map(|&neuron| {
            let k = neuron as usize;
            let current = [excitatory[k], inhibitory.get(k).copied().unwrap_or(0)];
            NeuronState { v_m: v_m[k], current }
        });
        self.states.extend(states);
    }

    #[cold]
    fn sum(&mut self, v_m: &[i32], [excitatory, inhibitory]: &[Vec<i32>; 2]) {
        let sum = |values: &[i32]| values.iter().copied().map(i64::from).sum::<i64>();
        let sums = self.populations.iter().map(|Summed { neurons, class }| {
            let potentials = v_m[neurons.clone()].iter().map(|&v_m| i64::from(class.potential(v_m)));
            let second = inhibitory.get(neurons.clone()).map_or(0, sum);
            StateSum { v_m: potentials.sum(), current: [sum(&excitatory[neurons.clone()]), second] }
        });
        self.sums.extend(sums);
    }

    /// States, \[sample\]\[neuron\], and sums over what the shard has of the probe's populations, \[step\]\[population\],
    /// since they were last handed over.
    pub(super) fn hand_over(&mut self) -> (States, Vec<StateSum>) {
        ((self.neurons.len(), std::mem::take(&mut self.states)), std::mem::take(&mut self.sums))
    }
}

/// Sums over all shards.
pub(super) fn added(of_shards: &[Vec<StateSum>]) -> Vec<StateSum> {
    let mut sums = vec![StateSum::default(); of_shards.iter().map(Vec::len).max().unwrap_or(0)];
    for shard in of_shards {
        for (sum, part) in sums.iter_mut().zip(shard) {
            sum.v_m += part.v_m;
            (0..2).for_each(|k| sum.current[k] += part.current[k]);
        }
    }
    sums
}

/// `n` samples, one after the other, each through all shards.
pub(super) fn joined(of_shards: &[States], n: usize) -> Vec<NeuronState> {
    let of_sample = |k: usize| {
        of_shards.iter().flat_map(move |(length, all)| all[k * length..(k + 1) * length].iter().copied())
    };
    (0..n).flat_map(of_sample).collect()
}
