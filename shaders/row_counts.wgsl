// Counts the synapses in each source neuron's row. The twin of `row_counts` in
// `src/engine/reference/delivery.rs`. A workgroup makes a block of a projection's draws of sources;
// runs once, before step 1.

// The draws of a projection that give each of its synapses a source.
struct SourceDraws {
    key: vec2<u32>,
    // Neurons of the source population.
    sources: u32,
    // Where the first source's count lies, and the distance from one source's to the next's.
    first_row: u32,
    rows: u32,
    // Blocks of draws, numbered through all projections of the shard.
    first_block: u32,
    last_block: u32,
    // Draws in the last of them.
    last_draws: u32,
}

// Blocks of one dispatch.
struct Blocks {
    first: u32,
}

@group(0) @binding(0) var<uniform> blocks: Blocks;
@group(0) @binding(1) var<storage, read> projections: array<SourceDraws>;
// Two counts a word.
@group(0) @binding(2) var<storage, read_write> counts: array<atomic<u32>>;
// The least of the projections with a row too long for its count.
@group(0) @binding(3) var<storage, read_write> too_long: atomic<u32>;

// The last projection that does not start after `block`.
fn projection_of(block: u32) -> u32 {
    var low = 0u;
    var high = arrayLength(&projections);
    while (high - low > 1u) {
        let middle = (low + high) / 2u;
        if (projections[middle].first_block <= block) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

fn count(projection: u32, row: u32) {
    let shift = HALF_BITS * (row & 1u);
    let before = atomicAdd(&counts[row >> 1u], 1u << shift);
    if (((before >> shift) & HALF_MASK) == HALF_MASK) {
        atomicMin(&too_long, projection);
    }
}

@compute @workgroup_size(neuron_workgroup)
fn row_counts(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let block = blocks.first + group.x;
    let projection = projection_of(block);
    let p = projections[projection];
    let draws = select(1u << block_draw_bits, p.last_draws, block == p.last_block);
    // A call of the generator makes two draws; the counter's second word is the high half of the
    // call's number.
    let pair_bits = block_draw_bits - 1u;
    let part = block - p.first_block;
    let first_pair = vec2(part << pair_bits, part >> (WORD_BITS - pair_bits));
    for (var draw = 2u * invocation; draw < draws; draw += 2u * neuron_workgroup) {
        let words = threefry(p.key, first_pair + vec2(draw >> 1u, 0u));
        count(projection, p.first_row + uniform_below(words.x, p.sources) * p.rows);
        if (draw + 1u < draws) {
            count(projection, p.first_row + uniform_below(words.y, p.sources) * p.rows);
        }
    }
}
