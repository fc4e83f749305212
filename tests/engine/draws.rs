//! Connectivity, weights, delays and initial states follow the distributions of the model.

use crate::fixtures::goodness_of_fit::*;
use crate::fixtures::mixed_network::*;
use humam_gpu::engine::fixed_point::{
    Arithmetic, DELAY_FRACTION_BITS, DriveBlock, EvenTargets, FactorTable, IntegerNetwork, IntegerProjection,
    NormalQuantiles, UNIFORM_BITS, poisson_thresholds, scaled_draw, stepwise_count, stepwise_thresholds,
    stepwise_uniform,
};
use humam_gpu::engine::rng::{Bulk, threefry};
use humam_gpu::engine::synapses::{Synapse, row_counts, synapse};
use humam_gpu::model::network::{DelayDistribution, NetworkSpec};

/// What lies beyond the last quantile, at z = ±5.17, is lost: a thousandth is what the model needs.
const MOMENT_TOLERANCE: f64 = 1e-3;
/// Rounding of a table's values to 2⁻²⁰ of 2 or 16, and what straight lines between them leave of a
/// distribution function.
const TABLE_DISTANCE: f64 = 2e-5;

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

/// 4096 of a table's quantiles at equal distances of their probability.
fn some_quantiles(table: &FactorTable) -> impl Iterator<Item = u32> {
    table.quantiles().skip(512).step_by(1024)
}

/// Magnitudes of weights of `projection` at quantiles of `table`.
fn weights_of_table(table: &FactorTable, projection: &IntegerProjection) -> Vec<f64> {
    some_quantiles(table).map(|factor| f64::from(projection.magnitude(factor))).collect()
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
        let mut of_table = weights_of_table(&network.tables[projection.weight_table], projection);
        assert!(ks_distance(&mut weights, &mut of_table) < critical);
        // Against a table with a tenth more spread.
        let mut wider = weights_of_table(&FactorTable::clipped_normal(0.11), projection);
        assert!(ks_distance(&mut weights, &mut wider) > critical);
    }
}

/// Counts of delays from a step up, and their expectation where the delays follow `table`, with
/// the delays of fewer than 5 expected in one cell.
fn delay_counts(delays: &[u32], table: &FactorTable, mean_steps: f64) -> (Vec<f64>, Vec<f64>) {
    let scaled = table.scaled_mean(mean_steps, DELAY_FRACTION_BITS).expect("a mean that fits");
    let draw = |factor| scaled_draw(scaled, factor, DELAY_FRACTION_BITS).max(1);
    let of_table: Vec<u32> = table.quantiles().map(draw).collect();
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
            let mean_steps = spec().projections[index].delay.mean_ms / DT_MS;
            let (observed, expected) = delay_counts(&delays, table, mean_steps);
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
    let least = network.tables[projection.delay_table].least();
    assert_eq!(scaled_draw(projection.scaled_delay, least, DELAY_FRACTION_BITS), 0, "some are clipped");
}

/// Target neurons of the tests of exact in-degrees.
const TARGETS: u32 = 1000;

/// In-degrees of the neurons of a projection of that index and number of synapses.
fn even_in_degrees(seed: u64, index: u32, synapses: u32) -> Vec<u32> {
    let even = EvenTargets::new(seed, index, synapses, TARGETS);
    histogram((0..synapses).map(|place| even.target(place)), TARGETS)
}

#[test]
fn even_in_degrees_keep_the_number_of_synapses_and_differ_by_at_most_one() {
    for synapses in [1, 23, 999, 1000, 1001, 7000, 7345, 100_999] {
        let in_degrees = even_in_degrees(1, 0, synapses);
        let least = synapses / TARGETS;
        assert_eq!(in_degrees.iter().sum::<u32>(), synapses);
        assert!(in_degrees.iter().all(|&k| k == least || k == least + 1), "{synapses} synapses");
        let more = in_degrees.iter().filter(|&&k| k > least).count() as u32;
        assert_eq!(more, synapses % TARGETS);
    }
}

#[test]
fn which_neurons_have_one_synapse_more_is_drawn_for_each_projection_and_seed() {
    let synapses = 2345;
    let more = |seed, index| -> Vec<f64> {
        even_in_degrees(seed, index, synapses).into_iter().map(|k| f64::from(k - 2)).collect()
    };
    let one = more(1, 0);
    assert!(are_uncorrelated(&one, &more(1, 1)), "projections");
    assert!(are_uncorrelated(&one, &more(2, 0)), "seeds");
    assert!(are_uncorrelated(&one[1..], &one[..one.len() - 1]), "neighbours");
    let first: Vec<f64> = (0..TARGETS).map(|neuron| f64::from(u32::from(neuron < 345))).collect();
    assert!(!are_uncorrelated(&first[1..], &first[..first.len() - 1]), "those of the first neurons");

    // Over many projections each neuron has as many of them as by chance: z² of a binomial number, which
    // add up to χ², less one degree of freedom for their total.
    let (projections, p) = (400, 0.345);
    let mut sums = vec![0.0; TARGETS as usize];
    for index in 0..projections {
        sums.iter_mut().zip(more(1, index)).for_each(|(sum, more)| *sum += more);
    }
    let n = f64::from(projections);
    let statistic: f64 = sums.iter().map(|sum| (sum - n * p).powi(2) / (n * p * (1.0 - p))).sum();
    assert!(is_chi_square(statistic, sums.len() - 1), "{statistic}");
    assert!(are_uncorrelated(&sums[1..], &sums[..sums.len() - 1]));
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
        let quantiles = network.tables[projection.weight_table].quantiles();
        let weights_pa: Vec<f64> =
            quantiles.map(|factor| f64::from(projection.magnitude(factor)) * unit_pa).collect();
        let mean_pa = specified.weight_pa.abs();
        assert_moments(&weights_pa, mean_pa, 0.1 * mean_pa);
        assert_eq!(projection.inhibitory, specified.weight_pa < 0.0);
    }
}

#[test]
fn delays_have_the_mean_and_sd_of_the_model() {
    // In units of the mean, as rounding to steps would add its own variance.
    let delays = |shape| {
        let table = FactorTable::delay(shape, 0.5, 0.0);
        table.quantiles().map(|q| table.factor(q)).collect::<Vec<f64>>()
    };
    assert_moments(&delays(DelayDistribution::Lognormal), 1.0, 0.5);
    // The clip at 0 adds σ (φ(2) − 2 Φ(−2)) = 0.00425 of the mean to a normal distribution.
    assert!((moments(&delays(DelayDistribution::Normal)).0 - 1.00425).abs() < MOMENT_TOLERANCE);
}

/// Standard normal distribution function.
fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// Largest distance between a table's distribution function and `cdf`, which starts above 0.
fn table_distance(table: &FactorTable, cdf: impl Fn(f64) -> f64) -> f64 {
    let n = f64::from(1u32 << UNIFORM_BITS);
    let distance = |(k, q): (u32, u32)| (cdf(table.factor(q)) - (f64::from(k) + 0.5) / n).abs();
    (0..).zip(table.quantiles()).filter(|(_, q)| *q > 0).map(distance).fold(0.0, f64::max)
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

/// Synapses of each projection in the tests of tails.
const MANY: u32 = 10_000_000;
/// Fewest synapses expected in a cell; those of rarer values are one cell.
const MIN_EXPECTED: f64 = 25.0;
/// How far the count of a cell may lie from its expectation, in standard deviations of a Poisson number. Such
/// counts are further away with a chance of 6e-7 (6e-6 for one of 25), of which there are up to 900.
const MAX_DEVIATIONS: f64 = 5.0;

/// A projection alone, and many of its synapses, onto as many neurons as the model's largest population has.
fn many_synapses(weight_pa: f64, mean_ms: f64) -> (IntegerNetwork, Vec<Synapse>) {
    let (targets, rows) = (93_694, 10_000);
    let projections = vec![projection(0, 0, 1, weight_pa, mean_ms)];
    let spec = NetworkSpec::new(vec![population(0, 1)], projections);
    let network = IntegerNetwork::new(&spec, DT_MS, 3, &Arithmetic::default()).expect("a network that fits");
    let row = |source| {
        let draw = |index| synapse(&network.projections[0], &network.tables, targets, source, index, 0);
        (0..MANY / rows).map(draw).collect::<Vec<_>>()
    };
    let synapses = (0..rows).flat_map(row).collect();
    (network, synapses)
}

/// Counts of values and their expectations, cell by cell, neighbours together until enough are expected:
/// `lower` has the probability of a value and all below it, `upper` of all above it.
fn cells(values: &[u32], lower: impl Fn(u32) -> f64, upper: impl Fn(u32) -> f64) -> Vec<[f64; 2]> {
    let counts = histogram(values.iter().copied(), 2 + values.iter().max().expect("values"));
    let n = values.len() as f64;
    let mut cells: Vec<[f64; 2]> = Vec::new();
    let mut rare = [0.0; 2];
    for (value, count) in (0u32..).zip(counts) {
        // Differences of the smaller tail, which keep their digits.
        let below = value.checked_sub(1);
        let probability = match below {
            None => lower(value),
            Some(below) if lower(value) < 0.5 => lower(value) - lower(below),
            Some(below) => upper(below) - upper(value),
        };
        rare = [rare[0] + f64::from(count), rare[1] + n * probability];
        if rare[1] >= MIN_EXPECTED {
            cells.push(std::mem::take(&mut rare));
        }
    }
    let last = cells.last_mut().expect("a cell");
    *last = [last[0] + rare[0], last[1] + rare[1]];
    cells
}

/// Whether counts are those of their expectations, together and each.
fn are_as_expected(cells: &[[f64; 2]]) -> bool {
    let (observed, expected): (Vec<f64>, Vec<f64>) = cells.iter().map(|&[o, e]| (o, e)).unzip();
    let is_near = |&[o, e]: &[f64; 2]| (o - e).abs() < MAX_DEVIATIONS * e.sqrt();
    is_chi_square(chi_square(&observed, &expected), cells.len() - 1) && cells.iter().all(is_near)
}

/// z of a delay of `steps` where they have a lognormal distribution of sd 0.5 of the mean.
fn lognormal_z(steps: f64, mean_steps: f64) -> f64 {
    let variance = 1.25f64.ln();
    ((steps / mean_steps).ln() + variance / 2.0) / variance.sqrt()
}

/// Cells of delays in steps against the lognormal distribution of that mean.
fn delay_cells(delays: &[u32], mean_steps: f64) -> Vec<[f64; 2]> {
    let z = |steps: u32| lognormal_z(f64::from(steps) + 0.5, mean_steps);
    // The shortest delay is one step.
    let lower = |steps: u32| if steps == 0 { 0.0 } else { normal_cdf(z(steps)) };
    cells(delays, lower, |steps| normal_cdf(-z(steps)))
}

/// Delays from 2¹² quantiles without anything between them.
fn delays_of_few_quantiles(mean_steps: f64) -> Vec<u32> {
    let (variance, z) = (1.25f64.ln(), NormalQuantiles::default());
    let factor = |k: u32| (variance.sqrt() * z.at((k << 20) | (1 << 19)) - variance / 2.0).exp();
    let delays: Vec<u32> = (0..1 << 12).map(|k| (factor(k) * mean_steps).round().max(1.0) as u32).collect();
    (0..MANY).map(|n| delays[(threefry([7, 8], [n, 0])[0] >> 20) as usize]).collect()
}

#[test]
fn every_delay_has_its_probability_among_ten_million_synapses_to_the_end_of_the_tail() {
    // Local inhibitory and excitatory synapses, and a long-range projection at the model's longest mean.
    for (weight_pa, mean_steps) in [(-2000.0, 7.5), (300.0, 15.0), (300.0, 382.7)] {
        let (_, synapses) = many_synapses(weight_pa, mean_steps * DT_MS);
        let delays: Vec<u32> = synapses.iter().map(|s| s.delay).collect();
        assert!(are_as_expected(&delay_cells(&delays, mean_steps)), "mean of {mean_steps} steps");
        assert!(!are_as_expected(&delay_cells(&delays, 1.005 * mean_steps)), "another mean");
        assert!(!are_as_expected(&delay_cells(&delays_of_few_quantiles(mean_steps), mean_steps)));
        let longest = delays.iter().max().map(|&d| lognormal_z(f64::from(d), mean_steps));
        assert!(longest > Some(4.8), "the longest of ten million lies at z = {longest:?}");
    }
}

#[test]
fn the_steps_that_few_quantiles_left_out_or_filled_have_their_counts() {
    let mean_steps = 7.5;
    let (_, synapses) = many_synapses(-2000.0, mean_steps * DT_MS);
    let delays: Vec<u32> = synapses.iter().map(|s| s.delay).collect();
    let deviation = |delays: &[u32], steps: u32| {
        let count = delays.iter().filter(|&&delay| delay == steps).count() as f64;
        let tail = |steps: f64| normal_cdf(-lognormal_z(steps, mean_steps));
        let expected = f64::from(MANY) * (tail(f64::from(steps) - 0.5) - tail(f64::from(steps) + 0.5));
        (count - expected) / expected.sqrt()
    };
    let of_few = delays_of_few_quantiles(mean_steps);
    for steps in 32..50 {
        assert!(deviation(&delays, steps).abs() < MAX_DEVIATIONS, "{steps} steps");
    }
    for steps in [32, 34, 35, 36, 37, 38, 39] {
        assert!(deviation(&of_few, steps).abs() > MAX_DEVIATIONS, "{steps} steps of few quantiles");
    }
}

/// Cells of weights against a normal distribution of that relative sd; a cell is `width` units of weight.
fn weight_cells(weights: &[u32], mean: f64, relative_sd: f64, width: u32) -> Vec<[f64; 2]> {
    let z = |cell: u32| (f64::from((cell + 1) * width) - 0.5 - mean) / (relative_sd * mean);
    let values: Vec<u32> = weights.iter().map(|weight| weight / width).collect();
    cells(&values, |cell| normal_cdf(z(cell)), |cell| normal_cdf(-z(cell)))
}

#[test]
fn every_weight_has_its_probability_among_ten_million_synapses_to_both_ends() {
    for weight_pa in [300.0, -2000.0] {
        let (network, synapses) = many_synapses(weight_pa, 1.5);
        let unit_pa = network.formats.weight_pa(1, 220.0);
        let mean = weight_pa.abs() / unit_pa;
        // A fiftieth of a standard deviation.
        let width = (0.002 * mean) as u32;
        assert!(width > 50, "rounding to {unit_pa} pA is far below a cell");
        let weights: Vec<u32> = synapses.iter().map(|s| s.weight.unsigned_abs()).collect();
        assert!(are_as_expected(&weight_cells(&weights, mean, 0.1, width)));
        assert!(!are_as_expected(&weight_cells(&weights, mean, 0.1005, width)), "another spread");
        let z = |weight: u32| (f64::from(weight) / mean - 1.0) / 0.1;
        let (least, greatest) = (weights.iter().min().map(|&w| z(w)), weights.iter().max().map(|&w| z(w)));
        assert!(least < Some(-4.8) && greatest > Some(4.8), "{least:?} to {greatest:?}");
        let few: Vec<u32> = {
            let quantiles = NormalQuantiles::default();
            let weight = |word: u32| mean * (1.0 + 0.1 * quantiles.at((word & 0xfff0_0000) | (1 << 19)));
            (0..MANY).map(|n| weight(threefry([7, 8], [n, 0])[0]).round() as u32).collect()
        };
        assert!(!are_as_expected(&weight_cells(&few, mean, 0.1, width)), "2¹² quantiles");
    }
}

#[test]
fn what_is_far_in_a_tail_says_nothing_about_the_target_or_the_other_draw() {
    let (_, synapses) = many_synapses(300.0, 15.0);
    let by_target = |chosen: &dyn Fn(&&Synapse) -> bool| {
        histogram(synapses.iter().filter(chosen).map(|s| s.target / 3124), 30)
    };
    let (mut weights, mut delays): (Vec<i32>, Vec<u32>) =
        synapses.iter().map(|s| (s.weight, s.delay)).unzip();
    weights.sort_unstable();
    delays.sort_unstable();
    // The outermost thousandth, 10,000 synapses.
    let (heavy, late) = (weights[weights.len() - 10_000], delays[delays.len() - 10_000]);
    assert!(is_uniform(&by_target(&|s| s.weight >= heavy)));
    assert!(is_uniform(&by_target(&|s| s.delay >= late)));
    assert!(!is_uniform(&by_target(&|s| s.weight >= heavy && s.target > 3124)));
    let both = synapses.iter().filter(|s| s.weight >= heavy && s.delay >= late).count() as f64;
    let of = |chosen: &dyn Fn(&&Synapse) -> bool| synapses.iter().filter(chosen).count() as f64;
    let expected = of(&|s| s.weight >= heavy) * of(&|s| s.delay >= late) / f64::from(MANY);
    assert!((both - expected).abs() < MAX_DEVIATIONS * expected.sqrt(), "{both} for {expected}");
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
    let quantiles = NormalQuantiles::default();
    let normal = |mean: f64, sd: f64| -> Vec<f64> {
        (0..1 << 12).map(|k: u32| mean + sd * quantiles.at((k << 20) | (1 << 19))).collect()
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
    f64::from(stepwise_count(
        stepwise_uniform(network.population_of(neuron).streams.step_key, neuron, step),
        thresholds,
    ))
}

/// External spikes of a neuron in a block, where they are drawn a block at a time.
fn in_block(network: &IntegerNetwork, thresholds: &[u32], neuron: u32, block: u32) -> f64 {
    DriveBlock::new(network.population_of(neuron).streams.block_key, neuron, block, thresholds).count() as f64
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
