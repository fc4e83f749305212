//! The small networks simulated with NEST 3.10 (`tests/reference/nest_small/README.md`).
#![allow(dead_code, reason = "each test uses a part")]

use super::explicit_network::{
    DT_MS, ExplicitNetwork, ExplicitNeuron, ExplicitSynapse, excitatory, inhibitory,
};
use humam_gpu::network::LifParameters;
use std::path::Path;

/// The two sets.
pub const SETS: [&str; 2] = ["nest_small", "nest_small_13"];
/// Steps of the simulations of single neurons.
pub const SINGLE_NEURON_STEPS: u32 = 2000;
/// Steps of the simulations of networks.
pub const NETWORK_STEPS: u32 = 5000;

/// A single neuron (number 0) with its input, which one-shot neurons deliver, and what NEST recorded.
#[derive(Debug, Clone)]
pub struct SingleNeuron {
    pub name: String,
    pub network: ExplicitNetwork,
    pub spike_steps: Vec<u32>,
    /// (step, V_m in mV at its end).
    pub v_m_mv: Vec<(u32, f64)>,
}

/// A network of 100 neurons and NEST's spikes, (step, neuron), sorted.
#[derive(Debug, Clone)]
pub struct SmallNetwork {
    pub network: ExplicitNetwork,
    pub spikes: Vec<(u32, u32)>,
}

impl SingleNeuron {
    /// Source of the input that arrives first.
    pub fn first_to_arrive(&self) -> usize {
        let first = self.network.synapses.iter().min_by_key(|synapse| synapse.delay_steps);
        first.expect("an input").source
    }
}

impl SmallNetwork {
    /// The neuron that spikes first.
    pub fn first_to_spike(&self) -> usize {
        self.spikes[0].1 as usize
    }
}

/// The three single neurons of both sets.
pub fn single_neurons() -> Vec<SingleNeuron> {
    let unequal = LifParameters { tau_syn_in_ms: 4.0, ..excitatory() };
    let neurons = [
        ("excitatory_neuron", excitatory(), 300.0, -70.0),
        ("inhibitory_neuron", inhibitory(), 120.0, -120.0),
        ("unequal_synaptic_time_constants", unequal, 350.0, -65.0),
    ];
    let of_set = |set| neurons.iter().map(move |&(name, p, dc_pa, v0_mv)| single(set, name, p, dc_pa, v0_mv));
    SETS.into_iter().flat_map(of_set).collect()
}

/// The networks of both sets.
pub fn networks() -> Vec<SmallNetwork> {
    SETS.into_iter().map(network).collect()
}

fn single(set: &str, name: &str, parameters: LifParameters, dc_pa: f64, v0_mv: f64) -> SingleNeuron {
    let input = rows(set, &format!("{name}_input.csv"));
    let mut neurons = vec![ExplicitNeuron { parameters, dc_pa, v0_mv }];
    neurons.resize(1 + input.len(), ExplicitNeuron::one_shot());
    let synapses = input.iter().enumerate().map(|(index, row)| ExplicitSynapse {
        source: 1 + index,
        target: 0,
        weight_pa: number(&row[1]),
        // The source spikes in step 1, not at the time of the input.
        delay_steps: steps(&row[0]) + steps(&row[2]) - 1,
    });
    let synapses = synapses.collect();
    SingleNeuron {
        name: format!("{set}/{name}"),
        network: ExplicitNetwork { neurons, synapses },
        spike_steps: rows(set, &format!("{name}_spikes.csv")).iter().map(|row| steps(&row[0])).collect(),
        v_m_mv: rows(set, &format!("{name}_trace.csv"))
            .iter()
            .map(|row| (steps(&row[0]), number(&row[1])))
            .collect(),
    }
}

fn network(set: &str) -> SmallNetwork {
    let neurons = rows(set, "network_neurons.csv").into_iter().map(|row| ExplicitNeuron {
        parameters: if &row[1] == "E" { excitatory() } else { inhibitory() },
        dc_pa: number(&row[2]),
        v0_mv: number(&row[3]),
    });
    let neurons = neurons.collect();
    let synapses = rows(set, "network_synapses.csv").into_iter().map(|row| ExplicitSynapse {
        source: number(&row[0]) as usize,
        target: number(&row[1]) as usize,
        weight_pa: number(&row[2]),
        delay_steps: steps(&row[3]),
    });
    let synapses = synapses.collect();
    let mut spikes: Vec<(u32, u32)> =
        rows(set, "network_spikes.csv").iter().map(|row| (steps(&row[1]), number(&row[0]) as u32)).collect();
    spikes.sort_unstable();
    SmallNetwork { network: ExplicitNetwork { neurons, synapses }, spikes }
}

fn rows(set: &str, table: &str) -> Vec<csv::StringRecord> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(set).join(table);
    let mut reader = csv::Reader::from_path(path).expect("a table of the reference");
    reader.records().map(|row| row.expect("a row")).collect()
}

fn number(field: &str) -> f64 {
    field.parse().expect("a number")
}

fn steps(time_ms: &str) -> u32 {
    (number(time_ms) / DT_MS).round() as u32
}
