//! Listed synapses have the degrees and the distributions that NEST documents for their rules.

use super::*;
use std::collections::HashSet;

/// Standard deviations that a statistic of these tests may be off: one in 10⁵ is, by chance.
const Z_CRITICAL: f64 = 4.4;

fn pairs(rule: ListedRule, seed: u64, sizes: (u32, u32), recurrent: bool, synapses: u64) -> Vec<(u32, u32)> {
    let rows = ListedRows::new(&rule, (seed, 3), sizes, recurrent, synapses);
    let mut pairs = Vec::new();
    for (source, count) in (0..).zip(rows.counts()) {
        pairs.extend((0..count).map(|index| (source, rows.target(source, index))));
    }
    assert_eq!(pairs.len() as u64, rows.n_synapses());
    assert!(pairs.iter().all(|&(source, target)| source < sizes.0 && target < sizes.1));
    assert_eq!(pairs, {
        let again = ListedRows::new(&rule, (seed, 3), sizes, recurrent, synapses);
        assert_eq!(again, rows);
        pairs.clone()
    });
    pairs
}

fn degrees(of: impl Iterator<Item = u32>, n: u32) -> Vec<u32> {
    let mut degrees = vec![0; n as usize];
    of.for_each(|neuron| degrees[neuron as usize] += 1);
    degrees
}

fn has_autapses(pairs: &[(u32, u32)]) -> bool {
    pairs.iter().any(|(source, target)| source == target)
}

fn has_multapses(pairs: &[(u32, u32)]) -> bool {
    pairs.iter().collect::<HashSet<_>>().len() < pairs.len()
}

/// How far a sum of squares is from what equal chances give, in standard deviations: χ² of `counts` about `expected`,
/// with the variance of a count relative to its mean.
fn deviation(counts: &[u32], expected: f64, variance: f64) -> f64 {
    let square = |count: &u32| (f64::from(*count) - expected) * (f64::from(*count) - expected) / variance;
    let chi2: f64 = counts.iter().map(square).sum();
    let n = counts.len() as f64;
    (chi2 - n) / (2.0 * n).sqrt()
}

#[test]
fn fixed_degrees_are_exact_and_partners_uniform_with_and_without_autapses_and_multapses() {
    let n = 200;
    for (autapses, multapses) in [(true, true), (true, false), (false, true), (false, false)] {
        let incoming = ListedRule::FixedIndegree { in_degree: 50, autapses, multapses };
        let outgoing = ListedRule::FixedOutdegree { out_degree: 50, autapses, multapses };
        for (rule, is_incoming) in [(incoming, true), (outgoing, false)] {
            let pairs = pairs(rule, 1, (n, n), true, 0);
            let of_target = degrees(pairs.iter().map(|pair| pair.1), n);
            let of_source = degrees(pairs.iter().map(|pair| pair.0), n);
            let (exact, drawn) = if is_incoming { (of_target, of_source) } else { (of_source, of_target) };
            assert!(exact.iter().all(|&degree| degree == 50), "{rule:?}");
            assert_eq!((has_autapses(&pairs), has_multapses(&pairs)), (autapses, multapses), "{rule:?}");
            // Binomial of 200 · 50 draws, or hypergeometric: each of 200 neurons draws this one or not.
            let p = 50.0 / f64::from(n);
            let variance = if multapses { 50.0 * (1.0 - 1.0 / f64::from(n)) } else { 50.0 * (1.0 - p) };
            let z = deviation(&drawn, 50.0, variance);
            assert!(z.abs() < Z_CRITICAL, "{rule:?}: {z}");
            assert!(drawn.iter().any(|&degree| degree != 50), "{rule:?}");
        }
    }
}

#[test]
fn every_partner_is_as_likely_as_any_other() {
    // Which of 12 others the 4 partners of a neuron are: 13 neurons, 3000 seeds.
    for multapses in [true, false] {
        let rule = ListedRule::FixedOutdegree { out_degree: 4, autapses: false, multapses };
        let mut hits = vec![0; 12];
        for (source, target) in (0..3000).flat_map(|seed| pairs(rule, seed, (13, 13), true, 0)) {
            hits[(target - u32::from(target > source)) as usize] += 1;
        }
        let (mean, p) = (13_000.0, if multapses { 1.0 / 12.0 } else { 1.0 / 3.0 });
        let z = deviation(&hits, mean, mean * (1.0 - p));
        assert!(z.abs() < Z_CRITICAL, "{z} {hits:?}");
    }
}

#[test]
fn pairs_are_connected_with_their_probability_and_independently() {
    let (sources, targets) = (300, 400);
    for p in [0.003, 0.1, 0.7] {
        let rule = ListedRule::PairwiseBernoulli { p, autapses: true };
        let pairs = pairs(rule, 2, (sources, targets), false, 0);
        assert!(!has_multapses(&pairs));
        let n = f64::from(sources * targets);
        let z = (pairs.len() as f64 - n * p) / (n * p * (1.0 - p)).sqrt();
        assert!(z.abs() < Z_CRITICAL, "{p}: {z}");
        for (degrees, partners) in [
            (degrees(pairs.iter().map(|pair| pair.0), sources), targets),
            (degrees(pairs.iter().map(|pair| pair.1), targets), sources),
        ] {
            let mean = f64::from(partners) * p;
            let z = deviation(&degrees, mean, mean * (1.0 - p));
            assert!(z.abs() < Z_CRITICAL, "{p}: {z}");
        }
    }
    let count = |p, autapses| pairs(ListedRule::PairwiseBernoulli { p, autapses }, 1, (9, 9), true, 0).len();
    assert_eq!((count(1.0, true), count(1.0, false), count(0.0, true)), (81, 72, 0));
}

#[test]
fn all_to_all_one_to_one_and_total_numbers_are_what_they_say() {
    let all = |autapses| pairs(ListedRule::AllToAll { autapses }, 1, (7, 7), true, 0);
    assert_eq!((all(true).len(), all(false).len()), (49, 42));
    assert!(has_autapses(&all(true)) && !has_autapses(&all(false)) && !has_multapses(&all(true)));
    let between = pairs(ListedRule::AllToAll { autapses: false }, 1, (3, 5), false, 0);
    assert_eq!(between.len(), 15);
    let one = pairs(ListedRule::OneToOne, 1, (6, 6), false, 0);
    assert_eq!(one, (0..6).map(|neuron| (neuron, neuron)).collect::<Vec<_>>());
    let total = pairs(ListedRule::FixedTotalNumber, 1, (50, 50), true, 10_000);
    assert!(total.len() == 10_000 && !has_autapses(&total) && has_multapses(&total));
    for end in [0, 1] {
        let degrees = degrees(total.iter().map(|pair| if end == 0 { pair.0 } else { pair.1 }), 50);
        let z = deviation(&degrees, 200.0, 200.0 * (1.0 - 0.02));
        assert!(z.abs() < Z_CRITICAL, "{z}");
    }
}

#[test]
fn another_seed_or_projection_has_other_synapses() {
    let rule = ListedRule::FixedOutdegree { out_degree: 5, autapses: true, multapses: true };
    let rows = |seed, index| ListedRows::new(&rule, (seed, index), (20, 20), false, 0);
    assert_ne!(rows(1, 0), rows(2, 0));
    assert_ne!(rows(1, 0), rows(1, 1));
}
