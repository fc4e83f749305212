//! The engine's buffers in one table: what each holds, how it is used, how large it is, and what makes it smaller.
//!
//! The memory plan, the allocation and the limits of an adapter follow from it. Which shader sees a buffer, and
//! how, is told with the shader, in `kernels.rs`.

use super::DelayWindow;
use super::layout::{
    BatchHeader, Blocks, Clock, InjectionHeader, NEURONS_PER_LANE, PastSpike, Projection, RowPart, Shard,
    SourceDraws, SourcePopulation, StepCount, Thresholds, Visit, lanes,
};
use super::sizes::{NetworkSizes, ProceduralRowSizes, ShardSizes, StoredRowSizes};
use crate::engine::fixed_point::{Arrival, NeuronClass, TABLE_BITS};
use crate::engine::synapses::{StoredSynapse, Synapses};
use wgpu::BufferUsages;

/// What a buffer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BufferRole {
    /// Parameters of a shard.
    Shard,
    /// Potentials and currents.
    States,
    /// DC inputs, weights of the external spikes, populations, and classes if there are several.
    Inputs,
    /// Input slots.
    Ring,
    /// Where the shard stands when an even number of steps is done; of all shards if synapses are procedural.
    ClockEven,
    /// The same for odd numbers.
    ClockOdd,
    /// Where rows of synapses start.
    RowStarts,
    /// Synapses.
    Synapses,
    /// Tags of synapses, where not all transmit.
    Tags,
    /// Lengths of rows whose synapses are procedural.
    RowCounts,
    /// What leads from each population to the shard.
    Sources,
    /// Parts of rows.
    RowParts,
    /// Projections onto the shard.
    Projections,
    /// Draws of the projections' sources.
    SourceDraws,
    /// Neuron parameters.
    Classes,
    /// Thresholds of the number of external spikes.
    DriveThresholds,
    /// Arrivals from outside.
    Injection,
    /// DC inputs of the network, and peaks of the currents from outside, if there are any.
    Peaks,
    /// Levels of these currents in the steps of a batch.
    Levels,
    /// Counts of a batch.
    Batch,
    /// Spikes of a batch.
    Spikes,
    /// The first of two buffers from which the host reads batches in turn.
    ReadBackEven,
    /// The second.
    ReadBackOdd,
    /// Tables of factors.
    Factors,
    /// Spikes that are still in reach of the longest delay.
    History,
    /// Where steps end in the history.
    HistoryEnds,
    /// Which of them to deliver.
    Visit,
    /// Blocks of draws to make.
    Blocks,
    /// A row too long for its count.
    TooLong,
    /// The first of two buffers from which the host reads states of neurons in turn; there is one where states are
    /// asked for.
    SamplesEven,
    /// The second.
    SamplesOdd,
    /// Parts of the populations whose states are summed.
    SumParts,
    /// Their sums after a step.
    Sums,
    /// The first of two buffers from which the host reads sums in turn; there is one where sums are asked for.
    SumsEven,
    /// The second.
    SumsOdd,
}

/// The clocks, for an even and an odd number of steps done.
pub(super) const CLOCKS: [BufferRole; 2] = [BufferRole::ClockEven, BufferRole::ClockOdd];
/// The buffers from which batches are read in turn.
pub(super) const READ_BACKS: [BufferRole; 2] = [BufferRole::ReadBackEven, BufferRole::ReadBackOdd];
/// The buffers that take samples in turn.
pub(super) const SAMPLES: [BufferRole; 2] = [BufferRole::SamplesEven, BufferRole::SamplesOdd];
/// The buffers that take sums in turn.
pub(super) const SUMS: [BufferRole; 2] = [BufferRole::SumsEven, BufferRole::SumsOdd];

/// What the sizes of buffers are made from.
pub(super) struct Sizing<'a> {
    pub sizes: &'a NetworkSizes,
    pub window: Option<DelayWindow>,
    /// Steps of a batch.
    pub batch_steps: u32,
    /// Spikes that the buffer of a batch holds.
    pub spikes: u64,
}

/// A buffer in every respect.
pub(super) struct Declaration {
    /// Name as shown to the user.
    pub name: &'static str,
    pub usage: BufferUsages,
    /// What makes it smaller.
    pub remedy: &'static str,
    /// Bytes of a shard's own, if shards have their own.
    pub of_shard: fn(&Sizing<'_>, &ShardSizes) -> Option<u64>,
    /// Bytes of the one that all shards share, if there is one.
    pub common: fn(&Sizing<'_>) -> Option<u64>,
}

/// Size of a buffer for nothing: that of the largest struct it may stand for. Others have no more than they hold,
/// because shaders take an array's length from the buffer.
pub(super) const MIN_BYTES: u64 = size_of::<Projection>() as u64;

/// Most arrivals from outside that are uploaded at once, and in smaller networks one a neuron; more are uploaded in
/// parts.
const MAX_INJECTED: u32 = 1 << 14;

/// Bytes of a word.
const WORD: u64 = 4;

const REMEDY: &str =
    "raise engine.shards, lower scaling.n_scaling, simulate fewer areas (areas: [...]), or use --engine cpu";
const REMEDY_OF_SYNAPSES: &str = "raise engine.shards, set engine.synapses = procedural, lower scaling.n_scaling, \
    simulate fewer areas (areas: [...]), or use --engine cpu";
const REMEDY_OF_RING: &str = "raise engine.shards, set engine.synapses = procedural with a lower \
    engine.gpu_memory_gib, lower scaling.n_scaling, simulate fewer areas (areas: [...]), or use --engine cpu";
const REMEDY_OF_BATCHES: &str = "lower engine.batch_steps";
const REMEDY_OF_SAMPLES: &str = "record fewer neurons in recording.voltmeter";
const REMEDY_OF_SUMS: &str = "choose fewer populations in recording.means";
const REMEDY_OF_HISTORY: &str = "lower engine.history_spikes";

impl Declaration {
    fn new(name: &'static str, usage: BufferUsages) -> Self {
        Self { name, usage, remedy: REMEDY, of_shard: |_, _| None, common: |_| None }
    }

    /// A buffer that shaders read or write, and the host before and after them.
    fn storage(name: &'static str) -> Self {
        Self::new(name, BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC)
    }

    fn uniform(name: &'static str) -> Self {
        Self::new(name, BufferUsages::UNIFORM | BufferUsages::COPY_DST)
    }

    /// A buffer from which the host reads, and which no shader sees.
    fn read_back(name: &'static str) -> Self {
        Self::new(name, BufferUsages::MAP_READ | BufferUsages::COPY_DST)
    }

    fn of_shard(self, of_shard: fn(&Sizing<'_>, &ShardSizes) -> Option<u64>) -> Self {
        Self { of_shard, ..self }
    }

    fn common(self, common: fn(&Sizing<'_>) -> Option<u64>) -> Self {
        Self { common, ..self }
    }

    fn remedy(self, remedy: &'static str) -> Self {
        Self { remedy, ..self }
    }
}

impl BufferRole {
    /// All of them, in the order in which plans list them.
    pub(super) const ALL: [Self; 35] = [
        Self::Shard,
        Self::States,
        Self::Inputs,
        Self::Ring,
        Self::ClockEven,
        Self::ClockOdd,
        Self::RowStarts,
        Self::Synapses,
        Self::Tags,
        Self::RowCounts,
        Self::Sources,
        Self::RowParts,
        Self::Projections,
        Self::SourceDraws,
        Self::Classes,
        Self::DriveThresholds,
        Self::Injection,
        Self::Peaks,
        Self::Levels,
        Self::Batch,
        Self::Spikes,
        Self::ReadBackEven,
        Self::ReadBackOdd,
        Self::Factors,
        Self::History,
        Self::HistoryEnds,
        Self::Visit,
        Self::Blocks,
        Self::TooLong,
        Self::SamplesEven,
        Self::SamplesOdd,
        Self::SumParts,
        Self::Sums,
        Self::SumsEven,
        Self::SumsOdd,
    ];

    /// Name as shown to the user.
    pub fn name(self) -> &'static str {
        self.declaration().name
    }

    /// Whether shaders see it, so that the limit of a binding holds for it.
    pub(super) fn is_bound(self) -> bool {
        self.declaration().usage.intersects(BufferUsages::STORAGE | BufferUsages::UNIFORM)
    }

    /// The table.
    #[rustfmt::skip]
    pub(super) fn declaration(self) -> Declaration {
        let (storage, uniform, read_back) = (Declaration::storage, Declaration::uniform, Declaration::read_back);
        match self {
            Self::Shard => uniform("shard parameters").of_shard(|_, _| bytes_of::<Shard>(1u32)),
            Self::States => storage("neuron states")
                .of_shard(|s, shard| Some((1 + u64::from(s.sizes.currents)) * plane_bytes(shard))),
            Self::Inputs => storage("inputs of neurons")
                .of_shard(|s, shard| Some(if s.sizes.classes > 1 { 4 } else { 3 } * plane_bytes(shard))),
            Self::Ring => storage("input slots").remedy(REMEDY_OF_RING).of_shard(|s, shard| {
                Some(u64::from(shard.slots(s.window)) * u64::from(s.sizes.currents) * plane_bytes(shard))
            }),
            Self::ClockEven => clock("clock, even"),
            Self::ClockOdd => clock("clock, odd"),

            Self::RowStarts => storage("row starts")
                .of_shard(|s, shard| stored(shard).map(|_| WORD * (u64::from(s.sizes.neurons) + 1))),
            Self::Synapses => storage("synapses").remedy(REMEDY_OF_SYNAPSES)
                .of_shard(|_, shard| bytes_of::<StoredSynapse>(stored(shard)?.synapses)),
            Self::Tags => storage("tags of synapses").remedy(REMEDY_OF_SYNAPSES).of_shard(|s, shard| {
                stored(shard).map(|rows| if s.sizes.has_tags { WORD * rows.synapses } else { 0 })
            }),

            Self::RowCounts => storage("row counts").of_shard(|s, shard| {
                let rows = procedural(shard)?.rows;
                Some(WORD * (rows.div_ceil(2) + if s.sizes.has_starts { rows } else { 0 }))
            }),
            Self::Sources => storage("source populations").of_shard(|s, shard| {
                procedural(shard).and_then(|_| bytes_of::<SourcePopulation>(s.sizes.populations))
            }),
            Self::RowParts => storage("parts of rows")
                .of_shard(|_, shard| bytes_of::<RowPart>(procedural(shard)?.parts)),
            Self::Projections => storage("projections")
                .of_shard(|_, shard| bytes_of::<Projection>(procedural(shard)?.projections)),
            Self::SourceDraws => storage("draws of sources")
                .of_shard(|_, shard| bytes_of::<SourceDraws>(procedural(shard)?.projections)),

            Self::Classes => storage("neuron parameters").common(|s| bytes_of::<NeuronClass>(s.sizes.classes)),
            Self::DriveThresholds => storage("external thresholds").common(|s| {
                Some(bytes_of::<Thresholds>(s.sizes.populations)? + WORD * s.sizes.drive_thresholds)
            }),
            Self::Injection => storage("arrivals from outside").common(|s| {
                Some(bytes_of::<InjectionHeader>(1u32)? + bytes_of::<Arrival>(s.sizes.neurons.clamp(1, MAX_INJECTED))?)
            }),
            Self::Peaks => storage("peaks of currents from outside").of_shard(|s, shard| {
                (s.sizes.currents_from_outside > 0)
                    .then(|| (1 + u64::from(s.sizes.currents_from_outside)) * plane_bytes(shard))
            }),
            Self::Levels => storage("levels of currents from outside").remedy(REMEDY_OF_BATCHES).common(|s| {
                let n = u64::from(s.sizes.currents_from_outside);
                (n > 0).then(|| WORD * n * u64::from(s.batch_steps))
            }),
            Self::Batch => storage("spike counts").remedy(REMEDY_OF_BATCHES).common(|s| Some(batch_bytes(s))),
            Self::Spikes => storage("spikes").remedy(REMEDY_OF_BATCHES).common(|s| Some(spikes_bytes(s))),
            Self::ReadBackEven => batch_read_back("read-back, even"),
            Self::ReadBackOdd => batch_read_back("read-back, odd"),

            Self::Factors => storage("tables of factors").common(|s| match s.sizes.synapses {
                Synapses::Stored(()) => None,
                Synapses::Procedural(sizes) => Some(u64::from(sizes.tables) * (WORD << TABLE_BITS)),
            }),
            Self::History => storage("history of spikes").remedy(REMEDY_OF_HISTORY)
                .common(|s| bytes_of::<PastSpike>(s.window?.history_spikes)),
            Self::HistoryEnds => storage("ends in the history")
                .common(|s| Some(WORD * (u64::from(s.window?.reach_steps) + 1))),
            Self::Visit => Declaration::new("visit", BufferUsages::STORAGE | BufferUsages::INDIRECT
                | BufferUsages::COPY_SRC | BufferUsages::COPY_DST)
                .common(|s| s.window.and_then(|_| bytes_of::<Visit>(1u32))),
            Self::Blocks => uniform("blocks of draws")
                .common(|s| s.window.and_then(|_| bytes_of::<Blocks>(1u32))),
            Self::TooLong => storage("row too long").common(|s| s.window.map(|_| WORD)),

            // As large as the sampler says.
            Self::SamplesEven => read_back("samples, even").remedy(REMEDY_OF_SAMPLES),
            Self::SamplesOdd => read_back("samples, odd").remedy(REMEDY_OF_SAMPLES),
            // As large as the sums' plan says.
            Self::SumParts => storage("parts of sums").remedy(REMEDY_OF_SUMS),
            Self::Sums => storage("sums of states").remedy(REMEDY_OF_SUMS),
            Self::SumsEven => read_back("sums, even").remedy(REMEDY_OF_SUMS),
            Self::SumsOdd => read_back("sums, odd").remedy(REMEDY_OF_SUMS),
        }
    }
}

/// One of the two clocks, which take turns.
fn clock(name: &'static str) -> Declaration {
    Declaration::storage(name)
        .of_shard(|_, shard| stored(shard).and_then(|_| bytes_of::<Clock>(1u32)))
        .common(|s| s.window.and_then(|_| bytes_of::<Clock>(1u32)))
}

/// A buffer that takes counts and spikes of a batch.
fn batch_read_back(name: &'static str) -> Declaration {
    let read_back = Declaration::read_back(name).remedy(REMEDY_OF_BATCHES);
    read_back.common(|s| Some(batch_bytes(s) + spikes_bytes(s)))
}

fn batch_bytes(s: &Sizing<'_>) -> u64 {
    let bytes = size_of::<BatchHeader>() + size_of::<StepCount>() * s.batch_steps as usize;
    (bytes as u64).max(MIN_BYTES)
}

fn spikes_bytes(s: &Sizing<'_>) -> u64 {
    (WORD * s.spikes).max(MIN_BYTES)
}

/// Bytes of so many structs.
fn bytes_of<T>(n: impl Into<u64>) -> Option<u64> {
    Some(size_of::<T>() as u64 * n.into())
}

/// Bytes of a word for each neuron of a shard, padded to lanes.
fn plane_bytes(shard: &ShardSizes) -> u64 {
    WORD * u64::from(lanes(shard.shard.neurons) * NEURONS_PER_LANE)
}

fn stored(shard: &ShardSizes) -> Option<&StoredRowSizes> {
    match &shard.rows {
        Synapses::Stored(rows) => Some(rows),
        Synapses::Procedural(_) => None,
    }
}

fn procedural(shard: &ShardSizes) -> Option<&ProceduralRowSizes> {
    match &shard.rows {
        Synapses::Stored(_) => None,
        Synapses::Procedural(rows) => Some(rows),
    }
}
