//! A network given neuron by neuron and synapse by synapse: what the f64 model runs as it stands,
//! and the engines run as a specification with a population for each neuron.
#![allow(dead_code, reason = "each test uses a part")]

use humam_gpu::config::NeuronParameters;
use humam_gpu::network::{
    Delay, DelayDistribution, LifParameters, NetworkSpec, Normal, ParameterSpread, Population, Projection,
};

/// Resolution of the small networks, ms.
pub const DT_MS: f64 = 0.1;

/// A neuron with its own input current and initial potential.
#[derive(Debug, Clone)]
pub struct ExplicitNeuron {
    pub parameters: LifParameters,
    pub dc_pa: f64,
    pub v0_mv: f64,
}

/// A synapse with its own weight and delay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExplicitSynapse {
    pub source: usize,
    pub target: usize,
    pub weight_pa: f64,
    pub delay_steps: u32,
}

#[derive(Debug, Clone)]
pub struct ExplicitNetwork {
    pub neurons: Vec<ExplicitNeuron>,
    pub synapses: Vec<ExplicitSynapse>,
}

impl ExplicitNeuron {
    /// A neuron that spikes in step 1 and never again: it starts 50 mV above E_L, where threshold
    /// is 25 mV above it, is reset to E_L, and has no input.
    pub fn one_shot() -> Self {
        let parameters = excitatory();
        Self { parameters, dc_pa: 0.0, v0_mv: parameters.v_th_mv + 25.0 }
    }
}

impl ExplicitNetwork {
    /// The same network with a population for each neuron and a projection for each synapse.
    pub fn to_spec(&self) -> NetworkSpec {
        let populations = self.neurons.iter().enumerate().map(|(index, neuron)| Population {
            name: format!("neuron {index}"),
            neurons: 1,
            neuron: neuron.parameters,
            spread: ParameterSpread::default(),
            initial_v_m_mv: Normal { mean: neuron.v0_mv, sd: 0.0 },
            poisson: None,
            dc_pa: neuron.dc_pa,
        });
        let mut projections: Vec<Projection> = self.synapses.iter().map(projection).collect();
        projections.sort_by_key(|p| (p.target, p.source));
        NetworkSpec::new(populations.collect(), projections)
    }

    /// The network with every delay longer by a step, for negative controls.
    pub fn with_delays_a_step_longer(mut self) -> Self {
        self.synapses.iter_mut().for_each(|s| s.delay_steps += 1);
        self
    }

    /// The network without the strongest synapse of a source, for negative controls.
    pub fn without_the_strongest_synapse_of(mut self, source: usize) -> Self {
        let of_source = self.synapses.iter().enumerate().filter(|(_, s)| s.source == source);
        let strongest = of_source.max_by(|(_, a), (_, b)| a.weight_pa.abs().total_cmp(&b.weight_pa.abs()));
        let (index, _) = strongest.expect("a synapse of the source");
        self.synapses.remove(index);
        self
    }
}

fn projection(synapse: &ExplicitSynapse) -> Projection {
    let &ExplicitSynapse { source, target, weight_pa, delay_steps } = synapse;
    let mean_ms = f64::from(delay_steps) * DT_MS;
    let delay = Delay { mean_ms, min_ms: 0.0, relative_sd: 0.0, distribution: DelayDistribution::Lognormal };
    Projection { source, target, synapses: 1, weight_pa, weight_relative_sd: 0.0, delay }
}

/// The model's excitatory neuron.
pub fn excitatory() -> LifParameters {
    lif(NeuronParameters::EXCITATORY)
}

/// The model's inhibitory neuron.
pub fn inhibitory() -> LifParameters {
    lif(NeuronParameters::INHIBITORY)
}

fn lif(p: NeuronParameters) -> LifParameters {
    LifParameters {
        e_l_mv: p.e_l_mv,
        v_th_mv: p.v_th_mv,
        v_reset_mv: p.v_reset_mv,
        c_m_pf: p.c_m_pf,
        tau_m_ms: p.tau_m_ms,
        tau_syn_ex_ms: p.tau_syn_ex_ms,
        tau_syn_in_ms: p.tau_syn_in_ms,
        t_ref_ms: p.t_ref_ms,
    }
}
