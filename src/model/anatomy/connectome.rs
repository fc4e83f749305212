//! From neurons and streamlines to the number of synapses of every projection.
//!
//! 1. Synapses of an area: density of synapses × surface area × thickness.
//! 2. Sources of an area's synapses: a fixed share from the area itself, the rest from other areas in
//!    proportion to streamlines.
//! 3. SLN: the share of a projection between areas that starts in layers II/III, from the ratio of
//!    the two areas' neuron densities.
//! 4. Synapses within an area come from the column (type I) or from the rest of the area (type II,
//!    modelled as external drive): `local_fraction`, `within_area`.
//! 5. Synapses between areas (type III) are shared out to populations: `between_areas`.
//!
//! Parameters and methods are those of Pronold et al. 2024 (doi:10.1093/cercor/bhae409).

use super::between_areas::BetweenAreas;
use super::local_fraction::{local_fraction, published_z_max_um, radius_um};
use super::slots::{AREAS, CellType, Layer, N_AREAS, N_SLOTS, SLOTS_PER_AREA, local_index};
use super::within_area;
use super::{AnatomyError, Cytoarchitecture, Tables, sum};
use crate::model::anatomy::Connectivity;
use ndarray::{Array2, s};

/// Synapses of every projection. Matrices are [target, source].
#[derive(Debug, Clone, PartialEq)]
pub struct Connectome {
    /// Synapses between areas, rounded, shape [34, 34]; the diagonal holds types I and II.
    pub area_synapses: Array2<f64>,
    /// Fraction of supragranular projection neurons, shape [34, 34].
    pub sln: Array2<f64>,
    /// Share of the synapses within each area that comes from the column, length 34.
    pub local_fraction: Vec<f64>,
    /// Recurrent synapses (types I and III) between slots, shape [272, 272].
    pub synapses: Array2<u64>,
    /// External synapses (type II) of each slot, length 272.
    pub external_synapses: Vec<u64>,
}

impl Connectome {
    /// Synapses between all slots.
    ///
    /// # Errors
    /// [`AnatomyError`] if projections have no neurons to start from or to end on, or if the
    /// column is larger than an area.
    pub fn new(
        tables: &Tables,
        cytoarchitecture: &Cytoarchitecture,
        connectivity: &Connectivity,
    ) -> Result<Self, AnatomyError> {
        check_projection_neurons(cytoarchitecture)?;
        let mut connectome = Self {
            area_synapses: area_synapses(tables, cytoarchitecture, connectivity),
            sln: sln(cytoarchitecture, connectivity),
            local_fraction: local_fractions(tables, cytoarchitecture, connectivity)?,
            synapses: Array2::zeros((N_SLOTS, N_SLOTS)),
            external_synapses: Vec::with_capacity(N_SLOTS),
        };
        connectome.fill_within_areas(tables, cytoarchitecture);
        connectome.fill_between_areas(tables, cytoarchitecture, connectivity)?;
        Ok(connectome)
    }

    fn fill_within_areas(&mut self, tables: &Tables, cytoarchitecture: &Cytoarchitecture) {
        for area in 0..N_AREAS {
            let neurons = &cytoarchitecture.neurons[area * SLOTS_PER_AREA..][..SLOTS_PER_AREA];
            let synapses = self.area_synapses[[area, area]];
            let column = synapses * self.local_fraction[area];
            let block = within_area::from_column(&tables.microcircuit, neurons, column);
            self.block_mut(area, area).assign(&block.mapv(rounded));
            let rest = within_area::from_rest_of_area(&tables.microcircuit, neurons, synapses - column);
            self.external_synapses.extend(rest.into_iter().map(rounded));
        }
    }

    fn fill_between_areas(
        &mut self,
        tables: &Tables,
        cytoarchitecture: &Cytoarchitecture,
        connectivity: &Connectivity,
    ) -> Result<(), AnatomyError> {
        let between = BetweenAreas::new(tables, cytoarchitecture, connectivity);
        for target in 0..N_AREAS {
            for source in 0..N_AREAS {
                let synapses = self.area_synapses[[target, source]];
                if target != source && synapses > 0.0 {
                    let block = between.synapses(target, source, self.sln[[target, source]], synapses)?;
                    self.block_mut(target, source).assign(&block.mapv(rounded));
                }
            }
        }
        Ok(())
    }

    /// Synapses from the slots of one area to those of another, shape [8, 8].
    fn block_mut(&mut self, target: usize, source: usize) -> ndarray::ArrayViewMut2<'_, u64> {
        let (row, column) = (target * SLOTS_PER_AREA, source * SLOTS_PER_AREA);
        self.synapses.slice_mut(s![row..row + SLOTS_PER_AREA, column..column + SLOTS_PER_AREA])
    }
}

/// Synapses between areas, rounded: a fixed share from the area itself, the rest by streamlines.
fn area_synapses(
    tables: &Tables,
    cytoarchitecture: &Cytoarchitecture,
    connectivity: &Connectivity,
) -> Array2<f64> {
    let fln = connectivity.fln_within_area;
    Array2::from_shape_fn((N_AREAS, N_AREAS), |(target, source)| {
        let total = connectivity.synapse_density_per_mm3
            * cytoarchitecture.surface_area_mm2
            * cytoarchitecture.total_thickness_mm(target);
        let streamlines = tables.streamlines.row(target);
        let all = sum(streamlines.iter().copied());
        let share = if target == source { fln } else { streamlines[source] / all * (1.0 - fln) };
        (share * total).round_ties_even()
    })
}

/// SLN = Φ(a0 + a1 ln(ρ_t / ρ_s)), ρ the neuron density of an area and Φ the normal distribution
/// function (Schmidt et al. 2018).
fn sln(cytoarchitecture: &Cytoarchitecture, connectivity: &Connectivity) -> Array2<f64> {
    Array2::from_shape_fn((N_AREAS, N_AREAS), |(target, source)| {
        let ratio =
            cytoarchitecture.area_density_per_mm3(target) / cytoarchitecture.area_density_per_mm3(source);
        normal_cdf(connectivity.sln_a0 + connectivity.sln_a1 * libm::log(ratio))
    })
}

fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

fn local_fractions(
    tables: &Tables,
    cytoarchitecture: &Cytoarchitecture,
    connectivity: &Connectivity,
) -> Result<Vec<f64>, AnatomyError> {
    let column_mm2 = cytoarchitecture.surface_area_mm2;
    let fraction = |area: usize| {
        let thickness_mm = cytoarchitecture.total_thickness_mm(area);
        let area_mm2 = tables.areas[area].volume_mm3 / thickness_mm;
        if area_mm2 < column_mm2 {
            return Err(AnatomyError::AreaBelowColumn { area: AREAS[area], area_mm2, column_mm2 });
        }
        let z_max_um = published_z_max_um(thickness_mm);
        let lambda_um = connectivity.lambda_um;
        let fraction = local_fraction(radius_um(column_mm2), radius_um(area_mm2), z_max_um, lambda_um);
        // The integrals of numbers far from those of a cortex can be 0 or infinite.
        if fraction.is_finite() {
            Ok(fraction)
        } else {
            Err(AnatomyError::LocalFraction { area: AREAS[area], lambda_um })
        }
    };
    (0..N_AREAS).map(fraction).collect()
}

/// Projections between areas start in II/III E, and in V E and VI E.
fn check_projection_neurons(cytoarchitecture: &Cytoarchitecture) -> Result<(), AnatomyError> {
    for (area, name) in AREAS.iter().enumerate() {
        let absent = |layer: Layer| {
            cytoarchitecture.neurons[area * SLOTS_PER_AREA + local_index(layer, CellType::E)] == 0
        };
        if absent(Layer::II_III) {
            return Err(AnatomyError::NoProjectionNeurons { area: name, layers: "II/III" });
        }
        if absent(Layer::V) && absent(Layer::VI) {
            return Err(AnatomyError::NoProjectionNeurons { area: name, layers: "V and VI" });
        }
    }
    Ok(())
}

fn rounded(synapses: f64) -> u64 {
    synapses.round_ties_even() as u64
}
