//! Membrane potentials of a few neurons that voltmeters have recorded.

use super::axis::{Axis, extent};
use super::colours::of_population;
use super::figure_data::FigureData;
use super::picture::{Frame, Picture};
use super::plot::{Plot, heading, panel_title};
use super::stimulus_windows::stimulus_windows;
use super::{DataOrigin, Drawn, Figure, LeftOut};
use crate::analysis::Potentials;

const NAME: &str = "membrane_potentials";
const WIDTH: f64 = 470.0;
const HEIGHT: f64 = 90.0;
const LEFT: f64 = 90.0;
const TOP: f64 = 92.0;
const GAP: f64 = 68.0;
/// Most voltmeters that are shown.
const VOLTMETERS: usize = 4;
const MS_PER_S: f64 = 1000.0;

/// Draws it.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    let left_out = |reason: &str| Err(LeftOut { name: NAME, reason: reason.to_owned() });
    let voltmeters = &data.analysis.potentials;
    if voltmeters.is_empty() {
        return left_out("no voltmeter is named in recording.voltmeter");
    }
    let shown = voltmeters.iter().take(VOLTMETERS).filter(|voltmeter| !voltmeter.time_ms.is_empty());
    let traces: Vec<(&Potentials, usize)> =
        shown.flat_map(|shown| (0..shown.neurons.len()).map(move |neuron| (shown, neuron))).collect();
    if traces.is_empty() {
        return left_out("no voltmeter has a sample in the time of the rasters");
    }
    let height = TOP + traces.len() as f64 * (HEIGHT + GAP);
    let mut picture = Picture::new(LEFT + WIDTH + 40.0, height);
    let title = "Membrane potentials";
    let subtitle = "Of a few of the neurons that voltmeters record; dashed, the mean threshold";
    heading(&mut picture, title, subtitle);
    for (index, (voltmeter, neuron)) in traces.into_iter().enumerate() {
        let frame = Frame::new(LEFT, TOP + index as f64 * (HEIGHT + GAP), WIDTH, HEIGHT);
        trace(&mut picture, frame, data, voltmeter, neuron);
    }
    let caption = format!(
        "Samples as recorded, in the time of the rasters, of up to {VOLTMETERS} voltmeters and a few neurons of each. A \
         spike is a reset: the model has no shape of a spike. The files voltmeter_….npy have all neurons and the whole run."
    );
    let origins = vec![DataOrigin::Simulated];
    Ok(Figure {
        name: NAME,
        title: title.to_owned(),
        subtitle: subtitle.to_owned(),
        caption,
        origins,
        picture,
    })
}

fn trace(picture: &mut Picture, frame: Frame, data: &FigureData<'_>, voltmeter: &Potentials, trace: usize) {
    let (neuron, row) = voltmeter.neurons[trace];
    let population = &data.populations()[row];
    let spec = &data.network().populations[population.index];
    panel_title(picture, frame, &format!("{}, neuron {neuron}", spec.name()));
    let v_m_mv = voltmeter.v_m_mv.row(trace);
    let (low, high) = extent(v_m_mv.iter().copied().chain([spec.neuron.v_th_mv])).unwrap_or((-70.0, -50.0));
    let free = 0.08 * (high - low).max(1.0);
    let times = extent(voltmeter.time_ms.iter().copied()).unwrap_or((0.0, 1.0));
    let x = Axis::linear("time (s)", (times.0 / MS_PER_S, times.1 / MS_PER_S));
    let y = Axis::linear("V_m (mV)", (low - free, high + free)).every_other();
    stimulus_windows(picture, frame, &x, data);
    let plot = Plot::new(picture, frame, x, y);
    let points = voltmeter.time_ms.iter().map(|time_ms| time_ms / MS_PER_S).zip(v_m_mv.iter().copied());
    plot.curve(picture, points, of_population(&population.population), 1.0);
    plot.horizontal(picture, spec.neuron.v_th_mv, "");
    let part = Frame::new(0.0, frame.y - 28.0, picture.width, HEIGHT + GAP + 12.0);
    let (name, v_th_mv) = (spec.name(), spec.neuron.v_th_mv);
    let (low, high) = extent(v_m_mv.iter().copied()).unwrap_or_default();
    let seen = format!(
        "Line of the potential of neuron {neuron} of {name}, between {low:.1} and {high:.1} mV; threshold {v_th_mv} mV."
    );
    picture.part(part, seen);
}
