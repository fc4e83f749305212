//! Spike counts of populations in bins of time, on disk while a run goes on.

use super::npy::{NpyReader, NpyWriter};
use super::{Checkpoint, PopulationRow, RecordingError, RunFiles, RunPosition};
use ndarray::Array2;
use std::path::Path;

/// File with the counts, shape \[bin, population\], populations as in `populations.csv`.
pub const COUNTS_FILE: &str = "spike_counts.npy";

/// Writes counts as time goes on. Bin k holds the times \[k, k + 1) · bin. The last bin is the one of the last step: it
/// ends with the run, and holds that step alone if the run lasts a multiple of the bin. So all spikes are counted.
#[derive(Debug)]
pub struct CountWriter {
    file: NpyWriter,
    bin_steps: u32,
    bins: u32,
    /// First neuron of each population, and the number of neurons at the end.
    first_neurons: Vec<u32>,
    /// The bin that is counted.
    bin: u32,
    counts: Vec<u32>,
}

impl CountWriter {
    /// Counts the spikes of `populations`, without gaps between them, over `n_steps` steps.
    ///
    /// # Errors
    /// A file that cannot be written, or a checkpoint that does not fit.
    pub fn create(
        files: RunFiles<'_>,
        populations: &[PopulationRow],
        bin_steps: u32,
        n_steps: u32,
    ) -> Result<Self, RecordingError> {
        let end = populations.last().map(|last| last.first_neuron + last.neurons);
        let first_neurons = populations.iter().map(|p| p.first_neuron).chain(end).collect();
        let bins = n_steps / bin_steps + 1;
        let bin_after = |step: u32| (step / bin_steps).min(bins);
        let (bin, counts) = match files.checkpoint() {
            None => (0, vec![0; populations.len()]),
            Some(checkpoint) => {
                let bin = bin_after(checkpoint.step());
                let counted_steps = checkpoint.step() - bin * bin_steps + 1;
                (bin, counted_before(&files, checkpoint, populations, bin, counted_steps)?)
            }
        };
        let file = files.rows(COUNTS_FILE, Some(populations.len()), bin_after)?;
        Ok(Self { file, bin_steps, bins, first_neurons, bin, counts })
    }

    /// Counts the spikes of one step; steps follow each other, `neurons` ascend.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn count(&mut self, step: u32, neurons: &[u32]) -> Result<(), RecordingError> {
        self.write_before(step / self.bin_steps)?;
        let mut first = 0;
        for (count, end) in self.counts.iter_mut().zip(&self.first_neurons[1.min(self.first_neurons.len())..])
        {
            let within = neurons[first..].partition_point(|neuron| neuron < end);
            *count += within as u32;
            first += within;
        }
        Ok(())
    }

    /// Writes what has been counted where another bin than `bin` was.
    fn write_before(&mut self, bin: u32) -> Result<(), RecordingError> {
        while self.bin < bin.min(self.bins) {
            self.file.extend(&self.counts)?;
            self.counts.fill(0);
            self.bin += 1;
        }
        Ok(())
    }

    /// Makes what has been written a whole file, and notes it and what is counted in `position`.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&mut self, position: &mut RunPosition) -> Result<(), RecordingError> {
        position.arrays.extend([self.file.save()?]);
        position.counts = Some((self.bin, self.counts.clone()));
        Ok(())
    }

    /// Completes the file.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn finish(mut self) -> Result<(), RecordingError> {
        self.write_before(self.bins)?;
        self.file.finish().map(|_| ())
    }
}

/// What a checkpoint tells of the bin that was counted, which is `bin` after its steps.
fn counted_before(
    files: &RunFiles<'_>,
    checkpoint: &Checkpoint,
    populations: &[PopulationRow],
    bin: u32,
    counted_steps: u32,
) -> Result<Vec<u32>, RecordingError> {
    let Some((told, counts)) = &checkpoint.position.counts else {
        return Err(files.disagreement("it knows no spike counts".to_owned()));
    };
    let most = |row: &PopulationRow| u64::from(row.neurons) * u64::from(counted_steps);
    let fits = |(&count, row): (&u32, &PopulationRow)| u64::from(count) <= most(row);
    if *told != bin || counts.len() != populations.len() || !counts.iter().zip(populations).all(fits) {
        let reason = format!(
            "{} spike counts of bin {told}, where {} of bin {bin} are counted after {} steps",
            counts.len(),
            populations.len(),
            checkpoint.step()
        );
        return Err(files.disagreement(reason));
    }
    Ok(counts.clone())
}

/// The counts of the run in `folder`, of that many populations, shape \[bin, population\].
///
/// # Errors
/// A file that cannot be read, or of another number of populations.
pub fn read_counts(folder: &Path, populations: usize) -> Result<Array2<u32>, RecordingError> {
    let path = folder.join(COUNTS_FILE);
    let mut file = NpyReader::open_rows(&path, populations)?;
    let mut counts = Vec::with_capacity(file.left() as usize);
    while file.left() > 0 {
        counts.extend_from_slice(file.next_chunk()?);
    }
    let bins = counts.len() / populations.max(1);
    Array2::from_shape_vec((bins, populations), counts)
        .map_err(|error| RecordingError::malformed(&path, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_bin_holds_the_steps_from_its_start_to_before_its_end_and_the_last_one_the_end_of_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let row = |index, first_neuron, neurons| PopulationRow {
            index,
            area: String::new(),
            layer: String::new(),
            population: String::new(),
            first_neuron,
            neurons,
        };
        let rows = [row(0, 0, 2), row(2, 2, 3)];
        let mut writer = CountWriter::create(RunFiles::new(folder.path()), &rows, 10, 40).unwrap();
        for (step, neurons) in [(1, &[0, 1, 4][..]), (9, &[0]), (10, &[2, 3, 4]), (35, &[1]), (40, &[0, 2])] {
            writer.count(step, neurons).unwrap();
        }
        writer.finish().unwrap();
        let counts: Array2<u32> = ndarray_npy::read_npy(folder.path().join(COUNTS_FILE)).unwrap();
        assert_eq!(counts, array![[3, 1], [0, 3], [0, 0], [1, 0], [1, 1]]);
        assert_eq!(read_counts(folder.path(), 2).unwrap(), counts);
        // A run that ends within a bin.
        let mut writer = CountWriter::create(RunFiles::new(folder.path()), &rows, 10, 37).unwrap();
        writer.count(35, &[1]).unwrap();
        writer.finish().unwrap();
        assert_eq!(read_counts(folder.path(), 2).unwrap().row(3), array![1, 0]);
        let message = read_counts(folder.path(), 4).unwrap_err().to_string();
        assert!(message.contains("with 4 columns"), "{message}");
    }
}
