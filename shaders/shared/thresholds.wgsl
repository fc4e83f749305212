// Thresholds of the numbers of external spikes, in the buffer `thresholds` of whoever includes this:
// first where those of each population lie and how many there are, then they themselves.

const WORDS_OF_RANGE = 3u;

// A population has one kind at most.
struct Thresholds {
    start: u32,
    // For the number in a block of steps.
    of_blocks: u32,
    // For the number in a step.
    of_steps: u32,
}

fn thresholds_of(population: u32) -> Thresholds {
    let at = WORDS_OF_RANGE * population;
    return Thresholds(thresholds[at], thresholds[at + 1u], thresholds[at + 2u]);
}
