//! Colours that people with any colour vision tell apart.

use image::Rgb;

/// A colour: red, green, blue, opacity.
pub type Colour = [u8; 4];

/// A colour of an image, whose pixels are opaque.
pub fn rgb([red, green, blue, _]: Colour) -> Rgb<u8> {
    Rgb([red, green, blue])
}

/// Black, for words and axes.
pub const BLACK: Colour = [0x22, 0x22, 0x22, 0xff];
/// White.
pub const WHITE: Colour = [0xff; 4];
/// Grey, for what matters less.
pub const GREY: Colour = [0x76, 0x76, 0x76, 0xff];
/// Light grey, for grids and cells without a value.
pub const LIGHT: Colour = [0xe2, 0xe2, 0xe2, 0xff];
/// Grey for cells without a value among those of a colour map that has white in it.
pub const MISSING: Colour = [0xb4, 0xb4, 0xb4, 0xff];
/// Excitatory populations.
pub const EXCITATORY: Colour = [0x1f, 0x5f, 0xb4, 0xff];
/// Inhibitory populations.
pub const INHIBITORY: Colour = [0xc6, 0x1a, 0x27, 0xff];
/// What is simulated.
pub const SIMULATED: Colour = [0x1f, 0x5f, 0xb4, 0xff];
/// What is measured, or the other side of a comparison.
pub const MEASURED: Colour = [0xe6, 0x8a, 0x00, 0xff];
/// Layers II/III, IV, V, VI: even steps of lightness.
pub const LAYERS: [Colour; 4] =
    [[0x0d, 0x2c, 0x54, 0xff], [0x1b, 0x6c, 0xa8, 0xff], [0x5a, 0xae, 0xc9, 0xff], [0xb5, 0xdb, 0xd2, 0xff]];

/// Viridis (Smith & van der Walt 2015, CC0) at ten even places: perceptually uniform, rising in
/// lightness.
const VIRIDIS: [[u8; 3]; 10] = [
    [0x44, 0x01, 0x54],
    [0x48, 0x28, 0x78],
    [0x3e, 0x49, 0x89],
    [0x31, 0x68, 0x8e],
    [0x26, 0x82, 0x8e],
    [0x1f, 0x9e, 0x89],
    [0x35, 0xb7, 0x79],
    [0x6e, 0xce, 0x58],
    [0xb5, 0xde, 0x2b],
    [0xfd, 0xe7, 0x25],
];

/// `RdBu` of ColorBrewer (Harrower & Brewer 2003, doi:10.1179/000870403235002042; Apache License 2.0), from blue to red
/// at eleven even places: as dark on one side as on the other, and almost white between them.
const BLUE_TO_RED: [[u8; 3]; 11] = [
    [0x05, 0x30, 0x61],
    [0x21, 0x66, 0xac],
    [0x43, 0x93, 0xc3],
    [0x92, 0xc5, 0xde],
    [0xd1, 0xe5, 0xf0],
    [0xf7, 0xf7, 0xf7],
    [0xfd, 0xdb, 0xc7],
    [0xf4, 0xa5, 0x82],
    [0xd6, 0x60, 0x4d],
    [0xb2, 0x18, 0x2b],
    [0x67, 0x00, 0x1f],
];

/// The colour of a value between 0 and 1; what lies outside takes the nearest.
pub fn viridis(value: f64) -> Colour {
    between(&VIRIDIS, value)
}

/// The same of a quantity with a sign, 0 at 0.5: blue below, red above.
pub fn blue_to_red(value: f64) -> Colour {
    between(&BLUE_TO_RED, value)
}

fn between(colours: &[[u8; 3]], value: f64) -> Colour {
    let place = value.clamp(0.0, 1.0) * (colours.len() - 1) as f64;
    let below = (place as usize).min(colours.len() - 2);
    let part = place - below as f64;
    let (from, to) = (colours[below], colours[below + 1]);
    let mixed = |i: usize| (f64::from(from[i]) * (1.0 - part) + f64::from(to[i]) * part).round() as u8;
    [mixed(0), mixed(1), mixed(2), 0xff]
}

/// The colour of a population by its name: E blue, I red, others black.
pub fn of_population(population: &str) -> Colour {
    match population {
        "E" => EXCITATORY,
        "I" => INHIBITORY,
        _ => BLACK,
    }
}

/// The same colour with what lies below shining through.
pub fn translucent([red, green, blue, _]: Colour, opacity: u8) -> Colour {
    [red, green, blue, opacity]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (IEC 61966-2-1).
    fn luminance(colour: Colour) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
    }

    #[test]
    fn the_colour_map_rises_in_lightness_all_the_way() {
        let lightness: Vec<f64> = (0..=100).map(|i| luminance(viridis(f64::from(i) / 100.0))).collect();
        assert!(lightness.windows(2).all(|pair| pair[1] > pair[0]));
    }

    #[test]
    fn signs_are_told_by_hue_and_sizes_by_lightness() {
        let colours: Vec<Colour> = (0..=100).map(|i| blue_to_red(f64::from(i) / 100.0)).collect();
        let lightness: Vec<f64> = colours.iter().map(|&colour| luminance(colour)).collect();
        assert!(lightness[..51].windows(2).all(|pair| pair[1] > pair[0]));
        assert!(lightness[50..].windows(2).all(|pair| pair[1] < pair[0]));
        assert!(colours[..50].iter().all(|colour| colour[2] > colour[0]));
        assert!(colours[51..].iter().all(|colour| colour[0] > colour[2]));
    }

    #[test]
    fn layers_are_told_apart_by_lightness_alone() {
        assert!(LAYERS.windows(2).all(|pair| luminance(pair[1]) > 1.5 * luminance(pair[0])));
    }
}
