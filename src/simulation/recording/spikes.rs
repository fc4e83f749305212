//! Spikes on disk: two arrays, sorted by step, then neuron.

use super::npy::{NpyReader, NpyWriter, read_last};
use super::{Checkpoint, RateCounter, RecordingError, RunFiles, RunPosition};
use crate::engine::SpikeBatch;
use std::ops::Range;
use std::path::Path;

/// File with the neuron of every spike.
pub const NEURON_FILE: &str = "spikes_neuron.npy";
/// File with the step of every spike.
pub const STEP_FILE: &str = "spikes_step.npy";

/// Writes spikes to disk as they come.
#[derive(Debug)]
pub struct SpikeWriter {
    neurons: NpyWriter,
    steps: NpyWriter,
    same_step: Vec<u32>,
    /// Neurons whose spikes are kept, in rising order; `None` keeps all.
    kept: Option<Vec<Range<u32>>>,
}

impl SpikeWriter {
    /// Both files, for the spikes of all neurons, or of `kept` ones, ranges in rising order.
    ///
    /// # Errors
    /// Files that cannot be written, or that do not hold what their checkpoint tells.
    pub fn create(files: RunFiles<'_>, kept: Option<Vec<Range<u32>>>) -> Result<Self, RecordingError> {
        if let Some(checkpoint) = files.checkpoint() {
            check(&files, checkpoint, kept.as_deref())?;
        }
        let (neurons, steps) = (files.list(NEURON_FILE)?, files.list(STEP_FILE)?);
        Ok(Self { neurons, steps, same_step: Vec::new(), kept })
    }

    /// Makes what has been written whole files, and notes them in `position`.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn save(&mut self, position: &mut RunPosition) -> Result<(), RecordingError> {
        position.arrays.extend([self.neurons.save()?, self.steps.save()?]);
        Ok(())
    }

    /// Appends a batch.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn extend(&mut self, batch: SpikeBatch<'_>) -> Result<(), RecordingError> {
        for (step, neurons) in batch.steps() {
            let Some(kept) = self.kept.take() else {
                self.write(step, neurons)?;
                continue;
            };
            let within = |neuron: u32| neurons.partition_point(|&n| n < neuron);
            let written = kept
                .iter()
                .try_for_each(|range| self.write(step, &neurons[within(range.start)..within(range.end)]));
            self.kept = Some(kept);
            written?;
        }
        Ok(())
    }

    fn write(&mut self, step: u32, neurons: &[u32]) -> Result<(), RecordingError> {
        self.neurons.extend(neurons)?;
        self.same_step.clear();
        self.same_step.resize(neurons.len(), step);
        self.steps.extend(&self.same_step)
    }

    /// Completes both files; returns the number of spikes.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn finish(self) -> Result<u64, RecordingError> {
        self.steps.finish()?;
        self.neurons.finish()
    }
}

/// Whether the spikes in the files of a run that goes on can be those that its checkpoint tells: their number,
/// and the last ones, which are in flight.
fn check(
    files: &RunFiles<'_>,
    checkpoint: &Checkpoint,
    kept: Option<&[Range<u32>]>,
) -> Result<(), RecordingError> {
    let disagreement = |what: &str| Err(files.disagreement(format!("{what} its spikes on disk")));
    let told = |name| Ok::<_, RecordingError>(files.told(name)?.map(|saved| saved.elements));
    let [of_neurons, of_steps] = [NEURON_FILE, STEP_FILE].map(told);
    let (n_kept, n_spikes) = (of_neurons?.unwrap_or(0), checkpoint.position.n_spikes);
    let can_be = if kept.is_none() { n_kept == n_spikes } else { n_kept <= n_spikes };
    if Some(n_kept) != of_steps? || !can_be {
        return disagreement("its numbers are not those of");
    }
    let is_kept = |neuron: u32| kept.is_none_or(|kept| kept.iter().any(|range| range.contains(&neuron)));
    let sent =
        checkpoint.in_flight.steps().flat_map(|(step, neurons)| neurons.iter().map(move |&n| (step, n)));
    let in_flight: Vec<(u32, u32)> = sent.filter(|&(_, neuron)| is_kept(neuron)).collect();
    // And the one before them, which is not in flight any more.
    let [neurons, steps] = [NEURON_FILE, STEP_FILE]
        .map(|name| read_last(&files.folder().join(name).path(), n_kept, in_flight.len() + 1));
    let last: Vec<(u32, u32)> = steps?.into_iter().zip(neurons?).collect();
    let (before, last) = last.split_at(last.len().saturating_sub(in_flight.len()));
    if last != in_flight || before.iter().any(|&(step, _)| step >= checkpoint.in_flight.first_step) {
        return disagreement("spikes in flight are not the last of");
    }
    Ok(())
}

/// Reads a run's spikes side by side.
struct SpikeReader {
    neurons: NpyReader,
    steps: NpyReader,
}

impl SpikeReader {
    fn open(folder: &Path) -> Result<Self, RecordingError> {
        let neurons = NpyReader::open(&folder.join(NEURON_FILE))?;
        let steps = NpyReader::open(&folder.join(STEP_FILE))?;
        if neurons.left() != steps.left() {
            let reason = format!("{} neurons for {} steps of spikes", neurons.left(), steps.left());
            return Err(RecordingError::malformed(folder, reason));
        }
        Ok(Self { neurons, steps })
    }

    /// The next neurons and their steps; none at the end.
    fn next_chunk(&mut self) -> Result<(&[u32], &[u32]), RecordingError> {
        Ok((self.neurons.next_chunk()?, self.steps.next_chunk()?))
    }
}

/// Neurons and steps that a run's spikes can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpikeBounds {
    /// Neurons are numbered from 0 to below this.
    pub n_neurons: u32,
    /// Steps are numbered from 1 to this.
    pub n_steps: u32,
}

/// Hands on the neurons that spike in each step, both in rising order; a step may come in several
/// pieces. Returns the number of spikes.
///
/// # Errors
/// Files that cannot be read, and spikes out of bounds or out of order.
pub fn read_spikes(
    folder: &Path,
    bounds: SpikeBounds,
    on_step: &mut dyn FnMut(u32, &[u32]),
) -> Result<u64, RecordingError> {
    let mut spikes = SpikeReader::open(folder)?;
    let (mut last, mut n_spikes) = ((0, 0), 0);
    loop {
        let (neurons, steps) = spikes.next_chunk()?;
        if neurons.is_empty() {
            return Ok(n_spikes);
        }
        if let Some(neuron) = neurons.iter().find(|&&neuron| neuron >= bounds.n_neurons) {
            let reason = format!("has neuron {neuron}, and the run has {} neurons", bounds.n_neurons);
            return Err(RecordingError::malformed(&folder.join(NEURON_FILE), reason));
        }
        if let Some(step) = steps.iter().find(|step| !(1..=bounds.n_steps).contains(step)) {
            let reason = format!("has step {step}, and the run has {} steps", bounds.n_steps);
            return Err(RecordingError::malformed(&folder.join(STEP_FILE), reason));
        }
        let order = steps.iter().copied().zip(neurons.iter().copied());
        let risen = order.clone().try_fold(last, |last, spike| (spike > last).then_some(spike));
        // A spike of step 1 and neuron 0 is behind (0, 0).
        let Some(risen) = risen else {
            let reason = "its spikes are not sorted by step, then neuron";
            return Err(RecordingError::malformed(&folder.join(STEP_FILE), reason));
        };
        last = risen;
        n_spikes += neurons.len() as u64;
        let mut rest = neurons;
        for same in steps.chunk_by(|a, b| a == b) {
            let (now, later) = rest.split_at(same.len());
            on_step(same[0], now);
            rest = later;
        }
    }
}

/// Counts the spikes of the run in `folder`.
///
/// # Errors
/// Files that cannot be read.
pub fn count_spikes(
    folder: &Path,
    bounds: SpikeBounds,
    counter: &mut RateCounter,
) -> Result<(), RecordingError> {
    read_spikes(folder, bounds, &mut |step, neurons| counter.count(step, neurons)).map(|_| ())
}

/// The first spike in which two runs differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Place among the spikes, from 0.
    pub spike: u64,
    /// Step of the earlier of the two.
    pub step: u32,
}

/// Compares the spikes of two runs; `None` if they are the same.
///
/// # Errors
/// Files that cannot be read.
pub fn first_difference(a: &Path, b: &Path) -> Result<Option<Difference>, RecordingError> {
    let (mut a, mut b) = (SpikeReader::open(a)?, SpikeReader::open(b)?);
    let mut before = 0;
    loop {
        let (a, b) = (a.next_chunk()?, b.next_chunk()?);
        let n = a.0.len().max(b.0.len());
        let spike = |(neurons, steps): (&[u32], &[u32]), i: usize| Some((*steps.get(i)?, *neurons.get(i)?));
        if let Some(i) = (0..n).find(|&i| spike(a, i) != spike(b, i)) {
            let step = [spike(a, i), spike(b, i)].into_iter().flatten().map(|(step, _)| step).min();
            return Ok(Some(Difference { spike: before + i as u64, step: step.unwrap_or(0) }));
        }
        if n == 0 {
            return Ok(None);
        }
        before += n as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fixed_point::Simulation;

    fn recorded(batches: &[(u32, &[&[u32]])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = SpikeWriter::create(RunFiles::new(folder.path()), None).unwrap();
        for &(first_step, steps) in batches {
            let neurons = steps.concat();
            let ends: Vec<u32> = steps
                .iter()
                .scan(0, |end, step| {
                    *end += step.len() as u32;
                    Some(*end)
                })
                .collect();
            let samples = Default::default();
            writer.extend(SpikeBatch { first_step, ends: &ends, neurons: &neurons, samples }).unwrap();
        }
        writer.finish().unwrap();
        folder
    }

    #[test]
    fn spikes_are_stored_by_step_then_neuron() {
        let folder = recorded(&[(1, &[&[3, 5], &[]]), (3, &[&[0], &[1, 2]])]);
        let read =
            |file| -> ndarray::Array1<u32> { ndarray_npy::read_npy(folder.path().join(file)).unwrap() };
        assert_eq!(read(NEURON_FILE).to_vec(), [3, 5, 0, 1, 2]);
        assert_eq!(read(STEP_FILE).to_vec(), [1, 1, 3, 4, 4]);
    }

    #[test]
    fn spikes_of_other_neurons_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = SpikeWriter::create(RunFiles::new(folder.path()), Some(vec![1..3, 5..6])).unwrap();
        let samples = Default::default();
        let neurons = [0, 1, 2, 3, 5, 6, 2];
        writer.extend(SpikeBatch { first_step: 1, ends: &[6, 7], neurons: &neurons, samples }).unwrap();
        assert_eq!(writer.finish().unwrap(), 4);
        let mut found = Vec::new();
        let bounds = SpikeBounds { n_neurons: 7, n_steps: 2 };
        read_spikes(folder.path(), bounds, &mut |step, neurons| found.push((step, neurons.to_vec())))
            .unwrap();
        assert_eq!(found, [(1, vec![1, 2, 5]), (2, vec![2])]);
    }

    #[test]
    fn batches_leave_no_trace_and_differences_are_found() {
        let whole = recorded(&[(1, &[&[3, 5], &[], &[0], &[1, 2]])]);
        let parts = recorded(&[(1, &[&[3, 5]]), (2, &[&[], &[0], &[1, 2]])]);
        assert_eq!(first_difference(whole.path(), parts.path()).unwrap(), None);
        let shorter = recorded(&[(1, &[&[3, 5], &[], &[0], &[1]])]);
        let expected = Some(Difference { spike: 4, step: 4 });
        assert_eq!(first_difference(whole.path(), shorter.path()).unwrap(), expected);
        let earlier = recorded(&[(1, &[&[3, 5], &[0], &[], &[1, 2]])]);
        let expected = Some(Difference { spike: 2, step: 2 });
        assert_eq!(first_difference(whole.path(), earlier.path()).unwrap(), expected);
    }

    #[test]
    fn spikes_out_of_bounds_or_order_are_errors() {
        let folder = recorded(&[(1, &[&[3, 5], &[], &[0], &[1, 2]])]);
        let read = |n_neurons, n_steps| {
            read_spikes(folder.path(), SpikeBounds { n_neurons, n_steps }, &mut |_, _| {})
        };
        assert_eq!(read(6, 4).unwrap(), 5);
        assert!(read(5, 4).unwrap_err().to_string().contains("has neuron 5, and the run has 5"));
        assert!(read(6, 3).unwrap_err().to_string().contains("has step 4, and the run has 3"));
        let unsorted = recorded(&[(1, &[&[5, 3]])]);
        let bounds = SpikeBounds { n_neurons: 6, n_steps: 4 };
        let error = read_spikes(unsorted.path(), bounds, &mut |_, _| {}).unwrap_err();
        assert!(error.to_string().contains("not sorted"), "{error}");
    }

    #[test]
    fn counting_from_disk_equals_counting_on_the_way() {
        let steps: Vec<Vec<u32>> = (0..40_000u32).map(|step| vec![step % 7, 7 + step % 3]).collect();
        let steps: Vec<&[u32]> = steps.iter().map(Vec::as_slice).collect();
        let folder = recorded(&[(1, &steps)]);
        let simulation = Simulation { duration_ms: 4000.0, ..Simulation::default() };
        let mut on_the_way = RateCounter::new(vec![0, 7, 10], &simulation);
        let mut from_disk = on_the_way.clone();
        (1..).zip(&steps).for_each(|(step, neurons)| on_the_way.count(step, neurons));
        let bounds = SpikeBounds { n_neurons: 10, n_steps: 40_000 };
        count_spikes(folder.path(), bounds, &mut from_disk).unwrap();
        assert_eq!(from_disk.rates_hz(), on_the_way.rates_hz());
    }
}
