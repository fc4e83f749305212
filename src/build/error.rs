//! Why a network could not be built.

use crate::anatomy::AnatomyError;
use crate::config::ConfigError;
use crate::engine::EngineError;
use crate::integer::{FormatsError, StimuliError};
use crate::model::ModelError;
use crate::network::{SpecError, SubsetError};
use crate::progress::Interrupted;
use crate::synapses::{CsrError, ProceduralError};
use crate::theory::TheoryError;
use thiserror::Error;

/// Why a configuration did not become an engine at step 0.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The network.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The tables.
    #[error(transparent)]
    Anatomy(#[from] AnatomyError),
    /// The full-scale model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Areas that cannot be left out.
    #[error(transparent)]
    Subset(#[from] SubsetError),
    /// The theory.
    #[error(transparent)]
    Theory(#[from] TheoryError),
    /// The integers.
    #[error(transparent)]
    Formats(#[from] FormatsError),
    /// The stimuli.
    #[error(transparent)]
    Stimuli(#[from] StimuliError),
    /// The synapses.
    #[error(transparent)]
    Synapses(#[from] CsrError),
    /// The synapses, where they are drawn again.
    #[error(transparent)]
    ProceduralSynapses(#[from] ProceduralError),
    /// An engine that cannot draw synapses again.
    #[error(
        "the {engine} engine has no procedural synapses: set engine.synapses = stored or choose --engine cpu or gpu"
    )]
    NotProcedural {
        /// The engine.
        engine: &'static str,
    },
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Down-scaling that keeps the full-scale rates needs them.
    #[error(
        "the full-scale theory has not converged: its residual is {residual_hz:.3e} 1/s at pseudo-time \
         {pseudo_time}, so scaling.method = preserve has no rates to preserve: raise theory.max_pseudo_time \
         (now {max_pseudo_time}), change theory.initial_rate_hz, or choose linear or sqrt"
    )]
    NothingToPreserve {
        /// Residual, 1/s.
        residual_hz: f64,
        /// Pseudo-time reached.
        pseudo_time: f64,
        /// Largest pseudo-time allowed.
        max_pseudo_time: f64,
    },
    /// Replaced input needs rates.
    #[error(
        "the theory of the whole model at full scale has not converged: its residual is {residual_hz:.3e} 1/s at \
         pseudo-time {pseudo_time}, so replace_missing_areas = theory has no rates to replace areas with: raise \
         theory.max_pseudo_time (now {max_pseudo_time}), change theory.initial_rate_hz, or set \
         replace_missing_areas = none"
    )]
    NothingToReplaceWith {
        /// Residual, 1/s.
        residual_hz: f64,
        /// Pseudo-time reached.
        pseudo_time: f64,
        /// Largest pseudo-time allowed.
        max_pseudo_time: f64,
    },
    /// Scaling left nothing.
    #[error("scaling.n_scaling = {n_scaling} leaves no neurons: raise it")]
    NoNeurons {
        /// The scale.
        n_scaling: f64,
    },
    /// The memory that the process can have is too small, told before it is taken: scale the network down as
    /// the message says, do not write synapses down, or allow more memory.
    #[error(
        "the network needs {} of memory and {} are available: {remedy}",
        gigabytes(*needed_bytes), gigabytes(*available_bytes)
    )]
    TooLarge {
        /// Bytes needed.
        needed_bytes: u64,
        /// Bytes available.
        available_bytes: u64,
        /// What would fit.
        remedy: String,
    },
    /// Someone asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// The threads for set-up could not be started.
    #[error("cannot start {threads} threads: {reason}: lower engine.threads")]
    Threads {
        /// Number of threads.
        threads: usize,
        /// What the system says.
        reason: String,
    },
}

impl BuildError {
    /// Whether coarser formats of the integers may do.
    pub(super) fn is_range(&self) -> bool {
        match self {
            Self::Formats(error) => error.is_range(),
            Self::Stimuli(error) => error.is_range(),
            _ => false,
        }
    }
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.2} GB", bytes as f64 * 1e-9)
}
