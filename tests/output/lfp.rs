//! The proxy of the local field potential: what its formula gives from the means that were recorded, a figure, and the
//! reason where there is none.

use crate::fixtures::command_line::Workplace;
use crate::pictures::{analysed, assert_readable, assert_whole_in_parts};
use humam_gpu::analysis::Absence;
use humam_gpu::output::figures::{Rendered, figures};
use ndarray::{Array1, Array2};
use std::path::Path;

/// Statistics from 100 ms on, means of all populations.
const CONFIG: &str = r#"(
    areas: ["cuneus", "fusiform", "insula"],
    replace_missing_areas: none,
    scaling: (n_scaling: 0.002, k_scaling: 0.004),
    neurons: (separate_currents: true),
    simulation: (duration_ms: 700.0, statistics_from_ms: 100.0),
    recording: (means: (populations: "*", interval_ms: 1.0)),
    analysis: (welch_window_ms: 128.0, raster_from_ms: 200.0, raster_to_ms: 500.0),
)"#;
/// f64 rounding of sums over neurons and samples.
const TOLERANCE: f64 = 1e-9;

fn run(workplace: &Workplace, config: &str) -> std::path::PathBuf {
    workplace.write("lfp.ron", config);
    workplace.folder_of("run lfp.ron --engine cpu --quiet --figures svg")
}

fn array(path: &Path) -> Array2<f64> {
    ndarray_npy::read_npy(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The proxy of an area with that delay, ms, and that weight of inhibition, in plain loops over the means from 100 ms on.
fn proxy(run: &Path, area: &str, delay: usize, weight: f64) -> Vec<f64> {
    let mut columns = csv::Reader::from_path(run.join("means_populations.csv")).expect("a table");
    let [excitatory, inhibitory] =
        ["ex", "in"].map(|kind| array(&run.join(format!("means_current_{kind}_pa.npy"))));
    let mut sums = vec![0.0; 601];
    for (column, row) in columns.records().map(|row| row.expect("a row")).enumerate() {
        if &row[1] == area && &row[3] == "E" {
            let neurons: f64 = row[4].parse().expect("a number");
            for (k, sum) in sums.iter_mut().enumerate() {
                // Sample 99 is that of 100 ms.
                let (earlier, now) = (excitatory[[99 + k - delay, column]], inhibitory[[99 + k, column]]);
                *sum += neurons * (earlier - weight * now);
            }
        }
    }
    let mean = sums.iter().sum::<f64>() / sums.len() as f64;
    let variance = sums.iter().map(|sum| (sum - mean).powi(2)).sum::<f64>() / sums.len() as f64;
    sums.iter().map(|sum| (sum - mean) / variance.sqrt()).collect()
}

#[test]
fn the_proxy_is_what_its_formula_gives_from_the_recorded_means() {
    let workplace = Workplace::new();
    let run = run(&workplace, CONFIG);
    let analysis = analysed(&run);
    let found = array(&run.join("analysis/lfp_proxy.npy"));
    let times: Array1<f64> = ndarray_npy::read_npy(run.join("analysis/lfp_time_ms.npy")).expect("times");
    assert_eq!((found.dim(), times[0], times[600]), ((3, 601), 100.0, 700.0));
    let lfp = analysis.lfp.as_ref().expect("a proxy");
    assert_eq!((&lfp.proxy, &lfp.time_ms), (&found, &times.to_vec()));
    for (row, area) in analysis.areas.iter().enumerate() {
        let distance = |expected: Vec<f64>| {
            let pairs = found.row(row).to_vec().into_iter().zip(expected);
            pairs.map(|(found, expected)| (found - expected).abs()).fold(0.0, f64::max)
        };
        assert!(distance(proxy(&run, &area.name, 6, 1.65)) < TOLERANCE, "{}", area.name);
        for (delay, weight) in [(5, 1.65), (6, -1.65), (6, 1.0)] {
            let other = distance(proxy(&run, &area.name, delay, weight));
            assert!(other > 1e6 * TOLERANCE, "{delay} ms and {weight} are seen: {other}");
        }
    }
    let spectra = lfp.spectra.as_ref().expect("spectra");
    // One-sided densities over frequency sum up to the variance, as far as windows without their means hold it.
    let power: f64 = spectra.density.row(0).sum() * spectra.frequency_hz[1];
    assert!((0.1..1.5).contains(&power), "{power}");
    let rows = csv::Reader::from_path(run.join("analysis/lfp_spectra.csv")).expect("a table").into_records();
    assert_eq!(rows.count(), spectra.frequency_hz.len());

    let shown = figures(&analysis).expect("figures");
    assert_readable(&shown);
    assert_whole_in_parts(&shown);
    let is_it = |rendered: &&Rendered| rendered.figure.name == "lfp";
    let figure = &shown.iter().flatten().find(is_it).expect("a figure").figure;
    assert!(figure.picture.texts().any(|text| text.words == "fusiform"));
    assert!(run.join("figures/lfp.svg").exists());
}

#[test]
fn what_was_not_recorded_for_it_is_told() {
    let workplace = Workplace::new();
    let why = |config: &str| {
        let run = run(&workplace, config);
        assert!(!run.join("analysis/lfp_proxy.npy").exists() && !run.join("figures/lfp.svg").exists());
        analysed(&run).lfp.expect_err("no proxy")
    };
    let without = CONFIG.replace("means: (populations: \"*\", interval_ms: 1.0)", "");
    assert_eq!(why(&without), Absence::NotAveraged);
    assert_eq!(why(&CONFIG.replace("separate_currents: true", "")), Absence::OneCurrent);
    let off = why(&CONFIG.replace("interval_ms: 1.0", "interval_ms: 4.0"));
    assert_eq!(off, Absence::SamplingInterval { interval_ms: 4.0, delay_ms: 6.0 });
    assert!(off.to_string().contains("recording.means.interval_ms"), "{off}");
    assert_eq!(why(&CONFIG.replace("populations: \"*\"", "populations: \"* V\"")), Absence::NotAveraged);
    // The other areas are not there then.
    let run = run(&workplace, &CONFIG.replace("populations: \"*\"", "populations: \"insula\""));
    let analysis = analysed(&run);
    let lfp = analysis.lfp.expect("a proxy");
    let is_known = |row: usize| lfp.proxy.row(row).iter().all(|value| value.is_finite());
    let known: Vec<&str> =
        (0..3).filter(|&row| is_known(row)).map(|row| analysis.areas[row].name.as_str()).collect();
    assert_eq!(known, ["insula"]);
}
