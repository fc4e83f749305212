//! Power spectra of the rates of areas.

use super::axis::{Axis, extent};
use super::colours::{BLACK, SIMULATED, translucent};
use super::figure_data::FigureData;
use super::heat_map::{BAR_ROOM, ColourScale, columns};
use super::picture::{Frame, Picture};
use super::plot::{Plot, SMALL, heading, legend, panel_title};
use super::{DataOrigin, Drawn, Figure, LeftOut, font};
use crate::analysis::Spectra;
use ndarray::{Array2, Axis as Along, s};

const WIDTH: f64 = 400.0;
const LEFT: f64 = 90.0;
const TOP: f64 = 112.0;
const ROW: f64 = 15.0;
/// Highest frequency shown, Hz; what lies above is the noise of single spikes.
const HIGHEST_HZ: f64 = 300.0;

/// Draws it.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    let analysis = data.analysis;
    let names: Vec<String> = (0..analysis.areas.len()).map(|area| data.area_name(area).to_owned()).collect();
    let height = (ROW * names.len() as f64).max(240.0);
    let edge = LEFT + WIDTH + 20.0;
    let gap = 26.0 + font::widest(names.iter().map(String::as_str), SMALL);
    let width = if names.len() > 1 { edge + gap + WIDTH + BAR_ROOM } else { edge };
    let mut picture = Picture::new(width, TOP + height + 46.0);
    let title =
        if names.len() > 1 { "Power spectra of the areas' rates" } else { "Power spectrum of the mean rate" };
    let window_ms = analysis.run.config.analysis.welch_window_ms;
    let subtitle = format!("Welch's method, Hann windows of {window_ms} ms that overlap by half");
    heading(&mut picture, title, &subtitle);
    let lines = Frame::new(LEFT, TOP, WIDTH, height);
    let map = Frame { x: edge + gap, ..lines };
    if names.len() > 1 {
        panel_title(&mut picture, lines, "All areas, and their mean");
        panel_title(&mut picture, map, "Area by area");
    }
    let spectra = match &analysis.spectra {
        Ok(spectra) if spectra.density.iter().any(|&density| density > 0.0) => spectra,
        Ok(_) => return Err(LeftOut { name: "spectra", reason: "no area spikes".to_owned() }),
        Err(absence) => return Err(LeftOut { name: "spectra", reason: absence.to_string() }),
    };
    let (frequency_hz, density) = shown_frequencies(spectra);
    curves(&mut picture, lines, &frequency_hz, &density, "power spectral density ((spikes/s)²/Hz)");
    let left = Frame::new(0.0, 60.0, edge, picture.height - 60.0);
    picture.part(left, seen(&frequency_hz, &density));
    let label = "(spikes/s)²/Hz";
    if let Some(colours) = ColourScale::log(label, density.iter().copied()).filter(|_| names.len() > 1) {
        legend(
            &mut picture,
            (map.x, 72.0),
            &colours.beyond(density.iter().copied(), ("no power", "not recorded")),
        );
        columns(&mut picture, map, density.view(), &colours);
        let step_hz = frequency_hz[0];
        let last_hz = frequency_hz.last().copied().unwrap_or(1.0);
        let x = Axis::linear("frequency (Hz)", (step_hz / 2.0, last_hz + step_hz / 2.0));
        Plot::new(&mut picture, map, x, Axis::names("", names.into_iter().rev()));
        colours.bar(&mut picture, map);
        let n = density.nrows();
        let seen = format!("Colours of the power spectral densities of {n} areas up to {last_hz:.0} Hz.");
        picture.part(Frame { x: edge, width: picture.width - edge, ..left }, seen);
    }
    Ok(figure(data, picture, title, subtitle))
}

/// Frequencies that are shown, and the densities at them.
pub(super) fn shown_frequencies(spectra: &Spectra) -> (Vec<f64>, Array2<f64>) {
    // Frequency 0 has no place on a logarithmic axis.
    let n = spectra.frequency_hz.iter().take_while(|&&hz| hz <= HIGHEST_HZ).count().max(3);
    let frequency_hz = spectra.frequency_hz.iter().copied().take(n).skip(1).collect();
    (frequency_hz, spectra.density.slice(s![.., 1..n.min(spectra.density.ncols())]).to_owned())
}

fn seen(frequency_hz: &[f64], density: &Array2<f64>) -> String {
    let mean = |bin: usize| density.column(bin).iter().filter(|value| value.is_finite()).sum::<f64>();
    let highest = (0..density.ncols()).max_by(|&a, &b| mean(a).total_cmp(&mean(b)));
    let highest_hz = highest.map_or(0.0, |bin| frequency_hz[bin]);
    format!("Lines of power spectral density over frequency; the mean is highest at {highest_hz:.1} Hz.")
}

fn figure(data: &FigureData<'_>, picture: Picture, title: &str, subtitle: String) -> Figure {
    let caption = "Power spectral density of each area's rate per neuron, from the start of statistics on. A flat \
        line is what independent spikes give, a peak is an oscillation, and its multiples are peaks of one that is \
        not a sine. Small populations lie higher, as fewer neurons average their noise."
        .to_owned()
        + &data.unrecorded();
    let origins = vec![DataOrigin::Simulated];
    Figure { name: "spectra", title: title.to_owned(), subtitle, caption, origins, picture }
}

/// Lines of all densities and of their mean; `label` has their unit.
pub(super) fn curves(
    picture: &mut Picture,
    frame: Frame,
    frequency_hz: &[f64],
    density: &Array2<f64>,
    label: &str,
) {
    let positive = density.iter().copied().filter(|&density| density > 0.0);
    let (low, high) = extent(positive).unwrap_or((1.0, 10.0));
    let last_hz = frequency_hz.last().copied().unwrap_or(1.0);
    let x = Axis::log("frequency (Hz)", (frequency_hz[0], last_hz));
    let y = Axis::log(label, (low / 1.5, high * 1.5));
    let plot = Plot::new(picture, frame, x, y);
    let values = |row: ndarray::ArrayView1<'_, f64>| {
        frequency_hz.iter().copied().zip(row.iter().copied()).collect::<Vec<_>>()
    };
    for row in density.rows() {
        plot.curve(picture, values(row), translucent(SIMULATED, 0x80), 1.0);
    }
    let known: Vec<usize> =
        (0..density.nrows()).filter(|&row| density.row(row).iter().all(|d| d.is_finite())).collect();
    if let Some(mean) = density.select(Along(0), &known).mean_axis(Along(0)).filter(|_| known.len() > 1) {
        plot.curve(picture, values(mean.view()), BLACK, 2.2);
    }
}
