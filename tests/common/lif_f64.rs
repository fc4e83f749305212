//! The leaky integrate-and-fire neuron with exponential synaptic currents in f64, written for
//! clarity: exact integration (Rotter & Diesmann 1999, doi:10.1007/s004220050570) with the order of
//! operations of NEST's `iaf_psc_exp`.
//!
//! | symbol | meaning |
//! |---|---|
//! | P22 | exp(−h/τ_m), decay of V |
//! | P11 | exp(−h/τ_syn), decay of a synaptic current |
//! | P21 | effect of a synaptic current on V in a step |
//! | P20 | effect of a constant current on V in a step |
#![allow(dead_code, reason = "each test uses a part")]

use super::explicit_network::{DT_MS, ExplicitNetwork, ExplicitNeuron, ExplicitSynapse};
use humam_gpu::network::LifParameters;
use std::collections::HashMap;

/// A neuron and its state; potentials are relative to E_L.
#[derive(Debug, Clone)]
struct Neuron {
    parameters: LifParameters,
    p22: f64,
    p11_ex: f64,
    p11_in: f64,
    p21_ex: f64,
    p21_in: f64,
    p20: f64,
    dc_pa: f64,
    v_m_mv: f64,
    i_syn_ex_pa: f64,
    i_syn_in_pa: f64,
    refractory_steps: u32,
}

impl Neuron {
    fn new(neuron: &ExplicitNeuron) -> Self {
        let p = neuron.parameters;
        let decay = |tau_ms: f64| (-DT_MS / tau_ms).exp();
        let p21 = |tau_syn_ms: f64| match tau_syn_ms == p.tau_m_ms {
            // The limit of what follows.
            true => DT_MS / p.c_m_pf * decay(p.tau_m_ms),
            false => {
                p.tau_m_ms * tau_syn_ms / (p.c_m_pf * (p.tau_m_ms - tau_syn_ms))
                    * (decay(p.tau_m_ms) - decay(tau_syn_ms))
            }
        };
        Self {
            parameters: p,
            p22: decay(p.tau_m_ms),
            p11_ex: decay(p.tau_syn_ex_ms),
            p11_in: decay(p.tau_syn_in_ms),
            p21_ex: p21(p.tau_syn_ex_ms),
            p21_in: p21(p.tau_syn_in_ms),
            p20: p.tau_m_ms / p.c_m_pf * (1.0 - decay(p.tau_m_ms)),
            dc_pa: neuron.dc_pa,
            v_m_mv: neuron.v0_mv - p.e_l_mv,
            i_syn_ex_pa: 0.0,
            i_syn_in_pa: 0.0,
            refractory_steps: 0,
        }
    }

    /// One step; `arrived_pa` are the sums of excitatory and inhibitory weights that arrive in it.
    fn step(&mut self, [arrived_ex_pa, arrived_in_pa]: [f64; 2]) -> bool {
        if self.refractory_steps == 0 {
            self.v_m_mv = self.v_m_mv * self.p22
                + self.i_syn_ex_pa * self.p21_ex
                + self.i_syn_in_pa * self.p21_in
                + self.dc_pa * self.p20;
        } else {
            self.refractory_steps -= 1;
        }
        self.i_syn_ex_pa = self.i_syn_ex_pa * self.p11_ex + arrived_ex_pa;
        self.i_syn_in_pa = self.i_syn_in_pa * self.p11_in + arrived_in_pa;
        let spikes = self.v_m_mv >= self.parameters.v_th_mv - self.parameters.e_l_mv;
        if spikes {
            self.v_m_mv = self.parameters.v_reset_mv - self.parameters.e_l_mv;
            self.refractory_steps = (self.parameters.t_ref_ms / DT_MS).round() as u32;
        }
        spikes
    }
}

/// A network of such neurons.
#[derive(Debug, Clone)]
pub struct LifNetwork {
    neurons: Vec<Neuron>,
    outgoing: Vec<Vec<ExplicitSynapse>>,
    /// Sums of weights, pA, by (step, target): excitatory, inhibitory.
    arrivals: HashMap<(u32, usize), [f64; 2]>,
    step: u32,
}

impl LifNetwork {
    /// The network at step 0.
    pub fn new(network: &ExplicitNetwork) -> Self {
        let mut outgoing = vec![Vec::new(); network.neurons.len()];
        for synapse in &network.synapses {
            outgoing[synapse.source].push(*synapse);
        }
        let neurons = network.neurons.iter().map(Neuron::new).collect();
        Self { neurons, outgoing, arrivals: HashMap::new(), step: 0 }
    }

    /// Computes a step and returns the neurons that spike in it.
    pub fn advance(&mut self) -> Vec<usize> {
        self.step += 1;
        let mut spikes = Vec::new();
        for (index, neuron) in self.neurons.iter_mut().enumerate() {
            let arrived_pa = self.arrivals.remove(&(self.step, index)).unwrap_or_default();
            if neuron.step(arrived_pa) {
                spikes.push(index);
            }
        }
        for synapse in spikes.iter().flat_map(|&source| &self.outgoing[source]) {
            let arrived = self.arrivals.entry((self.step + synapse.delay_steps, synapse.target)).or_default();
            arrived[usize::from(synapse.weight_pa < 0.0)] += synapse.weight_pa;
        }
        spikes
    }

    /// Computes `steps` steps and returns their spikes as (step, neuron).
    pub fn run(&mut self, steps: u32) -> Vec<(u32, u32)> {
        let mut spikes = Vec::new();
        for _ in 0..steps {
            let step = self.step + 1;
            spikes.extend(self.advance().into_iter().map(|neuron| (step, neuron as u32)));
        }
        spikes
    }

    /// Membrane potential of a neuron, mV.
    pub fn v_m_mv(&self, neuron: usize) -> f64 {
        self.neurons[neuron].v_m_mv + self.neurons[neuron].parameters.e_l_mv
    }
}
