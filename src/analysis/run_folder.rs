//! A run folder, opened and checked: its files are there and belong together.

use super::{AnalysisError, Layout, RecordedSpikes, Window};
use crate::config::{self, Config, Override};
use crate::disk;
use crate::engine::fixed_point::Formats;
use crate::simulation::recording::{
    ImportIdentity, MANIFEST_FILE, Manifest, MeansPlan, NETWORK_FILE, NoRun, PopulationRow, RUN_FILES,
    RecordingError, RecordingPlan, SIMULATION_VERSION, SimulationIdentity, SpikeBounds, StoredNetwork,
    VoltmeterPlan, network_folder_of, population_rows, populations_csv,
};
use std::path::{Path, PathBuf};

/// A run on disk and what it is a run of.
#[derive(Debug, Clone)]
pub struct RunFolder {
    /// The folder.
    pub path: PathBuf,
    /// Its configuration.
    pub config: Config,
    /// What it is and how it was made.
    pub manifest: Manifest,
    /// Its network, with the rates that theory predicts.
    pub stored: StoredNetwork,
    /// Populations that have neurons.
    pub populations: Vec<PopulationRow>,
    /// Whether the spikes of each of them were kept.
    pub recorded: Vec<bool>,
    /// Steps of a bin of the spike counts; `None` if there are none.
    pub counts_bin_steps: Option<u32>,
    /// Its voltmeters; none of a run that was imported.
    pub voltmeters: Vec<VoltmeterPlan>,
    /// Its means of populations; none of a run that was imported.
    pub means: Option<MeansPlan>,
    /// First step that the rates of `rates.csv` count.
    pub rates_from_step: u32,
}

impl RunFolder {
    /// Opens the folder; `overrides` replace keys of its configuration.
    ///
    /// # Errors
    /// A folder that is none of a run, and files that are missing, damaged, or of another run.
    pub fn open(path: &Path, overrides: &[Override]) -> Result<Self, AnalysisError> {
        [MANIFEST_FILE].iter().chain(&RUN_FILES).try_for_each(|file| NoRun::unless_it_has(path, file))?;
        let network = network_folder_of(path)?;
        if !network.join(NETWORK_FILE).is_file() {
            let missing = "network.ron in the folder above".to_owned();
            return Err(NoRun { folder: path.to_path_buf(), missing }.into());
        }
        let run = Self::made(path, Manifest::read(path)?, StoredNetwork::read(&network)?)?;
        run.check(&network)?;
        match overrides {
            [] => Ok(run),
            _ => Ok(Self { config: config::load(&path.join("config.ron"), overrides)?, ..run }),
        }
    }

    /// The folder of a run of that manifest and network, which the program has made just now: its files need no check.
    ///
    /// # Errors
    /// A configuration that cannot be read.
    pub fn made(path: &Path, manifest: Manifest, stored: StoredNetwork) -> Result<Self, AnalysisError> {
        let config = config::load(&path.join("config.ron"), &[])?;
        let populations = population_rows(&stored.network);
        let kept = RecordingPlan::new(&config.recording, &stored.network, config.simulation.dt_ms);
        let kept = kept.map_err(|error| RecordingError::malformed(&path.join("config.ron"), error))?;
        Ok(Self {
            path: path.to_path_buf(),
            recorded: populations.iter().map(|row| kept.kept[row.index]).collect(),
            counts_bin_steps: kept.counts_bin_steps,
            means: kept.means.filter(|_| manifest.imported.is_none()),
            voltmeters: if manifest.imported.is_some() { Vec::new() } else { kept.voltmeters },
            rates_from_step: config.simulation.first_statistics_step(),
            config,
            manifest,
            stored,
            populations,
        })
    }

    /// Whether the files belong together.
    fn check(&self, network: &Path) -> Result<(), AnalysisError> {
        let foreign = |file: PathBuf, reason: String| Err(AnalysisError::Foreign { file, reason });
        let hash = self.stored.identity.hash();
        if hash != self.manifest.network_hash {
            let reason =
                format!("its hash is {hash}, and manifest.json tells {}", self.manifest.network_hash);
            return foreign(network.join(NETWORK_FILE), reason);
        }
        let (found, told) = (self.simulation_hashes(), &self.manifest.simulation_hash);
        if !found.contains(told) {
            let reason = format!("its hash is {}, and manifest.json tells {told}", found.join(" or "));
            return foreign(self.path.join("config.ron"), reason);
        }
        let (found, told) = (self.stored.network.n_neurons(), self.manifest.n_neurons);
        if found != told {
            let reason = format!("it has {found} neurons, and manifest.json tells {told}");
            return foreign(network.join(NETWORK_FILE), reason);
        }
        let (found, told) = (self.config.simulation.n_steps(), self.manifest.n_steps);
        if found != told {
            let reason = format!("it has {found} steps, and manifest.json tells {told}");
            return foreign(self.path.join("config.ron"), reason);
        }
        let path = self.path.join("populations.csv");
        let rows = disk::read_limited(&path, disk::MAX_TEXT_BYTES);
        let rows = rows.map_err(|source| RecordingError::read(&path, source))?;
        if rows != populations_csv(&path, &self.populations)? {
            return foreign(path, "its populations are not those of network.ron".to_owned());
        }
        Ok(())
    }

    /// Hashes that the run can have, by this version of the program and those before.
    fn simulation_hashes(&self) -> Vec<String> {
        if let Some(imported) = &self.manifest.imported {
            let (network, simulation) = (&self.manifest.network_hash, &self.config.simulation);
            return vec![ImportIdentity::new(network, simulation, imported).hash()];
        }
        let bits = &self.config.arithmetic;
        let formats = Formats {
            v_m_bits: bits.v_m_bits.unwrap_or(0),
            current_bits: bits.current_bits.unwrap_or(0),
            weight_bits: bits.weight_bits.unwrap_or(0),
        };
        // A run that started again with coarser formats has the name of those that it began with.
        let formats = self.manifest.formats_left.unwrap_or(formats);
        let identity = SimulationIdentity::new(
            &self.manifest.network_hash,
            &self.config.build_options(),
            &self.config.recording,
            formats,
        );
        let of_version = |version| SimulationIdentity { version, ..identity.clone() }.hash();
        (1..=SIMULATION_VERSION).map(of_version).collect()
    }

    /// Its spikes.
    pub fn spikes(&self) -> RecordedSpikes {
        let n_neurons = self.stored.network.n_neurons() as u32;
        let bounds = SpikeBounds { n_neurons, n_steps: self.manifest.n_steps };
        RecordedSpikes { folder: self.path.clone(), bounds, n_spikes: self.manifest.recorded_spikes() }
    }

    /// Its populations and what counts of it.
    pub fn layout(&self) -> Layout {
        Layout::new(&self.stored.network, Window::new(&self.config.simulation, &self.config.analysis))
    }
}
