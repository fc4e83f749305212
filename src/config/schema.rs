//! The configuration as typed values: every key with meaning, unit, default and source.
//!
//! Sources are given as short keys: *Pronold* is Pronold et al. 2024
//! (doi:10.1093/cercor/bhae409), *Schmidt* is Schmidt et al. 2018
//! (doi:10.1007/s00429-017-1554-4), *PD* is Potjans & Diesmann 2014 (doi:10.1093/cercor/bhs358).

use super::{AnalysisOptions, Microcircuit, PopulationSelector, Recording, Stimulus, nearest_step};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Everything a run is made from. Sections that are left out take their defaults.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Name of the run's folder under `out/`; the config's file stem where it is `None`.
    pub name: Option<String>,
    /// Which model is built. Keys of the other one must keep their defaults.
    pub model: ModelKind,
    /// Areas of the human model that are simulated; `None` takes all. Their order means nothing.
    pub areas: Option<Vec<String>>,
    /// What stands for the synapses from areas that are left out.
    pub replace_missing_areas: ReplaceMissingAreas,
    /// Which tables to read and how to turn them into neuron numbers.
    pub anatomy: Anatomy,
    /// How neuron numbers and streamlines become synapse numbers.
    pub connectivity: Connectivity,
    /// The two neuron types and the initial membrane potential.
    pub neurons: Neurons,
    /// Synaptic weights and their multipliers.
    pub weights: Weights,
    /// Transmission delays.
    pub delays: Delays,
    /// Background input that stands for the cortex outside the model.
    pub drive: Drive,
    /// Down-scaling of neurons and synapses.
    pub scaling: Scaling,
    /// Mean-field theory of stationary rates.
    pub theory: Theory,
    /// Fixed-point formats of the engines.
    pub arithmetic: Arithmetic,
    /// What is simulated.
    pub simulation: Simulation,
    /// Input from outside that is no part of the network.
    pub stimuli: Vec<Stimulus>,
    /// What of it is kept.
    pub recording: Recording,
    /// How it is computed; nothing here changes a spike.
    pub engine: EngineOptions,
    /// The microcircuit, where `model` asks for it.
    pub microcircuit: Microcircuit,
    /// What statistics of a run are computed from.
    pub analysis: AnalysisOptions,
}

/// Which model is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// The Human Multi-Area Model (Pronold).
    #[default]
    Human,
    /// The microcircuit under 1 mm² of early sensory cortex (PD).
    Microcircuit,
}

/// What stands for the synapses from areas that are not simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplaceMissingAreas {
    /// Poisson spike trains at the rates that the theory of the whole model predicts at full scale.
    #[default]
    Theory,
    /// Nothing: the areas are cut off.
    None,
}

/// Tables and the cytoarchitecture derived from them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Anatomy {
    /// Folder with tables that replace the built-in ones, file by file; `None` uses the built-in ones.
    /// In a file it is relative to that file's folder, on the command line to the current one.
    pub tables: Option<PathBuf>,
    /// Hemisphere whose connectivity and fibre lengths are used.
    pub hemisphere: Hemisphere,
    /// Excitatory share of the neurons in each layer.
    pub excitatory_fraction: ExcitatoryFraction,
    /// Cortical surface represented by each area, mm² (Pronold: 1).
    pub surface_area_mm2: f64,
    /// Layers with fewer neurons are dropped (Pronold: 5000).
    pub min_neurons_per_layer: u64,
    /// Also drop layers with fewer neurons than layer I (Pronold: off).
    pub remove_smaller_layer_1: bool,
}

/// Hemisphere of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hemisphere {
    /// Left.
    Left,
    /// Right (Pronold).
    Right,
}

/// Source of the excitatory share of neurons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExcitatoryFraction {
    /// Human temporal cortex (Shapson-Coe et al. 2021), the default.
    #[serde(rename = "shapson_coe_2021")]
    ShapsonCoe2021,
    /// Cat primary visual cortex (Binzegger et al. 2004 via PD).
    #[serde(rename = "binzegger_2004")]
    Binzegger2004,
}

/// Predictive connectomics: parameters that turn tables into synapse numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Connectivity {
    /// How the synapses of a projection choose their neurons (Pronold: fixed_total_number).
    pub rule: ConnectionRule,
    /// Probability that a recurrent synapse transmits a spike, drawn for each synapse and spike
    /// (Pronold: 1).
    pub p_transmit: f64,
    /// Synapses per mm³ of cortex (Cano-Astorga et al. 2021: 6.6e8).
    pub synapse_density_per_mm3: f64,
    /// Fraction of synapses whose source lies in the same area, FLN_i (Pronold: 0.86).
    pub fln_within_area: f64,
    /// Fraction of feedback synapses onto excitatory cells, Z_i (Schmidt: 0.93).
    pub feedback_onto_excitatory: f64,
    /// SLN above which a projection is feedforward (Schmidt: 0.65).
    pub sln_feedforward: f64,
    /// SLN below which a projection is feedback (Schmidt: 0.35).
    pub sln_feedback: f64,
    /// Intercept a0 of the SLN fit (Schmidt: -0.152).
    pub sln_a0: f64,
    /// Slope a1 of the SLN fit on log density ratios (Schmidt: -1.534).
    pub sln_a1: f64,
    /// Decay constant λ of the local connection probability with distance, µm (Pronold: 160).
    pub lambda_um: f64,
}

/// How the synapses of a projection choose their source and target neurons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionRule {
    /// Both are drawn uniformly; in-degrees vary from neuron to neuron (NEST: `fixed_total_number`).
    #[default]
    FixedTotalNumber,
    /// Every target neuron has the same number of synapses, round(synapses / neurons), whose sources are
    /// drawn uniformly (NEST: `fixed_indegree`). Rounding changes the number of synapses.
    FixedIndegree,
    /// The same with synapses / neurons rounded down or up, drawn for each neuron, so that the projection
    /// keeps its number of synapses.
    EvenIndegree,
}

impl ConnectionRule {
    /// Whether in-degrees are exact: those of two neurons differ by one at most.
    pub fn is_exact(self) -> bool {
        self != Self::FixedTotalNumber
    }
}

/// Neuron parameters of both types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Neurons {
    /// Excitatory neurons (Pronold, table of parameters).
    pub excitatory: NeuronParameters,
    /// Inhibitory neurons (the same with C_m 100 pF).
    pub inhibitory: NeuronParameters,
    /// Mean of the initial membrane potential, mV (Pronold: -150).
    pub initial_v_m_mean_mv: f64,
    /// Standard deviation of the initial membrane potential, mV (Pronold: 50).
    pub initial_v_m_sd_mv: f64,
}

/// Leaky integrate-and-fire neuron with exponential postsynaptic currents.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeuronParameters {
    /// Leak potential, mV.
    pub e_l_mv: f64,
    /// Threshold, mV.
    pub v_th_mv: f64,
    /// Reset potential, mV.
    pub v_reset_mv: f64,
    /// Membrane capacitance, pF.
    pub c_m_pf: f64,
    /// Membrane time constant, ms.
    pub tau_m_ms: f64,
    /// Time constant of excitatory synaptic currents, ms.
    pub tau_syn_ex_ms: f64,
    /// Time constant of inhibitory synaptic currents, ms.
    pub tau_syn_in_ms: f64,
    /// Absolute refractory period, ms; whole steps.
    pub t_ref_ms: f64,
    /// Standard deviation of V_th − E_L over neurons relative to its mean; lognormal (Pronold: 0).
    #[serde(default)]
    pub v_th_relative_sd: f64,
    /// Standard deviation of C_m over neurons relative to its mean; lognormal (Pronold: 0).
    #[serde(default)]
    pub c_m_relative_sd: f64,
    /// Standard deviation of τ_m over neurons relative to its mean; lognormal (Pronold: 0).
    #[serde(default)]
    pub tau_m_relative_sd: f64,
}

/// Synaptic weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Weights {
    /// Peak postsynaptic potential of an excitatory synapse, mV (Pronold: 0.1).
    pub psp_mv: f64,
    /// Inhibitory weight relative to the excitatory one (Pronold: -5).
    pub g: f64,
    /// Standard deviation of a weight relative to its mean (Pronold: 0.1).
    pub relative_sd: f64,
    /// χ, multiplier of excitatory to excitatory weights between areas (1 = ground state, 2.5 = best fit).
    pub chi: f64,
    /// χ_I, multiplier of excitatory to inhibitory weights between areas; `None` takes 2 χ (notebook).
    pub chi_i: Option<f64>,
    /// Multiplier of IV E onto II/III E within an area (Pronold, PD: 2).
    pub local_iv_e_to_ii_iii_e: f64,
    /// Multiplier of V E onto I within an area (Pronold: 1).
    pub local_v_e_to_i: f64,
    /// Multiplier of E onto I within an area (Pronold: 1).
    pub local_e_to_i: f64,
}

/// Transmission delays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delays {
    /// Mean delay from excitatory neurons of the same area, ms (Pronold, PD: 1.5).
    pub local_excitatory_ms: f64,
    /// Mean delay from inhibitory neurons of the same area, ms (Pronold, PD: 0.75).
    pub local_inhibitory_ms: f64,
    /// Conduction velocity between areas, mm/ms (Girard et al. 2001: 3.5).
    pub conduction_velocity_mm_per_ms: f64,
    /// Standard deviation of a delay relative to its mean (Pronold, PD: 0.5).
    pub relative_sd: f64,
    /// Shape of the distribution of delays (Pronold: lognormal).
    pub distribution: DelayShape,
    /// Least delay between areas, ms, whole steps; 0 leaves one step (Pronold: one step).
    pub cc_min_ms: f64,
}

/// Shape of the distribution of delays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelayShape {
    /// Lognormal.
    #[default]
    Lognormal,
    /// Normal, clipped at the least delay.
    Normal,
}

/// External Poisson drive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Drive {
    /// η, external rate relative to the rate that alone brings the mean input to threshold (Pronold: 1.1).
    pub eta: f64,
    /// Peak postsynaptic potential of an external synapse, mV (Pronold: 0.1).
    pub psp_mv: f64,
    /// Standard deviation of external weights over neurons, relative to the mean (Pronold: 0.1).
    pub relative_sd: f64,
    /// Multiplier of the external weight of V E (Pronold: 1.05).
    pub v_e_factor: f64,
    /// Multiplier of the external weight of VI E (Pronold: 1.15).
    pub vi_e_factor: f64,
    /// Constant currents into chosen populations, which add up (Pronold: none).
    pub dc: Vec<DcDrive>,
}

/// A constant current into every neuron of some populations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DcDrive {
    /// The populations.
    pub populations: PopulationSelector,
    /// The current, pA.
    pub amplitude_pa: f64,
}

/// Down-scaling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scaling {
    /// Neurons kept, in (0, 1].
    pub n_scaling: f64,
    /// In-degree kept, in (0, 1].
    pub k_scaling: f64,
    /// How weights and DC input make up for the missing synapses.
    pub method: ScalingMethod,
}

/// How weights and DC input make up for missing synapses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScalingMethod {
    /// Weights / K_scaling, DC from the χ = 1 theory (the published notebook).
    Linear,
    /// Weights / √K_scaling, DC from the χ = 1 theory (the published option).
    Sqrt,
    /// Weights / √K_scaling, DC from the configuration's own theory: keeps mean and variance of
    /// every population's input (van Albada, Helias & Diesmann 2015, doi:10.1371/journal.pcbi.1004490).
    Preserve,
}

/// Mean-field theory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Theory {
    /// Rate of every population at pseudo-time 0, 1/s (ours: 0; Pronold: uniform in [0, 10)).
    pub initial_rate_hz: f64,
    /// Pseudo-time at which the state is reported, as published (Pronold: 10).
    pub pseudo_time: f64,
    /// Pseudo-time at which the search for a fixed point gives up (assumption: 1000).
    pub max_pseudo_time: f64,
    /// Largest |−ν + Φ(ν)| that counts as converged, 1/s (assumption: 1e-6).
    pub tolerance_hz: f64,
}

/// Fixed-point formats. `None` derives them from the network.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Arithmetic {
    /// Fractional bits of the membrane potential in mV.
    pub v_m_bits: Option<u32>,
    /// Fractional bits of the synaptic current divided by the capacitance, in mV/ms.
    pub current_bits: Option<u32>,
    /// Fractional bits of synaptic weights divided by the capacitance, in mV/ms.
    pub weight_bits: Option<u32>,
}

impl Arithmetic {
    /// Most fractional bits of potentials: a DC input has two more.
    pub const MAX_V_M_BITS: u32 = 24;
    /// Most fractional bits of currents and of weights.
    pub const MAX_CURRENT_BITS: u32 = 26;
}

/// What is simulated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Simulation {
    /// Seed of everything random: connectivity, weights, delays, initial state, drive (notebook: 2903).
    pub seed: u64,
    /// Model time, ms (notebook: 2000).
    pub duration_ms: f64,
    /// Resolution, ms (Pronold: 0.1).
    pub dt_ms: f64,
    /// Statistics leave out what comes before, ms (Pronold: 500).
    pub statistics_from_ms: f64,
}

/// How it is computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EngineOptions {
    /// Which engine runs the network.
    pub engine: EngineKind,
    /// Part of the name of the GPU adapter to use; `None` takes the fastest hardware one.
    pub adapter: Option<String>,
    /// Threads of the CPU engine and of set-up; `None` takes every core.
    pub threads: Option<usize>,
    /// Shards of target neurons; `None` lets the engine choose.
    pub shards: Option<usize>,
    /// Steps computed between two visits of the host; `None` lets the engine choose.
    pub batch_steps: Option<u32>,
    /// Model time between checkpoints, from which a run can go on that was stopped, ms; rounded up to
    /// whole blocks of 64 steps. `None` writes none but where the run is asked to stop.
    pub checkpoint_every_ms: Option<f64>,
    /// Vector instructions of the CPU engine.
    pub vectors: Vectors,
    /// Whether synapses are stored or procedural, drawn anew with every spike.
    pub synapses: SynapseStorage,
    /// Memory of the GPU that the engine may plan with, GiB; no interface tells how much there is.
    pub gpu_memory_gib: f64,
    /// Spikes that the GPU engine's history holds where synapses are procedural; `None` lets the
    /// engine choose.
    pub history_spikes: Option<u32>,
}

/// Which engine runs the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// A hardware GPU where there is one, else the CPU engine.
    Auto,
    /// wgpu compute shaders.
    Gpu,
    /// Threads and vector instructions.
    Cpu,
    /// Plain and slow: what the others are tested against.
    Reference,
}

/// Vector instructions of the CPU engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vectors {
    /// The widest that the machine has.
    Auto,
    /// AVX-512.
    Avx512,
    /// AVX2.
    Avx2,
    /// What every machine has.
    Baseline,
}

/// Whether synapses are stored or procedural, drawn anew with every spike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SynapseStorage {
    /// Stored where memory and adapter hold them, else procedural.
    Auto,
    /// Stored: 8 bytes a synapse.
    Stored,
    /// Procedural: 2 bytes for each pair of source neuron and projection.
    Procedural,
}

impl Weights {
    /// χ_I: as configured, or 2 χ where it is left out, as in the published notebook.
    pub fn chi_i(&self) -> f64 {
        self.chi_i.unwrap_or(2.0 * self.chi)
    }

    /// The same weights with χ_I stated.
    pub fn resolved(&self) -> Self {
        Self { chi_i: Some(self.chi_i()), ..self.clone() }
    }
}

impl Simulation {
    /// Number of steps in the model time.
    pub fn n_steps(&self) -> u32 {
        nearest_step(self.duration_ms, self.dt_ms)
    }

    /// First step that statistics count: the one at [`Simulation::statistics_from_ms`].
    pub fn first_statistics_step(&self) -> u32 {
        nearest_step(self.statistics_from_ms, self.dt_ms)
    }
}
