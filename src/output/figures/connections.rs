//! Degrees, weights and delays of chosen synapses.

use super::axis::Axis;
use super::colours::SIMULATED;
use super::picture::{Frame, Picture};
use super::plot::{Plot, absent, heading, panel_title};
use super::{DataOrigin, Figure, thousands};
use crate::output::export::connections::{ConnectionSummary, Connections, Histogram, Moments};

const SIDE: (f64, f64) = (360.0, 200.0);
const LEFT: f64 = 90.0;
const TOP: f64 = 96.0;
const GAP: (f64, f64) = (90.0, 84.0);

/// Draws histograms of the synapses from `from` to `to`, as their selectors say.
pub fn connections(
    connections: &Connections<'_>,
    summary: &ConnectionSummary,
    [from, to]: [&str; 2],
) -> Figure {
    let size = (LEFT + 2.0 * SIDE.0 + GAP.0 + 30.0, TOP + 2.0 * SIDE.1 + GAP.1 + 56.0);
    let mut picture = Picture::new(size.0, size.1);
    let title = format!("Synapses from {from} to {to}");
    let n = connections.n_synapses();
    let subtitle = format!("{} synapses", thousands(n));
    heading(&mut picture, &title, &subtitle);
    let (incoming, in_bins) = summary.of_degrees(connections, true);
    let (outgoing, out_bins) = summary.of_degrees(connections, false);
    let panels = [
        ("In-degree", "synapses onto a target neuron", &incoming, &in_bins),
        ("Out-degree", "synapses from a source neuron", &outgoing, &out_bins),
        ("Weight", "pA", &summary.weights_pa, &summary.weight_histogram),
        ("Delay", "ms", &summary.delays_ms, &summary.delay_histogram),
    ];
    for (place, (title, label, moments, histogram)) in panels.into_iter().enumerate() {
        let (column, row) = ((place % 2) as f64, (place / 2) as f64);
        let at = (LEFT + column * (SIDE.0 + GAP.0), TOP + row * (SIDE.1 + GAP.1));
        let frame = Frame::new(at.0, at.1, SIDE.0, SIDE.1);
        let unit = if place < 2 { "" } else { label };
        let words = format!("{title}: {} {unit}", mean_and_sd(moments));
        panel_title(&mut picture, frame, &words);
        if moments.n == 0 {
            absent(&mut picture, frame, "there are none");
            continue;
        }
        let counted = if place < 2 { "neurons" } else { "synapses" };
        bars(&mut picture, frame, label, counted, histogram);
    }
    let caption = format!(
        "A: synapses onto each target neuron. B: synapses from each source neuron. C: weights. D: delays. Titles have \
         mean ± standard deviation; axes leave out the last 0.2 % of A, B and D. Source populations: {from}; target populations: {to}."
    );
    Figure { name: "connections", title, subtitle, caption, origins: vec![DataOrigin::Derived], picture }
}

/// As `12.34 ± 4.56`.
pub fn mean_and_sd(moments: &Moments) -> String {
    match moments.n {
        0 => "none".to_owned(),
        _ => {
            let decimals = if moments.mean.abs() < 100.0 { 2 } else { 1 };
            format!("{:.decimals$} ± {:.decimals$}", moments.mean, moments.sd).replace('-', "−")
        }
    }
}

fn bars(picture: &mut Picture, frame: Frame, label: &str, counted: &str, histogram: &Histogram) {
    let highest = histogram.counts.iter().max().copied().unwrap_or(0) as f64;
    let (low, high) = histogram.range;
    let y = Axis::linear(counted, (0.0, 1.05 * highest.max(1.0)));
    let plot = Plot::new(picture, frame, Axis::linear(label, (low, high)), y);
    let width = (high - low) / histogram.counts.len() as f64;
    for (bin, &count) in histogram.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let left = low + bin as f64 * width;
        let (top_left, bottom_right) = (plot.at(left, count as f64), plot.at(left + width, 0.0));
        let size = (bottom_right.0 - top_left.0, bottom_right.1 - top_left.1);
        picture.rectangle(Frame::new(top_left.0, top_left.1, size.0, size.1), SIMULATED);
    }
}
