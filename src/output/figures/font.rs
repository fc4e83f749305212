//! The font of figures, which is part of the program: no font of the system is needed.

use std::sync::LazyLock;
use ttf_parser::{Face, OutlineBuilder};

/// Name by which an SVG viewer finds the same font, and what stands in where it has none.
pub const FAMILY: &str = "'DejaVu Sans', Verdana, sans-serif";
/// Height of capitals relative to the size.
pub const CAPITAL_HEIGHT: f64 = 0.73;

const REGULAR: &[u8] = include_bytes!("../../../data/fonts/DejaVuSans-subset.ttf");
const BOLD: &[u8] = include_bytes!("../../../data/fonts/DejaVuSans-Bold-subset.ttf");
/// What stands for a character that the font lacks.
const SUBSTITUTE: char = '?';

static FACES: LazyLock<[Face<'static>; 2]> =
    LazyLock::new(|| [REGULAR, BOLD].map(|bytes| Face::parse(bytes, 0).expect("the program's own font")));

fn face(bold: bool) -> &'static Face<'static> {
    &FACES[usize::from(bold)]
}

/// Each character's outline and the distance to the next, in units of which `units_per_em` make the size.
fn glyphs(face: &Face<'static>, words: &str) -> Vec<(ttf_parser::GlyphId, f64)> {
    let glyph = |character| face.glyph_index(character).or_else(|| face.glyph_index(SUBSTITUTE));
    let advance = |glyph| (glyph, f64::from(face.glyph_hor_advance(glyph).unwrap_or(0)));
    words.chars().filter_map(glyph).map(advance).collect()
}

/// Width of words, CSS pixels.
pub fn width(words: &str, size: f64, bold: bool) -> f64 {
    let face = face(bold);
    let units: f64 = glyphs(face, words).iter().map(|(_, advance)| advance).sum();
    units * size / f64::from(face.units_per_em())
}

/// Width of the widest of some words, CSS pixels.
pub fn widest<'w>(words: impl IntoIterator<Item = &'w str>, size: f64) -> f64 {
    words.into_iter().map(|words| width(words, size, false)).fold(0.0, f64::max)
}

/// Draws the outlines of words one beside the other; `pen` is asked for each one, given its start, and
/// the scale from font units to CSS pixels.
pub fn outline<P: OutlineBuilder>(
    words: &str,
    size: f64,
    bold: bool,
    mut pen: impl FnMut(f64, f64) -> P,
    mut done: impl FnMut(P),
) {
    let face = face(bold);
    let (scale, mut x) = (size / f64::from(face.units_per_em()), 0.0);
    for (glyph, advance) in glyphs(face, words) {
        let mut pen = pen(x, scale);
        face.outline_glyph(glyph, &mut pen);
        done(pen);
        x += advance * scale;
    }
}

/// Words in lines no wider than `width`.
pub fn wrapped(words: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.split_whitespace() {
        let last = lines.len() - 1;
        let longer = if lines[last].is_empty() { word.to_owned() } else { format!("{} {word}", lines[last]) };
        if self::width(&longer, size, false) <= width || lines[last].is_empty() {
            lines[last] = longer;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_every_character_that_figures_use() {
        for bold in [false, true] {
            let face = face(bold);
            for character in "Az09 χνησμπΣ²³⁰¹⁴⁵⁶⁷⁸⁹⁻·−–×≥≤→√±é…’".chars()
            {
                assert!(face.glyph_index(character).is_some(), "{character}");
            }
        }
    }

    #[test]
    fn words_are_as_wide_as_their_letters_and_wrap_between_them() {
        let (one, two) = (width("MM", 10.0, false), width("MMMM", 10.0, false));
        assert!(one > 10.0 && (two - 2.0 * one).abs() < 1e-9);
        assert_eq!(wrapped("MM MM", 10.0, 1.5 * one), ["MM", "MM"]);
        assert_eq!(wrapped("MM MM", 10.0, 3.0 * one), ["MM MM"]);
    }
}
