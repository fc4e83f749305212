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
const GAP: f64 = 80.0;
const BINS: usize = 40;
/// Quantile at which the axes end: a few long tails would take all their room.
const LAST_QUANTILE: f64 = 0.99;

/// One column.
struct Statistic {
    title: &'static str,
    label: &'static str,
    /// Distance of possible values, whose axis is logarithmic; 0 if any value is possible.
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
    let found = match spiking {
        Ok(found) => found,
        Err(absence) => return left_out(absence.to_string()),
    };
    let mut picture = Picture::new(LEFT + 3.0 * (SIDE.0 + GAP) - 64.0, TOP + 2.0 * (SIDE.1 + 66.0) - 4.0);
    let title = "Spike trains, simulated and measured";
    let subtitle = format!(
        "{}, {} snippet{} of 2 s, beside human medial frontal cortex, trials of 2 s",
        found.area,
        found.n_snippets,
        if found.n_snippets == 1 { "" } else { "s" }
    );
    heading(&mut picture, title, &subtitle);
    legend(
        &mut picture,
        (LEFT, 74.0),
        &[("simulated", SIMULATED), ("measured (Minxha et al. 2020)", MEASURED)],
    );
    for (column, statistic) in STATISTICS.iter().enumerate() {
        let x = LEFT + column as f64 * (SIDE.0 + GAP);
        panels(&mut picture, x, statistic, found);
        let part = Frame::new(x - LEFT + 8.0, 60.0, SIDE.0 + GAP, picture.height - 60.0);
        picture.part(part, seen(statistic, found));
    }
    let caption = "Densities and, below, cumulative distributions of single spike trains; rates of trains with a \
        spike, CV and LvR of trains with enough spikes. 1 − KS is one minus the largest vertical distance between the \
        cumulative distributions: 1 where they agree. The axes end at the 99th percentile; \
        that of rates is logarithmic."
        .to_owned();
    Ok(Figure {
        name: NAME,
        title: title.to_owned(),
        subtitle,
        caption,
        origins: vec![DataOrigin::Simulated, DataOrigin::Measured],
        picture,
    })
}

/// What there is to see of a statistic.
fn seen(statistic: &Statistic, found: &SpikingComparison) -> String {
    let [simulated, measured] =
        [(statistic.simulated)(&found.simulated), (statistic.measured)(&found.measured)]
            .map(|values| at_level(values, 0.5));
    let title = statistic.title;
    let medians = format!("medians {simulated:.2} and {measured:.2} {}", statistic.label);
    format!("Lines of density and cumulative distribution of {title}, simulated and measured: {medians}.")
}

fn panels(picture: &mut Picture, x: f64, statistic: &Statistic, found: &SpikingComparison) {
    let (levels, measured) = (&found.measured.quantile, (statistic.measured)(&found.measured));
    let simulated = (statistic.simulated)(&found.simulated);
    let end = at_level(measured, LAST_QUANTILE).max(at_level(simulated, LAST_QUANTILE));
    let density = Frame::new(x, TOP, SIDE.0, SIDE.1);
    panel_title(picture, density, statistic.title);
    let all = [(measured, MEASURED), (simulated, SIMULATED)];
    let bins = Bins { end, atom: statistic.atom };
    let histograms = all.map(|(values, colour)| (bins.density(values), colour));
    let highest = histograms.iter().flat_map(|(bars, _)| bars.iter().map(|bar| bar.1)).fold(0.0, f64::max);
    let words = if bins.is_log() { "density per decade" } else { "density" };
    let plot = Plot::new(picture, density, bins.axis(""), Axis::linear(words, (0.0, 1.08 * highest)));
    for (bars, colour) in histograms {
        plot.curve(picture, bars, colour, 1.8);
    }
    let frame = Frame { y: TOP + SIDE.1 + 50.0, ..density };
    let y = Axis::linear("cumulative", (0.0, 1.0));
    let plot = Plot::new(picture, frame, bins.axis(statistic.label), y);
    plot.curve(picture, measured.iter().copied().zip(levels.iter().copied()), MEASURED, 1.8);
    plot.curve(picture, cumulative(simulated), SIMULATED, 1.8);
    let words = match (statistic.similarity)(found) {
        Ok(similarity) => format!("1 − KS = {similarity:.3}"),
        Err(absence) => format!("no simulated values: {absence}"),
    };
    let size = if words.len() < 24 { MEDIUM } else { SMALL };
    let text = Text::new((frame.right() - 8.0, frame.bottom() - 16.0), words, size);
    picture.text(text.anchor(Anchor::End));
}

/// The value at a level, of ascending values; 0 if there is none.
fn at_level(values: &[f64], level: f64) -> f64 {
    let last = values.len().saturating_sub(1) as f64;
    values.get((level * last) as usize).copied().unwrap_or(0.0)
}

/// Bins of a histogram up to `end`: of even width, or, where only multiples of `atom` are possible, of even
/// logarithmic width as far as whole multiples allow it.
struct Bins {
    end: f64,
    atom: f64,
}

impl Bins {
    /// Whether the axis is logarithmic.
    fn is_log(&self) -> bool {
        self.atom > 0.0
    }

    fn axis(&self, label: &str) -> Axis {
        match self.is_log() {
            true => Axis::log(label, (self.atom / 2.0, self.end.max(self.atom))),
            false => Axis::linear(label, (0.0, self.end)),
        }
    }

    /// Edges of bins, midway between multiples of the atom.
    fn edges(&self) -> Vec<f64> {
        if !self.is_log() {
            return (0..=BINS).map(|edge| self.end * edge as f64 / BINS as f64).collect();
        }
        let ratio = libm::pow(2.0 * self.end / self.atom, 1.0 / BINS as f64);
        let wider = |&edge: &f64| {
            let atoms = libm::round((edge * ratio - edge) / self.atom).max(1.0);
            (edge < self.end).then_some(edge + atoms * self.atom)
        };
        std::iter::successors(Some(self.atom / 2.0), wider).collect()
    }

    /// Steps of the density of ascending values: both ends of each bin, with its density, which is that of the
    /// decimal logarithm where the axis is logarithmic.
    fn density(&self, values: &[f64]) -> Vec<(f64, f64)> {
        if values.is_empty() || self.end <= 0.0 {
            return Vec::new();
        }
        let below = |edge: f64| values.partition_point(|&value| value < edge);
        let bar = |edges: &[f64]| {
            let [from, to] = [edges[0], edges[1]];
            let width = if self.is_log() { libm::log10(to / from) } else { to - from };
            let density = (below(to) - below(from)) as f64 / (values.len() as f64 * width);
            [from, to].map(|edge| (edge.min(self.end), density))
        };
        self.edges().windows(2).flat_map(bar).collect()
    }
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
    fn values_that_are_multiples_fill_bins_by_their_width() {
        let rates: Vec<f64> = (1..=300).map(|k| f64::from(k) * 0.5).collect();
        let bins = Bins { end: 100.0, atom: 0.5 };
        let edges = bins.edges();
        let atoms: Vec<f64> = edges.windows(2).map(|pair| (pair[1] - pair[0]) / 0.5).collect();
        assert!(edges[0] == 0.25 && *edges.last().unwrap() >= 100.0);
        assert!(atoms.iter().all(|atoms| *atoms >= 1.0 && atoms.fract() == 0.0), "{atoms:?}");
        assert!(atoms.is_sorted() && atoms.last() > Some(&3.0), "{atoms:?}");
        // 2 values in each unit of rate, of 300.
        for (bar, pair) in bins.density(&rates).chunks(2).zip(edges.windows(2)) {
            let expected = (pair[1] - pair[0]) * 2.0 / 300.0 / libm::log10(pair[1] / pair[0]);
            assert!((bar[0].1 - expected).abs() < 1e-12, "{pair:?}");
        }
        assert!(bins.density(&[]).is_empty());
    }

    #[test]
    fn a_density_has_area_1_where_the_axis_holds_all_values() {
        let values: Vec<f64> = (0..1000).map(|k| f64::from(k * k) / 1e6).collect();
        let area: f64 = Bins { end: 1.0, atom: 0.0 }
            .density(&values)
            .chunks(2)
            .map(|bar| bar[0].1 * (bar[1].0 - bar[0].0))
            .sum();
        assert!((area - 1.0).abs() < 1e-9, "{area}");
    }
}
