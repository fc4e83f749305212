//! Stimuli: the same spikes from every engine, analytic potentials, Poisson statistics, and nothing
//! outside of their windows.

use crate::fixtures::downscaled;
use crate::fixtures::driven_network::driven;
use crate::fixtures::explicit_network::{DT_MS, ExplicitNetwork, ExplicitNeuron, excitatory};
use crate::fixtures::ways::{Outcome, Way, different_ways, outcome};
use humam_gpu::engine::assembly::{BuildOptions, integer_network};
use humam_gpu::engine::fixed_point::{
    Arithmetic, Arrival, BLOCK_STEPS, IntegerNetwork, Stimuli, Stimulus, StimulusFile,
};
use humam_gpu::engine::synapses::CsrStore;
use humam_gpu::engine::{Engine, Probe, SpikesInFlight};
use humam_gpu::model::network::{
    ConnectionRule, LifParameters, NetworkSpec, ParameterSpread, PopulationSelector,
};

/// 80 ms: twelve blocks and a half.
const STEPS: u32 = 800;
/// The same in calls that end nowhere in particular.
const PARTS: [u32; 4] = [1, 130, 69, 600];
/// 21 fractional bits are 4.8e-7 mV; roundings of V, of I and of the propagators add up over the membrane
/// time constant, 100 steps, as in `nest_small.rs`.
const V_M_TOLERANCE_MV: f64 = 2e-5;
/// As in `nest_small.rs`.
const FINEST: Arithmetic = Arithmetic { v_m_bits: Some(21), current_bits: Some(21), weight_bits: Some(21) };
/// Chance that a statistic of the right distribution lies outside of its bounds.
const ALPHA: f64 = 1e-6;
/// Two-sided quantile of the normal distribution at [`ALPHA`].
const Z_ALPHA: f64 = 4.892;

fn reference(network: &IntegerNetwork, probe: Option<&Probe>, steps: u32) -> Outcome {
    let found = Way::REFERENCE.with(network, |engine| outcome(engine, probe, &[steps]));
    found.expect("the reference engine")
}

fn selector(words: &str) -> PopulationSelector {
    PopulationSelector(words.into())
}

fn spike(populations: &str, time_ms: f64, psp_mv: f64, neurons: Option<u32>) -> Stimulus {
    Stimulus::Spike {
        populations: selector(populations),
        time_ms,
        psp_mv: Some(psp_mv),
        weight_pa: None,
        neurons,
    }
}

fn poisson(populations: &str, rate_hz: f64, psp_mv: f64, from_ms: f64, to_ms: Option<f64>) -> Stimulus {
    let populations = selector(populations);
    let (rate_hz, psp_mv) = (Some(rate_hz), Some(psp_mv));
    Stimulus::Poisson { populations, rate_hz, profile: None, psp_mv, weight_pa: None, from_ms, to_ms }
}

/// A stimulus whose file has these lines after the first.
fn with_file(mut stimulus: Stimulus, header: &str, lines: &[(f64, f64)]) -> Stimulus {
    let folder = tempfile::tempdir().expect("a folder");
    let text: String = lines.iter().map(|(time_ms, value)| format!("{time_ms},{value}\n")).collect();
    let (file, _) = stimulus.file_mut().expect("a stimulus with a file");
    file.set_path(folder.path().join("x.csv"));
    std::fs::write(file.path(), format!("{header}\n{text}")).expect("a file");
    stimulus.read_file().expect("a file of a stimulus");
    stimulus
}

fn profile(populations: &str, psp_mv: f64, rates_hz: &[(f64, f64)], to_ms: Option<f64>) -> Stimulus {
    let stimulus = Stimulus::Poisson {
        populations: selector(populations),
        rate_hz: None,
        profile: Some(StimulusFile::new("")),
        psp_mv: Some(psp_mv),
        weight_pa: None,
        from_ms: 0.0,
        to_ms,
    };
    with_file(stimulus, "time_ms,rate_hz", rates_hz)
}

fn trains(populations: &str, psp_mv: f64, spikes: &[(f64, f64)]) -> Stimulus {
    let (populations, file) = (selector(populations), StimulusFile::new(""));
    let stimulus = Stimulus::SpikeTrains { populations, file, psp_mv: Some(psp_mv), weight_pa: None };
    with_file(stimulus, "time_ms,neuron", spikes)
}

fn dc(populations: &str, amplitude_pa: f64, from_ms: f64, to_ms: Option<f64>) -> Stimulus {
    Stimulus::Dc { populations: selector(populations), amplitude_pa, from_ms, to_ms }
}

fn ramp(populations: &str, from_pa: f64, to_pa: f64, from_ms: f64, to_ms: f64) -> Stimulus {
    Stimulus::Ramp { populations: selector(populations), from_pa, to_pa, from_ms, to_ms }
}

fn sinus(
    populations: &str,
    amplitude_pa: f64,
    frequency_hz: f64,
    offset_pa: f64,
    to_ms: Option<f64>,
) -> Stimulus {
    let (populations, phase_deg, from_ms) = (selector(populations), 30.0, 5.1);
    Stimulus::Sinus { populations, amplitude_pa, frequency_hz, phase_deg, offset_pa, from_ms, to_ms }
}

fn pulses(populations: &str, amplitude_pa: f64, period_ms: f64, width_ms: f64) -> Stimulus {
    let populations = selector(populations);
    Stimulus::Pulses { populations, amplitude_pa, period_ms, width_ms, from_ms: 7.3, to_ms: Some(61.0) }
}

fn integers(spec: &NetworkSpec) -> IntegerNetwork {
    IntegerNetwork::new(spec, DT_MS, 1, &Arithmetic::default()).expect("a network that fits")
}

fn stimulated(spec: &NetworkSpec, stimuli: &[Stimulus]) -> IntegerNetwork {
    integers(spec).with_stimuli(spec, stimuli).expect("stimuli that fit")
}

/// Each kind of stimulus alone and all together; excitatory and inhibitory, none on the grid of blocks.
fn kinds() -> Vec<(&'static str, Vec<Stimulus>)> {
    let spikes =
        vec![spike("E", 12.8, 15.0, Some(40)), spike("*", 31.3, -8.0, None), spike("I", 6.4, 3.0, None)];
    let trains =
        vec![poisson("E", 900.0, 0.8, 10.3, Some(60.1)), poisson("inhibited", 3000.0, -0.4, 6.4, None)];
    let currents =
        vec![dc("E", 60.0, 0.0, Some(20.0)), dc("E", -150.0, 12.7, Some(44.4)), dc("I", 40.0, 30.0, None)];
    let ramps = vec![ramp("E", 200.0, -100.0, 6.4, 66.6), ramp("I", 0.0, 90.0, 20.0, 90.0)];
    let sinuses = vec![sinus("*", 150.0, 77.0, 20.0, Some(70.1)), sinus("E", -60.0, 900.0, 0.0, None)];
    let pulses = vec![pulses("E", 250.0, 9.7, 3.2), pulses("inhibited", -200.0, 0.3, 0.1)];
    let rates_hz = [(3.3, 4000.0), (11.1, 200.0), (11.9, 3000.0), (40.0, 0.0), (60.0, 900.0)];
    let profiles = vec![profile("E", 0.8, &rates_hz, Some(75.0)), profile("*", -0.3, &rates_hz, None)];
    let times_ms: Vec<(f64, f64)> =
        (0..200).map(|k| (f64::from(1 + (k * 37) % 790) * DT_MS, f64::from(k % 20))).collect();
    let files = vec![self::trains("*", 6.0, &times_ms)];
    let all = [&spikes[..], &trains, &currents, &ramps, &sinuses, &pulses, &profiles, &files].concat();
    vec![
        ("spike", spikes),
        ("poisson", trains),
        ("dc", currents),
        ("ramp", ramps),
        ("sinus", sinuses),
        ("pulses", pulses),
        ("profile", profiles),
        ("spike_trains", files),
        ("all", all),
    ]
}

fn assert_every_way_agrees(spec: &NetworkSpec) {
    let probe = Probe::new(&[0, 1, 2, 129, 130, 150, 187], 3);
    let plain = reference(&integers(spec), Some(&probe), STEPS);
    for (kind, stimuli) in kinds() {
        let network = stimulated(spec, &stimuli);
        let expected = reference(&network, Some(&probe), STEPS);
        assert!(expected.spikes.len() > 100, "a comparison of {} spikes says little", expected.spikes.len());
        assert_ne!(expected.spikes, plain.spikes, "{kind} does nothing");
        assert_eq!(expected.samples.len(), (STEPS / 3) as usize);
        for way in different_ways() {
            let found = way.with(&network, |engine| outcome(engine, Some(&probe), &PARTS));
            let Some(found) = found else { continue };
            assert_eq!(found.spikes, expected.spikes, "{kind}: {way:?}");
            assert_eq!(found.samples, expected.samples, "{kind}: {way:?}");
            assert!(found == expected, "{kind}: {way:?}: the last state");
        }
    }
}

#[test]
fn every_engine_gives_the_same_spikes_and_states_with_one_current() {
    assert_every_way_agrees(&driven(2.0));
}

#[test]
fn a_current_that_is_set_meanwhile_is_that_of_a_stimulus() {
    let spec = driven_and_distributed();
    let own = vec![sinus("*", 150.0, 77.0, 20.0, Some(70.1)), dc("E", -50.0, 12.7, Some(44.4))];
    let set = [dc("E", 90.0, 13.1, Some(33.0)), dc("I", -80.0, 13.1, None)];
    for own in [own, Vec::new()] {
        let network = stimulated(&spec, &own);
        let expected = reference(&stimulated(&spec, &[&own[..], &set].concat()), None, STEPS);
        assert_ne!(expected, reference(&network, None, STEPS), "it does something");
        let dc_with =
            |amplitudes_pa: &[f64]| network.dc_with(&spec, amplitudes_pa).expect("currents that fit");
        for way in different_ways() {
            let found = way.with(&network, |engine| {
                let mut spikes = outcome(engine, None, &[131]).spikes;
                for (amplitudes_pa, steps) in [([90.0, -80.0, 0.0], 199), ([0.0, -80.0, 0.0], 470)] {
                    engine.set_dc(&dc_with(&amplitudes_pa)).expect("values of all neurons");
                    spikes.extend(outcome(engine, None, &[steps]).spikes);
                }
                Outcome { spikes, ..outcome(engine, None, &[]) }
            });
            assert!(found.is_none_or(|found| found == expected), "{way:?}");
        }
        assert!(network.dc_with(&spec, &[1e9, 0.0, 0.0]).is_err());
    }
}

#[test]
fn every_engine_gives_the_same_spikes_and_states_with_two_currents() {
    let spec = driven(4.0);
    assert!(!integers(&spec).has_one_current());
    assert_every_way_agrees(&spec);
}

/// `driven` with parameters of its own for every neuron, exact in-degrees and lossy synapses.
fn driven_and_distributed() -> NetworkSpec {
    let mut spec = driven(2.0);
    let spread = ParameterSpread { v_th: 0.1, c_m: 0.2, tau_m: 0.3 };
    spec.populations.iter_mut().for_each(|population| population.spread = spread);
    NetworkSpec { connection_rule: ConnectionRule::FixedIndegree, p_transmit: 0.7, ..spec }
}

#[test]
fn every_engine_gives_the_same_spikes_and_states_with_distributed_parameters() {
    assert_every_way_agrees(&driven_and_distributed());
}

#[test]
fn a_dc_acts_on_every_neuron_by_its_own_parameters() {
    let mut spec = driven_and_distributed();
    spec.populations.iter_mut().for_each(|population| population.dc_pa = 0.0);
    let network = stimulated(&spec, &[dc("E", 60.0, 0.0, None)]);
    let (mut currents, mut found) = (network.stimuli.currents(0..130), vec![0; 130]);
    assert!(currents.go_to(1) && !currents.go_to(2));
    currents.set(&network.dc[..130], &mut found);
    spec.populations[0].dc_pa = 60.0;
    let expected = &integers(&spec).dc[..130];
    assert_eq!(found, expected);
    assert!(expected.iter().any(|&dc| dc != expected[0]), "neurons differ");
}

/// What the CPU engine packs into 32 bits is split, what the GPU engine uploads at once is more than one
/// list.
#[test]
fn strong_spikes_into_the_whole_down_scaled_network_arrive_whole() {
    const STEPS: u32 = 300;
    let spec = downscaled::downscaled(1.0);
    let network = stimulated(&spec, &[spike("*", 12.9, -2000.0, None), spike("*", 13.0, 30.0, None)]);
    let expected = reference(&network, None, STEPS);
    assert_ne!(expected.spikes, reference(&integers(&spec), None, STEPS).spikes);
    assert!(network.stimuli.arrivals(128).len() > 1 << 14);
    for way in [Way::CPU.shards(4), Way::GPU.shards(4)] {
        assert!(way.outcome(&network, STEPS).is_none_or(|found| found == expected), "{way:?}");
    }
}

/// Samples of all neurons in every step are more than the GPU engine takes in a batch of its own length.
#[test]
fn every_neuron_can_be_watched_in_every_step() {
    const STEPS: u32 = 400;
    let network = integers(&downscaled::downscaled(1.0));
    let all: Vec<u32> = (0..network.n_neurons()).collect();
    let probe = Probe::new(&all, 1);
    let run = |engine: &mut dyn Engine| {
        let without = engine.memory().device_bytes;
        let found = outcome(engine, Some(&probe), &[STEPS]);
        assert_eq!(found.samples.len(), STEPS as usize);
        let last: Vec<i32> = found.samples[STEPS as usize - 1].1.iter().map(|state| state.v_m).collect();
        assert_eq!(last, found.state.v_m);
        (found, engine.memory().device_bytes - without)
    };
    let (cpu, _) = Way::CPU.shards(3).with(&network, run).expect("the CPU engine");
    let Some((gpu, bytes)) = Way::GPU.shards(3).with(&network, run) else { return };
    assert!(gpu == cpu);
    // Two buffers of 16 MiB, whole samples each.
    assert!(bytes > 31 << 20, "samples are part of the memory plan");
}

#[test]
fn a_stimulus_outside_its_window_has_no_effect() {
    let spec = driven(2.0);
    let plain = reference(&integers(&spec), None, STEPS);
    let before = |outcome: &Outcome, last: u32| -> Vec<(u32, u32)> {
        outcome.spikes.iter().copied().filter(|&(step, _)| step <= last).collect()
    };
    // What arrives at 40 ms acts on V from step 401 on; a window from 40 ms has 401 as its first step.
    for (stimulus, last_equal) in [
        (spike("*", 40.0, 10.0, None), 400),
        (poisson("*", 5000.0, 1.0, 40.0, None), 401),
        (dc("*", 500.0, 40.0, None), 400),
        (ramp("*", 400.0, 500.0, 40.0, 80.0), 400),
    ] {
        let found = reference(&stimulated(&spec, std::slice::from_ref(&stimulus)), None, STEPS);
        assert_eq!(before(&found, last_equal), before(&plain, last_equal), "{stimulus:?}");
        assert_ne!(before(&found, last_equal + 20), before(&plain, last_equal + 20), "{stimulus:?}");
    }
    let behind = reference(&stimulated(&spec, &[dc("*", 500.0, 80.0, None)]), None, STEPS);
    assert!(behind == plain, "a window that starts at the end");
}

/// One neuron at rest that nothing reaches.
fn quiet(parameters: LifParameters) -> ExplicitNetwork {
    let neuron = ExplicitNeuron { parameters, dc_pa: 0.0, v0_mv: parameters.e_l_mv };
    ExplicitNetwork { neurons: vec![neuron], synapses: Vec::new() }
}

/// V − E_L in mV and currents in pA of the quiet neuron after each step, from step 1 on, by an engine.
fn traces(way: Way, parameters: LifParameters, stimulus: &Stimulus) -> Option<Vec<(f64, [f64; 2])>> {
    let spec = quiet(parameters).to_spec();
    let network = IntegerNetwork::new(&spec, DT_MS, 1, &FINEST).expect("a network that fits");
    let network = network.with_stimuli(&spec, std::slice::from_ref(stimulus)).expect("a stimulus that fits");
    let store = CsrStore::build(&network, 1).expect("a store");
    let mut engine = way.stored(&network, &store)?;
    let found = outcome(engine.as_mut(), Some(&Probe::new(&[0], 1)), &[STEPS]);
    let state = |(_, states): &(u32, Vec<humam_gpu::engine::NeuronState>)| {
        let pa = |i: i32| network.formats.current_pa(i, parameters.c_m_pf);
        (network.formats.v_m_mv(states[0].v_m), states[0].current.map(pa))
    };
    Some(found.samples.iter().map(state).collect())
}

const EVERY_ENGINE: [Way; 3] = [Way::REFERENCE, Way::CPU.threads(1), Way::GPU];

/// Largest distance of a trace of V from a function of the time in ms.
fn deviation_mv(trace: &[(f64, [f64; 2])], v_m_mv: impl Fn(f64) -> f64) -> f64 {
    let of_step = |(index, (v, _)): (usize, &(f64, [f64; 2]))| (v - v_m_mv((index + 1) as f64 * DT_MS)).abs();
    trace.iter().enumerate().map(of_step).fold(0.0, f64::max)
}

#[test]
fn a_spike_adds_its_psp_and_nothing_before() {
    let unequal = LifParameters { tau_syn_in_ms: 4.0, ..excitatory() };
    for (parameters, psp_mv) in [(excitatory(), 5.0), (unequal, -3.0), (unequal, 4.0)] {
        let tau_syn_ms = if psp_mv < 0.0 { parameters.tau_syn_in_ms } else { parameters.tau_syn_ex_ms };
        let (tau_m_ms, at_ms) = (parameters.tau_m_ms, 20.3);
        let shape = |since_ms: f64| (-since_ms / tau_m_ms).exp() - (-since_ms / tau_syn_ms).exp();
        let peak_ms = (tau_m_ms / tau_syn_ms).ln() / (1.0 / tau_syn_ms - 1.0 / tau_m_ms);
        let psp_from = |from_ms: f64, t_ms: f64| {
            if t_ms <= from_ms { 0.0 } else { psp_mv * shape(t_ms - from_ms) / shape(peak_ms) }
        };
        let stimulus = spike("*", at_ms, psp_mv, Some(1));
        for way in EVERY_ENGINE {
            let Some(trace) = traces(way, parameters, &stimulus) else { continue };
            let deviation = deviation_mv(&trace, |t_ms| psp_from(at_ms, t_ms));
            assert!(deviation < V_M_TOLERANCE_MV, "{way:?}, {psp_mv} mV: {deviation} mV");
            // A step later it would be seen, and so would a weight a ten-thousandth larger.
            assert!(deviation_mv(&trace, |t_ms| psp_from(at_ms + DT_MS, t_ms)) > V_M_TOLERANCE_MV);
            let larger = |t_ms| psp_from(at_ms, t_ms) * 1.0001;
            assert!(deviation_mv(&trace, larger) > V_M_TOLERANCE_MV);
            let changed = trace.iter().position(|(_, current)| *current != [0.0; 2]);
            assert_eq!(changed, Some(202), "the current changes in the step that ends at 20.3 ms");
            let kind = usize::from(psp_mv < 0.0);
            assert!(trace[202].1[kind] * psp_mv > 0.0 && trace[202].1[1 - kind] == 0.0);
        }
    }
}

#[test]
fn a_dc_moves_v_by_the_analytic_amount_in_its_window() {
    let parameters = excitatory();
    let (amplitude_pa, from_ms, to_ms) = (120.0, 10.1, 43.7);
    let r_mv_per_pa = parameters.tau_m_ms / parameters.c_m_pf;
    let charged = |ms: f64| amplitude_pa * r_mv_per_pa * (1.0 - (-ms.max(0.0) / parameters.tau_m_ms).exp());
    let v_m_mv = |shift_ms: f64| {
        move |t_ms: f64| charged(t_ms - from_ms - shift_ms) - charged(t_ms - to_ms - shift_ms)
    };
    let stimulus = dc("*", amplitude_pa, from_ms, Some(to_ms));
    for way in EVERY_ENGINE {
        let Some(trace) = traces(way, parameters, &stimulus) else { continue };
        let deviation = deviation_mv(&trace, v_m_mv(0.0));
        assert!(deviation < V_M_TOLERANCE_MV, "{way:?}: {deviation} mV");
        assert!(deviation_mv(&trace, v_m_mv(DT_MS)) > V_M_TOLERANCE_MV);
        assert_eq!(
            trace.iter().position(|(v, _)| *v != 0.0),
            Some(101),
            "V moves in the step from 10.1 ms on"
        );
    }
}

/// V − E_L after each step of a neuron that receives, in each step, the current at the time at which it starts, by the
/// exact solution of the membrane equation.
fn integrated(parameters: LifParameters, pa_at_ms: impl Fn(f64) -> f64) -> Vec<f64> {
    let (tau_m_ms, c_m_pf) = (parameters.tau_m_ms, parameters.c_m_pf);
    let kept = (-DT_MS / tau_m_ms).exp();
    let step = |v_m: &mut f64, done: u32| {
        let steady = pa_at_ms(f64::from(done) * DT_MS) * tau_m_ms / c_m_pf;
        *v_m = steady + (*v_m - steady) * kept;
        Some(*v_m)
    };
    (0..STEPS).scan(0.0, step).collect()
}

/// The sinus is NEST's `ac_generator` with a connection of one step: its phase counts from the start of the run.
#[test]
fn a_current_that_changes_moves_v_as_the_equation_says() {
    let parameters = excitatory();
    let within = |t: f64, from: f64, to: f64| t > from - 0.5 * DT_MS && t < to - 0.5 * DT_MS;
    let angle = |t: f64| std::f64::consts::TAU * 77.0e-3 * t + 30.0f64.to_radians();
    let cases: [(Stimulus, &dyn Fn(f64) -> f64); 3] = [
        (ramp("*", 150.0, -50.0, 10.1, 43.7), &|t| {
            if within(t, 10.1, 43.7) { 150.0 - 200.0 * (t - 10.1) / 33.6 } else { 0.0 }
        }),
        (sinus("*", -150.0, 77.0, 20.0, Some(70.1)), &|t| {
            if within(t, 5.1, 70.1) { 20.0 - 150.0 * angle(t).sin() } else { 0.0 }
        }),
        (pulses("*", 150.0, 9.7, 3.2), &|t| {
            let since = (t - 7.3 + 0.5 * DT_MS).rem_euclid(9.7) - 0.5 * DT_MS;
            if within(t, 7.3, 61.0) && since < 3.2 - 0.5 * DT_MS { 150.0 } else { 0.0 }
        }),
    ];
    for (stimulus, pa_at_ms) in cases {
        let expected = integrated(parameters, pa_at_ms);
        let late = integrated(parameters, |t| pa_at_ms(t - DT_MS));
        let stronger = integrated(parameters, |t| 1.0001 * pa_at_ms(t));
        for way in EVERY_ENGINE {
            let Some(trace) = traces(way, parameters, &stimulus) else { continue };
            let deviation = |from: &[f64]| {
                trace.iter().zip(from).map(|((v, _), v_m)| (v - v_m).abs()).fold(0.0, f64::max)
            };
            assert!(
                deviation(&expected) < V_M_TOLERANCE_MV,
                "{stimulus:?}, {way:?}: {}",
                deviation(&expected)
            );
            // A step later it would be seen, and so would a current a ten-thousandth larger.
            assert!(deviation(&late) > V_M_TOLERANCE_MV && deviation(&stronger) > V_M_TOLERANCE_MV);
        }
    }
}

#[test]
fn pulses_are_windows_of_dc_spike_by_spike() {
    let spec = driven_and_distributed();
    let windows: Vec<Stimulus> = (0..6)
        .map(|k| 7.3 + 9.7 * f64::from(k))
        .map(|from_ms| dc("E", 250.0, from_ms, Some((from_ms + 3.2).min(61.0))))
        .collect();
    let pulses = reference(&stimulated(&spec, &[pulses("E", 250.0, 9.7, 3.2)]), None, STEPS);
    assert!(pulses == reference(&stimulated(&spec, &windows), None, STEPS));
    assert!(
        pulses != reference(&stimulated(&spec, &windows[1..]), None, STEPS),
        "one pulse fewer is told apart"
    );
    // A line from one value to the same.
    let ramp = reference(&stimulated(&spec, &[ramp("E", 250.0, 250.0, 7.3, 10.5)]), None, STEPS);
    assert!(ramp == reference(&stimulated(&spec, &windows[..1]), None, STEPS));
}

/// Numbers of spikes of each neuron in each block of a train's window.
fn block_counts(stimuli: &Stimuli, blocks: u32, neurons: usize) -> Vec<Vec<f64>> {
    let mut counts = vec![vec![0.0; neurons]; blocks as usize];
    for (block, counts) in (0..).zip(&mut counts) {
        stimuli.arrivals(block * BLOCK_STEPS).iter().for_each(|a| counts[a.neuron as usize] += 1.0);
    }
    counts
}

/// Mean and variance of numbers.
fn moments(numbers: &[f64]) -> (f64, f64) {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    (mean, numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0))
}

/// Hypothesis: counts are independent Poisson numbers of that mean. Mean and variance of n of them have
/// the standard errors √(m/n) and √((m + 2 m²)/n); the hypothesis falls where one lies beyond its
/// two-sided normal quantile at [`ALPHA`].
fn are_poisson(counts: &[f64], mean: f64) -> bool {
    let ((m, variance), n) = (moments(counts), counts.len() as f64);
    let z_mean = (m - mean) / (mean / n).sqrt();
    let z_variance = (variance - mean) / ((mean + 2.0 * mean * mean) / n).sqrt();
    z_mean.abs() < Z_ALPHA && z_variance.abs() < Z_ALPHA
}

#[test]
fn a_poisson_stimulus_has_the_mean_and_variance_of_its_rate() {
    const BLOCKS: u32 = 400;
    let spec = driven(2.0);
    for rate_hz in [30.0, 400.0, 20_000.0] {
        let stimuli = stimulated(&spec, &[poisson("E", rate_hz, 1.0, 0.0, None)]).stimuli;
        let counts = block_counts(&stimuli, BLOCKS, 130);
        let mean = rate_hz * f64::from(BLOCK_STEPS) * DT_MS * 1e-3;
        let all = counts.concat();
        assert!(are_poisson(&all, mean), "{rate_hz} 1/s at α = {ALPHA}: {:?} for {mean}", moments(&all));
        assert!(!are_poisson(&all, 1.1 * mean), "a rate a tenth higher is told apart");
        // The same count for every neuron would be a common train.
        let sums: Vec<f64> = counts.iter().map(|block| block.iter().sum()).collect();
        assert!(are_poisson(&sums, 130.0 * mean), "{rate_hz} 1/s: trains are independent");
        let common: Vec<f64> = counts.iter().map(|block| 130.0 * block[0]).collect();
        assert!(!are_poisson(&common, 130.0 * mean), "a common train is told apart");
    }
}

/// Numbers of spikes of all neurons in some steps, step by step.
fn step_counts(stimuli: &Stimuli, steps: std::ops::Range<u32>) -> Vec<f64> {
    let mut counts = vec![0.0; steps.len()];
    for block in steps.start / BLOCK_STEPS..steps.end.div_ceil(BLOCK_STEPS) {
        for arrival in stimuli.arrivals(block * BLOCK_STEPS) {
            if steps.contains(&arrival.step) {
                counts[(arrival.step - steps.start) as usize] += 1.0;
            }
        }
    }
    counts
}

#[test]
fn a_rate_profile_has_the_mean_and_variance_of_its_rates_and_none_before_and_between() {
    let spec = driven(2.0);
    // Changes within blocks of 6.4 ms, and a pause.
    let rates_hz = [(100.0, 300.0), (600.1, 900.0), (1100.3, 0.0), (1200.0, 60.0)];
    let stimuli = stimulated(&spec, &[profile("E", 1.0, &rates_hz, None)]).stimuli;
    let a_step = |rate_hz: f64| 130.0 * rate_hz * DT_MS * 1e-3;
    for (steps, rate_hz) in [(1001..6002, 300.0), (6002..11_004, 900.0), (12_001..20_001, 60.0)] {
        let counts = step_counts(&stimuli, steps.clone());
        let moments = moments(&counts);
        assert!(are_poisson(&counts, a_step(rate_hz)), "{rate_hz} 1/s at α = {ALPHA}: {moments:?}");
        assert!(!are_poisson(&counts, a_step(1.1 * rate_hz)), "a rate a tenth higher is told apart");
        // The step before and the step after have other rates.
        let wider = step_counts(&stimuli, steps.start - 1000..steps.end + 1000);
        assert!(!are_poisson(&wider, a_step(rate_hz)), "neighbours are told apart");
    }
    for steps in [1..1001, 11_004..12_001] {
        assert_eq!(step_counts(&stimuli, steps).iter().sum::<f64>(), 0.0);
    }
}

#[test]
fn a_profile_of_one_rate_is_that_rate_spike_by_spike() {
    let spec = driven(2.0);
    let arrivals = |stimulus: Stimulus| -> Vec<Arrival> {
        let stimuli = stimulated(&spec, &[stimulus]).stimuli;
        (0..10).flat_map(|block| stimuli.arrivals(block * BLOCK_STEPS)).collect()
    };
    let constant = arrivals(poisson("E", 700.0, 1.0, 0.0, Some(40.0)));
    assert_eq!(arrivals(profile("E", 1.0, &[(0.0, 700.0)], Some(40.0))), constant);
    assert_ne!(arrivals(profile("E", 1.0, &[(0.0, 701.0)], Some(40.0))), constant);
}

#[test]
fn spikes_of_a_file_are_those_that_are_given_one_by_one() {
    let spec = driven(2.0);
    let one = |time_ms: f64| spike("E", time_ms, 9.0, Some(1));
    let file = trains("E", 9.0, &[(31.2, 0.0), (5.0, 0.0), (31.2, 0.0), (64.0, 0.0)]);
    let given = reference(&stimulated(&spec, &[one(5.0), one(31.2), one(31.2), one(64.0)]), None, STEPS);
    assert!(reference(&stimulated(&spec, &[file]), None, STEPS) == given);
    let other = trains("E", 9.0, &[(31.2, 0.0), (5.0, 1.0), (31.2, 0.0), (64.0, 0.0)]);
    assert!(reference(&stimulated(&spec, &[other]), None, STEPS) != given, "another neuron is told apart");
}

#[test]
fn files_that_are_none_of_their_populations_are_told_with_the_line() {
    let spec = driven(2.0);
    let told = |stimulus: Stimulus| {
        integers(&spec).with_stimuli(&spec, &[stimulus]).expect_err("a wrong file").to_string()
    };
    let beyond = told(trains("E", 1.0, &[(1.0, 129.0), (2.0, 130.0)]));
    assert!(
        beyond.starts_with("stimuli[0].spike_trains: ") && beyond.contains("x.csv:3 has neuron = 130"),
        "{beyond}"
    );
    let fast = told(profile("E", 1.0, &[(0.0, 60_000.0)], None));
    assert!(fast.contains("a rate of 60000 spikes/s is more than 50000"), "{fast}");
    let (populations, file) = (selector("E"), StimulusFile::new("unread.csv"));
    let unread = Stimulus::SpikeTrains { populations, file, psp_mv: Some(1.0), weight_pa: None };
    assert!(told(unread).contains("unread.csv has not been read"));
}

#[test]
fn trains_differ_between_stimuli_and_seeds_and_repeat() {
    let spec = driven(2.0);
    let arrivals = |network: &IntegerNetwork| -> Vec<Arrival> {
        (0..10).flat_map(|block| network.stimuli.arrivals(block * BLOCK_STEPS)).collect()
    };
    let train = poisson("E", 200.0, 1.0, 0.0, None);
    let one = arrivals(&stimulated(&spec, std::slice::from_ref(&train)));
    assert_eq!(one, arrivals(&stimulated(&spec, std::slice::from_ref(&train))));
    let two = arrivals(&stimulated(&spec, &[train.clone(), train.clone()]));
    assert!(two.len() > one.len() && two.len() != 2 * one.len(), "{} and {}", one.len(), two.len());
    let other = IntegerNetwork::new(&spec, DT_MS, 2, &Arithmetic::default()).expect("a network that fits");
    assert_ne!(one, arrivals(&other.with_stimuli(&spec, &[train]).expect("a stimulus")));
}

#[test]
fn formats_do_not_depend_on_stimuli() {
    let spec = driven(2.0);
    let strong = [spike("*", 1.0, 200.0, None), dc("*", 5000.0, 0.0, None)];
    assert_eq!(stimulated(&spec, &strong).formats, integers(&spec).formats);
}

#[test]
fn stimuli_that_cannot_be_given_are_reported_all_at_once() {
    let spec = driven(2.0);
    let wrong = [
        spike("inhibitd", 1.0, 1.0, None),
        spike("E", 1.0, 1e9, None),
        poisson("E", 1e6, 1.0, 0.0, None),
        dc("I", 1e9, 0.0, None),
    ];
    let error = integers(&spec).with_stimuli(&spec, &wrong).expect_err("wrong stimuli");
    let message = error.to_string();
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(lines[0], "stimuli[0].spike: no population is called `inhibitd`: the nearest is `inhibited`");
    for (line, words) in lines[1..].iter().zip(["outside the range", "more than 160000", "DC"]) {
        assert!(line.contains(words), "{line}");
    }
    assert_eq!(lines.len(), wrong.len(), "{message}");
    // Each fits, and together they do not.
    let sum = integers(&spec).with_stimuli(&spec, &vec![dc("I", 1e4, 0.0, None); 60]);
    assert!(sum.expect_err("a sum").to_string().contains("all DC inputs together"));
    // Those that follow each other do, and those that make up for each other.
    let after = |k: u32| dc("I", 1e4, f64::from(k), Some(f64::from(k + 1)));
    assert!(integers(&spec).with_stimuli(&spec, &(0..60).map(after).collect::<Vec<_>>()).is_ok());
    let many = |stimulus: Stimulus| vec![stimulus; 60];
    let both = [many(dc("I", 1e4, 3.0, None)), many(dc("I", -1e4, 3.0, None))].concat();
    assert!(integers(&spec).with_stimuli(&spec, &both).is_ok());
    // One that goes on alone at the end of the other, and peaks that may meet.
    let alone = [many(dc("I", 1e4, 3.0, None)), many(dc("I", -1e4, 3.0, Some(9.0)))].concat();
    let peaks = many(sinus("I", 1e4, 50.0, 0.0, None));
    for wrong in [alone, peaks] {
        let error = integers(&spec).with_stimuli(&spec, &wrong).expect_err("a sum").to_string();
        assert!(error.contains("all DC inputs together"), "{error}");
    }
}

#[test]
fn a_stimulus_that_the_formats_of_the_network_do_not_hold_is_told_by_its_name_and_gets_coarser_ones() {
    let spec = driven(2.0);
    let stimuli = [spike("I", 1.0, 1.0, None), poisson("E", 100_000.0, 300.0, 0.0, None)];
    let refused = integers(&spec).with_stimuli(&spec, &stimuli).expect_err("too much");
    assert!(refused.is_range(), "{refused}");
    assert!(refused.to_string().starts_with("stimuli[1].poisson: in population 'E'"), "{refused}");
    let options =
        |stimuli: &[Stimulus]| BuildOptions { stimuli: stimuli.to_vec(), ..BuildOptions::default() };
    let held = integer_network(&spec, &options(&stimuli)).expect("formats that hold it");
    assert!(held.formats.current_bits < integers(&spec).formats.current_bits, "{:?}", held.formats);
    let weak = integer_network(&spec, &options(&stimuli[..1])).expect("it fits");
    assert_eq!(weak.formats, integers(&spec).formats);
    let beyond_all = integer_network(&spec, &options(&[spike("E", 1.0, 1e9, None)])).expect_err("too much");
    assert!(beyond_all.to_string().starts_with("stimuli[0].spike"), "{beyond_all}");
}

/// Spikes of steps 1 to `last`, as an engine that goes on after them needs them.
fn in_flight(network: &IntegerNetwork, spikes: &[(u32, u32)], last: u32) -> SpikesInFlight {
    let first_step = SpikesInFlight::first_step_needed(network, last);
    let of_step =
        |step| -> Vec<u32> { spikes.iter().filter(|spike| spike.0 == step).map(|spike| spike.1).collect() };
    SpikesInFlight::new(first_step, (first_step..=last).map(of_step))
}

#[test]
fn a_run_goes_on_in_another_engine_in_the_midst_of_its_stimuli() {
    /// The end of a block.
    const STOP: u32 = 320;
    let spec = driven(2.0);
    let stimuli = [
        dc("E", 80.0, 10.0, Some(60.0)),
        poisson("I", 400.0, 1.0, 20.0, None),
        spike("E", 32.5, 9.0, None),
        sinus("I", 90.0, 20.0, 5.0, None),
        ramp("E", 90.0, -20.0, 30.0, 50.0),
    ];
    let network = stimulated(&spec, &stimuli);
    let whole = reference(&network, None, STEPS);
    let first = reference(&network, None, STOP);
    let in_flight = in_flight(&network, &first.spikes, STOP);
    let store = CsrStore::build(&network, 2).expect("a store");
    for way in EVERY_ENGINE {
        let Some(mut engine) = way.stored(&network, &store) else { continue };
        engine.restore(&first.state, &in_flight).expect("a point to go on from");
        let rest = outcome(engine.as_mut(), None, &[STEPS - STOP]);
        assert_eq!([&first.spikes[..], &rest.spikes].concat(), whole.spikes, "{way:?}");
        assert!(rest.state == whole.state, "{way:?}");
    }
}

/// What the network's stimuli bring and what comes from elsewhere add up, in a block that begins a batch and in others.
#[test]
fn arrivals_from_elsewhere_add_to_the_stimuli() {
    let spec = driven(2.0);
    let file = trains("E", 30.0, &[(1.0, 3.0), (13.0, 3.0), (50.0, 7.0)]);
    // Draws depend on a stimulus's place in the list.
    let others = [poisson("I", 900.0, 0.5, 3.0, Some(70.0)), spike("E", 2.0, 12.0, None)];
    let both = stimulated(&spec, &[&others[..], std::slice::from_ref(&file)].concat());
    let without = stimulated(&spec, &others);
    let elsewhere = stimulated(&spec, &[file]);
    let expected = reference(&both, None, STEPS);
    assert!(reference(&without, None, STEPS) != expected);
    let store = CsrStore::build(&without, 2).expect("a store");
    for way in EVERY_ENGINE {
        let Some(mut engine) = way.stored(&without, &store) else { continue };
        let mut spikes = Vec::new();
        for done in (0..STEPS).step_by(BLOCK_STEPS as usize) {
            engine.inject(&elsewhere.stimuli.arrivals(done)).expect("a block");
            let steps = BLOCK_STEPS.min(STEPS - done);
            spikes.extend(outcome(engine.as_mut(), None, &[steps]).spikes);
        }
        assert!(spikes == expected.spikes, "{way:?}");
    }
}

#[test]
fn what_does_not_belong_to_the_next_block_is_refused() {
    let spec = driven(2.0);
    let network = integers(&spec);
    let store = CsrStore::build(&network, 1).expect("a store");
    for way in EVERY_ENGINE {
        let Some(mut engine) = way.stored(&network, &store) else { continue };
        let arrival = |step, neuron| [Arrival { step, neuron, weight: 1 }];
        assert!(engine.inject(&arrival(64, 187)).is_ok(), "{way:?}");
        for (step, neuron) in [(0, 0), (65, 0), (1, 188)] {
            assert!(engine.inject(&arrival(step, neuron)).is_err(), "{way:?}: step {step}, neuron {neuron}");
        }
        assert!(engine.probe(Probe::new(&[188], 1)).is_err(), "{way:?}");
        for n in [0, 187, 189] {
            assert!(engine.set_dc(&vec![0; n]).is_err(), "{way:?}: {n} neurons");
        }
        outcome(engine.as_mut(), None, &[10]);
        let message = engine.inject(&arrival(11, 0)).expect_err("no start of a block").to_string();
        assert!(message.contains("multiples of 64 steps"), "{message}");
    }
}
