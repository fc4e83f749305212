//! What is wrong with a network as written, each entry with its place.

use super::{SpecError, SynapseFileError};
use crate::telling;
use ron::error::SpannedError;
use thiserror::Error;

/// What is wrong with a network as written.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum DescriptionError {
    /// It is no RON, or has a key or value that it cannot have.
    #[error("line {line}, column {column}: {reason}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// Everything else, each with its place.
    #[error("{}", telling::list(.0))]
    Entries(Vec<DescriptionProblem>),
    /// A list of synapses of a network that was made.
    #[error(transparent)]
    Synapses(#[from] SynapseFileError),
    /// What the network itself must not be.
    #[error(transparent)]
    Network(#[from] SpecError),
}

/// An entry that is wrong.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum DescriptionProblem {
    /// A selector that chooses no population.
    #[error("{place}: no population is called `{selector}`: the nearest is `{nearest}`")]
    NoSuchPopulation {
        /// Where it stands.
        place: String,
        /// The selector.
        selector: String,
        /// The population whose name is most like it.
        nearest: String,
    },
    /// As in NEST.
    #[error(
        "{place}: fixed_total_number has multapses: leave multapses out, or take pairwise_bernoulli or fixed_indegree"
    )]
    TotalWithoutMultapses {
        /// Where it is.
        place: String,
    },
    /// A file of synapses that is none.
    #[error("{place}: {source}")]
    Synapses {
        /// Where it is named.
        place: String,
        /// What is wrong with it.
        source: SynapseFileError,
    },
    /// A file of synapses for more or fewer than two populations.
    #[error(
        "{place}: explicit needs one source and one target population, and the selectors choose {sources} and {targets}: \
         write a projection and a file for each pair"
    )]
    SeveralPairs {
        /// Where it is.
        place: String,
        /// Source populations.
        sources: usize,
        /// Target populations.
        targets: usize,
    },
    /// Keys that mean nothing there.
    #[error("{place}: {reason}: leave {keys} out")]
    LeaveOut {
        /// Where they are.
        place: String,
        /// The keys.
        keys: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// One of two keys must be there, and not both.
    #[error("{place}: give one of {a} and {b}")]
    OneOfTwo {
        /// Where it is.
        place: String,
        /// A key.
        a: &'static str,
        /// The other one.
        b: &'static str,
    },
}

impl From<SpannedError> for DescriptionError {
    fn from(error: SpannedError) -> Self {
        let start = error.span.start;
        Self::Syntax { line: start.line, column: start.col, reason: error.code.to_string() }
    }
}
