//! Instantaneous rates of areas.

use super::axis::{Axis, extent};
use super::colours::{Colour, MEASURED, SIMULATED, translucent};
use super::figure_data::FigureData;
use super::heat_map::{ColourScale, columns};
use super::picture::{Frame, Picture};
use super::plot::{Plot, heading, legend};
use super::{DataOrigin, Drawn, Figure, LeftOut};
use crate::analysis::Absence;
use crate::engine::fixed_point::Stimulus;
use ndarray::Axis as Along;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 190.0;
const TRACE: f64 = 120.0;
/// Most points of a trace.
const POINTS: usize = 1200;
const MS_PER_S: f64 = 1000.0;
const NAME: &str = "rates_over_time";
/// Part of the bins whose rates colours tell apart.
const QUANTILE: f64 = 0.995;

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
    let highest_hz = upper_quantile(rates_hz.iter().copied());
    let colours = ColourScale::from_zero("spikes/s per neuron", [0.0, highest_hz]);
    let Some(colours) = colours.filter(|_| highest_hz > 0.0) else {
        let reason = match counted.contains(&true) {
            true => "there are no spikes in the whole run".to_owned(),
            false => Absence::NotRecorded.to_string(),
        };
        return Err(LeftOut { name: NAME, reason });
    };
    let mean = mean_trace(data);
    let highest = extent(mean.iter().map(|point| point.1)).map_or(1.0, |range| range.1);
    let y = Axis::linear("spikes/s", (0.0, 1.3 * highest));
    stimulus_windows(&mut picture, trace, &time(true), data);
    let plot = Plot::new(&mut picture, trace, time(false), y);
    plot.curve(&mut picture, mean, SIMULATED, 1.0);
    plot.vertical(&mut picture, window.from_ms() / MS_PER_S, "statistics start");
    columns(&mut picture, map, rates_hz.view(), &colours);
    let names = Axis::names("", data.units.iter().rev().map(|unit| unit.name.clone()));
    Plot::new(&mut picture, map, time(true), names);
    colours.bar(&mut picture, map);
    let caption = format!(
        "Rate of every {unit} over the whole run, start-up included; dashed, where statistics start. Stripes across \
         {units} are synchronous activity. Where a pixel is wider than a bin, it shows the mean of its bins. The colours \
         end at the {} % quantile of all bins, so that one burst does not darken the rest.{}",
        QUANTILE * 100.0,
        data.unrecorded(),
        unit = data.units_are().trim_end_matches('s'),
        units = data.units_are(),
    );
    Ok(Figure { name: NAME, title, caption, origins: vec![DataOrigin::Simulated], picture })
}

/// The value below which [`QUANTILE`] of the bins lie, or the largest where that is 0; 0 without any.
fn upper_quantile(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    let place = (QUANTILE * last as f64).ceil() as usize;
    let (_, &mut quantile, above) = values.select_nth_unstable_by(place, f64::total_cmp);
    if quantile > 0.0 { quantile } else { above.iter().copied().fold(quantile, f64::max) }
}

fn stimulus_colour() -> Colour {
    translucent(MEASURED, 0x50)
}

/// Shades the times of stimuli; a spike is a line.
fn stimulus_windows(picture: &mut Picture, frame: Frame, time: &Axis, data: &FigureData<'_>) {
    let end_ms = data.analysis.window.duration_ms();
    let stimuli = &data.analysis.run.config.stimuli;
    for stimulus in stimuli {
        let (from_ms, to_ms) = match *stimulus {
            Stimulus::Spike { time_ms, .. } => (time_ms, time_ms),
            Stimulus::Poisson { from_ms, to_ms, .. } | Stimulus::Dc { from_ms, to_ms, .. } => {
                (from_ms, to_ms.unwrap_or(end_ms).min(end_ms))
            }
        };
        let x = |ms: f64| frame.x + time.place(ms / MS_PER_S).clamp(0.0, 1.0) * frame.width;
        let window = Frame { x: x(from_ms), width: (x(to_ms) - x(from_ms)).max(1.5), ..frame };
        picture.rectangle(window, stimulus_colour());
    }
    if !stimuli.is_empty() {
        legend(picture, (frame.right() - 80.0, frame.y - 12.0), &[("stimulus", stimulus_colour())]);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_burst_does_not_end_the_colours() {
        let quiet = (0..1000).map(|k| f64::from(k % 10));
        assert_eq!(upper_quantile(quiet.chain([5000.0, f64::NAN])), 9.0);
        // Where nearly all bins are empty, the others count.
        assert_eq!(upper_quantile((0..1000).map(|k| if k == 7 { 2.0 } else { 0.0 })), 2.0);
        assert_eq!((upper_quantile(std::iter::empty()), upper_quantile([0.0].into_iter())), (0.0, 0.0));
    }
}
