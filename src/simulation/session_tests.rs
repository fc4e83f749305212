//! A session has the spikes of a run with the same stimuli, however it is divided.

use super::*;
use crate::engine::assembly::BuildOptions;
use crate::engine::{EngineKind, EngineOptions};
use crate::model::network::{LifParameters, PoissonDrive, Population, Projection};
use crate::simulation::simulate_network;
use std::convert::Infallible;

/// Two populations.
fn network() -> NetworkSpec {
    let population = |name: &str| Population {
        poisson: Some(PoissonDrive { synapses: 80_000, rate_hz: 10.0, weight_pa: 12.0, relative_sd: 0.0 }),
        ..Population::new(name, 40, LifParameters::default())
    };
    let projection = Projection {
        source: 0,
        target: 1,
        synapses: 400,
        weight_pa: 40.0,
        weight_relative_sd: 0.1,
        delay: crate::model::network::Delay::lognormal(1.5, 0.5),
        rule: None,
    };
    NetworkSpec::new(vec![population("E"), population("I")], vec![projection])
}

fn options(engine: EngineKind, stimuli: Vec<Stimulus>) -> BuildOptions {
    let engine = EngineOptions { engine, ..EngineOptions::default() };
    let simulation = Simulation { duration_ms: 60.0, statistics_from_ms: 0.0, ..Simulation::default() };
    BuildOptions { engine, simulation, stimuli, ..BuildOptions::default() }
}

fn stimuli(json: &str) -> Vec<Stimulus> {
    serde_json::from_str(json).unwrap()
}

fn advance(session: &mut Session<'_>, to_step: u32, spikes: &mut Vec<(u32, u32)>) {
    let n_steps = to_step - session.step();
    let advanced = session.advance(n_steps, |batch| {
        for (step, neurons) in batch.steps() {
            spikes.extend(neurons.iter().map(|&neuron| (step, neuron)));
        }
        Ok::<(), Infallible>(())
    });
    advanced.unwrap();
}

/// Runs `body` on a session of the network with these stimuli in its configuration.
fn with_session<T>(engine: EngineKind, own: &str, body: impl FnOnce(&mut Session<'_>) -> T) -> T {
    let (spec, options) = (network(), options(engine, stimuli(own)));
    let built = BuiltNetwork::new(&spec, &options).unwrap();
    let mut session = Session::new(&built, &spec, built.engine().unwrap(), &options.stimuli);
    body(&mut session)
}

const OWN: &str = r#"{"poisson": {"populations": "I", "rate_hz": 200.0, "weight_pa": 100.0}},
    {"sinus": {"populations": "E", "amplitude_pa": 30.0, "frequency_hz": 40.0, "from_ms": 5.0, "to_ms": 45.0}}"#;
const MEANWHILE: &str = r#"{"spike": {"populations": "I", "time_ms": 26.0, "weight_pa": 900.0, "neurons": 7}},
    {"poisson": {"populations": "E", "rate_hz": 500.0, "weight_pa": 60.0, "from_ms": 32.0, "to_ms": 55.0}},
    {"dc": {"populations": "E", "amplitude_pa": 80.0, "from_ms": 10.0, "to_ms": 20.0}},
    {"dc": {"populations": "I", "amplitude_pa": 80.0, "from_ms": 10.0, "to_ms": 30.0}},
    {"dc": {"populations": "E", "amplitude_pa": -50.0, "from_ms": 20.0, "to_ms": 50.0}}"#;

#[test]
fn what_is_decided_meanwhile_acts_as_what_was_known_before() {
    let (own, all) = (format!("[{OWN}]"), stimuli(&format!("[{OWN}, {MEANWHILE}]")));
    let expected = simulate_network(&network(), &options(EngineKind::Reference, all.clone())).unwrap();
    assert!(expected.len() > 100, "{}", expected.len());
    for engine in [EngineKind::Reference, EngineKind::Cpu] {
        let mut found = Vec::new();
        with_session(engine, &own, |session| {
            let selector = |name: &str| PopulationSelector(name.to_owned());
            advance(session, 100, &mut found);
            session.set_dc(&selector("E"), 99.0).unwrap();
            session.set_dc(&selector("*"), 80.0).unwrap();
            advance(session, 200, &mut found);
            session.set_dc(&selector("E"), -50.0).unwrap();
            session.add(all[2].clone()).unwrap();
            advance(session, 257, &mut found);
            advance(session, 300, &mut found);
            session.set_dc(&selector("I"), 0.0).unwrap();
            session.add(all[3].clone()).unwrap();
            assert_eq!(session.inputs.len(), 3, "a spike that has arrived is not kept");
            advance(session, 500, &mut found);
            session.set_dc(&selector("*"), 0.0).unwrap();
            advance(session, 600, &mut found);
        });
        assert_eq!(found, expected, "{engine:?}");
    }
    let plain = simulate_network(&network(), &options(EngineKind::Reference, stimuli(&own))).unwrap();
    assert_ne!(plain, expected);
}

#[test]
fn what_comes_too_late_or_is_wrong_is_refused_and_nothing_changes() {
    with_session(EngineKind::Reference, "[]", |session| {
        advance(session, 100, &mut Vec::new());
        assert_eq!((session.now_ms(), session.spikes_after_ms()), (10.0, 12.8));
        let mut add = |input: &str| session.add(stimuli(&format!("[{input}]")).remove(0));
        let spike = |time_ms: f64| {
            format!(r#"{{"spike": {{"populations": "E", "time_ms": {time_ms}, "weight_pa": 9.0}}}}"#)
        };
        let poisson = |from_ms: f64| {
            format!(
                r#"{{"poisson": {{"populations": "E", "rate_hz": 9.0, "weight_pa": 9.0, "from_ms": {from_ms}}}}}"#
            )
        };
        for late in [spike(12.8), poisson(12.7)] {
            assert!(matches!(add(&late), Err(InputError::TooLate { .. })), "{late}");
        }
        let current = r#"{"dc": {"populations": "E", "amplitude_pa": 9.0, "from_ms": 20.0}}"#;
        assert!(matches!(add(current), Err(InputError::Current)));
        assert!(matches!(add(&spike(-1.0)), Err(InputError::Values(_))));
        assert!(matches!(add(&spike(12.95)), Err(InputError::Values(_))));
        assert!(add(&spike(12.9)).is_ok() && add(&poisson(12.8)).is_ok());
        for (populations, amplitude_pa) in [("X", 1.0), ("E", 1e9)] {
            let refused = session.set_dc(&PopulationSelector(populations.into()), amplitude_pa);
            assert!(matches!(refused, Err(InputError::Stimuli(_))), "{populations}");
        }
        for (populations, amplitude_pa) in [("E", f64::NAN), (" ", 1.0)] {
            let refused = session.set_dc(&PopulationSelector(populations.into()), amplitude_pa);
            assert!(matches!(refused, Err(InputError::Values(_))), "{populations}");
        }
        assert_eq!((session.inputs.len(), session.amplitudes_pa.as_slice()), (2, [0.0; 2].as_slice()));
    });
}
