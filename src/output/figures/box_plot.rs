//! Box plots.

use super::colours::{Colour, WHITE, translucent};
use super::picture::{Frame, Picture};
use super::plot::Plot;

/// How far whiskers reach beyond the quartiles, in distances of the quartiles (Tukey 1977).
const REACH: f64 = 1.5;

/// Values that a box shows: whisker, quartile, median, quartile, whisker. Whiskers end at the last values within
/// 1.5 interquartile ranges of the quartiles.
pub fn summary(values: &[f64]) -> Option<[f64; 5]> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let quantile = |q: f64| {
        let place = q * last as f64;
        let (below, part) = (place.floor() as usize, place.fract());
        sorted[below] * (1.0 - part) + sorted[(below + 1).min(last)] * part
    };
    let [first, median, third] = [0.25, 0.5, 0.75].map(quantile);
    let reach = REACH * (third - first);
    let low = sorted.iter().copied().find(|&value| value >= first - reach).unwrap_or(first).min(first);
    let high = sorted.iter().rev().copied().find(|&value| value <= third + reach).unwrap_or(third).max(third);
    Some([low, first, median, third, high])
}

/// Draws a box along the horizontal axis, `height` high in CSS pixels, with its middle at `y`.
pub fn draw(picture: &mut Picture, plot: &Plot, y: f64, height: f64, summary: [f64; 5], colour: Colour) {
    let [low, first, median, third, high] = summary.map(|value| plot.at(value, y).0);
    let middle = plot.at(f64::NAN, y).1;
    let (top, bottom) = (middle - height / 2.0, middle + height / 2.0);
    picture.line(&[(low, middle), (first, middle)], colour, 1.2);
    picture.line(&[(third, middle), (high, middle)], colour, 1.2);
    for end in [low, high] {
        picture.line(&[(end, top + height / 4.0), (end, bottom - height / 4.0)], colour, 1.2);
    }
    let body = Frame::new(first, top, (third - first).max(0.5), height);
    picture.rectangle(body, WHITE);
    picture.rectangle(body, translucent(colour, 0x60));
    picture.border(body, colour, 1.0);
    picture.line(&[(median, top), (median, bottom)], colour, 2.4);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_shows_quartiles_and_whiskers_leave_out_what_is_far() {
        let values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(summary(&values), Some([0.0, 25.0, 50.0, 75.0, 100.0]));
        // The quartiles of these are 1 and 3: what lies beyond −2 and 6 is far.
        let values = [-2.1, -1.9, 1.0, 1.0, 2.0, 3.0, 3.0, 6.0, 6.1];
        assert_eq!(summary(&values), Some([-1.9, 1.0, 2.0, 3.0, 6.0]));
        assert_eq!(summary(&[3.0]), Some([3.0; 5]));
        assert_eq!((summary(&[]), summary(&[f64::NAN])), (None, None));
    }
}
