//! Mean-field theory: its way to the fixed point, and its rates beside the simulated ones.

use super::axis::{Axis, extent};
use super::colours::{Colour, EXCITATORY, INHIBITORY, MEASURED, SIMULATED};
use super::figure_data::FigureData;
use super::picture::{Frame, Picture};
use super::plot::{Plot, absent, heading, legend, panel_title};
use super::{DataOrigin, Drawn, Figure};
use crate::simulation::recording::FlowState;

const SIDE: f64 = 300.0;
const GAP: f64 = 90.0;
const LEFT: f64 = 80.0;
const TOP: f64 = 130.0;
/// Pseudo-times below this have no place on the logarithmic axis.
const FIRST_PSEUDO_TIME: f64 = 0.01;

/// Draws it.
pub fn draw(data: &FigureData<'_>) -> Drawn {
    data.needs_model("theory")?;
    let mut picture = Picture::new(LEFT + 3.0 * (SIDE + GAP) - 70.0, TOP + SIDE + 46.0);
    let theory = &data.analysis.run.stored.with_dc;
    let state = match theory.converged {
        true if theory.residual_hz == 0.0 => "a fixed point".to_owned(),
        true => format!("a fixed point, residual {:.0e} 1/s", theory.residual_hz),
        false => format!("no fixed point found, residual {:.1e} 1/s", theory.residual_hz),
    };
    let title = "Mean-field theory: convergence, and beside the simulation";
    let subtitle = format!("Stationary rates of the network that is simulated: {state}");
    heading(&mut picture, title, &subtitle);
    let frame = |index: f64| Frame::new(LEFT + index * (SIDE + GAP), TOP, SIDE, SIDE);
    let flows: &[(&str, _)] = &[("as simulated", SIMULATED), ("without its DC input", MEASURED)];
    let entries = if has_dc(data) { flows } else { &flows[..1] };
    legend(&mut picture, (frame(0.0).x, 78.0), entries);
    legend(&mut picture, (frame(1.0).x, 78.0), entries);
    residuals(&mut picture, frame(0.0), data);
    means(&mut picture, frame(1.0), data);
    legend(&mut picture, (frame(2.0).x, 78.0), &[("E", EXCITATORY), ("I", INHIBITORY)]);
    scatter(&mut picture, frame(2.0), data);
    for (index, seen) in seen(data).into_iter().enumerate() {
        let x = frame(index as f64).x - LEFT + 4.0;
        picture.part(Frame::new(x, 62.0, SIDE + GAP, picture.height - 62.0), seen);
    }
    let n_silent = pairs(data).iter().filter(|pair| pair.0 <= 0.0 || pair.1 <= 0.0).count();
    let silent = match n_silent {
        0 => String::new(),
        n => format!(" {n} populations whose simulated or predicted rate is 0 have no place on its axes."),
    };
    let caption = format!(
        "A and B: theory follows ν′ = −ν + Φ(ν) along a pseudo-time, which is no time of the run and has no unit, until \
         the largest |−ν + Φ(ν)| is below the tolerance (dashed); Newton's method takes the last step, which the line does \
         not show. C: each \
         disc is a population, the diagonal is equality. Theory takes inputs for Gaussian noise without \
         correlations, and departs from simulation where in-degrees are small or activity is synchronous.{silent}"
    );
    Ok(Figure {
        name: "theory",
        title: title.to_owned(),
        subtitle,
        caption,
        origins: vec![DataOrigin::Predicted, DataOrigin::Simulated],
        picture,
    })
}

/// What there is to see in each panel.
fn seen(data: &FigureData<'_>) -> [String; 3] {
    let flow = &data.derivation.with_dc;
    let ends = flow.first().zip(flow.last());
    let of_flow = |what: &str, unit: &str, value: fn(&FlowState) -> f64| match ends {
        Some((first, last)) => {
            let (first, last) = (value(first), value(last));
            format!("Line of the {what} over pseudo-time, from {first:.2e} to {last:.2e} {unit}.")
        }
        None => format!("Line of the {what} over pseudo-time, of 0 states."),
    };
    let pairs = pairs(data);
    let above = pairs.iter().filter(|pair| pair.1 > pair.0).count();
    [
        of_flow("residual", "1/s", |state| state.residual_hz),
        of_flow("mean rate", "spikes/s", |state| state.mean_rate_hz),
        format!(
            "Discs of the simulated over the predicted rates of {} populations, {above} of them above equality.",
            pairs.len()
        ),
    ]
}

fn has_dc(data: &FigureData<'_>) -> bool {
    data.network().populations.iter().any(|population| population.dc_pa != 0.0)
}

/// Both flows, with the colour of each.
fn flows<'a>(data: &'a FigureData<'_>) -> Vec<(&'a [FlowState], Colour)> {
    let derivation = &data.derivation;
    let mut flows = vec![(derivation.with_dc.as_slice(), SIMULATED)];
    if has_dc(data) {
        flows.insert(0, (derivation.without_dc.as_slice(), MEASURED));
    }
    flows
}

fn pseudo_time(data: &FigureData<'_>) -> Axis {
    let ends = flows(data).into_iter().filter_map(|(flow, _)| flow.last().map(|state| state.pseudo_time));
    let end = ends.fold(1.0, f64::max);
    Axis::log("pseudo-time (no unit)", (FIRST_PSEUDO_TIME, end * 1.3))
}

fn residuals(picture: &mut Picture, frame: Frame, data: &FigureData<'_>) {
    panel_title(picture, frame, "Residual along the flow");
    let flows = flows(data);
    let tolerance_hz = data.analysis.run.config.theory.tolerance_hz;
    let all = flows.iter().flat_map(|(flow, _)| flow.iter().map(|state| state.residual_hz));
    let Some((low, high)) = extent(all.filter(|&residual_hz| residual_hz > 0.0)) else {
        return absent(picture, frame, "theory starts at its fixed point: there is no residual");
    };
    let low = if tolerance_hz > 0.0 { low.min(tolerance_hz) } else { low };
    let y = Axis::log("largest |−ν + Φ(ν)| (1/s)", (low / 3.0, high * 3.0));
    let plot = Plot::new(picture, frame, pseudo_time(data), y);
    for (flow, colour) in flows {
        plot.curve(picture, flow.iter().map(|state| (state.pseudo_time, state.residual_hz)), colour, 1.8);
    }
    plot.horizontal(picture, tolerance_hz, "tolerance");
    plot.vertical(picture, data.analysis.run.config.theory.pseudo_time, "as published");
}

fn means(picture: &mut Picture, frame: Frame, data: &FigureData<'_>) {
    panel_title(picture, frame, "Mean rate along the flow");
    let flows = flows(data);
    let highest = extent(flows.iter().flat_map(|(flow, _)| flow.iter().map(|state| state.mean_rate_hz)));
    let y = Axis::linear("mean over populations (spikes/s)", (0.0, highest.map_or(1.0, |h| h.1 * 1.15)));
    let plot = Plot::new(picture, frame, pseudo_time(data), y);
    for (flow, colour) in flows {
        plot.curve(picture, flow.iter().map(|state| (state.pseudo_time, state.mean_rate_hz)), colour, 1.8);
    }
    plot.vertical(picture, data.analysis.run.config.theory.pseudo_time, "as published");
}

/// Predicted and simulated rate of every population, and its type.
fn pairs<'a>(data: &'a FigureData<'_>) -> Vec<(f64, f64, &'a str)> {
    let predicted = &data.analysis.run.stored.with_dc.rates_hz;
    let populations = data.populations().iter().zip(&data.analysis.spikes.populations);
    let pair = |(row, found): (
        &'a crate::simulation::recording::PopulationRow,
        &crate::analysis::PopulationStatistics,
    )| {
        let simulated = found.rate_hz.as_ref().ok()?;
        Some((predicted[row.index], *simulated, row.population.as_str()))
    };
    populations.filter_map(pair).collect()
}

fn scatter(picture: &mut Picture, frame: Frame, data: &FigureData<'_>) {
    panel_title(picture, frame, "Simulated beside predicted");
    let pairs = pairs(data);
    let shown = pairs.iter().filter(|pair| pair.0 > 0.0 && pair.1 > 0.0);
    let Some((low, high)) = extent(shown.flat_map(|pair| [pair.0, pair.1])) else {
        let why = match &data.analysis.spikes.populations[0].rate_hz {
            Err(absence) => format!("no simulated rates: {absence}"),
            Ok(_) => "no population spikes both in theory and in the simulation".to_owned(),
        };
        return absent(picture, frame, &why);
    };
    let axis = |label| Axis::log(label, (low / 1.5, high * 1.5));
    let plot = Plot::new(picture, frame, axis("predicted (spikes/s)"), axis("simulated (spikes/s)"));
    plot.against_each_other(picture, plot.x.range, &pairs, 3.2);
}
