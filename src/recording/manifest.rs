//! `manifest.json`: what a run is and how it was made.

use super::{RecordingError, write_whole};
use crate::engine::Description;
use serde::{Deserialize, Serialize};
use std::path::Path;

const FILE: &str = "manifest.json";

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
    /// The engine that made the files, and how long it took.
    #[serde(flatten)]
    pub made_by: Making,
    /// Other engines and devices that gave the same spikes.
    #[serde(default)]
    pub also_made_by: Vec<Making>,
    /// Where the spikes come from, where no engine of this program made them: seed and times then tell
    /// nothing of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<Imported>,
}

/// Spikes that another program made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// The program: `nest`.
    pub program: String,
    /// SHA-256 of the spikes, hexadecimal: step and neuron of each, u32, little-endian.
    pub spikes_sha256: String,
}

/// One engine's work on a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Making {
    /// Engine and device.
    #[serde(flatten)]
    pub description: Description,
    /// Wall-clock time from the network to an engine at step 0, s.
    pub build_s: f64,
    /// Wall-clock time of the simulation, s.
    pub simulate_s: f64,
    /// Wall-clock time of the simulation over model time; below 1 is faster than real time.
    pub real_time_factor: f64,
    /// Most memory that the process has held until the end of the simulation, bytes; `None` where the
    /// system does not tell.
    pub peak_host_bytes: Option<u64>,
    /// Bytes that the engine held on the host.
    pub engine_host_bytes: u64,
    /// Bytes that the engine held on the device; 0 where there is none.
    pub engine_device_bytes: u64,
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

    /// Writes `manifest.json`.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), RecordingError> {
        let path = folder.join(FILE);
        let text = serde_json::to_string_pretty(self);
        let text = text.map_err(|error| RecordingError::malformed(&path, error))?;
        write_whole(&path, (text + "\n").as_bytes())
    }

    /// Reads `manifest.json`.
    ///
    /// # Errors
    /// A file that cannot be read or understood.
    pub fn read(folder: &Path) -> Result<Self, RecordingError> {
        let path = folder.join(FILE);
        let text = std::fs::read(&path).map_err(|source| RecordingError::read(&path, source))?;
        serde_json::from_slice(&text).map_err(|error| RecordingError::malformed(&path, error))
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
        }
    }

    #[test]
    fn a_manifest_reads_back_and_its_maker_stands_in_the_open() {
        let manifest = Manifest {
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
            made_by: making("cpu"),
            also_made_by: vec![making("gpu")],
            imported: None,
        };
        let folder = tempfile::tempdir().unwrap();
        manifest.write(folder.path()).unwrap();
        assert_eq!(Manifest::read(folder.path()).unwrap(), manifest);
        let json: serde_json::Value =
            serde_json::from_slice(&std::fs::read(folder.path().join(FILE)).unwrap()).unwrap();
        assert_eq!((&json["engine"], &json["driver"]), (&"cpu".into(), &"d".into()));
        assert_eq!(json["also_made_by"][0]["engine"], "gpu");
    }
}
