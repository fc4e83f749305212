//! Synapses that are given one by one.

use super::Delay;

/// Most synapses of a list: 32 bits count them.
pub const MAX_LISTED_SYNAPSES: usize = u32::MAX as usize;

/// The synapses of a projection, one by one. Neurons are numbered within their populations, from 0.
#[derive(Debug, Clone, PartialEq)]
pub struct SynapseList {
    name: String,
    columns: SynapseColumns,
    mean_weight_pa: Option<f64>,
    mean_delay_ms: Option<f64>,
}

/// A value for each synapse, in the order of the list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SynapseColumns {
    /// Source neuron.
    pub sources: Vec<u32>,
    /// Target neuron.
    pub targets: Vec<u32>,
    /// Weight, pA, all of one sign; `None` if weights are those of the projection.
    pub weights_pa: Option<Vec<f64>>,
    /// Delay, ms; `None` if delays are those of the projection.
    pub delays_ms: Option<Vec<f64>>,
}

/// What a synapse of a list must not be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{name}: {}: {reason}", self.place())]
pub struct ListedSynapseError {
    /// Name of the list.
    pub name: String,
    /// Index of the synapse.
    pub index: usize,
    /// What is wrong, and what to do.
    pub reason: String,
}

impl ListedSynapseError {
    /// Where the synapse stands: CSV files have them from line 2 on.
    fn place(&self) -> String {
        match self.name.ends_with(".parquet") {
            true => format!("row {}", self.index + 1),
            false => format!("line {}", self.index + 2),
        }
    }
}

impl SynapseList {
    /// The list of these columns; errors tell `name`.
    ///
    /// # Errors
    /// Columns of different lengths, weights of both signs, weights that are not finite, delays that are not finite and
    /// above 0, and more than [`MAX_LISTED_SYNAPSES`].
    pub fn new(name: impl Into<String>, columns: SynapseColumns) -> Result<Self, ListedSynapseError> {
        let name = name.into();
        if let Some((index, reason)) = columns.flaw() {
            return Err(ListedSynapseError { name, index, reason });
        }
        let mean = |values: &Option<Vec<f64>>, of_none| match values.as_deref() {
            Some([]) => Some(of_none),
            Some(values) => Some(values.iter().sum::<f64>() / values.len() as f64),
            None => None,
        };
        let (mean_weight_pa, mean_delay_ms) = (mean(&columns.weights_pa, 0.0), mean(&columns.delays_ms, 1.0));
        Ok(Self { name, columns, mean_weight_pa, mean_delay_ms })
    }

    /// What errors call it: its file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A value for each synapse.
    pub fn columns(&self) -> &SynapseColumns {
        &self.columns
    }

    /// Number of synapses.
    pub fn n_synapses(&self) -> u64 {
        self.columns.sources.len() as u64
    }

    /// Mean of the weights, pA; 0 of no synapse, and `None` if weights are those of the projection.
    pub fn mean_weight_pa(&self) -> Option<f64> {
        self.mean_weight_pa
    }

    /// The mean of the delays at every synapse; `None` if delays are those of the projection.
    pub fn mean_delay(&self) -> Option<Delay> {
        self.mean_delay_ms.map(Delay::constant)
    }

    /// Weights of a projection whose mean weight is `mean_pa`, pA: those of the list, times what leads to that mean.
    /// `None` if weights are those of the projection.
    pub fn weights_pa(&self, mean_pa: f64) -> Option<impl Iterator<Item = f64> + '_> {
        let (weights, own_pa) = (self.columns.weights_pa.as_deref()?, self.mean_weight_pa?);
        let factor = if mean_pa == own_pa { 1.0 } else { mean_pa / own_pa };
        Some(weights.iter().map(move |weight_pa| weight_pa * factor))
    }

    /// The first synapse with a neuron that two populations of these sizes do not have.
    pub(super) fn foreign(&self, sources: u32, targets: u32) -> Option<ListedSynapseError> {
        let beyond = |neurons: &[u32], n| neurons.iter().position(|&neuron| neuron >= n);
        let found = |neurons: &[u32], n, end| {
            let index = beyond(neurons, n)?;
            let reason =
                format!("{end} {} is none of the {n} neurons, which are numbered from 0", neurons[index]);
            Some(ListedSynapseError { name: self.name.clone(), index, reason })
        };
        let foreign = [
            found(&self.columns.sources, sources, "source"),
            found(&self.columns.targets, targets, "target"),
        ];
        foreign.into_iter().flatten().min_by_key(|error| error.index)
    }
}

impl SynapseColumns {
    /// The first synapse that cannot be, and why.
    fn flaw(&self) -> Option<(usize, String)> {
        let n = self.sources.len();
        let lengths = [self.weights_pa.as_ref().map(Vec::len), self.delays_ms.as_ref().map(Vec::len)];
        let other = [Some(self.targets.len())].into_iter().chain(lengths).flatten().find(|&len| len != n);
        if let Some(len) = other {
            return Some((n.min(len), format!("columns have {n} and {len} values: give each as many")));
        }
        if n > MAX_LISTED_SYNAPSES {
            let reason = format!("more than {MAX_LISTED_SYNAPSES} synapses: split them into projections");
            return Some((MAX_LISTED_SYNAPSES, reason));
        }
        let weight = self.weights_pa.as_deref().and_then(flaw_of_weights);
        let delay = self.delays_ms.as_deref().and_then(|delays_ms| {
            let index = delays_ms.iter().position(|ms| !(ms.is_finite() && *ms > 0.0))?;
            Some((index, format!("delay_ms = {} must be finite and above 0", delays_ms[index])))
        });
        [weight, delay].into_iter().flatten().min_by_key(|flaw| flaw.0)
    }
}

/// The first weight that cannot be, and why.
fn flaw_of_weights(weights_pa: &[f64]) -> Option<(usize, String)> {
    let sign = weights_pa.iter().find(|&&weight| weight != 0.0).map_or(1.0, |weight| weight.signum());
    let is_wrong = |weight: &f64| !weight.is_finite() || weight * sign < 0.0;
    let index = weights_pa.iter().position(is_wrong)?;
    let weight = weights_pa[index];
    Some((
        index,
        match weight.is_finite() {
            true => format!(
                "weight_pa = {weight} has another sign than the weights before: write excitatory and inhibitory synapses \
                 into two files, for two projections"
            ),
            false => format!("weight_pa = {weight} must be finite"),
        },
    ))
}

/// Number of a neuron within its population, whose first has the number `first`.
pub(super) fn neuron_within(column: &str, number: u32, first: u32) -> Result<u32, String> {
    number
        .checked_sub(first)
        .ok_or_else(|| format!("{column} {number} is before {first}, the first neuron of its population"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(weights_pa: Vec<f64>, delays_ms: Vec<f64>) -> Result<SynapseList, ListedSynapseError> {
        let n = weights_pa.len() as u32;
        let (sources, targets) = ((0..n).collect(), (0..n).rev().collect());
        let (weights_pa, delays_ms) = (Some(weights_pa), Some(delays_ms));
        SynapseList::new("list", SynapseColumns { sources, targets, weights_pa, delays_ms })
    }

    #[test]
    fn what_cannot_be_is_told_with_its_line() {
        for (weights_pa, delays_ms, told) in [
            (vec![0.0, -1.0, 1.0], vec![1.0; 3], "list: line 4: weight_pa = 1 has another sign"),
            (vec![1.0, f64::NAN], vec![1.0, 0.0], "list: line 3: weight_pa = NaN must be finite"),
            (vec![1.0; 3], vec![1.0, 0.0, -1.0], "list: line 3: delay_ms = 0 must be"),
            (vec![1.0; 3], vec![1.0; 2], "list: line 4: columns have 3 and 2 values"),
        ] {
            let error = list(weights_pa, delays_ms).unwrap_err().to_string();
            assert!(error.starts_with(told), "{error}");
        }
        let list = list(vec![1.0, 2.0], vec![1.0, 2.0]).unwrap();
        assert_eq!(list.foreign(2, 2), None);
        let error = list.foreign(1, 1).unwrap().to_string();
        assert_eq!(error, "list: line 2: target 1 is none of the 1 neurons, which are numbered from 0");
    }

    #[test]
    fn weights_follow_their_mean_and_are_as_written_if_it_is_theirs() {
        let list = list(vec![-0.1, -0.2, -0.6], vec![1.0, 2.0, 3.0]).unwrap();
        let mean_pa = list.mean_weight_pa().unwrap();
        let weights = |mean_pa| list.weights_pa(mean_pa).unwrap().collect::<Vec<_>>();
        assert_eq!(weights(mean_pa), [-0.1, -0.2, -0.6]);
        assert_eq!(weights(2.0 * mean_pa), [-0.2, -0.4, -1.2]);
        assert!(weights(0.0).iter().all(|&weight| weight == 0.0));
        assert_eq!(list.mean_delay(), Some(Delay::constant(2.0)));
        let none = SynapseList::new("none", SynapseColumns::default()).unwrap();
        assert_eq!((none.mean_weight_pa(), none.mean_delay(), none.n_synapses()), (None, None, 0));
    }
}
