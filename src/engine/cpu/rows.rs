//! From a spike to events: a shard's rows, stored or procedural.

use super::calendar::{Calendar, Event};
use super::chunks::Chunks;
use super::kernels::Kernels;
use super::pages::{LINE, prefetch};
use super::passing::Passing;
use crate::engine::fixed_point::{EvenTargets, IntegerNetwork, IntegerPopulation, Transmission};
use crate::engine::synapses::{
    CsrShard, DRAWS, DrawnSynapses, HostSynapses, ProceduralStore, RowParameters, StoredSynapse, Synapses,
    decode,
};
use std::ops::Range;

/// Rows onto one shard.
pub(super) type CpuRows<'a> = Synapses<StoredRows<'a>, ProceduralRows<'a>>;

/// Stored rows.
pub(super) struct StoredRows<'a> {
    csr: &'a CsrShard,
    /// Which of its parts.
    part: usize,
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
        Synapses::Stored(store) => {
            let parts = |csr: &'a CsrShard| (0..csr.parts.len()).map(move |part| (csr, part));
            let (csr, part) = store.shards.iter().flat_map(parts).nth(index).expect("a part of the store");
            let (target_bits, transmission) = (store.target_bits, network.transmission);
            Synapses::Stored(StoredRows { csr, part, target_bits, transmission })
        }
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
        kernels: &Kernels,
        event_bits: u32,
        calendar: &mut Calendar<E>,
        chunks: &mut Chunks,
    ) {
        match self {
            Self::Stored(rows) => rows.deliver(step, spikes, kernels, event_bits, calendar, chunks),
            Self::Procedural(rows) => rows.deliver(step, spikes, kernels, calendar, chunks),
        }
    }
}

impl StoredRows<'_> {
    /// The place of a row among the shard's synapses.
    #[inline(always)]
    fn row(&self, source: u32) -> Range<usize> {
        self.csr.row(source, self.part)
    }

    fn deliver<E: Event>(
        &self,
        step: u32,
        spikes: &[u32],
        kernels: &Kernels,
        event_bits: u32,
        calendar: &mut Calendar<E>,
        chunks: &mut Chunks,
    ) {
        let Self { csr, transmission, .. } = self;
        let passing = transmission.as_ref().map(|t| Passing::new(t, step, kernels.transmit));
        for (index, &source) in spikes.iter().enumerate() {
            if let Some(&ahead) = spikes.get(index + PREFETCH) {
                prefetch_first(&csr.synapses[self.row(ahead)], PREFETCHED);
            }
            let row = self.row(source);
            let mut to = Deliveries { step, event_bits, target_bits: self.target_bits, calendar, chunks };
            match &passing {
                Some(passing) => to.passing(passing, source, &csr.synapses[row.clone()], &csr.tags[row]),
                None => to.row(&csr.synapses[row]),
            }
        }
    }
}

/// What a spike of `step` brings, on its way into the calendar.
struct Deliveries<'c, E> {
    step: u32,
    event_bits: u32,
    target_bits: u32,
    calendar: &'c mut Calendar<E>,
    chunks: &'c mut Chunks,
}

impl<E: Event> Deliveries<'_, E> {
    /// What makes delay and event of a synapse.
    #[inline(always)]
    fn delayed(&self) -> impl Fn(&StoredSynapse) -> (u32, E) + Copy + use<E> {
        let Self { target_bits, event_bits, .. } = *self;
        move |synapse| {
            let (target, delay) = decode(synapse.address, target_bits);
            (delay, E::pack(target, synapse.weight, event_bits))
        }
    }

    /// Synapses of which not all transmit.
    #[inline(never)]
    fn passing(&mut self, passing: &Passing<'_>, source: u32, synapses: &[StoredSynapse], tags: &[u32]) {
        let delayed = self.delayed();
        for (synapses, tags) in synapses.chunks(DRAWS).zip(tags.chunks(DRAWS)) {
            let passed = passing.places(source, tags).map(|place| delayed(&synapses[place]));
            self.calendar.push_each(self.chunks, self.step, false, passed);
        }
    }

    /// All synapses of a row, whose delays ascend.
    #[inline(always)]
    fn row(&mut self, synapses: &[StoredSynapse]) {
        let delayed = self.delayed();
        let delay = |synapse: &StoredSynapse| delayed(synapse).0;
        debug_assert!(synapses.is_sorted_by_key(delay), "rows are sorted by delay");
        let (Some(first), Some(last)) = (synapses.first(), synapses.last()) else { return };
        if LONG_RUN * (delay(last) - delay(first) + 1) as usize <= synapses.len() {
            return self.runs(synapses);
        }
        let Self { step, calendar, chunks, .. } = self;
        let is_far = |synapse: &&StoredSynapse| !calendar.is_near(*step + delay(synapse));
        let near = synapses.len() - synapses.iter().rev().take_while(is_far).count();
        let (near, far) = synapses.split_at(near);
        calendar.push_each(chunks, *step, true, near.iter().map(delayed));
        calendar.push_each(chunks, *step, false, far.iter().map(delayed));
    }

    /// The same, with many synapses of each delay.
    #[inline(never)]
    fn runs(&mut self, synapses: &[StoredSynapse]) {
        let delayed = self.delayed();
        let mut rest = synapses;
        while let Some(first) = rest.first() {
            let (delay, _) = delayed(first);
            let n = rest.iter().take_while(|synapse| delayed(synapse).0 == delay).count();
            prefetch_first(rest.get(PREFETCHED..).unwrap_or_default(), n);
            let (run, later) = rest.split_at(n);
            let events = run.iter().map(|synapse| delayed(synapse).1);
            self.calendar.append(self.chunks, self.step + delay, events);
            rest = later;
        }
    }
}

/// Mean number of synapses of the same delay from which they are copied together.
const LONG_RUN: usize = 8;
/// Spikes whose rows are fetched ahead of their delivery.
const PREFETCH: usize = 4;
/// Synapses that are fetched ahead of their delivery, at the start of a row and within it.
const PREFETCHED: usize = 256;

/// Asks for the cache lines of the first `n` elements ahead of time.
#[inline(always)]
fn prefetch_first<T>(elements: &[T], n: usize) {
    for line in elements[..n.min(elements.len())].chunks(LINE / size_of::<T>()) {
        prefetch(line.as_ptr());
    }
}

/// Procedural rows.
pub(super) struct ProceduralRows<'a> {
    network: &'a IntegerNetwork,
    store: &'a ProceduralStore,
    /// For each source population: which of its projections lead to the shard, and where their
    /// parameters start.
    sources: Vec<(Range<usize>, usize)>,
    parameters: Vec<Projection<'a>>,
    longest_delay: u32,
}

/// A projection onto the shard.
struct Projection<'a> {
    row: RowParameters<'a>,
    /// First target neuron, counted within the shard.
    first_target: u32,
    /// Bits of an event that hold its target.
    event_bits: u32,
    longest_delay: u32,
    /// Where in-degrees are exact.
    even_targets: Option<EvenTargets>,
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
                let longest_delay = network.longest_delay_of(projection);
                rows.longest_delay = rows.longest_delay.max(longest_delay);
                rows.parameters.push(Projection {
                    row: RowParameters::new(network, projection),
                    first_target: network.populations[projection.target].first_neuron - shard.first_neuron,
                    event_bits,
                    longest_delay,
                    even_targets: projection.even_targets,
                });
            }
        }
        rows
    }

    fn deliver<E: Event>(
        &self,
        step: u32,
        spikes: &[u32],
        kernels: &Kernels,
        calendar: &mut Calendar<E>,
        chunks: &mut Chunks,
    ) {
        let (mut drawn, mut events) = (DrawnSynapses::default(), [E::default(); DRAWS]);
        let passing = self.network.transmission.as_ref().map(|t| Passing::new(t, step, kernels.transmit));
        let mut population = 0;
        for (index, &source) in spikes.iter().enumerate() {
            let end = |p: &IntegerPopulation| p.first_neuron + p.neurons;
            while end(&self.network.populations[population]) <= source {
                population += 1;
            }
            let IntegerPopulation { first_neuron, neurons, .. } = self.network.populations[population];
            let neuron = source - first_neuron;
            let (projections, first) = &self.sources[population];
            let rows = &self.store.sources[population];
            let ahead = spikes.get(index + PREFETCH).map(|ahead| ahead - first_neuron);
            if let Some(ahead) = ahead.filter(|&ahead| ahead < neurons) {
                prefetch_first(&rows.row(ahead)[projections.clone()], 1);
            }
            let counts = &rows.row(neuron)[projections.clone()];
            let before = rows.before(neuron).get(projections.clone()).unwrap_or_default();
            for (column, (projection, &count)) in self.parameters[*first..].iter().zip(counts).enumerate() {
                let all_are_near = calendar.is_near(step + projection.longest_delay);
                for start in (0..u32::from(count)).step_by(DRAWS) {
                    let n = (u32::from(count) - start).min(DRAWS as u32) as usize;
                    (kernels.draw)(&projection.row, neuron, start, n, &mut drawn);
                    if let Some(even) = &projection.even_targets {
                        let places = before[column] + start..;
                        places.zip(&mut drawn.targets[..n]).for_each(|(at, to)| *to = even.target(at));
                    }
                    let Projection { first_target, event_bits, .. } = *projection;
                    for ((event, target), weight) in
                        events[..n].iter_mut().zip(&drawn.targets).zip(&drawn.weights)
                    {
                        *event = E::pack(first_target + target, *weight, event_bits);
                    }
                    let delayed = |place: usize| (drawn.delays[place], events[place]);
                    // The longest delay that a table holds is rarely drawn.
                    let are_near = all_are_near || calendar.is_near(step + drawn.longest_delay);
                    match &passing {
                        None => calendar.push_each(chunks, step, are_near, (0..n).map(delayed)),
                        Some(passing) => {
                            let passed = passing.places(source, &drawn.tags[..n]).map(delayed);
                            calendar.push_each(chunks, step, are_near, passed);
                        }
                    }
                }
            }
        }
    }
}
