//! Spike rasters of a few areas beside box plots of rate, CV ISI and correlation of their populations.

use super::axis::{Axis, extent};
use super::box_plot;
use super::colours::{Colour, EXCITATORY, INHIBITORY, WHITE, of_population, rgb};
use super::figure_data::FigureData;
use super::picture::{DENSITY, Frame, Mark, Picture, Text};
use super::plot::{Plot, SMALL, absent, heading, legend, panel_title};
use super::{DataOrigin, Drawn, Figure, LeftOut};
use crate::analysis::{Absence, Known, PopulationSamples, PopulationStatistics, Raster};
use image::RgbImage;

const LEFT: f64 = 80.0;
const TOP: f64 = 116.0;
const RASTER: (f64, f64) = (440.0, 210.0);
const BOX: f64 = 170.0;
const GAP: f64 = 26.0;
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
    let width = LEFT + RASTER.0 + NAMES + 3.0 * (BOX + GAP) + 4.0;
    let mut picture = Picture::new(width, TOP + rasters.len() as f64 * ROW - 16.0);
    let title = "Spikes, and statistics of single neurons";
    heading(
        &mut picture,
        title,
        "Each dot a spike, each line a neuron; boxes: quartiles, median, whiskers from the 5th to the 95th percentile",
    );
    legend(&mut picture, (LEFT, 74.0), &[("E excitatory", EXCITATORY), ("I inhibitory", INHIBITORY)]);
    for (index, raster) in rasters.iter().enumerate() {
        let top = TOP + index as f64 * ROW;
        spikes(&mut picture, Frame::new(LEFT, top, RASTER.0, RASTER.1), data, raster);
        for (column, statistic) in STATISTICS.iter().enumerate() {
            let x = LEFT + RASTER.0 + NAMES + column as f64 * (BOX + GAP);
            boxes(&mut picture, Frame::new(x, top, BOX, RASTER.1), data, (raster, statistic, column == 0));
        }
    }
    let options = &data.analysis.run.config.analysis;
    let caption = format!(
        "Left: spikes of {}, {} to {} ms of the run; where an area has more than {} neurons, every so-many-th is \
         shown. Right, from {} ms on: rates of all neurons, CV of interspike intervals of neurons with at least {} \
         spikes, and correlation coefficients of spike counts between pairs of up to {} neurons.",
        rasters.iter().map(|raster| data.area_name(raster.area)).collect::<Vec<_>>().join(", "),
        rasters[0].from_ms,
        rasters[0].to_ms,
        options.raster_neurons,
        data.analysis.window.from_ms(),
        options.min_spikes,
        options.pair_neurons,
    );
    Ok(Figure {
        name: "rasters",
        title: title.to_owned(),
        caption,
        origins: vec![DataOrigin::Simulated],
        picture,
    })
}

fn spikes(picture: &mut Picture, frame: Frame, data: &FigureData<'_>, raster: &Raster) {
    let lines: u32 = raster.populations.iter().map(|population| population.1).sum();
    let all = data.analysis.areas[raster.area].rows.len() == raster.populations.len();
    let neurons = if all { "neurons" } else { "neurons that were recorded" };
    let shown = match raster.stride {
        1 => format!("{lines} {neurons}"),
        stride => format!("1 of {stride} {neurons}"),
    };
    panel_title(picture, frame, &format!("{} ({shown})", data.area_name(raster.area)));
    if raster.to_ms <= raster.from_ms {
        let why = format!(
            "the raster starts at {} ms, and the run ends at {} ms",
            raster.from_ms,
            data.analysis.window.duration_ms()
        );
        return absent(picture, frame, &why);
    }
    if raster.populations.is_empty() {
        return absent(picture, frame, &Absence::NotRecorded.to_string());
    }
    if raster.spikes.is_empty() {
        return absent(picture, frame, &format!("no spikes from {} to {} ms", raster.from_ms, raster.to_ms));
    }
    picture.marks.push(Mark::Image(frame, image(frame, data, raster, lines)));
    let x = Axis::linear("time (s)", (raster.from_ms / MS_PER_S, raster.to_ms / MS_PER_S));
    Plot::new(picture, frame, x, Axis { range: (0.0, 1.0), ..Axis::names("", []) });
    for (name, y) in layer_names(frame, data, raster, lines) {
        let text = Text::new((frame.x - 6.0, y), name, SMALL);
        picture.text(text.anchor(super::Anchor::End));
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

/// Names of layers at the middle of their lines, no closer than they are high.
fn layer_names(frame: Frame, data: &FigureData<'_>, raster: &Raster, lines: u32) -> Vec<(String, f64)> {
    let (mut names, mut first): (Vec<(String, f64)>, u32) = (Vec::new(), 0);
    let layer = |row: usize| &data.populations()[row].layer;
    for same in raster.populations.chunk_by(|a, b| layer(a.0) == layer(b.0)) {
        let n: u32 = same.iter().map(|population| population.1).sum();
        let middle = f64::from(first) + f64::from(n) / 2.0;
        names.push((layer(same[0].0).clone(), frame.y + middle / f64::from(lines) * frame.height));
        first += n;
    }
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
    (raster, statistic, is_first): (&Raster, &Statistic, bool),
) {
    panel_title(picture, frame, statistic.title);
    let found = &data.analysis.spikes;
    let rows: Vec<usize> = raster.populations.iter().map(|population| population.0).collect();
    let summaries: Vec<Option<[f64; 5]>> =
        rows.iter().map(|&row| box_plot::summary((statistic.samples)(&found.samples[row]))).collect();
    let Some((low, high)) = extent(summaries.iter().flatten().flatten().copied()) else {
        let why = rows.iter().find_map(|&row| (statistic.value)(&found.populations[row]).as_ref().err());
        let why = why.unwrap_or(&Absence::NotRecorded).to_string();
        return absent(picture, frame, &why);
    };
    if low == 0.0 && high == 0.0 {
        return absent(picture, frame, "0 in every neuron");
    }
    let pad = (0.05 * (high - low)).max(1e-3);
    let low = if low >= 0.0 { 0.0 } else { low - pad };
    let x = few_ticks(Axis::linear(statistic.label, (low, high + pad)));
    let name = |&row: &usize| {
        let population = &data.populations()[row];
        format!("{} {}", population.layer, population.population)
    };
    let y = Axis::names("", rows.iter().rev().map(name));
    let plot = Plot::new(picture, frame, x, if is_first { y } else { y.unnamed() });
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
                picture.text(text.colour(super::colours::GREY));
            }
        }
    }
}

/// Every other name, where the frame is narrow.
fn few_ticks(axis: Axis) -> Axis {
    let widest = axis.ticks.iter().map(|tick| super::font::width(&tick.1, SMALL, false)).fold(1.0, f64::max);
    let most = (BOX / (widest + 8.0)) as usize;
    let every = axis.ticks.len().div_ceil(most.max(2));
    let zero = axis.ticks.iter().position(|tick| tick.0.abs() < 1e-12).unwrap_or(0);
    let kept = axis.ticks.into_iter().enumerate().filter(|(i, _)| i.abs_diff(zero) % every == 0);
    Axis { ticks: kept.map(|(_, tick)| tick).collect(), ..axis }
}
