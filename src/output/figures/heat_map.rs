//! Matrices as cells of colour, and the bar that tells what the colours mean.

use super::axis::{Axis, extent};
use super::colours::{BLACK, Colour, GREY, LIGHT, MISSING, WHITE, blue_to_red, rgb, viridis};
use super::font;
use super::picture::{Anchor, DENSITY, Frame, Mark, Picture, Text};
use super::plot::{MEDIUM, SMALL};
use image::RgbImage;
use ndarray::ArrayView2;

/// Room that a bar takes to the right of its frame, with its names and label, CSS pixels.
pub const BAR_ROOM: f64 = 98.0;
/// Width of a bar, CSS pixels.
const BAR: f64 = 14.0;
/// Steps of colour in a bar.
const BAR_STEPS: usize = 128;

/// What colours mean.
#[derive(Debug, Clone)]
pub struct ColourScale {
    axis: Axis,
    /// Whether 0 is in the middle, and the colour tells the sign.
    is_signed: bool,
}

impl ColourScale {
    /// Even steps of value for even steps of colour; what is below takes the lowest colour, and so on.
    pub fn linear(label: &str, values: impl IntoIterator<Item = f64>) -> Option<Self> {
        Some(Self { axis: Axis::linear(label, extent(values)?), is_signed: false })
    }

    /// Even steps to both sides of 0, which is in the middle.
    pub fn signed(label: &str, values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let (low, high) = extent(values)?;
        let most = high.max(-low);
        let most = if most > 0.0 { most } else { 1.0 };
        Some(Self { axis: Axis::linear(label, (-most, most)), is_signed: true })
    }

    /// The same from 0 on.
    pub fn from_zero(label: &str, values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let (_, high) = extent(values)?;
        Some(Self { axis: Axis::linear(label, (0.0, high)), is_signed: false })
    }

    /// Even steps of the logarithm, of the values above 0.
    pub fn log(label: &str, values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let range = extent(values.into_iter().filter(|&value| value > 0.0))?;
        Some(Self { axis: Axis::log(label, range), is_signed: false })
    }

    /// Grey if there is no value; white for 0 if the scale is logarithmic.
    pub fn colour(&self, value: f64) -> Colour {
        match self.axis.place(value) {
            place if place.is_finite() => self.at(place),
            _ if value == 0.0 => WHITE,
            _ => self.missing(),
        }
    }

    /// The colour of cells without a value.
    pub fn missing(&self) -> Colour {
        if self.is_signed { MISSING } else { LIGHT }
    }

    /// The colour at a place of the bar, 0 at its lower end.
    fn at(&self, place: f64) -> Colour {
        if self.is_signed { blue_to_red(place) } else { viridis(place) }
    }

    /// What white and grey mean, of those that `values` have.
    pub fn beyond<'w>(
        &self,
        values: impl IntoIterator<Item = f64>,
        (zero, missing): (&'w str, &'w str),
    ) -> Vec<(&'w str, Colour)> {
        let colours: Vec<Colour> = values.into_iter().map(|value| self.colour(value)).collect();
        let all = [(zero, WHITE), (missing, self.missing())];
        all.into_iter().filter(|(_, colour)| colours.contains(colour)).collect()
    }

    /// Black or white, whichever is read on the colour of a value.
    pub fn ink(&self, value: f64) -> Colour {
        let place = self.axis.place(value);
        let is_dark = if self.is_signed { (place - 0.5).abs() > 0.3 } else { place < 0.6 };
        if is_dark { WHITE } else { BLACK }
    }

    /// Draws the bar to the right of `frame`, as high as it.
    pub fn bar(&self, picture: &mut Picture, frame: Frame) {
        let bar = Frame::new(frame.right() + 12.0, frame.y, BAR, frame.height);
        let steps = RgbImage::from_fn(1, BAR_STEPS as u32, |_, line| {
            rgb(self.at(1.0 - (f64::from(line) + 0.5) / BAR_STEPS as f64))
        });
        picture.marks.push(Mark::Image(bar, steps));
        picture.border(bar, GREY, 1.0);
        let mut widest: f64 = 0.0;
        for (value, name) in &self.axis.ticks {
            let y = bar.bottom() - self.axis.place(*value) * bar.height;
            picture.line(&[(bar.right(), y), (bar.right() + 4.0, y)], GREY, 1.0);
            picture.text(Text::new((bar.right() + 7.0, y), name, SMALL));
            widest = widest.max(font::width(name, SMALL, false));
        }
        let at = (bar.right() + 7.0 + widest + 12.0, bar.centre().1);
        picture.text(Text::new(at, &self.axis.label, MEDIUM).anchor(Anchor::Middle).upwards());
    }
}

/// Draws a matrix, the first row on top: one rectangle for cells of the same colour side by side.
pub fn cells(picture: &mut Picture, frame: Frame, values: ArrayView2<'_, f64>, scale: &ColourScale) {
    let (n_rows, n_columns) = values.dim();
    let (width, height) = (frame.width / n_columns as f64, frame.height / n_rows as f64);
    for (row, line) in values.rows().into_iter().enumerate() {
        let colours: Vec<Colour> = line.iter().map(|&value| scale.colour(value)).collect();
        let mut column = 0;
        for same in colours.chunk_by(|a, b| a == b) {
            let (x, y) = (frame.x + column as f64 * width, frame.y + row as f64 * height);
            picture.rectangle(Frame::new(x, y, same.len() as f64 * width, height), same[0]);
            column += same.len();
        }
    }
    picture.border(frame, GREY, 1.0);
}

/// Draws a matrix of many columns as an image; columns that share a pixel are averaged.
pub fn columns(picture: &mut Picture, frame: Frame, values: ArrayView2<'_, f64>, scale: &ColourScale) {
    let (n_rows, n_columns) = values.dim();
    let wide = (frame.width * DENSITY as f64) as usize;
    let high = (frame.height * DENSITY as f64) as usize;
    let shown: Vec<Vec<Colour>> = values
        .rows()
        .into_iter()
        .map(|row| {
            let mean = |pixel: usize| {
                let from = pixel * n_columns / wide;
                let to = ((pixel + 1) * n_columns / wide).max(from + 1).min(n_columns);
                row.iter().take(to).skip(from).sum::<f64>() / (to - from) as f64
            };
            (0..wide).map(|pixel| scale.colour(mean(pixel))).collect()
        })
        .collect();
    let pixels =
        RgbImage::from_fn(
            wide as u32,
            high as u32,
            |x, y| rgb(shown[y as usize * n_rows / high][x as usize]),
        );
    picture.marks.push(Mark::Image(frame, pixels));
}

/// Writes names left of the rows of a matrix.
pub fn row_names<'a>(picture: &mut Picture, frame: Frame, names: impl ExactSizeIterator<Item = &'a str>) {
    let height = frame.height / names.len() as f64;
    for (row, name) in names.enumerate() {
        let at = (frame.x - 6.0, frame.y + (row as f64 + 0.5) * height);
        picture.text(Text::new(at, name, SMALL).anchor(Anchor::End));
    }
}

/// Writes names below the columns of a matrix, upwards.
pub fn column_names<'a>(picture: &mut Picture, frame: Frame, names: impl ExactSizeIterator<Item = &'a str>) {
    let width = frame.width / names.len() as f64;
    for (column, name) in names.enumerate() {
        let at = (frame.x + (column as f64 + 0.5) * width, frame.bottom() + 6.0);
        picture.text(Text::new(at, name, SMALL).anchor(Anchor::End).upwards());
    }
}
