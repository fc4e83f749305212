//! Rates of all populations, simulated beside predicted, absent layers marked X.

use super::axis::extent;
use super::colours::{GREY, WHITE};
use super::figure_data::FigureData;
use super::heat_map::{BAR_ROOM, ColourScale, cells, column_names, row_names};
use super::picture::{Anchor, Frame, Picture, Point, Text};
use super::plot::{MEDIUM, SMALL, absent, heading, legend, panel_title};
use super::{DataOrigin, Drawn, Figure, font};
use ndarray::Array2;

const CELL: (f64, f64) = (37.0, 16.0);
/// Up to so many areas cells are large and tell their rates in figures.
const FEW_AREAS: usize = 4;
const LARGE_CELL: (f64, f64) = (52.0, 30.0);
const TOP: f64 = 125.0;

/// Draws it.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    let (places, n_areas) = (data.places(), data.analysis.areas.len());
    let (width, height) = if n_areas <= FEW_AREAS { LARGE_CELL } else { CELL };
    let (width, height) = (width * places.len() as f64, height * n_areas as f64);
    // A bar needs some height for its names and label.
    let bar = height.max(130.0);
    let names: [Vec<&str>; 2] = [
        (0..n_areas).map(|area| data.area_name(area)).collect(),
        (0..n_areas).map(|area| data.area_short(area)).collect(),
    ];
    let left = names.each_ref().map(|names| 26.0 + font::widest(names.iter().copied(), SMALL));
    let first = Frame::new(left[0], TOP, width, height);
    let second = Frame { x: first.right() + 16.0 + left[1], ..first };
    let mut picture = Picture::new(second.right() + BAR_ROOM, TOP + bar.max(height + 50.0) + 14.0);
    let title = "Rates of populations";
    let from_s = data.analysis.window.from_ms() / 1000.0;
    let subtitle = format!("Mean over neurons from {from_s} s on; one logarithmic colour scale for both");
    heading(&mut picture, title, &subtitle);
    let rates = &data.analysis.spikes.populations;
    let simulated = matrix(data, &places, |row| rates[row].rate_hz.as_ref().ok().copied());
    let predicted_hz = &data.analysis.run.stored.with_dc.rates_hz;
    let populations = data.populations();
    let predicted = matrix(data, &places, |row| predicted_hz.get(populations[row].index).copied());
    let colours = ColourScale::log("spikes/s", simulated.iter().chain(&predicted).copied());
    let lacks = places.len() * n_areas > data.populations().len();
    meaning(&mut picture, (first.x, 74.0), data, colours.as_ref(), lacks, [&simulated, &predicted]);
    let layers: Vec<String> = places.iter().map(|(layer, kind)| format!("{layer} {kind}")).collect();
    let panels = [(first, "Simulated", &simulated, &names[0]), (second, "Predicted", &predicted, &names[1])];
    for (frame, name, values, names) in panels {
        panel_title(&mut picture, frame, name);
        let known = values.iter().any(|value| value.is_finite());
        match (&colours, &rates[0].rate_hz) {
            (Some(colours), _) if known => panel(&mut picture, frame, data, values, colours),
            (_, Err(absence)) => absent(&mut picture, frame, &format!("no rates: {absence}")),
            _ => absent(&mut picture, frame, "no population spikes"),
        }
        column_names(&mut picture, frame, layers.iter().map(String::as_str));
        row_names(&mut picture, frame, names.iter().copied());
    }
    if let Some(colours) = &colours {
        colours.bar(&mut picture, Frame { height: bar, ..second });
    }
    let edge = first.right() + 12.0;
    let left = Frame::new(0.0, 60.0, edge, picture.height - 60.0);
    picture.part(left, seen("simulated", &simulated));
    picture.part(Frame { x: edge, width: picture.width - edge, ..left }, seen("predicted", &predicted));
    let n_silent = simulated.iter().filter(|&&rate_hz| rate_hz == 0.0).count();
    let crosses = if lacks { " × marks layers that an area does not have." } else { "" };
    let silent = match n_silent {
        0 => String::new(),
        n => format!(" White cells without × are silent populations ({n} in the simulation)."),
    };
    let caption = format!(
        "Mean rate of each population in the simulation and in mean-field theory of the same network.\
         {crosses}{silent}{}{}",
        data.unknown_rates(),
        data.abbreviations()
    );
    Ok(Figure {
        name: "population_rates",
        title: title.to_owned(),
        subtitle,
        caption,
        origins: vec![DataOrigin::Simulated, DataOrigin::Predicted],
        picture,
    })
}

/// Says what crosses, white and grey are, if there are some.
fn meaning(
    picture: &mut Picture,
    (x, y): Point,
    data: &FigureData<'_>,
    colours: Option<&ColourScale>,
    lacks: bool,
    values: [&Array2<f64>; 2],
) {
    let words = "× the area lacks this layer";
    if lacks {
        picture.text(Text::new((x, y), words, MEDIUM));
    }
    let is_silent = values.into_iter().flatten().any(|&rate_hz| rate_hz == 0.0);
    let grey = colours
        .filter(|_| !data.unknown_rates().is_empty())
        .map(|colours| ("not recorded", colours.missing()));
    let entries: Vec<_> = is_silent.then_some(("no spike", WHITE)).into_iter().chain(grey).collect();
    let x = if lacks { x + font::width(words, MEDIUM, false) + 22.0 } else { x };
    legend(picture, (x, y), &entries);
}

fn seen(what: &str, rates_hz: &Array2<f64>) -> String {
    let (n_areas, n_places) = rates_hz.dim();
    let range = match extent(rates_hz.iter().copied()) {
        Some((low, high)) => format!("from {low:.2} to {high:.1} spikes/s"),
        None => "none of them known".to_owned(),
    };
    format!("Matrix of {what} rates of {n_areas} by {n_places} populations, {range}.")
}

/// A value of every population, shape [area, place]; NaN if there is none.
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
