//! Total in-degrees between areas at full scale, linear and logarithmic.

use super::axis::{extent, thousands};
use super::colours::{LIGHT, WHITE};
use super::figure_data::FigureData;
use super::heat_map::{BAR_ROOM, ColourScale, cells, column_names, row_names};
use super::picture::{Anchor, Frame, Picture, Text};
use super::plot::{MEDIUM, SMALL, absent, heading, legend, panel_title};
use super::{DataOrigin, Drawn, Figure, font};
use crate::model::ModelKind;
use ndarray::Array2;

const TOP: f64 = 112.0;

/// Draws it.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    data.needs_model("in_degrees")?;
    let mut picture = Picture::new(0.0, 0.0);
    let title = match data.has_areas() {
        true => "Connectivity: synapses per neuron between areas",
        false => "Connectivity: synapses per neuron between populations",
    };
    let subtitle = "Total in-degree at full scale: recurrent synapses from the source (columns) onto a neuron of the target (rows), mean over its neurons";
    let matrix = data.in_degrees(&data.derivation.full_scale);
    for is_log in [false, true] {
        panel(&mut picture, &matrix, data, is_log);
    }
    heading(&mut picture, title, subtitle);
    let within = match data.has_areas() {
        true => " A leaves out the diagonal, synapses within an area, which would hide all others; B has it.",
        false => "",
    };
    let scaling = match data.is_scaled() {
        true => format!(" Simulated: {}; down-scaling keeps the pattern.", data.scale()),
        false => String::new(),
    };
    let source = match data.model() {
        ModelKind::Human => {
            ", in a model that takes them from diffusion imaging, the laminar patterns of tracing, and the reach of \
             dendrites"
        }
        ModelKind::Microcircuit => {
            ", in a model that takes them from probabilities of connections in anatomy and physiology (Potjans & \
             Diesmann 2014)"
        }
        ModelKind::Network(_) | ModelKind::Imported => "",
    };
    let caption = format!(
        "Each neuron of the row's {units} receives so many synapses from the column's{source}.{within}{scaling}{}",
        data.abbreviations(),
        units = data.units_are().trim_end_matches('s'),
    );
    Ok(Figure {
        name: "in_degrees",
        title: title.to_owned(),
        subtitle: subtitle.to_owned(),
        caption,
        origins: vec![DataOrigin::Derived],
        picture,
    })
}

/// Draws a panel to the right of what the picture has, and makes the picture as large as it needs.
fn panel(picture: &mut Picture, in_degrees: &Array2<f64>, data: &FigureData<'_>, is_log: bool) {
    let names: Vec<&str> =
        data.units.iter().map(|unit| if is_log { unit.short.as_str() } else { unit.name.as_str() }).collect();
    let shorts: Vec<&str> = data.units.iter().map(|unit| unit.short.as_str()).collect();
    let (left, n) = (picture.width, names.len() as f64);
    let side = n * (420.0 / n).floor().max(12.0);
    let frame = Frame::new(left + 44.0 + font::widest(names.iter().copied(), SMALL), TOP, side, side);
    let below = 6.0 + font::widest(shorts.iter().copied(), SMALL) + 14.0;
    (picture.width, picture.height) = (frame.right() + BAR_ROOM, frame.bottom() + below + 14.0);
    let part = Frame::new(left, 60.0, picture.width - left, picture.height - 60.0);
    picture.part(part, seen(in_degrees, data, is_log));
    let mut meaning = vec![("no synapse", WHITE)];
    let mut shown = in_degrees.clone();
    if !is_log && data.has_areas() {
        shown.diag_mut().fill(f64::NAN);
        meaning = vec![("within an area, left out", LIGHT)];
    }
    panel_title(picture, frame, if is_log { "Logarithmic" } else { "Linear" });
    let label = "synapses per neuron";
    let values = shown.iter().copied();
    let colours =
        if is_log { ColourScale::log(label, values) } else { ColourScale::from_zero(label, values) };
    let Some(colours) = colours.filter(|_| in_degrees.iter().any(|&k| k > 0.0)) else {
        return absent(picture, frame, "there are no synapses between them");
    };
    if is_log || data.has_areas() {
        legend(picture, (frame.x, 74.0), &meaning);
    }
    cells(picture, frame, shown.view(), &colours);
    colours.bar(picture, frame);
    row_names(picture, frame, names.into_iter());
    column_names(picture, frame, shorts.into_iter());
    let text = |at, words: &str| Text::new(at, words, MEDIUM).anchor(Anchor::Middle);
    picture.text(text((left + 18.0, frame.centre().1), "target").upwards());
    let words = format!("source: {}", data.columns_are());
    picture.text(text((frame.centre().0, frame.bottom() + below), &words));
}

/// What there is to see in a panel.
fn seen(in_degrees: &Array2<f64>, data: &FigureData<'_>, is_log: bool) -> String {
    let (n, units) = (in_degrees.nrows(), data.units_are());
    let others = in_degrees.indexed_iter().filter(|((target, source), _)| is_log || target != source);
    let (_, most) = extent(others.map(|(_, &k)| k)).unwrap_or_default();
    let scale = if is_log { "logarithmic" } else { "linear" };
    let most = thousands(most.round() as u64);
    format!(
        "Matrix of {n} target by {n} source {units} in {scale} colours, up to {most} synapses per neuron."
    )
}
