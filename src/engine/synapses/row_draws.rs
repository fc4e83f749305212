//! Draws of part of a row, many synapses at a time: the same integers as [`synapse`](super::synapse) makes one by one.
//!
//! Written once over vectors of any width, and compiled for each instruction set.

use crate::engine::fixed_point::{
    BASE_BITS, DELAY_FRACTION_BITS, Entries, FACTOR_SHIFTS, IntegerNetwork, IntegerProjection, PLACE_BITS,
    SLOPE_BITS, SLOPE_SHIFT, TABLE_BITS, UNIFORM_BITS, WEIGHT_FRACTION_BITS,
};
use crate::engine::rng::{Key, counting, threefry_vectors};
#[cfg(target_arch = "x86_64")]
use crate::engine::vector::{Avx2, Avx512};
use crate::engine::vector::{Baseline, MOST_LANES, Vector};

/// What the draws of a projection's rows need, side by side.
pub(crate) struct RowParameters<'a> {
    key: Key,
    /// Neurons of the target population.
    targets: u32,
    scaled_weight: u32,
    /// −1 where weights are negative, else 0.
    sign: i32,
    scaled_delay: u32,
    min_delay: u32,
    weights: &'a Entries,
    delays: &'a Entries,
}

impl<'a> RowParameters<'a> {
    /// Those of one of the projections of `network`.
    pub(crate) fn new(network: &'a IntegerNetwork, projection: &IntegerProjection) -> Self {
        Self {
            key: projection.synapses_key,
            targets: network.populations[projection.target].neurons,
            scaled_weight: projection.scaled_weight,
            sign: if projection.inhibitory { -1 } else { 0 },
            scaled_delay: projection.scaled_delay,
            min_delay: projection.min_delay,
            weights: network.tables[projection.weight_table].entries(),
            delays: network.tables[projection.delay_table].entries(),
        }
    }
}

/// Most synapses drawn at a time: four whole vectors of every instruction set, or a multiple of them.
pub(crate) const DRAWS: usize = 128;

/// Synapses of a part of a row. More than were asked for may be there, up to four whole vectors.
#[repr(align(64))]
pub(crate) struct DrawnSynapses {
    /// Target neurons, counted within their population.
    pub(crate) targets: [u32; DRAWS],
    /// Weights with their signs.
    pub(crate) weights: [i32; DRAWS],
    /// Delays in steps, at least 1.
    pub(crate) delays: [u32; DRAWS],
    /// [`Synapse::tag`](super::Synapse::tag) of each.
    pub(crate) tags: [u32; DRAWS],
    /// The longest of the delays, or one that was drawn in excess.
    pub(crate) longest_delay: u32,
}

impl Default for DrawnSynapses {
    fn default() -> Self {
        let zeros = [0; DRAWS];
        Self { targets: zeros, weights: [0; DRAWS], delays: zeros, tags: zeros, longest_delay: 0 }
    }
}

/// `(row, source, start, n, drawn)`: draws synapses `start` to `start` + `n` of the row of `source`, at most [`DRAWS`],
/// all with targets, weights and delays drawn freely.
pub(crate) type DrawRow = fn(&RowParameters<'_>, u32, u32, usize, &mut DrawnSynapses);

/// Compiled for what every machine of this kind has.
pub(crate) const DRAW_BASELINE: DrawRow = |row, source, start, n, drawn| {
    // SAFETY: every machine of this kind has these vectors.
    unsafe { draw::<Baseline>(row, source, start, n, drawn) }
};

/// Compiled for AVX2, where this machine has it.
pub(crate) fn draw_avx2() -> Option<DrawRow> {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        return Some(x86::AVX2);
    }
    None
}

/// Compiled for AVX-512 (F and BW), where this machine has it.
pub(crate) fn draw_avx512() -> Option<DrawRow> {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") {
        return Some(x86::AVX512);
    }
    None
}

/// Compiled for the widest vectors that this machine has.
pub(crate) fn draw_widest() -> DrawRow {
    draw_avx512().or_else(draw_avx2).unwrap_or(DRAW_BASELINE)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Avx2, Avx512, DrawRow, DrawnSynapses, RowParameters, draw};

    /// Defines `$name` compiled for `$feature`; handed out only where it was detected.
    macro_rules! compiled_for {
        ($feature:literal, $vector:ty, $name:ident) => {
            pub(super) const $name: DrawRow = {
                #[target_feature(enable = $feature)]
                fn compiled(
                    row: &RowParameters<'_>,
                    source: u32,
                    start: u32,
                    n: usize,
                    to: &mut DrawnSynapses,
                ) {
                    // SAFETY: this function is compiled for the vector's feature.
                    unsafe { draw::<$vector>(row, source, start, n, to) }
                }
                // SAFETY: the feature was detected before this constant was handed out.
                |row, source, start, n, drawn| unsafe { compiled(row, source, start, n, drawn) }
            };
        };
    }
    compiled_for!("avx2", Avx2, AVX2);
    compiled_for!("avx512f,avx512bw", Avx512, AVX512);
}

/// What [`DrawRow`] does.
///
/// # Safety
/// The caller is compiled for the instructions of `V`.
#[inline(always)]
unsafe fn draw<V: Vector>(
    row: &RowParameters<'_>,
    source: u32,
    start: u32,
    n: usize,
    drawn: &mut DrawnSynapses,
) {
    const { assert!(DRAWS.is_multiple_of(4 * MOST_LANES) && MOST_LANES.is_multiple_of(V::LANES)) };
    assert!(n <= DRAWS);
    // SAFETY: by the function's contract; no vector has more than `MOST_LANES`.
    unsafe {
        let (mut done, mut longest) = (0, V::splat(0));
        while n > done + 2 * V::LANES {
            longest = larger(longest, draw_vectors::<V, 4>(row, source, start, done, drawn));
            done += 4 * V::LANES;
        }
        if n > done + V::LANES {
            longest = larger(longest, draw_vectors::<V, 2>(row, source, start, done, drawn));
        } else if n > done {
            longest = larger(longest, draw_vectors::<V, 1>(row, source, start, done, drawn));
        }
        let mut lanes = [0; MOST_LANES];
        V::store(lanes.as_mut_ptr(), longest);
        drawn.longest_delay = lanes.into_iter().max().unwrap_or(0) as u32;
    }
}

/// Draws the synapses of `N` vectors, of which the first is number `start` + `at` of the row and goes to place `at`;
/// returns the longest delays. While one vector waits for its random words or its quantiles, the others have work.
///
/// # Safety
/// As [`draw`].
#[inline(always)]
unsafe fn draw_vectors<V: Vector, const N: usize>(
    row: &RowParameters<'_>,
    source: u32,
    start: u32,
    at: usize,
    drawn: &mut DrawnSynapses,
) -> V {
    // SAFETY: by the function's contract.
    unsafe {
        let source = V::splat(source as i32);
        let (tags, others) = threefry_vectors(row.key, [source; N], counting::<V, N>(start, at));
        let (mut weights, mut delays) = ([source; N], [source; N]);
        for k in 0..N {
            weights[k] = quantiles(row.weights, factor_word(tags[k], others[k], FACTOR_SHIFTS[0]));
            delays[k] = quantiles(row.delays, factor_word(tags[k], others[k], FACTOR_SHIFTS[1]));
        }
        let (mut longest, sign) = (V::splat(0), V::splat(row.sign));
        for k in 0..N {
            let at = at + k * V::LANES;
            let targets = V::high_of_unsigned_product(tags[k], V::splat(row.targets as i32));
            let weights = scaled(weights[k], row.scaled_weight, WEIGHT_FRACTION_BITS);
            let delays = scaled(delays[k], row.scaled_delay, DELAY_FRACTION_BITS);
            let delays = larger(delays, V::splat(row.min_delay as i32));
            V::store(drawn.targets[at..at + V::LANES].as_mut_ptr().cast(), targets);
            V::store(drawn.weights[at..at + V::LANES].as_mut_ptr(), weights.xor(sign).sub(sign));
            V::store(drawn.delays[at..at + V::LANES].as_mut_ptr().cast(), delays);
            V::store(drawn.tags[at..at + V::LANES].as_mut_ptr().cast(), tags[k]);
            longest = larger(longest, delays);
        }
        longest
    }
}

/// The words of [`factor_words`](crate::engine::fixed_point::factor_words) in every lane.
///
/// # Safety
/// As [`draw`].
#[inline(always)]
unsafe fn factor_word<V: Vector>(tag: V, other: V, [of_other, of_tag]: [u32; 2]) -> V {
    // SAFETY: by the function's contract.
    unsafe { other.shift_left(of_other).xor(tag.shift_left(of_tag)) }
}

/// [`quantile`](crate::engine::fixed_point::quantile) in every lane.
///
/// # Safety
/// As [`draw`].
#[inline(always)]
unsafe fn quantiles<V: Vector>(entries: &Entries, words: V) -> V {
    const SIDE: i32 = 1 << (TABLE_BITS - 1);
    // SAFETY: by the function's contract; a cell is one of the table's, as it has no other bits.
    unsafe {
        let places = words.shift_right(31 - UNIFORM_BITS).or(V::splat(1)).to_float_bits();
        let within_side = places.shift_right_unsigned(PLACE_BITS).and(V::splat(SIDE - 1));
        let side = places.shift_right_unsigned(u32::BITS - TABLE_BITS).and(V::splat(SIDE));
        let entries = V::look_up(entries.as_ptr(), within_side.or(side));
        let rests = places.and(V::splat((1 << PLACE_BITS) - 1));
        let risen = V::low_of_product(entries.shift_right(BASE_BITS), rests).shift_right(SLOPE_SHIFT);
        entries.shift_left(SLOPE_BITS).add(risen)
    }
}

/// [`scaled_draw`](crate::engine::fixed_point::scaled_draw) in every lane.
///
/// # Safety
/// As [`draw`].
#[inline(always)]
unsafe fn scaled<V: Vector>(factors: V, scaled_mean: u32, fraction_bits: u32) -> V {
    // SAFETY: by the function's contract.
    unsafe {
        let high = V::high_of_unsigned_product(factors, V::splat(scaled_mean as i32));
        high.add(V::splat(1 << (fraction_bits - 1))).shift_right_unsigned(fraction_bits)
    }
}

/// The larger of two signed numbers, lane by lane.
///
/// # Safety
/// As [`draw`].
#[inline(always)]
unsafe fn larger<V: Vector>(x: V, y: V) -> V {
    // SAFETY: by the function's contract.
    unsafe { V::select(x.less(y), y, x) }
}

#[cfg(test)]
mod tests {
    use super::super::synapse;
    use super::*;
    use crate::engine::fixed_point::Arithmetic;
    use crate::engine::vector::Portable;
    use crate::model::anatomy::Tables;
    use crate::model::{DelayShape, ModelOptions, model_network};

    /// The whole model with few neurons.
    fn network(delays: DelayShape, seed: u64) -> IntegerNetwork {
        let mut options = ModelOptions::default();
        (options.scaling.n_scaling, options.scaling.k_scaling) = (0.001, 0.002);
        options.delays.distribution = delays;
        let tables = Tables::load(&options.anatomy).unwrap();
        let network = model_network(&options, &tables, &mut ()).unwrap().network;
        IntegerNetwork::new(&network, 0.1, seed, &Arithmetic::default()).unwrap()
    }

    /// Rows of any length of every projection, for each instruction set: all synapses as they are made one by one.
    #[test]
    fn every_instruction_set_draws_the_synapses_that_are_made_one_by_one() {
        // SAFETY: plain Rust.
        let portable: DrawRow =
            |row, source, start, n, to| unsafe { draw::<Portable>(row, source, start, n, to) };
        let all = [Some(DRAW_BASELINE), draw_avx2(), draw_avx512(), Some(portable)];
        let mut drawn = DrawnSynapses::default();
        let mut synapses = 0;
        for (seed, delays) in [(1, DelayShape::Lognormal), (2, DelayShape::Normal)] {
            let network = network(delays, seed);
            for (index, projection) in (0..).zip(&network.projections) {
                let row = RowParameters::new(&network, projection);
                let targets = network.populations[projection.target].neurons;
                let longest = network.longest_delay_of(projection);
                let (source, start) = (7 * index + seed as u32, 100 * index);
                let n = (1 + (37 * index + seed as u32) as usize) % (DRAWS + 1);
                for draw in all.into_iter().flatten() {
                    draw(&row, source, start, n, &mut drawn);
                    for k in 0..n {
                        let expected =
                            synapse(projection, &network.tables, targets, source, start + k as u32, 0);
                        let DrawnSynapses { targets, weights, delays, tags, longest_delay } = &drawn;
                        assert_eq!(
                            [targets[k], delays[k], tags[k]],
                            [expected.target, expected.delay, expected.tag]
                        );
                        assert_eq!(weights[k], expected.weight);
                        assert!(delays[k] <= *longest_delay && *longest_delay <= longest);
                        synapses += 1;
                    }
                }
            }
        }
        assert!(synapses > 1_000_000, "{synapses}");
    }
}
