//! Time of the stages on the device, from timestamps between dispatches.

use super::GpuError;
use super::device::{Device, Mapping, TIMESTAMPS};
use crate::engine::StageTime;

/// Bytes of a timestamp.
const TIMESTAMP_BYTES: u64 = 8;

/// Part of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GpuStage {
    /// Slots of the ring that have been read, cleared once a block.
    Clear,
    /// External spikes of a block.
    Drive,
    /// Neurons.
    Update,
    /// From spikes to the ring.
    Deliver,
    /// The same for spikes of the past whose synapses are procedural.
    Revisit,
}

/// Names of the stages, in the order of [`GpuStage`].
const NAMES: [&str; 5] = ["clear", "drive", "update", "deliver", "revisit"];

/// Timestamps of a batch, and their sums over batches.
#[derive(Debug)]
pub struct GpuStageClock {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    read_back: wgpu::Buffer,
    /// Kernel that ended at each timestamp of the batch.
    ended: Vec<GpuStage>,
    /// Stages that ended in the batch, with those for which there was no timestamp left.
    n_ended: u64,
    ns: [f64; NAMES.len()],
}

impl GpuStageClock {
    /// A clock at zero; `None` if the device has none.
    pub fn new(device: &Device) -> Option<Self> {
        if !device.device.features().contains(TIMESTAMPS) {
            return None;
        }
        let buffer = |label, usage| {
            device.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size: u64::from(wgpu::QUERY_SET_MAX_QUERIES) * TIMESTAMP_BYTES,
                usage,
                mapped_at_creation: false,
            })
        };
        let queries = device.device.create_query_set(&wgpu::QuerySetDescriptor {
            label: Some("stages"),
            ty: wgpu::QueryType::Timestamp,
            count: wgpu::QUERY_SET_MAX_QUERIES,
        });
        let resolved = buffer("stages", wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC);
        let read_back = buffer("stages", wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST);
        Some(Self { queries, resolved, read_back, ended: Vec::new(), n_ended: 0, ns: [0.0; NAMES.len()] })
    }

    /// Records that `stage` ends here.
    pub fn mark(&mut self, pass: &mut wgpu::ComputePass<'_>, stage: GpuStage) {
        self.n_ended += 1;
        let index = self.ended.len() as u32;
        if index < wgpu::QUERY_SET_MAX_QUERIES {
            pass.write_timestamp(&self.queries, index);
            self.ended.push(stage);
        }
    }

    /// Records that the timestamps of the batch are copied to where the host reads them.
    pub fn resolve(&self, encoder: &mut wgpu::CommandEncoder) {
        let n = self.ended.len() as u32;
        encoder.resolve_query_set(&self.queries, 0..n, &self.resolved, 0);
        encoder.copy_buffer_to_buffer(&self.resolved, 0, &self.read_back, 0, u64::from(n) * TIMESTAMP_BYTES);
    }

    /// Waits for the batch and adds its times. What came after the last timestamp counts as long as
    /// what came before.
    pub fn read(&mut self, device: &Device, submission: wgpu::SubmissionIndex) -> Result<(), GpuError> {
        let mapping = Mapping::begin(&self.read_back);
        device.wait(Some(submission))?;
        let counted = self.ended.len().saturating_sub(1).max(1) as f64;
        let all = self.n_ended.saturating_sub(1) as f64;
        let tick_ns = f64::from(device.queue.get_timestamp_period()) * all / counted;
        mapping.read(|bytes| {
            let ticks: &[u64] = bytemuck::cast_slice(bytes);
            for (pair, stage) in ticks.windows(2).zip(self.ended.iter().skip(1)) {
                self.ns[*stage as usize] += pair[1].saturating_sub(pair[0]) as f64 * tick_ns;
            }
        })?;
        self.ended.clear();
        self.n_ended = 0;
        Ok(())
    }

    /// Time of each stage since the clock was made.
    pub fn stages(&self) -> Vec<StageTime> {
        NAMES.iter().zip(self.ns).map(|(name, ns)| StageTime { name, ns: ns as u64 }).collect()
    }
}
