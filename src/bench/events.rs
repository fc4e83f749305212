//! Synaptic events, counted from the lengths of rows.

use crate::build::Synapses;
use crate::integer::IntegerNetwork;

/// Synaptic events that spikes cause, exactly: for each neuron its spikes times its synapses.
/// `spikes_of` has the spikes of every neuron.
pub fn count_events(network: &IntegerNetwork, synapses: &Synapses, spikes_of: &[u32]) -> u64 {
    let spiking = spikes_of.iter().enumerate().filter(|(_, spikes)| **spikes > 0);
    let events =
        spiking.map(|(neuron, &spikes)| u64::from(spikes) * out_degree(network, synapses, neuron as u32));
    events.sum()
}

/// Synapses of one source neuron.
fn out_degree(network: &IntegerNetwork, synapses: &Synapses, neuron: u32) -> u64 {
    match synapses {
        Synapses::Stored(store) => {
            let row = |starts: &[u32]| u64::from(starts[neuron as usize + 1] - starts[neuron as usize]);
            store.shards.iter().map(|shard| row(&shard.row_starts)).sum()
        }
        Synapses::Procedural(store) => {
            let population = network.populations.partition_point(|p| p.first_neuron <= neuron) - 1;
            let within = neuron - network.populations[population].first_neuron;
            store.sources[population].row(within).iter().map(|&count| u64::from(count)).sum()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::Tables;
    use crate::build::model_network;
    use crate::config::Config;
    use crate::synapses::{CsrStore, ProceduralStore};

    #[test]
    fn if_every_neuron_spikes_once_every_synapse_delivers_once_stored_or_not() {
        let mut config = Config::default();
        (config.scaling.n_scaling, config.scaling.k_scaling) = (0.001, 0.002);
        let tables = Tables::load(&config.anatomy).unwrap();
        let network = model_network(&config, &tables, &mut ()).unwrap().network;
        let network = IntegerNetwork::new(&network, 0.1, 1, &config.arithmetic).unwrap();
        let stored = Synapses::Stored(CsrStore::build(&network, 3).unwrap());
        let procedural = Synapses::Procedural(ProceduralStore::build(&network, 2).unwrap());
        let once = vec![1; network.n_neurons() as usize];
        assert_eq!(count_events(&network, &stored, &once), network.n_synapses());
        assert_eq!(count_events(&network, &procedural, &once), network.n_synapses());
        let some: Vec<u32> = (0..network.n_neurons()).map(|neuron| neuron % 7).collect();
        let events = count_events(&network, &stored, &some);
        assert_eq!(count_events(&network, &procedural, &some), events);
        assert!(events > 0 && events != 3 * network.n_synapses());
    }
}
