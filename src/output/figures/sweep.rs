//! A sweep: statistics over one axis as curves, over two as matrices.

use super::axis::{Axis, extent};
use super::colours::{INHIBITORY, MEASURED, SIMULATED, translucent};
use super::heat_map::{ColourScale, cells, column_names, row_names};
use super::picture::{Anchor, Frame, Mark, Picture, Point, Text};
use super::plot::{MEDIUM, Plot, SMALL, heading, legend, panel_title};
use super::{DataOrigin, Figure, font};
use crate::config::SEED;
use ndarray::Array2;

/// Panels side by side.
const COLUMNS: usize = 5;
const SIDE: f64 = 200.0;
const LEFT: f64 = 80.0;
const TOP: f64 = 112.0;
/// Between panels: names of values, and what they are of.
const GAP: (f64, f64) = (84.0, 84.0);
/// More between matrices: their colours, and names of values that run upwards.
const MORE: (f64, f64) = (66.0, 40.0);
/// Smallest cell that has its value in it.
const CELL: (f64, f64) = (34.0, 14.0);
/// Part of the range that is left free above and below.
const FREE: f64 = 0.08;
/// Most letters of a value that names a row or column.
const LETTERS: usize = 14;

/// What is varied.
#[derive(Debug, Clone, PartialEq)]
pub struct SweptAxis {
    /// Keys that move together.
    pub keys: Vec<String>,
    /// Their values at each step, one for each key.
    pub values: Vec<Vec<String>>,
}

impl SweptAxis {
    /// What the steps are called: their values, or their numbers if a value is a long list.
    fn names(&self) -> Vec<String> {
        let values = self.values.iter().map(|step| short(&step.join(", "))).collect();
        if self.is_numbered() {
            (1..=self.values.len()).map(|step| step.to_string()).collect()
        } else {
            values
        }
    }

    fn is_numbered(&self) -> bool {
        let is_list = |value: &String| value.starts_with('[') && value.chars().count() > LETTERS;
        self.values.iter().flatten().any(is_list)
    }

    /// What the name of the axis has to say of that.
    fn numbered(&self) -> &'static str {
        if self.is_numbered() { ", in the order of sweep.ron" } else { "" }
    }
}

/// A statistic of every combination of values.
#[derive(Debug, Clone, PartialEq)]
pub struct SweptStatistic {
    /// What it is.
    pub title: &'static str,
    /// Its unit, or its name where it has none.
    pub label: &'static str,
    /// Of each combination, the last axis fastest, the values that its seeds have.
    pub cells: Vec<Vec<f64>>,
    /// Published values over the first key of the only axis.
    pub published: Vec<(f64, f64)>,
}

impl SweptStatistic {
    /// Whether there is something to draw.
    fn is_known(&self) -> bool {
        !self.published.is_empty() || self.cells.iter().any(|seeds| !seeds.is_empty())
    }

    fn means(&self) -> impl Iterator<Item = f64> {
        self.cells.iter().map(|seeds| seeds.iter().sum::<f64>() / seeds.len() as f64)
    }
}

/// Draws the statistics that some run has, over one axis or two; `None` over more, or if there are none.
pub fn sweep(
    name: &str,
    n_seeds: usize,
    axes: &[SweptAxis],
    statistics: &[SweptStatistic],
) -> Option<Figure> {
    let statistics: Vec<&SweptStatistic> =
        statistics.iter().filter(|statistic| statistic.is_known()).collect();
    if statistics.is_empty() {
        return None;
    }
    let more = if axes.len() == 2 { MORE } else { (0.0, 0.0) };
    let step = (SIDE + GAP.0 + more.0, SIDE + GAP.1 + more.1);
    let rows = statistics.len().div_ceil(COLUMNS);
    let mut picture = Picture::new(LEFT + COLUMNS as f64 * step.0 - 20.0, TOP + rows as f64 * step.1 - 10.0);
    let frame = |index: usize| {
        let (row, column) = (index / COLUMNS, index % COLUMNS);
        Frame::new(LEFT + column as f64 * step.0, TOP + row as f64 * step.1, SIDE, SIDE)
    };
    let title = format!("Sweep {name}");
    let subtitle = match axes {
        [axis] => format!("Over {}", axis.keys.join(", ")),
        _ if n_seeds == 1 => "One seed of each combination".to_owned(),
        _ => format!("Mean over {n_seeds} seeds of each combination"),
    };
    heading(&mut picture, &title, &subtitle);
    let caption = match axes {
        [axis] => {
            curves_legend(&mut picture, n_seeds, &statistics);
            for (index, statistic) in statistics.into_iter().enumerate() {
                curve(&mut picture, frame(index), axis, statistic);
            }
            "Each statistic over what is varied: line and discs, mean over seeds; band, their range. × marks points \
             without a value: their runs failed, were not made, or lack the statistic."
        }
        [rows, columns] => {
            for (index, statistic) in statistics.into_iter().enumerate() {
                matrix(&mut picture, frame(index), (rows, columns), statistic);
            }
            "Each statistic over both things that are varied, mean over seeds. × marks combinations without a value: \
             their runs failed, were not made, or lack the statistic."
        }
        _ => return None,
    };
    let origins = vec![DataOrigin::Simulated];
    Some(Figure { name: "sweep", title, subtitle, caption: caption.to_owned(), origins, picture })
}

fn curves_legend(picture: &mut Picture, n_seeds: usize, statistics: &[&SweptStatistic]) {
    let mut entries = vec![("simulated", SIMULATED)];
    if n_seeds > 1 {
        entries = vec![
            ("simulated, mean over seeds", SIMULATED),
            ("range over seeds", translucent(SIMULATED, 0x40)),
        ];
    }
    if statistics.iter().any(|statistic| !statistic.published.is_empty()) {
        entries.push(("published, full scale", MEASURED));
    }
    legend(picture, (LEFT, 70.0), &entries);
}

/// The axis in numbers where all values of its first key are, else in names, and the place of each step.
fn horizontal(axis: &SweptAxis, published: &[(f64, f64)]) -> (Axis, Vec<f64>) {
    let numbers: Option<Vec<f64>> =
        axis.values.iter().map(|step| step[0].parse().ok().filter(|value: &f64| value.is_finite())).collect();
    let label = match axis.keys.as_slice() {
        [key] => key.clone(),
        keys => format!("{} (with {})", keys[0], keys[1..].join(", ")),
    } + axis.numbered();
    match numbers {
        Some(numbers) => {
            let (low, high) = extent(numbers.iter().copied().chain(published.iter().map(|point| point.0)))
                .unwrap_or((0.0, 1.0));
            let free = 0.04 * (high - low);
            let mut line = Axis::linear(&label, (low - free, high + free));
            if numbers.iter().all(|number| number.fract() == 0.0) {
                line.ticks.retain(|(value, _)| (value - value.round()).abs() < 1e-9);
                line.ticks.iter_mut().for_each(|(value, name)| *name = format!("{value:.0}"));
            }
            (line, numbers)
        }
        None => {
            let places = (0..axis.values.len()).map(|step| step as f64 + 0.5).collect();
            (Axis::names(&label, axis.names()), places)
        }
    }
}

fn curve(picture: &mut Picture, frame: Frame, axis: &SweptAxis, statistic: &SweptStatistic) {
    panel_title(picture, frame, statistic.title);
    let published = &statistic.published;
    let values = statistic.cells.iter().flatten().copied().chain(published.iter().map(|point| point.1));
    let (low, high) = extent(values).unwrap_or((0.0, 1.0));
    let (x, places) = horizontal(axis, published);
    let free = if high > low { FREE * (high - low) } else { 0.5 * high.abs().max(1e-3) };
    let plot = Plot::new(picture, frame, x, Axis::linear(statistic.label, (low - free, high + free)));
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|&a, &b| places[a].total_cmp(&places[b]));
    band(picture, &plot, order.iter().map(|&step| (places[step], statistic.cells[step].as_slice())));
    plot.curve(picture, published.iter().copied(), MEASURED, 1.4);
    plot.dots(picture, published.iter().copied(), 2.2, MEASURED);
    let means: Vec<f64> = statistic.means().collect();
    let line: Vec<(f64, f64)> = order.iter().map(|&step| (places[step], means[step])).collect();
    // Between two seeds there is nothing.
    if axis.keys != [SEED] {
        plot.curve(picture, line.iter().copied(), SIMULATED, 1.8);
    }
    plot.dots(picture, line, 3.0, SIMULATED);
    for step in order.into_iter().filter(|&step| statistic.cells[step].is_empty()) {
        missing(picture, (plot.at(places[step], f64::NAN).0, frame.bottom() - 9.0));
    }
}

/// Marks a point without a value.
fn missing(picture: &mut Picture, at: Point) {
    picture.text(Text::new(at, "×", MEDIUM).anchor(Anchor::Middle).colour(INHIBITORY).bold());
}

/// The range over seeds, between neighbours that both have one.
fn band<'a>(picture: &mut Picture, plot: &Plot, steps: impl Iterator<Item = (f64, &'a [f64])>) {
    let ranges: Vec<(f64, Option<(f64, f64)>)> =
        steps.map(|(place, seeds)| (place, extent(seeds.iter().copied()))).collect();
    for pair in ranges.windows(2) {
        if let [(from, Some(left)), (to, Some(right))] = *pair {
            let corners = [(from, left.0), (from, left.1), (to, right.1), (to, right.0)];
            let corners = corners.map(|(x, y)| plot.at(x, y)).to_vec();
            picture.marks.push(Mark::Polygon(corners, translucent(SIMULATED, 0x40)));
        }
    }
}

fn matrix(
    picture: &mut Picture,
    frame: Frame,
    (rows, columns): (&SweptAxis, &SweptAxis),
    statistic: &SweptStatistic,
) {
    panel_title(picture, frame, statistic.title);
    let shape = (rows.values.len(), columns.values.len());
    // Values rise upwards.
    let means: Vec<f64> = statistic.means().collect();
    let values = Array2::from_shape_fn(shape, |(row, column)| means[(shape.0 - 1 - row) * shape.1 + column]);
    let Some(scale) = ColourScale::linear(statistic.label, values.iter().copied()) else {
        return;
    };
    cells(picture, frame, values.view(), &scale);
    scale.bar(picture, frame);
    let (below, mut beside) = (columns.names(), rows.names());
    beside.reverse();
    row_names(picture, frame, beside.iter().map(String::as_str));
    column_names(picture, frame, below.iter().map(String::as_str));
    let widest = |names: &[String]| font::widest(names.iter().map(String::as_str), SMALL);
    let at = (frame.centre().0, frame.bottom() + 18.0 + widest(&below));
    picture.text(Text::new(at, columns.keys.join(", ") + columns.numbered(), MEDIUM).anchor(Anchor::Middle));
    let at = (frame.x - 18.0 - widest(&beside), frame.centre().1);
    picture
        .text(Text::new(at, rows.keys.join(", ") + rows.numbered(), MEDIUM).anchor(Anchor::Middle).upwards());
    numbers(picture, frame, &values, &scale);
}

/// Writes the values into their cells if there is room, and marks cells without one.
fn numbers(picture: &mut Picture, frame: Frame, values: &Array2<f64>, scale: &ColourScale) {
    let (n_rows, n_columns) = values.dim();
    let (width, height) = (frame.width / n_columns as f64, frame.height / n_rows as f64);
    let centre = |(row, column): (usize, usize)| {
        (frame.x + (column as f64 + 0.5) * width, frame.y + (row as f64 + 0.5) * height)
    };
    values
        .indexed_iter()
        .filter(|(_, value)| !value.is_finite())
        .for_each(|(cell, _)| missing(picture, centre(cell)));
    if width < CELL.0 || height < CELL.1 {
        return;
    }
    for ((row, column), &value) in values.indexed_iter().filter(|(_, value)| value.is_finite()) {
        let at = centre((row, column));
        let decimals = if value.abs() < 0.1 { 4 } else { 2 };
        let text = Text::new(at, format!("{value:.decimals$}").replace('-', "−"), SMALL - 1.0);
        picture.text(text.anchor(Anchor::Middle).colour(scale.ink(value)));
    }
}

/// The start of a long value.
fn short(value: &str) -> String {
    let is_long = value.chars().count() > LETTERS;
    if is_long { value.chars().take(LETTERS - 1).chain(['…']).collect() } else { value.to_owned() }
}
