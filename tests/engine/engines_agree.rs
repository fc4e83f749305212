//! Every engine gives the reference engine's spikes and final state, bit by bit, for any number of
//! shards and any batch size.

use crate::fixtures::adapter::test_adapter;
use crate::fixtures::random_network::{Ingredients, Outcome, integer_network, random_spec, run};
use humam_gpu::config::Vectors;
use humam_gpu::engine::Engine;
use humam_gpu::engine::cpu::{CpuEngine, CpuOptions};
use humam_gpu::engine::fixed_point::IntegerNetwork;
use humam_gpu::engine::gpu::{GpuAdapter, GpuEngine, GpuOptions};
use humam_gpu::engine::reference::ReferenceEngine;
use humam_gpu::engine::synapses::{CsrStore, ProceduralStore};
use humam_gpu::model::network::ConnectionRule;

/// Steps of a run: eleven blocks of external input, more than two turns of any ring here, and two
/// calls of which neither ends with a block.
const PARTS: [u32; 2] = [333, 401];

/// An engine under test.
trait Subject {
    /// The engine, for a network in the store's shards.
    fn engine<'a>(
        &self,
        network: &'a IntegerNetwork,
        store: &'a CsrStore,
        batch_steps: u32,
    ) -> Box<dyn Engine + 'a>;
}

struct Reference;

impl Subject for Reference {
    fn engine<'a>(
        &self,
        network: &'a IntegerNetwork,
        store: &'a CsrStore,
        batch_steps: u32,
    ) -> Box<dyn Engine + 'a> {
        Box::new(ReferenceEngine::new(network, store, Some(batch_steps)))
    }
}

struct Gpu(GpuAdapter);

impl Subject for Gpu {
    fn engine<'a>(
        &self,
        network: &'a IntegerNetwork,
        store: &'a CsrStore,
        batch_steps: u32,
    ) -> Box<dyn Engine + 'a> {
        let options = GpuOptions { batch_steps: Some(batch_steps), ..Default::default() };
        Box::new(GpuEngine::new(network, store, &self.0, &options).expect("an engine"))
    }
}

/// The GPU engine with synapses that are drawn again, in windows of that many steps.
struct GpuDrawing(GpuAdapter, Option<u32>);

impl Subject for GpuDrawing {
    fn engine<'a>(
        &self,
        network: &'a IntegerNetwork,
        store: &'a CsrStore,
        batch_steps: u32,
    ) -> Box<dyn Engine + 'a> {
        let (batch_steps, window_steps) = (Some(batch_steps), self.1);
        let options = GpuOptions { batch_steps, window_steps, ..Default::default() };
        let n_shards = store.shards.len();
        Box::new(GpuEngine::procedural(network, n_shards, &self.0, &options).expect("an engine"))
    }
}

/// The CPU engine with these vectors and threads.
struct Cpu(Vectors, usize);

impl Cpu {
    /// `None` where this machine lacks the vectors; says so.
    fn with(vectors: Vectors, threads: usize) -> Option<Self> {
        let network = integer_network(&random_spec(1, Ingredients::default()), 1);
        let store = CsrStore::build(&network, 1).expect("a store");
        let found = CpuEngine::new(&network, &store, CpuOptions { threads, vectors, batch_steps: None });
        found.map_err(|error| println!("skipped: {error}")).ok().map(|_| Self(vectors, threads))
    }
}

impl Subject for Cpu {
    fn engine<'a>(
        &self,
        network: &'a IntegerNetwork,
        store: &'a CsrStore,
        batch_steps: u32,
    ) -> Box<dyn Engine + 'a> {
        let options = CpuOptions { threads: self.1, vectors: self.0, batch_steps: Some(batch_steps) };
        Box::new(CpuEngine::new(network, store, options).expect("an engine"))
    }
}

/// The CPU engine with synapses that are drawn again.
struct CpuDrawing(Vectors);

impl Subject for CpuDrawing {
    fn engine<'a>(
        &self,
        network: &'a IntegerNetwork,
        store: &'a CsrStore,
        batch_steps: u32,
    ) -> Box<dyn Engine + 'a> {
        // It lives as long as the test.
        let store =
            Box::leak(Box::new(ProceduralStore::build(network, store.shards.len()).expect("a store")));
        let options = CpuOptions { threads: 2, vectors: self.0, batch_steps: Some(batch_steps) };
        Box::new(CpuEngine::new(network, &*store, options).expect("an engine"))
    }
}

fn outcome(subject: &dyn Subject, network: &IntegerNetwork, shards: usize, batch_steps: u32) -> Outcome {
    let store = CsrStore::build(network, shards).expect("a store");
    run(subject.engine(network, &store, batch_steps).as_mut(), &PARTS).expect("a run")
}

/// Runs of `subject` equal those of the reference engine with one shard.
fn check(subject: &dyn Subject, seed: u64, ingredients: Ingredients, runs: &[(usize, u32)]) {
    let network = integer_network(&random_spec(seed, ingredients), seed);
    assert_eq!(network.has_one_current(), !ingredients.two_currents);
    let expected = outcome(&Reference, &network, 1, 1000);
    assert!(expected.n_spikes() > 100, "a comparison of {} spikes says little", expected.n_spikes());
    for &(shards, batch_steps) in runs {
        let found = outcome(subject, &network, shards, batch_steps);
        for (step, (found, expected)) in found.spikes.iter().zip(&expected.spikes).enumerate() {
            assert_eq!(found, expected, "step {}, {shards} shards, batches of {batch_steps}", step + 1);
        }
        assert!(found == expected, "states differ with {shards} shards, batches of {batch_steps}");
    }
}

fn one_current_agrees(subject: &dyn Subject) {
    let runs = [(1, 1), (1, 500), (2, 7), (3, 64), (5, 500)];
    check(subject, 1, Ingredients::default(), &runs);
}

fn two_currents_agree(subject: &dyn Subject) {
    let ingredients = Ingredients { two_currents: true, ..Default::default() };
    check(subject, 2, ingredients, &[(1, 64), (2, 500), (3, 7)]);
}

fn several_classes_agree(subject: &dyn Subject) {
    let ingredients = Ingredients { several_classes: true, ..Default::default() };
    check(subject, 3, ingredients, &[(1, 500), (5, 64)]);
    let ingredients = Ingredients { two_currents: true, ..ingredients };
    check(subject, 4, ingredients, &[(1, 64), (3, 500)]);
}

fn networks_without_drive_or_synapses_agree(subject: &dyn Subject) {
    let undriven = Ingredients { drive: false, ..Default::default() };
    check(subject, 5, undriven, &[(1, 500), (2, 64)]);
    let unconnected = Ingredients { synapses: false, ..Default::default() };
    check(subject, 6, unconnected, &[(1, 500), (5, 7)]);
    check(subject, 7, Ingredients { synapses: false, ..undriven }, &[(2, 500)]);
}

fn exact_in_degrees_agree(subject: &dyn Subject) {
    // The numbers of synapses are no multiples of those of neurons.
    let ingredients = Ingredients { connection_rule: ConnectionRule::EvenIndegree, ..Default::default() };
    check(subject, 9, ingredients, &[(1, 500), (3, 64)]);
}

fn synapses_that_lose_spikes_agree(subject: &dyn Subject) {
    let ingredients = Ingredients { p_transmit: 0.4, ..Default::default() };
    check(subject, 10, ingredients, &[(1, 500), (3, 7)]);
}

fn distributed_parameters_agree(subject: &dyn Subject) {
    let ingredients = Ingredients { parameter_sd: 0.3, ..Default::default() };
    check(subject, 11, ingredients, &[(1, 500), (3, 64)]);
    let ingredients = Ingredients { two_currents: true, ..ingredients };
    check(subject, 12, ingredients, &[(2, 500)]);
}

fn all_options_together_agree(subject: &dyn Subject) {
    let ingredients = Ingredients {
        connection_rule: ConnectionRule::FixedIndegree,
        p_transmit: 0.7,
        parameter_sd: 0.2,
        two_currents: true,
        several_classes: true,
        ..Default::default()
    };
    check(subject, 13, ingredients, &[(1, 64), (5, 500)]);
}

fn one_neuron_agrees(subject: &dyn Subject) {
    let mut spec = random_spec(8, Ingredients { populations: 1, ..Default::default() });
    for population in &mut spec.populations {
        population.neurons = population.neurons.min(1);
        population.dc_pa *= 3.0;
    }
    let network = integer_network(&spec, 8);
    assert_eq!(network.n_neurons(), 1);
    let expected = outcome(&Reference, &network, 1, 1000);
    assert!(expected.n_spikes() > 0);
    assert_eq!(outcome(subject, &network, 1, 64), expected);
}

fn one_population_agrees(subject: &dyn Subject) {
    let one = |seed| random_spec(seed, Ingredients { populations: 1, ..Default::default() });
    let mut spec = (1..).map(one).find(|spec| !spec.projections.is_empty()).expect("a projection");
    spec.populations.retain(|population| population.neurons > 0);
    spec.projections.iter_mut().for_each(|p| (p.source, p.target) = (0, 0));
    (spec.populations[0].dc_pa, spec.populations[0].neurons) = (600.0, 50);
    let network = integer_network(&spec, 1);
    assert_eq!((network.populations.len(), network.projections.len()), (1, 1));
    let expected = outcome(&Reference, &network, 1, 1000);
    assert!(expected.n_spikes() > 100);
    assert!(outcome(subject, &network, 1, 64) == expected);
}

fn a_changed_seed_is_seen(subject: &dyn Subject) {
    let spec = random_spec(1, Ingredients::default());
    let expected = outcome(&Reference, &integer_network(&spec, 1), 1, 1000);
    let other_seed = outcome(subject, &integer_network(&spec, 9), 1, 500);
    assert!(other_seed.spikes != expected.spikes);
}

fn a_changed_weight_is_seen(subject: &dyn Subject) {
    let network = integer_network(&random_spec(1, Ingredients::default()), 1);
    let expected = outcome(&Reference, &network, 1, 1000);
    let mut store = CsrStore::build(&network, 1).expect("a store");
    let row_of = |&source: &u32| store.shards[0].row_starts[source as usize] as usize;
    let delivered = expected.spikes.iter().flatten().map(row_of).find(|&row| row > 0).expect("a spike");
    store.shards[0].synapses[delivered].weight *= 2;
    let other_weight = run(subject.engine(&network, &store, 500).as_mut(), &PARTS).expect("a run");
    assert!(other_weight != expected);
}

macro_rules! for_engine {
    ($name:ident, $subject:expr, $($test:ident),+) => {
        mod $name {
            use super::*;
            $(#[test] fn $test() {
                if let Some(subject) = $subject {
                    super::$test(&subject);
                }
            })+
        }
    };
    ($name:ident, $subject:expr; $($also:ident)?) => {
        for_engine!(
            $name,
            $subject,
            one_current_agrees,
            two_currents_agree,
            several_classes_agree,
            networks_without_drive_or_synapses_agree,
            exact_in_degrees_agree,
            synapses_that_lose_spikes_agree,
            distributed_parameters_agree,
            all_options_together_agree,
            one_neuron_agrees,
            one_population_agrees,
            a_changed_seed_is_seen
            $(, $also)?
        );
    };
    ($name:ident, $subject:expr) => {
        for_engine!($name, $subject; a_changed_weight_is_seen);
    };
}

for_engine!(reference, Some(Reference));
for_engine!(cpu, Cpu::with(Vectors::Auto, 2));
for_engine!(cpu_one_thread, Cpu::with(Vectors::Auto, 1));
for_engine!(cpu_three_threads, Cpu::with(Vectors::Auto, 3));
for_engine!(cpu_avx512, Cpu::with(Vectors::Avx512, 2));
for_engine!(cpu_avx2, Cpu::with(Vectors::Avx2, 2));
for_engine!(cpu_baseline, Cpu::with(Vectors::Baseline, 2));
for_engine!(gpu, test_adapter().map(Gpu));

// Without a changed weight: drawn synapses cannot be changed one by one.
for_engine!(cpu_drawing, Some(CpuDrawing(Vectors::Auto)););
for_engine!(cpu_drawing_baseline, Some(CpuDrawing(Vectors::Baseline)););
for_engine!(gpu_drawing, test_adapter().map(|adapter| GpuDrawing(adapter, None)););
// Delays of these networks reach 200 steps.
for_engine!(gpu_short_windows, test_adapter().map(|adapter| GpuDrawing(adapter, Some(64))););
