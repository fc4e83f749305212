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
//! edges.h5
//!   /edges/cortex__cortex__chemical    sorted by source, then target population
//!     source_node_id, target_node_id u64    node_population = "cortex"
//!     edge_type_id, edge_group_id u32, edge_group_index u64
//!     0/syn_weight  f64                pA; negative where inhibitory
//!     0/delay       f64                ms
//!     indices/source_to_target, indices/target_to_source
//! node_types.csv, edge_types.csv       parameters of populations; kinds of synapses, p_transmit
//! ```
//! One node population holds all neurons, numbered as in the run folder, so that node ids of spikes,
//! nodes and edges are the run's neurons and nothing has to be translated; area, layer and population
//! are attributes to select by. Weights and delays are those that the engines use: integers in units of
//! the run's fixed-point format, drawn anew from the run folder. Text has a fixed length.
mod edges;
mod nodes;
mod spikes;

use super::ExportError;
use super::hdf5::{Attribute, Group};
use crate::analysis::RunFolder;
use crate::disk::Place;
use crate::progress::{Progress, Stage};
use crate::simulation::recording::write_whole;
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
    let synapses = max_synapses.map(|limit| {
        edges::check(run, limit)?;
        progress.stage(Stage::Synapses);
        edges::Synapses::draw(run)
    });
    let synapses = synapses.transpose()?;
    progress.stage(Stage::Export);
    spikes::write(run, folder)?;
    nodes::write(run, folder)?;
    if let Some(synapses) = &synapses {
        edges::write(run, synapses, folder)?;
    }
    let config = circuit_config(synapses.is_some());
    Ok(write_whole(folder.join("circuit_config.json"), format!("{config:#}\n").as_bytes())?)
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
