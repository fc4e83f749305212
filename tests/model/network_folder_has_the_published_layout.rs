//! The tables written for a scaled network: rows, columns and blanks of the published implementation's,
//! and numbers that read back exactly.

use crate::fixtures::tables::{Named, by_slot, reference};
use humam_gpu::model::network::NetworkSpec;
use humam_gpu::model::{FolderError, FolderRates, HumanModel, ModelOptions, write_network_folder};
use std::path::Path;

const FILES: [(&str, usize); 9] = [
    ("neurons.csv", 3),
    ("synapses.csv", 1),
    ("external_synapses.csv", 3),
    ("weights_pa.csv", 1),
    ("external_weights_pa.csv", 3),
    ("external_rates_hz.csv", 3),
    ("dc_drive_pa.csv", 3),
    ("cc_delay_mean_ms.csv", 1),
    ("theory_rates.csv", 3),
];

/// Stands in for a factor of scaling; not a power of two, so that a lost digit shows.
const WEIGHT_FACTOR: f64 = 1.0 / 0.3;

/// The full-scale network with a DC and a rate for every population that tell it apart.
fn written(folder: &Path) -> (HumanModel, NetworkSpec) {
    let model = HumanModel::new(&ModelOptions::default()).unwrap();
    let mut network = model.network();
    for (index, population) in network.populations.iter_mut().enumerate() {
        population.dc_pa = index as f64 / 3.0;
    }
    let rates: Vec<f64> = (0..network.populations.len()).map(|index| index as f64 / 7.0).collect();
    let halves: Vec<f64> = rates.iter().map(|rate| rate / 2.0).collect();
    let rates = FolderRates { with_dc_hz: &rates, without_dc_hz: &halves };
    write_network_folder(folder, &model, &network, WEIGHT_FACTOR, rates).unwrap();
    (model, network)
}

#[test]
fn every_file_has_the_published_rows_columns_and_blanks() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path());
    for (file, n_names) in FILES {
        let ours = Named::read(&folder.path().join(file), n_names);
        let published = Named::read(&reference(&format!("downscaled/{file}")), n_names);
        assert_eq!(ours.rows, published.rows, "{file}");
        assert_eq!(ours.columns[..published.columns.len()], published.columns[..], "{file}");
        for row in &ours.rows {
            for column in &published.columns {
                let blank = |table: &Named| table.text(row, column).is_empty();
                assert_eq!(blank(&ours), blank(&published), "{file}: {row}, {column}");
            }
        }
        let header = |path: &Path| std::fs::read_to_string(path).unwrap().lines().next().unwrap().to_owned();
        let ours = header(&folder.path().join(file));
        let published = header(&reference(&format!("downscaled/{file}")));
        if file == "theory_rates.csv" {
            assert_eq!(ours, "area,layer,population,rate_hz,rate_without_dc_hz");
        } else {
            assert_eq!(ours, published);
        }
    }
}

#[test]
fn every_number_reads_back_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let (model, network) = written(folder.path());
    let names: Vec<String> = model.slots.iter().map(ToString::to_string).collect();
    let matrix = |file: &str| Named::read(&folder.path().join(file), 1).numbers(&names, &names);
    let weights: Vec<f64> = model.weights_pa.iter().map(|weight| weight * WEIGHT_FACTOR).collect();
    assert_eq!(matrix("weights_pa.csv"), weights);
    assert_ne!(matrix("synapses.csv"), weights);
    assert_eq!(matrix("synapses.csv"), model.synapses.iter().map(|n| *n as f64).collect::<Vec<_>>());
    let slots = |file: &str, column: &str| by_slot(&folder.path().join(file), column);
    assert_eq!(slots("external_rates_hz.csv", "rate_hz"), model.external_rates_hz);

    let rates = Named::read(&folder.path().join("theory_rates.csv"), 3);
    let dc = Named::read(&folder.path().join("dc_drive_pa.csv"), 3);
    for (index, population) in network.populations.iter().enumerate() {
        assert_eq!(dc.number(&population.name(), "dc_pa"), population.dc_pa);
        assert_eq!(rates.number(&population.name(), "rate_hz"), index as f64 / 7.0);
        assert_eq!(rates.number(&population.name(), "rate_without_dc_hz"), index as f64 / 14.0);
    }
}

#[test]
fn a_population_that_scaling_left_out_is_an_empty_slot() {
    let folder = tempfile::tempdir().unwrap();
    let model = HumanModel::new(&ModelOptions::default()).unwrap();
    let mut network = model.network();
    network.projections.retain(|projection| projection.target != 0 && projection.source != 0);
    network.populations.remove(0);
    for projection in &mut network.projections {
        projection.source -= 1;
        projection.target -= 1;
    }
    let rates = vec![1.0; network.populations.len()];
    let rates = FolderRates { with_dc_hz: &rates, without_dc_hz: &rates };
    write_network_folder(folder.path(), &model, &network, 1.0, rates).unwrap();
    let first = |file: &str| Named::read(&folder.path().join(file), 3);
    assert_eq!(first("neurons.csv").text("bankssts II/III E", "neurons"), "0");
    assert_eq!(first("dc_drive_pa.csv").text("bankssts II/III E", "dc_pa"), "");
    let synapses = Named::read(&folder.path().join("synapses.csv"), 1);
    let kept = synapses.number("bankssts II/III I", "bankssts IV E");
    assert_eq!(kept, model.synapses[[1, 2]] as f64);
}

#[test]
fn a_foreign_population_and_a_missing_rate_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let model = HumanModel::new(&ModelOptions::default()).unwrap();
    let mut network = model.network();
    let rates = vec![0.0; network.populations.len() - 1];
    let rates = FolderRates { with_dc_hz: &rates, without_dc_hz: &rates };
    let error = write_network_folder(folder.path(), &model, &network, 1.0, rates).unwrap_err();
    assert!(matches!(error, FolderError::RatesLength { rates: 253, populations: 254 }), "{error}");
    network.populations[3].area = "thalamus".to_owned();
    let error = write_network_folder(folder.path(), &model, &network, 1.0, rates).unwrap_err();
    assert!(matches!(error, FolderError::UnknownPopulation { .. }), "{error}");
}
