//! Names by which networks and runs are found again: hashes over what determines them.

use super::{Imported, Means, Recording, Voltmeter};
use crate::engine::assembly::BuildOptions;
use crate::engine::fixed_point::{Formats, Simulation, Stimulus};
use crate::model::anatomy::{Anatomy, Connectivity};
use crate::model::network::{Manipulation, NeuronOverride, NeuronParameters, PopulationSelector, Scaling};
use crate::model::theory::Theory;
use crate::model::{
    Delays, Drive, Microcircuit, ModelKind, ModelOptions, NetworkSource, Neurons, ReplaceMissingAreas,
    Weights,
};
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// Raised when the same configuration leads to another network than before.
pub const NETWORK_VERSION: u32 = 2;
/// Raised when the same network leads to other spikes than before.
pub const SIMULATION_VERSION: u32 = 4;
/// Raised when the same imported spikes get another name than before.
const IMPORT_VERSION: u32 = 1;
/// Hexadecimal digits of a hash.
const DIGITS: usize = 16;

/// Everything that determines a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkIdentity {
    /// [`NETWORK_VERSION`].
    pub version: u32,
    /// SHA-256 of the anatomical tables, or of the file of a network of one's own, hexadecimal.
    pub tables: String,
    /// Which model, which of its areas, and the microcircuit's keys; left out of the hash if it is
    /// the whole human model, which is older than these keys.
    #[serde(default, skip_serializing_if = "ModelIdentity::is_whole_human")]
    pub model: ModelIdentity,
    /// How tables become neuron numbers; without the tables' folder.
    pub anatomy: Anatomy,
    /// How they become synapse numbers.
    pub connectivity: Connectivity,
    /// Neuron parameters.
    #[serde(serialize_with = "without_later_defaults")]
    pub neurons: Neurons,
    /// Synaptic weights.
    pub weights: Weights,
    /// Transmission delays.
    pub delays: Delays,
    /// External drive.
    pub drive: Drive,
    /// Down-scaling.
    pub scaling: Scaling,
    /// The theory behind the DC input and the predicted rates.
    pub theory: Theory,
    /// What an experiment does to the network; left out of the hash if it does nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub manipulations: Vec<Manipulation>,
}

/// What determines a network besides the keys that the human model has had from the start.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelIdentity {
    /// Which model.
    pub kind: ModelKind,
    /// Areas that are simulated, sorted, because their order means nothing.
    pub areas: Option<Vec<String>>,
    /// What stands for the others; the default if there are none.
    pub replace_missing_areas: ReplaceMissingAreas,
    /// The microcircuit.
    pub microcircuit: Microcircuit,
}

impl ModelIdentity {
    /// The same model and areas, in an order that means nothing, with what stands for others if there are any.
    fn normalised(self) -> Self {
        let Self { kind, mut areas, replace_missing_areas, microcircuit } = self;
        if let Some(areas) = &mut areas {
            areas.sort();
        }
        // Where the file is means nothing, what is in it is in the digest.
        let kind = match kind {
            ModelKind::Network(_) => ModelKind::Network(NetworkSource::File(PathBuf::new())),
            other => other,
        };
        let replaced = areas.as_ref().map(|_| replace_missing_areas).unwrap_or_default();
        Self { kind, areas, replace_missing_areas: replaced, microcircuit }
    }

    fn is_whole_human(&self) -> bool {
        *self == Self::default()
    }
}

/// Neurons as networks had them before there were overrides and separate currents, if there are none.
fn without_later_defaults<S: Serializer>(neurons: &Neurons, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename = "Neurons")]
    struct Hashed<'a> {
        excitatory: &'a NeuronParameters,
        inhibitory: &'a NeuronParameters,
        initial_v_m_mean_mv: f64,
        initial_v_m_sd_mv: f64,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        overrides: &'a [NeuronOverride],
        #[serde(skip_serializing_if = "Option::is_none")]
        separate_currents: Option<bool>,
    }
    let Neurons {
        excitatory,
        inhibitory,
        initial_v_m_mean_mv,
        initial_v_m_sd_mv,
        overrides,
        separate_currents,
    } = neurons;
    let (initial_v_m_mean_mv, initial_v_m_sd_mv) = (*initial_v_m_mean_mv, *initial_v_m_sd_mv);
    let separate_currents = separate_currents.then_some(true);
    let hashed = Hashed {
        excitatory,
        inhibitory,
        initial_v_m_mean_mv,
        initial_v_m_sd_mv,
        overrides,
        separate_currents,
    };
    hashed.serialize(serializer)
}

impl NetworkIdentity {
    /// What determines the network of `options` with tables of that SHA-256.
    pub fn new(options: &ModelOptions, tables: &[u8; 32]) -> Self {
        let ModelOptions {
            model: kind,
            areas,
            replace_missing_areas,
            anatomy,
            connectivity,
            neurons,
            weights,
            delays,
            drive,
            manipulations,
            scaling,
            theory,
            microcircuit,
        } = options.clone();
        Self {
            version: NETWORK_VERSION,
            tables: hexadecimal(tables),
            model: ModelIdentity { kind, areas, replace_missing_areas, microcircuit }.normalised(),
            // Where tables are means nothing, what is in them is in their digest.
            anatomy: Anatomy { tables: None, ..anatomy },
            connectivity,
            neurons,
            weights: weights.resolved(),
            delays,
            drive,
            scaling,
            theory,
            manipulations,
        }
    }

    /// The network's name, 16 hexadecimal digits.
    pub fn hash(&self) -> String {
        hash(self)
    }
}

/// Everything that determines the spikes of a run, and which of them are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimulationIdentity {
    /// [`SIMULATION_VERSION`].
    pub version: u32,
    /// Hash of the network.
    pub network: String,
    /// Seed.
    pub seed: u64,
    /// Resolution, ms.
    pub dt_ms: f64,
    /// Number of steps.
    pub n_steps: u32,
    /// Fractional bits of the integers.
    pub formats: Formats,
    /// Input from outside; left out of the hash if there is none, as in runs of before there was any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stimuli: Vec<Stimulus>,
    /// What is kept, which changes no spike, but the files; left out of the hash if it is the default.
    #[serde(
        default,
        skip_serializing_if = "Recording::is_default",
        serialize_with = "without_later_recordings"
    )]
    pub recording: Recording,
}

/// Recordings as runs had them before there were means, if there are none.
fn without_later_recordings<S: Serializer>(recording: &Recording, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename = "Recording")]
    struct Hashed<'a> {
        populations: &'a Option<Vec<PopulationSelector>>,
        spike_counts: bool,
        counts_bin_ms: f64,
        voltmeter: &'a [Voltmeter],
        #[serde(skip_serializing_if = "Option::is_none")]
        means: &'a Option<Means>,
    }
    let Recording { populations, spike_counts, counts_bin_ms, voltmeter, means } = recording;
    let (spike_counts, counts_bin_ms) = (*spike_counts, *counts_bin_ms);
    Hashed { populations, spike_counts, counts_bin_ms, voltmeter, means }.serialize(serializer)
}

impl SimulationIdentity {
    /// What determines the spikes of a run with `options` on the network of that hash, and the files that
    /// `recording` keeps.
    pub fn new(network: &str, options: &BuildOptions, recording: &Recording, formats: Formats) -> Self {
        // A section or a key that is new does not compile until it is put here, or below what no spike follows
        // from: formats stand for the arithmetic, and the network for its scaling.
        let BuildOptions { simulation, stimuli, arithmetic: _, scaling: _, engine: _ } = options;
        let Simulation { seed, dt_ms, duration_ms: _, statistics_from_ms: _ } = *simulation;
        Self {
            version: SIMULATION_VERSION,
            network: network.to_owned(),
            seed,
            dt_ms,
            n_steps: simulation.n_steps(),
            formats,
            // Where files are means nothing, what is in them does.
            stimuli: stimuli.iter().map(Stimulus::identified).collect(),
            recording: recording.clone(),
        }
    }

    /// The run's name, 16 hexadecimal digits.
    pub fn hash(&self) -> String {
        hash(self)
    }
}

/// Everything that determines a run that another program made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportIdentity {
    version: u32,
    network: String,
    dt_ms: f64,
    n_steps: u32,
    imported: Imported,
}

impl ImportIdentity {
    /// What determines spikes that were imported as those of `simulation` on the network of that hash.
    pub fn new(network: &str, simulation: &Simulation, imported: &Imported) -> Self {
        Self {
            version: IMPORT_VERSION,
            network: network.to_owned(),
            dt_ms: simulation.dt_ms,
            n_steps: simulation.n_steps(),
            imported: imported.clone(),
        }
    }

    /// The run's name: the program, a dash, and 16 hexadecimal digits. No run of an engine has such a
    /// name.
    pub fn hash(&self) -> String {
        format!("{}-{}", self.imported.program, hash(self))
    }
}

impl Imported {
    /// What tells of spikes, (step, neuron), sorted, that `program` made, and of which `populations`; `None` for all.
    pub fn new(program: &str, spikes: &[(u32, u32)], populations: Option<Vec<PopulationSelector>>) -> Self {
        let mut digest = Sha256::new();
        for &(step, neuron) in spikes {
            digest.update(step.to_le_bytes());
            digest.update(neuron.to_le_bytes());
        }
        Self { program: program.to_owned(), spikes_sha256: hexadecimal(&digest.finalize()), populations }
    }
}

/// A name for what is serialised, 16 hexadecimal digits.
pub(crate) fn hash(identity: &impl Serialize) -> String {
    let text = serde_json::to_vec(identity).expect("numbers and strings with their names have a JSON form");
    let mut digits = hexadecimal(&Sha256::digest(text));
    digits.truncate(DIGITS);
    digits
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[path = "hashes_tests.rs"]
mod tests;
