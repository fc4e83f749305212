//! Names change with what they stand for, and with nothing else.

use super::*;
use crate::engine::{EngineKind, EngineOptions, SynapseStorage, Vectors};

const FORMATS: Formats = Formats { v_m_bits: 17, current_bits: 19, weight_bits: 12 };

#[derive(Default)]
struct Options {
    model: ModelOptions,
    build: BuildOptions,
    recording: Recording,
}

fn hashes(Options { model, build, recording }: &Options) -> (String, String) {
    let network = NetworkIdentity::new(model, &[7; 32]).hash();
    let simulation = SimulationIdentity::new(&network, build, recording, FORMATS).hash();
    (network, simulation)
}

fn without_options() -> SimulationIdentity {
    SimulationIdentity::new("n", &BuildOptions::default(), &Recording::default(), FORMATS)
}

fn changed(change: impl Fn(&mut Options)) -> (bool, bool) {
    let mut options = Options::default();
    change(&mut options);
    let (before, after) = (hashes(&Options::default()), hashes(&options));
    (before.0 != after.0, before.1 != after.1)
}

#[test]
fn hashes_have_16_digits_and_repeat() {
    let (network, simulation) = hashes(&Options::default());
    assert_eq!((network.len(), simulation.len()), (16, 16));
    assert_eq!(hashes(&Options::default()), (network, simulation));
}

#[test]
fn engine_and_statistics_change_no_hash() {
    let engine = EngineOptions {
        checkpoint_every_ms: Some(10.0),
        engine: EngineKind::Reference,
        adapter: Some("any".into()),
        threads: Some(1),
        shards: Some(3),
        batch_steps: Some(10),
        vectors: Vectors::Baseline,
        synapses: SynapseStorage::Procedural,
        gpu_memory_gib: 1.0,
        history_spikes: Some(1000),
        gpu_int64: false,
    };
    assert_eq!(changed(|options| options.build.engine = engine.clone()), (false, false));
    assert_eq!(changed(|options| options.build.simulation.statistics_from_ms = 0.0), (false, false));
    assert_eq!(changed(|options| options.model.anatomy.tables = Some("folder".into())), (false, false));
}

#[test]
fn the_run_changes_only_its_own_hash() {
    assert_eq!(changed(|options| options.build.simulation.seed += 1), (false, true));
    assert_eq!(changed(|options| options.build.simulation.duration_ms = 1000.0), (false, true));
    assert_eq!(changed(|options| options.build.simulation.dt_ms = 0.05), (false, true));
}

#[test]
fn stimuli_and_recordings_change_only_the_hash_of_the_run() {
    let stimulus = Stimulus::Dc {
        populations: PopulationSelector("*".into()),
        amplitude_pa: 1.0,
        from_ms: 0.0,
        to_ms: None,
    };
    assert_eq!(changed(|options| options.build.stimuli.push(stimulus.clone())), (false, true));
    assert_eq!(changed(|options| options.recording.spike_counts = true), (false, true));
    assert_eq!(changed(|options| options.recording.populations = Some(Vec::new())), (false, true));
}

#[test]
fn a_run_without_stimuli_keeps_the_hash_it_had_before_there_were_any() {
    let identity = without_options();
    let text = serde_json::to_string(&identity).unwrap();
    assert!(!text.contains("stimuli") && !text.contains("recording"), "{text}");
    assert_eq!(serde_json::from_str::<SimulationIdentity>(&text).unwrap(), identity);
}

#[test]
fn what_shapes_the_network_changes_both_hashes() {
    assert_eq!(changed(|options| options.model.weights.chi = 2.5), (true, true));
    assert_eq!(changed(|options| options.model.scaling.n_scaling = 0.5), (true, true));
    assert_eq!(changed(|options| options.model.anatomy.min_neurons_per_layer = 0), (true, true));
    assert_eq!(changed(|options| options.model.theory.initial_rate_hz = 1.0), (true, true));
    assert_eq!(changed(|options| options.model.model = ModelKind::Microcircuit), (true, true));
    assert_eq!(changed(|options| options.model.areas = Some(vec!["cuneus".into()])), (true, true));
    let silence = Manipulation::Silence { populations: PopulationSelector("cuneus".into()) };
    assert_eq!(changed(|options| options.model.manipulations.push(silence.clone())), (true, true));
    let other = NeuronOverride { tau_m_ms: Some(20.0), ..NeuronOverride::of("*") };
    assert_eq!(changed(|options| options.model.neurons.overrides.push(other.clone())), (true, true));
    let other_tables = NetworkIdentity::new(&ModelOptions::default(), &[8; 32]).hash();
    assert_ne!(other_tables, hashes(&Options::default()).0);
}

#[test]
fn the_order_of_areas_and_what_replaces_none_change_no_hash() {
    let hash = |areas: &[&str]| {
        let areas = Some(areas.iter().map(|&name| name.to_owned()).collect());
        NetworkIdentity::new(&ModelOptions { areas, ..ModelOptions::default() }, &[7; 32]).hash()
    };
    assert_eq!(hash(&["insula", "cuneus"]), hash(&["cuneus", "insula"]));
    assert_ne!(hash(&["insula"]), hash(&["cuneus"]));
    let replaced = |options: &mut Options| options.model.replace_missing_areas = ReplaceMissingAreas::None;
    assert_eq!(changed(replaced), (false, false));
}

#[test]
fn the_whole_human_model_keeps_the_hash_it_had_before_there_were_others() {
    let identity = NetworkIdentity::new(&ModelOptions::default(), &[7; 32]);
    let text = serde_json::to_string(&identity).unwrap();
    for newer in ["model", "overrides", "manipulations"] {
        assert!(!text.contains(&format!("\"{newer}\"")), "{text}");
    }
    assert_eq!(serde_json::from_str::<NetworkIdentity>(&text).unwrap(), identity);
}

#[test]
fn an_imported_run_has_a_name_of_its_own_that_its_spikes_determine() {
    let simulation = Simulation::default();
    let name = |spikes: &[(u32, u32)], populations| {
        ImportIdentity::new("n", &simulation, &Imported::new("nest", spikes, populations)).hash()
    };
    let some = || Some(vec![PopulationSelector("E".into())]);
    assert_ne!(name(&[(1, 2)], None), name(&[(1, 2)], some()), "silence and absence are two runs");
    let name = |spikes| name(spikes, None);
    let (one, other) = (name(&[(1, 2)]), name(&[(2, 1)]));
    assert!(one.starts_with("nest-") && one.len() == 21, "{one}");
    assert!(one == name(&[(1, 2)]) && one != other);
}

#[test]
fn formats_change_the_hash_of_the_run() {
    let identity = without_options();
    let other = SimulationIdentity { formats: Formats { v_m_bits: 16, ..FORMATS }, ..identity.clone() };
    assert_ne!(identity.hash(), other.hash());
}
