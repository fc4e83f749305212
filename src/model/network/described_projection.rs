//! A projection as written becomes one or more of a network.

use super::{
    ConnectionRule, Delay, DelayDescription, DescriptionProblem, LifParameters, ListedRule,
    ProjectionDescription, ProjectionRule, SynapseRule, psc_over_psp_pa_per_mv,
};

impl ProjectionDescription {
    /// Number of synapses and rule between two populations; `recurrent` is whether they are one.
    pub(super) fn synapses(&self, sources: u32, targets: u32, recurrent: bool) -> (u64, SynapseRule) {
        let Self { autapses, multapses, .. } = *self;
        let drawn = |synapses, rule| (synapses, SynapseRule::Drawn(rule));
        let is_free = multapses && (autapses || !recurrent);
        let listed = match self.rule {
            ProjectionRule::FixedTotalNumber(synapses) if is_free => {
                return drawn(synapses, ConnectionRule::FixedTotalNumber);
            }
            ProjectionRule::FixedIndegree(in_degree) if is_free => {
                let synapses = u64::from(in_degree) * u64::from(targets);
                return drawn(synapses, ConnectionRule::FixedIndegree);
            }
            ProjectionRule::FixedTotalNumber(_) => ListedRule::FixedTotalNumber,
            ProjectionRule::FixedIndegree(in_degree) => {
                ListedRule::FixedIndegree { in_degree, autapses, multapses }
            }
            ProjectionRule::FixedOutdegree(out_degree) => {
                ListedRule::FixedOutdegree { out_degree, autapses, multapses }
            }
            ProjectionRule::PairwiseBernoulli(p) => ListedRule::PairwiseBernoulli { p, autapses },
            ProjectionRule::AllToAll => ListedRule::AllToAll { autapses },
            ProjectionRule::OneToOne => ListedRule::OneToOne,
        };
        let own = if let ProjectionRule::FixedTotalNumber(synapses) = self.rule { synapses } else { 0 };
        (listed.synapses(sources, targets, recurrent).unwrap_or(own), SynapseRule::Listed(listed))
    }

    /// What the rule cannot be told.
    pub(super) fn check(&self, place: &str, problems: &mut Vec<DescriptionProblem>) {
        let is_total = matches!(self.rule, ProjectionRule::FixedTotalNumber(_));
        if is_total && !self.multapses {
            problems.push(DescriptionProblem::TotalWithoutMultapses { place: place.to_owned() });
        }
    }

    pub(super) fn delay(&self, place: &str, problems: &mut Vec<DescriptionProblem>) -> Delay {
        match (self.delay_ms, self.delay) {
            (Some(ms), None) => Delay::constant(ms),
            (None, Some(DelayDescription { mean_ms, relative_sd, min_ms, distribution })) => {
                Delay { mean_ms, min_ms, relative_sd, distribution }
            }
            _ => {
                let (a, b) = ("delay_ms", "delay");
                problems.push(DescriptionProblem::OneOfTwo { place: place.to_owned(), a, b });
                Delay::constant(1.0)
            }
        }
    }
}

/// A weight, given as a current in pA or as the peak potential in mV that it brings `neuron`.
pub(super) fn weight_pa(
    place: &str,
    [weight_pa, psp_mv]: [Option<f64>; 2],
    neuron: &LifParameters,
    problems: &mut Vec<DescriptionProblem>,
) -> f64 {
    match (weight_pa, psp_mv) {
        (Some(weight_pa), None) => weight_pa,
        (None, Some(psp_mv)) => {
            let tau_syn_ms = if psp_mv < 0.0 { neuron.tau_syn_in_ms } else { neuron.tau_syn_ex_ms };
            psp_mv * psc_over_psp_pa_per_mv(neuron, tau_syn_ms)
        }
        _ => {
            let (a, b) = ("weight_pa", "psp_mv");
            problems.push(DescriptionProblem::OneOfTwo { place: place.to_owned(), a, b });
            0.0
        }
    }
}
