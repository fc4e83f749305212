//! Rules whose synapses are listed when a network is built, instead of being a function of their number.

use serde::{Deserialize, Serialize};

/// How the synapses of a projection choose their neurons, by rules that need a list of them. Names and meaning are
/// NEST's. A projection from a population to itself has autapses, synapses of a neuron onto itself, unless it is told
/// otherwise; two neurons may share several synapses, multapses, likewise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListedRule {
    /// The projection's number of synapses, with sources and targets drawn uniformly, and no autapses.
    FixedTotalNumber,
    /// So many synapses onto each target neuron.
    FixedIndegree {
        /// How many.
        in_degree: u32,
        /// Whether a neuron may connect to itself.
        autapses: bool,
        /// Whether two neurons may be connected more than once.
        multapses: bool,
    },
    /// So many synapses from each source neuron.
    FixedOutdegree {
        /// How many.
        out_degree: u32,
        /// Whether a neuron may connect to itself.
        autapses: bool,
        /// Whether two neurons may be connected more than once.
        multapses: bool,
    },
    /// Each pair of neurons is connected with this probability, once.
    PairwiseBernoulli {
        /// The probability.
        p: f64,
        /// Whether a neuron may connect to itself.
        autapses: bool,
    },
    /// Each pair of neurons is connected once.
    AllToAll {
        /// Whether a neuron connects to itself.
        autapses: bool,
    },
    /// Each neuron is connected to the one with its number.
    OneToOne,
}

impl ListedRule {
    /// Synapses from `sources` to `targets` neurons: exactly, or the expected number of a probability; `None` if the
    /// projection has its own number. `recurrent` is whether both are one population.
    pub fn synapses(&self, sources: u32, targets: u32, recurrent: bool) -> Option<u64> {
        let (from, to) = (u64::from(sources), u64::from(targets));
        let pairs = |autapses: bool| from * to - if recurrent && !autapses { to } else { 0 };
        match *self {
            Self::FixedTotalNumber => None,
            Self::FixedIndegree { in_degree, .. } => Some(u64::from(in_degree) * to),
            Self::FixedOutdegree { out_degree, .. } => Some(u64::from(out_degree) * from),
            Self::PairwiseBernoulli { p, autapses } => Some((p * pairs(autapses) as f64).round() as u64),
            Self::AllToAll { autapses } => Some(pairs(autapses)),
            Self::OneToOne => Some(to),
        }
    }

    /// Whether all target neurons have the same number of synapses.
    pub fn is_exact(&self) -> bool {
        matches!(self, Self::FixedIndegree { .. } | Self::AllToAll { .. } | Self::OneToOne)
    }

    /// Why it cannot be between `sources` and `targets` neurons; `None` if it can.
    pub fn flaw(&self, sources: u32, targets: u32, recurrent: bool) -> Option<String> {
        let others =
            |neurons: u32, autapses: bool| neurons - u32::from(recurrent && !autapses && neurons > 0);
        let without = |multapses: bool, degree: u32, partners: u32| match (multapses, partners) {
            (_, 0) if degree > 0 => Some("there is no neuron to connect to".to_owned()),
            (false, partners) if degree > partners => Some(format!(
                "{degree} synapses without multapses need as many neurons, and there are {partners}"
            )),
            _ => None,
        };
        match *self {
            Self::FixedTotalNumber | Self::AllToAll { .. } => None,
            Self::FixedIndegree { in_degree, autapses, multapses } => {
                without(multapses, in_degree, others(sources, autapses))
            }
            Self::FixedOutdegree { out_degree, autapses, multapses } => {
                without(multapses, out_degree, others(targets, autapses))
            }
            Self::PairwiseBernoulli { p, .. } => {
                (!(0.0..=1.0).contains(&p)).then(|| format!("a probability of {p} must lie between 0 and 1"))
            }
            Self::OneToOne => (sources != targets)
                .then(|| format!("one_to_one needs as many sources as targets, not {sources} and {targets}")),
        }
    }
}
