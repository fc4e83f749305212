//! Options of the anatomy: which tables are read, and how they become neuron and synapse numbers.
//!
//! Sources are given as short keys: *Pronold* is Pronold et al. 2024
//! (doi:10.1093/cercor/bhae409), *Schmidt* is Schmidt et al. 2018
//! (doi:10.1007/s00429-017-1554-4), *PD* is Potjans & Diesmann 2014 (doi:10.1093/cercor/bhs358).

use crate::model::network::ConnectionRule;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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

impl Default for Anatomy {
    fn default() -> Self {
        Self {
            tables: None,
            hemisphere: Hemisphere::Right,
            excitatory_fraction: ExcitatoryFraction::ShapsonCoe2021,
            surface_area_mm2: 1.0,
            min_neurons_per_layer: 5000,
            remove_smaller_layer_1: false,
        }
    }
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

impl Default for Connectivity {
    fn default() -> Self {
        Self {
            rule: ConnectionRule::FixedTotalNumber,
            p_transmit: 1.0,
            synapse_density_per_mm3: 6.6e8,
            fln_within_area: 0.86,
            feedback_onto_excitatory: 0.93,
            sln_feedforward: 0.65,
            sln_feedback: 0.35,
            sln_a0: -0.152,
            sln_a1: -1.534,
            lambda_um: 160.0,
        }
    }
}
