//! External Poisson drive: weights, and the rate that brings every neuron to the same distance from
//! its threshold.

use super::weights::psc_over_psp;
use super::{HumanModel, neuron};
use crate::model::anatomy::{CellType, Layer, Slot};
use crate::model::{Drive, Neurons};

const MS_PER_S: f64 = 1000.0;

/// Mean weight of an external synapse of every slot, pA, multipliers included.
pub(super) fn external_weights_pa(neurons: &Neurons, drive: &Drive) -> Vec<f64> {
    Slot::all().map(|slot| weight_pa(neurons, drive, slot.cell_type) * multiplier(drive, slot)).collect()
}

/// ν_ext = η (V_th − E_L) C_m / (τ_m K_ext τ_syn w_ext) of every slot, 1/s, with K_ext the external
/// synapses per neuron and w_ext the weight before its multiplier; 0 if a slot has no external
/// synapses.
pub(super) fn external_rates_hz(model: &HumanModel, drive: &Drive) -> Vec<f64> {
    let rate = |(index, slot): (usize, &Slot)| {
        if model.neurons[index] == 0 || model.external_synapses[index] == 0 {
            return 0.0;
        }
        let indegree = model.external_synapses[index] as f64 / model.neurons[index] as f64;
        let neuron = neuron(&model.neuron_parameters, slot.cell_type);
        let weight_pa = weight_pa(&model.neuron_parameters, drive, slot.cell_type);
        MS_PER_S * drive.eta * (neuron.v_th_mv - neuron.e_l_mv) * neuron.c_m_pf
            / (neuron.tau_m_ms * indegree * neuron.tau_syn_ex_ms * weight_pa)
    };
    model.slots.iter().enumerate().map(rate).collect()
}

/// Weight before its multiplier, pA.
fn weight_pa(neurons: &Neurons, drive: &Drive, target: CellType) -> f64 {
    drive.psp_mv * psc_over_psp(neurons, target, CellType::E)
}

fn multiplier(drive: &Drive, slot: Slot) -> f64 {
    match (slot.layer, slot.cell_type) {
        (Layer::V, CellType::E) => drive.v_e_factor,
        (Layer::VI, CellType::E) => drive.vi_e_factor,
        _ => 1.0,
    }
}
