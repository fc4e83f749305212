//! The shaders: of which files each is made, and which buffers it binds.

use super::BufferRole::{self, *};

const TYPES: &str = include_str!("../../../shaders/shared/types.wgsl");
/// Source of the generator of random numbers.
pub const RNG: &str = include_str!("../../../shaders/shared/rng.wgsl");
/// Source of draws in integers.
pub const DRAWS: &str = include_str!("../../../shaders/shared/draws.wgsl");
const THRESHOLDS: &str = include_str!("../../../shaders/shared/thresholds.wgsl");
const PERMUTATION: &str = include_str!("../../../shaders/shared/permutation.wgsl");
const TRANSMISSION: &str = include_str!("../../../shaders/shared/transmission.wgsl");
const NEURON: &str = include_str!("../../../shaders/shared/neuron.wgsl");
const RING: &str = include_str!("../../../shaders/shared/ring.wgsl");

/// A shader: its sources and what it binds.
#[derive(Debug)]
pub struct Kernel {
    /// Name of the file and of its entry point.
    pub name: &'static str,
    sources: &'static [&'static str],
    /// The buffers in the order of their bindings.
    pub bindings: &'static [Binding],
}

impl Kernel {
    /// The sources, put together.
    pub fn source(&self) -> String {
        self.sources.concat()
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
    sources: &[TYPES, RNG, RING, THRESHOLDS, include_str!("../../../shaders/drive.wgsl")],
    bindings: &[uniform(Shard), CLOCK, read(Inputs), read(DriveThresholds), write(Ring)],
};
/// One step of every neuron.
pub const UPDATE: Kernel = Kernel {
    name: "update",
    sources: &[TYPES, RNG, RING, NEURON, THRESHOLDS, include_str!("../../../shaders/update.wgsl")],
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
    sources: &[TYPES, RING, include_str!("../../../shaders/sum_states.wgsl")],
    bindings: &[uniform(Shard), read(States), read(SumParts), write(Sums)],
};
/// The spikes of a step through their rows.
pub const DELIVER: Kernel = Kernel {
    name: "deliver",
    sources: &[TYPES, RNG, RING, TRANSMISSION, include_str!("../../../shaders/deliver.wgsl")],
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
    sources: &[TYPES, RING, include_str!("../../../shaders/inject.wgsl")],
    bindings: &[uniform(Shard), CLOCK, read(Injection), write(Ring)],
};
/// Currents from outside that are at another level than in the step before.
pub const CURRENTS: Kernel = Kernel {
    name: "currents",
    sources: &[TYPES, NEURON, include_str!("../../../shaders/currents.wgsl")],
    bindings: &[uniform(Shard), CLOCK, read(Batch), read(Peaks), read(Levels), write(Inputs)],
};
/// The lengths of rows whose synapses are procedural.
pub const ROW_COUNTS: Kernel = Kernel {
    name: "row_counts",
    sources: &[TYPES, RNG, DRAWS, include_str!("../../../shaders/row_counts.wgsl")],
    bindings: &[uniform(Blocks), read(SourceDraws), write(RowCounts), write(TooLong)],
};
/// The spikes of a step into the history.
pub const APPEND_HISTORY: Kernel = Kernel {
    name: "append_history",
    sources: &[TYPES, include_str!("../../../shaders/append_history.wgsl")],
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
        RNG,
        RING,
        DRAWS,
        PERMUTATION,
        TRANSMISSION,
        include_str!("../../../shaders/deliver_procedural.wgsl"),
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
