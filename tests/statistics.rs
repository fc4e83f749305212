//! Our statistics of a run are the published ones: the same spikes give the same numbers.

#[path = "common/published_statistics.rs"]
mod published_statistics;
#[path = "common/statistics.rs"]
mod statistics;

use ndarray::Array1;
use published_statistics::{name, reference, rows, table};
use statistics::{Statistics, trains};

/// f64 sums in another order.
const TOLERANCE: f64 = 1e-9;
const N_STEPS: u32 = 20_000;

/// Spikes of a run in three areas, (step, neuron).
fn spikes() -> Vec<(u32, u32)> {
    let neurons: Array1<u32> =
        ndarray_npy::read_npy(reference("analysis_case/spikes_neuron_u32.npy")).expect("neurons");
    let steps: Array1<u16> =
        ndarray_npy::read_npy(reference("analysis_case/spikes_step_u16.npy")).expect("steps");
    steps.iter().zip(neurons).map(|(&step, neuron)| (u32::from(step), neuron)).collect()
}

/// Largest difference of rate, CV, LvR and correlation from the published ones over populations.
fn largest_differences(spikes: &[(u32, u32)]) -> [f64; 4] {
    let published = table("analysis_case/statistics.csv");
    let mut largest = [0.0f64; 4];
    let populations = rows("analysis_case/populations.csv");
    assert_eq!(populations.len(), 22);
    for row in populations {
        let number = |column: usize| row[column].parse().expect("a number");
        let ours = Statistics::of(&trains(spikes, number(3), number(4)), N_STEPS);
        let theirs = published[&name(&row)];
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
