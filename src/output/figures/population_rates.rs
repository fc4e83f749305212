//! Rates of all populations, simulated beside predicted, absent layers marked X.

use super::colours::{GREY, WHITE};
use super::figure_data::FigureData;
use super::heat_map::{ColourScale, cells, column_names, row_names};
use super::picture::{Anchor, Frame, Picture, Text};
use super::plot::{MEDIUM, SMALL, absent, heading, panel_title};
use super::{DataOrigin, Drawn, Figure};
use ndarray::Array2;

const CELL: (f64, f64) = (36.0, 16.0);
/// Up to so many areas cells are large and tell their rates in figures.
const FEW_AREAS: usize = 4;
const LARGE_CELL: (f64, f64) = (52.0, 30.0);
const LEFT: f64 = 190.0;
const TOP: f64 = 125.0;
const GAP: f64 = 50.0;

/// Draws it.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    let (places, n_areas) = (data.places(), data.analysis.areas.len());
    let (width, height) = if n_areas <= FEW_AREAS { LARGE_CELL } else { CELL };
    let (width, height) = (width * places.len() as f64, height * n_areas as f64);
    // A bar needs some height for its names and label.
    let bar = height.max(130.0);
    let mut picture = Picture::new(LEFT + 2.0 * width + GAP + 110.0, TOP + bar.max(height + 64.0) + 14.0);
    let title = "Rates of populations";
    let from_s = data.analysis.window.from_ms() / 1000.0;
    heading(
        &mut picture,
        title,
        &format!("Mean over neurons from {from_s} s on; one logarithmic colour scale for both"),
    );
    if places.len() * n_areas > data.populations().len() {
        picture.text(Text::new((LEFT, 74.0), "× the area lacks this layer", MEDIUM));
    }
    let rates = &data.analysis.spikes.populations;
    let simulated = matrix(data, &places, |row| rates[row].rate_hz.as_ref().ok().copied());
    let predicted_hz = &data.analysis.run.stored.with_dc.rates_hz;
    let populations = data.populations();
    let predicted = matrix(data, &places, |row| predicted_hz.get(populations[row].index).copied());
    let colours = ColourScale::log("spikes/s", simulated.iter().chain(&predicted).copied());
    let frame = |index: f64| Frame::new(LEFT + index * (width + GAP), TOP, width, height);
    for (index, name, values) in [(0.0, "Simulated", &simulated), (1.0, "Predicted", &predicted)] {
        panel_title(&mut picture, frame(index), name);
        let known = values.iter().any(|value| value.is_finite());
        match (&colours, &rates[0].rate_hz) {
            (Some(colours), _) if known => panel(&mut picture, frame(index), data, values, colours),
            (_, Err(absence)) => absent(&mut picture, frame(index), &format!("no rates: {absence}")),
            _ => absent(&mut picture, frame(index), "no population spikes"),
        }
        let names: Vec<String> = places.iter().map(|(layer, kind)| format!("{layer} {kind}")).collect();
        column_names(&mut picture, frame(index), names.iter().map(String::as_str));
    }
    let names: Vec<&str> = (0..n_areas).map(|area| data.area_name(area)).collect();
    row_names(&mut picture, frame(0.0), names.into_iter());
    if let Some(colours) = &colours {
        colours.bar(&mut picture, Frame { height: bar, ..frame(1.0) });
    }
    let n_silent = simulated.iter().filter(|&&rate_hz| rate_hz == 0.0).count();
    let caption = format!(
        "Mean rate of each population in the simulation and in mean-field theory of the same network. \
         × marks layers that an area does not have, white cells without × are silent populations ({n_silent} in the \
         simulation).{}",
        data.unknown_rates()
    );
    Ok(Figure {
        name: "population_rates",
        title: title.to_owned(),
        caption,
        origins: vec![DataOrigin::Simulated, DataOrigin::Predicted],
        picture,
    })
}

/// A value of every population, shape [area, place]; NaN where there is none.
fn matrix(
    data: &FigureData<'_>,
    places: &[(String, String)],
    value: impl Fn(usize) -> Option<f64>,
) -> Array2<f64> {
    Array2::from_shape_fn((data.analysis.areas.len(), places.len()), |(area, place)| {
        data.row_at(area, &places[place]).and_then(&value).unwrap_or(f64::NAN)
    })
}

fn panel(
    picture: &mut Picture,
    frame: Frame,
    data: &FigureData<'_>,
    rates_hz: &Array2<f64>,
    colours: &ColourScale,
) {
    cells(picture, frame, rates_hz.view(), colours);
    let (n_areas, n_places) = rates_hz.dim();
    let (width, height) = (frame.width / n_places as f64, frame.height / n_areas as f64);
    let places = data.places();
    for ((area, place), &rate_hz) in rates_hz.indexed_iter() {
        let (left, top) = (frame.x + place as f64 * width, frame.y + area as f64 * height);
        let cell = Frame::new(left, top, width, height);
        if data.row_at(area, &places[place]).is_none() {
            picture.rectangle(cell, WHITE);
            cross(picture, cell);
        } else if n_areas <= FEW_AREAS && rate_hz.is_finite() {
            let digits = if rate_hz < 9.995 { 2 } else { 1 };
            let text = Text::new(cell.centre(), format!("{rate_hz:.digits$}"), SMALL);
            picture.text(text.anchor(Anchor::Middle).colour(colours.ink(rate_hz)));
        }
    }
    picture.border(frame, GREY, 1.0);
}

fn cross(picture: &mut Picture, cell: Frame) {
    let ((x, y), r) = (cell.centre(), 3.5);
    picture.line(&[(x - r, y - r), (x + r, y + r)], GREY, 1.2);
    picture.line(&[(x - r, y + r), (x + r, y - r)], GREY, 1.2);
}
