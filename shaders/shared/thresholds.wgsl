// How external spikes are drawn, in the buffer `thresholds` of whoever includes this: first where the thresholds of each
// population's numbers of spikes lie and how many there are, with its random streams, then the thresholds.

const WORDS_OF_RANGE = 8u;

// A population has one kind at most. The twin of `Thresholds` in `src/engine/gpu/layout.rs`.
struct Thresholds {
    start: u32,
    // For the number in a block of steps.
    of_blocks: u32,
    // For the number in a step.
    of_steps: u32,
    // Neurons before those that the streams count.
    before: u32,
    block_key: vec2<u32>,
    step_key: vec2<u32>,
}

fn thresholds_of(population: u32) -> Thresholds {
    let at = WORDS_OF_RANGE * population;
    return Thresholds(
        thresholds[at], thresholds[at + 1u], thresholds[at + 2u], thresholds[at + 3u],
        vec2(thresholds[at + 4u], thresholds[at + 5u]), vec2(thresholds[at + 6u], thresholds[at + 7u]),
    );
}
