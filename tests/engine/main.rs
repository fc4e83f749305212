//! The engines: the same spikes from each, and those of the model.

#[path = "../fixtures/mod.rs"]
mod fixtures;

mod determinism;
mod doses;
mod draws;
mod engines_agree;
mod ensembles;
mod every_state;
mod expected_failures;
mod fixed_indegree_in_nest;
mod full_scale_delivery;
mod gpu_engine;
mod gpu_memory;
mod microcircuit;
mod nest_ensemble;
mod nest_explicit;
mod nest_small;
mod options;
mod overflow;
mod own_networks;
mod restore;
mod same_spikes;
mod separate_currents;
mod state_sums;
mod stimuli;
mod stored_synapses;
mod transmission;
