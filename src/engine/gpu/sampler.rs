//! States of chosen neurons, copied between steps to where the host reads them with the spikes.

use super::buffers::Buffers;
use super::device::Mapping;
use super::layout::{NEURONS_PER_LANE, lanes};
use super::plan::PlannedBuffer;
use super::roles::SAMPLES;
use super::{BufferRole, GpuError, NetworkSizes};
use crate::engine::{NeuronState, Probe};

/// Bytes of the samples of a batch, where one sample is not more: batches end where they are full.
pub(super) const SAMPLES_BYTES: u64 = 16 << 20;
/// Bytes of a word.
const WORD: u64 = 4;

/// Takes samples. In a sample the words of all neurons follow each other, potentials first, then
/// currents.
#[derive(Debug)]
pub struct Sampler {
    neurons: usize,
    interval_steps: u32,
    copies: Vec<Copy>,
    planes: u64,
    max_samples: u32,
}

/// Neurons of a shard that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Copy {
    shard: usize,
    /// Byte of the first within the shard's states, and the distance to its next state variable's.
    from: u64,
    plane_bytes: u64,
    /// Byte of the first within a plane of the sample.
    to: u64,
    bytes: u64,
}

impl Sampler {
    /// Samples of a network in shards of those sizes.
    pub fn new(probe: &Probe, sizes: &NetworkSizes) -> Self {
        let planes = 1 + u64::from(sizes.currents);
        let sample_bytes = planes * WORD * probe.neurons().len() as u64;
        let max_samples = (SAMPLES_BYTES / sample_bytes.max(1)).clamp(1, 1 << 20) as u32;
        let (neurons, interval_steps) = (probe.neurons().len(), probe.interval_steps());
        Self { neurons, interval_steps, copies: copies(probe, sizes), planes, max_samples }
    }

    /// The buffers to allocate for batches of at most `batch_steps` steps.
    pub fn buffers(&self, batch_steps: u32) -> [PlannedBuffer; 2] {
        let samples = batch_steps.div_ceil(self.interval_steps).clamp(1, self.max_samples);
        let bytes = (u64::from(samples) * self.sample_bytes()).max(WORD);
        SAMPLES.map(|role| PlannedBuffer { role, shard: None, bytes })
    }

    /// Most steps of a batch.
    pub fn max_steps(&self) -> u32 {
        self.max_samples.saturating_mul(self.interval_steps)
    }

    fn sample_bytes(&self) -> u64 {
        self.planes * self.plane_bytes()
    }

    fn plane_bytes(&self) -> u64 {
        WORD * self.neurons as u64
    }

    /// Records the copies of sample `index` of a batch.
    pub fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        buffers: &Buffers,
        target: BufferRole,
        index: u32,
    ) {
        let sample = u64::from(index) * self.sample_bytes();
        for copy in &self.copies {
            let states = buffers.of_shard(BufferRole::States, copy.shard);
            for plane in 0..self.planes {
                let from = copy.from + plane * copy.plane_bytes;
                let to = sample + plane * self.plane_bytes() + copy.to;
                encoder.copy_buffer_to_buffer(states, from, buffers.common(target), to, copy.bytes);
            }
        }
    }

    /// Reads `n` samples of a batch that has been waited for.
    pub fn read(&self, mapping: Mapping, n: usize) -> Result<Vec<NeuronState>, GpuError> {
        let neurons = self.neurons;
        mapping.read(|bytes| {
            let words: &[i32] = bytemuck::cast_slice(bytes);
            let mut states = Vec::with_capacity(n * neurons);
            for sample in words.chunks(neurons.max(1) * self.planes as usize).take(n) {
                let word = |plane: usize, k: usize| sample.get(plane * neurons + k).copied().unwrap_or(0);
                let state = |k| NeuronState { v_m: word(0, k), current: [word(1, k), word(2, k)] };
                states.extend((0..neurons).map(state));
            }
            states
        })
    }
}

/// The probe's neurons in runs.
fn copies(probe: &Probe, sizes: &NetworkSizes) -> Vec<Copy> {
    let (mut copies, mut first) = (Vec::new(), 0);
    for (shard, size) in sizes.shards.iter().enumerate() {
        let positions = probe.positions(first, first + size.shard.neurons);
        let plane_bytes = WORD * u64::from(lanes(size.shard.neurons) * NEURONS_PER_LANE);
        let mut position = positions.start as u64;
        for run in probe.neurons()[positions].chunk_by(|a, b| a + 1 == *b) {
            let (from, n) = (WORD * u64::from(run[0] - first), run.len() as u64);
            copies.push(Copy { shard, from, plane_bytes, to: WORD * position, bytes: WORD * n });
            position += n;
        }
        first += size.shard.neurons;
    }
    copies
}
