//! From spikes to input slots: a function for each of the shaders `deliver`, `row_counts`, `append_history` and
//! `deliver_procedural`, under its name.

use super::ring::Ring;
use crate::engine::fixed_point::{BLOCK_STEPS, IntegerNetwork, IntegerProjection, Transmission};
use crate::engine::rng::{Key, threefry, uniform_below};
use crate::engine::synapses::{CsrStore, synapse};
use std::collections::VecDeque;

/// Steps that the ring covers if synapses are procedural, whole blocks: what arrives later is delivered when its
/// window starts.
pub(super) const WINDOW_STEPS: u32 = 2 * BLOCK_STEPS;

/// Whether synapses transmit the spikes of a step.
struct StepTransmission(Option<(Transmission, Key)>);

impl StepTransmission {
    fn of_step(network: &IntegerNetwork, step: u32) -> Self {
        Self(network.transmission.map(|transmission| (transmission, transmission.step_key(step))))
    }

    fn transmits(&self, source: u32, tag: impl FnOnce() -> u32) -> bool {
        self.0.is_none_or(|(transmission, key)| transmission.passes(key, source, tag()))
    }
}

/// Every spike of a step goes through its stored row into the ring, where synapses transmit it.
pub(super) fn deliver(
    network: &IntegerNetwork,
    store: &CsrStore,
    step: u32,
    spikes: &[u32],
    ring: &mut Ring,
) {
    let shift = network.formats.arrival_shift();
    let transmission = StepTransmission::of_step(network, step);
    for shard in &store.shards {
        for (part, neurons) in shard.parts.iter().enumerate() {
            for &source in spikes {
                for index in shard.row(source, part) {
                    if transmission.transmits(source, || shard.tags[index]) {
                        let synapse = &shard.synapses[index];
                        let (target, delay) = store.decode(synapse.address);
                        ring.add(step + delay, synapse.weight << shift, neurons.first_neuron + target);
                    }
                }
            }
        }
    }
}

/// Synapses in each source neuron's row. A call of the generator makes two draws.
fn row_counts(projection: &IntegerProjection, sources: u32) -> Vec<u32> {
    let mut counts = vec![0; sources as usize];
    for pair in 0..projection.synapses.div_ceil(2) {
        let words = threefry(projection.sources_key, [pair as u32, (pair >> 32) as u32]);
        counts[uniform_below(words[0], sources) as usize] += 1;
        if 2 * pair + 1 < projection.synapses {
            counts[uniform_below(words[1], sources) as usize] += 1;
        }
    }
    counts
}

/// A spike in the history.
#[derive(Debug, Clone, Copy)]
struct PastSpike {
    neuron: u32,
    step: u32,
}

/// Procedural rows, and the spikes that are in reach of the longest delay.
#[derive(Debug)]
pub(super) struct ProceduralSynapses {
    /// Projections of each source population, the longest delays first.
    outgoing: Vec<Vec<usize>>,
    /// For each projection the synapses of each row.
    counts: Vec<Vec<u32>>,
    /// The same before each row; nothing if targets are drawn.
    before: Vec<Vec<u32>>,
    history: VecDeque<PastSpike>,
    /// The first spike of the history that is to be delivered.
    first_visited: usize,
    reach_steps: u32,
}

impl ProceduralSynapses {
    /// Counts the rows of `network`.
    pub(super) fn new(network: &IntegerNetwork) -> Self {
        let sources = |p: &IntegerProjection| network.populations[p.source].neurons;
        let counts: Vec<_> = network.projections.iter().map(|p| row_counts(p, sources(p))).collect();
        let sums = |counts: &Vec<u32>| {
            let next = |sum: &mut u32, count: &u32| Some(std::mem::replace(sum, sum.wrapping_add(*count)));
            counts.iter().scan(0, next).collect()
        };
        let before =
            if network.has_exact_in_degrees() { counts.iter().map(sums).collect() } else { Vec::new() };
        let mut outgoing = vec![Vec::new(); network.populations.len()];
        for (index, projection) in network.projections.iter().enumerate() {
            outgoing[projection.source].push(index);
        }
        let longest = |&index: &usize| network.longest_delay_of(&network.projections[index]);
        outgoing
            .iter_mut()
            .for_each(|projections| projections.sort_by_key(|index| std::cmp::Reverse(longest(index))));
        let reach_steps = network.longest_delay();
        Self { outgoing, counts, before, history: VecDeque::new(), first_visited: 0, reach_steps }
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> u64 {
        let rows = self.counts.iter().chain(&self.before).map(|rows| rows.len() as u64);
        4 * rows.sum::<u64>() + (size_of::<PastSpike>() * self.history.len()) as u64
    }
}

/// Whether a window ends with `step`.
pub(super) fn is_window_end(step: u32) -> bool {
    step.is_multiple_of(WINDOW_STEPS)
}

/// The spikes of a step go into the history, those out of reach leave it. What is delivered next are the spikes of this
/// step, and where a window ends all spikes in reach, for the next one.
pub(super) fn append_history(rows: &mut ProceduralSynapses, step: u32, spikes: &[u32]) {
    while rows.history.front().is_some_and(|spike| spike.step + rows.reach_steps <= step) {
        rows.history.pop_front();
    }
    let start = rows.history.len();
    rows.history.extend(spikes.iter().map(|&neuron| PastSpike { neuron, step }));
    rows.first_visited = if is_window_end(step) { 0 } else { start };
}

/// Takes the spikes of several steps up, all of which are delivered next.
pub(super) fn fill_history<'s>(rows: &mut ProceduralSynapses, steps: impl Iterator<Item = (u32, &'s [u32])>) {
    steps.for_each(|(step, spikes)| append_history(rows, step, spikes));
    rows.first_visited = 0;
}

/// Spikes go through procedural rows into the ring, which covers one window of steps: what arrives in it and is still
/// to come is delivered, the rest at a later visit.
pub(super) fn deliver_procedural(
    network: &IntegerNetwork,
    rows: &ProceduralSynapses,
    step: u32,
    ring: &mut Ring,
) {
    let first = step + 1;
    let last = (step / WINDOW_STEPS + 1) * WINDOW_STEPS;
    for spike in rows.history.range(rows.first_visited..) {
        let population = network.populations.partition_point(|p| p.first_neuron <= spike.neuron) - 1;
        let source = spike.neuron - network.populations[population].first_neuron;
        let transmission = StepTransmission::of_step(network, spike.step);
        for &index in &rows.outgoing[population] {
            let projection = &network.projections[index];
            if spike.step + network.longest_delay_of(projection) < first {
                // Nor do those that follow, whose delays are shorter.
                break;
            }
            if spike.step + network.shortest_delay_of(projection) > last {
                continue;
            }
            let count = rows.counts[index][source as usize];
            let before = rows.before.get(index).map_or(0, |before| before[source as usize]);
            let target = &network.populations[projection.target];
            for index in 0..count {
                let synapse = synapse(projection, &network.tables, target.neurons, source, index, before);
                let arrival = spike.step + synapse.delay;
                if arrival >= first && arrival <= last && transmission.transmits(spike.neuron, || synapse.tag)
                {
                    let weight = synapse.weight << network.formats.arrival_shift();
                    ring.add(arrival, weight, target.first_neuron + synapse.target);
                }
            }
        }
    }
}
