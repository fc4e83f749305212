//! What keys are where the configuration leaves them out; sources stand at the keys.

use super::{
    Anatomy, ConnectionRule, Connectivity, DelayShape, Delays, Drive, EngineKind, EngineOptions,
    ExcitatoryFraction, Hemisphere, NeuronParameters, Neurons, Scaling, ScalingMethod, Simulation,
    SynapseStorage, Theory, Vectors, Weights,
};

impl Default for Anatomy {
    fn default() -> Self {
        Self {
            tables: None,
            hemisphere: Hemisphere::Right,
            excitatory_fraction: ExcitatoryFraction::ShapsonCoe2021,
            surface_area_mm2: 1.0,
            min_neurons_per_layer: 5000,
            remove_smaller_layer_1: false,
        }
    }
}

impl Default for Connectivity {
    fn default() -> Self {
        Self {
            rule: ConnectionRule::FixedTotalNumber,
            p_transmit: 1.0,
            synapse_density_per_mm3: 6.6e8,
            fln_within_area: 0.86,
            feedback_onto_excitatory: 0.93,
            sln_feedforward: 0.65,
            sln_feedback: 0.35,
            sln_a0: -0.152,
            sln_a1: -1.534,
            lambda_um: 160.0,
        }
    }
}

impl NeuronParameters {
    /// The model's excitatory neuron.
    pub const EXCITATORY: Self = Self {
        e_l_mv: -70.0,
        v_th_mv: -45.0,
        v_reset_mv: -70.0,
        c_m_pf: 220.0,
        tau_m_ms: 10.0,
        tau_syn_ex_ms: 2.0,
        tau_syn_in_ms: 2.0,
        t_ref_ms: 2.0,
        v_th_relative_sd: 0.0,
        c_m_relative_sd: 0.0,
        tau_m_relative_sd: 0.0,
    };
    /// The model's inhibitory neuron.
    pub const INHIBITORY: Self = Self { c_m_pf: 100.0, ..Self::EXCITATORY };
}

impl Default for Neurons {
    fn default() -> Self {
        Self {
            excitatory: NeuronParameters::EXCITATORY,
            inhibitory: NeuronParameters::INHIBITORY,
            initial_v_m_mean_mv: -150.0,
            initial_v_m_sd_mv: 50.0,
        }
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            psp_mv: 0.1,
            g: -5.0,
            relative_sd: 0.1,
            chi: 1.0,
            chi_i: None,
            local_iv_e_to_ii_iii_e: 2.0,
            local_v_e_to_i: 1.0,
            local_e_to_i: 1.0,
        }
    }
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            local_excitatory_ms: 1.5,
            local_inhibitory_ms: 0.75,
            conduction_velocity_mm_per_ms: 3.5,
            relative_sd: 0.5,
            distribution: DelayShape::Lognormal,
            cc_min_ms: 0.0,
        }
    }
}

impl Default for Drive {
    fn default() -> Self {
        Self { eta: 1.1, psp_mv: 0.1, relative_sd: 0.1, v_e_factor: 1.05, vi_e_factor: 1.15, dc: Vec::new() }
    }
}

impl Default for Scaling {
    fn default() -> Self {
        Self { n_scaling: 1.0, k_scaling: 1.0, method: ScalingMethod::Linear }
    }
}

impl Default for Theory {
    fn default() -> Self {
        Self { initial_rate_hz: 0.0, pseudo_time: 10.0, max_pseudo_time: 1000.0, tolerance_hz: 1e-6 }
    }
}

impl Default for Simulation {
    fn default() -> Self {
        Self { seed: 2903, duration_ms: 2000.0, dt_ms: 0.1, statistics_from_ms: 500.0 }
    }
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            engine: EngineKind::Auto,
            adapter: None,
            threads: None,
            shards: None,
            batch_steps: None,
            checkpoint_every_ms: None,
            vectors: Vectors::Auto,
            synapses: SynapseStorage::Auto,
            gpu_memory_gib: 12.0,
            history_spikes: None,
        }
    }
}
