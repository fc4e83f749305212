//! Spike batches → run folder.
//!
//! ```text
//! out/<name>/<network hash>/
//!   network.ron                     the network, complete and exact
//!   manifest.json                   what it was made from, and SHA-256 of its files
//!   listed_synapses_0.csv …         synapses that are given one by one
//!   neurons.csv synapses.csv …      the network as tables
//!   <simulation hash>/
//!     config.ron                    the resolved configuration
//!     manifest.json                 what the run is, how it was made, and SHA-256 of its files
//!     populations.csv rates.csv
//!     spikes_neuron.npy spikes_step.npy
//!     spike_counts.npy              where they are asked for
//!     voltmeter_neurons.csv voltmeter_0_time_ms.npy voltmeter_0_v_m_mv.npy …
//!     means_populations.csv means_time_ms.npy means_v_m_mv.npy …
//! ```
//! In Python, with nothing of ours:
//!
//! ```python
//! import numpy as np, pandas as pd
//! populations = pd.read_csv("populations.csv")
//! counts = np.load("spike_counts.npy")             # [bin, population], u32; columns as populations.csv
//! rate_hz = counts[:-1] / populations.neurons.values / (recording.counts_bin_ms / 1000)  # the last bin is shorter
//! neurons = pd.read_csv("voltmeter_neurons.csv")   # voltmeter, column, neuron, area, layer, population
//! time_ms = np.load("voltmeter_0_time_ms.npy")     # [sample], f64
//! v_m_mv = np.load("voltmeter_0_v_m_mv.npy")       # [sample, neuron], f64; columns as the rows of voltmeter 0
//! current_pa = np.load("voltmeter_0_current_pa.npy")  # the same; current_ex_pa, current_in_pa if they differ
//! columns = pd.read_csv("means_populations.csv")   # column, area, layer, population, neurons
//! mean_v_m_mv = np.load("means_v_m_mv.npy")        # [sample, population], f64; and currents as of voltmeters
//! ```
//!
//! `manifest.json` tells shape, axes, type and unit of every array ([`Arrays`]).
//!
//! Folders appear complete or not at all ([`PartialFolder`]), spikes go to disk while the run goes
//! on ([`Recorder`]), files are read again only as they were written ([`Content`]), and hashes name what determines a network and its spikes
//! ([`NetworkIdentity`], [`SimulationIdentity`]). [`NestFolder`] and [`NestWriter`] know the files of NEST.
mod arrays;
mod checkpoint;
mod content;
mod counts;
mod derivation_record;
mod error;
mod files;
mod hashes;
mod machine;
mod manifest;
mod means;
pub mod nest;
mod network_file;
mod network_manifest;
mod npy;
mod options;
mod partial;
mod plan;
mod populations;
mod rates;
mod recorder;
mod replacing;
mod spike_hash;
mod spikes;
mod voltmeter;
mod whole_files;
mod written;

pub use arrays::{ARRAYS_FILE, ArrayDescription, Arrays};
pub use checkpoint::{Checkpoint, RunPosition};
pub use content::Content;
pub use counts::{COUNTS_FILE, CountWriter, read_counts};
pub use derivation_record::{DerivationRecord, FlowState, NetworkSize, abbreviations};
pub use error::{NoRun, RecordingError};
pub use files::RunFiles;
pub(crate) use hashes::hash;
pub use hashes::{
    ImportIdentity, ModelIdentity, NETWORK_VERSION, NetworkIdentity, SIMULATION_VERSION, SimulationIdentity,
};
pub use machine::{Circumstances, Machine, REVISION};
pub use manifest::{Imported, MANIFEST_FILE, Making, Manifest, RUN_FILES, check_is_run};
pub use means::{MEANS_FILES, MeansWriter, Weighted, means_file, read_means};
pub use nest::{NestError, NestFolder, NestWriter, SpikeGrid};
pub use network_file::{NETWORK_FILE, StoredNetwork, TheoryRecord, network_folder_of};
pub use network_manifest::{NetworkManifest, tables_in_words, today};
pub(crate) use npy::npy_header;
pub use npy::{ArrayPosition, Element, NpyReader, NpyWriter};
pub use options::{Means, Recording, Voltmeter};
pub use partial::{PartialFolder, is_partial, partial_of};
pub use plan::{MeansPlan, Missing, NotInNetwork, RecordingPlan, VoltmeterPlan};
pub use populations::{PopulationRow, population_rows, populations_csv, write_csv, write_populations};
pub use rates::{RateCounter, mean_hz, rates_csv, read_rates};
pub use recorder::{Recorded, Recorder};
pub use spike_hash::SpikeHash;
pub use spikes::{
    Difference, NEURON_FILE, STEP_FILE, SpikeBounds, SpikeWriter, count_spikes, first_difference, read_spikes,
};
pub use voltmeter::{VOLTMETER_FILES, VoltmeterWriter, read_potentials};
use whole_files::write_together;
pub use whole_files::write_whole;
pub use written::{CHECKPOINT_FILE, STATE_FILE, Written};

#[cfg(test)]
mod partial_tests;
