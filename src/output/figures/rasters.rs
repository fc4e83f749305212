//! Spike rasters of a few areas beside box plots of rate, CV ISI and correlation of their populations.

use super::axis::{Axis, extent, thousands};
use super::box_plot;
use super::colours::{Colour, EXCITATORY, GREY, INHIBITORY, WHITE, of_population, rgb};
use super::figure_data::FigureData;
use super::picture::{DENSITY, Frame, Mark, Picture, Text};
use super::plot::{MEDIUM, Plot, SMALL, absent, heading, legend, panel_title};
use super::stimulus_windows::{stimulus_legend, stimulus_windows};
use super::{DataOrigin, Drawn, Figure, LeftOut, font};
use crate::analysis::{Absence, Known, PopulationSamples, PopulationStatistics, Raster};
use image::RgbImage;

const LEFT: f64 = 80.0;
const TOP: f64 = 116.0;
const RASTER: (f64, f64) = (440.0, 210.0);
const BOX: f64 = 150.0;
const GAP: f64 = 24.0;
/// Room for names of populations left of the boxes.
const NAMES: f64 = 84.0;
const ROW: f64 = RASTER.1 + 84.0;
/// Least distance between names of layers, CSS pixels.
const NAME_DISTANCE: f64 = 12.0;
/// Below so many spikes, dots have sides of so many pixels.
const DOTS: [(usize, usize); 2] = [(4000, 2 * DENSITY), (15_000, 3 * DENSITY / 2)];
const MS_PER_S: f64 = 1000.0;

/// One column of box plots.
struct Statistic {
    title: &'static str,
    label: &'static str,
    samples: fn(&PopulationSamples) -> &[f64],
    value: fn(&PopulationStatistics) -> &Known<f64>,
}

const STATISTICS: [Statistic; 3] = [
    Statistic {
        title: "Rate",
        label: "spikes/s",
        samples: |samples| &samples.rate_hz,
        value: |found| &found.rate_hz,
    },
    Statistic {
        title: "CV ISI",
        label: "CV",
        samples: |samples| &samples.cv_isi,
        value: |found| &found.cv_isi,
    },
    Statistic {
        title: "Correlation",
        label: "coefficient",
        samples: |samples| &samples.correlation,
        value: |found| &found.correlation,
    },
];

/// Draws it.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    let rasters = &data.analysis.rasters;
    if rasters.is_empty() {
        let reason = "no area is named in analysis.raster_areas".to_owned();
        return Err(LeftOut { name: "rasters", reason });
    }
    if data.analysis.spikes.populations.iter().all(|found| found.rate_hz.is_err())
        && rasters.iter().all(|raster| raster.spikes.is_empty())
    {
        return Err(LeftOut { name: "rasters", reason: nothing(&rasters[0]) });
    }
    let width = LEFT + RASTER.0 + NAMES + 3.0 * (BOX + GAP) + 4.0;
    let mut picture = Picture::new(width, TOP + rasters.len() as f64 * ROW - 16.0);
    let title = "Spikes, and statistics of single neurons";
    let subtitle = "Each dot a spike, each line a neuron; boxes: quartiles and median, whiskers to the last value within \
                    1.5 interquartile ranges";
    heading(&mut picture, title, subtitle);
    let kinds = [("E excitatory", EXCITATORY), ("I inhibitory", INHIBITORY)].into_iter();
    legend(&mut picture, (LEFT, 74.0), &kinds.chain(stimulus_legend(data)).collect::<Vec<_>>());
    let axes = STATISTICS.map(|statistic| common_axis(data, &statistic));
    for (index, raster) in rasters.iter().enumerate() {
        let top = TOP + index as f64 * ROW;
        spikes(&mut picture, Frame::new(LEFT, top, RASTER.0, RASTER.1), data, raster);
        for (column, (statistic, axis)) in STATISTICS.iter().zip(&axes).enumerate() {
            let x = LEFT + RASTER.0 + NAMES + column as f64 * (BOX + GAP);
            let frame = Frame::new(x, top, BOX, RASTER.1);
            boxes(&mut picture, frame, data, (raster, statistic, axis.as_ref(), column == 0));
        }
        parts(&mut picture, index, data, raster);
    }
    let options = &data.analysis.run.config.analysis;
    let shown = match options.raster_fraction {
        Some(fraction) => {
            format!("of each population {} % of the neurons are shown, evenly spaced", fraction * 100.0)
        }
        None => format!(
            "if an area has more than {} neurons, evenly spaced ones are shown",
            options.raster_neurons
        ),
    };
    let caption = format!(
        "Spikes of {}, {} to {} ms of the run, layer by layer; {}. Boxes, from {} ms on, each statistic on one axis for all areas: rates of all neurons, CV of interspike \
         intervals of neurons with at least {} spikes, and correlation coefficients of spike counts between pairs of up \
         to {} neurons.",
        rasters.iter().map(|raster| data.area_name(raster.area)).collect::<Vec<_>>().join(", "),
        rasters[0].from_ms,
        rasters[0].to_ms,
        shown,
        data.analysis.window.from_ms(),
        options.min_spikes,
        options.pair_neurons,
    );
    Ok(Figure {
        name: "rasters",
        title: title.to_owned(),
        subtitle: subtitle.to_owned(),
        caption,
        origins: vec![DataOrigin::Simulated],
        picture,
    })
}

/// The parts of a row: its raster, and its boxes.
fn parts(picture: &mut Picture, index: usize, data: &FigureData<'_>, raster: &Raster) {
    let top = if index == 0 { 60.0 } else { TOP + index as f64 * ROW - 26.0 };
    let bottom = (TOP + (index + 1) as f64 * ROW - 26.0).min(picture.height);
    let edge = LEFT + RASTER.0 + NAMES - 50.0;
    let (area, n) = (data.area_name(raster.area), raster.spikes.len());
    let (from_ms, to_ms) = (raster.from_ms, raster.to_ms);
    let left = Frame::new(0.0, top, edge, bottom - top);
    picture
        .part(left, format!("Raster of {n} spikes of {area} from {from_ms} to {to_ms} ms, layer by layer."));
    let medians = STATISTICS.iter().filter_map(|statistic| {
        let (low, high) = extent(summaries(data, raster, statistic).flatten().map(|summary| summary[2]))?;
        Some(format!("{}: medians from {low:.2} to {high:.2} {}", statistic.title, statistic.label))
    });
    let mut medians: Vec<String> = medians.collect();
    if medians.is_empty() {
        medians.push("None of 3 statistics is known".to_owned());
    }
    let seen = format!("Box plots of the populations of {area}. {}.", medians.join("; "));
    picture.part(Frame { x: edge, width: picture.width - edge, ..left }, seen);
}

fn spikes(picture: &mut Picture, frame: Frame, data: &FigureData<'_>, raster: &Raster) {
    let lines: u32 = raster.populations.iter().map(|population| population.1).sum();
    let all = data.analysis.areas[raster.area].rows.len() == raster.populations.len();
    let neurons = if all { "neurons" } else { "recorded neurons" };
    let there: u32 = raster.populations.iter().map(|&(row, _)| data.populations()[row].neurons).sum();
    let shown = match lines == there {
        true => format!("all {} {neurons}", thousands(lines.into())),
        false => format!("{} of {} {neurons}", thousands(lines.into()), thousands(there.into())),
    };
    panel_title(picture, frame, &format!("{} ({shown})", data.area_name(raster.area)));
    if raster.spikes.is_empty() {
        return absent(picture, frame, &nothing(raster));
    }
    picture.marks.push(Mark::Image(frame, image(frame, data, raster, lines)));
    let x = Axis::linear("time (s)", (raster.from_ms / MS_PER_S, raster.to_ms / MS_PER_S));
    stimulus_windows(picture, frame, &x, data);
    Plot::new(picture, frame, x, Axis { range: (0.0, 1.0), ..Axis::names("", []) });
    let layers = layers(data, raster);
    for &(_, first, _) in layers.iter().skip(1) {
        let y = frame.y + f64::from(first) / f64::from(lines) * frame.height;
        picture.line(&[(frame.x - 6.0, y), (frame.right(), y)], GREY, 0.8);
    }
    for (name, y) in layer_names(frame, &layers, lines) {
        let text = Text::new((frame.x - 6.0, y), name, SMALL);
        picture.text(text.anchor(super::Anchor::End));
    }
    let label = Text::new((frame.x - 56.0, frame.centre().1), "neurons by layer", MEDIUM);
    picture.text(label.anchor(super::Anchor::Middle).upwards());
}

/// Why a raster has no spikes.
fn nothing(raster: &Raster) -> String {
    let Raster { from_ms, to_ms, populations, .. } = raster;
    match populations.is_empty() {
        true => Absence::NotRecorded.to_string(),
        false => format!("no spikes from {from_ms} to {to_ms} ms"),
    }
}

/// Spikes as pixels, the first population on top.
fn image(frame: Frame, data: &FigureData<'_>, raster: &Raster, lines: u32) -> RgbImage {
    let columns = frame.width as usize * DENSITY;
    let rows = frame.height as usize * DENSITY;
    let colours: Vec<Colour> = raster
        .populations
        .iter()
        .flat_map(|&(row, n)| {
            std::iter::repeat_n(of_population(&data.populations()[row].population), n as usize)
        })
        .collect();
    let mut pixels = RgbImage::from_pixel(columns as u32, rows as u32, rgb(WHITE));
    let side = DOTS.into_iter().find(|dot| raster.spikes.len() < dot.0).map_or(DENSITY, |dot| dot.1);
    for &(time_ms, line) in &raster.spikes {
        let place = (time_ms - raster.from_ms) / (raster.to_ms - raster.from_ms);
        let column = ((place * columns as f64) as usize).min(columns - side);
        let row = line as usize * rows / lines as usize;
        for y in row..(row + side).min(rows) {
            for x in column..column + side {
                pixels.put_pixel(x as u32, y as u32, rgb(colours[line as usize]));
            }
        }
    }
    pixels
}

/// Layers of a raster: name, first line and number of lines.
fn layers<'a>(data: &'a FigureData<'_>, raster: &Raster) -> Vec<(&'a str, u32, u32)> {
    let layer = |row: usize| data.populations()[row].layer.as_str();
    let mut first = 0;
    let layers = raster.populations.chunk_by(|a, b| layer(a.0) == layer(b.0)).map(|same| {
        let n = same.iter().map(|population| population.1).sum();
        first += n;
        (layer(same[0].0), first - n, n)
    });
    layers.collect()
}

/// Names of layers at the middle of their lines, no closer than they are high.
fn layer_names(frame: Frame, layers: &[(&str, u32, u32)], lines: u32) -> Vec<(String, f64)> {
    let name = |&(name, first, n): &(&str, u32, u32)| {
        let middle = f64::from(first) + f64::from(n) / 2.0;
        (name.to_owned(), frame.y + middle / f64::from(lines) * frame.height)
    };
    let mut names: Vec<(String, f64)> = layers.iter().map(name).collect();
    let mut lowest = frame.bottom() - 4.0;
    for (_, y) in names.iter_mut().rev() {
        *y = y.min(lowest);
        lowest = *y - NAME_DISTANCE;
    }
    names
}

fn boxes(
    picture: &mut Picture,
    frame: Frame,
    data: &FigureData<'_>,
    (raster, statistic, axis, is_first): (&Raster, &Statistic, Option<&Axis>, bool),
) {
    panel_title(picture, frame, statistic.title);
    let found = &data.analysis.spikes;
    let rows: Vec<usize> = raster.populations.iter().map(|population| population.0).collect();
    let summaries: Vec<Option<[f64; 5]>> = summaries(data, raster, statistic).collect();
    let Some(axis) = axis.filter(|_| summaries.iter().any(Option::is_some)) else {
        let why = rows.iter().find_map(|&row| (statistic.value)(&found.populations[row]).as_ref().err());
        let why = why.unwrap_or(&Absence::NotRecorded).to_string();
        return absent(picture, frame, &why);
    };
    if summaries.iter().flatten().flatten().all(|&value| value == 0.0) {
        return absent(picture, frame, "0 in every neuron");
    }
    let name = |&row: &usize| {
        let population = &data.populations()[row];
        format!("{} {}", population.layer, population.population)
    };
    let y = Axis::names("", rows.iter().rev().map(name));
    let plot = Plot::new(picture, frame, axis.clone(), if is_first { y } else { y.unnamed() });
    let (n, step) = (rows.len(), frame.height / rows.len() as f64);
    for (index, (&row, summary)) in rows.iter().zip(summaries).enumerate() {
        let y = (n - index) as f64 - 0.5;
        match summary {
            Some(summary) => {
                let colour = of_population(&data.populations()[row].population);
                box_plot::draw(picture, &plot, y, 0.55 * step, summary, colour);
            }
            None => {
                let at = (frame.centre().0, plot.at(f64::NAN, y).1);
                let text = Text::new(at, "none", SMALL).anchor(super::Anchor::Middle);
                picture.text(text.colour(GREY));
            }
        }
    }
}

/// What the boxes of an area's populations show.
fn summaries(
    data: &FigureData<'_>,
    raster: &Raster,
    statistic: &Statistic,
) -> impl Iterator<Item = Option<[f64; 5]>> {
    let samples = |&(row, _): &(usize, u32)| (statistic.samples)(&data.analysis.spikes.samples[row]);
    raster.populations.iter().map(move |population| box_plot::summary(samples(population)))
}

/// The axis on which a statistic of all areas has its place; `None` if no neuron has it.
fn common_axis(data: &FigureData<'_>, statistic: &Statistic) -> Option<Axis> {
    let rasters = data.analysis.rasters.iter();
    let all = rasters.flat_map(|raster| summaries(data, raster, statistic)).flatten().flatten();
    let (low, high) = extent(all)?;
    let pad = |low: f64| (0.05 * (high - low)).max(1e-3);
    let low = if low >= 0.0 { 0.0 } else { low - pad(low) };
    Some(few_ticks(Axis::linear(statistic.label, (low, high + pad(low)))))
}

/// Every other name, where the frame is narrow.
fn few_ticks(axis: Axis) -> Axis {
    let widest = font::widest(axis.ticks.iter().map(|tick| tick.1.as_str()), SMALL);
    let most = (BOX / (widest + 8.0)) as usize;
    let every = axis.ticks.len().div_ceil(most.max(2));
    let zero = axis.ticks.iter().position(|tick| tick.0.abs() < 1e-12).unwrap_or(0);
    let kept = axis.ticks.into_iter().enumerate().filter(|(i, _)| i.abs_diff(zero) % every == 0);
    Axis { ticks: kept.map(|(_, tick)| tick).collect(), ..axis }
}
