//! From a spike to events: a shard's rows, stored or procedural.

use super::calendar::{Calendar, Event};
use super::draw::{DRAWS, DrawnEvents, RowParameters, Words};
use super::kernels::{Kernels, Transmit};
use crate::engine::fixed_point::{EvenTargets, IntegerNetwork, Transmission};
use crate::engine::rng::Key;
use crate::engine::synapses::{CsrShard, HostSynapses, ProceduralStore, StoredSynapse, Synapses};
use std::ops::Range;

/// Rows onto one shard.
pub(super) type CpuRows<'a> = Synapses<StoredRows<'a>, ProceduralRows<'a>>;

/// Stored rows.
pub(super) struct StoredRows<'a> {
    csr: &'a CsrShard,
    target_bits: u32,
    transmission: Option<Transmission>,
}

/// The rows of `synapses` onto their shard `index`.
pub(super) fn shard_rows<'a>(
    synapses: HostSynapses<'a>,
    network: &'a IntegerNetwork,
    index: usize,
    event_bits: u32,
) -> CpuRows<'a> {
    match synapses {
        Synapses::Stored(store) => Synapses::Stored(StoredRows {
            csr: &store.shards[index],
            target_bits: store.target_bits,
            transmission: network.transmission,
        }),
        Synapses::Procedural(store) => {
            Synapses::Procedural(ProceduralRows::new(network, store, index, event_bits))
        }
    }
}

impl CpuRows<'_> {
    /// Longest delay, in steps.
    pub(super) fn longest_delay(&self) -> u32 {
        match self {
            Self::Stored(rows) => rows.csr.longest_delay,
            Self::Procedural(rows) => rows.longest_delay,
        }
    }

    /// Puts the synapses of every neuron that spiked in `step` into the calendar; `spikes` ascend.
    pub(super) fn deliver<E: Event>(
        &self,
        step: u32,
        spikes: &[u32],
        kernels: &Kernels<E>,
        event_bits: u32,
        calendar: &mut Calendar<E>,
    ) {
        match self {
            Self::Stored(rows) => rows.deliver(step, spikes, kernels, event_bits, calendar),
            Self::Procedural(rows) => rows.deliver(step, spikes, kernels, calendar),
        }
    }
}

impl StoredRows<'_> {
    fn deliver<E: Event>(
        &self,
        step: u32,
        spikes: &[u32],
        kernels: &Kernels<E>,
        event_bits: u32,
        calendar: &mut Calendar<E>,
    ) {
        let Self { csr, target_bits, transmission } = self;
        let Some(transmission) = transmission else {
            return deliver_stored(csr, *target_bits, step, spikes, event_bits, calendar);
        };
        let passing = Passing { transmission, key: transmission.step_key(step), transmit: kernels.transmit };
        deliver_passing(csr, *target_bits, step, spikes, event_bits, &passing, calendar);
    }
}

/// Spikes whose rows are fetched ahead of their delivery.
const PREFETCH: usize = 4;

fn deliver_stored<E: Event>(
    csr: &CsrShard,
    target_bits: u32,
    step: u32,
    spikes: &[u32],
    event_bits: u32,
    calendar: &mut Calendar<E>,
) {
    let row = |source: u32| {
        let starts = &csr.row_starts[source as usize..source as usize + 2];
        &csr.synapses[starts[0] as usize..starts[1] as usize]
    };
    let mask = (1 << target_bits) - 1;
    for (index, &source) in spikes.iter().enumerate() {
        if let Some(&ahead) = spikes.get(index + PREFETCH) {
            prefetch(row(ahead));
        }
        for synapse in row(source) {
            let delay = synapse.address >> target_bits;
            calendar.push(step + delay, E::pack(synapse.address & mask, synapse.weight, event_bits));
        }
    }
}

/// Which synapses transmit the spikes of a step.
struct Passing<'a> {
    transmission: &'a Transmission,
    key: Key,
    transmit: Transmit,
}

impl Passing<'_> {
    /// Of the synapses of `source` with these tags, the places of those that transmit.
    fn places<'p>(
        &self,
        source: u32,
        tags: &[u32],
        passes: &'p mut [bool; DRAWS],
    ) -> impl Iterator<Item = usize> + use<'p> {
        let passes = &mut passes[..tags.len()];
        (self.transmit)(self.transmission, self.key, source, tags, passes);
        passes.iter().enumerate().filter(|(_, passes)| **passes).map(|(place, _)| place)
    }
}

/// As [`deliver_stored`], where not every synapse transmits.
fn deliver_passing<E: Event>(
    csr: &CsrShard,
    target_bits: u32,
    step: u32,
    spikes: &[u32],
    event_bits: u32,
    passing: &Passing<'_>,
    calendar: &mut Calendar<E>,
) {
    let mask = (1 << target_bits) - 1;
    let mut passes = [false; DRAWS];
    for &source in spikes {
        let row = csr.row_starts[source as usize] as usize..csr.row_starts[source as usize + 1] as usize;
        let parts = csr.synapses[row.clone()].chunks(DRAWS).zip(csr.tags[row].chunks(DRAWS));
        for (synapses, tags) in parts {
            for place in passing.places(source, tags, &mut passes) {
                let synapse = &synapses[place];
                let event = E::pack(synapse.address & mask, synapse.weight, event_bits);
                calendar.push(step + (synapse.address >> target_bits), event);
            }
        }
    }
}

/// Asks for a row's cache lines ahead of time.
#[inline(always)]
fn prefetch(row: &[StoredSynapse]) {
    #[cfg(target_arch = "x86_64")]
    for line in row.chunks(8) {
        // SAFETY: a prefetch has no effect but on caches, and SSE is part of x86-64.
        unsafe {
            std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(line.as_ptr().cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = row;
}

/// Procedural rows.
pub(super) struct ProceduralRows<'a> {
    network: &'a IntegerNetwork,
    store: &'a ProceduralStore,
    /// For each source population: which of its projections lead to the shard, and where their
    /// parameters start.
    sources: Vec<(Range<usize>, usize)>,
    parameters: Vec<RowParameters<'a>>,
    longest_delay: u32,
}

impl<'a> ProceduralRows<'a> {
    fn new(network: &'a IntegerNetwork, store: &'a ProceduralStore, index: usize, event_bits: u32) -> Self {
        let shard = &store.shards[index];
        let mut rows = Self { network, store, sources: Vec::new(), parameters: Vec::new(), longest_delay: 1 };
        for source in &store.sources {
            let target_of = |p: &u32| network.projections[*p as usize].target;
            let start = source.projections.partition_point(|p| target_of(p) < shard.populations.start);
            let end = source.projections.partition_point(|p| target_of(p) < shard.populations.end);
            rows.sources.push((start..end, rows.parameters.len()));
            for &p in &source.projections[start..end] {
                let projection = &network.projections[p as usize];
                let target = &network.populations[projection.target];
                let longest_delay = network.longest_delay_of(projection);
                rows.longest_delay = rows.longest_delay.max(longest_delay);
                rows.parameters.push(RowParameters {
                    key: projection.synapses_key,
                    targets: target.neurons,
                    first_target: target.first_neuron - shard.first_neuron,
                    scaled_weight: projection.scaled_weight,
                    sign: if projection.inhibitory { -1 } else { 1 },
                    event_bits,
                    scaled_delay: projection.scaled_delay,
                    min_delay: projection.min_delay,
                    longest_delay,
                    even_targets: projection.even_targets,
                    weights: network.tables[projection.weight_table].entries(),
                    delays: network.tables[projection.delay_table].entries(),
                });
            }
        }
        rows
    }

    fn deliver<E: Event>(&self, step: u32, spikes: &[u32], kernels: &Kernels<E>, calendar: &mut Calendar<E>) {
        let mut scratch = Scratch::default();
        let passing = self.network.transmission.as_ref().map(|transmission| Passing {
            transmission,
            key: transmission.step_key(step),
            transmit: kernels.transmit,
        });
        let mut population = 0;
        for &source in spikes {
            let ends = |p: &crate::engine::fixed_point::IntegerPopulation| p.first_neuron + p.neurons;
            while ends(&self.network.populations[population]) <= source {
                population += 1;
            }
            let neuron = source - self.network.populations[population].first_neuron;
            let (projections, first) = &self.sources[population];
            let rows = &self.store.sources[population];
            let counts = &rows.row(neuron)[projections.clone()];
            let before = rows.before(neuron).get(projections.clone()).unwrap_or_default();
            for (column, (row, &count)) in self.parameters[*first..].iter().zip(counts).enumerate() {
                let before = before.get(column).copied().unwrap_or(0);
                let row = Row { parameters: row, source: neuron, count: u32::from(count), before };
                row.deliver(step, source, kernels, passing.as_ref(), &mut scratch, calendar);
            }
        }
    }
}

/// Room to draw in: scratch memory.
struct Scratch<E> {
    words: Words,
    drawn: DrawnEvents<E>,
    passes: [bool; DRAWS],
}

impl<E: Event> Default for Scratch<E> {
    fn default() -> Self {
        Self { words: [[0; DRAWS]; 2], drawn: DrawnEvents::none(), passes: [false; DRAWS] }
    }
}

/// One source neuron's synapses of a projection.
struct Row<'a> {
    parameters: &'a RowParameters<'a>,
    /// The neuron within its population.
    source: u32,
    count: u32,
    /// Synapses of the projection before these.
    before: u32,
}

impl Row<'_> {
    /// Draws the synapses of neuron `spiked`, counted through the network, and puts those that transmit
    /// into the calendar.
    fn deliver<E: Event>(
        &self,
        step: u32,
        spiked: u32,
        kernels: &Kernels<E>,
        passing: Option<&Passing<'_>>,
        scratch: &mut Scratch<E>,
        calendar: &mut Calendar<E>,
    ) {
        let Scratch { words, drawn, passes } = scratch;
        let all_are_near = calendar.is_near(step + self.parameters.longest_delay);
        for start in (0..self.count).step_by(DRAWS) {
            let mut n = (self.count - start).min(DRAWS as u32) as usize;
            (kernels.draw)(self.parameters, kernels.bulk, self.source, start, n, words, drawn);
            if let Some(even) = &self.parameters.even_targets {
                self.retarget(even, start, &mut drawn.events[..n]);
            }
            if let Some(passing) = passing {
                n = drawn.keep(passing.places(spiked, &words[0][..n], passes));
            }
            let (delays, events) = (&drawn.delays[..n], &drawn.events[..n]);
            // The longest delay that a table holds is rarely drawn.
            if all_are_near || calendar.is_near(step + drawn.longest_delay) {
                calendar.push_near(step, delays, events);
            } else {
                delays.iter().zip(events).for_each(|(&delay, &event)| calendar.push(step + delay, event));
            }
        }
    }

    /// Gives the events of synapses from `start` on the targets that exact in-degrees ask for.
    fn retarget<E: Event>(&self, even: &EvenTargets, start: u32, events: &mut [E]) {
        let RowParameters { first_target, event_bits, .. } = *self.parameters;
        for (position, event) in (self.before + start..).zip(events) {
            let (_, weight) = event.unpack(event_bits);
            let target = first_target + even.target(position);
            *event = E::pack(target, weight, event_bits);
        }
    }
}
