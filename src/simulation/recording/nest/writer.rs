//! Spikes → files of NEST, as they come.

use super::{POPULATIONS_FILE, SPIKES_FOLDER};
use crate::disk::{File, Place};
use crate::simulation::recording::{PopulationRow, RecordingError, write_whole};
use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

const SPIKES_FILE: &str = "spike_recorder-1-0.dat";
const PLAIN_SPIKES_FILE: &str = "spikes.gdf";
/// NEST numbers nodes from 1.
const FIRST_SENDER: u64 = 1;
/// Decimals of times, as NEST has them; more where steps are too short for them.
const DECIMALS: usize = 3;
const FINE_DECIMALS: usize = 9;
/// Shortest step that three decimals tell apart, with a factor of safety, ms.
const FINE_DT_MS: f64 = 0.005;
const BUFFER_BYTES: usize = 1 << 18;

/// Writes spikes as NEST does.
#[derive(Debug)]
pub struct NestWriter {
    dt_ms: f64,
    files: [(PathBuf, BufWriter<File>); 2],
    /// Lines of one step.
    lines: String,
}

impl NestWriter {
    /// Creates the files in `folder`, which must exist and be empty; steps are of `dt_ms`.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn create(
        folder: impl Into<Place>,
        populations: &[PopulationRow],
        dt_ms: f64,
    ) -> Result<Self, RecordingError> {
        let folder = folder.into();
        write_whole(folder.join(POPULATIONS_FILE), populations_text(populations).as_bytes())?;
        let spikes = folder.join(SPIKES_FOLDER);
        spikes.make_new_folder().map_err(|source| RecordingError::write(&spikes.path(), source))?;
        let open = |place: Place| match place.create() {
            Ok(file) => Ok((place.path(), BufWriter::with_capacity(BUFFER_BYTES, file))),
            Err(source) => Err(RecordingError::write(&place.path(), source)),
        };
        let files = [open(spikes.join(SPIKES_FILE))?, open(folder.join(PLAIN_SPIKES_FILE))?];
        let mut writer = Self { dt_ms, files, lines: String::new() };
        let version = env!("CARGO_PKG_VERSION");
        let header =
            format!("# humam-gpu version: {version}\n# RecordingBackendASCII version: 2\nsender\ttime_ms\n");
        writer.put(0, header.as_bytes())?;
        Ok(writer)
    }

    /// Appends the spikes of one step.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn extend(&mut self, step: u32, neurons: &[u32]) -> Result<(), RecordingError> {
        let decimals = if self.dt_ms < FINE_DT_MS { FINE_DECIMALS } else { DECIMALS };
        let time = format!("\t{:.decimals$}\n", f64::from(step) * self.dt_ms);
        let mut lines = std::mem::take(&mut self.lines);
        lines.clear();
        for &neuron in neurons {
            // A string takes any text.
            let _ = write!(lines, "{}{time}", u64::from(neuron) + FIRST_SENDER);
        }
        self.put(0, lines.as_bytes())?;
        self.put(1, lines.as_bytes())?;
        self.lines = lines;
        Ok(())
    }

    /// Completes the files.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn finish(self) -> Result<(), RecordingError> {
        for (path, mut file) in self.files {
            let written = file.flush().and_then(|()| file.get_ref().sync_data());
            written.map_err(|source| RecordingError::write(&path, source))?;
        }
        Ok(())
    }

    fn put(&mut self, file: usize, bytes: &[u8]) -> Result<(), RecordingError> {
        let (path, file) = &mut self.files[file];
        file.write_all(bytes).map_err(|source| RecordingError::write(path, source))
    }
}

fn populations_text(populations: &[PopulationRow]) -> String {
    let line = |row: &PopulationRow| {
        let names = [&row.area, &row.layer, &row.population].map(|name| format!("'{name}'"));
        // A population without an area is named by layer and population.
        let names = if row.area.is_empty() { names[1..].join(", ") } else { names.join(", ") };
        let first = u64::from(row.first_neuron) + FIRST_SENDER;
        format!("({names});{first};{}\n", first + u64::from(row.neurons) - 1)
    };
    populations.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::recording::{NestFolder, SpikeGrid};
    use std::fs;
    use std::path::Path;

    fn rows(areas: [&str; 2]) -> Vec<PopulationRow> {
        let row = |index: usize, area: &str, first_neuron, neurons| PopulationRow {
            index,
            area: area.to_owned(),
            layer: "II/III".to_owned(),
            population: ["E", "I"][index].to_owned(),
            first_neuron,
            neurons,
        };
        vec![row(0, areas[0], 0, 3), row(1, areas[1], 3, 2)]
    }

    fn written(folder: &Path, rows: &[PopulationRow], dt_ms: f64) {
        let mut writer = NestWriter::create(folder, rows, dt_ms).unwrap();
        writer.extend(1, &[0, 4]).unwrap();
        writer.extend(12, &[2]).unwrap();
        writer.finish().unwrap();
    }

    #[test]
    fn the_files_have_the_layout_of_nest() {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path(), &rows(["insula", "insula"]), 0.1);
        let text = |file: &str| fs::read_to_string(folder.path().join(file)).unwrap();
        assert_eq!(
            text("population_GIDs.dat"),
            "('insula', 'II/III', 'E');1;3\n('insula', 'II/III', 'I');4;5\n"
        );
        let lines = "1\t0.100\n5\t0.100\n3\t1.200\n";
        assert_eq!(text("spikes.gdf"), lines);
        let spikes = text("spikes/spike_recorder-1-0.dat");
        let (header, found) = spikes.split_at(spikes.len() - lines.len());
        assert_eq!(found, lines);
        let lines: Vec<&str> = header.lines().collect();
        assert!(lines[0].starts_with("# humam-gpu version: "), "{header}");
        // As NEST 3.10 writes it.
        assert_eq!(lines[1..], ["# RecordingBackendASCII version: 2", "sender\ttime_ms"]);
    }

    #[test]
    fn what_is_written_reads_back_with_any_resolution_and_without_areas() {
        for dt_ms in [0.1, 0.0125, 0.001, 1.0] {
            let folder = tempfile::tempdir().unwrap();
            let rows = rows(["", ""]);
            written(folder.path(), &rows, dt_ms);
            let read = NestFolder::open(folder.path(), &[]).unwrap();
            assert_eq!(read.populations(), rows);
            let spikes = read.spikes(SpikeGrid { dt_ms, n_steps: 12 }).unwrap();
            assert_eq!(spikes, [(1, 0), (1, 4), (12, 2)]);
        }
    }
}
