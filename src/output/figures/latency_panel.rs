//! Latencies of areas over the mean delays of the synapses from what is stimulated.

use super::Anchor;
use super::axis::{Axis, extent};
use super::colours::{BLACK, SIMULATED, translucent};
use super::figure_data::FigureData;
use super::picture::{Frame, Picture, Text};
use super::plot::{Plot, SMALL, absent, panel_title};
use crate::analysis::Response;

const RADIUS: f64 = 3.0;
/// Left of the frame: names of values and the label.
pub const ROOM: f64 = 76.0;
pub const WIDTH: f64 = 330.0;

/// An area's mean delay and latency, ms, and its abbreviation.
type Place<'a> = (f64, f64, &'a str);

/// Draws it in a frame of [`WIDTH`]; returns what there is to see.
pub fn latency_panel(
    picture: &mut Picture,
    frame: Frame,
    data: &FigureData<'_>,
    response: &Response,
) -> String {
    let (title, correlation) = match &response.rank_correlation {
        Ok(rho) => (format!(", rank correlation {rho:.2}"), format!("rank correlation {rho:.2}")),
        Err(absence) => (String::new(), format!("no rank correlation, as {absence}")),
    };
    panel_title(picture, frame, &format!("Latency over delay{title}"));
    let places = places(data, response);
    let stimulus = &response.stimulus;
    let ends = extent(places.iter().map(|place| place.0)).zip(extent(places.iter().map(|place| place.1)));
    let Some(((_, delay_ms), (_, latency_ms))) = ends else {
        absent(picture, frame, "no area has a latency and synapses from what is stimulated");
        return format!("No latency of {stimulus} to put over a delay.");
    };
    let x = Axis::linear("mean delay of synapses from what is stimulated (ms)", (0.0, 1.1 * delay_ms));
    let y = Axis::linear("latency (ms)", (0.0, 1.1 * latency_ms.max(response.bin_ms)));
    let plot = Plot::new(picture, frame, x, y);
    plot.dots(picture, places.iter().map(|&(x, y, _)| (x, y)), RADIUS, translucent(SIMULATED, 0xc0));
    let disc = |&(x, y, _): &Place<'_>| {
        let (x, y) = plot.at(x, y);
        Frame { x: x - RADIUS, y: y - RADIUS, width: 2.0 * RADIUS, height: 2.0 * RADIUS }
    };
    let mut taken: Vec<Frame> = places.iter().map(disc).collect();
    for place in &places {
        name(picture, frame, &mut taken, disc(place), place.2);
    }
    format!(
        "Discs of the latencies of {} areas after {stimulus} over mean delays: {correlation}.",
        places.len()
    )
}

fn places<'d>(data: &'d FigureData<'_>, response: &Response) -> Vec<Place<'d>> {
    let areas = response.areas.iter().zip(&response.delays_ms).enumerate();
    let place = |(area, (found, delay_ms)): (usize, (&crate::analysis::Reaction, &Option<f64>))| {
        Some(((*delay_ms)?, *found.latency_ms.as_ref().ok()?, data.area_short(area)))
    };
    areas.filter_map(place).collect()
}

/// Writes a name beside its disc, on whichever side nothing else stands; nowhere, if there is no room.
fn name(picture: &mut Picture, frame: Frame, taken: &mut Vec<Frame>, disc: Frame, name: &str) {
    let (x, y) = disc.centre();
    let sides = [(RADIUS + 3.0, 0.0, Anchor::Start), (-RADIUS - 3.0, 0.0, Anchor::End)];
    let text = |(dx, dy, anchor): (f64, f64, Anchor)| Text::new((x + dx, y + dy), name, SMALL).anchor(anchor);
    let is_free = |text: &Text| {
        let bounds = text.bounds();
        let inside = bounds.x >= frame.x && bounds.right() <= frame.right() && bounds.y >= frame.y;
        inside && bounds.bottom() <= frame.bottom() && taken.iter().all(|other| !overlap(bounds, *other))
    };
    if let Some(text) = sides.into_iter().map(text).find(is_free) {
        taken.push(text.bounds());
        picture.text(text.colour(BLACK));
    }
}

fn overlap(a: Frame, b: Frame) -> bool {
    a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}
