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
//! ```
//! Folders appear complete or not at all ([`PartialFolder`]), spikes go to disk while the run goes
//! on ([`SpikeWriter`]), and hashes name what determines a network and its spikes
//! ([`NetworkIdentity`], [`SimulationIdentity`]). [`NestFolder`] and [`NestWriter`] know the files of NEST.
mod error;
mod hashes;
mod manifest;
mod nest;
mod network_file;
mod npy;
mod partial;
mod populations;
mod rates;
mod spikes;

pub use error::RecordingError;
pub use hashes::{
    ImportIdentity, ModelIdentity, NETWORK_VERSION, NetworkIdentity, SIMULATION_VERSION, SimulationIdentity,
};
pub use manifest::{Imported, Making, Manifest};
pub use nest::{NestError, NestFolder, NestWriter, SpikeGrid};
pub use network_file::{StoredNetwork, TheoryRecord};
pub(crate) use npy::npy_header;
pub use npy::{NpyReader, NpyWriter};
pub use partial::{PartialFolder, write_whole};
pub use populations::{
    PopulationRow, population_rows, populations_csv, split_name, write_csv, write_populations,
};
pub use rates::{RateCounter, mean_hz, write_rates};
pub use spikes::{
    Difference, NEURON_FILE, STEP_FILE, SpikeBounds, SpikeWriter, count_spikes, first_difference, read_spikes,
};
