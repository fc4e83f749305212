//! Box plots.

use super::colours::{Colour, WHITE, translucent};
use super::picture::{Frame, Picture};
use super::plot::Plot;

/// Ends of the whiskers, as quantiles.
const WHISKERS: (f64, f64) = (0.05, 0.95);

/// Values that a box shows, at rising quantiles: whisker, quartile, median, quartile, whisker.
pub fn summary(values: &[f64]) -> Option<[f64; 5]> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let quantile = |q: f64| {
        let place = q * last as f64;
        let (below, part) = (place.floor() as usize, place.fract());
        sorted[below] * (1.0 - part) + sorted[(below + 1).min(last)] * part
    };
    Some([WHISKERS.0, 0.25, 0.5, 0.75, WHISKERS.1].map(quantile))
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
    fn a_box_shows_quantiles_and_nothing_has_none() {
        let values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(summary(&values), Some([5.0, 25.0, 50.0, 75.0, 95.0]));
        assert_eq!(summary(&[3.0]), Some([3.0; 5]));
        assert_eq!((summary(&[]), summary(&[f64::NAN])), (None, None));
    }
}
