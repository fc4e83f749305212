//! Responses to stimuli: rates of areas around the onset, in the order of their latencies.

use super::axis::{Axis, extent};
use super::colours::BLACK;
use super::figure_data::FigureData;
use super::heat_map::{BAR_ROOM, ColourScale, columns};
use super::picture::{Frame, Picture};
use super::plot::{Plot, SMALL, heading, legend, panel_title};
use super::{DataOrigin, Drawn, Figure, LeftOut, font, latency_panel};
use crate::analysis::{Reaction, Response};
use ndarray::{Array2, Axis as Along};

const NAME: &str = "responses";
const WIDTH: f64 = 430.0;
const TOP: f64 = 116.0;
/// Between the panels of two stimuli.
const GAP: f64 = 84.0;
const BELOW: f64 = 46.0;
/// Most stimuli that are shown.
const STIMULI: usize = 4;
/// Part of the bins whose rates colours tell apart.
const QUANTILE: f64 = 0.995;
const RADIUS: f64 = 2.6;

/// A unit of a panel: its row in the histograms.
type Ordered = Vec<usize>;

/// Draws it.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    let all = &data.analysis.responses;
    let is_shown = |response: &&Response| {
        response.baseline_bins > 0 && of_units(data, response).0.iter().any(|hz| hz.is_finite())
    };
    let shown: Vec<&Response> = all.iter().filter(is_shown).take(STIMULI).collect();
    if shown.is_empty() {
        let reason = if all.is_empty() {
            "the run has no stimulus that begins before its end"
        } else {
            "spikes from before and after the stimuli are not there"
        };
        return Err(LeftOut { name: NAME, reason: reason.to_owned() });
    }
    let names = 24.0 + font::widest(data.units.iter().map(|unit| unit.name.as_str()), SMALL);
    let row = if data.has_areas() { 15.0 } else { 24.0 };
    let height = (row * data.units.len() as f64).max(120.0);
    let panel = |index: usize| Frame::new(names, TOP + index as f64 * (height + GAP), WIDTH, height);
    let edge = names + WIDTH + BAR_ROOM;
    let width =
        if data.has_areas() { edge + latency_panel::ROOM + latency_panel::WIDTH + 16.0 } else { edge };
    let mut picture = Picture::new(width, panel(shown.len() - 1).bottom() + BELOW);
    let title = format!("Responses of {} to stimuli", data.units_are());
    let bin_ms = data.analysis.window.bin_ms();
    let subtitle = format!(
        "Rates in bins of {bin_ms} ms around the onset, less those before it; first to respond on top"
    );
    heading(&mut picture, &title, &subtitle);
    legend(&mut picture, (names, 74.0), &[("latency", BLACK)]);
    for (index, response) in shown.iter().enumerate() {
        one(&mut picture, panel(index), data, response);
        let top = if index == 0 { 60.0 } else { panel(index).y - 32.0 };
        let bottom = if index + 1 == shown.len() { picture.height } else { panel(index + 1).y - 32.0 };
        let left = Frame::new(0.0, top, edge, bottom - top);
        picture.part(left, seen(data, response));
        if data.has_areas() {
            let side = latency_panel::WIDTH;
            let frame = Frame::new(edge + latency_panel::ROOM, panel(index).y, side, side.min(height));
            let seen = latency_panel::latency_panel(&mut picture, frame, data, response);
            picture.part(Frame { x: edge, width: width - edge, ..left }, seen);
        }
    }
    let caption = caption(data, &shown);
    Ok(Figure { name: NAME, title, subtitle, caption, origins: vec![DataOrigin::Simulated], picture })
}

fn caption(data: &FigureData<'_>, shown: &[&Response]) -> String {
    let options = &data.analysis.run.config.analysis;
    let others = match data.analysis.responses.len() - shown.len() {
        0 => String::new(),
        n => format!(" {n} more stimuli are in analysis/responses.csv."),
    };
    let delays = match data.has_areas() {
        true => {
            " Beside it, latencies over the mean delays of all synapses from the stimulated populations onto each other area."
        }
        false => "",
    };
    format!(
        "Peri-stimulus time histograms, less the mean of up to {} ms before the onset; of pulses the mean over pulses, with \
         what is before each of them. A disc is the start of the first bin that differs from what was before (binomial test of counts, divided by their Fano \
         factor, α = {} for all bins of a response together); without one, no bin does. Colours end at the {} % quantile.{delays}{others}{}",
        options.response_baseline_ms,
        options.response_alpha,
        QUANTILE * 100.0,
        data.unrecorded()
    )
}

/// Rates of units around the onset, and what each does.
fn of_units<'r>(data: &FigureData<'_>, response: &'r Response) -> (&'r Array2<f64>, &'r [Reaction]) {
    match data.has_areas() {
        true => (&response.areas_hz, &response.areas),
        false => (&response.populations_hz, &response.populations),
    }
}

/// Units by their latencies; those without one come last.
fn ordered(reactions: &[Reaction]) -> Ordered {
    let latency_ms = |&unit: &usize| *reactions[unit].latency_ms.as_ref().unwrap_or(&f64::INFINITY);
    let mut units: Vec<usize> = (0..reactions.len()).collect();
    units.sort_by(|a, b| latency_ms(a).total_cmp(&latency_ms(b)));
    units
}

fn one(picture: &mut Picture, frame: Frame, data: &FigureData<'_>, response: &Response) {
    let (rates_hz, reactions) = of_units(data, response);
    let order = ordered(reactions);
    let mut change_hz = rates_hz.select(Along(0), &order);
    for (mut row, &unit) in change_hz.rows_mut().into_iter().zip(&order) {
        row -= reactions[unit].baseline_hz.as_ref().copied().unwrap_or(f64::NAN);
    }
    let trials = match response.onsets_ms.len() {
        1 => format!("from {} ms on", response.onsets_ms[0]),
        n => format!("{n} pulses"),
    };
    panel_title(picture, frame, &format!("{}, {trials}", response.stimulus));
    let x =
        Axis::linear("time from the onset (ms)", (response.time_ms(0), response.time_ms(change_hz.ncols())));
    let names = Axis::names("", order.iter().rev().map(|&unit| data.units[unit].name.clone()));
    let most_hz = upper_quantile(change_hz.iter().map(|hz| hz.abs()));
    let Some(colours) = ColourScale::signed("spikes/s above those before", [-most_hz, most_hz]) else {
        return;
    };
    columns(picture, frame, change_hz.view(), &colours);
    let plot = Plot::new(picture, frame, x, names);
    plot.vertical(picture, 0.0, "");
    let disc = |(place, &unit): (usize, &usize)| {
        let y = (order.len() - place) as f64 - 0.5;
        Some((*reactions[unit].latency_ms.as_ref().ok()?, y))
    };
    plot.dots(picture, order.iter().enumerate().filter_map(disc), RADIUS, BLACK);
    colours.bar(picture, frame);
}

/// The value below which [`QUANTILE`] of the values lie; 0 without any.
fn upper_quantile(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    *values.select_nth_unstable_by((QUANTILE * last as f64).ceil() as usize, f64::total_cmp).1
}

fn seen(data: &FigureData<'_>, response: &Response) -> String {
    let (_, reactions) = of_units(data, response);
    let latencies = || reactions.iter().filter_map(|reaction| reaction.latency_ms.as_ref().ok().copied());
    let n = latencies().count();
    let units = data.units_are();
    match extent(latencies()) {
        Some((first, last)) => format!(
            "Colours of the rates of {} {units} around the onset of {}: {n} respond, after {first:.1} to {last:.1} ms.",
            reactions.len(),
            response.stimulus
        ),
        None => format!(
            "Colours of the rates of {} {units} around the onset of {}: none responds.",
            reactions.len(),
            response.stimulus
        ),
    }
}
