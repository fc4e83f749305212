//! The run in words.

use super::html::{element, escaped};
use crate::analysis::{Analysis, Interval, Known, Reaction, Response, interval, key_figures};
use crate::config::Config;
use crate::engine::fixed_point::Stimulus;
use crate::model::ModelKind;
use crate::model::network::ScalingMethod;
use crate::output::figures::thousands;

const MS_PER_S: f64 = 1000.0;
/// Below this a run is too short for what changes slowly, s.
const SHORT_S: f64 = 10.0;

/// Title of the page.
pub fn title(analysis: &Analysis) -> String {
    let model = match &analysis.run.config.model {
        ModelKind::Human => "Human Multi-Area Model",
        ModelKind::Microcircuit => "Microcircuit",
        ModelKind::Network(_) => "Network",
        ModelKind::Imported => "Imported network",
    };
    match &analysis.run.config.name {
        Some(name) => format!("{model}: {name}"),
        None => model.to_owned(),
    }
}

/// What was simulated, in a sentence.
pub fn lead(analysis: &Analysis) -> String {
    let manifest = &analysis.run.manifest;
    let n_areas = analysis.areas.len();
    let areas = if n_areas > 1 { format!(" in {n_areas} areas") } else { String::new() };
    let recorded = match manifest.recorded_spikes() {
        n if n == manifest.n_spikes => String::new(),
        n => format!(" ({} of them recorded)", thousands(n)),
    };
    format!(
        "{} s of model time, {} neurons in {} populations{areas}, {} synapses, {} spikes{recorded}, seed {}.",
        analysis.window.duration_ms() / MS_PER_S,
        thousands(manifest.n_neurons),
        analysis.run.populations.len(),
        thousands(manifest.n_synapses),
        thousands(manifest.n_spikes),
        manifest.seed
    )
}

/// What keeps the run from being read as cortex.
pub fn cautions(analysis: &Analysis) -> String {
    let mut cautions = analysis.run.manifest.warnings.clone();
    cautions.extend(scaling(analysis));
    let theory = &analysis.run.stored.with_dc;
    if !theory.converged {
        cautions.push(format!(
            "Theory of this network found no fixed point (residual {:.1e} 1/s): predicted rates are the last state of \
             its search.",
            theory.residual_hz
        ));
    }
    let seconds = analysis.window.duration_ms() / MS_PER_S;
    if seconds < SHORT_S {
        cautions.push(format!(
            "The run lasts {seconds} s. Rates and intervals are those of its few spikes, and what changes slowly is not \
             seen.{}",
            match analysis.run.config.model {
                ModelKind::Human => " Noise in correlations makes similarities to fMRI smaller than those of longer runs.",
                ModelKind::Microcircuit | ModelKind::Network(_) | ModelKind::Imported => "",
            }
        ));
    }
    let n_kept = analysis.run.recorded.iter().filter(|&&kept| kept).count();
    if n_kept < analysis.run.recorded.len() {
        cautions.push(format!(
            "Spikes of {n_kept} of {} populations were recorded: statistics other than rates are of these alone.",
            analysis.run.recorded.len()
        ));
    }
    if !analysis.run.config.stimuli.is_empty() {
        let stimuli = analysis.run.config.stimuli.iter().map(Stimulus::to_string);
        let stimuli = stimuli.collect::<Vec<_>>().join("; ");
        cautions
            .push(format!("The run has stimuli, which theory and the published results do not: {stimuli}."));
    }
    cautions.extend(experiment(&analysis.run.config));
    if analysis.run.config.areas.is_some() {
        cautions.push(
            "Only some areas are simulated; what the others would send is Poisson input without correlations, or \
             missing, as the configuration tells."
                .to_owned(),
        );
    }
    let caution =
        |text: String| format!("<div class=\"caution\"><strong>Caution.</strong> {}</div>\n", escaped(&text));
    cautions.into_iter().map(caution).collect()
}

/// What is not as in the model.
fn experiment(config: &Config) -> Option<String> {
    let overrides = config.neurons.overrides.iter().map(|change| {
        let values = change.values().into_iter().map(|(key, value)| format!("{key} = {value}"));
        format!("neurons of `{}`: {}", change.populations, values.collect::<Vec<_>>().join(", "))
    });
    let changes: Vec<String> =
        config.manipulations.iter().map(ToString::to_string).chain(overrides).collect();
    let of_what = "The published results are those of the model without these changes.";
    (!changes.is_empty()).then(|| format!("The model is changed: {}. {of_what}", changes.join("; ")))
}

fn scaling(analysis: &Analysis) -> Option<String> {
    let config = &analysis.run.config;
    let scaling = &config.scaling;
    if scaling.n_scaling == 1.0 && scaling.k_scaling == 1.0 {
        return None;
    }
    let percent = |part: f64| (part * 1e6).round() / 1e4;
    let (neurons, synapses) = (percent(scaling.n_scaling), percent(scaling.k_scaling));
    let kept = format!(
        "This network is down-scaled: {neurons} % of the neurons, {synapses} % of the synapses per neuron."
    );
    let consequence = match (&config.model, scaling.method) {
        (_, ScalingMethod::Preserve) => {
            "Its weights and DC input keep the mean and the variance of every population's input, and so the rates of \
             mean-field theory; fewer neurons share more of their input, so correlations are larger than at full \
             scale, and with them everything that follows from correlations."
        }
        (ModelKind::Human, _) => {
            "Down-scaling changes the dynamics. The scaling of the publication's notebook keeps neither the mean-field \
             rates nor the correlations of the full model: the notebook's network (0.4 %) fires at some 72 spikes/s, mean \
             over populations, where theory of the full model gives 0.75. The published results (Pronold et al. 2024) \
             are those of the full network. Compare this run with runs of the same scale, and make no statement about \
             cortex from it."
        }
        (ModelKind::Microcircuit | ModelKind::Network(_) | ModelKind::Imported, _) => {
            "Down-scaling changes the dynamics: this scaling keeps neither the mean-field rates nor the correlations of \
             the full network. Compare this run with runs of the same scale."
        }
    };
    Some(format!("{kept} {consequence}"))
}

/// Key figures in sentences.
pub fn findings(analysis: &Analysis) -> String {
    let figures = key_figures(analysis);
    let value = |quantity: &str| {
        figures.iter().find(|figure| figure.quantity == quantity).map(|figure| &figure.value)
    };
    let mut sentences = vec![rates(analysis, value("mean_rate_hz"))];
    let statistics = [
        (
            "mean_cv_isi",
            "Irregularity of single neurons: CV of interspike intervals",
            "1 is that of a Poisson process",
        ),
        ("mean_lvr", "Local variation LvR", "1 is that of a Poisson process, less is more regular"),
        ("mean_correlation", "Correlation of spike counts of pairs", "0 is independence"),
        ("modularity", "Modularity of functional connectivity", "0 is no community"),
        (
            "rate_similarity",
            "Similarity of the rates of single neurons to experiment, 1 − KS",
            "1 is equality",
        ),
        ("cv_similarity", "Similarity of CV to experiment, 1 − KS", "1 is equality"),
        ("lvr_similarity", "Similarity of LvR to experiment, 1 − KS", "1 is equality"),
        (
            "fmri_similarity_left",
            "Correlation with fMRI functional connectivity, left hemisphere",
            "1 is equality of pattern",
        ),
        ("fmri_similarity_right", "The same, right hemisphere", "1 is equality of pattern"),
    ];
    for (quantity, what, scale) in statistics {
        let interval = interval(&figures, quantity);
        sentences.extend(value(quantity).map(|value| sentence(what, value, scale) + &of_interval(interval)));
    }
    sentences.extend(analysis.responses.iter().map(|found| response(analysis, found)));
    format!(
        "<ul>{}</ul>\n",
        sentences.iter().map(|text| element("li", &escaped(text)) + "\n").collect::<String>()
    )
}

/// Which areas respond to a stimulus, and when.
fn response(analysis: &Analysis, response: &Response) -> String {
    let latencies = response.areas.iter().zip(&analysis.areas);
    let mut latencies: Vec<(f64, &str)> = latencies
        .filter_map(|(found, area)| Some((*found.latency_ms.as_ref().ok()?, area.name.as_str())))
        .collect();
    latencies.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (n, stimulus) = (response.areas.len(), &response.stimulus);
    match (latencies.first(), latencies.last(), response.areas.first()) {
        (Some((first_ms, _)), _, _) if n == 1 => format!("Response to {stimulus}: after {first_ms:.1} ms."),
        (Some((first_ms, first)), Some((last_ms, last)), _) => format!(
            "Response to {stimulus}: {} of {n} areas, from {first} after {first_ms:.1} ms to {last} after {last_ms:.1} ms.",
            latencies.len()
        ),
        (_, _, Some(Reaction { latency_ms: Err(absence), .. })) => {
            format!("Response to {stimulus}: none, as {absence}.")
        }
        _ => format!("Response to {stimulus}: none."),
    }
}

fn sentence(what: &str, value: &Known<f64>, scale: &str) -> String {
    match value {
        Ok(value) => format!("{what}: {value:.3} ({scale})."),
        Err(absence) => format!("{what}: none, as {absence}."),
    }
}

fn of_interval(interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |Interval { low, high }| {
        format!(
            " Runs of this length have a mean between {low:.3} and {high:.3} (95 % confidence, bootstrap over blocks of \
             time)."
        )
    })
}

fn rates(analysis: &Analysis, simulated: Option<&Known<f64>>) -> String {
    let predicted = analysis.run.stored.mean_theory_rate_hz();
    let predicted = predicted.map_or_else(String::new, |rate_hz| format!("; theory predicts {rate_hz:.3}"));
    let silent = analysis.spikes.populations.iter().filter(|found| found.rate_hz == Ok(0.0)).count();
    let silent = match silent {
        0 => "No population is silent".to_owned(),
        n => format!("{n} of {} populations are silent", analysis.spikes.populations.len()),
    };
    let from_s = analysis.window.from_ms() / MS_PER_S;
    match simulated {
        Some(Ok(rate_hz)) => format!(
            "Populations fire at {rate_hz:.3} spikes/s, mean over populations from {from_s} s on{predicted}. {silent}."
        ),
        Some(Err(absence)) => format!("There is no mean rate, as {absence}{predicted}."),
        None => String::new(),
    }
}

/// What the words at figures mean.
pub fn origins(analysis: &Analysis) -> String {
    let derived = match analysis.run.config.model {
        ModelKind::Human => "computed from published tables of anatomy",
        ModelKind::Microcircuit => "computed from the published numbers of the model",
        ModelKind::Network(_) | ModelKind::Imported => "numbers of the network itself",
    };
    let origins = [
        ("derived", derived),
        ("predicted", "mean-field theory of the network, without a simulation"),
        ("simulated", "spikes of this run, and what follows from them"),
        (
            "measured",
            "recordings in humans: spikes of medial frontal cortex (Minxha et al. 2020), resting-state fMRI (Human Connectome Project)",
        ),
    ];
    let item = |(name, meaning): (&str, &str)| {
        format!("<li><span class=\"origin\">{name}</span> {}</li>", escaped(meaning))
    };
    format!(
        "<h3>What is what</h3>\n<p>Figures tell where what they show comes from:</p>\n<ul>{}</ul>\n",
        origins.map(item).concat()
    )
}
