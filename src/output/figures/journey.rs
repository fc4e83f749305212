//! How a perturbation travels: when it first changes the spikes of an area, against how far the area is.

use super::axis::{Axis, extent};
use super::colours::{BLACK, GREY, SIMULATED, translucent};
use super::picture::{Frame, Picture, Text};
use super::plot::{MEDIUM, Plot, SMALL, absent, heading};
use super::{Anchor, DataOrigin, Figure};

const NAME: &str = "spike_journey";
const FRAME: Frame = Frame { x: 80.0, y: 84.0, width: 620.0, height: 460.0 };
const RADIUS: f64 = 3.2;

/// An area and when a perturbation reached it.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaReached {
    /// Its name.
    pub area: String,
    /// Length of the shortest path from the stimulated area, as the sum of mean delays, ms.
    pub path_ms: f64,
    /// Time from the perturbation to the first spike that differs, ms; `None` if none does.
    pub first_ms: Option<f64>,
}

/// Draws areas as discs, the time of their first difference over the length of their shortest path from
/// the `stimulated` area.
pub fn spike_journey(stimulated: &str, areas: &[AreaReached]) -> Figure {
    let mut picture = Picture::new(FRAME.right() + 40.0, FRAME.bottom() + 60.0);
    let title = format!("A perturbation of {stimulated} travels");
    let subtitle = "Each disc an area: when a spike of it first differs from the unperturbed run";
    heading(&mut picture, &title, subtitle);
    let reached: Vec<(f64, f64, &str)> =
        areas.iter().filter_map(|a| Some((a.path_ms, a.first_ms?, a.area.as_str()))).collect();
    let end = |range: Option<(f64, f64)>| range.map(|(_, high)| 1.08 * high.max(1.0));
    let ends = (end(extent(reached.iter().map(|r| r.0))), end(extent(reached.iter().map(|r| r.1))));
    match ends {
        (Some(x), Some(y)) => discs(&mut picture, &reached, (x, y)),
        _ => absent(&mut picture, FRAME, "no spike differs from the unperturbed run"),
    }
    let unreached = areas.len() - reached.len();
    let unreached = match unreached {
        0 => String::new(),
        n => format!(" {n} areas are not reached within the run."),
    };
    let caption = format!(
        "Time from the perturbation to the first spike that differs, over the shortest path of mean delays between \
         areas. On the line a difference arrives as fast as mean delays allow; above it, it also takes time to make \
         neurons spike, and below it, it took synapses faster than the mean.{unreached}"
    );
    Figure {
        name: NAME,
        title,
        subtitle: subtitle.to_owned(),
        caption,
        origins: vec![DataOrigin::Simulated],
        picture,
    }
}

fn discs(picture: &mut Picture, reached: &[(f64, f64, &str)], (end_x, end_y): (f64, f64)) {
    let x = Axis::linear("shortest path of mean delays from the stimulated area (ms)", (0.0, end_x));
    let y = Axis::linear("first difference after the perturbation (ms)", (0.0, end_y));
    let plot = Plot::new(picture, FRAME, x, y);
    let end = end_x.min(end_y);
    picture.line(&[plot.at(0.0, 0.0), plot.at(end, end)], GREY, 1.0);
    let at = plot.at(0.97 * end, 0.97 * end);
    let words = Text::new((at.0, at.1 - 12.0), "as fast as mean delays", MEDIUM).anchor(Anchor::End);
    let mut taken = vec![words.bounds()];
    picture.text(words.colour(GREY));
    plot.dots(picture, reached.iter().map(|&(x, y, _)| (x, y)), RADIUS, translucent(SIMULATED, 0xc0));
    let disc = |&(x, y, _): &(f64, f64, &str)| {
        let (x, y) = plot.at(x, y);
        Frame { x: x - RADIUS, y: y - RADIUS, width: 2.0 * RADIUS, height: 2.0 * RADIUS }
    };
    taken.extend(reached.iter().map(disc));
    for place in reached {
        names(picture, &mut taken, disc(place), place.2);
    }
}

/// Writes a name beside its disc, on whichever side nothing else stands; nowhere, if there is no room.
fn names(picture: &mut Picture, taken: &mut Vec<Frame>, disc: Frame, name: &str) {
    let (x, y) = disc.centre();
    let sides = [(RADIUS + 3.0, 0.0, Anchor::Start), (-RADIUS - 3.0, 0.0, Anchor::End)];
    let above = [(0.0, -10.0, Anchor::Middle), (0.0, 10.0, Anchor::Middle)];
    let text = |(dx, dy, anchor): (f64, f64, Anchor)| Text::new((x + dx, y + dy), name, SMALL).anchor(anchor);
    let is_free = |text: &Text| {
        let bounds = text.bounds();
        let inside =
            bounds.x >= FRAME.x && bounds.right() <= FRAME.right() && bounds.bottom() <= FRAME.bottom();
        inside && taken.iter().all(|other| !overlap(bounds, *other))
    };
    if let Some(text) = sides.into_iter().chain(above).map(text).find(is_free) {
        taken.push(text.bounds());
        picture.text(text.colour(BLACK));
    }
}

fn overlap(a: Frame, b: Frame) -> bool {
    a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(area: &str, path_ms: f64, first_ms: Option<f64>) -> AreaReached {
        AreaReached { area: area.into(), path_ms, first_ms }
    }

    #[test]
    fn areas_are_named_where_there_is_room_and_those_not_reached_are_counted() {
        let areas = [
            reached("cuneus", 5.0, Some(7.0)),
            reached("insula", 20.0, Some(25.0)),
            reached("fusiform", 30.0, None),
        ];
        let figure = spike_journey("pericalcarine", &areas);
        let words: Vec<&str> = figure.picture.texts().map(|text| text.words.as_str()).collect();
        assert!(words.contains(&"cuneus") && words.contains(&"insula") && !words.contains(&"fusiform"));
        assert!(figure.caption.contains("1 areas are not reached"));
        let crowded: Vec<AreaReached> = (0..50).map(|_| reached("cuneus", 5.0, Some(7.0))).collect();
        let named =
            spike_journey("pericalcarine", &crowded).picture.texts().filter(|t| t.words == "cuneus").count();
        assert!(named < 5, "{named} names in one place");
    }

    #[test]
    fn a_perturbation_without_effect_is_told_in_words() {
        let figure = spike_journey("pericalcarine", &[reached("cuneus", 5.0, None)]);
        assert!(figure.picture.texts().any(|text| text.words.contains("no spike differs")));
    }
}
