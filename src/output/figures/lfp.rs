//! Proxies of the local field potentials of areas, and their power spectra.

use super::axis::{Axis, extent};
use super::colours::SIMULATED;
use super::figure_data::FigureData;
use super::picture::{Frame, Picture};
use super::plot::{Plot, SMALL, absent, heading, panel_title};
use super::spectra::{curves, shown_frequencies};
use super::stimulus_windows::stimulus_windows;
use super::{DataOrigin, Drawn, Figure, LeftOut, font};
use crate::analysis::Lfp;
use ndarray::s;

const NAME: &str = "lfp";
const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 240.0;
const TOP: f64 = 112.0;
const MS_PER_S: f64 = 1000.0;
/// Distance between the lines of areas, in standard deviations of a signal.
const APART: f64 = 6.0;

/// Draws it.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    let left_out = |reason: String| Err(LeftOut { name: NAME, reason });
    let lfp = match &data.analysis.lfp {
        Ok(lfp) => lfp,
        Err(absence) => return left_out(absence.to_string()),
    };
    let has_signal = |area: &usize| lfp.proxy.row(*area).iter().all(|value| value.is_finite());
    let shown: Vec<usize> = data.analysis.traces.iter().copied().filter(has_signal).collect();
    let times = samples_in_rasters(data, lfp);
    if shown.is_empty() || times.is_empty() {
        return left_out(
            "no area whose rate is drawn as a line has a signal in the time of the rasters".to_owned(),
        );
    }
    let left = 26.0 + font::widest(shown.iter().map(|&area| data.area_name(area)), SMALL);
    let traces = Frame::new(left, TOP, WIDTH, HEIGHT);
    let spectra = Frame { x: left + WIDTH + 110.0, ..traces };
    let mut picture = Picture::new(spectra.right() + 20.0, TOP + HEIGHT + 46.0);
    let title = "Local field potentials, by a proxy";
    let subtitle =
        "Reference weighted sum of the synaptic currents of pyramidal neurons (Mazzoni et al. 2015)";
    heading(&mut picture, title, subtitle);
    panel_title(&mut picture, traces, "Some areas, in units of their standard deviations");
    draw_traces(&mut picture, traces, data, lfp, &shown, times);
    panel_title(&mut picture, spectra, "Power spectra of all areas, and their mean");
    draw_spectra(&mut picture, spectra, lfp);
    let caption = "Excitatory currents 6 ms earlier minus 1.65 times the inhibitory ones, which are negative, summed over \
        the excitatory neurons of all layers of an area. A signal has mean 0 and variance 1 from the start of statistics \
        on: the proxy tells its course in time, and not how large it is."
        .to_owned();
    let (title, subtitle) = (title.to_owned(), subtitle.to_owned());
    Ok(Figure { name: NAME, title, subtitle, caption, origins: vec![DataOrigin::Simulated], picture })
}

/// The samples in the time of the rasters.
fn samples_in_rasters(data: &FigureData<'_>, lfp: &Lfp) -> std::ops::Range<usize> {
    let (from_ms, to_ms) =
        data.analysis.run.config.analysis.raster_times_ms(data.analysis.window.duration_ms());
    let before = |end_ms: f64| lfp.time_ms.partition_point(|&time_ms| time_ms < end_ms);
    before(from_ms)..before(to_ms)
}

fn draw_traces(
    picture: &mut Picture,
    frame: Frame,
    data: &FigureData<'_>,
    lfp: &Lfp,
    shown: &[usize],
    times: std::ops::Range<usize>,
) {
    let n = shown.len();
    let time_s: Vec<f64> = lfp.time_ms[times.clone()].iter().map(|time_ms| time_ms / MS_PER_S).collect();
    let names = shown.iter().rev().map(|&area| data.area_name(area).to_owned());
    let y = Axis { range: (0.0, n as f64), ..Axis::names("", names) };
    let x = Axis::linear("time (s)", extent(time_s.iter().copied()).unwrap_or((0.0, 1.0)));
    stimulus_windows(picture, frame, &x, data);
    let plot = Plot::new(picture, frame, x, y);
    for (line, &area) in shown.iter().enumerate() {
        let middle = (n - line) as f64 - 0.5;
        let signal = lfp.proxy.slice(s![area, times.clone()]);
        let points = time_s.iter().zip(signal).map(|(&time_s, value)| (time_s, middle + value / APART));
        plot.curve(picture, points, SIMULATED, 1.0);
    }
    let part = Frame::new(0.0, 60.0, frame.right() + 20.0, picture.height - 60.0);
    picture.part(part, format!("Lines of the proxies of the local field potentials of {n} areas."));
}

fn draw_spectra(picture: &mut Picture, frame: Frame, lfp: &Lfp) {
    let part = Frame::new(frame.x - 90.0, 60.0, WIDTH + 110.0, picture.height - 60.0);
    match &lfp.spectra {
        Err(absence) => {
            absent(picture, frame, &absence.to_string());
            picture.part(part, format!("No power spectra: {absence}."));
        }
        Ok(spectra) => {
            let (frequency_hz, density) = shown_frequencies(spectra);
            curves(picture, frame, &frequency_hz, &density, "power spectral density (1/Hz)");
            let known = density.rows().into_iter().filter(|row| row.iter().all(|d| d.is_finite())).count();
            picture.part(
                part,
                format!("Lines of the power spectral densities of {known} proxies over frequency."),
            );
        }
    }
}
