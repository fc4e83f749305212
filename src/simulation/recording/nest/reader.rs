//! Files of NEST → populations and spikes.

use super::spike_lines::{SpikeLine, SpikeLines};
use super::{NestError, POPULATIONS_FILE, SPIKES_EXTENSION, SPIKES_FOLDER};
use crate::disk::{self, Place};
use crate::simulation::recording::PopulationRow;
use crate::telling;
use std::path::{Path, PathBuf};

/// Neurons that a folder may tell of; what is kept of each is allocated before a spike is read. Thirty
/// times the full model.
const MAX_NEURONS: u32 = 100_000_000;
/// Largest distance of a time from its step, ms: half of the last of three decimals, and what a float
/// adds to it.
const OFF_GRID_MS: f64 = 0.000_500_1;

/// Times that spikes can have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpikeGrid {
    /// Resolution, ms.
    pub dt_ms: f64,
    /// Spikes are in steps 1 to this.
    pub n_steps: u32,
}

/// A folder of NEST's output whose populations are known.
#[derive(Debug, Clone)]
pub struct NestFolder {
    path: PathBuf,
    populations: Vec<PopulationRow>,
    /// First sender of each population, with the population, ascending.
    senders: Vec<(u32, usize)>,
}

impl NestFolder {
    /// Whether a folder is output of NEST.
    pub fn is_at(path: &Path) -> bool {
        path.join(POPULATIONS_FILE).is_file()
    }

    /// Reads the populations; lines without a name are in the order of `like`.
    ///
    /// # Errors
    /// A file that cannot be read, and lines that are none of populations, or of populations whose
    /// senders overlap.
    pub fn open(path: &Path, like: &[PopulationRow]) -> Result<Self, NestError> {
        let file = path.join(POPULATIONS_FILE);
        let text = disk::read_text_limited(&file, disk::MAX_TEXT_BYTES);
        let text = text.map_err(|error| NestError::new(&file, error))?;
        let mut folder = Self { path: path.to_path_buf(), populations: Vec::new(), senders: Vec::new() };
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let added = folder.add(line, like);
            added.map_err(|reason| NestError::new(&file, format!("line {} {reason}", at + 1)))?;
        }
        folder.senders.sort_unstable();
        let ends = folder.senders.iter().map(|&(first, row)| first + folder.populations[row].neurons - 1);
        let next = folder.senders.iter().skip(1);
        if let Some((_, (first, _))) = ends.zip(next).find(|(end, (first, _))| end >= first) {
            return Err(NestError::new(&file, format!("sender {first} is in two populations")));
        }
        match folder.populations.is_empty() {
            true => Err(NestError::new(&file, "it has no population")),
            false => Ok(folder),
        }
    }

    /// As [`open`](Self::open); if the folder has no table of populations, senders are numbered from 1 in the order of
    /// `rows`, as NEST numbers what is made first.
    ///
    /// # Errors
    /// As there.
    pub fn open_or_number(path: &Path, rows: &[PopulationRow]) -> Result<Self, NestError> {
        if Self::is_at(path) {
            return Self::open(path, rows);
        }
        let senders = rows.iter().enumerate().map(|(row, population)| (population.first_neuron + 1, row));
        Ok(Self { path: path.to_path_buf(), populations: rows.to_vec(), senders: senders.collect() })
    }

    /// Populations, with neurons numbered through in the order of the file.
    pub fn populations(&self) -> &[PopulationRow] {
        &self.populations
    }

    fn add(&mut self, line: &str, like: &[PopulationRow]) -> Result<(), String> {
        const NO_POPULATION: &str = "is no population with its first and last sender";
        let (names, numbers) = names_and_numbers(line);
        let [first, last] = numbers[..] else { return Err(NO_POPULATION.to_owned()) };
        let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) else {
            return Err(NO_POPULATION.to_owned());
        };
        let [area, layer, population] = match names[..] {
            [area, layer, population] => [area, layer, population].map(str::to_owned),
            [layer, population] => ["", layer, population].map(str::to_owned),
            [] => {
                let same = like.get(self.populations.len()).ok_or(NO_POPULATION)?;
                [same.area.clone(), same.layer.clone(), same.population.clone()]
            }
            _ => return Err(NO_POPULATION.to_owned()),
        };
        if ![&area, &layer, &population].iter().all(|name| name.chars().all(telling::is_seen)) {
            return Err("has a name with characters that are not seen".to_owned());
        }
        let index = self.populations.len();
        let first_neuron = self.populations.last().map_or(0, |last| last.first_neuron + last.neurons);
        let neurons = last.checked_sub(first).and_then(|difference| difference.checked_add(1));
        let neurons = neurons.ok_or(NO_POPULATION)?;
        if first_neuron.checked_add(neurons).is_none_or(|neurons| neurons > MAX_NEURONS) {
            return Err(format!("makes more than {MAX_NEURONS} neurons"));
        }
        self.populations.push(PopulationRow { index, area, layer, population, first_neuron, neurons });
        self.senders.push((first, index));
        Ok(())
    }

    /// All spikes, (step, neuron), sorted: 8 bytes each.
    ///
    /// # Errors
    /// Files that cannot be read, lines that are none of spikes, senders in no population, times
    /// outside or between the steps of `grid`.
    pub fn spikes(&self, grid: SpikeGrid) -> Result<Vec<(u32, u32)>, NestError> {
        let mut spikes = Vec::new();
        for file in self.spike_files()? {
            self.read_file(&file, grid, &mut spikes)?;
        }
        spikes.sort_unstable();
        Ok(spikes)
    }

    /// The files with spikes: all that end in `.dat` in `spikes`, or in the folder itself if it has no such folder.
    fn spike_files(&self) -> Result<Vec<PathBuf>, NestError> {
        let inner = self.path.join(SPIKES_FOLDER);
        let folder = if inner.is_dir() { inner } else { self.path.clone() };
        let entries = Place::folder(&folder).names().map_err(|error| NestError::new(&folder, error))?;
        let is_spikes = |path: &PathBuf| {
            let ends = path.extension().is_some_and(|extension| extension == SPIKES_EXTENSION);
            ends && !path.ends_with(POPULATIONS_FILE)
        };
        let files: Vec<PathBuf> = entries.iter().map(|name| folder.join(name)).filter(is_spikes).collect();
        if files.is_empty() {
            return Err(NestError::new(&folder, "it has no .dat file with spikes"));
        }
        Ok(files)
    }

    fn read_file(&self, file: &Path, grid: SpikeGrid, spikes: &mut Vec<(u32, u32)>) -> Result<(), NestError> {
        let text = disk::open(file).map_err(|error| NestError::new(file, error))?;
        let mut lines = SpikeLines::new(text);
        while let Some(line) = lines.next_spike(grid.dt_ms).map_err(|reason| NestError::new(file, reason))? {
            let spike = self.spike(line, grid);
            spikes.push(
                spike.map_err(|reason| NestError::new(file, format!("line {}: {reason}", lines.number())))?,
            );
        }
        Ok(())
    }

    /// Step and neuron of a line.
    fn spike(&self, line: SpikeLine, grid: SpikeGrid) -> Result<(u32, u32), String> {
        let SpikeLine { sender, time_ms } = line;
        let neuron = self.neuron(sender).ok_or_else(|| format!("sender {sender} is in no population"))?;
        let step = (time_ms / grid.dt_ms).round();
        let told_ms = (time_ms * 1e6).round() / 1e6;
        let n_steps = f64::from(grid.n_steps);
        // Not a number is outside too.
        if !(1.0..=n_steps).contains(&step) {
            return Err(format!("{told_ms} ms is not within {} ms", n_steps * grid.dt_ms));
        }
        if (time_ms - step * grid.dt_ms).abs() > OFF_GRID_MS {
            return Err(format!("{told_ms} ms is no whole number of steps of {} ms", grid.dt_ms));
        }
        Ok((step as u32, neuron))
    }

    fn neuron(&self, sender: u32) -> Option<u32> {
        let before = self.senders.partition_point(|&(first, _)| first <= sender);
        let (first, row) = self.senders[before.checked_sub(1)?];
        let row = &self.populations[row];
        (sender - first < row.neurons).then(|| row.first_neuron + (sender - first))
    }
}

/// The names of a population, and what stands behind them.
fn names_and_numbers(line: &str) -> (Vec<&str>, Vec<&str>) {
    let words = |text| {
        let words = str::split(text, |c: char| c.is_whitespace() || "();,\"".contains(c));
        words.filter(|word| !word.is_empty()).collect::<Vec<&str>>()
    };
    if let Some((names, numbers)) = line.rsplit_once('\'') {
        // Every second piece is between quotes, and may have any character.
        return (names.split('\'').skip(1).step_by(2).collect(), words(numbers));
    }
    let mut names = words(line);
    let numbers = names.split_off(names.len().saturating_sub(2));
    (names, numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const GRID: SpikeGrid = SpikeGrid { dt_ms: 0.1, n_steps: 100 };
    const POPULATIONS: &str = "('insula', 'II/III', 'E');11;12\n('insula', 'II/III', 'I');1;4\n";

    fn folder(populations: &str, spikes: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(POPULATIONS_FILE), populations).unwrap();
        fs::create_dir(folder.path().join(SPIKES_FOLDER)).unwrap();
        for (at, text) in spikes.iter().enumerate() {
            fs::write(folder.path().join(format!("spikes/{at}.dat")), text).unwrap();
        }
        folder
    }

    fn refusal(populations: &str, spikes: &str) -> String {
        let folder = folder(populations, &[spikes]);
        let opened = NestFolder::open(folder.path(), &[]);
        opened.and_then(|nest| nest.spikes(GRID)).unwrap_err().to_string()
    }

    #[test]
    fn spikes_of_several_files_are_sorted_and_numbered_by_the_populations() {
        let header = "# NEST version: 3.10\n# RecordingBackendASCII version: 2\nsender\ttime_ms\n";
        let first = format!("{header}4\t10.000\n12\t0.100\n");
        let folder = folder(POPULATIONS, &[&first, "1\t0.1\n11\t5.000\n\n"]);
        assert!(NestFolder::is_at(folder.path()));
        let nest = NestFolder::open(folder.path(), &[]).unwrap();
        assert_eq!(nest.populations()[1].first_neuron, 2);
        assert_eq!(nest.spikes(GRID).unwrap(), [(1, 1), (1, 2), (50, 0), (100, 5)]);
    }

    #[test]
    fn times_in_steps_are_read_and_a_joined_file_may_change_its_columns() {
        let header = |columns: &str| {
            format!("# NEST version: 3.10.0\n# RecordingBackendASCII version: 2\n{columns}\n")
        };
        let (steps, times) = (header("sender\ttime_step\ttime_offset"), header("sender\ttime_ms"));
        let text = format!("{steps}4\t100\t0.000\n12\t1\t0.000\n{times}1\t0.200\n{steps}11\t50\t0.000\n");
        let folder = folder(POPULATIONS, &[&text]);
        let nest = NestFolder::open(folder.path(), &[]).unwrap();
        assert_eq!(nest.spikes(GRID).unwrap(), [(1, 1), (2, 2), (50, 0), (100, 5)]);
    }

    #[test]
    fn names_may_have_any_character_and_unnamed_lines_follow_another_run() {
        let named = folder("('my area; a', 'II/III', 'E');1;2\n('L4', 'I');3;3", &["1\t0.1\n"]);
        let nest = NestFolder::open(named.path(), &[]).unwrap();
        let names: Vec<_> = nest.populations().iter().map(|row| (&*row.area, &*row.layer)).collect();
        assert_eq!(names, [("my area; a", "II/III"), ("", "L4")]);
        let unnamed = folder("1;2\n3 3\n", &["1\t0.1\n"]);
        let like = NestFolder::open(unnamed.path(), nest.populations()).unwrap();
        assert_eq!(like.populations(), nest.populations());
        assert!(NestFolder::open(unnamed.path(), &[]).is_err());
    }

    #[test]
    fn what_is_malformed_is_told_with_its_line() {
        for (populations, place) in [
            ("('insula', 'II/III', 'E');3;1\n", "line 1 is no population"),
            ("\n('insula', 'II/III', 'E');1\n", "line 2 is no population"),
            ("('insula', 'II/III', 'E');0;4294967295\n", "line 1 is no population"),
            (
                "('insula', 'II/III', 'E');1;100000000\n('insula', 'V', 'E');100000001;100000001",
                "line 2 makes",
            ),
            ("('insula', 'II/III', 'E');1;4\n('insula', 'V', 'E');4;5\n", "sender 4 is in two populations"),
            ("", "it has no population"),
        ] {
            assert!(refusal(populations, "1\t0.1\n").contains(place), "{}", refusal(populations, ""));
        }
        for (spikes, place) in [
            ("1\t0.1\nsender\n", "line 2: 'sender' is no sender"),
            ("1\t0.1\n2\t0.1", "line 2 is cut short"),
            ("1\t0.1\n2", "line 2 is cut short"),
            ("sender\ttime_step\ttime_offset\n1\t3\t0.050\n", "ms is no whole number of steps of 0.1 ms"),
            ("sender\ttime_step\ttime_offset\n1\t3\n", "line 2: '1\t3' is no sender with a step"),
            ("sender\ttime_step\ttime_offset\n1\t101\t0.000\n", "line 2: 10.1 ms is not within"),
            ("one\t0.1\n2\t0.1\n", "line 1: 'one\t0.1' is no sender"),
            ("sender\n1\t0.1\t3\n", "line 2: '1\t0.1\t3' is no sender"),
            ("1\t-0.1\n", "line 1: -0.1 ms is not within 10 ms"),
            ("1\tNaN\n", "line 1: NaN ms is not within"),
            ("1\t10.1\n", "line 1: 10.1 ms is not within"),
            ("1\t0.150\n", "line 1: 0.15 ms is no whole number of steps"),
            ("5\t0.1\n", "line 1: sender 5 is in no population"),
            ("13\t0.1\n", "line 1: sender 13 is in no population"),
            ("99999999999\t0.1\n", "line 1: '99999999999\t0.1' is no sender"),
        ] {
            assert!(refusal(POPULATIONS, spikes).contains(place), "{}", refusal(POPULATIONS, spikes));
        }
        assert!(refusal(POPULATIONS, &"1".repeat(10_000)).contains("line 1 has 4096 bytes"));
    }
}
