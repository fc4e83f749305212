//! What the engine's buffers are for.

/// What a buffer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BufferRole {
    /// Parameters of a shard.
    Shard,
    /// Potentials and currents.
    States,
    /// DC inputs, weights of the external spikes, populations, and classes where there are several.
    Inputs,
    /// Input slots.
    Ring,
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
    /// Neuron parameters.
    Classes,
    /// Thresholds of the number of external spikes.
    DriveThresholds,
    /// Where the shard stands when an even number of steps is done.
    ClockEven,
    /// The same for odd numbers.
    ClockOdd,
    /// Arrivals from outside.
    Injection,
    /// Counts of a batch.
    Batch,
    /// Spikes of a batch.
    Spikes,
    /// The first of two buffers from which the host reads batches in turn.
    ReadBackEven,
    /// The second.
    ReadBackOdd,
    /// The first of two buffers from which the host reads states of neurons in turn.
    SamplesEven,
    /// The second.
    SamplesOdd,
}

impl BufferRole {
    /// Name as shown to the user.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shard => "shard parameters",
            Self::States => "neuron states",
            Self::Inputs => "inputs of neurons",
            Self::Ring => "input slots",
            Self::RowStarts => "row starts",
            Self::Synapses => "synapses",
            Self::Tags => "tags of synapses",
            Self::RowCounts => "row counts",
            Self::Sources => "source populations",
            Self::RowParts => "parts of rows",
            Self::Projections => "projections",
            Self::SourceDraws => "draws of sources",
            Self::Factors => "tables of factors",
            Self::History => "history of spikes",
            Self::HistoryEnds => "ends in the history",
            Self::Visit => "visit",
            Self::Blocks => "blocks of draws",
            Self::TooLong => "row too long",
            Self::Classes => "neuron parameters",
            Self::DriveThresholds => "external thresholds",
            Self::ClockEven => "clock, even",
            Self::ClockOdd => "clock, odd",
            Self::Injection => "arrivals from outside",
            Self::Batch => "spike counts",
            Self::Spikes => "spikes",
            Self::ReadBackEven => "read-back, even",
            Self::ReadBackOdd => "read-back, odd",
            Self::SamplesEven => "samples, even",
            Self::SamplesOdd => "samples, odd",
        }
    }

    /// Whether shaders see it, so that the limit of a binding holds for it.
    pub(super) fn is_bound(self) -> bool {
        !matches!(self, Self::ReadBackEven | Self::ReadBackOdd | Self::SamplesEven | Self::SamplesOdd)
    }

    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::Batch | Self::Spikes | Self::ReadBackEven | Self::ReadBackOdd => "lower engine.batch_steps",
            Self::SamplesEven | Self::SamplesOdd => "record fewer neurons in recording.voltmeter",
            Self::History => "lower engine.history_spikes",
            Self::Synapses | Self::Tags => {
                "raise engine.shards, set engine.synapses = procedural, lower scaling.n_scaling, simulate fewer \
                 areas (areas: [...]), or use --engine cpu"
            }
            Self::Ring => {
                "raise engine.shards, set engine.synapses = procedural with a lower engine.gpu_memory_gib, lower \
                 scaling.n_scaling, simulate fewer areas (areas: [...]), or use --engine cpu"
            }
            _ => {
                "raise engine.shards, lower scaling.n_scaling, simulate fewer areas (areas: [...]), or use --engine cpu"
            }
        }
    }
}
