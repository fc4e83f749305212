//! The model: tables, neurons and synapses, networks, theory.

#[path = "../fixtures/mod.rs"]
mod fixtures;

mod areas;
mod data_tables_keep_their_shape;
mod down_scaling_makes_up_for_missing_synapses;
mod full_scale_network_follows_from_the_model;
mod full_scale_neurons_equal_the_published_ones;
mod full_scale_synapses_agree_with_the_published_ones;
mod network_folder_has_the_published_layout;
mod theory_gives_the_published_rates;
mod theory_of_small_networks;
mod wrong_tables_are_refused_with_the_place;
