//! Model → theory → scaling → theory of the scaled network.

use super::BuildError;
use crate::anatomy::{Connectome, Cytoarchitecture, Tables};
use crate::config::{Config, ScalingMethod, Weights};
use crate::model::HumanModel;
use crate::network::{NetworkSpec, scaled};
use crate::progress::{Progress, Stage};
use crate::theory::{DcInput, StationaryRates, stationary_rates};

/// χ of the ground state, whose full-scale rates are behind the published DC (Pronold et al. 2024).
pub const GROUND_STATE_CHI: f64 = 1.0;
/// χ_I of the ground state.
pub const GROUND_STATE_CHI_I: f64 = 2.0;

/// The network of a configuration, with everything it was derived from.
#[derive(Debug, Clone)]
pub struct ModelNetwork {
    /// The model at full scale.
    pub model: HumanModel,
    /// Its network.
    pub full: NetworkSpec,
    /// The full-scale theory behind the DC input: of the ground state for `linear` and `sqrt`, of the
    /// configuration itself for `preserve`, always without DC. `None` where in-degrees are not scaled,
    /// so that no DC is needed.
    pub dc_theory: Option<StationaryRates>,
    /// The network after scaling: what is simulated.
    pub network: NetworkSpec,
    /// Its theory, with the DC input.
    pub with_dc: StationaryRates,
    /// Its theory without the DC input, as the publication's notebook computes it.
    pub without_dc: StationaryRates,
}

/// The model of `config` at full scale, from tables already read.
///
/// # Errors
/// Tables that lead to no network.
pub fn model_of(config: &Config, tables: &Tables) -> Result<HumanModel, BuildError> {
    let cytoarchitecture = Cytoarchitecture::new(tables, &config.anatomy);
    let connectome = Connectome::new(tables, &cytoarchitecture, &config.connectivity)?;
    Ok(HumanModel::assemble(tables, &cytoarchitecture, connectome, config)?)
}

/// Derives the network of `config`.
///
/// 1. The model at full scale, from the tables.
/// 2. Where in-degrees are scaled, the full-scale rates that the DC input stands for.
/// 3. The network, scaled.
/// 4. Its theory, with and without the DC.
///
/// # Errors
/// Tables that lead to no network, parameters out of range, scaling that leaves no neurons, or a
/// full-scale theory that has to converge and does not.
pub fn model_network(
    config: &Config,
    tables: &Tables,
    progress: &mut dyn Progress,
) -> Result<ModelNetwork, BuildError> {
    progress.stage(Stage::Anatomy);
    let model = model_of(config, tables)?;
    let full = model.network();
    let dc_theory = if config.scaling.k_scaling < 1.0 {
        progress.stage(Stage::FullScaleTheory);
        Some(dc_theory(config, &model, &full)?)
    } else {
        None
    };
    let dc_rates_hz = dc_theory.as_ref().map_or(&[][..], |theory| &theory.rates_hz);
    let network = scaled(&full, &config.scaling, dc_rates_hz);
    if network.n_neurons() == 0 {
        return Err(BuildError::NoNeurons { n_scaling: config.scaling.n_scaling });
    }
    progress.stage(Stage::Theory);
    let without_dc = stationary_rates(&network, &config.theory, DcInput::LeftOut)?;
    let has_dc = network.populations.iter().any(|population| population.dc_pa != 0.0);
    let with_dc = if has_dc {
        stationary_rates(&network, &config.theory, DcInput::Included)?
    } else {
        without_dc.clone()
    };
    Ok(ModelNetwork { model, full, dc_theory, network, with_dc, without_dc })
}

/// The full-scale theory whose rates the DC input stands for.
fn dc_theory(config: &Config, model: &HumanModel, full: &NetworkSpec) -> Result<StationaryRates, BuildError> {
    let preserves = config.scaling.method == ScalingMethod::Preserve;
    let theory = if preserves {
        stationary_rates(full, &config.theory, DcInput::LeftOut)?
    } else {
        let weights = Weights { chi: GROUND_STATE_CHI, chi_i: GROUND_STATE_CHI_I, ..config.weights.clone() };
        stationary_rates(&model.with_weights(&weights).network(), &config.theory, DcInput::LeftOut)?
    };
    if preserves && !theory.converged {
        return Err(BuildError::NothingToPreserve {
            residual_hz: theory.residual_hz,
            pseudo_time: theory.pseudo_time,
            max_pseudo_time: config.theory.max_pseudo_time,
        });
    }
    Ok(theory)
}
