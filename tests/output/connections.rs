//! `connections` tells the synapses that engines deliver, all of them and no other, in every format.

use crate::fixtures::command_line::{Call, Workplace, configuration};
use humam_gpu::config;
use humam_gpu::engine::fixed_point::IntegerNetwork;
use humam_gpu::engine::synapses::CsrStore;
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::model_network;
use humam_gpu::model::network::{NetworkSpec, PopulationSelector};
use humam_gpu::output::export::connections::{Connection, Connections, ConnectionsError};
use humam_gpu::progress::Interruption;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use std::fs::{self, File};
use std::path::Path;

/// Source, target, weight in units of 1e-9 pA, delay in steps: exact for comparison and sorting.
type Row = (u32, u32, i64, i64);

fn row(source: u32, target: u32, weight_pa: f64, delay_ms: f64) -> Row {
    (source, target, (weight_pa * 1e9).round() as i64, (delay_ms / 0.1).round() as i64)
}

/// The network of a configuration, and its options.
fn network(rule: &str) -> (NetworkSpec, humam_gpu::engine::assembly::BuildOptions) {
    let rule = config::Override::set(&format!("connectivity.rule={rule}")).expect("a key");
    let config = config::load(Path::new("builtin:tiny"), &[rule]).expect("a configuration");
    let tables = Tables::load(&config.anatomy).expect("tables");
    let derived = model_network(&config.model_options(), &tables, &mut ()).expect("a network");
    (derived.network, config.build_options())
}

/// Every synapse that engines read.
fn stored(spec: &NetworkSpec, options: &humam_gpu::engine::assembly::BuildOptions) -> Vec<Row> {
    let simulation = &options.simulation;
    let network = IntegerNetwork::new(spec, simulation.dt_ms, simulation.seed, &options.arithmetic);
    let network = network.expect("integers");
    let store = CsrStore::build(&network, 3).expect("a store");
    let c_m_pf = |neuron: u32| {
        let population = network.populations.partition_point(|p| p.first_neuron <= neuron) - 1;
        spec.populations[population].neuron.c_m_pf
    };
    let mut rows = Vec::new();
    for source in 0..network.n_neurons() {
        for shard in &store.shards {
            let [start, end] = [0, 1].map(|next| shard.row_starts[source as usize + next] as usize);
            for synapse in &shard.synapses[start..end] {
                let (target, delay) = store.decode(synapse.address);
                let target = shard.shard.first_neuron + target;
                let weight_pa = network.formats.weight_pa(synapse.weight, c_m_pf(target));
                rows.push(row(source, target, weight_pa, f64::from(delay) * simulation.dt_ms));
            }
        }
    }
    rows.sort_unstable();
    rows
}

fn told(connections: &Connections<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    let all = connections.each::<ConnectionsError>(&Interruption::default(), |connection| {
        let Connection { source, target, weight_pa, delay_ms } = connection;
        rows.push(row(source, target, weight_pa, delay_ms));
        Ok(())
    });
    all.expect("nobody asks to stop");
    rows.sort_unstable();
    rows
}

#[test]
fn they_are_those_of_the_engines_whatever_the_rule() {
    for rule in ["fixed_total_number", "fixed_indegree", "even_indegree"] {
        let (spec, options) = network(rule);
        let connections = |from: &str, to: &str| {
            let [from, to] = [from, to].map(|text| PopulationSelector(text.to_owned()));
            Connections::new(&spec, &options, &from, &to).expect("connections")
        };
        let all = stored(&spec, &options);
        assert!(all.len() > 10_000, "{} synapses", all.len());
        assert_eq!(told(&connections("*", "*")), all, "{rule}");
        // Of chosen populations those between them.
        let some = connections("cuneus", "* V");
        let neurons = |ends: &[usize]| some.neurons_of(ends).collect::<std::collections::BTreeSet<u32>>();
        let (sources, targets) = (neurons(some.sources()), neurons(some.targets()));
        let between = all.iter().filter(|row| sources.contains(&row.0) && targets.contains(&row.1));
        let between: Vec<Row> = between.copied().collect();
        assert!(between.len() > 10 && between.len() < all.len() / 2, "{}", between.len());
        assert_eq!(told(&some), between, "{rule}");
        assert_eq!(some.n_synapses(), between.len() as u64);
        let summary = some.sum_up(&Interruption::default()).expect("nobody asks to stop");
        let count =
            |end: fn(&Row) -> u32, neuron: u32| between.iter().filter(|row| end(row) == neuron).count();
        for &neuron in sources.iter().chain(&targets) {
            assert_eq!(summary.in_degrees[neuron as usize] as usize, count(|row| row.1, neuron));
            assert_eq!(summary.out_degrees[neuron as usize] as usize, count(|row| row.0, neuron));
        }
        let mean_steps = between.iter().map(|row| row.3 as f64).sum::<f64>() / between.len() as f64;
        assert!((summary.delays_ms.mean / 0.1 - mean_steps).abs() < 1e-9);
        for histogram in [&summary.weight_histogram, &summary.delay_histogram] {
            assert_eq!(histogram.counts.iter().sum::<u64>() + histogram.beyond, between.len() as u64);
            assert!(histogram.beyond <= between.len() as u64 / 500);
        }
    }
}

fn called(workplace: &Workplace, arguments: &str) -> Call {
    let call = workplace.call(&format!("connections {arguments} --from cuneus --to lingual --quiet"));
    assert_eq!(call.code, Some(0), "{call:?}");
    call
}

fn csv(path: &Path) -> Vec<Row> {
    let text = fs::read_to_string(path).expect("a file");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("source,target,weight_pa,delay_ms"));
    let line = |line: &str| {
        let values: Vec<f64> = line.split(',').map(|value| value.parse().expect("a number")).collect();
        row(values[0] as u32, values[1] as u32, values[2], values[3])
    };
    lines.map(line).collect()
}

fn npy(path: &Path) -> Vec<Row> {
    let bytes = fs::read(path).expect("a file");
    let header = 10 + usize::from(bytes[8]) + 256 * usize::from(bytes[9]);
    let dictionary = String::from_utf8_lossy(&bytes[10..header]).into_owned();
    let fields = "[('source', '<u4'), ('target', '<u4'), ('weight_pa', '<f8'), ('delay_ms', '<f8')]";
    assert!(
        dictionary.starts_with(&format!("{{'descr': {fields}, 'fortran_order': False, ")),
        "{dictionary}"
    );
    assert!(header.is_multiple_of(64) && dictionary.ends_with('\n'));
    let records = bytes[header..].chunks_exact(24);
    let shape = format!("'shape': ({},)", records.len());
    assert!(dictionary.contains(&shape), "{dictionary}");
    let whole = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("4 bytes"));
    let real = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().expect("8 bytes"));
    records.map(|r| row(whole(&r[..4]), whole(&r[4..8]), real(&r[8..16]), real(&r[16..]))).collect()
}

fn parquet(path: &Path) -> Vec<Row> {
    let reader = SerializedFileReader::new(File::open(path).expect("a file")).expect("a table");
    let rows = reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row"));
    rows.map(|r| {
        let whole = |column| r.get_uint(column).expect("a neuron");
        let real = |column| r.get_double(column).expect("a number");
        row(whole(0), whole(1), real(2), real(3))
    })
    .collect()
}

#[test]
fn files_hold_the_same_synapses_of_a_configuration_and_of_its_run() {
    let workplace = Workplace::new();
    let tiny = configuration("tiny");
    for kind in ["csv", "npy", "parquet"] {
        called(&workplace, &format!("{tiny} --file of_config.{kind}"));
    }
    let found = csv(&workplace.path("of_config.csv"));
    assert!(found.len() > 20, "{}", found.len());
    assert_eq!(npy(&workplace.path("of_config.npy")), found);
    assert_eq!(parquet(&workplace.path("of_config.parquet")), found);
    let run = workplace.folder_of(&format!("run {tiny} --engine cpu --quiet --no-analysis"));
    let call = called(
        &workplace,
        &format!("{} --file of_run.csv --degrees degrees.csv --figure f.svg", run.display()),
    );
    assert_eq!(csv(&workplace.path("of_run.csv")), found);
    assert!(call.stdout.contains(&format!("synapses:     {}\n", found.len())), "{}", call.stdout);
    // Other seeds have other synapses.
    called(&workplace, &format!("{tiny} --seed 5 --file other.csv"));
    assert_ne!(csv(&workplace.path("other.csv")), found);
    let degrees = fs::read_to_string(workplace.path("degrees.csv")).expect("a file");
    let column = |line: &str, index| line.split(',').nth(index).unwrap_or_default().parse().unwrap_or(0);
    let sum = |index: usize| degrees.lines().skip(1).map(|line| column(line, index)).sum::<usize>();
    assert_eq!((sum(4), sum(5)), (found.len(), found.len()));
    assert!(
        fs::read_to_string(workplace.path("f.svg"))
            .expect("a figure")
            .contains("synapses onto a target neuron")
    );
    let partial = workplace.tree().into_iter().find(|name| name.ends_with(".partial"));
    assert_eq!(partial, None);
}

#[test]
fn what_cannot_be_told_is_refused() {
    let workplace = Workplace::new();
    let tiny = configuration("tiny");
    let run = workplace.folder_of(&format!("run {tiny} --engine cpu --quiet --no-analysis --duration-ms 10"));
    for (arguments, told) in [
        (
            format!("{tiny} --from cuneuss --to insula"),
            "--from: no population is called `cuneuss`: the nearest is `cuneus",
        ),
        (format!("{tiny} --from cuneus --to insula --file x.txt"), "must end in .csv, .npy or .parquet"),
        (format!("{} --seed 2 --from cuneus --to insula", run.display()), "name a configuration to set keys"),
    ] {
        let call = workplace.call(&format!("connections {arguments} --quiet"));
        assert_eq!(call.code, Some(2), "{call:?}");
        assert!(call.stderr.contains(told), "{}", call.stderr);
    }
}
