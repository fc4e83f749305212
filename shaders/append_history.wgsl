// The spikes of a step go into the history, and the clock moves on. The twin of `append_history` in
// `src/engine/reference/delivery.rs`; what the history is for is told in `src/engine/gpu/history.rs`. Runs once a step,
// after `update` of all shards.

@group(0) @binding(0) var<storage, read> before: Clock;
@group(0) @binding(1) var<storage, read_write> after: Clock;
@group(0) @binding(2) var<storage, read> batch: CountedBatch;
@group(0) @binding(3) var<storage, read> spikes: array<u32>;
// Where each step ends in the history, by step modulo reach_steps + 1.
@group(0) @binding(4) var<storage, read_write> ends: array<u32>;
@group(0) @binding(5) var<storage, read_write> visit: Visit;
@group(0) @binding(6) var<storage, read_write> history: array<PastSpike>;
// Of any shard.
@group(0) @binding(7) var<storage, read> sources: array<SourcePopulation>;

// The last population that does not start after `neuron`.
fn population_of(neuron: u32) -> u32 {
    var low = 0u;
    var high = arrayLength(&sources);
    while (high - low > 1u) {
        let middle = (low + high) / 2u;
        if (sources[middle].first_neuron <= neuron) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

@compute @workgroup_size(delivery_workgroup)
fn append_history(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let step = before.step + 1u;
    let first = select(before.spikes, 0u, step == batch.first_step);
    let end = min(first + batch.steps[step - batch.first_step].spikes, spike_capacity);
    let start = ends[before.step % (reach_steps + 1u)];

    for (var spike = id.x; spike < end - first; spike += groups.x * delivery_workgroup) {
        let neuron = spikes[first + spike];
        history[(start + spike) & (history_spikes - 1u)] = PastSpike(neuron, step, population_of(neuron));
    }
    if (id.x == 0u) {
        let slot = step % window_steps;
        after = Clock(step, slot, end);
        let end_of_step = start + end - first;
        ends[step % (reach_steps + 1u)] = end_of_step;
        // Where a window ends, all spikes in reach are visited for the next one. The end of the
        // step that is just out of reach lies where the next step's will.
        let oldest = ends[(step + 1u) % (reach_steps + 1u)];
        let is_window_end = slot == 0u;
        let first_visited = select(start, oldest, is_window_end);
        let needed_groups = (end_of_step - first_visited + spikes_per_group - 1u) / spikes_per_group;
        let spike_groups = min(needed_groups, max_groups);
        let part_groups = clamp(wanted_groups / max(spike_groups, 1u), min_part_groups, max_part_groups);
        visit = Visit(step, first_visited, end_of_step, spike_groups, part_groups, 1u);
    }
}
