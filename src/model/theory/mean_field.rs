//! From rates to the mean and variance of every population's input, and back to rates.
//!
//! With j = τ_syn w / C_m in mV, K = synapses / neurons of the target times p_transmit, and sums over
//! projections and the external drive: μ = τ_m Σ j K ν + R·DC and σ² = τ_m Σ j² K ν. The effective synaptic
//! time constant is τ_s = σ² / (τ_m Σ j² K ν / τ_syn), which is τ_syn where both are equal.
//! Sums run in the order of projections, on one thread: an evaluation for 254 populations takes
//! some 35 µs, too little to be worth sharing.

use super::TheoryError;
use super::transfer::{Input, rate_and_derivatives, rate_hz};
use crate::model::network::{LifParameters, NetworkSpec, Population};

const MS_PER_S: f64 = 1e3;

/// Whether constant input currents count in the theory (the published notebook leaves them out).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DcInput {
    /// `Population::dc_pa` adds R·DC to the mean input.
    Included,
    /// As if every `Population::dc_pa` were 0.
    LeftOut,
}

/// The self-consistency equations of a network.
pub(super) struct MeanField {
    equations: Vec<Equation>,
}

/// One population: its neuron (none if there are no neurons) and where its input comes from.
struct Equation {
    neuron: Option<LifParameters>,
    constant: Cumulants,
    sources: Vec<Source>,
}

struct Source {
    population: usize,
    per_hz: Cumulants,
}

/// Mean of an input, its variance, and its variance over the synaptic time constant.
#[derive(Debug, Clone, Copy, Default)]
struct Cumulants {
    mean_mv: f64,
    variance_mv2: f64,
    variance_over_tau_s: f64,
}

impl Cumulants {
    /// What one synapse active at 1/s contributes, times `n` per neuron.
    fn of_synapses(neuron: &LifParameters, weight_pa: f64, n: f64) -> Self {
        let tau_syn_ms = if weight_pa > 0.0 { neuron.tau_syn_ex_ms } else { neuron.tau_syn_in_ms };
        let j_mv = tau_syn_ms * weight_pa / neuron.c_m_pf;
        let tau_m_s = neuron.tau_m_ms / MS_PER_S;
        let variance_mv2 = tau_m_s * n * j_mv * j_mv;
        Self { mean_mv: tau_m_s * n * j_mv, variance_mv2, variance_over_tau_s: variance_mv2 / tau_syn_ms }
    }

    fn plus(self, other: Self, factor: f64) -> Self {
        Self {
            mean_mv: self.mean_mv + factor * other.mean_mv,
            variance_mv2: self.variance_mv2 + factor * other.variance_mv2,
            variance_over_tau_s: self.variance_over_tau_s + factor * other.variance_over_tau_s,
        }
    }

    fn input(self) -> Input {
        let noisy = self.variance_mv2 > 0.0;
        Input {
            mu_mv: self.mean_mv,
            sigma_mv: libm::sqrt(self.variance_mv2.max(0.0)),
            tau_s_ms: if noisy { self.variance_mv2 / self.variance_over_tau_s } else { 0.0 },
        }
    }
}

impl MeanField {
    /// Collects the equations; an error where a parameter or an index makes no sense.
    pub fn new(spec: &NetworkSpec, dc: DcInput) -> Result<Self, TheoryError> {
        let equation = |population| Equation::without_projections(population, dc);
        let mut equations = spec.populations.iter().map(equation).collect::<Result<Vec<_>, _>>()?;
        for (index, projection) in spec.projections.iter().enumerate() {
            let n_populations = equations.len();
            if projection.source.max(projection.target) >= n_populations {
                return Err(TheoryError::NoSuchPopulation {
                    projection: index,
                    source_population: projection.source,
                    target_population: projection.target,
                    n_populations,
                });
            }
            if !projection.weight_pa.is_finite() {
                return Err(TheoryError::WeightNotFinite {
                    projection: index,
                    weight_pa: projection.weight_pa,
                });
            }
            let target = &mut equations[projection.target];
            let Some(neuron) = &target.neuron else { continue };
            if projection.synapses == 0 || projection.weight_pa == 0.0 {
                continue;
            }
            let in_degree = spec.effective_in_degree(projection);
            let per_hz = Cumulants::of_synapses(neuron, projection.weight_pa, in_degree);
            target.sources.push(Source { population: projection.source, per_hz });
        }
        Ok(Self { equations })
    }

    /// Number of populations, empty ones included.
    pub fn n_populations(&self) -> usize {
        self.equations.len()
    }

    /// Whether each population has neurons.
    pub fn occupied(&self) -> impl Iterator<Item = bool> {
        self.equations.iter().map(|equation| equation.neuron.is_some())
    }

    /// Input of every population at `rates_hz`.
    pub fn inputs(&self, rates_hz: &[f64]) -> Vec<Input> {
        self.equations.iter().map(|equation| equation.cumulants(rates_hz).input()).collect()
    }

    /// −ν + Φ(ν) of every population, 1/s.
    pub fn flow(&self, rates_hz: &[f64], flow_hz: &mut [f64]) {
        for ((equation, rate_hz), flow_hz) in self.equations.iter().zip(rates_hz).zip(flow_hz) {
            *flow_hz = equation.rate_hz(rates_hz) - rate_hz;
        }
    }

    /// Derivative of the flow of every population by the rate of every population, row by row.
    pub fn jacobian(&self, rates_hz: &[f64]) -> Vec<f64> {
        let n = self.n_populations();
        let mut jacobian = vec![0.0; n * n];
        for (i, (row, equation)) in jacobian.chunks_exact_mut(n.max(1)).zip(&self.equations).enumerate() {
            equation.add_derivatives(rates_hz, row);
            row[i] -= 1.0;
        }
        jacobian
    }
}

impl Equation {
    fn without_projections(population: &Population, dc: DcInput) -> Result<Self, TheoryError> {
        if population.neurons == 0 {
            return Ok(Self { neuron: None, constant: Cumulants::default(), sources: Vec::new() });
        }
        let neuron = population.neuron;
        check(population)?;
        let dc_pa = if dc == DcInput::Included { population.dc_pa } else { 0.0 };
        let resistance_mv_per_pa = neuron.tau_m_ms / neuron.c_m_pf;
        let mut constant = Cumulants { mean_mv: resistance_mv_per_pa * dc_pa, ..Cumulants::default() };
        if let Some(drive) = &population.poisson {
            let train_hz = drive.rate_per_neuron_hz(population.neurons);
            constant = constant.plus(Cumulants::of_synapses(&neuron, drive.weight_pa, train_hz), 1.0);
        }
        Ok(Self { neuron: Some(neuron), constant, sources: Vec::new() })
    }

    /// Sum over all input. A rate that an integrator's stage takes below 0 counts as 0.
    fn cumulants(&self, rates_hz: &[f64]) -> Cumulants {
        self.sources
            .iter()
            .fold(self.constant, |sum, source| sum.plus(source.per_hz, rates_hz[source.population].max(0.0)))
    }

    fn rate_hz(&self, rates_hz: &[f64]) -> f64 {
        match &self.neuron {
            Some(neuron) => rate_hz(neuron, &self.cumulants(rates_hz).input()),
            None => 0.0,
        }
    }

    fn add_derivatives(&self, rates_hz: &[f64], row: &mut [f64]) {
        let Some(neuron) = &self.neuron else { return };
        let cumulants = self.cumulants(rates_hz);
        let input = cumulants.input();
        let by = rate_and_derivatives(neuron, &input).1;
        for source in &self.sources {
            let per_hz = &source.per_hz;
            let tau_s_per_hz = if cumulants.variance_over_tau_s > 0.0 {
                (per_hz.variance_mv2 - input.tau_s_ms * per_hz.variance_over_tau_s)
                    / cumulants.variance_over_tau_s
            } else {
                0.0
            };
            row[source.population] += by.by_mu_hz_per_mv * per_hz.mean_mv
                + by.by_variance_hz_per_mv2 * per_hz.variance_mv2
                + by.by_tau_s_hz_per_ms * tau_s_per_hz;
        }
    }
}

/// An error for the first parameter of a population that the theory cannot take.
fn check(population: &Population) -> Result<(), TheoryError> {
    let neuron = &population.neuron;
    let positive = [
        ("c_m_pf", neuron.c_m_pf),
        ("tau_m_ms", neuron.tau_m_ms),
        ("tau_syn_ex_ms", neuron.tau_syn_ex_ms),
        ("tau_syn_in_ms", neuron.tau_syn_in_ms),
        ("v_th_mv - v_reset_mv", neuron.v_th_mv - neuron.v_reset_mv),
    ];
    let drive = population.poisson.map_or((0.0, 0.0), |drive| (drive.rate_hz, drive.weight_pa));
    let at_least_zero = [("t_ref_ms", neuron.t_ref_ms), ("poisson rate_hz", drive.0)];
    let finite = [("e_l_mv", neuron.e_l_mv), ("dc_pa", population.dc_pa), ("poisson weight_pa", drive.1)];
    let bad = positive
        .into_iter()
        .find(|(_, value)| !(value.is_finite() && *value > 0.0))
        .map(|found| (found, "above 0"))
        .or_else(|| {
            let found = at_least_zero.into_iter().find(|(_, value)| !(value.is_finite() && *value >= 0.0));
            found.map(|found| (found, "at least 0"))
        })
        .or_else(|| finite.into_iter().find(|(_, value)| !value.is_finite()).map(|found| (found, "finite")));
    match bad {
        None => Ok(()),
        Some(((parameter, value), needed)) => {
            Err(TheoryError::Parameter { population: population.name(), parameter, value, needed })
        }
    }
}
