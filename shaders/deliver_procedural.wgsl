// Spikes go through procedural rows into the ring of a shard, which covers one window of
// steps: what arrives in it and is still to come is delivered, the rest at a later visit. Twins are
// `deliver_procedural` in `src/engine/reference/delivery.rs`, `synapse` in `src/engine/synapses/connectivity.rs` and `EvenTargets` in
// `src/engine/fixed_point/even_targets.rs`.
// Workgroups take the spikes in turn (x) and parts of their rows (y).

// Synapses of a row that some invocations share: one chunk in `chunks`.
struct RowPart {
    projection: u32,
    chunk: u32,
    chunks: u32,
}

// The twin of `IntegerProjection`.
struct Projection {
    key: array<u32, 2>,
    // Where in-degrees are exact: of the permutations of its synapses and target neurons, and how many synapses.
    synapses_key: array<u32, 2>,
    neurons_key: array<u32, 2>,
    synapses: u32,
    // Where its count lies among those of a source neuron.
    column: u32,
    // Neurons of the target population, and the first of them within the shard.
    targets: u32,
    first_target: u32,
    scaled_weight: u32,
    sign: i32,
    weight_table: u32,
    scaled_delay: u32,
    delay_table: u32,
    shortest_delay: u32,
    longest_delay: u32,
}

@group(0) @binding(0) var<uniform> bound_shard: Shard;
@group(0) @binding(1) var<storage, read> visit: Visit;
@group(0) @binding(2) var<storage, read> history: array<PastSpike>;
@group(0) @binding(3) var<storage, read> sources: array<SourcePopulation>;
@group(0) @binding(4) var<storage, read> parts: array<RowPart>;
@group(0) @binding(5) var<storage, read> projections: array<Projection>;
@group(0) @binding(6) var<storage, read> factors: array<u32>;
// Two counts a word; then, where in-degrees are exact, how many synapses a projection has before each
// row, a word each.
@group(0) @binding(7) var<storage, read> counts: array<u32>;
// [slot][receptor][neuron, padded to lanes]
@group(0) @binding(8) var<storage, read_write> ring: array<atomic<i32>>;

fn row_count(row: u32) -> u32 {
    return (counts[row >> 1u] >> (HALF_BITS * (row & 1u))) & HALF_MASK;
}

// Synapses of the projection before a row.
fn synapses_before(row: u32) -> u32 {
    // R rows have R / 2 words of counts, rounded up.
    return counts[(arrayLength(&counts) + 2u) / 3u + row];
}

// The quantile of a table that the high bits of a random word choose.
fn quantile(table: u32, word: u32) -> u32 {
    let place = quantile_place(word);
    return quantile_within(factors[(table << TABLE_BITS) + quantile_cell(place)], place);
}

// A spike and the row that it goes through.
struct Row {
    spike: PastSpike,
    // The neuron within its population.
    source: u32,
    // Synapses of the projection before it.
    before: u32,
    // Key of the draws that tell whether synapses transmit it.
    key: vec2<u32>,
}

fn target_of(p: Projection, row: Row, index: u32, tag: u32) -> u32 {
    // Of projections whose targets are drawn there is nothing to permute.
    if (exact_in_degrees && p.synapses > 0u) {
        let key = vec2(p.synapses_key[0], p.synapses_key[1]);
        let image = permuted(key, p.synapses, row.before + index);
        let rest = image % p.targets;
        if (image < p.synapses - p.synapses % p.targets) {
            return rest;
        }
        return permuted(vec2(p.neurons_key[0], p.neurons_key[1]), p.targets, rest);
    }
    return uniform_below(tag, p.targets);
}

fn transmits(row: Row, tag: u32) -> bool {
    if (transmits_all) {
        return true;
    }
    return passes(row.key, row.spike.neuron, tag);
}

// Delivers synapse `index` of a row if it arrives in steps `first` to `last`.
fn deliver_synapse(p: Projection, row: Row, index: u32, first: u32, last: u32) {
    let words = threefry(vec2(p.key[0], p.key[1]), vec2(row.source, index));
    let of_factors = factor_words(words.x, words.y);
    let delay = scaled_draw(p.scaled_delay, quantile(p.delay_table, of_factors.y), DELAY_FRACTION_BITS);
    let arrival = row.spike.step + max(delay, p.shortest_delay);
    if (arrival >= first && arrival <= last && transmits(row, words.x)) {
        let factor = quantile(p.weight_table, of_factors.x);
        let magnitude = scaled_draw(p.scaled_weight, factor, WEIGHT_FRACTION_BITS);
        let weight = p.sign * i32(magnitude << arrival_shift);
        let target_neuron = p.first_target + target_of(p, row, index, words.x);
        atomicAdd(&ring[ring_place(arrival % window_steps, weight, target_neuron)], weight);
    }
}

@compute @workgroup_size(delivery_workgroup)
fn deliver_procedural(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    shard = bound_shard;
    // The numbers of workgroups are read and not asked for: an indirect dispatch does not tell them on every system.
    let first = visit.step + 1u;
    let last = (visit.step / window_steps + 1u) * window_steps;
    let parts_at_once = delivery_workgroup / part_invocations;
    let first_part = group.y * parts_at_once + invocation / part_invocations;
    for (var i = group.x; i < visit.end - visit.first; i += visit.spike_groups) {
        let spike = history[(visit.first + i) & (history_spikes - 1u)];
        let population = sources[spike.population];
        var row = Row(spike, spike.neuron - population.first_neuron, 0u, vec2(0u, 0u));
        if (!transmits_all) {
            row.key = transmission_key(spike.step);
        }
        for (var part = first_part; part < population.parts; part += visit.part_groups * parts_at_once) {
            let row_part = parts[population.first_part + part];
            let p = projections[row_part.projection];
            if (spike.step + p.longest_delay < first) {
                // Nor do those that follow, whose delays are shorter.
                break;
            }
            if (spike.step + p.shortest_delay > last) {
                continue;
            }
            let place = population.first_row + row.source * population.rows + p.column;
            let count = row_count(place);
            if (exact_in_degrees) {
                row.before = synapses_before(place);
            }
            let stride = row_part.chunks * part_invocations;
            var index = row_part.chunk * part_invocations + invocation % part_invocations;
            while (index < count) {
                deliver_synapse(p, row, index, first, last);
                index += stride;
            }
        }
    }
}
