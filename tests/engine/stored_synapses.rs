//! The stored synapses are the pure function of (seed, projection, source, index), for any number of
//! shards.

use crate::fixtures::mixed_network::*;
use crate::fixtures::random_network::{Ingredients, integer_network, random_spec};
use humam_gpu::engine::fixed_point::{IntegerNetwork, IntegerProjection};
use humam_gpu::engine::rng::{Bulk, threefry, uniform_below};
use humam_gpu::engine::synapses::{
    CsrStore, ProceduralStore, Shard, StoredSynapse, parts, row_counts, shards,
};
use humam_gpu::progress::Interruption;
use std::ops::Range;

/// (target neuron, weight, delay), targets counted through the network.
type Arrival = (u32, i32, u32);

/// What the pure function puts into each source neuron's row of a shard.
fn expected_rows(network: &IntegerNetwork, shard: Range<usize>) -> Vec<Vec<Arrival>> {
    let mut rows = vec![Vec::new(); network.n_neurons() as usize];
    for (index, projection) in network.projections.iter().enumerate() {
        let first_source = network.populations[projection.source].first_neuron;
        let first_target = network.populations[projection.target].first_neuron;
        for (source, s) in synapses(network, index) {
            if shard.contains(&((first_target + s.target) as usize)) {
                rows[(first_source + source) as usize].push((first_target + s.target, s.weight, s.delay));
            }
        }
    }
    rows
}

fn stored_rows(store: &CsrStore, shard: usize) -> Vec<Vec<Arrival>> {
    let shard = &store.shards[shard];
    let arrival = |stored: &StoredSynapse| {
        let (target, delay) = store.decode(stored.address);
        (shard.shard.first_neuron + target, stored.weight, delay)
    };
    let row =
        |bounds: &[u32]| shard.synapses[bounds[0] as usize..bounds[1] as usize].iter().map(arrival).collect();
    shard.row_starts.windows(2).map(row).collect()
}

/// Row counts as they are defined: draw k takes word k mod 2 of Threefry(sources key, k / 2).
fn defined_row_counts(projection: &IntegerProjection, sources: u32) -> Vec<u32> {
    let mut counts = vec![0; sources as usize];
    for k in 0..projection.synapses {
        let words = threefry(projection.sources_key, [(k / 2) as u32, ((k / 2) >> 32) as u32]);
        counts[uniform_below(words[(k % 2) as usize], sources) as usize] += 1;
    }
    counts
}

#[test]
fn row_counts_are_those_defined_with_any_vector_instructions() {
    let network = network(1);
    for bulk in [Some(Bulk::BASELINE), Bulk::avx2(), Bulk::avx512()].into_iter().flatten() {
        for projection in &network.projections {
            let sources = network.populations[projection.source].neurons;
            let defined = defined_row_counts(projection, sources);
            assert_eq!(row_counts(projection, sources, bulk), defined);
            let another = IntegerProjection { synapses: projection.synapses + 1, ..projection.clone() };
            assert_ne!(row_counts(&another, sources, bulk), defined);
        }
    }
}

#[test]
fn row_counts_kept_for_drawing_again_are_those_of_the_function() {
    let network = network(1);
    let store = ProceduralStore::build(&network, 3).expect("a store");
    for (population, rows) in network.populations.iter().zip(&store.sources) {
        for (column, &p) in rows.projections.iter().enumerate() {
            let counts = defined_row_counts(&network.projections[p as usize], population.neurons);
            let kept: Vec<u32> = (0..population.neurons).map(|j| u32::from(rows.row(j)[column])).collect();
            assert_eq!(kept, counts);
        }
    }
    assert_eq!(
        store.sources.iter().map(|rows| rows.projections.len()).sum::<usize>(),
        network.projections.len()
    );
}

#[test]
fn stored_rows_are_the_pure_function_for_any_number_of_shards() {
    let network = network(1);
    let whole: Vec<Vec<Arrival>> = sorted(expected_rows(&network, 0..usize::MAX));
    for n_shards in [1, 2, 3, 100] {
        let store = CsrStore::build(&network, n_shards).expect("a store");
        assert_eq!(store.n_synapses(), network.n_synapses());
        let mut joined = vec![Vec::new(); network.n_neurons() as usize];
        let mut neurons = 0;
        for (index, shard) in store.shards.iter().enumerate() {
            let rows = stored_rows(&store, index);
            assert!(rows.iter().all(|row| row.is_sorted_by_key(|&(_, _, delay)| delay)), "{n_shards} shards");
            assert_eq!(shard.shard.first_neuron, neurons, "shards follow each other");
            neurons += shard.shard.neurons;
            let longest_delay = rows.iter().flatten().map(|&(_, _, delay)| delay).max();
            assert_eq!(shard.longest_delay, longest_delay.unwrap_or(1));
            rows.into_iter().enumerate().for_each(|(source, row)| joined[source].extend(row));
        }
        assert_eq!(neurons, network.n_neurons());
        assert_eq!(sorted(joined), whole, "{n_shards} shards");
    }
}

/// Work of a neuron beside that of a synapse, as shards count it.
const NEURON_WORK: f64 = 10.0;

#[test]
fn parts_are_all_neurons_once_and_of_equal_work_as_far_as_whole_vectors_allow() {
    for seed in 1..30 {
        let ingredients = Ingredients { max_neurons: 3000, ..Ingredients::default() };
        let network = integer_network(&random_spec(seed, ingredients), 1);
        let mut synapses_of_a_neuron = vec![0.0; network.populations.len()];
        for projection in &network.projections {
            let neurons = f64::from(network.populations[projection.target].neurons);
            synapses_of_a_neuron[projection.target] += projection.synapses as f64 / neurons;
        }
        let work_of = |part: &Shard| {
            let slices = part.slices(&network);
            slices.map(|(i, s)| (NEURON_WORK + synapses_of_a_neuron[i]) * s.len() as f64).sum::<f64>()
        };
        let total: f64 = parts(&network, 1).iter().map(work_of).sum();
        let vector = 16.0 * (NEURON_WORK + synapses_of_a_neuron.iter().copied().fold(0.0, f64::max));
        for n in [1, 2, 3, 7, 40] {
            let parts = parts(&network, n);
            assert!(parts.len() <= n && parts.iter().all(|part| part.neurons > 0), "seed {seed}, {n} parts");
            let ends: Vec<u32> = parts.iter().map(Shard::end).collect();
            let starts: Vec<u32> = parts.iter().map(|part| part.first_neuron).collect();
            assert_eq!((starts[0], ends[ends.len() - 1]), (0, network.n_neurons()));
            assert_eq!(starts[1..], ends[..ends.len() - 1], "seed {seed}, {n} parts");
            // Each end may be moved by a sixteenth, to that of a population, or to that of a vector.
            let most = total / n as f64 * (1.0 + 2.0 / 16.0) + 2.0 * vector;
            let works: Vec<f64> = parts.iter().map(work_of).collect();
            assert!(works.iter().all(|&work| work <= most), "seed {seed}, {n} parts of {total}: {works:?}");
        }
        // Whole populations are not so equal.
        let most = total / 7.0 * (1.0 + 2.0 / 16.0) + 2.0 * vector;
        assert!(shards(&network, 7).iter().any(|shard| work_of(shard) > most), "seed {seed}");
    }
}

#[test]
fn rows_in_parts_are_the_pure_function_for_any_number_of_parts() {
    let network = network(1);
    let whole: Vec<Vec<Arrival>> = sorted(expected_rows(&network, 0..usize::MAX));
    for n_parts in [1, 2, 5, 100, 1000] {
        let store =
            CsrStore::build_parts_unless(&network, n_parts, &Interruption::default()).expect("a store");
        let [shard] = &store.shards[..] else { panic!("few synapses need one shard") };
        assert!(shard.parts.len() <= n_parts && (n_parts == 1) == (shard.parts.len() == 1));
        let mut joined = vec![Vec::new(); network.n_neurons() as usize];
        for source in 0..network.n_neurons() {
            for (part, neurons) in shard.parts.iter().enumerate() {
                let row = shard.synapses[shard.row(source, part)].iter().map(|stored| {
                    let (target, delay) = store.decode(stored.address);
                    assert!(target < neurons.neurons, "{n_parts} parts");
                    (neurons.first_neuron + target, stored.weight, delay)
                });
                let row: Vec<Arrival> = row.collect();
                assert!(row.is_sorted_by_key(|&(_, _, delay)| delay), "{n_parts} parts");
                joined[source as usize].extend(row);
            }
            assert_eq!(joined[source as usize].len(), shard.out_degree(source) as usize);
        }
        assert_eq!(sorted(joined), whole, "{n_parts} parts");
    }
}

fn sorted(mut rows: Vec<Vec<Arrival>>) -> Vec<Vec<Arrival>> {
    rows.iter_mut().for_each(|row| row.sort_unstable());
    rows
}

#[test]
fn another_seed_or_a_changed_synapse_is_another_network() {
    let store = CsrStore::build(&network(1), 2).expect("a store");
    let expected = |seed| sorted(expected_rows(&network(seed), store.shards[0].shard.neuron_range()));
    let same = expected(1);
    assert_eq!(sorted(stored_rows(&store, 0)), same);
    assert_ne!(sorted(stored_rows(&store, 0)), expected(2));
    let mut changed = store.clone();
    changed.shards[0].synapses[5].weight += 1;
    assert_ne!(sorted(stored_rows(&changed, 0)), same);
}
