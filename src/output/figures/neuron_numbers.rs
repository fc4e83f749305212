//! Neuron numbers of populations: excitatory to the right, inhibitory to the left, layer by layer.

use super::axis::{Axis, thousands};
use super::colours::{BLACK, LAYERS};
use super::figure_data::FigureData;
use super::font;
use super::picture::{Frame, Picture};
use super::plot::{Plot, SMALL, heading, legend};
use super::{DataOrigin, Drawn, Figure};
use crate::model::ModelKind;
use crate::simulation::recording::PopulationRow;

const ROW: f64 = 16.0;
const WIDTH: f64 = 390.0;
const TOP: f64 = 96.0;

/// A bar: its name, and for each segment the layer, whether it is excitatory, and the neurons.
type Bar = (String, Vec<(usize, bool, f64)>);

/// Draws it.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    data.needs_model("neuron_numbers")?;
    let bars = bars(data);
    let row = if data.has_areas() { ROW } else { 2.0 * ROW };
    let height = bars.len() as f64 * row;
    let left = font::widest(bars.iter().map(|bar| bar.0.as_str()), SMALL).max(60.0) + 24.0;
    let mut picture = Picture::new(left + WIDTH + 24.0, TOP + height + 46.0);
    let title = format!("Neurons of the {}", kinds(data));
    let mut subtitle = format!("{} at full scale", thousands(data.derivation.full_scale.n_neurons()));
    if data.is_scaled() {
        subtitle += &format!(", {} simulated", thousands(data.network().n_neurons()));
    }
    heading(&mut picture, &title, &subtitle);
    if has_layers(data) {
        let layers = data.layers();
        let names: Vec<String> = layers.iter().map(|layer| format!("layer {layer}")).collect();
        let entries: Vec<(&str, _)> =
            names.iter().enumerate().map(|(i, name)| (name.as_str(), LAYERS[i.min(3)])).collect();
        legend(&mut picture, (left, 72.0), &entries);
    }
    panel(&mut picture, Frame::new(left, TOP, WIDTH, height), &bars);
    picture.part(Frame::new(0.0, 60.0, picture.width, picture.height - 60.0), seen(data, &bars));
    let mut caption = match data.model() {
        ModelKind::Human => {
            "Neurons of every layer and type at full scale, from von Economo and Koskinas' densities and \
             thicknesses of layers and the excitatory share of neurons in each. Each area is a column under the same \
             cortical surface. Layers that an area lacks have no part in its bar."
        }
        ModelKind::Microcircuit => {
            "Neurons of every layer and type at full scale, under 1 mm² of cortex (Potjans & Diesmann 2014)."
        }
        ModelKind::Network(_) | ModelKind::Imported => "Neurons of every population.",
    }
    .to_owned();
    if data.is_scaled() {
        caption += &format!(" Simulated: {}, which keeps the proportions.", data.scale());
    }
    Ok(Figure {
        name: "neuron_numbers",
        title,
        subtitle,
        caption,
        origins: vec![DataOrigin::Derived],
        picture,
    })
}

/// Whether populations are in layers.
fn has_layers(data: &FigureData<'_>) -> bool {
    data.populations().iter().any(|population| !population.layer.is_empty())
}

/// What has a bar.
fn kinds(data: &FigureData<'_>) -> &'static str {
    match (data.has_areas(), has_layers(data)) {
        (true, _) => "areas",
        (false, true) => "layers",
        (false, false) => "populations",
    }
}

/// What there is to see in bars.
fn seen(data: &FigureData<'_>, bars: &[Bar]) -> String {
    let sum = |(name, segments): &Bar| (segments.iter().map(|segment| segment.2).sum::<f64>(), name.clone());
    let mut sums: Vec<(f64, String)> = bars.iter().map(sum).collect();
    sums.sort_by(|a, b| a.0.total_cmp(&b.0));
    let told = |end: Option<&(f64, String)>| {
        end.map_or_else(String::new, |(neurons, name)| format!("{} in {name}", thousands(*neurons as u64)))
    };
    let divided = if data.has_areas() && has_layers(data) { ", each divided into layers" } else { "" };
    let what = format!("{}{divided}", kinds(data));
    format!(
        "Bars of the neurons of {} {what}: from {} to {}.",
        bars.len(),
        told(sums.first()),
        told(sums.last())
    )
}

/// Areas with all their layers; the layers themselves if there is one area; else populations.
fn bars(data: &FigureData<'_>) -> Vec<Bar> {
    let (layers, neurons) = (data.layers(), &data.derivation.full_scale.neurons);
    let segment = |&row: &usize| {
        let population = &data.populations()[row];
        let layer = layers.iter().position(|layer| *layer == population.layer).unwrap_or(0);
        (layer, population.population != "I", f64::from(neurons[population.index]))
    };
    if data.has_areas() {
        let bar =
            |unit: &super::figure_data::Unit| (unit.name.clone(), unit.rows.iter().map(segment).collect());
        return data.units.iter().map(bar).collect();
    }
    if !has_layers(data) {
        let of_population =
            |(row, population): (usize, &PopulationRow)| (population.name(), vec![segment(&row)]);
        return data.populations().iter().enumerate().map(of_population).collect();
    }
    let all: Vec<_> = (0..data.populations().len()).map(|row| segment(&row)).collect();
    let of_layer = |(index, layer): (usize, &String)| {
        (layer.clone(), all.iter().copied().filter(|segment| segment.0 == index).collect())
    };
    layers.iter().enumerate().map(of_layer).collect()
}

fn panel(picture: &mut Picture, frame: Frame, bars: &[Bar]) {
    let most = |is_excitatory: bool| {
        let sum = |(_, segments): &Bar| -> f64 {
            segments.iter().filter(|segment| segment.1 == is_excitatory).map(|segment| segment.2).sum()
        };
        bars.iter().map(sum).fold(1.0, f64::max)
    };
    let x = Axis::linear(
        "neurons: inhibitory (I) left of 0, excitatory (E) right of it",
        (-1.06 * most(false), 1.04 * most(true)),
    );
    let x =
        Axis { ticks: x.ticks.into_iter().map(|(at, name)| (at, name.replace('−', ""))).collect(), ..x };
    let y = Axis::names("", bars.iter().rev().map(|(name, _)| name.clone()));
    let n_bars = bars.len() as f64;
    let plot = Plot::new(picture, frame, x, Axis { range: (0.0, n_bars), ..y });
    let height = frame.height / n_bars;
    for (index, (_, segments)) in bars.iter().enumerate() {
        let (mut left, mut right) = (0.0, 0.0);
        for &(layer, is_excitatory, neurons) in segments {
            let (from, to) = match is_excitatory {
                true => (right, right + neurons),
                false => (left - neurons, left),
            };
            if is_excitatory {
                right = to;
            } else {
                left = from;
            }
            let (start, end) = (plot.at(from, 0.0).0, plot.at(to, 0.0).0);
            let top = frame.y + index as f64 * height;
            let bar = Frame::new(start, top + 0.15 * height, (end - start).max(0.1), 0.7 * height);
            picture.rectangle(bar, LAYERS[layer.min(3)]);
        }
    }
    let zero = plot.at(0.0, 0.0).0;
    picture.line(&[(zero, frame.y), (zero, frame.bottom())], BLACK, 1.0);
}
