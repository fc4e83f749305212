//! The full model, simulated, fires as the published one and as theory predicts.

use crate::fixtures::command_line::Workplace;
use crate::fixtures::published_statistics::reference;
use humam_gpu::analysis::{RunFolder, analyse, ks_distance_to_quantiles};

/// Largest Kolmogorov-Smirnov distance of the rates to the published ones: more than two snippets of
/// 2 s of the same simulation have, less than the experiment's rates are away.
const RATE_DISTANCE: f64 = 0.1;
/// Least correlation of the populations' rates with theory.
const THEORY_CORRELATION: f64 = 0.99;

fn columns(file: &std::path::Path, names: [&str; 2]) -> [Vec<f64>; 2] {
    let mut reader = csv::Reader::from_path(file).expect("a table");
    let headers = reader.headers().expect("a header").clone();
    let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
    names.map(|name| {
        let at = headers.iter().position(|header| header == name).expect("a column");
        rows.iter().map(|row| row[at].parse().expect("a number")).collect()
    })
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let product = |x: &[f64], mx: f64, y: &[f64], my: f64| {
        x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>()
    };
    product(a, mean_a, b, mean_b) / (product(a, mean_a, a, mean_a) * product(b, mean_b, b, mean_b)).sqrt()
}

#[test]
#[ignore = "eight minutes and 4 GB on two cores; run it with \
            `cargo test --release --test output full_scale -- --ignored --nocapture`"]
fn the_full_model_fires_as_published_and_as_theory_predicts() {
    let workplace = Workplace::new();
    let run = workplace.folder_of("run full_scale --engine cpu --quiet --duration-ms 4500");
    let analysis = analyse(RunFolder::open(&run, &[]).expect("a run")).expect("statistics");

    let spiking = analysis.experiment.spiking.expect("a snippet from 2500 to 4500 ms");
    let [level, published] =
        columns(&reference("pronold_2024/fullscale_quantiles.csv"), ["quantile", "sim_rates_groundstate"]);
    let distance = |level: &[f64], values: &[f64]| {
        ks_distance_to_quantiles(&spiking.simulated.rate_hz, level, values).expect("rates")
    };
    let to_published = distance(&level, &published);
    let to_measured = distance(&spiking.measured.quantile, &spiking.measured.rate_hz);
    println!("distance of rates to published {to_published:.4}, to measured {to_measured:.4}");
    assert!(to_published < RATE_DISTANCE);
    assert!(to_measured > RATE_DISTANCE);

    let [simulated, theory] = columns(&run.join("rates.csv"), ["rate_hz", "theory_rate_hz"]);
    println!("correlation with theory {:.4}", correlation(&simulated, &theory));
    assert!(correlation(&simulated, &theory) > THEORY_CORRELATION);
}
