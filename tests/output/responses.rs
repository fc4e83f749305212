//! Responses to stimuli: in files, figures, the report, and between runs.

use crate::fixtures::command_line::Workplace;
use crate::pictures::{analysed, assert_readable, assert_whole_in_parts, run, shown};
use humam_gpu::analysis::{Absence, Analysis, Response};
use humam_gpu::output::figures::{Mark, Shown};
use std::fs;
use std::path::PathBuf;

/// An area s that leads to others, with delays of which neither the names nor the places tell the order. Pulses go into s, and a step
/// into one that leads nowhere.
const CHAIN: &str = r#"(
    name: "chain",
    model: network((
        populations: [
            (area: "s", cell_type: "E", neurons: 400, poisson: (in_degree: 1000, rate_hz: 8.0, psp_mv: 0.15)),
            (area: "d", cell_type: "E", neurons: 400, poisson: (in_degree: 1000, rate_hz: 8.0, psp_mv: 0.15)),
            (area: "a", cell_type: "E", neurons: 400, poisson: (in_degree: 1000, rate_hz: 8.0, psp_mv: 0.15)),
            (area: "c", cell_type: "E", neurons: 400, poisson: (in_degree: 1000, rate_hz: 8.0, psp_mv: 0.15)),
            (area: "b", cell_type: "E", neurons: 400, poisson: (in_degree: 1000, rate_hz: 8.0, psp_mv: 0.15)),
        ],
        projections: [
            (from: "s", to: "a", rule: fixed_indegree(40), psp_mv: 0.5, delay: (mean_ms: 5.0, relative_sd: 0.1)),
            (from: "s", to: "b", rule: fixed_indegree(40), psp_mv: 0.5, delay: (mean_ms: 15.0, relative_sd: 0.1)),
            (from: "s", to: "c", rule: fixed_indegree(40), psp_mv: 0.5, delay: (mean_ms: 30.0, relative_sd: 0.1)),
            (from: "s", to: "d", rule: fixed_indegree(40), psp_mv: 0.5, delay: (mean_ms: 50.0, relative_sd: 0.1)),
        ],
    )),
    stimuli: [
        pulses(populations: "s", amplitude_pa: 2000.0, period_ms: 100.0, width_ms: 3.0, from_ms: 300.0, to_ms: 700.0),
        dc(populations: "d", amplitude_pa: 500.0, from_ms: 800.0, to_ms: 810.0),
    ],
    recording: (voltmeter: [(populations: "s", neurons: 1)]),
    simulation: (seed: 1, duration_ms: 1000.0, statistics_from_ms: 50.0),
    analysis: (raster_from_ms: 600.0, raster_to_ms: 850.0),
)"#;

fn chain(workplace: &Workplace, change: impl Fn(&str) -> String) -> PathBuf {
    workplace.write("chain.ron", &change(CHAIN));
    workplace.folder_of("run chain.ron --engine cpu --quiet --figures png,svg")
}

fn area(analysis: &Analysis, name: &str) -> usize {
    analysis.areas.iter().position(|area| area.name == name).expect("an area")
}

#[test]
fn areas_respond_in_the_order_of_their_delays_and_those_that_nothing_reaches_do_not() {
    let workplace = Workplace::new();
    let run = chain(&workplace, str::to_owned);
    let analysis = analysed(&run);
    let [pulses, dc] = analysis.responses.as_slice() else { panic!("{:?}", analysis.responses) };
    assert_eq!((pulses.stimulus.as_str(), dc.stimulus.as_str()), ("stimuli[0].pulses", "stimuli[1].dc"));
    assert_eq!((pulses.onsets_ms.as_slice(), dc.onsets_ms.len()), (&[300.0, 400.0, 500.0, 600.0][..], 1));
    assert_eq!((dc.baseline_bins, pulses.areas_hz.ncols(), dc.areas_hz.ncols()), (200, 100, 400));
    let latency_ms =
        |response: &Response, name: &str| response.areas[area(&analysis, name)].latency_ms.clone();
    assert!(latency_ms(pulses, "s").is_ok_and(|ms| ms < 3.0), "{:?}", latency_ms(pulses, "s"));
    for (name, delay_ms) in [("a", 5.0), ("b", 15.0), ("c", 30.0), ("d", 50.0)] {
        let found_ms = latency_ms(pulses, name).expect("a response");
        // Delays vary by a tenth, and some bring the first spikes before the mean.
        assert!((found_ms - delay_ms).abs() <= 0.15 * delay_ms + 1.0, "{name}: {found_ms} ms");
        let known_ms = pulses.delays_ms[area(&analysis, name)];
        assert!(known_ms.is_some_and(|ms| (ms - delay_ms).abs() < 1e-9), "{name}: {known_ms:?}");
    }
    assert_eq!(pulses.delays_ms[area(&analysis, "s")], None);
    assert!(pulses.rank_correlation.as_ref().is_ok_and(|rho| (rho - 1.0).abs() < 1e-12));
    assert!(latency_ms(dc, "d").is_ok_and(|ms| ms < 5.0));
    for name in ["s", "a", "b", "c"] {
        assert!(matches!(latency_ms(dc, name), Err(Absence::NoResponse { .. })), "{name}");
    }
    assert_eq!(dc.rank_correlation, Err(Absence::TooFewLatencies));
    // A histogram of pulses is the mean of the rates of the run around them.
    for bin in 0..100 {
        for (row, found) in pulses.areas_hz.column(bin).iter().enumerate() {
            let of_pulse = |onset: usize| analysis.rates.areas_hz[[row, onset - 25 + bin]];
            let mean = [300, 400, 500, 600].map(of_pulse).iter().sum::<f64>() / 4.0;
            assert!((found - mean).abs() < 1e-9, "{row} {bin}: {found} for {mean}");
        }
    }
    // A histogram is the rates of the run around the onset.
    let around = analysis.rates.areas_hz.slice(ndarray::s![.., 600..1000]);
    assert!(around.iter().zip(&dc.areas_hz).all(|(a, b)| (a - b).abs() < 1e-9));

    let table = fs::read_to_string(run.join("analysis/responses.csv")).expect("a table");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    let columns = "stimulus,onset_ms,trials,area,layer,population,baseline_hz,peak_hz,peak_ms,latency_ms,delay_ms,absent_because";
    assert_eq!(rows[0].join(","), columns);
    assert_eq!(rows.len(), 1 + 2 * (analysis.areas.len() + analysis.run.populations.len()));
    let of_b = rows.iter().find(|row| row[3] == "b" && row[5].is_empty()).expect("a row");
    assert_eq!((of_b[9].parse().ok(), of_b[10]), (latency_ms(pulses, "b").ok(), "15"));
    let histogram: ndarray::Array2<f64> =
        ndarray_npy::read_npy(run.join("analysis/peri_stimulus_1_areas_hz.npy")).expect("an array");
    assert_eq!(histogram, dc.areas_hz);
}

#[test]
fn responses_are_a_figure_in_the_order_of_latencies_and_a_sentence_of_the_report() {
    let workplace = Workplace::new();
    let run = chain(&workplace, str::to_owned);
    let is_it = |shown: &Shown| shown.as_ref().is_ok_and(|rendered| rendered.figure.name == "responses");
    let shown: Vec<Shown> = shown(&run).into_iter().filter(is_it).collect();
    assert_readable(&shown);
    assert_whole_in_parts(&shown);
    let figure = &shown[0].as_ref().expect("a figure").figure;
    let words: Vec<&str> = figure.picture.texts().map(|text| text.words.as_str()).collect();
    for told in [
        "stimuli[0].pulses, 4 pulses",
        "stimuli[1].dc, from 800 ms on",
        "Latency over delay, rank correlation 1.00",
    ] {
        assert!(words.contains(&told), "{words:?}");
    }
    // Rows are named from below.
    let names = ["d", "c", "b", "a", "s"];
    let rows = |words: &[&str]| words.windows(5).any(|window| window == names);
    assert!(rows(&words), "{words:?}");
    let report = fs::read_to_string(run.join("report.html")).expect("a report");
    let stimuli = "pulses into `s` from 300 to 700 ms: 2000 pA for 3 ms every 100 ms; dc into `d` from 800 to 810 ms: 500 pA.";
    assert!(report.contains(stimuli));
    assert!(report.contains("Response to stimuli[0].pulses: 5 of 5 areas, from s after 0.0 ms to d after"));
    assert!(
        report.contains("Response to stimuli[1].dc: 1 of 5 areas, from d after") && !report.contains("NaN")
    );
}

#[test]
fn every_figure_over_time_shades_the_times_of_stimuli() {
    let workplace = Workplace::new();
    let without = |text: &str| {
        let (before, rest) = text.split_once("    stimuli: [").expect("stimuli");
        before.to_owned() + rest.split_once("    ],\n").expect("their end").1
    };
    let stimulated = shown(&chain(&workplace, str::to_owned));
    let plain = shown(&chain(&workplace, without));
    // The colour of measurements, translucent.
    let shaded = |shown: &[Shown], name: &str| {
        let rendered =
            shown.iter().flatten().find(|rendered| rendered.figure.name == name).expect("a figure");
        let is_shade = |mark: &&Mark| matches!(mark, Mark::Rectangle(_, colour) if colour[3] == 0x50);
        rendered.figure.picture.marks.iter().filter(is_shade).count()
    };
    for name in ["rates_over_time", "rasters", "membrane_potentials"] {
        assert!(shaded(&stimulated, name) >= 2, "{name}");
        assert_eq!(shaded(&plain, name), 0, "{name}");
    }
    let left_out = plain.iter().filter_map(|shown| shown.as_ref().err());
    assert!(left_out.clone().any(|left| left.name == "responses" && left.reason.contains("no stimulus")));
}

#[test]
fn a_comparison_names_the_stimuli_that_one_run_has() {
    let workplace = Workplace::new();
    let folder = |set: &str| run(&workplace, "tiny", set).display().to_string();
    let (plain, stimulated) =
        (folder(""), folder(r#"--set stimuli=[dc(populations:"cuneus",amplitude_pa:900.0,from_ms:200.0)]"#));
    let call = workplace.call(&format!("compare {plain} {stimulated} --json x.json"));
    let told = format!("only {stimulated}: stimulus dc into `cuneus` from 200 ms on: 900 pA");
    assert!(call.stdout.contains(&told), "{call:?}");
    let json = fs::read_to_string(workplace.path("x.json")).expect("a file");
    assert!(json.contains("\"stimulus\": \"dc into `cuneus` from 200 ms on: 900 pA\""), "{json}");
    let call = workplace.call(&format!("compare {stimulated} {stimulated}"));
    assert!(!call.stdout.contains("stimulus"), "{call:?}");
}
