//! What happens to neurons: a function for each of the shaders `drive`, `inject`, `currents`, `update` and
//! `sum_states`, under its name.

use super::ring::Ring;
use crate::engine::fixed_point::{
    Arrival, BLOCK_STEPS, CURRENT_LIMIT, Currents, DriveBlock, DriveStreams, IntegerNetwork,
    IntegerPopulation, REFRACTORY_END, V_M_LIMIT, step_neuron, stepwise_count, stepwise_uniform,
};
use crate::engine::{RangeFault, State, StateSum, Watched};

/// External spikes of the block that starts after `step` go into the ring, where they are drawn a block at a time.
pub(super) fn drive(network: &IntegerNetwork, step: u32, ring: &mut Ring) {
    let block = step / BLOCK_STEPS;
    for population in &network.populations {
        for neuron in population.first_neuron..population.first_neuron + population.neurons {
            let thresholds = population.drive.block_thresholds();
            let DriveStreams { block_key, before, .. } = population.streams;
            let spikes = DriveBlock::new(block_key, neuron - before, block, thresholds);
            let weight = network.drive_weights[neuron as usize];
            for offset in spikes {
                ring.add(step + 1 + offset, weight, neuron);
            }
        }
    }
}

/// Weights that arrive from outside the network go into the ring.
pub(super) fn inject(arrivals: &[Arrival], ring: &mut Ring) {
    for arrival in arrivals {
        ring.add(arrival.step, arrival.weight, arrival.neuron);
    }
}

/// The DC inputs of a step in which a current from outside is at another level than in the one before.
pub(super) fn currents(own_dc: &[i32], of_stimuli: &Currents<'_>, dc: &mut [i32]) {
    of_stimuli.set(own_dc, dc);
}

/// One step of every neuron. Appends those that spike; the first value that leaves its range is the `fault`.
pub(super) fn update(
    network: &IntegerNetwork,
    step: u32,
    state: &mut State,
    dc: &[i32],
    ring: &mut Ring,
    spikes: &mut Vec<u32>,
    fault: &mut Option<RangeFault>,
) {
    let rounding = network.formats.rounding(step);
    for population in &network.populations {
        for neuron in population.first_neuron..population.first_neuron + population.neurons {
            let i = neuron as usize;
            let class = &network.classes[population.class_of(neuron)];
            let mut arrived = ring.take(step, neuron);
            let external = external_weight(network, population, neuron, step);
            let receptor = if ring.receptors() == 2 && external < 0 { 1 } else { 0 };
            arrived[receptor] = arrived[receptor].wrapping_add(external);
            let (v_m, current) = (&mut state.v_m[i], &mut state.current[i]);
            let has_spiked = step_neuron(class, rounding, neuron, dc[i], arrived, v_m, current);
            if let Some(watched) = watch(*v_m, *current) {
                fault.get_or_insert(RangeFault { step, neuron, watched });
            }
            if has_spiked {
                spikes.push(neuron);
            }
        }
    }
}

/// Sums of the states of a population's neurons.
pub(super) fn sum_states(
    network: &IntegerNetwork,
    population: &IntegerPopulation,
    state: &State,
) -> StateSum {
    let mut sum = StateSum::default();
    for neuron in population.first_neuron..population.first_neuron + population.neurons {
        let i = neuron as usize;
        let class = &network.classes[population.class_of(neuron)];
        sum.v_m += i64::from(class.potential(state.v_m[i]));
        sum.current[0] += i64::from(state.current[i][0]);
        sum.current[1] += i64::from(state.current[i][1]);
    }
    sum
}

/// Weight of the external spikes of a step, where they are drawn step by step.
fn external_weight(network: &IntegerNetwork, population: &IntegerPopulation, neuron: u32, step: u32) -> i32 {
    let DriveStreams { step_key, before, .. } = population.streams;
    let uniform = stepwise_uniform(step_key, neuron - before, step);
    let count = stepwise_count(uniform, population.drive.step_thresholds());
    network.drive_weights[neuron as usize].wrapping_mul(count as i32)
}

/// What of a neuron's state after a step left its range.
fn watch(v_m: i32, current: [i32; 2]) -> Option<Watched> {
    if (REFRACTORY_END..V_M_LIMIT).contains(&v_m) {
        return Some(Watched::Potential);
    }
    let is_outside = |i: i32| !(-CURRENT_LIMIT..CURRENT_LIMIT).contains(&i);
    current.into_iter().any(is_outside).then_some(Watched::Current)
}
