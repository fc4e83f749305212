//! Picture → PNG.

use super::colours::Colour;
use super::font::{self, CAPITAL_HEIGHT};
use super::picture::{DENSITY, Frame, Mark, Picture, Point, Text};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ImageEncoder, RgbImage};
use thiserror::Error;
use tiny_skia::{
    Color, FillRule, FilterQuality, LineJoin, Paint, Path, PathBuilder, Pixmap, PixmapPaint,
    PremultipliedColorU8, Rect, Stroke, StrokeDash, Transform,
};
use ttf_parser::OutlineBuilder;

const DASH: [f32; 2] = [5.0, 3.0];

/// Why a picture cannot become a file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PictureError {
    /// Too many pixels, or none.
    #[error("a picture of {width} × {height} pixels cannot be drawn: make it smaller, and neither side 0")]
    Size {
        /// Pixels from left to right.
        width: u32,
        /// Pixels from top to bottom.
        height: u32,
    },
    /// The file cannot be made of the pixels.
    #[error("a picture cannot be made a PNG file: {reason}: choose the format svg")]
    Encoding {
        /// Why not.
        reason: String,
    },
}

/// The picture as a PNG file of [`DENSITY`] pixels a CSS pixel.
///
/// # Errors
/// A picture that is too large to draw, or has no size.
pub fn png(picture: &Picture) -> Result<Vec<u8>, PictureError> {
    let pixels = |length: f64| (length * DENSITY as f64).ceil() as u32;
    let mut canvas = canvas(pixels(picture.width), pixels(picture.height))?;
    canvas.fill(Color::WHITE);
    picture.marks.iter().try_for_each(|mark| draw(&mut canvas, mark))?;
    encoded(&opaque(&canvas))
}

/// An image as a PNG file.
pub fn encoded(image: &RgbImage) -> Result<Vec<u8>, PictureError> {
    let (width, height) = image.dimensions();
    if width == 0 || height == 0 {
        return Err(PictureError::Size { width, height });
    }
    let mut file = Vec::new();
    // Lines of one colour and no photographs: filters make the files larger.
    let encoder = PngEncoder::new_with_quality(&mut file, CompressionType::Level(6), FilterType::NoFilter);
    let encoded = encoder.write_image(image, width, height, image::ColorType::Rgb8.into());
    encoded.map_err(|error| PictureError::Encoding { reason: error.to_string() })?;
    Ok(file)
}

fn canvas(width: u32, height: u32) -> Result<Pixmap, PictureError> {
    Pixmap::new(width, height).ok_or(PictureError::Size { width, height })
}

/// A canvas without holes: all is drawn on white.
fn opaque(canvas: &Pixmap) -> RgbImage {
    RgbImage::from_fn(canvas.width(), canvas.height(), |x, y| {
        let pixel = canvas.pixels()[(y * canvas.width() + x) as usize];
        image::Rgb([pixel.red(), pixel.green(), pixel.blue()])
    })
}

fn grid() -> Transform {
    Transform::from_scale(DENSITY as f32, DENSITY as f32)
}

fn draw(canvas: &mut Pixmap, mark: &Mark) -> Result<(), PictureError> {
    match mark {
        Mark::Rectangle(frame, colour) => rectangle(canvas, frame, *colour),
        Mark::Line { points, colour, width, dashed } => {
            let Some(path) = path(points) else { return Ok(()) };
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
        Mark::Image(frame, image) => paste(canvas, frame, image)?,
    }
    Ok(())
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
fn pixmap(image: &RgbImage) -> Result<Pixmap, PictureError> {
    let mut pixmap = canvas(image.width(), image.height())?;
    for (pixel, &image::Rgb([red, green, blue])) in pixmap.pixels_mut().iter_mut().zip(image.pixels()) {
        *pixel = PremultipliedColorU8::from_rgba(red, green, blue, u8::MAX).unwrap_or(*pixel);
    }
    Ok(pixmap)
}

fn paste(canvas: &mut Pixmap, frame: &Frame, image: &RgbImage) -> Result<(), PictureError> {
    let pixmap = pixmap(image)?;
    let (width, height) = (pixmap.width() as f32, pixmap.height() as f32);
    let place = grid()
        .pre_translate(frame.x as f32, frame.y as f32)
        .pre_scale(frame.width as f32 / width, frame.height as f32 / height);
    let paint = PixmapPaint { quality: FilterQuality::Nearest, ..PixmapPaint::default() };
    canvas.draw_pixmap(0, 0, pixmap.as_ref(), &paint, place, None);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_cannot_be_drawn_is_an_error_and_no_empty_file() {
        for (width, height) in [(0.0, 10.0), (10.0, 0.0), (1e9, 1e9), (f64::NAN, 10.0)] {
            let picture = Picture { width, height, ..Picture::new(10.0, 10.0) };
            let error = png(&picture).unwrap_err();
            assert!(matches!(error, PictureError::Size { .. }), "{error}");
        }
        assert!(png(&Picture::new(10.0, 10.0)).unwrap().starts_with(b"\x89PNG"));
    }

    #[test]
    fn an_image_without_pixels_is_an_error_in_either_format() {
        let mut picture = Picture::new(10.0, 10.0);
        let frame = Frame { x: 0.0, y: 0.0, width: 5.0, height: 5.0 };
        picture.marks.push(Mark::Image(frame, RgbImage::new(3, 0)));
        let nothing = PictureError::Size { width: 3, height: 0 };
        assert_eq!(png(&picture), Err(nothing.clone()));
        assert_eq!(super::super::svg(&picture, "x"), Err(nothing));
    }
}
