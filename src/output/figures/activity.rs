//! Instantaneous rates: lines of all neurons and of a few areas, and all areas as colours.

use super::axis::{Axis, extent};
use super::colours::{BLACK, Colour, SIMULATED};
use super::figure_data::FigureData;
use super::font;
use super::heat_map::{BAR_ROOM, ColourScale, columns};
use super::picture::{Frame, Picture, Text};
use super::plot::{LEFT, Plot, SMALL, heading, legend, panel_title};
use super::stimulus_windows::{stimulus_legend, stimulus_strip, stimulus_windows};
use super::{DataOrigin, Drawn, Figure, LeftOut};
use crate::analysis::Absence;
use ndarray::{Array1, ArrayView1, Axis as Along};

/// Width of lines and of colours.
const WIDTH: f64 = 430.0;
const TOP: f64 = 116.0;
/// Left of lines: names of values and the label.
const VALUES: f64 = 70.0;
/// Least height of a line, and the gap below it.
const LINE: (f64, f64) = (56.0, 20.0);
/// Room below the time.
const BELOW: f64 = 46.0;
/// Most points of a line.
const POINTS: usize = 1000;
const MS_PER_S: f64 = 1000.0;
const NAME: &str = "rates_over_time";
/// Part of the bins whose rates colours tell apart.
const QUANTILE: f64 = 0.995;
const UNRECORDED: &str = "not all spikes recorded";

/// A line: its name, its rates in bins, and its colour.
type Line = (String, Array1<f64>, Colour);

/// Draws it.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    let colours = colours(data)?;
    let lines = lines(data);
    let row = if data.has_areas() { 15.0 } else { 24.0 };
    let height = (row * data.units.len() as f64).max(lines.len() as f64 * (LINE.0 + LINE.1));
    let names = font::widest(data.units.iter().map(|unit| unit.name.as_str()), SMALL);
    let traces = Frame::new(VALUES, TOP, WIDTH, height);
    let map = Frame { x: traces.right() + 24.0 + names + 20.0, ..traces };
    let mut picture = Picture::new(map.right() + BAR_ROOM, TOP + height + BELOW);
    let title = format!("Instantaneous rates of {}", data.units_are());
    let subtitle = format!("Spikes per neuron in bins of {} ms", data.analysis.window.bin_ms());
    heading(&mut picture, &title, &subtitle);
    let left = Frame::new(0.0, 60.0, traces.right() + 16.0, picture.height - 60.0);
    all_lines(&mut picture, traces, data, &lines);
    picture.part(left, seen_of_lines(data, &lines));
    all_units(&mut picture, map, data, &colours);
    let right = Frame { x: left.right(), width: picture.width - left.right(), ..left };
    picture.part(right, seen_of_units(data));
    let caption = format!(
        "A: the mean rate over {over}{areas}, over the whole run, start-up included; dashed, where statistics start. B: \
         the rate of every {unit}. Stripes across {units} are synchronous activity. Where a pixel is wider than a bin, it \
         shows the mean of its bins. The colours end at the {} % quantile of all bins, so that one burst does not darken \
         the rest.{}",
        QUANTILE * 100.0,
        data.unrecorded(),
        over = neurons(data),
        areas = if lines.len() > 1 { ", and those of areas in analysis.trace_areas" } else { "" },
        unit = data.units_are().trim_end_matches('s'),
        units = data.units_are(),
    );
    Ok(Figure { name: NAME, title, subtitle, caption, origins: vec![DataOrigin::Simulated], picture })
}

/// What colours mean, or why there is nothing to show.
fn colours(data: &FigureData<'_>) -> Result<ColourScale, LeftOut> {
    let highest_hz = upper_quantile(data.unit_rates_hz().iter().copied());
    let colours = ColourScale::from_zero("spikes/s per neuron", [0.0, highest_hz]);
    colours.filter(|_| highest_hz > 0.0).ok_or_else(|| {
        let reason = match data.analysis.spikes.counted.contains(&true) {
            true => "there are no spikes in the whole run".to_owned(),
            false => Absence::NotRecorded.to_string(),
        };
        LeftOut { name: NAME, reason }
    })
}

/// The neurons that the mean is over.
fn neurons(data: &FigureData<'_>) -> &'static str {
    match data.analysis.spikes.counted.contains(&false) {
        true => "all neurons that were recorded",
        false => "all neurons",
    }
}

/// The value below which [`QUANTILE`] of the bins lie, or the largest where that is 0; 0 without any.
fn upper_quantile(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    let place = (QUANTILE * last as f64).ceil() as usize;
    let (_, &mut quantile, above) = values.select_nth_unstable_by(place, f64::total_cmp);
    if quantile > 0.0 { quantile } else { above.iter().copied().fold(quantile, f64::max) }
}

/// Time in bins of the run, s.
fn time(data: &FigureData<'_>) -> Axis {
    let window = &data.analysis.window;
    Axis::linear("time (s)", (0.0, window.duration_ms().max(window.bin_ms()) / MS_PER_S))
}

/// All neurons, and the chosen areas whose spikes are known.
fn lines(data: &FigureData<'_>) -> Vec<Line> {
    let areas_hz = &data.analysis.rates.areas_hz;
    let mut lines = vec![(neurons(data).to_owned(), mean_hz(data), BLACK)];
    let chosen = data.analysis.traces.iter().filter(|_| data.has_areas());
    let known = chosen.filter(|&&area| areas_hz.row(area).iter().all(|hz| hz.is_finite()));
    lines.extend(
        known.map(|&area| (data.area_name(area).to_owned(), areas_hz.row(area).to_owned(), SIMULATED)),
    );
    lines
}

/// Rates in bins of all neurons whose spikes were counted.
fn mean_hz(data: &FigureData<'_>) -> Array1<f64> {
    let analysis = data.analysis;
    let counted: Vec<usize> =
        (0..data.populations().len()).filter(|&row| analysis.spikes.counted[row]).collect();
    let neurons: f64 = counted.iter().map(|&row| f64::from(data.populations()[row].neurons)).sum();
    let spikes = analysis.spikes.counts.select(Along(0), &counted).mapv(f64::from).sum_axis(Along(0));
    spikes / (neurons * analysis.window.bin_ms() / MS_PER_S)
}

/// Time in s and rate, at most [`POINTS`] points, each the mean of its bins.
fn points(rates_hz: ArrayView1<'_, f64>, bin_s: f64) -> Vec<(f64, f64)> {
    let together = rates_hz.len().div_ceil(POINTS).max(1);
    let point = |(index, bins): (usize, &[f64])| {
        let middle = (index * together) as f64 + bins.len() as f64 / 2.0;
        (middle * bin_s, bins.iter().sum::<f64>() / bins.len() as f64)
    };
    rates_hz.to_vec().chunks(together).enumerate().map(point).collect()
}

/// Draws the lines one below the other, each on its own axis.
fn all_lines(picture: &mut Picture, frame: Frame, data: &FigureData<'_>, lines: &[Line]) {
    panel_title(picture, frame, &format!("Mean over {}", neurons(data)));
    let window = &data.analysis.window;
    let height = (frame.height + LINE.1) / lines.len() as f64 - LINE.1;
    for (index, (name, rates_hz, colour)) in lines.iter().enumerate() {
        let frame = Frame::new(frame.x, frame.y + index as f64 * (height + LINE.1), frame.width, height);
        let points = points(rates_hz.view(), window.bin_ms() / MS_PER_S);
        let highest_hz = extent(points.iter().map(|point| point.1)).map_or(1.0, |range| range.1);
        let y = Axis::linear("spikes/s", (0.0, 1.4 * highest_hz.max(f64::MIN_POSITIVE)));
        let x = if index + 1 == lines.len() { time(data) } else { time(data).unnamed() };
        stimulus_windows(picture, frame, &x, data);
        if let (0, Some(entry)) = (index, stimulus_legend(data)) {
            legend(picture, (LEFT + VALUES, 74.0), &[entry]);
        }
        let plot = Plot::new(picture, frame, x, if height < 2.0 * LINE.0 { y.every_other() } else { y });
        plot.curve(picture, points, *colour, 1.0);
        let (words, above) = if index == 0 { ("statistics start", "") } else { ("", name.as_str()) };
        plot.vertical(picture, window.from_ms() / MS_PER_S, words);
        picture.text(Text::new((frame.x, frame.y - 7.0), above, SMALL).bold());
    }
}

fn seen_of_lines(data: &FigureData<'_>, lines: &[Line]) -> String {
    let from = data.analysis.window.first_counted_bin();
    let of_line = |(name, rates_hz, _): &Line| {
        let counted = rates_hz.iter().skip(from.min(rates_hz.len().saturating_sub(1)));
        let (low, high) = extent(counted.copied()).unwrap_or_default();
        format!("{name}, between {low:.1} and {high:.1} spikes/s")
    };
    let lines: Vec<String> = lines.iter().map(of_line).collect();
    let end_s = data.analysis.window.duration_ms() / MS_PER_S;
    format!("Lines of the rate over {end_s} s: {}.", lines.join("; "))
}

fn all_units(picture: &mut Picture, frame: Frame, data: &FigureData<'_>, colours: &ColourScale) {
    let rates_hz = data.unit_rates_hz();
    panel_title(picture, frame, if data.has_areas() { "All areas" } else { "All populations" });
    legend(picture, (frame.x, 74.0), &colours.beyond(rates_hz.iter().copied(), (UNRECORDED, UNRECORDED)));
    columns(picture, frame, rates_hz.view(), colours);
    stimulus_strip(picture, frame, &time(data), data);
    let names = Axis::names("", data.units.iter().rev().map(|unit| unit.name.clone()));
    Plot::new(picture, frame, time(data), names);
    colours.bar(picture, frame);
}

fn seen_of_units(data: &FigureData<'_>) -> String {
    let rates_hz = data.unit_rates_hz();
    let means = rates_hz.rows().into_iter().map(|row| row.mean().unwrap_or(f64::NAN)).zip(&data.units);
    let mut means: Vec<_> = means.filter(|(mean, _)| mean.is_finite()).collect();
    means.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ends = match (means.first(), means.last()) {
        (Some(least), Some(most)) => format!(
            ": from {:.1} spikes/s on average in {} to {:.1} in {}",
            least.0, least.1.name, most.0, most.1.name
        ),
        _ => String::new(),
    };
    format!("Colours of the rates of {} {} over time{ends}.", data.units.len(), data.units_are())
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
