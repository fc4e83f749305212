//! Total in-degrees between areas at full scale, linear and logarithmic.

use super::colours::{LIGHT, WHITE};
use super::figure_data::FigureData;
use super::heat_map::{ColourScale, cells, column_names, row_names};
use super::picture::{Anchor, Frame, Picture, Text};
use super::plot::{MEDIUM, absent, heading, legend, panel_title};
use super::{DataOrigin, Drawn, Figure};
use ndarray::Array2;

/// Gap between panels, with room for the colour bar.
const GAP: f64 = 130.0;
const LEFT: f64 = 180.0;
const TOP: f64 = 112.0;
/// Room for names below a panel.
const BELOW: f64 = 66.0;

/// Draws it.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    data.needs_model("in_degrees")?;
    let n = data.units.len() as f64;
    let side = n * (420.0 / n).floor().max(12.0);
    let mut picture = Picture::new(LEFT + 2.0 * side + 2.0 * GAP, TOP + side + BELOW + 12.0);
    let title = match data.has_areas() {
        true => "Connectivity: synapses per neuron between areas",
        false => "Connectivity: synapses per neuron between populations",
    };
    let subtitle = "Total in-degree at full scale: recurrent synapses from the source (columns) onto a neuron of the target (rows), mean over its neurons";
    heading(&mut picture, title, subtitle);
    let matrix = data.in_degrees(&data.derivation.full_scale);
    let mut meaning = vec![("no synapse", WHITE)];
    if data.has_areas() {
        meaning.push(("within an area, left out", LIGHT));
    }
    legend(&mut picture, (LEFT, 68.0), &meaning);
    for is_log in [false, true] {
        let x = LEFT + if is_log { side + GAP } else { 0.0 };
        panel(&mut picture, Frame::new(x, TOP, side, side), &matrix, data, is_log);
    }
    let within = match data.has_areas() {
        true => " A leaves out the diagonal, synapses within an area, which would hide all others; B has it.",
        false => "",
    };
    let scaling = match data.is_scaled() {
        true => format!(" Simulated: {}; down-scaling keeps the pattern.", data.scale()),
        false => String::new(),
    };
    let caption = format!(
        "Each neuron of the row's {units} receives so many synapses from the column's, in a model that takes them \
         from diffusion imaging, the laminar patterns of tracing, and the reach of dendrites.{within}{scaling}",
        units = data.units_are().trim_end_matches('s'),
    );
    Ok(Figure {
        name: "in_degrees",
        title: title.to_owned(),
        caption,
        origins: vec![DataOrigin::Derived],
        picture,
    })
}

fn panel(picture: &mut Picture, frame: Frame, in_degrees: &Array2<f64>, data: &FigureData<'_>, is_log: bool) {
    let mut shown = in_degrees.clone();
    if !is_log && data.has_areas() {
        shown.diag_mut().fill(f64::NAN);
    }
    panel_title(picture, frame, if is_log { "Logarithmic" } else { "Linear" });
    let label = "synapses per neuron";
    let values = shown.iter().copied();
    let colours =
        if is_log { ColourScale::log(label, values) } else { ColourScale::from_zero(label, values) };
    let Some(colours) = colours.filter(|_| in_degrees.iter().any(|&k| k > 0.0)) else {
        return absent(picture, frame, "there are no synapses between them");
    };
    cells(picture, frame, shown.view(), &colours);
    colours.bar(picture, frame);
    if !is_log {
        row_names(picture, frame, data.units.iter().map(|unit| unit.name.as_str()));
        let at = (26.0, frame.centre().1);
        picture.text(Text::new(at, "target", MEDIUM).anchor(Anchor::Middle).upwards());
    }
    column_names(picture, frame, data.units.iter().map(|unit| unit.short.as_str()));
    let at = (frame.centre().0, frame.bottom() + BELOW - 10.0);
    picture.text(Text::new(at, "source", MEDIUM).anchor(Anchor::Middle));
}
