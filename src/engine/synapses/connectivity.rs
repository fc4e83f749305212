//! The connectivity as a pure function of (seed, projection, source neuron, index).
//!
//! A projection of N synapses makes N independent draws of a source; a source's row has as many
//! synapses as draws hit it. Synapse r of source j draws target, weight and delay from
//! Threefry(key of the projection, (j, r)). Where in-degrees are exact, it takes its target by its place when
//! rows are laid end to end instead ([`EvenTargets`](crate::engine::fixed_point::EvenTargets)), and each synapse still has
//! any source with the same probability.

use crate::engine::fixed_point::{FactorTable, IntegerProjection, factor_words};
use crate::engine::rng::{Bulk, threefry, uniform_below};
use crate::progress::{Interrupted, Interruption};

/// One synapse of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Synapse {
    /// Target neuron, counted within its population.
    pub target: u32,
    /// Weight with its sign.
    pub weight: i32,
    /// Delay in steps, at least 1.
    pub delay: u32,
    /// The random word of its target, by which [`Transmission`](crate::engine::fixed_point::Transmission) knows it.
    pub tag: u32,
}

/// Number of synapses in each source neuron's row; the sum is the projection's total.
///
/// Draw k takes one word of Threefry(sources key, k / 2): the first word where k is even.
pub fn row_counts(projection: &IntegerProjection, sources: u32, bulk: Bulk) -> Vec<u32> {
    row_counts_unless(projection, sources, bulk, &Interruption::default()).expect("nobody asks to stop")
}

/// As [`row_counts`].
///
/// # Errors
/// Someone has asked to stop.
pub(super) fn row_counts_unless(
    projection: &IntegerProjection,
    sources: u32,
    bulk: Bulk,
    interruption: &Interruption,
) -> Result<Vec<u32>, Interrupted> {
    const PAIRS: u64 = 512;
    if let Some(listed) = &projection.listed {
        return Ok(listed.counts());
    }
    let mut counts = vec![0u32; sources as usize];
    let (mut even, mut odd) = ([0; PAIRS as usize], [0; PAIRS as usize]);
    for pair in (0..projection.synapses.div_ceil(2)).step_by(PAIRS as usize) {
        interruption.check()?;
        let draws = (projection.synapses - 2 * pair).min(2 * PAIRS) as usize;
        let (evens, odds) = (draws.div_ceil(2), draws / 2);
        let (even, odd) = (&mut even[..evens], &mut odd[..evens]);
        (bulk.along_first)(projection.sources_key, pair as u32, (pair >> 32) as u32, even, odd);
        tally(&mut counts, even);
        tally(&mut counts, &odd[..odds]);
    }
    Ok(counts)
}

/// Counts the source that each word draws.
fn tally(counts: &mut [u32], words: &[u32]) {
    let sources = counts.len() as u32;
    for &word in words {
        counts[uniform_below(word, sources) as usize] += 1;
    }
}

/// Synapse `index` in the row of `source`, which is counted within its population and whose row starts
/// after `before` synapses of the projection's earlier rows; the target population has `targets` neurons.
#[inline(always)]
pub fn synapse(
    projection: &IntegerProjection,
    tables: &[FactorTable],
    targets: u32,
    source: u32,
    index: u32,
    before: u32,
) -> Synapse {
    let [tag, factors] = threefry(projection.synapses_key, [source, index]);
    let [of_weight, of_delay] = factor_words(tag, factors);
    let listed = projection.listed.as_deref();
    let magnitude = listed
        .and_then(|listed| listed.weight(source, index))
        .unwrap_or_else(|| projection.magnitude(tables[projection.weight_table].quantile(of_weight)))
        as i32;
    let delay = listed
        .and_then(|listed| listed.delay(source, index))
        .unwrap_or_else(|| projection.delay(tables[projection.delay_table].quantile(of_delay)));
    Synapse {
        target: match (&projection.even_targets, listed) {
            (None, None) => uniform_below(tag, targets),
            (Some(even), _) => even.target(before + index),
            (None, Some(listed)) => listed.target(source, index),
        },
        weight: if projection.inhibitory { -magnitude } else { magnitude },
        delay,
        tag,
    }
}
