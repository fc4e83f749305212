//! The cytoarchitecture at full scale, against the published implementation.

use crate::fixtures::agreement::{differing, max_relative};
use crate::fixtures::tables::{Named, by_slot, reference};
use humam_gpu::model::anatomy::{AREAS, Anatomy, Cytoarchitecture, Layer, Slot, Tables};

/// Thicknesses are printed with up to six digits.
const PRINTED: f64 = 1e-6;

fn neurons(tables: &Tables) -> Vec<f64> {
    let cytoarchitecture = Cytoarchitecture::new(tables, &Anatomy::default());
    cytoarchitecture.neurons.iter().map(|n| *n as f64).collect()
}

#[test]
fn every_number_of_neurons_is_equal() {
    let published = by_slot(&reference("full_scale/neurons.csv"), "neurons");
    let mut tables = Tables::load(&Anatomy::default()).unwrap();
    assert_eq!(neurons(&tables), published);
    assert_eq!(published.iter().sum::<f64>(), 3_468_839.0);

    // negative control: one sublayer of one area denser by a thousandth
    tables.von_economo_areas.get_mut("PH").unwrap()[1].density_per_mm3 *= 1.001;
    assert_ne!(neurons(&tables), published);
}

#[test]
fn populations_are_in_the_published_order() {
    let published = Named::read(&reference("full_scale/neurons.csv"), 3).rows;
    assert_eq!(Slot::all().map(|slot| slot.to_string()).collect::<Vec<_>>(), published);
}

#[test]
fn every_thickness_is_the_published_one() {
    let tables = Tables::load(&Anatomy::default()).unwrap();
    let cytoarchitecture = Cytoarchitecture::new(&tables, &Anatomy::default());
    let published = Named::read(&reference("full_scale/thickness_mm.csv"), 1)
        .numbers(&AREAS[..], &Layer::ALL.map(Layer::name)[..]);
    let ours: Vec<f64> = cytoarchitecture.thickness_mm.iter().copied().collect();
    println!("thickness: largest relative difference {:e}", max_relative(&ours, &published));
    assert_eq!(differing(&ours, &published, PRINTED, 0.0), 0);

    // negative control: keeping the small layers changes exactly the four that are dropped
    let keep = Anatomy { min_neurons_per_layer: 0, ..Anatomy::default() };
    let kept = Cytoarchitecture::new(&tables, &keep).thickness_mm.into_iter().collect::<Vec<_>>();
    assert_eq!(differing(&kept, &published, PRINTED, 0.0), 4);
}

#[test]
fn exactly_four_layers_are_dropped() {
    let tables = Tables::load(&Anatomy::default()).unwrap();
    let dropped: Vec<(&str, Layer)> = Cytoarchitecture::new(&tables, &Anatomy::default())
        .dropped
        .iter()
        .map(|(area, layer)| (AREAS[*area], *layer))
        .collect();
    let expected = [
        ("caudalmiddlefrontal", Layer::IV),
        ("lateraloccipital", Layer::IV),
        ("parahippocampal", Layer::VI),
        ("parsorbitalis", Layer::IV),
    ];
    assert_eq!(dropped, expected);
}

#[test]
fn dropping_layers_smaller_than_layer_1_drops_no_fewer() {
    let tables = Tables::load(&Anatomy::default()).unwrap();
    let option = Anatomy { remove_smaller_layer_1: true, ..Anatomy::default() };
    let (without, with) =
        (Cytoarchitecture::new(&tables, &Anatomy::default()), Cytoarchitecture::new(&tables, &option));
    assert!(without.dropped.iter().all(|layer| with.dropped.contains(layer)));

    // a layer I denser than anything else leaves no layer
    let mut crowded = tables.clone();
    for sublayer in crowded.von_economo_areas.get_mut("PH").unwrap() {
        if sublayer.layer == Layer::I {
            sublayer.density_per_mm3 = 1e7;
        }
    }
    let crowded = Cytoarchitecture::new(&crowded, &option);
    assert_eq!(crowded.neurons_of_area(0), 0, "bankssts is made up of PH alone");
}
