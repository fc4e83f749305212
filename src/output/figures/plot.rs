//! A pair of axes in a frame, and what is drawn between them.

use super::axis::Axis;
use super::colours::{BLACK, Colour, GREY, LIGHT, of_population, translucent};
use super::font;
use super::picture::{Anchor, Frame, Picture, Point, Text};

/// Size of names of values, CSS pixels.
pub const SMALL: f64 = 10.0;
/// Size of labels of axes.
pub const MEDIUM: f64 = 11.5;
/// Size of titles of panels.
pub const LARGE: f64 = 13.0;
/// Size of letters of panels.
const LETTER: f64 = 13.5;
/// From a letter to the title behind it.
const LETTER_ROOM: f64 = 17.0;
/// Size of the title of a figure.
const TITLE: f64 = 17.0;
/// Left edge of titles.
pub const LEFT: f64 = 20.0;
/// Colours of which red, green, blue and opacity reach this need an edge on white.
const PALE: u8 = 0xb0;
const TICK: f64 = 4.0;
const LINE_HEIGHT: f64 = 1.5;

/// Where the label of a vertical axis stands: between names of values and what is left of them.
const LABEL_GAP: f64 = 12.0;

/// Adds title and subtitle of a figure.
pub fn heading(picture: &mut Picture, title: &str, subtitle: &str) {
    picture.text(Text::new((LEFT, 24.0), title, TITLE).bold());
    picture.text(Text::new((LEFT, 46.0), subtitle, MEDIUM).colour(GREY));
}

/// Adds the title of a panel above its frame, behind the letter by which a caption can name it: A for the first panel
/// of a picture, B for the next.
pub fn panel_title(picture: &mut Picture, frame: Frame, title: &str) {
    let n_letters = picture.texts().filter(|text| text.size == LETTER).count();
    let letter = char::from(b'A' + (n_letters % 26) as u8);
    picture.text(Text::new((frame.x, frame.y - 13.0), letter, LETTER).bold());
    picture.text(Text::new((frame.x + LETTER_ROOM, frame.y - 13.0), title, LARGE).bold());
}

/// Says in a frame why nothing is shown.
pub fn absent(picture: &mut Picture, frame: Frame, why: &str) {
    picture.rectangle(frame, [0xf6, 0xf6, 0xf6, 0xff]);
    picture.border(frame, LIGHT, 1.0);
    let lines = font::wrapped(why, MEDIUM, frame.width - 16.0);
    let (x, y) = frame.centre();
    let first = y - (lines.len() - 1) as f64 * MEDIUM * LINE_HEIGHT / 2.0;
    for (i, line) in lines.into_iter().enumerate() {
        let at = (x, first + i as f64 * MEDIUM * LINE_HEIGHT);
        picture.text(Text::new(at, line, MEDIUM).anchor(Anchor::Middle).colour(GREY));
    }
}

/// Adds a legend that starts at `at`: colours and what they mean, one beside the other.
pub fn legend(picture: &mut Picture, at: Point, entries: &[(&str, Colour)]) {
    let (mut x, y) = at;
    for (words, colour) in entries {
        let sample = Frame::new(x, y - 5.0, 14.0, 10.0);
        picture.rectangle(sample, *colour);
        if colour.iter().all(|part| *part >= PALE) {
            picture.border(sample, GREY, 0.8);
        }
        let text = Text::new((x + 19.0, y), *words, MEDIUM);
        x += 19.0 + font::width(words, MEDIUM, false) + 22.0;
        picture.text(text);
    }
}

/// A pair of axes.
#[derive(Debug, Clone)]
pub struct Plot {
    /// Where they are.
    pub frame: Frame,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis, upwards.
    pub y: Axis,
}

impl Plot {
    /// Draws axes, ticks, names and labels.
    pub fn new(picture: &mut Picture, frame: Frame, x: Axis, y: Axis) -> Self {
        let plot = Self { frame, x, y };
        plot.draw_x(picture);
        plot.draw_y(picture);
        picture.border(frame, GREY, 1.0);
        plot
    }

    fn draw_x(&self, picture: &mut Picture) {
        let (frame, bottom) = (self.frame, self.frame.bottom());
        for (value, name) in &self.x.ticks {
            let x = self.at(*value, f64::NAN).0;
            picture.line(&[(x, bottom), (x, bottom + TICK)], GREY, 1.0);
            let text = Text::new((x, bottom + 12.0), name, SMALL);
            picture.text(text.anchor(Anchor::Middle));
        }
        let label = Text::new((frame.centre().0, bottom + 30.0), &self.x.label, MEDIUM);
        picture.text(label.anchor(Anchor::Middle));
    }

    fn draw_y(&self, picture: &mut Picture) {
        let frame = self.frame;
        let mut widest: f64 = 0.0;
        for (value, name) in &self.y.ticks {
            let y = self.at(f64::NAN, *value).1;
            picture.line(&[(frame.x - TICK, y), (frame.x, y)], GREY, 1.0);
            let text = Text::new((frame.x - 7.0, y), name, SMALL);
            picture.text(text.anchor(Anchor::End));
            widest = widest.max(font::width(name, SMALL, false));
        }
        let place = (frame.x - 7.0 - widest - LABEL_GAP, frame.centre().1);
        picture.text(Text::new(place, &self.y.label, MEDIUM).anchor(Anchor::Middle).upwards());
    }

    /// Place of a pair of values.
    pub fn at(&self, x: f64, y: f64) -> Point {
        let frame = self.frame;
        (frame.x + self.x.place(x) * frame.width, frame.bottom() - self.y.place(y) * frame.height)
    }

    /// Draws a line through values; it is interrupted where one has no place, and ends at the frame.
    pub fn curve(
        &self,
        picture: &mut Picture,
        values: impl IntoIterator<Item = (f64, f64)>,
        colour: Colour,
        width: f64,
    ) {
        let places: Vec<Point> = values.into_iter().map(|(x, y)| self.at(x, y)).collect();
        let (low, high) = (self.frame.y, self.frame.bottom());
        let within = |&(x, y): &Point| {
            (y.is_finite() && x >= self.frame.x - 0.01 && x <= self.frame.right() + 0.01)
                .then_some((x, y.clamp(low, high)))
        };
        for run in places.split(|place| within(place).is_none()).filter(|run| run.len() > 1) {
            let points: Vec<Point> = run.iter().filter_map(within).collect();
            picture.line(&points, colour, width);
        }
    }

    /// Draws a value of each population against another, in the population's colour, and the line on which
    /// both are equal.
    ///
    /// `pairs` are both values and `E`, `I` or another name; the line spans `range`.
    pub fn against_each_other(
        &self,
        picture: &mut Picture,
        range: (f64, f64),
        pairs: &[(f64, f64, &str)],
        radius: f64,
    ) {
        picture.line(&[self.at(range.0, range.0), self.at(range.1, range.1)], GREY, 1.0);
        for kind in ["E", "I", ""] {
            let is_kind = |pair: &&(f64, f64, &str)| match kind {
                "" => !["E", "I"].contains(&pair.2),
                kind => pair.2 == kind,
            };
            let values = pairs.iter().filter(is_kind).map(|pair| (pair.0, pair.1));
            self.dots(picture, values, radius, translucent(of_population(kind), 0xb0));
        }
    }

    /// Draws values as discs; what has no place in the frame is left out.
    pub fn dots(
        &self,
        picture: &mut Picture,
        values: impl IntoIterator<Item = (f64, f64)>,
        radius: f64,
        colour: Colour,
    ) {
        let frame = self.frame;
        let within = |&(x, y): &Point| {
            x >= frame.x - 0.01
                && x <= frame.right() + 0.01
                && y >= frame.y - 0.01
                && y <= frame.bottom() + 0.01
        };
        let centres: Vec<Point> = values.into_iter().map(|(x, y)| self.at(x, y)).filter(within).collect();
        picture.dots(centres, radius, colour);
    }

    /// Draws a dashed line across the frame at a value of the horizontal axis, with words at its head.
    pub fn vertical(&self, picture: &mut Picture, value: f64, words: &str) {
        let x = self.at(value, f64::NAN).0;
        if !(x >= self.frame.x && x <= self.frame.right()) {
            return;
        }
        picture.dashed(&[(x, self.frame.y), (x, self.frame.bottom())], BLACK, 1.0);
        let is_left = x < self.frame.centre().0;
        let (x, anchor) = if is_left { (x + 4.0, Anchor::Start) } else { (x - 4.0, Anchor::End) };
        picture.text(Text::new((x, self.frame.y + 9.0), words, SMALL).anchor(anchor));
    }

    /// Draws a horizontal dashed line with words at its start.
    pub fn horizontal(&self, picture: &mut Picture, value: f64, words: &str) {
        let y = self.at(f64::NAN, value).1;
        if !(y >= self.frame.y && y <= self.frame.bottom()) {
            return;
        }
        picture.dashed(&[(self.frame.x, y), (self.frame.right(), y)], BLACK, 1.0);
        picture.text(Text::new((self.frame.x + 4.0, y - 8.0), words, SMALL));
    }
}
