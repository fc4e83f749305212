//! A part of the human model: the same populations as in the whole, with Poisson input for the rest.

use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::network::{NetworkSpec, Projection, ScalingMethod};
use humam_gpu::model::theory::{DcInput, input_statistics};
use humam_gpu::model::{
    DerivationError, FolderRates, ModelError, ModelNetwork, ModelOptions, ReplaceMissingAreas, model_network,
    write_network_folder,
};

const AREAS: [&str; 3] = ["precuneus", "cuneus", "lateraloccipital"];

fn derived(options: &ModelOptions) -> Result<ModelNetwork, DerivationError> {
    model_network(options, &Tables::load(&options.anatomy).expect("tables"), &mut ())
}

fn part() -> ModelOptions {
    ModelOptions { areas: Some(AREAS.map(str::to_owned).to_vec()), ..ModelOptions::default() }
}

/// For each population of `part` its index in `whole`.
fn places(part: &NetworkSpec, whole: &NetworkSpec) -> Vec<usize> {
    let place = |name: &str| whole.populations.iter().position(|p| p.name() == name).expect("a population");
    part.populations.iter().map(|p| place(&p.name())).collect()
}

/// Largest difference of `part` from `whole` at `places`, relative to it + 1e-3.
fn largest_difference(part: &[f64], whole: &[f64], places: &[usize]) -> f64 {
    let difference = |(a, &place): (&f64, &usize)| (a - whole[place]).abs() / (whole[place].abs() + 1e-3);
    part.iter().zip(places).map(difference).fold(0.0, f64::max)
}

#[test]
fn a_part_has_the_numbers_of_the_whole() {
    let (part, whole) =
        (derived(&part()).unwrap().network, derived(&ModelOptions::default()).unwrap().network);
    let places = places(&part, &whole);
    assert!(places.is_sorted(), "the order is that of the model, whatever that of the names");
    assert_eq!(places.len(), 8 + 8 + 6, "lateraloccipital has no layer IV");
    for (population, &place) in part.populations.iter().zip(&places) {
        let (neurons, neuron) = (whole.populations[place].neurons, whole.populations[place].neuron);
        assert_eq!((population.neurons, population.neuron), (neurons, neuron));
    }
    let inside =
        whole.projections.iter().filter(|p| places.contains(&p.source) && places.contains(&p.target));
    let numbered = |p: &Projection| Projection { source: places[p.source], target: places[p.target], ..*p };
    let found: Vec<Projection> = part.projections.iter().map(numbered).collect();
    assert_eq!(found, inside.copied().collect::<Vec<_>>());
}

/// The theory's own tolerance is 1e-6 1/s; rounding of sums comes on top.
const SAME: f64 = 1e-5;

#[test]
fn replaced_input_keeps_mean_variance_and_rates_and_without_it_they_differ() {
    for chi in [1.0, 1.5] {
        let mut options = part();
        options.weights.chi = chi;
        let whole = derived(&ModelOptions { areas: None, ..options.clone() }).unwrap();
        let replaced = derived(&options).unwrap();
        let places = places(&replaced.network, &whole.network);
        let input = |derived: &ModelNetwork| {
            input_statistics(&derived.network, &derived.with_dc.rates_hz, DcInput::Included).unwrap()
        };
        let (whole_input, replaced_input) = (input(&whole), input(&replaced));
        assert!(largest_difference(&replaced_input.0, &whole_input.0, &places) < SAME, "mean");
        assert!(largest_difference(&replaced_input.1, &whole_input.1, &places) < SAME, "noise");
        let rates_hz = |derived: &ModelNetwork| derived.with_dc.rates_hz.clone();
        assert!(largest_difference(&rates_hz(&replaced), &rates_hz(&whole), &places) < SAME, "χ = {chi}");

        options.replace_missing_areas = ReplaceMissingAreas::None;
        let cut_off = derived(&options).unwrap();
        assert!(largest_difference(&rates_hz(&cut_off), &rates_hz(&whole), &places) > 0.05, "χ = {chi}");
    }
}

/// Synapses of the scaled network are rounded.
const ROUNDING: f64 = 1e-3;

#[test]
fn a_part_can_be_scaled_and_keeps_the_rates_of_the_whole() {
    let mut options = part();
    // With fewer neurons their rounding would change in-degrees, which rates far below threshold amplify.
    options.scaling.k_scaling = 0.1;
    options.scaling.method = ScalingMethod::Preserve;
    let whole = derived(&ModelOptions::default()).unwrap();
    let scaled = derived(&options).unwrap();
    let places = places(&scaled.network, &whole.network);
    let difference = largest_difference(&scaled.with_dc.rates_hz, &whole.with_dc.rates_hz, &places);
    assert!(difference < ROUNDING, "{difference}");
    let dc = scaled.network.populations.iter().any(|p| p.dc_pa != 0.0);
    assert!(
        dc && largest_difference(&scaled.without_dc.rates_hz, &whole.with_dc.rates_hz, &places) > ROUNDING
    );
}

#[test]
fn an_unknown_area_names_the_nearest() {
    let areas = Some(vec!["cuneus".to_owned(), "insulla".to_owned()]);
    let error = derived(&ModelOptions { areas, ..ModelOptions::default() }).unwrap_err();
    assert_eq!(error.to_string(), "areas: unknown area `insulla`: the nearest known one is `insula`");
    assert!(matches!(error, DerivationError::Model(ModelError::UnknownArea { .. })));
}

#[test]
fn its_tables_have_all_slots_with_neurons_in_its_areas() {
    let derived = derived(&part()).unwrap();
    let rates =
        FolderRates { with_dc_hz: &derived.with_dc.rates_hz, without_dc_hz: &derived.without_dc.rates_hz };
    let folder = tempfile::tempdir().unwrap();
    write_network_folder(folder.path(), &derived.model, &derived.network, 1.0, rates).unwrap();
    let text = |file: &str| std::fs::read_to_string(folder.path().join(file)).unwrap();
    let neurons = text("neurons.csv");
    assert_eq!(neurons.lines().count(), 273);
    let occupied = neurons.lines().skip(1).filter(|line| !line.ends_with(",0"));
    assert!(occupied.clone().all(|line| AREAS.iter().any(|area| line.starts_with(&format!("{area},")))));
    assert_eq!(occupied.count(), derived.network.populations.len());
    let drive = derived.network.populations[0].poisson.unwrap();
    let external = format!("cuneus,II/III,E,{}\n", drive.weight_pa);
    assert!(text("external_weights_pa.csv").contains(&external));
}
