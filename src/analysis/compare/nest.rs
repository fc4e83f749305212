//! Output of the model's NEST implementation: `population_GIDs.dat` with a line
//! `('area', 'layer', 'E');first;last` for each population, and `spikes/*.dat` with comments and a header,
//! then `sender<TAB>time_ms` for each spike.

use super::Member;
use crate::analysis::{AnalysisError, Layout};
use crate::config::AnalysisOptions;
use crate::recording::PopulationRow;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

const POPULATIONS_FILE: &str = "population_GIDs.dat";
const SPIKES_FOLDER: &str = "spikes";
const SPIKES_EXTENSION: &str = "dat";

/// Neurons that a folder may tell of; what is kept of each is allocated before a spike is read. Thirty
/// times the full model.
const MOST_NEURONS: u32 = 100_000_000;

/// Whether a folder is output of NEST.
pub(super) fn is_folder(path: &Path) -> bool {
    path.join(POPULATIONS_FILE).is_file()
}

/// Statistics of the output, in the window of `like`, with the refractory period of its populations.
pub(super) fn read(folder: &Path, like: &Layout, options: &AnalysisOptions) -> Result<Member, AnalysisError> {
    let (populations, first_senders) = populations(&folder.join(POPULATIONS_FILE), like)?;
    let of = |row: &PopulationRow| {
        let same = |other: &&PopulationRow| other.layer == row.layer && other.population == row.population;
        let at = like.populations.iter().position(|other| same(&other)).unwrap_or(0);
        like.t_ref_ms.get(at).copied().unwrap_or(0.0)
    };
    let layout = Layout { t_ref_ms: populations.iter().map(of).collect(), populations, window: like.window };
    let spikes = spikes(&folder.join(SPIKES_FOLDER), &layout, &first_senders)?;
    Member::new(folder.display().to_string(), &spikes.as_slice(), layout, options)
}

fn wrong(file: &Path, reason: impl ToString) -> AnalysisError {
    AnalysisError::Nest { file: file.to_path_buf(), reason: reason.to_string() }
}

/// Populations, numbered through, and the first sender of each.
fn populations(file: &Path, like: &Layout) -> Result<(Vec<PopulationRow>, Vec<u32>), AnalysisError> {
    let text = fs::read_to_string(file).map_err(|error| wrong(file, error))?;
    let (mut rows, mut first_senders, mut first_neuron) = (Vec::new(), Vec::new(), 0u32);
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line_error =
            || wrong(file, format!("line {} is no population with its first and last sender", at + 1));
        let words: Vec<&str> = line
            .split(|c: char| c.is_whitespace() || "()'\";,".contains(c))
            .filter(|word| !word.is_empty())
            .collect();
        let (name, numbers) = words.split_at(words.len().saturating_sub(2));
        let [first, last] = numbers else { return Err(line_error()) };
        let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) else {
            return Err(line_error());
        };
        let neurons = last.checked_sub(first).and_then(|n| n.checked_add(1)).ok_or_else(line_error)?;
        let [area, layer, population] = match *name {
            [area, layer, population] => [area, layer, population].map(str::to_owned),
            [layer, population] => ["", layer, population].map(str::to_owned),
            // Without names they are in the order of the run that is compared.
            [] => {
                let same = like.populations.get(rows.len()).ok_or_else(line_error)?;
                [same.area.clone(), same.layer.clone(), same.population.clone()]
            }
            _ => return Err(line_error()),
        };
        rows.push(PopulationRow { index: rows.len(), area, layer, population, first_neuron, neurons });
        first_senders.push(first);
        first_neuron = first_neuron
            .checked_add(neurons)
            .filter(|&neurons| neurons <= MOST_NEURONS)
            .ok_or_else(|| wrong(file, format!("line {} makes more than {MOST_NEURONS} neurons", at + 1)))?;
    }
    if rows.is_empty() { Err(wrong(file, "it has no population")) } else { Ok((rows, first_senders)) }
}

/// All spikes, (step, neuron), sorted.
fn spikes(folder: &Path, layout: &Layout, first_senders: &[u32]) -> Result<Vec<(u32, u32)>, AnalysisError> {
    let entries = fs::read_dir(folder).map_err(|error| wrong(folder, error))?;
    let is_spikes = |path: &PathBuf| path.extension().is_some_and(|extension| extension == SPIKES_EXTENSION);
    let files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_spikes).collect();
    if files.is_empty() {
        return Err(wrong(folder, "it has no .dat file"));
    }
    let mut spikes = Vec::new();
    for file in files {
        read_file(&file, layout, first_senders, &mut spikes)?;
    }
    spikes.sort_unstable();
    Ok(spikes)
}

fn read_file(
    file: &Path,
    layout: &Layout,
    first_senders: &[u32],
    spikes: &mut Vec<(u32, u32)>,
) -> Result<(), AnalysisError> {
    let text = fs::File::open(file).map_err(|error| wrong(file, error))?;
    // Senders ascend with the populations, or else the search goes through their order.
    let mut order: Vec<usize> = (0..first_senders.len()).collect();
    order.sort_unstable_by_key(|&row| first_senders[row]);
    let window = &layout.window;
    for (at, line) in BufReader::new(text).lines().enumerate() {
        let line = line.map_err(|error| wrong(file, error))?;
        if !line.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let mut words = line.split_whitespace();
        let sender = words.next().and_then(|word| word.parse::<u32>().ok());
        let time_ms = words.next().and_then(|word| word.parse::<f64>().ok());
        let (Some(sender), Some(time_ms)) = (sender, time_ms) else {
            return Err(wrong(file, format!("line {} is no sender with a time", at + 1)));
        };
        let before = order.partition_point(|&row| first_senders[row] <= sender);
        let row = before.checked_sub(1).map(|last| order[last]);
        let neuron = row.and_then(|row| {
            let within = sender - first_senders[row];
            (within < layout.populations[row].neurons).then(|| layout.populations[row].first_neuron + within)
        });
        let neuron = neuron
            .ok_or_else(|| wrong(file, format!("line {}: sender {sender} is in no population", at + 1)))?;
        let step = (time_ms / window.dt_ms).round();
        // Not a number is outside too.
        if !(1.0..=f64::from(window.n_steps)).contains(&step) {
            let reason = format!("line {}: {time_ms} ms is not within {} ms", at + 1, window.duration_ms());
            return Err(wrong(file, reason));
        }
        spikes.push((step as u32, neuron));
    }
    Ok(())
}
