//! A matrix between areas, in an order, with borders around groups.

use super::colours::{BLACK, GREY};
use super::figure_data::Unit;
use super::heat_map::{ColourScale, cells, column_names, row_names};
use super::picture::{Frame, Picture, Text};
use super::plot::{SMALL, panel_title};
use ndarray::Array2;

/// Areas in an order in which those of a group stand together.
pub struct Grouping {
    /// Areas, by their places in the run.
    pub order: Vec<usize>,
    /// Names of groups, and how many areas each has.
    pub groups: Vec<(String, usize)>,
}

impl Grouping {
    /// Groups in the order of `rank`, areas within them in that of the run.
    pub fn new<K: Ord>(group_of: &[String], rank: impl Fn(&str) -> K) -> Self {
        let mut order: Vec<usize> = (0..group_of.len()).collect();
        order.sort_by_key(|&area| rank(&group_of[area]));
        let groups = order.chunk_by(|&a, &b| group_of[a] == group_of[b]);
        let groups = groups.map(|group| (group_of[group[0]].clone(), group.len())).collect();
        Self { order, groups }
    }
}

/// A matrix and what it is.
pub struct Panel<'a> {
    /// Title, where there are several panels.
    pub title: Option<&'a str>,
    /// The matrix, areas in the order of the run.
    pub matrix: &'a Array2<f64>,
    /// Whether rows have names.
    pub is_named: bool,
}

/// Colours of correlations that are compared: one scale, with 0 in the middle. `None` where no two areas have one.
pub fn colours<'m>(matrices: impl IntoIterator<Item = &'m Array2<f64>>) -> Option<ColourScale> {
    let off_diagonal =
        |matrix: &'m Array2<f64>| matrix.indexed_iter().filter(|((row, column), _)| row != column);
    let values = matrices.into_iter().flat_map(off_diagonal).map(|(_, &value)| value);
    ColourScale::signed("correlation", values)
}

/// Draws the panel. The diagonal, which is 1 by definition, is grey.
pub fn draw(
    picture: &mut Picture,
    frame: Frame,
    units: &[Unit],
    (grouping, colours): (&Grouping, &ColourScale),
    panel: &Panel<'_>,
) {
    if let Some(title) = panel.title {
        panel_title(picture, frame, title);
    }
    let order = &grouping.order;
    if panel.is_named {
        row_names(picture, frame, order.iter().map(|&area| units[area].name.as_str()));
    }
    let matrix = panel.matrix;
    let n = order.len();
    let mut shown = Array2::from_shape_fn((n, n), |(row, column)| matrix[[order[row], order[column]]]);
    shown.diag_mut().fill(f64::NAN);
    cells(picture, frame, shown.view(), colours);
    column_names(picture, frame, order.iter().map(|&area| units[area].short.as_str()));
    borders(picture, frame, grouping);
    colours.bar(picture, frame);
}

/// Grey lines between groups, a black one around each on the diagonal, and names of groups on top.
fn borders(picture: &mut Picture, frame: Frame, grouping: &Grouping) {
    let cell = frame.width / grouping.order.len() as f64;
    let mut first = 0.0;
    let mut squares = Vec::new();
    for (_, n) in &grouping.groups {
        let (from, side) = (first * cell, *n as f64 * cell);
        if first > 0.0 {
            let (x, y) = (frame.x + from, frame.y + from);
            picture.line(&[(x, frame.y), (x, frame.bottom())], GREY, 1.0);
            picture.line(&[(frame.x, y), (frame.right(), y)], GREY, 1.0);
        }
        squares.push(Frame::new(frame.x + from, frame.y + from, side, side));
        first += *n as f64;
    }
    squares.into_iter().for_each(|square| picture.border(square, BLACK, 1.6));
}

/// Writes the names of groups left of the names of rows, each with a line along its rows.
pub fn group_names(picture: &mut Picture, frame: Frame, x: f64, grouping: &Grouping) {
    let cell = frame.height / grouping.order.len() as f64;
    let mut first = 0.0;
    for (name, n) in &grouping.groups {
        let (top, bottom) = (frame.y + first * cell + 2.0, frame.y + (first + *n as f64) * cell - 2.0);
        picture.line(&[(x, top), (x, bottom)], BLACK, 2.0);
        let text = Text::new((x - 5.0, (top + bottom) / 2.0), name, SMALL).bold();
        picture.text(text.anchor(super::Anchor::End));
        first += *n as f64;
    }
}
