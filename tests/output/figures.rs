//! Figures are whole, readable and always the same, without a font of the system.

use crate::fixtures::command_line::Workplace;
use crate::pictures::{
    ALL, OF_LONG_RUNS, OF_OTHERS, analysed, assert_readable, assert_whole_in_parts, run, shown,
};
use humam_gpu::analysis::Raster;
use humam_gpu::output::figures::{Rendered, Shown, SweptAxis, SweptStatistic, figures, sweep};
use ndarray::{Array1, Array2};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A network without input that starts below threshold.
const SILENT: &str =
    "--set name=silent --set drive.eta=0 --set neurons.initial_v_m_sd_mv=0 --duration-ms 800";

fn files(folder: &Path) -> BTreeSet<String> {
    let entries = folder.read_dir().expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

/// All words of the figures.
fn words(shown: &[Shown]) -> String {
    let texts = shown.iter().flatten().flat_map(|rendered| rendered.figure.picture.texts());
    texts.map(|text| text.words.clone() + "\n").collect()
}

#[test]
fn every_figure_is_there_readable_and_the_same_each_time() {
    let workplace = Workplace::new();
    let run = run(&workplace, "tiny", "");
    let of_short_runs = ALL.iter().filter(|name| !OF_LONG_RUNS.contains(name) && !OF_OTHERS.contains(name));
    let expected: BTreeSet<String> = of_short_runs
        .flat_map(|name| ["png", "svg"].map(|extension| format!("{name}.{extension}")))
        .collect();
    assert_eq!(files(&run.join("figures")), expected);
    let shown = shown(&run);
    assert_readable(&shown);
    assert_whole_in_parts(&shown);
    for rendered in shown.iter().flatten() {
        let path = run.join("figures").join(rendered.figure.name);
        let pixels = image::load_from_memory(&rendered.png).expect("a picture").into_rgb8();
        let picture = &rendered.figure.picture;
        let [width, height] = [picture.width, picture.height].map(|side| (2.0 * side).ceil() as u32);
        assert_eq!(pixels.dimensions(), (width, height), "{}", rendered.figure.name);
        let drawn = pixels.pixels().filter(|pixel| pixel.0 != [255; 3]).count();
        assert!(drawn > 5000, "{}: {drawn} pixels are drawn", rendered.figure.name);
        assert_eq!(
            fs::read(path.with_extension("png")).expect("a file"),
            rendered.png,
            "{}",
            rendered.figure.name
        );
        assert_eq!(fs::read_to_string(path.with_extension("svg")).expect("a file"), rendered.svg);
    }
}

#[test]
fn chosen_areas_are_lines_and_rasters_keep_a_fraction() {
    let workplace = Workplace::new();
    let set = "--set analysis.trace_areas=[\"cuneus\"] --set analysis.raster_fraction=0.5 --set analysis.raster_from_ms=100";
    let run = run(&workplace, "tiny", set);
    let analysis = analysed(&run);
    let traced: Vec<&str> = analysis.traces.iter().map(|&area| analysis.areas[area].name.as_str()).collect();
    assert_eq!(traced, ["cuneus"]);
    let shown = figures(&analysis).expect("figures");
    assert_readable(&shown);
    assert_whole_in_parts(&shown);
    let of = |name: &str| {
        let is_it = |rendered: &&Rendered| rendered.figure.name == name;
        &shown.iter().flatten().find(is_it).expect("a figure").figure
    };
    let rates = of("rates_over_time");
    assert_eq!(rates.picture.texts().filter(|text| text.words == "cuneus").count(), 2, "a line and a row");
    assert_eq!(rates.picture.texts().filter(|text| text.words == "fusiform").count(), 1, "a row");
    assert!(of("rasters").caption.contains("of each population 50 % of the neurons are shown"));
    let kept = |raster: &Raster| raster.populations.iter().map(|population| population.1).sum::<u32>();
    for raster in &analysis.rasters {
        let neurons = analysis.areas[raster.area].neurons as u32;
        assert!(kept(raster) <= neurons / 2 + raster.populations.len() as u32, "{raster:?}");
        assert!(kept(raster) >= neurons / 2 - raster.populations.len() as u32, "{raster:?}");
    }
}

#[test]
fn figures_need_neither_a_display_nor_fonts_of_the_system() {
    let workplace = Workplace::new();
    let run = run(&workplace, "tiny", "");
    let with_fonts = fs::read(run.join("figures/theory.png")).expect("a figure");
    let mut command = workplace.command(&format!("analyze {} --quiet", run.display()));
    // Neither fontconfig nor a display can be found.
    command.env_clear().env("FONTCONFIG_FILE", "/nowhere").env("HOME", "/nowhere");
    assert!(command.output().expect("the program starts").status.success());
    assert_eq!(fs::read(run.join("figures/theory.png")).expect("a figure"), with_fonts);
}

#[test]
fn a_short_run_says_in_words_what_it_lacks() {
    let workplace = Workplace::new();
    let run = run(&workplace, "tiny", "--set simulation.statistics_from_ms=500");
    let shown = shown(&run);
    assert_readable(&shown);
    assert_whole_in_parts(&shown);
    let words = words(&shown);
    assert!(words.contains("no rates:"), "{words}");
    // The rasters, which would start at 500 ms, are of the whole run.
    let raster = shown.iter().flatten().find(|rendered| rendered.figure.name == "rasters");
    assert!(raster.is_some_and(|raster| raster.figure.caption.contains(", 0 to 300 ms of the run")));
    let report = fs::read_to_string(run.join("report.html")).expect("a report");
    assert!(report.contains("There is no mean rate, as the run ends at 300 ms"));
    // What has nothing to show is no figure, and the page says why.
    for name in ["functional_connectivity", "communities", "spectra", "distributions"] {
        let left = shown.iter().filter_map(|shown| shown.as_ref().err()).find(|left| left.name == name);
        let reason = &left.unwrap_or_else(|| panic!("a figure of {name}")).reason;
        assert!(reason.contains("the run ends at 300 ms"), "{reason}");
        assert!(report.contains(&format!("No figure of {}: {reason}.", name.replace('_', " "))), "{name}");
    }
}

#[test]
fn a_run_that_is_longer_than_the_transient_of_bold_shows_what_follows_it() {
    let workplace = Workplace::new();
    let small = "--set scaling.n_scaling=0.0003 --duration-ms 21000 --set name=long";
    let shown = shown(&run(&workplace, "tiny", small));
    assert_readable(&shown);
    assert_whole_in_parts(&shown);
    let of =
        |name: &str| shown.iter().flatten().find(|rendered| rendered.figure.name == name).expect("a figure");
    let words =
        |name| of(name).figure.picture.texts().map(|text| text.words.clone() + "\n").collect::<String>();
    assert!(words("bold_correlation").contains("from 20 s on"), "{}", words("bold_correlation"));
    assert!(words("bold_signals").contains("from 20 s on"), "{}", words("bold_signals"));
    assert!(of("bold_correlation").figure.caption.contains("over the 1 s after the transient"));
}

#[test]
fn voltmeters_are_drawn_as_they_were_recorded() {
    let workplace = Workplace::new();
    let set = "--set recording.voltmeter=[{\"populations\":\"cuneus\",\"neurons\":2,\"interval_ms\":0.2}]";
    let run = run(&workplace, "tiny", set);
    let analysis = analysed(&run);
    let shown = figures(&analysis).expect("figures");
    assert_readable(&shown);
    assert_whole_in_parts(&shown);
    let is_it = |rendered: &&Rendered| rendered.figure.name == "membrane_potentials";
    let figure = &shown.iter().flatten().find(is_it).expect("a figure").figure;
    let [found] = analysis.potentials.as_slice() else { panic!("one voltmeter") };
    let times: Array1<f64> = ndarray_npy::read_npy(run.join("voltmeter_0_time_ms.npy")).expect("times");
    let all: Array2<f64> = ndarray_npy::read_npy(run.join("voltmeter_0_v_m_mv.npy")).expect("potentials");
    assert_eq!((found.time_ms.len(), found.neurons.len()), (1500, 3));
    assert_eq!(found.time_ms, times.to_vec());
    let columns = all.ncols().div_ceil(3);
    for (trace, &(neuron, row)) in found.neurons.iter().enumerate() {
        assert_eq!(found.v_m_mv.row(trace), all.column(trace * columns));
        let population = &analysis.run.populations[row];
        assert!((population.first_neuron..population.first_neuron + 2).contains(&neuron));
        let title = format!("cuneus {} {}, neuron {neuron}", population.layer, population.population);
        assert!(figure.picture.texts().any(|text| text.words == title), "{title}");
    }
}

#[test]
fn a_silent_run_says_so() {
    let workplace = Workplace::new();
    let run = run(&workplace, "tiny", SILENT);
    let shown = shown(&run);
    assert_readable(&shown);
    assert_whole_in_parts(&shown);
    let words = words(&shown).replace('\n', " ");
    for part in [
        "no population spikes",
        "no neuron has 10 spikes",
        "0 in every neuron",
        "theory starts at its fixed point",
        "no spikes from",
    ] {
        assert!(words.contains(part), "{part} in\n{words}");
    }
    let left = shown.iter().filter_map(|shown| shown.as_ref().err()).map(|left| left.reason.as_str());
    assert!(left.into_iter().any(|reason| reason == "there are no spikes in the whole run"));
}

#[test]
fn one_area_and_the_microcircuit_leave_out_what_they_lack_with_the_reason() {
    let workplace = Workplace::new();
    let small = "--set scaling.n_scaling=0.02 --set scaling.k_scaling=0.02 --duration-ms 1200";
    for (name, reason) in [
        ("microcircuit", "measurements are of the areas of the human model"),
        ("one_area", "there is one area only"),
    ] {
        let shown = shown(&run(&workplace, name, small));
        assert_readable(&shown);
        assert_whole_in_parts(&shown);
        assert!(shown.iter().flatten().count() >= 7, "{name}");
        assert!(
            shown.iter().filter_map(|shown| shown.as_ref().err()).any(|left| left.reason == reason),
            "{name}"
        );
    }
}

#[test]
fn two_runs_are_drawn_side_by_side() {
    let workplace = Workplace::new();
    let runs = [1, 2]
        .map(|seed| run(&workplace, "tiny", &format!("--seed {seed} --no-analysis")).display().to_string());
    for file in ["both.png", "both.svg"] {
        let call = workplace.call(&format!("compare {} --quiet --figure {file}", runs.join(" ")));
        assert!(matches!(call.code, Some(0 | 3)), "{call:?}");
        assert!(fs::read(workplace.path(file)).expect("a figure").len() > 5000);
    }
    assert_eq!(workplace.call(&format!("compare {} --figure both.pdf", runs.join(" "))).code, Some(2));
}

fn swept_axis(key: &str, values: &[&str]) -> SweptAxis {
    let values = values.iter().map(|value| vec![(*value).to_owned()]).collect();
    SweptAxis { keys: vec![key.to_owned()], values }
}

/// Statistics of that many combinations with two seeds each: one of all, one of some, one of none.
fn swept_statistics(n: usize) -> Vec<SweptStatistic> {
    let cells = |from: usize| {
        (0..n).map(|cell| if cell < from { vec![] } else { vec![cell as f64, 1.0 + cell as f64] }).collect()
    };
    let statistic =
        |title, from| SweptStatistic { title, label: "unit", cells: cells(from), published: vec![] };
    let mut statistics = vec![statistic("All", 0), statistic("Some", n / 2), statistic("None", n)];
    statistics[0].published = vec![(0.5, -3.0), (2.5, 40.0)];
    statistics
}

#[test]
fn a_sweep_is_readable_over_numbers_names_and_two_axes() {
    let numbers = swept_axis("weights.chi", &["2.5", "0", "1"]);
    let names = swept_axis("scaling.method", &["linear", "sqrt", "preserve"]);
    let many: Vec<String> = (0..12).map(|k| format!("{}", 1000 * k)).collect();
    let many = swept_axis("a.long_name_of_a_key", &many.iter().map(String::as_str).collect::<Vec<_>>());
    let cases = [vec![numbers.clone()], vec![names.clone()], vec![numbers, names.clone()], vec![names, many]];
    for axes in cases {
        let n = axes.iter().map(|axis| axis.values.len()).product();
        let drawn = sweep("x", 2, &axes, &swept_statistics(n)).expect("a figure");
        assert_readable(&[Ok(Rendered::new(drawn.clone()).expect("a picture"))]);
        let texts: Vec<&str> = drawn.picture.texts().map(|text| text.words.as_str()).collect();
        assert!(!texts.contains(&"None") && texts.contains(&"Some"), "{texts:?}");
        assert_eq!(texts.contains(&"published, full scale"), axes.len() == 1);
        // The second statistic lacks the first half of the combinations.
        assert_eq!(texts.iter().filter(|words| **words == "×").count(), n / 2);
    }
    let lists =
        [swept_axis("manipulations", &["[]", "[a long list that is one]", "[a long list that is another]"])];
    let drawn = sweep("x", 2, &lists, &swept_statistics(3)).expect("a figure");
    let texts: Vec<&str> = drawn.picture.texts().map(|text| text.words.as_str()).collect();
    for words in ["1", "2", "3", "manipulations, in the order of sweep.ron"] {
        assert!(texts.contains(&words), "{texts:?}");
    }
    let axis = swept_axis("a", &["1"]);
    assert_eq!(sweep("x", 1, std::slice::from_ref(&axis), &swept_statistics(1)[2..]), None);
    assert_eq!(sweep("x", 1, &[axis.clone(), axis.clone(), axis], &swept_statistics(1)), None);
}
