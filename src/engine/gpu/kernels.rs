//! The shaders: of which files each is made, and which buffers it binds.

use super::BufferRole::{self, *};

/// The text of a file, for devices without 64-bit integers and for those that have them.
pub type Source = [&'static str; 2];

/// A file that all devices take.
pub const fn same(text: &'static str) -> Source {
    [text, text]
}

const TYPES: Source = same(include_str!("../../../shaders/shared/types.wgsl"));
/// Bits of words.
pub const WORDS: Source = same(include_str!("../../../shaders/shared/words.wgsl"));
/// 64-bit integers, and their high halves.
pub const WIDE: Source = [
    include_str!("../../../shaders/shared/wide.wgsl"),
    include_str!("../../../shaders/shared/wide_int64.wgsl"),
];
/// Generator of random numbers.
pub const RNG: Source = same(include_str!("../../../shaders/shared/rng.wgsl"));
/// Draws in integers.
pub const DRAWS: Source = same(include_str!("../../../shaders/shared/draws.wgsl"));
const THRESHOLDS: Source = same(include_str!("../../../shaders/shared/thresholds.wgsl"));
const PERMUTATION: Source = same(include_str!("../../../shaders/shared/permutation.wgsl"));
const TRANSMISSION: Source = same(include_str!("../../../shaders/shared/transmission.wgsl"));
const NEURON: Source = same(include_str!("../../../shaders/shared/neuron.wgsl"));
const RING: Source = same(include_str!("../../../shaders/shared/ring.wgsl"));

/// The sources, put together for devices with 64-bit integers or without.
pub fn put_together(sources: &[Source], int64: bool) -> String {
    sources.iter().map(|source| source[usize::from(int64)]).collect()
}

/// A shader: its sources and what it binds.
#[derive(Debug)]
pub struct Kernel {
    /// Name of the file and of its entry point.
    pub name: &'static str,
    sources: &'static [Source],
    /// The buffers in the order of their bindings.
    pub bindings: &'static [Binding],
}

impl Kernel {
    /// The shader for devices with 64-bit integers or without.
    pub fn source(&self, int64: bool) -> String {
        put_together(self.sources, int64)
    }
}

/// A buffer as a shader sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    pub access: Access,
    pub buffer: Bound,
}

/// How a shader sees a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Uniform,
    Read,
    ReadWrite,
}

/// Which buffer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The same at every step.
    Same(BufferRole),
    /// The clock as the step before left it.
    ClockBefore,
    /// The clock as this step leaves it.
    ClockAfter,
}

const fn uniform(role: BufferRole) -> Binding {
    Binding { access: Access::Uniform, buffer: Bound::Same(role) }
}

const fn read(role: BufferRole) -> Binding {
    Binding { access: Access::Read, buffer: Bound::Same(role) }
}

const fn write(role: BufferRole) -> Binding {
    Binding { access: Access::ReadWrite, buffer: Bound::Same(role) }
}

const CLOCK: Binding = Binding { access: Access::Read, buffer: Bound::ClockBefore };
const NEXT_CLOCK: Binding = Binding { access: Access::ReadWrite, buffer: Bound::ClockAfter };

/// External spikes of a block of steps.
pub const DRIVE: Kernel = Kernel {
    name: "drive",
    sources: &[TYPES, WORDS, RNG, RING, THRESHOLDS, same(include_str!("../../../shaders/drive.wgsl"))],
    bindings: &[uniform(Shard), CLOCK, read(Inputs), read(DriveThresholds), write(Ring)],
};
/// One step of every neuron.
pub const UPDATE: Kernel = Kernel {
    name: "update",
    sources: &[
        TYPES,
        WORDS,
        WIDE,
        RNG,
        RING,
        NEURON,
        THRESHOLDS,
        same(include_str!("../../../shaders/update.wgsl")),
    ],
    bindings: &[
        uniform(Shard),
        CLOCK,
        write(States),
        read(Inputs),
        read(Classes),
        read(Ring),
        write(Batch),
        write(Spikes),
        read(DriveThresholds),
    ],
};
/// Sums of the states of populations.
pub const SUM_STATES: Kernel = Kernel {
    name: "sum_states",
    sources: &[TYPES, RING, same(include_str!("../../../shaders/sum_states.wgsl"))],
    bindings: &[uniform(Shard), read(States), read(SumParts), write(Sums)],
};
/// The spikes of a step through their rows.
pub const DELIVER: Kernel = Kernel {
    name: "deliver",
    sources: &[TYPES, RNG, RING, TRANSMISSION, same(include_str!("../../../shaders/deliver.wgsl"))],
    bindings: &[
        uniform(Shard),
        CLOCK,
        NEXT_CLOCK,
        read(Batch),
        read(Spikes),
        read(RowStarts),
        read(Synapses),
        write(Ring),
        read(Tags),
    ],
};
/// Arrivals from outside.
pub const INJECT: Kernel = Kernel {
    name: "inject",
    sources: &[TYPES, RING, same(include_str!("../../../shaders/inject.wgsl"))],
    bindings: &[uniform(Shard), CLOCK, read(Injection), write(Ring)],
};
/// Currents from outside that are at another level than in the step before.
pub const CURRENTS: Kernel = Kernel {
    name: "currents",
    sources: &[TYPES, WORDS, WIDE, same(include_str!("../../../shaders/currents.wgsl"))],
    bindings: &[uniform(Shard), CLOCK, read(Batch), read(Peaks), read(Levels), write(Inputs)],
};
/// The lengths of rows whose synapses are procedural.
pub const ROW_COUNTS: Kernel = Kernel {
    name: "row_counts",
    sources: &[TYPES, WORDS, WIDE, RNG, DRAWS, same(include_str!("../../../shaders/row_counts.wgsl"))],
    bindings: &[uniform(Blocks), read(SourceDraws), write(RowCounts), write(TooLong)],
};
/// The spikes of a step into the history.
pub const APPEND_HISTORY: Kernel = Kernel {
    name: "append_history",
    sources: &[TYPES, same(include_str!("../../../shaders/append_history.wgsl"))],
    bindings: &[
        CLOCK,
        NEXT_CLOCK,
        read(Batch),
        read(Spikes),
        write(HistoryEnds),
        write(Visit),
        write(History),
        read(Sources),
    ],
};
/// Spikes through procedural rows.
pub const DELIVER_PROCEDURAL: Kernel = Kernel {
    name: "deliver_procedural",
    sources: &[
        TYPES,
        WORDS,
        WIDE,
        RNG,
        RING,
        DRAWS,
        PERMUTATION,
        TRANSMISSION,
        same(include_str!("../../../shaders/deliver_procedural.wgsl")),
    ],
    bindings: &[
        uniform(Shard),
        read(Visit),
        read(History),
        read(Sources),
        read(RowParts),
        read(Projections),
        read(Factors),
        read(RowCounts),
        write(Ring),
    ],
};
