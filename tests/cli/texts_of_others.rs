//! Names and texts of other people steer no terminal and hide nothing in a page, and a long list of what is wrong
//! with them is told as its beginning and a count.

use crate::fixtures::command_line::{Call, Workplace};
use humam_gpu::model::network::{LifParameters, NetworkSpec, Population};
use humam_gpu::telling::{MAX_TOLD, is_seen};
use std::path::Path;

const CONFIG: &str = r#"(
    name: "texts",
    scaling: (n_scaling: 0.001, k_scaling: 0.004),
    simulation: (duration_ms: 60.0, statistics_from_ms: 20.0),
)"#;
/// Clears the screen, rings, goes back, deletes, begins a sequence in one byte, turns the direction, has no width.
const STEERING: [&str; 9] =
    ["\u{1b}[2J", "\u{7}", "\u{8}", "\r", "\u{7f}", "\u{9b}2J", "\u{202e}", "\u{2066}", "\u{200b}"];
/// Wrong entries of a file.
const MANY: usize = 100_000;

fn is_clean(text: &str) -> bool {
    text.chars().all(|c| is_seen(c) || c == '\n' || c == '\t')
}

#[track_caller]
fn is_refused(call: &Call, part: &str) {
    assert!(matches!(call.code, Some(1 | 2)), "{call:?}");
    assert!(call.stderr.contains(part), "'{part}' is not in {call:?}");
    assert!(is_clean(&call.stderr) && is_clean(&call.stdout), "{call:?}");
}

fn replace(file: &Path, what: &str, by: &str) {
    let text = std::fs::read_to_string(file).expect("a text");
    assert!(text.contains(what), "{what}");
    std::fs::write(file, text.replacen(what, by, 1)).expect("a file");
}

#[test]
fn names_in_files_of_others_are_refused_and_told_in_characters_that_are_seen() {
    let workplace = Workplace::new();
    workplace.write("texts.ron", CONFIG);
    let run = workplace.folder_of("run texts.ron --engine cpu -q --no-analysis");
    let name = run.display().to_string();
    let nest = workplace.folder_of(&format!("export {name} --format nest --to nest -q"));
    let (network, populations) = (run.with_file_name("network.ron"), nest.join("population_GIDs.dat"));
    let import = format!("import nest --like {name} -q");
    let good = [&network, &populations].map(|file| std::fs::read_to_string(file).expect("a file"));
    for steering in STEERING {
        // As characters, and as RON writes them.
        let escaped: String = steering.chars().map(|c| c.escape_unicode().to_string()).collect();
        for written in [steering, &escaped] {
            replace(&network, "area: \"insula\"", &format!("area: \"insula{written}\""));
            is_refused(&workplace.call(&format!("analyze {name} -q")), "network.ron");
            std::fs::write(&network, &good[0]).expect("a file");
        }
        replace(&populations, "'insula'", &format!("'insula{steering}x'"));
        let call = workplace.call(&import);
        // The end of a line is the end of what is read as a name.
        is_refused(&call, "population_GIDs.dat: line");
        assert!(call.stderr.contains("characters that are not seen"), "{call:?}");
        std::fs::write(&populations, &good[1]).expect("a file");
        let spikes = nest.join("spikes/spike_recorder-1-0.dat");
        let before = std::fs::read_to_string(&spikes).expect("a file");
        std::fs::write(&spikes, format!("{before}1\tx{steering}x\n")).expect("a file");
        is_refused(&workplace.call(&import), "is no sender with a time");
        std::fs::write(&spikes, before).expect("a file");
    }
    // Another name that can be seen is another population.
    replace(&populations, "'insula'", "'insulae'");
    is_refused(&workplace.call(&import), "it has insulae");
}

#[test]
fn what_a_configuration_or_a_table_has_is_told_in_characters_that_are_seen() {
    let workplace = Workplace::new();
    let tables = "tables/desikan_killiany_areas.csv";
    let areas = include_str!("../../data/desikan_killiany_areas.csv");
    for steering in STEERING {
        let escaped: String = steering.chars().map(|c| c.escape_unicode().to_string()).collect();
        workplace.write("x.ron", &format!("(name: \"x{escaped}x\")"));
        is_refused(&workplace.call("check x.ron"), "cannot name a folder");
        let stimulus = format!("dc(populations: \"x{escaped}x\", amplitude_pa: 1.0)");
        workplace
            .write("x.ron", &CONFIG.replacen("simulation", &format!("stimuli: [{stimulus}], simulation"), 1));
        is_refused(&workplace.call("check x.ron"), "no population is called");
        workplace.write("x.ron", "(anatomy: (tables: \"tables\"))");
        workplace.write(tables, &areas.replacen("insula", &format!("insu{steering}la"), 1));
        is_refused(&workplace.call("check x.ron"), "desikan_killiany_areas.csv");
        if !steering.contains(char::is_whitespace) {
            is_refused(&workplace.call(&format!("check x{steering}x.ron")), "cannot read");
        }
    }
}

#[test]
fn an_edited_manifest_steers_neither_a_terminal_nor_a_page() {
    let workplace = Workplace::new();
    workplace.write("texts.ron", CONFIG);
    let run = workplace.folder_of("run texts.ron --engine cpu -q --no-analysis");
    let steering = STEERING.concat();
    let text = std::fs::read_to_string(run.join("manifest.json")).expect("a manifest");
    let mut manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    manifest["adapter"] = format!("{steering}<b>").into();
    std::fs::write(run.join("manifest.json"), manifest.to_string()).expect("a file");
    assert!(!is_clean(manifest["adapter"].as_str().expect("a text")), "the manifest has it");
    let call = workplace.call("run texts.ron --engine cpu -q --figures svg");
    assert_eq!(call.code, Some(0), "{call:?}");
    assert!(call.stdout.contains("\\u{1b}[2J\\u{7}") && is_clean(&call.stdout), "{call:?}");
    let page = std::fs::read_to_string(run.join("report.html")).expect("a page");
    assert!(page.contains("\\u{1b}[2J") && is_clean(&page));
}

/// The call fails, and tells a beginning and the number of the others.
#[track_caller]
fn is_told_in_short(call: &Call, part: &str) {
    is_refused(call, part);
    let lines = call.stderr.lines().skip_while(|line| !line.starts_with("error: ")).count();
    assert_eq!(lines, MAX_TOLD + 1, "{}", call.stderr);
    let more = format!("and {} more", MANY - MAX_TOLD);
    assert!(call.stderr.trim_end().ends_with(&more), "{}", call.stderr);
}

#[test]
fn a_hundred_thousand_wrong_entries_are_told_as_the_first_twenty_and_a_count() {
    let workplace = Workplace::new();
    let list = |entry: &dyn Fn(usize) -> String| (0..MANY).map(entry).collect::<Vec<_>>().join(",\n");
    let keys = list(&|index| format!("key_{index}: 1"));
    workplace.write("x.ron", &format!("({keys})"));
    is_told_in_short(&workplace.call("check x.ron"), "unknown key `key_0`");
    let late = list(&|_| "dc(populations: \"*\", amplitude_pa: 1.0, from_ms: -1.0)".to_owned());
    workplace.write("x.ron", &format!("(stimuli: [{late}])"));
    is_told_in_short(&workplace.call("check x.ron"), "stimuli[0].dc.from_ms");
    let nowhere = list(&|index| format!("dc(populations: \"nowhere {index}\", amplitude_pa: 1.0)"));
    workplace.write("x.ron", &CONFIG.replacen("simulation", &format!("stimuli: [{nowhere}], simulation"), 1));
    is_told_in_short(&workplace.call("check x.ron"), "no population is called `nowhere 0`");
    let meters = list(&|index| format!("(populations: \"nowhere {index}\", neurons: 1, interval_ms: 1.0)"));
    let meters = format!("recording: (voltmeter: [{meters}]), simulation");
    workplace.write("x.ron", &CONFIG.replacen("simulation", &meters, 1));
    is_told_in_short(&workplace.call("check x.ron"), "no population is called `nowhere 0`");
    workplace.write("x.ron", "(anatomy: (tables: \"tables\"))");
    let areas = include_str!("../../data/desikan_killiany_areas.csv").trim_end();
    let rows: String = (0..MANY).map(|index| format!("more{index},m,FA,1.0,a,b\n")).collect();
    workplace.write("tables/desikan_killiany_areas.csv", &format!("{areas}\n{rows}"));
    is_told_in_short(&workplace.call("check x.ron"), "row `more0` is one too many");
    // Few are told one by one.
    workplace.write("tables/desikan_killiany_areas.csv", &format!("{areas}\nmore,m,FA,1.0,a,b\n"));
    let call = workplace.call("check x.ron");
    is_refused(&call, "row `more` is one too many");
    assert!(!call.stderr.contains("and ") || !call.stderr.contains(" more\n"), "{call:?}");
}

#[test]
fn a_network_of_many_wrong_populations_is_told_as_the_first_twenty_and_a_count() {
    let population = |index: usize| {
        let name = if index.is_multiple_of(2) { "same".to_owned() } else { format!("other{index}\u{1b}") };
        Population::new(&name, 1, LifParameters::default())
    };
    let network = NetworkSpec::new((0..=MANY).map(population).collect(), Vec::new());
    let told = network.check().expect_err("wrong names").to_string();
    assert_eq!(told.lines().count(), MAX_TOLD + 1);
    assert!(told.ends_with(&format!("and {} more", MANY - MAX_TOLD)), "{told}");
    assert!(is_clean(&told) && told.contains("two populations are named 'same'"), "{told}");
}
