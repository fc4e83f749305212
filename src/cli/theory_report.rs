//! What `theory` shows.

use humam_gpu::config::Config;
use humam_gpu::model::ModelNetwork;
use humam_gpu::model::network::NetworkSpec;
use humam_gpu::model::network::ScalingMethod;
use humam_gpu::model::theory::{StationaryRates, TheoryState};
use humam_gpu::simulation::recording::{self, RecordingError, mean_hz};
use std::fmt::Write;
use std::path::Path;

/// The table of `theory`.
pub fn theory(config: &Config, derived: &ModelNetwork, full: &StationaryRates) -> String {
    let mut text = format!(
        "{:<34} {:>10} {:>10} {:>11} {:>8} {:>12} {:>12}\n",
        "stationary rates, spikes/s", "mean", "residual", "pseudo-time", "newton", "mean s=P", "residual s=P"
    );
    theory_row(&mut text, "full scale, this configuration", &derived.full, full);
    let ground_state = config.scaling.method != ScalingMethod::Preserve;
    if let Some(theory) = derived.dc_theory.as_ref().filter(|_| ground_state) {
        theory_row(&mut text, "full scale, ground state (for DC)", &derived.full, theory);
    }
    theory_row(&mut text, "network, with DC", &derived.network, &derived.with_dc);
    theory_row(&mut text, "network, without DC", &derived.network, &derived.without_dc);
    let _ = writeln!(
        text,
        "Means are over populations that have neurons; P = theory.pseudo_time = {}. A residual at or above \
         theory.tolerance_hz = {:e} means that no fixed point was found.",
        config.theory.pseudo_time, config.theory.tolerance_hz
    );
    text
}

/// Writes the rates of each population, spikes/s: at full scale, and of the network with and without its DC input.
pub fn write_csv(path: &Path, derived: &ModelNetwork, full: &StationaryRates) -> Result<(), RecordingError> {
    let columns = [
        "area",
        "layer",
        "population",
        "neurons",
        "full_scale_neurons",
        "full_scale_rate_hz",
        "rate_hz",
        "rate_without_dc_hz",
    ];
    let populations = derived.network.populations.iter().enumerate().map(|(index, population)| {
        let of_full = &derived.full.populations;
        let same = of_full.iter().position(|full| full.name() == population.name());
        let [n_full, full_hz] =
            [same.map(|at| of_full[at].neurons.to_string()), same.map(|at| full.rates_hz[at].to_string())]
                .map(Option::unwrap_or_default);
        vec![
            population.area.clone(),
            population.layer.clone(),
            population.cell_type.clone(),
            population.neurons.to_string(),
            n_full,
            full_hz,
            derived.with_dc.rates_hz[index].to_string(),
            derived.without_dc.rates_hz[index].to_string(),
        ]
    });
    recording::write_csv(path, &columns, populations)
}

fn theory_row(text: &mut String, label: &str, network: &NetworkSpec, theory: &StationaryRates) {
    let mean = |rates: &[f64]| {
        let rates = network.populations.iter().zip(rates);
        mean_hz(rates.map(|(p, &rate)| (p.neurons > 0).then_some(rate))).unwrap_or(0.0)
    };
    let StationaryRates { residual_hz, pseudo_time, newton_steps, converged, .. } = theory;
    let TheoryState { rates_hz, residual_hz: state_residual_hz, .. } = &theory.at_pseudo_time;
    let _ = writeln!(
        text,
        "{label:<34} {:>10.4} {residual_hz:>10.1e} {pseudo_time:>11.2} {newton_steps:>8} {:>12.4} {state_residual_hz:>12.1e}{}",
        mean(&theory.rates_hz),
        mean(rates_hz),
        if *converged { "" } else { "  not converged" },
    );
}
