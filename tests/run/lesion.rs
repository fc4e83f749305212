//! Without the synapses from cuneus to lingual, rates of lingual differ by more than seeds do.

use crate::fixtures::command_line::Workplace;
use std::collections::HashMap;
use std::fs;

/// Seeds of the sweep, with and without the synapses.
const SEEDS: usize = 16;
/// Two-sided 1 % bounds of Student's t with 15 and with 7 degrees of freedom.
const T_15: f64 = 2.947;
const T_7: f64 = 3.499;

/// Mean of differences over its standard error.
fn t(differences: &[f64]) -> f64 {
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let variance = differences.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    mean / (variance / n).sqrt()
}

#[test]
#[ignore = "half a minute on two cores; run it with `cargo test --release --test run lesion -- --ignored`"]
fn a_one_way_lesion_changes_the_rate_of_its_target() {
    let workplace = Workplace::new();
    let call = workplace.call("sweep lesion --engine cpu --figures none --quiet");
    assert_eq!(call.code, Some(0), "{call:?}");
    let summary = call.stdout.lines().find_map(|line| line.strip_prefix("summary:")).expect("a summary");
    let mut summary = csv::Reader::from_path(workplace.path(summary.trim())).expect("a table");
    let rate_of_vi_i = |point: Result<HashMap<String, String>, csv::Error>| -> f64 {
        let rates = workplace.path(&format!("out/{}/rates.csv", point.expect("a point")["run"]));
        let rates = fs::read_to_string(rates).expect("rates");
        let line = rates.lines().find_map(|line| line.strip_prefix("lingual,VI,I,")).expect("a population");
        line.split(',').nth(1).expect("a rate").parse().expect("a number")
    };
    let rates_hz: Vec<f64> = summary.deserialize().map(rate_of_vi_i).collect();
    let (intact, lesioned) = rates_hz.split_at(SEEDS);
    assert_eq!(lesioned.len(), SEEDS);
    let changes: Vec<f64> = lesioned.iter().zip(intact).map(|(without, with)| without - with).collect();
    assert!(t(&changes) < -T_15, "{changes:?}");
    // Seeds alone make no such difference.
    let (some, others) = intact.split_at(SEEDS / 2);
    let seeds: Vec<f64> = some.iter().zip(others).map(|(a, b)| a - b).collect();
    assert!(t(&seeds).abs() < T_7, "{seeds:?}");
}
