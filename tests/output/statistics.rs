//! Our statistics of a run are the published ones: the same spikes give the same numbers.

use crate::fixtures::downscaled::{DT_MS, N_STEPS, downscaled};
use crate::fixtures::published_statistics::{name, population, reference, rows, statistics, table};
use crate::fixtures::tables;
use humam_gpu::analysis::{SynapticCurrents, Window, synaptic_currents};
use humam_gpu::config::CurrentKernel;
use humam_gpu::model::network::{NetworkSpec, Population};
use humam_gpu::simulation::recording::PopulationRow;
use ndarray::{Array1, Array2};

/// f64 sums in another order.
const TOLERANCE: f64 = 1e-9;
/// The published matrices have eight digits.
const CONNECTIVITY_TOLERANCE: f64 = 1e-6;

/// Spikes of a run in three areas, (step, neuron), neurons numbered through the areas.
fn spikes() -> Vec<(u32, u32)> {
    let neurons: Array1<u32> =
        ndarray_npy::read_npy(reference("analysis_case/spikes_neuron_u32.npy")).expect("neurons");
    let steps: Array1<u16> =
        ndarray_npy::read_npy(reference("analysis_case/spikes_step_u16.npy")).expect("steps");
    let (files, ours) = (populations(), populations_numbered_through());
    let number = |neuron: u32| {
        let of = |p: &&PopulationRow| (p.first_neuron..p.first_neuron + p.neurons).contains(&neuron);
        let at = files.iter().position(|p| of(&p)).expect("a population");
        neuron - files[at].first_neuron + ours[at].first_neuron
    };
    let mut spikes: Vec<(u32, u32)> =
        steps.iter().zip(neurons).map(|(&step, neuron)| (u32::from(step), number(neuron))).collect();
    spikes.sort_unstable();
    spikes
}

fn populations() -> Vec<PopulationRow> {
    let row = |row: &csv::StringRecord| {
        let number = |column: usize| row[column].parse().expect("a number");
        population([&row[0], &row[1], &row[2]], number(3), number(4))
    };
    rows("analysis_case/populations.csv").iter().map(row).collect()
}

fn populations_numbered_through() -> Vec<PopulationRow> {
    let mut first_neuron = 0;
    let numbered = |mut population: PopulationRow| {
        population.first_neuron = first_neuron;
        first_neuron += population.neurons;
        population
    };
    populations().into_iter().map(numbered).collect()
}

/// Largest difference of rate, CV, LvR and correlation from the published ones over populations.
fn largest_differences(spikes: &[(u32, u32)]) -> [f64; 4] {
    let published = table("analysis_case/statistics.csv");
    let mut largest = [0.0f64; 4];
    let populations = populations_numbered_through();
    assert_eq!(populations.len(), 22);
    let found = statistics(spikes, populations.clone(), N_STEPS);
    for (p, ours) in populations.iter().zip(found) {
        let theirs = published[&format!("{} {} {}", p.area, p.layer, p.population)];
        let difference = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (None, None) => 0.0,
            (Some(a), Some(b)) => (a - b).abs(),
            _ => f64::INFINITY,
        };
        let differences = [
            (ours.rate_hz - theirs.rate_hz).abs(),
            difference(ours.cv_isi, theirs.cv_isi),
            difference(ours.lvr, theirs.lvr),
            difference(ours.correlation, theirs.correlation),
        ];
        largest.iter_mut().zip(differences).for_each(|(l, d)| *l = l.max(d));
    }
    largest
}

#[test]
fn the_same_spikes_give_the_published_statistics() {
    let differences = largest_differences(&spikes());
    println!("largest differences of rate, CV, LvR, correlation: {differences:?}");
    assert!(differences.iter().all(|&d| d < TOLERANCE), "{differences:?}");
}

#[test]
fn spikes_a_step_later_give_other_statistics() {
    let late: Vec<(u32, u32)> =
        spikes().into_iter().map(|(step, neuron)| (step + 1, neuron)).filter(|s| s.0 <= N_STEPS).collect();
    assert!(largest_differences(&late).iter().all(|&d| d > TOLERANCE));
}

/// The network of the published run: synapses and weights as the published implementation has them,
/// excitatory weights between areas times `chi`.
fn published_network(chi: f64) -> NetworkSpec {
    let mut network = downscaled(1.0);
    let [synapses, weights_pa] = ["synapses", "weights_pa"]
        .map(|quantity| tables::Named::read(&reference(&format!("downscaled/{quantity}.csv")), 1));
    for projection in &mut network.projections {
        let [target, source] = [projection.target, projection.source].map(|end| &network.populations[end]);
        let factor = if target.area == source.area { 1.0 } else { chi };
        let [target, source] = [target, source].map(Population::name);
        projection.synapses = synapses.number(&target, &source) as u64;
        projection.weight_pa = weights_pa.number(&target, &source) * factor;
    }
    network
}

/// Currents of the run whose counts are published, and its areas.
fn currents(chi: f64, kernel: CurrentKernel) -> (Vec<String>, SynapticCurrents) {
    let network = published_network(chi);
    let counts: Array2<u16> =
        ndarray_npy::read_npy(reference("analysis_case/counts_1ms_u16.npy")).expect("counts");
    let mut rates_hz = counts.mapv(|count| f64::from(count) * 1000.0);
    let (mut populations, mut names, mut areas) =
        (Vec::new(), Vec::<String>::new(), Vec::<Vec<usize>>::new());
    for (row, record) in rows("analysis_case/counts_populations.csv").iter().enumerate() {
        let name = name(record);
        let index = network.populations.iter().position(|p| p.name() == name).expect("a population");
        let neurons: u32 = record[4].parse().expect("a number");
        assert_eq!(network.populations[index].neurons, neurons);
        rates_hz.row_mut(row).mapv_inplace(|rate| rate / f64::from(neurons));
        let population =
            PopulationRow { index, ..population([&record[0], &record[1], &record[2]], 0, neurons) };
        if names.last() != Some(&population.area) {
            names.push(population.area.clone());
            areas.push(Vec::new());
        }
        areas.last_mut().expect("an area").push(row);
        populations.push(population);
    }
    let window = Window { dt_ms: DT_MS, n_steps: N_STEPS, from_step: 5000, steps_per_bin: 10 };
    (names, synaptic_currents(&network, &populations, &areas, rates_hz.view(), &window, kernel))
}

/// Largest difference of functional connectivity from a published matrix.
fn largest_difference(file: &str, chi: f64, kernel: CurrentKernel) -> f64 {
    let published = tables::Named::read(&reference(file), 1);
    let (names, currents) = currents(chi, kernel);
    let found = currents.correlation.expect("34 areas");
    assert_eq!((names.len(), found.dim()), (34, (34, 34)));
    let difference = |((a, b), r): ((usize, usize), &f64)| (r - published.number(&names[a], &names[b])).abs();
    found.indexed_iter().map(difference).fold(0.0, f64::max)
}

#[test]
fn the_same_counts_give_the_same_functional_connectivity() {
    let sampled = largest_difference("analysis_case/fc_bin_sampled_kernel.csv", 1.0, CurrentKernel::Sampled);
    let published =
        largest_difference("analysis_case/fc_published_kernel.csv", 1.0, CurrentKernel::Published);
    println!("largest differences: sampled kernel {sampled:.1e}, published kernel {published:.1e}");
    assert!(sampled < CONNECTIVITY_TOLERANCE && published < CONNECTIVITY_TOLERANCE);
}

#[test]
fn another_kernel_or_other_weights_give_other_connectivity() {
    let file = "analysis_case/fc_bin_sampled_kernel.csv";
    assert!(largest_difference(file, 1.0, CurrentKernel::Published) > 0.1);
    assert!(largest_difference(file, 2.5, CurrentKernel::Sampled) > 0.01);
}
