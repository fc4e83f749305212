//! A network whose synapses are given one by one has the spikes that it has in NEST 3.10
//! (`tests/reference/nest_explicit/README.md`).

use crate::fixtures::explicit_network::{DT_MS, ExplicitNetwork, ExplicitNeuron, ExplicitSynapse};
use crate::fixtures::lif_f64::LifNetwork;
use crate::fixtures::ways::{Way, on_every_engine, spikes};
use humam_gpu::engine::fixed_point::{Arithmetic, IntegerNetwork};
use humam_gpu::model::network::{NetworkSpec, SynapseColumns, SynapseList};
use humam_gpu::model::{NetworkSource, network_of};
use std::iter::repeat_n;
use std::path::{Path, PathBuf};

/// 200 ms.
const STEPS: u32 = 2000;
/// Potentials within 2e-6 mV of f64. With the 19 bits that bounds of the input allow they are within 2e-5 mV, and in
/// thousands of spikes one passes the threshold a step sooner or later; a chaotic network has other spikes from then on.
const FINE: Arithmetic = Arithmetic { v_m_bits: Some(23), current_bits: Some(24), weight_bits: Some(20) };

on_every_engine!(every_spike_of_200_ms_is_that_of_nest, a_synapse_moved_to_another_target_shows,);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/nest_explicit")
}

fn network() -> NetworkSpec {
    network_of(&NetworkSource::File(folder().join("network.ron"))).unwrap_or_else(|error| panic!("{error}"))
}

/// Steps and neurons of all spikes, sorted.
fn nest() -> Vec<(u32, u32)> {
    let mut reader = csv::Reader::from_path(folder().join("spikes.csv")).expect("spikes");
    reader.deserialize().map(|spike| spike.expect("a step and a neuron")).collect()
}

fn found(way: Way, network: &NetworkSpec) -> Option<Vec<(u32, u32)>> {
    // Nothing is drawn: any seed gives the same network.
    let network = IntegerNetwork::new(network, DT_MS, 1, &FINE).expect("formats");
    way.with(&network, |engine| spikes(engine, STEPS))
}

fn every_spike_of_200_ms_is_that_of_nest(way: Way) {
    let network = network();
    assert_eq!(network.n_neurons(), 1001);
    let recurrent = network.projections.iter().filter(|projection| projection.source > 0);
    assert_eq!(recurrent.map(|projection| projection.synapses).sum::<u64>(), 50_000);
    let Some(found) = found(way, &network) else { return };
    let expected = nest();
    assert!(expected.len() > 3000, "{} spikes", expected.len());
    let same = found.iter().zip(&expected).take_while(|(a, b)| a == b).count();
    assert!(found == expected, "{same} of {} and {} spikes are the same", found.len(), expected.len());
}

fn a_synapse_moved_to_another_target_shows(way: Way) {
    let mut network = network();
    let mut columns: SynapseColumns = network.lists[2].columns().clone();
    columns.targets[0] = (columns.targets[0] + 1) % 800;
    network.lists[2] = SynapseList::new("moved", columns).expect("a list").into();
    assert!(found(way, &network).is_none_or(|found| found != nest()));
}

#[test]
fn f64_gives_every_spike_too() {
    assert_eq!(LifNetwork::new(&one_by_one(&network())).run(STEPS), nest());
}

/// The network for the f64 model.
fn one_by_one(network: &NetworkSpec) -> ExplicitNetwork {
    let firsts = network.first_neurons();
    let neurons = network.populations.iter().flat_map(|p| {
        let neuron = ExplicitNeuron { parameters: p.neuron, dc_pa: p.dc_pa, v0_mv: p.initial_v_m_mv.mean };
        repeat_n(neuron, p.neurons as usize)
    });
    let synapses = network.projections.iter().flat_map(|p| {
        let columns = network.list_of(p).expect("a list").columns();
        let [source, target] = [firsts[p.source], firsts[p.target]];
        (0..columns.sources.len()).map(move |index| {
            let delay_ms = columns.delays_ms.as_ref().map_or(p.delay.mean_ms, |delays_ms| delays_ms[index]);
            ExplicitSynapse {
                source: (source + columns.sources[index]) as usize,
                target: (target + columns.targets[index]) as usize,
                weight_pa: p.weight_pa,
                delay_steps: (delay_ms / DT_MS).round() as u32,
            }
        })
    });
    ExplicitNetwork { neurons: neurons.collect(), synapses: synapses.collect() }
}
