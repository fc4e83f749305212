//! What currents from outside bring together with the network's own DC input.

use super::currents::CurrentInput;
use super::neuron::exp2;
use super::population::max_dc_mv;
use super::stimulus_error::StimulusError;
use super::{DC_BITS, IntegerNetwork};

/// The first sum of DC inputs, the network's included, that is not as far from the ends of V's range as one must be.
pub(super) fn too_much_dc(network: &IntegerNetwork, inputs: &[CurrentInput]) -> Option<StimulusError> {
    let limit_mv = max_dc_mv(network.formats);
    let limit = limit_mv * exp2(DC_BITS);
    // The most there is at one time begins where a window begins or ends.
    let mut edges = inputs.iter().flat_map(|i| [(i, *i.steps.start()), (i, i.steps.end().saturating_add(1))]);
    let (stimulus, sum, neuron) = edges.find_map(|(input, step)| {
        let at_once: Vec<&CurrentInput> = inputs.iter().filter(|i| i.steps.contains(&step)).collect();
        let mut neurons = input.peaks.iter().flat_map(|(first, peaks)| (*first..).take(peaks.len()));
        let sums = |neuron: u32| sums_of_dc(network, &at_once, neuron);
        let is_beyond = |sum: &i64| sum.abs() as f64 > limit;
        let (sum, neuron) = neurons.find_map(|n| sums(n).into_iter().find(is_beyond).zip(Some(n)))?;
        Some((at_once.last()?.stimulus.clone(), sum, neuron))
    })?;
    Some(StimulusError::TooStrong {
        stimulus,
        population: network.population_of(neuron).name.clone(),
        what: "what all DC inputs together add to V in a step, in mV,",
        value: sum as f64 / exp2(DC_BITS),
        limit: limit_mv,
    })
}

/// The least and the most that the network and currents add to V of a neuron in a step.
fn sums_of_dc(network: &IntegerNetwork, currents: &[&CurrentInput], neuron: u32) -> [i64; 2] {
    let of_network = i64::from(network.dc[neuron as usize]);
    let ranges = currents.iter().map(|input| input.range_at(neuron));
    ranges.fold([of_network; 2], |[least, most], [low, high]| [least + low, most + high])
}
