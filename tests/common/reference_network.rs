//! The human multi-area model as published, from the tables in `tests/reference/`: numbers of
//! neurons and synapses, weights and drive that the published implementation makes
//! (Pronold et al. 2024, doi:10.1093/cercor/bhae409). Populations are in canonical order, all 272
//! slots, of which 254 have neurons.
#![allow(dead_code, reason = "each test uses a part")]

use humam_gpu::config::NeuronParameters;
use humam_gpu::network::*;
use std::path::Path;

/// Scale of the down-scaled tables, whose weights are the full-scale ones over it.
pub const DOWNSCALED: f64 = 0.004;
/// Populations that have neurons.
pub const N_OCCUPIED: usize = 254;

/// Rows of a table in `tests/reference/`, without its header.
fn rows(table: &str) -> Vec<csv::StringRecord> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(table);
    let mut reader = csv::Reader::from_path(&path).expect("a table of the reference");
    reader.records().map(|row| row.expect("a row")).collect()
}

/// A number; blank stands for 0.
fn number(field: &str) -> f64 {
    if field.is_empty() { 0.0 } else { field.parse().expect("a number") }
}

/// Last column of a table with a row per population.
pub fn per_population(table: &str) -> Vec<f64> {
    rows(table).iter().map(|row| number(&row[3])).collect()
}

/// A [target, source] matrix, row by row.
fn matrix(table: &str) -> Vec<Vec<f64>> {
    rows(table).iter().map(|row| row.iter().skip(1).map(number).collect()).collect()
}

/// The full-scale network, with excitatory weights between areas `chi` times those of the ground
/// state (χ = 1, χ_I = 2).
pub fn full_scale(chi: f64) -> NetworkSpec {
    network("full_scale", DOWNSCALED, chi)
}

/// The published network at scale 0.004, ground state, without its DC.
pub fn downscaled() -> NetworkSpec {
    network("downscaled", 1.0, 1.0)
}

fn network(folder: &str, weight_factor: f64, chi: f64) -> NetworkSpec {
    let names: Vec<[String; 3]> = rows(&format!("{folder}/neurons.csv"))
        .iter()
        .map(|row| [row[0].to_string(), row[1].to_string(), row[2].to_string()])
        .collect();
    let neurons = per_population(&format!("{folder}/neurons.csv"));
    let external_synapses = per_population(&format!("{folder}/external_synapses.csv"));
    let external_rates = per_population("downscaled/external_rates_hz.csv");
    let external_weights = per_population("downscaled/external_weights_pa.csv");
    let populations = names.iter().enumerate().map(|(i, name)| Population {
        name: name.join(" "),
        neurons: neurons[i] as u32,
        neuron: lif(if name[2] == "E" { NeuronParameters::EXCITATORY } else { NeuronParameters::INHIBITORY }),
        spread: ParameterSpread::default(),
        initial_v_m_mv: Normal { mean: -150.0, sd: 50.0 },
        poisson: (external_synapses[i] > 0.0).then(|| PoissonDrive {
            synapses: external_synapses[i] as u64,
            rate_hz: external_rates[i],
            weight_pa: external_weights[i] * weight_factor,
            relative_sd: 0.1,
        }),
        dc_pa: 0.0,
    });
    NetworkSpec::new(
        populations.collect(),
        projections(&matrix(&format!("{folder}/synapses.csv")), &names, weight_factor, chi),
    )
}

fn projections(synapses: &[Vec<f64>], names: &[[String; 3]], factor: f64, chi: f64) -> Vec<Projection> {
    let weights = matrix("downscaled/weights_pa.csv");
    let delays = Delays::read();
    let mut projections = Vec::new();
    for (target, row) in synapses.iter().enumerate() {
        for (source, &n) in row.iter().enumerate().filter(|&(_, &n)| n > 0.0) {
            let between_areas = names[target][0] != names[source][0];
            let multiplier = if between_areas { chi } else { 1.0 };
            projections.push(Projection {
                source,
                target,
                synapses: n as u64,
                weight_pa: weights[target][source] * factor * multiplier,
                weight_relative_sd: 0.1,
                delay: delays.between(&names[target], &names[source]),
            });
        }
    }
    projections
}

/// Mean delays between areas; the table orders areas its own way.
struct Delays {
    areas: Vec<String>,
    mean_ms: Vec<Vec<f64>>,
}

impl Delays {
    fn read() -> Self {
        let table = "downscaled/cc_delay_mean_ms.csv";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(table);
        let mut reader = csv::Reader::from_path(path).expect("the delays");
        let areas = reader.headers().expect("a header").iter().skip(1).map(str::to_string).collect();
        let mut mean_ms = matrix(table);
        let targets: Vec<String> = rows(table).iter().map(|row| row[0].to_string()).collect();
        let areas: Vec<String> = areas;
        // Rows in the order of the columns.
        mean_ms = areas
            .iter()
            .map(|area| mean_ms[targets.iter().position(|target| target == area).expect("an area")].clone())
            .collect();
        Self { areas, mean_ms }
    }

    fn between(&self, target: &[String; 3], source: &[String; 3]) -> Delay {
        let index = |area: &String| self.areas.iter().position(|a| a == area).expect("an area");
        let mean_ms = match (target[0] == source[0], source[2].as_str()) {
            (true, "E") => 1.5,
            (true, _) => 0.75,
            (false, _) => self.mean_ms[index(&target[0])][index(&source[0])],
        };
        Delay { mean_ms, min_ms: 0.0, relative_sd: 0.5, distribution: DelayDistribution::Lognormal }
    }
}

fn lif(p: NeuronParameters) -> LifParameters {
    LifParameters {
        e_l_mv: p.e_l_mv,
        v_th_mv: p.v_th_mv,
        v_reset_mv: p.v_reset_mv,
        c_m_pf: p.c_m_pf,
        tau_m_ms: p.tau_m_ms,
        tau_syn_ex_ms: p.tau_syn_ex_ms,
        tau_syn_in_ms: p.tau_syn_in_ms,
        t_ref_ms: p.t_ref_ms,
    }
}

/// Mean over the populations that have neurons.
pub fn mean_over_populations(network: &NetworkSpec, values: &[f64]) -> f64 {
    let occupied = network.populations.iter().zip(values).filter(|(population, _)| population.neurons > 0);
    let values: Vec<f64> = occupied.map(|(_, &value)| value).collect();
    values.iter().sum::<f64>() / values.len() as f64
}
