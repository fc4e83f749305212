//! Spikes of a run, piece by piece.

use super::ExportError;
use crate::analysis::{RunFolder, SpikeSource};

/// Spikes of a piece.
const CHUNK: usize = 1 << 16;

/// Takes the steps and neurons of a piece.
pub(super) type Sink<'a> = dyn FnMut(&[u32], &[u32]) -> Result<(), ExportError> + 'a;

/// Hands on all spikes in their order, as pieces of steps and neurons of equal length; stops handing on
/// at the first error.
pub(super) fn for_each_chunk(run: &RunFolder, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    let (mut steps, mut neurons) = (Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK));
    let mut outcome = Ok(());
    run.spikes().for_each_step(&mut |step, mut same| {
        while !same.is_empty() && outcome.is_ok() {
            let (now, later) = same.split_at(same.len().min(CHUNK - neurons.len()));
            neurons.extend_from_slice(now);
            steps.resize(neurons.len(), step);
            same = later;
            if neurons.len() == CHUNK {
                outcome = sink(&steps, &neurons);
                steps.clear();
                neurons.clear();
            }
        }
    })?;
    outcome?;
    if neurons.is_empty() { Ok(()) } else { sink(&steps, &neurons) }
}
