//! The built-in tables hold what `data/README.md` says: a figure that is lost or changed by accident
//! changes a sum.

use humam_gpu::model::anatomy::embedded::TABLES;

/// File, rows below the header, sum of all cells that are numbers.
const CONTENT: &[(&str, usize, f64)] = &[
    ("cell_body_given_synapse_layer_binzegger.csv", 8, 4.999999999999999),
    ("cell_body_given_synapse_layer_mohan.csv", 8, 5.0),
    ("desikan_killiany_areas.csv", 34, 378697.0),
    ("excitatory_fraction.csv", 4, 6.309950050235036),
    ("hcp_connectivity_nos_lh.csv", 34, 35641.82384197772),
    ("hcp_connectivity_nos_rh.csv", 34, 36036.17174213955),
    ("hcp_fiber_length_mm_lh.csv", 34, 72914.70875983866),
    ("hcp_fiber_length_mm_rh.csv", 34, 72003.19600633314),
    ("hcp_functional_connectivity_lh.csv", 34, 380.99082182),
    ("hcp_functional_connectivity_rh.csv", 34, 363.113996618),
    ("minxha_2020_spiking_quantiles.csv", 1001, 5019.5207477),
    ("potjans_diesmann_2014.csv", 8, 93172.418),
    ("pronold_2024_chi.csv", 19, 106.90613449999998),
    ("von_economo_koskinas.csv", 420, 13055761.418333333),
];

/// Sums are given to this many parts.
const SUM_RELATIVE: f64 = 1e-12;

fn rows_and_sum(text: &str) -> (usize, f64) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let (mut rows, mut sum) = (0, 0.0);
    for record in reader.records() {
        rows += 1;
        sum += record.unwrap().iter().filter_map(|cell| cell.parse::<f64>().ok()).sum::<f64>();
    }
    (rows, sum)
}

#[test]
fn the_published_chi_are_those_that_tests_refer_to() {
    let reference = include_str!("../reference/pronold_2024/scaling_experiment.csv");
    assert_eq!(humam_gpu::model::anatomy::embedded::table("pronold_2024_chi.csv"), Some(reference));
}

#[test]
fn every_table_has_its_rows_and_its_sum() {
    assert_eq!(TABLES.len(), CONTENT.len());
    for ((file, text), (expected_file, expected_rows, expected_sum)) in TABLES.iter().zip(CONTENT) {
        assert_eq!(file, expected_file);
        let (rows, sum) = rows_and_sum(text);
        assert_eq!(rows, *expected_rows, "{file}");
        assert!((sum / expected_sum - 1.0).abs() < SUM_RELATIVE, "{file}: {sum}");

        // negative control: one figure raised by a millionth of the sum
        assert!(((sum + 1e-6 * sum) / expected_sum - 1.0).abs() > SUM_RELATIVE);
    }
}
