//! Draws in integers, from random words. The twin of `shaders/shared/draws.wgsl`.
//!
//! A table of quantiles has a value and a slope for each cell of the probability. Cells shrink with their distance from
//! the nearer end of the distribution: the bits of the float that is that distance have exponent and leading
//! fraction, which are the cell, and the rest, which is the place in it. [`FactorTable`](super::FactorTable) makes tables.

/// Bits of a random word that choose a quantile: its highest.
pub const UNIFORM_BITS: u32 = 22;
/// log₂ of the entries of a table: cells on either side of the median, by the bits that name them.
pub const TABLE_BITS: u32 = 12;
/// Fractional bits of what [`scaled_draw`] makes a weight of.
pub const WEIGHT_FRACTION_BITS: u32 = 5;
/// Fractional bits of what [`scaled_draw`] makes a delay of.
pub const DELAY_FRACTION_BITS: u32 = 8;

/// log₂ of the cells of an octave.
const CELL_BITS: u32 = 6;
pub(super) const CELLS_OF_OCTAVE: u32 = 1 << CELL_BITS;
/// Bits of a float's fraction.
const FRACTION_BITS: u32 = f32::MANTISSA_DIGITS - 1;
/// Of them, those of the place in a cell.
pub(crate) const PLACE_BITS: u32 = FRACTION_BITS - CELL_BITS;
/// Bits of an entry that hold the slope of its cell, its highest; the others hold the value at its start.
pub(crate) const SLOPE_BITS: u32 = 12;
pub(crate) const BASE_BITS: u32 = u32::BITS - SLOPE_BITS;
/// Bits by which slope · place is shifted.
pub(crate) const SLOPE_SHIFT: u32 = 5;
/// The entries on one side of the median.
const SIDE: u32 = 1 << (TABLE_BITS - 1);

/// Entries of a table.
pub type Entries = [u32; 1 << TABLE_BITS];

/// The words by which the quantiles of a synapse's weight and delay are chosen, from those of its
/// Threefry: its tag, whose high bits choose the target, and the other.
///
/// Low bits of the tag are uniform given the target, and xor with bits that are independent of them keeps
/// a uniform number uniform: the two words have 22 independent bits each.
#[inline(always)]
pub fn factor_words(tag: u32, other: u32) -> [u32; 2] {
    FACTOR_SHIFTS.map(|[of_other, of_tag]| (other << of_other) ^ (tag << of_tag))
}

/// By how much the other word and the tag are shifted in the word of the weight, and in that of the delay.
pub(crate) const FACTOR_SHIFTS: [[u32; 2]; 2] = {
    const HALF: u32 = u32::BITS / 2;
    const LACKING: u32 = UNIFORM_BITS - HALF;
    [[HALF, HALF - LACKING], [0, HALF - 2 * LACKING]]
};

/// The quantile that the high bits of a random word choose.
#[inline(always)]
pub fn quantile(entries: &Entries, word: u32) -> u32 {
    let place = place(word);
    let entry = entries[cell(place)];
    let rest = (place & ((1 << PLACE_BITS) - 1)) as i32;
    let risen = ((entry as i32 >> BASE_BITS) * rest) >> SLOPE_SHIFT;
    (entry << SLOPE_BITS).wrapping_add(risen as u32)
}

/// Where a random word chooses a quantile: bits of the float that is the distance from the nearer end of the
/// distribution, in 2⁻²³ of the probability, odd, and negative in the upper half. Exact, as it has fewer bits
/// than a float's fraction.
#[inline(always)]
pub(super) fn place(word: u32) -> u32 {
    let distance = ((word as i32) >> (31 - UNIFORM_BITS)) | 1;
    (distance as f32).to_bits()
}

/// Index of the cell: the low bits of exponent and fraction together, and the sign.
#[inline(always)]
pub(super) fn cell(place: u32) -> usize {
    let within_side = (place >> PLACE_BITS) & (SIDE - 1);
    (within_side | ((place >> (u32::BITS - TABLE_BITS)) & SIDE)) as usize
}

/// `scaled_mean` · `factor`, rounded to the nearest integer, where `scaled_mean` comes from
/// [`FactorTable::scaled_mean`](super::FactorTable::scaled_mean) with as many fractional bits, and `factor` from the same table.
#[inline(always)]
pub fn scaled_draw(scaled_mean: u32, factor: u32, fraction_bits: u32) -> u32 {
    let high = ((u64::from(scaled_mean) * u64::from(factor)) >> 32) as u32;
    // High halves close to the largest word, which no mean and factor of a network have, wrap as they do on a device.
    high.wrapping_add(1 << (fraction_bits - 1)) >> fraction_bits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of a word by leading zeros, without floats, as shaders find it.
    fn place_in_integers(word: u32) -> u32 {
        let distance = ((word as i32) >> (31 - UNIFORM_BITS)) | 1;
        let leading = 31 - distance.unsigned_abs().leading_zeros();
        let exponent = (leading + 126) << FRACTION_BITS;
        (exponent + (distance.unsigned_abs() << (FRACTION_BITS - leading))) | (word & (1 << 31))
    }

    #[test]
    fn the_float_of_a_distance_is_what_integers_make_of_it() {
        for k in 0..1u32 << UNIFORM_BITS {
            for word in [k << (u32::BITS - UNIFORM_BITS), (k << (u32::BITS - UNIFORM_BITS)) | 0x3ff] {
                assert_eq!(place(word), place_in_integers(word), "{word:#x}");
            }
        }
    }

    #[test]
    fn no_two_cells_share_an_entry() {
        let mut places: Vec<u32> =
            (0..1u32 << UNIFORM_BITS).map(|k| place(k << (u32::BITS - UNIFORM_BITS)) >> PLACE_BITS).collect();
        places.sort_unstable();
        places.dedup();
        let mut cells: Vec<usize> = places.iter().map(|&place| cell(place << PLACE_BITS)).collect();
        cells.sort_unstable();
        assert!(cells.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn the_words_of_weight_and_delay_take_every_bit_of_theirs_once() {
        // Changing one of the 44 bits, 32 of one word and 12 of the tag, changes the pair of words, and no
        // xor of them leaves it: the map is linear, so its 44 images have full rank.
        let high = |words: [u32; 2]| {
            words.iter().fold(0u64, |all, &word| all << UNIFORM_BITS | u64::from(word >> (32 - UNIFORM_BITS)))
        };
        let images = (0..12).map(|bit| high(factor_words(1 << bit, 0)));
        let images = images.chain((0..32).map(|bit| high(factor_words(0, 1 << bit))));
        let mut basis: Vec<u64> = Vec::new();
        for mut image in images {
            for &vector in &basis {
                image = image.min(image ^ vector);
            }
            assert_ne!(image, 0);
            basis.push(image);
            basis.sort_unstable_by(|a, b| b.cmp(a));
        }
        assert_eq!(basis.len(), 44);
    }
}
