//! Every engine gives the reference engine's spikes and final state, bit by bit, for any number of
//! shards and any batch size.

use crate::fixtures::random_network::{Ingredients, Outcome, integer_network, random_spec, run};
use crate::fixtures::ways::Way;
use humam_gpu::engine::Vectors;
use humam_gpu::engine::fixed_point::IntegerNetwork;
use humam_gpu::engine::gpu::WorkgroupSizes;
use humam_gpu::engine::synapses::CsrStore;
use humam_gpu::model::network::ConnectionRule;
use std::collections::HashSet;

/// Steps of a run: eleven blocks of external input, more than two turns of any ring here, and two
/// calls of which neither ends with a block.
const PARTS: [u32; 2] = [333, 401];

fn outcome(way: Way, network: &IntegerNetwork) -> Option<Outcome> {
    way.with(network, |engine| run(engine, &PARTS).expect("a run"))
}

fn reference(network: &IntegerNetwork) -> Outcome {
    outcome(Way::REFERENCE.batches(1000), network).expect("the reference engine")
}

/// Runs in that way, in these numbers of shards and steps a batch, equal those of the reference engine with one
/// shard.
fn check(way: Way, seed: u64, ingredients: Ingredients, runs: &[(usize, u32)]) {
    let network = integer_network(&random_spec(seed, ingredients), seed);
    assert_eq!(network.has_one_current(), !ingredients.two_currents && !ingredients.separate_currents);
    let expected = reference(&network);
    assert!(expected.n_spikes() > 100, "a comparison of {} spikes says little", expected.n_spikes());
    for &(shards, steps) in runs {
        let Some(found) = outcome(way.shards(shards).batches(steps), &network) else { return };
        for (step, (found, expected)) in found.spikes.iter().zip(&expected.spikes).enumerate() {
            assert_eq!(found, expected, "step {}, {shards} shards, batches of {steps}", step + 1);
        }
        assert!(found == expected, "states differ with {shards} shards, batches of {steps}");
    }
}

fn one_current_agrees(way: Way) {
    let runs = [(1, 1), (1, 500), (2, 7), (3, 64), (5, 500)];
    check(way, 1, Ingredients::default(), &runs);
}

fn two_currents_agree(way: Way) {
    let ingredients = Ingredients { two_currents: true, ..Default::default() };
    check(way, 2, ingredients, &[(1, 64), (2, 500), (3, 7)]);
}

fn separate_currents_agree(way: Way) {
    let ingredients = Ingredients { separate_currents: true, ..Default::default() };
    check(way, 1, ingredients, &[(1, 64), (3, 500)]);
    check(way, 11, Ingredients { parameter_sd: 0.3, p_transmit: 0.4, ..ingredients }, &[(2, 7)]);
}

fn several_classes_agree(way: Way) {
    let ingredients = Ingredients { several_classes: true, ..Default::default() };
    check(way, 3, ingredients, &[(1, 500), (5, 64)]);
    let ingredients = Ingredients { two_currents: true, ..ingredients };
    check(way, 4, ingredients, &[(1, 64), (3, 500)]);
}

fn networks_without_drive_or_synapses_agree(way: Way) {
    let undriven = Ingredients { drive: false, ..Default::default() };
    check(way, 5, undriven, &[(1, 500), (2, 64)]);
    let unconnected = Ingredients { synapses: false, ..Default::default() };
    check(way, 6, unconnected, &[(1, 500), (5, 7)]);
    check(way, 7, Ingredients { synapses: false, ..undriven }, &[(2, 500)]);
}

fn exact_in_degrees_agree(way: Way) {
    // The numbers of synapses are no multiples of those of neurons.
    let ingredients = Ingredients { connection_rule: ConnectionRule::EvenIndegree, ..Default::default() };
    check(way, 9, ingredients, &[(1, 500), (3, 64)]);
}

fn rules_of_single_projections_agree(way: Way) {
    let ingredients = Ingredients { mixed_rules: true, ..Default::default() };
    check(way, 14, ingredients, &[(1, 500), (3, 64)]);
}

fn listed_synapses_agree(way: Way) {
    let ingredients = Ingredients { listed_rules: true, ..Default::default() };
    let spec = random_spec(15, ingredients);
    let n_listed = spec.projections.iter().filter(|p| spec.listed_rule_of(p).is_some()).count();
    let columns =
        spec.lists.iter().map(|list| (list.mean_weight_pa().is_some(), list.mean_delay().is_some()));
    let kinds: HashSet<(bool, bool)> = columns.collect();
    assert!(n_listed > 6 && kinds.len() == 4, "{n_listed} listed projections, {kinds:?}");
    check(way, 15, ingredients, &[(1, 500), (3, 64)]);
    check(way, 16, Ingredients { p_transmit: 0.5, two_currents: true, ..ingredients }, &[(2, 7)]);
}

fn synapses_that_lose_spikes_agree(way: Way) {
    let ingredients = Ingredients { p_transmit: 0.4, ..Default::default() };
    check(way, 10, ingredients, &[(1, 500), (3, 7)]);
}

fn distributed_parameters_agree(way: Way) {
    let ingredients = Ingredients { parameter_sd: 0.3, ..Default::default() };
    check(way, 11, ingredients, &[(1, 500), (3, 64)]);
    let ingredients = Ingredients { two_currents: true, ..ingredients };
    check(way, 12, ingredients, &[(2, 500)]);
}

fn all_options_together_agree(way: Way) {
    let ingredients = Ingredients {
        connection_rule: ConnectionRule::FixedIndegree,
        p_transmit: 0.7,
        parameter_sd: 0.2,
        two_currents: true,
        several_classes: true,
        ..Default::default()
    };
    check(way, 13, ingredients, &[(1, 64), (5, 500)]);
}

fn one_neuron_agrees(way: Way) {
    let mut spec = random_spec(8, Ingredients { populations: 1, ..Default::default() });
    for population in &mut spec.populations {
        population.neurons = population.neurons.min(1);
        population.dc_pa *= 3.0;
    }
    let network = integer_network(&spec, 8);
    assert_eq!(network.n_neurons(), 1);
    let expected = reference(&network);
    assert!(expected.n_spikes() > 0);
    assert!(outcome(way.batches(64), &network).is_none_or(|found| found == expected));
}

fn one_population_agrees(way: Way) {
    let one = |seed| random_spec(seed, Ingredients { populations: 1, ..Default::default() });
    let mut spec = (1..).map(one).find(|spec| !spec.projections.is_empty()).expect("a projection");
    spec.populations.retain(|population| population.neurons > 0);
    spec.projections.iter_mut().for_each(|p| (p.source, p.target) = (0, 0));
    (spec.populations[0].dc_pa, spec.populations[0].neurons) = (600.0, 50);
    let network = integer_network(&spec, 1);
    assert_eq!((network.populations.len(), network.projections.len()), (1, 1));
    let expected = reference(&network);
    assert!(expected.n_spikes() > 100);
    assert!(outcome(way.batches(64), &network).is_none_or(|found| found == expected));
}

fn a_changed_seed_is_seen(way: Way) {
    let spec = random_spec(1, Ingredients::default());
    let expected = reference(&integer_network(&spec, 1));
    let other_seed = outcome(way.batches(500), &integer_network(&spec, 9));
    assert!(other_seed.is_none_or(|other| other.spikes != expected.spikes));
}

fn a_changed_weight_is_seen(way: Way) {
    let network = integer_network(&random_spec(1, Ingredients::default()), 1);
    let expected = reference(&network);
    let mut store = CsrStore::build(&network, 1).expect("a store");
    let row_of = |&source: &u32| store.shards[0].row_starts[source as usize] as usize;
    let delivered = expected.spikes.iter().flatten().map(row_of).find(|&row| row > 0).expect("a spike");
    store.shards[0].synapses[delivered].weight *= 2;
    let Some(mut engine) = way.batches(500).stored(&network, &store) else { return };
    assert!(run(engine.as_mut(), &PARTS).expect("a run") != expected);
}

macro_rules! in_ways {
    ($($name:ident: $way:expr, $($test:ident),+;)+) => {
        $(mod $name {
            use super::*;
            $(#[test] fn $test() { super::$test($way) })+
        })+
    };
}

macro_rules! everything_agrees {
    ($($name:ident: $way:expr;)+) => {
        in_ways!($($name: $way,
            one_current_agrees,
            two_currents_agree,
            separate_currents_agree,
            several_classes_agree,
            networks_without_drive_or_synapses_agree,
            exact_in_degrees_agree,
            rules_of_single_projections_agree,
            synapses_that_lose_spikes_agree,
            distributed_parameters_agree,
            all_options_together_agree,
            one_neuron_agrees,
            one_population_agrees,
            a_changed_seed_is_seen;)+
        );
    };
}

everything_agrees!(
    reference_engine: Way::REFERENCE;
    reference_procedural: Way::REFERENCE.procedural();
    cpu: Way::CPU;
    cpu_one_thread: Way::CPU.threads(1);
    cpu_three_threads: Way::CPU.threads(3);
    cpu_avx512: Way::CPU.vectors(Vectors::Avx512);
    cpu_avx2: Way::CPU.vectors(Vectors::Avx2);
    cpu_baseline: Way::CPU.vectors(Vectors::Baseline);
    cpu_procedural: Way::CPU.procedural();
    cpu_procedural_baseline: Way::CPU.procedural().vectors(Vectors::Baseline);
    gpu: Way::GPU;
    gpu_procedural: Way::GPU.procedural();
    gpu_hardware_sizes: Way::GPU.workgroups(WorkgroupSizes::Hardware);
    gpu_procedural_hardware_sizes: Way::GPU.procedural().workgroups(WorkgroupSizes::Hardware);
    gpu_without_int64: Way::GPU.without_int64();
    gpu_procedural_without_int64: Way::GPU.procedural().without_int64();
    // Delays of these networks reach 200 steps.
    gpu_short_windows: Way::GPU.procedural().windows(64);
);

// Listed synapses are stored.
in_ways!(
    reference_lists: Way::REFERENCE, listed_synapses_agree;
    cpu_lists: Way::CPU, listed_synapses_agree;
    cpu_one_thread_lists: Way::CPU.threads(1), listed_synapses_agree;
    cpu_avx512_lists: Way::CPU.vectors(Vectors::Avx512), listed_synapses_agree;
    cpu_avx2_lists: Way::CPU.vectors(Vectors::Avx2), listed_synapses_agree;
    cpu_baseline_lists: Way::CPU.vectors(Vectors::Baseline), listed_synapses_agree;
    gpu_without_int64_lists: Way::GPU.without_int64(), listed_synapses_agree;
    gpu_lists: Way::GPU, listed_synapses_agree;
    gpu_hardware_sizes_list: Way::GPU.workgroups(WorkgroupSizes::Hardware), listed_synapses_agree;
);

// Of stored synapses one by one can be changed.
in_ways!(
    reference_engine_sees: Way::REFERENCE, a_changed_weight_is_seen;
    cpu_sees: Way::CPU, a_changed_weight_is_seen;
    cpu_avx512_sees: Way::CPU.vectors(Vectors::Avx512), a_changed_weight_is_seen;
    cpu_avx2_sees: Way::CPU.vectors(Vectors::Avx2), a_changed_weight_is_seen;
    cpu_baseline_sees: Way::CPU.vectors(Vectors::Baseline), a_changed_weight_is_seen;
    gpu_without_int64_sees: Way::GPU.without_int64(), a_changed_weight_is_seen;
    gpu_sees: Way::GPU, a_changed_weight_is_seen;
);
