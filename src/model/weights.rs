//! Mean synaptic weights: one peak postsynaptic potential for all synapses, converted into a current
//! for each target, times the multiplier of the projection.

use super::{ModelError, neuron};
use crate::model::anatomy::{CellType, Layer, N_SLOTS, Slot};
use crate::model::network::{LifParameters, NeuronParameters, psc_over_psp_pa_per_mv};
use crate::model::{Neurons, Weights};
use ndarray::Array2;

/// Current per peak postsynaptic potential of synapses from `source` cells onto `target` cells, pA/mV.
pub(super) fn psc_over_psp(neurons: &Neurons, target: CellType, source: CellType) -> f64 {
    let parameters = LifParameters::from(neuron(neurons, target));
    let tau_syn_ms = match source {
        CellType::E => parameters.tau_syn_ex_ms,
        CellType::I => parameters.tau_syn_in_ms,
    };
    psc_over_psp_pa_per_mv(&parameters, tau_syn_ms)
}

/// Time constants must be above 0.
pub(super) fn check_conversion(neurons: &Neurons) -> Result<(), ModelError> {
    check_neuron_conversion(&neurons.excitatory, "excitatory")?;
    check_neuron_conversion(&neurons.inhibitory, "inhibitory")
}

/// The same for one neuron, whose type is `name`.
pub(super) fn check_neuron_conversion(
    neuron: &NeuronParameters,
    name: &'static str,
) -> Result<(), ModelError> {
    let NeuronParameters { tau_m_ms, tau_syn_ex_ms, tau_syn_in_ms, .. } = *neuron;
    if !(tau_m_ms > 0.0 && tau_syn_ex_ms > 0.0 && tau_syn_in_ms > 0.0) {
        return Err(ModelError::Conversion { neurons: name, tau_syn_ex_ms, tau_syn_in_ms, tau_m_ms });
    }
    Ok(())
}

/// Mean weights between all slots, pA, shape [272, 272].
pub(super) fn weights_pa(neurons: &Neurons, weights: &Weights) -> Array2<f64> {
    let slots: Vec<Slot> = Slot::all().collect();
    let unit =
        CellType::ALL.map(|target| CellType::ALL.map(|source| weight_pa(neurons, weights, target, source)));
    Array2::from_shape_fn((N_SLOTS, N_SLOTS), |(target, source)| {
        let (target, source) = (slots[target], slots[source]);
        unit[target.cell_type as usize][source.cell_type as usize] * multiplier(weights, target, source)
    })
}

/// Weight before its multiplier, pA.
fn weight_pa(neurons: &Neurons, weights: &Weights, target: CellType, source: CellType) -> f64 {
    let psp_mv = match source {
        CellType::E => weights.psp_mv,
        CellType::I => weights.g * weights.psp_mv,
    };
    psp_mv * psc_over_psp(neurons, target, source)
}

/// Multiplier of a projection. From V E onto I of the same area both local ones apply.
fn multiplier(weights: &Weights, target: Slot, source: Slot) -> f64 {
    if source.cell_type == CellType::I {
        return 1.0;
    }
    if target.area != source.area {
        return match target.cell_type {
            CellType::E => weights.chi,
            CellType::I => weights.chi_i(),
        };
    }
    match (source.layer, target.layer, target.cell_type) {
        (Layer::IV, Layer::II_III, CellType::E) => weights.local_iv_e_to_ii_iii_e,
        (Layer::V, _, CellType::I) => weights.local_v_e_to_i * weights.local_e_to_i,
        (_, _, CellType::I) => weights.local_e_to_i,
        _ => 1.0,
    }
}
