// Structs and constants that the shaders share with the host (`src/engine/gpu/layout.rs` and
// `src/engine/gpu/pipelines.rs`; a test compares them).
//
// A lane is an invocation of `update`: four neurons that follow each other in a shard.

// Of the network.
override two_currents: bool;
override one_class: bool;
override arrival_shift: u32;
override stepwise_drive: bool;

// Of the arithmetic.
override rounding_neurons: u32;
override hash_multiplier_x: u32;
override hash_multiplier_y: u32;
override dc_shift: u32;
override refractory: i32;
override refractory_end: i32;
override v_m_limit: i32;
override current_limit: i32;
override block_bits: u32;
override call_bits: u32;
override level_bits: u32;

// Of the synapses' addresses: the low bits hold the target.
override target_bits: u32;
// Whether every synapse transmits every spike, and how it is drawn where not.
override transmits_all: bool;
override transmission_key_x: u32;
override transmission_key_y: u32;
override transmission_threshold: u32;
// Whether the targets of procedural synapses are permuted, so that in-degrees are exact.
override exact_in_degrees: bool;

// Spikes that the buffer of a batch holds.
override spike_capacity: u32;

// Of procedural synapses: steps that the ring of input slots covers, as far back as spikes are
// visited again, and how many the history holds, a power of two.
override window_steps: u32;
override reach_steps: u32;
override history_spikes: u32;

// Spikes that a workgroup of `deliver_procedural` takes, most workgroups of a dispatch, and how many are wanted in all;
// fewest and most among which the parts of rows are dealt out.
override spikes_per_group: u32;
override max_groups: u32;
override wanted_groups: u32;
override min_part_groups: u32;
override max_part_groups: u32;

// log2 of the draws of which a workgroup of `row_counts` makes one block.
override block_draw_bits: u32;

// Invocations of a workgroup, and how many of those that deliver share a part of a row.
override neuron_workgroup: u32;
override delivery_workgroup: u32;
override part_invocations: u32;

// Parameters that neurons share. The twin of `NeuronClass` in `src/engine/fixed_point/neuron.rs`.
struct NeuronClass {
    leak: i32,
    decay_ex: i32,
    decay_in: i32,
    current_ex_to_v_m: i32,
    current_in_to_v_m: i32,
    v_th: i32,
    v_reset: i32,
    v_after_spike: i32,
}

struct Shard {
    // The only class, if there is one.
    neuron_class: NeuronClass,
    // First neuron, counted through the whole network.
    first_neuron: u32,
    neurons: u32,
    // Neurons divided by four, rounded up.
    lanes: u32,
    // Of the ring of input slots.
    slots: u32,
}

// Where a shard stands.
struct Clock {
    // Steps done.
    step: u32,
    // Slot of the ring that belongs to the last step: step modulo slots.
    slot: u32,
    // Spikes of the batch so far.
    spikes: u32,
}

// A step of a batch, as `update` left it. The twin of `StepCount` in `src/engine/gpu/layout.rs`.
struct CountedStep {
    spikes: u32,
    fault: u32,
}

// Spikes of a batch of steps.
struct CountedBatch {
    first_step: u32,
    steps: array<CountedStep>,
}

struct StoredSynapse {
    address: u32,
    weight: i32,
}

// A spike in the history.
struct PastSpike {
    neuron: u32,
    step: u32,
    // Of the neuron.
    population: u32,
}

// What leads from a population to a shard.
struct SourcePopulation {
    first_neuron: u32,
    // Where the counts of its first neuron lie, and how many a neuron has.
    first_row: u32,
    rows: u32,
    // Parts of rows, those of the longest delays first.
    first_part: u32,
    parts: u32,
}

// Spikes to be delivered: those in the history from `first` to `end`, positions modulo 2³².
struct Visit {
    // Steps done.
    step: u32,
    first: u32,
    end: u32,
    // Workgroups of the dispatch that delivers them: for spikes, and for parts of their rows.
    spike_groups: u32,
    part_groups: u32,
    one: u32,
}
