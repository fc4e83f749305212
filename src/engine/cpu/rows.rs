//! From a spike to events: a shard's rows, stored or drawn again.

use super::calendar::{Calendar, Event};
use super::update::Kernels;
use crate::integer::{Entries, IntegerNetwork, by_high_bits, by_low_bits, scaled_draw};
use crate::rng::{Bulk, Key, uniform_below};
use crate::synapses::{CsrShard, CsrStore, ProceduralStore, Shard, StoredSynapse};
use std::ops::Range;

/// Where an engine's synapses come from.
#[derive(Debug, Clone, Copy)]
pub enum Rows<'a> {
    /// Written down.
    Stored(&'a CsrStore),
    /// Drawn again from the row counts.
    Procedural(&'a ProceduralStore),
}

impl<'a> From<&'a CsrStore> for Rows<'a> {
    fn from(store: &'a CsrStore) -> Self {
        Self::Stored(store)
    }
}

impl<'a> From<&'a ProceduralStore> for Rows<'a> {
    fn from(store: &'a ProceduralStore) -> Self {
        Self::Procedural(store)
    }
}

impl<'a> Rows<'a> {
    /// Shards of target neurons.
    pub(super) fn shards(&self) -> Vec<&'a Shard> {
        match self {
            Self::Stored(store) => store.shards.iter().map(|s| &s.shard).collect(),
            Self::Procedural(store) => store.shards.iter().collect(),
        }
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Stored(store) => store.bytes(),
            Self::Procedural(store) => store.bytes(),
        }
    }

    /// Rows onto one shard.
    pub(super) fn of_shard(
        &self,
        network: &'a IntegerNetwork,
        index: usize,
        event_bits: u32,
    ) -> ShardRows<'a> {
        match self {
            Self::Stored(store) => {
                ShardRows::Stored { csr: &store.shards[index], target_bits: store.target_bits }
            }
            Self::Procedural(store) => {
                ShardRows::Procedural(DrawnRows::new(network, store, index, event_bits))
            }
        }
    }
}

/// Rows onto one shard.
pub(super) enum ShardRows<'a> {
    Stored { csr: &'a CsrShard, target_bits: u32 },
    Procedural(DrawnRows<'a>),
}

impl ShardRows<'_> {
    /// Longest delay, in steps.
    pub(super) fn longest_delay(&self) -> u32 {
        match self {
            Self::Stored { csr, .. } => csr.longest_delay,
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
            Self::Stored { csr, target_bits } => {
                deliver_stored(csr, *target_bits, step, spikes, event_bits, calendar)
            }
            Self::Procedural(rows) => rows.deliver(step, spikes, kernels, calendar),
        }
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

/// Asks for a row's cache lines ahead of time.
#[inline(always)]
fn prefetch(row: &[StoredSynapse]) {
    #[cfg(target_arch = "x86_64")]
    for line in row.chunks(8) {
        // SAFETY: a prefetch has no effect but on caches, and SSE is part of x86-64.
        unsafe {
            std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(line.as_ptr().cast())
        };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = row;
}

/// Rows that are drawn again.
pub(super) struct DrawnRows<'a> {
    network: &'a IntegerNetwork,
    store: &'a ProceduralStore,
    /// For each source population: which of its projections lead to the shard, and where their
    /// parameters start.
    sources: Vec<(Range<usize>, usize)>,
    parameters: Vec<RowParameters<'a>>,
    longest_delay: u32,
}

/// What the draws of a projection's rows need, side by side.
pub(super) struct RowParameters<'a> {
    key: Key,
    targets: u32,
    /// First target neuron, counted within the shard.
    first_target: u32,
    scaled_weight: u32,
    sign: i32,
    /// Bits of an event that hold its target.
    event_bits: u32,
    scaled_delay: u32,
    longest_delay: u32,
    weights: &'a Entries,
    delays: &'a Entries,
}

/// Synapses drawn at a time.
const DRAWS: usize = 128;

impl<'a> DrawnRows<'a> {
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
                    longest_delay,
                    weights: network.tables[projection.weight_table].entries(),
                    delays: network.tables[projection.delay_table].entries(),
                });
            }
        }
        rows
    }

    fn deliver<E: Event>(&self, step: u32, spikes: &[u32], kernels: &Kernels<E>, calendar: &mut Calendar<E>) {
        let mut drawn = Drawn { events: [E::link(0); DRAWS], delays: [0; DRAWS] };
        let mut words = [[0; DRAWS]; 2];
        let mut population = 0;
        for &source in spikes {
            let ends = |p: &crate::integer::IntegerPopulation| p.first_neuron + p.neurons;
            while ends(&self.network.populations[population]) <= source {
                population += 1;
            }
            let neuron = source - self.network.populations[population].first_neuron;
            let (projections, first) = &self.sources[population];
            let counts = &self.store.sources[population].row(neuron)[projections.clone()];
            for (row, &count) in self.parameters[*first..].iter().zip(counts) {
                row.deliver(step, neuron, u32::from(count), kernels, (&mut words, &mut drawn), calendar);
            }
        }
    }
}

/// Events of a part of a row, and their delays in steps.
pub(super) struct Drawn<E> {
    events: [E; DRAWS],
    delays: [u32; DRAWS],
}

/// The random words that they are made from.
pub(super) type Words = [[u32; DRAWS]; 2];

/// Draws synapses `start` to `start` + `n` of the row of `source`, as
/// [`synapse`](crate::synapses::synapse) does, from random words made by `bulk`.
#[inline(always)]
pub(super) fn draw<E: Event>(
    row: &RowParameters<'_>,
    bulk: Bulk,
    source: u32,
    start: u32,
    n: usize,
    [targets, factors]: &mut Words,
    drawn: &mut Drawn<E>,
) {
    // Whole vectors, whatever n is: what is drawn in excess is not used.
    let n = n.next_multiple_of(16).min(DRAWS);
    (bulk.along_second)(row.key, source, start, &mut targets[..n], &mut factors[..n]);
    for k in 0..n {
        let weight = scaled_draw(row.scaled_weight, by_low_bits(row.weights, factors[k])) as i32;
        let target = row.first_target + uniform_below(targets[k], row.targets);
        drawn.events[k] = E::pack(target, row.sign * weight, row.event_bits);
        drawn.delays[k] = scaled_draw(row.scaled_delay, by_high_bits(row.delays, factors[k])).max(1);
    }
}

impl RowParameters<'_> {
    /// Draws the synapses of `source` and puts them into the calendar.
    fn deliver<E: Event>(
        &self,
        step: u32,
        source: u32,
        count: u32,
        kernels: &Kernels<E>,
        (words, drawn): (&mut Words, &mut Drawn<E>),
        calendar: &mut Calendar<E>,
    ) {
        let is_near = calendar.is_near(step + self.longest_delay);
        for start in (0..count).step_by(DRAWS) {
            let n = (count - start).min(DRAWS as u32) as usize;
            (kernels.draw)(self, kernels.bulk, source, start, n, words, drawn);
            let (delays, events) = (&drawn.delays[..n], &drawn.events[..n]);
            if is_near {
                calendar.push_near(step, delays, events);
            } else {
                delays.iter().zip(events).for_each(|(&delay, &event)| calendar.push(step + delay, event));
            }
        }
    }
}
