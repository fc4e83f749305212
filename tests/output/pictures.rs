//! What every picture must be: readable as a whole, and in its parts alone.

use crate::fixtures::command_line::{Workplace, configuration};
use humam_gpu::analysis::{Analysis, RunFolder, analyse};
use humam_gpu::output::figures::{DataOrigin, Figure, Frame, Picture, Rendered, Shown, Text, figures};
use std::path::{Path, PathBuf};

/// How far words may reach over each other before they count as overlapping, CSS pixels.
const TOUCH: f64 = 0.5;
/// Widest part of a figure, CSS pixels: on a screen of 500 pixels its words are then two thirds as large as on paper.
const WIDEST_PART: f64 = 720.0;
/// Figures of the whole model, in the order of their files.
pub const ALL: [&str; 15] = [
    "bold_correlation",
    "bold_signals",
    "communities",
    "distributions",
    "functional_connectivity",
    "in_degrees",
    "lfp",
    "membrane_potentials",
    "neuron_numbers",
    "population_rates",
    "rasters",
    "rates_over_time",
    "responses",
    "spectra",
    "theory",
];
/// Figures of runs that are longer than the transient of BOLD.
pub const OF_LONG_RUNS: [&str; 2] = ["bold_correlation", "bold_signals"];
/// Figures of runs that have a snippet of 2 s, means of currents, voltmeters, stimuli, or a window of spectra.
pub const OF_OTHERS: [&str; 5] = ["distributions", "lfp", "membrane_potentials", "responses", "spectra"];

pub fn run(workplace: &Workplace, name: &str, set: &str) -> PathBuf {
    let arguments = format!("run {} {set} --engine cpu --quiet --figures png,svg", configuration(name));
    workplace.folder_of(&arguments)
}

pub fn analysed(run: &Path) -> Analysis {
    analyse(RunFolder::open(run, &[]).expect("a run")).expect("an analysis")
}

pub fn shown(run: &Path) -> Vec<Shown> {
    figures(&analysed(run)).expect("figures")
}

/// Words that leave the picture or overlap others.
fn misplaced(rendered: &Rendered) -> Vec<String> {
    let picture = &rendered.figure.picture;
    let texts: Vec<(&str, Frame)> = picture
        .texts()
        .filter(|text| !text.words.is_empty())
        .map(|text| (text.words.as_str(), text.bounds()))
        .collect();
    let is_outside = |frame: &Frame| {
        frame.x < 0.0 || frame.y < 0.0 || frame.right() > picture.width || frame.bottom() > picture.height
    };
    let outside =
        texts.iter().filter(|(_, frame)| is_outside(frame)).map(|(words, _)| format!("'{words}' is cut off"));
    let overlap = |a: &Frame, b: &Frame| {
        a.x + TOUCH < b.right()
            && b.x + TOUCH < a.right()
            && a.y + TOUCH < b.bottom()
            && b.y + TOUCH < a.bottom()
    };
    let mut found: Vec<String> = outside.collect();
    for (i, (a, of_a)) in texts.iter().enumerate() {
        let others = texts[i + 1..].iter().filter(|(_, of_b)| overlap(of_a, of_b));
        found.extend(others.map(|(b, _)| format!("'{a}' overlaps '{b}'")));
    }
    found.iter().map(|what| format!("{}: {what}", rendered.figure.name)).collect()
}

pub fn assert_readable(shown: &[Shown]) {
    let found: Vec<String> = shown.iter().flatten().flat_map(misplaced).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What of a figure would be lost where its parts stand alone.
fn lost(rendered: &Rendered) -> Vec<String> {
    let Rendered { figure, parts, .. } = rendered;
    let holds = |outer: &Frame, inner: &Frame| {
        let (right, bottom) = (outer.right() + TOUCH, outer.bottom() + TOUCH);
        inner.x + TOUCH >= outer.x
            && inner.y + TOUCH >= outer.y
            && inner.right() <= right
            && inner.bottom() <= bottom
    };
    let is_heading = |words: &str| words == figure.title || words == figure.subtitle;
    let texts = figure.picture.texts().filter(|text| !text.words.is_empty() && !is_heading(&text.words));
    let frames: Vec<&Frame> = figure.picture.parts.iter().map(|part| &part.frame).collect();
    let n_parts = |bounds: &Frame| frames.iter().filter(|frame| holds(frame, bounds)).count();
    let cut =
        texts.filter(|text| n_parts(&text.bounds()) != 1).map(|text| format!("'{}' is cut", text.words));
    let mut found: Vec<String> = cut.collect();
    let wide = frames.iter().filter(|frame| frame.width > WIDEST_PART);
    found.extend(wide.map(|frame| format!("{frame:?} is too wide")));
    let n_marks: usize = frames.iter().map(|frame| figure.picture.marks_in(**frame).count()).sum();
    // All but title and subtitle.
    if n_marks != figure.picture.marks.len() - 2 || parts.len() != frames.len() {
        found.push(format!("{n_marks} of {} marks are in parts", figure.picture.marks.len()));
    }
    found.into_iter().map(|what| format!("{}: {what}", figure.name)).collect()
}

pub fn assert_whole_in_parts(shown: &[Shown]) {
    let found: Vec<String> = shown.iter().flatten().flat_map(lost).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn words_that_a_part_lacks_or_cuts_and_parts_that_are_too_wide_are_found() {
    let rendered = |frame: Frame| {
        let mut picture = Picture::new(900.0, 200.0);
        picture.text(Text::new((5.0, 20.0), "title", 17.0));
        picture.text(Text::new((5.0, 40.0), "subtitle", 11.0));
        picture.text(Text::new((5.0, 100.0), "words", 10.0));
        picture.part(frame, "Words.");
        let [title, subtitle] = ["title", "subtitle"].map(str::to_owned);
        let origins = vec![DataOrigin::Simulated];
        let figure = Figure { name: "x", title, subtitle, caption: String::new(), origins, picture };
        Rendered::new(figure).expect("a picture")
    };
    assert_eq!(lost(&rendered(Frame::new(0.0, 60.0, 400.0, 140.0))), [""; 0]);
    assert_eq!(lost(&rendered(Frame::new(0.0, 60.0, 800.0, 140.0))).len(), 1, "too wide");
    assert_eq!(lost(&rendered(Frame::new(0.0, 60.0, 25.0, 140.0))).len(), 1, "cut");
    assert_eq!(lost(&rendered(Frame::new(100.0, 60.0, 400.0, 140.0))).len(), 2, "cut and left out");
}
