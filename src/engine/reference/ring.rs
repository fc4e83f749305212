//! Input slots of all neurons. The twin of `shaders/shared/ring.wgsl`.

/// Sums of what arrives in the format of currents, \[slot\]\[receptor\]\[neuron\]; slot = step modulo the number of
/// slots.
#[derive(Debug)]
pub(super) struct Ring {
    sums: Vec<i32>,
    slots: u32,
    receptors: u32,
    neurons: u32,
}

impl Ring {
    pub(super) fn new(slots: u32, receptors: u32, neurons: u32) -> Self {
        Self {
            sums: vec![0; slots as usize * receptors as usize * neurons as usize],
            slots,
            receptors,
            neurons,
        }
    }

    /// Where a weight of that sign arrives.
    fn place(&self, step: u32, weight: i32, neuron: u32) -> usize {
        let receptor = if self.receptors == 2 && weight < 0 { 1 } else { 0 };
        let plane = step % self.slots * self.receptors + receptor;
        plane as usize * self.neurons as usize + neuron as usize
    }

    /// `weight` arrives at `neuron` in `step`.
    pub(super) fn add(&mut self, step: u32, weight: i32, neuron: u32) {
        let place = self.place(step, weight, neuron);
        self.sums[place] = self.sums[place].wrapping_add(weight);
    }

    /// What arrives at `neuron` in `step`, excitatory and inhibitory; its slot is empty afterwards.
    pub(super) fn take(&mut self, step: u32, neuron: u32) -> [i32; 2] {
        let places = [1, -1].map(|sign| self.place(step, sign, neuron));
        let excitatory = std::mem::take(&mut self.sums[places[0]]);
        [excitatory, if self.receptors == 2 { std::mem::take(&mut self.sums[places[1]]) } else { 0 }]
    }

    /// Empties the slots of `step`.
    pub(super) fn clear(&mut self, step: u32) {
        let slot_length = self.receptors as usize * self.neurons as usize;
        let start = (step % self.slots) as usize * slot_length;
        self.sums[start..start + slot_length].fill(0);
    }

    /// Currents of a neuron.
    pub(super) fn receptors(&self) -> u32 {
        self.receptors
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> u64 {
        4 * self.sums.len() as u64
    }
}
