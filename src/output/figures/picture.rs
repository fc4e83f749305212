//! What a picture consists of, before it is a file: marks at places in CSS pixels, y downwards.
//!
//! Both formats are made from the same marks, and tests read them: whether words lie within the picture
//! and apart from each other can be told without looking.

use super::axis::extent;
use super::colours::{BLACK, Colour};
use super::font;
use image::RgbImage;

/// Pixels of an image in each CSS pixel; PNG files have the same, so that images meet their grid.
pub const DENSITY: usize = 2;

/// A place, CSS pixels.
pub type Point = (f64, f64);

/// A rectangle, CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Frame {
    /// A rectangle from its upper left corner and size.
    pub const fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { x, y, width, height }
    }

    /// Right edge.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// Centre.
    pub fn centre(&self) -> Point {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
}

/// Where a text stands beside its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its start is there.
    Start,
    /// Its middle is there.
    Middle,
    /// Its end is there.
    End,
}

/// Words.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// Place: of the anchor horizontally, of the middle of capitals vertically.
    pub at: Point,
    /// The words.
    pub words: String,
    /// Size, CSS pixels.
    pub size: f64,
    /// Whether they are bold.
    pub bold: bool,
    /// Where they stand beside the place.
    pub anchor: Anchor,
    /// Whether they run upwards instead of to the right.
    pub upwards: bool,
    /// Colour.
    pub colour: Colour,
}

impl Text {
    /// Black words of `size` that start at `at`.
    pub fn new(at: Point, words: impl Into<String>, size: f64) -> Self {
        let (bold, upwards) = (false, false);
        Self { at, words: words.into(), size, bold, anchor: Anchor::Start, upwards, colour: BLACK }
    }

    /// The same, anchored so.
    pub fn anchor(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    /// The same in bold.
    pub fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// The same, running upwards.
    pub fn upwards(self) -> Self {
        Self { upwards: true, ..self }
    }

    /// The same in this colour.
    pub fn colour(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }

    /// How far the start lies before the place, along the words.
    pub fn lead(&self) -> f64 {
        let width = font::width(&self.words, self.size, self.bold);
        match self.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => width / 2.0,
            Anchor::End => width,
        }
    }

    /// The rectangle of the words, from the foot to the head of capitals.
    pub fn bounds(&self) -> Frame {
        let (width, height) =
            (font::width(&self.words, self.size, self.bold), font::CAPITAL_HEIGHT * self.size);
        let ((x, y), lead) = (self.at, self.lead());
        match self.upwards {
            false => Frame::new(x - lead, y - height / 2.0, width, height),
            true => Frame::new(x - height / 2.0, y + lead - width, height, width),
        }
    }
}

/// One thing that is drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A filled rectangle.
    Rectangle(Frame, Colour),
    /// A line through points.
    Line {
        /// Points.
        points: Vec<Point>,
        /// Colour.
        colour: Colour,
        /// Width, CSS pixels.
        width: f64,
        /// Whether it is dashed.
        dashed: bool,
    },
    /// A filled polygon, which what lies below shines through.
    Polygon(Vec<Point>, Colour),
    /// Discs of the same radius, which what lies below shines through.
    Dots {
        /// Centres.
        centres: Vec<Point>,
        /// Radius, CSS pixels.
        radius: f64,
        /// Colour.
        colour: Colour,
    },
    /// Words.
    Text(Text),
    /// An image that fills a frame.
    Image(Frame, RgbImage),
}

impl Mark {
    /// The middle of what it covers.
    fn centre(&self) -> Point {
        let of_points = |points: &[Point]| {
            let (left, right) = extent(points.iter().map(|point| point.0)).unwrap_or_default();
            let (top, bottom) = extent(points.iter().map(|point| point.1)).unwrap_or_default();
            ((left + right) / 2.0, (top + bottom) / 2.0)
        };
        match self {
            Self::Rectangle(frame, _) | Self::Image(frame, _) => frame.centre(),
            Self::Line { points, .. } | Self::Polygon(points, _) => of_points(points),
            Self::Dots { centres, .. } => of_points(centres),
            Self::Text(text) => text.bounds().centre(),
        }
    }
}

/// A part of a picture that stands alone if there is no room for the whole, as on the screen of a phone.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Where it is in the picture.
    pub frame: Frame,
    /// What there is to see, in a sentence for those who do not see it.
    pub seen: String,
}

/// A picture on white ground.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Width, CSS pixels.
    pub width: f64,
    /// Height, CSS pixels.
    pub height: f64,
    /// What is drawn, in this order.
    pub marks: Vec<Mark>,
    /// Parts, in the order in which they are read. Together they hold all but the heading.
    pub parts: Vec<Part>,
}

impl Picture {
    /// An empty picture.
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, marks: Vec::new(), parts: Vec::new() }
    }

    /// Adds words.
    pub fn text(&mut self, text: Text) {
        self.marks.push(Mark::Text(text));
    }

    /// Adds a line.
    pub fn line(&mut self, points: &[Point], colour: Colour, width: f64) {
        self.marks.push(Mark::Line { points: points.to_vec(), colour, width, dashed: false });
    }

    /// Adds a dashed line.
    pub fn dashed(&mut self, points: &[Point], colour: Colour, width: f64) {
        self.marks.push(Mark::Line { points: points.to_vec(), colour, width, dashed: true });
    }

    /// Adds a filled rectangle.
    pub fn rectangle(&mut self, frame: Frame, colour: Colour) {
        self.marks.push(Mark::Rectangle(frame, colour));
    }

    /// Adds the edge of a rectangle.
    pub fn border(&mut self, frame: Frame, colour: Colour, width: f64) {
        let (right, bottom) = (frame.right(), frame.bottom());
        let corners = [
            (frame.x, frame.y),
            (right, frame.y),
            (right, bottom),
            (frame.x, bottom),
            (frame.x, frame.y - width / 2.0),
        ];
        self.line(&corners, colour, width);
    }

    /// Adds discs, if there are any.
    pub fn dots(&mut self, centres: Vec<Point>, radius: f64, colour: Colour) {
        if !centres.is_empty() {
            self.marks.push(Mark::Dots { centres, radius, colour });
        }
    }

    /// Adds a part, and what there is to see in it.
    pub fn part(&mut self, frame: Frame, seen: impl Into<String>) {
        self.parts.push(Part { frame, seen: seen.into() });
    }

    /// Marks whose middle lies in a frame.
    pub fn marks_in(&self, frame: Frame) -> impl Iterator<Item = &Mark> {
        self.marks.iter().filter(move |mark| {
            let (x, y) = mark.centre();
            (frame.x..frame.right()).contains(&x) && (frame.y..frame.bottom()).contains(&y)
        })
    }

    /// All words of the picture.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.marks.iter().filter_map(|mark| match mark {
            Mark::Text(text) => Some(text),
            _ => None,
        })
    }
}
