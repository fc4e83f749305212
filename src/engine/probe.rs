//! States of chosen neurons at chosen steps.

/// Which neurons' states are handed over with the spikes, and after which steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Neurons, ascending, each once.
    neurons: Vec<u32>,
    /// Steps between two samples, at least 1.
    interval_steps: u32,
}

impl Probe {
    /// A probe of `neurons`, in any order, after every step that is a multiple of `interval_steps`.
    pub fn new(neurons: &[u32], interval_steps: u32) -> Self {
        let mut neurons = neurons.to_vec();
        neurons.sort_unstable();
        neurons.dedup();
        Self { neurons, interval_steps: interval_steps.max(1) }
    }

    /// Neurons in the order of [`Samples::states`]: ascending, each once.
    pub fn neurons(&self) -> &[u32] {
        &self.neurons
    }

    /// Steps between two samples.
    pub fn interval_steps(&self) -> u32 {
        self.interval_steps
    }

    /// Whether a sample is taken after `step`.
    pub fn samples_after(&self, step: u32) -> bool {
        step.is_multiple_of(self.interval_steps)
    }

    /// The steps of `first_step` to `last_step` after which samples are taken.
    pub fn steps_within(&self, first_step: u32, last_step: u32) -> Vec<u32> {
        let first = first_step.next_multiple_of(self.interval_steps);
        (first..=last_step).step_by(self.interval_steps as usize).collect()
    }

    /// Where the neurons that are at least `first` and below `end` lie among those of the probe.
    pub(super) fn positions(&self, first: u32, end: u32) -> std::ops::Range<usize> {
        self.neurons.partition_point(|&n| n < first)..self.neurons.partition_point(|&n| n < end)
    }
}

/// State of a neuron after a step, in integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NeuronState {
    /// Potential, or refractory count ([`NeuronClass::potential`](crate::engine::fixed_point::NeuronClass::potential)).
    pub v_m: i32,
    /// Excitatory and inhibitory current; where the network has one current it is the first.
    pub current: [i32; 2],
}

/// States of a probe's neurons after some steps of a batch; nothing if there is no probe.
#[derive(Debug, Clone, Copy, Default)]
pub struct Samples<'a> {
    /// Steps after which samples were taken.
    pub steps: &'a [u32],
    /// \[sample\]\[neuron\], neurons as in [`Probe::neurons`].
    pub states: &'a [NeuronState],
}

impl<'a> Samples<'a> {
    /// Each step with its sample.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &'a [NeuronState])> {
        let n = self.states.len() / self.steps.len().max(1);
        let states = self.states;
        self.steps.iter().enumerate().map(move |(index, &step)| (step, &states[index * n..(index + 1) * n]))
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
    }

    #[test]
    fn each_step_comes_with_the_states_of_all_neurons() {
        let state = |v_m| NeuronState { v_m, current: [0; 2] };
        let samples = Samples { steps: &[10, 20], states: &[state(1), state(2), state(3), state(4)] };
        let found: Vec<(u32, i32, i32)> =
            samples.iter().map(|(step, s)| (step, s[0].v_m, s[1].v_m)).collect();
        assert_eq!(found, [(10, 1, 2), (20, 3, 4)]);
        assert_eq!(Samples::default().iter().count(), 0);
    }
}
