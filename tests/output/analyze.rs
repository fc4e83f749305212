//! Statistics of a run: after it, at any time, and what is said if there are none.

use crate::fixtures::command_line::{Workplace, configuration};
use crate::fixtures::published_statistics::{population, reference};
use humam_gpu::analysis::{
    Absence, Layout, RunFolder, Window, analyse, ks_distance_to_quantiles, spike_statistics,
};
use humam_gpu::config::{AnalysisOptions, Override};
use humam_gpu::model::anatomy::{Anatomy, SpikingQuantiles};
use std::fs;
use std::path::Path;

/// A network that is built and run in no time, with time for statistics.
const SMALL: &str = "(
  scaling: (n_scaling: 0.001, k_scaling: 0.004),
  simulation: (duration_ms: 700.0),
  analysis: (welch_window_ms: 100.0),
)";
const FILES: [&str; 11] = [
    "area_rates_hz.npy",
    "areas.csv",
    "bold.npy",
    "bold_correlation.csv",
    "functional_connectivity.csv",
    "individual_rates_hz.npy",
    "population_rates_hz.npy",
    "populations.csv",
    "spectra.csv",
    "summary.csv",
    "synaptic_currents_pa_per_s.npy",
];
/// Numbers are written so that they read back the same; sums go in another order.
const TOLERANCE: f64 = 1e-9;
/// Quantiles are known to 0.001.
const QUANTILE_STEP: f64 = 0.0015;
/// The published curve leaves out neurons with exactly 10 spikes, which the published quantiles hold.
const TEN_SPIKES: f64 = 0.03;

fn small() -> (Workplace, std::path::PathBuf) {
    let workplace = Workplace::new();
    workplace.write("small.ron", SMALL);
    let run = workplace.folder_of("run small.ron --engine cpu --quiet");
    (workplace, run)
}

fn table(path: &Path) -> Vec<csv::StringRecord> {
    csv::Reader::from_path(path).expect("a table").records().map(|row| row.expect("a row")).collect()
}

#[test]
fn a_run_ends_with_its_statistics_and_analyze_makes_the_same_again() {
    let (workplace, run) = small();
    let content = || {
        let read = |file: &&str| fs::read(run.join("analysis").join(file)).expect("a file");
        FILES.iter().map(read).collect::<Vec<Vec<u8>>>()
    };
    let after_the_run = content();
    fs::remove_dir_all(run.join("analysis")).expect("a folder");
    let again = workplace.folder_of(&format!("analyze {} --quiet", run.display()));
    assert_eq!(fs::canonicalize(again).ok(), fs::canonicalize(run.join("analysis")).ok());
    assert!(content() == after_the_run);
    // Rates as the run itself counts them.
    let rates = table(&run.join("rates.csv"));
    for (ours, row) in table(&run.join("analysis/populations.csv")).iter().zip(&rates) {
        let number = |text: &str| text.parse::<f64>().expect("a rate");
        assert!((number(&ours[4]) - number(&row[4])).abs() < TOLERANCE, "{ours:?} {row:?}");
    }
    assert_eq!(table(&run.join("analysis/areas.csv")).len(), 34);
    let bins: ndarray::Array2<f64> =
        ndarray_npy::read_npy(run.join("analysis/area_rates_hz.npy")).expect("rates");
    assert_eq!(bins.dim(), (34, 700));
}

#[test]
fn a_run_without_analysis_has_none_and_other_settings_change_what_they_are_about() {
    let workplace = Workplace::new();
    workplace.write("small.ron", SMALL);
    let run = workplace.folder_of("run small.ron --engine cpu --quiet --no-analysis");
    assert!(!run.join("analysis").exists());
    let analysed = |key: &str| {
        let overrides = Override::set(key).map(|key| vec![key]).expect("a key");
        analyse(RunFolder::open(&run, &overrides).expect("a run")).expect("statistics")
    };
    let (late, early) = (analysed("analysis.from_ms=600"), analysed("analysis.from_ms=0"));
    assert_ne!(late.spikes.populations, early.spikes.populations);
    assert_eq!(late.spikes.counts, early.spikes.counts);
    let call = workplace.call(&format!("analyze {} --set weights.chi=2", run.display()));
    assert_eq!(call.code, Some(2), "{call:?}");
    assert!(call.stderr.contains("no part of its analysis"), "{call:?}");
}

#[test]
fn a_run_that_ends_before_statistics_start_has_empty_cells_and_says_why() {
    let workplace = Workplace::new();
    let run = workplace.folder_of(&format!(
        "run {} --engine cpu --quiet --set simulation.statistics_from_ms=500 --duration-ms 40",
        configuration("tiny")
    ));
    let rows = table(&run.join("analysis/populations.csv"));
    assert_eq!(rows.len(), 254);
    assert!(rows.iter().all(|row| row.iter().skip(4).all(str::is_empty)));
    for row in table(&run.join("analysis/summary.csv")) {
        assert!(row[1].is_empty() && row[2].contains("the run ends at 40 ms"), "{row:?}");
    }
    assert_eq!(table(&run.join("analysis/functional_connectivity.csv")).len(), 0);
    let bins: ndarray::Array2<f64> =
        ndarray_npy::read_npy(run.join("analysis/area_rates_hz.npy")).expect("rates");
    assert_eq!(bins.dim(), (34, 40));
}

#[test]
fn the_similarity_to_fmri_has_an_interval_wherever_it_is_told() {
    let workplace = Workplace::new();
    workplace.write("small.ron", SMALL);
    let call = workplace.call("run small.ron --engine cpu --quiet --duration-ms 1500 --figures none");
    assert_eq!(call.code, Some(0), "{call:?}");
    let run = call.stdout.lines().last().and_then(|line| line.strip_prefix("run directory: "));
    let run = workplace.path(run.expect("a run"));
    let rows = table(&run.join("analysis/summary.csv"));
    let value = |quantity: &str| -> f64 {
        let row = rows.iter().find(|row| &row[0] == quantity).expect("a row");
        row[1].parse().unwrap_or_else(|_| panic!("{row:?}"))
    };
    for side in ["left", "right"] {
        let similarity = value(&format!("fmri_similarity_{side}"));
        let [low, high] = ["low", "high"].map(|end| value(&format!("fmri_similarity_{side}_{end}")));
        assert!(low < similarity && similarity < high, "{low} {similarity} {high}");
        // A second of so small a network does not tell it better than to a twentieth.
        assert!(high - low > 0.05, "{low} {high}");
        let told = format!("{side} {similarity:.4} (95 %: {low:.4} to {high:.4})");
        assert!(call.stdout.contains(&told), "{told} in {call:?}");
        let compared = workplace.call(&format!("compare {} experiment --quiet", run.display()));
        let quantity = format!("fmri_similarity_{side}");
        let told = format!("  {quantity:<24}{similarity:.4} (95 %: {low:.4} to {high:.4})");
        assert!(compared.stdout.contains(&told) && !compared.stdout.contains("_low"), "{compared:?}");
        let report = fs::read_to_string(run.join("report.html")).expect("a report");
        let told = format!("Runs of this length have a mean between {low:.3} and {high:.3} (95 % confidence");
        assert!(report.contains(&told), "{told}");
    }
    // Too short for ten blocks of time: a value without an interval, and why.
    let (_other, short) = small();
    let rows = table(&short.join("analysis/summary.csv"));
    let row = |quantity: &str| rows.iter().find(|row| &row[0] == quantity).expect("a row").clone();
    assert!(!row("fmri_similarity_left")[1].is_empty());
    assert_eq!(
        (&row("fmri_similarity_left_low")[1], &row("fmri_similarity_left_low")[2]),
        ("", "it needs 500 ms from 500 ms on, and the run ends at 700 ms")
    );
}

#[test]
fn another_model_has_statistics_and_nothing_measured() {
    let workplace = Workplace::new();
    let small = "--set scaling.n_scaling=0.02 --set scaling.k_scaling=0.02";
    let run =
        workplace.folder_of(&format!("run {} --engine cpu --quiet {small}", configuration("microcircuit")));
    let analysis = analyse(RunFolder::open(&run, &[]).expect("a run")).expect("statistics");
    assert_eq!((analysis.areas.len(), analysis.rasters.len()), (1, 1));
    assert!(analysis.areas[0].rate_hz.is_ok());
    assert_eq!(analysis.currents.correlation, Err(Absence::NoPairOfAreas));
    assert_eq!(analysis.experiment.spiking, Err(Absence::NotMeasured));
}

/// A layout of populations of these sizes.
fn layout(sizes: &[u32]) -> Layout {
    let first = |at: usize| sizes[..at].iter().sum();
    let row = |(at, &n): (usize, &u32)| population(["area", &at.to_string(), "E"], first(at), n);
    Layout {
        populations: sizes.iter().enumerate().map(row).collect(),
        t_ref_ms: vec![2.0; sizes.len()],
        window: Window { dt_ms: 0.1, n_steps: 20_000, from_step: 5000, steps_per_bin: 10 },
    }
}

#[test]
fn silent_and_one_neuron_populations_have_no_more_than_follows_from_them() {
    // Populations: silent; one neuron that spikes every 100 ms; two neurons with one spike each.
    let mut spikes: Vec<(u32, u32)> = (1..=20).map(|i| (1000 * i, 3)).collect();
    spikes.extend([(7000, 4), (8000, 5)]);
    spikes.sort_unstable();
    let options = AnalysisOptions::default();
    let found = spike_statistics(&spikes.as_slice(), &layout(&[3, 1, 2]), &options, &mut |_, _| {});
    let [silent, one, two] = &found.expect("spikes in the memory").populations[..] else { panic!("three") };
    assert_eq!(silent.rate_hz, Ok(0.0));
    assert_eq!(silent.cv_isi, Err(Absence::TooFewSpikes { min_spikes: 10 }));
    assert_eq!((&silent.correlation, &one.correlation), (&Err(Absence::NoPair), &Err(Absence::NoPair)));
    assert_eq!((&one.rate_hz, &one.cv_isi, &one.lvr), (&Ok(15.0 / 1.5), &Ok(0.0), &Ok(0.0)));
    assert_eq!((&two.rate_hz, two.lvr.is_err()), (&Ok(2.0 / 2.0 / 1.5), true));
    // One spike each in 1500 bins, never together: r = −1/1499.
    assert!((two.correlation.clone().expect("a pair") + 1.0 / 1499.0).abs() < TOLERANCE);
}

#[test]
fn missing_truncated_and_foreign_files_are_named_with_a_remedy() {
    let (workplace, run) = small();
    let other = workplace.folder_of("run small.ron --engine cpu --quiet --no-analysis --seed 5");
    let files = [
        "manifest.json",
        "config.ron",
        "populations.csv",
        "rates.csv",
        "spikes_neuron.npy",
        "spikes_step.npy",
    ];
    let call = || workplace.call(&format!("analyze {} --quiet", run.display()));
    let before = fs::read(run.join("analysis/summary.csv")).expect("a file");
    let fails = |file: &str, what: &str| {
        let call = call();
        assert!(matches!(call.code, Some(1 | 2)) && call.stderr.contains(file), "{file} {what}: {call:?}");
        assert!(
            call.stderr.contains("--force") || call.stderr.contains("give the folder"),
            "{file} {what}: {call:?}"
        );
    };
    for file in files {
        let path = run.join(file);
        let content = fs::read(&path).expect("a file");
        fs::remove_file(&path).expect("a file");
        fails(file, "missing");
        fs::write(&path, &content[..content.len() / 2]).expect("a file");
        fails(file, "truncated");
        // The populations are the same.
        if file != "populations.csv" {
            fs::copy(other.join(file), &path).expect("a file");
            let call = call();
            assert!(matches!(call.code, Some(1 | 2)), "{file} foreign: {call:?}");
        }
        fs::write(&path, &content).expect("a file");
    }
    assert_eq!(call().code, Some(0));
    assert_eq!(fs::read(run.join("analysis/summary.csv")).expect("a file"), before);
    let nowhere = workplace.call("analyze nowhere");
    assert!(nowhere.code == Some(2) && nowhere.stderr.contains("is no run folder"), "{nowhere:?}");
}

#[test]
fn a_failing_analysis_does_not_lose_the_run() {
    let (workplace, run) = small();
    fs::remove_dir_all(run.join("analysis")).expect("a folder");
    fs::write(run.join("analysis.partial"), "in the way").expect("a file");
    let call = workplace.call("run small.ron --engine cpu --quiet");
    assert_eq!(call.code, Some(1), "{call:?}");
    assert!(call.stderr.contains("the run is complete, its analysis failed"), "{call:?}");
    assert!(call.stdout.lines().last().is_some_and(|line| line.starts_with("run directory: ")), "{call:?}");
    assert!(run.join("spikes_step.npy").exists());
}

#[test]
fn published_simulations_are_as_similar_to_experiment_as_published() {
    let measured = SpikingQuantiles::load(&Anatomy::default()).expect("a table");
    let column = |file: &str, column: &str| -> Vec<f64> {
        let mut reader = csv::Reader::from_path(reference(&format!("pronold_2024/{file}"))).expect("a table");
        let at =
            reader.headers().expect("a header").iter().position(|name| name == column).expect("a column");
        reader.records().map(|row| row.expect("a row")[at].parse().expect("a number")).collect()
    };
    let chi = column("scaling_experiment.csv", "chi");
    for (state, of_chi) in [("groundstate", 1.0), ("bestfit", 2.5)] {
        let at = chi.iter().position(|&chi| chi == of_chi).expect("a row");
        let cases = [
            ("sim_rates", "one_minus_ks_rates", &measured.rate_hz, QUANTILE_STEP),
            ("sim_cv", "one_minus_ks_cv", &measured.cv_isi, TEN_SPIKES),
            ("sim_lvr", "one_minus_ks_lvr", &measured.lvr, TEN_SPIKES),
        ];
        for (simulated, published, measured_values, tolerance) in cases {
            let values = column("fullscale_quantiles.csv", &format!("{simulated}_{state}"));
            let found =
                ks_distance_to_quantiles(&values, &measured.quantile, measured_values).expect("values");
            let published = column("scaling_experiment.csv", published)[at];
            println!("{state} {simulated}: {:.4}, published {published:.4}", 1.0 - found);
            assert!((1.0 - found - published).abs() < tolerance);
        }
    }
}
