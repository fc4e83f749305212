//! `manifest.json`: what a run is and how it was made.

use super::{
    Arrays, Circumstances, Content, NEURON_FILE, NoRun, RecordingError, STEP_FILE, write_together,
    write_whole,
};
use crate::disk::{self, Place};
use crate::engine::Description;
use crate::engine::fixed_point::Formats;
use crate::model::network::PopulationSelector;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// File that tells what is in a folder, and how it was made.
pub const MANIFEST_FILE: &str = "manifest.json";
/// Files that every run has, besides its manifest.
pub const RUN_FILES: [&str; 5] = ["config.ron", "populations.csv", "rates.csv", NEURON_FILE, STEP_FILE];

/// Looks for what tells a run from a network, whose folder has a manifest too.
///
/// # Errors
/// A folder without it.
pub fn check_is_run(folder: &Path) -> Result<(), NoRun> {
    [MANIFEST_FILE, STEP_FILE].iter().try_for_each(|file| NoRun::unless_it_has(folder, file))
}

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the program that made it.
    pub version: String,
    /// Hash of the network.
    pub network_hash: String,
    /// Hash of the run.
    pub simulation_hash: String,
    /// Seed.
    pub seed: u64,
    /// Resolution, ms.
    pub dt_ms: f64,
    /// Number of steps.
    pub n_steps: u32,
    /// Number of neurons.
    pub n_neurons: u64,
    /// Number of recurrent synapses.
    pub n_synapses: u64,
    /// Number of spikes that were simulated.
    pub n_spikes: u64,
    /// Number of spikes that were kept; `None` in runs of before there was a choice, which kept all.
    #[serde(default)]
    pub n_spikes_recorded: Option<u64>,
    /// What runs and was most likely not meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The engine that made the files, and how long it took.
    #[serde(flatten)]
    pub made_by: Making,
    /// Other engines and devices that gave the same spikes.
    #[serde(default)]
    pub also_made_by: Vec<Making>,
    /// Where the spikes come from, if no engine of this program made them: seed and times then tell
    /// nothing of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<Imported>,
    /// Fixed-point formats that the spikes were computed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formats: Option<Formats>,
    /// Those that the run began with, if its values left them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formats_left: Option<Formats>,
    /// SHA-256 of its files.
    #[serde(default)]
    pub files: Content,
    /// Shape, axes, type and unit of its arrays.
    #[serde(default)]
    pub arrays: Arrays,
}

/// Spikes that another program made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// The program: `nest`.
    pub program: String,
    /// SHA-256 of the spikes, hexadecimal: step and neuron of each, u32, little-endian.
    pub spikes_sha256: String,
    /// Populations that were recorded; `None` if all were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub populations: Option<Vec<PopulationSelector>>,
}

/// One engine's work on a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Making {
    /// Engine and device.
    #[serde(flatten)]
    pub description: Description,
    /// Wall-clock time from the network to an engine at step 0, s.
    pub build_s: f64,
    /// Wall-clock time of the simulation, s; from step 0 on, also if it was stopped meanwhile or began with another run.
    pub simulate_s: f64,
    /// Wall-clock time of the simulation over model time; below 1 is faster than real time.
    pub real_time_factor: f64,
    /// Most memory that the process has held until the end of the simulation, bytes; `None` if the
    /// system does not tell.
    pub peak_host_bytes: Option<u64>,
    /// Bytes that the engine held on the host.
    pub engine_host_bytes: u64,
    /// Bytes that the engine held on the device; 0 if there is none.
    pub engine_device_bytes: u64,
    /// When and where.
    #[serde(flatten)]
    pub circumstances: Circumstances,
}

impl Manifest {
    /// Number of spikes that were kept.
    pub fn recorded_spikes(&self) -> u64 {
        self.n_spikes_recorded.unwrap_or(self.n_spikes)
    }

    /// Everything that made this run, the files' own maker first.
    pub fn makings(&self) -> impl Iterator<Item = &Making> {
        std::iter::once(&self.made_by).chain(&self.also_made_by)
    }

    /// Notes what `folder` holds, and writes `manifest.json`, the last of its files.
    ///
    /// # Errors
    /// Files that cannot be read or written.
    pub fn seal(&mut self, folder: impl Into<Place>) -> Result<(), RecordingError> {
        let folder = folder.into();
        self.files = Content::of_folder(&folder.path())?;
        self.arrays = Arrays::of_folder(&folder.path())?;
        self.write(folder)
    }

    /// Writes `manifest.json`.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, folder: impl Into<Place>) -> Result<(), RecordingError> {
        let place = folder.into().join(MANIFEST_FILE);
        write_whole(&place, &self.text(&place.path())?)
    }

    /// Replaces files of `folder` that are not spikes, and notes that they are others now. If there is no
    /// room, all stay as they are.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn replace(
        &mut self,
        folder: impl Into<Place>,
        files: Vec<(&str, Vec<u8>)>,
    ) -> Result<(), RecordingError> {
        let folder = folder.into();
        files.iter().for_each(|(name, text)| self.files.note(name, text));
        let place = folder.join(MANIFEST_FILE);
        let mut texts: Vec<_> = files.into_iter().map(|(name, text)| (folder.join(name), text)).collect();
        let text = self.text(&place.path())?;
        texts.push((place, text));
        write_together(&texts)
    }

    /// The text of `manifest.json`, which goes to `path`.
    fn text(&self, path: &Path) -> Result<Vec<u8>, RecordingError> {
        let text = serde_json::to_string_pretty(self);
        Ok((text.map_err(|error| RecordingError::malformed(path, error))? + "\n").into_bytes())
    }

    /// Reads `manifest.json`, and checks that the run's files are as they were written.
    ///
    /// # Errors
    /// A file that cannot be read or understood, and files that were changed.
    pub fn read(folder: &Path) -> Result<Self, RecordingError> {
        let path = folder.join(MANIFEST_FILE);
        let text = disk::read_limited(&path, disk::MAX_TEXT_BYTES);
        let text = text.map_err(|source| RecordingError::read(&path, source))?;
        let manifest: Self =
            serde_json::from_slice(&text).map_err(|error| RecordingError::malformed(&path, error))?;
        manifest.files.check(folder, &RUN_FILES)?;
        Ok(manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn making(engine: &str) -> Making {
        Making {
            description: Description { engine: engine.into(), adapter: "a".into(), driver: "d".into() },
            build_s: 0.1,
            simulate_s: 1.0 / 3.0,
            real_time_factor: 0.5,
            peak_host_bytes: None,
            engine_host_bytes: 1,
            engine_device_bytes: u64::MAX,
            circumstances: Circumstances { host: Some("h".into()), ..Circumstances::default() },
        }
    }

    fn manifest() -> Manifest {
        Manifest {
            version: "1".into(),
            network_hash: "n".into(),
            simulation_hash: "s".into(),
            seed: u64::MAX,
            dt_ms: 0.1,
            n_steps: 1,
            n_neurons: 2,
            n_synapses: 3,
            n_spikes: 4,
            n_spikes_recorded: Some(2),
            warnings: vec!["w".into()],
            made_by: making("cpu"),
            also_made_by: vec![making("gpu")],
            imported: None,
            formats: None,
            formats_left: None,
            files: Content::default(),
            arrays: Arrays::default(),
        }
    }

    /// A folder with the files of a run, and its manifest.
    fn sealed() -> (tempfile::TempDir, Manifest) {
        let (folder, mut manifest) = (tempfile::tempdir().unwrap(), manifest());
        RUN_FILES.iter().for_each(|name| std::fs::write(folder.path().join(name), name).unwrap());
        manifest.seal(folder.path()).unwrap();
        (folder, manifest)
    }

    #[test]
    fn a_manifest_reads_back_and_its_maker_stands_in_the_open() {
        let (folder, manifest) = sealed();
        assert_eq!(Manifest::read(folder.path()).unwrap(), manifest);
        let json: serde_json::Value =
            serde_json::from_slice(&std::fs::read(folder.path().join(MANIFEST_FILE)).unwrap()).unwrap();
        assert_eq!((&json["engine"], &json["driver"]), (&"cpu".into(), &"d".into()));
        assert_eq!(json["also_made_by"][0]["engine"], "gpu");
        assert_eq!(json["files"].as_object().unwrap().len(), RUN_FILES.len());
    }

    #[test]
    fn files_that_are_replaced_are_those_of_the_run_and_files_that_are_changed_are_not() {
        let (folder, mut manifest) = sealed();
        manifest.replace(folder.path(), vec![("rates.csv", b"new".to_vec())]).unwrap();
        assert_eq!(std::fs::read(folder.path().join("rates.csv")).unwrap(), b"new");
        assert_eq!(Manifest::read(folder.path()).unwrap(), manifest);
        std::fs::write(folder.path().join("rates.csv"), "other").unwrap();
        let error = Manifest::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("rates.csv is not as it was written"), "{error}");
    }

    #[test]
    fn a_manifest_of_before_there_were_hashes_is_of_another_version() {
        let (folder, _) = sealed();
        manifest().write(folder.path()).unwrap();
        let error = Manifest::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("no SHA-256 of config.ron, as one of an earlier version"), "{error}");
    }
}
