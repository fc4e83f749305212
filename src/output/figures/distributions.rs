//! Rates, CV and LvR of single spike trains beside those measured in human medial frontal cortex.

use super::axis::Axis;
use super::colours::{MEASURED, SIMULATED};
use super::figure_data::FigureData;
use super::picture::{Anchor, Frame, Picture, Text};
use super::plot::{MEDIUM, Plot, SMALL, heading, legend, panel_title};
use super::{DataOrigin, Drawn, Figure, LeftOut};
use crate::analysis::{Absence, Known, SpikingComparison, SpikingSamples};
use crate::model::ModelKind;
use crate::model::anatomy::SpikingQuantiles;

const NAME: &str = "distributions";
const SIDE: (f64, f64) = (300.0, 190.0);
const LEFT: f64 = 80.0;
const TOP: f64 = 126.0;
const GAP: f64 = 66.0;
const BINS: usize = 40;
/// Quantile at which the axes end: a few long tails would take all their room.
const LAST_QUANTILE: f64 = 0.99;

/// One column.
struct Statistic {
    title: &'static str,
    label: &'static str,
    /// Distance of possible values; 0 where any value is possible.
    atom: f64,
    simulated: fn(&SpikingSamples) -> &[f64],
    measured: fn(&SpikingQuantiles) -> &[f64],
    similarity: fn(&SpikingComparison) -> &Known<f64>,
}

const STATISTICS: [Statistic; 3] = [
    Statistic {
        title: "Rate",
        label: "spikes/s",
        atom: 0.5,
        simulated: |samples| &samples.rate_hz,
        measured: |quantiles| &quantiles.rate_hz,
        similarity: |found| &found.rate_similarity,
    },
    Statistic {
        title: "CV ISI",
        label: "coefficient of variation",
        atom: 0.0,
        simulated: |samples| &samples.cv_isi,
        measured: |quantiles| &quantiles.cv_isi,
        similarity: |found| &found.cv_similarity,
    },
    Statistic {
        title: "LvR",
        label: "revised local variation",
        atom: 0.0,
        simulated: |samples| &samples.lvr,
        measured: |quantiles| &quantiles.lvr,
        similarity: |found| &found.lvr_similarity,
    },
];

/// Draws it.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    let left_out = |reason: String| Err(LeftOut { name: NAME, reason });
    let config = &data.analysis.run.config;
    let spiking = &data.analysis.experiment.spiking;
    if config.model != ModelKind::Human {
        return left_out(Absence::NotMeasured.to_string());
    }
    if let Err(absence @ Absence::NotSimulated { .. }) = spiking {
        return left_out(absence.to_string());
    }
    let measured = match SpikingQuantiles::load(&config.anatomy) {
        Ok(measured) => measured,
        Err(error) => return left_out(error.to_string()),
    };
    let mut picture = Picture::new(LEFT + 3.0 * (SIDE.0 + GAP) - 30.0, TOP + 2.0 * (SIDE.1 + 66.0) - 4.0);
    let title = "Spike trains, simulated and measured";
    let subtitle = match spiking {
        Ok(found) => {
            format!(
                "{}, {} snippets of 2 s, beside human medial frontal cortex, trials of 2 s",
                found.area, found.n_snippets
            )
        }
        Err(absence) => format!("No simulated distribution: {absence}"),
    };
    heading(&mut picture, title, &subtitle);
    legend(
        &mut picture,
        (LEFT, 74.0),
        &[("simulated", SIMULATED), ("measured (Minxha et al. 2020)", MEASURED)],
    );
    for (column, statistic) in STATISTICS.iter().enumerate() {
        let x = LEFT + column as f64 * (SIDE.0 + GAP);
        panels(&mut picture, x, column == 0, statistic, (spiking, &measured));
    }
    let caption = "Top: densities, bottom: cumulative distributions, of single spike trains; rates of trains with a \
        spike, CV and LvR of trains with enough spikes. 1 − KS is one minus the largest vertical distance between the \
        cumulative distributions: 1 where they agree. The axes end at the 99th percentile."
        .to_owned();
    Ok(Figure {
        name: NAME,
        title: title.to_owned(),
        caption,
        origins: vec![DataOrigin::Simulated, DataOrigin::Measured],
        picture,
    })
}

fn panels(
    picture: &mut Picture,
    x: f64,
    is_first: bool,
    statistic: &Statistic,
    (spiking, measured): (&Known<SpikingComparison>, &SpikingQuantiles),
) {
    let levels = &measured.quantile;
    let measured = (statistic.measured)(measured);
    let simulated = spiking.as_ref().map(|found| (statistic.simulated)(&found.simulated)).unwrap_or_default();
    let end = at_level(measured, LAST_QUANTILE).max(at_level(simulated, LAST_QUANTILE));
    let density = Frame::new(x, TOP, SIDE.0, SIDE.1);
    panel_title(picture, density, statistic.title);
    let all = [(measured, MEASURED), (simulated, SIMULATED)];
    let histograms = all.map(|(values, colour)| (histogram(values, end, statistic.atom), colour));
    let highest = histograms.iter().flat_map(|(bars, _)| bars.iter().map(|bar| bar.1)).fold(0.0, f64::max);
    let label = |words: &'static str| if is_first { words } else { "" };
    let axis = Axis::linear("", (0.0, end));
    let plot = Plot::new(picture, density, axis, Axis::linear(label("density"), (0.0, 1.08 * highest)));
    for (bars, colour) in histograms {
        plot.curve(picture, bars, colour, 1.8);
    }
    let frame = Frame { y: TOP + SIDE.1 + 50.0, ..density };
    let (x, y) = (Axis::linear(statistic.label, (0.0, end)), Axis::linear(label("cumulative"), (0.0, 1.0)));
    let plot = Plot::new(picture, frame, x, y);
    plot.curve(picture, measured.iter().copied().zip(levels.iter().copied()), MEASURED, 1.8);
    plot.curve(picture, cumulative(simulated), SIMULATED, 1.8);
    let words = match spiking.as_ref().map(|found| (statistic.similarity)(found)) {
        Ok(Ok(similarity)) => format!("1 − KS = {similarity:.3}"),
        Ok(Err(absence)) => format!("no simulated values: {absence}"),
        Err(_) => "no simulated values".to_owned(),
    };
    let size = if words.len() < 24 { MEDIUM } else { SMALL };
    let text = Text::new((frame.right() - 8.0, frame.bottom() - 16.0), words, size);
    picture.text(text.anchor(Anchor::End));
}

/// The value at a level, of ascending values; 0 where there is none.
fn at_level(values: &[f64], level: f64) -> f64 {
    let last = values.len().saturating_sub(1) as f64;
    values.get((level * last) as usize).copied().unwrap_or(0.0)
}

/// Steps of the density: both ends of each bin, with its density. Where only multiples of `atom` are
/// possible, each bin holds equally many of them.
fn histogram(values: &[f64], end: f64, atom: f64) -> Vec<(f64, f64)> {
    if values.is_empty() || end <= 0.0 {
        return Vec::new();
    }
    let width = if atom > 0.0 { (end / BINS as f64 / atom).ceil() * atom } else { end / BINS as f64 };
    let first = atom / 2.0;
    let mut counts = [0u32; BINS];
    for value in values.iter().filter(|&&value| value >= first) {
        if let Some(count) = counts.get_mut(((value - first) / width) as usize) {
            *count += 1;
        }
    }
    let bar = |(bin, &count): (usize, &u32)| {
        let density = f64::from(count) / (values.len() as f64 * width);
        [bin, bin + 1].map(|edge| ((first + edge as f64 * width).min(end), density))
    };
    counts.iter().enumerate().flat_map(bar).collect()
}

/// The distribution function at 500 of its steps.
fn cumulative(values: &[f64]) -> Vec<(f64, f64)> {
    let n = values.len();
    let every = n.div_ceil(500).max(1);
    let point = |i: usize| (values[i], (i + 1) as f64 / n as f64);
    (0..n).step_by(every).chain(n.checked_sub(1)).map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_multiples_fill_every_bin_alike() {
        let rates: Vec<f64> = (1..=300).map(|k| f64::from(k) * 0.5).collect();
        let bars = histogram(&rates, 100.0, 0.5);
        let within = bars.iter().filter(|bar| bar.0 < 100.0);
        assert!(within.map(|bar| bar.1).all(|density| (density - 1.0 / 150.0).abs() < 1e-12));
        assert!(histogram(&[], 1.0, 0.0).is_empty());
    }

    #[test]
    fn a_density_has_area_1_where_the_axis_holds_all_values() {
        let values: Vec<f64> = (0..1000).map(|k| f64::from(k * k) / 1e6).collect();
        let area: f64 =
            histogram(&values, 1.0, 0.0).chunks(2).map(|bar| bar[0].1 * (bar[1].0 - bar[0].0)).sum();
        assert!((area - 1.0).abs() < 1e-9, "{area}");
    }
}
