//! What grows with a network's activity: the synaptic events that are in flight at once.
//!
//! A spike becomes an event for each of its neuron's synapses, which is in flight for the synapse's delay. At
//! stationary rates the mean number in flight is the sum over synapses of rate times mean delay. A network may
//! also start with a burst: neurons whose initial potential is above threshold all spike in the first step, and
//! all their events are in flight at once.

use crate::engine::cpu::{EventsInFlight, NEAR_STEPS};
use crate::engine::fixed_point::{
    DELAY_FRACTION_BITS, FactorTable, IntegerNetwork, IntegerPopulation, IntegerProjection, step_neuron,
};
use crate::engine::synapses::Shard;

const MS_PER_S: f64 = 1e3;

/// Numbers of events, before they are whole.
#[derive(Debug, Clone, Copy, Default)]
struct Events {
    near: f64,
    far: f64,
}

impl Events {
    fn whole(self) -> EventsInFlight {
        EventsInFlight { near: self.near as u64, far: self.far as u64 }
    }
}

/// Events in flight onto each of `shards` after the first step: those of the neurons that spike in it,
/// which their initial potentials decide.
pub(super) fn in_flight_at_start(network: &IntegerNetwork, shards: &[Shard]) -> Vec<EventsInFlight> {
    let bursts: Vec<f64> = network.populations.iter().map(|p| spiking_at_once(network, p)).collect();
    in_flight(network, shards, |projection, delays| {
        let events = bursts[projection.source] * projection.synapses as f64;
        let near = events * delays.share_up_to(delays.mean_steps(projection), f64::from(NEAR_STEPS));
        Events { near, far: events - near }
    })
}

/// Mean number of events in flight onto each of `shards` where neurons of each population spike at
/// `rates_hz`.
pub(super) fn in_flight_at(
    network: &IntegerNetwork,
    shards: &[Shard],
    rates_hz: &[f64],
) -> Vec<EventsInFlight> {
    in_flight(network, shards, |projection, delays| {
        let per_step = rate_hz(rates_hz, projection.source) * network.dt_ms / MS_PER_S;
        let events = per_step * projection.synapses as f64;
        let mean = delays.mean_steps(projection);
        let [near, all] = [f64::from(NEAR_STEPS), f64::INFINITY].map(|most| delays.mean_up_to(mean, most));
        Events { near: events * near, far: events * (all - near) }
    })
}

/// Mean number of spikes in a step.
pub(super) fn spikes_per_step(network: &IntegerNetwork, rates_hz: &[f64]) -> f64 {
    let spikes = network.populations.iter().zip(rates_hz).map(|(p, rate)| f64::from(p.neurons) * rate);
    spikes.sum::<f64>() * network.dt_ms / MS_PER_S
}

/// The rate of a population, 0 if none is given.
pub(super) fn rate_hz(rates_hz: &[f64], population: usize) -> f64 {
    rates_hz.get(population).copied().unwrap_or(0.0)
}

/// Sums what projections have in flight over those onto each shard.
fn in_flight(
    network: &IntegerNetwork,
    shards: &[Shard],
    of_projection: impl Fn(&IntegerProjection, &Delays) -> Events,
) -> Vec<EventsInFlight> {
    let delays: Vec<Delays> = network.tables.iter().map(Delays::new).collect();
    let passing = network.transmission.map_or(1.0, |t| f64::from(t.threshold) / 4_294_967_296.0);
    let mut of_population = vec![Events::default(); network.populations.len()];
    for projection in &network.projections {
        let events = of_projection(projection, &delays[projection.delay_table]);
        let onto = &mut of_population[projection.target];
        onto.near += passing * events.near;
        onto.far += passing * events.far;
    }
    let onto = |shard: &Shard| {
        let slices = shard.slices(network);
        slices.fold(Events::default(), |sum, (index, neurons)| {
            let events = &of_population[index];
            let part = neurons.len() as f64 / f64::from(network.populations[index].neurons.max(1));
            Events { near: sum.near + part * events.near, far: sum.far + part * events.far }
        })
    };
    shards.iter().map(|shard| onto(shard).whole()).collect()
}

/// Part of a population's neurons that spike in the first step.
fn spiking_at_once(network: &IntegerNetwork, population: &IntegerPopulation) -> f64 {
    let neurons = population.first_neuron..population.first_neuron + population.neurons;
    let rounding = network.formats.rounding(1);
    let spikes = neurons.filter(|&neuron| {
        let class = &network.classes[population.class_of(neuron)];
        let (dc, mut v_m) = (network.dc[neuron as usize], network.initial_v_m[neuron as usize]);
        step_neuron(class, rounding, neuron, dc, [0; 2], &mut v_m, &mut [0; 2])
    });
    spikes.count() as f64 / f64::from(population.neurons.max(1))
}

/// Mean number of external spikes in a block of steps, where they are drawn by blocks: from the chances of more
/// than each number.
pub(super) fn external_in_block(network: &IntegerNetwork) -> f64 {
    let more = |&threshold: &u32| 1.0 - f64::from(threshold) / 4_294_967_296.0;
    let of = |p: &IntegerPopulation| p.drive.block_thresholds().iter().map(more).sum::<f64>();
    network.populations.iter().map(|p| f64::from(p.neurons) * of(p)).sum()
}

/// Distribution of delays around a mean.
struct Delays {
    /// Quantiles in the middles of equal parts of the probability, rising; their mean is 1.
    factors: Vec<f64>,
    /// Sums of the first of them.
    sums: Vec<f64>,
    /// What a projection's delay of one step is in integers.
    of_a_step: f64,
}

/// log2 of the quantiles that are looked at.
const QUANTILE_BITS: u32 = 12;

impl Delays {
    fn new(table: &FactorTable) -> Self {
        let middle = 1 << (u32::BITS - QUANTILE_BITS - 1);
        let word = |k: u32| (k << (u32::BITS - QUANTILE_BITS)) | middle;
        let factors: Vec<f64> =
            (0..1 << QUANTILE_BITS).map(|k| table.factor(table.quantile(word(k)))).collect();
        let sums = std::iter::once(0.0).chain(factors.iter().scan(0.0, |sum, &factor| {
            *sum += factor;
            Some(*sum)
        }));
        let of_a_step = table.scaled_mean(1.0, DELAY_FRACTION_BITS).map_or(1.0, f64::from);
        Self { sums: sums.collect(), factors, of_a_step }
    }

    /// Mean delay of a projection whose delays these are, in steps.
    fn mean_steps(&self, projection: &IntegerProjection) -> f64 {
        f64::from(projection.scaled_delay) / self.of_a_step
    }

    /// How many quantiles stand for delays of `most` steps or less, where the mean delay is `mean`.
    fn n_up_to(&self, mean: f64, most: f64) -> usize {
        self.factors.partition_point(|&factor| factor <= most / mean)
    }

    /// Part of the delays that are `most` steps or less.
    fn share_up_to(&self, mean: f64, most: f64) -> f64 {
        self.n_up_to(mean, most) as f64 / self.factors.len() as f64
    }

    /// Mean over all delays of the smaller of delay and `most`, in steps.
    fn mean_up_to(&self, mean: f64, most: f64) -> f64 {
        let n = self.n_up_to(mean, most);
        let longer = self.factors.len() - n;
        let rest = if longer == 0 { 0.0 } else { most * longer as f64 };
        (mean * self.sums[n] + rest) / self.factors.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::assembly::{BuildOptions, integer_network};
    use crate::engine::synapses::{shards, synapse};
    use crate::model::anatomy::Tables;
    use crate::model::{ModelOptions, model_network};

    fn small() -> IntegerNetwork {
        let mut model = ModelOptions::default();
        (model.scaling.n_scaling, model.scaling.k_scaling) = (0.001, 0.002);
        let tables = Tables::load(&model.anatomy).unwrap();
        let network = model_network(&model, &tables, &mut ()).unwrap().network;
        integer_network(&network, &BuildOptions::default()).unwrap()
    }

    fn sum(events: &[EventsInFlight]) -> [f64; 2] {
        let sum = |of: fn(&EventsInFlight) -> u64| events.iter().map(of).sum::<u64>() as f64;
        [sum(|events| events.near), sum(|events| events.far)]
    }

    #[test]
    fn events_in_flight_are_rate_times_delay_summed_over_synapses() {
        let network = small();
        let shards = shards(&network, 3);
        // So many that whole numbers for each shard do not matter.
        let (rate_hz, rates_hz) = (500.0, vec![500.0; network.populations.len()]);
        let per_step = rate_hz * network.dt_ms / MS_PER_S;
        let [mut near, mut far, mut far_variance] = [0.0; 3];
        for projection in &network.projections {
            let targets = network.populations[projection.target].neurons;
            for index in 0..projection.synapses as u32 {
                let drawn = synapse(projection, &network.tables, targets, 0, index, 0);
                let delay = f64::from(drawn.delay);
                near += per_step * delay.min(f64::from(NEAR_STEPS));
                let beyond = per_step * (delay - f64::from(NEAR_STEPS)).max(0.0);
                far += beyond;
                far_variance += beyond * beyond;
            }
        }
        let [told_near, told_far] = sum(&in_flight_at(&network, &shards, &rates_hz));
        // 85,000 synapses have their delays within 2 % of the distribution's mean. Few of them are far, so that their sum
        // has the variance of a sum over a Poisson number of them.
        assert!((told_near / near - 1.0).abs() < 0.02, "{told_near} {near}");
        let sd = far_variance.sqrt();
        assert!((told_far - far).abs() < 4.0 * sd, "{told_far} {far} ± {sd}");
        assert!(sd < 0.5 * far, "{far} ± {sd}");
        assert!(near > 0.0 && far > 0.0);
    }

    #[test]
    fn neurons_that_start_above_threshold_bring_all_their_events_at_once() {
        let mut network = small();
        let shards = shards(&network, 3);
        let burst = |network: &IntegerNetwork| sum(&in_flight_at_start(network, &shards)).iter().sum::<f64>();
        let lowest = network.initial_v_m.iter().copied().min().unwrap();
        let as_it_is = burst(&network);
        network.initial_v_m.fill(lowest);
        assert_eq!(burst(&network), 0.0);
        let above = network.classes.iter().map(|class| class.v_th).max().unwrap();
        network.initial_v_m.fill(2 * above);
        let all = burst(&network);
        // Whole numbers for each shard.
        assert!((all - network.n_synapses() as f64).abs() <= 6.0, "{all}");
        let share = as_it_is / all;
        // −150 mV ± 50 mV are above −45 mV with this probability.
        let expected = 0.01786;
        let sd = (expected / f64::from(network.n_neurons())).sqrt();
        assert!((share - expected).abs() < 4.0 * sd, "{share}, {expected} ± {sd}");
    }
}
