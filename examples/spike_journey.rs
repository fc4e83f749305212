//! One extra spike, and where it is noticed: the down-scaled model is run twice, with and without a spike
//! that arrives at a few neurons of an area, and both runs are compared spike by spike.
//!
//!     cargo run --release --example spike_journey [AREA [FOLDER]]
//!
//! Both runs are the same, bit by bit, up to the perturbation, because fixed-point formats and random draws
//! do not depend on stimuli; so the first spike of an area that differs tells when the perturbation arrived
//! there. `spike_journey.csv` has that time beside the shortest path of mean delays from the stimulated
//! area, `spike_journey.png` and `spike_journey.svg` show them.

use humam_gpu::config::{self, Config};
use humam_gpu::engine::EngineKind;
use humam_gpu::engine::assembly::{choose_engine, integer_network};
use humam_gpu::engine::fixed_point::Stimulus;
use humam_gpu::model::anatomy::Tables;
use humam_gpu::model::model_network;
use humam_gpu::model::network::{NetworkSpec, PopulationSelector};
use humam_gpu::output::figures::{AreaReached, png, spike_journey, svg};
use humam_gpu::simulation::recording::{population_rows, write_csv, write_whole};
use humam_gpu::simulation::simulate;
use std::error::Error;
use std::ops::Range;
use std::path::PathBuf;

/// When the extra spike arrives, ms.
const PERTURBATION_MS: f64 = 300.0;
/// How long it is followed, ms.
const FOLLOWED_MS: f64 = 100.0;
/// Its peak postsynaptic potential, mV: enough to make most neurons spike.
const PSP_MV: f64 = 30.0;
/// Neurons of layer IV E that receive it.
const NEURONS: u32 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let area = arguments.next().unwrap_or_else(|| "pericalcarine".to_owned());
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "out/spike_journey".to_owned()));

    // 1. The network, which both runs have in common.
    let mut config = config::load("downscaled".as_ref(), &[])?;
    config.engine.engine = EngineKind::Cpu;
    config.simulation.duration_ms = PERTURBATION_MS + FOLLOWED_MS;
    let network = model_network(&config.model_options(), &Tables::load(&config.anatomy)?, &mut ())?.network;

    // 2. Both runs.
    let plain = spikes_by_step(&network, &config)?;
    config.stimuli = vec![Stimulus::Spike {
        populations: PopulationSelector(format!("{area} IV E")),
        time_ms: PERTURBATION_MS,
        psp_mv: Some(PSP_MV),
        weight_pa: None,
        neurons: Some(NEURONS),
    }];
    let perturbed = spikes_by_step(&network, &config)?;

    // 3. When each area first differs, and how far it is.
    let areas = areas(&network);
    let source = areas.iter().position(|(name, _)| *name == area).ok_or("an area of the model is needed")?;
    let path_ms = shortest_paths_ms(&mean_delays_ms(&network, &areas), source);
    let reached: Vec<AreaReached> = (areas.iter().zip(path_ms))
        .map(|((name, neurons), path_ms)| AreaReached {
            area: name.clone(),
            path_ms,
            first_ms: first_difference(&plain, &perturbed, neurons)
                .map(|step| f64::from(step) * config.simulation.dt_ms - PERTURBATION_MS),
        })
        .collect();

    // 4. Table and figure.
    std::fs::create_dir_all(&folder)?;
    write_table(&folder.join("spike_journey.csv"), &reached)?;
    let figure = spike_journey(&area, &reached);
    write_whole(&folder.join("spike_journey.png"), &png(&figure.picture)?)?;
    write_whole(&folder.join("spike_journey.svg"), svg(&figure.picture, &figure.title)?.as_bytes())?;
    let n = reached.iter().filter(|area| area.first_ms.is_some()).count();
    println!("{n} of {} areas differ within {FOLLOWED_MS} ms: {}", reached.len(), folder.display());
    Ok(())
}

/// Neurons that spike in each step; entry 0 is step 1.
fn spikes_by_step(network: &NetworkSpec, config: &Config) -> Result<Vec<Vec<u32>>, Box<dyn Error>> {
    let integers = integer_network(network, &config.build_options())?;
    let plan = choose_engine(&config.engine)?.plan(&integers);
    let synapses = plan.synapses(&integers)?;
    let mut engine = plan.open(&integers, &synapses)?;
    let mut spikes = Vec::new();
    simulate(engine.as_mut(), config.simulation.n_steps(), |batch| {
        spikes.extend(batch.steps().map(|(_, neurons)| neurons.to_vec()));
        Ok::<(), std::io::Error>(())
    })?;
    Ok(spikes)
}

/// Areas with their neurons.
fn areas(network: &NetworkSpec) -> Vec<(String, Range<u32>)> {
    let mut areas: Vec<(String, Range<u32>)> = Vec::new();
    for row in population_rows(network) {
        let end = row.first_neuron + row.neurons;
        match areas.last_mut() {
            Some((name, neurons)) if *name == row.area => neurons.end = end,
            _ => areas.push((row.area, row.first_neuron..end)),
        }
    }
    areas
}

/// The first step in which other neurons of the range spike.
fn first_difference(a: &[Vec<u32>], b: &[Vec<u32>], neurons: &Range<u32>) -> Option<u32> {
    let within = |spikes: &[u32]| -> Vec<u32> {
        spikes.iter().copied().filter(|neuron| neurons.contains(neuron)).collect()
    };
    let step = a.iter().zip(b).position(|(a, b)| within(a) != within(b))?;
    Some(step as u32 + 1)
}

/// Least mean delay from each area to each other one that it projects to, ms, \[source\]\[target\];
/// infinite if it does not.
fn mean_delays_ms(network: &NetworkSpec, areas: &[(String, Range<u32>)]) -> Vec<Vec<f64>> {
    let firsts = network.first_neurons();
    let area_of = |population: usize| areas.partition_point(|(_, neurons)| neurons.end <= firsts[population]);
    let mut delays_ms = vec![vec![f64::INFINITY; areas.len()]; areas.len()];
    for projection in network.projections.iter().filter(|projection| projection.synapses > 0) {
        let (source, target) = (area_of(projection.source), area_of(projection.target));
        let delay_ms = &mut delays_ms[source][target];
        *delay_ms = delay_ms.min(projection.delay.mean_ms);
    }
    delays_ms
}

/// Length of the shortest path from `source` to each area (Dijkstra 1959, doi:10.1007/BF01386390).
fn shortest_paths_ms(delays_ms: &[Vec<f64>], source: usize) -> Vec<f64> {
    let mut path_ms = vec![f64::INFINITY; delays_ms.len()];
    let mut is_done = vec![false; delays_ms.len()];
    path_ms[source] = 0.0;
    let nearest = |path_ms: &[f64], is_done: &[bool]| {
        let open = (0..path_ms.len()).filter(|&area| !is_done[area] && path_ms[area].is_finite());
        open.min_by(|&a, &b| path_ms[a].total_cmp(&path_ms[b]))
    };
    while let Some(area) = nearest(&path_ms, &is_done) {
        is_done[area] = true;
        for (target, delay_ms) in delays_ms[area].iter().enumerate() {
            path_ms[target] = path_ms[target].min(path_ms[area] + delay_ms);
        }
    }
    path_ms
}

fn write_table(path: &std::path::Path, reached: &[AreaReached]) -> Result<(), Box<dyn Error>> {
    let row = |area: &AreaReached| {
        let first_ms = area.first_ms.map_or_else(String::new, |ms| format!("{ms:.1}"));
        vec![area.area.clone(), format!("{:.3}", area.path_ms), first_ms]
    };
    Ok(write_csv(path, &["area", "shortest_path_ms", "first_difference_ms"], reached.iter().map(row))?)
}
