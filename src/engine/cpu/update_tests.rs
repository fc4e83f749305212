//! Updates by vectors against updates of one neuron after the other.

use super::update::{Inhibitory, Lanes, update_each, update_vectors};
use crate::engine::random_network::{Ingredients, integer_network, random_spec};
use crate::engine::rng::threefry;
use crate::engine::vector::Portable;

/// Vectors of plain Rust, which machines without the instructions above have, update as `step_neuron` does.
#[test]
fn portable_vectors_update_like_one_neuron_after_the_other() {
    let mut n_spikes = 0;
    for seed in 1..40 {
        let network = integer_network(&random_spec(seed, Ingredients::default()), seed);
        let n = network.n_neurons() as usize;
        let word = |k: usize, use_of: u32| (threefry([seed as u32, use_of], [k as u32, 0])[0] as i32) >> 9;
        let random = |use_of: u32| (0..n).map(|k| word(k, use_of)).collect::<Vec<_>>();
        let (arrivals, inhibitory_arrivals) = (random(1), random(2));
        let updated = |is_portable: bool, is_two: bool| {
            let (mut v_m, mut currents) = (network.initial_v_m.clone(), [random(3), random(4)]);
            let mut spikes = Vec::new();
            let [current, second] = &mut currents;
            let mut faults = Vec::new();
            for step in 1..30 {
                let lanes = Lanes {
                    class: &network.classes[0],
                    own: None,
                    first_neuron: 3,
                    dc: &network.dc,
                    v_m: &mut v_m,
                    current: &mut *current,
                    arrivals: &arrivals,
                };
                let second = Inhibitory { current: &mut *second, arrivals: &inhibitory_arrivals };
                let (second, rounding) = (is_two.then_some(second), network.formats.rounding(step));
                faults.push(match is_portable {
                    // SAFETY: plain Rust.
                    true => unsafe { update_vectors::<Portable>(lanes, second, rounding, &mut spikes) },
                    false => update_each(lanes, second, rounding, &mut spikes),
                });
            }
            (v_m, currents, spikes, faults)
        };
        for is_two in [false, true] {
            let expected = updated(false, is_two);
            assert!(updated(true, is_two) == expected, "seed {seed}");
            n_spikes += expected.2.len();
        }
    }
    assert!(n_spikes > 1000, "{n_spikes}");
}
