//! Down-scaling: fewer neurons and synapses, and what makes up for the missing input.

use super::{ConnectionRule, Scaling, ScalingMethod, SynapseRule};
use super::{LifParameters, NetworkSpec, Population, psc_over_psp_pa_per_mv};

const S_PER_MS: f64 = 1e-3;

/// Factor on every weight, recurrent and external: 1/K_scaling for `linear`, 1/√K_scaling else.
pub fn weight_factor(scaling: &Scaling) -> f64 {
    1.0 / kept_input(scaling)
}

/// Share of the mean input that counts as left, the rest being what the DC brings.
///
/// √K is what weights / √K leave. Weights / K leave all of it, so that the DC of the published
/// `linear` comes on top.
fn kept_input(scaling: &Scaling) -> f64 {
    match scaling.method {
        ScalingMethod::Linear => scaling.k_scaling,
        ScalingMethod::Sqrt | ScalingMethod::Preserve => libm::sqrt(scaling.k_scaling),
    }
}

/// The network with fewer neurons and synapses.
///
/// 1. Neurons are round(N · N_scaling), synapses, external ones too, round(S · N_scaling ·
///    K_scaling), half to even; where a population has no neurons left, its synapses go with them. With
///    `fixed_indegree` a projection's synapses are then its target's neurons times the whole number
///    nearest to the in-degree; what that adds or leaves out is counted.
/// 2. Weights grow by [`weight_factor`]; their relative standard deviation, the rate of an
///    external synapse and the delays stay.
/// 3. A DC current is added to each population. `linear` and `sqrt` are as published with the
///    model (Pronold et al. 2024, doi:10.1093/cercor/bhae409); `preserve` keeps the mean and
///    variance of the input, and with them the stationary rates (van Albada, Helias & Diesmann
///    2015, doi:10.1371/journal.pcbi.1004490).
///
/// `full_rates_hz` are the full-scale theory's rates of every population, 1/s: those of χ = 1 for
/// `linear` and `sqrt`, those of the network itself for `preserve`. A rate that is missing counts
/// as 0; at K_scaling = 1 none is needed and no DC is added.
pub fn scaled(full: &NetworkSpec, scaling: &Scaling, full_rates_hz: &[f64]) -> NetworkSpec {
    let synapses = |n: u64| rounded(n as f64 * scaling.n_scaling * scaling.k_scaling) as u64;
    let factor = weight_factor(scaling);
    let mut network = full.clone();
    for population in &mut network.populations {
        population.neurons = rounded(f64::from(population.neurons) * scaling.n_scaling) as u32;
        if let Some(drive) = &mut population.poisson {
            drive.synapses = if population.neurons > 0 { synapses(drive.synapses) } else { 0 };
            drive.weight_pa *= factor;
        }
    }
    for projection in &mut network.projections {
        let ends = [projection.source, projection.target];
        let has_ends = ends.iter().all(|&end| network.populations.get(end).is_some_and(|p| p.neurons > 0));
        let target_neurons = network.populations.get(projection.target).map_or(0, |p| p.neurons);
        let exact = if has_ends { synapses(projection.synapses) } else { 0 };
        let rule = projection.rule.unwrap_or(SynapseRule::Drawn(network.connection_rule));
        projection.synapses = match rule {
            SynapseRule::Drawn(ConnectionRule::FixedIndegree) if has_ends => {
                whole_in_degrees(exact, target_neurons)
            }
            _ => exact,
        };
        network.rounded_synapses += projection.synapses as i64 - exact as i64;
        projection.weight_pa *= factor;
    }
    let dc_pa = match scaling.method {
        ScalingMethod::Linear | ScalingMethod::Sqrt => published_dc_pa(&network, scaling, full_rates_hz),
        ScalingMethod::Preserve => preserving_dc_pa(full, scaling, full_rates_hz),
    };
    network.populations.iter_mut().zip(dc_pa).for_each(|(population, dc_pa)| population.dc_pa += dc_pa);
    network
}

/// The number of synapses that gives every one of `neurons` neurons round(synapses / neurons), half to
/// even.
fn whole_in_degrees(synapses: u64, neurons: u32) -> u64 {
    rounded(synapses as f64 / f64::from(neurons)) as u64 * u64::from(neurons)
}

fn rounded(x: f64) -> f64 {
    x.round_ties_even()
}

/// (C_m/τ_m) (1 − s) τ_m Σ J K ν in pA, over the scaled network, with J the peak PSP in mV.
fn published_dc_pa(network: &NetworkSpec, scaling: &Scaling, rates_hz: &[f64]) -> Vec<f64> {
    let missing = 1.0 - kept_input(scaling);
    mean_current_pa(network, rates_hz, |neuron, weight_pa, tau_syn_ms| {
        let psp_mv = weight_pa / psc_over_psp_pa_per_mv(neuron, tau_syn_ms);
        missing * neuron.c_m_pf * psp_mv * S_PER_MS
    })
}

/// (1 − √K_scaling) Σ K w τ_syn ν in pA, over the full network.
fn preserving_dc_pa(full: &NetworkSpec, scaling: &Scaling, rates_hz: &[f64]) -> Vec<f64> {
    let missing = 1.0 - kept_input(scaling);
    mean_current_pa(full, rates_hz, |_, weight_pa, tau_syn_ms| missing * weight_pa * tau_syn_ms * S_PER_MS)
}

/// Σ K ν · charge for every population, pA, external input first; `charge_pa_s` is what one spike
/// brings, pA s, given the target's neuron, the weight in pA and the synaptic time constant in ms.
fn mean_current_pa(
    network: &NetworkSpec,
    rates_hz: &[f64],
    charge_pa_s: impl Fn(&LifParameters, f64, f64) -> f64,
) -> Vec<f64> {
    let charge = |target: &Population, weight_pa: f64| {
        let neuron = &target.neuron;
        let tau_syn_ms = if weight_pa > 0.0 { neuron.tau_syn_ex_ms } else { neuron.tau_syn_in_ms };
        charge_pa_s(neuron, weight_pa, tau_syn_ms)
    };
    let external = |population: &Population| match &population.poisson {
        Some(drive) if population.neurons > 0 => {
            drive.rate_per_neuron_hz(population.neurons) * charge(population, drive.weight_pa)
        }
        _ => 0.0,
    };
    let mut currents_pa: Vec<f64> = network.populations.iter().map(external).collect();
    for projection in &network.projections {
        let rate_hz = rates_hz.get(projection.source).copied().unwrap_or(0.0);
        let Some(target) = network.populations.get(projection.target) else { continue };
        if target.neurons > 0 && rate_hz != 0.0 {
            let in_degree = network.effective_in_degree(projection);
            currents_pa[projection.target] += in_degree * rate_hz * charge(target, projection.weight_pa);
        }
    }
    currents_pa
}
