//! A connectome of one's own → a network of areas → theory and simulation.
//!
//!     cargo run --release --example custom_connectome
//!     cargo run --release --example custom_connectome connectome.csv distances_mm.csv
//!
//! Two square tables with the names of areas in the first line and the first column, rows targets and
//! columns sources: how strongly areas are connected, in any unit (streamlines, labelled neurons), and how
//! long their fibres are. Those in examples/data/ are made up, as are the sizes below.
//!
//! Every area is an excitatory and an inhibitory population. Each neuron gets so many synapses from its own
//! area, and from others as many as the connectome says. Of other areas it is the excitatory neurons that
//! project, onto both populations.

use humam_gpu::analysis::statistics_of;
use humam_gpu::config::AnalysisOptions;
use humam_gpu::engine::EngineKind;
use humam_gpu::engine::assembly::BuildOptions;
use humam_gpu::model::network::{
    Delay, LifParameters, NetworkSpec, Normal, PoissonDrive, Population, Projection, psc_over_psp_pa_per_mv,
};
use humam_gpu::model::theory::{DcInput, Theory, stationary_rates};
use humam_gpu::simulation::simulate_network;
use std::error::Error;

/// Neurons of an area: excitatory, inhibitory (assumption).
const NEURONS: [u32; 2] = [800, 200];
/// Synapses of a neuron from each population of its own area (assumption).
const LOCAL_IN_DEGREE: [u32; 2] = [160, 40];
/// Synapses of a neuron from all other areas, mean over areas (assumption).
const LONG_RANGE_IN_DEGREE: f64 = 60.0;
/// Peak of an excitatory postsynaptic potential, mV, and inhibition relative to it (assumption).
const PSP_MV: f64 = 0.2;
const G: f64 = 8.0;
/// Rate of the external spikes that each neuron receives, 1/s (assumption).
const EXTERNAL_HZ: f64 = 5_000.0;
/// Delays: from within the area, and how fast spikes run along fibres (Girard et al. 2001,
/// doi:10.1152/jn.2001.85.3.1328).
const LOCAL_DELAY_MS: [f64; 2] = [1.5, 0.75];
const VELOCITY_MM_PER_MS: f64 = 3.5;
/// Where simulated and predicted rates may differ: theory takes neurons for independent, which small
/// networks are least of all.
const TOLERANCE: (f64, f64) = (0.25, 0.3);

/// A square table, [target][source].
struct Matrix {
    areas: Vec<String>,
    values: Vec<Vec<f64>>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = std::env::args().skip(1);
    let connectome = matrix(files.next(), include_str!("data/connectome.csv"))?;
    let distances_mm = matrix(files.next(), include_str!("data/distances_mm.csv"))?;
    if connectome.areas != distances_mm.areas {
        return Err("the two tables name different areas".into());
    }
    let network = network(&connectome, &distances_mm);
    println!(
        "{} areas, {} neurons, {} synapses",
        connectome.areas.len(),
        network.n_neurons(),
        network.n_synapses()
    );

    let mut options = BuildOptions::default();
    options.engine.engine = EngineKind::Cpu;
    options.simulation.duration_ms = 2500.0;
    let theory = stationary_rates(&network, &Theory::default(), DcInput::Included)?;
    let spikes = simulate_network(&network, &options)?;
    let statistics = statistics_of(&network, &spikes, &options.simulation, &AnalysisOptions::default())?;

    println!("population           theory (1/s)   simulation (1/s)");
    let mut outside = Vec::new();
    for (index, (population, found)) in network.populations.iter().zip(&statistics.populations).enumerate() {
        let (theory_hz, rate_hz) = (theory.rates_hz[index], found.rate_hz.clone()?);
        println!("{:<20} {theory_hz:12.2} {rate_hz:18.2}", population.name());
        if (rate_hz - theory_hz).abs() > TOLERANCE.0 * theory_hz + TOLERANCE.1 {
            outside.push(population.name());
        }
    }
    if !theory.converged {
        println!("the theory has not come to rest: its residual is {} 1/s", theory.residual_hz);
    }
    println!("populations far from their theory: {}", outside.len());
    // What is claimed of the built-in tables need not hold for others.
    assert!(std::env::args().len() > 1 || theory.converged && outside.is_empty(), "{outside:?}");
    Ok(())
}

/// Reads the file, or takes `built_in` if none is named.
fn matrix(file: Option<String>, built_in: &str) -> Result<Matrix, Box<dyn Error>> {
    let text = file.map_or_else(|| Ok(built_in.to_owned()), std::fs::read_to_string)?;
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let cells = |line: &str| line.split(',').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let areas = cells(lines.next().ok_or("an empty table")?).split_off(1);
    let mut values = Vec::new();
    for (line, area) in lines.zip(&areas) {
        let row = cells(line);
        if row.len() != areas.len() + 1 || row[0] != *area {
            return Err(format!("expected {area} and {} numbers, found: {line}", areas.len()).into());
        }
        values.push(row[1..].iter().map(|cell| cell.parse()).collect::<Result<Vec<f64>, _>>()?);
    }
    if values.len() != areas.len() {
        return Err(format!("{} areas, but {} rows", areas.len(), values.len()).into());
    }
    Ok(Matrix { areas, values })
}

/// Populations are numbered area by area, excitatory first.
fn network(connectome: &Matrix, distances_mm: &Matrix) -> NetworkSpec {
    let neuron = LifParameters::default();
    let weight_pa = PSP_MV * psc_over_psp_pa_per_mv(&neuron, neuron.tau_syn_ex_ms);
    let population = |area: &str, cell_type: &str, neurons: u32| Population {
        initial_v_m_mv: Normal { mean: -62.0, sd: 5.0 },
        // One strong stream for each neuron, as one external synapse.
        poisson: Some(PoissonDrive {
            synapses: u64::from(neurons),
            rate_hz: EXTERNAL_HZ,
            weight_pa,
            relative_sd: 0.0,
        }),
        ..Population::new(cell_type, neurons, neuron).placed(area, "")
    };
    // What is on the diagonal is within an area and has its own number.
    let n_areas = connectome.areas.len();
    let strength = |target: usize, source: usize| match target == source {
        true => 0.0,
        false => connectome.values[target][source],
    };
    let total: f64 = (0..n_areas * n_areas).map(|pair| strength(pair / n_areas, pair % n_areas)).sum();
    let per_strength = LONG_RANGE_IN_DEGREE * n_areas as f64 / total.max(f64::MIN_POSITIVE);
    let (mut populations, mut projections) = (Vec::new(), Vec::new());
    for (target_area, name) in connectome.areas.iter().enumerate() {
        for (kind, label) in ["E", "I"].into_iter().enumerate() {
            let (target, neurons) = (populations.len(), NEURONS[kind]);
            populations.push(population(name, label, neurons));
            let mut project = |source, in_degree: f64, weight_pa, delay| {
                let synapses = (in_degree * f64::from(neurons)).round() as u64;
                if synapses > 0 {
                    let weight_relative_sd = 0.1;
                    projections.push(Projection {
                        rule: None,
                        source,
                        target,
                        synapses,
                        weight_pa,
                        weight_relative_sd,
                        delay,
                    });
                }
            };
            for source_area in 0..n_areas {
                let excitatory = 2 * source_area;
                if source_area == target_area {
                    let [from_e, from_i] = LOCAL_IN_DEGREE.map(f64::from);
                    let [delay_e, delay_i] = LOCAL_DELAY_MS.map(|mean_ms| Delay::lognormal(mean_ms, 0.5));
                    project(excitatory, from_e, weight_pa, delay_e);
                    project(excitatory + 1, from_i, -G * weight_pa, delay_i);
                } else {
                    let in_degree = per_strength * strength(target_area, source_area);
                    let delay_ms = distances_mm.values[target_area][source_area] / VELOCITY_MM_PER_MS;
                    project(excitatory, in_degree, weight_pa, Delay::lognormal(delay_ms, 0.5));
                }
            }
        }
    }
    NetworkSpec::new(populations, projections)
}
