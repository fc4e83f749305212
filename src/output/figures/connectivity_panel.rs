//! A matrix between areas, in an order, with borders around groups.

use super::axis::extent;
use super::colours::{BLACK, GREY};
use super::figure_data::FigureData;
use super::heat_map::{BAR_ROOM, ColourScale, cells, column_names, row_names};
use super::picture::{Frame, Picture, Text};
use super::plot::{MEDIUM, SMALL, legend, panel_title};
use super::{Anchor, font};
use ndarray::Array2;

/// Side of the matrix, and least side of a cell.
const SIDE: f64 = 420.0;
const CELL: f64 = 12.0;
const TOP: f64 = 112.0;
/// How much wider bold words are, at most.
const BOLD: f64 = 1.2;

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
    /// Title, if there are several panels.
    pub title: Option<&'a str>,
    /// The matrix, areas in the order of the run.
    pub matrix: &'a Array2<f64>,
    /// Whether rows have abbreviations in place of names, as where they follow a panel that has names.
    pub is_short: bool,
    /// What is in the matrix, for those who do not see it.
    pub what: &'a str,
}

/// Colours of correlations that are compared: one scale, with 0 in the middle. `None` if no two areas have one.
pub fn colours<'m>(matrices: impl IntoIterator<Item = &'m Array2<f64>>) -> Option<ColourScale> {
    let off_diagonal =
        |matrix: &'m Array2<f64>| matrix.indexed_iter().filter(|((row, column), _)| row != column);
    let values = matrices.into_iter().flat_map(off_diagonal).map(|(_, &value)| value);
    ColourScale::signed("correlation", values)
}

/// Draws the panel to the right of what the picture has, and makes the picture as large as it needs. The diagonal, which
/// is 1 by definition, is grey.
pub fn draw(
    picture: &mut Picture,
    data: &FigureData<'_>,
    (grouping, colours): (&Grouping, &ColourScale),
    panel: &Panel<'_>,
) {
    let order = &grouping.order;
    let name = |&area: &usize| if panel.is_short { &data.units[area].short } else { &data.units[area].name };
    let names: Vec<&str> = order.iter().map(|area| name(area).as_str()).collect();
    let shorts: Vec<&str> = order.iter().map(|&area| data.units[area].short.as_str()).collect();
    let n = order.len() as f64;
    let (left, side) = (picture.width, n * (SIDE / n).floor().max(CELL));
    let groups =
        left + 12.0 + BOLD * font::widest(grouping.groups.iter().map(|group| group.0.as_str()), SMALL);
    let frame = Frame::new(groups + 20.0 + font::widest(names.iter().copied(), SMALL), TOP, side, side);
    let below = 6.0 + font::widest(shorts.iter().copied(), SMALL) + 14.0;
    picture.width = frame.right() + BAR_ROOM;
    picture.height = frame.bottom() + below + 14.0;
    if let Some(title) = panel.title {
        panel_title(picture, frame, title);
    }
    let matrix = panel.matrix;
    let n = order.len();
    let mut shown = Array2::from_shape_fn((n, n), |(row, column)| matrix[[order[row], order[column]]]);
    shown.diag_mut().fill(0.0);
    let is_known = shown.iter().all(|value| value.is_finite());
    let grey = if is_known { "the same area" } else { "the same area, or no correlation" };
    legend(picture, (frame.x, 72.0), &[(grey, colours.missing())]);
    shown.diag_mut().fill(f64::NAN);
    cells(picture, frame, shown.view(), colours);
    row_names(picture, frame, names.into_iter());
    column_names(picture, frame, shorts.into_iter());
    let at = (frame.centre().0, frame.bottom() + below);
    picture.text(Text::new(at, data.columns_are(), MEDIUM).anchor(Anchor::Middle));
    borders(picture, frame, grouping);
    group_names(picture, frame, groups, grouping);
    colours.bar(picture, frame);
    let part = Frame::new(left, 60.0, picture.width - left, picture.height - 60.0);
    picture.part(part, seen(panel, &shown, grouping));
}

/// What there is to see in the panel.
fn seen(panel: &Panel<'_>, shown: &Array2<f64>, grouping: &Grouping) -> String {
    let (low, high) = extent(shown.iter().copied()).unwrap_or_default();
    let blocks = match grouping.groups.len() {
        1 => String::new(),
        n => format!(", in {n} blocks along the diagonal"),
    };
    format!("Matrix of {} between {} areas{blocks}, from {low:.2} to {high:.2}.", panel.what, shown.nrows())
}

/// Grey lines between groups, and a black one around each on the diagonal.
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
fn group_names(picture: &mut Picture, frame: Frame, x: f64, grouping: &Grouping) {
    let cell = frame.height / grouping.order.len() as f64;
    let mut first = 0.0;
    for (name, n) in grouping.groups.iter().filter(|group| !group.0.is_empty()) {
        let (top, bottom) = (frame.y + first * cell + 2.0, frame.y + (first + *n as f64) * cell - 2.0);
        picture.line(&[(x, top), (x, bottom)], BLACK, 2.0);
        let text = Text::new((x - 5.0, (top + bottom) / 2.0), name, SMALL).bold();
        picture.text(text.anchor(Anchor::End));
        first += *n as f64;
    }
}
