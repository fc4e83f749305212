//! Synapses between areas (type III), shared out to populations.
//!
//! Projections start in II/III E, V E and VI E. Which layers they end in depends on their direction in
//! the hierarchy, read off the SLN; which populations receive the synapses of a layer, on where their
//! dendrites are (Pronold et al. 2024; hierarchy after Schmidt et al. 2018).

use super::slots::{AREAS, CellType, Layer, SLOTS_PER_AREA, local_index};
use super::{AnatomyError, Cytoarchitecture, Tables, sum};
use crate::model::anatomy::Connectivity;
use ndarray::{Array1, Array2};

/// Direction of a projection in the cortical hierarchy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Feedforward,
    Feedback,
    Lateral,
}

/// What the projections between areas have in common.
pub(super) struct BetweenAreas<'a> {
    cytoarchitecture: &'a Cytoarchitecture,
    connectivity: &'a Connectivity,
    /// Probability that a synapse in a layer lies on a cell of a population, shape [8, 5].
    cell_bodies: Array2<f64>,
}

impl<'a> BetweenAreas<'a> {
    pub fn new(
        tables: &Tables,
        cytoarchitecture: &'a Cytoarchitecture,
        connectivity: &'a Connectivity,
    ) -> Self {
        Self { cytoarchitecture, connectivity, cell_bodies: cell_bodies(tables) }
    }

    /// Synapses from the populations of area `source` to those of area `target`, `synapses` in all,
    /// before rounding; shape [8, 8].
    pub fn synapses(
        &self,
        target: usize,
        source: usize,
        sln: f64,
        synapses: f64,
    ) -> Result<Array2<f64>, AnatomyError> {
        let direction = self.direction(sln);
        let Some(targets) = self.targets(target, direction) else {
            return Err(AnatomyError::NoTargetNeurons { target: AREAS[target], source_area: AREAS[source] });
        };
        let sources = self.sources(source, sln);
        Ok(Array2::from_shape_fn((SLOTS_PER_AREA, SLOTS_PER_AREA), |(t, s)| {
            synapses * targets[t] * sources[s]
        }))
    }

    fn direction(&self, sln: f64) -> Direction {
        if sln > self.connectivity.sln_feedforward {
            Direction::Feedforward
        } else if sln < self.connectivity.sln_feedback {
            Direction::Feedback
        } else {
            Direction::Lateral
        }
    }

    /// Share of a projection that starts in each population of its source area: SLN in II/III E, the
    /// rest in V E and VI E in proportion to their neurons.
    fn sources(&self, area: usize, sln: f64) -> Array1<f64> {
        let [v, vi] =
            [Layer::V, Layer::VI].map(|layer| self.cytoarchitecture.excitatory_per_mm2(area, layer));
        let mut shares = Array1::zeros(SLOTS_PER_AREA);
        shares[local_index(Layer::II_III, CellType::E)] = sln;
        shares[local_index(Layer::V, CellType::E)] = (1.0 - sln) * (v / (v + vi));
        shares[local_index(Layer::VI, CellType::E)] = (1.0 - sln) * (vi / (v + vi));
        shares
    }

    /// Share of a projection that ends on each population of its target area; `None` if no
    /// population can receive it.
    fn targets(&self, area: usize, direction: Direction) -> Option<Array1<f64>> {
        let layers = self.layer_shares(area, direction);
        let neurons = &self.cytoarchitecture.neurons[area * SLOTS_PER_AREA..][..SLOTS_PER_AREA];
        let mut shares = Array1::from_shape_fn(SLOTS_PER_AREA, |population| {
            let synapses =
                |layer: Layer| layers[layer.depth()] * self.cell_bodies[[population, layer.depth()]];
            if neurons[population] == 0 { 0.0 } else { sum(Layer::ALL.into_iter().map(synapses)) }
        });
        let total = sum(shares.iter().copied());
        if total == 0.0 {
            return None;
        }
        shares /= total;
        if direction == Direction::Feedback {
            self.rescale_feedback(&mut shares);
        }
        Some(shares)
    }

    /// Share of a projection's synapses in each layer of its target area, length 5: in proportion to
    /// the thickness of the layers it ends in.
    fn layer_shares(&self, area: usize, direction: Direction) -> [f64; 5] {
        let thickness = |layer: Layer| self.cytoarchitecture.thickness_mm[[area, layer.depth()]];
        let ends_in: &[Layer] = match direction {
            Direction::Feedforward if thickness(Layer::IV) > 0.0 => &[Layer::IV],
            Direction::Feedforward => &[Layer::II_III],
            Direction::Feedback => &[Layer::I, Layer::II_III, Layer::V, Layer::VI],
            Direction::Lateral => &Layer::ALL,
        };
        let total = sum(ends_in.iter().map(|layer| thickness(*layer)));
        Layer::ALL.map(|layer| if ends_in.contains(&layer) { thickness(layer) / total } else { 0.0 })
    }

    /// Gives the excitatory populations the share Z_i of a feedback projection and the inhibitory ones
    /// the rest, if there are both.
    fn rescale_feedback(&self, shares: &mut Array1<f64>) {
        let z = self.connectivity.feedback_onto_excitatory;
        let [excitatory, inhibitory] = [0, 1].map(|first| sum(shares.iter().copied().skip(first).step_by(2)));
        if excitatory == 0.0 || inhibitory == 0.0 {
            return;
        }
        for (population, share) in shares.iter_mut().enumerate() {
            *share *= if population % 2 == 0 { z / excitatory } else { (1.0 - z) / inhibitory };
        }
    }
}

/// Probability that a synapse in a layer lies on a cell of a population, shape [8, 5]: the two cell
/// types in the ratio of Binzegger et al. (2004), excitatory cells after human dendrites (Mohan et al.
/// 2015), inhibitory cells only in their own layer.
fn cell_bodies(tables: &Tables) -> Array2<f64> {
    let binzegger = &tables.cell_bodies_binzegger;
    let in_layer =
        |layer: usize, first: usize| sum(binzegger.column(layer).iter().copied().skip(first).step_by(2));
    Array2::from_shape_fn((SLOTS_PER_AREA, Layer::ALL.len()), |(population, layer)| {
        let own_layer = Layer::WITH_NEURONS[population / 2].depth();
        match population % 2 {
            0 => tables.cell_bodies_mohan[[population, layer]] * in_layer(layer, 0),
            _ if layer == own_layer => in_layer(layer, 1),
            _ => 0.0,
        }
    })
}
