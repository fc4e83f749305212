//! Small networks with every parameter drawn, and runs of them.
#![allow(dead_code, reason = "each test uses its own part")]

use humam_gpu::config::Arithmetic;
use humam_gpu::engine::{Engine, EngineError, State};
use humam_gpu::integer::IntegerNetwork;
use humam_gpu::network::{
    ConnectionRule, Delay, DelayDistribution, LifParameters, NetworkSpec, Normal, ParameterSpread,
    PoissonDrive, Population, Projection,
};
use humam_gpu::rng::{Stream, stream_key, threefry};
use std::ops::ControlFlow;

/// Resolution of the test networks, ms.
pub const DT_MS: f64 = 0.1;

/// What a randomly made network contains.
#[derive(Debug, Clone, Copy)]
pub struct Ingredients {
    /// Populations that have neurons; one without neurons is added.
    pub populations: usize,
    /// Most neurons of a population.
    pub most_neurons: u32,
    /// Whether excitatory and inhibitory currents decay differently.
    pub two_currents: bool,
    /// Whether each population has parameters of its own.
    pub several_classes: bool,
    /// Whether most populations have external input.
    pub drive: bool,
    /// Whether there are synapses.
    pub synapses: bool,
    /// How they choose their neurons.
    pub connection_rule: ConnectionRule,
    /// Probability that they transmit.
    pub p_transmit: f64,
    /// Relative standard deviation of thresholds, capacitances and membrane time constants in every
    /// second population.
    pub parameter_sd: f64,
}

impl Default for Ingredients {
    fn default() -> Self {
        Self {
            populations: 6,
            most_neurons: 60,
            two_currents: false,
            several_classes: false,
            drive: true,
            synapses: true,
            connection_rule: ConnectionRule::FixedTotalNumber,
            p_transmit: 1.0,
            parameter_sd: 0.0,
        }
    }
}

/// Uniform numbers in a row.
struct Numbers {
    key: [u32; 2],
    drawn: u32,
}

impl Numbers {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.drawn += 1;
        low + (high - low) * f64::from(threefry(self.key, [self.drawn, 0])[0]) / 4_294_967_296.0
    }
}

/// A network made from `seed`: every parameter is drawn.
pub fn random_spec(seed: u64, ingredients: Ingredients) -> NetworkSpec {
    let mut numbers = Numbers { key: stream_key(seed, Stream::Neurons, 99), drawn: 0 };
    let n = ingredients.populations;
    let shared = lif(&mut numbers, ingredients.two_currents);
    let mut populations: Vec<Population> = (0..n)
        .map(|index| {
            let neuron = if ingredients.several_classes {
                lif(&mut numbers, ingredients.two_currents)
            } else {
                shared
            };
            population(&mut numbers, index, neuron, ingredients)
        })
        .collect();
    let empty = Population { name: "empty".into(), neurons: 0, ..populations[0].clone() };
    populations.insert(n / 2, empty);
    let mut projections = Vec::new();
    for target in 0..populations.len() {
        for source in 0..populations.len() {
            let pairs = u64::from(populations[target].neurons) * u64::from(populations[source].neurons);
            if ingredients.synapses && pairs > 0 && numbers.between(0.0, 1.0) < 0.7 {
                projections.push(projection(&mut numbers, source, target, pairs));
            }
        }
    }
    let Ingredients { connection_rule, p_transmit, .. } = ingredients;
    NetworkSpec { connection_rule, p_transmit, ..NetworkSpec::new(populations, projections) }
}

fn lif(numbers: &mut Numbers, two_currents: bool) -> LifParameters {
    let tau_syn_ex_ms = numbers.between(0.5, 3.0);
    LifParameters {
        e_l_mv: -70.0,
        v_th_mv: numbers.between(-55.0, -45.0),
        v_reset_mv: numbers.between(-75.0, -65.0),
        c_m_pf: numbers.between(100.0, 250.0),
        tau_m_ms: numbers.between(8.0, 20.0),
        tau_syn_ex_ms,
        tau_syn_in_ms: if two_currents { numbers.between(3.5, 6.0) } else { tau_syn_ex_ms },
        t_ref_ms: numbers.between(0.0, 2.4).floor(),
    }
}

fn population(
    numbers: &mut Numbers,
    index: usize,
    neuron: LifParameters,
    ingredients: Ingredients,
) -> Population {
    let neurons = 1 + numbers.between(0.0, f64::from(ingredients.most_neurons)) as u32;
    let threshold_pa = (neuron.v_th_mv - neuron.e_l_mv) * neuron.c_m_pf / neuron.tau_m_ms;
    let is_driven = ingredients.drive && index != 1;
    let sd = ingredients.parameter_sd;
    let spread = ParameterSpread { v_th: 0.4 * sd, c_m: sd, tau_m: 1.5 * sd };
    let weight_pa = numbers.between(50.0, 90.0) * if index == 2 { -1.0 } else { 1.0 };
    Population {
        name: format!("population {index}"),
        neurons,
        neuron,
        spread: if index.is_multiple_of(2) { spread } else { ParameterSpread::default() },
        initial_v_m_mv: Normal { mean: -65.0, sd: 10.0 },
        poisson: is_driven.then(|| PoissonDrive {
            synapses: u64::from(neurons) * 20,
            rate_hz: numbers.between(0.5, 100.0),
            weight_pa,
            relative_sd: 0.1,
        }),
        dc_pa: threshold_pa * numbers.between(0.8, 1.3),
    }
}

fn projection(numbers: &mut Numbers, source: usize, target: usize, pairs: u64) -> Projection {
    let sign = if source % 2 == 1 { -4.0 } else { 1.0 };
    Projection {
        source,
        target,
        synapses: (pairs as f64 * numbers.between(0.02, 0.3)) as u64,
        weight_pa: sign * numbers.between(20.0, 60.0),
        weight_relative_sd: 0.1,
        delay: Delay {
            mean_ms: numbers.between(0.1, 6.0),
            min_ms: 0.0,
            relative_sd: 0.5,
            distribution: if source.is_multiple_of(3) {
                DelayDistribution::Normal
            } else {
                DelayDistribution::Lognormal
            },
        },
    }
}

/// The network of `spec` under `seed`, with derived formats.
pub fn integer_network(spec: &NetworkSpec, seed: u64) -> IntegerNetwork {
    IntegerNetwork::new(spec, DT_MS, seed, &Arithmetic::default()).expect("a network that fits its formats")
}

/// What a run leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Spikes of each step.
    pub spikes: Vec<Vec<u32>>,
    /// State after the last step.
    pub state: State,
}

impl Outcome {
    /// Number of spikes.
    pub fn n_spikes(&self) -> usize {
        self.spikes.iter().map(Vec::len).sum()
    }
}

/// Runs `engine` in calls of `advance` of the lengths `parts`.
pub fn run(engine: &mut dyn Engine, parts: &[u32]) -> Result<Outcome, EngineError> {
    let mut spikes = Vec::new();
    for &steps in parts {
        engine.advance(steps, &mut |batch| {
            for (step, neurons) in batch.steps() {
                assert_eq!(step as usize, spikes.len() + 1, "steps are handed over in order");
                spikes.push(neurons.to_vec());
            }
            ControlFlow::Continue(())
        })?;
    }
    assert_eq!(engine.step() as usize, spikes.len());
    Ok(Outcome { spikes, state: engine.state()? })
}
