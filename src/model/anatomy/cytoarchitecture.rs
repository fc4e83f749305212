//! From sublayers to the number of neurons in every slot.
//!
//! 1. Sublayers of a von Economo area are merged into layers: thicknesses are summed, densities
//!    averaged with the thickness as weight.
//! 2. Von Economo areas are merged into areas: thickness is the plain mean, an absent layer counting
//!    as 0; density is averaged with the thickness as weight.
//! 3. Neurons = density × thickness × surface area, rounded half to even.
//! 4. Layers with too few neurons are dropped.
//!
//! The order of every sum and product is part of the model: 51 products lie within 1e-6 of a half, so
//! it decides how they round. The excitatory share is applied to each von Economo area's density.

use super::slots::{CellType, Layer, N_AREAS, N_SLOTS, SLOTS_PER_AREA, Slot, local_index};
use super::sum;
use super::tables::{Sublayer, Tables};
use crate::model::anatomy::Anatomy;
use ndarray::Array2;

/// Thickness, density and number of neurons of every area (Pronold et al. 2024).
#[derive(Debug, Clone, PartialEq)]
pub struct Cytoarchitecture {
    /// Cortical surface under which each area's neurons are counted, mm².
    pub surface_area_mm2: f64,
    /// Thickness of layers I to VI, mm, shape [34, 5]; 0 if a layer is absent or dropped.
    pub thickness_mm: Array2<f64>,
    /// Neurons per mm³ of each slot of an area, shape [34, 8]; 0 if the layer is absent or dropped.
    pub density_per_mm3: Array2<f64>,
    /// Neurons of each slot, length 272.
    pub neurons: Vec<u64>,
    /// Area and layer of every layer that was there and was dropped.
    pub dropped: Vec<(usize, Layer)>,
}

impl Cytoarchitecture {
    /// Neurons of every slot, from `tables` and the options in `anatomy`.
    pub fn new(tables: &Tables, anatomy: &Anatomy) -> Self {
        let mut result = Self {
            surface_area_mm2: anatomy.surface_area_mm2,
            thickness_mm: Array2::zeros((N_AREAS, Layer::ALL.len())),
            density_per_mm3: Array2::zeros((N_AREAS, SLOTS_PER_AREA)),
            neurons: vec![0; N_SLOTS],
            dropped: Vec::new(),
        };
        for area in 0..N_AREAS {
            result.merge_layers(tables, area);
            let smallest = smallest_layer(tables, anatomy, area);
            result.drop_small_layers(area, smallest);
        }
        result
    }

    /// Thickness of an area over layers I to VI, mm.
    pub fn total_thickness_mm(&self, area: usize) -> f64 {
        sum(self.thickness_mm.row(area).iter().copied())
    }

    /// Neurons of an area.
    pub fn neurons_of_area(&self, area: usize) -> u64 {
        saturating_sum(self.neurons[area * SLOTS_PER_AREA..][..SLOTS_PER_AREA].iter().copied())
    }

    /// Neurons per mm³ of an area over all layers, layer I included.
    pub fn area_density_per_mm3(&self, area: usize) -> f64 {
        self.neurons_of_area(area) as f64 / (self.total_thickness_mm(area) * self.surface_area_mm2)
    }

    /// Excitatory neurons of a layer before rounding, per mm².
    pub fn excitatory_per_mm2(&self, area: usize, layer: Layer) -> f64 {
        self.density_per_mm3[[area, local_index(layer, CellType::E)]]
            * self.thickness_mm[[area, layer.depth()]]
    }

    fn merge_layers(&mut self, tables: &Tables, area: usize) {
        let parts = von_economo(tables, area);
        for (layer, fraction) in Layer::WITH_NEURONS.into_iter().zip(tables.excitatory_fraction) {
            for (cell_type, share) in CellType::ALL.into_iter().zip([fraction, 1.0 - fraction]) {
                let density = area_density(&parts, layer, share);
                let neurons = density * mean_thickness_mm(&parts, layer) * self.surface_area_mm2;
                self.density_per_mm3[[area, local_index(layer, cell_type)]] = density;
                self.neurons[Slot { area, layer, cell_type }.index()] = neurons.round_ties_even() as u64;
            }
        }
        for layer in Layer::ALL {
            self.thickness_mm[[area, layer.depth()]] = mean_thickness_mm(&parts, layer);
        }
    }

    /// Drops the layers of an area that have neurons, but fewer than `smallest`.
    fn drop_small_layers(&mut self, area: usize, smallest: f64) {
        for layer in Layer::WITH_NEURONS {
            let slots = CellType::ALL.map(|cell_type| Slot { area, layer, cell_type });
            let neurons = saturating_sum(slots.iter().map(|slot| self.neurons[slot.index()]));
            if neurons > 0 && (neurons as f64) < smallest {
                self.thickness_mm[[area, layer.depth()]] = 0.0;
                for slot in slots {
                    self.density_per_mm3[[area, slot.local_index()]] = 0.0;
                    self.neurons[slot.index()] = 0;
                }
                self.dropped.push((area, layer));
            }
        }
    }
}

/// Number of neurons below which a layer of the area is dropped.
fn smallest_layer(tables: &Tables, anatomy: &Anatomy, area: usize) -> f64 {
    let smallest = anatomy.min_neurons_per_layer as f64;
    if !anatomy.remove_smaller_layer_1 {
        return smallest;
    }
    let parts = von_economo(tables, area);
    let layer_1 = parts.iter().map(|sublayers| {
        sum(in_layer(sublayers, Layer::I)
            .map(|sublayer| sublayer.density_per_mm3 * sublayer.thickness_mm * anatomy.surface_area_mm2))
    });
    smallest.max(sum(layer_1) / parts.len() as f64)
}

/// The sum, or the largest number where it is larger, which is refused as too many neurons.
fn saturating_sum(neurons: impl Iterator<Item = u64>) -> u64 {
    neurons.fold(0, u64::saturating_add)
}

/// Sublayers of each von Economo area that makes up an area.
fn von_economo(tables: &Tables, area: usize) -> Vec<&[Sublayer]> {
    let names = &tables.areas[area].von_economo_areas;
    names.iter().map(|name| tables.von_economo_areas.get(name).map_or(&[][..], Vec::as_slice)).collect()
}

fn in_layer(sublayers: &[Sublayer], layer: Layer) -> impl Iterator<Item = &Sublayer> {
    sublayers.iter().filter(move |sublayer| sublayer.layer == layer)
}

fn thickness_mm(sublayers: &[Sublayer], layer: Layer) -> f64 {
    sum(in_layer(sublayers, layer).map(|sublayer| sublayer.thickness_mm))
}

/// Thickness of a layer in an area: the plain mean over its von Economo areas.
fn mean_thickness_mm(parts: &[&[Sublayer]], layer: Layer) -> f64 {
    sum(parts.iter().map(|sublayers| thickness_mm(sublayers, layer))) / parts.len() as f64
}

/// `share` of the density of a layer in a von Economo area; 0 if the layer is absent.
fn density(sublayers: &[Sublayer], layer: Layer, share: f64) -> f64 {
    let total = thickness_mm(sublayers, layer);
    if total == 0.0 {
        return 0.0;
    }
    let weighted =
        in_layer(sublayers, layer).map(|sublayer| sublayer.density_per_mm3 * (sublayer.thickness_mm / total));
    share * sum(weighted)
}

/// `share` of the density of a layer in an area; 0 if the layer is absent.
fn area_density(parts: &[&[Sublayer]], layer: Layer, share: f64) -> f64 {
    let total = sum(parts.iter().map(|sublayers| thickness_mm(sublayers, layer)));
    if total == 0.0 {
        return 0.0;
    }
    let weighted = parts
        .iter()
        .map(|sublayers| density(sublayers, layer, share) * (thickness_mm(sublayers, layer) / total));
    sum(weighted)
}
