//! States of chosen neurons, and sums of the states of chosen populations, at chosen steps.

/// Which neurons' states, and which populations' sums of states, are handed over with the spikes, and after which
/// steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Neurons, ascending, each once.
    neurons: Vec<u32>,
    /// Steps between two samples, at least 1.
    interval_steps: u32,
    /// Indices of populations, ascending, each once.
    populations: Vec<usize>,
    /// Steps between two sums, at least 1.
    sum_interval_steps: u32,
}

impl Probe {
    /// A probe of `neurons`, in any order, after every step that is a multiple of `interval_steps`.
    pub fn new(neurons: &[u32], interval_steps: u32) -> Self {
        let mut neurons = neurons.to_vec();
        neurons.sort_unstable();
        neurons.dedup();
        let interval_steps = interval_steps.max(1);
        Self { neurons, interval_steps, populations: Vec::new(), sum_interval_steps: 1 }
    }

    /// The probe with sums over all neurons of each of `populations`, by their indices in the network in any order, after
    /// every step that is a multiple of `interval_steps`.
    #[must_use]
    pub fn with_sums(self, populations: &[usize], interval_steps: u32) -> Self {
        let mut populations = populations.to_vec();
        populations.sort_unstable();
        populations.dedup();
        Self { populations, sum_interval_steps: interval_steps.max(1), ..self }
    }

    /// Neurons in the order of [`Samples::states`]: ascending, each once.
    pub fn neurons(&self) -> &[u32] {
        &self.neurons
    }

    /// Steps between two samples.
    pub fn interval_steps(&self) -> u32 {
        self.interval_steps
    }

    /// Indices of populations in the order of [`Sums::sums`]: ascending, each once.
    pub fn populations(&self) -> &[usize] {
        &self.populations
    }

    /// Steps between two sums.
    pub fn sum_interval_steps(&self) -> u32 {
        self.sum_interval_steps
    }

    /// Whether a sample is taken after `step`.
    pub fn samples_after(&self, step: u32) -> bool {
        !self.neurons.is_empty() && step.is_multiple_of(self.interval_steps)
    }

    /// Whether sums are made after `step`.
    pub fn sums_after(&self, step: u32) -> bool {
        !self.populations.is_empty() && step.is_multiple_of(self.sum_interval_steps)
    }

    /// The steps of `first_step` to `last_step` after which samples are taken.
    pub fn steps_within(&self, first_step: u32, last_step: u32) -> Vec<u32> {
        let has_some = !self.neurons.is_empty();
        multiples(self.interval_steps, first_step, last_step).filter(|_| has_some).collect()
    }

    /// The steps of `first_step` to `last_step` after which sums are made.
    pub fn sum_steps_within(&self, first_step: u32, last_step: u32) -> Vec<u32> {
        let has_some = !self.populations.is_empty();
        multiples(self.sum_interval_steps, first_step, last_step).filter(|_| has_some).collect()
    }

    /// Where the neurons that are at least `first` and below `end` lie among those of the probe.
    pub(super) fn positions(&self, first: u32, end: u32) -> std::ops::Range<usize> {
        self.neurons.partition_point(|&n| n < first)..self.neurons.partition_point(|&n| n < end)
    }
}

/// Multiples of an interval from `first` to `last`.
fn multiples(interval: u32, first: u32, last: u32) -> impl Iterator<Item = u32> {
    (first.next_multiple_of(interval)..=last).step_by(interval as usize)
}

/// State of a neuron after a step, in integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NeuronState {
    /// Potential, or refractory count ([`NeuronClass::potential`](crate::engine::fixed_point::NeuronClass::potential)).
    pub v_m: i32,
    /// Excitatory and inhibitory current; where the network has one current it is the first.
    pub current: [i32; 2],
}

/// Sums of the states of all neurons of a population after a step, in integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StateSum {
    /// Of the potentials; of V_reset, where a neuron is refractory.
    pub v_m: i64,
    /// Of the excitatory and of the inhibitory currents; where the network has one current it is the first.
    pub current: [i64; 2],
}

/// States of a probe's neurons after some steps of a batch, and sums of its populations; nothing if there is no probe.
#[derive(Debug, Clone, Copy, Default)]
pub struct Samples<'a> {
    /// Steps after which samples were taken.
    pub steps: &'a [u32],
    /// \[sample\]\[neuron\], neurons as in [`Probe::neurons`].
    pub states: &'a [NeuronState],
    /// Sums of the same batch, with steps of their own.
    pub sums: Sums<'a>,
}

/// Sums of the states of a probe's populations after some steps of a batch.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sums<'a> {
    /// Steps after which they were made.
    pub steps: &'a [u32],
    /// \[step\]\[population\], populations as in [`Probe::populations`].
    pub sums: &'a [StateSum],
}

impl<'a> Samples<'a> {
    /// Each step with its sample.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &'a [NeuronState])> {
        rows(self.steps, self.states)
    }
}

impl<'a> Sums<'a> {
    /// Each step with its sums.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &'a [StateSum])> {
        rows(self.steps, self.sums)
    }
}

/// Each step with its row of `values`.
fn rows<'a, T>(steps: &'a [u32], values: &'a [T]) -> impl Iterator<Item = (u32, &'a [T])> {
    let n = values.len() / steps.len().max(1);
    steps.iter().enumerate().map(move |(index, &step)| (step, &values[index * n..(index + 1) * n]))
}

/// What an engine has taken for a probe.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken {
    pub steps: Vec<u32>,
    pub states: Vec<NeuronState>,
    pub sum_steps: Vec<u32>,
    pub sums: Vec<StateSum>,
}

impl Taken {
    /// As it is handed over.
    pub(super) fn samples(&self) -> Samples<'_> {
        let Self { steps, states, sum_steps, sums } = self;
        Samples { steps, states, sums: Sums { steps: sum_steps, sums } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_taken_at_multiples_of_the_interval_from_each_neuron_once() {
        let probe = Probe::new(&[7, 3, 7, 5], 10);
        assert_eq!(probe.neurons(), [3, 5, 7]);
        assert_eq!(probe.steps_within(1, 9), [0; 0]);
        assert_eq!(probe.steps_within(10, 30), [10, 20, 30]);
        assert_eq!(probe.positions(4, 7), 1..2);
        assert!(probe.samples_after(20) && !probe.samples_after(21));
        assert!(!probe.sums_after(20) && probe.sum_steps_within(1, 30).is_empty());
    }

    #[test]
    fn sums_have_an_interval_of_their_own_and_need_no_neurons() {
        let probe = Probe::new(&[], 10).with_sums(&[4, 1, 4], 4);
        assert_eq!(probe.populations(), [1, 4]);
        assert_eq!(probe.sum_steps_within(5, 12), [8, 12]);
        assert!(probe.sums_after(8) && !probe.sums_after(10));
        assert!(!probe.samples_after(10) && probe.steps_within(1, 30).is_empty());
    }

    #[test]
    fn each_step_comes_with_the_states_of_all_neurons_and_its_sums() {
        let state = |v_m| NeuronState { v_m, current: [0; 2] };
        let sum = |v_m| StateSum { v_m, current: [0; 2] };
        let taken = Taken {
            steps: vec![10, 20],
            states: vec![state(1), state(2), state(3), state(4)],
            sum_steps: vec![15],
            sums: vec![sum(5), sum(6), sum(7)],
        };
        let samples = taken.samples();
        let found: Vec<(u32, i32, i32)> =
            samples.iter().map(|(step, s)| (step, s[0].v_m, s[1].v_m)).collect();
        assert_eq!(found, [(10, 1, 2), (20, 3, 4)]);
        let found: Vec<(u32, &[StateSum])> = samples.sums.iter().collect();
        assert_eq!(found, [(15, &taken.sums[..])]);
        assert_eq!(Samples::default().iter().count() + Sums::default().iter().count(), 0);
    }
}
