//! Stimuli that the integers cannot represent.

use super::StimulusFileError;
use crate::telling;
use thiserror::Error;

/// Everything that is wrong with the stimuli of a network, in their order.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{}", telling::list(.0))]
pub struct StimuliError(pub Vec<StimulusError>);

impl StimuliError {
    /// Of a selector that chooses no population.
    pub fn no_such_population(stimulus: &str, selector: impl ToString, nearest: String) -> Self {
        let (stimulus, selector) = (stimulus.to_owned(), selector.to_string());
        Self(vec![StimulusError::NoSuchPopulation { stimulus, selector, nearest }])
    }

    /// Whether coarser formats may do.
    pub fn is_range(&self) -> bool {
        self.0.iter().all(|error| matches!(error, StimulusError::TooStrong { .. }))
    }
}

/// A stimulus that cannot be given.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum StimulusError {
    /// A selector that chooses no population.
    #[error("{stimulus}: no population is called `{selector}`: the nearest is `{nearest}`")]
    NoSuchPopulation {
        /// The stimulus.
        stimulus: String,
        /// The selector.
        selector: String,
        /// The population whose name is most like it.
        nearest: String,
    },
    /// A strength beyond the integers.
    #[error(
        "{stimulus}: in population '{population}' {what} of {value:.4e} lies outside the range ±{limit:.4e}: lower it"
    )]
    TooStrong {
        /// The stimulus.
        stimulus: String,
        /// Population concerned.
        population: String,
        /// What is too strong.
        what: &'static str,
        /// Its value.
        value: f64,
        /// Largest magnitude that fits.
        limit: f64,
    },
    /// A file that is none for its populations.
    #[error("{stimulus}: {source}")]
    File {
        /// The stimulus.
        stimulus: String,
        /// What is wrong with the file.
        source: StimulusFileError,
    },
    /// More spikes a block than can be placed.
    #[error(
        "{stimulus}: a rate of {rate_hz:.0} spikes/s is more than {limit_hz:.0}, which can be drawn at this resolution: \
         lower it, and raise psp_mv or weight_pa"
    )]
    Rate {
        /// The stimulus.
        stimulus: String,
        /// Its rate.
        rate_hz: f64,
        /// Largest rate.
        limit_hz: f64,
    },
}
