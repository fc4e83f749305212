//! Networks that are computed together have the spikes, states and samples that each has by itself.

use crate::fixtures::adapter::test_adapter;
use crate::fixtures::driven_network::driven;
use crate::fixtures::ways::{Outcome, Way, different_ways, outcome, outcome_or_error};
use humam_gpu::engine::assembly::{ChosenEngine, Together, choose_engine};
use humam_gpu::engine::fixed_point::{Arithmetic, Arrival, Ensemble, IntegerNetwork, NotTogether, Stimulus};
use humam_gpu::engine::{Engine, EngineError, EngineKind, EngineOptions, Probe};
use humam_gpu::model::network::{NetworkSpec, PopulationSelector};
use humam_gpu::progress::Interruption;
use std::ops::Range;
use std::thread;

const DT_MS: f64 = 0.1;
/// 100 ms, some 15 blocks of external input.
const STEPS: u32 = 1000;

fn integers(spec: &NetworkSpec, seed: u64, arithmetic: &Arithmetic) -> IntegerNetwork {
    IntegerNetwork::new(spec, DT_MS, seed, arithmetic).expect("a network that fits")
}

/// Four seeds of a network with many external spikes, and one with few and other numbers of neurons.
fn networks(tau_syn_in_ms: f64) -> Vec<IntegerNetwork> {
    let spec = driven(tau_syn_in_ms);
    let arithmetic = integers(&spec, 1, &Arithmetic::default()).formats.into();
    let mut other = spec.clone();
    other.populations[0].neurons = 55;
    for population in &mut other.populations {
        let drive = population.poisson.as_mut().expect("external input");
        (drive.rate_hz, drive.synapses) = (1.2, u64::from(population.neurons) * 2000);
        drive.weight_pa *= 8.0;
        population.dc_pa += 500.0;
    }
    let mut networks: Vec<_> = (1..=4).map(|seed| integers(&spec, seed, &arithmetic)).collect();
    networks.insert(2, integers(&other, 1, &arithmetic));
    assert!(networks[2].populations.iter().all(|p| !p.drive.block_thresholds().is_empty()));
    networks
}

fn together(networks: &[IntegerNetwork]) -> Ensemble {
    Ensemble::new(&networks.iter().collect::<Vec<_>>()).expect("networks that go together")
}

fn by_itself(network: &IntegerNetwork) -> Outcome {
    Way::REFERENCE.outcome(network, STEPS).expect("the reference engine")
}

/// What one of the networks has of an outcome.
fn part(outcome: &Outcome, own: &Range<u32>) -> Outcome {
    let (start, state) = (own.start, own.start as usize..own.end as usize);
    let spikes = outcome.spikes.iter().filter(|(_, neuron)| own.contains(neuron));
    let mut part = Outcome {
        spikes: spikes.map(|&(step, neuron)| (step, neuron - start)).collect(),
        samples: Vec::new(),
        sums: Vec::new(),
        state: outcome.state.clone(),
    };
    part.state.v_m = part.state.v_m[state.clone()].to_vec();
    part.state.current = part.state.current[state].to_vec();
    part
}

#[test]
fn each_network_of_an_ensemble_is_what_it_is_by_itself_in_every_way() {
    for tau_syn_in_ms in [2.0, 5.0] {
        let networks = networks(tau_syn_in_ms);
        let ensemble = together(&networks);
        assert!(ensemble.network.n_neurons() > networks.iter().map(IntegerNetwork::n_neurons).sum());
        let expected: Vec<Outcome> = networks.iter().map(by_itself).collect();
        let n_spikes: Vec<usize> = expected.iter().map(|outcome| outcome.spikes.len()).collect();
        assert!(n_spikes.iter().all(|&n| n > 100), "few spikes say little: {n_spikes:?}");
        for way in different_ways() {
            let Some(outcome) = way.outcome(&ensemble.network, STEPS) else { continue };
            for (own, expected) in ensemble.members.iter().zip(&expected) {
                assert!(part(&outcome, own) == *expected, "{way:?} {own:?}");
            }
        }
        // Negative control: streams that count all neurons, or the seed of another network.
        for change in [
            |other: &mut IntegerNetwork| other.populations.iter_mut().for_each(|p| p.streams.before = 0),
            |other: &mut IntegerNetwork| {
                let streams = other.populations[0].streams;
                other.populations.iter_mut().for_each(|p| p.streams.step_key = streams.step_key);
                other.populations.iter_mut().for_each(|p| p.streams.block_key = streams.block_key);
            },
        ] {
            let mut other = ensemble.network.clone();
            change(&mut other);
            let outcome = by_itself(&other);
            let parts = ensemble.members.iter().map(|own| part(&outcome, own));
            let same: Vec<bool> = parts.zip(&expected).map(|(part, expected)| part == *expected).collect();
            assert!(same[0] && !same[1] && !same[4], "{same:?}");
        }
    }
}

#[test]
fn networks_that_cannot_be_computed_together_are_refused() {
    let spec = driven(2.0);
    let arithmetic: Arithmetic = integers(&spec, 1, &Arithmetic::default()).formats.into();
    let first = integers(&spec, 1, &arithmetic);
    let refused = |other: &IntegerNetwork| Ensemble::new(&[&first, other]).expect_err("a refusal");
    let v_m_bits = arithmetic.v_m_bits.map(|bits| bits - 1);
    let coarser = integers(&spec, 2, &Arithmetic { v_m_bits, ..arithmetic });
    assert_eq!(refused(&coarser), (1, NotTogether::Differs { what: "fixed-point formats (arithmetic)" }));
    let steps = IntegerNetwork { dt_ms: 0.2, ..first.clone() };
    assert_eq!(refused(&steps), (1, NotTogether::Differs { what: "steps (simulation.dt_ms)" }));
    let two_currents = integers(&driven(5.0), 1, &arithmetic);
    assert!(matches!(refused(&two_currents), (1, NotTogether::Differs { .. })));
    let unreliable = integers(&NetworkSpec { p_transmit: 0.5, ..spec }, 1, &arithmetic);
    assert_eq!(refused(&unreliable), (1, NotTogether::Transmission));
}

/// Engines that compute networks together: the GPU's, if there is one here, and the CPU's.
fn engines() -> Vec<ChosenEngine> {
    let adapter = test_adapter().map(|adapter| adapter.info().name.clone());
    let gpu = adapter.map(|name| (EngineKind::Gpu, Some(name)));
    let options = |(engine, adapter)| EngineOptions { engine, adapter, ..EngineOptions::default() };
    let kinds = gpu.into_iter().chain([(EngineKind::Cpu, None)]);
    kinds.map(|kind| choose_engine(&options(kind)).expect("an engine")).collect()
}

/// Runs each network on a thread of its own, with a seat at one engine.
fn at_one_engine<T: Send>(
    networks: &[IntegerNetwork],
    chosen: &ChosenEngine,
    run: impl Fn(usize, &IntegerNetwork, &mut dyn Engine) -> T + Sync,
) -> Vec<Result<T, EngineError>> {
    let (together, seats) = Together::with_seats(networks.len());
    thread::scope(|scope| {
        let run = &run;
        let runs = networks.iter().zip(seats).enumerate().map(|(index, (network, seat))| {
            scope.spawn(move || seat.join(network).map(|mut engine| run(index, network, &mut engine)))
        });
        let runs: Vec<_> = runs.collect();
        together.compute(chosen, &Interruption::default());
        runs.into_iter().map(|run| run.join().expect("a thread that ends")).collect()
    })
}

/// Networks with stimuli of their own.
fn stimulated() -> Vec<IntegerNetwork> {
    let spec = driven(2.0);
    let all = || PopulationSelector("*".into());
    let dc =
        |amplitude_pa, from_ms| Stimulus::Dc { populations: all(), amplitude_pa, from_ms, to_ms: Some(30.0) };
    let poisson = Stimulus::Poisson {
        populations: all(),
        rate_hz: Some(500.0),
        profile: None,
        psp_mv: Some(1.0),
        weight_pa: None,
        from_ms: 5.0,
        to_ms: None,
    };
    // The same course twice, and another one.
    let stimuli =
        [Vec::new(), vec![dc(60.0, 10.0)], vec![dc(-20.0, 10.0), dc(30.0, 12.0), poisson], Vec::new()];
    let networks = (1..=4).map(|seed| integers(&spec, seed, &Arithmetic::default()));
    networks.zip(stimuli).map(|(n, stimuli)| n.with_stimuli(&spec, &stimuli).expect("stimuli")).collect()
}

#[test]
fn each_run_at_one_engine_is_what_it_is_by_itself_with_its_stimuli_and_samples() {
    let networks = stimulated();
    let probes = [
        None,
        Some(Probe::new(&[0, 7, 100], 10).with_sums(&[0, 2], 7)),
        Some(Probe::new(&[3], 10)),
        Some(Probe::new(&[], 1).with_sums(&[1], 7)),
    ];
    // One of them ends early.
    let parts: [&[u32]; 4] = [&[STEPS], &[100, STEPS - 100], &[200], &[STEPS]];
    let run = |index: usize, _: &IntegerNetwork, engine: &mut dyn Engine| {
        outcome(engine, probes[index].as_ref(), parts[index])
    };
    for chosen in engines() {
        let outcomes = at_one_engine(&networks, &chosen, run);
        for (index, (network, found)) in networks.iter().zip(outcomes).enumerate() {
            let expected = Way::REFERENCE.with(network, |engine| run(index, network, engine));
            let found = found.expect("a seat");
            assert!(Some(&found) == expected.as_ref(), "{} {index}", chosen.name());
            let taken = (!found.samples.is_empty(), !found.sums.is_empty());
            assert_eq!(taken, [(false, false), (true, true), (true, false), (false, true)][index]);
        }
    }
    // Negative control: without its stimuli a network does something else.
    for seed in [2, 3] {
        let without = integers(&driven(2.0), seed, &Arithmetic::default());
        assert!(by_itself(&without).spikes != by_itself(&networks[seed as usize - 1]).spikes);
    }
}

#[test]
fn a_range_fault_names_the_neuron_of_its_network_and_the_others_are_told_to_run_by_themselves() {
    let networks = stimulated();
    let run = |index: usize, _: &IntegerNetwork, engine: &mut dyn Engine| {
        if index == 2 {
            engine.inject(&[Arrival { step: 3, neuron: 5, weight: 1 << 30 }]).expect("an arrival");
        }
        outcome_or_error(engine, None, &[STEPS]).err()
    };
    for chosen in engines() {
        for (index, found) in at_one_engine(&networks, &chosen, run).into_iter().enumerate() {
            match found.expect("a seat") {
                Some(EngineError::Overflow { neuron, step, population, .. }) if index == 2 => {
                    assert_eq!((neuron, step, population.as_str()), (5, 3, "E"));
                }
                Some(EngineError::Together { reason }) if index != 2 => {
                    assert!(reason.contains("left its range"), "{reason}");
                }
                other => panic!("{index}: {other:?}"),
            }
        }
    }
}

#[test]
fn whoever_cannot_be_computed_with_the_others_hears_why_and_they_go_on() {
    let mut networks = stimulated();
    networks.insert(1, integers(&NetworkSpec { p_transmit: 0.5, ..driven(2.0) }, 1, &Arithmetic::default()));
    let run = |_: usize, _: &IntegerNetwork, engine: &mut dyn Engine| outcome(engine, None, &[STEPS]).spikes;
    for chosen in engines() {
        let found = at_one_engine(&networks, &chosen, run);
        for (index, (network, found)) in networks.iter().zip(found).enumerate() {
            match found {
                Ok(spikes) if index != 1 => assert!(spikes == by_itself(network).spikes, "{index}"),
                Err(EngineError::Together { reason }) if index == 1 => {
                    assert!(reason.contains("p_transmit"), "{reason}");
                }
                other => panic!("{index}: {:?}", other.map(|spikes| spikes.len())),
            }
        }
        let alone = at_one_engine(&networks[..1], &chosen, run);
        assert!(matches!(&alone[..], [Err(EngineError::Together { .. })]));
    }
}
