//! Picture → PNG.

use super::colours::Colour;
use super::font::{self, CAPITAL_HEIGHT};
use super::picture::{DENSITY, Frame, Image, Mark, Picture, Point, Text};
use tiny_skia::{
    Color, FillRule, FilterQuality, LineJoin, Paint, Path, PathBuilder, Pixmap, PixmapPaint,
    PremultipliedColorU8, Rect, Stroke, StrokeDash, Transform,
};
use ttf_parser::OutlineBuilder;

const DASH: [f32; 2] = [5.0, 3.0];

/// The picture as a PNG file of [`DENSITY`] pixels a CSS pixel; empty where it is too large to draw.
pub fn png(picture: &Picture) -> Vec<u8> {
    let pixels = |length: f64| (length * DENSITY as f64).ceil() as u32;
    let Some(mut canvas) = Pixmap::new(pixels(picture.width), pixels(picture.height)) else {
        return Vec::new();
    };
    canvas.fill(Color::WHITE);
    picture.marks.iter().for_each(|mark| draw(&mut canvas, mark));
    canvas.encode_png().unwrap_or_default()
}

/// An image as a PNG file.
pub fn encoded(image: &Image) -> Vec<u8> {
    pixmap(image).and_then(|pixmap| pixmap.encode_png().ok()).unwrap_or_default()
}

fn grid() -> Transform {
    Transform::from_scale(DENSITY as f32, DENSITY as f32)
}

fn draw(canvas: &mut Pixmap, mark: &Mark) {
    match mark {
        Mark::Rectangle(frame, colour) => rectangle(canvas, frame, *colour),
        Mark::Line { points, colour, width, dashed } => {
            let Some(path) = path(points) else { return };
            let dash = if *dashed { StrokeDash::new(DASH.to_vec(), 0.0) } else { None };
            let stroke =
                Stroke { width: *width as f32, dash, line_join: LineJoin::Round, ..Stroke::default() };
            canvas.stroke_path(&path, &paint(*colour), &stroke, grid(), None);
        }
        Mark::Polygon(points, colour) => {
            if let Some(path) = path(points) {
                canvas.fill_path(&path, &paint(*colour), FillRule::Winding, grid(), None);
            }
        }
        Mark::Dots { centres, radius, colour } => {
            for &(x, y) in centres {
                if let Some(disc) = PathBuilder::from_circle(x as f32, y as f32, *radius as f32) {
                    canvas.fill_path(&disc, &paint(*colour), FillRule::Winding, grid(), None);
                }
            }
        }
        Mark::Text(text) => words(canvas, text),
        Mark::Image(frame, image) => self::image(canvas, frame, image),
    }
}

fn paint(colour: Colour) -> Paint<'static> {
    let [red, green, blue, opacity] = colour;
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, opacity);
    paint
}

fn rectangle(canvas: &mut Pixmap, frame: &Frame, colour: Colour) {
    let [x, y, width, height] = [frame.x, frame.y, frame.width, frame.height].map(|length| length as f32);
    if let Some(rect) = Rect::from_xywh(x, y, width, height) {
        let paint = Paint { anti_alias: false, ..paint(colour) };
        canvas.fill_rect(rect, &paint, grid(), None);
    }
}

fn path(points: &[Point]) -> Option<Path> {
    let (first, rest) = points.split_first()?;
    let mut path = PathBuilder::new();
    path.move_to(first.0 as f32, first.1 as f32);
    rest.iter().for_each(|point| path.line_to(point.0 as f32, point.1 as f32));
    path.finish()
}

fn words(canvas: &mut Pixmap, text: &Text) {
    let mut path = PathBuilder::new();
    let pen = |x: f64, scale: f64| Pen { path: PathBuilder::new(), x: x as f32, scale: scale as f32 };
    font::outline(&text.words, text.size, text.bold, pen, |pen| {
        if let Some(glyph) = pen.path.finish() {
            path.push_path(&glyph);
        }
    });
    let ((x, y), down) = (text.at, CAPITAL_HEIGHT * text.size / 2.0);
    let (x, y, turn) = match text.upwards {
        false => (x - text.lead(), y + down, 0.0),
        true => (x + down, y + text.lead(), -90.0),
    };
    let place = grid().pre_translate(x as f32, y as f32).pre_rotate(turn);
    if let Some(path) = path.finish() {
        canvas.fill_path(&path, &paint(text.colour), FillRule::Winding, place, None);
    }
}

/// Draws one outline; y of fonts goes upwards.
struct Pen {
    path: PathBuilder,
    x: f32,
    scale: f32,
}

impl Pen {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, -y * self.scale)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.move_to(x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.line_to(x, y);
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.path.quad_to(x1, y1, x, y);
    }
    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.place(x1, y1), self.place(x2, y2), self.place(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }
    fn close(&mut self) {
        self.path.close();
    }
}

/// Images are opaque, so that their colours need no multiplication with an opacity.
fn pixmap(image: &Image) -> Option<Pixmap> {
    let columns = image.columns.max(1);
    let mut pixmap = Pixmap::new(columns as u32, (image.pixels.len() / columns) as u32)?;
    for (pixel, &[red, green, blue, _]) in pixmap.pixels_mut().iter_mut().zip(&image.pixels) {
        *pixel = PremultipliedColorU8::from_rgba(red, green, blue, u8::MAX).unwrap_or(*pixel);
    }
    Some(pixmap)
}

fn image(canvas: &mut Pixmap, frame: &Frame, image: &Image) {
    let Some(pixmap) = pixmap(image) else { return };
    let (width, height) = (pixmap.width() as f32, pixmap.height() as f32);
    let place = grid()
        .pre_translate(frame.x as f32, frame.y as f32)
        .pre_scale(frame.width as f32 / width, frame.height as f32 / height);
    let paint = PixmapPaint { quality: FilterQuality::Nearest, ..PixmapPaint::default() };
    canvas.draw_pixmap(0, 0, pixmap.as_ref(), &paint, place, None);
}
