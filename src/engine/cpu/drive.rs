//! External spikes of a block, for many neurons at a time: as events where they are rare, as
//! counts for each neuron and step where they are not.

use crate::integer::{BLOCK_BITS, BLOCK_STEPS, CALL_BITS, DriveBlock, IntegerPopulation};
use crate::rng::{Bulk, Key};

/// Neurons whose random words are made at a time.
const NEURONS: usize = 64;

/// Hands over (neuron within the population, offset in the block) of each external spike that the
/// neurons of `population` receive in `block`.
#[inline(always)]
pub(super) fn drive(
    bulk: Bulk,
    key: Key,
    population: &IntegerPopulation,
    block: u32,
    mut take: impl FnMut(u32, u32),
) {
    let thresholds = population.drive_thresholds.as_slice();
    let Some(&never) = thresholds.first() else { return };
    let (mut counts, mut positions) = ([0; NEURONS], [0; NEURONS]);
    for start in (0..population.neurons).step_by(NEURONS) {
        let n = (population.neurons - start).min(NEURONS as u32) as usize;
        let first = population.first_neuron + start;
        (bulk.along_first)(key, first, block << CALL_BITS, &mut counts[..n], &mut positions[..n]);
        for (lane, words) in (0..).zip(counts[..n].iter().zip(&positions[..n]).map(|(&c, &p)| [c, p])) {
            if words[0] >= never {
                let spikes = DriveBlock::from_first_call(key, first + lane, block, words, thresholds);
                spikes.for_each(|offset| take(start + lane, offset));
            }
        }
    }
}

/// Greatest number of external spikes a block from which they are counted: an event costs about
/// as much as eight counted spikes.
const COUNTED_FROM: usize = 40;

/// Whether a population's external spikes are counted; a count fits a byte as their block's does.
pub(super) fn is_counted(population: &IntegerPopulation) -> bool {
    (COUNTED_FROM..=usize::from(u8::MAX)).contains(&population.drive_thresholds.len())
}

/// Counts of external spikes, \[step of the block\]\[neuron of the shard\].
pub(super) struct Counts {
    counts: Vec<u8>,
    neurons: usize,
}

impl Counts {
    /// No spikes, for a shard of `neurons`; 0 where nothing is counted.
    pub(super) fn new(neurons: usize) -> Self {
        Self { counts: vec![0; neurons * BLOCK_STEPS as usize], neurons }
    }

    /// Counts of the neurons from `first` in the step at `offset`.
    pub(super) fn at(&self, offset: u32, first: usize, neurons: usize) -> &[u8] {
        let start = offset as usize * self.neurons + first;
        &self.counts[start..start + neurons]
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> u64 {
        self.counts.len() as u64
    }

    /// Draws the external spikes that `population`, whose neurons start at `first_in_shard`,
    /// receives in `block`.
    pub(super) fn fill(
        &mut self,
        bulk: Bulk,
        key: Key,
        population: &IntegerPopulation,
        first_in_shard: usize,
        block: u32,
    ) {
        let mut tile = Tile([0; NEURONS * BLOCK_STEPS as usize]);
        for start in (0..population.neurons as usize).step_by(NEURONS) {
            let n = (population.neurons as usize - start).min(NEURONS);
            let first_neuron = population.first_neuron + start as u32;
            tile.fill(bulk, key, first_neuron, n, block, &population.drive_thresholds);
            for (step, row) in tile.0.chunks_exact(NEURONS).enumerate() {
                let to = step * self.neurons + first_in_shard + start;
                let to = &mut self.counts[to..to + n];
                // A whole row has a length known to the compiler, and needs no call.
                match <&mut [u8; NEURONS]>::try_from(&mut *to) {
                    Ok(whole) => whole.copy_from_slice(row),
                    Err(_) => to.copy_from_slice(&row[..n]),
                }
            }
        }
    }
}

/// Counts of some neurons' external spikes, \[step of the block\]\[neuron\].
struct Tile([u8; NEURONS * BLOCK_STEPS as usize]);

impl Tile {
    /// Draws the spikes of `n` neurons in `block`.
    fn fill(&mut self, bulk: Bulk, key: Key, first_neuron: u32, n: usize, block: u32, thresholds: &[u32]) {
        self.0.fill(0);
        let (mut x, mut y) = ([0; NEURONS], [0; NEURONS]);
        let mut call = block << CALL_BITS;
        (bulk.along_first)(key, first_neuron, call, &mut x[..n], &mut y[..n]);
        let mut left = [0u32; NEURONS];
        for (neuron, left) in left[..n].iter_mut().enumerate() {
            *left = thresholds.partition_point(|&t| t <= x[neuron]) as u32;
            self.place(neuron, y[neuron], left);
        }
        while left.iter().any(|&l| l > 0) {
            call += 1;
            (bulk.along_first)(key, first_neuron, call, &mut x[..n], &mut y[..n]);
            for (neuron, left) in left[..n].iter_mut().enumerate() {
                self.place(neuron, x[neuron], left);
                self.place(neuron, y[neuron], left);
            }
        }
    }

    /// Counts up to five of a neuron's spikes, at the steps that one random word names.
    #[inline(always)]
    fn place(&mut self, neuron: usize, mut word: u32, left: &mut u32) {
        for _ in 0..(32 / BLOCK_BITS).min(*left) {
            self.0[(word & (BLOCK_STEPS - 1)) as usize * NEURONS + neuron] += 1;
            word >>= BLOCK_BITS;
            *left -= 1;
        }
    }
}

/// Adds `counts` · `weights` to what arrives.
#[inline(always)]
pub(super) fn add_counted(counts: &[u8], weights: &[i32], arrivals: &mut [i32]) {
    for ((arrived, &weight), &count) in arrivals.iter_mut().zip(weights).zip(counts) {
        *arrived = arrived.wrapping_add(weight.wrapping_mul(i32::from(count)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::integer::poisson_thresholds;

    #[test]
    fn counts_are_those_of_the_neurons_blocks() {
        let key = [5, 6];
        for mean in [0.5, 20.0, 115.0] {
            let thresholds = poisson_thresholds(mean);
            let mut tile = Tile([9; NEURONS * BLOCK_STEPS as usize]);
            tile.fill(Bulk::widest(), key, 1000, 50, 3, &thresholds);
            for neuron in 0..50 {
                let mut expected = [0; BLOCK_STEPS as usize];
                DriveBlock::new(key, 1000 + neuron, 3, &thresholds).for_each(|o| expected[o as usize] += 1);
                let counted = |step: usize| tile.0[step * NEURONS + neuron as usize];
                assert!((0..64).all(|step| counted(step) == expected[step]), "neuron {neuron}, mean {mean}");
            }
        }
    }
}
