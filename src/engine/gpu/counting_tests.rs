//! Row counts made on a device against those of the host.

use super::layout::SourcePopulation;
use super::shader_tests::adapter::{self, gpu_engine};
use super::{BufferRole, GpuError, GpuOptions, ShardRows};
use crate::engine::fixed_point::IntegerNetwork;
use crate::engine::random_network::{Ingredients, integer_network, random_spec};
use crate::engine::rng::Bulk;
use crate::engine::synapses::{ProceduralError, Synapses, row_counts};

/// For each projection its counts, as the device made them.
fn counted_on_device(network: &IntegerNetwork, n_shards: usize) -> Option<Vec<Vec<u32>>> {
    let adapter = adapter::test_adapter()?;
    let synapses = Synapses::Procedural(());
    let engine =
        gpu_engine(network, synapses, n_shards, &adapter, &GpuOptions::default()).expect("an engine");
    let mut all = vec![Vec::new(); network.projections.len()];
    for (shard, rows) in ShardRows::new(network, synapses, engine.plan()).iter().enumerate() {
        let Synapses::Procedural(tables) = &rows.rows else { panic!("procedural rows") };
        let buffer = engine.buffers.of_shard(BufferRole::RowCounts, shard);
        let words = engine.device.read(buffer).expect("counts");
        let count = |row: u32| (words[row as usize / 2] as u32 >> (16 * (row % 2))) & 0xffff;
        for (projection, &index) in tables.projections.iter().zip(&tables.indices) {
            let source = network.projections[index].source;
            let SourcePopulation { first_row, rows, .. } = tables.sources[source];
            let neurons = 0..network.populations[source].neurons;
            all[index] = neurons.map(|n| count(first_row + n * rows + projection.column)).collect();
        }
    }
    Some(all)
}

fn counted_on_host(network: &IntegerNetwork) -> Vec<Vec<u32>> {
    let sources = |source: usize| network.populations[source].neurons;
    network.projections.iter().map(|p| row_counts(p, sources(p.source), Bulk::widest())).collect()
}

#[test]
fn the_device_counts_the_rows_that_the_host_counts() {
    let mut has_several_blocks = false;
    for (seed, n_shards) in [(1, 1), (2, 3), (3, 7)] {
        // Projections of several blocks of draws and of less than one.
        let ingredients = Ingredients { max_neurons: 300, ..Default::default() };
        let network = integer_network(&random_spec(seed, ingredients), seed);
        let Some(found) = counted_on_device(&network, n_shards) else { return };
        has_several_blocks |= network.projections.iter().any(|p| p.synapses > 10_000);
        assert_eq!(found, counted_on_host(&network));
        assert_eq!(found.iter().flatten().map(|&n| u64::from(n)).sum::<u64>(), network.n_synapses());
        assert_ne!(found, counted_on_host(&integer_network(&random_spec(seed, ingredients), seed + 1)));
    }
    assert!(has_several_blocks);
}

#[test]
fn a_row_longer_than_its_count_is_an_error() {
    let Some(adapter) = adapter::test_adapter() else { return };
    for (synapses, fits) in [(65_535, true), (65_536, false)] {
        let mut spec = random_spec(1, Ingredients { populations: 2, ..Default::default() });
        spec.populations.iter_mut().for_each(|p| p.neurons = p.neurons.min(1));
        spec.projections.iter_mut().for_each(|p| p.weight_pa *= 1e-3);
        let last = spec.projections.len() - 1;
        spec.projections[last].synapses = synapses;
        let network = integer_network(&spec, 1);
        match gpu_engine(&network, Synapses::Procedural(()), 1, &adapter, &GpuOptions::default()) {
            Ok(_) => assert!(fits, "{synapses} synapses"),
            Err(GpuError::Synapses(ProceduralError::RowTooLong { synapses: found, .. })) => {
                assert!(!fits);
                assert_eq!(u64::from(found), synapses);
            }
            Err(error) => panic!("{error}"),
        }
    }
}
