//! A row to be stored: drawn projection by projection, and sorted by delay.

use super::row_draws::{DRAWS, DrawRow, DrawnSynapses, RowParameters, draw_widest};
use super::stored_synapse::{StoredSynapse, decode};
use super::{Synapse, synapse};
use crate::engine::fixed_point::{IntegerNetwork, IntegerProjection};

/// Sorts rows by delay.
#[derive(Default)]
pub(super) struct DelaySorter {
    /// Where the next synapse of each delay goes.
    next: Vec<usize>,
    sorted: Vec<(StoredSynapse, u32)>,
}

/// Delays, for each synapse of a row, up to which they are counted to sort it.
const COUNTED_DELAYS: usize = 4;

impl DelaySorter {
    /// Synapses with their tags, by delay.
    pub(super) fn sorted<'r>(
        &'r mut self,
        row: &'r mut [(StoredSynapse, u32)],
        target_bits: u32,
    ) -> &'r [(StoredSynapse, u32)] {
        let delay = |synapse: &StoredSynapse| decode(synapse.address, target_bits).1 as usize;
        let delays = || row.iter().map(|(synapse, _)| delay(synapse));
        let (Some(least), Some(greatest)) = (delays().min(), delays().max()) else { return row };
        if greatest - least > COUNTED_DELAYS * row.len() {
            row.sort_by_key(|(synapse, _)| delay(synapse));
            return row;
        }
        let Self { next, sorted } = self;
        next.clear();
        next.resize(greatest - least + 2, 0);
        delays().for_each(|delay| next[delay - least + 1] += 1);
        let mut sum = 0;
        next.iter_mut().for_each(|start| {
            sum += *start;
            *start = sum;
        });
        sorted.clear();
        sorted.extend_from_slice(row);
        for synapse in row.iter() {
            let place = &mut next[delay(&synapse.0) - least];
            sorted[*place] = *synapse;
            *place += 1;
        }
        sorted
    }
}

/// Draws a projection, row by row.
pub(super) struct Drawing<'a> {
    network: &'a IntegerNetwork,
    projection: &'a IntegerProjection,
    parameters: RowParameters<'a>,
    draw: DrawRow,
    /// Synapses of the rows so far.
    before: u32,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(network: &'a IntegerNetwork, projection: &'a IntegerProjection) -> Self {
        let parameters = RowParameters::new(network, projection);
        Self { network, projection, parameters, draw: draw_widest(), before: 0 }
    }

    /// Hands over the `count` synapses of the next row, that of `source`; `drawn` is room to work in.
    pub(super) fn draw(
        &mut self,
        source: u32,
        count: u32,
        drawn: &mut DrawnSynapses,
        mut take: impl FnMut(Synapse),
    ) {
        let Self { network, projection, before, .. } = self;
        if projection.even_targets.is_some() || projection.listed.is_some() {
            let targets = network.populations[projection.target].neurons;
            for index in 0..count {
                take(synapse(projection, &network.tables, targets, source, index, *before));
            }
            // Only exact in-degrees, whose synapses 32 bits can count, need it.
            *before = before.wrapping_add(count);
            return;
        }
        for start in (0..count).step_by(DRAWS) {
            let n = (count - start).min(DRAWS as u32) as usize;
            (self.draw)(&self.parameters, source, start, n, drawn);
            for k in 0..n {
                let (target, weight) = (drawn.targets[k], drawn.weights[k]);
                take(Synapse { target, weight, delay: drawn.delays[k], tag: drawn.tags[k] });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::threefry;

    /// Rows whose delays are counted and rows whose delays are too far apart for that.
    #[test]
    fn rows_of_any_length_are_sorted_by_delay_with_their_tags() {
        let mut sorter = DelaySorter::default();
        for length in 0..200 {
            for delays in [1, 30, 100_000] {
                let synapse = |k| {
                    let [a, b] = threefry([length, delays], [k, 0]);
                    (StoredSynapse { address: ((1 + a % delays) << 8) | (b & 255), weight: b as i32 }, a ^ b)
                };
                let mut row: Vec<_> = (0..length).map(synapse).collect();
                let key = |(s, tag): &(StoredSynapse, u32)| (s.address >> 8, s.address, s.weight, *tag);
                let mut expected = row.clone();
                expected.sort_unstable_by_key(key);
                let mut sorted = sorter.sorted(&mut row, 8).to_vec();
                assert!(sorted.is_sorted_by_key(|(synapse, _)| synapse.address >> 8));
                sorted.sort_by_key(key);
                assert_eq!(sorted, expected);
            }
        }
    }
}
