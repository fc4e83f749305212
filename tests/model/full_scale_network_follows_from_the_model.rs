//! Weights, drive, delays and the assembled network, against the published implementation at scale
//! 0.004, where weights are 1/0.004 times those at full scale.

use crate::fixtures::agreement::{RELATIVE, close, differing, max_relative};
use crate::fixtures::tables::{Named, by_slot, reference};
use humam_gpu::model::anatomy::{AREAS, ExcitatoryFraction, Hemisphere, N_SLOTS, Slot};
use humam_gpu::model::{Drive, HumanModel, ModelOptions, Weights};

/// Scale of the published notebook, in neurons and in in-degree.
const SCALE: f64 = 0.004;
/// Method `linear` makes up for missing synapses with weights this much larger.
const WEIGHT_FACTOR: f64 = 1.0 / SCALE;
/// Scaled numbers of synapses inherit the difference of those at full scale, and round once.
const ONE: f64 = 1.0;

fn model() -> HumanModel {
    HumanModel::new(&ModelOptions::default()).unwrap()
}

fn scaled(numbers: impl Iterator<Item = u64>, factor: f64) -> Vec<f64> {
    numbers.map(|n| (n as f64 * factor).round_ties_even()).collect()
}

#[test]
fn scaled_neurons_are_the_published_ones() {
    let published = by_slot(&reference("downscaled/neurons.csv"), "neurons");
    let model = model();
    assert_eq!(scaled(model.neurons.iter().copied(), SCALE), published);
    assert_ne!(scaled(model.neurons.iter().copied(), SCALE * 1.001), published);
}

#[test]
fn scaled_synapses_are_the_published_ones() {
    let names: Vec<String> = Slot::all().map(|slot| slot.to_string()).collect();
    let published = Named::read(&reference("downscaled/synapses.csv"), 1).numbers(&names, &names);
    let model = model();
    let ours = scaled(model.synapses.iter().copied(), SCALE * SCALE);
    assert_eq!(differing(&ours, &published, RELATIVE, ONE), 0);
    let more = scaled(model.synapses.iter().copied(), SCALE * SCALE * 1.001);
    assert!(differing(&more, &published, RELATIVE, ONE) > 0);

    let published = by_slot(&reference("downscaled/external_synapses.csv"), "external_synapses");
    let ours = scaled(model.external_synapses.iter().copied(), SCALE * SCALE);
    assert_eq!(differing(&ours, &published, RELATIVE, ONE), 0);
    let more = scaled(model.external_synapses.iter().copied(), SCALE * SCALE * 1.01);
    assert!(differing(&more, &published, RELATIVE, ONE) > 0);
}

#[test]
fn every_weight_is_the_published_one() {
    let names: Vec<String> = Slot::all().map(|slot| slot.to_string()).collect();
    let published = Named::read(&reference("downscaled/weights_pa.csv"), 1).numbers(&names, &names);
    let weights = |model: &HumanModel| model.weights_pa.iter().map(|w| w * WEIGHT_FACTOR).collect::<Vec<_>>();
    println!("weights: largest relative difference {:e}", max_relative(&weights(&model()), &published));
    assert_eq!(differing(&weights(&model()), &published, RELATIVE, 0.0), 0);

    // negative control: χ = 1.001 changes every weight from E onto E of another area
    let chi = model().with_weights(&Weights { chi: 1.001, chi_i: Some(2.0), ..Weights::default() });
    assert_eq!(differing(&weights(&chi), &published, RELATIVE, 0.0), 34 * 33 * 4 * 4);
}

#[test]
fn external_weights_and_rates_are_the_published_ones() {
    let published_weights = by_slot(&reference("downscaled/external_weights_pa.csv"), "weight_pa");
    let published_rates = by_slot(&reference("downscaled/external_rates_hz.csv"), "rate_hz");
    let differing_slots = |model: &HumanModel| {
        let weights: Vec<f64> = model.external_weights_pa.iter().map(|w| w * WEIGHT_FACTOR).collect();
        println!(
            "external weights: largest relative difference {:e}",
            max_relative(&weights, &published_weights)
        );
        let rates = &model.external_rates_hz;
        println!("external rates: largest relative difference {:e}", max_relative(rates, &published_rates));
        (
            differing(&weights, &published_weights, RELATIVE, 0.0),
            differing(rates, &published_rates, RELATIVE, 0.0),
        )
    };
    assert_eq!(differing_slots(&model()), (0, 0));

    let drive = Drive { eta: 1.101, v_e_factor: 1.051, ..Drive::default() };
    let other = HumanModel::new(&ModelOptions { drive, ..ModelOptions::default() }).unwrap();
    assert_eq!(differing_slots(&other), (34, 254), "V E weights, and the rate of every population");
}

#[test]
fn delays_between_areas_are_the_published_ones() {
    let published =
        Named::read(&reference("downscaled/cc_delay_mean_ms.csv"), 1).numbers(&AREAS[..], &AREAS[..]);
    let delays = |model: HumanModel| model.cc_delay_mean_ms.into_iter().collect::<Vec<f64>>();
    println!("delays: largest relative difference {:e}", max_relative(&delays(model()), &published));
    assert_eq!(differing(&delays(model()), &published, RELATIVE, 0.0), 0);
    let mut options = ModelOptions::default();
    options.delays.conduction_velocity_mm_per_ms = 3.501;
    assert_eq!(differing(&delays(HumanModel::new(&options).unwrap()), &published, RELATIVE, 0.0), 34 * 33);
}

#[test]
fn the_network_holds_every_population_and_every_synapse() {
    let model = model();
    let network = model.network();
    assert_eq!(network.populations.len(), 254);
    assert_eq!(network.populations[0].name(), "bankssts II/III E");
    assert_eq!(network.n_neurons(), 3_468_839);
    assert_eq!(network.n_synapses(), model.synapses.iter().sum::<u64>());
    assert!(network.projections.iter().all(|projection| projection.synapses > 0));
    let order: Vec<(usize, usize)> = network.projections.iter().map(|p| (p.target, p.source)).collect();
    assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "ordered by target, then source");
}

#[test]
fn a_projection_carries_its_own_weight_and_delay() {
    let model = model();
    let network = model.network();
    let projection = |target: &str, source: &str| {
        let index = |name: &str| network.populations.iter().position(|p| p.name() == name).unwrap();
        let (target, source) = (index(target), index(source));
        network.projections.iter().find(|p| p.target == target && p.source == source).unwrap()
    };
    let doubled = projection("cuneus II/III E", "cuneus IV E");
    let plain = projection("cuneus II/III E", "cuneus II/III E");
    assert_eq!(doubled.weight_pa, 2.0 * plain.weight_pa);
    assert_eq!(plain.delay.mean_ms, 1.5);
    let inhibitory = projection("cuneus II/III E", "cuneus II/III I");
    assert!(close(inhibitory.weight_pa, -5.0 * plain.weight_pa, 1e-15, 0.0));
    assert_eq!(inhibitory.delay.mean_ms, 0.75);
    let long = projection("cuneus II/III I", "lingual II/III E");
    let [cuneus, lingual] = ["cuneus", "lingual"].map(|name| AREAS.iter().position(|a| *a == name).unwrap());
    assert_eq!(long.delay.mean_ms, model.cc_delay_mean_ms[[cuneus, lingual]]);
}

#[test]
fn both_hemispheres_and_both_excitatory_fractions_build() {
    let mut sums = Vec::new();
    for hemisphere in [Hemisphere::Left, Hemisphere::Right] {
        for fraction in [ExcitatoryFraction::ShapsonCoe2021, ExcitatoryFraction::Binzegger2004] {
            let mut options = ModelOptions::default();
            (options.anatomy.hemisphere, options.anatomy.excitatory_fraction) = (hemisphere, fraction);
            let model = HumanModel::new(&options).unwrap();
            assert_eq!(model.neurons.len(), N_SLOTS);
            assert!(model.weights_pa.iter().chain(&model.external_rates_hz).all(|value| value.is_finite()));
            let network = model.network();
            assert!(network.n_synapses() > 40_000_000_000);
            sums.push((network.n_neurons(), model.synapses));
        }
    }
    assert!((1..4).all(|k| (0..k).all(|j| sums[j].1 != sums[k].1)), "four different connectomes");
}
