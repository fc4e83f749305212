//! Comparison of runs: statistics of populations side by side, and their distances beside those of seeds.

use super::axis::{Axis, extent};
use super::colours::{BLACK, Colour, EXCITATORY, INHIBITORY, MEASURED};
use super::picture::{Anchor, Frame, Picture, Text};
use super::plot::{MEDIUM, Plot, SMALL, absent, heading, legend, panel_title};
use super::{DataOrigin, Figure};
use crate::analysis::compare::{Comparison, PopulationDistances, Statistic};

const SIDE: f64 = 220.0;
const LEFT: f64 = 80.0;
const GAP: f64 = 76.0;
const TOP: f64 = 84.0;
/// Height of all that one comparison takes.
const BLOCK: f64 = 2.0 * SIDE + 150.0;
/// Most letters of the names of a side.
const LETTERS: usize = 60;
/// Colour of distances between the sides.
const BETWEEN: Colour = BLACK;
/// Colour of distances between seeds of a side.
const SEEDS: Colour = MEASURED;

/// Draws all comparisons, one below the other.
pub fn comparison(comparisons: &[Comparison]) -> Figure {
    let width = LEFT + 4.0 * (SIDE + GAP) - 40.0;
    let mut picture = Picture::new(width, TOP + comparisons.len() as f64 * BLOCK);
    let title = "Runs side by side";
    let subtitle = "Discs: populations, mean over the runs of a side. Below: Kolmogorov-Smirnov distances of their distributions";
    heading(&mut picture, title, subtitle);
    for (index, comparison) in comparisons.iter().enumerate() {
        block(&mut picture, TOP + index as f64 * BLOCK, comparison);
    }
    let caption = "Top: each disc is a population, the diagonal is equality. Bottom: how many populations have a distance \
        up to the one on the horizontal axis, between the sides and, where a side has several runs, between its seeds."
        .to_owned();
    let origins = vec![DataOrigin::Simulated];
    Figure {
        name: "comparison",
        title: title.to_owned(),
        subtitle: subtitle.to_owned(),
        caption,
        origins,
        picture,
    }
}

fn block(picture: &mut Picture, top: f64, comparison: &Comparison) {
    let verdict = match comparison.decision.is_within() {
        Some(true) => "within seed-seed",
        Some(false) => "outside seed-seed",
        None => "cannot be told from the seeds given",
    };
    let outside = comparison.decision.tests.iter().filter(|test| !test.is_within()).count();
    let n = comparison.decision.tests.len();
    let sides = format!("a: {}    b: {}", names(&comparison.a), names(&comparison.b));
    picture.text(Text::new((20.0, top), sides, MEDIUM));
    let told = format!("{verdict}: {outside} of {n} tests outside");
    picture.text(Text::new((20.0, top + 20.0), told, MEDIUM).bold());
    let has_seeds = comparison.populations.iter().any(|found| found.between_seeds.is_some());
    let entries = [
        ("E", EXCITATORY),
        ("I", INHIBITORY),
        ("distance between a and b", BETWEEN),
        ("distance between seeds of a side", SEEDS),
    ];
    legend(picture, (LEFT, top + 44.0), if has_seeds { &entries } else { &entries[..3] });
    for (column, statistic) in Statistic::ALL.into_iter().enumerate() {
        let frame = Frame::new(LEFT + column as f64 * (SIDE + GAP), top + 86.0, SIDE, SIDE);
        let of_statistic: Vec<&PopulationDistances> =
            comparison.populations.iter().filter(|found| found.statistic == statistic).collect();
        scatter(picture, frame, statistic, &of_statistic);
        distances(picture, Frame { y: frame.bottom() + 52.0, height: SIDE - 60.0, ..frame }, &of_statistic);
    }
}

/// The end of a list of names, which tells runs apart.
fn names(runs: &[String]) -> String {
    let all = runs.join(", ");
    let n = all.chars().count();
    if n <= LETTERS { all } else { format!("…{}", all.chars().skip(n - LETTERS).collect::<String>()) }
}

fn words(statistic: Statistic) -> (&'static str, &'static str) {
    match statistic {
        Statistic::Rate => ("Rate", "spikes/s"),
        Statistic::CvIsi => ("CV ISI", "CV"),
        Statistic::Lvr => ("LvR", "LvR"),
        Statistic::Correlation => ("Correlation", "coefficient"),
    }
}

fn scatter(picture: &mut Picture, frame: Frame, statistic: Statistic, found: &[&PopulationDistances]) {
    let (title, unit) = words(statistic);
    panel_title(picture, frame, title);
    let is_log = statistic == Statistic::Rate;
    let pairs = found.iter().filter_map(|p| Some((p.a?, p.b?, p.population.as_str())));
    let (shown, left_out): (Vec<_>, Vec<_>) =
        pairs.partition(|pair: &(f64, f64, &str)| !is_log || pair.0.min(pair.1) > 0.0);
    let Some((low, high)) = extent(shown.iter().flat_map(|pair| [pair.0, pair.1])) else {
        return absent(picture, frame, "no population has it in both");
    };
    let pad = (0.06 * (high - low)).max(1e-6);
    let axis = |side: &str| match (format!("{side} ({unit})"), is_log) {
        (label, true) => Axis::log(&label, (low / 1.5, high * 1.5)),
        (label, false) => Axis::linear(&label, (low - pad, high + pad)),
    };
    let plot = Plot::new(picture, frame, axis("a"), axis("b"));
    plot.against_each_other(picture, (low, high), &shown, 2.6);
    if !left_out.is_empty() {
        let words = format!("{} silent in a or b: not shown", left_out.len());
        let text = Text::new((frame.right() - 6.0, frame.bottom() - 10.0), words, SMALL);
        picture.text(text.anchor(Anchor::End));
    }
}

fn distances(picture: &mut Picture, frame: Frame, found: &[&PopulationDistances]) {
    let sorted = |of: fn(&PopulationDistances) -> Option<f64>| {
        let mut values: Vec<f64> = found.iter().filter_map(|&found| of(found)).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let between = sorted(|found| found.between.map(|distance| distance.ks));
    let seeds = sorted(|found| found.between_seeds.map(|distance| distance.ks));
    if between.is_empty() {
        return absent(picture, frame, "no population has a distance");
    }
    let x = Axis::linear("KS distance", (0.0, 1.0));
    let plot = Plot::new(picture, frame, x, Axis::linear("part of populations", (0.0, 1.0)));
    for (values, colour) in [(&seeds, SEEDS), (&between, BETWEEN)] {
        let n = values.len() as f64;
        plot.curve(picture, values.iter().enumerate().map(|(i, &ks)| (ks, (i + 1) as f64 / n)), colour, 1.8);
    }
    if seeds.is_empty() {
        let text = Text::new((frame.right() - 6.0, frame.bottom() - 10.0), "one run a side: no seeds", SMALL);
        picture.text(text.anchor(Anchor::End));
    }
}
