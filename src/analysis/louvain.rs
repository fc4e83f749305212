//! Communities of a weighted graph by the Louvain method (Blondel et al. 2008,
//! doi:10.1088/1742-5468/2008/10/P10008).
//!
//! Maximises the modularity Q = Σ_c (w_c/2m − r (k_c/2m)²), with the weight w_c within community c
//! (both directions), the strength k_c of its nodes, the weight 2m of all edges (both directions) and
//! the resolution r (Reichardt & Bornholdt 2006, doi:10.1103/PhysRevE.74.016110).

use super::{Absence, Known};
use crate::engine::rng::{threefry, uniform_below};
use ndarray::Array2;

/// A move counts where it raises modularity by more than this: rounding must not move nodes for ever.
const MIN_GAIN: f64 = 1e-12;

/// Communities of areas.
#[derive(Debug, Clone, PartialEq)]
pub struct Communities {
    /// Community of each area, numbered from 0 in the order of their first areas.
    pub of_area: Vec<usize>,
    /// Modularity Q of the partition.
    pub modularity: f64,
}

/// Communities of functional connectivity. Negative correlations and the diagonal count as no edge,
/// and so do areas without a signal, which are communities of their own.
///
/// # Errors
/// A matrix without a positive correlation.
pub fn communities(connectivity: &Array2<f64>, resolution: f64, seed: u64) -> Known<Communities> {
    let mut weights = connectivity.mapv(|r| if r > 0.0 { r } else { 0.0 });
    weights.diag_mut().fill(0.0);
    if weights.sum() <= 0.0 {
        return Err(Absence::NoPairOfAreas);
    }
    let of_area = louvain(&weights, resolution, seed);
    let modularity = modularity(&weights, &of_area, resolution);
    Ok(Communities { of_area, modularity })
}

/// Modularity of a partition of a symmetric graph.
pub fn modularity(weights: &Array2<f64>, community: &[usize], resolution: f64) -> f64 {
    let total = weights.sum();
    let n = community.iter().max().map_or(0, |max| max + 1);
    let (mut within, mut strength) = (vec![0.0; n], vec![0.0; n]);
    for ((a, b), weight) in weights.indexed_iter() {
        strength[community[a]] += weight;
        if community[a] == community[b] {
            within[community[a]] += weight;
        }
    }
    let squared = |x: f64| x * x;
    within.iter().zip(&strength).map(|(w, k)| w / total - resolution * squared(k / total)).sum()
}

/// Community of each node of a symmetric graph without negative weights.
///
/// 1. Nodes, in random order, move to the neighbouring community that raises modularity most, until
///    none does.
/// 2. Communities become nodes, and the search goes on among them, until nothing moves.
pub fn louvain(weights: &Array2<f64>, resolution: f64, seed: u64) -> Vec<usize> {
    let mut of_node: Vec<usize> = (0..weights.nrows()).collect();
    let mut graph = weights.clone();
    for level in 0u32.. {
        let Some(community) = moved(&graph, resolution, [seed as u32, (seed >> 32) as u32], level) else {
            break;
        };
        of_node.iter_mut().for_each(|node| *node = community[*node]);
        let n = community.iter().max().map_or(0, |max| max + 1);
        let mut merged = Array2::zeros((n, n));
        for ((a, b), weight) in graph.indexed_iter() {
            merged[[community[a], community[b]]] += weight;
        }
        graph = merged;
    }
    renumbered(&of_node)
}

/// One level: the community of each node, or `None` if no node moves.
fn moved(graph: &Array2<f64>, resolution: f64, key: [u32; 2], level: u32) -> Option<Vec<usize>> {
    let n = graph.nrows();
    let total = graph.sum();
    let strength: Vec<f64> = graph.rows().into_iter().map(|row| row.sum()).collect();
    let mut of_community = strength.clone();
    let mut community: Vec<usize> = (0..n).collect();
    let (mut any, mut order) = (false, (0..n).collect::<Vec<usize>>());
    for i in (1..n).rev() {
        order.swap(i, uniform_below(threefry(key, [level, i as u32])[0], i as u32 + 1) as usize);
    }
    loop {
        let mut moves = false;
        for &node in &order {
            let own = community[node];
            of_community[own] -= strength[node];
            let mut to = vec![0.0; n];
            let others = graph.row(node).into_iter().copied().enumerate().filter(|(other, _)| *other != node);
            others.for_each(|(other, weight)| to[community[other]] += weight);
            // Of the change of Q · total/2 what depends on the community.
            let gain = |c: usize| to[c] - resolution * strength[node] * of_community[c] / total;
            let mut best = own;
            for candidate in (0..n).filter(|&c| to[c] > 0.0) {
                if gain(candidate) > gain(best) + MIN_GAIN * total {
                    best = candidate;
                }
            }
            community[node] = best;
            of_community[best] += strength[node];
            moves |= best != own;
        }
        any |= moves;
        if !moves {
            break;
        }
    }
    any.then(|| renumbered(&community))
}

/// Communities numbered from 0 in the order in which they first appear.
fn renumbered(community: &[usize]) -> Vec<usize> {
    let mut seen: Vec<usize> = Vec::new();
    let number = |c: &usize| {
        seen.iter().position(|s| s == c).unwrap_or_else(|| {
            seen.push(*c);
            seen.len() - 1
        })
    };
    community.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// f64 sums in another order.
    const TOLERANCE: f64 = 1e-12;

    fn graph(n: usize, edges: &[(usize, usize)]) -> Array2<f64> {
        let mut weights = Array2::zeros((n, n));
        for &(a, b) in edges {
            weights[[a, b]] = 1.0;
            weights[[b, a]] = 1.0;
        }
        weights
    }

    fn ring_of_cliques() -> Array2<f64> {
        let mut edges = Vec::new();
        for clique in 0..10 {
            let first = 3 * clique;
            edges.extend([(first, first + 1), (first, first + 2), (first + 1, first + 2)]);
            edges.push((first + 2, (first + 3) % 30));
        }
        graph(30, &edges)
    }

    /// Zachary 1977 (doi:10.1086/jar.33.4.3629752), members from 0.
    const KARATE_CLUB: [(usize, usize); 78] = [
        (0, 1),
        (0, 2),
        (0, 3),
        (0, 4),
        (0, 5),
        (0, 6),
        (0, 7),
        (0, 8),
        (0, 10),
        (0, 11),
        (0, 12),
        (0, 13),
        (0, 17),
        (0, 19),
        (0, 21),
        (0, 31),
        (1, 2),
        (1, 3),
        (1, 7),
        (1, 13),
        (1, 17),
        (1, 19),
        (1, 21),
        (1, 30),
        (2, 3),
        (2, 7),
        (2, 8),
        (2, 9),
        (2, 13),
        (2, 27),
        (2, 28),
        (2, 32),
        (3, 7),
        (3, 12),
        (3, 13),
        (4, 6),
        (4, 10),
        (5, 6),
        (5, 10),
        (5, 16),
        (6, 16),
        (8, 30),
        (8, 32),
        (8, 33),
        (9, 33),
        (13, 33),
        (14, 32),
        (14, 33),
        (15, 32),
        (15, 33),
        (18, 32),
        (18, 33),
        (19, 33),
        (20, 32),
        (20, 33),
        (22, 32),
        (22, 33),
        (23, 25),
        (23, 27),
        (23, 29),
        (23, 32),
        (23, 33),
        (24, 25),
        (24, 27),
        (24, 31),
        (25, 31),
        (26, 29),
        (26, 33),
        (27, 33),
        (28, 31),
        (28, 33),
        (29, 32),
        (29, 33),
        (30, 32),
        (30, 33),
        (31, 32),
        (31, 33),
        (32, 33),
    ];

    #[test]
    fn the_karate_club_has_four_communities_of_the_published_modularity() {
        // The maximum is 0.4198 (Brandes et al. 2008, doi:10.1109/TKDE.2007.190689).
        let club = graph(34, &KARATE_CLUB);
        let best = (0..20).map(|seed| modularity(&club, &louvain(&club, 1.0, seed), 1.0)).fold(0.0, f64::max);
        assert!((best - 0.4198).abs() < 1e-4, "{best}");
    }

    #[test]
    fn two_cliques_are_two_communities_of_the_modularity_of_the_formula() {
        let cliques = graph(6, &[(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (2, 3)]);
        let found = louvain(&cliques, 1.0, 1);
        assert_eq!(found, [0, 0, 0, 1, 1, 1]);
        // Each has 6 of 14 directed edges within and half of the strength.
        assert!((modularity(&cliques, &found, 1.0) - (12.0 / 14.0 - 0.5)).abs() < TOLERANCE);
    }

    #[test]
    fn a_higher_resolution_gives_smaller_communities() {
        let ring = ring_of_cliques();
        let number = |resolution| louvain(&ring, resolution, 3).into_iter().max().map_or(0, |max| max + 1);
        assert!(number(0.2) < number(1.0) && number(1.0) <= number(3.0));
    }

    #[test]
    fn the_seed_decides_and_repeats() {
        let ring = ring_of_cliques();
        assert_eq!(louvain(&ring, 1.0, 5), louvain(&ring, 1.0, 5));
    }

    #[test]
    fn what_correlates_with_nothing_is_a_community_of_its_own() {
        let mut connectivity = Array2::from_elem((4, 4), f64::NAN);
        (connectivity[[0, 1]], connectivity[[1, 0]], connectivity[[2, 1]]) = (0.5, 0.5, -0.4);
        let found = communities(&connectivity, 1.0, 1).unwrap();
        assert_eq!(found.of_area, [0, 0, 1, 2]);
        assert!(communities(&Array2::eye(3), 1.0, 1).is_err());
    }
}
