//! Points that one GPU engine computes together are the runs that each is by itself.

use super::*;
use crate::engine::gpu::test_adapter;
use crate::engine::{EngineKind, EngineOptions};
use crate::run::run;
use crate::run::sweep::{Definition, SweepAxis};
use std::fs;
use std::path::Path;

/// Four seeds, and a network with other weights.
const POINTS: &str = "weights.chi+simulation.seed=1:1,1:2,1.01:1,1:3,1:4";
const FILES: [&str; 5] =
    ["spikes_neuron.npy", "spikes_step.npy", "rates.csv", "state.bin", "populations.csv"];

fn sweep(folder: &Path, adapter: &str) -> Sweep {
    let config = folder.join("small.ron");
    let text = format!(
        "(name: \"small\", scaling: (n_scaling: 0.001, k_scaling: 0.001),
          simulation: (duration_ms: 50.0, statistics_from_ms: 0.0),
          engine: (engine: gpu, adapter: {adapter:?}, checkpoint_every_ms: 20.0))"
    );
    fs::write(&config, text).unwrap();
    let axes = vec![SweepAxis::parse(POINTS, "--vary").unwrap()];
    let (name, set, published) = (None, Vec::new(), None);
    Sweep::new(Definition { name, config, set, axes, seeds: 1, published }).unwrap()
}

#[test]
fn points_at_one_engine_are_the_runs_that_each_is_by_itself() {
    let Some(adapter) = test_adapter() else { return };
    let folder = tempfile::tempdir().unwrap();
    let sweep = sweep(folder.path(), &adapter.info().name);
    let output = |name: &str| Output { folder: folder.path().join(name), force: false };
    let (output, other) = (&output("together"), output("alone"));
    let engine = choose_engine(&sweep.points[0].config.engine).unwrap();
    let networks = &SharedNetworks::of_runs(2);
    let points = &mut vec![Status::Open; sweep.points.len()];
    let (progress, on_status) = (&mut (), &mut |_: &[Status]| Ok(()));
    let mut maker = Maker { sweep: &sweep, output, networks, points, progress, on_status };
    maker.together(&engine).unwrap();

    let (mut device_bytes, mut spikes) = (Vec::new(), Vec::new());
    for (point, status) in sweep.points.iter().zip(&*points) {
        let Status::Done { run: made, .. } = status else { panic!("{}: {status:?}", point.name) };
        let made = output.folder.join(made);
        let manifest = crate::simulation::recording::Manifest::read(&made).unwrap();
        assert_eq!(manifest.made_by.description.engine, "gpu");
        device_bytes.push(manifest.made_by.engine_device_bytes);
        let options = EngineOptions { engine: EngineKind::Cpu, ..EngineOptions::default() };
        let alone = run(&Config { engine: options, ..point.config.clone() }, &other, &mut ()).unwrap();
        for file in FILES {
            let [made, alone] = [&made, &alone.folder].map(|folder| fs::read(folder.join(file)).unwrap());
            assert!(made == alone, "{}: {file}", point.name);
        }
        spikes.push(fs::read(made.join("spikes_neuron.npy")).unwrap());
    }
    // One engine held all of them, and they are not one network.
    assert!(device_bytes.iter().all(|bytes| *bytes == device_bytes[0]), "{device_bytes:?}");
    assert!((1..spikes.len()).all(|index| !spikes[..index].contains(&spikes[index])));
}
