//! The times of stimuli in figures over time.

use super::axis::Axis;
use super::colours::{Colour, MEASURED, translucent};
use super::figure_data::FigureData;
use super::picture::{Frame, Picture};

/// Least width of a window; a spike has none of its own, CSS pixels.
const LEAST: f64 = 1.5;
/// Height of a strip above colours, and its distance from them.
const STRIP: (f64, f64) = (4.0, 2.0);
const MS_PER_S: f64 = 1000.0;

/// The colour of windows.
pub fn stimulus_colour() -> Colour {
    translucent(MEASURED, 0x50)
}

/// What a legend says of windows; nothing if the run has no stimuli.
pub fn stimulus_legend(data: &FigureData<'_>) -> Option<(&'static str, Colour)> {
    (!data.analysis.run.config.stimuli.is_empty()).then(|| ("stimulus", stimulus_colour()))
}

/// Shades the times of stimuli within a frame, whose horizontal axis is in s.
pub fn stimulus_windows(picture: &mut Picture, frame: Frame, time_s: &Axis, data: &FigureData<'_>) {
    for window in windows(frame, time_s, data) {
        picture.rectangle(window, stimulus_colour());
    }
}

/// Draws them as a strip above a frame that colours fill.
pub fn stimulus_strip(picture: &mut Picture, frame: Frame, time_s: &Axis, data: &FigureData<'_>) {
    let strip = Frame { y: frame.y - STRIP.0 - STRIP.1, height: STRIP.0, ..frame };
    for window in windows(strip, time_s, data) {
        picture.rectangle(window, stimulus_colour());
    }
}

fn windows(frame: Frame, time_s: &Axis, data: &FigureData<'_>) -> Vec<Frame> {
    let end_ms = data.analysis.window.duration_ms();
    let x = |ms: f64| frame.x + time_s.place(ms / MS_PER_S).clamp(0.0, 1.0) * frame.width;
    let window = |(from_ms, to_ms): (f64, Option<f64>)| {
        let to_ms = to_ms.unwrap_or(end_ms).min(end_ms);
        let (from_s, to_s) = (from_ms / MS_PER_S, to_ms / MS_PER_S);
        let is_shown = to_s >= time_s.range.0 && from_s <= time_s.range.1;
        is_shown.then(|| Frame { x: x(from_ms), width: (x(to_ms) - x(from_ms)).max(LEAST), ..frame })
    };
    data.analysis.run.config.stimuli.iter().filter_map(|stimulus| window(stimulus.window_ms())).collect()
}
