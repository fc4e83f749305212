//! Synapses of rules that need a list of them: a function of (seed, projection), made when a network is built; and those
//! that are given one by one.

use crate::engine::rng::{Key, Permutation, Stream, stream_key, threefry, uniform_below};
use crate::model::network::{ListedRule, SynapseList};

/// Most synapses of a projection whose list 32 bits can count.
pub const MAX_LISTED: u64 = u32::MAX as u64;

/// The targets of a projection's synapses, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRows {
    /// Where each source neuron's row starts, and where the last one ends; length sources + 1.
    starts: Vec<u32>,
    /// Targets within their population.
    targets: Vec<u32>,
    /// Magnitudes of weights, if they are given.
    weights: Option<Column>,
    /// Delays in steps, if they are given.
    delays: Option<Column>,
}

/// A number for each synapse, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    numbers: Vec<u32>,
    least: u32,
    greatest: u32,
}

/// Two populations, and what their synapses are drawn from.
struct Drawing {
    key: Key,
    sources: u32,
    targets: u32,
    /// Whether they are one.
    recurrent: bool,
}

impl ListedRows {
    /// The synapses of projection `index` under `seed`; `synapses` is their number if the rule asks for one. What
    /// [`ListedRule::flaw`] tells of must not be.
    pub fn new(
        rule: &ListedRule,
        (seed, index): (u64, u32),
        (sources, targets): (u32, u32),
        recurrent: bool,
        synapses: u64,
    ) -> Self {
        let key = stream_key(seed, Stream::Lists, index);
        let drawing = Drawing { key, sources, targets, recurrent };
        match *rule {
            ListedRule::FixedTotalNumber => Self::by_source(drawing.total_number(synapses), sources),
            ListedRule::FixedIndegree { in_degree, autapses, multapses } => {
                let sources_of = |target| {
                    drawing
                        .partners(target, in_degree, sources, autapses, multapses)
                        .map(move |s| (s, target))
                };
                Self::by_source((0..targets).flat_map(sources_of).collect(), sources)
            }
            ListedRule::FixedOutdegree { out_degree, autapses, multapses } => {
                let row = |source| drawing.partners(source, out_degree, targets, autapses, multapses);
                Self::of_rows((0..sources).map(row))
            }
            ListedRule::PairwiseBernoulli { p, autapses } => {
                Self::by_source(drawing.bernoulli(p, autapses), sources)
            }
            ListedRule::AllToAll { autapses } => {
                let row =
                    |source| (0..targets).filter(move |&target| autapses || !recurrent || target != source);
                Self::of_rows((0..sources).map(row))
            }
            ListedRule::OneToOne => Self::of_rows((0..sources).map(std::iter::once)),
        }
    }

    /// The synapses of a list: from `sources` neurons, with these magnitudes of weights and delays in steps.
    pub(super) fn of_list(
        list: &SynapseList,
        sources: u32,
        weights: Option<Vec<u32>>,
        delays: Option<Vec<u32>>,
    ) -> Self {
        let columns = list.columns();
        let starts = starts(columns.sources.iter().copied(), sources);
        let mut places = starts.clone();
        let order: Vec<u32> = columns.sources.iter().map(|&source| next(&mut places, source)).collect();
        let in_rows = |numbers: &[u32]| {
            let mut sorted = vec![0; numbers.len()];
            order.iter().zip(numbers).for_each(|(&place, &number)| sorted[place as usize] = number);
            sorted
        };
        let column = |numbers: Vec<u32>| {
            let (least, greatest) = (*numbers.iter().min()?, *numbers.iter().max()?);
            Some(Column { numbers: in_rows(&numbers), least, greatest })
        };
        Self {
            targets: in_rows(&columns.targets),
            weights: weights.and_then(column),
            delays: delays.and_then(column),
            starts,
        }
    }

    fn of_rows(rows: impl Iterator<Item = impl Iterator<Item = u32>>) -> Self {
        let (mut starts, mut targets) = (vec![0], Vec::new());
        for row in rows {
            targets.extend(row);
            starts.push(targets.len() as u32);
        }
        Self { starts, targets, weights: None, delays: None }
    }

    /// Rows of (source, target), in the order of each source's pairs.
    fn by_source(pairs: Vec<(u32, u32)>, sources: u32) -> Self {
        let starts = starts(pairs.iter().map(|&(source, _)| source), sources);
        let (mut places, mut targets) = (starts.clone(), vec![0; pairs.len()]);
        for (source, target) in pairs {
            targets[next(&mut places, source) as usize] = target;
        }
        Self { starts, targets, weights: None, delays: None }
    }

    /// Number of synapses.
    pub fn n_synapses(&self) -> u64 {
        self.targets.len() as u64
    }

    /// Synapses of each row.
    pub fn counts(&self) -> Vec<u32> {
        self.starts.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    /// Target of synapse `index` of a row.
    #[inline(always)]
    pub fn target(&self, source: u32, index: u32) -> u32 {
        self.targets[(self.starts[source as usize] + index) as usize]
    }

    /// Magnitude of the weight of synapse `index` of a row, if weights are given.
    #[inline(always)]
    pub fn weight(&self, source: u32, index: u32) -> Option<u32> {
        Some(self.weights.as_ref()?.numbers[(self.starts[source as usize] + index) as usize])
    }

    /// Delay in steps of synapse `index` of a row, if delays are given.
    #[inline(always)]
    pub fn delay(&self, source: u32, index: u32) -> Option<u32> {
        Some(self.delays.as_ref()?.numbers[(self.starts[source as usize] + index) as usize])
    }

    /// The greatest magnitude of a weight, if weights are given.
    pub fn greatest_weight(&self) -> Option<u32> {
        self.weights.as_ref().map(|weights| weights.greatest)
    }

    /// Shortest and longest delay in steps, if delays are given.
    pub fn delays(&self) -> Option<(u32, u32)> {
        self.delays.as_ref().map(|delays| (delays.least, delays.greatest))
    }

    /// Synapses of the neuron with most of them among `targets`.
    pub fn max_in_degree(&self, targets: u32) -> u32 {
        let mut in_degrees = vec![0; targets as usize];
        self.targets.iter().for_each(|&target| in_degrees[target as usize] += 1);
        in_degrees.into_iter().max().unwrap_or(0)
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let numbers = [&self.weights, &self.delays].into_iter().flatten().map(|column| column.numbers.len());
        4 * (self.starts.len() + self.targets.len() + numbers.sum::<usize>()) as u64
    }
}

/// Where the row of each of so many sources starts, and where the last one ends, from the source of each synapse.
fn starts(of_synapses: impl Iterator<Item = u32>, sources: u32) -> Vec<u32> {
    let mut starts = vec![0u32; sources as usize + 1];
    of_synapses.for_each(|source| starts[source as usize + 1] += 1);
    for source in 1..starts.len() {
        starts[source] += starts[source - 1];
    }
    starts
}

/// The next place in the row of `source`.
fn next(places: &mut [u32], source: u32) -> u32 {
    let place = &mut places[source as usize];
    *place += 1;
    *place - 1
}

impl Drawing {
    /// `degree` partners of `neuron` among `partners`.
    fn partners(
        &self,
        neuron: u32,
        degree: u32,
        partners: u32,
        autapses: bool,
        multapses: bool,
    ) -> impl Iterator<Item = u32> + use<> {
        let is_left_out = self.recurrent && !autapses;
        let others = partners - u32::from(is_left_out && degree > 0);
        let key = threefry(self.key, [neuron, u32::MAX]);
        let drawn = move |k: u32| match multapses {
            true => uniform_below(threefry(key, [k, 0])[0], others),
            false => Permutation { key, n: others }.apply(k),
        };
        // Whoever stands behind the neuron itself moves up.
        (0..degree).map(drawn).map(move |partner| partner + u32::from(is_left_out && partner >= neuron))
    }

    /// So many pairs, none of a neuron with itself.
    fn total_number(&self, synapses: u64) -> Vec<(u32, u32)> {
        let others = self.targets - u32::from(self.recurrent && self.targets > 0);
        let pair = |k: u64| {
            let [source, target] = threefry(self.key, [k as u32, (k >> 32) as u32]);
            let (source, target) = (uniform_below(source, self.sources), uniform_below(target, others));
            (source, target + u32::from(self.recurrent && target >= source))
        };
        (0..synapses).map(pair).collect()
    }

    /// Pairs that are connected with probability `p`: the gaps between them are geometric.
    fn bernoulli(&self, p: f64, autapses: bool) -> Vec<(u32, u32)> {
        let n_pairs = u64::from(self.sources) * u64::from(self.targets);
        let mut pairs = Vec::new();
        if p <= 0.0 || n_pairs == 0 {
            return pairs;
        }
        let of_nothing = libm::log1p(-p);
        let (mut pair, mut draw) = (0u64, 0u64);
        loop {
            let [high, low] = threefry(self.key, [draw as u32, (draw >> 32) as u32]);
            draw += 1;
            // 53 bits, never 0 and never 1.
            let uniform = ((u64::from(high) << 21 | u64::from(low >> 11)) as f64 + 0.5) / (1u64 << 53) as f64;
            // With p = 1 the logarithm is -∞, and no pair is left out.
            let gap = (libm::log(uniform) / of_nothing).min(n_pairs as f64) as u64;
            pair = pair.saturating_add(gap);
            if pair >= n_pairs {
                return pairs;
            }
            let (source, target) =
                ((pair / u64::from(self.targets)) as u32, (pair % u64::from(self.targets)) as u32);
            if autapses || !self.recurrent || source != target {
                pairs.push((source, target));
            }
            pair += 1;
        }
    }
}

#[cfg(test)]
#[path = "listed_tests.rs"]
mod tests;
