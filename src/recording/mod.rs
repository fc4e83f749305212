//! Spike batches → run folder.
//!
//! ```text
//! out/<name>/<network hash>/
//!   network.ron                     the network, complete and exact
//!   neurons.csv synapses.csv …      the same as tables
//!   <simulation hash>/
//!     config.ron                    the resolved configuration
//!     manifest.json                 what the run is and how it was made
//!     populations.csv rates.csv
//!     spikes_neuron.npy spikes_step.npy
//!     spike_counts.npy              where they are asked for
//!     voltmeter_neurons.csv voltmeter_0_time_ms.npy voltmeter_0_v_m_mv.npy …
//! ```
//! Folders appear complete or not at all ([`PartialFolder`]), spikes go to disk while the run goes
//! on ([`Recorder`]), and hashes name what determines a network and its spikes
//! ([`NetworkIdentity`], [`SimulationIdentity`]).
mod counts;
mod error;
mod hashes;
mod manifest;
mod network_file;
mod npy;
mod partial;
mod plan;
mod populations;
mod rates;
mod recorder;
mod spikes;
mod voltmeter;

pub use counts::{COUNTS_FILE, CountWriter, read_counts};
pub use error::RecordingError;
pub(crate) use hashes::hash;
pub use hashes::{ModelIdentity, NETWORK_VERSION, NetworkIdentity, SIMULATION_VERSION, SimulationIdentity};
pub use manifest::{Making, Manifest};
pub use network_file::{StoredNetwork, TheoryRecord};
pub use npy::{Element, NpyReader, NpyWriter};
pub use partial::{PartialFolder, write_whole};
pub use plan::{RecordingPlan, UnknownPopulation, UnknownPopulations, VoltmeterPlan};
pub use populations::{
    PopulationRow, population_rows, populations_csv, split_name, write_csv, write_populations,
};
pub use rates::{RateCounter, mean_hz, read_rates, write_rates};
pub use recorder::{Recorded, Recorder};
pub use spikes::{
    Difference, NEURON_FILE, STEP_FILE, SpikeBounds, SpikeWriter, count_spikes, first_difference,
    first_differing_file, read_spikes,
};
pub use voltmeter::VoltmeterWriter;
