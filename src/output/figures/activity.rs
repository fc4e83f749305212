//! Instantaneous rates of areas.

use super::axis::{Axis, extent};
use super::colours::SIMULATED;
use super::figure_data::FigureData;
use super::heat_map::{ColourScale, columns};
use super::picture::{Frame, Picture};
use super::plot::{Plot, absent, heading};
use super::{DataOrigin, Drawn, Figure};
use ndarray::Axis as Along;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 190.0;
const TRACE: f64 = 120.0;
/// Most points of a trace.
const POINTS: usize = 1200;
const MS_PER_S: f64 = 1000.0;

/// Draws it.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    let rates_hz = data.unit_rates_hz();
    let window = &data.analysis.window;
    let row = if data.has_areas() { 15.0 } else { 24.0 };
    let height = row * data.units.len() as f64;
    let top = 80.0 + TRACE + 24.0;
    let mut picture = Picture::new(LEFT + WIDTH + 110.0, top + height + 60.0);
    let title = format!("Instantaneous rates of {}", data.units_are());
    let bin_ms = window.bin_ms();
    let counted = &data.analysis.spikes.counted;
    let over = if counted.contains(&false) { "neurons that were recorded" } else { "all neurons" };
    heading(
        &mut picture,
        &title,
        &format!("Spikes per neuron in bins of {bin_ms} ms; on top the mean over {over}"),
    );
    let time = |is_named: bool| {
        let end_s = (window.duration_ms() / MS_PER_S).max(bin_ms / MS_PER_S);
        let axis = Axis::linear("time (s)", (0.0, end_s));
        if is_named { axis } else { axis.unnamed() }
    };
    let (trace, map) = (Frame::new(LEFT, 80.0, WIDTH, TRACE), Frame::new(LEFT, top, WIDTH, height));
    let colours = ColourScale::from_zero("spikes/s per neuron", rates_hz.iter().copied());
    match colours.filter(|_| rates_hz.iter().any(|&rate_hz| rate_hz > 0.0)) {
        None if !counted.contains(&true) => {
            let why = crate::analysis::Absence::NotRecorded.to_string();
            [trace, map].into_iter().for_each(|frame| absent(&mut picture, frame, &why));
        }
        None => {
            absent(&mut picture, trace, "no spikes in the whole run");
            absent(&mut picture, map, &format!("no {} spikes", data.units_are().trim_end_matches('s')));
        }
        Some(colours) => {
            let mean = mean_trace(data);
            let highest = extent(mean.iter().map(|point| point.1)).map_or(1.0, |range| range.1);
            let y = Axis::linear("spikes/s", (0.0, 1.3 * highest));
            let plot = Plot::new(&mut picture, trace, time(false), y);
            plot.curve(&mut picture, mean, SIMULATED, 1.0);
            plot.vertical(&mut picture, window.from_ms() / MS_PER_S, "statistics start");
            columns(&mut picture, map, rates_hz.view(), &colours);
            let names = Axis::names("", data.units.iter().rev().map(|unit| unit.name.clone()));
            Plot::new(&mut picture, map, time(true), names);
            colours.bar(&mut picture, map);
        }
    }
    let caption = format!(
        "Rate of every {unit} over the whole run, start-up included; dashed, where statistics start. Stripes across \
         {units} are synchronous activity. Where a pixel is wider than a bin, it shows the mean of its bins.{}",
        data.unrecorded(),
        unit = data.units_are().trim_end_matches('s'),
        units = data.units_are(),
    );
    Ok(Figure { name: "rates_over_time", title, caption, origins: vec![DataOrigin::Simulated], picture })
}

/// Time in s and rate of all neurons whose spikes were counted, at most [`POINTS`] points, each the mean of its bins.
fn mean_trace(data: &FigureData<'_>) -> Vec<(f64, f64)> {
    let analysis = data.analysis;
    let counted: Vec<usize> =
        (0..data.populations().len()).filter(|&row| analysis.spikes.counted[row]).collect();
    let neurons: f64 = counted.iter().map(|&row| f64::from(data.populations()[row].neurons)).sum();
    let spikes = analysis.spikes.counts.select(Along(0), &counted).mapv(f64::from).sum_axis(Along(0));
    let bin_s = analysis.window.bin_ms() / MS_PER_S;
    let together = spikes.len().div_ceil(POINTS).max(1);
    let point = |(index, bins): (usize, &[f64])| {
        let middle = (index * together) as f64 + bins.len() as f64 / 2.0;
        (middle * bin_s, bins.iter().sum::<f64>() / (neurons * bins.len() as f64 * bin_s))
    };
    spikes.to_vec().chunks(together).enumerate().map(point).collect()
}
