//! Areas, layers and cell types, and the canonical order of the 272 slots they make up.
//!
//! A slot is a place for a population: 34 areas × layers II/III, IV, V, VI × E, I. Slots whose layer
//! is absent in their area stay empty.

use std::fmt;

/// Number of areas.
pub const N_AREAS: usize = 34;
/// Slots per area.
pub const SLOTS_PER_AREA: usize = 8;
/// Number of slots.
pub const N_SLOTS: usize = N_AREAS * SLOTS_PER_AREA;

/// Areas of the Desikan-Killiany parcellation (Desikan et al. 2006) in canonical order.
pub const AREAS: [&str; N_AREAS] = [
    "bankssts",
    "caudalanteriorcingulate",
    "caudalmiddlefrontal",
    "cuneus",
    "entorhinal",
    "fusiform",
    "inferiorparietal",
    "inferiortemporal",
    "isthmuscingulate",
    "lateraloccipital",
    "lateralorbitofrontal",
    "lingual",
    "medialorbitofrontal",
    "middletemporal",
    "parahippocampal",
    "paracentral",
    "parsopercularis",
    "parsorbitalis",
    "parstriangularis",
    "pericalcarine",
    "postcentral",
    "posteriorcingulate",
    "precentral",
    "precuneus",
    "rostralanteriorcingulate",
    "rostralmiddlefrontal",
    "superiorfrontal",
    "superiorparietal",
    "superiortemporal",
    "supramarginal",
    "frontalpole",
    "temporalpole",
    "transversetemporal",
    "insula",
];

/// Layer of cortex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(non_camel_case_types, reason = "layers are numbered, not worded")]
pub enum Layer {
    /// Layer I; it has thickness and synapses, and no neurons in the model.
    I,
    /// Layers II and III.
    II_III,
    /// Layer IV.
    IV,
    /// Layer V.
    V,
    /// Layer VI.
    VI,
}

/// Type of neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CellType {
    /// Excitatory.
    E,
    /// Inhibitory.
    I,
}

/// A place for a population: an area's layer and cell type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// Index into [`AREAS`].
    pub area: usize,
    /// One of [`Layer::WITH_NEURONS`].
    pub layer: Layer,
    /// Cell type.
    pub cell_type: CellType,
}

impl Layer {
    /// All layers, surface first.
    pub const ALL: [Self; 5] = [Self::I, Self::II_III, Self::IV, Self::V, Self::VI];
    /// The layers that have neurons.
    pub const WITH_NEURONS: [Self; 4] = [Self::II_III, Self::IV, Self::V, Self::VI];

    /// Place in [`Layer::ALL`].
    pub fn depth(self) -> usize {
        self as usize
    }

    /// The field's name, such as `II/III`.
    pub fn name(self) -> &'static str {
        match self {
            Self::I => "I",
            Self::II_III => "II/III",
            Self::IV => "IV",
            Self::V => "V",
            Self::VI => "VI",
        }
    }
}

impl CellType {
    /// Both types, excitatory first.
    pub const ALL: [Self; 2] = [Self::E, Self::I];

    /// `E` or `I`.
    pub fn name(self) -> &'static str {
        match self {
            Self::E => "E",
            Self::I => "I",
        }
    }
}

impl Slot {
    /// All slots in canonical order: areas, then layers, then cell types.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..N_SLOTS).map(|slot| Self {
            area: slot / SLOTS_PER_AREA,
            layer: Layer::WITH_NEURONS[slot % SLOTS_PER_AREA / 2],
            cell_type: CellType::ALL[slot % 2],
        })
    }

    /// Place among all slots.
    pub fn index(self) -> usize {
        self.area * SLOTS_PER_AREA + self.local_index()
    }

    /// Place among the eight slots of its area, II/III E to VI I.
    pub fn local_index(self) -> usize {
        local_index(self.layer, self.cell_type)
    }

    /// Name of its area.
    pub fn area_name(self) -> &'static str {
        AREAS[self.area]
    }
}

/// Place of a layer's cell type among the eight slots of an area; `layer` must have neurons.
pub(crate) fn local_index(layer: Layer, cell_type: CellType) -> usize {
    2 * (layer.depth() - 1) + cell_type as usize
}

impl fmt::Display for Slot {
    /// The population's name, such as `precuneus II/III E`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.area_name(), self.layer.name(), self.cell_type.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_finds_its_own_place() {
        for (place, slot) in Slot::all().enumerate() {
            assert_eq!(slot.index(), place);
        }
        let names: Vec<String> = Slot::all().map(|slot| slot.to_string()).collect();
        assert_eq!(names[0], "bankssts II/III E");
        assert_eq!(names[N_SLOTS - 1], "insula VI I");
    }
}
