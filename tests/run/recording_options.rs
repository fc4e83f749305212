//! What of a run is kept: spikes of some populations, counts in bins, potentials and currents; and what
//! statistics there are of what was not kept.

use crate::fixtures::adapter::test_adapter;
use crate::fixtures::command_line::{Workplace, spikes};
use crate::fixtures::explicit_network::{DT_MS, ExplicitNetwork};
use crate::fixtures::nest_small::{SINGLE_NEURON_STEPS, SingleNeuron, single_neurons};
use crate::fixtures::seal::seal;
use crate::fixtures::ways::Way;
use humam_gpu::engine::fixed_point::{Arithmetic, IntegerNetwork, Simulation};
use humam_gpu::engine::gpu::GpuAdapter;
use humam_gpu::engine::synapses::CsrStore;
use humam_gpu::simulation::recording::{Recorder, RecordingPlan, RunFiles, VoltmeterPlan, population_rows};
use humam_gpu::simulation::simulate;
use ndarray::{Array1, Array2, Axis};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// As in `nest_small.rs`: 21 fractional bits are 4.8e-7 mV; roundings of V, of I and of the propagators add
/// up over the membrane time constant, 100 steps. Here over the whole trace, as all spikes have their
/// steps.
const V_M_TOLERANCE_MV: f64 = 2e-5;
/// As in `nest_small.rs`.
const FINEST: Arithmetic = Arithmetic { v_m_bits: Some(21), current_bits: Some(21), weight_bits: Some(21) };
/// Of means in mV and pA, below 1000: f64 rounding of a sum of a hundred values.
const MEAN_TOLERANCE: f64 = 1e-10;
/// Rates from counts and from spikes are quotients of the same integers.
const RATE_TOLERANCE: f64 = 1e-12;

/// Every kind of stimulus and of recording on a network that is built and run in no time.
const STIMULATED: &str = r#"(
  scaling: (n_scaling: 0.001, k_scaling: 0.004),
  simulation: (duration_ms: 60.0, statistics_from_ms: 20.0),
  stimuli: [
    spike(populations: "precuneus", time_ms: 30.7, psp_mv: 20.0, neurons: 3),
    spike(populations: "cuneus IV E", time_ms: 12.8, weight_pa: -900.0),
    poisson(populations: "* V E", rate_hz: 500.0, psp_mv: 2.0, from_ms: 10.1, to_ms: 40.0),
    dc(populations: "cuneus", amplitude_pa: 50.0, from_ms: 15.5),
  ],
  recording: (
    populations: ["precuneus", "* V E", "cuneus IV"],
    spike_counts: true,
    counts_bin_ms: 0.5,
    voltmeter: [
      (populations: "cuneus IV E", neurons: 2, interval_ms: 0.3),
      (populations: "precuneus", neurons: 1, interval_ms: 1.0),
      (populations: "cuneus II/III", indices: [4, 0, 1], interval_ms: 0.6),
    ],
    means: (populations: "* IV", interval_ms: 0.7),
  ),
  engine: (ENGINE),
)"#;

fn array<T: ndarray_npy::ReadableElement>(path: PathBuf) -> Array2<T> {
    ndarray_npy::read_npy(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn list<T: ndarray_npy::ReadableElement>(path: PathBuf) -> Vec<T> {
    let array: Array1<T> =
        ndarray_npy::read_npy(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    array.into_iter().collect()
}

fn table(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let row = |row: Result<csv::StringRecord, _>| row.expect("a row").iter().map(str::to_owned).collect();
    reader.records().map(row).collect()
}

/// (step, neuron) of every spike of a run.
fn spike_list(run: &Path) -> Vec<(u32, u32)> {
    let (steps, neurons) = (list(run.join("spikes_step.npy")), list(run.join("spikes_neuron.npy")));
    steps.into_iter().zip(neurons).collect()
}

/// Name, first neuron and number of neurons of every population.
fn populations(run: &Path) -> Vec<(String, u32, u32)> {
    let number = |text: &String| text.parse().expect("a number");
    let rows = table(&run.join("populations.csv"));
    rows.iter().map(|row| (row[..3].join(" "), number(&row[3]), number(&row[4]))).collect()
}

fn manifest(run: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(run.join("manifest.json")).expect("a manifest")).expect("JSON")
}

/// Every file that recordings make, by name.
fn recordings(run: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = run.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path());
    let name = |path: &PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
    let is_recording =
        |path: &PathBuf| ["spike", "voltmeter", "means", "rates"].iter().any(|s| name(path).starts_with(s));
    let files = entries.filter(is_recording);
    files.map(|path| (name(&path), std::fs::read(&path).expect("a file"))).collect()
}

#[test]
fn every_engine_writes_the_same_recordings() {
    every_engine_writes(STIMULATED, &["current_pa"]);
}

#[test]
fn every_engine_writes_the_same_recordings_of_separate_currents() {
    let apart = STIMULATED.replace("simulation", "neurons: (separate_currents: true), simulation");
    every_engine_writes(&apart, &["current_ex_pa", "current_in_pa"]);
}

fn every_engine_writes(config: &str, currents: &[&str]) {
    let workplace = Workplace::new();
    let run = |name: &str, engine: &str| {
        workplace.write(&format!("{name}.ron"), &config.replace("ENGINE", engine));
        recordings(&workplace.folder_of(&format!("run {name}.ron --no-analysis --quiet")))
    };
    let expected = run("reference", "engine: reference, shards: 1");
    let names: Vec<&str> = expected.keys().map(String::as_str).collect();
    let arrays = [currents, &["time_ms", "v_m_mv"]].concat();
    let voltmeter = |k: usize| arrays.iter().map(move |what| format!("voltmeter_{k}_{what}.npy"));
    let mut expected_names: Vec<String> = (0..3).flat_map(voltmeter).collect();
    expected_names.extend(arrays.iter().map(|what| format!("means_{what}.npy")));
    let others = ["rates.csv", "spike_counts.npy", "spikes_neuron.npy", "spikes_step.npy"];
    expected_names.extend(others.map(str::to_owned));
    expected_names.extend(["means_populations.csv", "voltmeter_neurons.csv"].map(str::to_owned));
    expected_names.sort_unstable();
    assert_eq!(names, expected_names);
    let mut ways = vec![
        "engine: reference, shards: 3, batch_steps: 7".to_owned(),
        "engine: cpu, threads: 2, shards: 4".to_owned(),
        "engine: cpu, threads: 1, shards: 1, batch_steps: 77, vectors: baseline".to_owned(),
        "engine: cpu, threads: 2, shards: 3, batch_steps: 100, synapses: procedural".to_owned(),
    ];
    let adapter = test_adapter().map(|adapter: GpuAdapter| adapter.info().name.clone());
    for way in [
        "shards: 1, synapses: stored",
        "shards: 3, batch_steps: 77, synapses: stored",
        "shards: 2, batch_steps: 100, synapses: procedural",
    ] {
        ways.extend(adapter.iter().map(|name| format!("engine: gpu, adapter: {name:?}, {way}")));
    }
    for (index, way) in ways.iter().enumerate() {
        assert!(run(&format!("way{index}"), way) == expected, "{way}");
    }
    let plain = config.replace("amplitude_pa: 50.0", "amplitude_pa: 51.0").replace("ENGINE", "engine: cpu");
    workplace.write("other.ron", &plain);
    let other = recordings(&workplace.folder_of("run other.ron --no-analysis --quiet"));
    assert!(other != expected, "another amplitude is seen");
}

#[test]
fn a_network_is_used_again_whatever_the_stimuli_and_recordings() {
    let workplace = Workplace::new();
    workplace.write("a.ron", &STIMULATED.replace("ENGINE", "engine: cpu"));
    let stimulated = workplace.call("run a.ron --no-analysis");
    assert!(stimulated.stdout.contains("network:      derived"), "{stimulated:?}");
    for change in ["stimuli=[]", "recording.spike_counts=false", "recording.populations=null"] {
        let call = workplace.call(&format!("run a.ron --no-analysis --set {change}"));
        assert!(call.stdout.contains("network:      found and used again"), "{change}: {call:?}");
        assert!(call.stdout.contains("run:          made"), "{change}: {call:?}");
    }
    let again = workplace.call("run a.ron --no-analysis");
    assert!(again.stdout.contains("run:          found and used again"), "{again:?}");
    assert_eq!(stimulated.stdout.lines().last(), again.stdout.lines().last());
    // Its own configuration makes it again.
    let run = workplace.folder_of("run a.ron --no-analysis --quiet");
    let own = run.join("config.ron").display().to_string();
    let copy = workplace.folder_of(&format!("run {own} --out elsewhere --no-analysis --quiet"));
    assert!(recordings(&copy) == recordings(&run));
}

#[test]
fn another_engine_confirms_recordings_and_finds_one_that_differs() {
    let workplace = Workplace::new();
    workplace.write("a.ron", &STIMULATED.replace("ENGINE", "engine: cpu"));
    let run = workplace.folder_of("run a.ron --no-analysis --quiet");
    let confirmed = workplace.call("run a.ron --no-analysis --engine reference");
    assert!(confirmed.stdout.contains("made again: the spikes are those"), "{confirmed:?}");
    std::fs::remove_dir_all(run.parent().expect("a network")).expect("a folder");
    let run = workplace.folder_of("run a.ron --no-analysis --quiet");
    let path = run.join("voltmeter_1_v_m_mv.npy");
    let mut bytes = std::fs::read(&path).expect("a file");
    bytes[200] ^= 1;
    std::fs::write(&path, bytes).expect("a file");
    seal(&run);
    let call = workplace.call("run a.ron --no-analysis --engine reference");
    assert_eq!(call.code, Some(1), "{call:?}");
    assert!(call.stderr.contains("voltmeter_1_v_m_mv.npy of reference"), "{call:?}");
}

#[test]
fn kept_spikes_are_those_of_the_full_record_and_counts_those_of_its_spikes() {
    let workplace = Workplace::new();
    workplace.write("a.ron", &STIMULATED.replace("ENGINE", "engine: cpu"));
    let part = workplace.folder_of("run a.ron --no-analysis --quiet");
    let whole = workplace.folder_of("run a.ron --no-analysis --quiet --set recording.populations=null");
    let populations = populations(&whole);
    let all = spike_list(&whole);
    let is_kept = |name: &str| {
        name.starts_with("precuneus ") || name.ends_with(" V E") || name.starts_with("cuneus IV ")
    };
    let of = |neuron: u32| populations.partition_point(|(_, first, _)| *first <= neuron) - 1;
    let kept: Vec<(u32, u32)> =
        all.iter().copied().filter(|&(_, n)| is_kept(&populations[of(n)].0)).collect();
    assert!(kept.len() > 100 && kept.len() < all.len(), "{} of {}", kept.len(), all.len());
    assert_eq!(spike_list(&part), kept);
    assert_eq!(manifest(&part)["n_spikes"], all.len());
    assert_eq!(manifest(&part)["n_spikes_recorded"], kept.len());
    let rates = |run: &Path| std::fs::read(run.join("rates.csv")).expect("rates");
    assert_eq!(rates(&part), rates(&whole));

    // Bins of 5 steps; the last one has the last step, 600, alone.
    let mut expected = Array2::<u32>::zeros((121, populations.len()));
    all.iter().for_each(|&(step, neuron)| expected[[(step / 5) as usize, of(neuron)]] += 1);
    assert_eq!(array::<u32>(part.join("spike_counts.npy")), expected);
    let described = &manifest(&part)["arrays"]["spike_counts.npy"];
    assert_eq!(described["shape"], serde_json::json!([121, populations.len()]));
    assert_eq!((&described["axes"][0], &described["unit"]), (&"bin".into(), &"spikes".into()));
    assert!(expected.iter().any(|&count| count > 1));
}

#[test]
fn voltmeters_agree_where_their_samples_coincide() {
    let workplace = Workplace::new();
    let two = STIMULATED
        .replace("ENGINE", "engine: cpu")
        .replace("(populations: \"precuneus\", neurons: 1", "(populations: \"cuneus IV\", neurons: 3");
    workplace.write("a.ron", &two);
    let run = workplace.folder_of("run a.ron --no-analysis --quiet");
    let times = |k: usize| list::<f64>(run.join(format!("voltmeter_{k}_time_ms.npy")));
    let (fine, coarse) = (times(0), times(1));
    assert_eq!((fine.len(), coarse.len()), (200, 60));
    let neurons = table(&run.join("voltmeter_neurons.csv"));
    let of_neuron = |row: &Vec<String>| (row[0].clone(), row[2].clone(), row[3..].join(" "));
    let neurons: Vec<_> = neurons.iter().map(of_neuron).collect();
    // Two of IV E at 0.3 ms; at 1 ms three of IV E and three of IV I.
    let names: Vec<&str> = neurons.iter().take(8).map(|(_, _, name)| name.as_str()).collect();
    assert_eq!(names, [&["cuneus IV E"; 5][..], &["cuneus IV I"; 3]].concat());
    assert_eq!(neurons[0].1, neurons[2].1, "the first of IV E");
    for what in ["v_m_mv", "current_pa"] {
        let values = |k: usize| array::<f64>(run.join(format!("voltmeter_{k}_{what}.npy")));
        let (a, b) = (values(0), values(1));
        assert_eq!((a.dim(), b.dim()), ((200, 2), (60, 6)));
        // Every 3 ms.
        for k in 1..=20 {
            assert!((fine[10 * k - 1] - coarse[3 * k - 1]).abs() < 1e-9);
            assert_eq!(a.row(10 * k - 1).to_vec(), b.row(3 * k - 1).to_vec()[..2], "{what} at {} ms", 3 * k);
        }
        assert!(a.iter().any(|&x| x != a[[0, 0]]), "{what} changes");
    }
}

#[test]
fn neurons_chosen_by_index_have_the_samples_of_the_same_neurons_among_all() {
    let workplace = Workplace::new();
    let of = |neurons: &str| {
        let voltmeter = format!(r#"(populations: "cuneus II/III", {neurons}, interval_ms: 5.0)"#);
        let recording = format!("recording: (voltmeter: [{voltmeter}]), analysis");
        workplace.write("small.ron", &SMALL.replace("analysis", &recording));
        workplace.folder_of("run small.ron --engine cpu --quiet --no-analysis")
    };
    let (all, chosen) = (of("neurons: 1000"), of("indices: [5, 0, 3]"));
    let numbers = |run: &Path| -> Vec<String> {
        table(&run.join("voltmeter_neurons.csv")).into_iter().map(|row| row[2].clone()).collect()
    };
    let sizes: Vec<(u32, u32)> = populations(&chosen)
        .into_iter()
        .filter(|(name, ..)| name.starts_with("cuneus II/III "))
        .map(|(_, first, neurons)| (first, neurons))
        .collect();
    assert!(sizes.len() == 2 && sizes.iter().all(|(_, neurons)| *neurons > 5), "{sizes:?}");
    let expected: Vec<u32> = sizes.iter().flat_map(|(first, _)| [0, 3, 5].map(|k| first + k)).collect();
    assert_eq!(numbers(&chosen), expected.iter().map(u32::to_string).collect::<Vec<_>>());
    let columns: Vec<usize> = numbers(&chosen)
        .iter()
        .map(|number| numbers(&all).iter().position(|other| other == number).expect("a column"))
        .collect();
    for what in ["v_m_mv", "current_pa"] {
        let [whole, part] =
            [&all, &chosen].map(|run| array::<f64>(run.join(format!("voltmeter_0_{what}.npy"))));
        assert_eq!(part, whole.select(Axis(1), &columns), "{what}");
        assert_ne!(part, whole.select(Axis(1), &[0, 1, 2, 3, 4, 5]), "{what} of the first ones");
    }
}

/// Means over the columns of each population, a row a sample.
fn means_of(all: &Array2<f64>, columns: &[Vec<usize>]) -> Array2<f64> {
    let mean = |(row, population): (usize, usize)| {
        let of_neurons = columns[population].iter().map(|&column| all[[row, column]]);
        of_neurons.sum::<f64>() / columns[population].len() as f64
    };
    Array2::from_shape_fn((all.nrows(), columns.len()), mean)
}

#[test]
fn means_are_those_of_the_samples_of_all_neurons() {
    let workplace = Workplace::new();
    let recording = r#"neurons: (separate_currents: true), recording: (
        voltmeter: [(populations: "cuneus", neurons: 1000, interval_ms: 5.0)],
        means: (populations: "cuneus", interval_ms: 5.0),
    ), analysis"#;
    workplace.write("small.ron", &SMALL.replace("analysis", recording));
    let run = workplace.folder_of("run small.ron --engine reference --quiet --no-analysis");
    let names: Vec<String> =
        table(&run.join("means_populations.csv")).iter().map(|row| row[1..4].join(" ")).collect();
    let neurons: Vec<String> =
        table(&run.join("voltmeter_neurons.csv")).iter().map(|row| row[3..].join(" ")).collect();
    let of = |name: &String| (0..neurons.len()).filter(|&column| neurons[column] == *name).collect();
    let columns: Vec<Vec<usize>> = names.iter().map(of).collect();
    assert_eq!(columns.iter().map(Vec::len).sum::<usize>(), neurons.len());
    let mut without_one = columns.clone();
    without_one[0].pop();
    for what in ["v_m_mv", "current_ex_pa", "current_in_pa"] {
        let [all, means] =
            ["voltmeter_0", "means"].map(|writer| array::<f64>(run.join(format!("{writer}_{what}.npy"))));
        assert_eq!(means.dim(), (140, names.len()));
        let distance = |columns: &[Vec<usize>]| {
            let others = means_of(&all, columns);
            means.iter().zip(&others).map(|(mean, other)| (mean - other).abs()).fold(0.0, f64::max)
        };
        assert!(distance(&columns) < MEAN_TOLERANCE, "{what}: {}", distance(&columns));
        assert!(distance(&without_one) > 1e6 * MEAN_TOLERANCE, "a neuron that is left out is seen");
    }
    let times = |writer: &str| list::<f64>(run.join(format!("{writer}_time_ms.npy")));
    assert_eq!(times("means"), times("voltmeter_0"));
    let described = &manifest(&run)["arrays"]["means_current_in_pa.npy"];
    assert_eq!((&described["axes"][1], &described["unit"]), (&"population".into(), &"pA".into()));
}

#[test]
fn an_index_beyond_a_population_is_refused_with_its_place() {
    let workplace = Workplace::new();
    workplace
        .write("a.ron", &STIMULATED.replace("ENGINE", "engine: cpu").replace("[4, 0, 1]", "[4, 7000, 1]"));
    let call = workplace.call("run a.ron");
    assert_eq!(call.code, Some(2), "{call:?}");
    let told = "recording.voltmeter[2].indices[1] = 7000 is beyond `cuneus II/III E`, whose ";
    assert!(call.stderr.contains(told), "{call:?}");
    workplace.write("a.ron", &STIMULATED.replace("ENGINE", "engine: cpu").replace("[4, 0, 1]", "[4, 0, 4]"));
    let call = workplace.call("check a.ron");
    assert!(call.stderr.contains("recording.voltmeter[2].indices[2] = 4 is named twice (a.ron:"), "{call:?}");
}

/// V_m in mV after every step of a single neuron, as a voltmeter records it; `None` without a GPU.
fn recorded_v_m(way: Way, network: &ExplicitNetwork) -> Option<Vec<f64>> {
    let spec = network.to_spec();
    let integers = IntegerNetwork::new(&spec, DT_MS, 1, &FINEST).expect("a network that fits");
    let store = CsrStore::build(&integers, 2).expect("a store");
    let mut engine = way.stored(&integers, &store)?;
    let voltmeters = vec![VoltmeterPlan { neurons: vec![0], interval_steps: 1 }];
    let kept = vec![true; spec.populations.len()];
    let plan = RecordingPlan { kept, counts_bin_steps: None, voltmeters, means: None };
    let duration_ms = f64::from(SINGLE_NEURON_STEPS) * DT_MS;
    let simulation = Simulation { duration_ms, dt_ms: DT_MS, ..Simulation::default() };
    let folder = tempfile::tempdir().expect("a folder");
    let rows = population_rows(&spec);
    let recorder =
        Recorder::create(RunFiles::new(folder.path()), &plan, &spec, &integers, &rows, &simulation);
    let mut recorder = recorder.expect("a recorder");
    engine.probe(recorder.probe().expect("a voltmeter")).expect("a neuron");
    simulate(engine.as_mut(), SINGLE_NEURON_STEPS, |batch| recorder.take(batch)).expect("a run");
    recorder.finish().expect("files");
    Some(array::<f64>(folder.path().join("voltmeter_0_v_m_mv.npy")).column(0).to_vec())
}

/// Largest distance from NEST's trace, which ends a few steps earlier.
fn deviation_mv(way: Way, neuron: &SingleNeuron, network: &ExplicitNetwork) -> Option<f64> {
    let recorded = recorded_v_m(way, network)?;
    assert_eq!(recorded.len(), SINGLE_NEURON_STEPS as usize);
    assert!(neuron.v_m_mv.len() > 1900, "{} samples", neuron.v_m_mv.len());
    let nest = neuron.v_m_mv.iter();
    Some(nest.map(|&(step, v_m_mv)| (recorded[step as usize - 1] - v_m_mv).abs()).fold(0.0, f64::max))
}

#[test]
fn voltmeter_traces_are_nests_on_every_engine() {
    for way in [Way::REFERENCE, Way::CPU, Way::GPU] {
        for neuron in single_neurons() {
            let Some(deviation) = deviation_mv(way, &neuron, &neuron.network) else { continue };
            println!("{way:?}, {}: V_m within {deviation:.1e} mV", neuron.name);
            assert!(deviation < V_M_TOLERANCE_MV, "{way:?}, {}: {deviation} mV", neuron.name);
            let later = neuron.network.clone().with_delays_a_step_longer();
            assert!(deviation_mv(way, &neuron, &later) > Some(V_M_TOLERANCE_MV), "{way:?}, {}", neuron.name);
            let recorded = recorded_v_m(way, &neuron.network).expect("a trace");
            let parameters = neuron.network.neurons[0].parameters;
            let refractory = (parameters.t_ref_ms / DT_MS).round() as usize;
            let first = neuron.spike_steps[0] as usize - 1;
            assert!(recorded[first..=first + refractory].iter().all(|&v| v == parameters.v_reset_mv));
            assert_ne!(recorded[first + refractory + 1], parameters.v_reset_mv);
        }
    }
}

#[test]
fn populations_that_do_not_exist_are_refused_all_at_once_with_the_nearest() {
    let workplace = Workplace::new();
    let wrong = STIMULATED
        .replace("ENGINE", "engine: cpu")
        .replace("[\"precuneus\"", "[\"precunes\"")
        .replace("(populations: \"cuneus IV E\", neurons: 2", "(populations: \"cuneus IX E\", neurons: 2");
    workplace.write("a.ron", &wrong);
    let call = workplace.call("run a.ron");
    assert_eq!(call.code, Some(2), "{call:?}");
    for line in [
        "recording.populations[0]: no population is called `precunes`: the nearest is `precuneus II/III E`",
        "recording.voltmeter[0].populations: no population is called `cuneus IX E`: the nearest is `cuneus IV E`",
    ] {
        assert!(call.stderr.contains(line), "{call:?}");
    }
    let wrong = STIMULATED
        .replace("ENGINE", "engine: cpu")
        .replace("(populations: \"precuneus\", time", "(populations: \"pre\", time");
    workplace.write("b.ron", &wrong);
    let call = workplace.call("check b.ron");
    assert_eq!(call.code, Some(2), "{call:?}");
    assert!(call.stderr.contains("stimuli[0].spike: no population is called `pre`"), "{call:?}");
}

/// A run with time for statistics, with all spikes, and with others.
const SMALL: &str = "(
  scaling: (n_scaling: 0.001, k_scaling: 0.004),
  simulation: (duration_ms: 700.0),
  analysis: (welch_window_ms: 100.0, experiment_from_ms: 500.0),
)";

/// Column of a table of statistics.
fn column(path: &Path, index: usize) -> Vec<String> {
    table(path).into_iter().map(|row| row[index].clone()).collect()
}

fn assert_close(a: &[String], b: &[String]) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        let number = |text: &String| text.parse::<f64>().unwrap_or_else(|_| panic!("{text:?} is no number"));
        assert!((number(a) - number(b)).abs() <= RATE_TOLERANCE * number(b).abs(), "{a} {b}");
    }
}

#[test]
fn what_was_not_recorded_is_absent_and_rates_stay_right() {
    let workplace = Workplace::new();
    workplace.write("small.ron", SMALL);
    let run = |options: &str| workplace.folder_of(&format!("run small.ron --engine cpu --quiet {options}"));
    let whole = run("");
    let file = |run: &Path, name: &str| run.join("analysis").join(name);
    let rates_over_time = |run: &Path| array::<f64>(file(run, "population_rates_hz.npy"));
    let expected_hz = column(&file(&whole, "populations.csv"), 4);

    let counted = run("--set recording.populations=[] --set recording.spike_counts=true");
    assert!(spike_list(&counted).is_empty() && !spike_list(&whole).is_empty());
    assert_close(&column(&file(&counted, "populations.csv"), 4), &expected_hz);
    assert_eq!(rates_over_time(&counted), rates_over_time(&whole));
    for statistic in 5..8 {
        assert!(column(&file(&counted, "populations.csv"), statistic).iter().all(String::is_empty));
    }
    let why = |run: &Path, quantity: &str| {
        let row = table(&file(run, "summary.csv")).into_iter().find(|row| row[0] == quantity);
        row.expect("a quantity")[2].clone()
    };
    assert_eq!(why(&counted, "mean_cv_isi"), "spikes were not recorded");
    assert_eq!(why(&counted, "mean_rate_hz"), "");
    // Input currents, BOLD and spectra follow from the counts.
    for name in ["functional_connectivity.csv", "spectra.csv", "synaptic_currents_pa_per_s.npy"] {
        let read = |run: &Path| std::fs::read(file(run, name)).expect("a file");
        assert!(read(&counted) == read(&whole), "{name}");
    }

    let nothing = run("--set recording.populations=[]");
    assert_close(&column(&file(&nothing, "populations.csv"), 4), &expected_hz);
    assert!(rates_over_time(&nothing).iter().all(|rate_hz| rate_hz.is_nan()));
    assert_eq!(why(&nothing, "modularity"), "spikes were not recorded");
    assert_eq!(table(&file(&nothing, "functional_connectivity.csv")), Vec::<Vec<String>>::new());
    let report = std::fs::read_to_string(nothing.join("report.html")).expect("a report");
    assert!(report.contains("(0 of them recorded)") && report.contains("spikes were not recorded"));
    assert!(!report.contains("silent populations (254"), "not recorded is not silent");

    let part = run("--set recording.populations=[\"cuneus\"]");
    let names: Vec<String> = populations(&part).into_iter().map(|(name, ..)| name).collect();
    let (cv, whole_cv) =
        (column(&file(&part, "populations.csv"), 5), column(&file(&whole, "populations.csv"), 5));
    for ((name, cv), whole_cv) in names.iter().zip(&cv).zip(&whole_cv) {
        assert_eq!(cv, if name.starts_with("cuneus ") { whole_cv } else { "" }, "{name}");
    }
    assert!(cv.iter().any(|cv| !cv.is_empty()));
    let individual = list::<f64>(file(&part, "individual_rates_hz.npy"));
    let whole_rates = list::<f64>(file(&whole, "individual_rates_hz.npy"));
    assert_eq!(individual.len(), whole_rates.len());
    let known = individual.iter().zip(&whole_rates).filter(|(a, _)| !a.is_nan());
    assert!(known.clone().count() > 10 && known.clone().all(|(a, b)| a == b));
}

#[test]
fn statistics_from_another_time_on_are_counted_anew_as_far_as_they_are_known() {
    let workplace = Workplace::new();
    workplace.write("small.ron", SMALL);
    let rates = |options: &str| {
        let command = format!("run small.ron --engine cpu --quiet --no-analysis {options}");
        column(&workplace.folder_of(&command).join("rates.csv"), 4)
    };
    let later = "--set simulation.statistics_from_ms=600";
    let (early, late) = (rates(""), rates(later));
    assert_ne!(early, late);
    let counts = "--set recording.populations=[\"cuneus\"] --set recording.spike_counts=true";
    assert_close(&rates(counts), &early);
    assert_close(&rates(&format!("{counts} {later}")), &late);
    assert_close(&rates(counts), &early);
    let none = "--set recording.populations=[\"cuneus\"]";
    assert_close(&rates(none), &early);
    let known = rates(&format!("{none} {later}"));
    assert!(known.iter().zip(&late).all(|(a, b)| a.is_empty() || a == b));
    let n_known = known.iter().filter(|rate| !rate.is_empty()).count();
    assert!(n_known > 0 && n_known < known.len(), "{n_known}");
}

#[test]
fn spikes_do_not_depend_on_what_is_recorded() {
    let workplace = Workplace::new();
    workplace.write("a.ron", &STIMULATED.replace("ENGINE", "engine: cpu"));
    let all = "--set recording.populations=null --no-analysis --quiet";
    let with = workplace.folder_of(&format!("run a.ron {all}"));
    let without = workplace.folder_of(&format!(
        "run a.ron {all} --set recording.voltmeter=[] --set recording.spike_counts=false"
    ));
    assert_ne!(with, without);
    assert_eq!(spikes(&with), spikes(&without));
    assert!(with.join("voltmeter_neurons.csv").exists() && !without.join("voltmeter_neurons.csv").exists());
}
