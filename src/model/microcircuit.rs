//! The microcircuit of Potjans & Diesmann (2014, doi:10.1093/cercor/bhs358): eight populations under
//! 1 mm² of early sensory cortex, the field's benchmark.
//!
//! What differs from the publication, with nothing of it in the statistics: weights are clipped at 0
//! where they were drawn again until the sign held (ten standard deviations away), and background
//! spikes arrive without their delay of 1.5 ms.

use super::{Background, Microcircuit, ModelError, ModelOptions, check_synapses, parameter_spread, weights};
use crate::model::anatomy::{SLOTS_PER_AREA, Tables};
use crate::model::network::{
    Delay, DelayDistribution, LifParameters, NetworkSpec, Normal, PoissonDrive, Population, Projection,
    psc_over_psp_pa_per_mv,
};
use ndarray::Array2;

/// Stands where the human model has an area.
pub const AREA: &str = "microcircuit";
const LAYERS: [&str; 4] = ["L2/3", "L4", "L5", "L6"];
const CELL_TYPES: [&str; 2] = ["E", "I"];
/// Places of L2/3 E and L4 E.
const L23_E: usize = 0;
const L4_E: usize = 2;
const S_PER_MS: f64 = 1e-3;

/// The microcircuit at full scale. Matrices are [target, source], populations L2/3 E to L6 I.
#[derive(Debug, Clone, PartialEq)]
pub struct MicrocircuitModel {
    /// Neurons of each population.
    pub neurons: Vec<u32>,
    /// Synapses, shape [8, 8].
    pub synapses: Array2<u64>,
    /// Background synapses of each population, all its neurons together.
    pub background_synapses: Vec<u64>,
    /// Mean weight, pA, shape [8, 8].
    pub weights_pa: Array2<f64>,
    /// Weight of a background synapse, pA, the same for each population.
    pub background_weights_pa: Vec<f64>,
    /// Its options.
    pub parameters: Microcircuit,
}

impl MicrocircuitModel {
    /// The model at full scale, whatever `options.scaling` says. Where the table has fractions of
    /// neurons or synapses, they are rounded half to even.
    ///
    /// # Errors
    /// [`ModelError::Conversion`] and [`ModelError::TooManyNeurons`].
    pub fn new(tables: &Tables, options: &ModelOptions) -> Result<Self, ModelError> {
        let (table, parameters) = (&tables.microcircuit, &options.microcircuit);
        weights::check_neuron_conversion(&parameters.neuron, AREA)?;
        let total: f64 = table.neurons.iter().sum();
        if total > f64::from(u32::MAX) {
            return Err(ModelError::TooManyNeurons { neurons: total as u64 });
        }
        let shape = (SLOTS_PER_AREA, SLOTS_PER_AREA);
        let synapses = |(target, source)| table.expected_synapses(target, source).round_ties_even() as u64;
        let background = table.external_indegree.iter().zip(&table.neurons);
        let synapses = Array2::from_shape_fn(shape, synapses);
        let background_synapses: Vec<u64> =
            background.map(|(k, n)| (k * n).round_ties_even() as u64).collect();
        check_synapses(synapses.iter().chain(&background_synapses))?;
        Ok(Self {
            neurons: table.neurons.iter().map(|n| n.round_ties_even() as u32).collect(),
            synapses,
            background_synapses,
            weights_pa: Array2::from_shape_fn(shape, |(target, source)| {
                weight_pa(parameters, target, source)
            }),
            background_weights_pa: vec![excitatory_weight_pa(parameters); SLOTS_PER_AREA],
            parameters: parameters.clone(),
        })
    }

    /// Area, layer and cell type of the populations, as their names have them: `microcircuit L2/3 E`.
    pub fn slots() -> impl Iterator<Item = [&'static str; 3]> {
        (0..SLOTS_PER_AREA).map(|slot| [AREA, LAYERS[slot / 2], CELL_TYPES[slot % 2]])
    }

    /// Its network. Projections without synapses or neurons are left out.
    pub fn network(&self) -> NetworkSpec {
        let populations = Self::slots().enumerate().map(|(slot, place)| self.population(slot, place));
        let mut projections = Vec::new();
        for ((target, source), &synapses) in self.synapses.indexed_iter() {
            // A table may have so small a part of a neuron that none is left of it.
            if synapses > 0 && self.neurons[target] > 0 && self.neurons[source] > 0 {
                projections.push(Projection {
                    rule: None,
                    source,
                    target,
                    synapses,
                    weight_pa: self.weights_pa[[target, source]],
                    weight_relative_sd: self.parameters.weight_relative_sd,
                    delay: self.delay(source),
                });
            }
        }
        NetworkSpec::new(populations.collect(), projections)
    }

    fn population(&self, slot: usize, place: [&str; 3]) -> Population {
        let Microcircuit { neuron, background, background_rate_hz: rate_hz, .. } = self.parameters;
        let weight_pa = self.background_weights_pa[slot];
        let drive =
            PoissonDrive { synapses: self.background_synapses[slot], rate_hz, weight_pa, relative_sd: 0.0 };
        let train_hz = drive.rate_per_neuron_hz(self.neurons[slot].max(1));
        let (poisson, dc_pa) = match background {
            Background::Poisson => (Some(drive), 0.0),
            Background::Dc => (None, weight_pa * train_hz * neuron.tau_syn_ex_ms * S_PER_MS),
        };
        let [area, layer, cell_type] = place.map(str::to_owned);
        Population {
            area,
            layer,
            cell_type,
            neurons: self.neurons[slot],
            neuron: (&neuron).into(),
            spread: parameter_spread(&neuron),
            initial_v_m_mv: Normal {
                mean: self.parameters.initial_v_m_mean_mv[slot],
                sd: self.parameters.initial_v_m_sd_mv[slot],
            },
            poisson: poisson.filter(|drive| drive.synapses > 0),
            dc_pa,
        }
    }

    fn delay(&self, source: usize) -> Delay {
        let Microcircuit { delay_excitatory_ms, delay_inhibitory_ms, delay_relative_sd, .. } =
            self.parameters;
        Delay {
            mean_ms: if is_excitatory(source) { delay_excitatory_ms } else { delay_inhibitory_ms },
            min_ms: 0.0,
            relative_sd: delay_relative_sd,
            distribution: DelayDistribution::TruncatedNormal,
        }
    }
}

fn is_excitatory(slot: usize) -> bool {
    slot.is_multiple_of(CELL_TYPES.len())
}

fn excitatory_weight_pa(parameters: &Microcircuit) -> f64 {
    let neuron = LifParameters::from(&parameters.neuron);
    parameters.psp_mv * psc_over_psp_pa_per_mv(&neuron, neuron.tau_syn_ex_ms)
}

fn weight_pa(parameters: &Microcircuit, target: usize, source: usize) -> f64 {
    let neuron = LifParameters::from(&parameters.neuron);
    if !is_excitatory(source) {
        let psc_over_psp = psc_over_psp_pa_per_mv(&neuron, neuron.tau_syn_in_ms);
        return parameters.g * parameters.psp_mv * psc_over_psp;
    }
    let is_strong = (target, source) == (L23_E, L4_E);
    excitatory_weight_pa(parameters) * if is_strong { parameters.l4_e_to_l23_e } else { 1.0 }
}
