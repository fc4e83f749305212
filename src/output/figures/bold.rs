//! BOLD signals of areas, and their correlations.

use super::axis::{Axis, extent, power_of_10};
use super::colours::{GREY, LIGHT, SIMULATED};
use super::connectivity_panel::{self, Grouping, Panel};
use super::figure_data::FigureData;
use super::picture::{Anchor, Frame, Picture, Text};
use super::plot::{Plot, SMALL, heading};
use super::stimulus_windows::stimulus_windows;
use super::{DataOrigin, Drawn, Figure, LeftOut, font};
use crate::analysis::{Analysis, Window};
use ndarray::{Array2, s};

const WIDTH: f64 = 430.0;
const TOP: f64 = 84.0;
const ROW: f64 = 20.0;
/// How many rows the largest signal is high.
const ROWS_OF_SIGNAL: f64 = 2.2;
const POINTS: usize = 400;
const MS_PER_S: f64 = 1000.0;

/// Rows of `n` areas, with room for the signal of the first.
fn rows(n: usize) -> f64 {
    n as f64 + ROWS_OF_SIGNAL
}

fn duration_s(data: &FigureData<'_>) -> f64 {
    data.analysis.window.duration_ms() / MS_PER_S
}

/// The bin from which on signals are looked at: behind the transient from rest.
fn first_bin(data: &FigureData<'_>, name: &'static str) -> Result<usize, LeftOut> {
    let Analysis { bold, window, .. } = data.analysis;
    let first_step = bold.first_counted_step.as_ref();
    let first_step = first_step.map_err(|absence| LeftOut { name, reason: absence.to_string() })?;
    Ok(Window { from_step: *first_step, ..*window }.first_counted_bin())
}

fn from_s(data: &FigureData<'_>, first_bin: usize) -> f64 {
    first_bin as f64 * data.analysis.window.bin_ms() / MS_PER_S
}

/// Each signal from that bin on, around its mean.
fn fluctuations(signal: &Array2<f64>, first_bin: usize) -> Array2<f64> {
    let mut signal = signal.slice(s![.., first_bin..]).to_owned();
    for mut row in signal.rows_mut() {
        let known = row.iter().filter(|y| y.is_finite());
        let mean = known.clone().sum::<f64>() / known.count().max(1) as f64;
        row -= mean;
    }
    signal
}

/// Draws the signals.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    const NAME: &str = "bold_signals";
    let first_bin = first_bin(data, NAME)?;
    let n = data.analysis.areas.len();
    let height = (ROW * rows(n)).max(160.0);
    let left = 26.0 + font::widest((0..n).map(|area| data.area_name(area)), SMALL);
    let mut picture = Picture::new((left + WIDTH + 80.0).max(620.0), TOP + height + 46.0);
    let title = "BOLD signals";
    let from_s = from_s(data, first_bin);
    let subtitle = format!(
        "Balloon-Windkessel model, driven by each area's rate; from {from_s} s on, after its transient"
    );
    heading(&mut picture, title, &subtitle);
    let frame = Frame::new(left, TOP, WIDTH, height);
    let signal = fluctuations(&data.analysis.bold.signal, first_bin);
    match extent(signal.iter().copied()).filter(|(low, high)| high > low) {
        None => {
            let any = signal.iter().any(|y| y.is_finite());
            let why = if any { "no area has a signal that changes" } else { "no area has a signal" };
            return Err(LeftOut { name: NAME, reason: why.to_owned() });
        }
        Some((low, high)) => traces(&mut picture, frame, data, &signal, (from_s, high - low)),
    }
    let part = Frame::new(0.0, 60.0, picture.width, picture.height - 60.0);
    picture.part(
        part,
        format!("Lines of the BOLD signals of {n} areas from {from_s} s to {} s.", duration_s(data)),
    );
    let caption = format!(
        "Relative change of the blood-oxygen-level-dependent signal that simulated activity would cause, one line an \
         area, all on the same scale (bar); the thin line under each is its mean. The first {from_s} s are left out, in \
         which the model comes from rest. A line that ends early belongs to an area so active that the flow of the model \
         stops.{}",
        data.unrecorded(),
    );
    let origins = vec![DataOrigin::Simulated];
    Ok(Figure { name: NAME, title: title.to_owned(), subtitle, caption, origins, picture })
}

fn traces(
    picture: &mut Picture,
    frame: Frame,
    data: &FigureData<'_>,
    signal: &Array2<f64>,
    (from_s, span): (f64, f64),
) {
    let (n, end_s) = (signal.nrows(), duration_s(data));
    let names = (0..n).rev().map(|area| data.area_name(area).to_owned());
    let names = Axis { range: (0.0, rows(n)), ..Axis::names("", names) };
    let x = Axis::linear("time (s)", (from_s, end_s));
    stimulus_windows(picture, frame, &x, data);
    let plot = Plot::new(picture, frame, x, names);
    let every = signal.ncols().div_ceil(POINTS).max(1);
    let bin_s = data.analysis.window.bin_ms() / MS_PER_S;
    let scale = ROWS_OF_SIGNAL / span;
    for (area, row) in signal.rows().into_iter().enumerate() {
        let mean = (n - area) as f64 - 0.5;
        picture.line(&[plot.at(from_s, mean), plot.at(end_s, mean)], LIGHT, 1.0);
        let value = |(bin, y): (usize, &f64)| (from_s + (bin + 1) as f64 * bin_s, mean + y * scale);
        plot.curve(picture, row.iter().enumerate().step_by(every).map(value), SIMULATED, 1.2);
    }
    // A bar of a round value beside the frame.
    let power = power_of_10(libm::log10(span).floor() as i32);
    let value = [5.0, 2.0, 1.0].into_iter().map(|factor| factor * power).find(|&value| value <= span);
    let value = value.unwrap_or(power);
    let length = value * scale * frame.height / rows(n);
    let (x, y) = (frame.right() + 14.0, frame.bottom());
    picture.line(&[(x, y), (x, y - length)], GREY, 2.5);
    let percent = (value * 1e8).round() / 1e6;
    picture.text(Text::new((x + 8.0, y - length / 2.0), format!("{percent} %"), SMALL).anchor(Anchor::Start));
}

/// Draws the correlations.
pub fn draw_correlation(data: &FigureData<'_>) -> Drawn {
    const NAME: &str = "bold_correlation";
    if !data.has_areas() {
        return Err(LeftOut { name: NAME, reason: "there is one area only".to_owned() });
    }
    let left_out = |reason: String| LeftOut { name: NAME, reason };
    let from_s = from_s(data, first_bin(data, NAME)?);
    let correlation = &data.analysis.bold.correlation;
    let correlation = correlation.as_ref().map_err(|absence| left_out(absence.to_string()))?;
    let colours = connectivity_panel::colours([correlation]);
    let colours = colours.ok_or_else(|| left_out("no two areas have a correlation".to_owned()))?;
    let title = "Correlations of BOLD signals";
    let subtitle = format!("Pearson correlations from {from_s} s on, areas in the order of the model");
    let mut picture = Picture::new(0.0, 0.0);
    let grouping = Grouping::new(&vec![String::new(); data.units.len()], |_| 0);
    let panel = Panel { title: None, matrix: correlation, is_short: false, what: "BOLD correlations" };
    connectivity_panel::draw(&mut picture, data, (&grouping, &colours), &panel);
    heading(&mut picture, title, &subtitle);
    let caption = format!(
        "How alike the simulated BOLD signals of two areas are over the {} s after the transient from rest; the \
         diagonal, 1 by definition, is grey.{}{}",
        ((duration_s(data) - from_s) * MS_PER_S).round() / MS_PER_S,
        data.unrecorded(),
        data.abbreviations()
    );
    let origins = vec![DataOrigin::Simulated];
    Ok(Figure { name: NAME, title: title.to_owned(), subtitle, caption, origins, picture })
}
