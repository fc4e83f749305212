//! What is exported as SONATA is the network of the engines: built again from the files alone, it spikes alike.

use crate::fixtures::command_line::{Workplace, configuration};
use crate::fixtures::explicit_network::{ExplicitNetwork, ExplicitNeuron, ExplicitSynapse};
use humam_gpu::analysis::{RunFolder, SpikeSource};
use humam_gpu::engine::EngineKind;
use humam_gpu::engine::assembly::{BuildOptions, integer_network};
use humam_gpu::engine::fixed_point::own_parameters;
use humam_gpu::model::network::{LifParameters, NetworkSpec, PoissonDrive};
use humam_gpu::simulation::simulate_network;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

const DT_MS: f64 = 0.1;

/// The bytes of an array in an HDF5 file as the program writes them: links and addresses stand in headers of version 2.
fn array<'b>(file: &'b [u8], path: &str) -> Option<&'b [u8]> {
    let word = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().expect("8 bytes")) as usize;
    let mut header = word(36);
    for name in path.split('/') {
        header = messages(file, header).find_map(|(kind, message)| {
            let is_it = kind == 0x06
                && message[3..].starts_with(name.as_bytes())
                && message[2] as usize == name.len();
            is_it.then(|| {
                u64::from_le_bytes(message[3 + name.len()..].try_into().expect("an address")) as usize
            })
        })?;
    }
    let (_, layout) = messages(file, header).find(|(kind, _)| *kind == 0x08)?;
    let [start, length] =
        [2, 10].map(|at| u64::from_le_bytes(layout[at..at + 8].try_into().expect("8 bytes")) as usize);
    Some(&file[start..start + length])
}

/// Kind and content of the messages of a header.
fn messages(file: &[u8], header: usize) -> impl Iterator<Item = (u8, &[u8])> {
    assert_eq!(&file[header..header + 4], b"OHDR");
    let length = u32::from_le_bytes(file[header + 6..header + 10].try_into().expect("4 bytes")) as usize;
    let mut rest = &file[header + 10..header + 10 + length];
    std::iter::from_fn(move || {
        let (&kind, size) = (rest.first()?, u16::from_le_bytes([rest[1], rest[2]]) as usize);
        let message = &rest[4..4 + size];
        rest = &rest[4 + size..];
        Some((kind, message))
    })
}

struct Hdf5(Vec<u8>);

impl Hdf5 {
    fn read(path: &Path) -> Self {
        Self(fs::read(path).expect("a file"))
    }

    fn integers(&self, path: &str) -> Vec<usize> {
        let words = array(&self.0, path).expect("an array").as_chunks::<8>().0;
        words.iter().map(|&word| u64::from_le_bytes(word) as usize).collect()
    }

    fn floats(&self, path: &str) -> Option<Vec<f64>> {
        Some(array(&self.0, path)?.as_chunks::<8>().0.iter().map(|&word| f64::from_le_bytes(word)).collect())
    }
}

/// A network that was exported.
struct Exported {
    nodes: Hdf5,
    edges: Hdf5,
    /// Cells of `node_types.csv` by type, then column.
    types: HashMap<usize, HashMap<String, String>>,
}

impl Exported {
    fn read(folder: &Path) -> Self {
        let mut table = csv::ReaderBuilder::new()
            .delimiter(b' ')
            .from_path(folder.join("node_types.csv"))
            .expect("a table");
        let columns: Vec<String> = table.headers().expect("a header").iter().map(str::to_owned).collect();
        let types = table.records().map(|row| {
            let row = row.expect("a row");
            let cells = columns.iter().cloned().zip(row.iter().map(str::to_owned)).collect();
            (row[0].parse().expect("a number"), cells)
        });
        let [nodes, edges] = ["nodes.h5", "edges.h5"].map(|file| Hdf5::read(&folder.join(file)));
        Self { types: types.collect(), nodes, edges }
    }

    /// A parameter of every neuron: its own, if it has one under NEST's name, else that of its type.
    fn parameter(&self, nest: &str, column: &str) -> Vec<f64> {
        let own = self.nodes.floats(&format!("nodes/cortex/0/dynamics_params/{nest}"));
        let of_type = |kind: usize| self.types[&kind][column].parse().expect("a number");
        own.unwrap_or_else(|| {
            self.nodes.integers("nodes/cortex/node_type_id").into_iter().map(of_type).collect()
        })
    }

    /// The network with a population for each node and a projection for each edge.
    fn rebuilt(&self) -> NetworkSpec {
        let of_type = |column: &str| self.parameter("", column);
        let [e_l, v_reset, t_ref] = ["e_l_mv", "v_reset_mv", "t_ref_ms"].map(of_type);
        let [tau_ex, tau_in, dc, rate] =
            ["tau_syn_ex_ms", "tau_syn_in_ms", "dc_pa", "poisson_rate_hz"].map(of_type);
        let own = [
            ("V_th", "v_th_mv"),
            ("C_m", "c_m_pf"),
            ("tau_m", "tau_m_ms"),
            ("V_m", "initial_v_m_mean_mv"),
            ("poisson_weight", "poisson_weight_pa"),
        ];
        let [v_th, c_m, tau_m, v_m, poisson] = own.map(|(nest, column)| self.parameter(nest, column));
        let neuron = |n: usize| ExplicitNeuron {
            parameters: LifParameters {
                e_l_mv: e_l[n],
                v_th_mv: v_th[n],
                v_reset_mv: v_reset[n],
                c_m_pf: c_m[n],
                tau_m_ms: tau_m[n],
                tau_syn_ex_ms: tau_ex[n],
                tau_syn_in_ms: tau_in[n],
                t_ref_ms: t_ref[n],
            },
            dc_pa: dc[n],
            v0_mv: v_m[n],
        };
        let explicit =
            ExplicitNetwork { neurons: (0..e_l.len()).map(neuron).collect(), synapses: self.synapses() };
        let mut spec = explicit.to_spec();
        for (n, population) in spec.populations.iter_mut().enumerate() {
            population.poisson = (rate[n] > 0.0).then(|| PoissonDrive {
                synapses: 1,
                rate_hz: rate[n],
                weight_pa: poisson[n],
                relative_sd: 0.0,
            });
        }
        spec
    }

    fn synapses(&self) -> Vec<ExplicitSynapse> {
        let of_edges = |name: &str| format!("edges/cortex__cortex__chemical/{name}");
        let ends = ["source_node_id", "target_node_id"].map(|name| self.edges.integers(&of_edges(name)));
        let values =
            ["0/syn_weight", "0/delay"].map(|name| self.edges.floats(&of_edges(name)).expect("an array"));
        let synapse = |edge: usize| ExplicitSynapse {
            source: ends[0][edge],
            target: ends[1][edge],
            weight_pa: values[0][edge],
            delay_steps: (values[1][edge] / DT_MS).round() as u32,
        };
        (0..ends[0].len()).map(synapse).collect()
    }
}

/// A run of two areas whose neurons differ as `spread` says, and its export.
fn exported(workplace: &Workplace, spread: &str) -> (RunFolder, Exported) {
    let areas = "--set areas=[\"cuneus\",\"insula\"] --duration-ms 100 --engine cpu --quiet --no-analysis";
    let run = workplace.folder_of(&format!("run {} {areas} {spread}", configuration("tiny")));
    let folder = workplace.folder_of(&format!("export {} --format sonata --quiet", run.display()));
    (RunFolder::open(&run, &[]).expect("a run"), Exported::read(&folder))
}

fn options(run: &RunFolder) -> BuildOptions {
    let mut options = run.config.build_options();
    options.engine.engine = EngineKind::Cpu;
    options
}

#[test]
fn a_network_that_is_built_from_its_export_alone_spikes_alike() {
    let workplace = Workplace::new();
    let spread =
        "--set neurons.excitatory.v_th_relative_sd=0.1 --set neurons.inhibitory.tau_m_relative_sd=0.1";
    let (run, exported) = exported(&workplace, spread);
    let mut recorded = Vec::new();
    let on_step = &mut |step: u32, neurons: &[u32]| recorded.extend(neurons.iter().map(|&n| (step, n)));
    run.spikes().for_each_step(on_step).expect("spikes");
    let rebuilt = exported.rebuilt();
    assert!(recorded.len() > 100 && rebuilt.projections.len() as u64 == run.manifest.n_synapses);
    assert_eq!(simulate_network(&rebuilt, &options(&run)).expect("spikes"), recorded);
    // What differs between neurons counts.
    let mut other = rebuilt;
    other.populations.iter_mut().for_each(|p| p.initial_v_m_mv.mean = -70.0);
    assert_ne!(simulate_network(&other, &options(&run)).expect("spikes"), recorded);
}

#[test]
fn nodes_have_the_parameters_of_the_engine_s_neurons() {
    let workplace = Workplace::new();
    let (run, exported) = exported(&workplace, "--set neurons.excitatory.c_m_relative_sd=0.2");
    let spec = &run.stored.network;
    let integers = integer_network(spec, &options(&run)).expect("a network");
    let populations = spec.populations.iter().zip(spec.first_neurons());
    let c_m_pf: Vec<f64> = populations
        .flat_map(|(population, first)| match own_parameters(population, first, integers.seed) {
            Some(own) => own.map(|own| own.c_m_pf).collect(),
            None => vec![population.neuron.c_m_pf; population.neurons as usize],
        })
        .collect();
    let own = |name: &str| exported.nodes.floats(&format!("nodes/cortex/0/dynamics_params/{name}"));
    assert_eq!(own("C_m").expect("capacitances"), c_m_pf);
    let c_m_of_weights = spec.populations.iter().flat_map(|p| vec![p.neuron.c_m_pf; p.neurons as usize]);
    let weights = integers.drive_weights.iter().zip(c_m_of_weights);
    let weights: Vec<f64> =
        weights.map(|(&weight, c_m_pf)| integers.formats.current_pa(weight, c_m_pf)).collect();
    assert_eq!(own("poisson_weight").expect("weights"), weights);
    assert_eq!((own("V_th"), own("tau_m")), (None, None), "all neurons of a population have the same");
    assert_eq!(own("V_m").expect("potentials").len(), integers.initial_v_m.len());
}
