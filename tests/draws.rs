//! Connectivity, weights, delays and initial states follow the distributions of the model.

#[path = "common/goodness_of_fit.rs"]
mod goodness_of_fit;

#[path = "common/mixed_network.rs"]
mod mixed_network;

use goodness_of_fit::*;
use humam_gpu::config::Arithmetic;
use humam_gpu::integer::{
    DriveBlock, FACTOR_BITS, FactorTable, IntegerNetwork, IntegerProjection, poisson_thresholds, scaled_draw,
    stepwise_count, stepwise_thresholds, stepwise_uniform,
};
use humam_gpu::network::{DelayDistribution, NetworkSpec};
use humam_gpu::rng::Bulk;
use humam_gpu::synapses::{Synapse, row_counts, synapse};
use mixed_network::*;

/// Moments of a table of 2¹² quantiles, which ends at z = ±3.67: a thousandth is what the model needs.
const MOMENT_TOLERANCE: f64 = 1e-3;
/// Two cells of a table: its quantiles lie at the middle of their cells.
const TABLE_DISTANCE: f64 = 2.0 / 4096.0;

fn histogram(values: impl Iterator<Item = u32>, cells: u32) -> Vec<u32> {
    let mut counts = vec![0; cells as usize];
    values.for_each(|v| counts[v as usize] += 1);
    counts
}

#[test]
fn a_projection_has_exactly_its_number_of_synapses() {
    for seed in 1..4 {
        let network = network(seed);
        for (index, projection) in spec().projections.iter().enumerate() {
            assert_eq!(synapses(&network, index).len() as u64, projection.synapses);
        }
    }
}

#[test]
fn sources_are_drawn_uniformly_and_independently() {
    let network = network(1);
    let counts = |index: usize| row_counts(&network.projections[index], 300, Bulk::widest());
    assert!(is_uniform(&counts(DENSE)));
    assert!(is_uniform(&counts(INHIBITORY)));
    // Rows of equal length, as a fixed out-degree has them, are too regular.
    assert!(!is_uniform(&vec![333; 300]));
    let mut one_source_more_often = counts(DENSE);
    one_source_more_often[7] *= 2;
    assert!(!is_uniform(&one_source_more_often));
}

#[test]
fn targets_are_drawn_uniformly_and_independently_of_the_source() {
    let network = network(1);
    let dense = synapses(&network, DENSE);
    assert!(is_uniform(&histogram(dense.iter().map(|(_, s)| s.target), 300)));
    // A table of 30 × 30 groups of sources and targets.
    let cell = |source: u32, target: u32| source / 10 * 30 + target / 10;
    assert!(is_uniform(&histogram(dense.iter().map(|(source, s)| cell(*source, s.target)), 900)));
    // Targets that follow the source are uniform by themselves, not together with it.
    let following = |source: u32, s: &Synapse| (source + s.target % 200) % 300;
    assert!(!is_uniform(&histogram(dense.iter().map(|(j, s)| cell(*j, following(*j, s))), 900)));
    assert!(!is_uniform(&histogram(dense.iter().map(|(_, s)| s.target / 2), 300)));
}

/// What each of the table's entries makes of `scaled_mean`.
fn draws_of_table(table: &FactorTable, scaled_mean: u32) -> Vec<f64> {
    table.entries().iter().map(|&factor| f64::from(scaled_draw(scaled_mean, factor))).collect()
}

fn weights_of_table(network: &IntegerNetwork, projection: &IntegerProjection) -> Vec<f64> {
    draws_of_table(&network.tables[projection.weight_table], projection.scaled_weight)
}

#[test]
fn weights_follow_their_table() {
    let network = network(1);
    for index in [DENSE, INHIBITORY] {
        let projection = &network.projections[index];
        let drawn = synapses(&network, index);
        assert!(drawn.iter().all(|(_, s)| (s.weight < 0) == projection.inhibitory && s.weight != 0));
        let mut weights: Vec<f64> = drawn.iter().map(|(_, s)| f64::from(s.weight.abs())).collect();
        let critical = ks_critical(weights.len());
        assert!(ks_distance(&mut weights, &mut weights_of_table(&network, projection)) < critical);
        // Against a table with a tenth more spread.
        let wider = FactorTable::clipped_normal(0.11);
        let mut wider = draws_of_table(&wider, projection.scaled_weight);
        assert!(ks_distance(&mut weights, &mut wider) > critical);
    }
}

/// Counts of delays from a step up, and their expectation where the delays follow `table`, with
/// the delays of fewer than 5 expected in one cell.
fn delay_counts(delays: &[u32], table: &FactorTable, scaled_delay: u32) -> (Vec<f64>, Vec<f64>) {
    let of_table: Vec<u32> =
        table.entries().iter().map(|&factor| scaled_draw(scaled_delay, factor).max(1)).collect();
    let n_cells = 1 + *of_table.iter().chain(delays).max().expect("delays");
    let scale = delays.len() as f64 / of_table.len() as f64;
    let observed = histogram(delays.iter().copied(), n_cells);
    let expected = histogram(of_table.into_iter(), n_cells);
    let (mut cells, mut rare) = ((Vec::new(), Vec::new()), (0.0, 0.0));
    for (o, e) in observed.into_iter().map(f64::from).zip(expected.into_iter().map(|e| f64::from(e) * scale))
    {
        if e >= 5.0 {
            cells.0.push(o);
            cells.1.push(e);
        } else {
            rare = (rare.0 + o, rare.1 + e);
        }
    }
    if rare.1 >= 5.0 {
        cells.0.push(rare.0);
        cells.1.push(rare.1);
    }
    cells
}

#[test]
fn delays_follow_their_table() {
    let network = network(1);
    for (index, other) in [(DENSE, DelayDistribution::Normal), (INHIBITORY, DelayDistribution::Lognormal)] {
        let projection = &network.projections[index];
        let delays: Vec<u32> = synapses(&network, index).iter().map(|(_, s)| s.delay).collect();
        let follow = |table: &FactorTable| {
            let (observed, expected) = delay_counts(&delays, table, projection.scaled_delay);
            is_chi_square(chi_square(&observed, &expected), observed.len() - 1)
        };
        assert!(follow(&network.tables[projection.delay_table]));
        assert!(!follow(&FactorTable::delay(other, 0.5, 0.0)));
        assert!(!follow(&FactorTable::delay(spec().projections[index].delay.distribution, 0.48, 0.0)));
    }
}

#[test]
fn a_delay_is_at_least_one_step() {
    let network = network(1);
    let delays: Vec<u32> = synapses(&network, FAST).iter().map(|(_, s)| s.delay).collect();
    let (shortest, longest) = (delays.iter().min(), delays.iter().max());
    assert_eq!(shortest, Some(&1));
    assert!(longest > Some(&1), "the mean of 0.7 steps has a tail above 1.5");
    let projection = &network.projections[FAST];
    let entries = network.tables[projection.delay_table].entries();
    assert!(
        entries.iter().any(|&factor| scaled_draw(projection.scaled_delay, factor) == 0),
        "some are clipped"
    );
}

/// Mean and standard deviation, divided by n.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt())
}

fn assert_moments(values: &[f64], mean: f64, sd: f64) {
    let (measured_mean, measured_sd) = moments(values);
    assert!((measured_mean / mean - 1.0).abs() < MOMENT_TOLERANCE, "mean {measured_mean} for {mean}");
    assert!((measured_sd / sd - 1.0).abs() < MOMENT_TOLERANCE, "sd {measured_sd} for {sd}");
}

#[test]
fn weights_have_the_mean_and_sd_of_the_model() {
    let network = network(1);
    for (projection, specified) in network.projections.iter().zip(spec().projections) {
        let unit_pa = network.formats.current_pa(1 << network.formats.arrival_shift(), 220.0);
        let weights_pa: Vec<f64> =
            weights_of_table(&network, projection).iter().map(|w| w * unit_pa).collect();
        let mean_pa = specified.weight_pa.abs();
        assert_moments(&weights_pa, mean_pa, 0.1 * mean_pa);
        assert_eq!(projection.inhibitory, specified.weight_pa < 0.0);
    }
}

#[test]
fn delays_have_the_mean_and_sd_of_the_model() {
    // Against a mean of a million steps, as rounding to steps would add its own variance.
    let delays = |shape| draws_of_table(&FactorTable::delay(shape, 0.5, 0.0), 1_000_000 << 6);
    assert_moments(&delays(DelayDistribution::Lognormal), 1e6, 0.5e6);
    // The clip at 0 adds σ (φ(2) − 2 Φ(−2)) = 0.00425 of the mean to a normal distribution.
    assert!((moments(&delays(DelayDistribution::Normal)).0 / 1e6 - 1.00425).abs() < MOMENT_TOLERANCE);
}

/// Standard normal distribution function.
fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// Largest distance between a table's distribution function and `cdf`, which starts above 0.
fn table_distance(table: &FactorTable, cdf: impl Fn(f64) -> f64) -> f64 {
    let unit = (1u64 << FACTOR_BITS) as f64;
    let n = table.entries().len() as f64;
    let distance = |(k, &entry): (usize, &u32)| (cdf(f64::from(entry) / unit) - (k as f64 + 0.5) / n).abs();
    table.entries().iter().enumerate().filter(|(_, e)| **e > 0).map(distance).fold(0.0, f64::max)
}

#[test]
fn tables_are_the_distributions_of_the_model() {
    let weight = FactorTable::clipped_normal(0.1);
    assert!(table_distance(&weight, |x| normal_cdf((x - 1.0) / 0.1)) < TABLE_DISTANCE);
    assert!(table_distance(&weight, |x| normal_cdf((x - 1.0) / 0.101)) > TABLE_DISTANCE);
    let delay = FactorTable::delay(DelayDistribution::Lognormal, 0.5, 0.0);
    // Lognormal with mean 1 and sd s: ln x has variance ln(1 + s²) and mean −variance/2.
    let lognormal = |s: f64, x: f64| {
        let variance = (1.0 + s * s).ln();
        normal_cdf((x.ln() + variance / 2.0) / variance.sqrt())
    };
    assert!(table_distance(&delay, |x| lognormal(0.5, x)) < TABLE_DISTANCE);
    assert!(table_distance(&delay, |x| lognormal(0.505, x)) > TABLE_DISTANCE);
}

/// A spec of one population, large enough to test what is drawn once a neuron.
fn many_neurons() -> IntegerNetwork {
    let spec = NetworkSpec::new(vec![population(0, 20_000)], Vec::new());
    IntegerNetwork::new(&spec, DT_MS, 5, &Arithmetic::default()).expect("a network that fits")
}

#[test]
fn initial_potentials_and_external_weights_follow_the_model() {
    let network = many_neurons();
    let formats = network.formats;
    let mut initial_mv: Vec<f64> = network.initial_v_m.iter().map(|&v| formats.v_m_mv(v) - 70.0).collect();
    let weight_pa = |&weight: &i32| formats.current_pa(weight << formats.arrival_shift(), 220.0);
    let mut weights_pa: Vec<f64> = network.drive_weights.iter().map(weight_pa).collect();
    assert!(are_uncorrelated(&initial_mv, &weights_pa));

    let critical = ks_critical(initial_mv.len());
    let normal = |mean: f64, sd: f64| -> Vec<f64> {
        FactorTable::normal_quantile_table().iter().map(|z| mean + sd * z).collect()
    };
    assert!(ks_distance(&mut initial_mv, &mut normal(-150.0, 50.0)) < critical);
    assert!(ks_distance(&mut initial_mv, &mut normal(-153.0, 50.0)) > critical);
    assert!(ks_distance(&mut weights_pa, &mut normal(800.0, 80.0)) < critical);
    assert!(ks_distance(&mut weights_pa, &mut normal(800.0, 75.0)) > critical);
}

#[test]
fn streams_are_independent() {
    // The last two projections are alike but for their index.
    let n = spec().projections.len();
    let (one, other) = (network(1), network(2));
    let series = |network: &IntegerNetwork, projection: usize, seen: fn(&Synapse) -> f64| -> Vec<f64> {
        let targets = network.populations[SMALL].neurons;
        let of = |source: u32| {
            (0..20).map(move |index| {
                seen(&synapse(&network.projections[projection], &network.tables, targets, source, index, 0))
            })
        };
        (0..300).flat_map(of).collect()
    };
    let seen: [fn(&Synapse) -> f64; 3] =
        [|s| f64::from(s.target), |s| f64::from(s.weight), |s| f64::from(s.delay)];
    for (i, a) in seen.iter().enumerate() {
        let first = series(&one, n - 1, *a);
        assert!(are_uncorrelated(&first[1..], &first[..first.len() - 1]), "synapses of a row");
        assert!(are_uncorrelated(&first[20..], &first[..first.len() - 20]), "neighbouring sources");
        for b in seen {
            assert!(are_uncorrelated(&first, &series(&one, n - 2, b)), "projections");
            assert!(are_uncorrelated(&first, &series(&other, n - 1, b)), "seeds");
        }
        for b in &seen[i + 1..] {
            assert!(are_uncorrelated(&first, &series(&one, n - 1, *b)), "target, weight and delay");
        }
        assert!(!are_uncorrelated(&first, &series(&one, n - 1, *a)), "a series with itself");
    }
    let sources = |network: &IntegerNetwork, p: usize| -> Vec<f64> {
        row_counts(&network.projections[p], 300, Bulk::widest()).into_iter().map(f64::from).collect()
    };
    assert!(are_uncorrelated(&sources(&one, n - 1), &sources(&one, n - 2)));
    assert!(are_uncorrelated(&sources(&one, n - 1), &sources(&other, n - 1)));
    assert!(!are_uncorrelated(&sources(&one, n - 1), &sources(&network(1), n - 1)));
}

/// External spikes of a neuron in a step, where they are drawn step by step with that mean.
fn stepwise(network: &IntegerNetwork, thresholds: &[u16], neuron: u32, step: u32) -> f64 {
    f64::from(stepwise_count(stepwise_uniform(network.stepwise_key, neuron, step), thresholds))
}

/// External spikes of a neuron in a block, where they are drawn a block at a time.
fn in_block(network: &IntegerNetwork, thresholds: &[u32], neuron: u32, block: u32) -> f64 {
    DriveBlock::new(network.drive_key, neuron, block, thresholds).count() as f64
}

#[test]
fn external_spikes_come_at_the_rate_of_the_drive() {
    let network = many_neurons();
    // 20 million external synapses of 9 spikes/s, for a block of 6.4 ms.
    let expected = 20e6 * 9.0 * 6.4e-3;
    let thresholds = network.populations[0].drive.step_thresholds();
    let neurons = 0..20_000;
    let of_neuron = |n| (1..=64).map(|step| stepwise(&network, thresholds, n, step)).sum::<f64>();
    let stepwise_spikes: f64 = neurons.clone().map(of_neuron).sum();
    let thresholds = poisson_thresholds(0.9 * 64.0);
    let block_spikes: f64 = neurons.map(|n| in_block(&network, &thresholds, n, 0)).sum();
    for n_spikes in [stepwise_spikes, block_spikes] {
        assert!((n_spikes - expected).abs() < Z_CRITICAL * expected.sqrt());
        assert!((n_spikes - 1.01 * expected).abs() > Z_CRITICAL * expected.sqrt());
    }
}

#[test]
fn external_spikes_of_neurons_and_times_are_independent() {
    let network = many_neurons();
    let (of_blocks, of_steps) = (poisson_thresholds(3.0), stepwise_thresholds(3.0));
    let in_blocks = |block: u32| -> Vec<f64> {
        (0..20_000).map(|neuron| in_block(&network, &of_blocks, neuron, block)).collect()
    };
    let in_steps = |step: u32| -> Vec<f64> {
        (0..20_000).map(|neuron| stepwise(&network, &of_steps, neuron, step)).collect()
    };
    for [first, second] in [[in_blocks(0), in_blocks(1)], [in_steps(1), in_steps(2)]] {
        assert!(are_uncorrelated(&first, &second));
        assert!(are_uncorrelated(&first[1..], &first[..first.len() - 1]));
        assert!(are_uncorrelated(&first[4..], &first[..first.len() - 4]));
        assert!(!are_uncorrelated(&first, &first));
    }
}
