//! Model → theory → scaling → theory of the scaled network.

use super::{Model, ModelError, ModelKind, ModelOptions, ReplaceMissingAreas, Weights, populations_in};
use crate::model::anatomy::Tables;
use crate::model::network::{
    ManipulationError, NetworkSpec, PopulationSelector, ScalingMethod, SpecError, SubsetError, check_silent,
    manipulated, scaled, subset,
};
use crate::model::theory::{DcInput, StationaryRates, TheoryError, stationary_rates_unless};
use crate::progress::{Interruption, Progress, Stage};
use thiserror::Error;

/// χ of the ground state, whose full-scale rates are behind the published DC (Pronold et al. 2024).
pub const GROUND_STATE_CHI: f64 = 1.0;
/// χ_I of the ground state.
pub const GROUND_STATE_CHI_I: f64 = 2.0;

/// Why a configuration did not become a network.
#[derive(Debug, Error)]
pub enum DerivationError {
    /// The full-scale model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Manipulations of nothing.
    #[error(transparent)]
    Manipulation(#[from] ManipulationError),
    /// Neurons that their overrides have made impossible.
    #[error("neurons.overrides: {0}")]
    Neurons(#[from] SpecError),
    /// Areas that cannot be left out.
    #[error(transparent)]
    Subset(#[from] SubsetError),
    /// The theory.
    #[error(transparent)]
    Theory(#[from] TheoryError),
    /// Down-scaling that keeps the full-scale rates needs them.
    #[error(
        "the full-scale theory has not converged: its residual is {residual_hz:.3e} 1/s at pseudo-time \
         {pseudo_time}, so scaling.method = preserve has no rates to preserve: raise theory.max_pseudo_time \
         (now {max_pseudo_time}), change theory.initial_rate_hz, or choose linear or sqrt"
    )]
    NothingToPreserve {
        /// Residual, 1/s.
        residual_hz: f64,
        /// Pseudo-time reached.
        pseudo_time: f64,
        /// Largest pseudo-time allowed.
        max_pseudo_time: f64,
    },
    /// Replaced input needs rates.
    #[error(
        "the theory of the whole model at full scale has not converged: its residual is {residual_hz:.3e} 1/s at \
         pseudo-time {pseudo_time}, so replace_missing_areas = theory has no rates to replace areas with: raise \
         theory.max_pseudo_time (now {max_pseudo_time}), change theory.initial_rate_hz, or set \
         replace_missing_areas = none"
    )]
    NothingToReplaceWith {
        /// Residual, 1/s.
        residual_hz: f64,
        /// Pseudo-time reached.
        pseudo_time: f64,
        /// Largest pseudo-time allowed.
        max_pseudo_time: f64,
    },
    /// Rules that tell numbers of synapses cannot be scaled.
    #[error(
        "scaling: the rule of the synapses from `{from}` to `{onto}` tells their number: leave scaling out, or write \
         fewer neurons and synapses into the network's file"
    )]
    ListedSynapses {
        /// Source population.
        from: String,
        /// Target population.
        onto: String,
    },
    /// Scaling left nothing.
    #[error(
        "{}",
        match *n_scaling < 1.0 {
            true => format!("scaling.n_scaling = {n_scaling} leaves no neurons: raise it"),
            false => "no population of the network has neurons: give some of them neurons".to_owned(),
        }
    )]
    NoNeurons {
        /// The scale.
        n_scaling: f64,
    },
}

/// The network of a configuration, with everything it was derived from.
#[derive(Debug, Clone)]
pub struct ModelNetwork {
    /// The model at full scale, with all its areas.
    pub model: Model,
    /// Its network at full scale, of the areas that are simulated.
    pub full: NetworkSpec,
    /// The full-scale theory behind the DC input: of the ground state without manipulations for `linear` and `sqrt`
    /// (the microcircuit has no other state), of the configuration itself for `preserve`. `None` if in-degrees are not scaled,
    /// so that no DC is needed.
    pub dc_theory: Option<StationaryRates>,
    /// The network after scaling: what is simulated.
    pub network: NetworkSpec,
    /// Its theory, with the DC input.
    pub with_dc: StationaryRates,
    /// Its theory without the DC input, as the publication's notebook computes it.
    pub without_dc: StationaryRates,
}

/// The model of `options` at full scale, from tables already read.
///
/// # Errors
/// Tables that lead to no network.
pub fn model_of(options: &ModelOptions, tables: &Tables) -> Result<Model, ModelError> {
    Model::new(options, tables)
}

/// `network` with the connection rule, p_transmit, neurons, currents and DC drive that `options` ask for.
///
/// # Errors
/// [`ModelError::NoSuchPopulation`], and neurons that cannot be.
fn with_options(network: NetworkSpec, options: &ModelOptions) -> Result<NetworkSpec, DerivationError> {
    let mut network = match options.model {
        // Its file tells the rules of its projections.
        ModelKind::Network(_) => network,
        ModelKind::Human | ModelKind::Microcircuit | ModelKind::Imported => NetworkSpec {
            connection_rule: options.connectivity.rule,
            p_transmit: options.connectivity.p_transmit,
            ..network
        },
    };
    // `network.ron` of a run may have them already.
    network.separate_currents |= options.neurons.separate_currents;
    for change in &options.neurons.overrides {
        let chosen = chosen(&network, &change.populations, "neurons.overrides")?;
        chosen.into_iter().for_each(|index| change.apply(&mut network.populations[index]));
    }
    if !options.neurons.overrides.is_empty() {
        network.check()?;
        network
            .populations
            .iter()
            .try_for_each(|population| check_silent(population, "neurons.overrides"))?;
    }
    for drive in &options.drive.dc {
        let chosen = chosen(&network, &drive.populations, "drive.dc")?;
        chosen.into_iter().for_each(|index| network.populations[index].dc_pa += drive.amplitude_pa);
    }
    Ok(network)
}

/// The populations that `selector` chooses, at least one.
fn chosen(
    network: &NetworkSpec,
    selector: &PopulationSelector,
    key: &'static str,
) -> Result<Vec<usize>, ModelError> {
    let chosen = network.chosen(selector);
    if chosen.is_empty() {
        let (selector, nearest) = (selector.to_string(), network.nearest(selector, 0));
        return Err(ModelError::NoSuchPopulation { key, selector, nearest });
    }
    Ok(chosen)
}

/// The network at full scale, of the areas that `options` asks for, manipulated.
///
/// With `replace_missing_areas: theory`, spikes from the others become Poisson input at the stationary
/// rates of the whole model at full scale, with the same weights: mean and variance of every input are
/// those of the whole, and so are the rates that theory predicts.
///
/// # Errors
/// An unknown area, or a theory of the whole model that has to converge and does not.
fn full_network(
    options: &ModelOptions,
    model: &Model,
    interruption: &Interruption,
) -> Result<NetworkSpec, DerivationError> {
    let whole = manipulated(with_options(model.network(), options)?, &options.manipulations)?;
    let Some(areas) = &options.areas else { return Ok(whole) };
    let keep = populations_in(&whole, areas)?;
    let rates_hz = match options.replace_missing_areas {
        ReplaceMissingAreas::None => None,
        ReplaceMissingAreas::Theory => Some(rates_of_the_whole(options, &whole, interruption)?),
    };
    Ok(subset(&whole, &keep, rates_hz.as_deref())?)
}

fn rates_of_the_whole(
    options: &ModelOptions,
    whole: &NetworkSpec,
    interruption: &Interruption,
) -> Result<Vec<f64>, DerivationError> {
    let theory = rates(options, whole, DcInput::Included, interruption)?;
    if !theory.converged {
        return Err(DerivationError::NothingToReplaceWith {
            residual_hz: theory.residual_hz,
            pseudo_time: theory.pseudo_time,
            max_pseudo_time: options.theory.max_pseudo_time,
        });
    }
    Ok(theory.rates_hz)
}

/// Derives the network of `options`.
///
/// 1. The model at full scale, from the tables; of some areas, where the configuration names them.
/// 2. Where in-degrees are scaled, the full-scale rates that the DC input stands for.
/// 3. The network, scaled.
/// 4. Its theory, with and without the DC.
///
/// # Errors
/// Tables that lead to no network, parameters out of range, scaling that leaves no neurons, a full-scale
/// theory that has to converge and does not, or someone who asks `progress` to stop.
pub fn model_network(
    options: &ModelOptions,
    tables: &Tables,
    progress: &mut dyn Progress,
) -> Result<ModelNetwork, DerivationError> {
    progress.stage(Stage::Anatomy);
    let model = model_of(options, tables)?;
    if options.areas.is_some() {
        progress.stage(Stage::FullScaleTheory);
    }
    let interruption = &progress.interruption();
    let full = full_network(options, &model, interruption)?;
    check_scaling(options, &full)?;
    let dc_theory = if options.scaling.k_scaling < 1.0 {
        progress.stage(Stage::FullScaleTheory);
        Some(dc_theory(options, &model, &full, interruption)?)
    } else {
        None
    };
    let dc_rates_hz = dc_theory.as_ref().map_or(&[][..], |theory| &theory.rates_hz);
    let network = scaled(&full, &options.scaling, dc_rates_hz);
    if network.n_neurons() == 0 {
        return Err(DerivationError::NoNeurons { n_scaling: options.scaling.n_scaling });
    }
    progress.stage(Stage::Theory);
    let without_dc = rates(options, &network, DcInput::LeftOut, interruption)?;
    let has_dc = network.populations.iter().any(|population| population.dc_pa != 0.0);
    let with_dc =
        if has_dc { rates(options, &network, DcInput::Included, interruption)? } else { without_dc.clone() };
    Ok(ModelNetwork { model, full, dc_theory, network, with_dc, without_dc })
}

/// Whether what is to be scaled can be.
fn check_scaling(options: &ModelOptions, full: &NetworkSpec) -> Result<(), DerivationError> {
    let is_scaled = options.scaling.n_scaling < 1.0 || options.scaling.k_scaling < 1.0;
    let listed = full.projections.iter().find(|projection| full.is_listed(projection));
    match listed.filter(|_| is_scaled) {
        None => Ok(()),
        Some(projection) => {
            let [from, onto] = [projection.source, projection.target].map(|end| full.populations[end].name());
            Err(DerivationError::ListedSynapses { from, onto })
        }
    }
}

fn rates(
    options: &ModelOptions,
    network: &NetworkSpec,
    dc: DcInput,
    interruption: &Interruption,
) -> Result<StationaryRates, TheoryError> {
    stationary_rates_unless(network, &options.theory, dc, interruption)
}

/// The full-scale theory whose rates the DC input stands for.
fn dc_theory(
    options: &ModelOptions,
    model: &Model,
    full: &NetworkSpec,
    interruption: &Interruption,
) -> Result<StationaryRates, DerivationError> {
    let preserves = options.scaling.method == ScalingMethod::Preserve;
    // What DC there is at full scale is the model's own background.
    let theory = if preserves {
        rates(options, full, DcInput::Included, interruption)?
    } else {
        let weights =
            Weights { chi: GROUND_STATE_CHI, chi_i: Some(GROUND_STATE_CHI_I), ..options.weights.clone() };
        let intact = ModelOptions { manipulations: Vec::new(), ..options.clone() };
        let ground_state = full_network(&intact, &model.with_weights(&weights), interruption)?;
        rates(options, &ground_state, DcInput::Included, interruption)?
    };
    if preserves && !theory.converged {
        return Err(DerivationError::NothingToPreserve {
            residual_hz: theory.residual_hz,
            pseudo_time: theory.pseudo_time,
            max_pseudo_time: options.theory.max_pseudo_time,
        });
    }
    Ok(theory)
}
