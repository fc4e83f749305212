//! What a folder of a run or a network holds is noticed when it is changed, by every command that reads it.

use crate::fixtures::command_line::{Workplace, spikes};
use crate::fixtures::seal::seal;
use humam_gpu::analysis::recorded_key_figures;
use humam_gpu::config;
use std::path::{Path, PathBuf};

/// With everything that can be recorded.
const CONFIG: &str = r#"(
    scaling: (n_scaling: 0.001, k_scaling: 0.004),
    simulation: (duration_ms: 60.0, statistics_from_ms: 20.0),
    recording: (
        populations: ["cuneus", "insula"],
        spike_counts: true,
        voltmeter: [(populations: "cuneus V E", neurons: 1, interval_ms: 1.0)],
    ),
)"#;
/// Another seed of it, to compare with.
const RUN: &str = "run small.ron --engine cpu --quiet --no-analysis";
/// Files of a network.
const OF_NETWORK: [&str; 3] = ["network.ron", "synapses.csv", "theory_rates.csv"];
/// Files of a run.
const OF_RUN: [&str; 8] = [
    "spikes_neuron.npy",
    "spikes_step.npy",
    "spike_counts.npy",
    "voltmeter_0_v_m_mv.npy",
    "voltmeter_neurons.csv",
    "populations.csv",
    "rates.csv",
    "config.ron",
];

/// Every command that reads the run in `run`.
fn commands(run: &Path) -> [String; 7] {
    let run = run.display();
    [
        format!("{RUN} --seed 4"),
        format!("resume {run} --quiet --no-analysis"),
        format!("analyze {run} --quiet"),
        format!("compare other {run} --quiet"),
        format!("export {run} --format npz --to exported --force --quiet"),
        format!("verify {run} --quiet"),
        format!("import nest --like {run} --quiet"),
    ]
}

/// The text with another last digit, or the array with one bit of its last number turned.
fn changed(file: &Path, content: &[u8]) -> Vec<u8> {
    let mut content = content.to_vec();
    let is_text = file.extension().is_some_and(|extension| extension != "npy");
    let at = content.iter().rposition(|byte| !is_text || byte.is_ascii_digit()).expect("something to change");
    content[at] ^= 1;
    content
}

#[test]
fn one_changed_digit_or_bit_is_told_by_every_command_that_reads_it() {
    let workplace = Workplace::new();
    workplace.write("small.ron", CONFIG);
    let whole = "--set recording.populations=[\"*\"] --set recording.spike_counts=true --out whole";
    let nest = workplace.folder_of(&format!("{RUN} {whole}"));
    workplace.folder_of(&format!("export {} --format nest --to nest --quiet", nest.display()));
    let other = workplace.folder_of(RUN);
    std::fs::rename(workplace.path("out"), workplace.path("others")).expect("renamed");
    let other = workplace.path("others").join(other.strip_prefix(workplace.path("out")).expect("below"));
    let run = workplace.folder_of(&format!("{RUN} --seed 4"));
    let compared = other.display().to_string();
    let commands =
        commands(&run).map(|command| command.replace("compare other", &format!("compare {compared}")));
    let intact = || {
        for command in &commands {
            let call = workplace.call(command);
            // That two seeds differ is no failure.
            let is_well = call.code == Some(0) || command.starts_with("compare") && call.code == Some(3);
            assert!(is_well, "{command}: {call:?}");
        }
    };
    intact();
    let network = run.parent().expect("a network").to_path_buf();
    let files: Vec<PathBuf> = OF_NETWORK
        .map(|name| network.join(name))
        .into_iter()
        .chain(OF_RUN.map(|name| run.join(name)))
        .collect();
    for file in files {
        let content = std::fs::read(&file).expect("a file");
        std::fs::write(&file, changed(&file, &content)).expect("a file");
        let name = file.file_name().expect("a name").to_string_lossy();
        for command in &commands {
            let call = workplace.call(command);
            assert_eq!(call.code, Some(1), "{name}, {command}: {call:?}");
            let told = [&*name, "is not as it was written", "SHA-256", "make it again with `run --force`"];
            assert!(told.iter().all(|part| call.stderr.contains(part)), "{name}, {command}: {call:?}");
        }
        std::fs::write(&file, content).expect("a file");
    }
    intact();
}

#[test]
fn key_figures_of_an_analysis_are_not_taken_from_a_file_that_was_changed() {
    let workplace = Workplace::new();
    workplace.write("small.ron", CONFIG);
    let run = workplace.folder_of("run small.ron --engine cpu --quiet --figures none --no-report");
    let config = config::load(&run.join("config.ron"), &[]).expect("a configuration");
    let found = recorded_key_figures(&run, &config);
    assert!(found.as_ref().is_some_and(|figures| figures[0].is_some()), "{found:?}");
    let summary = run.join("analysis/summary.csv");
    let text = std::fs::read_to_string(&summary).expect("a table");
    let at = text.find("mean_rate_hz,").expect("a row") + "mean_rate_hz,".len();
    let mut changed = text.clone().into_bytes();
    changed[at] ^= 1;
    assert!(changed[at].is_ascii_digit());
    std::fs::write(&summary, changed).expect("a table");
    assert_eq!(recorded_key_figures(&run, &config), None);
    std::fs::write(&summary, text).expect("a table");
    assert_eq!(recorded_key_figures(&run, &config), found);
}

#[test]
fn a_folder_that_was_changed_is_made_anew_with_force() {
    let workplace = Workplace::new();
    workplace.write("small.ron", CONFIG);
    let run = workplace.folder_of(RUN);
    let before = spikes(&run);
    for file in [run.join("../network.ron"), run.join("spikes_step.npy")] {
        let content = std::fs::read(&file).expect("a file");
        std::fs::write(&file, changed(&file, &content)).expect("a file");
        assert_eq!(workplace.call(RUN).code, Some(1));
        assert_eq!(workplace.folder_of(&format!("{RUN} --force")), run);
        assert!(std::fs::read(&file).expect("a file") == content && spikes(&run) == before);
        assert_eq!(workplace.folder_of(RUN), run);
    }
}

#[test]
fn a_network_of_before_figures_read_it_is_made_again_and_keeps_its_runs() {
    let workplace = Workplace::new();
    workplace.write("small.ron", CONFIG);
    let run = workplace.folder_of(RUN);
    let network = run.parent().expect("a network");
    let analyze = format!("analyze {} --quiet", run.display());
    for file in ["full_scale_neurons.csv", "full_scale_synapses.csv", "theory_flow.csv", "areas.csv"] {
        std::fs::remove_file(network.join(file)).expect("a table");
        seal(network);
        let call = workplace.call(&analyze);
        assert_eq!(call.code, Some(1), "{call:?}");
        let told = ["an earlier version", file, "`humam-gpu network` keeps the runs", "--force"];
        assert!(told.iter().all(|part| call.stderr.contains(part)), "{call:?}");
        assert_eq!(workplace.folder_of("network small.ron --quiet --force"), network);
        assert_eq!(workplace.call(&analyze).code, Some(0));
    }
}

#[test]
fn tables_of_another_network_are_told_with_what_they_lack() {
    let workplace = Workplace::new();
    workplace.write("small.ron", CONFIG);
    let run = workplace.folder_of(RUN);
    let network = run.parent().expect("a network");
    let told_of = |file: &str, text: &str, what: &str| {
        let path = network.join(file);
        let intact = std::fs::read(&path).expect("a table");
        std::fs::write(&path, text).expect("a table");
        seal(network);
        let call = workplace.call(&format!("analyze {} --quiet", run.display()));
        assert_eq!(call.code, Some(1), "{call:?}");
        assert!(call.stderr.contains(file) && call.stderr.contains(what), "{call:?}");
        std::fs::write(&path, intact).expect("a table");
        seal(network);
    };
    let missing = "lacks population `bankssts II/III E`";
    told_of("full_scale_neurons.csv", "area,layer,population,neurons\n", missing);
    told_of("full_scale_synapses.csv", "target,a\na,1\n", missing);
    told_of("theory_flow.csv", "network,pseudo_time\nwith_dc,x\n", "line 2 lacks a value in column 2");
    told_of("areas.csv", "area\ncuneus\n", "line 2 lacks a value in column 2");
}

#[test]
fn a_folder_of_before_files_had_hashes_is_told_to_be_of_an_earlier_version() {
    let workplace = Workplace::new();
    workplace.write("small.ron", CONFIG);
    let run = workplace.folder_of(RUN);
    for folder in [run.as_path(), run.parent().expect("a network")] {
        let path = folder.join("manifest.json");
        let text = std::fs::read_to_string(&path).expect("a manifest");
        let mut manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        manifest.as_object_mut().expect("an object").remove("files").expect("hashes");
        std::fs::write(&path, manifest.to_string()).expect("a manifest");
        for command in commands(&run).iter().filter(|command| !command.starts_with("run ")) {
            let call =
                workplace.call(&command.replace("compare other", &format!("compare {}", run.display())));
            assert_eq!(call.code, Some(1), "{command}: {call:?}");
            assert!(call.stderr.contains("as one of an earlier version"), "{command}: {call:?}");
        }
        std::fs::write(&path, text).expect("a manifest");
    }
}
