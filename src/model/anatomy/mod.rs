//! Tables → cytoarchitecture (neurons) → connectome (synapses).
//!
//! What a cubic millimetre of each of the 34 areas is made of, at full scale. Reads the configuration
//! and `data/`; knows nothing of weights, delays, drive or scaling, which `model` adds.
//!
//! Every function is computed by the pure-Rust `libm`, and sums run from first to last, so that the
//! numbers have the same bits on every platform.

mod area_names;
mod between_areas;
mod connectome;
mod cytoarchitecture;
pub mod embedded;
mod error;
mod experiment;
mod local_fraction;
mod matrices;
mod options;
mod quadrature;
mod sheet;
mod slots;
mod source;
mod tables;
mod within_area;

pub use area_names::{area_called, area_meant};
pub use connectome::Connectome;
pub use cytoarchitecture::Cytoarchitecture;
pub use error::{AnatomyError, TableError};
pub use experiment::{PublishedChi, SpikingQuantiles, functional_connectivity};
pub use local_fraction::{local_fraction, published_z_max_um, radius_um};
pub use options::{Anatomy, Connectivity, ExcitatoryFraction, Hemisphere};
pub use slots::{AREAS, CellType, Layer, N_AREAS, N_SLOTS, SLOTS_PER_AREA, Slot};
pub use tables::{Area, Microcircuit, Sublayer, Tables};

/// Sum from first to last, starting at 0.
fn sum(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |sum, value| sum + value)
}
