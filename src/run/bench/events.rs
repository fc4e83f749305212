//! Synaptic events, counted from the lengths of rows.

use crate::engine::assembly::BuiltSynapses;
use crate::engine::fixed_point::{IntegerNetwork, IntegerProjection};
use crate::engine::rng::Bulk;
use crate::engine::synapses::{Synapses, row_counts};
use rayon::prelude::*;

/// Synaptic events that spikes cause, exactly: for each neuron its spikes times its synapses.
/// `spikes_of` has the spikes of every neuron.
pub fn count_events(network: &IntegerNetwork, synapses: &BuiltSynapses, spikes_of: &[u32]) -> u64 {
    match synapses {
        Synapses::Stored(store) => count_with(spikes_of, |neuron| {
            store.shards.iter().map(|shard| u64::from(shard.out_degree(neuron))).sum()
        }),
        Synapses::Procedural(Some(store)) => count_with(spikes_of, |neuron| {
            let population = network.populations.partition_point(|p| p.first_neuron <= neuron) - 1;
            let within = neuron - network.populations[population].first_neuron;
            store.sources[population].row(within).iter().map(|&count| u64::from(count)).sum()
        }),
        Synapses::Procedural(None) => count_by_projection(network, spikes_of),
    }
}

/// Events from the number of synapses of each source neuron that spikes.
fn count_with(spikes_of: &[u32], out_degree: impl Fn(u32) -> u64) -> u64 {
    let spiking = (0..).zip(spikes_of).filter(|(_, spikes)| **spikes > 0);
    spiking.map(|(neuron, &spikes)| u64::from(spikes) * out_degree(neuron)).sum()
}

/// Events where the host has no rows: they are counted here, projection by projection.
fn count_by_projection(network: &IntegerNetwork, spikes_of: &[u32]) -> u64 {
    let events_of = |projection: &IntegerProjection| {
        let source = &network.populations[projection.source];
        let counts = row_counts(projection, source.neurons, Bulk::widest());
        let spikes = &spikes_of[source.first_neuron as usize..];
        counts.iter().zip(spikes).map(|(&count, &spikes)| u64::from(count) * u64::from(spikes)).sum::<u64>()
    };
    network.projections.par_iter().map(events_of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fixed_point::Arithmetic;
    use crate::engine::synapses::{CsrStore, ProceduralStore};
    use crate::model::anatomy::Tables;
    use crate::model::{ModelOptions, model_network};

    #[test]
    fn if_every_neuron_spikes_once_every_synapse_delivers_once_stored_or_not() {
        let mut options = ModelOptions::default();
        (options.scaling.n_scaling, options.scaling.k_scaling) = (0.001, 0.002);
        let tables = Tables::load(&options.anatomy).unwrap();
        let network = model_network(&options, &tables, &mut ()).unwrap().network;
        let network = IntegerNetwork::new(&network, 0.1, 1, &Arithmetic::default()).unwrap();
        let stored = Synapses::Stored(CsrStore::build(&network, 3).unwrap());
        let procedural = Synapses::Procedural(Some(ProceduralStore::build(&network, 2).unwrap()));
        let once = vec![1; network.n_neurons() as usize];
        assert_eq!(count_events(&network, &stored, &once), network.n_synapses());
        assert_eq!(count_events(&network, &procedural, &once), network.n_synapses());
        let some: Vec<u32> = (0..network.n_neurons()).map(|neuron| neuron % 7).collect();
        let events = count_events(&network, &stored, &some);
        assert_eq!(count_events(&network, &procedural, &some), events);
        assert_eq!(count_events(&network, &Synapses::Procedural(None), &some), events);
        assert!(events > 0 && events != 3 * network.n_synapses());
    }
}
