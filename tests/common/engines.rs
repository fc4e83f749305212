//! The engines under test. A test body is written once, for any [`MakeEngine`], and instantiated
//! with [`on_every_engine!`].
#![allow(dead_code, reason = "each test uses a part")]

use super::adapter::test_adapter;
use humam_gpu::config::Vectors;
use humam_gpu::engine::Engine;
use humam_gpu::engine::cpu::{CpuEngine, CpuOptions};
use humam_gpu::engine::gpu::{GpuEngine, GpuOptions};
use humam_gpu::engine::reference::ReferenceEngine;
use humam_gpu::integer::IntegerNetwork;
use humam_gpu::synapses::CsrStore;
use std::ops::ControlFlow;

/// Makes an engine at step 0; `None` where this machine cannot run it, with the reason printed.
pub type MakeEngine = for<'a> fn(&'a IntegerNetwork, &'a CsrStore) -> Option<Box<dyn Engine + 'a>>;

pub fn reference<'a>(network: &'a IntegerNetwork, store: &'a CsrStore) -> Option<Box<dyn Engine + 'a>> {
    Some(Box::new(ReferenceEngine::new(network, store, None)))
}

pub fn cpu<'a>(network: &'a IntegerNetwork, store: &'a CsrStore) -> Option<Box<dyn Engine + 'a>> {
    let options = CpuOptions { threads: 2, vectors: Vectors::Auto, batch_steps: None };
    Some(Box::new(CpuEngine::new(network, store, options).expect("an engine for this machine")))
}

pub fn gpu<'a>(network: &'a IntegerNetwork, store: &'a CsrStore) -> Option<Box<dyn Engine + 'a>> {
    let engine = GpuEngine::new(network, store, &test_adapter()?, &GpuOptions::default());
    Some(Box::new(engine.expect("an engine for this adapter")))
}

#[allow(unused_macros, reason = "each test uses a part")]
/// Makes a test of each named function, which takes a [`MakeEngine`], on every engine.
macro_rules! on_every_engine {
    ($($promise:ident),+ $(,)?) => {
        mod reference_engine {
            $(#[test] fn $promise() { super::$promise(crate::engines::reference) })+
        }
        mod cpu_engine {
            $(#[test] fn $promise() { super::$promise(crate::engines::cpu) })+
        }
        mod gpu_engine {
            $(#[test] fn $promise() { super::$promise(crate::engines::gpu) })+
        }
    };
}
#[allow(unused_imports, reason = "each test uses a part")]
pub(crate) use on_every_engine;

/// Computes `steps` steps and returns their spikes as (step, neuron).
pub fn spikes(engine: &mut dyn Engine, steps: u32) -> Vec<(u32, u32)> {
    let mut spikes = Vec::new();
    let collected = engine.advance(steps, &mut |batch| {
        for (step, neurons) in batch.steps() {
            spikes.extend(neurons.iter().map(|&neuron| (step, neuron)));
        }
        ControlFlow::Continue(())
    });
    collected.expect("an engine that runs");
    spikes
}
