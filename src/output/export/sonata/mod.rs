//! SONATA (Dai et al. 2020, doi:10.1371/journal.pcbi.1007696): the network and its spikes as HDF5.
//!
//! ```text
//! circuit_config.json                  where the network's files are
//! spikes.h5
//!   /                                  magic = 0x0A7A, version = [0, 1]
//!   /spikes/cortex                     sorting = by_time
//!     timestamps  f64                  step · dt_ms; units = "ms"
//!     node_ids    u64                  neuron, from 0
//! nodes.h5
//!   /nodes/cortex
//!     node_id, node_type_id u64        neuron; its population, as in node_types.csv
//!     node_group_id u32, node_group_index u64
//!     0/area, layer, population u32    indices into 0/@library/area, …, which hold the names
//!     0/dynamics_params/… f64          what differs from neuron to neuron, under NEST's names, with units:
//!                                      V_th, C_m, tau_m; V_m, at time 0; poisson_weight, of external spikes
//! edges.h5
//!   /edges/cortex__cortex__chemical    sorted by source, then target population
//!     source_node_id, target_node_id u64    node_population = "cortex"
//!     edge_type_id, edge_group_id u32, edge_group_index u64
//!     0/syn_weight  f64                pA; negative where inhibitory
//!     0/delay       f64                ms
//!     indices/source_to_target, indices/target_to_source
//! node_types.csv, edge_types.csv       parameters of populations; kinds of synapses, p_transmit
//! ```
//! The network can be built from these files alone: what `dynamics_params` lacks is the same for all neurons of a
//! population, and stands in `node_types.csv`. Of a run that was imported, or that an earlier version has made, it lacks
//! all, as its neurons are not known.
//!
//! One node population holds all neurons, numbered as in the run folder, so that node ids of spikes,
//! nodes and edges are the run's neurons and nothing has to be translated; area, layer and population
//! are attributes to select by. Weights and delays are those that the engines use: integers in units of
//! the run's fixed-point format, drawn anew from the run folder. Text has a fixed length.
mod edges;
mod neurons;
mod nodes;
mod spikes;

use super::ExportError;
use super::hdf5::{Attribute, Group};
use crate::analysis::RunFolder;
use crate::disk::Place;
use crate::engine::assembly::integer_network;
use crate::engine::fixed_point::IntegerNetwork;
use crate::progress::{Progress, Stage};
use crate::simulation::recording::{SimulationIdentity, write_whole};
use serde_json::json;

const NODE_POPULATION: &str = "cortex";
const EDGE_POPULATION: &str = "cortex__cortex__chemical";
const MAGIC: u32 = 0x0a7a;
const VERSION: [u32; 2] = [0, 1];
const UNITS: &str = "units";

/// Writes spikes, nodes and, up to `max_synapses`, edges; `None` leaves edges out.
pub(super) fn write(
    run: &RunFolder,
    folder: &Place,
    max_synapses: Option<u64>,
    progress: &mut dyn Progress,
) -> Result<(), ExportError> {
    if let Some(limit) = max_synapses {
        edges::check(run, limit)?;
    }
    progress.stage(Stage::Synapses);
    let network = own_network(run)?;
    nodes::write(run, network.as_ref(), folder)?;
    if max_synapses.is_some() {
        let reason = "it was made by an earlier version of this program, which drew others, or elsewhere";
        let network = network.ok_or(ExportError::UnknownSynapses { reason })?;
        let synapses = edges::Synapses::draw(run, network)?;
        progress.stage(Stage::Export);
        edges::write(run, &synapses, folder)?;
    }
    progress.stage(Stage::Export);
    spikes::write(run, folder)?;
    let config = circuit_config(max_synapses.is_some());
    Ok(write_whole(folder.join("circuit_config.json"), format!("{config:#}\n").as_bytes())?)
}

/// The network that the run was simulated with, drawn anew; `None` if other draws than those of this version have made
/// it.
fn own_network(run: &RunFolder) -> Result<Option<IntegerNetwork>, ExportError> {
    if run.manifest.imported.is_some() {
        return Ok(None);
    }
    let options = run.config.build_options();
    let network = integer_network(&run.stored.network, &options)?;
    // A run that started again with coarser formats has the name of those that it began with.
    let formats = run.manifest.formats_left.unwrap_or(network.formats);
    let identity =
        SimulationIdentity::new(&run.manifest.network_hash, &options, &run.config.recording, formats);
    Ok((identity.hash() == run.manifest.simulation_hash).then_some(network))
}

fn circuit_config(has_edges: bool) -> serde_json::Value {
    let nodes = json!([{
        "nodes_file": "$BASE_DIR/nodes.h5",
        "node_types_file": "$BASE_DIR/node_types.csv",
        "populations": { NODE_POPULATION: { "type": "point_neuron" } },
    }]);
    let edges = json!([{
        "edges_file": "$BASE_DIR/edges.h5",
        "edge_types_file": "$BASE_DIR/edge_types.csv",
        "populations": { EDGE_POPULATION: { "type": "chemical" } },
    }]);
    let edges = if has_edges { edges } else { json!([]) };
    json!({
        "version": 2.3,
        "manifest": { "$BASE_DIR": "." },
        "networks": { "nodes": nodes, "edges": edges },
    })
}

/// A file's root with one group in one group.
fn root(outer: &str, inner: Group) -> Group {
    let outer = Group { groups: vec![inner], ..Group::new(outer) };
    let attributes = vec![Attribute::u32("magic", MAGIC), Attribute::u32s("version", &VERSION)];
    Group { attributes, groups: vec![outer], ..Group::new("") }
}
