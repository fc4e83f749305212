//! The connectome at full scale, against the published implementation.

use crate::fixtures::agreement::{ONE_ROUNDING, RELATIVE, close, differing, max_relative};
use crate::fixtures::tables::{Named, by_slot, reference};
use humam_gpu::model::anatomy::{AREAS, Anatomy, Connectivity, Connectome, Cytoarchitecture, Slot, Tables};

/// SLN is printed with eight digits.
const SLN_RELATIVE: f64 = 1e-7;

/// What the column's share comes to in every area when its integral is evaluated accurately.
const LOCAL_FRACTION: f64 = 0.65528;
/// That figure is given with five digits, and it varies by 1e-6 with the thickness.
const LOCAL_FRACTION_DIGITS: f64 = 1e-5;

fn connectome(connectivity: &Connectivity) -> Connectome {
    let tables = Tables::load(&Anatomy::default()).unwrap();
    let cytoarchitecture = Cytoarchitecture::new(&tables, &Anatomy::default());
    Connectome::new(&tables, &cytoarchitecture, connectivity).unwrap()
}

/// A model with a thousandth more synapses everywhere.
fn perturbed() -> Connectome {
    let default = Connectivity::default();
    connectome(&Connectivity { synapse_density_per_mm3: default.synapse_density_per_mm3 * 1.001, ..default })
}

fn recurrent(connectome: &Connectome) -> Vec<f64> {
    connectome.synapses.iter().map(|n| *n as f64).collect()
}

fn external(connectome: &Connectome) -> Vec<f64> {
    connectome.external_synapses.iter().map(|n| *n as f64).collect()
}

#[test]
fn every_projection_has_the_published_synapses() {
    let names: Vec<String> = Slot::all().map(|slot| slot.to_string()).collect();
    let published = Named::read(&reference("full_scale/synapses.csv"), 1).numbers(&names, &names);
    let ours = recurrent(&connectome(&Connectivity::default()));
    let large: Vec<(f64, f64)> =
        ours.iter().copied().zip(published.iter().copied()).filter(|(_, p)| *p > 1e5).collect();
    let (a, b): (Vec<f64>, Vec<f64>) = large.into_iter().unzip();
    println!("synapses: largest relative difference above 1e5 synapses {:e}", max_relative(&a, &b));
    assert_eq!(differing(&ours, &published, RELATIVE, ONE_ROUNDING), 0);
    assert!(differing(&recurrent(&perturbed()), &published, RELATIVE, ONE_ROUNDING) > 1000);

    // negative control that leaves sums alone: the other direction of every projection
    let transposed = connectome(&Connectivity::default()).synapses.reversed_axes();
    let transposed: Vec<f64> = transposed.iter().map(|n| *n as f64).collect();
    assert!(differing(&transposed, &published, RELATIVE, ONE_ROUNDING) > 1000);
}

#[test]
fn every_population_has_the_published_external_synapses() {
    let published = by_slot(&reference("full_scale/external_synapses.csv"), "external_synapses");
    let ours = external(&connectome(&Connectivity::default()));
    println!("external synapses: largest relative difference {:e}", max_relative(&ours, &published));
    assert_eq!(differing(&ours, &published, RELATIVE, ONE_ROUNDING), 0);
    assert_eq!(differing(&external(&perturbed()), &published, RELATIVE, ONE_ROUNDING), 254);
}

#[test]
fn the_sums_are_the_published_ones() {
    let sums = |c: &Connectome| (recurrent(c).iter().sum::<f64>(), external(c).iter().sum::<f64>());
    let (recurrent_sum, external_sum) = sums(&connectome(&Connectivity::default()));
    println!("{recurrent_sum} recurrent, {external_sum} external synapses");
    assert!(close(recurrent_sum, 42_778_075_138.0, RELATIVE, 0.0));
    assert!(close(external_sum, 18_025_524_840.0, RELATIVE, 0.0));
    let (recurrent_sum, external_sum) = sums(&perturbed());
    assert!(!close(recurrent_sum, 42_778_075_138.0, RELATIVE, 0.0));
    assert!(!close(external_sum, 18_025_524_840.0, RELATIVE, 0.0));
}

#[test]
fn every_sln_is_the_published_one() {
    let published = Named::read(&reference("full_scale/sln.csv"), 1).numbers(&AREAS[..], &AREAS[..]);
    let sln = |connectivity| connectome(&connectivity).sln.into_iter().collect::<Vec<f64>>();
    let ours = sln(Connectivity::default());
    println!("SLN: largest relative difference {:e}", max_relative(&ours, &published));
    assert_eq!(differing(&ours, &published, SLN_RELATIVE, 0.0), 0);
    let steeper = sln(Connectivity { sln_a1: -1.535, ..Connectivity::default() });
    assert!(differing(&steeper, &published, SLN_RELATIVE, 0.0) > 1000);
}

#[test]
fn the_column_makes_the_same_share_of_synapses_in_every_area() {
    let within = |c: Connectome| {
        c.local_fraction.iter().all(|f| close(*f, LOCAL_FRACTION, 0.0, LOCAL_FRACTION_DIGITS))
    };
    println!("{:?}", &connectome(&Connectivity::default()).local_fraction[..3]);
    assert!(within(connectome(&Connectivity::default())));
    assert!(!within(connectome(&Connectivity { lambda_um: 160.1, ..Connectivity::default() })));
}

#[test]
fn synapses_end_only_where_there_are_neurons() {
    let tables = Tables::load(&Anatomy::default()).unwrap();
    let cytoarchitecture = Cytoarchitecture::new(&tables, &Anatomy::default());
    let connectome = Connectome::new(&tables, &cytoarchitecture, &Connectivity::default()).unwrap();
    for ((target, source), synapses) in connectome.synapses.indexed_iter() {
        let empty = cytoarchitecture.neurons[target] == 0 || cytoarchitecture.neurons[source] == 0;
        assert!(!empty || *synapses == 0, "{synapses} synapses from {source} to {target}");
    }
}
