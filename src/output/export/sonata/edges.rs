//! `edges.h5` and `edge_types.csv`.

use super::nodes::write_table;
use super::{EDGE_POPULATION, NODE_POPULATION, UNITS, root};
use crate::analysis::RunFolder;
use crate::disk::Place;
use crate::engine::fixed_point::IntegerNetwork;
use crate::engine::synapses::{CsrStore, StoredSynapse};
use crate::output::export::ExportError;
use crate::output::export::hdf5::{Attribute, Dataset, Datatype, Group, Hdf5Writer};

/// Bytes of an edge in the file: ids 16, type and group 16, weight and delay 16, its range in the
/// index by target 16.
const EDGE_BYTES: f64 = 64.0;
const BYTES_PER_GB: f64 = 1e9;
/// Most edges whose order by target is held in 4 bytes each.
const MAX_EDGES: u64 = u32::MAX as u64;
/// Most synapses and neurons of a shard, so that its integers hold them.
const SHARD_SYNAPSES: u64 = 1 << 31;
const SHARD_NEURONS: u64 = 1 << 17;
const EXCITATORY: u32 = 0;
const INHIBITORY: u32 = 1;

/// Whether the edges are few enough, before anything is drawn.
pub(super) fn check(run: &RunFolder, limit: u64) -> Result<(), ExportError> {
    let (synapses, limit) = (run.stored.network.n_synapses(), limit.min(MAX_EDGES));
    if synapses > limit {
        let gigabytes = synapses as f64 * EDGE_BYTES / BYTES_PER_GB;
        return Err(ExportError::TooManySynapses { synapses, limit, gigabytes });
    }
    Ok(())
}

/// The synapses of a run, drawn anew.
pub(super) struct Synapses {
    pub network: IntegerNetwork,
    store: CsrStore,
    /// Capacitance for which the weights onto each neuron are made, pF: the mean of its population.
    c_m_pf: Vec<f64>,
}

/// A synapse with its ends.
struct Edge {
    source: u32,
    target: u32,
    weight: i32,
    delay: u32,
}

impl Synapses {
    /// Those of `network`, which is the run's.
    pub fn draw(run: &RunFolder, network: IntegerNetwork) -> Result<Self, ExportError> {
        let shards = network.n_synapses().div_ceil(SHARD_SYNAPSES);
        let shards = shards.max(u64::from(network.n_neurons()).div_ceil(SHARD_NEURONS));
        let shards = run.config.engine.shards.unwrap_or(1).max(shards as usize);
        let store = CsrStore::build(&network, shards)?;
        let c_m = run.stored.network.populations.iter();
        let c_m = c_m.flat_map(|p| std::iter::repeat_n(p.neuron.c_m_pf, p.neurons as usize));
        Ok(Self { c_m_pf: c_m.collect(), store, network })
    }

    /// All synapses by source, then shard, in the order of the store, whose shards are not cut.
    fn edges(&self) -> impl Iterator<Item = Edge> {
        (0..self.network.n_neurons()).flat_map(|source| self.row(source))
    }

    fn row(&self, source: u32) -> impl Iterator<Item = Edge> {
        self.store.shards.iter().flat_map(move |shard| {
            shard.synapses[shard.row(source, 0)].iter().map(move |&StoredSynapse { address, weight }| {
                let (target, delay) = self.store.decode(address);
                Edge { source, target: shard.shard.first_neuron + target, weight, delay }
            })
        })
    }

    fn weight_pa(&self, edge: &Edge) -> f64 {
        self.network.formats.weight_pa(edge.weight, self.c_m_pf[edge.target as usize])
    }
}

pub(super) fn write(run: &RunFolder, synapses: &Synapses, folder: &Place) -> Result<(), ExportError> {
    let kinds = [(EXCITATORY, "excitatory"), (INHIBITORY, "inhibitory")];
    let p_transmit = run.stored.network.p_transmit.to_string();
    let kinds = kinds.map(|(id, name)| {
        vec![id.to_string(), "nest:static_synapse".to_owned(), name.to_owned(), p_transmit.clone()]
    });
    let columns = ["edge_type_id", "model_template", "synapse_class", "p_transmit"];
    write_table(&folder.join("edge_types.csv"), &columns, kinds.into_iter())?;
    let by_source = Index::by_source(synapses);
    let by_target = Index::by_target(synapses);
    let n_edges = synapses.store.n_synapses();
    let population = layout(n_edges, &[("source_to_target", &by_source), ("target_to_source", &by_target)]);
    let mut file = Hdf5Writer::create(folder.join("edges.h5"), &root("edges", population))?;
    let dt_ms = run.manifest.dt_ms;
    let mut column = Column { file: &mut file, synapses };
    column.fill("source_node_id", |edge| u64::from(edge.source).to_le_bytes())?;
    column.fill("target_node_id", |edge| u64::from(edge.target).to_le_bytes())?;
    let kind = |edge: &Edge| if edge.weight < 0 { INHIBITORY } else { EXCITATORY };
    column.fill("edge_type_id", |edge| kind(edge).to_le_bytes())?;
    column.fill("edge_group_id", |_| [0; 4])?;
    let mut numbers = 0..n_edges;
    column.fill("edge_group_index", |_| numbers.next().unwrap_or(0).to_le_bytes())?;
    column.fill("syn_weight", |edge| synapses.weight_pa(edge).to_le_bytes())?;
    column.fill("delay", |edge| (f64::from(edge.delay) * dt_ms).to_le_bytes())?;
    for index in [&by_source, &by_target] {
        put_pairs(&mut file, "node_id_to_ranges", index.ranges_of_nodes())?;
        put_pairs(&mut file, "range_to_edge_id", index.ranges.iter().copied())?;
    }
    Ok(file.finish()?)
}

fn layout(n_edges: u64, indices: &[(&str, &Index)]) -> Group {
    let dataset = |name, datatype| Dataset::new(name, datatype, &[n_edges]);
    let node_ids = |name| {
        let mut ids = dataset(name, Datatype::U64);
        ids.attributes.push(Attribute::text("node_population", NODE_POPULATION));
        ids
    };
    let with_unit = |name, unit| {
        let mut values = dataset(name, Datatype::F64);
        values.attributes.push(Attribute::text(UNITS, unit));
        values
    };
    let group =
        Group { datasets: vec![with_unit("syn_weight", "pA"), with_unit("delay", "ms")], ..Group::new("0") };
    let index = |(name, index): &(&str, &Index)| {
        let pairs = |name, n: usize| Dataset::new(name, Datatype::U64, &[n as u64, 2]);
        let of_nodes = pairs("node_id_to_ranges", index.first_ranges.len() - 1);
        Group { datasets: vec![of_nodes, pairs("range_to_edge_id", index.ranges.len())], ..Group::new(name) }
    };
    let indices = Group { groups: indices.iter().map(index).collect(), ..Group::new("indices") };
    Group {
        datasets: vec![
            node_ids("source_node_id"),
            node_ids("target_node_id"),
            dataset("edge_type_id", Datatype::U32),
            dataset("edge_group_id", Datatype::U32),
            dataset("edge_group_index", Datatype::U64),
        ],
        groups: vec![group, indices],
        ..Group::new(EDGE_POPULATION)
    }
}

/// Arrays with a value for every edge.
struct Column<'a> {
    file: &'a mut Hdf5Writer,
    synapses: &'a Synapses,
}

impl Column<'_> {
    fn fill<const N: usize>(
        &mut self,
        name: &str,
        mut value: impl FnMut(&Edge) -> [u8; N],
    ) -> Result<(), ExportError> {
        let synapses = self.synapses;
        self.file.fill(name, |sink| {
            let mut bytes = Vec::new();
            for source in 0..synapses.network.n_neurons() {
                bytes.clear();
                synapses.row(source).for_each(|edge| bytes.extend(value(&edge)));
                sink.put(&bytes)?;
            }
            Ok(())
        })
    }
}

fn put_pairs(
    file: &mut Hdf5Writer,
    name: &str,
    pairs: impl Iterator<Item = [u64; 2]>,
) -> Result<(), ExportError> {
    file.fill(name, |sink| {
        for [start, end] in pairs {
            sink.put(&start.to_le_bytes())?;
            sink.put(&end.to_le_bytes())?;
        }
        Ok(())
    })
}

/// Which edges a node has, as ranges from the first to behind the last.
struct Index {
    /// First range of each node and, at the end, the number of ranges.
    first_ranges: Vec<u64>,
    ranges: Vec<[u64; 2]>,
}

impl Index {
    /// Edges are sorted by source: one range for each that has any.
    fn by_source(synapses: &Synapses) -> Self {
        let (mut first_ranges, mut ranges, mut end) = (vec![0], Vec::new(), 0);
        for source in 0..synapses.network.n_neurons() {
            let start = end;
            end += synapses.row(source).count() as u64;
            if end > start {
                ranges.push([start, end]);
            }
            first_ranges.push(ranges.len() as u64);
        }
        Self { first_ranges, ranges }
    }

    /// Edges of a target are spread: those that follow each other share a range.
    fn by_target(synapses: &Synapses) -> Self {
        let mut ends = vec![0usize; synapses.network.n_neurons() as usize + 1];
        synapses.edges().for_each(|edge| ends[edge.target as usize + 1] += 1);
        for node in 1..ends.len() {
            ends[node] += ends[node - 1];
        }
        // Counting sort: the place of the next edge of each target moves to the end of its part.
        let mut order = vec![0u32; synapses.store.n_synapses() as usize];
        for (number, edge) in (0..).zip(synapses.edges()) {
            let place = &mut ends[edge.target as usize];
            order[*place] = number;
            *place += 1;
        }
        let (mut first_ranges, mut ranges, mut start) = (vec![0], Vec::<[u64; 2]>::new(), 0);
        for &end in &ends[..ends.len() - 1] {
            let first = ranges.len();
            for &edge in &order[start..end] {
                match ranges[first..].last_mut() {
                    Some(last) if last[1] == u64::from(edge) => last[1] += 1,
                    _ => ranges.push([u64::from(edge), u64::from(edge) + 1]),
                }
            }
            start = end;
            first_ranges.push(ranges.len() as u64);
        }
        Self { first_ranges, ranges }
    }

    fn ranges_of_nodes(&self) -> impl Iterator<Item = [u64; 2]> {
        self.first_ranges.windows(2).map(|pair| [pair[0], pair[1]])
    }
}
