//! One network among those that an engine computes together: what of a batch is its own, counted by itself.

use super::seat::Batch;
use crate::engine::probe::Taken;
use crate::engine::{EngineError, Probe, SpikeBatch};
use std::ops::Range;

/// One of the networks.
pub(super) struct Member {
    /// Its neurons.
    pub neurons: Range<u32>,
    /// Its populations.
    pub populations: Range<usize>,
    /// Steps that it has asked for.
    pub end: Option<u32>,
}

impl Member {
    /// The probe that takes what this network asks for as well as what is known.
    pub fn added_to(&self, known: Option<&Probe>, probe: &Probe) -> Result<Probe, EngineError> {
        let interval = |takes: fn(&Probe) -> bool, interval: fn(&Probe) -> u32| {
            let known = known.filter(|known| takes(known)).map(interval);
            common(known, Some(probe).filter(|probe| takes(probe)).map(interval))
        };
        let of_neurons = interval(|probe| !probe.neurons().is_empty(), Probe::interval_steps)?;
        let of_populations = interval(|probe| !probe.populations().is_empty(), Probe::sum_interval_steps)?;
        let others =
            known.into_iter().flat_map(Probe::neurons).filter(|&neuron| !self.neurons.contains(neuron));
        let own = probe.neurons().iter().map(|neuron| self.neurons.start + neuron);
        let neurons: Vec<u32> = others.copied().chain(own).collect();
        let others = known.into_iter().flat_map(Probe::populations);
        let others = others.filter(|&population| !self.populations.contains(population));
        let own = probe.populations().iter().map(|population| self.populations.start + population);
        let populations: Vec<usize> = others.copied().chain(own).collect();
        Ok(Probe::new(&neurons, of_neurons).with_sums(&populations, of_populations))
    }

    /// What of a batch belongs to this network, counted by itself; what was taken is of `probe`.
    pub fn part_of(&self, probe: Option<&Probe>, batch: SpikeBatch<'_>) -> Batch {
        let own = &self.neurons;
        let (mut ends, mut neurons) = (Vec::with_capacity(batch.ends.len()), Vec::new());
        for (_, spikes) in batch.steps() {
            neurons.extend(spikes[within(spikes, own)].iter().map(|neuron| neuron - own.start));
            ends.push(neurons.len() as u32);
        }
        let mut taken = Taken::default();
        if let Some(probe) = probe {
            let place = within(probe.neurons(), own);
            for (step, states) in batch.samples.iter().filter(|_| !place.is_empty()) {
                taken.steps.push(step);
                taken.states.extend_from_slice(&states[place.clone()]);
            }
            let place = within(probe.populations(), &self.populations);
            for (step, sums) in batch.samples.sums.iter().filter(|_| !place.is_empty()) {
                taken.sum_steps.push(step);
                taken.sums.extend_from_slice(&sums[place.clone()]);
            }
        }
        Batch { first_step: batch.first_step, ends, neurons, taken }
    }
}

/// Where those within a range stand among numbers that rise.
fn within<T: PartialOrd>(numbers: &[T], range: &Range<T>) -> Range<usize> {
    numbers.partition_point(|n| *n < range.start)..numbers.partition_point(|n| *n < range.end)
}

/// The interval of two probes, of which each may take nothing.
fn common(known: Option<u32>, asked: Option<u32>) -> Result<u32, EngineError> {
    match (known, asked) {
        (Some(known), Some(asked)) if known != asked => {
            let reason = "its voltmeters or means have another interval".to_owned();
            Err(EngineError::Together { reason })
        }
        (known, asked) => Ok(asked.or(known).unwrap_or(1)),
    }
}
