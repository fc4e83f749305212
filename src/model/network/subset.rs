//! A part of a network, with Poisson input in place of what came from the rest.

use super::{NetworkSpec, PoissonDrive, Population};
use thiserror::Error;

/// Input that one spike train cannot replace.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SubsetError {
    /// A single weight has a single sign.
    #[error(
        "population '{population}' receives both excitatory and inhibitory input from what is left out, and one \
         Poisson train cannot stand for both: keep the inhibitory sources"
    )]
    BothSigns {
        /// The population.
        population: String,
    },
}

/// Sums over the trains that one neuron receives, with `weight_pa` their weights.
#[derive(Debug, Clone, Copy, Default)]
struct Input {
    synapses: u64,
    /// Σ w r, pA/s.
    mean: f64,
    /// Σ w² r, pA²/s.
    variance: f64,
    excitatory: bool,
    inhibitory: bool,
}

impl Input {
    /// Adds `synapses` onto `neurons` neurons, each active at `rate_hz`.
    fn add(&mut self, synapses: u64, neurons: u32, rate_hz: f64, weight_pa: f64) {
        let train_hz = synapses as f64 * rate_hz / f64::from(neurons);
        if train_hz * weight_pa == 0.0 {
            return;
        }
        self.synapses += synapses;
        self.mean += weight_pa * train_hz;
        self.variance += weight_pa * weight_pa * train_hz;
        self.excitatory |= weight_pa > 0.0;
        self.inhibitory |= weight_pa < 0.0;
    }
}

/// The populations of `full` that `keep` marks, and the projections between them.
///
/// With `rates_hz`, one for every population of `full`, the synapses from the others become Poisson
/// input at these rates. Trains of several weights w and rates r become one, whose
///
/// ```text
/// weight = Σ w² r / Σ w r          rate = (Σ w r)² / Σ w² r
/// ```
///
/// keep the mean and the variance of the input, and so all that diffusion theory knows of it; higher
/// moments are those of one weight instead of several. The weight spreads over neurons as much as the
/// mean input of the drive that was there did. That in-degrees from missing areas vary from neuron to
/// neuron, some 1/√K of them, and that weights vary from synapse to synapse, is left out.
///
/// Synapses that transmit with p_transmit bring that part of their sources' rates.
///
/// Random draws are keyed by the index of a projection, so synapses of the part are drawn anew.
///
/// # Errors
/// [`SubsetError`]
pub fn subset(
    full: &NetworkSpec,
    keep: &[bool],
    rates_hz: Option<&[f64]>,
) -> Result<NetworkSpec, SubsetError> {
    let is_kept = |population: usize| keep.get(population).copied().unwrap_or(false);
    let mut inputs: Vec<Input> = full.populations.iter().map(external).collect();
    for p in full.projections.iter().filter(|p| !is_kept(p.source)) {
        let rate_hz = rates_hz.and_then(|rates| rates.get(p.source)).copied().unwrap_or(0.0);
        let rate_hz = rate_hz * full.p_transmit;
        inputs[p.target].add(p.synapses, full.populations[p.target].neurons, rate_hz, p.weight_pa);
    }
    let mut index = vec![0; full.populations.len()];
    let lists = full.lists.clone();
    let mut network = NetworkSpec { populations: Vec::new(), projections: Vec::new(), lists, ..*full };
    for (old, population) in full.populations.iter().enumerate().filter(|(old, _)| is_kept(*old)) {
        index[old] = network.populations.len();
        network.populations.push(with_input(population, inputs[old])?);
    }
    let kept = full.projections.iter().filter(|p| is_kept(p.source) && is_kept(p.target));
    network.projections.extend(kept.map(|p| super::Projection {
        source: index[p.source],
        target: index[p.target],
        ..*p
    }));
    Ok(network)
}

/// What the population's own drive brings.
fn external(population: &Population) -> Input {
    let mut input = Input::default();
    if let Some(drive) = population.poisson.filter(|_| population.neurons > 0) {
        input.add(drive.synapses, population.neurons, drive.rate_hz, drive.weight_pa);
    }
    input
}

/// `population` with one train that stands for all of `input`; unchanged where nothing was added.
fn with_input(population: &Population, input: Input) -> Result<Population, SubsetError> {
    let own = external(population);
    if input.synapses == own.synapses || population.neurons == 0 {
        return Ok(population.clone());
    }
    if input.excitatory && input.inhibitory {
        return Err(SubsetError::BothSigns { population: population.name() });
    }
    let train_hz = input.mean * input.mean / input.variance;
    let relative_sd = population.poisson.map_or(0.0, |drive| drive.relative_sd) * own.mean / input.mean;
    let poisson = Some(PoissonDrive {
        synapses: input.synapses,
        rate_hz: train_hz * f64::from(population.neurons) / input.synapses as f64,
        weight_pa: input.variance / input.mean,
        relative_sd,
    });
    Ok(Population { poisson, ..population.clone() })
}

#[cfg(test)]
mod tests {
    use super::super::{Delay, DelayDistribution, LifParameters, Normal, Projection};
    use super::*;

    const NEURON: LifParameters = LifParameters {
        e_l_mv: -65.0,
        v_th_mv: -50.0,
        v_reset_mv: -65.0,
        c_m_pf: 250.0,
        tau_m_ms: 10.0,
        tau_syn_ex_ms: 0.5,
        tau_syn_in_ms: 0.5,
        t_ref_ms: 2.0,
    };

    fn population(name: &str, neurons: u32) -> Population {
        Population {
            initial_v_m_mv: Normal { mean: -65.0, sd: 1.0 },
            poisson: Some(PoissonDrive { synapses: 1000, rate_hz: 8.0, weight_pa: 80.0, relative_sd: 0.1 }),
            ..Population::new(name, neurons, NEURON)
        }
    }

    fn projection(source: usize, target: usize, weight_pa: f64) -> Projection {
        let distribution = DelayDistribution::Lognormal;
        let delay = Delay { mean_ms: 1.5, min_ms: 0.0, relative_sd: 0.5, distribution };
        Projection { rule: None, source, target, synapses: 500, weight_pa, weight_relative_sd: 0.1, delay }
    }

    fn network() -> NetworkSpec {
        NetworkSpec::new(
            ["a", "b", "c"].map(|name| population(name, 10)).to_vec(),
            vec![projection(2, 0, 160.0), projection(0, 2, 80.0), projection(1, 2, 200.0)],
        )
    }

    #[test]
    fn one_train_keeps_mean_and_variance_of_all() {
        let part = subset(&network(), &[false, false, true], Some(&[3.0, 5.0, 7.0])).unwrap();
        let drive = part.populations[0].poisson.unwrap();
        let train_hz = drive.rate_per_neuron_hz(10);
        let mean = 80.0 * 800.0 + 80.0 * 150.0 + 200.0 * 250.0;
        let variance = 6400.0 * 800.0 + 6400.0 * 150.0 + 40_000.0 * 250.0;
        assert!((drive.weight_pa * train_hz / mean - 1.0).abs() < 1e-12);
        assert!((drive.weight_pa * drive.weight_pa * train_hz / variance - 1.0).abs() < 1e-12);
        // The sd of the mean over neurons, 0.1 · 80 · 800, stays.
        assert!((drive.relative_sd * mean / 6400.0 - 1.0).abs() < 1e-12);
        assert_eq!(drive.synapses, 2000);
    }

    #[test]
    fn what_nothing_is_missing_from_stays_and_indices_move() {
        let part = subset(&network(), &[true, false, true], None).unwrap();
        assert_eq!(part.populations, [network().populations[0].clone(), network().populations[2].clone()]);
        assert_eq!(part.projections, [projection(1, 0, 160.0), projection(0, 1, 80.0)]);
        let silent = subset(&network(), &[true, false, true], Some(&[1.0, 0.0, 1.0])).unwrap();
        assert_eq!(silent, part);
        assert_eq!(subset(&network(), &[true; 3], Some(&[1.0; 3])), Ok(network()));
    }

    #[test]
    fn input_of_both_signs_is_refused() {
        let mut network = network();
        network.projections[2].weight_pa = -200.0;
        let part = subset(&network, &[false, false, true], Some(&[3.0, 5.0, 7.0]));
        assert_eq!(part, Err(SubsetError::BothSigns { population: "c".into() }));
    }
}
