//! Mean-field theory: the stationary rates of a network of leaky integrate-and-fire populations
//! under colored noise, without simulating it.
//!
//! A rate ν per population gives the mean and variance of every population's input
//! (`mean_field`), these give a rate Φ (`transfer`), and the fixed point ν = Φ(ν) is where the
//! flow dν/ds = −ν + Φ(ν) comes to rest (`solve`, `dormand_prince`, `newton`). Down-scaling takes
//! its rates as an argument; nothing in `network` depends on this module.
mod chebyshev;
mod dense;
mod dormand_prince;
mod erfcx;
mod mean_field;
mod newton;
mod options;
mod solve;
mod transfer;

pub use erfcx::{dawson, erfcx, erfcx_integral};
pub use mean_field::DcInput;
pub use options::Theory;
pub use solve::{StationaryRates, TheoryState, input_statistics, stationary_rates, stationary_rates_unless};
pub use transfer::{Input, RateDerivatives, rate_and_derivatives, rate_hz};

/// Why a network has no theory.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TheoryError {
    /// A parameter of a population is out of its range.
    #[error("{parameter} = {value} of population '{population}' must be {needed} for the mean-field theory")]
    Parameter {
        /// Name of the population.
        population: String,
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        value: f64,
        /// What it has to be.
        needed: &'static str,
    },
    /// A projection refers to a population that does not exist.
    #[error(
        "projection {projection} goes from population {source_population} to {target_population}, \
         but there are {n_populations}: number populations from 0"
    )]
    NoSuchPopulation {
        /// Index of the projection.
        projection: usize,
        /// Its source.
        source_population: usize,
        /// Its target.
        target_population: usize,
        /// Number of populations.
        n_populations: usize,
    },
    /// A weight is infinite or not a number.
    #[error("weight_pa = {weight_pa} of projection {projection} must be finite for the mean-field theory")]
    WeightNotFinite {
        /// Index of the projection.
        projection: usize,
        /// Its weight, pA.
        weight_pa: f64,
    },
    /// The number of rates differs from that of populations.
    #[error("{rates} rates for {populations} populations: give one rate per population")]
    RateCount {
        /// Number of rates.
        rates: usize,
        /// Number of populations.
        populations: usize,
    },
    /// An option of the theory is negative or not finite.
    #[error("{key} = {value} of the mean-field theory must be finite and not negative")]
    Option {
        /// The configuration's key.
        key: &'static str,
        /// Its value.
        value: f64,
    },
    /// Someone asked to stop.
    #[error(transparent)]
    Interrupted(#[from] crate::progress::Interrupted),
}
