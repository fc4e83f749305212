//! A projection as written becomes one or more of a network.

use super::{
    ConnectionRule, Delay, DelayDescription, DescriptionProblem, LifParameters, ListedRule, NetworkSpec,
    Numbering, PopulationSelector, Projection, ProjectionDescription, ProjectionRule, SynapseList,
    SynapseRule, psc_over_psp_pa_per_mv,
};
use std::path::Path;
use std::sync::Arc;

impl ProjectionDescription {
    /// The file of its synapses, if it has one.
    pub(super) fn file(&self) -> Option<&Path> {
        match &self.rule {
            ProjectionRule::Explicit(file) => Some(file),
            _ => None,
        }
    }

    /// Adds the projections for which it stands at `place` to a network, with a file of synapses from `folder`.
    pub(super) fn add_to(
        &self,
        network: &mut NetworkSpec,
        folder: &Path,
        place: &str,
        problems: &mut Vec<DescriptionProblem>,
    ) {
        let sources = chosen(network, &self.from, &format!("{place}.from"), problems);
        let targets = chosen(network, &self.to, &format!("{place}.to"), problems);
        self.check(place, problems);
        let list = match self.file() {
            None => None,
            Some(file) => match self.list(network, [&sources, &targets], &folder.join(file), place) {
                Ok(list) => Some(list),
                Err(problem) => return problems.push(problem),
            },
        };
        let (mean_weight_pa, mean_delay) =
            list.as_ref().map_or((None, None), |list| (list.mean_weight_pa(), list.mean_delay()));
        self.check_columns(place, mean_weight_pa.is_some(), mean_delay.is_some(), problems);
        let delay = mean_delay.unwrap_or_else(|| self.delay(place, problems));
        let given =
            list.as_ref().map(|list| (list.n_synapses(), SynapseRule::Explicit(network.lists.len() as u32)));
        network.lists.extend(list.map(Arc::new));
        for (target, source) in targets.iter().flat_map(|&t| sources.iter().map(move |&s| (t, s))) {
            let (from, onto) = (&network.populations[source], &network.populations[target]);
            let (synapses, rule) =
                given.unwrap_or_else(|| self.synapses(from.neurons, onto.neurons, source == target));
            let weight_pa = mean_weight_pa
                .unwrap_or_else(|| weight_pa(place, [self.weight_pa, self.psp_mv], &onto.neuron, problems));
            let (rule, weight_relative_sd) = (Some(rule), self.weight_relative_sd);
            network.projections.push(Projection {
                source,
                target,
                synapses,
                rule,
                weight_pa,
                weight_relative_sd,
                delay,
            });
        }
    }

    /// The synapses that the file at `path` has between these populations.
    fn list(
        &self,
        network: &NetworkSpec,
        ends: [&[usize]; 2],
        path: &Path,
        place: &str,
    ) -> Result<SynapseList, DescriptionProblem> {
        let place = place.to_owned();
        let ([source], [target]) = (ends[0], ends[1]) else {
            return Err(DescriptionProblem::SeveralPairs {
                place,
                sources: ends[0].len(),
                targets: ends[1].len(),
            });
        };
        let first = |population: usize| match self.numbering {
            Numbering::Population => 0,
            Numbering::Network => {
                network.populations[..population].iter().fold(0u32, |sum, p| sum.saturating_add(p.neurons))
            }
        };
        SynapseList::read(path, [first(*source), first(*target)])
            .map_err(|source| DescriptionProblem::Synapses { place, source })
    }

    /// Number of synapses and rule between two populations; `recurrent` is whether they are one. A file of synapses
    /// has its own.
    fn synapses(&self, sources: u32, targets: u32, recurrent: bool) -> (u64, SynapseRule) {
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
            ProjectionRule::FixedTotalNumber(_) | ProjectionRule::Explicit(_) => ListedRule::FixedTotalNumber,
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
    fn check(&self, place: &str, problems: &mut Vec<DescriptionProblem>) {
        let is_total = matches!(self.rule, ProjectionRule::FixedTotalNumber(_));
        if is_total && !self.multapses {
            problems.push(DescriptionProblem::TotalWithoutMultapses { place: place.to_owned() });
        }
        let mut leave_out = |keys, reason| {
            problems.push(DescriptionProblem::LeaveOut { place: place.to_owned(), keys, reason });
        };
        if self.file().is_some() && !(self.autapses && self.multapses) {
            leave_out("autapses and multapses", "explicit has the synapses of its file");
        }
        if self.file().is_none() && self.numbering != Numbering::default() {
            leave_out("numbering", "only the file of the rule explicit has numbers of neurons");
        }
    }

    /// Keys that say again what columns of the file say.
    fn check_columns(
        &self,
        place: &str,
        has_weights: bool,
        has_delays: bool,
        problems: &mut Vec<DescriptionProblem>,
    ) {
        let mut leave_out = |keys, reason| {
            problems.push(DescriptionProblem::LeaveOut { place: place.to_owned(), keys, reason });
        };
        let tells_weights =
            self.weight_pa.is_some() || self.psp_mv.is_some() || self.weight_relative_sd != 0.0;
        if has_weights && tells_weights {
            leave_out("weight_pa, psp_mv and weight_relative_sd", "the file has the column weight_pa");
        }
        if has_delays && (self.delay_ms.is_some() || self.delay.is_some()) {
            leave_out("delay_ms and delay", "the file has the column delay_ms");
        }
    }

    fn delay(&self, place: &str, problems: &mut Vec<DescriptionProblem>) -> Delay {
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

/// The populations that a selector at `place` chooses.
fn chosen(
    network: &NetworkSpec,
    selector: &PopulationSelector,
    place: &str,
    problems: &mut Vec<DescriptionProblem>,
) -> Vec<usize> {
    let chosen = network.chosen(selector);
    if chosen.is_empty() {
        problems.push(DescriptionProblem::NoSuchPopulation {
            place: place.to_owned(),
            selector: selector.to_string(),
            nearest: network.nearest(selector, problems.len()),
        });
    }
    chosen
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
