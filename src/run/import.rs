//! From output of NEST to a run folder, as if NEST were an engine; nothing is simulated.
//!
//! The folder is `nest-HASH`, which no run of an engine has, in the folder of the network; its manifest
//! tells that it was imported. Analysis and comparison read it, [`run`](super::run) does not look at it.

use super::execute::write_tables;
use super::network::find_or_write_own;
use super::{FoundNetwork, Outcome, Output, RunError, RunReport, find_or_make_network, written};
use crate::config::Config;
use crate::disk::Place;
use crate::engine::{Description, Samples, SpikeBatch};
use crate::model::network::{NetworkSpec, PopulationSelector};
use crate::model::{ModelKind, OwnPopulations};
use crate::progress::{Progress, Stage};
use crate::simulation::recording::{
    Arrays, Circumstances, Content, ImportIdentity, Imported, Making, Manifest, NestFolder, PartialFolder,
    PopulationRow, RateCounter, Recording, RecordingError, RunFiles, SpikeGrid, SpikeWriter, mean_hz,
    population_rows,
};
use std::path::Path;

const PROGRAM: &str = "nest";
/// What stands for the engine.
const ENGINE: &str = "nest (imported)";
/// Steps that are written at once.
const BLOCK_STEPS: u32 = 4096;

/// Writes the spikes in the folder `nest` as a run of `config`, whose network and duration they must be
/// of; finds the run if it is there. Populations that the folder does not name were not recorded: the run tells so,
/// and takes none of them for silent.
///
/// # Errors
/// [`RunError`]: a folder that is none of NEST or is malformed, one of other populations, one in which a
/// neuron spikes twice in a step. Nothing half-written is left.
pub fn import_nest(
    nest: &Path,
    config: &Config,
    output: &Output,
    progress: &mut dyn Progress,
) -> Result<RunReport, RunError> {
    // What can be refused at once is, before a network is derived; lines without a name wait for it.
    if !NestFolder::is_at(nest) {
        NestFolder::open(nest, &[])?;
    }
    let network = find_or_make_network(config, output, progress)?;
    progress.stage(Stage::Import);
    let found = FoundSpikes::read(nest, config, &network.stored.network)?;
    import(&found, config, network, output)
}

/// As [`import_nest`], of a network of one's own with those populations; `config` is
/// [`of_own_network`](crate::config::of_own_network). If the folder has no `population_GIDs.dat`, NEST has made the
/// neurons first and in the order of the table.
///
/// # Errors
/// As there.
pub fn import_own_nest(
    nest: &Path,
    own: &OwnPopulations,
    config: &Config,
    output: &Output,
    progress: &mut dyn Progress,
) -> Result<RunReport, RunError> {
    progress.stage(Stage::Import);
    let found = FoundSpikes::read(nest, config, &own.network)?;
    let network = find_or_write_own(own, config, output, progress)?;
    import(&found, config, network, output)
}

fn import(
    found: &FoundSpikes,
    config: &Config,
    network: FoundNetwork,
    output: &Output,
) -> Result<RunReport, RunError> {
    let config = &Config { recording: found.recording(), ..config.clone() };
    let imported = Imported::new(PROGRAM, &found.spikes, config.recording.populations.clone());
    let hash = ImportIdentity::new(&network.hash, &config.simulation, &imported).hash();
    let place = network.place.join(&hash);
    let folder = place.path();
    if place.exists() && !output.force {
        let manifest = Manifest::read(&folder)?;
        if manifest.simulation_hash == hash {
            // What is there has the same spikes, and perhaps an analysis.
            let mean_rate_hz = mean_hz(found.rates_hz(config, &network));
            let (outcome, kept) = (Outcome::Reused, Vec::new());
            return Ok(RunReport { network, folder, outcome, manifest, mean_rate_hz, kept });
        }
    }
    let partial = PartialFolder::create(&place, written::of_runs())?;
    write_spikes(&found.spikes, config, partial.place())?;
    let rates_hz = found.rates_hz(config, &network);
    let mean_rate_hz = write_tables(config, &network.stored, &rates_hz, partial.place())?;
    let mut manifest = manifest(config, &network, hash, imported, found.spikes.len() as u64);
    manifest.seal(partial.place())?;
    let kept = partial.commit()?;
    Ok(RunReport { network, folder, outcome: Outcome::Made, manifest, mean_rate_hz, kept })
}

/// What a folder of NEST has of a network.
struct FoundSpikes {
    /// Spikes, (step, neuron), in the numbering of the network, sorted.
    spikes: Vec<(u32, u32)>,
    /// Populations of the network that have neurons.
    rows: Vec<PopulationRow>,
    /// Whether the folder names each of them.
    recorded: Vec<bool>,
}

impl FoundSpikes {
    fn read(nest: &Path, config: &Config, network: &NetworkSpec) -> Result<Self, RunError> {
        let rows = population_rows(network);
        let folder = match config.model {
            ModelKind::Imported => NestFolder::open_or_number(nest, &rows)?,
            _ => NestFolder::open(nest, &rows)?,
        };
        let foreign = |reason| RunError::OtherPopulations { folder: nest.to_path_buf(), reason };
        let own_rows = own_rows(folder.populations(), &rows).map_err(foreign)?;
        let simulation = &config.simulation;
        let grid = SpikeGrid { dt_ms: simulation.dt_ms, n_steps: simulation.n_steps() };
        let mut spikes = folder.spikes(grid)?;
        let theirs = folder.populations();
        for (_, neuron) in &mut spikes {
            let at = theirs.partition_point(|row| row.first_neuron <= *neuron) - 1;
            *neuron = rows[own_rows[at]].first_neuron + (*neuron - theirs[at].first_neuron);
        }
        spikes.sort_unstable();
        if let Some(&[(step, neuron), _]) = spikes.windows(2).find(|pair| pair[0] == pair[1]) {
            let time_ms = f64::from(step) * simulation.dt_ms;
            return Err(RunError::SpikesTwice { folder: nest.to_path_buf(), neuron, time_ms });
        }
        let recorded = (0..rows.len()).map(|row| own_rows.contains(&row)).collect();
        Ok(Self { spikes, rows, recorded })
    }

    /// What was recorded, as a configuration says it.
    fn recording(&self) -> Recording {
        let recorded = self.rows.iter().zip(&self.recorded).filter(|(_, recorded)| **recorded);
        let names = || recorded.map(|(row, _)| PopulationSelector(row.name())).collect();
        let populations = self.recorded.contains(&false).then(names);
        Recording { populations, ..Recording::default() }
    }

    /// Rates of all populations of the network from the configured start of statistics on; `None` of those that
    /// were not recorded.
    fn rates_hz(&self, config: &Config, network: &FoundNetwork) -> Vec<Option<f64>> {
        let mut rates = RateCounter::new(network.stored.network.first_neurons(), &config.simulation);
        for same_step in self.spikes.chunk_by(|a, b| a.0 == b.0) {
            let neurons: Vec<u32> = same_step.iter().map(|&(_, neuron)| neuron).collect();
            rates.count(same_step[0].0, &neurons);
        }
        let mut rates_hz = rates.rates_hz();
        let silent = self.rows.iter().zip(&self.recorded).filter(|(_, recorded)| !**recorded);
        silent.for_each(|(row, _)| rates_hz[row.index] = None);
        rates_hz
    }
}

/// The row of each population; `Err` tells what does not fit.
fn own_rows(theirs: &[PopulationRow], own: &[PopulationRow]) -> Result<Vec<usize>, String> {
    let mut found = Vec::new();
    for row in theirs {
        let same = |own: &PopulationRow| {
            (&own.area, &own.layer, &own.population) == (&row.area, &row.layer, &row.population)
        };
        let at = own.iter().position(same);
        let at = at.ok_or_else(|| format!("it has {}, which the network has not", row.name()))?;
        if own[at].neurons != row.neurons {
            let (theirs, own) = (row.neurons, own[at].neurons);
            return Err(format!("{} has {theirs} neurons, and in the network {own}", row.name()));
        }
        if found.contains(&at) {
            return Err(format!("it has {} twice", row.name()));
        }
        found.push(at);
    }
    Ok(found)
}

fn write_spikes(spikes: &[(u32, u32)], config: &Config, folder: &Place) -> Result<(), RecordingError> {
    let simulation = &config.simulation;
    let mut writer = SpikeWriter::create(RunFiles::new(folder), None)?;
    let (mut neurons, mut ends, mut rest) = (Vec::new(), Vec::new(), spikes);
    for first_step in (1..=simulation.n_steps()).step_by(BLOCK_STEPS as usize) {
        neurons.clear();
        ends.clear();
        for step in first_step..=simulation.n_steps().min(first_step.saturating_add(BLOCK_STEPS - 1)) {
            let (now, later) = rest.split_at(rest.partition_point(|&(other, _)| other <= step));
            neurons.extend(now.iter().map(|&(_, neuron)| neuron));
            ends.push(neurons.len() as u32);
            rest = later;
        }
        let batch = SpikeBatch { first_step, ends: &ends, neurons: &neurons, samples: Samples::default() };
        writer.extend(batch)?;
    }
    writer.finish().map(drop)
}

fn manifest(
    config: &Config,
    network: &FoundNetwork,
    hash: String,
    imported: Imported,
    n_spikes: u64,
) -> Manifest {
    let simulation = &config.simulation;
    let description =
        Description { engine: ENGINE.to_owned(), adapter: String::new(), driver: String::new() };
    Manifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        network_hash: network.hash.clone(),
        simulation_hash: hash,
        seed: simulation.seed,
        dt_ms: simulation.dt_ms,
        n_steps: simulation.n_steps(),
        n_neurons: network.stored.network.n_neurons(),
        n_synapses: network.stored.network.n_synapses(),
        n_spikes,
        n_spikes_recorded: Some(n_spikes),
        warnings: Vec::new(),
        made_by: Making {
            description,
            build_s: 0.0,
            simulate_s: 0.0,
            real_time_factor: 0.0,
            peak_host_bytes: None,
            engine_host_bytes: 0,
            engine_device_bytes: 0,
            circumstances: Circumstances::here(),
        },
        also_made_by: Vec::new(),
        imported: Some(imported),
        formats: None,
        formats_left: None,
        files: Content::default(),
        arrays: Arrays::default(),
    }
}
